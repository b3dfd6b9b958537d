"""Where the curves of `agent.decide.NEAR` and `ANSWERS` come from.

Confidence with a judge that reads question and passage together, fitted without any test question.
Three kinds of shelf, each counting alike: solved tickets of a workspace, each searched without itself, against the
questions of other domains; made-up products of the kinds of business that the judge was not trained on, with questions
that their articles leave open; hotels and restaurants that it was not trained on either, with every third of their
questions and answers taken out. Run: python -m bench.fit_answering --home HOME --workspace demo
"""

from __future__ import annotations

import argparse
import math
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.decide import best_answer, confidence, logit
from agent.evidence import Library, Signals
from bench.fit_confidence import elsewhere, opening
from bench.model_desk import SPACE, stocked
from index.answering import load_answering
from index.build import load_shelf
from index.embed import Embedder, find_model, load_embedder
from index.search import Query, Searcher
from index.sources import stored_conversations
from index.store import Store, open_store

SHELVES = 4
WITHOUT = 3
CAUTION = 0.4


@dataclass(frozen=True)
class Seen:
    """What one question looked like (dense, agreeing, log-odds of the best passage, NaN where nobody read it), whether
    the shelf answers it, and whether the first evidence does (`right`)."""

    ground: str
    features: tuple[float, ...]
    covered: bool
    right: bool


class Looking:
    """A shelf that questions are put to."""

    def __init__(self, store: Store, workspace: str, embedder: Embedder, weights: Path) -> None:
        judge = load_answering(weights, find_model("minilm")[0])
        self._searcher = Searcher(store, workspace, embedder, lambda: load_shelf(store, workspace, embedder))
        self._library = Library(store, workspace, embedder, judge.shares)

    def look(self, ground: str, question: str, right: frozenset[str] | None, without: str = "") -> Seen:
        """One question; `right` are the sources that answer it, None where nothing does."""
        hits = self._searcher.search(Query(question, without=frozenset([without] if without else [])), 5)
        signals = self._library.signals(hits, question)
        evidence = self._library.evidence(hits, question)
        best = best_answer(evidence)
        answers = math.nan if best is None else logit(best)
        first = evidence[0].source_id if evidence else ""
        features = (signals.dense, signals.agreeing, answers)
        return Seen(ground, features, right is not None, right is not None and (not right or first in right))


def main() -> None:
    """Look at every question, then fit and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--home", type=Path, required=True)
    options.add_argument("--workspace", default="demo")
    options.add_argument("--datasets", type=Path, default=Path("../shared/datasets"))
    options.add_argument("--weights", type=Path, default=Path("data/model"))
    given = options.parse_args()
    embedder = load_embedder()
    seen = [
        *_tickets(open_store(given.home), given.workspace, embedder, given.weights, given.datasets),
        *_products(embedder, given.weights),
        *_places(embedder, given.weights, given.datasets),
    ]
    tell(seen)


def tell(seen: Sequence[Seen]) -> None:
    """Fit the two curves that are multiplied, and print what the desk's confidence does with its own."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

    dense, _, answers = np.array([each.features for each in seen]).T
    truth, grounds = np.array([each.covered for each in seen]), np.array([each.ground for each in seen])
    weights = np.zeros(len(seen))
    for ground in sorted(set(grounds)):
        for label in (True, False):
            chosen = (grounds == ground) & (truth == label)
            weights[chosen] = 1 / max(1, chosen.sum())

    def loss(curves: np.ndarray) -> float:
        near, says = _curve(curves[:2], dense), _curve(curves[2:], answers)
        share = np.clip(near * says, 1e-6, 1 - 1e-6)
        losses = weights * np.where(truth, np.log(share), np.log(1 - share))
        return float(-losses[~np.isnan(answers)].sum())

    found = minimize(loss, [20.0, 0.4, 1.0, 0.0], method="Nelder-Mead", options={"maxfev": 6000}).x
    print(f"NEAR {found[:2].round(2).tolist()}, ANSWERS {found[2:].round(2).tolist()}")
    old = np.array([confidence(Signals(*each.features[:2], 0)) for each in seen])
    new = np.array([confidence(Signals(*each.features[:2], 0), answers=_share(each.features[2])) for each in seen])
    for name, told in (("as it was", old), ("with the judge", new)):
        for ground in sorted(set(grounds)):
            own, known = told[grounds == ground], truth[grounds == ground]
            refused, alone = np.mean(own[known] < CAUTION), np.mean(own[~known] < CAUTION)
            print(
                f"{name:15} {ground:9} {known.sum():4} covered {(~known).sum():4} not; "
                f"area {roc_auc_score(known, own):.3f}; refused {refused:.3f}, left alone {alone:.3f}"
            )
    for ground in sorted(set(grounds)):
        first = [each.right for each in seen if each.ground == ground and each.covered]
        print(f"{ground:9} right source first: {np.mean(first):.3f}")


