"""The report of a run as a page for a person: what was better, what was worse, and by which tickets (pure)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from finetune import replying
from finetune.compare import METRICS, Comparison, Row
from finetune.gate import Verdict
from finetune.plots import grid, intervals, lines


def page(
    name: str, base: str, comparison: Comparison, verdict: Verdict, card: Mapping[str, Any], learned: Mapping[str, Any]
) -> str:
    """report.md: the verdict first, then the table, the slices, the worst, the data."""
    told = [f"# {name} beside {base}", "", _verdict(verdict), ""]
    told += [f"{comparison.asked} later conversations, none of them, of their customers or pictures learned from."]
    told += ["Intervals are 95 % of the paired difference (bootstrap, seed 0).", ""]
    told += [*table(comparison.rows), ""]
    told += [f"Seconds a question, median / p95: {_seconds(comparison, 'before')} -> {_seconds(comparison, 'after')}."]
    ece = comparison.calibration
    told += [f"Calibration error (ECE): {_number(ece['before']['ece'])} -> {_number(ece['after']['ece'])}.", ""]
    told += ["![differences](differences.svg)", "![risk and coverage](risk.svg)", "![loss](loss.svg)", ""]
    told += deciders(comparison)
    told += ["## Slices", ""]
    for title, rows in comparison.slices.items():
        shown = [row for row in rows if row.name in ("hit@5", "mrr", "choice@1", "right", "answered", "intent")]
        told += [f"### {title}", "", *table(shown), ""]
    told += ["## What lost most", ""]
    told += [line for each in comparison.worst for line in _worst(each)] or ["Nothing lost.", ""]
    if comparison.worst_written:
        told += ["## Written replies that lost most", ""]
        told += [line for each in comparison.worst_written for line in _worst_written(each)]
    told += ["## What the figures are", "", *glossary(), ""]
    told += ["## How it was learned", "", *_plain(learned), "", "## The data", "", *_plain(card), ""]
    return "\n".join(told)


def table(rows: Sequence[Row]) -> list[str]:
    """Lines of a Markdown table."""
    told = ["| figure | n | before | after | difference | |", "|---|---|---|---|---|---|"]
    for row in rows:
        each = row.difference
        if not each.count:
            continue
        sign = "better" if each.low > 0 else "**worse**" if each.high < 0 else ""
        told.append(
            f"| {row.name} | {each.count} | {row.before:.3f} | {row.after:.3f} | {each.mean:+.3f}"
            f" [{each.low:+.3f}, {each.high:+.3f}] | {sign} |"
        )
    return told


def pictures(comparison: Comparison, losses: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """The SVG files that go with the page, by name."""
    rows = [(row.name, row.difference.mean, row.difference.low, row.difference.high) for row in comparison.rows]
    curves = {name: [(coverage, risk) for _, coverage, risk in curve] for name, curve in comparison.curves.items()}
    heads = comparison.deciders
    more = {}
    if heads is not None:
        known = {
            name: [(coverage, risk) for _, coverage, risk in curve] for name, curve in heads.curves.items() if curve
        }
        more = {
            "intents.svg": lines("wrong intents at each share of questions named", "named", "wrong", known),
            "confusion.svg": grid(
                "intent wanted (rows) and said (columns), most confused first", heads.labels, heads.matrix
            ),
        }
    return more | {
        "differences.svg": intervals("after - before, with 95 % intervals", rows),
        "risk.svg": lines("wrong answers at each share of questions answered", "answered", "wrong", curves),
        "loss.svg": lines(
            "loss, smoothed", "share of the run", "loss", {name: smoothed(each) for name, each in losses.items()}
        ),
    }


def deciders(comparison: Comparison) -> list[str]:
    """What the heads tell, class by class, and the earlier intents asked again."""
    told: list[str] = []
    if comparison.deciders is not None:
        told += ["## Deciders", "", *comparison.deciders.markdown()]
        told += ["![intents, risk and coverage](intents.svg)", "![confusion](confusion.svg)", ""]
    if comparison.earlier:
        told += ["## Earlier intents asked again", "", "Questions that no version ever learned.", ""]
        told += ["| intent | figure | n | before | after | difference | |", "|---|---|---|---|---|---|---|"]
        for each in comparison.earlier:
            gain, sign = each.difference, "**dropped**" if each.dropped else ""
            told.append(
                f"| {each.intent} | {each.figure} | {each.asked} | {each.before:.2f} | {each.after:.2f} | "
                f"{gain.mean:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}] | {sign} |"
            )
        told.append("")
    return told


def smoothed(losses: Sequence[float], points: int = 60) -> list[tuple[float, float]]:
    """(share of the run, mean of the losses there), at most so many: single steps differ more than a run moves."""
    size = max(1, math.ceil(len(losses) / points))
    parts = [losses[at : at + size] for at in range(0, len(losses), size)]
    return [((at + 1) / len(parts), sum(part) / len(part)) for at, part in enumerate(parts)]


def glossary() -> list[str]:
    """What each figure is, a line each."""
    return [f"- {name}: {what}" for name, (what, _) in {**METRICS, **replying.METRICS}.items()]


def _verdict(verdict: Verdict) -> str:
    if verdict.accepted:
        better = f" Surely better: {'; '.join(verdict.better)}." if verdict.better else ""
        return f"**The gate lets it pass.**{better}"
    return "**The gate refuses it:** " + "; ".join(verdict.refusals) + "."


def _worst(each: Mapping[str, Any]) -> list[str]:
    told = [f"### {each['ticket']} (lost {each['lost']})", "", f"> {_line(each['question'])}", ""]
    for side in ("before", "after"):
        one = each[side]
        told.append(f"- {side}: {one['act']} from {one['source'] or 'nothing'}, found {', '.join(one['first'])}")
        if one["answer"]:
            told.append(f"  > {_line(one['answer'])}")
    return [*told, f"- the team: {_line(each['reply of the team'])}", ""]


def _worst_written(each: Mapping[str, Any]) -> list[str]:
    told = [f"### {each['ticket']} (lost {each['lost']})", "", f"> {_line(each['question'])}", ""]
    told += [f"- {side}: {_line(each[side]['reply']) or 'that nothing answers'}" for side in ("before", "after")]
    told += [f"- the passages: {_line(each['passages say']) or 'nothing of it'}"]
    return [*told, f"- the team: {_line(each['reply of the team'])}", ""]


def _line(text: str) -> str:
    return " ".join(str(text).split())[:400]


def _plain(values: Mapping[str, Any], before: str = "- ") -> list[str]:
    return [f"{before}{name}: {value}" for name, value in values.items()]


def _seconds(comparison: Comparison, side: str) -> str:
    return f"{comparison.seconds[side]['median']:.3f} / {comparison.seconds[side]['p95']:.3f}"


def _number(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "-"
