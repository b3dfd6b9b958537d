"""The desk and a person share one conversation: one speaks, the other is silent, and what is promised is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_doubles import WORKSPACE, Shop, make_shop, open_shop

from agent.desk import Wishes
from agent.events import Ended, Found
from agent.journal import Journal
from agent.queue import HandoverQueue
from agent.replies import held_reply
from index.errors import UserError
from index.store import Store

HUB = "The light of my hub stays white, what can I do?"
REFUND = "How many days does the refund of a returned camera take to reach my card?"
PERSON = "I want a person"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_shop(tmp_path / "shop")
    yield store
    store.close()


@pytest.fixture
def shop(store: Store) -> Shop:
    return make_shop(store)


@pytest.fixture
def queue(store: Store) -> HandoverQueue:
    return HandoverQueue(store, WORKSPACE)


def proposing(shop: Shop) -> Shop:
    """The shop where somebody looks a hand-over over before it is sent."""
    shop.desk.journal = Journal(shop.store, WORKSPACE, proposes=True)
    return shop


# Asking for one


@pytest.mark.parametrize("question", [PERSON, "I want a person, my mail is jo@example.org", "Can I talk to a human?"])
def test_the_first_message_may_ask_for_a_person(shop: Shop, queue: HandoverQueue, question: str) -> None:
    ended = shop.ended(question)
    assert (ended.decision.act, ended.decision.rule) == ("handover", "person.asked")
    (one,) = queue.waiting()
    assert (one.conversation, one.rule) == (ended.conversation_id, "person.asked")
    assert "passing this conversation to a colleague" in ended.answer


def test_a_word_of_the_house_brings_a_person_and_is_cited(store: Store, queue: HandoverQueue) -> None:
    shop = make_shop(store, wishes=Wishes(caution=0.1, person_words=("lawyer", "press")))
    ended = shop.ended("My lawyer asks why the light of my hub stays white")
    assert (ended.decision.act, ended.decision.rule) == ("handover", "house.words")
    assert "“lawyer”" in ended.decision.reason
    assert queue.waiting()[0].rule == "house.words"
    assert shop.ended("Shall I press reset, the light of my hub stays white").decision.rule == "house.words"
    assert shop.ended("I pressed reset, the light of my hub stays white").decision.act != "handover"


def test_what_is_not_known_well_enough_goes_to_a_person_with_its_confidence(shop: Shop, queue: HandoverQueue) -> None:
    shop.ended("How do I bake a chocolate cake?")
    (one,) = queue.waiting()
    assert one.rule in ("found.unsure", "found.nothing")
    assert one.packet.decision["confidence"] < 0.1


def test_a_promise_is_only_made_when_it_is_kept(shop: Shop, queue: HandoverQueue) -> None:
    with shop.store.write() as db:
        db.execute("CREATE TRIGGER no_queue BEFORE INSERT ON handovers BEGIN SELECT RAISE(ABORT, 'no queue'); END")
    with pytest.raises(Exception, match="no queue"):
        shop.ended(PERSON)
    assert shop.store.rows("SELECT * FROM turns") == []
    assert queue.waiting() == []


def test_looked_over_first_the_reply_does_not_say_that_it_was_sent(shop: Shop, queue: HandoverQueue) -> None:
    ended = proposing(shop).ended(PERSON)
    assert "as soon as you have looked over" in ended.answer
    unsure = shop.ended("How do I bake a chocolate cake?")
    assert "as soon as you have looked over" in unsure.answer
    assert queue.waiting() == []
    one = queue.open_in(ended.conversation_id)
    assert one is not None
    queue.send(one.number)
    assert [each.number for each in queue.waiting()] == [one.number]


def test_a_proposal_grows_with_what_is_asked_after_it(shop: Shop, queue: HandoverQueue) -> None:
    ended = proposing(shop).ended(PERSON)
    shop.ended("I want a person because my order is late", chat=ended.conversation_id)
    one = queue.open_in(ended.conversation_id)
    assert one is not None
    assert one.packet.question == "I want a person because my order is late"
    assert [step.step for step in queue.steps(one.number)] == ["propose", "change"]


def test_who_waits_and_asks_again_hears_that_a_colleague_was_asked(shop: Shop, queue: HandoverQueue) -> None:
    chat = shop.ended(PERSON).conversation_id
    assert "asked already" in shop.ended("Can I talk to a human?", chat=chat).answer
    assert len(queue.waiting()) == 1


def test_while_nobody_has_taken_it_the_desk_still_helps(shop: Shop) -> None:
    chat = shop.ended(PERSON).conversation_id
    assert shop.ended(HUB, chat=chat).decision.act in ("case", "generate")


# Silence


def test_while_a_person_holds_it_the_desk_is_silent_and_says_where_the_question_went(
    shop: Shop, queue: HandoverQueue
) -> None:
    chat = shop.ended(PERSON).conversation_id
    (one,) = queue.waiting()
    queue.claim(one.number, "Ana")
    events = shop.ask(HUB, "Error E-40", chat=chat)
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert not [event for event in events if isinstance(event, Found)]  # nothing is even looked for
    assert (ended.decision.act, ended.decision.rule) == ("held", "person.holds")
    assert ended.answer == held_reply("Ana")
    assert not ended.citations
    assert queue.one(one.number).unread == 1
    assert ("Customer", HUB) in queue.talk(one.number)
    assert shop.ended(HUB).decision.act != "held"  # other conversations go on


def test_taken_while_the_desk_was_looking_it_is_silent_all_the_same(shop: Shop, queue: HandoverQueue) -> None:
    chat = shop.ended(PERSON).conversation_id
    (one,) = queue.waiting()
    events = shop.desk.answer(HUB, (), chat)
    for event in events:
        if isinstance(event, Found):
            queue.claim(one.number, "Ana")
            break
    *_, ended = events
    assert isinstance(ended, Ended)
    assert ended.decision.act == "held"
    assert ended.answer == held_reply("Ana")


def test_after_release_the_desk_answers_what_is_new_once(shop: Shop, queue: HandoverQueue) -> None:
    chat = shop.ended(PERSON).conversation_id
    (one,) = queue.waiting()
    queue.claim(one.number, "Ana")
    shop.ended(HUB, chat=chat)
    queue.reply(one.number, "Ana", "I have sent you a new hub.")
    shop.ended(REFUND, chat=chat)
    assert queue.release(one.number, "Ana") == [REFUND]
    ended = shop.ended("", chat=chat)
    assert "3-5 working days" in ended.answer
    assert "LAN port" not in ended.answer  # Ana answered that one
    with pytest.raises(UserError, match="Nothing was asked"):
        shop.ended("", chat=chat)
    said = [text for who, text in queue.talk(one.number) if who == "Customer"]
    assert said == [PERSON, HUB, REFUND]


def test_a_new_question_after_release_is_answered_with_what_is_left(shop: Shop, queue: HandoverQueue) -> None:
    chat = shop.ended(PERSON).conversation_id
    (one,) = queue.waiting()
    queue.claim(one.number, "Ana")
    shop.ended(REFUND, chat=chat)
    queue.release(one.number, "Ana")
    ended = shop.ended("I sent the camera back last week.", chat=chat)
    assert "3-5 working days" in ended.answer
    said = [text for who, text in queue.talk(one.number) if who == "Customer"]
    assert said == [PERSON, REFUND, "I sent the camera back last week."]


def test_pictures_that_came_meanwhile_are_read_after_release(shop: Shop, queue: HandoverQueue) -> None:
    chat = shop.ended(PERSON).conversation_id
    (one,) = queue.waiting()
    queue.claim(one.number, "Ana")
    shop.ended("", "Thermostat\nError E-40", chat=chat)
    queue.release(one.number, "Ana")
    ended = shop.ended("", chat=chat)
    assert ended.hits[0].source_id in ("T-3001", "KB-thermo")
    shown = shop.store.rows("SELECT pictures FROM messages WHERE pictures <> '[]'")
    assert len(shown) == 1


def test_a_persons_advice_that_failed_is_heard_as_such(shop: Shop, queue: HandoverQueue) -> None:
    chat = shop.ended(PERSON).conversation_id
    (one,) = queue.waiting()
    queue.claim(one.number, "Ana")
    shop.ended(HUB, chat=chat)
    queue.reply(one.number, "Ana", "Take the hub off power for 60 seconds.")
    queue.release(one.number, "Ana")
    assert shop.ended("That did not work.", chat=chat).decision.rule in (
        "tried.all",
        "evidence.ticket",
        "evidence.article",
    )


def test_complaints_before_a_person_came_do_not_count_against_the_desk_after(shop: Shop, queue: HandoverQueue) -> None:
    ended = shop.ended(HUB)
    chat = ended.conversation_id
    for _ in range(8):
        ended = shop.ended("That did not work.", chat=chat)
        if ended.decision.rule == "tried.all":
            break
    assert ended.decision.rule == "tried.all"
    (one,) = queue.waiting()
    assert one.packet.priority == "high"
    assert any(tried.failed for tried in one.packet.tried)
    queue.claim(one.number, "Ana")
    queue.reply(one.number, "Ana", "I exchanged it for a new one.")
    queue.release(one.number, "Ana")
    assert shop.ended(REFUND, chat=chat).decision.act == "case"


def test_a_closed_matter_can_be_handed_over_again(shop: Shop, queue: HandoverQueue) -> None:
    chat = shop.ended(PERSON).conversation_id
    (one,) = queue.waiting()
    queue.close(one.number, "Ana")
    shop.ended(PERSON, chat=chat)
    (second,) = queue.waiting()
    assert second.number != one.number


def test_the_packet_cites_what_the_answers_rested_on(shop: Shop, queue: HandoverQueue) -> None:
    chat = shop.ended("Thermostat shows E-40, what now?").conversation_id
    shop.ended("That did not work, I want a person", chat=chat)
    (one,) = queue.waiting()
    assert any(case.cited and case.source_id in ("T-3001", "KB-thermo") for case in one.packet.cases)
    assert any("metal pin" in step for tried in one.packet.tried for step in tried.steps)
