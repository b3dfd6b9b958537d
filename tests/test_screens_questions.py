"""Questions over screens: true, never ambiguous, borne out by what was read, and worded anew in the test."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from finetune.examples import Ask
from finetune.screens import wordings
from finetune.screens.aims import aim_questions
from finetune.screens.grids import grid_cells, grid_lacks
from finetune.screens.misread import Reading, misread, read_badly, read_well
from finetune.screens.questions import answerable, ask_screen, block_text, make_examples, screen_example
from finetune.screens.topics import NOT_SHOWN, Topic, seen_topics
from finetune.screens.truth import Fact, Grid, Screen, Split
from index.marks import Mark, Sight, sight_text
from index.pictures import Line

SIZE = (900, 700)


def row(at: int, *cells: str) -> list[Line]:
    """One row of words, 240 pixels apart."""
    return [
        Line(text, (40 + 240 * place, at, 40 + 240 * place + 9 * len(text), at + 20), 0.99)
        for place, text in enumerate(cells)
    ]


def screen(lines: list[Line], marks: tuple[Mark, ...], facts: tuple[Fact, ...], **more: object) -> Screen:
    sight = Sight(str(more.pop("page", "form")), str(more.pop("theme", "light")), marks)
    return Screen(Image.new("RGB", SIZE), tuple(lines), sight, facts, **more)  # type: ignore[arg-type]


def order_page() -> Screen:
    facts = (
        Fact("order_number", "Order no.", "ME-20418"),
        Fact("carrier", "Carrier", "Northline"),
        Fact("total", "Total", "€42.10"),
        Fact("subtotal", "Subtotal", "€38.20"),
        Fact("item", "Item", "Oak stool"),
        Fact("item", "Item", "Felt pad"),
    )
    lines = [*row(40, "Your order")]
    for place, fact in enumerate(facts):
        lines += row(90 + 40 * place, fact.label, fact.value)
    lines += row(400, "Help", "Return")
    marks = (
        Mark("button", (30, 395, 100, 425), "plain", label="Help"),
        Mark("button", (270, 395, 360, 425), "primary", colour="blue", label="Return"),
        Mark("arrow", (400, 100, 460, 170), colour="red", tip=(300, 180), label="€42.10"),
    )
    absent = ("serial_number", "ip_address", "http_status", "tracking_number", "plan", "seats", "flight")
    return screen(lines, marks, facts, absent=absent, page="order", layout="order")


def settings_page() -> Screen:
    lines = [*row(40, "Settings"), *row(90, "Wi-Fi"), *row(130, "Sync photos"), *row(170, "Sounds")]
    lines += [*row(210, "Sounds"), *row(250, "Ring volume"), *row(290, "Battery", "81%")]
    marks = (
        Mark("switch", (300, 90, 340, 110), "on", label="Wi-Fi"),
        Mark("switch", (300, 130, 340, 150), "off", label="Sync photos"),
        Mark("switch", (300, 170, 340, 190), "on", label="Sounds"),
        Mark("switch", (300, 210, 340, 230), "off", label="Sounds"),
        Mark("slider", (300, 250, 420, 270), value=0.7, label="Ring volume"),
    )
    facts = (Fact("battery", "Battery", "81%"),)
    return screen(lines, marks, facts, absent=("order_number", "total", "gate"), page="settings", theme="dark")


def asks_of(drawn: Screen, count: int = 60, split: str = "train") -> list[Ask]:
    return [ask for seed in range(count) for ask in ask_screen(drawn, random.Random(seed), split)]  # type: ignore[arg-type]


def test_every_fact_has_fifteen_wordings_and_four_more_kept_for_the_test() -> None:
    keys = wordings.fact_words()
    assert len(keys) >= 60
    for key in [*keys, "some_new_thing"]:
        assert len(wordings.fact_wordings(key, "train")) >= 15, key
        assert len(wordings.fact_wordings(key, "test")) >= 4, key


def test_every_thing_seen_has_twenty_wordings_and_five_more_kept_for_the_test() -> None:
    for kind, entry in (*wordings.state_words().items(), *wordings.grid_words().items()):
        assert len(entry.train) >= 20, kind
        assert len(entry.test) >= 5, kind
    for split in ("train", "test"):
        least = 20 if split == "train" else 5
        assert len(wordings.pair_wordings(split)) >= least  # type: ignore[arg-type]
        assert len(wordings.label_wordings(split)) >= least  # type: ignore[arg-type]


def test_no_wording_of_the_test_is_ever_trained() -> None:
    trained = {wordings.plain(one) for key in wordings.fact_words() for one in wordings.fact_wordings(key, "train")}
    trained |= {wordings.plain(one) for entry in wordings.state_words().values() for one in entry.train}
    trained |= {wordings.plain(one) for entry in wordings.grid_words().values() for one in entry.train}
    trained |= {wordings.plain(one) for one in (*wordings.pair_wordings("train"), *wordings.label_wordings("train"))}
    held = {wordings.plain(one) for key in wordings.fact_words() for one in wordings.fact_wordings(key, "test")}
    held |= {wordings.plain(one) for entry in wordings.state_words().values() for one in entry.test}
    held |= {wordings.plain(one) for entry in wordings.grid_words().values() for one in entry.test}
    held |= {wordings.plain(one) for one in (*wordings.pair_wordings("test"), *wordings.label_wordings("test"))}
    assert len(held) > 5_000
    assert not held & trained


def price_list() -> Screen:
    table = [("Dish", "Price", "Served"), ("French Toast", "€4.10", "07:30"), ("Omelette", "€6.00", "08:00"),
             ("Pancakes", "€5.20", "07:30")]  # fmt: skip
    lines = [line for place, cells in enumerate(table) for line in row(60 + 30 * place, *cells)]
    lines += [*row(400, "Source"), *row(430, "Sorted rows"), *row(460, "Kept rows")]
    marks = (Mark("selected", (30, 425, 300, 455), label="Sorted rows"),)
    grids = (Grid("table", (0, 1, 2), ((3, 4, 5), (6, 7, 8), (9, 10, 11))), Grid("steps", (), ((12,), (13,), (14,))))
    return screen(lines, marks, (), grids=grids, page="table")


def cells_of(drawn: Screen, reading: Reading | None = None) -> dict[tuple[str, ...], str]:
    told: dict[tuple[str, ...], str] = {}
    for seed in range(30):
        rng = random.Random(seed)
        read = reading or read_well(drawn)
        for some in grid_cells(drawn, read, block_text(read, SIZE), rng):
            told |= {(cell.words, *(cell.slots.get(slot, "") for slot in "rscnov")): cell.answer for cell in some}
    return told


def test_cells_are_asked_for_by_row_and_column() -> None:
    told = cells_of(price_list())
    assert told["cell money", "French Toast", "", "price", "1", "", "€4.10"] == "€4.10"
    assert told["cell", "Omelette", "", "served", "2", "", "08:00"] == "08:00"
    assert told["cell number", "Pancakes", "", "price", "3", "", "€5.20"] == "€5.20"
    assert told["name number", "", "", "", "2", "", ""] == "Omelette"
    assert told["row of", "Omelette", "", "price", "2", "", "€6.00"] == "Omelette"
    assert not any(key[0] == "row of" and key[-1] == "07:30" for key in told)
    assert told["columns", "", "", "", "", "", ""] == "Dish, Price, Served"
    assert told["nth column", "", "", "", "", "second", ""] == "Price"
    assert told["row count", "", "", "", "", "", ""] == "3"


def test_lists_are_asked_for_by_their_order() -> None:
    told = cells_of(price_list())
    assert told["below", "Source", "", "", "", "", ""] == "Sorted rows"
    assert told["above", "Kept rows", "", "", "", "", ""] == "Sorted rows"
    assert told["between", "Source", "Kept rows", "", "", "", ""] == "Sorted rows"
    assert told["list all", "", "", "", "", "", ""] == "Source, Sorted rows, Kept rows"
    assert told["list count", "", "", "", "", "", ""] == "3"
    assert told["selected entry", "", "", "", "", "", ""] == "Sorted rows"


def test_a_row_of_a_table_that_was_lost_ends_the_questions_for_order_and_number() -> None:
    drawn = price_list()
    pieces = tuple(None if line.text == "Omelette" else tuple(line.text) for line in drawn.lines)
    lines = tuple(line for line in drawn.lines if line.text != "Omelette")
    told = cells_of(drawn, replace(read_well(drawn), lines=lines, pieces=pieces))
    kinds = {key[0] for key in told}
    assert told["cell money", "Pancakes", "", "price", "3", "", "€5.20"] == "€5.20"
    assert not kinds & {"name number", "cell number", "row count", "columns"}
    assert not any("Omelette" in key for key in told)


def test_what_a_table_lacks_is_not_shown() -> None:
    drawn = price_list()
    lacks = [cell for seed in range(60) for cell in grid_lacks(drawn, random.Random(seed))]
    asked = {
        cell.slots["c"].lower() for cell in lacks if cell.slots.get("r") in ("French Toast", "Omelette", "Pancakes")
    }
    assert "calories" in asked
    assert not asked & {"dish", "price", "served"}
    assert {cell.answer for cell in lacks} == {NOT_SHOWN}
    assert all(int(cell.slots["n"]) > 3 for cell in lacks if "n" in cell.slots)


def test_values_are_as_drawn_and_two_items_are_never_asked_as_one() -> None:
    asks = asks_of(order_page())
    answers = {ask.answer for ask in asks if ask.kind == "value"}
    assert {"ME-20418", "Northline", "€42.10", "€38.20"} <= answers
    assert not answers & {"Oak stool", "Felt pad"}
    pairs = [ask.answer.split("; ") for ask in asks if ask.kind == "two values"]
    assert pairs
    assert all(len(pair) == 2 and pair[0] != pair[1] for pair in pairs)


def test_arrows_and_buttons_answer_with_their_words() -> None:
    asks = asks_of(order_page())
    assert {ask.answer for ask in asks if ask.kind == "pointing"} == {"€42.10"}
    assert {ask.answer for ask in asks if ask.kind == "press"} == {"Help, Return", "Return"}
    assert "red" in {ask.answer for ask in asks if "arrow" in ask.question and ask.kind == "state"}


def test_states_are_told_and_twins_are_not_asked_for_by_name() -> None:
    topics = {(topic.words, topic.label): topic.answer for topic in seen_topics_of(settings_page())}
    assert topics["switch", "Wi-Fi"] == "On"
    assert topics["switch no", "Sync photos"] == "Yes"
    assert topics["slider", "Ring volume"] == topics["slider only", ""] == "70%"
    assert topics["theme", ""] == "dark"
    assert topics["count switches", ""] == "4"
    assert not any(label == "Sounds" for _, label in topics)


def seen_topics_of(drawn: Screen, sight: Sight | None = None) -> list[Topic]:
    return [topic for seed in range(20) for topic in seen_topics(drawn, sight or drawn.sight, random.Random(seed))]


def test_a_mark_found_under_a_wrong_name_is_not_called_missing() -> None:
    drawn = settings_page()
    wrong = replace(drawn.sight, marks=(replace(drawn.sight.marks[0], label="Settings"), *drawn.sight.marks[1:]))
    assert not any(topic.label == "Wi-Fi" for topic in seen_topics_of(drawn, wrong))


def test_what_the_eyes_missed_is_not_shown() -> None:
    drawn = settings_page()
    fewer = replace(drawn.sight, marks=drawn.sight.marks[1:4])
    topics = {(topic.words, topic.label): topic for topic in seen_topics_of(drawn, fewer)}
    assert topics["switch", "Wi-Fi"].answer == NOT_SHOWN
    assert topics["slider", "Ring volume"].kind == "not shown"
    assert topics["switch", "Sync photos"].answer == "Off"


def test_a_state_seen_wrongly_is_told_as_it_was_seen() -> None:
    drawn = settings_page()
    wrong = replace(drawn.sight, marks=(replace(drawn.sight.marks[0], state="off"), *drawn.sight.marks[1:]))
    topics = {(topic.words, topic.label): topic.answer for topic in seen_topics_of(drawn, wrong)}
    assert topics["switch", "Wi-Fi"] == "Off"
    assert topics["switch yes", "Wi-Fi"] == "No"


def test_about_one_in_seven_is_not_shown_and_never_what_is_there() -> None:
    asks = asks_of(order_page(), 200)
    absent = [ask for ask in asks if ask.answer == NOT_SHOWN]
    assert 0.1 < len(absent) / len(asks) < 0.2
    shown = {wordings.plain(ask.question) for ask in asks if ask.answer != NOT_SHOWN}
    assert not shown & {wordings.plain(ask.question) for ask in absent}
    assert all(ask.kind == "not shown" for ask in absent)


def test_a_misread_value_is_learnt_as_it_stands_in_the_text() -> None:
    drawn = order_page()
    lines = tuple(replace(line, text=line.text.replace("ME-2", "ME-Z")) for line in drawn.lines)
    pieces = tuple(tuple(line.text) for line in lines)
    reading = replace(read_well(drawn), lines=lines, pieces=pieces)
    assert reading.value(drawn.facts[0], drawn) == "ME-Z0418"
    assert answerable(Ask("order no?", "ME-Z0418", "value"), block_text(reading, SIZE))
    assert not answerable(Ask("order no?", "ME-20418", "value"), block_text(reading, SIZE))


@pytest.mark.parametrize("lost", ["ME-20418", "Order no."])
def test_a_value_or_its_name_that_was_lost_is_not_asked_for(lost: str) -> None:
    drawn = order_page()
    reading = read_well(drawn)
    pieces = tuple(None if line.text == lost else tuple(line.text) for line in drawn.lines)
    assert replace(reading, pieces=pieces).value(drawn.facts[0], drawn) is None


def test_words_over_two_lines_are_found() -> None:
    message = "The card was declined by the bank."
    lines = [*row(40, "The card was declined"), *row(66, "by the bank.")]
    drawn = screen(lines, (), (), notes={"error": message})
    assert ("error", message) in {(ask.kind, ask.answer) for ask in asks_of(drawn, 10)}


def test_answers_of_examples_stand_in_what_was_read() -> None:
    for drawn in (order_page(), settings_page()):
        for seed in range(80):
            example = screen_example(drawn, seed, "train")
            assert len(example.screens) == 1
            for ask in example.asks:
                assert answerable(ask, example.screens[0]), (ask, example.screens)
                if ask.kind == "value":
                    assert ask.answer in example.screens[0]


@pytest.mark.parametrize("split", ["train", "test"])
def test_drawn_screens_become_examples_that_fit_a_prompt(split: Split) -> None:
    examples = list(make_examples(6, split, 4))
    assert len({example.id for example in examples}) == 6
    for example in examples:
        assert 1 <= len(example.asks) <= 8
        assert len(example.screens[0]) < 1_400
        assert all(answerable(ask, example.screens[0]) for ask in example.asks)


def test_the_check_finds_what_the_text_does_not_bear_out() -> None:
    block = 'Total: €42.10\n[page: order, light]\n[switch "Wi-Fi": on]\n[red arrow: points at "Total"]\n[stars: 3 of 5]'
    good = [("€42.10", "value"), ("On", "state"), ("red", "state"), ("Total", "pointing"), ("3 of 5", "state")]
    bad = [("€42.1O", "value"), ("70%", "state"), ("blue", "state"), ("Wi-Fl", "pointing"), ("Off", "state")]
    assert all(answerable(Ask("?", answer, kind), block) for answer, kind in good)
    assert not any(answerable(Ask("?", answer, kind), block) for answer, kind in bad)


def test_reading_goes_wrong_about_as_often_as_it_should() -> None:
    drawn = order_page()
    letters = wrong = lost = missed = lines = marks = 0
    for seed in range(400):
        reading = read_badly(drawn, random.Random(seed))
        for line, pieces in zip(drawn.lines, reading.pieces, strict=True):
            lines += 1
            lost += pieces is None
            letters += len(pieces or ())
            wrong += sum(read != true for read, true in zip(pieces or (), line.text, strict=False))
        marks += len(drawn.sight.marks)
        missed += max(0, len(drawn.sight.marks) - len(reading.sight.marks))
    assert 0.003 < wrong / letters < 0.007
    assert 0.008 < lost / lines < 0.022
    assert 0.015 < missed / marks < 0.05


def test_misreading_is_the_same_for_the_same_seed() -> None:
    lines, sight = misread(order_page(), random.Random(5))
    again, same = misread(order_page(), random.Random(5))
    assert lines == again
    assert sight_text(sight) == sight_text(same)
    assert screen_example(order_page(), 3, "test") == screen_example(order_page(), 3, "test")


def test_reading_and_support_questions_are_told_apart_in_both_splits() -> None:
    train, test = dict(aim_questions("train")), dict(aim_questions("test"))
    assert sum(not aim for aim in train.values()) >= 250
    assert sum(aim for aim in train.values()) >= 250
    assert sum(not aim for aim in test.values()) >= 60
    assert not train.keys() & test.keys()
    assert train["What does this error mean and what should I do?"] is False


def test_the_pictures_of_examples_are_kept_where_they_are_named(tmp_path: Path) -> None:
    from index.pictures import open_picture

    for example in make_examples(3, "train", 9, tmp_path / "seen"):
        (named,) = example.pictures
        assert open_picture(tmp_path / named).image.width > 100
