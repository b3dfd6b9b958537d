"""The shelf stays in step with its source: what changed is replaced, what is gone leaves, what people said stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agent.cli import deskside
from index.build import load_shelf
from index.departed import departed, take_back
from index.forget import forget_customer
from index.formats import ReadOptions
from index.sources import load_source
from index.store import Store, open_store
from tests.embed_doubles import HashedWords
from tests.ticket_files import SaysWords, picture, tables, take, ticket, trouble, write_lines


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "data")


def ids(store: Store, workspace: str = "default") -> list[str]:
    sql = "SELECT source_id FROM conversations WHERE workspace = ? ORDER BY id"
    return [row["source_id"] for row in store.rows(sql, [workspace])]


def found(store: Store, word: str) -> list[str]:
    """The tickets whose passages hold a word, asked of the full-text index."""
    sql = (
        "SELECT DISTINCT c.source_id FROM passages_fts f JOIN passages p ON p.id = f.rowid"
        " JOIN conversations c ON c.id = p.conversation_id WHERE passages_fts MATCH ? ORDER BY c.id"
    )
    return [row["source_id"] for row in store.rows(sql, [word])]


def indexed(store: Store) -> set[int]:
    """The passages of the vector index after a sync, and proof that they are those of the store."""
    ids = set(load_shelf(store, "default", HashedWords()).index.ids().tolist())
    assert ids == {row["id"] for row in store.rows("SELECT id FROM passages")}
    return ids


def file_of(tmp_path: Path, *rows: dict[str, Any], name: str = "tickets.jsonl") -> Path:
    return write_lines(tmp_path / name, rows)


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "customer", "text": "Where is it?"}, {"role": "agent", "text": text}]


def test_a_changed_ticket_is_replaced_and_an_unchanged_one_is_not_touched(store: Store, tmp_path: Path) -> None:
    take(
        store,
        file_of(
            tmp_path,
            ticket(1),
            ticket(2, messages=said("Please look behind the zeppelin in the hall and pull it out.")),
        ),
    )
    before, old = indexed(store), tables(store)
    (report,) = take(
        store,
        file_of(
            tmp_path, ticket(1), ticket(2, messages=said("Please look behind the gondola in the hall and pull it out."))
        ),
    )
    assert (report.imported, report.changed, report.duplicate) == (1, 1, 1)
    assert (found(store, "zeppelin"), found(store, "gondola")) == ([], ["T-2"])
    new = tables(store)
    assert [row for row in new["passages"] if row[2] == 1] == [row for row in old["passages"] if row[2] == 1]
    assert indexed(store) != before


def test_only_texts_that_are_new_are_embedded(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, ticket(1), ticket(2)))
    indexed(store)
    take(
        store,
        file_of(
            tmp_path, ticket(1), ticket(2, messages=said("Please look behind the gondola in the hall and pull it out."))
        ),
    )
    embedder = HashedWords()
    texts: list[str] = []
    embed = embedder.embed
    embedder.embed = lambda each: (texts.extend(each), embed(each))[1]  # type: ignore[method-assign, func-returns-value]
    load_shelf(store, "default", embedder)
    assert any("gondola" in text for text in texts)
    assert not any("E-1 " in text for text in texts)


def test_a_deletion_list_takes_tickets_out_of_store_words_and_vectors(store: Store, tmp_path: Path) -> None:
    take(
        store,
        file_of(
            tmp_path,
            ticket(1),
            ticket(2, messages=said("Please look behind the zeppelin in the hall and pull it out.")),
        ),
    )
    indexed(store)
    (report,) = take(store, file_of(tmp_path, {"id": "T-2", "deleted": True}, {"id": "T-9", "deleted": True}))
    assert (report.read, report.deleted, report.skipped, report.imported) == (2, 1, 1, 0)
    assert report.left_out == {"deleted there, and not here": 1}
    assert (ids(store), found(store, "zeppelin")) == (["T-1"], [])
    indexed(store)
    assert not store.rows("SELECT 1 FROM messages_fts WHERE messages_fts MATCH 'zeppelin'")
    assert not store.rows("SELECT 1 FROM codes WHERE passage_id NOT IN (SELECT id FROM passages)")


def test_a_mirror_takes_out_what_the_export_no_longer_names(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, *map(ticket, range(20))))
    (report,) = take(store, file_of(tmp_path, *map(ticket, range(18))), mirror=True)
    assert (report.duplicate, report.vanished, report.deleted) == (18, 2, 0)
    assert len(ids(store)) == 18
    indexed(store)


def test_without_mirror_nothing_leaves(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, *map(ticket, range(20))))
    (report,) = take(store, file_of(tmp_path, ticket(1)))
    assert report.vanished == 0
    assert len(ids(store)) == 20


def test_much_is_deleted_only_when_somebody_says_yes(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, *map(ticket, range(30))))
    before = tables(store)
    cut = file_of(tmp_path, ticket(1, subject="Changed"), ticket(2))
    error = trouble(lambda: take(store, cut, mirror=True))
    assert error.kind == "REFUSED"
    assert "28 of 30" in error.message
    assert trouble(lambda: take(store, cut, mirror=True, confirm=lambda departure: False)).kind == "REFUSED"
    assert tables(store) == before, "the changed ticket did not get in either: all or nothing"
    asked: list[int] = []
    take(store, cut, mirror=True, confirm=lambda departure: not asked.append(departure.count))
    assert (asked, ids(store)) == ([28], ["T-1", "T-2"])


def test_a_dry_run_tells_what_would_change_and_leave_and_does_neither(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, *map(ticket, range(30))))
    before = tables(store)
    file = file_of(tmp_path, ticket(1), ticket(2, subject="Changed"), ticket(99))
    (report,) = take(store, file, mirror=True, dry_run=True)
    assert (report.imported, report.changed, report.duplicate, report.vanished) == (2, 1, 1, 28)
    assert tables(store) == before


def test_all_paths_of_a_mirror_count_as_one_export(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, *map(ticket, range(10))))
    one, two = file_of(tmp_path, *map(ticket, range(5)), name="1.jsonl"), file_of(tmp_path, ticket(7), name="2.jsonl")
    first, second = take(store, one, two, mirror=True)
    assert (first.vanished, second.vanished) == (0, 4)
    assert ids(store) == ["T-0", "T-1", "T-2", "T-3", "T-4", "T-7"]


def test_records_that_cannot_be_read_keep_a_mirror_from_deleting(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, ticket(1), ticket(2)))
    file = file_of(tmp_path, ticket(1))
    file.write_text(file.read_text() + '{"id": "T-2", "mess\n', "utf-8")
    (report,) = take(store, file, mirror=True, skip_bad=True)
    assert (report.vanished, ids(store)) == (0, ["T-1", "T-2"])
    assert any("Nothing was deleted" in notice for notice in report.notices)


def test_a_mirror_leaves_other_sources_workspaces_kinds_and_chats_alone(store: Store, tmp_path: Path) -> None:
    from tests.test_intake import chat

    chat(store)
    take(store, file_of(tmp_path, ticket(1), ticket(2)), workspace="other")
    take(store, file_of(tmp_path, ticket(3), name="b.jsonl"), feed="billing")
    take(store, file_of(tmp_path, {"id": "KB-1", "title": "Reset", "text": "Hold it."}, name="kb.jsonl"))
    take(store, file_of(tmp_path, ticket(1), ticket(2)))
    (report,) = take(store, file_of(tmp_path, ticket(1)), mirror=True)
    assert report.vanished == 1
    assert set(ids(store)) == {"chat-1", "T-3", "T-1"}
    assert ids(store, "other") == ["T-1", "T-2"]
    assert len(store.rows("SELECT 1 FROM articles")) == 1


def test_a_ticket_that_people_worked_on_stays_with_its_ratings_and_corrections(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, ticket(1), ticket(2)))
    with store.write() as db:
        db.execute(
            "INSERT INTO turns (id, conversation_id, question, answer, pictures, citations, hits, decision, seconds,"
            " version, stopped, created_at) SELECT 1, id, 'q', 'a', '[]', '[]', '[]', '{}', '{}', '', 0, 'now'"
            " FROM conversations WHERE source_id = 'T-2'"
        )
        db.execute("INSERT INTO ratings VALUES (1, 'good', '', 'now')")
        db.execute("INSERT INTO corrections VALUES (1, 'better', '', 1, 'now')")
    (report,) = take(store, file_of(tmp_path, ticket(2, subject="Changed")))
    assert report.changed == 1
    for mirrored in (True, False):
        rows = [ticket(1)] if mirrored else [{"id": "T-2", "deleted": True}]
        (report,) = take(store, file_of(tmp_path, *rows), mirror=mirrored)
        assert (report.vanished, report.deleted) == (0, 0)
        assert any("stay" in notice for notice in report.notices)
    assert ids(store) == ["T-1", "T-2"]
    assert [row["value"] for row in store.rows("SELECT value FROM ratings")] == ["good"]
    assert [row["chosen"] for row in store.rows("SELECT chosen FROM corrections")] == ["better"]


def test_pictures_that_nobody_shows_any_more_go_with_their_ticket(store: Store, tmp_path: Path) -> None:
    def shows(number: int, colour: str) -> dict[str, Any]:
        picture(tmp_path / f"{colour}.png", colour)
        return ticket(number, messages=[{"role": "customer", "text": "See", "attachments": [f"{colour}.png"]}])

    take(store, file_of(tmp_path, shows(1, "red"), shows(2, "red"), shows(3, "blue")), load_reader=SaysWords)
    assert len(list(store.pictures.glob("*.png"))) == 2
    take(store, file_of(tmp_path, shows(1, "red")), mirror=True, load_reader=SaysWords)
    assert len(list(store.pictures.glob("*.png"))) == 2  # for a month the deletion can be taken back
    with store.write() as db:
        db.execute("UPDATE departed SET left_at = '2025-01-01T00:00:00.000000+00:00'")
    take(store, file_of(tmp_path, {"id": "T-9", "deleted": True}, ticket(8)), load_reader=SaysWords)
    take(store, file_of(tmp_path, {"id": "T-8", "deleted": True}), load_reader=SaysWords)
    assert len(list(store.pictures.glob("*.png"))) == 1
    assert len(store.rows("SELECT 1 FROM pictures")) == 1


def test_two_sources_with_the_same_ids_do_not_overwrite_each_other(store: Store, tmp_path: Path) -> None:
    zendesk = {"id": 7, "subject": "Lamp", "submitter_id": 1, "status": "solved", "description": "The lamp hums."}
    freshdesk = {
        "id": 7,
        "subject": "Router",
        "requester_id": 3,
        "status": 4,
        "spam": False,
        "description_text": "Slow.",
    }
    one, two = file_of(tmp_path, zendesk, name="z.json"), file_of(tmp_path, freshdesk, name="f.json")
    take(store, one)
    before = tables(store)
    error = trouble(lambda: take(store, two))
    assert (error.kind, "zendesk" in error.message, "--prefix freshdesk-" in error.message) == ("SCHEMA", True, True)
    assert tables(store) == before
    take(store, two, prefix="freshdesk-")
    assert ids(store) == ["7", "freshdesk-7"]
    (report,) = take(store, two, prefix="freshdesk-", mirror=True)
    assert (report.duplicate, report.vanished) == (1, 0)
    take(store, file_of(tmp_path, {**zendesk, "status": "deleted"}, name="z.json"))
    assert ids(store) == ["freshdesk-7"]


def test_spam_and_drafts_leave_when_they_were_none_before(store: Store, tmp_path: Path) -> None:
    row = {"id": 7, "subject": "Router", "requester_id": 3, "status": 4, "spam": False, "description_text": "Slow."}
    take(store, file_of(tmp_path, row, name="f.json"))
    (report,) = take(store, file_of(tmp_path, {**row, "spam": True}, name="f.json"))
    assert (report.read, report.deleted, report.skipped, ids(store)) == (1, 1, 0, [])
    (again,) = take(store, file_of(tmp_path, {**row, "spam": True}, name="f.json"))
    assert (again.read, again.skipped, again.left_out) == (1, 1, {"spam": 1})


def test_an_export_in_pages_is_kept_in_step_page_by_page(store: Store, tmp_path: Path) -> None:
    def page(*rows: dict[str, Any]) -> Path:
        return write_lines(tmp_path / "page.json", [{"tickets": list(rows), "end_of_stream": True}])

    def row(number: int, words: str = "It hums.", **more: Any) -> dict[str, Any]:
        comments = [{"id": 1, "author_id": 1, "body": words, "public": True}]
        return {"id": number, "subject": "S", "submitter_id": 1, "status": "solved", "comments": comments, **more}

    take(store, page(row(1), row(2), row(3)))
    (report,) = take(store, page(row(2, "It whistles."), row(3, status="deleted"), row(4)))
    assert (report.read, report.imported, report.changed, report.deleted) == (3, 2, 1, 1)
    assert (ids(store), found(store, "whistles")) == (["1", "2", "4"], ["2"])


PARTIAL: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "zendesk": (
        {"id": 1, "subject": "S", "submitter_id": 1, "requester_id": 1, "status": "solved", "description": "It hums."},
        {"comments": [{"id": 1, "author_id": 1, "body": "It hums."}, {"id": 2, "author_id": 2, "body": "Turn it."}]},
    ),
    "freshdesk": (
        {"id": 1, "subject": "S", "requester_id": 1, "status": 4, "spam": False, "description_text": "It hums."},
        {"conversations": [{"id": 2, "body_text": "Turn it.", "incoming": False, "private": False}]},
    ),
    "intercom": (
        {"type": "conversation", "id": "1", "source": {"body": "It hums.", "author": {"type": "user", "id": "u"}}},
        {"conversation_parts": {"conversation_parts": [{"id": "2", "body": "Turn it.", "author": {"type": "admin"}}]}},
    ),
    "chatwoot": (
        {
            "id": 1,
            "inbox_id": 1,
            "status": "open",
            "meta": {},
            "messages": [{"id": 1, "content": "It hums.", "message_type": 0}],
        },
        {
            "messages": [
                {"id": 1, "content": "It hums.", "message_type": 0},
                {"id": 2, "content": "Turn it.", "message_type": 1},
            ]
        },
    ),
}


@pytest.mark.parametrize("desk", PARTIAL)
def test_a_list_without_the_answers_never_replaces_a_ticket_that_has_them(
    store: Store, tmp_path: Path, desk: str
) -> None:
    bare, answers = PARTIAL[desk]
    take(store, file_of(tmp_path, {**bare, **answers}, name="full.json"))
    before = tables(store)
    assert len(before["messages"]) == 2
    (report,) = take(store, file_of(tmp_path, bare, name="list.json"), mirror=True)
    assert (report.read, report.imported, report.skipped, report.vanished) == (1, 0, 1, 0)
    assert "without its answers" in next(iter(report.left_out))
    assert tables(store) == before
    (report,) = take(store, file_of(tmp_path, bare, name="list.json"), workspace="other")
    assert report.imported == 1, "where it is new, what there is of it comes in"


def test_what_came_before_sources_were_noted_is_adopted_and_then_mirrored(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, ticket(1), ticket(2), ticket(3)))
    with store.write() as db:
        db.execute("UPDATE conversations SET feed = ''")
    (report,) = take(store, file_of(tmp_path, ticket(1), ticket(2)), mirror=True)
    assert (report.vanished, ids(store)) == (0, ["T-1", "T-2", "T-3"])
    (report,) = take(store, file_of(tmp_path, ticket(1)), mirror=True)
    assert (report.vanished, ids(store)) == (1, ["T-1", "T-3"])


def test_attachments_that_arrive_later_are_taken_in(store: Store, tmp_path: Path) -> None:
    comment = {"id": 1, "author_id": 1, "body": "See", "attachments": [{"id": 5, "file_name": "a.png"}]}
    row = {"id": 1, "subject": "S", "submitter_id": 1, "status": "solved", "comments": [comment]}
    file = file_of(tmp_path, row, name="z.json")
    take(store, file)
    picture(tmp_path / "attachments" / "1" / "a.png")
    (report,) = take(store, file, load_reader=SaysWords)
    assert (report.changed, report.pictures) == (1, 1)


def test_the_command_asks_and_tells(tmp_path: Path, own_home: Path) -> None:
    from click.testing import CliRunner

    from agent.cli import deskside

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(deskside, ["import", str(file), "--no-index", *arguments])

    file = file_of(tmp_path, *map(ticket, range(20)))
    assert run().output.startswith("tickets.jsonl: 20 read = 20 new + 0 unchanged + 0 skipped")
    file_of(tmp_path, ticket(1, subject="Changed"), ticket(2), {"id": "T-3", "deleted": True})
    dry = run("--mirror", "--dry-run").output
    assert "3 read = 0 new + 1 changed + 1 unchanged + 1 deleted + 0 skipped (dry run); 17 no longer there" in dry
    refused = run("--mirror")
    assert "18 of 20 tickets and articles from jsonl would be deleted (90%)" in str(refused.exception)
    done = json.loads(run("--mirror", "--yes", "--json").output)["files"][0]
    assert (done["new"], done["changed"], done["deleted"], done["vanished"]) == (0, 1, 1, 17)
    assert ReadOptions().format == "auto"


# --- taken back -----------------------------------------------------------------------------------------------


def test_what_a_mirror_took_out_comes_back_as_it_was(store: Store, tmp_path: Path) -> None:
    picture(tmp_path / "shot.png")
    shown = {"role": "customer", "text": "See the zeppelin on it.", "attachments": ["shot.png"]}
    rows = [ticket(number) for number in range(20)]
    rows[19]["messages"] = [shown, {"role": "agent", "text": "Pull it out of the hall, then it works."}]
    take(store, file_of(tmp_path, *rows), load_reader=SaysWords)
    with store.write() as db:
        db.execute("UPDATE conversations SET trust = 'approved' WHERE source_id = 'T-19'")
        db.execute("INSERT INTO kept_out SELECT id, '2026-01-01' FROM conversations WHERE source_id = 'T-19'")
    before, was = load_source(store, "default", "T-19"), found(store, "zeppelin")
    take(store, file_of(tmp_path, *rows[:18]), mirror=True)
    assert (len(ids(store)), found(store, "zeppelin")) == (18, [])
    assert [each.id for each in departed(store, "default")] == ["T-18", "T-19"]
    assert len(list(store.pictures.glob("*.png"))) == 1  # it may be wanted back
    assert take_back(store, "default").back == ("T-18", "T-19")
    assert load_source(store, "default", "T-19") == before
    assert found(store, "zeppelin") == was == ["T-19"]
    (row,) = store.rows("SELECT trust, feed FROM conversations WHERE source_id = 'T-19'")
    assert (row["trust"], row["feed"]) == ("approved", "jsonl")
    assert store.rows("SELECT count(*) AS n FROM kept_out")[0]["n"] == 1
    assert departed(store, "default") == []
    indexed(store)
    (again,) = take(store, file_of(tmp_path, *rows), mirror=True, load_reader=SaysWords)
    assert (again.duplicate, again.imported) == (20, 0)


def test_only_the_last_deletion_or_the_ids_named_come_back(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, *map(ticket, range(1, 5))))
    take(store, file_of(tmp_path, {"id": "T-1", "deleted": True}))
    take(store, file_of(tmp_path, {"id": "T-2", "deleted": True}, {"id": "T-3", "deleted": True}))
    assert take_back(store, "default").back == ("T-2", "T-3")
    assert take_back(store, "default", ["T-1"]).back == ("T-1",)
    assert sorted(ids(store)) == ["T-1", "T-2", "T-3", "T-4"]
    assert take_back(store, "default").back == ()


def test_what_came_in_again_since_is_not_written_over(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, ticket(1), ticket(2)))
    take(store, file_of(tmp_path, {"id": "T-2", "deleted": True}))
    take(store, file_of(tmp_path, ticket(2, messages=said("Please look behind the gondola in the hall."))))
    done = take_back(store, "default")
    assert (done.back, done.taken) == ((), ("T-2",))
    assert found(store, "gondola") == ["T-2"]


def test_after_a_month_and_for_a_forgotten_customer_nothing_comes_back(store: Store, tmp_path: Path) -> None:
    take(store, file_of(tmp_path, *map(ticket, range(1, 5))))
    take(store, file_of(tmp_path, *({"id": f"T-{number}", "deleted": True} for number in (1, 2))))
    assert forget_customer(store, "default", "C-1")["conversations"] == 1
    assert [each.id for each in departed(store, "default")] == ["T-2"]
    with store.write() as db:
        db.execute("UPDATE departed SET left_at = '2025-01-01T00:00:00.000000+00:00'")
    assert departed(store, "default") == []
    take(store, file_of(tmp_path, {"id": "T-3", "deleted": True}))
    assert [row["source_id"] for row in store.rows("SELECT source_id FROM departed")] == ["T-3"]


def test_the_command_takes_back_and_says_so(own_home: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert run(deskside, ["undelete"]).exit_code != 0
    assert "No import deleted anything" in str(run(deskside, ["undelete"]).exception)
    first = run(deskside, ["import", str(file_of(tmp_path, *map(ticket, range(1, 9))))])
    assert first.exit_code == 0, first.output
    gone = run(deskside, ["import", str(file_of(tmp_path, {"id": "T-2", "deleted": True}))])
    assert "take it back: deskside undelete" in gone.output
    assert "T-2  ticket from jsonl, until 20" in run(deskside, ["undelete", "--list"]).output
    assert "T-9" in str(run(deskside, ["undelete", "T-9"]).exception)
    back = run(deskside, ["undelete"])
    assert back.output.startswith("1 taken back: T-2")
    assert json.loads(run(deskside, ["undelete", "--list", "--json"]).output) == []
    assert "T-2" in run(deskside, ["search", "error E-2 on hub 2"]).output
