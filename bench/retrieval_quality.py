"""`make bench-retrieval`, quality: is the right source found first? Four public sets, each way alone and together."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import machine
from bench.report import Report, Writer, milliseconds, share, table
from bench.retrieval import Wanted
from bench.retrieval_sets import Set, load_sets, stock
from index.measure import hit_at, mean_of, paired_difference, reciprocal_rank

WAYS = {
    "words": "BM25 alone",
    "dense": "MiniLM alone",
    "lists": "hybrid",
    "found": "hybrid + reranker",
}
SINGLE = ("words", "dense")
FEW = 300
DATASETS = machine.ROOT.parent / "shared" / "datasets"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the sets asked for and print each as soon as it is done."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    asked = parse(arguments)
    facts = machine.describe(" ".join(["python -m bench.retrieval_quality", *(arguments or sys.argv[1:])]), asked.seed)
    print("\n".join(["# Retrieval: quality", "", *machine.lines(facts), ""]), flush=True)
    sets = load_sets(asked.datasets)
    if absent := [name for name in asked.only if name not in sets]:
        print(f"Skipped, not in {asked.datasets.name}: {', '.join(absent)}\n")
    with ExitStack() as stack:
        home = asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deskside-bench-")))
        for name in [each for each in asked.only if each in sets]:
            print(run(sets[name](), home / name, asked.count, asked.seed).markdown(), flush=True)
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The flags of one run."""
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval_quality", description=__doc__)
    parser.add_argument("--only", default="powerquery,dstc9,banking77,clinc150", help="sets, comma between")
    parser.add_argument("--few", dest="count", action="store_const", const=FEW, help=f"{FEW} questions a set")
    parser.add_argument("--count", type=int, default=0, help="questions a set (0: all)")
    parser.add_argument("--home", type=Path, help="folder with a store for each set, used again (default: a new one)")
    parser.add_argument("--datasets", type=Path, default=DATASETS)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    asked.only = [name.strip() for name in asked.only.split(",") if name.strip()]
    return asked


def run(each: Set, home: Path, count: int, seed: int) -> Report:
    """One set: its shelf filled, its questions of the test side looked for."""
    from index.build import load_shelf
    from index.embed import load_embedder
    from index.search import Searcher
    from index.store import open_store

    home.mkdir(parents=True, exist_ok=True)
    store = open_store(home)
    stock(store, each)
    embedder = load_embedder()
    shelf = load_shelf(store, each.name, embedder)
    searcher = Searcher(store, each.name, embedder, lambda: shelf)
    wanted = sample(each.asked["test"], count, seed)
    searcher.rankings(wanted[0].query)
    ranked, seconds = [], []
    for one in wanted:
        started = time.perf_counter()
        ranked.append(searcher.rankings(one.query))
        seconds.append(time.perf_counter() - started)
    return report(each, wanted, ranked, seconds, seed)


def sample(wanted: Sequence[Wanted], count: int, seed: int) -> list[Wanted]:
    """All of them, or so many chosen by the seed."""
    return list(wanted) if not count or count >= len(wanted) else random.Random(seed).sample(list(wanted), count)


def report(
    each: Set, wanted: Sequence[Wanted], ranked: Sequence[dict[str, list[str]]], seconds: Sequence[float], seed: int
) -> Report:
    """The table of four ways, and what the last gains over the best single source and over the hybrid."""
    writer = Writer(each.name)
    scores = {way: _scores(wanted, [found.get(way, []) for found in ranked]) for way in WAYS}
    rows = []
    for way, told in WAYS.items():
        means = {name: mean_of(values, seed) for name, values in scores[way].items()}
        writer.figures[way] = means
        rows.append([told, *(share(mean) for mean in means.values())])
    writer.say(f"{each.what}: {len(wanted)} questions of the test side, {len(each.sources):,} sources.")
    writer.say(*table(("", "Hit@1", "Hit@5", "MRR"), rows))
    told = []
    for name in ("Hit@1", "MRR"):
        best = max(SINGLE, key=lambda way: sum(scores[way][name]))
        for before in (best, "lists"):
            gain = paired_difference(scores[before][name], scores["found"][name], seed)
            writer.figures[f"gain {name} over {before}"] = gain
            told.append(f"{name} over {WAYS[before]} {gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")
    writer.say(f"Hybrid + reranker, paired: {'; '.join(told)}.")
    writer.say(f"A search with all of its rankings: {milliseconds(seconds)} ms (median / p95).")
    return writer.done()


def _scores(wanted: Sequence[Wanted], ranked: Sequence[Sequence[str]]) -> dict[str, list[float]]:
    pairs: list[Any] = list(zip(ranked, [each.sources for each in wanted], strict=True))
    return {
        "Hit@1": [hit_at(ids, sources, 1) for ids, sources in pairs],
        "Hit@5": [hit_at(ids, sources, 5) for ids, sources in pairs],
        "MRR": [reciprocal_rank(ids, sources) for ids, sources in pairs],
    }


if __name__ == "__main__":
    sys.exit(main())
