"""The chat screen: what a person does goes to the engine, what the engine says goes into the transcript."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from agent.records import Records
from agent.tui.asking import Composer
from agent.tui.attach import Attachment
from agent.tui.commands import COMMANDS, Command, understand, unknown_word
from agent.tui.composer import PromptArea
from agent.tui.composing import Composing
from agent.tui.engine import Begun, Chat, Done, Engine, Failed, Heard, LoadDesk, Loading, Note, NotOpened, Ready
from agent.tui.finding import Finding
from agent.tui.handing import Handing, HandoverBar
from agent.tui.help import HelpScreen
from agent.tui.office import Office
from agent.tui.paths import no_picture, paths_in_paste
from agent.tui.picker import PicturePicker
from agent.tui.reading import Reading
from agent.tui.sources import SourcesPanel
from agent.tui.status import key_line, status_line, top_line
from agent.tui.steering import Steering
from agent.tui.transcript import Transcript
from agent.tui.turn import Turn
from agent.tui.values import SettingsScreen
from agent.tui.waiting import tell_trouble
from agent.tui.words import MAX_PICTURES, MAX_QUESTION, one_line, trouble_line

TICK = 0.5  # seconds between two looks at the clock while an answer is awaited


class FromEngine(Message):
    """A Note of the engine, brought from its thread to the window's."""

    def __init__(self, note: Note) -> None:
        super().__init__()
        self.note = note


