"""The embedder's stage: two ways to learn, full weights and a turn of the question, judged on the same kept pairs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from finetune.alike import LEAST_TAGS, alike
from finetune.embedder import EmbedderRecipe, Tell, Triple, mine, train_embedder
from finetune.material import Material, Pair
from finetune.turn import TurnRecipe, learn_turn
from index.embed import Embedder
from index.embed_adapted import AdaptedEmbedder, save_turn
from index.measure import reciprocal_rank
from index.passages import embedded_text
from index.store import Store
from index.words import is_vague

WAYS = ("weights", "turn")
LEAST_GAIN = 0.0  # of the score below: any gain becomes a candidate, and the gate asks the later conversations
_ANSWERS = "resolution"


@dataclass(frozen=True)
class ShelfPart:
    """The passages of some conversations, as an index holds them: text, owner (place among the pairs), kind."""

    texts: tuple[str, ...]
    owners: np.ndarray
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Learned:
    """What the stage brought: the way that won ("" when nothing was better), the scores of each on the kept pairs."""

    way: str
    folder: Path | None
    scores: dict[str, float]
    losses: tuple[float, ...] = ()


def shelf_part(store: Store, workspace: str, pairs: Sequence[Pair]) -> ShelfPart:
    """The stored passages of these conversations."""
    place = {pair.id: at for at, pair in enumerate(pairs)}
    rows = store.rows(
        "SELECT c.source_id, p.kind, p.title, p.text FROM passages p JOIN conversations c ON c.id = p.conversation_id"
        " WHERE p.workspace = ? AND c.source_id IN (SELECT value FROM json_each(?)) ORDER BY p.id",
        [workspace, json.dumps(sorted(place))],
    )
    return ShelfPart(
        tuple(embedded_text(row["title"], row["text"]) for row in rows),
        np.array([place[row["source_id"]] for row in rows], np.int64),
        tuple(row["kind"] for row in rows),
    )


def looked_for(pair: Pair) -> str:
    """The words the search is asked with: the question, or what stands on the picture where it says no more."""
    return "\n".join(pair.screens) if is_vague(pair.question, pair.screens) else pair.question


def learn_embedder(
    store: Store, workspace: str, material: Material, base: Embedder, base_folder: Path, folder: Path, *,
    ways: Sequence[str] = WAYS, recipe: EmbedderRecipe = EmbedderRecipe(), turn: TurnRecipe = TurnRecipe(),
    tell: Tell = lambda told: None, stopping: Callable[[], bool] = lambda: False,
) -> Learned:  # fmt: skip
    """The better embedder of the ways asked for, in `folder`/embedder; none where neither beats the base on the pairs
    kept to check. Deterministic; goes on where it was killed."""
    shelf = shelf_part(store, workspace, material.learn)
    judge = Judge.of(material, shelf)
    scores = {"base": judge.score(base.embed_query, base.embed)}
    losses: tuple[float, ...] = ()
    if "turn" in ways:
        adapted = learn_on(base, material.learn, shelf, turn)
        save_turn(folder / "turn", adapted.turn, base)
        scores["turn"] = judge.score(adapted.embed_query, adapted.embed)
    if "weights" in ways:
        triples = triples_of(material.learn, shelf, base, hard_negatives=recipe.hard_negatives)
        outcome = train_embedder(
            base_folder, triples, judge.of_model, folder / "weights", recipe, tell=tell, stopping=stopping
        )
        losses, scores["weights"] = outcome.losses, max(outcome.scores)
    best = max(scores, key=lambda name: (scores[name], name == "base"))
    if best == "base" or scores[best] < scores["base"] + LEAST_GAIN:
        return Learned("", None, scores, losses)
    return Learned(best, _placed(folder, best), scores, losses)


def _placed(folder: Path, way: str) -> Path:
    """The chosen embedder under its one name."""
    from finetune.checkpoints import STATE, latest

    source = folder / "turn" if way == "turn" else latest(folder / "weights", "best")
    assert source is not None
    place, fresh = folder / "embedder", folder / ".embedder"
    for old in (place, fresh):
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(source, fresh, ignore=shutil.ignore_patterns(STATE, "README.md"))
    return fresh.replace(place)


def learn_on(base: Embedder, pairs: Sequence[Pair], shelf: ShelfPart, recipe: TurnRecipe) -> AdaptedEmbedder:
    """The base with a turn learned on these pairs and their passages."""
    same = alike(pairs, pairs) | np.eye(len(pairs), dtype=bool)
    questions = np.stack([base.embed_query(looked_for(pair)) for pair in pairs])
    wanted = same[:, shelf.owners]
    own = np.arange(len(pairs))[:, None] == shelf.owners[None, :]
    said = np.array([kind != _ANSWERS for kind in shelf.kinds])
    turn = learn_turn(questions, base.embed(shelf.texts), wanted, own & said[None, :], recipe)
    return AdaptedEmbedder(base, turn, "turned")


def triples_of(pairs: Sequence[Pair], shelf: ShelfPart, base: Embedder, *, hard_negatives: bool = True) -> list[Triple]:
    """Each question with each of its own fixes and the most misleading passage of another matter; beside it the fix
    of one more conversation that answers the same."""
    same = alike(pairs, pairs)
    matters = _matters(same)
    fixes: dict[int, list[int]] = {}
    for at, (owner, kind) in enumerate(zip(shelf.owners.tolist(), shelf.kinds, strict=True)):
        if kind == _ANSWERS:
            fixes.setdefault(owner, []).append(at)
    questions = np.stack([base.embed_query(looked_for(pair)) for pair in pairs])
    passages = base.embed(shelf.texts)
    hard = mine(questions, passages, range(len(pairs)), same | _near(pairs), shelf.owners.tolist(), fixes)
    triples = []
    for row, pair in enumerate(pairs):
        beside = shelf.texts[hard[row]] if hard_negatives and hard[row] >= 0 else ""
        answers = list(fixes.get(row, []))
        others = [each for each in np.flatnonzero(same[row]).tolist() if each in fixes]
        answers += [fixes[others[row % len(others)]][0]] if others else []
        triples += [Triple(looked_for(pair), shelf.texts[at], beside, matters[row]) for at in answers]
    return triples


def _near(pairs: Sequence[Pair]) -> np.ndarray:
    """(pairs, pairs) True where the first two tags are the same: too near to be called wrong."""
    heads = [pair.label[:LEAST_TAGS] if len(pair.label) >= LEAST_TAGS else (pair.id,) for pair in pairs]
    near: np.ndarray = np.array([[one == other for other in heads] for one in heads])
    return near


def _matters(same: np.ndarray) -> list[int]:
    """A number for each conversation, equal for those that answer the same, directly or through others."""
    from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

    return [int(each) for each in connected_components(same, directed=False)[1]]


@dataclass(frozen=True)
class Judge:
    """How well an embedder finds: the mean of two MRRs, of the conversations that answer the same among the earlier
    ones, and of the question's own reply among all replies."""

    questions: tuple[str, ...]
    replies: tuple[str, ...]
    shelf: ShelfPart
    same: np.ndarray

    @classmethod
    def of(cls, material: Material, shelf: ShelfPart) -> Judge:
        """On the kept pairs, over the learned ones."""
        replies = tuple(pair.reply for pair in (*material.check, *material.learn))
        return cls(
            tuple(map(looked_for, material.check)), replies, shelf, alike(material.check, material.learn)
        )  # fmt: skip

    def score(self, ask: Callable[[str], np.ndarray], embed: Callable[[Sequence[str]], np.ndarray]) -> float:
        """0..1, more is better."""
        return self._score(
            np.stack([ask(each) for each in self.questions]), embed(self.shelf.texts), embed(self.replies)
        )

    def of_model(self, model: Any) -> float:
        """The same of a sentence-transformers model in training."""

        def encode(texts: Sequence[str]) -> np.ndarray:
            vectors: np.ndarray = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
            return vectors

        return self._score(encode(self.questions), encode(self.shelf.texts), encode(self.replies))

    def _score(self, asked: np.ndarray, passages: np.ndarray, replies: np.ndarray) -> float:
        found = []
        for row, scores in enumerate(asked @ passages.T):
            if self.same[row].any():
                ranked = [str(each) for each in self.shelf.owners[np.argsort(-scores)]]
                found.append(reciprocal_rank(ranked, {str(each) for each in np.flatnonzero(self.same[row])}))
        own = asked @ replies.T
        chosen = [1.0 / (1 + int((row > row[at]).sum())) for at, row in enumerate(own)]
        return float(np.mean([np.mean(part) for part in (found, chosen) if part]))
