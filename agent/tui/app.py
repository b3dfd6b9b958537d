"""The window: one Textual app around the chat screen. `run_window` is the way in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App, SystemCommand
from textual.screen import Screen
from textual.theme import Theme

from agent.drawing import Way
from agent.records import Records
from agent.tui.chat import ChatScreen
from agent.tui.commands import Command, with_keys
from agent.tui.composer import PromptArea
from agent.tui.engine import AnsweringDesk, LoadDesk
from agent.tui.look import CSS, DARK, LIGHT
from agent.tui.office import Office
from agent.tui.paste import quick_pastes
from agent.tui.terminal import own_terminal
from agent.tui.words import MAX_QUESTION
from index.clean import clean

if TYPE_CHECKING:
    from agent.queue import HandoverQueue

__all__ = ["AnsweringDesk", "DeskApp", "run_window"]


class DeskApp(App[None]):
    """The app of `run_window`, and of its tests."""

    CSS = CSS
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (90, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        records: Records,
        load_desk: LoadDesk,
        *,
        title: str,
        conversation_id: str | None = None,
        pictures_home: Path | None = None,
        keys: Mapping[str, str] | None = None,
        office: Office | None = None,
        queue: HandoverQueue | None = None,
        person: str = "",
        drawing: Way = "blocks",
    ) -> None:
        # NO_COLOR is honoured fully only by an ANSI theme: others turn to grey.
        plain = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if plain else None)
        self.title = clean(title)
        self.queue, self.person, self.drawing = queue, person, drawing
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self._theme_file = None if plain or office is None else office.theme_file
        kept = _kept_theme(self._theme_file)
        self.theme = "ansi-dark" if plain else kept if kept in self.available_themes else DARK.name
        self.chat = ChatScreen(
            records, load_desk, self.title, conversation_id, pictures_home, with_keys(keys or {}), office
        )

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._keep_theme)

    def _keep_theme(self, theme: Theme) -> None:
        """Remember the colours for the next start; where that cannot be written they last for this one."""
        if self._theme_file is not None and theme.name != _kept_theme(self._theme_file):
            with suppress(OSError):
                self._theme_file.write_text(theme.name + "\n", "utf-8")

    def get_default_screen(self) -> Screen[Any]:
        return self.chat

    async def on_event(self, event: events.Event) -> None:
        """A paste is cleaned on its way in, and too long a one is refused; the box of the question does both itself."""
        fresh = isinstance(event, events.Paste) and not event.is_forwarded  # the same comes up again from the box
        if isinstance(event, events.Paste) and fresh and not isinstance(self.focused, PromptArea):
            if len(event.text) > MAX_QUESTION:
                self.notify(f"{len(event.text):,} characters are too much to paste here.", severity="warning")
                return
            event = events.Paste(clean(event.text))
        await super().on_event(event)

    def notify(self, message: str, **options: Any) -> None:
        """A short notice. What it says is never read as markup, whoever calls."""
        options["markup"] = False
        options["title"] = clean(str(options.get("title", "")))
        super().notify(clean(message), **options)

    def action_help_quit(self) -> None:
        self.notify("Press ^Q to leave.", timeout=3)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy by OSC 52 and, where the terminal may not take it, through the system's own clipboard too."""
        super().copy_to_clipboard(clean(text))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        for command in self.chat.commands:
            yield SystemCommand(command.name, f"{command.help}  {command.shown}".strip(), self._runner(command))

    def _runner(self, command: Command) -> Any:
        return lambda: self.call_next(self.chat.run_command, command)


def _kept_theme(file: Path | None) -> str:
    """The name in the file; "" where there is none."""
    try:
        return file.read_text("utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError):
        return ""


def run_window(
    records: Records,
    load_desk: LoadDesk,
    *,
    title: str,
    conversation_id: str | None = None,
    pictures_home: Path | None = None,
    log_file: Path,
    keys: Mapping[str, str] | None = None,
    office: Office | None = None,
    queue: HandoverQueue | None = None,
    person: str = "",
    drawing: Way = "blocks",
) -> None:
    """Open the window and stay until it is left.

    `load_desk(on_note)` is slow and is called in the engine's thread after the first paint; its notes are
    shown while it works. What libraries print goes to `log_file`. `keys` are the person's own,
    `queue` the hand-overs that `person` works on, `drawing` how pictures are drawn.
    """
    with own_terminal(log_file), quick_pastes():
        DeskApp(
            records,
            load_desk,
            title=title,
            conversation_id=conversation_id,
            pictures_home=pictures_home,
            keys=keys,
            office=office,
            queue=queue,
            person=person,
            drawing=drawing,
        ).run()
