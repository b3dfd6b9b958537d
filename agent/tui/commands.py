"""The one table of what a person can do here: keys, slash commands, palette and help all read it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Place = Literal["window", "plain"]
EVERYWHERE: frozenset[Place] = frozenset(("window", "plain"))
WINDOW: frozenset[Place] = frozenset(("window",))
PLAIN: frozenset[Place] = frozenset(("plain",))


@dataclass(frozen=True)
class Command:
    """Something to do. `name` is also the slash word and, as `do_<name>`, the method that does it.

    `key` is the key as Textual names it ("" for none), `shown` the same key as a person reads it; `brief` is
    the word in the footer ("" keeps it out of there); `argument` hints at what may follow the slash word.
    """

    name: str
    help: str
    key: str = ""
    shown: str = ""
    brief: str = ""
    argument: str = ""
    places: frozenset[Place] = EVERYWHERE

    @property
    def slash(self) -> str:
        """`/attach PATH`: how it is typed."""
        return f"/{self.name} {self.argument}".rstrip()


# Only keys that every terminal can send (no kitty protocol), and none that the text box needs.
COMMANDS: tuple[Command, ...] = (
    Command("help", "What can be done here", "f1", "F1", "help"),
    Command("new", "Start a new conversation", "ctrl+n", "^N", "new"),
    Command("conversations", "Find and reopen a conversation", "ctrl+s", "^S", "conversations", places=WINDOW),
    Command("open", "List conversations, or open one of them", argument="[NUMBER]"),
    Command("attach", "Attach a picture by its path", argument="PATH"),
    Command("picture", "Choose a picture from the disk", "ctrl+o", "^O", "picture", places=WINDOW),
    Command("detach", "Take an attached picture off again", argument="[NUMBER]"),
    Command("sources", "Go to the sources of the answer", "ctrl+t", "^T", "sources"),
    Command("source", "Read source NUMBER at the cited lines", argument="NUMBER"),
    Command("stop", "Stop the answer and keep what is written", "escape", "Esc", "", places=WINDOW),
    Command("good", "The answer is good (again: take it back)", "f9", "F9", "good"),
    Command("bad", "The answer is bad (again: take it back)", "f10", "F10", "bad", argument="[REASON]"),
    Command("previous", "Choose the answer above", "alt+up", "Alt+Up", places=WINDOW),
    Command("next", "Choose the answer below", "alt+down", "Alt+Down", places=WINDOW),
    Command("copy", "Copy the answer", "alt+c", "Alt+C", places=WINDOW),
    Command("again", "Send the last question again"),
    Command("theme", "Change the colours", argument="[NAME]", places=WINDOW),
    Command("quit", "Leave", "ctrl+q", "^Q", "quit"),
)


def commands_for(place: Place) -> tuple[Command, ...]:
    """The commands that make sense in the window, or in plain lines."""
    return tuple(command for command in COMMANDS if place in command.places)


def starting_with(typed: str, place: Place) -> list[Command]:
    """The commands a half-typed `/at` can become, in table order."""
    word = typed.removeprefix("/")
    return [command for command in commands_for(place) if command.name.startswith(word)]


@dataclass(frozen=True)
class Typed:
    """What a typed line means: a command with its argument, a wrong slash word, or plain `text`."""

    text: str = ""
    command: Command | None = None
    argument: str = ""
    unknown: str = ""


_SLASH = re.compile(r"/([A-Za-z]+)(?:\s+(.*))?", re.DOTALL)


def understand(line: str, place: Place) -> Typed:
    """The meaning of a line: `/name argument` is a command, `//x` the text `/x`, a path or anything else text."""
    line = line.strip()
    if line.startswith("//"):
        return Typed(text=line[1:])
    match = _SLASH.fullmatch(line)
    if not match:
        return Typed(text=line)
    name = match[1].lower()
    for command in commands_for(place):
        if command.name == name:
            return Typed(command=command, argument=(match[2] or "").strip())
    return Typed(unknown=f"/{match[1]}")


def unknown_word(word: str, place: Place) -> str:
    """One line about a slash word that does not exist, with the nearest one that does."""
    names: Iterable[str] = [command.name for command in commands_for(place)]
    close = difflib.get_close_matches(word.removeprefix("/").lower(), names, n=1, cutoff=0.5)
    advice = f"did you mean /{close[0]}?" if close else "/help lists them all."
    return f"There is no command {word}: {advice} (Start with // to say it literally.)"
