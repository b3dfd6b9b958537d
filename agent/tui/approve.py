"""Before a conversation becomes evidence: what the next customer may be told of it, to be read once more."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from agent.records import Approval
from index.clean import clean

_KINDS = {"problem": "The problem", "resolution": "What solves it", "screen": "On the screenshot"}


class ApproveScreen(ModalScreen[bool]):
    """Dismissed with whether to approve."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(False)", "back"),
        Binding("enter", "dismiss(True)", "approve", priority=True),
    ]

    def __init__(self, approval: Approval) -> None:
        super().__init__()
        self._approval = approval

    def compose(self) -> ComposeResult:
        masked = self._approval.masked
        told = f"{masked} piece{'s' if masked != 1 else ''} of personal data masked." if masked else ""
        with Vertical(classes="box tall"):
            yield Static("Close as solved and put on the shelf?", markup=False, classes="head")
            yield Static(
                f"Found by the next question, quoted to other customers. {told}".rstrip(), markup=False, classes="foot"
            )
            with VerticalScroll(id="pages"):
                yield Static(_passages(self._approval), markup=False)
            yield Static("Enter approves · Esc back", markup=False, classes="foot")

    def on_mount(self) -> None:
        self.query_one("#pages").focus()


def _passages(approval: Approval) -> Content:
    parts: list[str | tuple[str, str]] = [(clean(approval.conversation.subject) + "\n\n", "bold")]
    for passage in approval.passages:
        parts += [(f"{_KINDS.get(passage.kind, passage.kind)}\n", "bold $secondary"), f"{clean(passage.text)}\n\n"]
    return Content.assemble(*parts)
