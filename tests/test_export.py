"""What was said can leave as a file and come back, into another workspace and another home, without loss."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.cli import main
from agent.events import Citation, Decision, Ended
from agent.exporting import conversation_lines, is_rating_file, rating_lines, take_exported
from agent.journal import Journal
from index.forget import forget_customer
from index.hits import Hit
from index.pictures import ReadPicture, open_picture, save_picture
from index.sources import keep_picture
from index.store import Store, open_store
from tests.embed_doubles import HashedWords
from tests.ticket_files import SaysWords, picture, tables, take, ticket, trouble, write_lines

HIT = Hit(7, "T-1", "ticket", "resolution", "Hub", "Hold reset.", (2, 3), 0.91, {"dense": 0.8}, "resolved", None)
ENDED = Ended(
    0,
    "chat-1",
    "Hold reset [1].",
    Decision("case", "one clear case", "case.clear", 0.83),
    (Citation(1, "T-1", 7, "Hold reset.", (2, 3), "Hub"),),
    (HIT,),
    (),
    {"sources": 0.05, "end": 0.07},
    "quotes+hashed-words-64+index1+prompt1",
)


@pytest.fixture
def home(own_home: Path) -> Path:
    return own_home


@pytest.fixture
def store(home: Path) -> Store:
    return open_store(home)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    """The program in this process; it must succeed."""
    monkeypatch.setattr(sys, "argv", ["deskside", *map(str, arguments)])
    main()


def read_screen(store: Store, file: Path, colour: str = "white") -> ReadPicture:
    """A picture as the desk keeps it while it answers."""
    opened = open_picture(picture(file, colour))
    save_picture(opened, store.pictures)
    read = replace(SaysWords("Error E-77").read(opened), name="hub.png")
    keep_picture(store, read)
    return read


def filled(store: Store, tmp_path: Path) -> None:
    """Tickets, one with a screenshot, and two chats with pictures, a stop, a hand-over and ratings."""
    rows = [ticket(1, tags=["a", "b"], priority={"level": 2}), ticket(2), ticket(3)]
    rows[1]["messages"][0].update(attachments=["pictures/s.png", "bill.pdf"], channel="mail", at="2025-01-05T17:10:53Z")
    rows[1]["messages"].insert(0, {"role": "note", "text": "seen before", "at": "2025-01-05T17:00:00Z"})
    rows[1]["messages"][2]["at"] = "2025-01-05T17:12:00Z"
    picture(tmp_path / "in" / "pictures" / "s.png", "blue")
    take(store, write_lines(tmp_path / "in" / "tickets.jsonl", rows), load_reader=SaysWords)
    journal = Journal(store, "default")
    screen = read_screen(store, tmp_path / "hub.png")
    first = journal.keep_turn("Why does it show E-77?\nSecond line", replace(ENDED, pictures=(screen,)), customer="C-8")
    stopped = journal.keep_turn("And now", replace(ENDED, answer="", stopped=True))
    journal.keep_turn("", replace(ENDED, pictures=(screen,), conversation_id="chat-2"))
    handover = replace(ENDED, decision=Decision("handover", "asked for", "person.asked", 1.0), conversation_id="chat-2")
    last = journal.keep_turn("A person please", handover)
    journal.rate(first, "good")
    journal.rate(stopped, "bad", "nothing said, 100 %\u2028really")
    journal.rate(last, "good")


def exported(store: Store, workspace: str = "default") -> list[dict[str, Any]]:
    return [line for line, _ in conversation_lines(store, workspace, None, None)]


def bare(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What must be the same after a way out and in again: all but where the pictures' copies lie."""
    kept = json.loads(json.dumps(lines))
    for line in kept:
        line["messages"] = [
            {name: value for name, value in said.items() if name != "attachments"} for said in line["messages"]
        ]
    return kept


