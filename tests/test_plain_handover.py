"""Hand-overs in plain lines: looked over before they are sent, worked on, and heard of, without a window."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from handover_doubles import HELD, SOLVED, ended, promise
from test_window_handover import ASKED, KeepingDesk

from agent.journal import Journal
from agent.plain import run_plain
from agent.queue import EVERY, HandoverQueue
from index.store import Store, open_store


@pytest.fixture
def store(own_home: Path) -> Iterator[Store]:
    store = open_store(own_home)
    yield store
    store.close()


@pytest.fixture
def queue(store: Store) -> HandoverQueue:
    return HandoverQueue(store, "default")


def talk(store: Store, lines: list[str], desk: KeepingDesk | None = None, chat: str | None = None) -> str:
    """What is printed for these lines."""
    ready = desk or KeepingDesk(store, "It goes to a colleague.", decision=ASKED, citations=())
    out = io.StringIO()
    run_plain(
        Journal(store, "default"),
        lambda on_note: ready,
        input_stream=io.StringIO("\n".join(lines)),
        output_stream=out,
        conversation_id=chat,
        queue=HandoverQueue(store, "default"),
        person="Ana",
    )
    return out.getvalue()


def test_the_packet_is_read_and_changed_before_it_is_sent(store: Store, queue: HandoverQueue) -> None:
    lines = [
        "I want a person",
        "/packet note Twice",
        "/packet contact +49 30 1",
        "/packet priority high",
        "/packet send",
    ]
    out = talk(store, lines)
    first = out.index("nothing is sent yet")
    assert "Why: a person was asked for (rule person.asked)" in out
    assert out.index("Priority: high") > first
    assert "waits in the queue" in out
    assert "in our team's queue now" in out
    (one,) = queue.waiting()
    assert (one.packet.note, one.packet.contact, one.packet.priority) == ("Twice", "+49 30 1", "high")


def test_without_a_word_nothing_is_sent_and_it_can_be_withdrawn(store: Store, queue: HandoverQueue) -> None:
    out = talk(store, ["I want a person", "/packet priority at once", "/packet withdraw", "/packet"])
    assert "A priority is one of low, normal, high, urgent." in out
    assert "was withdrawn" in out
    assert "There is no hand-over in this conversation." in out
    assert [one.state for one in queue.waiting(EVERY)] == ["cancelled"]


def test_a_person_is_asked_for_in_the_middle_of_a_chat(store: Store, queue: HandoverQueue) -> None:
    desk = KeepingDesk(store, "Hold reset.", decision=SOLVED, citations=())
    talk(store, ["Why is it white?", "/human It is the third time", "/packet send"], desk)
    (one,) = queue.waiting()
    assert (one.rule, one.packet.note, one.packet.question) == (
        "person.key",
        "It is the third time",
        "Why is it white?",
    )


def test_the_queue_is_worked_on(store: Store, queue: HandoverQueue) -> None:
    number = promise(store, question="Where is my parcel?")
    lines = ["/handovers", f"/handovers show {number}", f"/handovers claim {number}"]
    lines += [f"/handovers reply {number} It left today", f"/handovers close {number} done", "/handovers"]
    out = talk(store, lines)
    assert f"{number}: waits in the queue, normal: Where is my parcel?" in out
    assert "Customer: Where is my parcel?" in out
    assert "Ana has this conversation" in out
    assert out.rstrip().endswith("Nobody waits.")
    assert queue.talk(number)[-2] == ("Ana", "It left today")
    assert queue.steps(number)[-1].why == "done"


def test_what_is_not_legal_is_said_and_the_talk_goes_on(store: Store) -> None:
    number = promise(store)
    out = talk(store, [f"/handovers reply {number} hello", "/handovers claim 99", "/handovers claim", "/handovers x 1"])
    assert "waits in the queue: nobody can reply in it" in out
    assert "There is no hand-over 99 here." in out
    assert out.count("/handovers show|claim|take-over|reply|release|close NUMBER [TEXT]") == 2


def test_on_release_the_desk_answers_what_came_meanwhile(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ana")
    Journal(store, "default").keep_turn("And my bill?", ended("Ana has it", HELD))
    desk = KeepingDesk(store, "The bill comes by mail.", decision=SOLVED, citations=())
    out = talk(store, [f"/handovers release {number}"], desk, chat="chat-1")
    assert out.count("The bill comes by mail.") == 1
    assert queue.pending("chat-1") == []


def test_what_a_person_said_meanwhile_is_printed_once_under_their_name(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ben")

    class Meanwhile(io.StringIO):
        """Lines of an input during which Ben replies."""

        def readline(self, *size: int) -> str:  # type: ignore[override]
            if queue.talk(number)[-1][0] != "Ben":
                queue.reply(number, "Ben", "Hello from Ben")
            return super().readline(*size)

    out = io.StringIO()
    desk = KeepingDesk(store, "x")
    run_plain(
        Journal(store, "default"),
        lambda on_note: desk,
        input_stream=Meanwhile("/sources\n/sources\n"),
        output_stream=out,
        conversation_id="chat-1",
        queue=queue,
        person="Ana",
    )
    assert out.getvalue().count("Ben: Hello from Ben") == 1
    assert "Desk: Ben has taken over" in out.getvalue()
