"""The questions over real screenshots stay a fair measure: well formed, two sets apart, kinds in balance."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parents[1] / "bench"
QUESTIONS = BENCH / "real_screens.jsonl"
NOTE = BENCH / "real_screens.md"
PICTURES = Path(__file__).parents[2] / "shared" / "datasets" / "powerquery"
FIELDS = {"id", "image", "article", "set", "kind", "question", "answer", "also"}
KINDS = {"value", "state", "not shown", "error", "press"}
NOT_SHOWN = "Not shown."


def rows(chosen: str = "") -> list[dict[str, Any]]:
    lines = QUESTIONS.read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if not chosen or row["set"] == chosen]


def articles(chosen: str) -> set[str]:
    return {row["article"] for row in rows(chosen)}


def test_every_line_is_a_question_with_its_answer() -> None:
    for row in rows():
        assert set(row) == FIELDS, row
        assert row["set"] in ("tune", "held"), row
        assert row["kind"] in KINDS, row
        words = [row["id"], row["image"], row["article"], row["question"], row["answer"], *row["also"]]
        assert all(isinstance(text, str) and text and text == text.strip() for text in words), row
        assert row["question"][-1] in "?.", row
        accepted = [row["answer"], *row["also"]]
        assert len(set(accepted)) == len(accepted), row


def test_ids_and_questions_come_once() -> None:
    assert len({row["id"] for row in rows()}) == len(rows())
    assert len({(row["image"], row["question"].lower()) for row in rows()}) == len(rows())


def test_only_what_is_not_shown_is_answered_so() -> None:
    for row in rows():
        assert (row["kind"] == "not shown") == (row["answer"] == NOT_SHOWN), row


def test_the_two_sets_share_no_article_and_no_picture() -> None:
    assert not articles("tune") & articles("held")
    assert not {row["image"] for row in rows("tune")} & {row["image"] for row in rows("held")}


@pytest.mark.parametrize("chosen", ["tune", "held"])
def test_each_set_is_large_and_its_kinds_are_balanced(chosen: str) -> None:
    asked = rows(chosen)
    share = {kind: count / len(asked) for kind, count in Counter(row["kind"] for row in asked).items()}
    assert len(asked) >= 75
    assert len(articles(chosen)) >= 20
    assert 0.45 <= share["value"] <= 0.65
    assert 0.25 <= share["state"] <= 0.40
    assert 0.08 <= share["not shown"] <= 0.18
    assert share["error"] + share["press"] <= 0.10


@pytest.mark.parametrize("chosen", ["tune", "held"])
def test_one_answer_for_all_states_would_not_go_far(chosen: str) -> None:
    states = [row["answer"] for row in rows(chosen) if row["kind"] == "state"]
    ((_, most),) = Counter(states).most_common(1)
    assert most / len(states) <= 0.25
    assert 0.35 <= states.count("Yes") / (states.count("Yes") + states.count("No")) <= 0.65


def test_the_note_lists_the_articles_of_both_sets() -> None:
    _, after = NOTE.read_text("utf-8").split("### Held", 1)
    held, tune = after.split("### Tune", 1)
    for text, chosen in ((held, "held"), (tune, "tune")):
        assert {line[3:-1] for line in text.splitlines() if line.startswith("- `")} == articles(chosen)


@pytest.mark.skipif(not PICTURES.is_dir(), reason="the Power Query pictures are not beside the project")
def test_every_picture_is_there_and_belongs_to_its_article() -> None:
    with (PICTURES / "image_refs.jsonl").open(encoding="utf-8") as lines:
        shown = {(row["image"], row["article"]) for row in map(json.loads, lines)}
    for row in rows():
        assert (PICTURES / row["image"]).is_file(), row["image"]
        assert (row["image"], row["article"]) in shown, row["id"]
