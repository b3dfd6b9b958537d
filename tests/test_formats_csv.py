"""CSV: one row a message, in whatever order, encoding and with whatever headers a help desk exports."""

from __future__ import annotations

import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from index.conversation import Conversation
from index.errors import UserError
from index.formats import Parsed, ReadOptions, read_sources

HEAD = "ticket_id,sender,body,created_at\n"


def read(folder: Path, data: bytes | str, name: str = "export.csv", **options: Any) -> list[Parsed]:
    file = folder / name
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(read_sources(file, ReadOptions(**options)))


def texts(parsed: Parsed) -> tuple[str, list[tuple[str, str]]]:
    assert parsed.error is None, parsed.error
    assert isinstance(parsed.source, Conversation)
    return parsed.source.id, [(message.role, message.text) for message in parsed.source.messages]


def test_rows_become_conversations(tmp_path: Path) -> None:
    rows = HEAD + '1,user,"It says ""E-23"",\nwhat now?",2025-03-01T09:00:00Z\n1,agent,Reset it.,\n2,user,Hi there,\n'
    first, second = read(tmp_path, rows)
    assert texts(first) == ("1", [("customer", 'It says "E-23",\nwhat now?'), ("agent", "Reset it.")])
    assert first.source.messages[0].at == "2025-03-01T09:00:00Z"  # type: ignore[union-attr]
    assert (first.line, second.line) == (2, 5)


def test_interleaved_rows_find_their_conversation(tmp_path: Path) -> None:
    rows = HEAD + "1,user,a,\n2,user,b,\n1,agent,c,\n2,agent,d,\n"
    assert [texts(parsed) for parsed in read(tmp_path, rows)] == [
        ("1", [("customer", "a"), ("agent", "c")]),
        ("2", [("customer", "b"), ("agent", "d")]),
    ]


def test_headers_are_mapped_by_flags_and_the_rest_is_kept(tmp_path: Path) -> None:
    rows = "Fall,Wer,Was,Betreff,Kunde,Name,Bild,Kanal\nF1,Kunde,Kaputt,Hub,C-7,Ana Ruiz,a.png;b.png,web\n"
    columns = {
        "conversation": "Fall",
        "role": "wer",
        "text": "Was",
        "subject": "Betreff",
        "customer_id": "Kunde",
        "customer_name": "Name",
        "attachments": "Bild",
    }
    parsed = read(tmp_path, rows, columns=columns, role_map={"Kunde": "customer"})[0]
    conversation = parsed.source
    assert isinstance(conversation, Conversation)
    assert (conversation.subject, conversation.customer_id, conversation.customer_name) == ("Hub", "C-7", "Ana Ruiz")
    assert conversation.messages[0].attachments == ("a.png", "b.png")
    assert conversation.messages[0].extra == {"Kanal": "web"}


def test_windows_1252_is_read_and_named(tmp_path: Path) -> None:
    parsed = read(tmp_path, (HEAD + "1,user,Café “zu”,\n").encode("cp1252"))[0]
    assert texts(parsed)[1] == [("customer", "Café “zu”")]
    assert "Windows-1252" in parsed.notices[0]


def test_utf8_with_one_wrong_byte_is_not_taken_for_windows(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="line 3") as caught:
        read(tmp_path, (HEAD + "1,user,Café,\n1,user,").encode() + b"\xe9,\n")
    assert caught.value.kind == "ENCODING"


