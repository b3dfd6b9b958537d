"""The three small lines of the window: what is open, what is going on, which keys help (pure)."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.content import Content
from textual.style import Style

from agent.tui.commands import Command
from agent.tui.turn import Turn
from agent.tui.words import one_line


def top_line(heading: str, subject: str, state: str, seconds: float, width: int = 1_000) -> Content:
    """What is open, and whether the desk is: `state` is "" when it is ready, and begins with ! in trouble. Where there
    is little room the subject is cut, never the state."""
    if state and not state.startswith("!"):
        state = f"{state} {seconds:.0f} s"
    room = width - len(f"Deskside {heading}  ─    ─  {state or 'ready'}")
    return Content.assemble(
        ("Deskside", "bold $primary"),
        (f" {heading}", "$primary"),
        ("  ─  ", "dim"),
        Content(one_line(subject, 60) or "new conversation").truncate(max(10, room), ellipsis=True),
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


_LAST = 2  # of the keys stay to the end: all commands, and the way out


def key_line(commands: Sequence[Command], width: int = 1_000) -> Content:
    """The keys worth knowing, each to click as well: one widget, where a Footer has one for each key. Where not all of
    them fit, those before the last two are left out whole; ^P has them."""
    told = [
        (command.shown, command.brief, f"screen.do('{command.name}')")
        for command in commands
        if command.brief and command.key
    ]
    told.insert(-1, ("^P", "all", "app.command_palette"))
    while len(told) > _LAST + 1 and keys_content(told).cell_length > width:
        told.pop(-_LAST - 1)
    return keys_content(told)


def keys_content(told: Sequence[tuple[str, str, str]]) -> Content:
    """Keys with what they do, (key, word, action), each to click as well."""
    parts: list[Content] = []
    for key, word, action in told:
        text = Content.assemble((key, "bold $accent"), f" {word}")
        parts.append(text.stylize(Style.from_meta({"@click": action})) if action else text)
    return Content("  ").join(parts)
