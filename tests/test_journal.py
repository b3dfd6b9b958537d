"""Every turn is kept with all that led to it, once and whole, and read back as it was."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from agent.events import Citation, Decision, Ended
from agent.journal import Journal
from index.hits import Hit
from index.pictures import Line, ReadPicture
from index.store import Store, open_store
from tests.ticket_files import tables, take, ticket, trouble, write_lines

SHA = "a" * 64
SCREEN = ReadPicture(
    SHA, "hub.png", 40, 30, (Line("Error E-77", (1, 2, 30, 9), 0.98),), "Error E-77", "Error E-77", ("n",)
)
HIT = Hit(
    7, "T-1", "ticket", "resolution", "Hub", "Hold reset.", (2, 3), 0.91, {"dense": 0.8, "codes": 1.0}, "resolved", None
)
CITED = Citation(1, "T-1", 7, "Hold reset.", (2, 3), "Hub")
ENDED = Ended(
    0,
    "chat-1",
    "Hold reset [1].",
    Decision("case", "one clear case", "case.clear", 0.83),
    (CITED,),
    (HIT,),
    (SCREEN,),
    {"sources": 0.05, "first": 0.06, "end": 0.07},
    "quotes+hashed+index1+prompt1",
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "data")


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store, "default")


def test_a_turn_comes_back_with_everything_of_it(journal: Journal) -> None:
    turn_id = journal.keep_turn("Why E-77?", ENDED)
    (turn,) = journal.turns("chat-1")
    assert turn.turn_id == turn_id
    assert (turn.question, turn.answer, turn.version) == ("Why E-77?", ENDED.answer, ENDED.version)
    assert (turn.decision, turn.citations, turn.hits) == (ENDED.decision, (CITED,), (HIT,))
    assert (turn.pictures, turn.seconds, turn.stopped, turn.rating) == ((SCREEN,), ENDED.seconds, False, None)


def test_a_turn_is_a_question_and_an_answer_in_the_transcript(journal: Journal, store: Store) -> None:
    journal.keep_turn("Why E-77?", ENDED)
    journal.keep_turn("And then?", replace(ENDED, answer="Wait.", pictures=()))
    rows = store.rows("SELECT position, role, text, pictures FROM messages ORDER BY position")
    assert [(row["position"], row["role"], row["text"]) for row in rows] == [
        (0, "customer", "Why E-77?"),
        (1, "agent", "Hold reset [1]."),
        (2, "customer", "And then?"),
        (3, "agent", "Wait."),
    ]
    assert json.loads(rows[0]["pictures"]) == [SHA]


def test_a_turn_that_cannot_be_kept_leaves_nothing(journal: Journal, store: Store) -> None:
    journal.keep_turn("first", ENDED)
    before = tables(store)
    with pytest.raises(TypeError):
        journal.keep_turn("second", replace(ENDED, seconds={"end": object()}))  # type: ignore[dict-item]
    assert tables(store) == before


def test_a_turn_stopped_before_a_word_has_no_empty_message(journal: Journal, store: Store) -> None:
    journal.keep_turn("Why?", replace(ENDED, answer="", stopped=True))
    assert [row["role"] for row in store.rows("SELECT role FROM messages")] == ["customer"]
    (turn,) = journal.turns("chat-1")
    assert (turn.answer, turn.stopped) == ("", True)


def test_personal_words_on_a_picture_are_masked_in_the_record(journal: Journal, store: Store) -> None:
    read = replace(SCREEN, words="Signed in as jo@example.org", layout="Signed in as: jo@example.org", lines=())
    journal.keep_turn("what is this", replace(ENDED, pictures=(read,)))
    assert "example.org" not in json.dumps(store.rows("SELECT * FROM turns"))


@pytest.mark.parametrize("act", ["template", "case", "generate", "ask", "handover"])
def test_only_a_hand_over_joins_the_queue(journal: Journal, store: Store, act: str) -> None:
    turn_id = journal.keep_turn("A person please", replace(ENDED, decision=Decision(act, "asked for", "r", 1.0)))  # type: ignore[arg-type]
    rows = store.rows("SELECT turn_id, reason, state FROM handovers")
    assert rows == ([{"turn_id": turn_id, "reason": "asked for", "state": "waiting"}] if act == "handover" else [])


def test_a_rating_is_kept_changed_and_taken_back(journal: Journal, store: Store) -> None:
    turn_id = journal.keep_turn("q", ENDED)
    journal.rate(turn_id, "good")
    journal.rate(turn_id, "bad", "wrong hub")
    assert journal.turns("chat-1")[0].rating == "bad"
    assert store.rows("SELECT value, reason FROM ratings") == [{"value": "bad", "reason": "wrong hub"}]
    journal.rate(turn_id, None)
    assert journal.turns("chat-1")[0].rating is None


def test_another_workspace_can_neither_read_nor_rate(journal: Journal, store: Store) -> None:
    turn_id = journal.keep_turn("q", ENDED)
    stranger = Journal(store, "other")
    assert trouble(lambda: stranger.rate(turn_id, "good")).kind == "DENIED"
    assert stranger.turns("chat-1") == []
    assert stranger.conversations() == []
    assert stranger.source("chat-1") is None
    stranger.keep_turn("theirs", ENDED)  # the same id is another chat there
    assert [turn.question for turn in journal.turns("chat-1")] == ["q"]


def test_an_unknown_turn_is_denied(journal: Journal) -> None:
    assert trouble(lambda: journal.rate(999, "good")).kind == "DENIED"


def test_a_past_ticket_is_not_gone_on_with(journal: Journal, store: Store, tmp_path: Path) -> None:
    take(store, write_lines(tmp_path / "t.jsonl", [ticket(1)]))
    before = tables(store)
    assert trouble(lambda: journal.keep_turn("q", replace(ENDED, conversation_id="T-1"))).kind == "DENIED"
    assert tables(store) == before


def test_the_newest_chat_is_first_and_counts_its_turns(journal: Journal, store: Store) -> None:
    for name in ("chat-1", "chat-2", "chat-1"):
        journal.keep_turn(f"question in {name}", replace(ENDED, conversation_id=name))
    with store.write() as db:
        db.execute("UPDATE conversations SET updated_at = '2000-01-01T00:00:00Z' WHERE source_id = 'chat-2'")
    assert [(each.id, each.title, each.turns) for each in journal.conversations()] == [
        ("chat-1", "question in chat-1", 2),
        ("chat-2", "question in chat-2", 1),
    ]
    assert len(journal.conversations(limit=1)) == 1


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("100%", {"a"}),
        ("50%", set()),
        ("under_score", {"b"}),
        ("underXscore", set()),
        ('"quoted"', {"c"}),
        ("it's", {"c"}),
        ("back\\slash", {"d"}),
        ("%", {"a"}),
        ("_", {"b"}),
        ("OFF", {"a", "b"}),
        ("off battery", {"a"}),
        ("answer-d", {"d"}),
        ("", {"a", "b", "c", "d"}),
    ],
)
def test_a_search_of_the_chats_takes_every_sign_as_it_is(journal: Journal, words: str, found: set[str]) -> None:
    for name, question in {
        "a": "battery at 100% then off",
        "b": "under_score is off",
        "c": 'it\'s "quoted"',
        "d": "back\\slash",
    }.items():
        journal.keep_turn(question, replace(ENDED, conversation_id=name, answer=f"answer-{name}"))
    assert {each.id for each in journal.conversations(words=words)} == found


def test_the_last_turns_come_oldest_first(journal: Journal) -> None:
    for number in range(5):
        journal.keep_turn(f"q{number}", ENDED)
    assert [turn.question for turn in journal.turns("chat-1", last=3)] == ["q2", "q3", "q4"]


def test_a_customer_named_later_is_kept(journal: Journal, store: Store) -> None:
    journal.keep_turn("q", ENDED)
    journal.keep_turn("q", ENDED, customer="C-9")
    journal.keep_turn("q", ENDED)
    assert store.rows("SELECT customer_id FROM conversations") == [{"customer_id": "C-9"}]


def test_four_threads_keep_all_their_turns(journal: Journal, store: Store) -> None:
    def work(name: str) -> None:
        for number in range(15):
            journal.keep_turn(f"{name} {number}", replace(ENDED, conversation_id=name))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "same", "same")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(journal.turns(name, last=99)) for name in ("a", "b", "same")] == [15, 15, 30]
    positions = [row["position"] for row in store.rows(
        "SELECT position FROM messages m JOIN conversations c ON c.id = m.conversation_id"
        " WHERE c.source_id = 'same' ORDER BY position")]  # fmt: skip
    assert positions == list(range(60))


@pytest.mark.parametrize("name", ["../deskside", "a" * 64, "", "/etc/passwd"])
def test_a_picture_that_is_not_there_has_no_path(journal: Journal, name: str) -> None:
    assert journal.picture_path(name) is None
