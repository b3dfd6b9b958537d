"""What was acknowledged is on the shelf, whole and once, whatever happens on the way."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.conversation import Conversation, content_hash
from index.formats import read_sources
from index.formats.schema import source_from
from index.intake import Intake, Progress
from index.sources import keep_source, load_picture, load_source, stored_conversations
from index.staging import one_import
from index.store import Store, open_store
from tests.ticket_files import (
    Forked,
    SaysWords,
    counts,
    no_reader,
    picture,
    start_python,
    tables,
    take,
    ticket,
    trouble,
    write_lines,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(home: Path) -> Store:
    return open_store(home)


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "tickets.jsonl", map(ticket, range(30)))


def test_the_counts_add_up(store: Store, tmp_path: Path) -> None:
    rows = [ticket(1), ticket(2), {**ticket(3), "messages": []}, ticket(1), {"id": 4}, ticket(5)]
    file = write_lines(tmp_path / "mixed.jsonl", rows)
    take(store, write_lines(tmp_path / "before.jsonl", [ticket(5)]))
    (report,) = take(store, file, skip_bad=True)
    assert (report.read, report.imported, report.skipped, report.duplicate) == (6, 2, 2, 2)
    assert [error.partition(":")[0] for error in report.errors] == ["mixed.jsonl, line 3", "mixed.jsonl, line 5"]
    assert counts(store)[0] == 3


def test_the_same_file_again_changes_nothing(store: Store, tickets: Path) -> None:
    take(store, tickets)
    before, mark = tables(store), store.mark("default")
    (report,) = take(store, tickets)
    assert (report.imported, report.duplicate) == (0, 30)
    assert tables(store) == before
    assert store.mark("default") == mark


def test_one_bad_record_keeps_the_whole_file_out(store: Store, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "bad.jsonl", [*map(ticket, range(300)), {"id": "x"}])
    error = trouble(lambda: take(store, file))
    assert (error.kind, error.line) == ("SCHEMA", 301)
    assert counts(store) == (0, 0, 0)


def test_a_file_before_the_bad_one_stays(store: Store, tickets: Path, tmp_path: Path) -> None:
    bad = write_lines(tmp_path / "bad.jsonl", [{"id": "x"}])
    assert trouble(lambda: take(store, tickets, bad)).line == 1
    assert counts(store)[0] == 30


def test_a_dry_run_counts_and_keeps_nothing(store: Store, tickets: Path, home: Path) -> None:
    (report,) = take(store, tickets, dry_run=True)
    assert (report.read, report.imported) == (30, 30)
    assert counts(store) == (0, 0, 0)
    assert not (home / "staging").exists()


def test_a_changed_ticket_replaces_the_old_one_with_its_passages(store: Store, tmp_path: Path) -> None:
    take(store, write_lines(tmp_path / "a.jsonl", [ticket(1), ticket(2)]))
    other = ticket(1)
    other["messages"][1]["text"] = "Replace the power supply of the hub; it was recalled in 2024."
    (report,) = take(store, write_lines(tmp_path / "b.jsonl", [other]))
    assert (report.imported, report.changed) == (1, 1)
    assert counts(store)[0] == 2
    texts = [row["text"] for row in store.rows("SELECT text FROM passages")]
    assert any("recalled" in text for text in texts)
    assert not any("reset button of hub 1 " in text for text in texts)
    found = store.rows("SELECT rowid FROM passages_fts WHERE passages_fts MATCH '\"reset\"'")
    assert len(found) == 1  # that of ticket 2


def test_an_answer_and_its_rating_outlive_a_changed_ticket(store: Store, tmp_path: Path) -> None:
    take(store, write_lines(tmp_path / "a.jsonl", [ticket(1)]))
    with store.write() as db:
        db.execute(
            "INSERT INTO turns (id, conversation_id, question, answer, pictures, citations, hits, decision, seconds,"
            " version, stopped, created_at, position, shown) VALUES"
            " (1, 1, 'q', 'a', '[]', '[]', '[]', '{}', '{}', 'v', 0, '2025-01-01T00:00:00Z', 0, 1)"
        )
    take(store, write_lines(tmp_path / "b.jsonl", [ticket(1, subject="Another subject")]))
    assert store.rows("SELECT c.subject FROM turns t JOIN conversations c ON c.id = t.conversation_id") == [
        {"subject": "Another subject"}
    ]


def chat(store: Store, name: str = "chat-1", *texts: str) -> None:
    from agent.events import Decision, Ended
    from agent.journal import Journal

    for text in texts or ("Where is my parcel?",):
        ended = Ended(0, name, f"About {text}", Decision("case", "r", "x", 0.9), (), (), (), {"end": 0.1}, "v1")
        Journal(store, "default").keep_turn(text, ended)


def test_a_ticket_cannot_overwrite_a_chat(store: Store, tmp_path: Path) -> None:
    chat(store)
    before = tables(store)
    file = write_lines(tmp_path / "a.jsonl", [ticket(1), ticket(2, id="chat-1")])
    error = trouble(lambda: take(store, file))
    assert (error.kind, error.line) == ("SCHEMA", 2)
    assert tables(store) == before
    (dry,) = take(store, file, skip_bad=True, dry_run=True)
    (report,) = take(store, file, skip_bad=True)
    assert (report.imported, report.skipped) == (dry.imported, dry.skipped) == (1, 1)
    assert store.rows("SELECT origin FROM conversations WHERE source_id = 'chat-1'") == [{"origin": "chat"}]


def test_a_workspace_has_its_own_tickets(store: Store, tickets: Path) -> None:
    take(store, tickets)
    take(store, tickets, workspace="other")
    assert counts(store)[0] == 60
    assert {row["workspace"] for row in store.rows("SELECT DISTINCT workspace FROM passages")} == {"default", "other"}


def test_personal_data_never_reaches_the_store(store: Store, tmp_path: Path, home: Path) -> None:
    row = ticket(1)
    row["messages"][0]["text"] = "I am Ingrid Solberg, write to ingrid.solberg@example.org about E-404 please."
    (report,) = take(store, write_lines(tmp_path / "a.jsonl", [row]))
    assert report.masked["email"] == 1
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = (home / "deskside.db").read_bytes()
    assert b"example.org" not in raw
    assert b"Solberg" not in raw
    assert b"E-404" in raw


def test_another_import_running_is_told(store: Store, tickets: Path, home: Path) -> None:
    with one_import(home):
        assert trouble(lambda: take(store, tickets)).kind == "BUSY"
    assert take(store, tickets)[0].imported == 30


@pytest.mark.parametrize("name", ["missing.jsonl", "x" * 300, "fifo"])
def test_what_is_no_file_is_told(store: Store, tmp_path: Path, name: str) -> None:
    if name == "fifo":
        os.mkfifo(tmp_path / name)
    assert trouble(lambda: take(store, tmp_path / name)).kind == "TYPE"


def test_progress_ends_where_the_file_ends(store: Store, tickets: Path) -> None:
    steps: list[Progress] = []
    Intake(store, "default", SaysWords, on_progress=steps.append).run([tickets])
    reading = [step for step in steps if step.unit == "B"]
    assert reading[-1].done == reading[-1].total == tickets.stat().st_size
    assert [step.total for step in steps if step.unit == "sources"] == [30]


# --- pictures -------------------------------------------------------------------------------------------------


def with_picture(*names: str) -> dict:
    row = ticket(1)
    row["messages"][0]["attachments"] = list(names)
    return row


def test_the_words_on_a_picture_are_kept_masked_and_found(store: Store, tmp_path: Path) -> None:
    picture(tmp_path / "pictures" / "a.png")
    reader = SaysWords("Account of jo@example.org\nError PAY-409")
    file = write_lines(tmp_path / "a.jsonl", [with_picture("pictures/a.png")])
    (report,) = take(store, file, load_reader=lambda: reader)
    assert report.pictures == 1
    (row,) = store.rows("SELECT * FROM pictures")
    assert "example.org" not in json.dumps(row)
    assert "PAY-409" in row["words"]
    (screen,) = store.rows("SELECT text FROM passages WHERE kind = 'screen'")
    assert "PAY-409" in screen["text"]
    assert "example.org" not in screen["text"]
    assert (store.pictures / f"{row['sha256']}.png").is_file()


def test_the_same_picture_is_stored_and_read_once(store: Store, tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    picture(tmp_path / "copy.png")
    reader = SaysWords()
    take(store, write_lines(tmp_path / "t.jsonl", [with_picture("a.png", "copy.png")]), load_reader=lambda: reader)
    take(store, write_lines(tmp_path / "u.jsonl", [{**with_picture("a.png"), "id": "U"}]), load_reader=lambda: reader)
    assert reader.count == 1
    assert len(list(store.pictures.iterdir())) == 1


@pytest.mark.parametrize("name", ["../secret.png", "link.png", "{absolute}"])
def test_a_picture_outside_the_folder_is_not_read(store: Store, tmp_path: Path, name: str) -> None:
    secret = picture(tmp_path / "secret.png")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.png").symlink_to(secret)
    file = write_lines(inside / "t.jsonl", [with_picture(name.format(absolute=secret))])
    (report,) = take(store, file)
    assert report.imported == 1
    assert report.pictures == 0
    assert len(report.notices) == 1
    assert not store.pictures.exists()
    assert str(tmp_path) not in report.notices[0].replace(str(secret), "")


def test_a_damaged_picture_becomes_a_notice(store: Store, tmp_path: Path) -> None:
    good = picture(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(good.read_bytes()[:60])
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7")
    file = write_lines(tmp_path / "t.jsonl", [with_picture("bad.png", "good.png", "paper.pdf", "gone.png")])
    (report,) = take(store, file, load_reader=SaysWords)
    assert (report.imported, report.pictures) == (1, 1)
    assert len(report.notices) == 3
    assert all(notice.startswith("T-1: ") and "\n" not in notice for notice in report.notices)
    source = load_source(store, "default", "T-1")
    assert isinstance(source, Conversation)
    assert len(source.messages[0].pictures) == 1
    assert load_picture(store, source.messages[0].pictures[0]) is not None


# --- killed, full, at once ------------------------------------------------------------------------------------


def test_a_kill_between_keeping_and_tidying_counts_nothing_twice(
    store: Store, tickets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr("index.staging.Staging.remove", lambda self: self.close())
        take(store, tickets)
    assert list((store.home / "staging").glob("*.db"))
    (report,) = take(store, tickets)
    assert (report.read, report.imported, report.duplicate) == (30, 0, 30)
    assert not list((store.home / "staging").glob("*"))


def import_in_batches(home: Path, file: Path, batch: int) -> str:
    import index.intake

    index.intake.BATCH = batch
    report = Intake(open_store(home), "default", no_reader).run([file])[0]
    return f"{report.imported} {report.duplicate}"


def whole(store: Store, file: Path) -> bool:
    """Whether exactly the file's tickets are there, each whole with its passages."""
    said = {parsed.source.id: len(parsed.source.messages) for parsed in read_sources(file) if parsed.source}
    kept = {each.id: len(each.messages) for each in stored_conversations(store, "default")}
    bare = store.rows(
        "SELECT 1 FROM conversations c WHERE NOT EXISTS (SELECT 1 FROM passages p WHERE p.conversation_id = c.id)"
    )
    return said == kept and not bare


