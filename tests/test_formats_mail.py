"""A mailbox becomes conversations: threads joined, the team told from its customers, pictures unpacked and read."""

from __future__ import annotations

from collections.abc import Iterable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from index.conversation import Conversation
from index.formats import Parsed, ReadOptions, detect_format, read_sources
from index.formats.threads import customer_of_address
from index.store import open_store
from tests.ticket_files import SaysWords, take, trouble

MBOX = Path(__file__).parent / "exports" / "mail" / "support.mbox"


def read(path: Path, **roles: str) -> list[Parsed]:
    return list(
        read_sources(path, ReadOptions(role_map={name.replace("_", "."): role for name, role in roles.items()}))
    )


def threads(path: Path, **roles: str) -> dict[str, Conversation]:
    return {each.source.subject: each.source for each in read(path, **roles) if isinstance(each.source, Conversation)}


def said(thread: Conversation) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in thread.messages]


def mail(number: int, sender: str, to: str, subject: str, text: str = "Hello", **headers: str) -> bytes:
    message = EmailMessage()
    message["Message-ID"] = f"<m{number}@x.example>"
    message["Date"] = f"Sat, 1 Mar 2025 09:{number:02}:00 +0000"
    message["From"], message["To"], message["Subject"] = sender, to, subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def mbox(file: Path, mails: Iterable[bytes]) -> Path:
    file.write_bytes(b"".join(b"From a@b Sat Mar  1 09:12:00 2025\n" + each + b"\n" for each in mails))
    return file


ANA, TEAM = "Ana <ana@customer.example>", "support@mill.example"


def test_a_thread_is_one_conversation_in_order_of_time_without_automatic_mail() -> None:
    thread = threads(MBOX)["Coffee mill doesn't grind"]
    assert said(thread) == [
        (
            "customer",
            "Hello, my mill hums but does not grind any more. It is the café model.\n"
            "From the first day on it was loud.",
        ),
        ("agent", "Unplug it, take the upper ring off and brush the burrs clean."),
        ("customer", "It grinds again, thank you!"),
    ]
    assert [message.at for message in thread.messages][:2] == ["2025-03-01T09:12:00Z", "2025-03-01T11:00:00Z"]
    assert (thread.customer_name, thread.customer_id) == ("Ana Ruíz", customer_of_address("Ana@Customer.example"))
    assert "customer.example" not in f"{thread.id}{thread.customer_id}"


def test_a_reply_that_names_nothing_finds_its_thread_by_subject_and_writer() -> None:
    assert [role for role, _ in said(threads(MBOX)["Spare ring"])] == ["customer", "agent"]


def test_newsletters_are_left_out_and_copies_counted_once() -> None:
    parsed = read(MBOX)
    assert [each.left_out for each in parsed if each.left_out] == ["newsletters and lists"]
    assert sum(each.duplicate for each in parsed) == 1


def test_whose_mail_is_the_teams_is_guessed_told_and_can_be_said(tmp_path: Path) -> None:
    assert any("mill.example is taken for the team's" in notice for each in read(MBOX) for notice in each.notices)
    file = mbox(
        tmp_path / "m.mbox", [mail(1, ANA, TEAM, "Hi"), mail(2, TEAM, ANA, "Re: Hi", In_Reply_To="<m1@x.example>")]
    )
    turned = threads(file, customer_example="agent")["Hi"]
    assert [role for role, _ in said(turned)] == ["agent", "customer"]
    assert not any(each.notices for each in read(file, customer_example="agent"))
    one = threads(file, **{"mill.example": "agent", "support@mill.example": "customer"})["Hi"]
    assert {role for role, _ in said(one)} == {"customer"}, "an address counts before its domain"


def test_an_address_of_a_mail_provider_does_not_make_all_its_customers_the_team(tmp_path: Path) -> None:
    mails = [mail(n, f"c{n}@gmail.com", "shop@gmail.com", f"Question {n}") for n in range(3)]
    found = threads(mbox(tmp_path / "m.mbox", mails))
    assert all(said(each)[0][0] == "customer" for each in found.values())


