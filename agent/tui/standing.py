"""How a hand-over is put to a reader, the same in the window and in plain lines (pure); every foreign word cleaned."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.handover import Delivery, Handover, Step
from agent.packet import packet_lines
from agent.tui.words import one_line, since
from index.clean import clean

if TYPE_CHECKING:
    from textual.content import Content  # plain lines need no window: the functions that build one import it

_MARKS = {"urgent": "!!", "high": "! ", "normal": "  ", "low": "  "}
_TITLES = ("The matter", "Note", "Tried so far", "Screenshots", "Cases")


def bar_line(one: Handover) -> str:
    """One line about the open hand-over of a chat: where it stands, and which notices have not gone out."""
    if one.state == "proposed":
        return f"Hand-over {one.number} is not sent yet"
    if one.state == "claimed":
        unread = f" · {one.unread} in the inbox" if one.unread else ""
        return f"{one_line(one.holder, 40)} has this conversation, the desk is silent{unread}"
    return " · ".join([f"Hand-over {one.number} waits in the queue", *map(notice_line, one.deliveries)])


def notice_line(delivery: Delivery) -> str:
    """`webhook: tried again` and the like."""
    if delivery.state == "sent":
        return f"{delivery.target}: told"
    if delivery.state == "failed":
        return f"{delivery.target}: given up"
    return f"{delivery.target}: tried again" if delivery.tries else f"{delivery.target}: about to be told"


def row(one: Handover) -> Content:
    """Three short lines of the queue: nothing in it is told by colour alone."""
    from textual.content import Content

    state = "not sent" if one.state == "proposed" else one.state
    holder = f" by {one_line(one.holder, 30)}" if one.state == "claimed" else ""
    unread = f" · {one.unread} unread" if one.unread else ""
    down = "".join(f" · {each.target} not told" for each in one.deliveries if each.trouble and each.state != "sent")
    asked = one_line(one.packet.question or one.packet.note, 72) or "(nothing was asked yet)"
    return Content.assemble(
        (f"{_MARKS[one.packet.priority]}{one.number:>3}  ", "bold $accent"),
        (f"{state}{holder}", "bold"),
        (f"{unread}", "bold $warning"),
        (f" · {one.packet.priority} · {since(one.created_at)}{down}", "dim"),
        f"\n      {asked}",
        (f"\n      {one_line(one.reason, 72)}", "dim"),
    )


def packet_content(one: Handover, width: int = 0) -> Content:
    """The packet, headings marked; lines longer than `width` go on under their own beginning."""
    from textual.content import Content

    parts: list[str | tuple[str, str]] = []
    for line in packet_lines(one.packet):
        parts += [(line, "bold $secondary") if line in _TITLES else _hanging(line, width), "\n"]
    return Content.assemble(*parts[:-1])


def _hanging(line: str, width: int) -> str:
    """A line of a list, wrapped so that what is one thing looks like one."""
    indent = " " * (len(line) - len(line.lstrip(" -")))
    if not indent or width < 2 * len(indent) + 10:
        return line
    return textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False)


def talk_content(talk: Sequence[tuple[str, str]]) -> Content:
    """The conversation, each speaker on a line of their own."""
    from textual.content import Content

    parts: list[str | tuple[str, str]] = [("Conversation", "bold $secondary")]
    for who, text in talk:
        parts += ["\n", (clean(who), "bold"), f"\n  {clean(text)}".replace("\n", "\n  ").replace("\n    ", "\n  ")]
    return Content.assemble(*parts)


def steps_content(one: Handover, steps: Sequence[Step]) -> Content:
    """The audit and the notices."""
    from textual.content import Content

    parts: list[str | tuple[str, str]] = [("Steps", "bold $secondary")]
    for step in steps:
        why = f": {one_line(step.why, 160)}" if step.why else ""
        parts.append(f"\n{step.at}  {one_line(step.who, 40)}  {step.step}{why}")
    for delivery in one.deliveries:
        trouble = f" ({one_line(delivery.trouble, 120)})" if delivery.trouble else ""
        parts.append((f"\n{notice_line(delivery)}{trouble}", "dim"))
    return Content.assemble(*parts)
