"""What a benchmark hands back and how it looks: Markdown for people, figures for the next comparison (pure)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any

from index.measure import Estimate, median, p95


@dataclass(frozen=True)
class Report:
    """One subject: Markdown lines under a title, the same numbers by name, and rows worth looking into."""

    title: str
    lines: tuple[str, ...]
    figures: dict[str, Any]
    details: tuple[dict[str, Any], ...] = ()

    def markdown(self) -> str:
        """The section as it is printed."""
        return "\n".join((f"## {self.title}", "", *self.lines)).rstrip() + "\n"


@dataclass
class Writer:
    """Collects the lines and figures of one subject while it is measured."""

    title: str
    lines: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    details: list[dict[str, Any]] = field(default_factory=list)

    def say(self, *lines: str) -> None:
        """Add a paragraph."""
        self.lines += [*lines, ""]

    def done(self) -> Report:
        """The finished report."""
        return Report(self.title, tuple(self.lines), plain(self.figures), tuple(self.details))


def skipped(title: str, reason: str) -> Report:
    """A subject that could not be measured here, and why."""
    return Report(title, (f"Skipped: {reason}",), {"skipped": reason})


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """A Markdown table; the first column is text, the others are right-aligned."""
    cells = [[str(each) for each in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    rule = ["-" * (width + 2) if not at else "-" * (width + 1) + ":" for at, width in enumerate(widths)]
    lines = [f"| {' | '.join(_aligned(row, widths))} |" for row in cells]
    return [lines[0], f"|{'|'.join(rule)}|", *lines[1:]]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The cells at their column's width, the first to the left."""
    padded = zip(row, widths, strict=True)
    return [cell.rjust(width) if at else cell.ljust(width) for at, (cell, width) in enumerate(padded)]


def share(estimate: Estimate) -> str:
    """ "0.95 [0.90, 0.99]": a mean with its 95 % interval; "-" when nothing was measured."""
    if not estimate.count:
        return "-"
    return f"{estimate.mean:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]"


def milliseconds(seconds: Sequence[float]) -> str:
    """ "12 / 34": median and p95 in milliseconds; "-" of nothing."""
    return f"{1000 * median(seconds):,.0f} / {1000 * p95(seconds):,.0f}" if seconds else "-"


def plain(value: Any) -> Any:
    """The value as JSON can hold it: dataclasses as objects, NaN as null, floats to six digits."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
