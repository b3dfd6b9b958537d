"""The queue of hand-overs inside the store: what a customer was promised, and what a person does about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from agent import handover
from agent.events import Decision, Ended
from agent.handover import Handover, State, Step
from agent.journal import Journal, put_remark
from agent.packet import PRIORITIES, Packet, edited, make_packet, packet_markdown
from agent.records import StoredTurn
from agent.targets import Notice
from index.clean import clean
from index.conversation import Conversation, Message
from index.errors import UserError
from index.passages import shorten
from index.store import Store, now

MOST_REPLY = 20_000
LIVE: tuple[State, ...] = ("waiting", "claimed")
EVERY: tuple[State, ...] = ("proposed", "waiting", "claimed", "released", "closed", "cancelled")
ASKED = Decision("handover", "a person was asked for", "person.key", 1.0)


class HandoverQueue:
    """The hand-overs of one workspace. Each step is one transaction: the state, the audit, what the customer is told
    and the outbox change together or not at all. Steps raise UserError DENIED when they are not legal now."""

    def __init__(
        self, store: Store, workspace: str, outlets: Sequence[str] = (), on_sent: Callable[[], object] = lambda: None
    ) -> None:
        """`outlets` are the targets told of a hand-over; `on_sent` is called when their notices are due."""
        self._store = store
        self._workspace = workspace
        self._outlets = tuple(outlets)
        self._on_sent = on_sent
        self._journal = Journal(store, workspace)

    # --- reading ----------------------------------------------------------------------------------------

    def waiting(self, states: Iterable[State] = LIVE) -> list[Handover]:
        """The hand-overs in these states: unread questions first, then by priority, longest waiting first."""
        wanted = tuple(states)
        marks = ", ".join("?" * len(wanted))
        rows = self._store.rows(f"{_SELECT} AND h.state IN ({marks}) ORDER BY h.id", [self._workspace, *wanted])
        found = [self._made(row) for row in rows]
        return sorted(found, key=lambda one: (not one.unread, -PRIORITIES.index(one.packet.priority), one.number))

    def one(self, number: int) -> Handover:
        """The hand-over with that number. Raises UserError CONFIG when this workspace has none."""
        rows = self._store.rows(f"{_SELECT} AND h.id = ?", [self._workspace, number])
        if not rows:
            raise UserError(f"There is no hand-over {number} here.\nSee: deskside handovers list --all", "CONFIG")
        return self._made(rows[0])

    def open_in(self, conversation_id: str) -> Handover | None:
        """The open hand-over of a chat: proposed, waiting or claimed."""
        rows = self._store.rows(
            f"{_SELECT} AND c.source_id = ? AND h.state IN ('proposed', 'waiting', 'claimed')",
            [self._workspace, conversation_id],
        )
        return self._made(rows[0]) if rows else None

    def newest(self, conversation_id: str) -> int:
        """The id of the last thing said in a chat; 0 for none."""
        rows = self._store.rows(
            "SELECT max(t.id) AS id FROM turns t JOIN conversations c ON c.id = t.conversation_id"
            " WHERE c.workspace = ? AND c.source_id = ?",
            [self._workspace, conversation_id],
        )
        return int(rows[0]["id"] or 0)

    def said_since(self, conversation_id: str, turn_id: int) -> list[StoredTurn]:
        """What was said in a chat after a turn, oldest first."""
        return [turn for turn in self._journal.turns(conversation_id, last=20) if turn.turn_id > turn_id]

    def steps(self, number: int) -> list[Step]:
        """The audit of a hand-over, oldest first."""
        self.one(number)
        rows = self._store.rows(
            "SELECT at, who, step, from_state, to_state, why FROM handover_steps WHERE handover_id = ? ORDER BY id",
            [number],
        )
        return [Step(**row) for row in rows]

    def pending(self, conversation_id: str) -> list[str]:
        """What the customer wrote while a person held the chat and nobody has replied to, oldest first."""
        return [turn.question or "(a picture)" for turn in self._journal.unanswered(conversation_id)]

    def talk(self, number: int) -> list[tuple[str, str]]:
        """The conversation behind a hand-over as (who, text): customer, desk, note, or a person's name."""
        source = self._journal.source(self.one(number).conversation)
        messages = source.messages if isinstance(source, Conversation) else ()
        names = {"customer": "Customer", "agent": "Desk", "note": "Note"}
        return [(str(said.extra.get("by") or names[said.role]), said.text) for said in messages]

    def pictures_of(self, packet: Packet) -> tuple[Path, ...]:
        """The stored copies of the screenshots that are still there."""
        paths = (self._journal.picture_path(shown.sha256) for shown in packet.pictures)
        return tuple(path for path in paths if path)

    # --- the customer's side ----------------------------------------------------------------------------

    def propose(self, conversation_id: str, decision: Decision = ASKED, customer: str | None = None) -> Handover:
        """Put a packet together for a chat, to be looked over; what is open already stays. Raises UserError DENIED
        for a chat that has not begun."""
        with self._store.write() as db:
            chat = self._journal.chat_row(conversation_id)
            if chat is None:
                raise UserError("Nothing was said here yet.\nAsk something, or write: I want a person", "DENIED")
            if handover.find_open(db, chat) is None:
                packet = make_packet(self._journal.turns(conversation_id, last=100), decision, customer)
                handover.open_handover(db, chat, None, packet, (), send=False, who="customer")
        found = self.open_in(conversation_id)
        assert found is not None
        return found

    def change(
        self, number: int, *, note: str | None = None, contact: str | None = None, priority: str | None = None
    ) -> Handover:
        """A proposed hand-over with another note, contact or priority. Raises UserError LIMIT for a priority that there
        is not."""
        with self._store.write() as db:
            packet = _edited(self.one(number).packet, note, contact, priority)
            handover.take_step(db, number, "change", "customer")
            handover.keep_packet(db, number, packet)
        return self.one(number)

    def send(
        self,
        number: int,
        *,
        note: str | None = None,
        contact: str | None = None,
        priority: str | None = None,
        who: str = "customer",
    ) -> Handover:
        """The proposed hand-over, as its sender changed it, into the queue; its notices are due from now on.

        Raises UserError LIMIT for a priority that there is not.
        """
        with self._store.write() as db:
            before = self.one(number)
            packet = _edited(before.packet, note, contact, priority)
            handover.take_step(db, number, "send", who, packet.note and shorten(packet.note, 200))
            handover.keep_packet(db, number, packet)
            handover.put_deliveries(db, number, self._outlets)
            text = (
                f"This conversation is in our team's queue now (hand-over {number}). A colleague will answer you here."
            )
            self.tell(number, text, _told(number, "handover.sent"))
        self._on_sent()
        return self.one(number)

    def cancel(self, number: int, who: str = "customer", why: str = "") -> Handover:
        """Withdraw a hand-over that nobody has taken yet."""
        with self._store.write() as db:
            before = self.one(number)
            handover.withdraw(db, number, who, why)
            if before.state == "waiting":
                self.tell(
                    number, f"Hand-over {number} was withdrawn: nobody is coming.", _told(number, "handover.cancelled")
                )
        return self.one(number)

    # --- the person's side ------------------------------------------------------------------------------

    def claim(self, number: int, who: str, take_over: bool = False) -> Handover:
        """Take a hand-over: from now on the desk is silent in its chat. `take_over` takes it from somebody else."""
        who = _name(who)
        with self._store.write() as db:
            before = self.one(number)
            if before.state == "claimed" and before.holder == who:
                raise UserError(f"Hand-over {number} is yours already.\nReply, release or close it.", "DENIED")
            step = "take over" if take_over and before.state == "claimed" else "claim"
            handover.take_step(
                db, number, step, who, f"from {before.holder}" if step == "take over" else "", holder=who
            )
            text = f"{who} has taken over and will answer you here. Until then the desk keeps silent."
            self.tell(number, text, _told(number, "person.came"))
        return self.one(number)

    def reply(self, number: int, who: str, text: str) -> int:
        """Say something to the customer as a person; the id of the turn. Raises UserError LIMIT (nothing, too much)."""
        who, text = _name(who), clean(text).strip()
        if not text:
            raise UserError("The reply is empty.\nWrite what the customer should read.", "LIMIT")
        if len(text) > MOST_REPLY:
            raise UserError(
                f"The reply has {len(text):,} characters; at most {MOST_REPLY:,} go out.\nShorten it.", "LIMIT"
            )
        with self._store.write() as db:
            self._held_by(number, who, "reply")
            handover.take_step(db, number, "reply", who, shorten(text, 200))
            decision = Decision("person", f"{who} replied", "person.replied", 1.0)
            return self._say(number, text, decision, who)

    def release(self, number: int, who: str, why: str = "") -> list[str]:
        """Hand the chat back to the desk; the customer's questions that nobody has replied to yet."""
        with self._store.write() as db:
            before = self._held_by(number, who, "release")
            left = self.pending(before.conversation)
            handover.take_step(db, number, "release", _name(who), why)
            handover.drop_deliveries(db, number, "handed back to the desk")
            self.tell(number, f"{_name(who)} has handed back to the desk.", _told(number, "person.left"))
        return left

    def close(self, number: int, who: str, why: str = "", anyway: bool = False) -> Handover:
        """The matter is done. Raises UserError REFUSED while questions wait for a reply, but with `anyway`."""
        with self._store.write() as db:
            before = self.one(number)
            if before.state == "claimed":
                self._held_by(number, who, "close")
            if before.unread and not anyway:
                many = f"{before.unread} questions" if before.unread > 1 else "1 question"
                raise UserError(
                    f"{many} of the customer without a reply.\nReply or release it; to close it all the same: --anyway",
                    "REFUSED",
                )
            handover.take_step(db, number, "close", _name(who), why)
            handover.drop_deliveries(db, number, "closed")
            text = f"{_name(who)} has closed the matter. If something is left, just write."
            self.tell(number, text, _told(number, "person.done"))
        return self.one(number)

    def retry(self, number: int | None = None) -> int:
        """Make every notice that has not gone out due now, given up ones too; how many there are."""
        if number is not None:
            self.one(number)
        with self._store.write() as db:
            found = self._store.rows(
                "SELECT d.id, d.handover_id, d.target, h.state FROM deliveries d"
                " JOIN handovers h ON h.id = d.handover_id JOIN conversations c ON c.id = h.conversation_id"
                " WHERE c.workspace = ? AND d.state <> 'sent'"
                " AND h.state IN ('waiting', 'claimed') AND (? IS NULL OR h.id = ?)",
                [self._workspace, number, number],
            )
            for row in found:
                db.execute("UPDATE deliveries SET state = 'due', next_at = ? WHERE id = ?", [time.time(), row["id"]])
                handover.write_step(db, row["handover_id"], "person", "retry", row["state"], row["target"])
        self._on_sent()
        return len(found)

    # --- parts ------------------------------------------------------------------------------------------

    def tell(self, number: int, text: str, decision: Decision) -> int:
        """Say to the customer what became of a hand-over (inside the write that makes it so)."""
        return self._say(number, text, decision, "")

    def _say(self, number: int, text: str, decision: Decision, author: str) -> int:
        with self._store.write() as db:
            before = self.one(number)
            chat, at = self._chat(number), now()
            message = Message("agent", text, at, extra={"by": author}) if author else Message("note", text, at)
            version = "person" if author else "desk"
            ended = Ended(0, before.conversation, text, decision, (), (), (), {}, version, author=author)
            db.execute("UPDATE conversations SET updated_at = ? WHERE id = ?", [at, chat])
            return put_remark(db, chat, ended, message)

    def _chat(self, number: int) -> int:
        return int(
            self._store.rows("SELECT conversation_id FROM handovers WHERE id = ?", [number])[0]["conversation_id"]
        )

    def _held_by(self, number: int, who: str, step: str) -> Handover:
        """The hand-over, held by this person. Raises UserError DENIED when somebody else has it."""
        before = self.one(number)
        if before.state == "claimed" and before.holder != _name(who):
            raise UserError(
                f"Hand-over {number} {before.standing}, so it is not yours to {step}.\n"
                f"Ask {before.holder}, or take it over: deskside handovers claim {number} --take-over",
                "DENIED",
            )
        return before

    def _unread(self, chat: int) -> int:
        """How many `pending` gives, without reading what they say."""
        return int(
            self._store.rows(
                "SELECT count(*) AS n FROM turns WHERE conversation_id = ? AND json_extract(decision, '$.act') = 'held'"
                " AND id > (SELECT coalesce(max(id), 0) FROM turns WHERE conversation_id = ?"
                " AND json_extract(decision, '$.act') NOT IN ('held', 'told'))",
                [chat, chat],
            )[0]["n"]
        )

    def _made(self, row: dict[str, Any]) -> Handover:
        sent = self._store.rows("SELECT * FROM deliveries WHERE handover_id = ? ORDER BY id", [row["id"]])
        unread = self._unread(row["conversation_id"]) if row["state"] == "claimed" else 0
        return handover.handover_from(row, sent, unread)