def test_pictures_in_mail_are_read_and_their_names_lead_nowhere(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    reader = SaysWords("Ring R-20")
    (report,) = take(store, MBOX, load_reader=lambda: reader)
    assert (report.read, report.imported, report.duplicate, report.skipped, report.pictures) == (4, 2, 1, 1, 1)
    assert store.rows("SELECT 1 FROM passages WHERE kind = 'screen' AND text LIKE '%R-20%'")
    assert not list(MBOX.parent.parent.glob("**/ring.png"))
    (again,) = take(store, MBOX, load_reader=SaysWords)
    assert (again.imported, again.duplicate) == (0, 3)


def test_a_new_reply_changes_its_thread_and_no_other(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    mails = [mail(1, ANA, TEAM, "Hi"), mail(2, "tom@other.example", TEAM, "Ring")]
    take(store, mbox(tmp_path / "m.mbox", mails))
    mails.append(mail(3, TEAM, ANA, "Re: Hi", "Take the ring off.", References="<m1@x.example>"))
    (report,) = take(store, mbox(tmp_path / "m.mbox", mails))
    assert (report.imported, report.changed, report.duplicate) == (1, 1, 1)


def test_a_message_can_join_two_threads_that_came_apart(tmp_path: Path) -> None:
    mails = [
        mail(1, ANA, TEAM, "Mill"),
        mail(3, ANA, TEAM, "Mill, still", References="<m2@x.example>"),
        mail(2, TEAM, ANA, "Re: Mill", References="<m1@x.example>"),
    ]
    (thread,) = threads(mbox(tmp_path / "m.mbox", mails)).values()
    assert [message.at for message in thread.messages] == [f"2025-03-01T09:0{n}:00Z" for n in (1, 2, 3)]


def test_folders_of_letters_and_maildirs_are_read(tmp_path: Path) -> None:
    for name in ("letters/a.eml", "letters/deep/b.eml", "box/cur/1:2,S", "box/new/2", "box/tmp/3"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(mail(len(name), ANA, TEAM, name))
    (tmp_path / "letters" / "c.eml").symlink_to(tmp_path / "box" / "tmp" / "3")
    (tmp_path / "letters" / "x.html").write_text("<p>an attachment that somebody saved</p>")
    for name, count in (("letters", 2), ("box", 2), ("letters/a.eml", 1)):
        assert detect_format(tmp_path / name) == "mail"
        assert len(threads(tmp_path / name)) == count


@pytest.mark.parametrize("name", ["archive", "archive.txt", "archive.mbox", "letter.eml", "letter"])
def test_mail_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    if name.startswith("archive"):
        mbox(file, [mail(1, ANA, TEAM, "Hi")])
    else:
        file.write_bytes(b"Received: from x\n" + mail(1, ANA, TEAM, "Hi"))
    assert detect_format(file) == "mail"
    assert len(threads(file)) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "EMPTY"),
        (b"PK\x03\x04", "TYPE"),
        (b"\x1f\x8b\x08", "TYPE"),
        (b"no mail at all", "TYPE"),
        ("From".encode("utf-16"), "ENCODING"),
    ],
)
def test_what_is_no_mailbox_is_told(tmp_path: Path, content: bytes, kind: str) -> None:
    file = tmp_path / "x.mbox"
    file.write_bytes(content)
    assert trouble(lambda: read(file)).kind == kind


def test_an_empty_folder_and_an_empty_letter_are_told(tmp_path: Path) -> None:
    assert trouble(lambda: list(read_sources(tmp_path, ReadOptions(format="mail")))).kind == "EMPTY"
    (tmp_path / "a.eml").write_bytes(b"")
    (tmp_path / "b.eml").write_bytes(mail(1, ANA, TEAM, "Hi"))
    parsed = read(tmp_path)
    assert [each.error.kind for each in parsed if each.error] == ["EMPTY"]
    assert len(threads(tmp_path)) == 1


