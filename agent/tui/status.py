"""The three small lines of the window: what is open, what is going on, which keys help (pure)."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.content import Content
from textual.style import Style

from agent.tui.commands import Command
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


def status_line(typed: str, active: Sequence[Turn], opening: bool, editing: bool = False) -> Content:
    """What the desk does, else how to write."""
    if typed.startswith("/") and not typed.startswith("//") and "\n" not in typed:
        return Content("↑ ↓ choose · Tab takes it · Enter does it · Esc closes · // for a slash")
    if editing and not active:
        return Content("Enter asks this instead of the last question · Esc leaves it as it was")
    if not active:
        return Content("Enter send · ^J new line · ^O picture · / commands")
    doing = "waiting for the desk to open" if opening else active[0].state()
    waiting = f" · {len(active) - 1} waiting" if len(active) > 1 else ""
    took = time.monotonic() - active[0].began
    return Content.assemble((f"● {doing}… ", "$accent"), f"{took:.0f} s · Esc stops{waiting}")


def key_line(commands: Sequence[Command]) -> Content:
    """The keys worth knowing, each to click as well: one widget, where a Footer has one for each key."""
    parts: list[Content] = []
    for command in commands:
        if command.brief and command.key:
            key = Content.assemble((command.shown, "bold $accent"), f" {command.brief}")
            parts.append(key.stylize(Style.from_meta({"@click": f"screen.do('{command.name}')"})))
    palette = Content.assemble(("^P", "bold $accent"), " all")
    parts.insert(-1, palette.stylize(Style.from_meta({"@click": "app.command_palette"})))
    return Content("  ").join(parts)
