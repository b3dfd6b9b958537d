"""Drawn screens: the same on every call, split cleanly, and true about what stands on them."""

from __future__ import annotations

import hashlib

import pytest

from finetune.screens import fields, products
from finetune.screens.atlas import LAYOUTS
from finetune.screens.colours import HELD_STYLES, STYLES, styles_for
from finetune.screens.draw import draw_screen, layouts
from finetune.screens.truth import Screen
from index.marks import COLOURED, COLOURS, KINDS, PAGES, STATES, THEMES


@pytest.fixture(scope="module")
def screens() -> list[Screen]:
    """A few of both splits, drawn once."""
    return [draw_screen(seed, split) for split in ("train", "test") for seed in range(12)]


def _print(screen: Screen) -> str:
    told = repr((screen.lines, screen.sight, screen.facts, screen.absent, screen.notes)).encode()
    return hashlib.sha256(screen.image.tobytes() + told).hexdigest()


def test_the_same_number_gives_the_same_picture_and_truth_and_another_number_another(screens: list[Screen]) -> None:
    assert [_print(draw_screen(seed, "train")) for seed in range(4)] == [_print(each) for each in screens[:4]]
    assert len({_print(each) for each in screens}) == len(screens)


def test_training_and_test_share_no_layout_brand_held_label_or_held_style() -> None:
    assert not {each.name for each in layouts("train")} & {each.name for each in layouts("test")}
    assert len(layouts("test")) >= 5
    assert not set(products.BRANDS) & set(products.TEST_BRANDS)
    for key in fields.every():
        usual, held = fields.labels(key, held=False), fields.labels(key, held=True)
        assert held
        assert len(set(usual) | set(held)) >= 6
        assert not {each.lower() for each in usual} & {each.lower() for each in held}, key
    import random

    for lot in range(40):
        drawn = styles_for(random.Random(lot), "train")
        assert all(drawn[kind] not in STYLES[kind][-HELD_STYLES:] for kind in STYLES)


def test_what_was_drawn_keeps_to_its_split(screens: list[Screen]) -> None:
    held = {label for key in fields.every() for label in fields.labels(key, held=True)}
    usual = {label for key in fields.every() for label in fields.labels(key, held=False)}
    for screen in screens[:12]:
        assert screen.layout in {each.name for each in layouts("train")}
        assert screen.brand in products.BRANDS
        assert not {fact.label for fact in screen.facts} & (held - usual)
    for screen in screens[12:]:
        assert screen.layout in {each.name for each in layouts("test")}
        assert screen.brand in products.TEST_BRANDS


def test_boxes_lie_inside_of_the_picture_and_labels_are_words_of_it(screens: list[Screen]) -> None:
    for screen in screens:
        words = " ".join(line.text for line in screen.lines)
        for box in [line.box for line in screen.lines] + [mark.box for mark in screen.sight.marks]:
            assert 0 <= box[0] < box[2] <= screen.image.width
            assert 0 <= box[1] < box[3] <= screen.image.height
        for told in [mark.label for mark in screen.sight.marks] + [fact.value for fact in screen.facts]:
            assert all(word in words for word in told.split()), told


def test_marks_have_legal_states_values_and_colours(screens: list[Screen]) -> None:
    for screen in screens:
        assert screen.sight.page in PAGES
        assert screen.sight.theme in THEMES
        for mark in screen.sight.marks:
            states = STATES[mark.kind]
            assert mark.state in states if states else mark.state == ""
            assert mark.colour in (*COLOURS, "")
            assert mark.kind in COLOURED or not mark.colour
            assert (0 <= mark.value <= 1) == (mark.kind in ("slider", "progress", "stars"))
            assert (mark.tip is not None) == (mark.kind == "arrow")
            assert mark.kind != "lamp" or (mark.state == "on") == bool(mark.colour)


def test_every_kind_of_mark_and_many_pages_come_up() -> None:
    kinds: set[str] = set()
    for seed in range(300):
        kinds |= {mark.kind for mark in draw_screen(seed, "train").sight.marks}
        if kinds == set(KINDS):
            break
    assert kinds == set(KINDS)
    assert len({each.page for each in LAYOUTS}) >= 14


def test_the_box_of_a_lamp_or_of_words_holds_their_ink() -> None:
    """On an undamaged screen the inside of each line's box differs from its edge: the words are there."""
    checked = 0
    for seed in range(20, 32):
        screen = draw_screen(seed, "train")
        for line in screen.lines[:12]:
            part = screen.image.crop(line.box).convert("L")
            low, high = part.getextrema()
            assert high - low > 8, (seed, line)
            checked += 1
    assert checked > 60


def test_absent_kinds_of_fact_are_not_on_the_screen(screens: list[Screen]) -> None:
    for screen in screens:
        words = " ".join(line.text for line in screen.lines).lower().split()
        assert not {fact.key for fact in screen.facts} & set(screen.absent)
        for key in screen.absent:
            for label in fields.labels(key, held=False):
                assert len(label.split()) > 1 or label.lower() not in words, (key, label)
