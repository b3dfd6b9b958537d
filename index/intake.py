"""The way in: a file becomes tickets, articles and pictures on the shelf, all of it or nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from index.clean import clean
from index.conversation import Article, Conversation, Source, content_hash
from index.errors import UserError
from index.formats import Parsed, ReadOptions, read_sources
from index.formats.articles import inside
from index.pictures import OpenPicture, PictureReader, ReadPicture, open_picture, save_picture
from index.prepare import prepare
from index.redact import Redactor
from index.sources import chat_id_taken, keep_picture, keep_source, load_picture, load_source
from index.staging import Staging, one_import, open_staging, staging_key
from index.store import Store, now

BATCH = 200
BATCH_SECONDS = 2.0
PICTURE_ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"}
MOST_NOTES = 20
PUSHED_LEAST = 20
PUSHED_SHARE = 0.1


@dataclass(frozen=True)
class Progress:
    """How far a step is: `done` of `total` in `unit`."""

    step: str
    done: int
    total: int
    unit: str


@dataclass
class FileReport:
    """What became of one path: `read` = imported + skipped + duplicate."""

    name: str
    read: int = 0
    imported: int = 0
    changed: int = 0
    skipped: int = 0
    duplicate: int = 0
    pictures: int = 0
    masked: Counter[str] = field(default_factory=Counter)
    characters_removed: int = 0
    messages_dropped: int = 0
    notices: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    more_notices: int = 0
    seconds: float = 0.0

    def note(self, text: str) -> None:
        """Add a notice; beyond the first 20 they are only counted."""
        if text in self.notices:
            return
        if len(self.notices) < MOST_NOTES:
            self.notices.append(text)
        else:
            self.more_notices += 1

    def as_json(self) -> dict[str, Any]:
        """The shape of `deskside import --json`."""
        return {**asdict(self), "masked": dict(self.masked), "seconds": round(self.seconds, 2)}


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Intake:
    """What an import needs: the store, the workspace, and a reader of pictures when one turns up."""

    store: Store
    workspace: str
    load_reader: Callable[[], PictureReader]
    options: ReadOptions = field(default_factory=ReadOptions)
    house: tuple[str, ...] = ()
    skip_bad: bool = False
    dry_run: bool = False
    on_progress: OnProgress = lambda progress: None
    on_report: Callable[[FileReport], None] = lambda report: None

    def run(self, paths: Iterable[Path]) -> list[FileReport]:
        """Import each path, all of it or nothing; an error leaves the paths before it imported.

        Raises UserError (any kind of the import list) with the line where there is one.
        """
        with one_import(self.store.home):
            return [self._told(self._file(path)) for path in paths]

    def _told(self, report: FileReport) -> FileReport:
        self.on_report(report)
        return report

    def _file(self, path: Path) -> FileReport:
        started = time.perf_counter()
        report = FileReport(clean(path.name) or ".")
        _check_readable(path)
        if self.dry_run:
            for _content, _source, notes in self._prepared(path, report, None):
                _count(report, notes)
        else:
            key = staging_key(self.workspace, path, (self.options, self.house))
            staging = open_staging(self.store.home, key)
            try:
                self._stage(path, report, staging)
                self._commit(report, staging, key)
            except BaseException:
                staging.close()
                raise
            staging.remove()
            if report.imported:
                self.store.fold()  # a large import leaves no large journal behind
        report.seconds = time.perf_counter() - started
        return report

    def _stage(self, path: Path, report: FileReport, staging: Staging) -> None:
        """Prepare every source of the file into the staging file, in batches that survive a kill."""
        batch: list[tuple[str, Source, dict[str, Any]]] = []
        last = time.perf_counter()
        for prepared in self._prepared(path, report, staging):
            batch.append(prepared)
            if len(batch) >= BATCH or time.perf_counter() - last > BATCH_SECONDS:
                staging.add(batch)
                batch, last = [], time.perf_counter()
        staging.add(batch)

    def _prepared(
        self, path: Path, report: FileReport, staging: Staging | None
    ) -> Iterator[tuple[str, Source, dict[str, Any]]]:
        """Parse, skip what is known or staged already, then clean, mask and read pictures."""
        size = 0 if path.is_dir() else path.stat().st_size
        folder = path if path.is_dir() else path.parent
        reader = _Pictures(self, folder)
        for parsed in read_sources(path, self.options):
            if not self._counts(parsed, report):
                continue
            assert parsed.source is not None
            self.on_progress(Progress(f"reading {report.name}", parsed.offset, size, "B"))
            for notice in parsed.notices:
                report.note(notice)
            content = content_hash(parsed.source)
            try:
                if self._known(parsed.source, content):
                    report.duplicate += 1
                elif staging is None or not staging.has(content):  # else prepared before the last kill
                    yield (content, *self._prepare(parsed.source, reader))
            except UserError as error:
                self._refused(_placed(error, report.name, parsed.line), report)

    def _counts(self, parsed: Parsed, report: FileReport) -> bool:
        """Count a record in; False when there is nothing to store of it. Raises its error unless --skip-bad."""
        report.read += 1
        if parsed.error is not None:
            self._refused(parsed.error, report)
            return False
        if parsed.duplicate:
            report.duplicate += 1
            return False
        return parsed.source is not None

    def _refused(self, error: UserError, report: FileReport) -> None:
        """A record that cannot be taken: left out with --skip-bad, else the end of this file."""
        if not self.skip_bad:
            raise error
        report.skipped += 1
        if len(report.errors) < MOST_NOTES:
            report.errors.append(error.message)

    def _known(self, source: Source, content: str) -> bool:
        """Whether the shelf has it already. Raises UserError SCHEMA when its id is that of another chat."""
        if isinstance(source, Article):
            sql = "SELECT content_hash FROM articles WHERE workspace = ? AND source_id = ?"
            return any(row["content_hash"] == content for row in self.store.rows(sql, [self.workspace, source.id]))
        sql = "SELECT origin, content_hash FROM conversations WHERE workspace = ? AND source_id = ?"
        row = self.store.db.execute(sql, [self.workspace, source.id]).fetchone()
        return row is not None and (row[1] == content or (row[0] == "chat" and self._is_own_chat(source)))

    def _is_own_chat(self, source: Conversation) -> bool:
        """Whether an export of this desk's own chat comes back, now or from an earlier day of the chat."""
        ours = load_source(self.store, self.workspace, source.id)
        said = [(message.role, message.text) for message in source.messages]
        if isinstance(ours, Conversation) and said == [(each.role, each.text) for each in ours.messages[: len(said)]]:
            return True
        raise chat_id_taken(source.id)

    def _prepare(self, source: Source, pictures: _Pictures) -> tuple[Source, dict[str, Any]]:
        prepared = prepare(source, self.house)
        notes: dict[str, Any] = {
            "masked": prepared.masked,
            "removed": prepared.removed,
            "dropped": prepared.dropped,
            "pushed": prepared.pushed,
            "pictures": 0,
            "notices": [],
        }
        return prepared.source if self.dry_run else pictures.read(prepared.source, notes), notes

    def _commit(self, report: FileReport, staging: Staging, key: str) -> None:
        """Put all that was staged on the shelf in one transaction."""
        total = len(staging)
        self.on_progress(Progress(f"keeping {report.name}", 0, total, "sources"))
        pushed: Counter[str] = Counter()
        with self.store.write() as db:
            for number, (content, source, notes) in enumerate(staging.rows(), start=1):
                kept = keep_source(self.store, self.workspace, source, content)
                if kept != "duplicate":  # else this pass has counted it: a kill came after it was kept
                    _count(report, notes)
                    pushed.update(notes["pushed"])
                    report.changed += kept == "changed"
                if number % BATCH == 0:
                    self.on_progress(Progress(f"keeping {report.name}", number, total, "sources"))
            if total:
                counts = f'{{"imported": {report.imported}, "changed": {report.changed}, "skipped": {report.skipped}}}'
                db.execute(
                    "INSERT INTO imports (workspace, name, digest, counts, created_at) VALUES (?, ?, ?, ?, ?)",
                    [self.workspace, report.name, key, counts, now()],
                )
        _note_pushed(report, pushed)


