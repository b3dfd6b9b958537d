"""The gaps: what customers asked and nothing covered, most asked first; one key starts the article."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from agent.gaps import Gap
from agent.tui.waiting import off_thread
from agent.tui.words import age, one_line
from index.clean import clean

EXAMPLES = 12


class GapsScreen(ModalScreen[Gap | None]):
    """Dismissed with the gap to write an article about, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f3,q", "dismiss", "back"),
        Binding("d", "draft", "draft"),
    ]

    def __init__(self, find: Callable[[], list[Gap]]) -> None:
        super().__init__()
        self._find = find
        self._gaps: list[Gap] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="box tall wide"):
            yield Static("What nothing covered", markup=False, classes="head")
            with Horizontal(id="found"):
                yield OptionList(Option("Looking through the questions…", disabled=True), markup=False)
                with VerticalScroll(id="preview", can_focus=False):
                    yield Static("", markup=False)
            yield Static("↑ ↓ choose · Enter or d starts an article · Esc back", markup=False, classes="foot")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self.look()

    @work
    async def look(self) -> None:
        """Find the gaps (slow the first time) and list them."""
        found = await off_thread(self.app, self._find)
        self._gaps = found or []
        options = self.query_one(OptionList)
        empty = "Nothing: every question was covered." if found is not None else "The questions could not be read."
        options.set_options([Option(_prompt(gap)) for gap in self._gaps] or [Option(empty, disabled=True)])
        asked = sum(len(gap.asked) for gap in self._gaps)
        if self._gaps:
            matters = f"{len(self._gaps)} matter{'s' if len(self._gaps) > 1 else ''}"
            told = f"What nothing covered: {asked} question{'s' if asked > 1 else ''}, {matters}"
            self.query_one(".head", Static).update(told)
            options.highlighted = 0

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_index < len(self._gaps):
            self.query_one("#preview", VerticalScroll).query_one(Static).update(
                _examples(self._gaps[event.option_index])
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_draft()

    def action_draft(self) -> None:
        """Start an article about the chosen gap."""
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._gaps):
            self.dismiss(self._gaps[at])


def _prompt(gap: Gap) -> Content:
    return Content.assemble((f"{len(gap.asked):>3}× ", "bold $accent"), one_line(gap.title, 120))


def _examples(gap: Gap) -> Content:
    parts: list[str | tuple[str, str]] = []
    for each in gap.asked[:EXAMPLES]:
        parts.append((" · ".join(filter(None, (one_line(each.conversation, 40), age(each.at), each.why))), "dim"))
        parts.append(f"\n{clean(each.question[:600])}\n\n")
    if len(gap.asked) > EXAMPLES:
        parts.append((f"and {len(gap.asked) - EXAMPLES} more", "dim"))
    return Content.assemble(*parts)
