"""The three small lines of the window: what is open, what is going on, which keys help (pure)."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.content import Content
from textual.style import Style

from agent.tui.commands import commands_for, starting_with
from agent.tui.turn import Turn
from agent.tui.words import one_line


def top_line(heading: str, subject: str, state: str, seconds: float) -> Content:
    """What is open, and whether the desk is: `state` is "" when it is ready, and begins with ! in trouble."""
    if state and not state.startswith("!"):
        state = f"{state} {seconds:.0f} s"
    return Content.assemble(
        ("Deskside", "bold $primary"),
        (f" {heading}", "$primary"),
        ("  ─  ", "dim"),
        one_line(subject, 60) or "new conversation",
        ("  ─  ", "dim"),
        (state or "ready", "$warning" if state else "$success"),
    )


def status_line(typed: str, active: Sequence[Turn], opening: bool) -> Content:
    """The commands a half-typed slash word can become, else what the desk does, else how to write."""
    if typed.startswith("/") and not typed.startswith("//") and not set(typed) & {"\n", " "}:
        matches = starting_with(typed, "window")[:5]
        if matches:
            return Content.assemble(*(part for m in matches for part in ((m.slash, "bold"), f" {m.help}   ")))
    if not active:
        return Content("Enter send · ^J new line · ^O picture · / commands")
    doing = "waiting for the desk to open" if opening else active[0].state()
    waiting = f" · {len(active) - 1} waiting" if len(active) > 1 else ""
    took = time.monotonic() - active[0].began
    return Content.assemble((f"● {doing}… ", "$accent"), f"{took:.0f} s · Esc stops{waiting}")


def key_line() -> Content:
    """The keys worth knowing, each to click as well: one widget, where a Footer has one for each key."""
    parts: list[Content] = []
    for command in commands_for("window"):
        if command.brief:
            key = Content.assemble((command.shown, "bold $accent"), f" {command.brief}")
            parts.append(key.stylize(Style.from_meta({"@click": f"screen.do('{command.name}')"})))
    return Content("  ").join(parts)
