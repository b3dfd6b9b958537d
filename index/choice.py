"""Which index fits: by how many vectors there are and how much memory they may take, with the reason (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["flat", "ivf", "hnsw"]
KINDS: tuple[Kind, ...] = get_args(Kind)

FLAT_NUMBERS = 50_000 * 384  # up to here every vector is compared, as 16-bit floats; nothing to train
ID_BYTES = 16  # a passage id and a place in a list
HNSW_LINKS = 32
# Dimensions that share one 4-bit code, finest first. Measured with faiss 1.15 on 100,000 MiniLM vectors mixed from
# 20,000 messages, one AVX-512 core, p50 ms at recall@10 .98 / .99: by 2 .083 / .115, by 4 .118 / .198; HNSW32 .195.
FINENESS = (2, 4, 8)


@dataclass(frozen=True)
class Choice:
    """A kind of index, how finely its codes tell vectors apart, and why this one. `bytes_each` is memory a vector takes
    at least; rows that are mapped from the disk are not in it."""

    kind: Kind
    dimensions_a_code: int
    bytes_each: float
    reason: str


def choose(count: int, dimension: int, kind: Kind | None = None, memory_mb: int = 0) -> Choice:
    """The index for so many vectors; `kind` was asked for by a person, `memory_mb` is the most it may take (0: any).

    HNSW is never chosen by itself: at the same recall it answers no sooner than lists with codes, takes many times
    their memory and time to build, and forgets removed vectors only when built anew.
    """
    limit = memory_mb * 2**20 if memory_mb else float("inf")

    def fits(each: float) -> bool:
        return count * each <= limit

    if kind == "hnsw":
        return Choice("hnsw", 0, graph_bytes(dimension), "asked for")
    if kind == "flat" or (kind is None and count * dimension <= FLAT_NUMBERS and fits(flat_bytes(dimension))):
        reason = "asked for" if kind else f"{count:,} vectors: all are compared, exactly"
        return Choice("flat", 0, flat_bytes(dimension), reason)
    small = count * dimension <= FLAT_NUMBERS
    reason = "asked for" if kind else f"{count:,} vectors" + (f" in at most {memory_mb:,} MB" if small else "")
    reason += ": lists with codes, the best compared again"
    for dimensions in FINENESS:
        each = coded_bytes(dimension, dimensions)
        if fits(each) or dimensions == FINENESS[-1]:
            break
    if dimensions != FINENESS[0]:
        reason += f"; coarser codes to stay within {memory_mb:,} MB"
    return Choice("ivf", dimensions, each, reason)


def flat_bytes(dimension: int) -> float:
    """Memory a vector takes when it is kept whole, in 16-bit floats."""
    return 2 * dimension + ID_BYTES


def graph_bytes(dimension: int) -> float:
    """Memory a vector takes in a graph: its links; the vector itself is mapped from the disk."""
    return 4 * 2.1 * HNSW_LINKS + ID_BYTES / 2


def coded_bytes(dimension: int, dimensions_a_code: int) -> float:
    """Memory a vector takes in a list with codes; the vector itself is mapped from the disk."""
    return code_parts(dimension, dimensions_a_code) / 2 + ID_BYTES + 1 / 8


def code_parts(dimension: int, dimensions_a_code: int) -> int:
    """In how many equal parts a vector is coded: the most that divide it with so many dimensions each, or more."""
    most = max(1, dimension // dimensions_a_code)
    return next(parts for parts in range(most, 0, -1) if dimension % parts == 0)


def choose_kind(count: int, dimension: int) -> Kind:
    """The kind of index for so many vectors."""
    return choose(count, dimension).kind
