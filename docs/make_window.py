"""The pictures of the window in the README: the real program over the demo workspace, drawn without a terminal.

Run after `make chat` has imported the demo shop once: python docs/make_window.py [NAME...]. It works in a copy of the
workspace, so that nothing of this is kept, and writes docs/window-*.svg, all of them or those named. Each wait has a
limit, and what was waited for in vain is told with what the window showed.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual import constants
from textual.pilot import Pilot

from agent.commands.chatting import gaps_of
from agent.journal import Journal
from agent.parts import load_desk
from agent.queue import HandoverQueue
from agent.settings import Settings, explained, load_settings
from agent.tui.app import DeskApp
from agent.tui.office import Office
from agent.tui.packet import PacketScreen
from agent.tui.training import TrainingScreen
from agent.workshop import Workshop
from index.store import open_store

constants.TEXTUAL_ANIMATIONS = "none"  # type: ignore[misc]
DOCS = Path(__file__).parent
PICTURE = DOCS.parent / "data" / "shop" / "pictures" / "Q-59.png"
SIZE = (118, 36)
UNCOVERED = (
    "Do you repair coffee machines?",
    "Do you repair coffee makers of other brands?",
    "Do you sell bicycles?",
    "Can I rent a drone for a wedding?",
    "Where is my parcel?",
)
LEAST_STEPS = 4  # of training, before its picture is worth looking at
PATIENCE, LONG = 180.0, 1_200.0  # seconds for an answer, for the first steps of a training


class Sitting:
    """A person at the desk who asks, looks and keeps what is to be seen."""

    def __init__(self, app: DeskApp, pilot: Pilot[None], folder: Path = DOCS, patience: float = PATIENCE) -> None:
        self.app, self.pilot = app, pilot
        self._folder, self._patience = folder, patience

    async def until(self, what: str, done: Callable[[], object], seconds: float = 0.0) -> None:
        """Wait for something; RuntimeError with what the window shows when it does not come."""
        end = time.monotonic() + (seconds or self._patience)
        while not done():
            if time.monotonic() > end:
                shown = "\n".join(each.message for each in self.app._notifications)
                raise RuntimeError(f"Waited in vain for {what} on {self.app.screen!r}.\n{shown}".rstrip())
            await asyncio.sleep(0.2)
        await self.pilot.pause(0.3)

    async def ready(self) -> None:
        """Wait for the desk to be open; a desk that cannot be opened is not waited for."""
        await self.until("the desk to open", lambda: not self.app.chat._desk_state)

    async def say(self, text: str) -> None:
        """Ask, and wait for the answer."""
        before = len(self.app.chat.transcript.turns)
        self.app.chat.prompt.put(text)
        await self.pilot.press("enter")
        turns = self.app.chat.transcript
        await self.until(f"the answer to {text!r}", lambda: len(turns.turns) > before and not self.app.chat.active)

    async def press(self, *keys: str, on: type | None = None, pause: float = 0.5) -> None:
        """Press keys, and wait for a screen where one is named."""
        await self.pilot.press(*keys)
        if on is not None:
            await self.until(on.__name__, lambda: isinstance(self.app.screen, on))
        await self.pilot.pause(pause)

    async def keep(self, name: str) -> None:
        """Write what is to be seen now."""
        await self.pilot.pause(1)
        self.app.clear_notifications()
        await self.pilot.pause(0.3)
        (self._folder / f"window-{name}.svg").write_text(self.app.export_screenshot(title="deskside chat"), "utf-8")

    async def back(self) -> None:
        """To the chat, from wherever this is."""
        while self.app.screen is not self.app.chat:
            await self.press("escape", pause=0.2)


async def asked(at: Sitting) -> None:
    """A question about a screenshot, answered with its sources; a command half typed; the answer corrected."""
    await at.press("ctrl+n")
    at.app.chat.prompt.put(f"/attach {PICTURE}")
    await at.press("enter")
    await at.until("the picture", lambda: at.app.chat.composer.attached)
    await at.say("What does this mean?")
    at.app.chat.transcript.release_anchor()
    at.app.chat.transcript.scroll_home(animate=False)
    await at.keep("answer")
    await at.press("/", "c", "o")
    await at.keep("commands")
    await at.press("escape", "backspace", "backspace", "backspace", "f4")
    await at.keep("correct")
    await at.back()


async def found(at: Sitting) -> None:
    """Conversations searched, and what nothing covered."""
    for question in UNCOVERED:
        await at.press("ctrl+n")
        await at.say(question)
        await at.back()  # from a hand-over that was offered
    await at.press("ctrl+s", *"coffee")
    await at.keep("conversations")
    await at.back()
    await at.press("f3")
    gaps: Any = at.app.screen
    await at.until("the gaps", lambda: gaps._gaps)
    await at.keep("gaps")
    await at.back()


async def handed(at: Sitting) -> None:
    """The queue of the people, one hand-over in it."""
    await at.press("ctrl+n")
    await at.say("My lock does not open since the update, error E-LOCK-3. What now?")
    await at.say("That did not help. I want a person, please mail jo@example.org")
    await at.until("the packet", lambda: isinstance(at.app.screen, PacketScreen))
    await at.press("ctrl+s")
    await at.until("the hand-over", lambda: at.app.queue and at.app.queue.waiting())
    await at.press("alt+q")
    await at.until("the list", lambda: at.app.screen.query_one("#queue").highlighted is not None)  # type: ignore[attr-defined]
    await at.keep("queue")
    await at.back()


async def trained(at: Sitting) -> None:
    """A run on its way. It is stopped afterwards: the picture needs no more of it."""
    await at.press("f5", on=TrainingScreen)
    screen = at.app.screen
    assert isinstance(screen, TrainingScreen)
    await at.press("s")
    await at.until("the run to begin", lambda: screen.run_shown.alive)

    def enough() -> bool:
        if not screen.run_shown.alive:
            raise RuntimeError(f"The run ended before its picture: {screen.run_shown.trouble}")
        return len(screen.run_shown.losses) >= LEAST_STEPS

    try:
        await at.until("the first steps of the training", enough, LONG)
        await at.keep("training")
    finally:
        await at.press("x")
        await at.until("the run to stop", lambda: not screen.run_shown.alive)
    await at.back()


PARTS: dict[str, tuple[Callable[[Sitting], Awaitable[None]], tuple[str, ...]]] = {
    "asked": (asked, ("answer", "commands", "correct")),
    "found": (found, ("conversations", "gaps")),
    "handed": (handed, ("queue",)),
    "trained": (trained, ("training",)),
}


async def draw(settings: Settings, names: Sequence[str]) -> None:
    """Work a little with the desk and keep what a person would see."""
    store = open_store(settings.home)

    def load(on_note: Callable[[str], None]) -> Any:
        return load_desk(store, settings, on_note, proposes=True)

    office = Office(
        explained(settings), gaps_of(store, settings), settings.home / "drafts", Workshop(store, settings)
    )  # fmt: skip
    queue = HandoverQueue(store, "demo")
    app = DeskApp(
        Journal(store, "demo"), load, title="demo", pictures_home=DOCS.parent, office=office, queue=queue, person="Ana"
    )  # fmt: skip
    async with app.run_test(size=SIZE) as pilot:
        at = Sitting(app, pilot)
        await at.ready()
        for part, kept in PARTS.values():
            if not names or set(names) & set(kept):
                await part(at)
                print("drawn:", *kept, flush=True)


if __name__ == "__main__":
    own = load_settings({"workspace": "demo"})
    with tempfile.TemporaryDirectory(prefix="deskside-pictures-") as folder:
        # without what was learned there: a run that could be gone on with would be asked about first
        kept_out = shutil.ignore_patterns("learn")
        shutil.copytree(own.home, Path(folder) / "home", ignore=kept_out)
        asyncio.run(draw(replace(own, home=Path(folder) / "home"), sys.argv[1:]))
