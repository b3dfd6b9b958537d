"""Drawn dialogs of operating systems: buttons, tabs and options are told as they are drawn."""

from __future__ import annotations

from collections import Counter

import pytest

from finetune.screens import draw
from finetune.screens.atlas import LAYOUTS
from finetune.screens.truth import Screen, Split
from index.marks import Mark, tag


@pytest.fixture(scope="module")
def dialogs() -> dict[Split, list[Screen]]:
    """Dialogs of both splits."""
    drawn: dict[Split, list[Screen]] = {}
    splits: tuple[Split, ...] = ("train", "test")
    for split in splits:
        usual = draw.LAYOUTS
        draw.LAYOUTS = tuple(layout for layout in LAYOUTS if layout.draw.__module__.endswith("native_dialogs"))
        try:
            drawn[split] = [draw.draw_screen(seed, split) for seed in range(60)]
        finally:
            draw.LAYOUTS = usual
    return drawn


def marks_of(screens: list[Screen], kind: str) -> list[Mark]:
    return [mark for screen in screens for mark in screen.sight.marks if mark.kind == kind]


def test_every_split_has_dialogs_with_all_that_can_be_seen_on_them(dialogs: dict[Split, list[Screen]]) -> None:
    assert len({screen.layout for screen in dialogs["train"]}) >= 5
    assert len({screen.layout for screen in dialogs["test"]}) >= 2
    for screens in dialogs.values():
        for kind in ("button", "radio", "checkbox", "selected", "icon"):
            assert marks_of(screens, kind), kind
        assert {mark.state for mark in marks_of(screens, "button")} == {"plain", "primary", "disabled"}


def test_a_dialog_has_one_default_button_at_most(dialogs: dict[Split, list[Screen]]) -> None:
    for screen in [*dialogs["train"], *dialogs["test"]]:
        states = Counter(mark.state for mark in marks_of([screen], "button"))
        assert states["primary"] <= 1, screen.layout


def test_one_may_go_on_only_with_the_licence_accepted(dialogs: dict[Split, list[Screen]]) -> None:
    checked = 0
    for screen in [*dialogs["train"], *dialogs["test"]]:
        state = {mark.label: mark.state for mark in screen.sight.marks}
        onward = next((name for name in ("Next >", "Next", "Install", "Continue") if name in state), "")
        if onward and "I accept the agreement" in state:
            checked += 1
            assert (state[onward] != "disabled") == (state["I accept the agreement"] == "on")
    assert checked


def test_a_default_button_without_a_colour_is_told_in_one_word() -> None:
    assert tag(Mark("button", (0, 0, 9, 9), "primary", label="OK")) == '[button "OK": primary]'
