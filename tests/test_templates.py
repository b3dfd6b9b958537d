"""Approved replies: taken as they are written, matched by meaning, gone when they are taken out of use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from index.conversation import Article
from index.sources import load_source
from index.store import Store, open_store
from index.templates import (
    Template,
    TemplateShelf,
    keep_templates,
    load_templates,
    read_templates,
    remove_template,
)
from tests.conftest import SHOP
from tests.embed_doubles import HashedWords
from tests.ticket_files import trouble, write_lines

GOOD = {"id": "R-1", "title": "Returns", "text": "You have 30 days.\nUse the label.", "questions": ["can I return it"]}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "data")


def template(name: str, text: str, *questions: str) -> Template:
    return Template(name, f"About {name}", text, questions or (f"tell me about {name}",))


def test_a_file_of_templates_is_read_as_written(tmp_path: Path) -> None:
    (read,) = read_templates(write_lines(tmp_path / "t.jsonl", [GOOD]))
    assert read == Template("R-1", "Returns", "You have 30 days.\nUse the label.", ("can I return it",))


def test_a_line_separator_in_a_text_does_not_cut_its_line(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text(json.dumps({**GOOD, "text": "one\u2028two"}, ensure_ascii=False), "utf-8")
    assert read_templates(file)[0].text == "one\ntwo"


def test_escapes_do_not_come_in(tmp_path: Path) -> None:
    rows = [{**GOOD, "text": "fine\x1b]52;c;x\x07", "questions": ["a\u202eb"], "id": "R\x1b[2J"}]
    (read,) = read_templates(write_lines(tmp_path / "t.jsonl", rows))
    assert (read.id, read.text, read.questions) == ("R", "fine", ("ab",))


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": 7},
        {"title": ["x"]},
        {"text": None},
        {"text": "  \n"},
        {"questions": "one text"},
        {"questions": []},
        {"questions": ["fine", ""]},
        {"questions": [{"a": 1}]},
        {"text": "\u200b"},
    ],
)
def test_a_template_with_something_missing_is_told_with_its_line(tmp_path: Path, change: dict[str, Any]) -> None:
    file = write_lines(tmp_path / "t.jsonl", [GOOD, {**GOOD, "id": "R-2", **change}])
    error = trouble(lambda: read_templates(file))
    assert (error.kind, error.line) == ("SCHEMA", 2)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "EMPTY"),
        (b"\n\n", "EMPTY"),
        (b"[1]", "SCHEMA"),
        (b"{", "SCHEMA"),
        (b"[" * 100_000, "SCHEMA"),
        (b"\xff\xfe\x00a", "ENCODING"),
    ],
)
def test_what_is_no_file_of_templates_is_told(tmp_path: Path, data: bytes, kind: str) -> None:
    file = tmp_path / "t.jsonl"
    file.write_bytes(data)
    assert trouble(lambda: read_templates(file)).kind == kind
    assert trouble(lambda: read_templates(tmp_path)).kind == "TYPE"


def test_an_id_that_is_there_twice_is_told(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "t.jsonl", [GOOD, {**GOOD, "text": "Another answer."}])
    assert trouble(lambda: read_templates(file)).line == 2


def test_the_same_templates_again_change_nothing_and_a_new_text_replaces_the_old(store: Store) -> None:
    assert keep_templates(store, "w", [template("a", "one"), template("b", "two")]) == 2
    assert keep_templates(store, "w", [template("a", "one"), template("b", "two")]) == 0
    assert keep_templates(store, "w", [template("a", "three")]) == 1
    assert [each.text for each in load_templates(store, "w")] == ["three", "two"]


def test_a_new_wording_is_a_change(store: Store) -> None:
    keep_templates(store, "w", [template("a", "one", "first wording")])
    assert keep_templates(store, "w", [template("a", "one", "other wording")]) == 1


def test_the_nearest_wording_wins(store: Store) -> None:
    keep_templates(store, "w", [template("a", "A", "where is my parcel"), template("b", "B", "reset the password")])
    match = TemplateShelf(store, "w", HashedWords()).match("how do I reset the password")
    assert match is not None
    assert match.template.id == "b"
    exact = TemplateShelf(store, "w", HashedWords()).match("where is my parcel")
    assert exact is not None
    assert exact.score == pytest.approx(1.0, abs=1e-5)


def test_the_shelf_follows_every_change_at_once(store: Store) -> None:
    """Also a change within the second of another one, and of a template that is neither first nor last."""
    shelf = TemplateShelf(store, "w", HashedWords())
    assert shelf.match("about a") is None
    for text in ("one", "two", "three", "four", "five"):
        keep_templates(store, "w", [template("a", text), template("b", "same"), template("c", "same")])
        match = shelf.match("tell me about a")
        assert match is not None
        assert match.template.text == text
    remove_template(store, "w", "a")
    match = shelf.match("tell me about a")
    assert match is None or match.template.id != "a"


def test_a_workspace_has_its_own_templates(store: Store) -> None:
    keep_templates(store, "w", [template("a", "one")])
    assert load_templates(store, "v") == []
    assert TemplateShelf(store, "v", HashedWords()).match("tell me about a") is None
    assert not remove_template(store, "v", "a")
    assert remove_template(store, "w", "a")
    assert not remove_template(store, "w", "a")


def test_a_template_can_be_opened_like_a_source(store: Store) -> None:
    keep_templates(store, "w", [template("a", "line one\nline two")])
    source = load_source(store, "w", "a")
    assert isinstance(source, Article)
    assert (source.title, source.text) == ("About a", "line one\nline two")
    assert load_source(store, "v", "a") is None


def test_the_templates_of_the_demo_shop_are_whole() -> None:
    assert len(read_templates(SHOP / "templates.jsonl")) >= 20
