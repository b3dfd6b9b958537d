"""What a question names on a picture is told with its neighbours, however the columns of the page lie."""

from index.beside import beside
from index.marks import Mark
from index.pictures import Line


def at(text: str, left: int, top: int, width: int = 0, height: int = 20) -> Line:
    return Line(text, (left, top, left + (width or 10 * len(text)), top + height), 0.99)


MENU = [
    at(text, 40, 40 * place) for place, text in enumerate(["Copy", "Paste", "Duplicate", "Reference", "Move to group"])
]
TABLE = [
    at("Product", 100, 0), at("Price", 300, 0), at("Colour", 500, 0),
    at("Jeans", 100, 40), at("49.00", 300, 40), at("Blue", 500, 40),
    at("Shirt", 100, 80), at("19.90", 300, 80), at("Red", 500, 80),
]  # fmt: skip


def test_the_entry_below_another_is_told() -> None:
    assert (
        beside("Which entry stands right below Duplicate?", MENU) == '["Duplicate": below "Reference", above "Paste"]'
    )


def test_the_entry_between_two_is_below_one_and_above_the_other() -> None:
    told = beside("What stands between Copy and Duplicate?", MENU).splitlines()
    assert '["Copy": below "Paste"]' in told
    assert '["Duplicate": below "Reference", above "Paste"]' in told


def test_a_row_and_a_column_meet_in_a_cell() -> None:
    told = beside("What is the price of the shirt?", TABLE).splitlines()
    assert told[0] == '[row "Shirt", column "Price": "19.90"]'


def test_a_label_over_its_value_beside_another_label() -> None:
    form = [
        at("Cardinality", 0, 0),
        at("Cross filter direction", 300, 0),
        at("Many to one", 0, 40),
        at("Single", 300, 40),
    ]
    told = beside("Which cardinality is set?", form)
    assert 'below "Many to one"' in told
    assert 'right "Cross filter direction"' in told


def test_what_is_seen_of_it_is_told_too() -> None:
    marks = [
        Mark("checkbox", (10, 80, 30, 100), "on", label="Duplicate"),
        Mark("switch", (0, 0, 9, 9), "off", label="D"),
    ]
    assert beside("Is Duplicate ticked?", MENU, marks).endswith(", checkbox on]")


def test_names_are_found_through_misreadings_plurals_brackets_and_joined_words() -> None:
    lines = [
        at("5ales 2O25", 0, 0),
        at("742", 200, 0),
        at("ProjectExtracts [12]", 0, 40),
        at("LastName", 0, 80),
        at("Cline", 0, 120),
    ]
    assert '"5ales 2O25"' in beside("How many for Sales 2025?", lines)
    assert '"ProjectExtracts [12]"' in beside("How many project extract are there?", lines)
    assert 'below "Cline"' in beside("What is this person's last name?", lines)


def test_a_question_that_names_nothing_there_is_told_nothing() -> None:
    assert beside("Which tab is open?", MENU) == ""
    assert beside("", MENU) == ""
    assert beside("Where is my order?", []) == ""


def test_a_whole_page_of_words_and_a_long_question_stay_quick_and_short() -> None:
    import time

    page = [at(f"word{n % 40} line", 300 * (n % 5), 24 * (n // 5)) for n in range(2000)]
    started = time.perf_counter()
    told = beside("word3 " * 300, page)
    assert len(told.splitlines()) <= 4
    assert time.perf_counter() - started < 2


def test_neighbours_beyond_the_page_s_own_distances_are_not_told() -> None:
    assert beside("What about Copy?", [at("Copy", 0, 0), at("Footer", 0, 2000)]) == ""
