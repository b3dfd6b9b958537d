"""The outbox: what was promised is told to each target, again and again with growing pauses until it is taken."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from agent.events import Decision
from agent.handover import write_step
from agent.queue import HandoverQueue, notice_of
from agent.targets import NotDelivered, Notice, Target
from index.errors import UserError
from index.store import Store, now

log = logging.getLogger(__name__)
PAUSES = (5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)  # seconds; the last one again and again
MOST_TRIES = 60  # about two days
PATIENCE = 20.0  # seconds for one try, whatever a target does
LEASE = 60.0  # for that long nobody else tries the same delivery: longer than PATIENCE
LONGEST_SLEEP = 15.0  # other processes put deliveries into the outbox too
_WAYS = {"mail": "e-mail", "webhook": "message", "folder": "note"}


class Courier:
    """Delivers what is due in one workspace's outbox. Any number of couriers may run at once, in any process."""

    def __init__(self, store: Store, workspace: str, targets: Mapping[str, Target], patience: float = PATIENCE) -> None:
        self._store = store
        self._workspace = workspace
        self._targets = targets
        self._patience = patience
        self._queue = HandoverQueue(store, workspace)
        self._wake = threading.Event()
        self._closed = False

    def start(self) -> None:
        """Deliver in the background from now on; leaving never waits for it."""
        threading.Thread(target=self._run, name="courier", daemon=True).start()

    def wake(self) -> None:
        """Something is due: look at once."""
        self._wake.set()

    def close(self) -> None:
        """No more after the delivery under way."""
        self._closed = True
        self._wake.set()

    def deliver_due(self, number: int | None = None) -> int:
        """Try everything that is due (of one hand-over) once; how many tries were made."""
        tries = 0
        while (row := self._take(number)) is not None:
            tries += 1
            self._try(row)
        return tries

    def next_due(self, number: int | None = None) -> float | None:
        """When the next try (for one hand-over) is due (time.time); None when nothing waits."""
        found = self._store.rows(
            f"SELECT min(d.next_at) AS at {_OURS} AND d.state = 'due' AND (? IS NULL OR h.id = ?)",
            [self._workspace, number, number],
        )
        return None if found[0]["at"] is None else float(found[0]["at"])

    def wait_until_due(self, number: int | None = None) -> bool:
        """Sleep until the next try is due; False, at once, when nothing waits any more."""
        due = self.next_due(number)
        if due is not None:
            time.sleep(max(0.0, due - time.time()))
        return due is not None

    def _run(self) -> None:
        while not self._closed:
            try:
                self.deliver_due()
                due = self.next_due()
            except UserError as error:  # the store is busy or its disk full: later
                log.warning("the outbox waits: %s", error.message)
                due = time.time() + PAUSES[0]
            except Exception:
                log.exception("the courier stumbled")
                due = time.time() + PAUSES[1]
            rest = LONGEST_SLEEP if due is None else min(max(due - time.time(), 0.05), LONGEST_SLEEP)
            self._wake.wait(rest)
            self._wake.clear()
        self._store.close()

    def _take(self, number: int | None) -> dict[str, Any] | None:
        """The next due delivery, ours for the length of a lease."""
        with self._store.write() as db:
            found = self._store.rows(
                f"SELECT d.* {_OURS} AND d.state = 'due' AND d.next_at <= ? AND (? IS NULL OR h.id = ?)"
                " ORDER BY d.next_at, d.id LIMIT 1",
                [self._workspace, time.time(), number, number],
            )
            if not found:
                return None
            db.execute("UPDATE deliveries SET next_at = ? WHERE id = ?", [time.time() + LEASE, found[0]["id"]])
        return found[0]

    def _try(self, row: dict[str, Any]) -> None:
        target = self._targets.get(row["target"])
        try:
            if target is None:
                raise NotDelivered("it is no longer in the settings", for_good=True)
            notice = notice_of(self._queue, row["handover_id"], row["key"])
            remark = _within(self._patience, target, notice)
        except NotDelivered as trouble:
            self._failed(row, trouble)
            return
        self._sent(row, remark)
        target.settled(notice)

    def _sent(self, row: dict[str, Any], remark: str) -> None:
        """Taken: the outbox, the audit and, where trouble was told before, the customer; all of it or nothing."""
        with self._store.write() as db:
            if not self._still_due(row):
                return
            db.execute(
                "UPDATE deliveries SET state = 'sent', tries = tries + 1, trouble = '', changed_at = ? WHERE id = ?",
                [now(), row["id"]],
            )
            self._audit(row, "delivered", remark)
            if row["trouble"]:
                self._tell(row, f"The {self._way(row)} to our team has gone out now.")

    def _failed(self, row: dict[str, Any], trouble: NotDelivered) -> None:
        """Not taken: when it is tried again, or that it is given up; the customer hears of the first and the last."""
        tries = row["tries"] + 1
        over = trouble.for_good or tries >= MOST_TRIES
        pause = max(PAUSES[min(tries, len(PAUSES)) - 1], trouble.after or 0.0)
        with self._store.write() as db:
            if not self._still_due(row):
                return
            db.execute(
                "UPDATE deliveries SET state = ?, tries = ?, next_at = ?, trouble = ?, changed_at = ? WHERE id = ?",
                ["failed" if over else "due", tries, time.time() + pause, trouble.reason, now(), row["id"]],
            )
            self._audit(row, "given up" if over else "not delivered", trouble.reason)
            way = self._way(row)
            if over:
                self._tell(row, f"The {way} to our team did not go out. Your request waits in our queue all the same.")
            elif not row["trouble"]:
                self._tell(
                    row,
                    f"The {way} to our team has not gone out yet and is tried again. Your request waits in our queue.",
                )

    def _still_due(self, row: dict[str, Any]) -> bool:
        """Whether nobody has settled this delivery meanwhile (a try that outlasted its lease, a withdrawal)."""
        return bool(self._store.rows("SELECT 1 FROM deliveries WHERE id = ? AND state = 'due'", [row["id"]]))

    def _audit(self, row: dict[str, Any], step: str, why: str) -> None:
        state = self._store.rows("SELECT state FROM handovers WHERE id = ?", [row["handover_id"]])[0]["state"]
        text = f"{row['target']}: {why}" if why else row["target"]
        write_step(self._store.db, row["handover_id"], "courier", step, state, text)

    def _tell(self, row: dict[str, Any], text: str) -> None:
        """Say it to a customer who still waits; with a colleague there it matters no more."""
        if self._queue.one(row["handover_id"]).state != "waiting":
            return
        decision = Decision("told", f"hand-over {row['handover_id']}", "handover.notice", 1.0)
        self._queue.tell(row["handover_id"], text, decision)

    @staticmethod
    def _way(row: dict[str, Any]) -> str:
        return _WAYS.get(row["target"], "notice")


_OURS = (
    "FROM deliveries d JOIN handovers h ON h.id = d.handover_id JOIN conversations c ON c.id = h.conversation_id"
    " WHERE c.workspace = ?"
)


def _within(seconds: float, target: Target, notice: Notice) -> str:
    """What the target says, in a thread of its own: one that hangs costs its time and no more."""
    told: list[str | BaseException] = []

    def deliver() -> None:
        try:
            told.append(target.deliver(notice))
        except BaseException as error:
            told.append(error)

    thread = threading.Thread(target=deliver, name=f"to {target.name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if not told:
        raise NotDelivered(f"{target.address} did not answer within {seconds:.0f} s")
    if isinstance(told[0], NotDelivered):
        raise told[0]
    if isinstance(told[0], BaseException):
        log.error("a target broke", exc_info=told[0])
        raise NotDelivered(f"{target.address} could not be told ({type(told[0]).__name__})") from told[0]
    return told[0]
