"""The whole talk is looked for: corrections win, what was said before adds what is open, a new matter stands alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.matter import matter_of, puts_right
from tests.desk_doubles import Shop, make_shop, open_shop

TALKS = Path(__file__).resolve().parent.parent / "data" / "shop" / "talks.jsonl"


@pytest.fixture
def shop(own_home: Path) -> Iterator[Shop]:
    store = open_shop(own_home)
    yield make_shop(store)
    store.close()


def matter(*lines: str, alone: tuple[str, ...] = ()) -> str:
    return matter_of(lines, lambda line: line in alone or line == lines[0]).lower()


@pytest.mark.parametrize(
    ("lines", "holds", "gone"),
    [
        # a shop
        (
            ("My hub lost its connection", "no, I meant the Mini plug, not the hub"),
            ["mini plug", "connection"],
            ["hub"],
        ),
        (("What is error E-23?", "sorry, error E-32 not E-23"), ["e-32"], ["e-23"]),
        (("the app crashes on my iPhone", "my mistake, it's on Android"), ["android", "app crashes"], ["iphone"]),
        (("The light is purple", "*white"), ["white", "light"], ["purple"]),
        (("my motion sensor rings", "sorry I meant the leak sensor"), ["leak sensor", "rings"], ["motion"]),
        (("how do I cancel my order", "not the order - the subscription"), ["cancel", "subscription"], ["order"]),
        # a bank
        (
            ("My credit card was stolen in Rome", "correction: the debit card, it is in my other bag"),
            ["debit card", "stolen"],
            ["credit"],
        ),
        (("I sent money to the wrong IBAN", "it's not the IBAN, the amount is wrong"), ["amount", "money"], ["iban"]),
        (("Why was PAY-402 shown?", "I mistyped, PAY-409"), ["pay-409"], ["pay-402"]),
        # a clinic
        (
            ("Can I move my appointment with Dr. Weber on Tuesday?", "oops, Thursday"),
            ["appointment", "thursday"],
            ["tuesday"],
        ),
        (("Is the blood test done fasting?", "I don't mean the blood test, the allergy one"), ["allergy"], ["blood"]),
        # software
        (
            ("The export to PDF is empty in Firefox", "actually I use Safari, Firefox works"),
            ["safari", "export", "pdf"],
            [],
        ),
        (("error ORA-00942 on import", "no, ORA-01017, I read it wrong"), ["ora-01017", "import"], ["ora-00942"]),
        (("How do I delete a project?", "scratch that. Where are the backups kept?"), ["backups"], ["project"]),
        # travel
        (
            ("I want to change my flight to Oslo", "the train rather than the flight"),
            ["train", "oslo", "change"],
            ["flight"],
        ),
    ],
)
def test_the_corrected_thing_replaces_the_earlier_one(
    lines: tuple[str, ...], holds: list[str], gone: list[str]
) -> None:
    found = matter(*lines, alone=lines[1:])  # even a line that stands by itself goes on with what it corrects
    assert all(word in found for word in holds), found
    assert not any(word in found for word in gone), found


@pytest.mark.parametrize(
    "line",
    [
        "the hub does not connect",
        "My account is not locked but I can't sign in",
        "it will not turn off",
        "The right pedal isn't fixed",
        "I have not received the parcel",
        "does the cam not record at night?",
    ],
)
def test_a_not_that_takes_nothing_back_is_kept(line: str) -> None:
    assert not puts_right(line)
    assert matter("I have a question about my order", line).endswith(line.lower())


def test_what_was_never_said_is_not_taken_back() -> None:
    found = matter("my lamp flickers", "no, and the light is not the colour I chose")
    assert "lamp flickers" in found
    assert "not the colour i chose" in found


def test_a_correction_of_a_correction_holds() -> None:
    found = matter("My hub shows E-12", "sorry, E-19", "no wait, E-23 it is")
    assert "e-23" in found
    assert "hub" in found
    assert "e-12" not in found
    assert "e-19" not in found


def test_what_is_still_open_is_added_and_a_new_matter_leaves_it_behind() -> None:
    opening, new = "My hub is white since this morning", "How do I cancel the video plan?"
    assert matter(opening, "by cable", "and how long without power?").splitlines() == [
        opening.lower(), "by cable", "and how long without power?",
    ]  # fmt: skip
    assert matter(opening, "by cable", new, alone=(new,)) == new.lower()
    assert matter(opening, new, "and when does it end?", alone=(new,)) == f"{new}\nand when does it end?".lower()
    assert matter(opening, "Another thing: the invoice") == "another thing: the invoice"


def test_a_single_question_is_looked_for_as_it_is() -> None:
    assert matter_of(["No, not the hub?"], lambda line: False) == "No, not the hub?"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=12))
def test_no_talk_breaks_it(lines: list[str]) -> None:
    found = matter_of(lines, lambda line: len(line) % 3 == 0)
    assert len(found) <= sum(map(len, lines)) + len(lines)


def test_a_long_line_of_nots_takes_no_time() -> None:
    matter_of(["not the hub", "no, not the hub " * 1200], lambda line: False)


def test_the_desk_searches_for_the_corrected_thing(shop: Shop) -> None:
    first = shop.ended("The hub light stays white, what now?")
    assert first.hits[0].source_id.startswith(("T-100", "KB"))
    second = shop.ended("no, I meant the thermostat, not the hub. It shows E-40", chat=first.conversation_id)
    assert second.hits[0].source_id in ("T-3001", "KB-thermo")
    third = shop.ended("and how long does it take?", chat=first.conversation_id)
    assert third.hits[0].source_id in ("T-3001", "KB-thermo")
    fourth = shop.ended("I sent the camera back, when do I get my refund?", chat=first.conversation_id)
    assert fourth.hits[0].source_id.startswith("T-200")


def test_the_talks_of_the_shop_name_questions_that_are_there() -> None:
    known = {json.loads(line)["id"] for line in (TALKS.parent / "questions.jsonl").read_text("utf-8").splitlines()}
    talks = [json.loads(line) for line in TALKS.read_text("utf-8").splitlines()]
    assert len(talks) == len({talk["id"] for talk in talks}) == 60
    assert all(set(talk["as"]) <= known and len(talk["turns"]) >= 2 for talk in talks)
