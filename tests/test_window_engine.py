"""The engine thread, what the window must not import, and the terminal kept from C code."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from window_doubles import ANSWER, ScriptedDesk

from agent.events import Ended, Said
from agent.tui.engine import Chat, Done, Engine, Failed, Heard, Note, NotOpened, Ready


def heard(
    desk: ScriptedDesk, questions: list[str], on_note: Callable[[Engine, Note], None] | None = None
) -> list[Note]:
    """All notes of an engine until the last question is done."""
    notes: list[Note] = []
    over = threading.Event()

    def tell(note: Note) -> None:
        notes.append(note)
        if on_note:
            on_note(engine, note)
        if isinstance(note, Done) and note.number == len(questions):
            over.set()

    engine = Engine(lambda note: desk, tell)
    chat = Chat()
    for question in questions:
        engine.ask(question, (), chat)
    engine.start()
    assert over.wait(10)
    engine.close()
    return notes


def said(notes: list[Note], number: int = 1) -> list[str]:
    return [n.event.text for n in notes if isinstance(n, Heard) and n.number == number and isinstance(n.event, Said)]


def test_words_are_joined_to_about_ten_a_second() -> None:
    answer = ANSWER * 5
    began = time.monotonic()
    notes = heard(ScriptedDesk(answer, delay=0.005), ["hub?"])
    took = time.monotonic() - began
    assert "".join(said(notes)) == answer
    assert len(said(notes)) <= took * 10 + 3
    assert isinstance(notes[0], Ready)
    assert isinstance(notes[-1], Done)


def test_the_conversation_goes_on_from_one_question_to_the_next() -> None:
    desk = ScriptedDesk()
    heard(desk, ["one", "two"])
    assert [asked[2] for asked in desk.asked] == [None, "C-1"]


def test_after_a_stop_only_the_end_is_told() -> None:
    def stop_at_first_word(engine: Engine, note: Note) -> None:
        if isinstance(note, Heard) and isinstance(note.event, Said):
            engine.stop(1)

    notes = heard(ScriptedDesk("word " * 50, delay=0.005, deaf=True), ["hub?"], stop_at_first_word)
    assert len(said(notes)) == 1
    ended = [n for n in notes if isinstance(n, Heard) and isinstance(n.event, Ended)]
    assert len(ended) == 1
    assert ended[0].event.stopped  # type: ignore[union-attr]


def test_any_error_of_the_desk_is_told_and_the_engine_goes_on() -> None:
    notes = heard(ScriptedDesk(RuntimeError("bug"), ANSWER), ["one", "two"])
    assert [type(n.error) for n in notes if isinstance(n, Failed)] == [RuntimeError]
    assert "".join(said(notes, 2)) == ANSWER


def test_a_desk_that_cannot_be_opened_fails_each_question() -> None:
    notes: list[Note] = []
    over = threading.Event()

    def tell(note: Note) -> None:
        notes.append(note)
        if isinstance(note, Done):
            over.set()

    def load(on_note: Callable[[str], None]) -> ScriptedDesk:
        raise OSError("no weights")

    engine = Engine(load, tell)
    engine.start()
    engine.ask("hub?", (), Chat())
    assert over.wait(5)
    assert [type(note) for note in notes] == [NotOpened, NotOpened, Failed, Done]


def test_the_window_is_imported_without_any_heavy_library() -> None:
    heavy = [
        "torch",
        "transformers",
        "sentence_transformers",
        "faiss",
        "PIL",
        "sqlite_utils",
        "rapidocr",
        "onnxruntime",
    ]
    code = f"import sys, agent.tui.app; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_engine_commands_and_words_need_no_textual() -> None:
    names = "agent.tui.engine, agent.tui.commands, agent.tui.words, agent.tui.paths, agent.plain"
    code = f"import sys, {names}; print('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_what_c_code_prints_goes_to_the_log_and_the_screen_stays_ours(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "window.log"
    code = f"""
import logging, os, sys
from pathlib import Path
from agent.tui.terminal import own_terminal
with own_terminal(Path({str(log)!r})):
    os.write(1, b"noise one\\n"); os.write(2, b"noise two\\n")
    logging.getLogger("agent").warning("a record")
    sys.__stderr__.write("the screen"); sys.__stderr__.flush()
os.write(2, b" and after")
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == "the screen and after"
    assert done.stdout == ""
    assert log.read_text().startswith("noise one\nnoise two\n")
    assert "WARNING agent: a record" in log.read_text()
