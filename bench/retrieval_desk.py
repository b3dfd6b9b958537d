"""A question to its sources over a large shelf: the whole search with its embedder, words and codes.

The shelf is written straight into the store: tickets of two passages, each the words of two messages, with the vectors
that the index is measured on. Words and vectors do not belong together, which the time does not know.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.report import Report, Writer, table
from bench.retrieval_vectors import Shelf, messages

TITLE = "Question to sources over a large shelf"
QUESTIONS = 200
ROUNDS = 3
ROWS = 5000


def run(shelf: Shelf, datasets: Path, home: Path, seed: int) -> Report:
    """Fill a store with as many passages as the shelf has vectors and ask it, one question after another."""
    from index.build import kind_of, load_shelf
    from index.embed import load_embedder
    from index.search import Query, Searcher
    from index.store import open_store

    writer = Writer(TITLE)
    embedder = load_embedder()
    store = open_store(home)
    texts = messages(datasets)
    if not store.rows("SELECT id FROM passages LIMIT 1"):
        fill(store, np.load(shelf.rows, mmap_mode="r"), texts, embedder.identity, seed)
    load_shelf(store, "default", embedder)  # built and saved
    started, ticks = time.perf_counter(), time.process_time()
    searcher = Searcher(store, "default", embedder, lambda: load_shelf(store, "default", embedder))
    opened = {"clock": time.perf_counter() - started, "processor": time.process_time() - ticks}
    asked = [texts[at] for at in np.random.default_rng(seed + 1).permutation(len(texts))[: QUESTIONS + 20]]
    for question in asked[QUESTIONS:]:
        searcher.search(Query(question), 5)
    clock, processor = np.empty((ROUNDS, QUESTIONS)), np.empty((ROUNDS, QUESTIONS))
    for turn in range(ROUNDS):
        for place, question in enumerate(asked[:QUESTIONS]):  # more than the embedder remembers: each is embedded
            started, ticks = time.perf_counter(), time.process_time()
            searcher.search(Query(question), 5)
            processor[turn, place], clock[turn, place] = time.process_time() - ticks, time.perf_counter() - started
    writer.figures |= {"passages": shelf.count, "open": opened, "kind": kind_of(searcher.shelf.index)}
    for name, seconds in (("clock", clock), ("processor", processor)):
        writer.figures[f"{name}_ms"] = {
            f"p{part}": 1000 * float(np.percentile(seconds.min(axis=0), part)) for part in (50, 95, 99)
        }
    writer.say(
        f"{shelf.count:,} passages, index {writer.figures['kind']}, opened in {opened['processor']:.2f} s of the"
        f" processor; {QUESTIONS} questions, each its best of {ROUNDS} rounds."
    )
    writer.say(
        *table(("milliseconds", "p50", "p95", "p99"), [line(writer.figures, name) for name in ("clock", "processor")])
    )
    return writer.done()


def line(figures: dict[str, Any], name: str) -> list[str]:
    """One line of the table."""
    return [f"of the {name}", *(f"{figures[f'{name}_ms'][part]:.1f}" for part in ("p50", "p95", "p99"))]


def fill(store: Any, rows: np.ndarray, texts: list[str], identity: str, seed: int) -> None:
    """Two passages a ticket, as an import would leave them."""
    rng = np.random.default_rng(seed)
    for start in range(0, len(rows), ROWS):
        count = min(ROWS, len(rows) - start)
        numbers = range(start, start + count)
        pairs = rng.integers(0, len(texts), (count, 2))
        said = [f"{texts[one]} {texts[other]} {at}" for at, (one, other) in zip(numbers, pairs, strict=True)]
        tickets = sorted({at // 2 + 1 for at in numbers})
        with store.write() as db:
            db.conn.executemany(
                "INSERT OR IGNORE INTO conversations (id, workspace, source_id, origin, trust, subject, outcome, tags,"
                " extra, content_hash, updated_at)"
                " VALUES (?, 'default', ?, 'import', 'imported', '', 'resolved', '[]', '{}', '', '2026-01-01')",
                [(ticket, f"T-{ticket}") for ticket in tickets],
            )
            db.conn.executemany(
                "INSERT INTO passages"
                " (id, workspace, conversation_id, kind, title, text, first_line, last_line, text_hash)"
                " VALUES (?, 'default', ?, ?, '', ?, 1, 1, ?)",
                [
                    (at + 1, at // 2 + 1, ("problem", "resolution")[at % 2], text, f"hash-{at}")
                    for at, text in zip(numbers, said, strict=True)
                ],
            )
            db.conn.executemany(
                "INSERT INTO passages_fts (rowid, title, text) VALUES (?, '', ?)",
                [(at + 1, text) for at, text in zip(numbers, said, strict=True)],
            )
            db.conn.executemany(
                "INSERT INTO embeddings VALUES (?, ?, ?)",
                [(f"hash-{at}", identity, rows[at].astype(np.float16).tobytes()) for at in numbers],
            )
            store.grow_mark("default")
