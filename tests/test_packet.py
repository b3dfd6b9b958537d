"""The packet holds what a person needs to take over, and nothing that a customer wrote can act in it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from handover_doubles import CITED, HIT, PERSON, SOLVED

from agent.events import Citation, Decision
from agent.packet import edited, make_packet, packet_from, packet_lines, packet_markdown
from agent.records import StoredTurn, as_heard
from index.pictures import ReadPicture

SCREEN = ReadPicture("a" * 64, "hub.png", 100, 50, (), "Error E-77", "Error E-77")


def turn(question: str, answer: str = "Hold reset [1].", decision: Decision = SOLVED, **more: object) -> StoredTurn:
    fields: dict = {
        "pictures": (),
        "citations": (CITED,),
        "hits": (HIT,),
        "seconds": {},
        "version": "v1",
        "asked_at": "",
    }
    return StoredTurn(1, question, answer, decision=decision, **{**fields, **more})  # type: ignore[arg-type]


TALK = (
    turn("My hub stays white", pictures=(SCREEN,)),
    turn("That did not work. Reach me at jo@example.org", citations=()),
    turn("I want a person", "I am passing this on.", PERSON, citations=(), hits=(replace(HIT, source_id="T-9"),)),
)


def test_it_says_what_was_asked_tried_shown_and_found() -> None:
    packet = make_packet(TALK, PERSON, "C-7")
    assert packet.question == "I want a person"
    assert packet.summary.splitlines() == [
        "My hub stays white",
        "3 messages, 1 answer with sources, 1 said not to have helped.",
        "Last: I want a person",
    ]
    (tried,) = packet.tried
    assert (tried.source_id, tried.failed) == ("T-1", True)
    assert tried.steps[0] == "Press the button."
    assert [(shown.name, shown.words) for shown in packet.pictures] == [("hub.png", "Error E-77")]
    assert [(case.source_id, case.cited) for case in packet.cases] == [("T-1", True), ("T-9", False)]
    assert (packet.contact, packet.customer) == ("jo@example.org", "C-7")
    page = "\n".join(packet_lines(packet))
    for word in (
        "rule person.asked",
        "jo@example.org",
        "T-1 Hub stays white (did not help)",
        "Press the button.",
        "T-9",
    ):
        assert word in page


@pytest.mark.parametrize(
    ("words", "rule", "priority"),
    [
        ("Where is my parcel?", "found.unsure", "normal"),
        ("There is smoke coming out of the plug", "found.unsure", "urgent"),
        ("I need this asap", "found.unsure", "high"),
        ("Still the same", "tried.all", "high"),
        ("I smoked salmon in the oven", "found.nothing", "normal"),
    ],
)
def test_the_priority_follows_the_words_and_the_rule(words: str, rule: str, priority: str) -> None:
    decision = Decision("handover", "because", rule, 0.1)
    assert make_packet([turn(words, decision=decision)], decision).priority == priority


@pytest.mark.parametrize(
    ("words", "contact"),
    [
        ("write to ann.lee@house.example please", "ann.lee@house.example"),
        ("my phone is +44 20 7946 0958", "+44 20 7946 0958"),
        ("order 40213 is late", ""),
    ],
)
def test_the_contact_is_what_the_customer_gave(words: str, contact: str) -> None:
    assert make_packet([turn(words)], PERSON).contact == contact


def test_it_comes_back_from_its_json_as_it_was() -> None:
    packet = edited(make_packet(TALK, PERSON), "A note", "call me", "urgent")
    assert packet_from(json.loads(json.dumps(packet.as_json()))) == packet


def test_a_packet_of_the_first_release_is_read() -> None:
    packet = packet_from({"question": "Where?", "cited": ["T-1", "T-2"]})
    assert (packet.question, [case.source_id for case in packet.cases]) == ("Where?", ["T-1", "T-2"])
    assert packet_lines(packet)


def test_nothing_in_it_can_act_on_a_terminal_or_in_markdown() -> None:
    evil = "\x1b]52;c;AAAA\x07[click](file:///etc/passwd) <script>x</script> # head"
    packet = edited(make_packet([turn(evil)], PERSON), evil, evil, None)
    page = packet_markdown(f"Hand-over 1: {evil}", packet, [("Customer", evil)])
    assert "\x1b" not in page
    assert "[click](" not in page
    assert "<script>" not in page
    assert all("\x1b" not in line for line in packet_lines(packet))


def test_a_note_is_cut_and_a_contact_is_one_line() -> None:
    packet = edited(make_packet(TALK, PERSON), "x" * 9000, "a\nb" * 500, "low")
    assert len(packet.note) == 4000
    assert "\n" not in packet.contact
    assert len(packet.contact) <= 200


# How a chat is read when the desk goes on


def test_a_persons_reply_is_the_answer_to_the_question_before_it() -> None:
    held = Decision("held", "Ana has it", "person.holds", 1.0)
    told = Decision("told", "hand-over 1", "person.left", 1.0)
    replied = Decision("person", "Ana replied", "person.replied", 1.0)
    chat = [
        turn("One", "Answer one"),
        turn("", "Ana has taken over", told),
        turn("Two", "Ana has it", held),
        turn("", "Reply", replied, author="Ana"),
        turn("", "and more", replied, author="Ana"),
        turn("Three", "Ana has it", held),
        turn("", "handed back", told),
    ]
    heard, unanswered = as_heard(chat)
    assert [(past.question, past.answer, past.author) for past in heard] == [
        ("One", "Answer one", ""),
        ("Two", "Reply\nand more", "Ana"),
    ]
    assert [past.question for past in unanswered] == ["Three"]
    assert as_heard([*chat, turn("Three", "Desk")])[1] == []


def test_steps_are_those_the_customer_was_told_plainly_and_no_source_stands_twice() -> None:
    passage = (
        "Open the lid. **Wipe** both `rollers` with a cloth. Close the lid. Press start. Wait a minute. Print a page."
    )
    cited = Citation(1, "KB-8", 3, passage, (1, 4), "Rollers")
    told = turn("The scanner stops", f"{passage.replace('Open the lid. ', '')} [1]", citations=(cited,))
    packet = make_packet([told, turn("I want a person")], PERSON)
    assert packet.tried[0].steps == (
        "Wipe both rollers with a cloth.", "Close the lid.", "Press start.", "Wait a minute.", "and 1 more, see KB-8"
    )  # fmt: skip
    page = "\n".join(packet_lines(packet))
    assert page.count("- KB-8") == 1
    assert "**" not in page


def test_a_long_line_of_the_packet_goes_on_under_its_own_beginning() -> None:
    from agent.handover import Handover
    from agent.tui.standing import packet_content

    cited = Citation(
        1, "KB-8", 3, "Wipe both rollers with a dry cloth until no dust is left on them at all.", (1, 4), ""
    )
    packet = make_packet([turn("It stops", cited.passage, citations=(cited,)), turn("I want a person")], PERSON)
    one = Handover(1, "chat-1", "waiting", "", "", "", packet, "", "")
    lines = packet_content(one, 40).plain.splitlines()
    at = lines.index("    Wipe both rollers with a dry cloth")
    assert lines[at + 1].startswith("    until no dust")


def test_an_answer_out_of_two_sources_is_one_answer() -> None:
    two = turn("It stops", citations=(CITED, replace(CITED, n=2, source_id="T-2")))
    packet = make_packet([two, turn("That did not help", citations=())], PERSON)
    assert packet.summary.splitlines()[1] == "2 messages, 1 answer with sources, 1 said not to have helped."
    assert [each.failed for each in packet.tried] == [True, True]
