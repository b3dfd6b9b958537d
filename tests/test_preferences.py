"""Learning to prefer: the margin moves, what was liked becomes likelier, and saying "not in the passages" is kept."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import log_softmax

from agent.evidence import Evidence
from agent.prompts import NOT_IN_PASSAGES
from finetune.batches import Encoder, pack
from finetune.examples import Ask, Example, save_examples
from finetune.generator import PREFERS, Trainer, ask_all, held_out_loss
from finetune.material import Preference, Vote, preferences_of, votes_of
from finetune.packed import supervised_logits
from finetune.preferences import LEAST_CORRECTIONS, Wanted, rather, wanted_of
from finetune.preferring import PreferenceTask, dpo, kto, reference_point, said_of
from finetune.prepare import Prepared, prepare
from finetune.recipe import Recipe
from finetune.run import make_task, open_base
from finetune.world import World
from index.errors import UserError
from index.store import Store, now, open_store
from tests.tiny_models import save_llama


@pytest.fixture(autouse=True)
def _single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finetune.generator.has_half", lambda device: False)
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llama(tmp_path_factory.mktemp("prefer") / "base")


def pair(number: int) -> Example:
    asks = (
        Ask(f"Which lamp, {number}?", "The red one [1].", "chosen"),
        Ask(f"Which lamp, {number}?", "Blue!", "rejected"),
    )
    return Example(f"pair-{number}", "t", asks, (("Lamps", f"The lamp {number} is red."),))


def absent(number: int) -> Example:
    return Example(f"absent-{number}", "t", (Ask("Who?", NOT_IN_PASSAGES, "absent"),), (("Lamps", f"Lamp {number}."),))


def task_of(
    base: Path, tmp_path: Path, examples: list[Example], **choices: Any
) -> tuple[PreferenceTask, Prepared, Recipe]:
    save_examples(examples, tmp_path / "e.jsonl")
    recipe = Recipe(
        base=str(base), data=(str(tmp_path / "e.jsonl"),), stage="preferences", rank=4, alpha=8, held_out=4,
        tokens_per_batch=900, lr_language=1e-2, **({"max_steps": 10} | choices),
    )  # fmt: skip
    opened = open_base(recipe, tmp_path)
    prepared = prepare(recipe, opened[0])
    task = make_task(recipe, opened, prepared, tmp_path)
    assert isinstance(task, PreferenceTask)
    return task, prepared, recipe


def test_a_reply_in_a_row_is_as_likely_as_alone(base: Path) -> None:
    """The packed sums are those of a plain forward over prompt and reply, one conversation at a time."""
    tokenizer, model = open_base(Recipe(base=str(base)), base)
    model = model.float()
    trees = [Encoder(tokenizer, 4000).encode(pair(number)) for number in (1, 22)]
    plain = []
    for tree in trees:
        assert tree is not None
        for branch in tree.branches:
            ids = torch.tensor([[*tree.prefix.tolist(), *branch.ids.tolist()]])
            first = len(tree.prefix) + branch.answer_at
            with torch.inference_mode():
                logits = log_softmax(model(ids).logits[0].float(), -1)
            plain.append(sum(float(logits[at - 1, ids[0, at]]) for at in range(first, ids.shape[1])))
    task = PreferenceTask(model, Recipe(base=str(base), rank=2), [tree for tree in trees if tree])
    row = pack([tree for tree in trees if tree])
    with torch.inference_mode():
        said, mean = said_of(supervised_logits(task.model, row), row)
    assert said.tolist() == pytest.approx(plain, rel=1e-4)
    assert mean[0] > said[0]
    loss, weight = task.losses([tree for tree in trees if tree])
    nothing_gained = 2 * math.log(2) - 0.2 * float(mean[0] + mean[2])
    assert (float(loss), float(weight)) == (pytest.approx(nothing_gained, rel=1e-4), 2.0)


def test_the_losses_are_those_of_the_papers() -> None:
    one, other = torch.tensor(2.0), torch.tensor(-1.0)
    assert float(dpo(one, other, 0.1)) == pytest.approx(-math.log(1 / (1 + math.exp(-0.3))))
    assert float(kto(one, 0.5, True, 0.1)) == pytest.approx(1 - 1 / (1 + math.exp(-0.15)))
    assert float(kto(one, 0.5, False, 0.1)) == pytest.approx(1 - 1 / (1 + math.exp(0.15)))
    assert float(reference_point([torch.tensor(-4.0)])) == 0.0
    assert float(reference_point([torch.tensor(1.0, requires_grad=True), torch.tensor(3.0)])) == 2.0
    assert not reference_point([torch.tensor(1.0, requires_grad=True)]).requires_grad  # type: ignore[union-attr]


def test_pairs_move_the_margin_and_abstention_is_kept(base: Path, tmp_path: Path) -> None:
    examples = [*map(pair, range(14)), *map(absent, range(14))]
    task, prepared, recipe = task_of(base, tmp_path, examples)
    abstaining = [tree for tree in prepared.held_out if tree.id.startswith("absent")]
    pairs = [tree for tree in prepared.held_out if tree.id.startswith("pair")]
    assert abstaining
    assert pairs
    before = held_out_loss(task, abstaining)
    assert ask_all(task, pairs)[1] == {PREFERS: [0, len(pairs)]}  # nothing gained yet
    Trainer(task, prepared.learned, prepared.held_out, recipe, tmp_path / "run", World()).run(
        False, lambda told: None, lambda: False
    )
    assert ask_all(task, pairs)[1] == {PREFERS: [len(pairs), len(pairs)]}
    after = held_out_loss(task, abstaining)
    assert before is not None
    assert after is not None
    assert after < before
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert next(line["kinds"] for line in reversed(lines) if "kinds" in line)[PREFERS] == [len(pairs), len(pairs)]


def test_thumbs_move_replies_their_way(base: Path, tmp_path: Path) -> None:
    def thumb(number: int) -> Example:
        good = number % 2 == 0
        answer, kind = ("The red one [1].", "liked") if good else ("Blue!", "disliked")
        asks = (Ask(f"Which lamp, {number}?", answer, kind), Ask(f"Which lamp, {number}?", "At nine.", "others"))
        return Example(f"thumb-{number}", "t", asks, (("Lamps", f"The lamp {number} is red."),))

    task, prepared, recipe = task_of(base, tmp_path, [thumb(number) for number in range(24)])
    Trainer(task, prepared.learned, prepared.held_out, recipe, tmp_path / "run", World()).run(
        False, lambda told: None, lambda: False
    )
    right, asked = ask_all(task, prepared.held_out)[1][PREFERS]
    assert right == asked == 4


def test_examples_without_a_preference_are_told(base: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="hold no preferences"):
        task_of(base, tmp_path, [absent(number) for number in range(10)])
    with pytest.raises(UserError, match="same id"):
        task_of(base, tmp_path, [pair(1) for _ in range(10)])


# -- what becomes of corrections and thumbs

HUB = Evidence(
    "A-1", "article", 1, "section", "Hub", "Hold the round button for 3 seconds. The light turns blue.", (1, 2), 0.8
)
BULB = Evidence("A-2", "article", 2, "section", "Bulbs", "Bulbs are sold in packs of four.", (1, 1), 0.3)


class Shelf:
    """A desk that always finds the same, and remembers what was hidden from it."""

    def __init__(self, *found: Evidence) -> None:
        self.hidden: set[str] = set()
        self._found = found

    def found(self, ticket: Any, hidden: set[str]) -> tuple[Evidence, ...]:
        self.hidden = hidden
        return self._found


def test_a_correction_is_learned_only_where_a_passage_holds_it() -> None:
    asked = Preference("chat-1", "How do I reset the hub?", "Hold the round button for 3 seconds.", "Buy a new one.")
    assert rather(asked, (BULB, HUB)) == "Hold the round button for 3 seconds [2]."
    invented = replace(asked, chosen="Please dial 0800 555 777 and ask for Jim on Monday morning.")
    assert rather(invented, (BULB,)) == NOT_IN_PASSAGES
    assert rather(invented, ()) == ""


def test_corrections_and_thumbs_become_pairs_and_the_rest_is_counted() -> None:
    shelf: Any = Shelf(HUB)
    asked = Preference("chat-1", "How do I reset the hub?", "Hold the round button for 3 seconds.", "Buy a new one.")
    same = replace(asked, conversation="chat-2", rejected="Hold the round button for 3 seconds [1].")
    votes = [
        Vote("chat-3", "How do I reset the hub?", "The light turns blue [1].", True),
        Vote("chat-4", "How do I reset the hub?", "Throw it away.", False),
        Vote("chat-5", "How do I reset the hub?", "It costs 99 EUR.", True),
    ]
    made = wanted_of([asked, same], votes, shelf, {"T-9"})
    assert shelf.hidden == {"T-9", "chat-5"}
    assert [[ask.kind for ask in each.asks] for each in made.corrected] == [["chosen", "rejected"]]
    assert [each.asks[0].kind for each in made.rated] == ["liked", "disliked"]
    assert [each.asks[1].answer for each in made.rated] == ["Throw it away.", "The light turns blue [1]."]
    assert sum(made.dropped.values()) == 2
    assert made.every == []
    assert "20 or 100 are needed" in made.why_none()
    assert len(Wanted(made.corrected * LEAST_CORRECTIONS).every) == LEAST_CORRECTIONS


def test_a_vetoed_correction_is_never_read(own_home: Path) -> None:
    store = open_store(own_home)
    for at, training in enumerate((1, 0)):
        _turn(store, f"chat-{at}", f"correction {at}", training)
    _turn(store, "chat-2", "", None, thumb="bad")
    assert [each.chosen for each in preferences_of(store, "w")] == ["correction 0"]
    assert [(each.conversation, each.good) for each in votes_of(store, "w")] == [("chat-2", False)]


def _turn(store: Store, chat: str, chosen: str, training: int | None, thumb: str = "") -> None:
    with store.write() as db:
        owner = db.execute(
            "INSERT INTO conversations (workspace, source_id, origin, trust, subject, tags, extra, content_hash,"
            " updated_at) VALUES ('w', ?, 'chat', 'chat', '', '[]', '{}', ?, ?)", [chat, chat, now()],
        ).lastrowid  # fmt: skip
        turn = db.execute(
            "INSERT INTO turns (conversation_id, question, answer, pictures, citations, hits, decision, seconds,"
            " version, stopped, created_at) VALUES (?, 'Why?', 'Because.', '[]', '[]', '[]', ?, '{}', '', 0, ?)",
            [owner, json.dumps({"act": "case"}), now()],
        ).lastrowid
        if training is not None:
            db.execute("INSERT INTO corrections VALUES (?, ?, '', ?, ?)", [turn, chosen, training, now()])
        if thumb:
            db.execute("INSERT INTO ratings VALUES (?, ?, '', ?)", [turn, thumb, now()])
