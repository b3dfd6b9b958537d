"""The card of trained weights: what they are, from what, how they were made, and how good they are (pure text)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LICENCES = {
    "abcd-policy": "ABCD guidelines, MIT",
    "bitext": "Bitext customer support, CDLA-Sharing-1.0",
    "dstc9-val": "DSTC9 track 1, validation labels, Apache-2.0",
    "powerquery": "Power Query documentation, training articles, CC BY 4.0",
    "star": "STAR dialogues, MIT",
    "shop": "demo shop of this project, Apache-2.0",
    "topics": "made-up topics of this project, Apache-2.0",
    "screens": "screens drawn by this project, Apache-2.0",
    "own": "solved tickets of the workspace",
}
ANSWERING_SOURCES = {
    "topics": "made-up products of this project, Apache-2.0",
    "shelves": "shelves of made-up products of this project, Apache-2.0",
    "dstc9": "DSTC9 track 1, snippets of entities without official test labels, Apache-2.0",
    "powerquery": "Power Query documentation, training articles, CC BY 4.0",
    "bitext": "Bitext customer support, CDLA-Sharing-1.0",
    "unrelated": "questions and passages of the above that have nothing to do with one another",
    "intents": "BANKING77 (CC BY 4.0), CLINC150 (CC BY 3.0) and HWU64 (CC BY 4.0), training rows",
}
HEAD = """# Deskside's trained weights