def killed_after(seconds: float, home: Path, file: Path, batch: int = 20) -> str:
    """What an import said before it was killed; "" when it had not finished."""
    process = Forked(import_in_batches, home, file, batch)
    time.sleep(seconds)
    process.kill()
    return process.end()


def check_kills(tmp_path: Path, kills: int, number: int) -> None:
    """Kill imports at random moments: all or nothing each time, and the next one finishes the work."""
    from index.build import compare_shelf, load_shelf
    from tests.embed_doubles import HashedWords

    rng, resumed, nothing = random.Random(84), 0, 0
    file = write_lines(tmp_path / "tickets.jsonl", map(ticket, range(number)))
    started = time.perf_counter()
    assert Forked(import_in_batches, tmp_path / "whole", file, 20).end() == f"{number} 0"
    longest = time.perf_counter() - started
    for kill in range(5 * kills):
        if kill >= kills and nothing and resumed:
            break
        home = tmp_path / f"data{kill}"
        said = killed_after(rng.uniform(0.1, 1.0) * longest, home, file)
        longest *= 0.9 if said else 1.05  # a busy machine gets slower or faster on the way: aim at its pace now
        store = open_store(home)
        found = counts(store)[0]
        assert found in (0, number)
        assert found == number or not said, "an acknowledged import was lost"
        nothing += found == 0
        staged = list((home / "staging").glob("*.db"))
        resumed += bool(staged) and not found
        (report,) = take(store, file)
        assert report.imported + report.duplicate == number
        assert whole(store, file)
        assert store.rows("PRAGMA integrity_check")[0]["integrity_check"] == "ok"
        assert not list((home / "staging").glob("*"))
        load_shelf(store, "default", HashedWords())
        assert compare_shelf(store, "default", HashedWords())["ok"]
        store.close()
        shutil.rmtree(home)
    assert nothing, "no kill came before the end"
    assert resumed, "no kill came while something was staged"


