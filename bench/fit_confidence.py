"""Where the weights of `agent.decide.CONFIDENCE` come from: fitted without any test question.

Known questions: the opening message of every solved ticket of a workspace, searched with its own ticket left out.
Unknown questions: utterances of other domains (CLINC150 train and out-of-scope train, HWU64 train). A logistic
regression on the signals gives the weights; its threshold 0.5 is the default `caution`.
Run: python -m bench.fit_confidence --home HOME --workspace demo
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from agent.decide import confidence
from agent.evidence import Library, Signals
from index.build import load_shelf
from index.conversation import Conversation
from index.embed import load_embedder
from index.passages import is_small_talk
from index.search import Query, Searcher
from index.sources import stored_conversations
from index.store import Store, open_store

NAMES = ("dense", "agreeing")
PER_SET = 150


def main() -> None:
    """Print the weights and how they separate, by five-fold cross-validation."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--home", type=Path, required=True)
    options.add_argument("--workspace", default="demo")
    options.add_argument("--datasets", type=Path, default=Path("../shared/datasets"))
    given = options.parse_args()
    store = open_store(given.home)
    embedder = load_embedder()
    shelf = load_shelf(store, given.workspace, embedder)
    searcher = Searcher(store, given.workspace, embedder, lambda: shelf)
    library = Library(store, given.workspace, embedder)
    known = list(_left_out(store, given.workspace, searcher, library))
    unknown = [library.signals(searcher.search(Query(text), 5), text) for text in elsewhere(given.datasets)]
    features = np.array([[getattr(each, name) for name in NAMES] for each in [*known, *unknown]])
    labels = np.array([1] * len(known) + [0] * len(unknown))
    model = LogisticRegression(C=100, class_weight="balanced")
    guessed = cross_val_predict(model, features, labels, cv=5, method="predict_proba")[:, 1]
    model.fit(features, labels)
    print(f"{len(known)} known, {len(unknown)} unknown; AUC {roc_auc_score(labels, guessed):.3f} (5 folds, seed 0)")
    print(f"refused of known {np.mean(guessed[labels == 1] < 0.5):.3f}, answered of unknown "
          f"{np.mean(guessed[labels == 0] >= 0.5):.3f}")  # fmt: skip
    shipped = np.array([confidence(each) >= 0.5 for each in [*known, *unknown]])
    print(f"as shipped: refused of known {np.mean(~shipped[labels == 1]):.3f}, answered of unknown "
          f"{np.mean(shipped[labels == 0]):.3f}; both decide alike {np.mean(shipped == model.predict(features)):.3f}"
          )  # fmt: skip
    weights = dict(zip(NAMES, model.coef_[0].round(2).tolist(), strict=True))
    print(json.dumps({"bias": round(float(model.intercept_[0]), 2), **weights}))


def _left_out(store: Store, workspace: str, searcher: Searcher, library: Library) -> Iterator[Signals]:
    for ticket in stored_conversations(store, workspace, "import"):
        text = opening(ticket)
        if text and ticket.outcome == "resolved":
            hits = searcher.search(Query(text, without=frozenset([ticket.id])), 5)
            yield library.signals(hits, text)


def opening(ticket: Conversation) -> str:
    """What the customer wrote first that is more than a greeting."""
    said = (message.text for message in ticket.messages if message.role == "customer")
    return next((text for text in said if not is_small_talk(text)), "")


def elsewhere(datasets: Path) -> Sequence[str]:
    """Questions of other domains, so many of each set."""
    clinc = json.loads((datasets / "clinc150" / "data_full.json").read_text("utf-8"))
    sets = [
        [text for text, _ in clinc["oos_train"]],
        [text for text, _ in clinc["train"]],
        [line.split("\t")[0] for line in (datasets / "hwu64" / "train_kfold1.tsv").read_text("utf-8").splitlines()[1:]],
    ]
    chosen = random.Random(0)
    return [text for each in sets for text in chosen.sample(each, min(PER_SET, len(each)))]


if __name__ == "__main__":
    main()
