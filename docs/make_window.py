"""The pictures of the window in the README: the real program over the demo workspace, drawn without a terminal.

Run after `make chat` has imported the demo shop once: python docs/make_window.py. It asks in a copy of the workspace,
so that nothing of this is kept, and writes docs/window-*.svg.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual import constants

from agent.commands.chatting import gaps_of
from agent.journal import Journal
from agent.parts import load_desk
from agent.queue import HandoverQueue
from agent.settings import Settings, explained, load_settings
from agent.tui.app import DeskApp
from agent.tui.office import Office
from agent.tui.training import TrainingScreen
from agent.workshop import Workshop
from index.store import open_store

constants.TEXTUAL_ANIMATIONS = "none"  # type: ignore[misc]
DOCS = Path(__file__).parent
PICTURE = DOCS.parent / "data" / "shop" / "pictures" / "Q-59.png"
SIZE = (118, 36)
LEAST_STEPS = 12  # of training, before its picture is worth looking at


async def draw(settings: Settings) -> None:
    """Work a little with the desk and keep what a person would see."""
    store = open_store(settings.home)

    def load(on_note: Callable[[str], None]) -> Any:
        return load_desk(store, settings, on_note)

    workshop = Workshop(store, settings)
    office = Office(explained(settings), gaps_of(store, settings), settings.home / "drafts", workshop)
    queue = HandoverQueue(store, "demo")
    app = DeskApp(
        Journal(store, "demo"), load, title="demo", pictures_home=DOCS.parent, office=office, queue=queue, person="Ana"
    )  # fmt: skip
    async with app.run_test(size=SIZE) as pilot:

        async def say(text: str) -> None:
            app.chat.prompt.put(text)
            await pilot.press("enter")
            await pilot.pause(0.5)
            while app.chat.active or app.chat._desk_state:
                await pilot.pause(0.2)
            await pilot.pause(0.5)

        async def keep(name: str, *keys: str, seconds: float = 1.5) -> None:
            if keys:
                await pilot.press(*keys)
            await pilot.pause(seconds)
            app.clear_notifications()
            await pilot.pause(0.2)
            (DOCS / f"window-{name}.svg").write_text(app.export_screenshot(title="deskside chat"), "utf-8")

        await say("Do you repair coffee machines?")
        await say("Can you fix my coffee machine?")
        await pilot.press("ctrl+n")
        await say(f"/attach {PICTURE}")
        await pilot.pause(2)
        await say("What does this mean?")
        await keep("answer")
        await keep("commands", "/", "c", "o")
        await pilot.press("escape", "backspace", "backspace", "backspace")
        await keep("correct", "f4")
        await pilot.press("escape")
        await keep("conversations", "ctrl+s", *"coffee")
        await pilot.press("escape")
        await keep("gaps", "f3", seconds=8)
        await pilot.press("escape", "f8")
        await pilot.pause(1)
        await pilot.press("ctrl+s")
        await pilot.pause(1)
        await keep("queue", "alt+q")
        await pilot.press("escape", "f5", "s")
        await pilot.pause(2)
        while isinstance(app.screen, TrainingScreen) and len(app.screen.run_shown.losses) < LEAST_STEPS:
            await pilot.pause(1)
        await keep("training")
        await pilot.press("x")
        while workshop.look().alive:
            await pilot.pause(1)


if __name__ == "__main__":
    own = load_settings({"workspace": "demo"})
    with tempfile.TemporaryDirectory(prefix="deskside-pictures-") as folder:
        shutil.copytree(own.home, Path(folder) / "home")
        asyncio.run(draw(replace(own, home=Path(folder) / "home")))
