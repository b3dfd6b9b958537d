"""Talks of several lines: is the right source found by the last line alone, by it and its subject, by the whole talk?

The demo shop's talks (`data/shop/talks.jsonl`: corrected, gone on with, a new matter) and STAR: a conversation so far
to another of its task, and the same with the opening of a conversation of another task behind it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from agent.decide import AS_FITTED, hear
from agent.matter import matter_of
from bench import machine
from bench.report import Report, Writer, share, skipped, table
from bench.retrieval_sets import Set, stock
from index.conversation import Conversation, Message
from index.measure import hit_at, mean_of, paired_difference
from index.search import Query, Searcher
from index.words import content_words

DATASETS = machine.ROOT.parent / "shared" / "datasets"
SHOP = machine.ROOT / "data" / "shop"
SHELF, ASKED = 900, 200  # conversations of STAR
LEAST_WORDS = 3
Way = Callable[[Sequence[str], Searcher], str]


@dataclass(frozen=True)
class Talk:
    """The lines of one customer, what kind of talk they are, and the sources that answer the last one."""

    kind: str
    lines: tuple[str, ...]
    sources: frozenset[str]


def last_line(lines: Sequence[str], searcher: Searcher) -> str:
    """The last line alone."""
    return lines[-1]


def with_subject(lines: Sequence[str], searcher: Searcher) -> str:
    """The way before: with the last line that had a matter of its own where the last one is short and points back."""
    heard = hear(lines[-1], len(lines) > 1)
    if not (heard.points_back or heard.failed):
        return lines[-1]
    earlier = [(line, hear(line, True)) for line in reversed(lines[:-1])]
    own = (line for line, at in earlier if not (at.failed or at.points_back or at.greets or at.thanks))
    return f"{next(own, lines[0])}\n{lines[-1]}"


def whole_talk(lines: Sequence[str], searcher: Searcher) -> str:
    """As the desk looks for it."""
    return matter_of(lines, lambda line: searcher.nearest(line) >= AS_FITTED.alone_dense)


WAYS: dict[str, Way] = {
    "last line alone": last_line,
    "last line and its subject": with_subject,
    "the conversation": whole_talk,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both and print each as soon as it is done."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval_talks", description=__doc__)
    parser.add_argument("--home", type=Path, help="folder with a store for each set, used again (default: a new one)")
    parser.add_argument("--datasets", type=Path, default=DATASETS)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    facts = machine.describe(" ".join(["python -m bench.retrieval_talks", *(arguments or sys.argv[1:])]), asked.seed)
    print("\n".join(["# Retrieval: talks of several lines", "", *machine.lines(facts), ""]), flush=True)
    with ExitStack() as stack:
        home = asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deskside-talks-")))
        print(shop(home / "shop", asked.seed).markdown(), flush=True)
        print(star(home / "star", asked.datasets / "star" / "transcripts.jsonl.gz", asked.seed).markdown(), flush=True)
    return 0


def shop(home: Path, seed: int) -> Report:
    """The demo shop's tickets and articles, without their pictures, and its talks."""
    from bench.shop import load_questions
    from index.formats import read_sources
    from index.store import open_store

    home.mkdir(parents=True, exist_ok=True)
    read = [each.source for part in ("tickets.jsonl", "articles") for each in read_sources(SHOP / part)]
    stock(open_store(home), Set("shop", "", [each for each in read if each is not None], {}))
    known = {each.id: each.sources for each in load_questions(SHOP)}
    talks = [
        Talk(row["kind"], tuple(row["turns"]), frozenset[str]().union(*(known[each] for each in row["as"])))
        for row in map(json.loads, (SHOP / "talks.jsonl").read_text("utf-8").splitlines())
    ]
    return measured("Talks of the demo shop", home, "shop", talks, seed)


def star(home: Path, file: Path, seed: int) -> Report:
    """Conversations of STAR that have one task: some on the shelf, others asked."""
    from index.store import open_store

    if not file.is_file():
        return skipped("Talks of STAR", f"no {file.name}")
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        rows = [row for row in map(json.loads, opened) if len(row["tasks"]) == 1]
    random.Random(seed).shuffle(rows)
    shelf, asked = rows[:SHELF], rows[SHELF : SHELF + ASKED]
    home.mkdir(parents=True, exist_ok=True)
    sources = [
        Conversation(row["id"], tuple(Message(each["role"], each["text"]) for each in row["messages"])) for row in shelf
    ]
    stock(open_store(home), Set("star", "", sources, {}))
    of_task: dict[str, set[str]] = {}
    for row in shelf:
        of_task.setdefault(row["tasks"][0], set()).add(row["id"])
    talks = list(_talks_of(asked, {task: frozenset(ids) for task, ids in of_task.items()}, random.Random(seed)))
    return measured("Talks of STAR", home, "star", talks, seed)


def _talks_of(asked: Sequence[dict], known: dict[str, frozenset[str]], drawn: random.Random) -> Iterator[Talk]:
    said = [[each["text"] for each in row["messages"] if each["role"] == "customer"] for row in asked]
    tasks = [row["tasks"][0] for row in asked]
    for lines, task in zip(said, tasks, strict=True):
        if len(lines) >= 3 and task in known:
            yield Talk("gone on with", tuple(lines[: drawn.randint(2, min(5, len(lines) - 1))]), known[task])
    for at in range(len(asked) - 1):
        opening = next((line for line in said[at + 1] if len(content_words(line)) >= LEAST_WORDS), "")
        if opening and tasks[at] != tasks[at + 1] and tasks[at + 1] in known:
            yield Talk("a new matter", (*said[at][: drawn.randint(1, 3)], opening), known[tasks[at + 1]])


def measured(title: str, home: Path, workspace: str, talks: Sequence[Talk], seed: int) -> Report:
    """Hit@1 and Hit@5 of each kind of talk by each way, and what the conversation gains over the way before."""
    from index.build import load_shelf
    from index.embed import load_embedder
    from index.store import open_store

    store, embedder = open_store(home), load_embedder()
    shelf = load_shelf(store, workspace, embedder)
    searcher = Searcher(store, workspace, embedder, lambda: shelf)
    writer = Writer(title)
    for kind in dict.fromkeys(talk.kind for talk in talks):
        some = [talk for talk in talks if talk.kind == kind]
        found = {
            name: [[hit.source_id for hit in searcher.search(Query(way(talk.lines, searcher)), 5)] for talk in some]
            for name, way in WAYS.items()
        }
        hits = {
            name: [[hit_at(ids, talk.sources, top) for ids, talk in zip(each, some, strict=True)] for top in (1, 5)]
            for name, each in found.items()
        }
        rows = [[name, *(share(mean_of(values, seed)) for values in each)] for name, each in hits.items()]
        writer.say(*table((f"{kind} ({len(some)} talks)", "Hit@1", "Hit@5"), rows))
        gain = paired_difference(hits["last line and its subject"][0], hits["the conversation"][0], seed)
        writer.say(f"Hit@1 gained over question and subject: {gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")
        writer.figures[kind] = {name: [sum(values) / len(values) for values in each] for name, each in hits.items()}
    return writer.done()


if __name__ == "__main__":
    sys.exit(main())
