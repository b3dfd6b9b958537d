"""Commands that find earlier conversations, and go on with them."""

from __future__ import annotations

from collections.abc import Sequence

from textual import work

from agent.records import ConversationSummary
from agent.tui.attach import check
from agent.tui.conversations import ConversationsScreen
from agent.tui.engine import Chat
from agent.tui.seat import Seat
from agent.tui.transcript import PAGE, Earlier
from agent.tui.turn import Turn
from agent.tui.waiting import off_thread
from agent.tui.words import one_line


class Finding(Seat):
    """The commands of finding."""

    async def do_conversations(self, _: str) -> None:
        self.app.push_screen(ConversationsScreen(self.records), self._opened)

    async def do_open(self, number: str) -> None:
        if not number:
            await self.do_conversations("")
            return
        listed = await off_thread(self.app, self.records.conversations, 50) or []
        if number.isdecimal() and 0 < int(number) <= len(listed):
            self._opened(listed[int(number) - 1])
        else:
            self.app.notify(f"There is no conversation {one_line(number, 30)}: ^S lists them.", severity="warning")

    def _opened(self, summary: ConversationSummary | None) -> None:
        if summary:
            self.subject = summary.title
            self.open_conversation(summary.id)

    @work(exclusive=True, group="open")
    async def open_conversation(self, conversation_id: str) -> None:
        """Show a stored conversation and go on with it."""
        kept = await off_thread(self.app, self.records.turns, conversation_id, PAGE + 1)
        if kept is None:
            return
        self.stop_all()
        self.chat = Chat(conversation_id)
        self.subject = self.subject or (kept[0].question if kept else "")
        prompt = self.prompt
        for turn in kept:
            prompt.remember(turn.question)
        await self.transcript.replace(kept[-PAGE:], earlier=len(kept) > PAGE)
        self.redraw()
        prompt.focus()
        await self._show_thumbnails(self.transcript.turns)

    @work(exclusive=True, group="open")
    async def on_earlier_wanted(self, _: Earlier.Wanted) -> None:
        if not self.chat.id:
            return
        have = [turn.turn_id for turn in self.transcript.turns if turn.turn_id]
        kept = await off_thread(self.app, self.records.turns, self.chat.id, len(have) + PAGE + 1) or []
        older = [turn for turn in kept if turn.turn_id not in have]
        await self.transcript.put_before(older[-PAGE:], earlier=len(older) > PAGE)
        await self._show_thumbnails(self.transcript.turns[: len(older[-PAGE:])])

    async def _show_thumbnails(self, turns: Sequence[Turn]) -> None:
        """Previews of stored pictures, the newest first, as they are decoded."""
        for turn in reversed(turns):
            for picture in turn.pictures_read:
                path = self.records.picture_path(picture.sha256)
                if path and (small := await off_thread(self.app, check, path)) and turn.is_mounted:
                    turn.preview(small.pixels)