@pytest.mark.parametrize(
    ("data", "kind", "hint"),
    [
        (b"", "EMPTY", "Export"),
        (b"\n\n", "EMPTY", "Export"),
        (HEAD.encode(), "EMPTY", "no rows"),
        ((HEAD + "1,user,x,\n").encode("utf-16"), "ENCODING", "UTF-8"),
        (
            b"ticket_id;sender;body\n1;user;x\n",
            "SCHEMA",
            'found one column ticket_id;sender;body.\nUse --delimiter ";"',
        ),
        (b"ticket_id\tsender\tbody\n1\tuser\tx\n", "SCHEMA", "--delimiter tab"),
        (b"1,user,hello,2025-03-01\n", "SCHEMA", "--column conversation=HEADER"),
        (b"ticket_id,role,text,text\n", "SCHEMA", "twice"),
        (b"ticket_id,role,text\r1,user,x\r", "SCHEMA", "old Mac"),
        (b"PK\x03\x04xl/workbook", "TYPE", "CSV"),
        (b"\x1f\x8b\x08\x00rest", "TYPE", "gzip"),
        (b"<html><body>sign in</body></html>", "TYPE", "web page"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, data: bytes, kind: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, data)
    assert caught.value.kind == kind
    assert hint in caught.value.message
    assert caught.value.message.count("\n") == 1


@pytest.mark.parametrize(
    ("row", "kind", "line", "hint"),
    [
        ("1,user", "SCHEMA", 2, "2 cells, the header 4"),
        ("1,user,x,,", "SCHEMA", 2, "5 cells"),
        ('1,user,"a"b,', "SCHEMA", 2, "closing quote"),
        ("1,user," + "a" * 200_000 + ",", "TOOBIG", 2, "128 KB"),
        ("1,user,a\0b,", "ENCODING", 2, "NUL"),
        ("1,root,x,", "SCHEMA", 2, "column sender"),
        ("1,user,  ,", "SCHEMA", 2, "column body is empty"),
        (",user,x,", "SCHEMA", 2, "column ticket_id"),
        ("1,user,x,\n" * 5001, "LIMIT", 2, "5,000"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_is_read(tmp_path: Path, row: str, kind: str, line: int, hint: str) -> None:
    parsed = read(tmp_path, HEAD + row.rstrip("\n") + "\n9,user,good,\n")
    bad = [p.error for p in parsed if p.error]
    assert len(bad) == 1
    assert (bad[0].kind, bad[0].line) == (kind, line)
    assert hint in bad[0].message
    assert texts(parsed[-1]) == ("9", [("customer", "good")])


@pytest.mark.parametrize(
    "rows", ['1,user,x,\n2,user,"a\nb,\n3,user,y,\n', '1,user,x,\n2,"user","a' + "bbbbbbbbb\n" * 14_000]
)
def test_an_open_quote_is_found_where_it_opens(tmp_path: Path, rows: str) -> None:
    error = next(parsed.error for parsed in read(tmp_path, HEAD + rows) if parsed.error)
    assert error.line == 3
    assert "quote" in error.message


def test_a_formula_is_only_text(tmp_path: Path) -> None:
    parsed = read(tmp_path, HEAD + '1,user,"=HYPERLINK(""http://x.example"",""y"")",\n')
    assert texts(parsed[0])[1][0][1] == '=HYPERLINK("http://x.example","y")'


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"delimiter": "ab"}, "delimiter"),
        ({"encoding": "zip"}, "encoding"),
        ({"columns": {"mood": "x"}}, "mood"),
        ({"columns": {"text": "nothere"}}, "nothere"),
    ],
)
def test_flags_that_cannot_work_are_explained(tmp_path: Path, options: dict[str, Any], hint: str) -> None:
    with pytest.raises(UserError, match=hint):
        read(tmp_path, HEAD + "1,user,x,\n", **options)


def test_a_shuffled_file_is_sorted_without_holding_it(tmp_path: Path) -> None:
    order = [number // 4 for number in range(4_000)]
    random.Random(7).shuffle(order)
    text = "the hub shows an amber light " * 80
    (tmp_path / "big.csv").write_text(HEAD + "".join(f"T-{number},user,{text},\n" for number in order))
    tracemalloc.start()
    try:
        sizes = [len(parsed.source.messages) for parsed in read_sources(tmp_path / "big.csv")]  # type: ignore[union-attr]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sizes == [4] * 1_000
    assert peak < 6_000_000, "the file has 9 MB"
