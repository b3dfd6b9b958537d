"""Commands around the next question: a new conversation, pictures on and off."""

from __future__ import annotations

from pathlib import Path

from agent.tui.engine import Chat
from agent.tui.paths import one_path, paths_in_paste
from agent.tui.picker import PicturePicker
from agent.tui.seat import Seat


class Composing(Seat):
    """The commands of writing."""

    async def do_new(self, _: str) -> None:
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

    async def do_detach(self, number: str) -> None:
        self.composer.detach(int(number) - 1 if number.isdecimal() else -1)
