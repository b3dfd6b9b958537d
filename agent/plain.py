"""The desk in plain lines: for screen readers, pipes and CI. "You:" and "Agent:", no boxes, no colours."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TextIO

from agent.events import Ended, Looked, Said
from agent.plain_commands import PlainCommands
from agent.plain_handing import PlainHanding
from agent.plain_training import PlainTraining
from agent.records import Records, StoredTurn
from agent.tui.commands import understand, unknown_word
from agent.tui.engine import Chat, Done, Engine, Failed, Heard, LoadDesk, Note, Ready
from agent.tui.office import Office
from agent.tui.paths import paths_in_paste
from agent.tui.words import MAX_QUESTION, decision_line, entries, entry_line, read_line, trouble_line
from index.clean import clean
from index.errors import UserError
from index.store import now

if TYPE_CHECKING:
    from agent.queue import HandoverQueue

PATIENCE = 0.2  # seconds; short, so that Ctrl-C is heard on every system


def run_plain(
    records: Records,
    load_desk: LoadDesk,
    *,
    input_stream: TextIO,
    output_stream: TextIO,
    conversation_id: str | None = None,
    office: Office | None = None,
    queue: HandoverQueue | None = None,
    person: str = "",
) -> int:
    """Ask and answer line by line until the input ends or `/quit`; the exit status: 0, or 1 when a question out of a
    script met trouble.

    Ctrl-C stops an answer and keeps what was said; where the input is no terminal each question is printed,
    so that the output reads as a conversation.
    """
    talk = _Talk(records, load_desk, input_stream, output_stream, conversation_id, office)
    talk.queue, talk.person = queue, person
    try:
        return talk.run()
    finally:
        talk.engine.close()


class _Talk(PlainCommands, PlainHanding, PlainTraining):
    """One sitting. Each command of the registry is a method `do_<name>(argument)`."""

    def __init__(
        self,
        records: Records,
        load_desk: LoadDesk,
        lines: TextIO,
        out: TextIO,
        conversation_id: str | None,
        office: Office | None,
    ) -> None:
        super().__init__(records, office)
        self._lines = lines
        self._out = out
        self._typed_by_hand = lines.isatty()
        self._notes: SimpleQueue[Note] = SimpleQueue()
        self.engine = Engine(load_desk, self._notes.put)
        self._chat = Chat(conversation_id)
        self._ready = False
        self._failed = False

    def run(self) -> int:
        """The loop."""
        self.engine.start()
        if self._typed_by_hand:
            self._say("Type a question. /help lists the commands, Ctrl-D leaves.")
        if self._chat.id:
            self._safely(lambda: self._reopen(self._chat.id or ""))
        while not self._leaving:
            self._safely(self._listen)
            line = self._read()
            if line is None:
                break
            try:
                self._take(line)
            except KeyboardInterrupt:
                self._say("(stopped)")
        return 1 if self._failed and not self._typed_by_hand else 0

    def _read(self) -> str | None:
        """The next line; None at the end of the input."""
        while True:
            try:
                if self._typed_by_hand:
                    self._write("You: ")
                line = self._lines.readline()
            except KeyboardInterrupt:
                self._say("\n(Nothing to stop. Ctrl-D or /quit leaves.)")
                continue
            except UnicodeDecodeError:
                self._say("That line is not UTF-8 text and was left out.")
                continue
            if not line:
                return None
            line = clean(line).strip()
            if line and not self._typed_by_hand:
                self._say(f"You: {line}")
            return line

    def _take(self, line: str) -> None:
        typed = understand(line, "plain")
        if paths := paths_in_paste(line):
            self._attach(paths)
        elif typed.unknown:
            self._say(unknown_word(typed.unknown, "plain"))
        elif command := typed.command:
            self._safely(lambda: getattr(self, f"do_{command.name}")(typed.argument))
        elif len(typed.text) > MAX_QUESTION:
            self._say(f"LIMIT: {len(typed.text):,} characters; a question may have {MAX_QUESTION:,}.")
        elif typed.text or self._pictures:
            self.ask(typed.text)

    def ask(self, question: str, instead_of: StoredTurn | None = None) -> None:
        pictures, self._pictures = self._pictures, []
        self._last = question, pictures
        self._sources, self._turn = [], None
        replaced = instead_of.turn_id if instead_of else None
        self._follow(self.engine.ask(question, pictures, self._chat, replaced))
        self._safely(self._after_turn)

    def _go_on(self, chat: Chat) -> None:
        held, self._last = self._turn, ("", [])
        self._follow(self.engine.ask("", [], chat))
        if chat is self._chat:
            self._safely(self._after_turn)
        else:
            self._turn = held  # not an answer of this chat

    def _follow(self, number: int) -> None:
        """Print a turn as it comes, until it is over."""
        reply = _Reply(self._say, self._write)
        if not self._ready:
            self._say("(The desk is being opened.)")
        with _ctrl_c(lambda: self.engine.stop(number)):
            while True:
                try:
                    note = self._notes.get(timeout=PATIENCE)
                except Empty:
                    continue
                match note:
                    case Ready():
                        self._ready = True
                    case Heard(event=Ended() as ended):
                        self._end(reply, ended)
                    case Heard():
                        reply.hear(note)
                    case Failed():
                        self._failed = True
                        reply.close()
                        self._say(f"Trouble: {trouble_line(note.error)}\n/again sends the question once more.")
                        self._pictures = list(self._last[1])
                    case Done() if note.number == number:
                        reply.close()
                        return
                    case _:
                        pass

    def _end(self, reply: _Reply, ended: Ended) -> None:
        if ended.turn_id:
            self._turn = _as_kept(self._last[0], ended)
        reply.finish(ended)
        self._sources = entries(ended.hits, ended.citations)
        for entry in self._sources:
            if entry.cited or not ended.citations:
                self._say(f"  {entry_line(entry)}")
        self._say(f"({decision_line(ended.decision, ended.seconds)}){self._at(now())}")

    def _safely(self, do: Callable[[], None]) -> None:
        try:
            do()
        except UserError as error:
            self._say(f"Trouble: {trouble_line(error)}")

    def _say(self, text: str) -> None:
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        self._out.write(text.encode(encoding, "replace").decode(encoding))
        self._out.flush()


@contextlib.contextmanager
def _ctrl_c(do: Callable[[], None]) -> Iterator[None]:
    """While this lasts Ctrl-C calls `do` instead of raising, so that no line is left half printed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: do())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Reply:
    """The lines of one reply: opened by the first fragment, closed once."""

    def __init__(self, say: Callable[[str], None], write: Callable[[str], None]) -> None:
        self._say = say
        self._write = write
        self._open = False
        self._said = ""

    def hear(self, heard: Heard) -> None:
        """Print what an event adds."""
        match heard.event:
            case Looked(pictures=pictures):
                for picture in pictures:
                    self._say(read_line(picture))
                    for notice in picture.notices:
                        self._say(f"({clean(notice)})")
            case Said(text=text):
                if not self._open:
                    self._write("Agent: ")
                    self._open = True
                self._said += text
                self._write(clean(text))
            case _:
                pass

    def finish(self, ended: Ended) -> None:
        """The end of the reply; a text that differs from the streamed one is said in full."""
        self.close()
        if ended.stopped:
            self._say("(stopped; what was said is kept)")
        elif clean(ended.answer).strip() != clean(self._said).strip():
            label = "Agent, corrected against the sources" if self._said else "Agent"
            self._say(f"{label}: {clean(ended.answer)}")

    def close(self) -> None:
        """End the line of the reply if one is open."""
        if self._open:
            self._open = False
            self._write("\n")


def _as_kept(question: str, ended: Ended) -> StoredTurn:
    """The turn that has just ended, as the records hold it."""
    return StoredTurn(
        ended.turn_id,
        question,
        ended.answer,
        ended.pictures,
        ended.citations,
        ended.hits,
        ended.decision,
        ended.seconds,
        ended.version,
        now(),
        ended.stopped,
    )
