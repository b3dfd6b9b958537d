"""The one table of what a person can do here: keys, slash commands, palette and help all read it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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

    @property
    def needs_argument(self) -> bool:
        """Whether the slash word alone says too little."""
        return bool(self.argument) and not self.argument.startswith("[")


# Only keys that every terminal can send (no kitty protocol), and none that the text box needs; ^V is the box's own too.
COMMANDS: tuple[Command, ...] = (
    Command("help", "What can be done here", "f1", "F1", "help"),
    Command("new", "Start a new conversation", "ctrl+n", "^N", "new"),
    Command("conversations", "Find and reopen a conversation", "ctrl+s", "^S", "find", "[WORDS]"),
    Command("open", "List conversations, or open one of them", argument="[NUMBER]"),
    Command("attach", "Attach a picture by its path", argument="PATH"),
    Command("picture", "Choose a picture from the disk", "ctrl+o", "^O", "picture", places=WINDOW),
    Command("paste", "Attach the picture on the clipboard", "ctrl+v", "^V"),
    Command("detach", "Take an attached picture off again", argument="[NUMBER]"),
    Command("editor", "Write the question in your own editor", "ctrl+g", "^G"),
    Command("sources", "Go to the sources of the answer", "ctrl+t", "^T", "sources"),
    Command("source", "Read source NUMBER at the cited lines", argument="NUMBER"),
    Command("stop", "Stop the answer and keep what is written", "escape", "Esc", "", places=WINDOW),
    Command("again", "Look for another answer; the one before is kept", "ctrl+r", "^R"),
    Command("edit", "Ask the last question in other words", "alt+e", "Alt+E", argument="[TEXT]"),
    Command("variant", "Switch between the answers to a question", "alt+v", "Alt+V", argument="[NUMBER]"),
    Command("good", "The answer is good (again: take it back)", "f9", "F9"),
    Command("bad", "The answer is bad (again: take it back)", "f10", "F10", argument="[REASON]"),
    Command("correct", "Write what should have been said", "f4", "F4", argument="[TEXT]"),
    Command("veto", "Keep a correction out of training (again: let it in)"),
    Command("approve", "Close as solved: it becomes evidence", "alt+a", "Alt+A"),
    Command("template", "Give this answer to this question from now on", argument="[TITLE]"),
    Command("previous", "Choose the answer above", "alt+up", "Alt+Up", places=WINDOW),
    Command("next", "Choose the answer below", "alt+down", "Alt+Down", places=WINDOW),
    Command("copy", "Copy the answer", "alt+c", "Alt+C", places=WINDOW),
    Command("copyall", "Copy the whole conversation", places=WINDOW),
    Command("times", "Show or hide when things were said", "alt+t", "Alt+T"),
    Command("rename", "Give the conversation another title", argument="TITLE"),
    Command("delete", "Delete the conversation (asked twice)"),
    Command("export", "Write the conversation into a file", argument="[md|json] [FILE]"),
    Command("human", "Hand the conversation to a person", "f8", "F8", "person", "[NOTE]"),
    Command("packet", "The hand-over before it is sent", argument="[STEP]", places=PLAIN),
    Command("handovers", "The queue of hand-overs", "alt+q", "Alt+Q", argument="[STEP]"),
    Command("gaps", "What was asked and nothing covered", "f3", "F3"),
    Command("train", "What waits to be learned, the run, the versions", "f5", "F5", "train", "[STEP]"),
    Command("settings", "Every setting, and where it comes from", "f2", "F2"),
    Command("theme", "Change the colours", argument="[NAME]", places=WINDOW),
    Command("quit", "Leave", "ctrl+q", "^Q", "quit"),
)


def with_keys(keys: Mapping[str, str]) -> tuple[Command, ...]:
    """The table with a person's own keys: name of a command -> key as Textual names it, "" for none."""
    return tuple(
        replace(command, key=keys[command.name], shown=shown_key(keys[command.name]))
        if command.name in keys
        else command
        for command in COMMANDS
    )


def shown_key(key: str) -> str:
    """A key as a person reads it: `ctrl+n` is `^N`, `alt+up` is `Alt+Up`, `f5` is `F5`."""
    if key.startswith("ctrl+") and len(key) == 6:
        return f"^{key[-1].upper()}"
    return "+".join("Esc" if part == "escape" else part.capitalize() for part in key.split("+"))


def commands_for(place: Place) -> tuple[Command, ...]:
    """The commands that make sense in the window, or in plain lines."""
    return tuple(command for command in COMMANDS if place in command.places)


def fitting(typed: str, place: Place) -> list[Command]:
    """The commands a half-typed `/at` may become: those that begin so, then those that hold its letters in order."""
    word = typed.removeprefix("/").lower()
    letters = re.compile(".*".join(map(re.escape, word)))
    begin = [command for command in commands_for(place) if command.name.startswith(word)]
    return begin + [c for c in commands_for(place) if c not in begin and letters.match(c.name)]


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
