"""A correction: the answer on one side, what should have been said on the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Checkbox, Input, Static

from agent.tui.area import WritingArea
from agent.tui.words import one_line
from index.clean import clean


@dataclass(frozen=True)
class Correction:
    """What a person says instead; an empty text takes the correction back."""

    text: str
    reason: str
    training: bool


def _learning(allowed: bool) -> str:
    return f"may be learnt from: {'yes' if allowed else 'no'}"


class CorrectScreen(ModalScreen[Correction | None]):
    """Dismissed with the correction, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "back"),
        Binding("ctrl+s", "save", "save", priority=True),
    ]

    def __init__(self, answer: str, chosen: str, reason: str, training: bool) -> None:
        super().__init__()
        self._answer = clean(answer)
        self._before = Correction(clean(chosen or answer), one_line(reason), training)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box tall wide"):
            yield Static("Correct the answer", markup=False, classes="head")
            with Horizontal(id="sides"):
                with Vertical(classes="side"):
                    yield Static("It said", markup=False, classes="label")
                    with VerticalScroll(can_focus=False):
                        yield Static(self._answer, markup=False)
                with Vertical(classes="side"):
                    yield Static("It should have said", markup=False, classes="label")
                    yield WritingArea(self._before.text, highlight_cursor_line=False)
            yield Input(self._before.reason, placeholder="why (may stay empty)")
            yield Checkbox(_learning(self._before.training), self._before.training, compact=True)
            yield Static("^S saves · Tab changes field · empty takes it back · Esc back", markup=False, classes="foot")

    def on_mount(self) -> None:
        area = self.query_one(WritingArea)
        area.focus()
        area.move_cursor(area.document.end)

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        event.checkbox.label = _learning(event.value)  # the cross itself changes its colour only

    def on_input_submitted(self) -> None:
        self.action_save()

    def action_save(self) -> None:
        """Give back what was written."""
        text = self.query_one(WritingArea).text
        reason = self.query_one(Input).value
        self.dismiss(Correction(clean(text).strip(), clean(reason).strip(), self.query_one(Checkbox).value))
