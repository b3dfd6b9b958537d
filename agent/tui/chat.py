"""The chat screen: what a person does goes to the engine, what the engine says goes into the transcript."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from agent.records import ConversationSummary, Rating, Records
from agent.tui.asking import Composer
from agent.tui.attach import Attachment, check
from agent.tui.commands import Command, commands_for, understand, unknown_word
from agent.tui.composer import PromptArea
from agent.tui.conversations import ConversationsScreen
from agent.tui.engine import Begun, Chat, Done, Engine, Failed, Heard, LoadDesk, Loading, Note, NotOpened, Ready
from agent.tui.help import HelpScreen
from agent.tui.paths import one_path, paths_in_paste
from agent.tui.picker import PicturePicker
from agent.tui.sources import SourceList, SourcesModal, SourcesPanel
from agent.tui.status import key_line, status_line, top_line
from agent.tui.ticket import TicketScreen
from agent.tui.transcript import PAGE, Earlier, Transcript
from agent.tui.turn import Turn
from agent.tui.waiting import off_thread, tell_trouble
from agent.tui.words import MAX_PICTURES, MAX_QUESTION, Entry, one_line, trouble_line

TICK = 0.5  # seconds between two looks at the clock while an answer is awaited


class FromEngine(Message):
    """A Note of the engine, brought from its thread to the window's."""

    def __init__(self, note: Note) -> None:
        super().__init__()
        self.note = note


