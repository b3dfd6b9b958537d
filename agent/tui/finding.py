"""Commands that find earlier conversations, and go on with them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import SuspendNotSupported

from agent.gaps import Gap, draft_article
from agent.records import ConversationSummary
from agent.tui.attach import check
from agent.tui.conversations import ConversationsScreen
from agent.tui.editor import edit_file, editor_command
from agent.tui.engine import Chat
from agent.tui.gaps import GapsScreen
from agent.tui.line import LineScreen
from agent.tui.seat import Seat
from agent.tui.transcript import PAGE, Earlier
from agent.tui.turn import Turn
from agent.tui.waiting import done_off_thread, off_thread
from agent.tui.words import Entry, one_line
from index.errors import UserError

if TYPE_CHECKING:
    from agent.workshop import Workshop


class Finding(Seat):
    """The commands of finding."""

    _doomed = ""

    @abstractmethod
    async def start_anew(self) -> None:
        """An empty conversation."""

    @abstractmethod
    def open_source(self, entry: Entry) -> object:
        """Open a source at the cited lines."""

    find_gaps: Callable[[], list[Gap]] | None
    drafts: Path
    """Where drafts of articles go."""
    workshop: Workshop | None
    """Where versions are made; None where the window was opened without."""

    async def do_conversations(self, words: str) -> None:
        screen = ConversationsScreen(self.records, words, self._export_one, self._on_removed)
        self.app.push_screen(screen, self._opened)

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
        if summary and summary.origin == "import":  # a past ticket is read, not gone on with
            self.open_source(Entry(1, False, summary.id, summary.title, "", (1, 1)))
        elif summary:
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

    # --- keeping order ------------------------------------------------------------------------------------

    def _known_chat(self) -> str | None:
        """The conversation that is open, if something of it is kept."""
        if not self.chat.id:
            self.app.notify("Nothing of this conversation is kept yet.", severity="warning")
        return self.chat.id

    async def do_rename(self, title: str) -> None:
        chat = self._known_chat()
        if chat and not title:
            self.app.push_screen(LineScreen("Another title", "Enter keeps it · Esc back", self.subject), self._rename)
        elif chat:
            await self._rename(title)

    async def _rename(self, title: str | None) -> None:
        if title and self.chat.id and await done_off_thread(self.app, self.records.rename, self.chat.id, title):
            self.subject = title
            self.redraw()

    async def do_delete(self, _: str) -> None:
        chat = self._known_chat()
        if chat and self._doomed != chat:
            self._doomed = chat
            self.app.notify("This deletes the conversation for good. Type /delete once more to do it.", timeout=8)
        elif chat and await done_off_thread(self.app, self.records.remove, chat):
            self._on_removed(chat)
            self.app.notify("The conversation was deleted.", timeout=3)

    def _on_removed(self, gone: str) -> None:
        self._doomed = ""
        if self.chat.id == gone:
            self.call_next(self.start_anew)

    async def do_export(self, argument: str) -> None:
        if chat := self._known_chat():
            await self._export_one(chat, argument)

    async def _export_one(self, chat: str, argument: str = "") -> None:
        from agent.exporting import write_export

        file = await off_thread(self.app, write_export, self.records, chat, argument, self.pictures_home)
        if file:
            self.app.notify(f"Written: {one_line(str(file), 200)}", timeout=6)

    async def do_gaps(self, _: str) -> None:
        if self.find_gaps is None:
            self.app.notify("There is nothing to look through here.", severity="warning")
        else:
            self.app.push_screen(GapsScreen(self.find_gaps), self._draft)

    async def do_train(self, step: str) -> None:
        if self.workshop is None:
            self.app.notify("There is no workshop here.", severity="warning")
            return
        from agent.tui.training import TrainingScreen

        word, _, which = step.partition(" ")
        if word in ("veto", "include") and which:
            if await done_off_thread(self.app, self.workshop.keep_out, which.strip(), word == "veto"):
                kept = "kept out of training" if word == "veto" else "learned from again"
                self.app.notify(f"{one_line(which, 60)} is {kept}.", timeout=4)
            return
        self.app.push_screen(TrainingScreen(self.workshop, self.records, word), self._go_to)

    def _go_to(self, conversation_id: str | None) -> None:
        """Open the conversation of an example: a chat to go on with, a past ticket to read."""
        if conversation_id and conversation_id.startswith("chat-"):
            self.subject = ""
            self.open_conversation(conversation_id)
        elif conversation_id:
            self.open_source(Entry(1, False, conversation_id, "", "", (1, 1)))

    async def _draft(self, gap: Gap | None) -> None:
        """Start an article about a gap, in the person's editor where there is one."""
        file = await off_thread(self.app, draft_article, gap, self.drafts) if gap else None
        if file is None:
            return
        try:
            editor_command()
            with self.app.suspend():
                edit_file(file)
        except (SuspendNotSupported, UserError):
            pass  # it can be written anywhere: the notice says where it is
        self.app.notify(f"The draft: {file}\nWhen it is written: deskside import {file}", timeout=15)

    async def _show_thumbnails(self, turns: Sequence[Turn]) -> None:
        """Previews of stored pictures, the newest first, as they are decoded."""
        for turn in reversed(turns):
            for picture in turn.pictures_read:
                path = self.records.picture_path(picture.sha256)
                if path and (small := await off_thread(self.app, check, path)) and turn.is_mounted:
                    turn.preview(small.pixels)
