"""Every setting with its value and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from agent.settings import Setting
from agent.tui.words import one_line


class SettingsScreen(ModalScreen[None]):
    """Closed by Esc or F2."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f2,q", "dismiss", "back")]

    def __init__(self, values: Sequence[Setting]) -> None:
        super().__init__()
        self._values = values

    def compose(self) -> ComposeResult:
        with Vertical(classes="box tall"):
            yield Static("Settings", markup=False, classes="head")
            yield Static(
                "Read once at the start: defaults, then deskside.toml, then DESKSIDE_*, then flags.",
                markup=False,
                classes="foot",
            )
            with VerticalScroll(id="pages"):
                yield Static(_rows(self._values), markup=False)
            yield Static("↑ ↓ scroll · Esc back", markup=False, classes="foot")

    def on_mount(self) -> None:
        self.query_one("#pages").focus()


def _rows(values: Sequence[Setting]) -> Content:
    parts: list[str | tuple[str, str]] = []
    for each in values:
        parts += [
            (one_line(each.name, 30), "bold"),
            "  ",
            (one_line(each.value, 200) or "(empty)", "$accent"),
            (f"  {one_line(each.place, 80)}\n", "dim"),
            (f"    {each.about}\n", "dim"),
        ]
    return Content.assemble(*parts)