def _share(odds: float) -> float | None:
    return None if math.isnan(odds) else 1 / (1 + math.exp(-odds))


def _curve(curve: np.ndarray, values: np.ndarray) -> np.ndarray:
    """A logistic of a slope and a middle."""
    return np.asarray(1 / (1 + np.exp(-np.clip(curve[0] * (values - curve[1]), -30, 30))))


def _tickets(store: Store, workspace: str, embedder: Embedder, weights: Path, datasets: Path) -> Iterator[Seen]:
    looking = Looking(store, workspace, embedder, weights)
    for ticket in stored_conversations(store, workspace, "import"):
        text = opening(ticket)
        if text and ticket.outcome == "resolved":
            yield looking.look("tickets", text, frozenset(), ticket.id)
    for text in elsewhere(datasets):
        yield looking.look("tickets", text, None)


def _products(embedder: Embedder, weights: Path) -> Iterator[Seen]:
    from finetune.answering_data import shelf

    for number in range(SHELVES):
        ground = shelf(random.Random(f"confidence {number}"), "train", held=True)
        articles = [
            {"id": f"KB-{at}", "title": title, "text": text} for at, (title, text) in enumerate(ground.passages)
        ]
        asked = [(text, None if at is None else frozenset([f"KB-{at}"])) for text, at in ground.questions]
        yield from _over("products", articles, asked, embedder, weights)


def _places(embedder: Embedder, weights: Path, datasets: Path) -> Iterator[Seen]:
    from finetune.datasets import faq_snippets

    chance = random.Random("places")
    known: dict[str, list[str]] = {}
    asked: list[tuple[str, frozenset[str] | None]] = []
    open_ones: list[tuple[str, str]] = []
    for name, title, body in faq_snippets(datasets / "dstc9_faq" / "val_labels.json", "test"):
        said = f"{title.rstrip('?. ')} at {name}?" if name.lower() not in title.lower() else title
        if chance.randrange(WITHOUT):
            known.setdefault(name, []).append(f"{title}\n{body}" if chance.random() < 0.5 else body)
            asked.append((said, frozenset([name])))
        else:
            open_ones.append((name, said))
    for name, said in open_ones:
        vectors = embedder.embed([said, *known.get(name, [""])])
        if float((vectors[1:] @ vectors[0]).max()) < 0.7:  # nearer ones may answer it in other words
            asked.append((said, None))
    articles = [{"id": name, "title": name, "text": "\n\n".join(texts)} for name, texts in known.items()]
    yield from _over("places", articles, asked, embedder, weights)


def _over(
    ground: str, articles: Sequence[dict[str, str]], asked: Sequence[tuple[str, frozenset[str] | None]],
    embedder: Embedder, weights: Path,
) -> Iterator[Seen]:  # fmt: skip
    """The questions over a shelf of its own."""
    with tempfile.TemporaryDirectory() as home:
        store = stocked(Path(home), articles)
        looking = Looking(store, SPACE, embedder, weights)
        for text, right in asked:
            yield looking.look(ground, text, right)


if __name__ == "__main__":
    main()