class ChatScreen(Screen[None]):
    """One conversation at a time. Each command of the registry is a method `do_<name>(argument)`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            command.key,
            f"do('{command.name}')",
            command.brief or command.help,
            key_display=command.shown,
        )
        for command in commands_for("window")
        if command.key
    ]

    def __init__(
        self,
        records: Records,
        load_desk: LoadDesk,
        heading: str,
        conversation_id: str | None = None,
        pictures_home: Path | None = None,
    ) -> None:
        super().__init__()
        self._records = records
        self._heading = "" if heading == "Deskside" else one_line(heading, 40)
        self._pictures_home = pictures_home or Path.home()
        self._chat = Chat(conversation_id)
        self._subject = ""
        self._last_sent: tuple[str, list[Attachment]] = ("", [])
        self._sent: dict[int, tuple[str, list[Attachment]]] = {}
        self._desk_state = "opening the desk…"
        self._opened_at = time.monotonic()
        self.engine = Engine(load_desk, lambda note: self.post_message(FromEngine(note)))

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, id="top")
        with Horizontal(id="body"):
            yield Transcript(self._records.examples())
            yield SourcesPanel(id="sources")
        yield Composer()
        yield Static(key_line(), markup=False, id="keys")

    def on_mount(self) -> None:
        self.prompt.focus()
        self.call_after_refresh(self.engine.start)  # after the first paint: opening the desk is slow
        self._clock = self.set_interval(TICK, self._draw_state)
        self._draw_state()
        if self._chat.id:
            self.open_conversation(self._chat.id)

    def on_unmount(self) -> None:
        self.engine.close()

    # --- what the engine says ---------------------------------------------------------------------------

    async def on_from_engine(self, message: FromEngine) -> None:
        note = message.note
        match note:
            case Loading():
                self._desk_state = one_line(note.text, 60)
            case Ready():
                self._desk_state = ""
            case NotOpened():
                self._desk_state = "! not open"
                tell_trouble(self.app, note.error)
            case Begun():
                if turn := self.transcript.turn(note.number):
                    turn.began = time.monotonic()
            case Heard():
                if turn := self.transcript.turn(note.number):
                    await turn.hear(note.event)
                    self._draw_sources()
            case Failed():
                await self._take_back(note.number, note.error)
            case Done():
                self._sent.pop(note.number, None)
                if turn := self.transcript.turn(note.number):
                    await turn.close()
        self._draw_state()

    async def _take_back(self, number: int, error: Exception) -> None:
        """A turn broke off: say why, and put the question back into the box with its pictures."""
        turn = self.transcript.turn(number)
        if turn is None or turn.stopped_by_reader:
            return
        text = trouble_line(error)
        if turn.draft or turn.turn_id:
            await turn.break_off(text)
        else:
            await turn.remove()
            await self.transcript.say(text)
        question, attached = self._sent.get(number, ("", []))
        self.prompt.give_back(question)
        later = [item for item in self.composer.attached if item not in attached]
        self.composer.attach_all([*attached, *later][:MAX_PICTURES])

    # --- sending ----------------------------------------------------------------------------------------

    async def on_prompt_area_submitted(self, event: PromptArea.Submitted) -> None:
        event.stop()
        typed = understand(event.text, "window")
        if paths := paths_in_paste(event.text):
            self.composer.attach(paths)
        elif typed.unknown:
            self.prompt.give_back(event.text)
            self.app.notify(unknown_word(typed.unknown, "window"), severity="warning")
        elif typed.command:
            await self.run_command(typed.command, typed.argument)
        elif not self.composer.hold(typed.text):
            await self.send(typed.text)

    async def on_composer_released(self, event: Composer.Released) -> None:
        await self.send(event.text)

    async def send(self, question: str) -> None:
        """Put a question into the queue and a turn into the transcript."""
        question = question.strip()
        if not question and not self.composer.attached:
            return
        if len(question) > MAX_QUESTION:
            self.prompt.give_back(question)
            self.composer.refuse_length(len(question))
            return
        attached = self.composer.take()
        self.prompt.remember(question)
        self._last_sent = question, attached
        self._subject = self._subject or question or attached[0].name
        number = self.engine.ask(question, [item.path for item in attached], self._chat)
        self._sent[number] = question, attached
        await self.transcript.add(Turn(question, number, [(item.name, item.pixels) for item in attached]))
        self._draw_sources()
        self._draw_state()

    def on_text_area_changed(self) -> None:
        self._draw_status()

    def action_detach(self, place: int) -> None:
        """Take one picture off (a click on its token)."""
        self.composer.detach(place)

    # --- commands ---------------------------------------------------------------------------------------

    async def action_do(self, name: str) -> None:
        """Run a command by its key."""
        await self.run_command(next(command for command in commands_for("window") if command.name == name))

    async def run_command(self, command: Command, argument: str = "") -> None:
        """Run a command of the registry."""
        await getattr(self, f"do_{command.name}")(argument)

    async def do_help(self, _: str) -> None:
        self.app.push_screen(HelpScreen())

    async def do_new(self, _: str) -> None:
        self._stop_all()
        self._chat, self._subject = Chat(), ""
        await self.transcript.clear()
        self._draw_sources()
        self._draw_state()
        self.prompt.focus()

    async def do_conversations(self, _: str) -> None:
        self.app.push_screen(ConversationsScreen(self._records), self._opened)

    async def do_open(self, number: str) -> None:
        if not number:
            await self.do_conversations("")
            return
        listed = await off_thread(self.app, self._records.conversations, 50) or []
        if number.isdecimal() and 0 < int(number) <= len(listed):
            self._opened(listed[int(number) - 1])
        else:
            self.app.notify(f"There is no conversation {one_line(number, 30)}: ^S lists them.", severity="warning")

    async def do_attach(self, path: str) -> None:
        if path:
            self.composer.attach(paths_in_paste(path) or [one_path(path)])
        else:
            await self.do_picture("")

    async def do_picture(self, _: str) -> None:
        self.app.push_screen(PicturePicker(self._pictures_home), self._picked)

    def _picked(self, path: Path | None) -> None:
        if path:
            self.composer.attach([path])

    async def do_detach(self, number: str) -> None:
        self.composer.detach(int(number) - 1 if number.isdecimal() else -1)

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

    async def do_stop(self, _: str) -> None:
        active = [turn for turn in self.transcript.turns if not turn.finished]
        if active:
            self.engine.stop(active[0].number)
            await active[0].stop()
        else:
            self.transcript.choose(None)
            self.transcript.anchor()
            self.prompt.focus()
        self._draw_sources()
        self._draw_state()

    async def do_good(self, _: str) -> None:
        await self._rate("good", "")

    async def do_bad(self, reason: str) -> None:
        await self._rate("bad", reason)

    async def do_previous(self, _: str) -> None:
        self.transcript.step(-1)
        self._draw_sources()

    async def do_next(self, _: str) -> None:
        self.transcript.step(1)
        self._draw_sources()

    async def do_copy(self, _: str) -> None:
        if turn := self.transcript.selected:
            self.app.copy_to_clipboard(turn.answer or turn.draft)
            self.app.notify("The answer was sent to the terminal's clipboard.", timeout=3)

    async def do_again(self, _: str) -> None:
        question, attached = self._last_sent
        if question or attached:
            self.composer.attach_all(attached)
            await self.send(question)

    async def do_theme(self, name: str) -> None:
        if name in self.app.available_themes:
            self.app.theme = name
        else:
            self.app.search_themes()

    async def do_quit(self, _: str) -> None:
        self._stop_all()
        self.app.exit()

    async def _rate(self, value: Rating, reason: str) -> None:
        turn = self.transcript.selected
        if turn is None or not turn.turn_id:
            self.app.notify("There is no kept answer to rate yet.", severity="warning")
            return
        wanted = None if turn.rating == value and not reason else value
        try:
            await asyncio.to_thread(self._records.rate, turn.turn_id, wanted, reason)
        except Exception as error:
            tell_trouble(self.app, error)
            return
        turn.rate(wanted)

    def _stop_all(self) -> None:
        for number in tuple(self._sent):
            self.engine.stop(number)

    # --- reading sources and earlier conversations ------------------------------------------------------

    def on_source_list_chosen(self, event: SourceList.Chosen) -> None:
        self.open_source(event.entry)

    def on_turn_cited(self, event: Turn.Cited) -> None:
        self.open_source(event.entry)

    def action_example(self, place: int) -> None:
        """Put an example question into the box."""
        self.prompt.put(self.transcript.examples[place])
        self.prompt.focus()

    @work
    async def open_source(self, entry: Entry) -> None:
        """Open a source at the cited lines."""
        source = await off_thread(self.app, self._records.source, entry.source_id)
        if source:
            self.app.push_screen(TicketScreen(source, entry))
        else:
            self.app.notify(f"{one_line(entry.source_id, 60)} is no longer in the store.", severity="warning")

    def _opened(self, summary: ConversationSummary | None) -> None:
        if summary:
            self._subject = summary.title
            self.open_conversation(summary.id)

    @work(exclusive=True, group="open")
    async def open_conversation(self, conversation_id: str) -> None:
        """Show a stored conversation and go on with it."""
        kept = await off_thread(self.app, self._records.turns, conversation_id, PAGE + 1)
        if kept is None:
            return
        self._stop_all()
        self._chat = Chat(conversation_id)
        self._subject = self._subject or (kept[0].question if kept else "")
        prompt = self.prompt
        for turn in kept:
            prompt.remember(turn.question)
        await self.transcript.replace(kept[-PAGE:], earlier=len(kept) > PAGE)
        self._draw_sources()
        self._draw_state()
        prompt.focus()
        await self._show_thumbnails(self.transcript.turns)

    @work(exclusive=True, group="open")
    async def on_earlier_wanted(self, _: Earlier.Wanted) -> None:
        if not self._chat.id:
            return
        have = [turn.turn_id for turn in self.transcript.turns if turn.turn_id]
        kept = await off_thread(self.app, self._records.turns, self._chat.id, len(have) + PAGE + 1) or []
        older = [turn for turn in kept if turn.turn_id not in have]
        await self.transcript.put_before(older[-PAGE:], earlier=len(older) > PAGE)
        await self._show_thumbnails(self.transcript.turns[: len(older[-PAGE:])])

    async def _show_thumbnails(self, turns: Sequence[Turn]) -> None:
        """Previews of stored pictures, the newest first, as they are decoded."""
        for turn in reversed(turns):
            for picture in turn.pictures_read:
                path = self._records.picture_path(picture.sha256)
                if path and (small := await off_thread(self.app, check, path)) and turn.is_mounted:
                    turn.preview(small.pixels)

    # --- drawing ----------------------------------------------------------------------------------------

    @property
    def transcript(self) -> Transcript:
        """Where the turns are."""
        return self.query_one(Transcript)

    @property
    def composer(self) -> Composer:
        """What will be sent."""
        return self.query_one(Composer)

    @property
    def prompt(self) -> PromptArea:
        """Where the next question is written."""
        return self.query_one(PromptArea)

    def _entries(self) -> list[Entry]:
        turn = self.transcript.selected
        return turn.sources if turn else []

    def _draw_sources(self) -> None:
        self.query_one(SourcesPanel).show(self._entries())

    def _draw_state(self) -> None:
        if not self.is_mounted:
            return
        took = time.monotonic() - self._opened_at
        self.query_one("#top", Static).update(top_line(self._heading, self._subject, self._desk_state, took))
        self._draw_status()
        active = any(not turn.finished for turn in self.transcript.turns)
        (self._clock.resume if active or self._desk_state else self._clock.pause)()

    def _draw_status(self) -> None:
        active = [turn for turn in self.transcript.turns if not turn.finished]
        self.query_one("#status", Static).update(status_line(self.prompt.text, active, bool(self._desk_state)))
