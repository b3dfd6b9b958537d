"""Steering in the window over a real store: another answer, corrections, approval, templates, ratings with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from window_doubles import ScriptedDesk, ask, asked_and_answered, hit, running, screen_text, wait_until, window

from agent.events import Decision
from agent.exporting import rating_lines
from agent.journal import Journal
from agent.tui.area import WritingArea
from agent.tui.composer import PromptArea
from index.store import open_store

ONE = "Hold reset for 10 seconds until the light turns blue."
TWO = "Take the hub off power for 60 seconds, then press the button twice."


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(open_store(tmp_path / "data"), "default")


def desk(journal: Journal, *answers: str, **parts: object) -> ScriptedDesk:
    return ScriptedDesk(*(answers or (ONE, TWO)), keeper=journal, **parts)


async def test_again_keeps_both_answers_and_alt_v_switches_between_them(journal: Journal) -> None:
    app = window(desk(journal), journal)
    async with running(app, (130, 40)) as pilot:
        await asked_and_answered(pilot)
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: "answer 2 of 2" in screen_text(app))
        assert "60 seconds" in screen_text(app)
        assert len(app.chat.transcript.turns) == 1
        await pilot.press("alt+v")
        await wait_until(pilot, lambda: "answer 1 of 2" in screen_text(app))
        assert "10 seconds" in screen_text(app)
        (kept,) = journal.turns(app.chat.chat.id or "")
        assert kept.answer == ONE
        await pilot.press("f9")
        await wait_until(pilot, lambda: "✓ good" in screen_text(app))
        await ask(pilot, "/variant 2")
        await wait_until(pilot, lambda: "answer 2 of 2" in screen_text(app))
        assert "✓ good" not in screen_text(app)


async def test_the_title_follows_the_first_question_asked_in_other_words(journal: Journal) -> None:
    app = window(desk(journal), journal)
    async with running(app, (130, 40)) as pilot:
        await asked_and_answered(pilot, "white lite?")
        for words, shown in (("/edit white light?", "white light?"), ("/variant 1", "white lite?")):
            await ask(pilot, words)
            await wait_until(pilot, lambda shown=shown: shown in screen_text(app).splitlines()[0])
            await wait_until(pilot, lambda shown=shown: journal.conversations()[0].title == shown)
        await ask(pilot, "/rename Hub of Ana")
        await wait_until(pilot, lambda: journal.conversations()[0].title == "Hub of Ana")
        await ask(pilot, "/edit red light?")
        await wait_until(pilot, lambda: "answer 3 of 3" in screen_text(app))
        assert "Hub of Ana" in screen_text(app).splitlines()[0]
    assert journal.conversations()[0].title == "Hub of Ana"


async def test_the_last_question_is_edited_in_its_place_and_esc_leaves_it(journal: Journal) -> None:
    app = window(desk(journal), journal)
    async with running(app, (130, 40)) as pilot:
        await asked_and_answered(pilot, "white lite?")
        prompt = app.screen.query_one(PromptArea)
        await pilot.press("alt+e")
        await wait_until(pilot, lambda: prompt.text == "white lite?")
        assert "instead of the last question" in screen_text(app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: prompt.text == "")
        await ask(pilot, "/edit white light?")
        await wait_until(pilot, lambda: "answer 2 of 2" in screen_text(app))
        assert [turn.question for turn in journal.turns(app.chat.chat.id or "")] == ["white light?"]
        assert [turn.question for turn in app.chat.transcript.turns] == ["white light?"]


async def test_a_stopped_second_answer_keeps_its_words_and_the_first(journal: Journal) -> None:
    slow = desk(journal, ONE, TWO * 20, delay=0.01)
    app = window(slow, journal)
    async with running(app, (130, 40)) as pilot:
        await asked_and_answered(pilot)
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: "Take the hub" in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: "■ stopped" in screen_text(app) and app.chat.transcript.turns[0].turn_id)
        first, second = journal.variants(app.chat.transcript.turns[0].turn_id)
        assert first.answer == ONE
        assert second.stopped
        assert TWO.startswith(second.answer[:10])


async def test_a_correction_is_written_side_by_side_kept_and_kept_out_of_training(journal: Journal) -> None:
    app = window(desk(journal), journal)
    async with running(app, (130, 40)) as pilot:
        await asked_and_answered(pilot)
        await pilot.press("f4")
        await wait_until(pilot, lambda: app.screen.query(WritingArea))
        assert screen_text(app).count("Hold reset for 10") == 2
        app.screen.query_one(WritingArea).load_text("Hold reset for 20 seconds [/x].")
        await pilot.press("tab", *"wrong time", "tab", "space")
        assert "may be learnt from: no" in screen_text(app)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "✎ corrected by a person" in screen_text(app))
        assert "20 seconds [/x]." in screen_text(app)
        assert "not for training" in screen_text(app)
        (line,) = rating_lines(journal._store, "default")
        assert (line["answer"], line["chosen"]) == (ONE, "Hold reset for 20 seconds [/x].")
        assert (line["why"], line["training"], line["rating"]) == ("wrong time", False, None)
        await ask(pilot, "/veto")
        await wait_until(pilot, lambda: "not for training" not in screen_text(app))
        await ask(pilot, f"/correct {ONE}")
        await wait_until(pilot, lambda: "✎ corrected by a person" not in screen_text(app))
        assert not list(rating_lines(journal._store, "default"))


async def test_a_bad_answer_is_asked_why(journal: Journal) -> None:
    app = window(desk(journal), journal)
    async with running(app, (130, 40)) as pilot:
        await asked_and_answered(pilot)
        await pilot.press("f10")
        await wait_until(pilot, lambda: "Why is it bad?" in screen_text(app))
        await pilot.press("down", "down", "enter")
        await wait_until(pilot, lambda: "✗ bad · not what was asked" in screen_text(app))
        (line,) = rating_lines(journal._store, "default")
        assert (line["rating"], line["reason"]) == ("bad", "not what was asked")


async def test_approving_shows_what_others_will_read_and_puts_it_on_the_shelf(journal: Journal) -> None:
    app = window(desk(journal, f"{ONE} [1]"), journal)
    async with running(app, (130, 40)) as pilot:
        await pilot.press("alt+a")
        await wait_until(pilot, lambda: "no finished conversation" in screen_text(app))
        await asked_and_answered(pilot, "The light of my hub is white. I am Ana Ruiz, ana@mail.example.")
        await pilot.press("alt+a")
        await wait_until(pilot, lambda: "Close as solved" in screen_text(app))
        text = screen_text(app)
        assert "<EMAIL_1>" in text
        assert f"{ONE} [1]" not in text.split("What solves it")[1]
        await pilot.press("escape")
        assert not journal._store.rows("SELECT 1 FROM passages")
        await pilot.press("alt+a")
        await wait_until(pilot, lambda: "Close as solved" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Approved: 2 passages" in screen_text(app))
        rows = journal._store.rows("SELECT trust, outcome FROM conversations")
        assert rows == [{"trust": "approved", "outcome": "resolved"}]


async def test_a_hand_over_cannot_be_approved_but_its_correction_can_be_a_template(journal: Journal) -> None:
    handed = Decision("handover", "nothing found", "evidence.none", 0.1)
    app = window(desk(journal, "A colleague will look.", decision=handed, citations=(), hits=(hit(1),)), journal)
    async with running(app, (130, 40)) as pilot:
        await asked_and_answered(pilot, "Do you repair coffee machines?")
        await pilot.press("alt+a")
        await wait_until(pilot, lambda: "Nothing in this conversation answers" in screen_text(app))
        app.clear_notifications()
        await ask(pilot, "/correct We do not repair coffee machines, sorry about that.")
        await wait_until(pilot, lambda: "✎ corrected by a person" in screen_text(app))
        await ask(pilot, "/template Coffee machines")
        await wait_until(pilot, lambda: "from now on" in screen_text(app))
        (row,) = journal._store.rows("SELECT title, text, questions FROM templates")
        assert row["title"] == "Coffee machines"
        assert row["text"] == "We do not repair coffee machines, sorry about that."


async def test_times_are_shown_on_demand(journal: Journal) -> None:
    app = window(desk(journal), journal)
    async with running(app, (130, 40)) as pilot:
        await asked_and_answered(pilot)
        await pilot.press("alt+t")
        label = app.chat.transcript.turns[0].query_one(".asked")
        await wait_until(pilot, lambda: ":" in str(label.render()).splitlines()[0])
        await pilot.press("alt+t")
        await wait_until(pilot, lambda: ":" not in str(label.render()).splitlines()[0])


async def test_the_whole_conversation_is_copied(journal: Journal) -> None:
    app = window(desk(journal), journal)
    async with running(app, (130, 40)) as pilot:
        await asked_and_answered(pilot, "one")
        await asked_and_answered(pilot, "two")
        await ask(pilot, "/copyall")
        await wait_until(pilot, lambda: "conversation was sent" in screen_text(app))
        assert [word for word in ("one", ONE, "two", TWO) if word not in app.clipboard] == []
