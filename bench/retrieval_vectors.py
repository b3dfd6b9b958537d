"""The vectors that speed is measured on: MiniLM vectors of real messages, and more of them mixed from neighbours.

As many messages as there are in the data sets (banking77, clinc150, hwu64, STAR, questions of DSTC9) up to a number are
embedded as they are; 1,000 of them are kept apart and asked. The others are the seeds. A vector beyond them is a seed
moved up to half of the way towards one of its 16 nearest and then by a random step of a quarter of its length, made one
long again: a message about the same thing in other words. Nothing is asked that is on the shelf.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SEEDS = 20_000
ASKED = 1000
NEIGHBOURS = 16
STEP = 0.25
BLOCK = 50_000


@dataclass(frozen=True)
class Shelf:
    """Files beside each other: `rows` (n, d) float32, `asked` (q, d) float32, `truth` (q, 10) places of the nearest."""

    rows: Path
    asked: Path
    truth: Path
    count: int


def messages(datasets: Path) -> list[str]:
    """Every different message of the data sets that are there, in a fixed order."""
    return list(dict.fromkeys(text for text in _messages(datasets) if len(text.split()) > 2))


def _messages(datasets: Path) -> Iterator[str]:
    for file in sorted((datasets / "banking77").glob("*.csv")):
        with file.open(newline="", encoding="utf-8") as opened:
            yield from (row["text"] for row in csv.DictReader(opened))
    for file in sorted((datasets / "clinc150").glob("data_full.json")):
        for rows in json.loads(file.read_text("utf-8")).values():
            yield from (text for text, _ in rows)
    for file in sorted((datasets / "hwu64").glob("*.tsv")):
        with file.open(newline="", encoding="utf-8") as opened:
            yield from (row["text"] for row in csv.DictReader(opened, delimiter="\t"))
    for file in sorted((datasets / "star").glob("transcripts.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as opened:
            yield from (said["text"] for line in opened for said in json.loads(line)["messages"])
    for file in sorted((datasets / "dstc9_faq").glob("knowledge.json")):
        for domain in json.loads(file.read_text("utf-8")).values():
            for entity in domain.values():
                yield from (snippet["title"] for snippet in entity["docs"].values())


def embedded(datasets: Path, kept: Path, seed: int) -> np.ndarray:
    """(SEEDS + ASKED, 384) vectors of messages drawn by the seed; computed once, then read from the file `kept`."""
    if kept.is_file():
        found: np.ndarray = np.load(kept, allow_pickle=False)
        return found
    from index.embed import load_embedder

    texts = messages(datasets)
    order = np.random.default_rng(seed).permutation(len(texts))[: SEEDS + ASKED]
    vectors = load_embedder().embed([texts[place] for place in order])
    np.save(kept, vectors)
    return vectors


def make_shelf(real: np.ndarray, count: int, folder: Path, seed: int) -> Shelf:
    """`count` vectors of the seeds and what is mixed from them, with the true ten nearest of each question."""
    import faiss

    folder.mkdir(parents=True, exist_ok=True)
    shelf = Shelf(folder / "rows.npy", folder / "asked.npy", folder / "truth.npy", count)
    if shelf.truth.is_file():
        return shelf
    asked, seeds = real[:ASKED], real[ASKED:]
    near = faiss.knn(seeds, seeds, NEIGHBOURS + 1, metric=faiss.METRIC_INNER_PRODUCT)[1][:, 1:]
    rows = np.lib.format.open_memmap(shelf.rows, "w+", np.float32, (count, real.shape[1]))
    rng = np.random.default_rng(seed)
    heap = faiss.ResultHeap(len(asked), 10, keep_max=True)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        made = _mixed(seeds, near, size, rng)
        whole = seeds[start : start + size]  # the seeds themselves come first
        made[: len(whole)] = whole
        rows[start : start + size] = made
        scores, places = faiss.knn(asked, made, 10, metric=faiss.METRIC_INNER_PRODUCT)
        heap.add_result(scores, places + start)
    rows.flush()
    heap.finalize()
    np.save(shelf.asked, asked)
    np.save(shelf.truth, heap.I)
    return shelf


def _mixed(seeds: np.ndarray, near: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    chosen = rng.integers(0, len(seeds), count)
    other = seeds[near[chosen, rng.integers(0, near.shape[1], count)]]
    way = rng.uniform(0, 0.5, (count, 1)).astype(np.float32)
    step = rng.standard_normal((count, seeds.shape[1]), np.float32)
    step *= STEP / np.linalg.norm(step, axis=1, keepdims=True)
    mixed = seeds[chosen] * (1 - way) + other * way
    mixed = mixed / np.linalg.norm(mixed, axis=1, keepdims=True) + step
    made: np.ndarray = (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)
    return made
