"""Where the weights of `index.rerank.SHIPPED` come from: the training side of four public sets, half kept to look.

Run: python -m bench.fit_reranker --home HOME --count 700
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from bench.retrieval_quality import DATASETS, sample
from bench.retrieval_sets import Set, load_sets, stock
from finetune.reranker import Listed, learn_reranker, list_for, mean_rank
from index.rerank import SHIPPED, Reranker

EMPTY = Reranker({}, {}, SHIPPED.slope)


def main() -> None:
    """Print the weights, and how they rank the half of each set that they were not learned from."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--home", type=Path, required=True, help="folder with a store for each set, used again")
    options.add_argument("--count", type=int, default=700, help="questions a set")
    options.add_argument("--datasets", type=Path, default=DATASETS)
    given = options.parse_args()
    lists = {name: lists_of(load(), given.home / name, given.count) for name, load in load_sets(given.datasets).items()}
    half = learn_reranker([each[::2] for each in lists.values()], EMPTY, strength=5e-4)
    for name, each in lists.items():
        others = learn_reranker([other for key, other in lists.items() if key != name], EMPTY, strength=5e-4)
        shown = [mean_rank(each[1::2], weights) for weights in (half, others, SHIPPED)]
        print(f"{name}: MRR {shown[0]:.3f}; learned from the other sets {shown[1]:.3f}; as shipped {shown[2]:.3f}")
    found = learn_reranker(list(lists.values()), EMPTY, strength=5e-4)
    print(json.dumps({"ticket": dict(found.ticket), "article": dict(found.article)}, indent=1))


def lists_of(each: Set, home: Path, count: int) -> list[Listed]:
    """The shortlists of questions of the training side; a question that is itself on the shelf is left out of them."""
    from index.build import load_shelf
    from index.embed import load_embedder
    from index.search import Searcher
    from index.store import open_store

    home.mkdir(parents=True, exist_ok=True)
    store, embedder = open_store(home), load_embedder()
    stock(store, each)
    shelf = load_shelf(store, each.name, embedder)
    searcher = Searcher(store, each.name, embedder, lambda: shelf)
    return [
        list_for(searcher, replace(one.query, without=frozenset([one.id])), one.sources.__contains__)
        for one in sample(each.asked["train"], count, 0)
    ]


if __name__ == "__main__":
    main()
