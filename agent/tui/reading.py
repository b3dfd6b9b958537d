"""Commands of reading: choose an answer, copy it, open its sources at the cited lines."""

from __future__ import annotations

from textual import work

from agent.tui.seat import Seat
from agent.tui.sources import SourceList, SourcesModal
from agent.tui.ticket import TicketScreen
from agent.tui.turn import Turn
from agent.tui.waiting import off_thread
from agent.tui.words import Entry, one_line


class Reading(Seat):
    """The commands of reading."""

    async def do_sources(self, _: str) -> None:
        if self.has_class("-narrow"):
            self.app.push_screen(SourcesModal(self._entries()), self._source_picked)
        elif (sources := self.query_one(SourceList)).has_focus:
            self.prompt.focus()
        else:
            sources.focus()

    def _source_picked(self, entry: Entry | None) -> None:
        if entry:
            self.open_source(entry)

    async def do_source(self, number: str) -> None:
        entry = next((entry for entry in self._entries() if str(entry.n) == number.strip("[]")), None)
        if entry:
            self.open_source(entry)
        else:
            self.app.notify(f"This answer has no source {one_line(number, 20)}".rstrip() + ".", severity="warning")

    async def do_previous(self, _: str) -> None:
        self.transcript.step(-1)
        self.redraw()

    async def do_next(self, _: str) -> None:
        self.transcript.step(1)
        self.redraw()

    async def do_copy(self, _: str) -> None:
        if turn := self.transcript.selected:
            self.app.copy_to_clipboard(turn.chosen or turn.answer or turn.draft)
            self.app.notify("The answer was sent to the terminal's clipboard.", timeout=3)

    async def do_copyall(self, _: str) -> None:
        if self.chat.id:
            text = await off_thread(self.app, self.records.export, self.chat.id, "md")
        else:
            text = "\n\n".join(f"{turn.question}\n\n{turn.answer or turn.draft}" for turn in self.transcript.turns)
        if text:
            self.app.copy_to_clipboard(text)
            self.app.notify("The conversation was sent to the terminal's clipboard.", timeout=3)

    async def do_times(self, _: str) -> None:
        self.toggle_class("-times")
        for turn in self.transcript.turns:
            turn.show_times()

    def on_source_list_chosen(self, event: SourceList.Chosen) -> None:
        self.open_source(event.entry)

    def on_turn_cited(self, event: Turn.Cited) -> None:
        self.open_source(event.entry)

    @work
    async def open_source(self, entry: Entry) -> None:
        """Open a source at the cited lines."""
        source = await off_thread(self.app, self.records.source, entry.source_id)
        if source:
            self.app.push_screen(TicketScreen(source, entry))
        else:
            self.app.notify(f"{one_line(entry.source_id, 60)} is no longer in the store.", severity="warning")
