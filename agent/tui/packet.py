"""The packet of a hand-over before it is sent: read it, change note, contact and priority, send it or do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from agent.handover import Handover
from agent.packet import PRIORITIES, Priority
from agent.tui.area import WritingArea
from agent.tui.standing import packet_content
from agent.tui.words import one_line


@dataclass(frozen=True)
class Wanted:
    """What is to become of the hand-over."""

    step: Literal["send", "cancel"]
    note: str = ""
    contact: str = ""
    priority: Priority = "normal"


class PriorityLine(Static):
    """A line to choose the priority on, with the arrows or a click; the words say it, not the colour."""

    can_focus = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", show=False),
        Binding("right,space", "move(1)", show=False),
    ]

    def __init__(self, priority: Priority) -> None:
        super().__init__("", markup=False, id="priority")
        self.value = priority

    def on_mount(self) -> None:
        self._draw()

    def on_click(self) -> None:
        self.action_move(1)

    def action_move(self, by: int) -> None:
        """The next or the previous priority; round and round."""
        self.value = PRIORITIES[(PRIORITIES.index(self.value) + by) % len(PRIORITIES)]
        self._draw()

    def _draw(self) -> None:
        parts: list[str | tuple[str, str]] = [("Priority ", "dim")]
        for each in PRIORITIES:
            parts += [(f"[{each}]", "bold $accent") if each == self.value else (f" {each} ", "dim")]
        self.update(Content.assemble(*parts))


class PacketScreen(ModalScreen[Wanted | None]):
    """Dismissed with what is wanted; None leaves it as it is, not sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "later"),
        Binding("ctrl+s", "send", "send", priority=True),
        Binding("ctrl+d", "cancel", "withdraw", priority=True),
    ]

    def __init__(self, one: Handover) -> None:
        super().__init__()
        self._one = one
        self._open = one.state == "proposed"

    def compose(self) -> ComposeResult:
        packet = self._one.packet
        head = "Hand over: nothing is sent yet" if self._open else f"Hand-over {self._one.number} waits"
        keys = "^S send · ^D withdraw · Esc later" if self._open else "^D withdraw · Esc back"
        with Vertical(classes="box tall", id="packet"):
            yield Static(head, markup=False, classes="head")
            with VerticalScroll(id="pages"):
                yield Static(packet_content(self._one), markup=False)
            if self._open:
                note = WritingArea(packet.note, id="note", placeholder=Content("A note for your colleague"))
                note.tab_behavior = "focus"
                yield note
                yield Input(one_line(packet.contact, 200), placeholder="How the customer is reached", id="contact")
                yield PriorityLine(packet.priority)
            yield Static(keys, markup=False, classes="foot")

    def on_mount(self) -> None:
        self.query_one("#note" if self._open else "#pages").focus()

    def action_send(self) -> None:
        """Send it as it stands now."""
        if self._open:
            note, contact = self.query_one("#note", WritingArea).text, self.query_one("#contact", Input).value
            self.dismiss(Wanted("send", note, contact, self.query_one(PriorityLine).value))

    def action_cancel(self) -> None:
        """Nothing is to be sent."""
        self.dismiss(Wanted("cancel"))
