"""Where the weights of `agent.decide.READ` come from: confidence with a judge that reads question and passage together,
fitted without any test question.

Three kinds of shelf, each counting alike: solved tickets of a workspace, each searched without itself, against the
questions of other domains; made-up products of the kinds of business that the judge was not trained on, with questions
that their articles leave open; hotels and restaurants that it was not trained on either, with every third of their
questions and answers taken out. Run: python -m bench.fit_answering --home HOME --workspace demo
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.decide import logit
from agent.evidence import Library
from bench.fit_confidence import elsewhere, opening
from index.answering import load_answering
from index.build import load_shelf
from index.embed import Embedder, find_model, load_embedder
from index.intake import Intake
from index.search import Query, Searcher
from index.sources import stored_conversations
from index.store import Store, open_store

NAMES = ("dense", "agreeing", "answers")
SHELVES = 4
WITHOUT = 3


@dataclass(frozen=True)
class Seen:
    """What one question looked like, and whether the shelf answers it. `right`: whether the first evidence does."""

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
        answers = max((each.answers or 0.0 for each in evidence), default=0.0)
        first = evidence[0].source_id if evidence else ""
        features = (signals.dense, signals.agreeing, logit(answers))
        return Seen(ground, features, right is not None, right is not None and (not right or first in right))


def main() -> None:
    """Print the weights and what they do, by five-fold cross-validation within each kind of shelf."""
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
    """Fit and print."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict

    features = np.array([each.features for each in seen])
    labels = np.array([each.covered for each in seen])
    grounds = np.array([each.ground for each in seen])
    weights = np.zeros(len(seen))
    for ground in sorted(set(grounds)):
        for label in (True, False):
            chosen = (grounds == ground) & (labels == label)
            weights[chosen] = len(seen) / max(1, chosen.sum())
    for names in (("dense", "agreeing"), ("answers",), NAMES):
        columns = features[:, [NAMES.index(name) for name in names]]
        model = LogisticRegression(C=100)
        guessed = cross_val_predict(
            model, columns, labels, cv=5, method="predict_proba", params={"sample_weight": weights}
        )[:, 1]
        model.fit(columns, labels, sample_weight=weights)
        fitted = dict(zip(names, model.coef_[0].round(2).tolist(), strict=True))
        print(json.dumps({"bias": round(float(model.intercept_[0]), 2), **fitted}))
        for ground in sorted(set(grounds)):
            own, truth = guessed[grounds == ground], labels[grounds == ground]
            print(
                f"  {ground:9} {truth.sum():4} covered {(~truth).sum():4} not; area {roc_auc_score(truth, own):.3f}; "
                f"at 0.5 refused {np.mean(own[truth] < 0.5):.3f}, left alone {np.mean(own[~truth] < 0.5):.3f}; "
                f"at 0.4 {np.mean(own[truth] < 0.4):.3f}, {np.mean(own[~truth] < 0.4):.3f}"
            )
    for ground in sorted(set(grounds)):
        first = [each.right for each in seen if each.ground == ground and each.covered]
        print(f"  {ground:9} right source first: {np.mean(first):.3f}")


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
        file = Path(home) / "articles.jsonl"
        file.write_text("".join(json.dumps(each) + "\n" for each in articles), "utf-8")
        store = open_store(Path(home) / "home")
        Intake(store, "bench", _no_reader).run([file])
        looking = Looking(store, "bench", embedder, weights)
        for text, right in asked:
            yield looking.look(ground, text, right)


def _no_reader() -> object:
    raise ValueError("no pictures are on this shelf")


if __name__ == "__main__":
    main()
