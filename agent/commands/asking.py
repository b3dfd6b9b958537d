"""`deskside ask`: one question or a file of them through the same desk as the window."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from agent.commands.options import batch_answers, image_of, note, opened, question_of, say, with_settings
from agent.commands.sending import after_answer, courier_of
from agent.events import Ended, Found, Said
from agent.settings import Settings
from index.errors import UserError


@click.command()
@click.argument("words", nargs=-1)
@click.option("--image", "images", multiple=True, type=click.Path(path_type=Path), help="A screenshot (repeatable).")
@click.option("--conversation", "conversation_id", metavar="ID", help="Go on with a chat.")
@click.option("--customer", metavar="ID", help="Whose question it is (so that `forget` finds it).")
@click.option(
    "--batch", type=click.Path(path_type=Path), help='JSONL of {"id", "question", "image"}; one line out each.'
)
@click.option("--model", metavar="REF", help="embedded, a Hub id or folder, openai:http://host:port/v1#name, none.")
@click.option("--writes", type=click.Choice(["auto", "always", "never"]), default="auto", help="When the model writes.")
@click.option("--top", type=int)
@click.option("--caution", type=float, help="Least confidence for an answer, 0..1.")
@click.option("--max-new-tokens", type=int)
@click.option("--json", "as_json", is_flag=True)
@with_settings
def ask(
    settings: Settings,
    words: tuple[str, ...],
    images: tuple[Path, ...],
    conversation_id: str | None,
    customer: str | None,
    batch: Path | None,
    writes: str,
    as_json: bool,
) -> None:
    """Ask a question, with screenshots or without, and print the cited answer."""
    from agent.parts import load_desk

    question = " ".join(words)
    if not batch and not question.strip() and not images and not conversation_id:
        raise UserError("Nothing was asked.\nGive a question, --image or --batch.", "LIMIT")
    quiet = as_json or batch is not None
    asks_back = not quiet and sys.stdin.isatty() and sys.stdout.isatty()
    store = opened(settings)
    desk = load_desk(store, settings, (lambda text: None) if quiet else note, writes, proposes=asks_back)
    if batch:
        for answer in batch_answers(batch, lambda row: _batch_answer(desk, row, batch.parent, customer)):
            say(answer)
    elif as_json:
        say(_answered(desk, question, list(images), conversation_id, customer))
    else:
        ended = _print_answer(desk, question, list(images), conversation_id, customer)
        after_answer(store, settings, ended.conversation_id)
        note(f"go on with: deskside ask --conversation {ended.conversation_id} ...")
        return
    courier_of(store, settings).deliver_due()  # what was promised just now, and what was due before


def answer_json(ended: Ended) -> dict[str, Any]:
    """The shape of `deskside ask --json`."""
    return {
        "answer": ended.answer,
        "decision": {
            "act": ended.decision.act,
            "reason": ended.decision.reason,
            "rule": ended.decision.rule,
            "confidence": round(ended.decision.confidence, 4),
            "intent": ended.decision.intent or None,
        },
        "citations": [
            {"n": each.n, "source_id": each.source_id, "passage": each.passage, "lines": list(each.lines)}
            for each in ended.citations
        ],
        "hits": [hit.as_json() for hit in ended.hits],
        "read": [picture.words for picture in ended.pictures],
        "seconds": ended.seconds,
        "version": ended.version,
        "conversation": ended.conversation_id,
        "turn": ended.turn_id,
        "stopped": ended.stopped,
    }


def _answered(desk: Any, question: str, images: list[Path], chat: str | None, customer: str | None) -> dict[str, Any]:
    for event in desk.answer(question, images, chat, customer=customer):
        if isinstance(event, Ended):
            known = desk.journal.handed_over(event.conversation_id)
            handed = {"number": known[0], "state": known[1]} if known else None
            return {**answer_json(event), "handover": handed}
    raise AssertionError("a desk always ends its turn")


def _batch_answer(desk: Any, row: dict[str, Any], folder: Path, customer: str | None) -> dict[str, Any]:
    chat = str(row["conversation"]) if row.get("conversation") else None
    return _answered(desk, question_of(row), image_of(row, folder), chat, customer)


def _print_answer(desk: Any, question: str, images: list[Path], chat: str | None, customer: str | None) -> Ended:
    """The answer as it is written, then its sources; a repaired reply is printed again whole."""
    spoken = ""
    for event in desk.answer(question, images, chat, customer=customer):
        if isinstance(event, Found):
            note(f"{len(event.hits)} sources in {event.seconds:.2f} s")
        elif isinstance(event, Said):
            spoken += event.text
            click.echo(event.text, nl=False)
        elif isinstance(event, Ended):
            click.echo()
            if event.answer.strip() != spoken.strip():
                click.echo(f"\n(checked against the sources)\n{event.answer}")
            click.echo()
            for cited in event.citations:
                click.echo(f"[{cited.n}] {cited.source_id}  {cited.title}  (lines {cited.lines[0]}-{cited.lines[1]})")
            intent = f", about {event.decision.intent}" if event.decision.intent else ""
            note(f"{event.decision.act}: {event.decision.reason}{intent} ({event.seconds['end']:.1f} s)")
            return event
    raise AssertionError("a desk always ends its turn")
