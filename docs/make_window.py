"""The picture of the window in the README: the real program over the demo workspace, drawn without a terminal.

Run after `make chat` has imported the demo shop once: python docs/make_window.py window.svg, then make docs/window.png
of it with a browser that has the font Fira Code.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.journal import Journal
from agent.parts import load_desk
from agent.settings import load_settings
from agent.tui.app import DeskApp
from index.store import open_store

ROOT = Path(__file__).parent.parent
QUESTIONS = (f"/attach {ROOT / 'data' / 'shop' / 'pictures' / 'Q-59.png'}", "What does this mean?")


async def draw() -> None:
    """Ask one question with a screenshot and keep what a person would see."""
    settings = load_settings({"workspace": "demo"})
    store = open_store(settings.home)

    def load(on_note: Callable[[str], None]) -> Any:
        return load_desk(store, settings, on_note)

    app = DeskApp(Journal(store, "demo"), load, title="demo", conversation_id=None, pictures_home=ROOT)
    async with app.run_test(size=(118, 40)) as pilot:
        for question in QUESTIONS:
            app.screen.prompt.put(question)  # type: ignore[attr-defined]
            await pilot.press("enter")
            for _ in range(120):
                await pilot.pause(0.1)
        await pilot.pause(1.0)
        Path(sys.argv[1]).write_text(app.export_screenshot(title="deskside chat"), "utf-8")


if __name__ == "__main__":
    asyncio.run(draw())
