"""How quickly the window answers a person: first paint, echo of a key, long conversations, search, memory."""

from __future__ import annotations

import asyncio
import gc
import os
import pty
import select
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.events import Checked, Citation, Decided, Decision, Ended, Event, Found, Looked, Said
from agent.journal import Journal
from bench.machine import clean_environment, program
from bench.report import Report, Writer, table
from index.measure import median
from index.store import now, open_store

TITLE = "The window"
ROUNDS = 5
LONG = 250  # turns: 500 messages
MESSAGES = 100_000
SEARCHES = ("printer", "pri", "p", "paper jam", "jam tray twelve", "nothinglikethis", "printer rating:bad", "since:7d")
SOAK, FULL = 1_000, 300
DECISION = Decision("case", "scripted", "scripted", 0.9)
WORDS = "the printer shows a paper jam in tray two open lid take out sheet close press start light blue wait".split()


class Scripted:
    """A desk that answers at once, or slowly with both cores busy, and keeps what it says."""

    def __init__(self, journal: Journal, pause: float = 0.0, fragments: int = 20) -> None:
        self._journal = journal
        self._pause = pause
        self._fragments = fragments

    def answer(
        self,
        question: str,
        pictures: Sequence[Path] = (),
        conversation_id: str | None = None,
        cancel: threading.Event | None = None,
        *,
        instead_of: int | None = None,
    ) -> Iterator[Event]:
        """A scripted answer of some words."""
        yield Looked(())
        yield Found((), 0.0)
        yield Decided(DECISION)
        said = ""
        for n in range(self._fragments):
            if cancel is not None and cancel.is_set():
                break
            said += WORDS[n % len(WORDS)] + " "
            yield Said(WORDS[n % len(WORDS)] + " ")
            if self._pause:
                time.sleep(self._pause)
        cited: tuple[Citation, ...] = ()
        yield Checked(said, cited, (), False)
        chat = conversation_id or self._journal.new_conversation_id()
        ended = Ended(0, chat, said, DECISION, cited, (), (), {"end": 0.1}, "scripted")
        yield replace(ended, turn_id=self._journal.keep_turn(question, ended))


def run() -> Report:
    """Every figure of the window, each on a store of its own."""
    writer = Writer(TITLE)
    rows: list[list[str]] = []

    def told(name: str, value: float, text: str, target: str) -> None:
        writer.figures[name] = value
        rows.append([name, text, target])

    with tempfile.TemporaryDirectory(prefix="deskside-window-") as folder:
        paint = [first_paint(Path(folder) / "paint") for _ in range(ROUNDS)]
        told("first paint, median of 5", median(paint), f"{median(paint):.2f} s", "1 s")
        told("first paint, the first start", paint[0], f"{paint[0]:.2f} s", "1 s")
        journal = Journal(open_store(Path(folder) / "long"), "default")
        lag = asyncio.run(key_to_echo(journal))
        told("key to echo while answering, p95", lag, f"{lag * 1000:.0f} ms", "50 ms")
        seconds, widgets = asyncio.run(long_conversation(journal))
        told("a conversation of 500 messages opens", seconds, f"{seconds:.2f} s", "1 s")
        told("widgets in it", widgets, str(widgets), "150")
        big = Journal(open_store(Path(folder) / "big"), "default")
        fill(big)
        for name, taken in search_seconds(big).items():
            told(f"search 100,000 messages: {name}", taken, f"{taken * 1000:.0f} ms", "100 ms")
        held = asyncio.run(soak(Journal(open_store(Path(folder) / "soak"), "default")))
        for turns, megabytes in held.items():
            told(
                f"memory after {turns:,} scripted turns",
                megabytes,
                f"{megabytes:.0f} MB",
                "flat" if turns > FULL else "",
            )
    writer.say(*table(("the window", "figure", "target"), rows))
    return writer.done()


def first_paint(home: Path) -> float:
    """Seconds from the start of the program to the welcome on the screen of a real terminal."""
    environment = {**clean_environment(), "DESKSIDE_HOME": str(home), "TERM": "xterm-256color"}
    started = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        command = program("chat", "--model", "none")
        os.execve(command[0], command, environment)
    seen = b""
    try:
        while b"What does the customer ask?" not in seen:
            if time.perf_counter() - started > 60:
                raise RuntimeError("the window did not paint within a minute")
            if select.select([terminal], [], [], 0.5)[0]:
                seen += os.read(terminal, 65536)
        return time.perf_counter() - started
    finally:
        os.kill(process, 9)
        os.waitpid(process, 0)
        os.close(terminal)


