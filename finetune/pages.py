"""The report of a run as a page for a person: what was better, what was worse, and by which tickets (pure)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from finetune import replying
from finetune.compare import METRICS, Comparison, Row
from finetune.gate import Verdict
from finetune.plots import grid, intervals, lines

LEAST_COUNTED = 9  # answers before a curve of risk begins


def page(
    name: str, base: str, comparison: Comparison, verdict: Verdict, card: Mapping[str, Any], learned: Mapping[str, Any]
) -> str:
    """report.md: the verdict first, then the table, the slices, the worst, the data."""
    told = [f"# {name} beside {base}", "", _verdict(verdict), ""]
    told += [f"{comparison.asked} later conversations, none of them, of their customers or pictures learned from.", ""]
    told += [*in_short(comparison), "![differences](differences.svg)", "![risk and coverage](risk.svg)", ""]
    told += [f"Seconds a question, median / p95: {_seconds(comparison, 'before')} -> {_seconds(comparison, 'after')}."]
    ece = comparison.calibration
    told += [f"Calibration error (ECE): {_number(ece['before']['ece'])} -> {_number(ece['after']['ece'])}.", ""]
    told += ["## What lost most", "", "With the answers of both versions; a person judges by these.", ""]
    told += [line for each in comparison.worst for line in _worst(each)] or ["Nothing lost.", ""]
    if comparison.worst_written:
        told += ["## Written replies that lost most", ""]
        told += [line for each in comparison.worst_written for line in _worst_written(each)]
    told += ["## Every figure", "", "Intervals are 95 % of the paired difference (bootstrap, seed 0).", ""]
    told += [*table(comparison.rows), "", *deciders(comparison)]
    told += ["## Slices", ""]
    for title, rows in comparison.slices.items():
        shown = [row for row in rows if row.name in ("hit@5", "mrr", "choice@1", "right", "answered", "intent")]
        told += [f"### {title}", "", *table(shown), ""]
    told += ["## What the figures are", "", *glossary(), ""]
    told += [
        "## How it was learned",
        "",
        *how(learned),
        "",
        "![loss](loss.svg)",
        "",
        "## The data",
        "",
        *data(card),
        "",
    ]
    return "\n".join(told)


# What a person who leads a desk asks first: the figure and its words.
SHORT = {
    "answered": "get an answer",
    "right": "get one that rests on the right ticket, or says what the team said",
    "hit@5": "find the right earlier ticket among the first five",
    "choice@1": "pick the team's own reply out of 100",
    "intent": "have their matter told right",
    "strangers left alone": "of other businesses are rightly left alone",
    "reply facts": "get a written reply with the facts of the passages",
}


def in_short(comparison: Comparison) -> list[str]:
    """The few figures that matter, as questions out of a hundred."""
    told = ["| of 100 questions | before | after | |", "|---|---|---|---|"]
    for name, words in SHORT.items():
        row = comparison.row(name)
        if row is not None and row.difference.count:
            each = row.difference
            sign = "surely more" if each.low > 0 else "**surely fewer**" if each.high < 0 else "no sure difference"
            told.append(f"| {words} | {100 * row.before:.0f} | {100 * row.after:.0f} | {sign} |")
    return [*told, ""] if len(told) > 2 else []


def how(learned: Mapping[str, Any]) -> list[str]:
    """A line a stage, and the choices of the run."""
    told = []
    if scores := learned.get("scores"):
        tried = ", ".join(f"{name} {_number(value)}" for name, value in scores.items())
        told.append(f"- embedder: {learned.get('way') or 'as before'}; on the kept pairs {tried}")
    for stage in ("reranker", "generator", "preferences"):
        each = learned.get(stage) or {}
        if each.get("learned") and "before" in each:
            told.append(f"- {stage}: exact on the held-out asks {each['before']} -> {each.get('after')}")
        elif note := each.get("note") or each.get("why"):
            told.append(f"- {stage}: {note}")
    recipe = learned.get("recipe") or {}
    chosen = ", ".join(f"{name} {value}" for name, value in recipe.items() if value not in (None, ""))
    return [*told, f"- recipe: {chosen}"]


def data(card: Mapping[str, Any]) -> list[str]:
    """The card of the material as a person reads it: the parts, what was left out and why, and the rest."""
    told = ["| part | pairs | customers | with a picture | from | to |", "|---|---|---|---|---|---|"]
    for name, part in dict(card.get("parts", {})).items():
        days = (str(part.get(end, ""))[:10] for end in ("from", "to"))
        told.append(f"| {name} | {part.get('pairs')} | {part.get('customers')} | {part.get('with_picture')} |"
                    f" {' | '.join(days)} |")  # fmt: skip
    left = ", ".join(f"{why} {count}" for why, count in dict(card.get("dropped", {})).items())
    told += ["", f"- left out of {card.get('read')}: {left or 'none'}"]
    sources = ", ".join(f"{name} {count}" for name, count in dict(card.get("sources", {})).items())
    told.append(f"- sources: {sources}")
    return told + _plain({key: value for key, value in card.items() if key not in ("parts", "dropped", "sources")})


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
    rows = [
        (f"{row.name} {row.before:.2f} → {row.after:.2f}", row.difference.mean, row.difference.low, row.difference.high)
        for row in comparison.rows
    ]
    curves = {name: tail(curve) for name, curve in comparison.curves.items()}
    heads = comparison.deciders
    more = {}
    if heads is not None:
        known = {name: tail(curve) for name, curve in heads.curves.items() if curve}
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
            "loss, smoothed",
            "share of the run",
            "loss",
            {name: smoothed(each) for name, each in losses.items()},
            up_to_one=False,
        ),
    }


def tail(curve: Sequence[tuple[float, float, float]]) -> list[tuple[float, float]]:
    """(share, wrong) without the first few answers: one wrong among two says nothing."""
    return [(coverage, risk) for _, coverage, risk in curve[LEAST_COUNTED:]] or [
        (coverage, risk) for _, coverage, risk in curve
    ]


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
