"""A CSV file of any shape: its columns guessed, shown, confirmed or given, kept for the next file like it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agent.cli import deskside
from index.conversation import Article, Conversation
from index.formats import ReadOptions, read_sources
from index.formats.guess import Guess, guess_columns, read_table
from index.store import Store, open_store


@pytest.fixture
def store(own_home: Path) -> Store:
    return open_store(own_home)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(deskside, ["import", "--no-index", *map(str, arguments)])


def write(file: Path, text: str) -> Path:
    file.write_text(text, "utf-8")
    return file


def guess(file: Path, **options: Any) -> Guess:
    made = ReadOptions(**options)
    found = guess_columns(file, read_table(file, made), made)
    assert found is not None
    return found


def conversations(store: Store) -> list[tuple[str, list[str]]]:
    rows = store.rows("SELECT id, source_id FROM conversations ORDER BY id")
    sql = "SELECT role || ': ' || text AS said FROM messages WHERE conversation_id = ? ORDER BY position"
    return [(row["source_id"], [each["said"] for each in store.rows(sql, [row["id"]])]) for row in rows]


ODD = (
    "Vorgangs-Nr;Erfasst am;Wer;Was wurde gesagt;Kanal\n"
    "V-1;2025-03-01 09:12;Kunde;Der Drucker zieht kein Papier mehr ein.;Mail\n"
    "V-1;2025-03-01 10:12;Mitarbeiter;Bitte die Walze mit einem Tuch reinigen.;Mail\n"
    "V-2;2025-03-02 09:12;Kunde;Wo finde ich die Rechnung vom Mai?;Mail\n"
    "V-2;2025-03-02 10:12;Mitarbeiter;Unter Konto und dann Belege.;Mail\n"
)


def test_columns_are_guessed_from_headers_and_cells(tmp_path: Path) -> None:
    found = guess(write(tmp_path / "odd.csv", ODD))
    assert (found.delimiter, found.shape) == (";", "messages")
    assert found.columns == {
        "conversation": "Vorgangs-Nr",
        "role": "Wer",
        "text": "Was wurde gesagt",
        "at": "Erfasst am",
    }


def test_without_any_telling_header_the_cells_decide(tmp_path: Path) -> None:
    rows = ["a,b,c,d"]
    for number in range(6):
        rows.append(
            f"x{number // 2},{'user' if number % 2 == 0 else 'agent'},2025-03-0{number + 1},some words of {number}"
        )
    found = guess(write(tmp_path / "odd.csv", "\n".join(rows)))
    assert found.columns == {"conversation": "a", "role": "b", "at": "c", "text": "d"}


def test_a_guess_is_never_taken_without_a_word(tmp_path: Path, store: Store) -> None:
    done = run(write(tmp_path / "odd.csv", ODD))
    assert done.exit_code == 1
    message = str(done.exception)
    assert "--guess" in message
    assert "--delimiter ';' --column" in message
    assert "text='Was wurde gesagt'" in message
    assert len(message.splitlines()) == 2
    assert conversations(store) == []


def test_a_guess_is_shown_taken_with_a_flag_and_kept_for_the_next_file(tmp_path: Path, store: Store) -> None:
    done = run(write(tmp_path / "odd.csv", ODD), "--guess")
    assert done.exit_code == 0, done.exception
    assert "each row seems to be a message, cut at ';'" in done.output
    assert "text           Was wurde gesagt         e.g. Der Drucker zieht" in done.output
    first = conversations(store)[0]
    assert first[0] == "V-1"
    assert first[1][1] == "agent: Bitte die Walze mit einem Tuch reinigen."
    again = run(write(tmp_path / "june.csv", ODD.replace("V-1", "V-7").replace("V-2", "V-8")))
    assert again.exit_code == 0, again.exception
    assert "columns as kept for such files" in again.output
    assert [name for name, _ in conversations(store)] == ["V-1", "V-2", "V-7", "V-8"]


def test_a_person_who_is_asked_can_say_no(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from agent.commands.columns import Columns
    from index.formats import UserError, find_format

    file = write(tmp_path / "odd.csv", ODD)
    answers = iter([False, True])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", lambda *_, **__: next(answers))
    columns = Columns(store, "default", guessing=False)
    with pytest.raises(UserError, match="was not imported"):
        columns.settle(file, find_format(file), ReadOptions())
    assert columns.settle(file, find_format(file), ReadOptions()).columns["role"] == "Wer"


def test_flags_count_before_what_is_kept_and_are_kept_in_turn(tmp_path: Path, store: Store) -> None:
    text = "case,when,speaker_kind,first,second\n1,2025-03-01,K,one two three,four five six\n"
    flags = ["--column", "conversation=case", "--column", "role=speaker_kind", "--role", "K=customer"]
    assert run(write(tmp_path / "a.csv", text), *flags, "--column", "text=first").exit_code == 0
    assert conversations(store)[-1] == ("1", ["customer: one two three"])
    assert run(write(tmp_path / "b.csv", text), "--column", "text=second").exit_code == 0
    assert conversations(store)[-1] == ("1", ["customer: four five six"])
    assert run(write(tmp_path / "c.csv", text.replace("four", "nine"))).exit_code == 0
    assert conversations(store)[-1] == ("1", ["customer: nine five six"])


def test_what_is_kept_stays_in_its_workspace_and_a_dry_or_failed_run_keeps_nothing(
    tmp_path: Path, store: Store
) -> None:
    file = write(tmp_path / "odd.csv", ODD)
    assert run(file, "--guess", "--dry-run").exit_code == 0
    assert run(write(tmp_path / "bad.csv", ODD + "V-3;x\n"), "--guess").exit_code != 0
    assert run(file).exit_code != 0
    assert run(file, "--guess", "-w", "other").exit_code == 0
    assert run(file).exit_code != 0
    assert run(file, "-w", "other").exit_code == 0


def test_a_row_can_be_a_whole_ticket(tmp_path: Path) -> None:
    text = (
        "Ticket ID,Subject,Description,Resolution,Status,Created\n"
        '7,Lamp,"The lamp hums, and blinks.",Screw it in tight.,Closed,2025-03-01\n'
        "8,Door,The door is stuck.,,Open,2025-03-02\n"
    )
    closed, still_open = [each.source for each in read_sources(write(tmp_path / "t.csv", text))]
    assert isinstance(closed, Conversation)
    assert isinstance(still_open, Conversation)
    assert [(each.role, each.text) for each in closed.messages] == [
        ("customer", "The lamp hums, and blinks."),
        ("agent", "Screw it in tight."),
    ]
    assert (closed.id, closed.subject, closed.outcome, closed.opened_at) == ("7", "Lamp", "resolved", None)
    assert closed.messages[0].at == "2025-03-01T00:00:00Z"
    assert (still_open.id, still_open.outcome, len(still_open.messages)) == ("8", None, 1)


def test_questions_and_answers_need_no_ids_and_articles_neither(tmp_path: Path) -> None:
    faq = [
        each.source for each in read_sources(write(tmp_path / "faq.csv", "question,answer\nWhy?,Because.\nHow?,So.\n"))
    ]
    assert len({each.id for each in faq if each}) == 2
    (page,) = [each.source for each in read_sources(write(tmp_path / "kb.csv", "title,body\nReset,Hold it.\n"))]
    assert isinstance(page, Article)
    assert (page.title, page.text) == ("Reset", "Hold it.")


def test_whole_tickets_are_guessed_too(tmp_path: Path) -> None:
    rows = ["nr;problem at the customer's;what we did;date"]
    rows += [f"{n};The thing number {n} broke down;We mended it in {n} days;0{n}.03.2025" for n in range(1, 6)]
    found = guess(write(tmp_path / "t.csv", "\n".join(rows)))
    assert found.shape == "tickets"
    assert (found.columns["question"], found.columns["answer"]) == ("problem at the customer's", "what we did")


@pytest.mark.parametrize(
    "text",
    ["a,b\n1,2\n", "a,a\nx y z,x y z\n", "one\ntwo\n", "a;b;c\n;;\n", "name,mail\nAna,ana@x.example\n"],
)
def test_where_nothing_fits_nothing_is_guessed(tmp_path: Path, store: Store, text: str) -> None:
    done = run(write(tmp_path / "t.csv", text), "--guess")
    assert done.exit_code == 1
    assert "t.csv, line 1:" in str(done.exception)
    assert conversations(store) == []


@pytest.mark.parametrize(
    "junk", ["\x1b]52;c;x\x07", "[red]x[/red]", "‮evil", "=HYPERLINK(1)", "x" * 3000, "'; rm -rf /"]
)
def test_strange_headers_and_cells_are_shown_harmlessly(tmp_path: Path, store: Store, junk: str) -> None:
    text = ODD.replace("Was wurde gesagt", junk.replace(";", ":")).replace("Mail", junk.replace(";", ":"))
    done = run(write(tmp_path / "t.csv", text))
    shown = done.output + str(done.exception)
    assert "\x1b" not in shown
    assert "‮" not in shown
    assert done.exit_code == 1
