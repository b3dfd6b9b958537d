"""The window hands over: the packet is looked over, a person works in the queue, and the chat tells where it stands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from handover_doubles import HELD, SOLVED, ended, free_port, promise
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input, TextArea
from window_doubles import ScriptedDesk, ask, running, screen_text, wait_until

from agent.courier import Courier
from agent.events import Decision, Ended
from agent.handover import Handover
from agent.journal import Journal
from agent.queue import EVERY, HandoverQueue
from agent.settings import load_settings
from agent.targets import targets_from
from agent.tui.app import DeskApp
from agent.tui.packet import PacketScreen
from agent.tui.queue import HeldScreen, QueueScreen
from agent.tui.words import since
from index.store import Store, open_store

SIZES = [(100, 30), (60, 20), (44, 14)]


@pytest.fixture
def store(own_home: Path) -> Iterator[Store]:
    store = open_store(own_home)
    yield store
    store.close()


@pytest.fixture
def queue(store: Store) -> HandoverQueue:
    return HandoverQueue(store, "default")


class KeepingDesk(ScriptedDesk):
    """A scripted desk whose turns are kept in a real journal, as the desk of the window keeps them."""

    def __init__(self, store: Store, *answers: str, **parts: object) -> None:
        super().__init__(*answers, **parts)
        self.journal = Journal(store, "default", proposes=True)

    def answer(self, question, pictures=(), conversation_id=None, cancel=None, *, instead_of=None):  # type: ignore[no-untyped-def]
        conversation_id = conversation_id or self.journal.new_conversation_id()
        for event in super().answer(question, pictures, conversation_id, cancel):
            if isinstance(event, Ended):
                from dataclasses import replace

                left = "\n".join(turn.question for turn in self.journal.unanswered(conversation_id))
                turn_id = self.journal.keep_turn(question or left, event, said=question)
                yield replace(event, turn_id=turn_id)
            else:
                yield event


ASKED = Decision("handover", "a person was asked for", "person.asked", 1.0)


def window(store: Store, desk: ScriptedDesk | None = None, **more: object) -> DeskApp:
    """The real window over a real store."""
    ready = desk or KeepingDesk(
        store, "It goes to a colleague once you have looked it over.", decision=ASKED, citations=()
    )
    queue = HandoverQueue(store, "default", more.pop("outlets", ()), more.pop("on_sent", lambda: None))  # type: ignore[arg-type]
    return DeskApp(Journal(store, "default"), lambda on_note: ready, title="default", queue=queue, person="Ana", **more)  # type: ignore[arg-type]


async def until(pilot: Pilot, *words: str) -> str:
    """Wait until the screen shows all of these; what it shows then."""
    await wait_until(pilot, lambda: all(word in screen_text(pilot.app) for word in words))  # type: ignore[arg-type]
    return screen_text(pilot.app)  # type: ignore[arg-type]


# The packet


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_packet_is_shown_before_anything_is_sent_and_can_be_changed(
    store: Store, queue: HandoverQueue, size: tuple[int, int]
) -> None:
    app = window(store)
    async with running(app, size) as pilot:
        await ask(pilot, "I want a person, mail jo@example.org")
        await wait_until(pilot, lambda: isinstance(app.screen, PacketScreen))
        text = await until(pilot, "nothing is sent yet", "Why: a person was asked for", "^S send")
        assert "jo@example.org" in text
        assert queue.waiting() == []
        app.screen.query_one("#note", TextArea).focus()
        await pilot.press(*"Twice", "tab")
        app.screen.query_one("#contact", Input).value = "+49 30 1234"
        await pilot.press("tab", "right")
        assert "[high]" in screen_text(app)
        await pilot.press("ctrl+s")
        await until(pilot, "waits in the queue")
    (one,) = queue.waiting()
    assert (one.packet.note, one.packet.contact, one.packet.priority) == ("Twice", "+49 30 1234", "high")
    assert [step.step for step in queue.steps(one.number)] == ["propose", "send"]


async def test_who_says_later_or_no_has_sent_nothing(store: Store, queue: HandoverQueue) -> None:
    app = window(store)
    async with running(app) as pilot:
        await ask(pilot, "I want a person")
        await wait_until(pilot, lambda: isinstance(app.screen, PacketScreen))
        await pilot.press("escape")
        await until(pilot, "is not sent yet: F8 to look it over")
        await pilot.pause(1.3)
        assert app.screen is app.chat  # it is offered once, not again and again
        await pilot.press("f8")
        await wait_until(pilot, lambda: isinstance(app.screen, PacketScreen))
        await pilot.press("ctrl+d")
        await wait_until(pilot, lambda: "not sent yet" not in screen_text(app))
    assert [one.state for one in queue.waiting(EVERY)] == ["cancelled"]


async def test_the_key_asks_for_a_person_in_a_new_chat_and_in_a_running_one(store: Store, queue: HandoverQueue) -> None:
    desk = KeepingDesk(store, "Hold reset.", "It goes to a colleague.")
    app = window(store, desk)
    async with running(app) as pilot:
        await pilot.press("f8")
        await wait_until(pilot, lambda: len(desk.asked) == 1)
        assert desk.asked[0][0] == "I want a person"
        await wait_until(pilot, lambda: app.chat.chat.id and not app.chat._sent)
        await pilot.press("f8")
        await wait_until(pilot, lambda: isinstance(app.screen, PacketScreen))
        await pilot.press("ctrl+s")
        await until(pilot, "is in our team's queue now", "waits in the queue")
    assert queue.waiting()[0].rule == "person.key"


async def test_the_chat_shows_which_notices_have_not_gone_out(store: Store) -> None:
    settings = load_settings({"handover_webhook": f"http://127.0.0.1:{free_port()}/x"})
    courier = Courier(store, "default", targets_from(settings))
    courier.start()
    try:
        app = window(store, outlets=("webhook",), on_sent=courier.wake)
        async with running(app) as pilot:
            await ask(pilot, "I want a person")
            await wait_until(pilot, lambda: isinstance(app.screen, PacketScreen))
            await pilot.press("ctrl+s")
            await until(pilot, "webhook: tried again", "has not gone out yet")
    finally:
        courier.close()


# A person in the chat


async def test_what_a_person_says_appears_in_the_open_chat_under_their_name(store: Store, queue: HandoverQueue) -> None:
    number = promise(store, question="Where is my parcel?")
    app = window(store, conversation_id="chat-1")
    async with running(app) as pilot:
        await until(pilot, "Where is my parcel?", "waits in the queue")
        queue.claim(number, "Ben")
        await until(pilot, "Ben has this conversation, the desk is silent", "Ben has taken over")
        queue.reply(number, "Ben", "It left yesterday. [/x] \x1b[2J")
        text = await until(pilot, "It left yesterday. [/x]")
        assert (
            "Ben"
            in text.split("It left yesterday")[0].splitlines()[-2] + text.split("It left yesterday")[0].splitlines()[-1]
        )
        queue.close(number, "Ben")
        await until(pilot, "closed the matter")
        await wait_until(pilot, lambda: "the desk is silent" not in screen_text(app))
        turns = [turn.turn_id for turn in app.chat.transcript.turns]
        assert turns == sorted(set(turns))  # nothing twice


async def test_a_reopened_chat_shows_who_said_what(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ben")
    queue.reply(number, "Ben", "Hello, Ben here")
    app = window(store, conversation_id="chat-1")
    async with running(app) as pilot:
        text = await until(pilot, "Hello, Ben here")
        lines = [line.strip() for line in text.splitlines()]
        assert any(line.startswith("Ben") and "has" not in line for line in lines)
        assert sum(line.startswith("You") for line in lines) == 1  # nobody asked for what was only told


# The queue


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_person_works_from_the_queue_to_the_end(
    store: Store, queue: HandoverQueue, size: tuple[int, int]
) -> None:
    number = promise(store, question="Where is my parcel?")
    app = window(store)
    async with running(app, size) as pilot:
        await pilot.press("alt+q")
        text = await until(pilot, "Where is my parcel?", "1 waiting", "you are Ana", "F6 claim")
        assert "waiting" in text
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, HeldScreen))
        await until(pilot, f"Hand-over {number} waits in the queue")
        await pilot.press("f6")
        await until(pilot, f"Hand-over {number} is held by Ana", "^S reply")
        await pilot.press(*"Soon", "ctrl+s")
        await until(pilot, "Soon")
        assert queue.talk(number)[-1] == ("Ana", "Soon")
        assert app.screen.query_one("#reply", TextArea).text == ""
        await pilot.press("f10")
        await until(pilot, f"Hand-over {number} is closed")
        await pilot.press("escape")
        await until(pilot, "Nobody waits.")
        await pilot.press("a")
        await until(pilot, "closed")
        await pilot.press("escape")
        assert app.screen is app.chat


async def test_somebody_elses_is_taken_over_only_on_purpose(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ben")
    app = window(store)
    async with running(app) as pilot:
        await pilot.press("alt+q")
        await until(pilot, "claimed by Ben")
        await pilot.press("f6")
        await until(pilot, "once more takes it over")
        assert queue.one(number).holder == "Ben"
        await pilot.press("f6")
        await until(pilot, "claimed by Ana")


async def test_unread_questions_are_not_closed_by_one_key(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ana")
    Journal(store, "default").keep_turn("And my bill?", ended("Ana has it", HELD))
    app = window(store)
    async with running(app) as pilot:
        await pilot.press("alt+q")
        await until(pilot, "1 unread")
        await pilot.press("f10")
        await until(pilot, "once more closes it all the same")
        assert queue.one(number).state == "claimed"


async def test_on_release_the_desk_answers_what_came_meanwhile(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ana")
    Journal(store, "default").keep_turn("And my bill?", ended("Ana has it", HELD))
    desk = KeepingDesk(store, "The bill comes by mail.", decision=SOLVED, citations=())
    app = window(store, desk, conversation_id="chat-1")
    async with running(app) as pilot:
        await until(pilot, "And my bill?", "1 in the inbox")
        await pilot.press("alt+q")
        await until(pilot, "1 unread")
        await pilot.press("f8")
        await wait_until(pilot, lambda: desk.asked and desk.finished)
        await pilot.press("escape")
        await until(pilot, "The bill comes by mail.")
    assert queue.pending("chat-1") == []
    assert desk.asked == [("", (), "chat-1")]


async def test_a_reply_that_cannot_be_sent_stays_in_the_box(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ana")
    app = window(store)
    async with running(app) as pilot:
        await pilot.press("alt+q")
        await until(pilot, "claimed by Ana")
        await pilot.press("enter")
        await until(pilot, "^S reply")
        queue.claim(number, "Ben", take_over=True)
        app.screen.query_one("#reply", TextArea).text = "My reply"
        await pilot.press("ctrl+s")
        await until(pilot, "held by Ben")
        assert app.screen.query_one("#reply", TextArea).text == "My reply"


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_markup_and_escapes_of_a_customer_are_only_text(store: Store, size: tuple[int, int]) -> None:
    promise(store, question="[/x] [@click=app.quit]x[/] \x1b]52;c;AAAA\x07 \u202eme")
    app = window(store, conversation_id="chat-1")
    async with running(app, size) as pilot:
        await until(pilot, "[/x]")
        await pilot.press("alt+q")
        await until(pilot, "[/x]")
        await pilot.press("enter")
        await until(pilot, "[/x]")
        assert "\x1b" not in screen_text(app)


async def test_a_key_with_alt_is_a_command_and_no_letter(store: Store) -> None:
    app = window(store)
    async with running(app) as pilot:
        app.post_message(Key("alt+q", "q"))  # as a terminal sends it: with its letter
        await until(pilot, "Nobody waits.")
        await pilot.press("escape")
        assert app.chat.prompt.text == ""


async def test_nothing_opens_under_the_hands_of_somebody_who_writes(store: Store) -> None:
    journal = Journal(store, "default", proposes=True)
    journal.keep_turn("Why is it white?", ended("Hold reset.", SOLVED))
    app = window(store, conversation_id="chat-1")
    async with running(app) as pilot:
        await until(pilot, "Why is it white?")
        app.chat.prompt.put("and one more")
        journal.keep_turn("I want a person", ended())
        await until(pilot, "is not sent yet: F8 to look it over")
        await pilot.pause(1.2)
        assert app.screen is app.chat
        assert app.chat.prompt.text == "and one more"


async def test_a_window_without_a_queue_says_so(store: Store) -> None:
    from window_doubles import window as bare

    app = bare()
    async with running(app) as pilot:
        await pilot.press("alt+q")
        await until(pilot, "There is no queue here")


async def test_the_queue_follows_what_others_do(store: Store, queue: HandoverQueue) -> None:
    app = window(store)
    async with running(app) as pilot:
        await pilot.press("alt+q")
        await until(pilot, "Nobody waits.")
        assert isinstance(app.screen, QueueScreen)
        promise(store, question="A late one")
        await until(pilot, "A late one", "1 waiting")


class SlowQueue(HandoverQueue):
    """A queue on a disk that takes longer for a read than the window waits between two looks at it."""

    def waiting(self, states=EVERY):  # type: ignore[no-untyped-def]
        time.sleep(3 * SHORT)
        return super().waiting(states)

    def one(self, number: int) -> Handover:
        time.sleep(3 * SHORT)
        return super().one(number)

    def open_in(self, conversation_id: str) -> Handover | None:
        time.sleep(3 * SHORT)
        return super().open_in(conversation_id)


SHORT = 0.1


async def test_a_slow_disk_cuts_no_look_off_and_a_step_taken_meanwhile_is_seen(
    store: Store, queue: HandoverQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.tui.queue.LOOK", SHORT)
    monkeypatch.setattr("agent.tui.handing.LOOK", SHORT)
    promise(store, question="My hub is burning, quick!")
    app = window(store, ScriptedDesk(), conversation_id="chat-1")
    app.queue = SlowQueue(store, "default")
    async with running(app) as pilot:
        await until(pilot, "Hand-over 1 waits in the queue")
        await pilot.press("alt+q")
        await until(pilot, "1 waiting", "My hub is burning")
        await pilot.press("f6")
        await until(pilot, "claimed by Ana")
        await pilot.press("enter")
        await until(pilot, "^S reply", "My hub is burning")
        await pilot.press(*"Wait!", "ctrl+s")
        await until(pilot, "Ana  reply: Wait!")
        await pilot.press("escape", "escape")
        text = await until(pilot, "Ana has this conversation", "Wait!")
        assert "F9 good" not in text  # what a person says is not rated


async def test_a_paste_into_the_note_is_cleaned_can_be_undone_and_has_a_limit(store: Store) -> None:
    app = window(store)
    async with running(app) as pilot:
        await ask(pilot, "I want a person")
        await wait_until(pilot, lambda: isinstance(app.screen, PacketScreen))
        note = app.screen.query_one("#note", TextArea)
        app.post_message(Paste("\x1b[31mred\x1b]52;c;AAAA\x07\u202e\n" * 50))
        await wait_until(pilot, lambda: note.text)
        assert note.text == "red\n" * 50
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: not note.text)
        app.post_message(Paste("x" * 2_000_000))
        await until(pilot, "2,000,000 characters are too much")
        assert note.text == ""
        contact = app.screen.query_one("#contact", Input)
        contact.focus()
        app.post_message(Paste("\x1b[31mjo@example.org"))
        await wait_until(pilot, lambda: contact.value == "jo@example.org")


async def test_every_key_of_the_queue_can_be_clicked(store: Store, queue: HandoverQueue) -> None:
    promise(store, question="My hub is burning, quick!")
    app = window(store, ScriptedDesk())
    async with running(app) as pilot:
        await pilot.press("alt+q")
        await until(pilot, "1 waiting", "My hub is burning")
        keys = app.screen.query_one(".keys")
        line = keys.render().plain  # type: ignore[union-attr]
        await pilot.click(".keys", offset=(2 + line.index("claim"), 0))
        await until(pilot, "claimed by Ana")
        await pilot.click(".keys", offset=(2 + line.index("open"), 0))
        await wait_until(pilot, lambda: isinstance(app.screen, HeldScreen))


def test_how_long_somebody_waits_is_told_in_minutes_first() -> None:
    now = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    told = [since(at, now) for at in ("2026-01-05T11:59:30Z", "2026-01-05T11:48:00Z", "2026-01-05T09:00:00Z")]
    assert told == ["just now", "12 min ago", "3 h ago"]
    assert since("2026-01-02T12:00:00Z", now) == "3 days ago"
    assert since("", now) == ""
