"""Finding in the window and in the store: search with filters, rename, delete, export, gaps, drafts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from window_doubles import ScriptedDesk, ask, asked_and_answered, running, screen_text, wait_until, window

from agent.archive import around, matches, understand
from agent.events import Decision
from agent.gaps import Asked, draft_article, find_gaps, together, uncovered
from agent.journal import Journal
from agent.tui.office import Office
from index.errors import UserError
from index.store import open_store
from tests.test_journal import ENDED
from tests.ticket_files import take, ticket, write_lines

HANDED = Decision("handover", "nothing found", "evidence.none", 0.1)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal = Journal(open_store(tmp_path / "data"), "default")
    plain = replace(ENDED, pictures=())
    journal.keep_turn(
        "The hub stays white", replace(plain, conversation_id="hub", answer="Hold reset."), customer="C-7"
    )
    journal.keep_turn("And the battery?", replace(plain, conversation_id="hub", answer="Put in new ones."))
    bad = journal.keep_turn("Where is my refund", replace(plain, conversation_id="refund"))
    journal.rate(bad, "bad", "wrong")
    journal.keep_turn("What is this?", replace(ENDED, conversation_id="picture"))
    journal.keep_turn("Coffee?", replace(plain, conversation_id="coffee", decision=HANDED))
    return journal


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("batt", {"hub"}),
        ("battery white", {"hub"}),  # in two messages of one conversation
        ("white refund", set()),
        ("WHITE", {"hub"}),
        ("rating:bad", {"refund"}),
        ("rating:none hub", {"hub"}),
        ("image:yes", {"picture"}),
        ("image:no coffee", {"coffee"}),
        ("customer:c-7", {"hub"}),
        ("has:handover", {"coffee"}),
        ("status:waiting", {"coffee"}),
        ("since:today white", {"hub"}),
        ("since:2999-01-01", set()),
        ("rating:", {"hub", "refund", "picture", "coffee"}),  # still being typed
        ('"white" OR (', set()),
        ("in:tickets", set()),
    ],
)
def test_words_and_filters_narrow_the_conversations(journal: Journal, typed: str, found: set[str]) -> None:
    assert {one.id for one in journal.conversations(words=typed)} == found


@pytest.mark.parametrize("typed", ["rating:great", "since:soon", "image:perhaps", "has:fun", "status:odd", "in:none"])
def test_a_filter_that_cannot_be_understood_is_told(journal: Journal, typed: str) -> None:
    with pytest.raises(UserError, match="takes"):
        journal.conversations(words=typed)


def test_filters_read_days_and_leave_words_with_a_colon_alone() -> None:
    assert understand("since:7d", date(2026, 3, 8)).values[0] == "2026-03-01"
    assert understand("E:12 hub").words == ["e", "12", "hub"]
    assert matches("White lights, whitewash", ["whit", "li"]) == [(0, 4), (6, 8), (14, 18)]
    assert around("a " * 80 + "needle in it", ["needle"]).startswith("…")


def test_the_index_of_words_follows_every_change(journal: Journal) -> None:
    (turn,) = journal.turns("coffee")
    journal.correct(turn.turn_id, "We repair espresso machines on Mondays.")
    assert [one.id for one in journal.conversations(words="espresso")] == ["coffee"]
    journal.keep_turn("Kettles then?", replace(ENDED, conversation_id="coffee", pictures=()), instead_of=turn.turn_id)
    assert not journal.conversations(words="espresso")
    assert [one.id for one in journal.conversations(words="kettle")] == ["coffee"]
    journal.remove("coffee")
    assert not journal.conversations(words="kettle")
    journal._store.db.execute("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)")


def test_imported_tickets_are_found_when_asked_for(journal: Journal, tmp_path: Path) -> None:
    take(journal._store, write_lines(tmp_path / "t.jsonl", [ticket(1, subject="Lamp flickers")]))
    assert not journal.conversations(words="flickers")
    (one,) = journal.conversations(words="flickers in:all")
    assert one.origin == "import"


def test_an_export_for_reading_and_one_to_import_again(journal: Journal) -> None:
    page = journal.export("hub", "md")
    assert page.index("The hub stays white") < page.index("Hold reset.") < page.index("And the battery?")
    assert "[1] T-1 Hub (lines 2-3)" in page
    line = json.loads(journal.export("hub", "json"))
    assert [turn["question"] for turn in line["turns"]] == ["The hub stays white", "And the battery?"]


async def test_the_screen_narrows_previews_renames_and_deletes_when_asked_twice(journal: Journal) -> None:
    app = window(ScriptedDesk(), journal)
    async with running(app, (110, 30)) as pilot:
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "Conversations (4)" in screen_text(app))
        await pilot.press(*"batt")
        await wait_until(pilot, lambda: "Conversations (1)" in screen_text(app))
        await wait_until(pilot, lambda: "Customer: And the battery?" in screen_text(app))
        await pilot.press("f2")
        await wait_until(pilot, lambda: "Another title" in screen_text(app))
        await pilot.press("ctrl+u", *"[/x] Hub", "enter")
        await wait_until(pilot, lambda: "[/x] Hub" in screen_text(app) and "Conversations (1)" in screen_text(app))
        await pilot.press("f8")
        await wait_until(pilot, lambda: "Press F8 once more" in screen_text(app))
        assert journal.conversations(words="battery")
        await pilot.press("f8")
        await wait_until(pilot, lambda: "Nothing with these words." in screen_text(app))
        assert len(journal.conversations()) == 3
        await pilot.press("ctrl+u", *"rating:x")
        await wait_until(pilot, lambda: "takes good, bad or none" in screen_text(app))


async def test_an_open_conversation_is_renamed_exported_and_deleted(journal: Journal, tmp_path: Path) -> None:
    app = window(ScriptedDesk(), journal, conversation_id="hub", pictures_home=tmp_path)
    async with running(app, (130, 40)) as pilot:
        await wait_until(pilot, lambda: "Put in new ones." in screen_text(app))
        await ask(pilot, "/rename Hub of Ana")
        await wait_until(pilot, lambda: "Hub of Ana" in screen_text(app))
        await ask(pilot, "/export md")
        await wait_until(pilot, lambda: (tmp_path / "hub.md").is_file())
        await ask(pilot, "/export json mine.jsonl")
        await wait_until(pilot, lambda: (tmp_path / "mine.jsonl").is_file())
        assert "Hub of Ana" in (tmp_path / "hub.md").read_text()
        await ask(pilot, "/delete")
        await wait_until(pilot, lambda: "deletes the conversation" in screen_text(app))
        assert journal.turns("hub")
        await ask(pilot, "/delete")
        await wait_until(pilot, lambda: "What does the customer ask?" in screen_text(app))
        assert not journal.turns("hub")


def words_as_vectors(texts: list[str]) -> np.ndarray:
    """Unit vectors of the words of texts: alike where they share words."""
    vectors = np.zeros((len(texts), 64), np.float32)
    for row, text in enumerate(texts):
        for word in text.lower().strip("?").split():
            vectors[row, sum(word.encode()) % 64] += 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_alike_questions_are_one_gap_and_the_most_asked_comes_first() -> None:
    texts = ["do you sell spare belts", "coffee machine repair", "do you sell belts", "sell you spare belts do"]
    gaps = together([Asked(text, f"c{n}", "", "") for n, text in enumerate(texts)], words_as_vectors(texts))
    assert [len(gap.asked) for gap in gaps] == [3, 1]
    assert gaps[0].title == "do you sell spare belts"
    assert together([], np.zeros((0, 4))) == []


def test_what_was_put_right_or_asked_of_a_person_is_no_gap(journal: Journal) -> None:
    assert {each.conversation: each.why for each in uncovered(journal._store, "default")} == {
        "coffee": "handed over",
        "refund": "rated bad",
    }
    asked = Decision("handover", "a person was asked for", "person.asked", 1.0)
    journal.keep_turn("Give me a human", replace(ENDED, conversation_id="human", decision=asked))
    (turn,) = journal.turns("coffee")
    journal.correct(turn.turn_id, "We repair none.")
    assert [each.conversation for each in uncovered(journal._store, "default")] == ["refund"]


async def test_a_gap_becomes_the_draft_of_an_article(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    office = Office(
        find_gaps=lambda: find_gaps(journal._store, "default", words_as_vectors), drafts=tmp_path / "drafts"
    )
    app = window(ScriptedDesk(), journal, office=office)
    async with running(app, (110, 30)) as pilot:
        await pilot.press("f3")
        await wait_until(pilot, lambda: "2 questions, 2 matters" in screen_text(app))
        assert "handed over" in screen_text(app)
        await pilot.press("d")
        await wait_until(pilot, lambda: "deskside import" in screen_text(app))
    (draft,) = (tmp_path / "drafts").glob("*.md")
    assert draft.read_text().startswith("# Coffee\n")
    assert "(coffee)" in draft.read_text()
    draft.write_text("mine")
    (gap,) = [gap for gap in find_gaps(journal._store, "default", words_as_vectors) if gap.title == "Coffee?"]
    assert draft_article(gap, tmp_path / "drafts").read_text() == "mine"


async def test_settings_say_where_each_value_comes_from(own_home: Path) -> None:
    from agent.settings import explained, load_settings

    own_home.mkdir()
    (own_home / "deskside.toml").write_text('# mine\ncaution = 0.7\n[keys]\ngood = "f6"\n')
    settings = load_settings({"top": 7}, {"DESKSIDE_HOME": str(own_home), "DESKSIDE_MODEL": "none"})
    places = {each.name: (each.value, each.place) for each in explained(settings)}
    assert places["caution"] == ("0.7", "deskside.toml line 2")
    assert places["model"] == ("none", "DESKSIDE_MODEL")
    assert places["top"] == ("7", "--top")
    assert places["embedder"] == ("minilm", "default")
    assert places["home"][1] == "DESKSIDE_HOME"
    app = window(office=Office(explained(settings)))
    async with running(app, (130, 40)) as pilot:
        await pilot.press("f2")
        await wait_until(pilot, lambda: "deskside.toml line 2" in screen_text(app))


async def test_keys_of_ones_own_work_and_are_shown(own_home: Path) -> None:
    from agent.tui.keymap import keymap

    own_home.mkdir()
    file = own_home / "deskside.toml"
    file.write_text('[keys]\ngood = "alt+g"\nnew = ""\n')
    app = window(ScriptedDesk(), keys=keymap(own_home))
    async with running(app, (130, 40)) as pilot:
        await asked_and_answered(pilot)
        assert "Alt+G good" in screen_text(app)
        assert "^N" not in screen_text(app)
        await pilot.press("alt+g")
        await wait_until(pilot, lambda: "✓ good" in screen_text(app))
    for text, told in {
        'goood = "f6"': "Did you mean good",
        'good = "ctrl+i"': "as Tab",
        'good = "g"': "needed for writing",
        "good = 6": "a key is written like",
        'good = "f10"': "for good and for bad",
    }.items():
        file.write_text(f"[keys]\n{text}\n")
        with pytest.raises(UserError, match=told):
            keymap(own_home)
