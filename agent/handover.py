"""A hand-over and the steps it may take: each one checked, done and written down in the same transaction."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from agent.packet import Packet, packet_from
from index.errors import UserError
from index.store import now

State = Literal["proposed", "waiting", "claimed", "released", "closed", "cancelled"]
OPEN: tuple[State, ...] = ("proposed", "waiting", "claimed")

# step -> (the states it may start from, the state it leads to); "" is before the beginning
STEPS: dict[str, tuple[tuple[str, ...], State]] = {
    "propose": (("",), "proposed"),
    "change": (("proposed",), "proposed"),
    "send": (("", "proposed"), "waiting"),
    "cancel": (("proposed", "waiting"), "cancelled"),
    "ask again": (("waiting",), "waiting"),
    "claim": (("waiting",), "claimed"),
    "take over": (("claimed",), "claimed"),
    "reply": (("claimed",), "claimed"),
    "release": (("claimed",), "released"),
    "close": (("waiting", "claimed"), "closed"),
}
_IS: dict[str, str] = {
    "proposed": "has not been sent yet",
    "waiting": "waits in the queue",
    "claimed": "is held by {holder}",
    "released": "was handed back to the desk",
    "closed": "is closed",
    "cancelled": "was withdrawn",
}


@dataclass(frozen=True)
class Delivery:
    """The notice of a hand-over to one target. `next_at` is a clock time in seconds (time.time)."""

    target: str
    key: str
    state: Literal["due", "sent", "failed"]
    tries: int
    next_at: float
    trouble: str
    changed_at: str


@dataclass(frozen=True)
class Step:
    """One line of the audit."""

    at: str
    who: str
    step: str
    from_state: str
    to_state: str
    why: str


@dataclass(frozen=True)
class Handover:
    """A hand-over as stored. `unread` counts what the customer wrote while a person held it and got no reply to."""

    number: int
    conversation: str
    state: State
    holder: str
    rule: str
    reason: str
    packet: Packet
    created_at: str
    changed_at: str
    deliveries: tuple[Delivery, ...] = ()
    unread: int = 0

    @property
    def standing(self) -> str:
        """Where it stands, in words: `waits in the queue`."""
        return _IS[self.state].format(holder=self.holder or "a colleague")


def open_handover(
    db: Any, chat: int, turn: int | None, packet: Packet, outlets: Iterable[str], *, send: bool, who: str = "desk"
) -> int:
    """Hand a chat over (inside a write): a new hand-over, or the open one brought up to date. Gives its number.

    With `send` it waits in the queue from now on and its notices are due; without, it is only proposed.
    """
    known = find_open(db, chat)
    reason, rule = str(packet.decision.get("reason", "")), str(packet.decision.get("rule", ""))
    if known is None:
        at = now()
        cursor = db.execute(
            "INSERT INTO handovers (conversation_id, turn_id, rule, reason, packet, state, created_at, changed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [chat, turn, rule, reason, _text(packet), "waiting" if send else "proposed", at, at],
        )
        number = int(cursor.lastrowid)
        write_step(db, number, who, "send" if send else "propose", "", _why(reason, rule))
        if send:
            put_deliveries(db, number, outlets)
        return number
    number, state = known
    if state == "proposed":
        db.execute(
            "UPDATE handovers SET turn_id = coalesce(?, turn_id), rule = ?, reason = ?, packet = ? WHERE id = ?",
            [turn, rule, reason, _text(packet), number],
        )
        take_step(db, number, "send" if send else "change", who, _why(reason, rule))
        if send:
            put_deliveries(db, number, outlets)
    elif state == "waiting":
        take_step(db, number, "ask again", who, _why(reason, rule))
    return number


def find_open(db: Any, chat: int) -> tuple[int, State] | None:
    """(number, state) of the one open hand-over of a chat."""
    found = db.execute(
        "SELECT id, state FROM handovers WHERE conversation_id = ? AND state IN ('proposed', 'waiting', 'claimed')",
        [chat],
    ).fetchone()
    return (int(found[0]), found[1]) if found else None


def take_step(db: Any, number: int, step: str, who: str, why: str = "", *, holder: str | None = None) -> State:
    """Take a step and write it down (inside a write); the new state. Raises UserError DENIED for an illegal one."""
    state, held = db.execute("SELECT state, holder FROM handovers WHERE id = ?", [number]).fetchone()
    starts, leads_to = STEPS[step]
    if state not in starts:
        place = _IS[state].format(holder=held or "a colleague")
        raise UserError(f"Hand-over {number} {place}: {_REFUSED[step]}.\n{_NEXT.get(state, _SEE)}", "DENIED")
    db.execute(
        "UPDATE handovers SET state = ?, holder = coalesce(?, holder), changed_at = ? WHERE id = ?",
        [leads_to, holder, now(), number],
    )
    write_step(db, number, who, step, state, why)
    return leads_to


_SEE = "See: deskside handovers list --all"
_NEXT = {
    "proposed": "Send it first.",
    "waiting": "Claim it first: deskside handovers claim NUMBER",
    "claimed": "Ask them, or take it over: deskside handovers claim NUMBER --take-over",
}
_REFUSED = {
    "change": "it cannot be changed any more",
    "send": "it cannot be sent again",
    "cancel": "it cannot be withdrawn any more",
    "ask again": "nothing can be added",
    "claim": "it cannot be claimed",
    "take over": "there is nobody to take it over from",
    "reply": "nobody can reply in it",
    "release": "it cannot be handed back",
    "close": "it cannot be closed",
}


def write_step(db: Any, number: int, who: str, step: str, from_state: str, why: str = "") -> None:
    """One line of the audit (inside a write): what has been done, or has become of a notice."""
    to_state = db.execute("SELECT state FROM handovers WHERE id = ?", [number]).fetchone()[0]
    db.execute(
        "INSERT INTO handover_steps (handover_id, at, who, step, from_state, to_state, why) VALUES (?,?,?,?,?,?,?)",
        [number, now(), who, step, from_state, to_state, why],
    )


def put_deliveries(db: Any, number: int, outlets: Iterable[str]) -> None:
    """A row in the outbox for each target (inside the write that sends)."""
    for target in outlets:
        db.execute(
            "INSERT OR IGNORE INTO deliveries (handover_id, target, key, state, tries, next_at, trouble, changed_at)"
            " VALUES (?, ?, ?, 'due', 0, ?, '', ?)",
            [number, target, f"handover-{uuid.uuid4().hex}", time.time(), now()],
        )


def withdraw(db: Any, number: int, who: str, why: str = "") -> None:
    """Take a hand-over back that nobody has taken yet, and its notices that have not gone out (inside a write)."""
    take_step(db, number, "cancel", who, why)
    drop_deliveries(db, number, "withdrawn")


def settle(db: Any, chat: int, why: str) -> None:
    """A hand-over of this chat that nobody has taken is over (inside a write)."""
    known = find_open(db, chat)
    if known and known[1] == "proposed":
        withdraw(db, known[0], "person", why)
    elif known and known[1] == "waiting":
        take_step(db, known[0], "close", "person", why)
        drop_deliveries(db, known[0], "closed")


def drop_deliveries(db: Any, number: int, why: str) -> None:
    """Notices that have not gone out are not needed any more (inside a write)."""
    db.execute(
        "UPDATE deliveries SET state = 'failed', trouble = ?, changed_at = ? WHERE handover_id = ? AND state = 'due'",
        [f"not needed: {why}", now(), number],
    )


def keep_packet(db: Any, number: int, packet: Packet) -> None:
    """Store a changed packet (inside a write)."""
    db.execute("UPDATE handovers SET packet = ? WHERE id = ?", [_text(packet), number])


def handover_from(row: dict[str, Any], deliveries: Iterable[dict[str, Any]], unread: int) -> Handover:
    """A hand-over from its row (with the chat's id as `conversation`) and those of its deliveries."""
    names = ("target", "key", "state", "tries", "next_at", "trouble", "changed_at")
    return Handover(
        row["id"],
        row["conversation"],
        row["state"],
        row["holder"],
        row["rule"],
        row["reason"],
        packet_from(json.loads(row["packet"])),
        row["created_at"],
        row["changed_at"],
        tuple(Delivery(**{name: each[name] for name in names}) for each in deliveries),
        unread,
    )


def _text(packet: Packet) -> str:
    return json.dumps(packet.as_json(), ensure_ascii=False)


def _why(reason: str, rule: str) -> str:
    return f"{reason} (rule {rule})" if rule else reason
