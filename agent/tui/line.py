"""One line asked of a person: a reason, a title."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from agent.tui.words import one_line

UNDONE = "\x00"  # what is given when the same key is pressed again: no text can hold it


class LineScreen(ModalScreen[str | None]):
    """Dismissed with the line, or None. `ready` are lines to choose from with the arrows; `again` is a key that
    takes the whole thing back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "back"),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, head: str, foot: str, value: str = "", ready: Sequence[str] = (), again: str = "") -> None:
        super().__init__()
        self._head, self._foot, self._value, self._again = one_line(head), foot, value, again
        self._ready = [one_line(line) for line in ready]
        self._at = -1

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._head, markup=False, classes="head")
            yield Input(one_line(self._value, 200))
            if self._ready:
                yield OptionList(*self._ready, markup=False, classes="few")
            yield Static(self._foot, markup=False, classes="foot")

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        for options in self.query(OptionList):
            options.can_focus = False
        if self._again:
            self._bindings.bind(self._again, "undo", show=False, priority=True)

    def action_undo(self) -> None:
        """The key that opened this takes it back."""
        self.dismiss(UNDONE)

    def action_move(self, step: int) -> None:
        """Take one of the ready lines."""
        for options in self.query(OptionList):
            self._at = max(0, min(self._at + step, len(self._ready) - 1))
            options.highlighted = self._at
            self.query_one(Input).value = self._ready[self._at]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._ready[event.option_index])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())
