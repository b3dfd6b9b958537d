"""A past ticket or an article, opened at the very lines an answer cites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from agent.tui.words import Entry, one_line, source_remarks, source_title
from index.clean import clean
from index.conversation import Source, source_lines

AROUND = 400  # lines shown before and after the cited ones
MAX_LINE = 2_000


class TicketScreen(ModalScreen[None]):
    """The source, its cited lines marked and in view."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "back"),
        Binding("c", "cited", "cited lines"),
    ]

    def __init__(self, source: Source, entry: Entry) -> None:
        super().__init__()
        self._source = source
        self._entry = entry

    def compose(self) -> ComposeResult:
        lines = source_lines(self._source)
        first, last = within(self._entry.lines, len(lines))
        head = [f"[{self._entry.n}] {one_line(self._entry.source_id, 60)}", source_title(self._source)]
        what = f"lines {first} to {last}" if last > first else f"line {first}"
        with Vertical(classes="box tall"):
            yield Static("  ".join(word for word in head if word), markup=False, classes="head")
            yield Static(" · ".join(w for w in (source_remarks(self._source), what) if w), markup=False, classes="foot")
            with VerticalScroll(id="pages"):
                start = max(0, first - 1 - AROUND)
                yield Static(numbered(lines[start : first - 1], start + 1), markup=False, classes="around")
                yield Static(numbered(lines[first - 1 : last], first, "▌"), markup=False, classes="cited")
                yield Static(numbered(lines[last : last + AROUND], last + 1), markup=False, classes="around")
            yield Static("↑ ↓ scroll · c cited lines · Esc back", markup=False, classes="foot")

    def on_mount(self) -> None:
        self.query_one("#pages").focus()
        self.call_after_refresh(self.action_cited)

    def action_cited(self) -> None:
        """Bring the cited lines into view, with two lines before them."""
        pages, cited = self.query_one("#pages"), self.query_one(".cited")
        pages.scroll_to(y=max(0, cited.virtual_region.y - 2), animate=False)


def within(lines: tuple[int, int], count: int) -> tuple[int, int]:
    """The cited lines, kept inside a source of `count` lines (it may have been imported anew since)."""
    first = min(max(1, lines[0]), max(1, count))
    return first, min(max(first, lines[1]), max(1, count))


def numbered(lines: Sequence[str], first: int, mark: str = " ") -> Content:
    """Lines with their numbers; `mark` stands before each one."""
    shown = [f"{mark}{number:>4}  {clean(line[:MAX_LINE])}" for number, line in enumerate(lines, first)]
    return Content("\n".join(shown))
