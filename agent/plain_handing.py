"""Hand-overs in plain lines: the packet before it is sent, what a person says meanwhile, and the queue."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from agent.handover import Handover
from agent.packet import packet_lines
from agent.tui.engine import Chat
from agent.tui.standing import bar_line
from agent.tui.words import one_line, speaker
from index.clean import clean

if TYPE_CHECKING:
    from agent.queue import HandoverQueue
    from agent.records import StoredTurn

ASK = "I want a person"
_PACKET = "/packet send sends it; /packet note TEXT, /packet contact TEXT, /packet priority WORD; /packet withdraw"
_QUEUE = "/handovers show|claim|take-over|reply|release|close NUMBER [TEXT]"


class PlainHanding:
    """The commands of handing over. `queue` are the hand-overs that `person` works on; None where there are none."""

    queue: HandoverQueue | None = None
    person: str = ""
    _chat: Chat
    _heard: tuple[str | None, int] = (None, 0)
    """The last turn that was printed, and of which chat."""

    @abstractmethod
    def _say(self, text: str) -> None:
        """Print a line."""

    @abstractmethod
    def ask(self, question: str, instead_of: StoredTurn | None = None) -> None:
        """Put a question to the desk and print the answer."""

    @abstractmethod
    def _go_on(self, chat: Chat) -> None:
        """Let the desk read what came while a person held a chat."""

    def do_human(self, note: str) -> None:
        if self.queue is None:
            self._say("There is no queue here to hand over to.")
        elif not self._chat.id:
            self.ask(note or ASK)
        else:
            one = self.queue.propose(self._chat.id)
            if note and one.state == "proposed":
                one = self.queue.change(one.number, note=note)
            self._show_packet(one)

    def do_packet(self, words: str) -> None:
        one = self.queue.open_in(self._chat.id) if self.queue and self._chat.id else None
        step, _, text = words.partition(" ")
        if self.queue is None or one is None:
            self._say("There is no hand-over in this conversation. /human makes one.")
        elif step == "send":
            sent = self.queue.send(one.number)
            self._say(f"({bar_line(sent)})")
        elif step == "withdraw":
            self.queue.cancel(one.number)
            self._say(f"(Hand-over {one.number} was withdrawn.)")
        elif step in ("note", "contact", "priority"):
            self._show_packet(self.queue.change(one.number, **{step: text.strip()}))
        else:
            self._show_packet(one)

    def do_handovers(self, words: str) -> None:
        if self.queue is None:
            self._say("There is no queue here.")
            return
        step, number, text = (*words.split(maxsplit=2), "", "", "")[:3]
        if not step:
            self._list(self.queue)
        elif not number.isdecimal():
            self._say(_QUEUE)
        else:
            self._work(self.queue, step, int(number), text)

    def _list(self, queue: HandoverQueue) -> None:
        waiting = queue.waiting()
        for one in waiting:
            unread = f", {one.unread} unread" if one.unread else ""
            asked = one_line(one.packet.question or one.packet.note, 80)
            self._say(f"{one.number}: {one_line(one.standing, 60)}{unread}, {one.packet.priority}: {asked}")
        self._say(_QUEUE if waiting else "Nobody waits.")

    def _work(self, queue: HandoverQueue, step: str, number: int, text: str) -> None:
        """A step of the person at this terminal."""
        if step == "show":
            one = queue.one(number)
            for line in packet_lines(one.packet):
                self._say(line)
            for who, said in queue.talk(number):
                self._say(f"{one_line(who, 40)}: {clean(said)}")
        elif step in ("claim", "take-over"):
            self._say(f"({bar_line(queue.claim(number, self.person, take_over=step == 'take-over'))})")
        elif step == "reply":
            queue.reply(number, self.person, text)
            self._say("(said)")
        elif step == "release":
            left = queue.release(number, self.person, text)
            self._say(f"(the desk has it again; {len(left)} without a reply)")
            if left:
                conversation = queue.one(number).conversation
                self._go_on(self._chat if self._chat.id == conversation else Chat(conversation))
        elif step == "close":
            queue.close(number, self.person, text)
            self._say(f"(hand-over {number} closed)")
        else:
            self._say(_QUEUE)

    def _show_packet(self, one: Handover) -> None:
        if one.state != "proposed":
            self._say(f"({bar_line(one)})")
            return
        self._say("This goes to a colleague; nothing is sent yet:")
        for line in packet_lines(one.packet):
            self._say(f"  {line}" if line else "")
        self._say(_PACKET)

    def _after_turn(self) -> None:
        """What became of the turn that was printed just now: a packet to look over, or its place in the queue."""
        if self.queue and self._chat.id:
            self._heard = self._chat.id, self.queue.newest(self._chat.id)
            if one := self.queue.open_in(self._chat.id):
                self._show_packet(one)

    def _listen(self) -> None:
        """Print what was said in the open chat meanwhile: by a person, or about the hand-over."""
        if not (self.queue and self._chat.id):
            return
        newest = self.queue.newest(self._chat.id)
        if self._chat.id == self._heard[0] and newest > self._heard[1]:
            for turn in self.queue.said_since(self._chat.id, self._heard[1]):
                if turn.question:
                    self._say(f"You: {clean(turn.question)}")
                self._say(f"{speaker(turn.author, turn.decision.act)}: {clean(turn.said)}")
        self._heard = self._chat.id, newest
