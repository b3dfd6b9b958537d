"""The desk in plain lines: for screen readers, pipes and CI. "You:" and "Agent:", no boxes, no colours."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TextIO

from agent.events import Ended, Looked, Said
from agent.records import Rating, Records
from agent.tui.commands import commands_for, understand, unknown_word
from agent.tui.engine import Chat, Done, Engine, Failed, Heard, LoadDesk, Note, Ready
from agent.tui.paths import one_path, paths_in_paste
from agent.tui.words import (
    MAX_PICTURES,
    MAX_QUESTION,
    Entry,
    age,
    decision_line,
    entries,
    entry_line,
    one_line,
    read_line,
    source_remarks,
    source_title,
    trouble_line,
)
from index.clean import clean
from index.conversation import source_lines
from index.errors import UserError

PATIENCE = 0.2  # seconds; short, so that Ctrl-C is heard on every system
AROUND = 2  # lines shown before and after the cited ones


def run_plain(
    records: Records,
    load_desk: LoadDesk,
    *,
    input_stream: TextIO,
    output_stream: TextIO,
    conversation_id: str | None = None,
) -> int:
    """Ask and answer line by line until the input ends or `/quit`; the exit status: 0, or 1 when a question out of a
    script met trouble.

    Ctrl-C stops an answer and keeps what was said; where the input is no terminal each question is printed,
    so that the output reads as a conversation.
    """
    talk = _Talk(records, load_desk, input_stream, output_stream, conversation_id)
    try:
        return talk.run()
    finally:
        talk.engine.close()


class _Talk:
    """One sitting. Each command of the registry is a method `do_<name>(argument)`."""

    def __init__(
        self, records: Records, load_desk: LoadDesk, lines: TextIO, out: TextIO, conversation_id: str | None
    ) -> None:
        self._records = records
        self._lines = lines
        self._out = out
        self._typed_by_hand = lines.isatty()
        self._notes: SimpleQueue[Note] = SimpleQueue()
        self.engine = Engine(load_desk, self._notes.put)
        self._chat = Chat(conversation_id)
        self._pictures: list[Path] = []
        self._last: tuple[str, list[Path]] = ("", [])
        self._turn_id = 0
        self._rating: Rating | None = None
        self._sources: list[Entry] = []
        self._ready = False
        self._leaving = False
        self._failed = False

    def run(self) -> int:
        """The loop."""
        self.engine.start()
        if self._typed_by_hand:
            self._say("Type a question. /help lists the commands, Ctrl-D leaves.")
        if self._chat.id:
            self._safely(lambda: self._reopen(self._chat.id or ""))
        while not self._leaving:
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
            self._ask(typed.text)

    def _ask(self, question: str) -> None:
        pictures, self._pictures = self._pictures, []
        self._last = question, pictures
        self._sources, self._turn_id, self._rating = [], 0, None
        self._follow(self.engine.ask(question, pictures, self._chat))

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
        self._turn_id = ended.turn_id
        reply.finish(ended)
        self._sources = entries(ended.hits, ended.citations)
        for entry in self._sources:
            if entry.cited or not ended.citations:
                self._say(f"  {entry_line(entry)}")
        self._say(f"({decision_line(ended.decision, ended.seconds)})")

    def _safely(self, do: Callable[[], None]) -> None:
        try:
            do()
        except UserError as error:
            self._say(f"Trouble: {trouble_line(error)}")

    # --- commands: see agent/tui/commands.py --------------------------------------------------------------

    def do_help(self, _: str) -> None:
        for command in commands_for("plain"):
            self._say(f"{command.slash}: {command.help}")
        self._say("Ctrl-C stops an answer. The path of a picture attaches it; an empty line sends it alone.")

    def do_new(self, _: str) -> None:
        self._chat, self._sources, self._turn_id = Chat(), [], 0
        self._say("A new conversation.")

    def do_open(self, number: str) -> None:
        listed = self._records.conversations(50)
        if not number:
            for place, one in enumerate(listed, 1):
                self._say(f"{place}: {one_line(one.title, 80)} ({one.turns} questions, {age(one.updated_at)})")
            self._say("/open NUMBER reopens one." if listed else "No conversations yet.")
        elif number.isdecimal() and 0 < int(number) <= len(listed):
            self._reopen(listed[int(number) - 1].id)
        else:
            self._say(f"There is no conversation {one_line(number, 30)}. /open lists them.")

    def do_attach(self, path: str) -> None:
        if path:
            self._attach(paths_in_paste(path) or [one_path(path)])
        else:
            self._say("Which picture? /attach PATH")

    def do_detach(self, number: str) -> None:
        place = int(number) - 1 if number.isdecimal() else len(self._pictures) - 1
        if 0 <= place < len(self._pictures):
            gone = self._pictures.pop(place)
            self._say(f"Taken off: {one_line(gone.name, 60)}")
        else:
            self._say("There is no such picture.")

    def do_sources(self, _: str) -> None:
        for entry in self._sources:
            self._say(f"  {entry_line(entry)}{' cited' if entry.cited else ''}")
        self._say("/source NUMBER reads one." if self._sources else "There is no answer with sources yet.")

    def do_source(self, number: str) -> None:
        entry = next((entry for entry in self._sources if str(entry.n) == number.strip("[]")), None)
        if entry is None:
            self._say(f"This answer has no source {one_line(number, 20)}".rstrip() + ".")
            return
        source = self._records.source(entry.source_id)
        if source is None:
            self._say(f"{one_line(entry.source_id, 60)} is no longer in the store.")
            return
        remarks = source_remarks(source)
        self._say(f"[{entry.n}] {one_line(entry.source_id, 60)} {source_title(source)} ({remarks})")
        first, last = entry.lines
        for number_, line in enumerate(source_lines(source), 1):
            if first - AROUND <= number_ <= last + AROUND:
                mark = ">" if first <= number_ <= last else " "
                self._say(f"{mark} {number_}: {clean(line)}")

    def do_good(self, _: str) -> None:
        self._rate("good", "")

    def do_bad(self, reason: str) -> None:
        self._rate("bad", reason)

    def do_again(self, _: str) -> None:
        question, self._pictures = self._last[0], list(self._last[1])
        if question or self._pictures:
            self._ask(question)
        else:
            self._say("Nothing was asked yet.")

    def do_quit(self, _: str) -> None:
        self._leaving = True

    # --- parts ----------------------------------------------------------------------------------------------

    def _rate(self, value: Rating, reason: str) -> None:
        if not self._turn_id:
            self._say("There is no kept answer to rate yet.")
            return
        wanted = None if self._rating == value and not reason else value
        self._records.rate(self._turn_id, wanted, reason)
        self._rating = wanted
        self._say(f"Rated {wanted}." if wanted else "The rating was taken back.")

    def _attach(self, paths: list[Path]) -> None:
        from index.pictures import open_picture

        for path in paths:
            if len(self._pictures) >= MAX_PICTURES:
                self._say(f"LIMIT: a question may carry {MAX_PICTURES} pictures.")
                return
            try:
                picture = open_picture(path)
            except UserError as error:
                self._say(f"Trouble: {trouble_line(error)}")
                continue
            self._pictures.append(path)
            remarks = "".join(f" {clean(notice)}" for notice in picture.notices)
            self._say(f"Attached: {picture.name} ({picture.image.width} by {picture.image.height}).{remarks}")

    def _reopen(self, conversation_id: str) -> None:
        kept = self._records.turns(conversation_id, 20)
        self._chat, self._turn_id, self._sources = Chat(conversation_id), 0, []
        for turn in kept:
            self._say(f"You: {clean(turn.question)}")
            for picture in turn.pictures:
                self._say(read_line(picture))
            self._say(f"Agent: {clean(turn.answer)}{' (stopped)' if turn.stopped else ''}")
        if kept:
            last = kept[-1]
            self._turn_id, self._rating = last.turn_id, last.rating
            self._sources = entries(last.hits, last.citations)

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