def test_conversations_come_back_in_another_workspace_and_another_home(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(store, tmp_path)
    monkeypatch.setattr("index.pictures.load_reader", lambda threads=2: SaysWords())
    out, rated = tmp_path / "out" / "all.jsonl", tmp_path / "out" / "rated.jsonl"
    out.parent.mkdir()
    run(monkeypatch, "export", "conversations", "-o", out)
    run(monkeypatch, "export", "ratings", "-o", rated)
    ours = bare(exported(store))
    assert len(ours) == 5
    ratings = list(rating_lines(store, "default"))
    assert len(ratings) == 3
    for workspace, home in (("again", store.home), ("default", tmp_path / "elsewhere")):
        run(monkeypatch, "import", out, rated, "--no-index", "-w", workspace, "--home", home)
        other = open_store(home)
        assert bare(exported(other, workspace)) == ours
        assert list(rating_lines(other, workspace)) == ratings
        turns = Journal(other, workspace).turns("chat-1")
        assert turns[0].hits == (HIT,)
        assert turns[0].pictures[0].words == "Error E-77"
        assert [turn.rating for turn in turns] == ["good", "bad"]
        assert len(list(other.pictures.glob("*.png"))) == 2


def test_an_export_of_an_export_is_the_same_file(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(store, tmp_path)
    monkeypatch.setattr("index.pictures.load_reader", lambda threads=2: SaysWords())
    first, second = tmp_path / "a" / "all.jsonl", tmp_path / "b" / "all.jsonl"
    for file in (first, second):
        file.parent.mkdir()
    run(monkeypatch, "export", "conversations", "-o", first)
    run(monkeypatch, "import", first, "--no-index", "--home", tmp_path / "elsewhere")
    run(monkeypatch, "export", "conversations", "-o", second, "--home", tmp_path / "elsewhere")
    assert second.read_bytes() == first.read_bytes()
    names = [sorted(each.name for each in (file.parent / "all-pictures").iterdir()) for file in (first, second)]
    assert names[0] == names[1]


def test_an_export_over_itself_changes_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Own chats are known again, also from an older export; own tickets count as changed only if they are."""
    filled(store, tmp_path)
    out, rated = tmp_path / "all.jsonl", tmp_path / "rated.jsonl"
    run(monkeypatch, "export", "conversations", "--origin", "chat", "-o", out)
    run(monkeypatch, "export", "ratings", "-o", rated)
    Journal(store, "default").keep_turn("And later", ENDED)
    before = tables(store)
    capsys.readouterr()
    run(monkeypatch, "import", out, rated, "--no-index", "--json")
    report = json.loads(capsys.readouterr().out)
    assert (report["files"][0]["read"], report["files"][0]["duplicate"], report["ratings"]) == (2, 2, 0)
    assert tables(store) == before


def test_the_same_export_twice_changes_nothing(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(store, tmp_path)
    monkeypatch.setattr("index.pictures.load_reader", lambda threads=2: SaysWords())
    out, rated = tmp_path / "all.jsonl", tmp_path / "rated.jsonl"
    run(monkeypatch, "export", "conversations", "-o", out)
    run(monkeypatch, "export", "ratings", "-o", rated)
    run(monkeypatch, "import", out, rated, "--no-index", "-w", "again")
    before = tables(store)
    run(monkeypatch, "import", out, rated, "--no-index", "-w", "again")
    assert tables(store) == before


def test_a_killed_import_takes_its_turns_at_the_next_one(store: Store, tmp_path: Path) -> None:
    filled(store, tmp_path)
    file = write_lines(tmp_path / "all.jsonl", [line for line in exported(store) if "turns" in line])
    take(store, file, workspace="again", load_reader=SaysWords)  # killed here: the turns still lie in `extra`
    assert Journal(store, "again").turns("chat-1") == []
    take_exported(store, "again", [])
    assert len(Journal(store, "again").turns("chat-1")) == 2
    assert "turns" not in store.rows("SELECT extra FROM conversations WHERE workspace = 'again'")[0]["extra"]


@pytest.mark.parametrize(
    "turns",
    [
        [{"speaker": "USER", "utterance": "hi"}],
        [{}],
        [{"at": "x", "question": "y"}],
        [[1]],
        {"turns": [{"a": 1}]},
        [{"question": 1, "answer": 2, "pictures": [], "citations": [], "hits": [], "decision": {}, "at": 3}],
    ],
)
def test_what_is_only_called_turns_stays_with_its_ticket(store: Store, tmp_path: Path, turns: Any) -> None:
    take(store, write_lines(tmp_path / "t.jsonl", [ticket(1, turns=turns)]))
    assert take_exported(store, "default", []) == 0
    assert exported(store)[0]["turns"] == turns


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"conversation": "nobody", "turn": 1, "rating": "good"}', "nobody"),
        ('{"conversation": "chat-1", "turn": 9, "rating": "good"}', "no answer 9"),
        ('{"conversation": "chat-1", "turn": 1, "rating": "fine"}', "no answer"),
        ('{"conversation": "chat-1", "turn": "x", "rating": "good"}', "not a rating"),
        ('{"conversation": "chat-1", "turn": 1, "rating": "good", "reason": 5}', "not a rating"),
        ("{", "not a rating"),
        ("[1]", "not a rating"),
    ],
)
def test_a_wrong_rating_is_told_with_its_line_and_none_is_taken(
    store: Store, tmp_path: Path, line: str, told: str
) -> None:
    filled(store, tmp_path)
    file = tmp_path / "r.jsonl"
    file.write_text(f'{{"conversation": "chat-1", "turn": 1, "rating": "bad", "reason": "new"}}\n\n{line}\n')
    before = tables(store)
    error = trouble(lambda: take_exported(store, "default", [file]))
    assert (error.kind, error.line) == ("SCHEMA", 3)
    assert told in error.message
    assert tables(store) == before


def test_a_file_of_ratings_is_told_from_tickets(store: Store, tmp_path: Path) -> None:
    assert is_rating_file(write_lines(tmp_path / "r.jsonl", [{"conversation": "c", "turn": 1, "rating": "good"}]))
    assert not is_rating_file(write_lines(tmp_path / "t.jsonl", [ticket(1)]))
    assert not is_rating_file(tmp_path / "missing.jsonl")
    assert not is_rating_file(tmp_path)


def test_an_export_that_cannot_be_written_leaves_no_half_file(store: Store, tmp_path: Path) -> None:
    from agent.commands.exporting import _target

    with pytest.raises(ZeroDivisionError), _target(tmp_path / "x.jsonl") as stream:
        stream.write("half")
        raise ZeroDivisionError
    assert not list(tmp_path.glob("x.jsonl*"))
    error = trouble(lambda: _target(tmp_path / "nowhere" / "x.jsonl").__enter__())
    assert error.kind == "CONFIG"


# --- forgetting -----------------------------------------------------------------------------------------------


def test_a_forgotten_customer_leaves_no_word_behind(
    store: Store, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked for in the raw bytes of everything in the data folder."""
    from index.build import load_shelf

    secret = ticket(1)
    secret["messages"][0]["text"] = "The zanzibarium on my hub hums since the flitterwick came."
    secret["messages"][1]["text"] = "Please turn the quibbleknob of the hub to the left for 10 seconds and restart it."
    secret["messages"][0]["attachments"] = ["mine.png", "shared.png"]
    other = ticket(2)
    other["messages"][0]["attachments"] = ["shared.png"]
    picture(tmp_path / "mine.png", "red")
    picture(tmp_path / "shared.png", "green")
    take(store, write_lines(tmp_path / "t.jsonl", [secret, other]), load_reader=lambda: SaysWords("plonkwords E-5"))
    journal = Journal(store, "default")
    quoted = replace(HIT, passage="Please turn the quibbleknob", title="zanzibarium")
    cited = Citation(1, "T-1", 1, "Please turn the quibbleknob", (1, 2), "zanzibarium")
    journal.keep_turn("My flitterwick again", replace(ENDED, conversation_id="mine"), customer="C-1")
    journal.rate(journal.keep_turn("and the flitterwick", replace(ENDED, conversation_id="mine")), "bad", "flitterwick")
    journal.keep_turn("Someone else", replace(ENDED, hits=(quoted,), citations=(cited,), conversation_id="theirs"))
    load_shelf(store, "default", HashedWords())
    load_shelf(store, "default", HashedWords(128))
    take(store, write_lines(tmp_path / "u.jsonl", [ticket(9)]), workspace="other")
    monkeypatch.setattr("index.intake.BATCH", 1)
    trouble(lambda: take(store, write_lines(tmp_path / "bad.jsonl", [{**secret, "id": "S"}, {"id": "x"}])))
    assert b"quibbleknob" in next((home / "staging").glob("*.db")).read_bytes()
    kept = {row["text_hash"] for row in store.rows("SELECT text_hash FROM embeddings")}

    assert forget_customer(store, "default", "C-1") == {"conversations": 2, "pictures": 1}

    assert not (home / "index" / "default").exists()
    for file in home.rglob("*"):
        data = file.read_bytes().lower() if file.is_file() else b""
        for word in (b"zanzibarium", b"flitterwick", b"quibbleknob", b"zanzibar"):
            assert word not in data, (file, word)
    assert [each["id"] for each in exported(store)] == ["T-2", "theirs"]
    assert [each["id"] for each in exported(store, "other")] == ["T-9"]
    used = {row["text_hash"] for row in store.rows("SELECT text_hash FROM passages")}
    left = {row["text_hash"] for row in store.rows("SELECT text_hash FROM embeddings")}
    assert left < kept
    assert left <= used
    (shown,) = store.rows("SELECT sha256 FROM pictures")
    assert [file.stem for file in store.pictures.glob("*.png")] == [shown["sha256"]]
    assert Journal(store, "default").turns("theirs")[0].hits[0].passage == "(removed)"
    assert len(load_shelf(store, "default", HashedWords()).index) == len(
        store.rows("SELECT id FROM passages WHERE workspace = 'default'")
    )


def test_what_an_older_copy_of_a_ticket_showed_is_forgotten_too(store: Store, tmp_path: Path) -> None:
    import os

    first = ticket(1)
    first["messages"][0]["attachments"] = ["old.png"]
    picture(tmp_path / "old.png")
    take(store, write_lines(tmp_path / "a.jsonl", [first]), load_reader=SaysWords)
    take(store, write_lines(tmp_path / "b.jsonl", [ticket(1)]))
    (file,) = store.pictures.glob("*.png")
    os.utime(file, (1, 1))  # older than any question under way
    forget_customer(store, "default", "C-1")
    assert not file.exists()
    assert store.rows("SELECT 1 FROM pictures") == []


def test_a_customer_of_another_workspace_is_not_forgotten(store: Store, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "a.jsonl", [ticket(1)])
    take(store, file)
    take(store, file, workspace="other")
    forget_customer(store, "other", "C-1")
    assert [each["id"] for each in exported(store)] == ["T-1"]
    assert exported(store, "other") == []


def test_nobody_is_forgotten_while_an_import_runs(store: Store, tmp_path: Path, home: Path) -> None:
    from index.staging import one_import

    take(store, write_lines(tmp_path / "a.jsonl", [ticket(1)]))
    with one_import(home):
        assert trouble(lambda: forget_customer(store, "default", "C-1")).kind == "BUSY"
    assert len(exported(store)) == 1
