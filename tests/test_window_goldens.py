"""Each screen as text, as a person sees it, at three sizes. After a wanted change: GOLDENS=new pytest <this file>."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from window_doubles import (
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
from agent.records import ConversationSummary
from agent.settings import Setting
from agent.tui.app import DeskApp
from agent.tui.office import Office

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


class Listed(MemoryRecords):
    """Conversations whose age never changes."""

    def conversations(self, limit: int = 50, words: str = "") -> list[ConversationSummary]:
        return [
            ConversationSummary("a", "Hub LED stays white", "", 2, "approved", "good", True),
            ConversationSummary("T-1042", "Where is my refund?", "", 1, "waiting", "bad", snippet="my refund is late"),
        ]


async def welcome(pilot: Pilot) -> None:
    await pilot.pause()


async def answered(pilot: Pilot) -> None:
    await asked_and_answered(pilot)


async def popup(pilot: Pilot) -> None:
    await pilot.press(*"/co")
    await pilot.pause()


def opened(key: str, words: str) -> Callable[[Pilot], Awaitable[None]]:
    async def open_screen(pilot: Pilot) -> None:
        await asked_and_answered(pilot)
        await pilot.press(key)
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
}


def made() -> DeskApp:
    hits = tuple(replace(each, opened_at=None) for each in (hit(1), hit(2, "T-0999")))
    office = Office(SETTINGS, lambda: GAPS)
    return window(ScriptedDesk(hits=hits), Listed(), office=office)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
async def test_the_screen_is_as_it_was(name: str, size: tuple[int, int]) -> None:
    app = made()
    async with running(app, size) as pilot:
        await wait_until(pilot, lambda: not app.chat._desk_state)
        await SCREENS[name](pilot)
        app.clear_notifications()
        await pilot.pause(0.1)
        seen = screen_text(app) + "\n"
    file = FOLDER / f"{name}-{size[0]}x{size[1]}.txt"
    if os.environ.get("GOLDENS") == "new":
        file.write_text(seen, "utf-8")
    assert file.read_text("utf-8") == seen