_SELECT = (
    "SELECT h.*, c.source_id AS conversation FROM handovers h JOIN conversations c ON c.id = h.conversation_id"
    " WHERE c.workspace = ?"
)


def notice_of(queue: HandoverQueue, number: int, key: str) -> Notice:
    """What a target gets for a hand-over."""
    one, talk = queue.one(number), queue.talk(number)
    title = shorten(clean(one.packet.question or one.packet.note), 80) or one.conversation
    page = {
        "key": key,
        "handover": number,
        "conversation": one.conversation,
        "state": one.state,
        "created_at": one.created_at,
        "reason": one.reason,
        "rule": one.rule,
        **one.packet.as_json(),
        "messages": [{"who": who, "text": clean(text)} for who, text in talk],
    }
    heading = f"Hand-over {number}: {title}"
    subject = f"[{one.packet.priority}] {heading}" if one.packet.priority != "normal" else heading
    return Notice(key, number, subject, page, packet_markdown(heading, one.packet, talk), queue.pictures_of(one.packet))


def _edited(packet: Packet, note: str | None, contact: str | None, priority: str | None) -> Packet:
    if priority is not None and priority not in PRIORITIES:
        raise UserError(f"A priority is one of {', '.join(PRIORITIES)}.\nChoose one of them.", "LIMIT")
    return edited(packet, note, contact, priority)


def _told(number: int, rule: str) -> Decision:
    return Decision("told", f"hand-over {number}", rule, 1.0)


def _name(who: str) -> str:
    """A person's name on one line. Raises UserError CONFIG for none."""
    name = " ".join(clean(who).split())[:60]
    if not name:
        raise UserError("Who are you?\nGive your name: --as NAME, or the setting person.", "CONFIG")
    return name