def _note_pushed(report: FileReport, pushed: Counter[str]) -> None:
    """Tell of a value that stands in suspiciously many tickets: masked everywhere, but a person should look."""
    for value, count in pushed.most_common(3):
        if count >= PUSHED_LEAST and count >= PUSHED_SHARE * report.imported:
            what = {"PHONE": "phone number", "IBAN": "bank account", "LINK": "link"}[value.split(":")[0]]
            report.note(
                f"The same {what} stands in {count} of {report.imported} tickets; it is masked in all of them. "
                "Is it yours? Name it with --house. If not, somebody may be pushing it: look at these tickets."
            )


def _count(report: FileReport, notes: dict[str, Any]) -> None:
    report.imported += 1
    report.masked.update(notes["masked"])
    report.pictures += notes["pictures"]
    report.characters_removed += notes["removed"]
    report.messages_dropped += notes["dropped"]
    for notice in notes["notices"]:
        report.note(notice)


class _Pictures:
    """The pictures a source names, read once and kept by hash."""

    def __init__(self, intake: Intake, folder: Path) -> None:
        self._intake = intake
        self._folder = folder.resolve()
        self._reader: PictureReader | None = None

    def read(self, source: Source, notes: dict[str, Any]) -> Source:
        """The source with the hashes of its pictures; trouble with one becomes a notice."""
        if isinstance(source, Article):
            return replace(source, pictures=self._hashes(source.id, source.attachments, notes))
        if not any(message.attachments for message in source.messages):
            return source
        messages = tuple(
            replace(message, pictures=tuple(sha for sha in self._hashes(source.id, message.attachments, notes) if sha))
            if message.attachments
            else message
            for message in source.messages
        )
        return replace(source, messages=messages)

    def _hashes(self, owner: str, names: Iterable[str], notes: dict[str, Any]) -> tuple[str, ...]:
        """One hash per name, "" where there is no picture."""
        return tuple(self._one(owner, name, notes) for name in names)

    def _one(self, owner: str, name: str, notes: dict[str, Any]) -> str:
        file = inside(self._folder, self._folder, name)
        if file is None:
            notes["notices"].append(f"{owner}: {clean(name)} lies outside the folder of the file and was not read.")
            return ""
        if file.suffix.lower() not in PICTURE_ENDINGS:
            notes["notices"].append(f"{owner}: {clean(name)} is not a picture; its name is kept, its content is not.")
            return ""
        try:
            picture = open_picture(file)
            save_picture(picture, self._intake.store.pictures)
            if load_picture(self._intake.store, picture.sha256) is None:
                keep_picture(self._intake.store, masked_picture(self._read(picture)))
        except UserError as error:
            notes["notices"].append(f"{owner}: {' '.join(error.message.split())}")
            return ""
        notes["pictures"] += 1
        return picture.sha256

    def _read(self, picture: OpenPicture) -> ReadPicture:
        if self._reader is None:
            self._reader = self._intake.load_reader()
        return self._reader.read(picture)


def masked_picture(picture: ReadPicture) -> ReadPicture:
    """The picture with personal data masked in its words: what is stored and indexed."""
    redactor = Redactor()
    lines = tuple(replace(line, text=redactor.redact(line.text)) for line in picture.lines)
    marks = tuple(replace(mark, label=redactor.redact(mark.label)) for mark in picture.sight.marks)
    return replace(
        picture,
        lines=lines,
        layout=redactor.redact(picture.layout),
        words=redactor.redact(picture.words),
        sight=replace(picture.sight, marks=marks),
    )


def _placed(error: UserError, name: str, line: int) -> UserError:
    """The error with the file and the line it happened in."""
    if error.line is not None:
        return error
    return UserError(f"{name}, line {line}: {error.message}", error.kind, line=line)


def _check_readable(path: Path) -> None:
    name = " ".join(clean(path.name).split())[:80]
    try:
        there = path.exists()
    except (OSError, ValueError):  # a folder that may not be entered, a name too long
        there = False
    if not there:
        raise UserError(f"There is no file {name}.\nCheck the path.", "TYPE")
    if not path.is_file() and not path.is_dir():
        raise UserError(
            f"{name} is neither a file nor a folder.\nGive a file of tickets or a folder of articles.", "TYPE"
        )
