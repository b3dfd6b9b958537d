"""Drawn till receipts: their sums are right, and what was bought is asked for by its name without doubt."""

from __future__ import annotations

import random
import re

import pytest

from finetune.screens import draw, wear, wordings
from finetune.screens.atlas import LAYOUTS
from finetune.screens.questions import ask_screen
from finetune.screens.truth import Screen, Split


@pytest.fixture(scope="module")
def receipts() -> dict[Split, list[Screen]]:
    """Receipts of both splits."""
    drawn: dict[Split, list[Screen]] = {}
    splits: tuple[Split, ...] = ("train", "test")
    for split in splits:
        usual = draw.LAYOUTS
        draw.LAYOUTS = tuple(layout for layout in LAYOUTS if layout.paper)
        try:
            drawn[split] = [draw.draw_screen(seed, split) for seed in range(40)]
        finally:
            draw.LAYOUTS = usual
    return drawn


def figures(value: str) -> int:
    """An amount without its currency and marks."""
    return int(re.sub(r"\D", "", value))


def test_training_and_test_have_receipts_of_their_own() -> None:
    assert len([layout for layout in LAYOUTS if layout.paper and not layout.test]) >= 4
    assert len([layout for layout in LAYOUTS if layout.paper and layout.test]) >= 2


def test_change_is_what_is_left_of_the_cash(receipts: dict[Split, list[Screen]]) -> None:
    checked = 0
    for screen in [*receipts["train"], *receipts["test"]]:
        told = {fact.key: fact.value for fact in screen.facts}
        if {"cash", "change", "total"} <= told.keys():
            checked += 1
            assert figures(told["cash"]) - figures(told["total"]) == figures(told["change"]), told
    assert checked > 15


def test_every_receipt_tells_its_numbers_and_they_are_asked_for(receipts: dict[Split, list[Screen]]) -> None:
    keys = {fact.key for screen in receipts["train"] for fact in screen.facts}
    assert {"store", "store_address", "date", "time", "receipt_number", "subtotal", "tax", "total", "cash", "change",
            "payment_method", "item_price", "item_quantity", "item_unit_price"} <= keys  # fmt: skip


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_thing_bought_twice_is_asked_for_all_of_it_or_for_one(
    receipts: dict[Split, list[Screen]], split: Split
) -> None:
    """Its price alone could mean either, so nobody asks for that."""
    either, asked = wordings.grid_words()["cell money"].of(split), 0
    for screen in receipts[split]:
        totals = {fact.label: fact.value for fact in screen.facts if fact.key == "item_total"}
        singles = {fact.label: fact.value for fact in screen.facts if fact.key == "item_unit_price"}
        for seed in range(6):
            for ask in ask_screen(screen, random.Random(seed), split):
                for name in totals.keys() & singles.keys():
                    if name in ask.question and ask.answer in (totals[name], singles[name]):
                        asked += 1
                        loose = {wordings.plain(wording.replace("{r}", name)) for wording in either}
                        assert wordings.plain(ask.question) not in loose
    assert asked > 10


def test_creased_paper_keeps_every_point_where_it_says() -> None:
    """A dot drawn on a sheet is found where the crease's own reckoning puts it."""
    from PIL import Image

    for seed in range(12):
        sheet = Image.new("RGB", (400, 500), "white")
        sheet.paste((0, 0, 0), (120, 200, 126, 206))
        image, turn = wear._creased(sheet, random.Random(seed))
        x, y = turn(123, 203)
        assert image.getpixel((int(x), int(y)))[0] < 60  # type: ignore[index]