class ChatScreen(Composing, Reading, Steering, Finding, Handing):
    """One conversation at a time. Each command of the registry is a method `do_<name>(argument)`."""

    def __init__(
        self,
        records: Records,
        load_desk: LoadDesk,
        heading: str,
        conversation_id: str | None = None,
        pictures_home: Path | None = None,
        commands: Sequence[Command] = COMMANDS,
        office: Office | None = None,
    ) -> None:
        super().__init__()
        self.records = records
        self.commands = tuple(command for command in commands if "window" in command.places)
        for command in self.commands:
            if command.key:
                self._bindings.bind(command.key, f"do('{command.name}')", command.brief, key_display=command.shown)
        self._heading = "" if heading == "Deskside" else one_line(heading, 40)
        self.pictures_home = pictures_home or Path.home()
        self.chat = Chat(conversation_id)
        self.subject = ""
        self.edited: Turn | None = None
        self._office = office or Office()
        self.workshop = self._office.workshop
        self.find_gaps, self.drafts = self._office.find_gaps, self._office.drafts
        self._sent: dict[int, tuple[str, list[Attachment]]] = {}
        self._desk_state = "opening the desk…"
        self._open = False
        self._loading_since = time.monotonic()
        self.engine = Engine(load_desk, lambda note: self.post_message(FromEngine(note)))

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, id="top")
        with Horizontal(id="body"):
            yield Transcript(self.records.examples())
            yield SourcesPanel(id="sources")
        yield HandoverBar()
        yield Composer()
        yield Static("", markup=False, id="keys")

    def on_mount(self) -> None:
        self.prompt.focus()
        self.call_after_refresh(self.engine.start)  # after the first paint: opening the desk is slow
        self._clock = self.set_interval(TICK, self._draw_state)
        self._draw_state()
        if self.chat.id:
            self.open_conversation(self.chat.id)

    def on_resize(self) -> None:
        self.query_one("#keys", Static).update(key_line(self.commands, self.size.width - 4))
        self._draw_state()

    def on_unmount(self) -> None:
        self.engine.close()

    # --- what the engine says ---------------------------------------------------------------------------

    async def on_from_engine(self, message: FromEngine) -> None:
        note = message.note
        match note:
            case Loading():
                self._desk_state, self._loading_since = one_line(note.text, 60), time.monotonic()
            case Ready():
                self._desk_state, self._open = "", True
            case NotOpened():
                self._desk_state = "! not open"
                tell_trouble(self.app, note.error)
            case Begun():
                self._open, self._desk_state = True, ""
                if turn := self.transcript.turn(note.number):
                    turn.began = time.monotonic()
            case Heard():
                self._desk_state = ""  # what was loaded for this answer is there
                if turn := self.transcript.turn(note.number):
                    await turn.hear(note.event)
                    self._draw_sources()
            case Failed():
                await self._take_back(note.number, note.error)
            case Done():
                self._sent.pop(note.number, None)
                self._desk_state = "" if self._open else self._desk_state
                if turn := self.transcript.turn(note.number):
                    await turn.close()
                self.look_at_handover(anew=True)
        self._draw_state()

    async def _take_back(self, number: int, error: Exception) -> None:
        """A turn broke off: say why, and put the question back into the box with its pictures."""
        turn = self.transcript.turn(number)
        if turn is None or turn.stopped_by_reader:
            return
        text = trouble_line(error)
        if turn.draft or turn.turn_id:
            await turn.break_off(text)
        elif turn.variant[1] > 1 and self.chat.id:  # the answer it was to take the place of still stands
            self.open_conversation(self.chat.id)
            await self.transcript.say(text)
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
        elif path := no_picture(typed.text):
            self.prompt.give_back(event.text)
            self._offer_folder(path)
        elif not self.composer.hold(typed.text):
            await self.send(typed.text, self.edited)

    def _offer_folder(self, path: Path) -> None:
        """A folder is looked into for its pictures; of a picture that is not there that is said."""
        if path.is_dir():
            self.prompt.put("")
            self.app.push_screen(PicturePicker(path), self._picked)
        else:
            self.app.notify(f"There is no picture at {one_line(str(path))}", severity="warning")

    async def on_composer_released(self, event: Composer.Released) -> None:
        await self.send(event.text)

    async def send(self, question: str, instead_of: Turn | None = None) -> None:
        """Put a question into the queue and a turn into the transcript; `instead_of` is the turn it replaces."""
        question = question.strip()
        if not question and not self.composer.attached:
            return
        if len(question) > MAX_QUESTION:
            self.prompt.give_back(question)
            self.composer.refuse_length(len(question))
            return
        attached = self.composer.take()
        self.prompt.remember(question)
        self.edited = None
        self.subject = self.subject or question or attached[0].name
        replaced = instead_of.turn_id if instead_of else None
        number = self.engine.ask(question, [item.path for item in attached], self.chat, replaced)
        self._sent[number] = question, attached
        turn = Turn(question, number, [(item.name, item.pixels) for item in attached])
        turn.attached = attached
        if instead_of:
            self.follow_title(instead_of, question)
            turn.variant = (instead_of.variant[1] + 1,) * 2
            await self.transcript.put_instead(instead_of, turn)
            self.transcript.anchor()
        else:
            await self.transcript.add(turn)
        self.redraw()

    def on_text_area_changed(self) -> None:
        self._draw_status()

    def action_detach(self, place: int) -> None:
        """Take one picture off (a click on its token)."""
        self.composer.detach(place)

    # --- commands ---------------------------------------------------------------------------------------

    async def action_do(self, name: str) -> None:
        """Run a command by its key."""
        await self.run_command(next(command for command in self.commands if command.name == name))

    async def run_command(self, command: Command, argument: str = "") -> None:
        """Run a command of the registry."""
        await getattr(self, f"do_{command.name}")(argument)

    async def do_help(self, _: str) -> None:
        self.app.push_screen(HelpScreen(self.commands))

    async def do_settings(self, _: str) -> None:
        self.app.push_screen(SettingsScreen(self._office.settings))

    async def do_theme(self, name: str) -> None:
        if name in self.app.available_themes:
            self.app.theme = name
        else:
            self.app.search_themes()

    async def do_quit(self, _: str) -> None:
        self.stop_all()
        self.app.exit()

    def stop_all(self) -> None:
        for number in tuple(self._sent):
            self.engine.stop(number)

    def action_example(self, place: int) -> None:
        """Put an example question into the box."""
        self.prompt.put(self.transcript.examples[place])
        self.prompt.focus()

    # --- drawing ----------------------------------------------------------------------------------------

    def redraw(self) -> None:
        """Draw anew what depends on the chosen turn and on what is going on."""
        self._draw_sources()
        self._draw_state()

    def _draw_sources(self) -> None:
        self.query_one(SourcesPanel).show(self._entries())

    def _draw_state(self) -> None:
        if not self.is_mounted:
            return
        took = time.monotonic() - self._loading_since
        self.query_one("#top", Static).update(
            top_line(self._heading, self.subject, self._desk_state, took, self.size.width - 4)
        )
        self._draw_status()
        (self._clock.resume if self.active or self._desk_state else self._clock.pause)()

    def _draw_status(self) -> None:
        line = status_line(self.prompt.text, self.active, not self._open, bool(self.edited))
        self.query_one("#status", Static).update(line)
