"""The commands a half-typed slash word can become, above the box: what they do and what may follow them."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from agent.tui.commands import Command, commands_for, fitting

MOST = 8
ROOM = 70  # columns that a table needs


def completions(typed: str) -> list[Command]:
    """The commands a text in the box may become; none when it is no slash word."""
    if not typed.startswith("/") or typed.startswith("//") or set(typed) & {"\n", " "}:
        return []
    return fitting(typed, "window")


def hinted(typed: str) -> Command | None:
    """The command whose argument is being typed, where it takes one."""
    word, space, _ = typed.partition(" ")
    if not space or not word.startswith("/") or "\n" in typed:
        return None
    return next((c for c in commands_for("window") if c.name == word[1:].lower() and c.argument), None)


class SlashPopup(OptionList):
    """Never has the focus: the box keeps the keys and asks `chosen`."""

    def __init__(self) -> None:
        super().__init__(markup=False, id="popup")
        self.can_focus = False
        self.commands: list[Command] = []
        self.typed = ""
        self._closed_at: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose from."""
        return bool(self.commands) and self.has_class("-shown")

    def follow(self, typed: str) -> None:
        """Show what fits the text in the box."""
        if typed == self.typed:
            return
        self.typed = typed
        if typed != self._closed_at:
            self._closed_at = None
        self.commands = [] if self._closed_at else completions(typed)
        hint = hinted(typed)
        self.set_class(bool(self.commands or hint), "-shown")
        if self.commands:
            columns = self.app.size.width >= ROOM
            widest = max(len(command.slash) for command in self.commands) if columns else 0
            self.set_options([Option(_row(command, widest)) for command in self.commands])
            self.highlighted = 0
        elif hint:
            self.set_options([Option(_row(hint), disabled=True)])

    def move(self, step: int) -> None:
        """Choose the next command, or the one before, round and round."""
        self.highlighted = ((self.highlighted or 0) + step) % len(self.commands)

    def close(self) -> None:
        """Go away until something else is typed."""
        self._closed_at = self.typed
        self.commands = []
        self.remove_class("-shown")

    def chosen(self, typed: str) -> Command | None:
        """The highlighted command, or what fits best where keys came faster than the list."""
        found = completions(typed)
        if typed == self.typed and self.commands and self.highlighted is not None:
            return self.commands[self.highlighted]
        return found[0] if found and not self._closed_at else None


def _row(command: Command, width: int = 0) -> Content:
    key = f"  {command.shown}" if command.shown else ""
    return Content.assemble((f"{command.slash:<{width}}", "bold"), f"  {command.help}", (key, "$accent"))