def test_a_killed_import_is_all_or_nothing_and_goes_on(tmp_path: Path) -> None:
    check_kills(tmp_path, 8, 80)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_sixty_kills_lose_nothing(tmp_path: Path) -> None:
    check_kills(tmp_path, 60, 1500)


IMPORT_AND_INDEX = """
import sys
from pathlib import Path
from index.build import load_shelf
from index.intake import Intake
from index.store import open_store
from tests.embed_doubles import HashedWords
store = open_store(Path(sys.argv[1]))
for file in sys.argv[2:]:
    Intake(store, "default", lambda: None).run([Path(file)])
    print(Path(file).name, flush=True)
    load_shelf(store, "default", HashedWords())
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kills_between_store_and_index_leave_them_equal(tmp_path: Path, home: Path) -> None:
    """Many small files into one data folder: every kill hits an import, an embedding or a save."""
    from index.build import compare_shelf, load_shelf
    from tests.embed_doubles import HashedWords

    rng = random.Random(5)
    files = [
        write_lines(tmp_path / f"{number}.jsonl", map(ticket, range(100 * number, 100 * number + 100)))
        for number in range(60)
    ]
    acknowledged: set[str] = set()
    for _ in range(25):
        todo = [file for file in files if file.name not in acknowledged][:8]
        process = start_python(IMPORT_AND_INDEX, home, *todo)
        time.sleep(rng.uniform(0.5, 2.0))
        process.send_signal(signal.SIGKILL)
        acknowledged |= set(process.communicate()[0].split())
        store = open_store(home)
        kept = {row["source_id"] for row in store.rows("SELECT source_id FROM conversations")}
        for file in files:
            ids = {f"T-{100 * int(file.stem) + number}" for number in range(100)}
            assert ids <= kept if file.name in acknowledged else ids <= kept or not ids & kept
        load_shelf(store, "default", HashedWords())
        assert compare_shelf(store, "default", HashedWords())["ok"]
        store.close()
    assert len(acknowledged) > 5


def test_what_was_prepared_before_a_kill_is_not_prepared_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import index.intake

    monkeypatch.setattr(index.intake, "BATCH", 10)
    file = write_lines(tmp_path / "t.jsonl", map(ticket, range(35)))
    prepared: list[str] = []
    prepare = index.intake.prepare

    class Killed(BaseException):
        pass

    def counted(source, house=()):  # type: ignore[no-untyped-def]
        if len(prepared) == 25:
            raise Killed
        prepared.append(source.id)
        return prepare(source, house)

    monkeypatch.setattr(index.intake, "prepare", counted)
    with pytest.raises(Killed):
        take(store, file)
    assert counts(store) == (0, 0, 0)
    monkeypatch.setattr(index.intake, "prepare", lambda source, house=(): prepared.append(source.id) or prepare(source))
    (report,) = take(store, file)
    assert (report.read, report.imported) == (35, 35)
    assert prepared[25:] == [f"T-{number}" for number in range(20, 35)]  # the two batches of ten were there
    assert whole(store, file)


def test_staging_of_other_options_is_not_used(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.intake.BATCH", 1)
    row = ticket(1)
    row["messages"][0]["text"] = "I wrote to help@hubs.example, no answer about E-1."
    file = write_lines(tmp_path / "t.jsonl", [row, {"id": "bad"}])
    trouble(lambda: take(store, file))  # the good one is staged, masked
    take(store, file, house=("hubs.example",), skip_bad=True)
    source = load_source(store, "default", "T-1")
    assert isinstance(source, Conversation)
    assert "help@hubs.example" in source.messages[0].text


def test_a_damaged_staging_file_is_started_afresh(store: Store, tmp_path: Path, home: Path) -> None:
    file = write_lines(tmp_path / "t.jsonl", [ticket(1), {"id": "bad"}])
    trouble(lambda: take(store, file))
    (staged,) = (home / "staging").glob("*.db")
    staged.write_bytes(b"no database" * 1000)
    assert take(store, file, skip_bad=True)[0].imported == 1


def import_with_limit(home: Path, file: Path, limit: int) -> str:
    """What becomes of an import where no file may grow beyond `limit` bytes (0: no limit)."""
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return trouble(lambda: take(open_store(home), file)).kind


@pytest.mark.parametrize("limit", [60_000, 300_000])
def test_a_disk_that_is_full_keeps_nothing(tmp_path: Path, home: Path, limit: int) -> None:
    file = write_lines(tmp_path / "t.jsonl", map(ticket, range(500)))
    open_store(home).close()
    assert Forked(import_with_limit, home, file, limit).end() == "FULL"
    store = open_store(home)
    assert counts(store) == (0, 0, 0)
    assert take(store, file)[0].imported == 500


@pytest.mark.skipif(not shutil.which("mount") or os.geteuid() != 0, reason="needs to mount a small disk")
@pytest.mark.parametrize("kilobytes", [500, 900, 1300])
def test_a_really_full_disk_keeps_nothing(tmp_path: Path, kilobytes: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("may not mount")
    try:
        file = write_lines(tmp_path / "t.jsonl", map(ticket, range(1000)))
        assert Forked(import_with_limit, disk / "home", file, 0).end() == "FULL"
        assert Forked(lambda: counts(open_store(disk / "home"))).end() == "(0, 0, 0)"
    finally:
        subprocess.run(["umount", disk], check=True)


def write_tickets(home: Path, numbers: range) -> str:
    store = open_store(home)
    for number in numbers:
        source, _ = source_from(ticket(number), {}, datetime.now(UTC))
        keep_source(store, "default", source, content_hash(source))
    return "done"


def test_four_writers_at_once_lose_nothing(home: Path) -> None:
    running = [Forked(write_tickets, home, range(1000 * writer, 1000 * writer + 40)) for writer in range(4)]
    assert [process.end() for process in running] == ["done"] * 4
    store = open_store(home)
    assert counts(store)[:2] == (160, 320)
    assert store.rows("PRAGMA foreign_key_check") == []
    ids = [row["id"] for row in store.rows("SELECT id FROM passages")]
    assert len(ids) == len(store.rows("SELECT rowid FROM passages_fts")) == len(set(ids))


def test_a_chat_is_not_overwritten_even_when_it_began_after_the_file_was_read(store: Store, tmp_path: Path) -> None:
    (parsed,) = read_sources(write_lines(tmp_path / "t.jsonl", [ticket(1, id="chat-1")]))
    assert parsed.source is not None
    chat(store)
    before = tables(store)
    assert trouble(lambda: keep_source(store, "default", parsed.source, "x")).kind == "SCHEMA"  # type: ignore[arg-type]
    assert tables(store) == before


def test_keeping_says_what_it_did(store: Store, tmp_path: Path) -> None:
    (parsed,) = read_sources(write_lines(tmp_path / "t.jsonl", [ticket(1)]))
    assert parsed.source is not None
    digest = content_hash(parsed.source)
    assert [keep_source(store, "w", parsed.source, each) for each in (digest, digest, "other")] == [
        "new",
        "duplicate",
        "changed",
    ]


def test_one_number_pushed_in_many_tickets_is_told_and_masked(tmp_path: Path, own_home: Path) -> None:
    lines = [
        json.dumps(
            {
                "id": f"P-{number}",
                "messages": [
                    {"role": "customer", "text": f"Question number {number} about my refund"},
                    {"role": "agent", "text": "Please call +49 171 1234567 and they will help you with your refund."},
                ],
            }
        )
        for number in range(60)
    ]
    (tmp_path / "pushed.jsonl").write_text("\n".join(lines), "utf-8")
    store = open_store(own_home)
    (report,) = Intake(store, "default", load_reader=lambda: pytest.fail("no picture here")).run(
        [tmp_path / "pushed.jsonl"]
    )
    assert any("same phone number stands in 60 of 60 tickets" in notice for notice in report.notices)
    assert not store.rows("SELECT 1 FROM messages WHERE text LIKE '%1234567%'")
