"""Where a question is written: a text box that grows, remembers, and knows a pasted picture from a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import Static

from agent.tui.area import WritingArea
from agent.tui.attach import Attachment
from agent.tui.paths import paths_in_paste
from agent.tui.popup import SlashPopup
from agent.tui.words import MAX_QUESTION, one_line
from index.clean import clean


class PromptArea(WritingArea):
    """Enter sends, ^J makes a new line, Up on the first line brings back the question before."""

    class Submitted(Message):
        """A question, or a command, to be sent; the box is empty again."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class PathsPasted(Message):
        """Pictures were dragged in or their paths pasted."""

        def __init__(self, paths: Sequence[Path]) -> None:
            super().__init__()
            self.paths = tuple(paths)

    class Refused(Message):
        """A paste was too long; nothing changed."""

        def __init__(self, characters: int) -> None:
            super().__init__()
            self.characters = characters

    class ClipboardWanted(Message):
        """What is on the clipboard is wanted, a picture or a text."""

    class Emptied(Message):
        """Backspace in an empty box."""

    def __init__(self) -> None:
        hint = Content("Ask what the customer asked…")
        super().__init__(placeholder=hint, highlight_cursor_line=False)
        self.popup: SlashPopup | None = None
        self._past: list[str] = []
        self._place = 0
        self._unsent = ""

    def remember(self, question: str) -> None:
        """Put a question into the history that Up walks through."""
        if question and (not self._past or self._past[-1] != question):
            self._past.append(question)
        self._place = len(self._past)

    def put(self, text: str) -> None:
        """Show `text` with the cursor at its end, and forget what could be undone."""
        self.load_text(clean(text))
        self.move_cursor(self.document.end)

    def give_back(self, text: str) -> None:
        """Put a text that could not be sent back, before what was typed since."""
        self.put(f"{text}\n{self.text}" if self.text.strip() else text)

    async def _on_key(self, event: events.Key) -> None:
        # Not bindings: those run out of step with typed characters, and fast typing would send half a line.
        if self.popup and await self._for_popup(event.key, self.popup):
            event.stop()
            event.prevent_default()
            return
        if event.key in ("enter", "ctrl+j", "shift+enter"):
            event.stop()
            event.prevent_default()
            if event.key == "enter":
                self.submit()
            else:
                self._replace_via_keyboard("\n", *self.selection)
            return
        if event.key.startswith("alt+"):  # a terminal sends the letter along: a command is meant, not the letter
            event.prevent_default()
            return
        await super()._on_key(event)

    async def _for_popup(self, key: str, popup: SlashPopup) -> bool:
        """Whether the key was meant for the commands on offer, and was done."""
        if key in ("up", "down", "escape") and popup.is_open:
            popup.close() if key == "escape" else popup.move(1 if key == "down" else -1)
            return True
        command = popup.chosen(self.text) if key in ("tab", "enter") else None
        if command is None:
            return False
        if key == "tab" or command.needs_argument:
            self.put(f"/{command.name} ")
            return True
        self.put(f"/{command.name}")
        self.submit()
        return True

    def submit(self) -> None:
        """Send what is in the box."""
        text = self.text
        if text.strip():
            self.put("")
        self.post_message(self.Submitted(text))

    def action_cursor_up(self, select: bool = False) -> None:
        if not select and self.cursor_at_first_line and self._place > 0:
            self._walk(-1)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if not select and self.cursor_at_last_line and self._place < len(self._past):
            self._walk(1)
        else:
            super().action_cursor_down(select)

    def action_delete_left(self) -> None:
        if self.text:
            super().action_delete_left()
        else:
            self.post_message(self.Emptied())

    def _walk(self, step: int) -> None:
        if self._place == len(self._past):
            self._unsent = self.text
        self._place += step
        self.put(self._past[self._place] if self._place < len(self._past) else self._unsent)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.take_in(event.text)

    def action_paste(self) -> None:
        self.post_message(self.ClipboardWanted())

    def take_in(self, pasted: str) -> None:
        """Insert a pasted text cleaned; paths of pictures become attachments, too long a text is refused."""
        if not pasted.strip():  # what many terminals send when there is a picture on the clipboard
            self.action_paste()
        elif len(pasted) + len(self.text) > MAX_QUESTION:
            self.post_message(self.Refused(len(pasted)))
        elif paths := paths_in_paste(pasted):
            self.post_message(self.PathsPasted(paths))
        elif result := self._replace_via_keyboard(clean(pasted), *self.selection):
            self.move_cursor(result.end_location)
            self.focus()


class Attached(Static):
    """The attached pictures as tokens; a click on one takes it off."""

    def __init__(self) -> None:
        super().__init__("", markup=False, id="attached")
        self.items: list[Attachment] = []

    def show(self, items: Sequence[Attachment]) -> None:
        """Show other attachments."""
        self.items = list(items)
        self.set_class(bool(items), "-shown")
        self.update(Content("  ").join(self._token(place, item) for place, item in enumerate(self.items)))

    def _token(self, place: int, item: Attachment) -> Content:
        token = Content.assemble(
            (f"[{place + 1}] {one_line(item.name, 40)}", "bold $accent"),
            (f" {item.width}x{item.height} ", "dim"),
            ("✕", "$error"),
        )
        return token.stylize(Style.from_meta({"@click": f"screen.detach({place})"}))
