"""Exports of help desks: gathered, made into our tickets and articles, their attachments found on the disk."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.formats.articles import inside
from index.formats.drafts import Draft, File, Page, Said
from index.formats.gathered import Gathered, Item, Whole, gathering
from index.formats.parsed import FieldError, Parsed, ReadOptions, shown, trouble
from index.formats.records import Path_, Record, read_records
from index.formats.schema import source_from

JSON_SUFFIXES = (".json", ".ndjson", ".jsonl", ".json.gz", ".ndjson.gz", ".jsonl.gz")
_MOST_FILES, _PROGRESS = 10_000, 1_000

Person = Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class HelpDesk:
    """How one help desk writes: where its pages hold lists, what each record is, what a ticket comes down to."""

    name: str
    lists: frozenset[Path_]
    sort: Callable[[Path_, dict[str, Any]], Iterator[Item]]
    ticket: Callable[[str, dict[str, Any], list[dict[str, Any]], Person], Draft]
    article: Callable[[str, dict[str, Any]], Page]


def read_helpdesk(desk: HelpDesk, path: Path, options: ReadOptions) -> Iterator[Parsed]:
    """One `Parsed` per ticket or article of a file or of a folder of files; trouble with a record comes first."""
    root = (path if path.is_dir() else path.parent).resolve()
    count = 0
    with gathering(path) as gathered:
        for file in json_files(path):
            for record in read_records(file, desk.lists, options.encoding):
                count += 1
                if count % _PROGRESS == 0:
                    yield Parsed(record.line, offset=record.offset, waiting=True)
                if error := record.error or _keep(desk, gathered, record, file):
                    yield Parsed(record.line, error=error, offset=record.offset)
        tickets = _Tickets(desk, gathered, options, root)
        for whole in gathered.wholes():
            yield tickets.parsed(whole)
        for _ in range(gathered.repeated):
            yield Parsed(0, duplicate=True)
        if orphans := gathered.orphans():
            yield Parsed(0, left_out=f"{orphans} tickets of which only the messages are here")


def json_files(path: Path) -> list[Path]:
    """`path`, or the JSON files right inside a folder (not links), by name."""
    if not path.is_dir():
        return [path]
    names = sorted(entry.name for entry in os.scandir(path) if entry.is_file(follow_symlinks=False))
    found = [path / name for name in names if name.lower().endswith(JSON_SUFFIXES) and not name.startswith(".")]
    if not found:
        raise trouble(path, "holds no JSON files", "Give the folder of the export", "EMPTY")
    return found[:_MOST_FILES]


def _keep(desk: HelpDesk, gathered: Gathered, record: Record, file: Path) -> Any:
    """Sort one record into the gathering; gives the error when it is nothing this help desk writes."""
    items = list(desk.sort(record.inside, record.value))
    for item in items:
        if item.kind != "other" and not 0 < len(item.id) <= 200:
            step = "Export it again, or leave it out with --skip-bad"
            return trouble(file, "a record has no id, or one that is too long", step, "SCHEMA", record.line)
        gathered.add(item, record.line, file.name)
    if items:
        return None
    keys = ", ".join(list(record.value)[:6])
    step = f"Is it an export of {desk.name}? Else name its format with --format"
    return trouble(file, f"holds neither ticket nor article ({shown(keys, 60)})", step, "SCHEMA", record.line)


class _Tickets:
    """Turns what was gathered into sources."""

    def __init__(self, desk: HelpDesk, gathered: Gathered, options: ReadOptions, root: Path) -> None:
        self._desk, self._person, self._options = desk, gathered.person, options
        self._root, self._now = root, datetime.now(UTC)

    def parsed(self, whole: Whole) -> Parsed:
        """A ticket or article, that it is gone, that it is left out and why, or the error in it."""
        if whole.value.get("gone") is True:
            return Parsed(whole.line, deleted=whole.id, deleted_kind="article" if whole.kind == "article" else "ticket")
        try:
            if whole.kind == "article":
                return self._article(whole)
            return self._ticket(whole)
        except FieldError as error:
            named = FieldError(f"{whole.kind} {shown(whole.id)}: {error.field}", error.reason, error.step, error.kind)
            return Parsed(whole.line, error=named.at(self._root / whole.file, whole.line))

    def _article(self, whole: Whole) -> Parsed:
        page = self._desk.article(whole.id, whole.value)
        text = page.body
        if page.is_html:
            from index.formats.html import markdown_of

            text = markdown_of(page.body)[0]
        if page.left_out:  # published once, perhaps, and on the shelf
            return Parsed(whole.line, left_out=page.left_out, deleted=whole.id, deleted_kind="article")
        if not text.strip():
            return Parsed(whole.line, left_out="article without text")
        record = {"id": page.id, "title": page.title or page.id, "text": text, **page.extra}
        source, notices = source_from(record, {}, self._now)
        return Parsed(whole.line, source, None, notices)

    def _ticket(self, whole: Whole) -> Parsed:
        draft = self._desk.ticket(whole.id, whole.value, whole.parts, self._person)
        notices: Counter[str] = Counter()
        messages = [
            message for said in draft.messages if (message := self._message({whole.id, draft.id}, said, notices))
        ]
        if draft.left_out:  # spam now; perhaps it was none when it came
            return Parsed(whole.line, left_out=draft.left_out, deleted=draft.id)
        if not messages:
            return Parsed(whole.line, left_out="ticket without a message")
        record = {**draft.extra, "id": draft.id, "messages": messages}
        optional = {
            "subject": draft.subject.strip(),
            "opened_at": draft.opened_at,
            "outcome": draft.outcome,
            "tags": draft.tags,
            "customer": {"id": draft.customer_id, "name": draft.customer_name} if draft.customer_id else {},
        }
        record.update({key: value for key, value in optional.items() if value})
        source, told = source_from(record, self._options.role_map, self._now)
        return Parsed(whole.line, source, None, (*notices, *told), partial=draft.partial)

    def _message(self, tickets: set[str], said: Said, notices: Counter[str]) -> dict[str, Any] | None:
        """A message in the transcript format, with those of its files that lie beside the export."""
        found: list[str] = []
        absent: list[str] = []
        for file in said.files:
            place = next(filter(None, (find_file(self._root, ticket, file) for ticket in sorted(tickets))), "")
            (found if place else absent).append(place or file.name)
        if absent:
            notices["attachments that do not lie beside the export are kept by name only (docs/importing.md)"] += 1
        text = said.text
        if not text.strip() and absent:
            text = " ".join(f"[{name}]" for name in absent)
        if not text.strip() and not found:
            return None
        message: dict[str, Any] = {"role": said.role, "text": text}
        more = {"at": said.at, "id": said.id, "attachments": found, "files": absent}
        return {**message, **{key: value for key, value in more.items() if value}}


def find_file(root: Path, ticket: str, file: File) -> str:
    """Where under `root` an attachment lies, as a path inside it; "" when it lies nowhere there.

    Looked for by name and by id, in the folder of its ticket and beside it; never outside `root`, links resolved.
    """
    name = Path(file.name.replace("\\", "/")).name
    if not name or name in (".", ".."):
        return ""
    for folder in ("attachments", "files", "."):
        for place in (
            f"{folder}/{ticket}/{file.id}-{name}" if file.id else "",
            f"{folder}/{ticket}/{name}",
            f"{folder}/{file.id}/{name}" if file.id else "",
            f"{folder}/{file.id}-{name}" if file.id else "",
            f"{folder}/{file.id}{Path(name).suffix}" if file.id else "",
            f"{folder}/{name}",
        ):
            if place and (found := inside(root, root, place.replace("%", "%25"))) is not None and found.is_file():
                return found.relative_to(root).as_posix()
    return ""


def updated(value: dict[str, Any], *keys: str) -> str:
    """When a record was changed last, as text that sorts."""
    for key in keys:
        found = value.get(key)
        if isinstance(found, int | float) and not isinstance(found, bool):
            return f"{found:020.3f}"
        if isinstance(found, str) and found:
            return found
    return ""