LoRA adapter, vision tower and aim for the embedded dialogue model, put together by `deskside finetune ship`.
Licence: Apache-2.0. They read screenshots of user interfaces and write support replies from given passages, in English;
they know nothing by themselves and must not be used as a source of facts. What tells whether a passage answers a
question was trained by itself: see answering.md.
"""
ROLES = {
    "Language": "SmolLM2-135M-Instruct (Apache-2.0), frozen; the adapter is added to it",
    "Vision": "backbone of the PP-OCRv6 small text detector (Apache-2.0), trained on, with heads of our own",
    "Aim": "logistic regression over all-MiniLM-L6-v2 (Apache-2.0)",
}
CHOICES = (
    "strategy", "fusion", "rank", "alpha", "dropout", "first_layer", "lr_language", "weight_decay", "warm_up",
    "tokens_per_batch", "accumulation", "processes", "minutes", "epochs", "seed",
)  # fmt: skip


def model_card(adapter: Path, tower: Path, aim: Mapping[str, Any], data: Path | None = None, bench: str = "") -> str:
    """The card in Markdown. `adapter` is a best-* folder of a run, `tower` the tower of a run, `aim` its scores,
    `data` the card beside the examples, `bench` a report of `python -m bench.model` in Markdown.

    What a run did not leave (an adapter from elsewhere) is left out.
    """
    parts = [HEAD, "## Base\n\n" + "\n".join(f"- {name}: {what}." for name, what in ROLES.items())]
    if data is not None and (told := _read(data)):
        parts.append("## Data\n\n" + "\n".join(_sources(told)))
    parts.append("## Recipe\n\n" + "\n".join([*_generator(adapter), *_tower(tower)]))
    parts.append("## Scores on held-out material\n\n" + "\n".join([*_asked(adapter), *_seen(tower), f"- Aim: {aim}."]))
    if bench:
        parts.append("## Before and after\n\n" + _deeper(bench))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def answering_card(papers: Mapping[str, Any]) -> str:
    """The card of what tells whether a passage answers, from its papers (finetune.answering)."""
    held = papers.get("held out", {})
    parts = [
        "# Does this passage answer the question?",
        "A cross-encoder of six layers that reads a question and a passage together, trained by `deskside finetune\n"
        "answering`. Licence: Apache-2.0. It judges English; what it says is a share that the desk weighs with other\n"
        "signs, never an answer.",
        "## Base",
        "all-MiniLM-L6-v2 (Apache-2.0): its word vectors as they are, its layers trained on. Only the layers and the\n"
        "head are in the file, in half precision.",
        "## Data and recipe",
        "\n".join(_answering_run(papers)),
        "Wrong passages are the nearest ones by vectors that do not answer; about every product of a made-up shelf a\n"
        "question is asked that nothing there answers. No official test rows, and nothing of the demo shop.",
        "## Scores on kinds of business that were held out",
        "\n".join(f"- {name}: {value:.3f}" if value <= 1 else f"- {name}: {value:.0f}" for name, value in held.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _answering_run(papers: Mapping[str, Any]) -> list[str]:
    """The run, after the one that it began with."""
    before = _answering_run(papers["before"]) if "before" in papers else []
    recipe = ", ".join(f"{name} {value}" for name, value in papers.get("recipe", {}).items() if value is not None)
    lines = [f"- {'From there on: ' if before else ''}{recipe}; {papers.get('steps', 0):,} steps."]
    sources = papers.get("sources", {})
    lines += [f"  - {ANSWERING_SOURCES.get(name, name)}: {count:,} pairs" for name, count in sources.items()]
    return [*before, *lines]


def _read(file: Path) -> dict[str, Any]:
    try:
        told = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _sources(card: Mapping[str, Any]) -> list[str]:
    """One line for each origin of the examples, layouts of drawn screens together."""
    counts: dict[str, int] = {}
    for source, count in card.get("sources", {}).items():
        counts[source.partition(":")[0]] = counts.get(source.partition(":")[0], 0) + int(count)
    kinds = card.get("kinds", {})
    lines = [f"- {LICENCES.get(source, source)}: {count:,} examples" for source, count in sorted(counts.items())]
    if kinds:
        lines.append(
            "- Questions: " + ", ".join(f"{kind or 'other'} {count:,}" for kind, count in sorted(kinds.items()))
        )
    return [*lines, f"- Choices: {json.dumps(card.get('choices', {}))}"]


def _generator(adapter: Path) -> list[str]:
    """The run that left the adapter, after those that it began with."""
    recipe = _read(adapter.parent / "recipe.json")
    before = _generator(Path(recipe["start_from"])) if recipe.get("start_from") else []
    chosen = ", ".join(f"{name} {recipe[name]}" for name in CHOICES if name in recipe)
    log = _log(adapter.parent / "log.jsonl")
    steps = [line for line in log if "loss" in line]
    spent = next((line["seconds"] for line in reversed(log) if "seconds" in line), None)
    lines = [f"- Generator{', from there on' if before else ''}: {chosen}."] if chosen else []
    if steps and spent:
        lines.append(
            f"- It ran {steps[-1]['step']:,} steps over {steps[-1]['tokens']:,} tokens in {spent / 60:.0f} min."
        )
    return [*before, *lines]


def _tower(tower: Path) -> list[str]:
    recipe = _read(tower.parent / "recipe.json")
    log = _log(tower.parent / "log.jsonl")
    lines = [f"- Tower: {', '.join(f'{name} {value}' for name, value in recipe.items())}."] if recipe else []
    if log and "elapsed" in log[-1]:
        lines.append(f"- It ran {log[-1]['step']:,} steps in {log[-1]['elapsed'] / 60:.0f} min of training.")
    return lines


def _log(file: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError):
        return []


def _asked(adapter: Path) -> list[str]:
    state = _read(adapter / "state.json")
    if state.get("score") is None:
        return []
    kinds = ", ".join(f"{kind} {right}/{asked}" for kind, (right, asked) in state.get("kinds", {}).items())
    return [f"- Generator, held-out asks answered to the letter: {state['score']:.3f} ({kinds})."]


def _seen(tower: Path) -> list[str]:
    scores = _read(tower.parent / "scores.json")
    if not scores:
        return []
    every = scores["all"]
    parts = [
        f"{name} {every[name]}" for name in ("recall", "precision", "state", "colour", "value", "tip") if name in every
    ]
    return [f"- Tower, {scores['screens']} drawn test screens: {', '.join(parts)}; page {scores['page']}."]


def _deeper(report: str) -> str:
    """A report under a heading of the card: its own headings one deeper, its title gone."""
    lines = [line for line in report.splitlines() if not line.startswith("# ")]
    return "\n".join(f"#{line}" if line.startswith("## ") else line for line in lines)
