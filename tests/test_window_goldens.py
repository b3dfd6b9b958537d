"""Each screen as text, as a person sees it, at three sizes. After a wanted change: GOLDENS=new pytest <this file>."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from handover_doubles import CITED, SOLVED, ended, promise
from test_window_training import version, worked
from textual.pilot import Pilot
from training_doubles import LEARNED, lines
from window_doubles import (
    TICKET,
    MemoryRecords,
    ScriptedDesk,
    asked_and_answered,
    hit,
    running,
    screen_text,
    wait_until,
    window,
)

from agent.gaps import Asked, Gap
from agent.journal import Journal
from agent.learning import Run, read_run
from agent.queue import HandoverQueue
from agent.records import ConversationSummary
from agent.settings import Setting, Settings
from agent.tui.app import DeskApp
from agent.tui.office import Office
from agent.workshop import Workshop
from index.store import open_store

FOLDER = Path(__file__).parent / "goldens"
SIZES = ((100, 30), (60, 20), (44, 14))
GAPS = [
    Gap("Do you repair coffee machines?", (Asked("Do you repair coffee machines?", "chat-1", "", "handed over"),) * 3),
    Gap("Spare belts for the X200", (Asked("Spare belts for the X200", "chat-2", "", "rated bad"),)),
]
SETTINGS = (
    Setting("home", "/srv/desk", "DESKSIDE_HOME", "everything precious lies here"),
    Setting("caution", "0.6", "deskside.toml line 2", "least confidence for an answer, 0 to 1"),
    Setting("house", "", "default", "own names, mail domains and numbers: not masked"),
)

_TIMES = ((r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-01-05T10:00:00Z"), (r"\b\d\d:\d\d:\d\d  ", "10:00:00  "),
          (r"made \d{4}-\d\d-\d\d \d\d:\d\d", "made 2026-01-05 10:00"))  # fmt: skip


class Still(Workshop):
    """A workshop whose run stands at the same moment for ever."""

    def look(self) -> Run:
        now = datetime(2026, 1, 5, 10, 4, 0, tzinfo=UTC)
        return read_run(lines(*LEARNED), {"done": ["material"]}, running=True, now=now)


class Listed(MemoryRecords):
    """Conversations whose age never changes."""

    def conversations(self, limit: int = 50, words: str = "") -> list[ConversationSummary]:
        return [
            ConversationSummary("a", "Hub LED stays white", "", 2, "approved", "good", True),
            ConversationSummary("T-1042", "Where is my refund?", "", 1, "waiting", "bad", snippet="my refund is late"),
        ]


def handed(home: Path) -> DeskApp:
    """A window over a store where one hand-over waits and another one is with Ana."""
    store = open_store(home)
    promise(store, question="I want a person, mail jo@example.org", chat="chat-jo")
    promise(store, "webhook", question="My hub is burning, quick!", chat="chat-fire")
    queue = HandoverQueue(store, "default")
    queue.claim(2, "Ana")
    return DeskApp(
        Journal(store, "default"), lambda on_note: ScriptedDesk(), title="Deskside", conversation_id="chat-jo",
        queue=queue, person="Ana",
    )  # fmt: skip


def offered(home: Path) -> DeskApp:
    """A window over a chat whose hand-over was not looked over yet."""
    store = open_store(home)
    Journal(store, "default", proposes=True).keep_turn("I want a person, mail jo@example.org", ended(chat="chat-jo"))
    return DeskApp(
        Journal(store, "default"), lambda on_note: ScriptedDesk(), title="Deskside", conversation_id="chat-jo",
        queue=HandoverQueue(store, "default"), person="Ana",
    )  # fmt: skip


def taught(home: Path) -> DeskApp:
    """A window over a store where people worked, a run goes on and two versions were made."""
    store = open_store(home)
    worked(store)
    version(store, home)
    version(store, home, accepted=False)
    office = Office(SETTINGS, workshop=Still(store, Settings(home, home / "cache", "default")))
    return DeskApp(Journal(store, "default"), lambda on_note: ScriptedDesk(), title="Deskside", office=office)


def solved(home: Path) -> DeskApp:
    """A window over a chat that can be closed as solved."""
    store = open_store(home)
    told = ended("Hold reset for 10 seconds, then wait until it is blue.", SOLVED, "chat-jo", citations=(CITED,))
    Journal(store, "default").keep_turn("My hub stays white, mail jo@example.org", told)
    return DeskApp(
        Journal(store, "default"), lambda on_note: ScriptedDesk(), title="Deskside", conversation_id="chat-jo"
    )  # fmt: skip


async def welcome(pilot: Pilot) -> None:
    await pilot.pause()


async def answered(pilot: Pilot) -> None:
    await asked_and_answered(pilot)


async def popup(pilot: Pilot) -> None:
    await pilot.press(*"/co")
    await pilot.pause()


def opened(keys: str, words: str) -> Callable[[Pilot], Awaitable[None]]:
    async def open_screen(pilot: Pilot) -> None:
        await asked_and_answered(pilot)
        for key in keys.split():
            await pilot.press(key)
            await pilot.pause(0.2)
        await wait_until(pilot, lambda: words in screen_text(pilot.app))  # type: ignore[arg-type]
        await pilot.pause(0.2)

    return open_screen


SCREENS: dict[str, Callable[[Pilot], Awaitable[None]]] = {
    "welcome": welcome,
    "answered": answered,
    "popup": popup,
    "help": opened("f1", "What can be done"),
    "settings": opened("f2", "DESKSIDE_HOME"),
    "gaps": opened("f3", "coffee"),
    "correct": opened("f4", "It said"),
    "conversations": opened("ctrl+s", "Hub LED"),
    "bad": opened("f10", "Why is it bad?"),
    "sources": opened("ctrl+t", "T-0999"),
    "ticket": opened("ctrl+t enter", "T-1042  Hub stays white"),
}


def made() -> DeskApp:
    hits = tuple(replace(each, opened_at=None) for each in (hit(1), hit(2, "T-0999")))
    office = Office(SETTINGS, lambda: GAPS)
    records = Listed()
    records.sources["T-1042"] = replace(TICKET, opened_at=None)  # its age would change
    return window(ScriptedDesk(hits=hits), records, office=office)


def pressed(words: str, *keys: str) -> Callable[[Pilot], Awaitable[None]]:
    async def press(pilot: Pilot) -> None:
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.2)
        await wait_until(pilot, lambda: words in screen_text(pilot.app))  # type: ignore[arg-type]
        await pilot.pause(0.2)

    return press


WITH_STORE: dict[str, tuple[Callable[[Path], DeskApp], Callable[[Pilot], Awaitable[None]]]] = {
    "packet": (offered, pressed("nothing is sent yet")),
    "queue": (handed, pressed("claimed by Ana", "alt+q")),
    "held": (handed, pressed("Hand-over 1", "alt+q", "down", "enter")),
    "approve": (solved, pressed("Close as solved", "alt+a")),
    "training": (taught, pressed("running: embedder", "f5")),
    "examples": (taught, pressed("[Examples", "f5", "tab")),
    "versions": (taught, pressed("[Versions", "f5", "shift+tab")),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", [*SCREENS, *WITH_STORE])
async def test_the_screen_is_as_it_was(name: str, size: tuple[int, int], own_home: Path) -> None:
    make, open_screen = WITH_STORE.get(name) or (lambda home: made(), SCREENS[name])
    app = make(own_home)
    async with running(app, size) as pilot:
        await wait_until(pilot, lambda: not app.chat._desk_state)
        await open_screen(pilot)
        app.clear_notifications()
        await pilot.pause(0.1)
        seen = screen_text(app) + "\n"
    for pattern, instead in _TIMES:
        seen = re.sub(pattern, instead, seen)
    file = FOLDER / f"{name}-{size[0]}x{size[1]}.txt"
    if os.environ.get("GOLDENS") == "new":
        file.write_text(seen, "utf-8")
    assert file.read_text("utf-8") == seen
