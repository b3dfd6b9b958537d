"""The stage `reranker`: how much each sign of a good source counts in this shop, by its own solved questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agent.in_use import RERANKER, load_in_use
from agent.parts import load_searcher
from finetune.alike import alike
from finetune.material import Material, Pair
from finetune.reranker import LEAST_LISTS, Listed, learn_reranker, list_for, ranks_of
from index.measure import Difference, paired_difference
from index.rerank import NAMES, SHIPPED, Reranker, save_reranker
from index.search import Query, Searcher

if TYPE_CHECKING:
    from finetune.stages import Run

STRENGTHS = (1.0, 0.1, 0.01, 0.001)  # of the pull towards the weights it starts from
BLOCKS = 5
STRETCH = 4.0  # the most that the scale of the sums is put right by
FOLDER, CARD = "reranker", "card.json"


@dataclass(frozen=True)
class Weighed:
    """What the stage brought: the weights (None where those before stay), the mean 1 / rank of the first right ticket
    on the kept questions by each way, the gain of the best, how many questions taught and judged, and a remark."""

    reranker: Reranker | None
    scores: dict[str, float] = field(default_factory=dict)
    gain: Difference | None = None
    taught: int = 0
    judged: int = 0
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """As the run remembers it."""
        gain = {} if self.gain is None else {"mean": self.gain.mean, "low": self.gain.low, "high": self.gain.high}
        return {
            "learned": self.reranker is not None, "scores": self.scores, "gain": gain, "taught": self.taught,
            "judged": self.judged, "note": self.note,
        }  # fmt: skip


def lists_of(
    searcher: Searcher, pairs: Sequence[Pair], known: Sequence[Pair], hidden: Collection[str],
    tell: Callable[[], None] = lambda: None,
) -> list[Listed]:  # fmt: skip
    """What is found for each question without its own ticket and the hidden ones; of it the known tickets, for nobody
    said of the others, nor of articles, whether they answer. Only lists that can teach: a right one and a wrong one."""
    ids = [pair.id for pair in known]
    seen, lists = frozenset(ids), []
    for pair, row in zip(pairs, alike(pairs, known), strict=True):
        tell()
        right = {ids[at] for at in np.flatnonzero(row)} - {pair.id}
        query = Query(pair.question, pair.screens, frozenset({*hidden, pair.id}))
        listed = _only(list_for(searcher, query, right.__contains__), seen)
        if listed.right.any() and not listed.right.all():
            lists.append(listed)
    return lists


def weigh(learn: Sequence[Listed], check: Sequence[Listed], start: Reranker, name: str = "learned") -> Weighed:
    """Weights learned from some lists, as close to `start` as serves best on lists that did not teach: the kept ones
    and each block of the others by the rest of them, for the kept ones alone are few. None where they are not surely
    better there (the whole interval above zero): of ten shops where chance decides, one changes. Deterministic."""
    if len(learn) < LEAST_LISTS:
        note = f"passed over: {len(learn)} questions find a right and a wrong ticket; {LEAST_LISTS} are needed"
        return Weighed(None, taught=len(learn), judged=len(check), note=note)
    before = ranks_of([*learn, *check], start)
    ranks = {each: _unseen(learn, check, start, each) for each in STRENGTHS}
    best = max(ranks, key=lambda each: (float(np.mean(ranks[each])), each))
    gain = paired_difference(before, ranks[best])
    scores = {"before": float(np.mean(before))} | {f"pull {each:g}": float(np.mean(ranks[each])) for each in ranks}
    told = f"{gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}] on {len(before)} questions that did not teach it"
    if not gain.low > 0:
        return Weighed(None, scores, gain, len(learn), len(before), f"the weights stay: 1 / rank {told}")
    return Weighed(_taught(learn, start, best, name), scores, gain, len(learn), len(before), f"better: 1 / rank {told}")


def _unseen(learn: Sequence[Listed], check: Sequence[Listed], start: Reranker, strength: float) -> list[float]:
    """1 / rank of each list by weights that it did not teach."""
    ranks: list[float] = []
    for block in np.array_split(np.arange(len(learn)), BLOCKS):
        out = set(block.tolist())
        others = [each for at, each in enumerate(learn) if at not in out]
        ranks += ranks_of([learn[at] for at in block], _taught(others, start, strength))
    return ranks + ranks_of(check, _taught(learn, start, strength))


def _taught(lists: Sequence[Listed], start: Reranker, strength: float, name: str = "") -> Reranker:
    return in_scale(learn_reranker([lists], start, strength=strength, name=name), start, lists)


def in_scale(learned: Reranker, start: Reranker, lists: Sequence[Listed]) -> Reranker:
    """The same order of tickets, with sums as large as before: nothing here says how a ticket compares with an article,
    so that stays as it was."""
    old, new = ([float(each.sums(one.kinds, one.features).max()) for one in lists] for each in (start, learned))
    wide = float(np.std(new))
    scale = float(np.clip(np.std(old) / wide, 1 / STRETCH, STRETCH)) if wide > 1e-6 else 1.0
    moved = {key: scale * learned.ticket.get(key, 0.0) for key in (*NAMES, "bias")}
    moved["bias"] += float(np.mean(old)) - scale * float(np.mean(new))
    return replace(learned, ticket={key: round(value, 4) for key, value in moved.items()}, article=dict(start.article))


def lists_for(
    searcher: Searcher, material: Material, tell: Callable[[], None] = lambda: None
) -> tuple[list[Listed], list[Listed]]:
    """(to learn from, to judge by): both over the earlier tickets, the later ones out of sight."""
    known = (*material.replay, *material.learn)
    hidden = {each.id for each in (*material.check, *material.asked)}
    learn = lists_of(searcher, material.learn, known, hidden, tell)
    return learn, lists_of(searcher, material.check, known, hidden, tell)


def learn_weights(run: Run, stopping: Callable[[], bool]) -> None:
    """The stage. Starts from the weights in use, unless they were learned with another embedder and the shipped ones do
    better; where nothing is better, those in use go along into the candidate. Raises Stopped."""
    from finetune.stages import Stopped

    if not run.recipe.reranker:
        run.say("reranker", "passed over: --no-reranker")
        run.state["reranker"] = Weighed(None, note="passed over").as_json()
        _carry(run)
        return
    material, done = run.material(), 0
    count = len(material.learn) + len(material.check)

    def tell() -> None:
        nonlocal done
        if stopping():
            raise Stopped
        if done % 20 == 0:
            run.say("reranker", "", step=done, of=count)
        done += 1

    searcher = load_searcher(run.store, run.settings, run.candidate().embedder, reranker=None)
    learn, check = lists_for(searcher, material, tell)
    used = load_in_use(run.store, run.settings).reranker
    start = max((used, SHIPPED), key=lambda each: float(np.mean(ranks_of(check, each))) if check else 0.0)
    found = weigh(learn, check, start, run.state["name"])
    _keep(run.folder / FOLDER, found, start)
    if found.reranker is not None:
        save_reranker(run.parts / RERANKER, found.reranker)
    elif start is used:
        _carry(run)
    run.state["reranker"] = found.as_json()
    run.say("reranker", found.note, scores=found.scores)


def _keep(folder: Path, found: Weighed, start: Reranker) -> None:
    """What was tried, for a person to read."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {**found.as_json(), "before": dict(start.ticket)}
    if found.reranker is not None:
        told["after"] = dict(found.reranker.ticket)
    (folder / CARD).write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def _carry(run: Run) -> None:
    """The weights in use go along: what was won before is not lost."""
    folder = load_in_use(run.store, run.settings).folder
    if folder is not None and (folder / RERANKER).is_file():
        (run.parts / RERANKER).write_bytes((folder / RERANKER).read_bytes())


def _only(listed: Listed, known: frozenset[str]) -> Listed:
    """The part of a list that is told of."""
    kept = np.array([kind == "ticket" and name in known for kind, name in zip(listed.kinds, listed.ids, strict=True)])
    places = np.flatnonzero(kept)
    return Listed(
        tuple(listed.ids[at] for at in places), tuple(listed.kinds[at] for at in places), listed.features[places],
        listed.right[places],
    )  # fmt: skip
