"""Frames that a person drew, chosen and greyed-out entries, signs read as letters: told from the pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from agent.vlm.eyes import looked_at
from agent.vlm.frames import drawn_frames
from agent.vlm.siblings import chosen_and_pale
from agent.vlm.sign_letters import without_signs
from agent.vlm.weighed import weighed
from index.marks import Mark, Sight, named
from index.pictures import Line, ReadPicture, open_picture

RED, GREEN, BLUE = (237, 28, 36), (20, 140, 60), (0, 103, 184)
WHITE, BLACK, GREY, PALE, SHADE = (255, 255, 255), (34, 34, 34), (150, 150, 150), (172, 172, 172), (234, 234, 236)
DARK, DARK_SHADE = (31, 33, 38), (58, 62, 72)
FONT = ImageFont.load_default(16)
MENU = ("Copy", "Paste", "Delete", "Rename", "Duplicate", "Properties")


@dataclass
class Page:
    """A small screen: draw on `pen`, write with `say`; its lines are where a reader would find them."""

    size: tuple[int, int] = (420, 300)
    ground: tuple[int, int, int] = WHITE
    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", self.size, self.ground)
        self.pen = ImageDraw.Draw(self.image)

    def say(self, x: int, y: int, text: str, ink: tuple[int, int, int] = BLACK) -> tuple[int, int, int, int]:
        self.pen.text((x, y), text, fill=ink, font=FONT)
        left, top, right, bottom = (round(edge) for edge in self.pen.textbbox((x, y), text, font=FONT))
        box = (left - 2, top - 3, right + 2, bottom + 3)
        self.lines.append(Line(text, box, 0.98))
        return box

    def menu(self, lit: int = -1, pale: tuple[int, ...] = (), shade: tuple[int, int, int] = SHADE) -> None:
        ink = BLACK if self.ground == WHITE else (235, 235, 235)
        weak = PALE if self.ground == WHITE else (95, 97, 104)
        for place, name in enumerate(MENU):
            top = 20 + 34 * place
            if place == lit:
                self.pen.rectangle((20, top, 260, top + 33), fill=shade)
            self.say(40, top + 8, name, weak if place in pale else ink)

    def frames(self) -> list[tuple[str, str]]:
        return [
            (mark.colour, mark.label) for mark in named(drawn_frames(np.asarray(self.image), self.lines), self.lines)
        ]

    def chosen(self) -> list[str]:
        told = named(chosen_and_pale(np.asarray(self.image), self.lines), self.lines)
        return [mark.label for mark in told if mark.kind == "selected"]

    def pale(self) -> list[str]:
        told = named(chosen_and_pale(np.asarray(self.image), self.lines), self.lines)
        return [mark.label for mark in told if mark.state == "disabled"]


def damaged(image: Image.Image) -> Image.Image:
    """As a messenger sends it: a little blurred, JPEG."""
    stream = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(0.6)).save(stream, "JPEG", quality=70)
    return Image.open(stream).convert("RGB")


@pytest.mark.parametrize(("ground", "thick", "colour"), [(WHITE, 2, RED), (WHITE, 5, GREEN), (DARK, 3, RED)])
def test_a_drawn_frame_is_found_with_its_colour_and_its_words(
    ground: tuple[int, int, int], thick: int, colour: tuple[int, int, int]
) -> None:
    page = Page(ground=ground)
    page.menu()
    page.pen.rectangle((28, 120, 180, 154), outline=colour, width=thick)
    assert page.frames() == [("red" if colour == RED else "green", "Rename")]


def test_a_frame_is_found_after_jpeg_and_blur() -> None:
    page = Page()
    page.menu()
    page.pen.rectangle((28, 52, 180, 86), outline=RED, width=3)
    page.image = damaged(page.image)
    assert page.frames() == [("red", "Paste")]


def test_frames_that_an_arrow_joins_are_still_two_frames() -> None:
    page = Page()
    page.menu()
    page.pen.rectangle((28, 18, 180, 52), outline=RED, width=4)
    page.pen.rectangle((28, 188, 180, 224), outline=RED, width=4)
    page.pen.line((180, 40, 300, 120, 180, 200), fill=RED, width=4)
    assert sorted(label for _, label in page.frames()) == ["Copy", "Properties"]


def test_a_rounded_frame_and_an_ellipse_are_rings() -> None:
    page = Page()
    page.menu()
    page.pen.rounded_rectangle((28, 18, 180, 52), 9, outline=RED, width=3)
    page.pen.ellipse((16, 116, 190, 160), outline=BLUE, width=3)
    assert sorted(page.frames()) == [("blue", "Rename"), ("red", "Copy")]


def test_words_underlined_by_hand_are_ringed_and_a_link_is_not() -> None:
    page = Page()
    page.menu()
    left, _, right, bottom = page.lines[2].box
    page.pen.line((left, bottom + 2, right, bottom + 1), fill=RED, width=3)
    link = page.say(40, 250, "Learn more", BLUE)
    page.pen.line((link[0], link[3] - 2, link[2], link[3] - 2), fill=BLUE, width=2)
    assert page.frames() == [("red", "Delete")]


def test_what_a_program_draws_is_no_ring() -> None:
    page = Page((420, 380), (243, 243, 243))
    page.pen.rectangle((20, 20, 300, 52), fill=WHITE, outline=BLUE)  # a field with the focus
    page.say(30, 26, "server.example")
    page.pen.rectangle((20, 80, 140, 116), fill=RED)  # a filled button
    page.say(46, 90, "Delete", WHITE)
    page.pen.rectangle((160, 80, 300, 116), fill=WHITE, outline=BLUE, width=2)  # the default button
    page.say(190, 90, "Continue")
    page.pen.rectangle((20, 150, 400, 152), fill=GREEN)  # a rule
    assert page.frames() == []


def test_only_the_part_of_a_line_inside_the_frame_is_named() -> None:
    page = Page()
    box = page.say(40, 40, "Data Schema")
    word = round(page.pen.textlength("Data ", font=FONT))
    page.pen.rectangle((40 + word - 4, box[1] - 5, box[2] + 5, box[3] + 5), outline=RED, width=3)
    assert page.frames() == [("red", "Schema")]


@pytest.mark.parametrize(("ground", "shade"), [(WHITE, SHADE), (WHITE, (0, 103, 184)), (DARK, DARK_SHADE)])
def test_the_entry_on_a_band_of_its_own_is_chosen(ground: tuple[int, int, int], shade: tuple[int, int, int]) -> None:
    page = Page(ground=ground)
    page.menu(lit=3, shade=shade)
    assert page.chosen() == ["Rename"]


def test_of_two_entries_the_shaded_one_is_chosen() -> None:
    page = Page()
    page.pen.rectangle((20, 20, 260, 53), fill=SHADE)
    page.say(40, 28, "Orders by month")
    page.say(40, 62, "Orders by year")
    assert page.chosen() == ["Orders by month"]


def test_a_plain_menu_and_a_striped_one_have_no_chosen_entry() -> None:
    plain, striped = Page(), Page()
    plain.menu()
    for place in (0, 2, 4):
        striped.pen.rectangle((20, 20 + 34 * place, 260, 53 + 34 * place), fill=SHADE)
    striped.menu()
    assert plain.chosen() == []
    assert striped.chosen() == []


def test_the_head_of_a_table_is_not_chosen_and_a_shaded_row_is() -> None:
    page = Page((460, 300))
    page.pen.rectangle((20, 20, 430, 50), fill=(220, 226, 235))
    page.pen.rectangle((20, 144, 430, 174), fill=SHADE)
    for row, cells in enumerate((("Name", "City"), ("Ada", "Rome"), ("Ben", "Oslo"), ("Cleo", "Bern"), ("Dan", "Graz"),
                                 ("Eve", "Linz"))):  # fmt: skip
        for column, text in enumerate(cells):
            page.say(34 + 200 * column, 26 + 31 * row, text)
    assert page.chosen() == ["Dan Graz"]


@pytest.mark.parametrize("apart", [True, False])
def test_the_underlined_tab_is_open_though_the_reader_joined_all_tabs(apart: bool) -> None:
    page, x, boxes = Page((460, 120)), 30, []
    for name in ("Home", "Insert", "View", "Help"):
        boxes.append(page.say(x, 20, name))
        x = boxes[-1][2] + 34
    page.pen.rectangle((boxes[2][0], boxes[2][3] + 6, boxes[2][2], boxes[2][3] + 9), fill=GREEN)
    if not apart:
        whole = (boxes[0][0], boxes[0][1], boxes[-1][2], boxes[-1][3])
        page.lines = [Line("Home Insert View Help", whole, 0.98)]
    told = [mark for mark in chosen_and_pale(np.asarray(page.image), page.lines) if mark.kind == "selected"]
    assert len(told) == 1
    assert boxes[1][2] < told[0].box[0] <= boxes[2][0] + 2
    assert boxes[2][2] - 2 <= told[0].box[2] < boxes[3][0]


def test_the_tab_on_a_ground_of_its_own_is_open() -> None:
    page = Page((460, 120), (225, 225, 225))
    page.pen.rectangle((0, 50, 460, 120), fill=WHITE)
    page.pen.rectangle((110, 14, 190, 50), fill=WHITE)
    for x, name in ((30, "General"), (130, "HTTPS"), (210, "Gateway"), (310, "Tools")):
        page.say(x, 22, name)
    assert page.chosen() == ["HTTPS"]


@pytest.mark.parametrize("ground", [WHITE, DARK])
def test_pale_entries_of_a_menu_cannot_be_chosen(ground: tuple[int, int, int]) -> None:
    page = Page(ground=ground)
    page.menu(pale=(1, 4))
    assert page.pale() == ["Paste", "Duplicate"]


def test_a_pale_button_of_a_row_is_disabled() -> None:
    page = Page((460, 120))
    for x, name, ink in ((20, "Back", BLACK), (130, "Load", PALE), (240, "Cancel", BLACK)):
        page.pen.rectangle((x, 30, x + 90, 66), fill=(236, 236, 236))
        page.say(x + 20, 39, name, ink)
    assert page.pale() == ["Load"]


def test_captions_under_names_are_not_disabled() -> None:
    page = Page((460, 400))
    for place in range(5):
        page.say(30, 20 + 60 * place, ("Wi-Fi", "Sound", "Display", "Battery", "Storage")[place])
        page.say(30, 44 + 60 * place, ("On", "Muted", "Bright", "Full", "Half")[place], PALE)
    assert page.pale() == []


def test_a_frame_on_the_pixels_replaces_the_ring_of_the_tower_and_doubtful_ones_go() -> None:
    page = Page()
    page.menu()
    page.pen.rectangle((28, 120, 180, 154), outline=RED, width=3)
    seen = Sight(marks=(
        Mark("ring", (20, 124, 190, 150), colour="pink", score=0.7),
        Mark("ring", (300, 220, 380, 260), colour="blue", score=0.35),
        Mark("switch", (300, 30, 340, 50), "on"),
    ))  # fmt: skip
    told = weighed(seen, np.asarray(page.image), page.lines).marks
    assert [(mark.kind, mark.colour) for mark in told] == [("switch", ""), ("ring", "red")]


def test_a_doubtful_spinner_or_bar_is_not_told() -> None:
    page = Page()
    page.menu()
    sure, doubtful = Mark("spinner", (300, 20, 330, 50), score=0.8), Mark("spinner", (300, 90, 330, 120), score=0.4)
    bar = Mark("progress", (280, 200, 400, 206), value=0.4, score=0.16)
    assert weighed(Sight(marks=(sure, doubtful, bar)), np.asarray(page.image), page.lines).marks == (sure,)


def test_a_button_that_the_tower_saw_is_not_a_chosen_entry() -> None:
    page = Page()
    page.menu(lit=3, shade=(0, 103, 184))
    button = Mark("button", (20, 122, 260, 156), "primary", colour="blue")
    assert weighed(Sight(marks=(button,)), np.asarray(page.image), page.lines).marks == (button,)


def test_a_button_of_the_tower_whose_words_are_faint_is_disabled() -> None:
    page, seen = Page((460, 200)), []
    page.say(20, 20, "Choose what to load")
    page.say(20, 60, "Orders")
    for x, name, ink in ((20, "Load", PALE), (240, "Cancel", BLACK)):
        page.pen.rectangle((x, 130, x + 90, 166), fill=(236, 236, 236))
        page.say(x + 20, 139, name, ink)
        seen.append(Mark("button", (x, 130, x + 90, 166), "plain"))
    told = weighed(Sight(marks=tuple(seen)), np.asarray(page.image), page.lines)
    assert [mark.state for mark in told.marks] == ["disabled", "plain"]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [("□ food", "checkbox", "food"), ("✓ApplicationUser", "checkbox", "ApplicationUser"),
     ("O CDM Folder View", "radio", "CDM Folder View"), ("A new order", "checkbox", "A new order"),
     ("□", "checkbox", "□")],
)  # fmt: skip
def test_a_sign_read_as_a_letter_is_taken_off_the_words(text: str, kind: str, words: str) -> None:
    (line,) = without_signs([Line(text, (10, 10, 160, 34), 0.9)], [Mark(kind, (12, 14, 28, 30), "off")])
    assert line.text == words
    assert line.box[0] == (28 if words != text else 10)


def test_a_sign_stays_where_nothing_was_seen() -> None:
    lines = (Line("O Brien", (10, 10, 160, 34), 0.9), Line("□ food", (10, 60, 160, 84), 0.9))
    assert without_signs(lines, [Mark("checkbox", (300, 64, 316, 80), "off")]) == lines


def test_the_desk_reads_the_words_without_the_signs() -> None:
    stream = io.BytesIO()
    Page((300, 100)).image.save(stream, "PNG")
    picture = open_picture(stream.getvalue(), "a.png")
    line = Line("□ food", (10, 30, 120, 54), 0.9)
    words = ReadPicture(picture.sha256, "a.png", 300, 100, (line,), "□ food", "□ food")
    read = looked_at(words, Sight(marks=(Mark("checkbox", (12, 34, 28, 50), "off"),)), picture)
    assert (read.layout, read.words) == ("food", "food")
    assert [mark.label for mark in read.sight.marks] == ["food"]
