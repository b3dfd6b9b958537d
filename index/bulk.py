"""Many texts embedded by several processes, one a processor core or graphics card; the same vectors as by one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from index.embed import Embedder, LibraryEmbedder, load_embedder, load_sentence_transformer, plain_text

WORTH_IT = 20_000  # texts from which starting processes (some 3 s each, most of it torch) pays
SHARE = 1024  # texts that a process takes at a time; the light embedder's quick bulk begins at half of it

_own: list[Embedder] = []  # of a worker process


@contextmanager
def many_hands(embedder: Embedder, count: int, processes: int | None = None) -> Iterator[Embedder]:
    """The embedder, or for many texts one that hands them to several processes; these end with the block.

    `processes` None takes one for each graphics card, else one for each core. An embedder that was not loaded from a
    folder stays as it is.
    """
    folder = folder_of(embedder)
    cards = _cards() if folder else 0
    hands = processes or cards or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else [0])
    if folder is None or count < WORTH_IT or (hands < 2 and not cards):
        yield embedder
        return
    context = get_context("spawn")  # torch's threads do not survive a fork
    numbers = context.Queue()
    for number in range(hands):
        numbers.put(number)
    with ProcessPoolExecutor(hands, context, _start, (str(folder), embedder.name, numbers, cards)) as pool:
        yield ManyHands(embedder, pool)


class ManyHands:
    """An `Embedder` whose texts are shared out; questions stay in this process."""

    def __init__(self, inner: Embedder, pool: ProcessPoolExecutor) -> None:
        self.name, self.identity, self.dimension = inner.name, inner.identity, inner.dimension
        self._inner, self._pool = inner, pool

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """As `Embedder.embed`: longest texts first, so that no process is left with the long ones at the end."""
        plain = [plain_text(text) for text in texts]
        order = sorted(range(len(plain)), key=lambda place: -len(plain[place]))
        shares = [order[start : start + SHARE] for start in range(0, len(order), SHARE)]
        rows = np.zeros((len(plain), self.dimension), np.float32)
        try:
            made = self._pool.map(_embed, [[plain[at] for at in some] for some in shares])
            for share, found in zip(shares, made, strict=True):
                rows[share] = found
        except BrokenProcessPool:  # one was killed, for memory as a rule: slower, but it goes on
            return self._inner.embed(texts)
        return rows

    def embed_query(self, text: str) -> np.ndarray:
        """As `Embedder.embed_query`."""
        return self._inner.embed_query(text)


def folder_of(embedder: Any) -> Path | None:
    """The folder an embedder was loaded from, through whatever was put around it that leaves texts alone."""
    while embedder is not None:
        if (folder := getattr(embedder, "folder", None)) is not None:
            return Path(folder)
        embedder = getattr(embedder, "inner", None)
    return None


def _cards() -> int:
    import torch

    return torch.cuda.device_count()


def _start(folder: str, name: str, numbers: Any, cards: int) -> None:
    """In a worker: the embedder, on one thread or on a graphics card of its own (never run: there was none at hand)."""
    number = numbers.get()
    if cards:
        model = load_sentence_transformer(Path(folder)).to(f"cuda:{number % cards}")
        _own[:] = [LibraryEmbedder(model, name, "")]
    else:
        _own[:] = [load_embedder(folder, threads=1)]


def _embed(texts: list[str]) -> np.ndarray:
    return _own[0].embed(texts)
