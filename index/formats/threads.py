"""Mail into conversations: threads found in flat memory, the team told from its customers, pictures unpacked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from index.errors import UserError
from index.formats.gathered import private_file
from index.formats.letter import Letter, enclosures_of, letter_of, parsed, text_of
from index.formats.mailbox import Place, mail_bytes, places
from index.formats.parsed import MAX_MESSAGES, FieldError, Parsed, ReadOptions, shown
from index.formats.schema import source_from

_PROGRESS = 200
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")
_EVERYBODY = frozenset(  # whose addresses belong to all the world, not to one house
    "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com me.com aol.com gmx.de gmx.net"
    " web.de t-online.de proton.me protonmail.com mail.ru yandex.ru qq.com 163.com orange.fr free.fr libero.it".split()
)
_TABLES = (
    "CREATE TABLE mails (id INTEGER PRIMARY KEY, name TEXT UNIQUE, thread INTEGER, at TEXT, sender TEXT, who TEXT,"
    " topic TEXT, root TEXT, kind TEXT, file TEXT, offset INTEGER, size INTEGER, line INTEGER, quoted INTEGER)",
    "CREATE TABLE known (name TEXT PRIMARY KEY, thread INTEGER)",
    "CREATE INDEX known_by_thread ON known (thread)",
    "CREATE INDEX mails_by_thread ON mails (thread)",
    "CREATE TABLE pairs (one TEXT, other TEXT, PRIMARY KEY (one, other))",
)


def customer_of_address(address: str) -> str:
    """The id under which mail from an address is kept: not the address itself, which is personal."""
    return "mail-" + blake2b(address.strip().lower().encode(), digest_size=8).hexdigest()


def read_mail(path: Path, options: ReadOptions) -> Iterator[Parsed]:
    """One `Parsed` per thread of a mailbox. `options.role_map` may name the team's addresses or domains."""
    with private_file(path) as db, TemporaryDirectory(prefix="deskside-mail-") as folder:
        for statement in _TABLES:
            db.execute(statement)
        count = 0
        for place in places(path):
            try:
                if isinstance(place, UserError):
                    raise place
                twice = _keep(db, letter_of(mail_bytes(place)), place)
            except UserError as error:
                yield Parsed(error.line or 1, error=error)
                continue
            count += 1
            if count % _PROGRESS == 0:
                yield Parsed(place.line, offset=place.offset, waiting=True)
            if twice:
                yield Parsed(place.line, duplicate=True)
        db.execute("CREATE INDEX mails_by_time ON mails (thread, at, id)")
        threads = _Threads(db, _team(db, options.role_map), Path(folder))
        first = True
        for (thread,) in db.execute("SELECT thread FROM mails GROUP BY thread ORDER BY min(id)"):
            for each in threads.parsed(thread):
                if first and each.source is not None and threads.notice:
                    each = Parsed(each.line, each.source, None, (threads.notice, *each.notices), folder=each.folder)
                    first = False
                yield each


def _keep(db: sqlite3.Connection, letter: Letter, place: Place) -> bool:
    """Note one message and the thread it belongs to; True when it was there already."""
    if db.execute("SELECT 1 FROM mails WHERE name = ?", [letter.id]).fetchone():
        return True
    names = [letter.id, *letter.related]
    peers = sorted({letter.sender, *letter.to})
    topics = [f"\0{letter.topic.lower()}\0{peer}" for peer in peers] if letter.topic else []
    # the subject joins only a reply that does not say what it answers
    asked = names + topics if letter.is_reply and not letter.related else names
    marks = ", ".join("?" * len(asked))
    found = sorted({row[0] for row in db.execute(f"SELECT thread FROM known WHERE name IN ({marks})", asked)})
    newest = db.execute("SELECT coalesce(max(id), 0) + 1 FROM mails").fetchone()[0]
    thread = found[0] if found else newest
    for other in found[1:]:  # this message joins what looked like two threads
        for table in ("known", "mails"):
            db.execute(f"UPDATE {table} SET thread = ? WHERE thread = ?", [thread, other])
    db.executemany("INSERT OR IGNORE INTO known VALUES (?, ?)", [(name, thread) for name in names + topics])
    if not letter.automatic:
        talk = [(letter.sender, peer) for peer in letter.to if peer != letter.sender]
        db.executemany("INSERT OR IGNORE INTO pairs VALUES (?, ?)", [*[(two, one) for one, two in talk], *talk])
    kind = "sealed" if letter.sealed else "automatic" if letter.automatic else "listed" if letter.listed else ""
    values: list[Any] = [newest, letter.id, thread, _moment(letter.date), letter.sender, letter.sender_name]
    values += [letter.topic, letter.root, kind, str(place.file), place.offset, place.size, place.line, place.quoted]
    db.execute(f"INSERT INTO mails VALUES ({', '.join('?' * len(values))})", values)
    return False


