"""The sources of an answer as a list: number, source, score, outcome, age and first words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from agent.tui.words import Entry, age, one_line, outcome_word


class SourceList(OptionList):
    """Entries to choose from; Enter or a click posts `Chosen`."""

    class Chosen(Message):
        """A source to be read."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.entries: tuple[Entry, ...] = ()

    def show(self, entries: Sequence[Entry]) -> None:
        """List other sources; the same ones again change nothing."""
        if tuple(entries) == self.entries and self.option_count:
            return
        self.entries = tuple(entries)
        self.set_options([Option(prompt(entry)) for entry in entries])
        if self.has_focus:
            self.on_focus()

    def on_focus(self) -> None:
        if self.highlighted is None and self.option_count:
            self.highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self.entries[event.option_index]))


def prompt(entry: Entry) -> Content:
    """A few short lines of a source, why it is here last; a cited one says so in words, not by colour alone."""
    number = Content.styled(f"[{entry.n}] ", "bold $accent" if entry.cited else "dim")
    score = "" if entry.score is None else f"  {entry.score:.2f}"
    remarks = [
        word for word in ("cited" if entry.cited else "", outcome_word(entry.outcome), age(entry.opened_at)) if word
    ]
    parts: list[Content | tuple[str, str] | str] = [
        number,
        (one_line(entry.source_id, 24), "bold"),
        (score, "dim"),
    ]
    if remarks:
        parts.append((f"\n{' · '.join(remarks)}", "dim"))
    parts.append("\n" + one_line(entry.title or entry.passage, 64) + "\n")
    if entry.why:
        parts.append((one_line(", ".join(entry.why), 100) + "\n", "dim italic"))
    return Content.assemble(*parts)


class SourcesPanel(Vertical):
    """The list beside the transcript."""

    def compose(self) -> ComposeResult:
        yield Static(_head(()), markup=False, classes="head")
        yield SourceList()

    def show(self, entries: Sequence[Entry]) -> None:
        """Show the sources of an answer."""
        self.query_one(".head", Static).update(_head(entries))
        self.query_one(SourceList).show(entries)


def _head(entries: Sequence[Entry]) -> Content:
    if entries:
        return Content.assemble((f"Sources ({len(entries)})", "bold"), ("  ^T · Enter reads", "dim"))
    return Content.assemble(("Sources\n\n", "bold"), "The tickets and articles an answer rests on appear here.")


class SourcesModal(ModalScreen[Entry | None]):
    """The same list as a sheet, for narrow terminals."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+t", "dismiss", "back")]

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = entries

    def compose(self) -> ComposeResult:
        with Vertical(classes="box tall"):
            yield Static(f"Sources ({len(self._entries)})", markup=False, classes="head")
            yield SourceList()
            yield Static("Enter reads the ticket · Esc back", markup=False, classes="foot")

    def on_mount(self) -> None:
        self.query_one(SourceList).show(self._entries)
        self.query_one(SourceList).focus()

    def on_source_list_chosen(self, event: SourceList.Chosen) -> None:
        self.dismiss(event.entry)
