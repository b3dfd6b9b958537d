"""`deskside handovers`: the conversations a person was promised for, from the queue to the last word."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from agent.commands.options import note, opened, say, with_settings
from agent.commands.sending import courier_of, delivery_line, queue_of
from agent.settings import Settings, person_name
from index.clean import clean

if TYPE_CHECKING:
    from agent.handover import Handover
    from index.store import Store

_AS = click.option("--as", "who", metavar="NAME", help="Your name (default: the setting person, else your login).")
_JSON = click.option("--json", "as_json", is_flag=True)
_NUMBER = click.argument("number", type=int)


@click.group()
def handovers() -> None:
    """Conversations waiting for a person: list them, take one, reply, hand back, close."""


@handovers.command("list")
@click.option("--all", "all_states", is_flag=True, help="Those not sent, handed back, closed and withdrawn too.")
@_JSON
@with_settings
def list_(settings: Settings, all_states: bool, as_json: bool) -> None:
    """Who waits: unread questions first, then the most pressing, then the longest waiting."""
    from agent.queue import EVERY, LIVE

    rows = queue_of(opened(settings), settings).waiting(EVERY if all_states else LIVE)
    for one in rows:
        if as_json:
            say(as_json_line(one))
        else:
            for line in summary_lines(one):
                click.echo(line)
    if not rows and not as_json:
        click.echo("Nobody waits.")


@handovers.command()
@_NUMBER
@_JSON
@with_settings
def show(settings: Settings, number: int, as_json: bool) -> None:
    """The packet, the conversation, the notices and every step of a hand-over."""
    from agent.packet import packet_lines

    queue = queue_of(opened(settings), settings)
    one, talk, steps = queue.one(number), queue.talk(number), queue.steps(number)
    if as_json:
        messages = [{"who": who, "text": text} for who, text in talk]
        say({**as_json_line(one), "messages": messages, "steps": [asdict(step) for step in steps]})
        return
    click.echo(f"Hand-over {number} {one.standing}: {one.conversation}")
    for line in packet_lines(one.packet):
        click.echo(line)
    click.echo("\nConversation")
    for who, text in talk:
        click.echo(f"  {clean(who)}: {clean(text)}".replace("\n", "\n    "))
    click.echo("\nSteps")
    for step in steps:
        why = f": {clean(step.why)}" if step.why else ""
        click.echo(f"  {step.at}  {clean(step.who)}  {step.step}  {step.from_state or '-'} > {step.to_state}{why}")
    for delivery in one.deliveries:
        click.echo(f"  {delivery_line(delivery)}")


@handovers.command()
@_NUMBER
@click.option("--note", "remark", help="What the colleague should know.")
@click.option("--contact", help="How the customer is reached.")
@click.option("--priority", type=click.Choice(["low", "normal", "high", "urgent"]))
@_AS
@_JSON
@with_settings
def send(
    settings: Settings,
    number: int,
    remark: str | None,
    contact: str | None,
    priority: str | None,
    who: str | None,
    as_json: bool,
) -> None:
    """Send a hand-over that was only proposed, its note, contact and priority as you give them."""
    store = opened(settings)
    queue = queue_of(store, settings)
    queue.send(number, note=remark, contact=contact, priority=priority, who=who or person_name(settings) or "customer")
    courier_of(store, settings).deliver_due(number)
    one = queue.one(number)
    _tell(one, as_json, "\n".join([f"Hand-over {number} {one.standing}.", *map(delivery_line, one.deliveries)]))


@handovers.command()
@_NUMBER
@_AS
@click.option("--why", default="", help="A word for the audit.")
@_JSON
@with_settings
def cancel(settings: Settings, number: int, who: str | None, why: str, as_json: bool) -> None:
    """Withdraw a hand-over that nobody has taken yet."""
    one = queue_of(opened(settings), settings).cancel(number, who or person_name(settings) or "customer", why)
    _tell(one, as_json, f"Hand-over {number} withdrawn.")


@handovers.command()
@_NUMBER
@_AS
@click.option("--take-over", is_flag=True, help="Take it from the person who holds it.")
@_JSON
@with_settings
def claim(settings: Settings, number: int, who: str | None, take_over: bool, as_json: bool) -> None:
    """Take a hand-over; until you release or close it the desk is silent there."""
    one = queue_of(opened(settings), settings).claim(number, who or person_name(settings), take_over)
    _tell(one, as_json, f"Hand-over {number} is yours, {one.holder}. The desk is silent in {one.conversation}.")


@handovers.command()
@_NUMBER
@click.argument("words", nargs=-1, required=True)
@_AS
@_JSON
@with_settings
def reply(settings: Settings, number: int, words: tuple[str, ...], who: str | None, as_json: bool) -> None:
    """Answer the customer yourself; "-" reads the reply from the standard input."""
    text = sys.stdin.buffer.read(1_000_000).decode("utf-8", "replace") if words == ("-",) else " ".join(words)
    queue = queue_of(opened(settings), settings)
    queue.reply(number, who or person_name(settings), text)
    _tell(queue.one(number), as_json, f"Said in {queue.one(number).conversation}.")


@handovers.command()
@_NUMBER
@_AS
@click.option("--why", default="", help="A word for the audit.")
@click.option("--no-answer", is_flag=True, help="Leave what came meanwhile for the next question.")
@_JSON
@with_settings
def release(settings: Settings, number: int, who: str | None, why: str, no_answer: bool, as_json: bool) -> None:
    """Hand the conversation back to the desk, which answers what came meanwhile and got no reply."""
    store = opened(settings)
    queue = queue_of(store, settings)
    left = queue.release(number, who or person_name(settings), why)
    one = queue.one(number)
    if not as_json:
        click.echo(f"Hand-over {number} is released; the desk has {one.conversation} again.")
    answer = "" if no_answer or not left else _go_on(store, settings, one.conversation, as_json)
    if as_json:
        say({**as_json_line(one), "left": left, "answer": answer})
    elif answer:
        click.echo(f"The desk answered what came meanwhile:\n{clean(answer)}")


@handovers.command()
@_NUMBER
@_AS
@click.option("--why", default="", help="A word for the audit.")
@click.option("--anyway", is_flag=True, help="Even if questions have no reply.")
@_JSON
@with_settings
def close(settings: Settings, number: int, who: str | None, why: str, anyway: bool, as_json: bool) -> None:
    """The matter is done."""
    one = queue_of(opened(settings), settings).close(number, who or person_name(settings), why, anyway)
    _tell(one, as_json, f"Hand-over {number} closed.")


@handovers.command()
@click.argument("number", type=int, required=False)
@click.option("--wait", is_flag=True, help="Stay until every notice has gone out or was given up.")
@_JSON
@with_settings
def retry(settings: Settings, number: int | None, wait: bool, as_json: bool) -> None:
    """Try the notices that have not gone out, now: folder, mail, webhook."""
    store = opened(settings)
    queue, courier = queue_of(store, settings), courier_of(store, settings)
    due = queue.retry(number)
    if not due and not as_json:
        click.echo("Every notice has gone out.")
    courier.deliver_due(number)
    while wait and courier.wait_until_due(number):
        courier.deliver_due(number)
    for one in [queue.one(number)] if number is not None else queue.waiting():
        if as_json:
            say(as_json_line(one))
        else:
            for delivery in one.deliveries if due else ():
                click.echo(f"{one.number:>4}  {delivery_line(delivery)}")


def as_json_line(one: Handover) -> dict[str, Any]:
    """The shape of `deskside handovers ... --json`."""
    packet = one.packet.as_json()
    rest = {name: value for name, value in asdict(replace(one, packet=None)).items() if name != "packet"}  # type: ignore[arg-type]
    return {**rest, "standing": one.standing, "question": one.packet.question, "packet": packet}


def summary_lines(one: Handover) -> list[str]:
    """Two lines of the list."""
    unread = f", {one.unread} unread" if one.unread else ""
    trouble = "".join(f", {each.target} not told" for each in one.deliveries if each.trouble and each.state != "sent")
    holder = f" by {clean(one.holder)}" if one.state == "claimed" else ""
    state = "not sent" if one.state == "proposed" else one.state
    place = f"{one.packet.priority}  {one.created_at}  {one.conversation}"
    first = f"{one.number:>4}  {state}{holder}{unread}  {place}{trouble}"
    asked = " ".join(clean(one.packet.question or one.packet.note).split())[:110]
    return [first, f"      {asked or '(nothing was asked yet)'}", f"      because {clean(one.reason)}"]


def _go_on(store: Store, settings: Settings, conversation: str, quiet: bool) -> str:
    """What the desk answers to what came while a person held the chat."""
    from agent.events import Ended
    from agent.parts import load_desk

    desk = load_desk(store, settings, (lambda text: None) if quiet else note)
    try:
        return next(event.answer for event in desk.answer("", (), conversation) if isinstance(event, Ended))
    finally:
        desk.close()


def _tell(one: Handover, as_json: bool, text: str) -> None:
    if as_json:
        say(as_json_line(one))
    else:
        click.echo(text)
