"""The lower part of the window: the box, the pictures that go with it, and a question that waits for their check."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from agent.tui.attach import Attachment, check
from agent.tui.clipboard import clipboard_pictures
from agent.tui.composer import Attached, PromptArea
from agent.tui.popup import SlashPopup
from agent.tui.waiting import off_thread, tell_trouble
from agent.tui.words import MAX_PICTURES, MAX_QUESTION, one_line
from index.errors import UserError


class Composer(Vertical):
    """Holds what will be sent. `attached` are the pictures that passed their check."""

    class Released(Message):
        """A held question whose pictures are all checked."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(id="composer")
        self.attached: list[Attachment] = []
        self._checking = 0
        self._held: list[str] = []

    def compose(self) -> ComposeResult:
        yield Attached()
        yield SlashPopup()
        yield PromptArea()
        yield Static("", markup=False, id="status")

    def on_mount(self) -> None:
        self.query_one(PromptArea).popup = self.query_one(SlashPopup)

    def on_text_area_changed(self, event: PromptArea.Changed) -> None:
        self.query_one(SlashPopup).follow(event.text_area.text)

    def on_option_list_option_selected(self, event: SlashPopup.OptionSelected) -> None:
        event.stop()
        popup = self.query_one(SlashPopup)
        if event.option_index < len(popup.commands):
            popup.highlighted = event.option_index
            self.query_one(PromptArea).put(f"/{popup.commands[event.option_index].name} ")

    def hold(self, text: str) -> bool:
        """Keep a question back while a picture of it is being looked at; False when there is nothing to wait for."""
        if self._checking:
            self._held.append(text)
        return bool(self._checking)

    def take(self) -> list[Attachment]:
        """The pictures, taken off."""
        taken = self.attached
        self.attach_all([])
        return taken

    def attach_all(self, items: Sequence[Attachment]) -> None:
        """Carry these pictures instead."""
        self.attached = list(items)
        self.query_one(Attached).show(self.attached)

    def detach(self, place: int) -> None:
        """Take one picture off; `place` counts from 0, negative ones from the end."""
        if -len(self.attached) <= place < len(self.attached):
            left = list(self.attached)
            left.pop(place)
            self.attach_all(left)

    def refuse_length(self, characters: int) -> None:
        """Say that a question is too long."""
        self.app.notify(
            f"That is {characters:,} characters; a question may have {MAX_QUESTION:,}. Paste the part that matters.",
            title="LIMIT",
            severity="warning",
        )

    @work
    async def attach(self, paths: Sequence[Path]) -> None:
        """Check pictures off this thread and attach the good ones."""
        self._checking += 1
        try:
            for path in paths:
                await self._attach_one(path)
        finally:
            self._checking -= 1
        while self._held and not self._checking:
            self.post_message(self.Released(self._held.pop(0)))

    @work(exclusive=True, group="clipboard")
    async def paste(self, told: bool = False) -> None:
        """Attach the picture on the system's clipboard; else take in the text copied here. `told`: a picture was asked
        for, so say why there is none."""
        try:
            found = await asyncio.to_thread(clipboard_pictures)
        except UserError as error:
            if told or not self.app.clipboard:
                tell_trouble(self.app, error)
                return
            found = []
        if found:
            self.attach(found)
        elif self.app.clipboard and not told:
            self.query_one(PromptArea).take_in(self.app.clipboard)
        else:
            self.app.notify("There is no picture on the clipboard.", severity="warning")

    def on_prompt_area_clipboard_wanted(self) -> None:
        self.paste()

    async def _attach_one(self, path: Path) -> None:
        name = one_line(path.name, 60)
        if any(item.path == path for item in self.attached):
            self.app.notify(f"{name} is attached already.")
        elif len(self.attached) >= MAX_PICTURES:
            text = f"A question may carry {MAX_PICTURES} pictures; {name} was left out."
            self.app.notify(text, title="LIMIT", severity="warning")
        elif attachment := await off_thread(self.app, check, path):
            self.attach_all([*self.attached, attachment])
            for notice in attachment.notices:
                self.app.notify(f"{attachment.name}: {notice}")

    def on_prompt_area_paths_pasted(self, event: PromptArea.PathsPasted) -> None:
        self.attach(event.paths)

    def on_prompt_area_emptied(self) -> None:
        self.detach(-1)

    def on_prompt_area_refused(self, event: PromptArea.Refused) -> None:
        self.refuse_length(event.characters)
