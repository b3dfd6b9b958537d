"""Commands that hand a conversation to a person, and the line that says where that stands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual import work
from textual.widgets import Static

from agent.handover import Handover
from agent.records import StoredTurn
from agent.tui.attach import Attachment
from agent.tui.engine import Chat
from agent.tui.packet import PacketScreen, Wanted
from agent.tui.queue import QueueScreen
from agent.tui.seat import Seat
from agent.tui.standing import bar_line
from agent.tui.turn import Turn
from agent.tui.waiting import Looking, off_thread, tell_trouble

if TYPE_CHECKING:
    from agent.queue import HandoverQueue

LOOK = 1.0  # seconds between two looks at what a person says in the open chat
ASK = "I want a person"


class HandoverBar(Static):
    """Where the open hand-over of this chat stands; not there when there is none."""

    def __init__(self) -> None:
        super().__init__("", markup=False, id="handover")

    def show(self, one: Handover | None, hint: str) -> None:
        """Show it, or hide the line."""
        self.set_class(one is not None, "-shown")
        if one is not None:
            self.update(f"☏ {bar_line(one)}{hint}")


class Handing(Seat):
    """The commands of handing over."""

    handover: Handover | None = None
    _sent: dict[int, tuple[str, list[Attachment]]]
    _offered: tuple[int, str] = (0, "")
    _looking: Looking | None = None

    @property
    def queue(self) -> HandoverQueue | None:
        """The queue people work in; None where the window was opened without one."""
        return getattr(self.app, "queue", None)

    def on_mount(self) -> None:
        if self.queue is not None:
            self.set_interval(LOOK, self.look_at_handover)

    async def do_human(self, note: str) -> None:
        """Hand over by key: looked over first, whatever the chat is about."""
        if self.queue is None:
            self.app.notify("There is no queue here to hand over to.", severity="warning")
        elif not self.chat.id:
            await self.send(note or ASK)
        elif one := await off_thread(self.app, self.queue.propose, self.chat.id):
            self._show(one)

    async def do_handovers(self, _: str) -> None:
        if self.queue is None:
            self.app.notify("There is no queue here.", severity="warning")
            return
        me = str(getattr(self.app, "person", ""))
        self.app.push_screen(QueueScreen(self.queue, me, self._go_on))

    def _go_on(self, conversation_id: str) -> None:
        """The desk reads what came while a person held a chat, whichever is open here."""
        chat = self.chat if self.chat.id == conversation_id else Chat(conversation_id)
        self.engine.ask("", [], chat)

    def _show(self, one: Handover) -> None:
        if one.state == "claimed":
            self.app.notify(f"{one.holder} has this conversation.")
            return
        self._offered = one.number, one.changed_at

        def settle(wanted: Wanted | None) -> None:
            if wanted is not None:
                self._settle(one.number, wanted)

        self.app.push_screen(PacketScreen(one), settle)

    @work
    async def _settle(self, number: int, wanted: Wanted) -> None:
        """Do what was wanted of a hand-over."""
        assert self.queue is not None
        if wanted.step == "cancel":
            await off_thread(self.app, self.queue.cancel, number)
        else:
            fields: dict[str, Any] = {"note": wanted.note, "contact": wanted.contact, "priority": wanted.priority}
            await off_thread(self.app, self.queue.send, number, **fields)
        self.look_at_handover(anew=True)

    @work(group="handover")
    async def look_at_handover(self, anew: bool = False) -> None:
        """Draw where the hand-over stands, show a new one before it is sent, and add what others said meanwhile."""
        if self._looking is None:
            self._looking = Looking(self._look)
        await self._looking.look(anew)

    async def _look(self) -> None:
        if self.queue is None:
            return
        chat = self.chat.id
        try:
            one = await asyncio.to_thread(self.queue.open_in, chat) if chat else None
            fresh = await self._fresh(chat) if chat and not self._sent else []
        except Exception as error:
            tell_trouble(self.app, error)
            return
        if chat != self.chat.id or not self.query(HandoverBar):
            return
        self.handover = one
        self.query_one(HandoverBar).show(one, ": F8 to look it over" if one and one.state == "proposed" else "")
        for turn in fresh if not self._sent else ():
            await self.transcript.add(Turn.stored(turn))
        if fresh:
            self.redraw()
        offered = (one.number, one.changed_at) if one and one.state == "proposed" else self._offered
        free = self.app.screen is self and not self._sent and not self.prompt.text  # nobody is writing
        if one and offered != self._offered and free:
            self._show(one)

    async def _fresh(self, chat: str) -> list[StoredTurn]:
        """What was said in the chat since the last turn shown here, by a person or in another process."""
        shown = [turn.turn_id for turn in self.transcript.turns if turn.turn_id]
        assert self.queue is not None
        if not shown or await asyncio.to_thread(self.queue.newest, chat) <= max(shown):
            return []
        kept = await asyncio.to_thread(self.records.turns, chat, 20)
        return [turn for turn in kept if turn.turn_id > max(shown)]
