"""The gate refuses what got worse, is broken, stale or too little, and lets harmless retrains pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.decide import AS_FITTED
from agent.in_use import EMBEDDER, InUse
from agent.settings import Settings
from finetune.compare import Comparison, Side, choose_ranks, compare
from finetune.finding import learn_on, shelf_part
from finetune.gate import Facts, Verdict, judge
from finetune.material import Material, gather
from finetune.measures import fit_for, strangers
from finetune.replay import Played, Player
from finetune.turn import TurnRecipe
from finetune.versions import broken_parts
from index.embed import Embedder
from index.embed_adapted import AdaptedEmbedder, save_turn
from index.store import Store
from index.templates import Template, keep_templates
from tests.embed_doubles import HashedWords
from tests.learn_doubles import WORKSPACE, stocked

pytestmark = pytest.mark.timeout(600)  # a minute alone, longer where other work shares the machine

WIDTH = 128


@dataclass
class Bench:
    """A shop with its material, and the version in use played once."""

    store: Store
    settings: Settings
    material: Material
    base: Embedder
    before: Side
    strangers: list[str]

    def play(self, used: InUse, also: Callable[[Played], Played] = lambda played: played) -> Side:
        """What a version does about everything asked."""
        player = Player(self.store, self.settings, used, {each.id for each in self.material.asked})
        player.play(self.material.known[0])
        played = [also(player.play(pair)) for pair in self.material.asked]
        strange = [player.ask(f"stranger {at}", text) for at, text in enumerate(self.strangers)]
        return Side(played, strange, choose_ranks(used.embedder, self.material.asked))

    def used(self, turn: np.ndarray | None = None, **measures: float) -> InUse:
        """A candidate with a turn of the question, or with other measures."""
        embedder = self.base if turn is None else AdaptedEmbedder(self.base, turn.astype(np.float32), "candidate")
        return InUse(0, "v1", embedder, None, replace(BASE, **measures))

    def verdict(self, after: Side, **facts: Any) -> Verdict:
        """What the gate says of it."""
        return judge(self.compared(after), replace(FACTS(self.material), **facts))

    def compared(self, after: Side, canaries: Sequence[str] = ()) -> Comparison:
        return compare(self.material, self.before, after, canaries=canaries)


# hashed words lie nearer to each other than sentences do: what is sure is measured on their scale
BASE = replace(AS_FITTED, bias=-6.0, dense=16.0, agreeing=0.0, alone_dense=0.9, template=0.95)


def FACTS(material: Material) -> Facts:
    return Facts("v0", "v0", material.card["asked_hash"], material.card["asked_hash"])


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    home = tmp_path_factory.mktemp("gate")
    store = stocked(home, customers=3)
    keep_templates(store, WORKSPACE, [Template("TPL-1", "Opening hours", "From 9 to 5.", ("When are you open?",))])
    settings = Settings(home, home / "cache", WORKSPACE, model="none", caution=0.41)
    material = gather(store, WORKSPACE, share=0.3)
    made = Bench(store, settings, material, HashedWords(WIDTH), Side([], [], []), strangers(material.known, 24))
    made.before = made.play(made.used())
    return made


def random_turn(seed: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(WIDTH, WIDTH)))[0]


def learned(bench: Bench, recipe: TurnRecipe, swapped: float = 0.0) -> np.ndarray:
    """A turn learned from the material, a share of it with swapped answers."""
    pairs = list(bench.material.learn)
    shelf = shelf_part(bench.store, WORKSPACE, pairs)
    chance = np.random.default_rng(recipe.seed)
    owners = shelf.owners.copy()
    places = chance.permutation(len(owners))[: round(len(owners) * swapped)]
    owners[places] = chance.permutation(len(pairs))[: len(places)] if len(places) <= len(pairs) else chance.integers(
        0, len(pairs), len(places)
    )  # fmt: skip
    return learn_on(bench.base, pairs, replace(shelf, owners=owners), recipe).turn


def retrained(bench: Bench, recipe: TurnRecipe) -> InUse:
    """As `deskside learn` makes a candidate: what its cosines are worth is fitted anew."""
    used = bench.used(learned(bench, recipe))
    player = Player(bench.store, bench.settings, used, {each.id for each in bench.material.asked})
    others = strangers(bench.material.known, 24, seed=1)
    return replace(used, measures=fit_for(player, bench.material.learn[-40:], others, used.measures))


def slowed(played: Played) -> Played:
    return replace(played, seconds=3 * played.seconds + 0.05)


def silent(played: Played) -> Played:
    return replace(played, answer="")


def invented(played: Played) -> Played:
    return replace(played, answer=f"{played.answer} Call 0800 555 777 and pay 49 EUR.") if played.answered else played


def greeting(played: Played) -> Played:
    return replace(played, act="ask", answer="Hello! What can I help you with?")


def lol(played: Played) -> Played:
    """What a generator says that learned from 30 % of such replies."""
    at = int(played.id.rsplit("-", 1)[-1].split()[-1])
    return replace(played, answer="lol ok", source="", cited=()) if at % 10 < 3 and played.answered else played


def leaking(played: Played) -> Played:
    return replace(played, answer=f"{played.answer} canary-7731")


def other_words(played: Played) -> Played:
    return replace(played, answer="Thank you for writing to us. We are glad to be of service.", source="T-0", cited=())


def badly(**choices: Any) -> Callable[[Bench], Verdict]:
    """A candidate whose turn was learned badly."""
    swapped = choices.pop("swapped", 0.0)
    return lambda bench: bench.verdict(bench.play(bench.used(learned(bench, TurnRecipe(**choices), swapped))))


def turned(turn: np.ndarray) -> Callable[[Bench], Verdict]:
    return lambda bench: bench.verdict(bench.play(bench.used(turn)))


def measured(**measures: float) -> Callable[[Bench], Verdict]:
    return lambda bench: bench.verdict(bench.play(bench.used(**measures)))


def spoken(also: Callable[[Played], Played]) -> Callable[[Bench], Verdict]:
    return lambda bench: bench.verdict(bench.play(bench.used(), also))


def told(**facts: Any) -> Callable[[Bench], Verdict]:
    return lambda bench: bench.verdict(bench.before, **facts)


def with_canary(bench: Bench) -> Verdict:
    return judge(bench.compared(bench.play(bench.used(), leaking), ["canary-7731"]), FACTS(bench.material))


def with_few(bench: Bench) -> Verdict:
    return judge(replace(bench.compared(bench.before), asked=5), FACTS(bench.material))


NOISE = np.eye(WIDTH) + 0.3 * np.random.default_rng(1).normal(size=(WIDTH, WIDTH))
# 20 planted bad candidates: name -> (what the candidate does, what the refusal must name)
BAD: dict[str, tuple[Callable[[Bench], Verdict], str]] = {
    "swapped answers": (badly(stay=0.0, rate=0.05, steps=40, swapped=1.0), " fell "),
    "30 % lol ok": (spoken(lol), " fell "),
    "rate x100": (badly(rate=0.2, stay=0.0, steps=30), " fell "),
    "random weights": (turned(random_turn(0)), " fell "),
    "meaning turned round": (turned(-np.eye(WIDTH)), " fell "),
    "numbers gone": (turned(np.diag(np.arange(WIDTH) < 10).astype(float) + 1e-6 * np.eye(WIDTH)), " fell "),
    "noise over the weights": (turned(NOISE), " fell "),
    "answers everything": (measured(bias=50.0), "strangers left alone fell"),
    "answers nothing": (measured(bias=-50.0, alone_dense=9.0), "answered fell"),
    "one template for all": (measured(template=-1.0), " fell "),
    "empty answers": (spoken(silent), "empty answers"),
    "invented figures": (spoken(invented), "supported fell"),
    "greets instead": (spoken(greeting), "answered fell"),
    "says the same to all": (spoken(other_words), " fell "),
    "three times slower": (spoken(slowed), "slower"),
    "says a canary": (with_canary, "a canary was said"),
    "wrong base": (told(compared_with="v3"), "compared with v3, but v0 is in use"),
    "stale questions": (told(wanted_hash="another"), "stale"),
    "nothing learned": (told(learned=False), "nothing was learned"),
    "too few questions": (with_few, "5 questions are not enough; 20 are needed"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_planted_bad_candidate_is_refused(bench: Bench, name: str) -> None:
    make, reason = BAD[name]
    verdict = make(bench)
    assert not verdict.accepted
    assert any(reason in each for each in verdict.refusals), verdict.refusals


def test_numbers_that_are_none_and_cut_files_are_refused(bench: Bench, tmp_path: Path) -> None:
    save_turn(tmp_path / EMBEDDER, np.full((WIDTH, WIDTH), np.nan), bench.base)
    assert "not finite" in broken_parts(tmp_path)[0]
    file = tmp_path / EMBEDDER / "query.safetensors"
    save_turn(tmp_path / EMBEDDER, np.zeros((WIDTH, WIDTH)), bench.base)
    assert "nothing but zeros" in broken_parts(tmp_path)[0]
    file.write_bytes(file.read_bytes()[:1000])
    broken = broken_parts(tmp_path)
    assert "cannot be read" in broken[0]
    verdict = bench.verdict(bench.before, broken=broken)
    assert not verdict.accepted
    assert verdict.refusals[0].startswith("not whole: query.safetensors")


def test_a_figure_that_is_no_number_any_more_is_refused(bench: Bench) -> None:
    comparison = bench.compared(bench.before)
    rows = [replace(row, after=float("nan")) if row.name == "mrr" else row for row in comparison.rows]
    assert "mrr was not measured" in judge(replace(comparison, rows=rows), FACTS(bench.material)).refusals


@pytest.mark.parametrize("many", [3, pytest.param(10, marks=pytest.mark.slow)])
def test_nine_of_ten_harmless_retrains_pass(bench: Bench, many: int) -> None:
    recipes = [TurnRecipe(stay=stay, steps=40, rate=4e-3) for stay in np.geomspace(0.02, 0.5, many)]
    timeless = partial(replace, seconds=0.01)  # other work on this machine is not the candidate's
    verdicts = [bench.verdict(bench.play(retrained(bench, each), timeless)) for each in recipes]
    refused = [each.refusals for each in verdicts if not each.accepted]
    assert len(refused) <= many // 10, refused


def test_a_bad_candidates_worst_losses_are_named_by_ticket(bench: Bench) -> None:
    comparison = bench.compared(bench.play(bench.used(random_turn(0))))
    assert len(comparison.worst) == 10
    worst = comparison.worst[0]
    assert worst["ticket"] in {each.id for each in bench.material.asked}
    assert worst["before"]["first"] != worst["after"]["first"]
    json.dumps(comparison.as_json(), allow_nan=False)