def window(journal: Journal, desk: Scripted, conversation_id: str | None = None) -> Any:
    """The app, as the tests run it."""
    from agent.tui.app import DeskApp

    return DeskApp(journal, lambda on_note: desk, title="bench", conversation_id=conversation_id)


async def until(pilot: Any, done: Any, seconds: float = 60) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise RuntimeError("the window did not get there")
        await pilot.pause(0.005)


async def key_to_echo(journal: Journal) -> float:
    """The 95th percentile of the seconds from a key to its letter in the box, both cores kept busy meanwhile."""
    code = "while True: pass"
    busy = [await asyncio.create_subprocess_exec(sys.executable, "-c", code) for _ in range(2)]
    app = window(journal, Scripted(journal, pause=0.025, fragments=400))
    taken = []
    try:
        async with app.run_test(size=(100, 30)) as pilot:
            app.chat.prompt.put("go")
            await pilot.press("enter")
            await until(pilot, lambda: app.chat.transcript.turns and app.chat.transcript.turns[0].draft)
            for n in range(60):
                letter, before = "abcdefghij"[n % 10], len(app.chat.prompt.text)
                began = time.perf_counter()
                app.simulate_key(letter)
                while len(app.chat.prompt.text) == before:
                    await asyncio.sleep(0)
                await asyncio.sleep(0)
                taken.append(time.perf_counter() - began)
                await asyncio.sleep(0.05)
            await app.chat.do_stop("")
    finally:
        for each in busy:
            each.kill()
            await each.wait()
    return sorted(taken)[int(0.95 * len(taken))]


async def long_conversation(journal: Journal) -> tuple[float, int]:
    """(seconds until a conversation of 500 messages can be read, widgets on the screen then)."""
    text = " ".join(WORDS * 3)
    ended = Ended(0, "long", text, DECISION, (), (), (), {"end": 0.1}, "scripted")
    with journal._store.write():
        for n in range(LONG):
            journal.keep_turn(f"Question {n}", ended)
    app = window(journal, Scripted(journal))
    async with app.run_test(size=(100, 30)) as pilot:
        began = time.perf_counter()
        app.chat.open_conversation("long")
        await until(pilot, lambda: len(app.chat.transcript.turns) >= 20)
        await pilot.pause()
        return time.perf_counter() - began, len(list(app.screen.walk_children()))


def fill(journal: Journal) -> None:
    """100,000 messages in 20,000 conversations, some of them rated."""
    store, at = journal._store, now()
    with store.write() as db:
        for chat in range(MESSAGES // 5):
            row = db.conn.execute(
                "INSERT INTO conversations (workspace, source_id, origin, trust, subject, opened_at, tags, extra,"
                " content_hash, updated_at) VALUES ('default', ?, 'chat', 'chat', ?, ?, '[]', '{}', '', ?)",
                [f"chat-{chat}", f"printer {chat}", at, at],
            ).lastrowid
            db.conn.executemany(
                "INSERT INTO messages (conversation_id, position, role, text, attachments, pictures, extra)"
                " VALUES (?, ?, ?, ?, '[]', '[]', '{}')",
                [(row, n, ("customer", "agent")[n % 2], said(chat, n)) for n in range(5)],
            )
        db.execute("INSERT INTO messages_fts (messages_fts) VALUES ('rebuild')")


def said(chat: int, n: int) -> str:
    """Words that differ from message to message, some of them rare."""
    start = (chat * 7 + n * 3) % len(WORDS)
    rare = ("twelve", "thirteen", "fourteen")[chat % 3] if chat % 50 == 0 else ""
    return " ".join([*WORDS[start:], *WORDS[:start], f"case{chat % 997}", rare])


def search_seconds(journal: Journal) -> dict[str, float]:
    """The median of five searches for each of the things a person may type."""
    found = {}
    for words in SEARCHES:
        taken = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            journal.conversations(50, words)
            taken.append(time.perf_counter() - began)
        found[words] = median(taken)
    return found


async def soak(journal: Journal) -> dict[int, float]:
    """Resident MB of this process after each hundred of 1,000 scripted turns in one conversation. Until some 300 turns
    the transcript, the list of past questions and SQLite's cache fill up; from then on it should be flat."""
    import psutil

    process = psutil.Process()
    app = window(journal, Scripted(journal, fragments=5))
    held = {}
    async with app.run_test(size=(100, 30)) as pilot:
        for n in range(SOAK):
            app.chat.prompt.put(f"Question {n}")
            await pilot.press("enter")
            await until(pilot, lambda: not app.chat.active)
            if n % 100 == 99:
                gc.collect()
                held[n + 1] = process.memory_info().rss / 2**20
    return held
