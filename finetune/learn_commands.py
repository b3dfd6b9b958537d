"""`deskside learn`: what the desk knows becomes the next version, compared, gated, and promoted by a person."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from agent.commands.options import note, opened, say, with_settings
from agent.settings import Settings
from finetune.stopping import stop_kindly
from index.errors import UserError

if TYPE_CHECKING:
    from finetune.stages import LearnRecipe, Outcome
    from index.store import Store

STAGES = ("material", "embedder", "reranker", "deciders", "generator", "preferences", "measures", "compare", "gate")
SHOWN = (
    "hit@1",
    "hit@5",
    "mrr",
    "choice@1",
    "choice@10",
    "answered",
    "right",
    "strangers left alone",
    "supported",
    "facts",
    "chrF",
    "ROUGE-L",
    "intent",
    "intent macro F1",
    "reply facts",
    "reply supported",
    "passage taken",
    "passage left",
    "screens",
)


@click.command()
@click.option(
    "--stages", metavar="A,B", default=",".join(STAGES), show_default=True, help="The part of the road to go."
)
@click.option("--resume", is_flag=True, help="Go on with the run that was stopped or killed.")
@click.option("--follow", is_flag=True, help="Watch the run that goes on elsewhere; starts none.")
@click.option("--held-out", type=click.FloatRange(0.05, 0.6), default=0.2, show_default=True,
              help="Share of the latest conversations that is asked and never learned.")  # fmt: skip
@click.option("--ways", metavar="A,B", default="weights,turn", show_default=True,
              help="How the embedder may learn: all its weights, or a turn of the question (seconds).")  # fmt: skip
@click.option("--epochs", type=click.IntRange(1, 50), default=4, show_default=True)
@click.option("--rate", type=click.FloatRange(1e-7, 1.0), default=5e-5, show_default=True)
@click.option("--generator", type=click.FloatRange(min=0), default=0.0, show_default=True, metavar="MINUTES",
              help="Let the model that reads passages learn too, for so long. 0 leaves it: by default it only judges"
              " passages and the desk quotes.")  # fmt: skip
@click.option("--preferences", type=click.FloatRange(min=0), default=0.0, show_default=True, metavar="MINUTES",
              help="Let it learn from corrections and thumbs as well, for so long.")  # fmt: skip
@click.option("--generator-recipe", metavar="FILE", default="",
              help="Its rates, as `deskside finetune search` found them.")  # fmt: skip
@click.option("--most-wrong", type=click.FloatRange(0.0, 1.0), help="Set the caution so that at most this share of the "
              "answers is wrong (0.1).")  # fmt: skip
@click.option("--reranker/--no-reranker", default=True, show_default=True, help="How much each sign of a good source "
              "counts when the first ones found are looked at again (seconds).")  # fmt: skip
@click.option("--deciders/--no-deciders", default=True, show_default=True, help="Heads that tell the intent, what is "
              "foreign and what needs a person.")  # fmt: skip
@click.option("--seed", type=int, default=0)
@click.option("--when-new", type=click.IntRange(min=1), metavar="N", help="Only when N new conversations came in.")
@click.option("--watch", is_flag=True, help="Look again and again, and learn at low priority (with --when-new).")
@click.option("--every", type=click.FloatRange(min=0.01), default=60.0, show_default=True, help="Minutes, for --watch.")
@click.option("--auto-promote", is_flag=True, help="Put what passes the gate in use without asking.")
@click.option("--json", "as_json", is_flag=True, help="Progress and result as JSON lines.")
@with_settings
def learn(
    settings: Settings, stages: str, resume: bool, follow: bool, when_new: int | None, watch: bool, every: float,
    auto_promote: bool, as_json: bool, ways: str, **choices: Any,
) -> None:  # fmt: skip
    """Learn from the resolved conversations of the workspace and make the next version. Ctrl+C stops it; --resume goes
    on. Nothing changes at the desk until: deskside promote NAME"""
    store = opened(settings)
    if follow:
        _follow(store, settings, as_json)
        return
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: spinning threads stop each other
    from finetune.finding import WAYS
    from finetune.stages import LearnRecipe

    recipe = LearnRecipe(ways=_named(ways, WAYS, "--ways"), **choices)
    chosen = _named(stages, STAGES, "--stages")
    if watch:
        _watch(store, settings, recipe, when_new or 50, every, auto_promote, as_json)
        return
    if when_new and not resume:
        with stop_kindly() as stopping:
            _due(store, settings, recipe, chosen, when_new, auto_promote, as_json, stopping)
        return
    with stop_kindly() as stopping:
        _run(store, settings, recipe, chosen, resume, auto_promote, as_json, stopping)


def _named(text: str, known: tuple[str, ...], flag: str) -> tuple[str, ...]:
    names = tuple(each.strip() for each in text.split(",") if each.strip())
    wrong = [each for each in names if each not in known]
    if wrong or not names:
        raise UserError(f'{flag}: "{", ".join(wrong)}" is none of them.\nKnown: {", ".join(known)}.', "CONFIG")
    return names


def _run(
    store: Store, settings: Settings, recipe: LearnRecipe, stages: tuple[str, ...], resume: bool, auto_promote: bool,
    as_json: bool, stopping: Callable[[], bool],
) -> None:  # fmt: skip
    from finetune.loop import learn as go

    outcome = go(
        store, settings, recipe, stages=stages, resume=resume, auto_promote=auto_promote,
        tell=say if as_json else _told, stopping=stopping,
    )  # fmt: skip
    if as_json:
        say({**vars(outcome), "folder": str(outcome.folder)})
    else:
        _tell(outcome)


def _told(line: dict[str, Any]) -> None:
    """One line of progress for a person."""
    of = f" of {line['of']}" if "of" in line else f" ({line['share']:.0%})" if "share" in line else ""
    step = f" {line['step']}{of}" if "step" in line else ""
    loss = f", loss {line['loss']:.3f}" if "loss" in line else ""
    left = f", {line['eta'] / 60:.1f} min left" if line.get("eta") else ""
    took = f" in {line['seconds']:.0f} s" if line["text"] == "done" else ""
    note(f"{line['stage']}{step}{loss}{left} {line['text']}".rstrip() + took)


def _tell(outcome: Outcome) -> None:
    """What came out, the figures that matter, and what to type."""
    if not outcome.finished:
        note("Not at the end of the road. Go on: deskside learn --resume")
        return
    for line in table(outcome):
        click.echo(line)
    click.echo(f"{outcome.seconds / 60:.1f} min; the report: {outcome.folder / 'report.md'}")
    if outcome.promoted:
        click.echo(f"{outcome.name} passed the gate and is in use. Back: deskside rollback")
    elif outcome.accepted:
        click.echo(f"{outcome.name} passed the gate. Put it in use: deskside promote {outcome.name}")
    else:
        click.echo(f"The gate refuses it: {'; '.join(outcome.refusals)}")


def table(outcome: Outcome) -> list[str]:
    """The figures before and after with the interval of the difference, a line each."""
    told = [f"{'figure':<22} {'before':>7} {'after':>7}   difference [95 %]"]
    for name in SHOWN:
        each = outcome.figures.get(name)
        if each and each["before"] is not None:
            before, after, low, high = (each[end] for end in ("before", "after", "low", "high"))
            told.append(f"{name:<22} {before:>7.3f} {after:>7.3f}   {after - before:+.3f} [{low:+.3f}, {high:+.3f}]")
    return told


def _too_few(store: Store, settings: Settings, least: int, as_json: bool) -> bool:
    from finetune.loop import new_conversations

    count = new_conversations(store, settings.workspace)
    if count < least:
        told = f"{count} new conversations; learning waits for {least}."
        say({"new": count, "least": least}) if as_json else click.echo(told)
    return count < least


def _due(
    store: Store, settings: Settings, recipe: LearnRecipe, stages: tuple[str, ...], least: int, auto_promote: bool,
    as_json: bool, stopping: Callable[[], bool],
) -> None:  # fmt: skip
    """What is to be done by itself: a run that was broken off goes on, else a new one when enough came in. One that can
    not be gone on with, for another version is in use by now, begins anew: what it gathered would be missed."""
    from finetune.loop import broken_off

    if stages == STAGES and broken_off(store, settings.workspace):
        note("going on with the run that was broken off")
        try:
            _run(store, settings, recipe, STAGES, True, auto_promote, as_json, stopping)
        except UserError as trouble:
            if trouble.kind not in ("MISMATCH", "DAMAGED"):
                raise
            note(trouble.message)
            _run(store, settings, recipe, STAGES, False, auto_promote, as_json, stopping)
    elif not _too_few(store, settings, least, as_json):
        _run(store, settings, recipe, stages, False, auto_promote, as_json, stopping)


def _watch(
    store: Store, settings: Settings, recipe: LearnRecipe, least: int, every: float, auto_promote: bool, as_json: bool
) -> None:
    """Look for new conversations, learn niced, report, wait; until Ctrl+C. Trouble with one run ends that run only."""
    os.nice(10)
    with stop_kindly() as stopping:
        while not stopping():
            try:
                _due(store, settings, recipe, STAGES, least, auto_promote, as_json, stopping)
            except UserError as trouble:
                note(trouble.message)
            wake = time.monotonic() + 60 * every
            while not stopping() and time.monotonic() < wake:
                time.sleep(min(1.0, 60 * every))


def _follow(store: Store, settings: Settings, as_json: bool) -> None:
    """The lines of a run as they come, from its first to its last."""
    from finetune.loop import learn_folder, read_progress

    folder, seen = learn_folder(store, settings.workspace), 0
    if not read_progress(folder):
        raise UserError("No run has begun here.\nStart one: deskside learn", "CONFIG")
    while True:
        lines = read_progress(folder)
        seen = seen if len(lines) >= seen else 0  # a new run began
        for line in lines[seen:]:
            (say if as_json else _told)(line)
        seen = len(lines)
        if lines and lines[-1]["stage"] in ("finished", "stopped", "failed"):
            return
        time.sleep(0.5)