def _moment(date: str) -> str:
    """The date of a message in UTC, as text that sorts; "" where it cannot be read."""
    try:
        moment = parsedate_to_datetime(date)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, IndexError, TypeError, OverflowError):
        return ""


class _Team:
    """Whose mail is the team's. `notice` says what was guessed."""

    def __init__(self, ours: frozenset[str], theirs: frozenset[str], notice: str) -> None:
        self._ours, self._theirs, self.notice = ours, theirs, notice

    def has(self, address: str) -> bool:
        """Whether an address is the team's: by itself first, then by its domain."""
        domain = address.rsplit("@", 1)[-1]
        if address in self._ours or address in self._theirs:
            return address in self._ours
        return domain in self._ours and domain not in self._theirs


def _team(db: sqlite3.Connection, roles: Mapping[str, str]) -> _Team:
    """As it was told by `role_map` ("shop.example" or "ana@mail.example" to "agent"), else the address that most
    others write with (of two equal ones, who got the first mail), and its domain unless that belongs to everybody."""
    told = {name.strip().lower().removeprefix("@"): role for name, role in roles.items() if "." in name}
    theirs = frozenset(name for name, role in told.items() if role == "customer")
    if ours := frozenset(name for name, role in told.items() if role == "agent"):
        return _Team(ours, theirs, "")
    sql = "SELECT one, count(*) AS n FROM pairs WHERE one <> '' GROUP BY one ORDER BY n DESC, min(rowid) LIMIT 20"
    found = [address for address, _ in db.execute(sql) if address not in theirs]
    if not found:
        return _Team(frozenset(), theirs, "")
    domain = found[0].rsplit("@", 1)[-1]
    ours = frozenset({found[0]} if domain in _EVERYBODY else {domain})
    who = shown("".join(ours), 60)
    notice = f"mail from {who} is taken for the team's; if that is wrong: --role ADDRESS_OR_DOMAIN=agent"
    return _Team(ours, theirs, notice)


class _Threads:
    """Makes a conversation of a thread."""

    def __init__(self, db: sqlite3.Connection, team: _Team, folder: Path) -> None:
        self._db, self._team, self._folder, self._now = db, team, folder, datetime.now(UTC)
        self.notice = team.notice

    def parsed(self, thread: int) -> Iterator[Parsed]:
        """The thread, or why it is none for the shelf; one error for each message that cannot be read."""
        sql = (
            "SELECT name, at, sender, who, topic, root, kind, file, offset, size, line, quoted FROM mails"
            " WHERE thread = ? ORDER BY at = '', at, id LIMIT ?"
        )
        rows = self._db.execute(sql, [thread, MAX_MESSAGES + 1]).fetchall()
        first = rows[0]
        for file in self._folder.iterdir():
            file.unlink()
        messages = []
        for row in rows:
            if row[6] in ("automatic", "sealed"):
                continue
            try:
                messages += self._message(row)
            except UserError as error:
                yield Parsed(row[10], error=error)
        if left_out := _left_out(rows, messages):
            yield Parsed(first[10], left_out=left_out)
            return
        asked_by = next((row for row in rows if not self._team.has(row[2]) and not row[6]), None)
        customer = {"id": customer_of_address(asked_by[2]), "name": asked_by[3]} if asked_by else {}
        record = {
            "id": "mail-" + blake2b(first[5].encode("utf-8", "replace"), digest_size=6).hexdigest(),
            "subject": first[4],
            "opened_at": first[1],
            "customer": customer,
            "messages": messages,
        }
        try:
            source, notices = source_from(record, {}, self._now)
        except FieldError as error:
            yield Parsed(first[10], error=error.at(Path(first[7]), first[10]))
        else:
            yield Parsed(first[10], source, None, notices, folder=self._folder)

    def _message(self, row: tuple[Any, ...]) -> list[dict[str, Any]]:
        name, at, sender, *_, file, offset, size, line, quoted = row
        message = parsed(mail_bytes(Place(Path(file), offset, size, line, bool(quoted))))
        text, pictures, others = text_of(message), [], []
        for enclosure in enclosures_of(message, name):
            if Path(enclosure.name).suffix.lower() in _PICTURES and enclosure.data:
                (self._folder / enclosure.name).write_bytes(enclosure.data)
                pictures.append(enclosure.name)
            else:
                others.append(enclosure.name)
        if not text and not pictures:
            return []
        said = {"role": "agent" if self._team.has(sender) else "customer", "text": text}
        more = {"at": at, "attachments": pictures, "files": others}
        return [{**said, **{key: value for key, value in more.items() if value}}]


def _left_out(rows: list[tuple[Any, ...]], messages: list[dict[str, Any]]) -> str:
    if not messages:
        kinds = {row[6] for row in rows}
        return (
            "encrypted mail" if "sealed" in kinds else "automatic mail" if "automatic" in kinds else "mail without text"
        )
    only_listed = all(row[6] in ("listed", "automatic") for row in rows)
    return "newsletters and lists" if only_listed and {each["role"] for each in messages} == {"customer"} else ""
