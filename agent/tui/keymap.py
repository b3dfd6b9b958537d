"""A person's own keys out of the settings file, checked before the window opens."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from agent.settings import load_keys
from agent.tui.commands import commands_for, with_keys
from index.errors import UserError

_KEY = re.compile(r"(?:(?:ctrl|alt|shift)\+)*(?:[a-z0-9]|f\d{1,2}|[a-z_]{2,20})")
_SAME = {"ctrl+i": "Tab", "ctrl+m": "Enter", "ctrl+h": "Backspace", "alt+enter": "Enter"}
_WRITING = (
    *("enter", "tab", "space", "backspace", "delete", "left", "right", "up", "down", "home", "end"),
    *("ctrl+j", "f6", "f7"),
)
_EDITING = tuple(f"ctrl+{letter}" for letter in "acdekuwxyz")  # the box's own


def keymap(home: Path) -> dict[str, str]:
    """Command -> key. Raises UserError CONFIG for an unknown command, a key that terminals cannot send or that
    writing needs, and one key for two commands."""
    chosen = {}
    for name, (key, place) in load_keys(home).items():
        known = [command.name for command in commands_for("window")]
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            advice = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(known)}."
            raise UserError(f'{place}: the window has no command "{name}".\n{advice}', "CONFIG")
        chosen[name] = _checked(key, place)
    taken: dict[str, str] = {}
    for command in with_keys(chosen):
        if command.key and taken.setdefault(command.key, command.name) != command.name:
            raise UserError(
                f"deskside.toml: the key {command.key} is for {taken[command.key]} and for {command.name}.\n"
                f'Give one of them another, or none: {command.name} = ""',
                "CONFIG",
            )
    return chosen


def _checked(key: object, place: str) -> str:
    if not isinstance(key, str) or (key and not _KEY.fullmatch(key.lower())):
        raise UserError(f'{place}: a key is written like "f8", "ctrl+r" or "alt+a".\nCorrect it.', "CONFIG")
    key = key.lower()
    if key in _SAME:
        raise UserError(f"{place}: terminals send {key} as {_SAME[key]}.\nTake another key.", "CONFIG")
    if key in _WRITING or key in _EDITING or len(key) == 1:
        raise UserError(f"{place}: the key {key} is needed for writing.\nTake another key.", "CONFIG")
    return key
