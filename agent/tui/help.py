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
                yield Static(_rows(self._commands), markup=False)
            yield Static("↑ ↓ scroll · Esc back", markup=False, classes="foot")

    def on_mount(self) -> None:
        self.query_one("#pages").focus()


def _rows(commands: Sequence[Command]) -> Content:
    parts: list[str | tuple[str, str]] = [("Writing\n", "bold $secondary")]
    for key, what in _WRITING:
        parts += [(f"  {key:<22}", "bold"), f"{what}\n"]
    parts.append(("\nCommands\n", "bold $secondary"))
    for command in commands:
        parts += [(f"  {command.shown:<9}", "bold $accent"), (f"{command.slash:<26} ", "bold"), f"{command.help}\n"]
    return Content.assemble(*parts)
