"""Commands around the next question: a new conversation, pictures on and off."""

from __future__ import annotations

from pathlib import Path

from textual.app import SuspendNotSupported

from agent.tui.editor import edited, editor_command
from agent.tui.engine import Chat
from agent.tui.paths import one_path, paths_in_paste
from agent.tui.picker import PicturePicker
from agent.tui.seat import Seat
from agent.tui.waiting import tell_trouble
from index.errors import UserError


class Composing(Seat):
    """The commands of writing."""

    async def do_new(self, _: str) -> None:
        await self.start_anew()

    async def start_anew(self) -> None:
        """An empty conversation."""
        self.stop_all()
        self.chat, self.subject = Chat(), ""
        await self.transcript.clear()
        self.redraw()
        self.prompt.focus()

    async def do_attach(self, path: str) -> None:
        if path:
            self.composer.attach(paths_in_paste(path) or [one_path(path)])
        else:
            await self.do_picture("")

    async def do_picture(self, _: str) -> None:
        self.app.push_screen(PicturePicker(self.pictures_home), self._picked)

    def _picked(self, path: Path | None) -> None:
        if path:
            self.composer.attach([path])

    async def do_paste(self, _: str) -> None:
        self.composer.paste(told=True)

    async def do_editor(self, _: str) -> None:
        try:
            editor_command()
            with self.app.suspend():
                text = edited(self.prompt.text)
        except SuspendNotSupported:
            self.app.notify("In a browser there is no editor of your own.", severity="warning")
            return
        except UserError as error:
            tell_trouble(self.app, error)
            return
        self.prompt.put("")
        self.prompt.take_in(text)

    async def do_detach(self, number: str) -> None:
        self.composer.detach(int(number) - 1 if number.isdecimal() else -1)
