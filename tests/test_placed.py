"""A question for what stands beside something named is answered by where the words stand, or not at all."""

import pytest

from index.pictures import Line
from index.placed import placed


def at(text: str, left: int, top: int) -> Line:
    return Line(text, (left, top, left + 10 * len(text), top + 20), 0.99)


MENU = [at(text, 40, 40 * place) for place, text in enumerate(["Copy", "Paste", "Duplicate", "Reference", "Move up"])]
TABS = [at(text, 120 * place, 400) for place, text in enumerate(["General", "Tools", "Gateway", "Scripts"])]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which entry stands right below Duplicate?", "Reference"),
        ('what is directly under "Copy" in the list?', "Paste"),
        ("Good morning, which option comes before Duplicate please", "Paste"),
        ("What is listed above Move up?", "Reference"),
        ("What's between Paste and Reference?", "Duplicate"),
        ("Which tab is to the right of Tools?", "Gateway"),
        ("Which tab comes after Gateway?", "Scripts"),
        ("Which tab is next to General?", "Tools"),
        ("What is on the left side of Tools?", "General"),
        ("Which tab lies between General and Gateway?", "Tools"),
    ],
)
def test_the_neighbour_is_given(question: str, answer: str) -> None:
    assert placed(question, MENU + TABS) == answer


@pytest.mark.parametrize(
    "question",
    [
        "Which entry is below Delete?",  # not there
        "Which number stands in brackets after Copy?",  # something else than the neighbour's words
        "Which two tabs are right of General?",
        "What is written beside Copy?",  # a value may be meant
        "Is Paste above Duplicate?",
        "What do I do after Copy did not work?",
        "What is above Copy?",  # nothing is
        "What is between Copy and Reference?",  # two things are
        "",
    ],
)
def test_in_doubt_nothing_is_said(question: str) -> None:
    assert placed(question, MENU + TABS) == ""


def test_a_name_that_stands_twice_is_in_doubt() -> None:
    assert placed("What is below Copy?", [*MENU, at("Copy", 300, 0), at("Print", 300, 40)]) == ""


def test_a_name_with_a_sign_or_a_count_read_beside_it_is_found() -> None:
    lines = [at("ACS Delivery Services [2]", 0, 0), at("Account Extract", 0, 40)]
    assert placed("Which folder stands directly under ACS Delivery Services?", lines) == "Account Extract"
