"""Commands that steer an answer: stop it, have it once more, say whether it was good."""

from __future__ import annotations

import asyncio

from agent.records import Rating
from agent.tui.attach import Attachment
from agent.tui.seat import Seat
from agent.tui.waiting import tell_trouble


class Steering(Seat):
    """The commands of steering."""

    last_sent: tuple[str, list[Attachment]]

    async def do_stop(self, _: str) -> None:
        if active := self.active:
            self.engine.stop(active[0].number)
            await active[0].stop()
        else:
            self.transcript.choose(None)
            self.transcript.anchor()
            self.prompt.focus()
        self.redraw()

    async def do_good(self, _: str) -> None:
        await self._rate("good", "")

    async def do_bad(self, reason: str) -> None:
        await self._rate("bad", reason)

    async def do_again(self, _: str) -> None:
        question, attached = self.last_sent
        if question or attached:
            self.composer.attach_all(attached)
            await self.send(question)

    async def _rate(self, value: Rating, reason: str) -> None:
        turn = self.transcript.selected
        if turn is None or not turn.turn_id:
            self.app.notify("There is no kept answer to rate yet.", severity="warning")
            return
        wanted = None if turn.rating == value and not reason else value
        try:
            await asyncio.to_thread(self.records.rate, turn.turn_id, wanted, reason)
        except Exception as error:
            tell_trouble(self.app, error)
            return
        turn.rate(wanted)
