"""What a person makes of an answer: corrected, answered again, approved, made a template; all found at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from desk_doubles import Shop, make_shop, open_shop

from agent.events import Decision
from agent.exporting import conversation_lines, rating_lines, take_rating, take_turns
from agent.journal import Journal
from index.errors import UserError
from index.store import open_store
from tests.test_journal import ENDED
from tests.ticket_files import tables


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(open_store(tmp_path / "data"), "default")


def said(journal: Journal) -> list[tuple[str, str]]:
    rows = journal._store.rows("SELECT role, text FROM messages ORDER BY conversation_id, position")
    return [(row["role"], row["text"]) for row in rows]


def test_a_correction_is_what_the_customer_was_told_and_the_answer_stays_beside_it(journal: Journal) -> None:
    turn = journal.keep_turn("Why?", ENDED)
    journal.keep_turn("And then?", replace(ENDED, answer="Wait."))
    journal.correct(turn, "Hold reset for 10 seconds.", "too short")
    first, second = journal.turns("chat-1")
    assert (first.answer, first.chosen, first.said) == (ENDED.answer, "Hold reset for 10 seconds.", first.chosen)
    assert second.said == "Wait."
    assert said(journal)[1] == ("agent", "Hold reset for 10 seconds.")
    (line,) = rating_lines(journal._store, "default")
    assert (line["answer"], line["chosen"], line["why"], line["training"]) == (
        ENDED.answer,
        first.chosen,
        "too short",
        True,
    )
    journal.veto(turn, False)
    assert [line["training"] for line in rating_lines(journal._store, "default")] == [False]
    journal.correct(turn, ENDED.answer)  # the answer's own words take the correction back
    assert not list(rating_lines(journal._store, "default"))
    assert said(journal)[1] == ("agent", ENDED.answer)


def test_a_correction_of_nothing_and_a_veto_of_none_are_refused(journal: Journal) -> None:
    turn = journal.keep_turn("Why?", replace(ENDED, answer=""))
    with pytest.raises(UserError, match="needs words"):
        journal.correct(turn, "  ")
    with pytest.raises(UserError, match="not corrected"):
        journal.veto(turn, False)
    journal.correct(turn, "Hold reset.")
    assert said(journal) == [("customer", "Why?"), ("agent", "Hold reset.")]
    with pytest.raises(UserError, match="no answer"):
        Journal(journal._store, "rival").correct(turn, "mine")


def test_an_answer_given_again_keeps_the_one_before_and_either_can_count(journal: Journal) -> None:
    journal.keep_turn("First?", ENDED)
    one = journal.keep_turn("Why?", ENDED)
    two = journal.keep_turn("Why?", replace(ENDED, answer="Pull the plug."), instead_of=one)
    three = journal.keep_turn("Why really?", replace(ENDED, answer="It is old.", pictures=()), instead_of=two)
    assert [turn.said for turn in journal.turns("chat-1")] == [ENDED.answer, "It is old."]
    assert journal.turns("chat-1")[-1].variant == (3, 3)
    assert [turn.turn_id for turn in journal.variants(two)] == [one, two, three]
    assert said(journal)[2:] == [("customer", "Why really?"), ("agent", "It is old.")]
    journal.choose(one)
    assert said(journal)[2:] == [("customer", "Why?"), ("agent", ENDED.answer)]
    assert journal.turns("chat-1")[-1].variant == (1, 3)
    journal.keep_turn("And now?", ENDED)
    before = tables(journal._store)
    for late in (lambda: journal.choose(two), lambda: journal.keep_turn("x", ENDED, instead_of=one)):
        with pytest.raises(UserError, match="Only the last question"):
            late()
    assert tables(journal._store) == before
    assert [turn.question for turn in journal.turns("chat-1")] == ["First?", "Why?", "And now?"]


def test_only_the_first_question_gives_the_title(journal: Journal) -> None:
    journal.keep_turn("First?", ENDED)
    two = journal.keep_turn("Why?", ENDED)
    journal.keep_turn("Why really?", ENDED, instead_of=two)
    assert journal.conversations()[0].title == "First?"


def test_an_empty_answer_given_again_leaves_no_gap(journal: Journal) -> None:
    one = journal.keep_turn("Why?", replace(ENDED, answer="", stopped=True))
    two = journal.keep_turn("Why?", ENDED, instead_of=one)
    journal.keep_turn("Next?", ENDED)
    assert [text for _, text in said(journal)] == ["Why?", ENDED.answer, "Next?", ENDED.answer]
    assert journal.variants(two)[0].answer == ""


def test_variants_and_corrections_come_back_from_an_export(journal: Journal, tmp_path: Path) -> None:
    one = journal.keep_turn("Why?", ENDED)
    journal.keep_turn("Why?", replace(ENDED, answer="Pull the plug."), instead_of=one)
    journal.correct(one, "Hold it.", training=False)
    (line, _), ratings = (
        next(conversation_lines(journal._store, "default", None, None)),
        list(rating_lines(journal._store, "default")),
    )
    other = Journal(open_store(tmp_path / "other"), "default")
    with other._store.write() as db:
        row = other._made_chat_row("chat-1", "Why?", None)
        db.execute("DELETE FROM messages WHERE conversation_id = ?", [row])
    assert take_turns(other._store, "default", "chat-1", json.loads(json.dumps(line))) == 2
    assert take_rating(other._store, "default", json.loads(json.dumps(ratings[0])))
    assert not take_rating(other._store, "default", ratings[0])
    (turn,) = other.turns("chat-1")
    assert (turn.answer, turn.variant) == ("Pull the plug.", (2, 2))
    first = other.variants(turn.turn_id)[0]
    assert (first.chosen, first.training) == ("Hold it.", False)


# --- the shop: real search, real desk ----------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return make_shop(open_shop(tmp_path / "shop"))


COFFEE = "The milk foamer of my coffee machine BX-900 only hums and makes no foam."


def test_an_approved_conversation_is_found_by_the_very_next_question(shop: Shop) -> None:
    first = shop.ended(COFFEE + " I am Ana Ruiz, ana.ruiz@mail.example.")
    assert first.decision.act == "handover"
    with pytest.raises(UserError, match="Nothing in this conversation"):
        shop.desk.journal.approve(first.conversation_id)
    shop.desk.journal.correct(
        first.turn_id,
        "Take the foamer off, rinse its valve under warm water for 2 minutes and press it in until it clicks. [1]",
    )
    approval = shop.desk.journal.approve(first.conversation_id)
    assert {passage.kind for passage in approval.passages} == {"problem", "resolution"}
    assert approval.masked
    then = shop.ended("my coffee machine BX-900 does not foam the milk, the foamer hums")
    assert then.citations
    assert then.citations[0].source_id == first.conversation_id
    assert "rinse its valve" in then.answer
    assert "click. [1] [1]" not in then.answer
    assert "ana.ruiz" not in json.dumps([hit.passage for hit in then.hits])
    assert [hit.outcome for hit in then.hits if hit.source_id == first.conversation_id] == ["resolved"]
    source = shop.desk.journal.source(first.conversation_id)
    assert "ana.ruiz" not in str(source)
    # a correction after that is what the next question is told
    shop.desk.journal.correct(first.turn_id, "Replace the foamer's blue seal, part 7, and press it in until it clicks.")
    assert "blue seal" in shop.ended("coffee machine BX-900 foamer hums and makes no foam").answer
    # and deleting it takes it off the shelf
    shop.desk.journal.remove(first.conversation_id)
    gone = shop.ended("coffee machine BX-900 foamer hums and makes no foam")
    assert first.conversation_id not in {hit.source_id for hit in gone.hits}


def test_again_looks_for_another_answer_and_keeps_both(shop: Shop) -> None:
    first = shop.ended("The light of my hub stays white. What now?")
    again = shop.ended(
        "The light of my hub stays white. What now?", chat=first.conversation_id, instead_of=first.turn_id
    )
    cited = {each.source_id for each in first.citations}
    assert cited
    assert not cited & {hit.source_id for hit in again.hits}
    assert again.answer != first.answer
    (turn,) = shop.desk.journal.turns(first.conversation_id)
    assert (turn.turn_id, turn.variant) == (again.turn_id, (2, 2))


def test_an_answer_made_a_template_answers_its_question_word_for_word(shop: Shop) -> None:
    first = shop.ended(COFFEE)
    with pytest.raises(UserError, match="no answer to give"):
        shop.desk.journal.make_template(first.turn_id)
    shop.desk.journal.correct(first.turn_id, "We repair no coffee machines; write to Ana Ruiz, ana.ruiz@mail.example.")
    with pytest.raises(UserError, match="one person"):
        shop.desk.journal.make_template(first.turn_id)
    shop.desk.journal.correct(first.turn_id, "We do not repair coffee machines, sorry.")
    named = shop.desk.journal.make_template(first.turn_id, "Coffee machines")
    then = shop.ended(COFFEE)
    assert then.decision.act == "template"
    assert then.citations[0].source_id == named
    assert then.answer.startswith("We do not repair coffee machines, sorry.")


def test_a_hand_over_that_was_answered_again_waits_for_nobody(journal: Journal) -> None:
    handed = Decision("handover", "nothing found", "evidence.none", 0.1)
    one = journal.keep_turn("Why?", replace(ENDED, decision=handed))
    journal.keep_turn("Why E-77?", ENDED, instead_of=one)
    assert journal._store.rows("SELECT state FROM handovers") == [{"state": "cancelled"}]