BROKEN: dict[str, bytes] = {
    "no headers at all": b"\n\njust words\n",
    "no id, no date": b"From: a@b.example\nTo: c@d.example\nSubject: x\n\nwords\n",
    "a date nobody can read": b"From: a@b.example\nDate: yesterday\nSubject: x\n\nwords\n",
    "an unknown charset": b"From: a@b.example\nContent-Type: text/plain; charset=klingon\n\nw\xf6rter\n",
    "a wrong charset": b"From: a@b.example\nContent-Type: text/plain; charset=utf-8\n\nw\xf6rter\n",
    "bad base64": b"From: a@b.example\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\nd29yZHM$$$\n",
    "a boundary that never comes": b'From: a@b.example\nContent-Type: multipart/mixed; boundary="q"\n\n--q\n\nwords\n',
    "no boundary": b"From: a@b.example\nContent-Type: multipart/mixed\n\nwords\n",
    "an address that is none": b'From: <<<@>>>,,;\nTo: "\n\nwords\n',
    "half a word of encoding": b"From: =?utf-8?q?=C3?= <a@b.example>\nSubject: =?utf-8?b?////?=\n\nwords\n",
    "raw bytes in a header": b"From: J\xf6rg <a@b.example>\nSubject: gr\xfc\xdfe\n\nwords\n",
    "cut inside its headers": b"From: a@b.example\nSubject: wor",
    "a thousand parts": b'From: a@b.example\nContent-Type: multipart/mixed; boundary="q"\n\n'
    + b"--q\n\nx\n" * 1000
    + b"--q--\n",
    "a nest of parts": b"From: a@b.example\n"
    + b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(60)),
}


@pytest.mark.parametrize("how", BROKEN)
def test_broken_mail_never_crashes_and_never_takes_others_with_it(tmp_path: Path, how: str) -> None:
    good = mail(1, ANA, TEAM, "Good one")
    file = mbox(tmp_path / "m.mbox", [BROKEN[how], good])
    assert "Good one" in threads(file)
    (tmp_path / "one.eml").write_bytes(BROKEN[how])
    list(read_sources(tmp_path / "one.eml", ReadOptions(format="mail")))


def test_words_survive_a_wrong_charset(tmp_path: Path) -> None:
    for how in ("an unknown charset", "a wrong charset"):
        (thread,) = threads(mbox(tmp_path / "m.mbox", [BROKEN[how]])).values()
        assert said(thread)[0][1] == "wörter"


def test_a_message_that_is_too_large_is_left_out_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.formats.mailbox.MAX_MAIL", 5000)
    mails = [mail(1, ANA, TEAM, "Small"), mail(2, ANA, TEAM, "Large", "x " * 5000), mail(3, ANA, TEAM, "After")]
    file = mbox(tmp_path / "m.mbox", mails)
    (error,) = [each.error for each in read(file) if each.error]
    assert error.kind == "TOOBIG"
    assert error.line is not None
    assert error.line > 5
    assert set(threads(file)) == {"Small", "After"}


def test_a_big_mailbox_is_read_in_flat_memory(tmp_path: Path) -> None:
    import tracemalloc

    def many() -> Iterable[bytes]:
        for number in range(150):
            yield mail(number % 60, f"c{number}@x.example", TEAM, f"Question {number}", "words " * 8000).replace(
                f"<m{number % 60}@".encode(), f"<m{number}@".encode()
            )

    file = mbox(tmp_path / "m.mbox", many())
    assert file.stat().st_size > 7_000_000
    tracemalloc.start()
    count = sum(1 for each in read_sources(file) if each.source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 150
    assert peak < 4_000_000


def test_a_customer_is_forgotten_by_the_address_of_their_mail(tmp_path: Path, own_home: Path) -> None:
    from click.testing import CliRunner

    from agent.cli import deskside

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(deskside, list(arguments))

    run("import", str(mbox(tmp_path / "m.mbox", [mail(1, ANA, TEAM, "Hi")])), "--no-index")
    assert run("forget", "nobody@x.example", "--yes").exit_code != 0
    assert "1 conversations" in run("forget", "Ana@Customer.example", "--yes").output
