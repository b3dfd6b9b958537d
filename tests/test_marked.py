"""What is seen answers a question for its state by itself, where question and mark leave no doubt."""

import pytest

from index.marked import marked
from index.marks import Mark


def mark(kind: str, label: str, top: int = 0, **more: object) -> Mark:
    return Mark(kind, (0, top, 100, top + 20), label=label, **more)  # type: ignore[arg-type]


MENU = (
    mark("checkbox", "Enable load", 0, state="on"),
    mark("checkbox", "Include in report refresh", 30, state="off"),
    mark("button", "Paste", 60, state="disabled"),
    mark("button", "OK", 90, state="primary", colour="green"),
    mark("ring", "Copy", 120, colour="red"),
    mark("selected", "Home", 150),
    mark("arrow", "Apply", 180, colour="blue", tip=(50, 190)),
)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Is Enable load ticked?", "Yes"),
        ("Good morning, is there a tick in front of Enable load?", "Yes"),
        ("Is Include in report refresh unticked?", "Yes"),
        ("Has Include in report refresh been checked?", "No"),
        ("is the enable load on or off", "On"),
        ("Is Paste greyed out?", "Yes"),
        ("Can Paste be used at the moment?", "No"),
        ("Is OK clickable?", "Yes"),
        ("What colour is the OK button?", "green"),
        ("Is the OK button green or yellow?", "green"),
        ("Which entry has the red frame?", "Copy"),
        ("Which command is emphasized by a red box?", "Copy"),
        ("What is circled?", "Copy"),
        ("What colour is the frame around the first entry?", "red"),
        ("What colour is the arrow?", "blue"),
        ("Where does the arrow point to?", "Apply"),
        ("Which tab of the ribbon is open?", "Home"),
        ("How many red frames are there?", "1"),
    ],
)
def test_one_plain_mark_answers(question: str, answer: str) -> None:
    assert marked(question, MENU) == answer


@pytest.mark.parametrize(
    "question",
    [
        "Which entry has the green frame?",  # none has
        "Is Delete ticked?",  # not there
        "Why is Paste greyed out?",
        "Which dialog is open?",
        "Which buttons are active?",
        "When did the highlighted entry start?",
        "How do I tick Enable load?",
        "",
    ],
)
def test_anything_else_is_left_to_the_model(question: str) -> None:
    assert marked(question, MENU) == ""


def test_two_marks_that_could_be_meant_are_left_to_the_model() -> None:
    twice = (mark("checkbox", "Customers", state="on"), mark("checkbox", "Customers", 40, state="off"))
    assert marked("Is Customers ticked?", twice) == ""
    assert marked("What is framed?", (*MENU, mark("ring", "Print", 300, colour="red"))) == ""


def test_the_longest_name_is_meant() -> None:
    marks = (mark("checkbox", "Airports", state="off"), mark("checkbox", "Airports in use", 30, state="on"))
    assert marked("Is Airports in use ticked?", marks) == "Yes"
    assert marked("Is Airports ticked?", marks) == "No"


def test_of_two_highlights_the_upper_one_is_the_tab_and_the_lower_one_the_entry() -> None:
    marks = (mark("selected", "Home", 0), mark("selected", "Customers", 200))
    assert marked("Which tab is active?", marks) == "Home"
    assert marked("Which query is selected in the list?", marks) == "Customers"
    assert marked("What is selected?", marks) == ""


def test_a_chosen_option_and_a_chosen_entry_are_told_apart() -> None:
    marks = (
        mark("selected", "Network", 0),
        mark("radio", "Import", 50, state="on"),
        mark("radio", "Live", 80, state="off"),
    )
    assert marked("Which way of connecting is chosen?", marks) == "Import"
    assert marked("Which menu entry is highlighted?", marks) == "Network"
