"""What help desks export is read as it is documented, whole or broken: all five of them."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from index.conversation import Article, Conversation
from index.formats import Parsed, ReadOptions, detect_format, read_sources
from tests.ticket_files import picture, trouble

EXPORTS = Path(__file__).parent / "exports"
FOLDERS = sorted(each.name for each in EXPORTS.iterdir() if each.is_dir() and each.name.split("_")[0] != "mail")


def read(path: Path, **options: Any) -> list[Parsed]:
    return list(read_sources(path, ReadOptions(**options)))


def tickets(path: Path, **options: Any) -> dict[str, Conversation]:
    return {each.source.id: each.source for each in read(path, **options) if isinstance(each.source, Conversation)}


def articles(path: Path) -> dict[str, Article]:
    return {each.source.id: each.source for each in read(path) if isinstance(each.source, Article)}


def said(ticket: Conversation) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in ticket.messages]


def write(file: Path, value: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return file


@pytest.mark.parametrize("name", FOLDERS)
def test_an_export_is_known_by_its_content_as_a_folder_and_by_its_files(name: str) -> None:
    desk = name.split("_")[0]
    folder = EXPORTS / name
    assert detect_format(folder) == desk
    whole = [file for file in folder.iterdir() if file.stem != "users"]
    assert {detect_format(file) for file in whole} == {desk}


@pytest.mark.parametrize("name", FOLDERS)
def test_every_record_of_an_export_is_a_ticket_an_article_gone_or_left_out_with_why(name: str) -> None:
    for each in read(EXPORTS / name):
        assert each.error is None
        assert each.source is not None or each.left_out or each.deleted or each.duplicate


def test_zendesk_comments_come_with_their_roles_and_the_private_ones_are_notes() -> None:
    found = tickets(EXPORTS / "zendesk")
    assert said(found["101"]) == [
        ("customer", "My lamp blinks red since the update. See the picture."),
        ("note", "Known after 2.4, she is on the old bridge."),
        ("agent", "Hold the button for 10 seconds until it glows white, then pair it again."),
        ("customer", "That helped, thank you!"),
    ]
    ana = found["101"]
    assert (ana.subject, ana.customer_id, ana.customer_name) == ("Lamp blinks red", "901", "Ana Ruiz")
    assert (ana.opened_at, ana.tags) == ("2025-03-01T09:12:00Z", ("lamp", "reset"))
    assert {name: each.outcome for name, each in found.items()} == {
        "101": "resolved",
        "103": "unresolved",  # rated bad
        "105": "reopened",
    }
    assert found["105"].messages[0].text == "The lamp hums & flickers.\n\n- at night"
    assert [each.deleted for each in read(EXPORTS / "zendesk") if each.deleted] == ["104"]
    assert [each.left_out for each in read(EXPORTS / "zendesk") if each.left_out] == ["ticket without a message"]


def test_zendesk_pages_bring_tickets_their_events_people_deletions_and_articles_together() -> None:
    folder = EXPORTS / "zendesk_api"
    found = tickets(folder)
    assert found["201"].subject == "Bulb far too dim", "the later page counts"
    assert said(found["201"])[1] == ("agent", "Switch it off and on five times: that sets full brightness.")
    assert said(found["203"]) == [("customer", "The app asks for a code I do not have.")]
    assert found["203"].customer_name == "Tom Berg"
    assert {each.deleted for each in read(folder) if each.deleted} == {"202", "204", "36002"}
    assert articles(folder)["36001"].text == "## Reset\n\nHold the button for **10 seconds**."


def test_a_zendesk_export_that_a_script_has_cut_down_is_known_too(tmp_path: Path) -> None:
    row = {"id": 7, "subject": None, "description": "Offline", "status": "solved", "requester_id": 1}
    comments = [
        {"id": 1, "author_id": 1, "body": "My camera is offline", "public": True, "attachments": None},
        {"id": 2, "author_id": 2, "body": None, "html_body": "<p>Restart the <b>router</b></p>", "public": True},
    ]
    file = write(tmp_path / "cut.ndjson", json.dumps(row | {"comments": comments}) + '\n{"id": 9, ')
    assert detect_format(file) == "zendesk"
    assert "Restart the router" in " ".join(text for _, text in said(tickets(file)["7"]))


def test_intercom_parts_follow_the_message_that_began_the_conversation() -> None:
    found = tickets(EXPORTS / "intercom")
    assert said(found["301"]) == [
        ("customer", "The lock does not open with the app.\nIt beeps twice."),
        ("note", "Old firmware, ask for the version."),
        ("agent", "Two beeps mean a weak battery. Change all four cells."),
        ("customer", "Works again"),
    ]
    assert (found["301"].outcome, found["302"].outcome) == ("resolved", "unresolved")
    assert found["301"].messages[0].at == "2025-03-01T09:12:00Z", "seconds since 1970"
    assert list(articles(EXPORTS / "intercom")) == ["9001"]


def test_chatwoot_messages_on_pages_of_their_own_join_their_conversation() -> None:
    found = tickets(EXPORTS / "chatwoot")
    assert [role for role, _ in said(found["401"])] == ["customer", "note", "agent", "customer"]
    assert found["401"].subject == "Printer is silent"
    assert said(found["403"])[1] == ("agent", "Yes, in black and in colour."), "only its messages were exported"
    assert list(articles(EXPORTS / "chatwoot")) == ["71"]


def test_freshdesk_is_read_as_the_account_exports_it_and_as_the_api_answers() -> None:
    found = tickets(EXPORTS / "freshdesk")
    assert [role for role, _ in said(found["501"])] == ["customer", "note", "agent", "customer"]
    assert found["501"].opened_at == "2025-03-01T07:12:00Z"
    told = read(EXPORTS / "freshdesk")
    assert {each.deleted for each in told if each.deleted} == {"502", "503"}
    assert [each.left_out for each in told if each.left_out] == ["spam"]
    assert said(tickets(EXPORTS / "freshdesk_api")["511"])[1] == ("agent", "Switch it on under Wi-Fi > Guests.")


def test_zammad_tickets_go_by_their_number_and_their_articles_are_the_messages() -> None:
    found = tickets(EXPORTS / "zammad")
    assert said(found["10007"]) == [
        ("customer", "My scanner jams on page two.\nIt says E31."),
        ("note", "He has the old rollers."),
        ("agent", "Wipe both rollers with a dry cloth."),
    ]
    assert found["10007"].customer_name == "Ana Ruiz"
    assert said(tickets(EXPORTS / "zammad_assets")["10009"])[1] == ("agent", "Set the port to 587.")


@pytest.mark.parametrize(
    ("name", "ticket", "places"),
    [
        ("zendesk", "101", ["attachments/101/lamp error.png", "attachments/7001-lamp error.png", "lamp error.png"]),
        ("intercom", "301", ["attachments/301/cells.png", "files/cells.png"]),
        ("chatwoot", "401", ["attachments/61.png", "attachments/401/61-display.png"]),
        ("freshdesk", "501", ["attachments/81/log.png", "501/log.png"]),
        ("zammad", "10007", ["attachments/7/jam.png", "attachments/10007/jam.png", "attachments/123-jam.png"]),
    ],
)
def test_attachments_are_found_beside_the_export(tmp_path: Path, name: str, ticket: str, places: list[str]) -> None:
    for number, place in enumerate(places):
        folder = tmp_path / str(number)
        shutil.copytree(EXPORTS / name, folder)
        picture(folder / place)
        shown = [file for message in tickets(folder)[ticket].messages for file in message.attachments]
        assert shown == [place]


def test_an_attachment_that_is_not_there_is_kept_by_name_and_told() -> None:
    parsed = next(each for each in read(EXPORTS / "zendesk") if each.source and each.source.id == "101")
    assert isinstance(parsed.source, Conversation)
    assert parsed.source.messages[0].attachments == ()
    assert parsed.source.messages[0].extra["files"] == ["lamp error.png"]
    assert "do not lie beside the export" in parsed.notices[0]


def zendesk_ticket(number: int, **more: Any) -> dict[str, Any]:
    comment = {"id": number * 10, "author_id": 1, "body": f"Question {number}", "public": True, "attachments": []}
    base = {"id": number, "subject": f"S {number}", "submitter_id": 1, "requester_id": 1, "status": "solved"}
    return {**base, "comments": [comment], **more}


def test_names_of_attachments_lead_nowhere_outside_the_folder(tmp_path: Path) -> None:
    picture(tmp_path / "secret.png")
    folder = tmp_path / "export"
    names = [
        "../secret.png",
        "/etc/hostname",
        "..",
        "link.png",
        "%2e%2e/secret.png",
        "a\\..\\..\\secret.png",
        "x\x00.png",
    ]
    files = [{"id": n, "file_name": name} for n, name in enumerate(names)]
    ticket = zendesk_ticket(1)
    ticket["comments"][0]["attachments"] = files
    write(folder / "tickets.json", ticket)
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (message,) = tickets(folder)["1"].messages
    assert message.attachments == ()


def test_a_broken_record_costs_itself_and_names_its_line(tmp_path: Path) -> None:
    rows = [json.dumps(zendesk_ticket(number)) for number in range(1, 6)]
    rows[2] = rows[2][:-20]
    for name, text in {
        "lines": "\n".join(rows),
        "array": "[\n" + ",\n".join(rows) + "\n]",
        "page": '{"count": 5, "tickets": [\n' + ",\n".join(rows) + '\n], "end_of_stream": true}',
    }.items():
        file = write(tmp_path / f"{name}.json", text)
        if name == "lines":
            assert list(tickets(file)) == ["1", "2", "4", "5"]
        error = next(each.error for each in read(file, format="zendesk") if each.error)
        assert error.kind == "SCHEMA"
        assert error.line == (3 if name == "lines" else 4)


@pytest.mark.parametrize("cut", ["lines", "array", "page"])
def test_a_file_that_was_cut_off_says_so_and_gives_what_it_has(tmp_path: Path, cut: str) -> None:
    rows = [json.dumps(zendesk_ticket(number)) for number in range(1, 4)]
    text = {"lines": "\n".join(rows), "array": "[" + ",".join(rows) + "]", "page": '{"tickets": [' + ",".join(rows)}[
        cut
    ]
    file = write(tmp_path / "t.json", text[:-30])
    parsed = read(file, format="zendesk")
    assert list(tickets(file, format="zendesk")) == ["1", "2"]
    assert any(each.error and "cut off" in each.error.message for each in parsed)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "EMPTY"),
        (b"\n \n", "EMPTY"),
        (b"[]", None),
        (b"<!DOCTYPE html><html>", "TYPE"),
        (b"PK\x03\x04rest", "TYPE"),
        ('{"id": 1}'.encode("utf-16"), "ENCODING"),
        (b'{"error": "Couldn\'t authenticate you"}', "SCHEMA"),
        (b'"bare"', "SCHEMA"),
        (b'{"id": 1, "subject": "a", "id": 2}', "SCHEMA"),
        (b'{"id": NaN, "subject": "a"}', "SCHEMA"),
        (b'{"id": "\xff", "subject": "a"}', "ENCODING"),
        (b'{"id": "\\ud800", "subject": "a"}', "ENCODING"),
        (b"[" * 100_000, "SCHEMA"),
        (b'{"subject": "no id"}', "SCHEMA"),
    ],
)
@pytest.mark.parametrize("desk", ["zendesk", "intercom", "chatwoot", "freshdesk", "zammad"])
def test_what_is_no_export_is_told_in_two_lines(tmp_path: Path, desk: str, content: bytes, kind: str | None) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(content)

    def reading() -> None:
        for each in read(file, format=desk):
            if each.error:
                raise each.error

    if kind is None:
        assert read(file, format=desk) == []
    else:
        assert trouble(reading).kind == kind


@pytest.mark.parametrize("desk", ["zendesk", "intercom", "chatwoot", "freshdesk", "zammad"])
@pytest.mark.parametrize("junk", [None, 7, "x", [], [None, 3], {"a": 1}, True])
def test_fields_of_the_wrong_kind_are_passed_over(tmp_path: Path, desk: str, junk: Any) -> None:
    """Every field of every record in turn holds junk: a ticket more or less, never a crash."""
    file = next(file for file in sorted((EXPORTS / desk).iterdir()) if "users" not in file.name)
    whole = file.read_text("utf-8")
    data = json.loads(whole) if not whole.startswith('{"url"') else [json.loads(line) for line in whole.splitlines()]
    spots: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            spots.append((value, key))
            if isinstance(item, dict | list):
                walk(item)

    walk(data)
    for holder, key in spots[:300:5]:
        before = holder[key]
        holder[key] = junk
        read(write(tmp_path / "x.json", data), format=desk)
        holder[key] = before


def test_latin_text_is_read_when_its_encoding_is_named(tmp_path: Path) -> None:
    text = json.dumps(zendesk_ticket(1, subject="Größe"), ensure_ascii=False)
    (tmp_path / "t.json").write_bytes(text.encode("latin-1"))
    (parsed,) = read(tmp_path / "t.json", format="zendesk")
    assert parsed.error is not None
    assert parsed.error.kind == "ENCODING"
    assert tickets(tmp_path / "t.json", format="zendesk", encoding="latin-1")["1"].subject == "Größe"


def test_a_byte_order_mark_and_a_packed_file_are_read(tmp_path: Path) -> None:
    text = json.dumps(zendesk_ticket(1)).encode()
    (tmp_path / "bom.json").write_bytes(b"\xef\xbb\xbf" + text)
    (tmp_path / "t.json.gz").write_bytes(gzip.compress(text))
    assert list(tickets(tmp_path / "bom.json")) == list(tickets(tmp_path / "t.json.gz")) == ["1"]


def test_the_same_ticket_on_several_pages_counts_once_and_its_latest_word(tmp_path: Path) -> None:
    pages = [
        {"tickets": [zendesk_ticket(1, subject="new", updated_at="2025-03-02T00:00:00Z")]},
        {"tickets": [zendesk_ticket(1, subject="old", updated_at="2025-03-01T00:00:00Z")]},
    ]
    file = write(tmp_path / "t.json", "\n".join(map(json.dumps, pages)))
    assert tickets(file)["1"].subject == "new"
    assert sum(each.duplicate for each in read(file)) == 1


@pytest.mark.parametrize(
    "at", ["2025-03-01T09:12:00Z", "2025-03-01T10:12:00+01:00", 1740820320, 1740820320000, "1740820320"]
)
def test_times_are_read_however_they_are_written(tmp_path: Path, at: Any) -> None:
    file = write(tmp_path / "t.json", zendesk_ticket(1, created_at=at))
    assert tickets(file)["1"].opened_at == "2025-03-01T09:12:00Z"


def test_an_enormous_record_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    with file.open("w") as stream:
        stream.write(json.dumps(zendesk_ticket(1)) + "\n")
        stream.write('{"id": 2, "subject": "' + "x" * (9 * 1024 * 1024) + '"}\n')
        stream.write(json.dumps(zendesk_ticket(3)) + "\n")
    parsed = read(file)
    assert [each.error.kind for each in parsed if each.error] == ["TOOBIG"]
    assert list(tickets(file)) == ["1", "3"]


def test_links_in_the_folder_of_an_export_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere.json", zendesk_ticket(9))
    write(tmp_path / "export" / "a.json", zendesk_ticket(1))
    (tmp_path / "export" / "b.json").symlink_to(tmp_path / "elsewhere.json")
    assert list(tickets(tmp_path / "export")) == ["1"]


def test_a_big_export_is_read_in_flat_memory(tmp_path: Path) -> None:
    import tracemalloc

    file = tmp_path / "t.json"
    with file.open("w") as stream:
        stream.write('{"tickets": [')
        for number in range(1, 1501):
            body = {"id": number, "author_id": 1, "body": "word " * 2000, "public": True}
            stream.write((", " if number > 1 else "") + json.dumps(zendesk_ticket(number, comments=[body])))
        stream.write("]}")
    assert file.stat().st_size > 15_000_000
    tracemalloc.start()
    count = sum(1 for each in read_sources(file, ReadOptions(format="zendesk")) if each.source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 1500
    assert peak < 12_000_000
