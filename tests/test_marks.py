"""What is to be seen beside the words: named by the words next to it, told in tags, kept with the picture."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from index.intake import masked_picture
from index.marks import KINDS, Mark, Sight, named, sight_from, sight_text, tag
from index.pictures import Line, ReadPicture
from index.sources import keep_picture, load_picture
from index.store import open_store


def line(text: str, left: int, top: int, height: int = 16) -> Line:
    return Line(text, (left, top, left + 8 * len(text), top + height), 0.99)


FORM = [
    line("Wi-Fi", 20, 20),
    line("Saves battery", 20, 38, 12),
    line("Express", 50, 80),
    line("Standard", 50, 110),
    line("Volume", 20, 140),
    line("70%", 330, 140),
    line("Save", 300, 200),
    line("Cancel", 400, 200),
    line("Internet", 424, 60, 12),
    line("Phone", 500, 60, 12),
]


@pytest.mark.parametrize(
    ("mark", "label"),
    [
        (Mark("switch", (300, 22, 344, 44), "on"), "Wi-Fi"),
        (Mark("radio", (26, 80, 42, 96), "on"), "Express"),
        (Mark("checkbox", (26, 111, 40, 125), "off"), "Standard"),
        (Mark("slider", (20, 162, 330, 174), value=0.7), "Volume"),
        (Mark("button", (280, 190, 360, 226), "primary"), "Save"),
        (Mark("button", (385, 190, 470, 226), "plain"), "Cancel"),
        (Mark("lamp", (450, 40, 462, 52), "on", colour="red"), "Internet"),
        (Mark("lamp", (514, 40, 526, 52), "on", colour="green"), "Phone"),
        (Mark("arrow", (340, 230, 420, 300), colour="red", tip=(345, 228)), "Save"),
        (Mark("ring", (290, 185, 365, 232), colour="red"), "Save"),
        (Mark("ring", (296, 217, 340, 222), colour="red"), "Save"),
        (Mark("stars", (2000, 2000, 2100, 2020), value=0.6), ""),
    ],
)
def test_a_mark_takes_the_name_of_the_words_it_belongs_to(mark: Mark, label: str) -> None:
    assert named([mark], FORM)[0].label == label


def test_an_arrow_at_a_widget_takes_its_name() -> None:
    switch = Mark("switch", (300, 22, 344, 44), "on")
    arrow = Mark("arrow", (360, 30, 460, 60), colour="red", tip=(347, 33))
    assert [mark.label for mark in named([arrow, switch], FORM)] == ["Wi-Fi", "Wi-Fi"]


def test_marks_come_in_reading_order_and_without_words_have_no_name() -> None:
    low, high = Mark("checkbox", (10, 300, 24, 314)), Mark("checkbox", (10, 30, 24, 44))
    assert [mark.box[1] for mark in named([low, high], [])] == [30, 300]
    assert all(mark.label == "" for mark in named([low, high], []))


def test_each_kind_is_told_in_a_tag_of_its_own() -> None:
    told = {
        tag(Mark("switch", (0, 0, 1, 1), "on", label="Wi-Fi")): '[switch "Wi-Fi": on]',
        tag(Mark("slider", (0, 0, 1, 1), value=0.702, label="Volume")): '[slider "Volume": 70%]',
        tag(Mark("stars", (0, 0, 1, 1), value=0.6)): "[stars: 3 of 5]",
        tag(Mark("lamp", (0, 0, 1, 1), "off", colour="grey", label="LAN")): '[lamp "LAN": off]',
        tag(Mark("lamp", (0, 0, 1, 1), "on", colour="red", label="LAN")): '[lamp "LAN": red]',
        tag(Mark("arrow", (0, 0, 1, 1), colour="red", label="Reset")): '[red arrow: points at "Reset"]',
        tag(Mark("button", (0, 0, 1, 1), "disabled", colour="grey", label="OK")): '[button "OK": disabled]',
        tag(Mark("button", (0, 0, 1, 1), "plain", label="OK")): '[button "OK"]',
        tag(Mark("badge", (0, 0, 1, 1), colour="green", label="Paid")): '[badge "Paid": green]',
        tag(Mark("selected", (0, 0, 1, 1), label="Billing")): '[selected "Billing"]',
    }
    assert list(told) == list(told.values())
    assert all(tag(Mark(kind, (0, 0, 1, 1))) for kind in KINDS)


def test_what_a_model_reads_is_the_words_then_page_and_tags() -> None:
    sight = Sight("settings", "dark", (Mark("switch", (0, 0, 9, 9), "on", label="Wi-Fi"),) * 2)
    seen = ReadPicture("a" * 64, "x.png", 90, 80, (), "Wi-Fi", "Wi-Fi", (), sight)
    assert seen.text == 'Wi-Fi\n[page: settings, dark]\n[switch "Wi-Fi": on]'
    assert replace(seen, layout="", sight=Sight()).text == ""
    assert sight_text(Sight("other", "light")) == "[page: light]"


def test_of_a_crowded_picture_the_least_sure_words_are_left_out() -> None:
    lines = tuple(replace(line(f"line number {at}", 10, 20 * at), score=0.5 + 0.4 * (at % 2)) for at in range(150))
    seen = ReadPicture("a" * 64, "x.png", 400, 3000, lines, "x" * 1600, "", (), Sight("table", "light"))
    assert len(seen.text) < 1150
    kept = [int(each.rpartition(" ")[2]) for each in seen.text.splitlines()[:-1]]
    assert len(kept) > 50
    assert all(number % 2 for number in kept)


def test_a_sight_is_kept_with_its_picture_and_masked(tmp_path: Path) -> None:
    arrow = Mark("arrow", (1, 2, 30, 40), colour="red", tip=(5, 6), label="write to ana@example.org", score=0.8)
    seen = ReadPicture("a" * 64, "x.png", 90, 80, (), "", "", (), Sight("mail", "light", (arrow,)))
    store = open_store(tmp_path)
    keep_picture(store, masked_picture(seen))
    kept = load_picture(store, seen.sha256)
    assert kept is not None
    (mark,) = kept.sight.marks
    assert "ana@" not in mark.label
    assert replace(mark, label="") == replace(arrow, label="")
    assert "[page: mail, light]" in kept.text


def test_a_sight_of_another_version_loses_only_what_is_unknown() -> None:
    row = asdict(Mark("switch", (0, 0, 4, 4), "on"))
    fields = {"page": "form", "marks": [{**row, "depth": 3}, {**row, "kind": "hologram"}]}
    assert sight_from(fields) == Sight("form", "", (Mark("switch", (0, 0, 4, 4), "on"),))
    assert sight_from({}) == Sight()


def test_names_at_the_far_end_of_a_row_and_inside_of_a_bar_are_found() -> None:
    """Stars beside their name are not named by the heading above, nor a lamp by nothing because its name is far."""
    lines = [
        Line("Rate your purchase", (20, 10, 260, 34), 1.0),
        Line("Delivery", (20, 60, 90, 76), 1.0),
        Line("Garage sensor", (20, 110, 130, 126), 1.0),
        Line("Favourites", (20, 160, 110, 178), 1.0),
        Line("Backing up", (24, 192, 110, 210), 1.0),
        Line("40%", (180, 192, 210, 210), 1.0),
    ]
    marks = [
        Mark("stars", (150, 58, 250, 78), value=0.6),
        Mark("lamp", (420, 113, 430, 123), "on", colour="green"),
        Mark("progress", (20, 186, 420, 216), value=0.4),
    ]
    assert [mark.label for mark in named(marks, lines)] == ["Delivery", "Garage sensor", "Backing up"]
