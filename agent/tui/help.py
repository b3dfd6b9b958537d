"""Help: every key and slash command, out of the one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from agent.tui.commands import Command

ROOM = 96  # columns that the table needs
_WRITING = (
    ("Enter", "Send the question (it waits if the desk is busy)"),
    ("^J", "New line"),
    ("↑ on the first line", "The question before"),
    ("paste or drag", "The path of a picture attaches it"),
    ("Backspace, box empty", "Take the last picture off"),
    ("^P", "All commands, to search in"),
)


class HelpScreen(ModalScreen[None]):
    """Closed by Esc or F1."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", "back")]

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        with Vertical(classes="box tall wide"):
            yield Static("What can be done here", markup=False, classes="head")
            with VerticalScroll(id="pages"):
                yield Static("", markup=False)
            yield Static("↑ ↓ scroll · Esc back", markup=False, classes="foot")

    def on_mount(self) -> None:
        self.query_one("#pages").focus()

    def on_resize(self) -> None:
        wide = self.size.width >= ROOM
        self.query_one("#pages", VerticalScroll).query_one(Static).update(_rows(self._commands, wide))


def _rows(commands: Sequence[Command], wide: bool) -> Content:
    """In columns, or where there is no room for them each thing under its keys."""
    parts: list[str | tuple[str, str]] = [("Writing\n", "bold $secondary")]
    for key, what in _WRITING:
        parts += [(f"  {key:<22}", "bold"), f"{what}\n"] if wide else [(f"{key}\n", "bold"), f"  {what}\n"]
    parts.append(("\nCommands\n", "bold $secondary"))
    for each in commands:
        if wide:
            parts += [(f"  {each.shown:<9}", "bold $accent"), (f"{each.slash:<26} ", "bold"), f"{each.help}\n"]
        else:
            parts += [(each.slash, "bold"), (f"  {each.shown}\n", "bold $accent"), f"  {each.help}\n"]
    return Content.assemble(*parts)
