"""The way in: a file becomes tickets, articles and pictures on the shelf, all of it or nothing."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from index.clean import clean
from index.conversation import Article, Conversation, Source, content_hash
from index.errors import UserError
from index.formats import Parsed, ReadOptions, find_format
from index.formats.articles import inside
from index.formats.registry import Format, read_with
from index.imported import MOST_NOTES, FileReport
from index.pictures import OpenPicture, PictureReader, ReadPicture, open_picture, save_picture
from index.prepare import prepare
from index.redact import Redactor
from index.sources import chat_id_taken, keep_picture, keep_source, load_picture, load_source
from index.staging import Staging, one_import, open_staging, staging_key
from index.store import Store, now
from index.sync import Confirm, Departure, Presence, delete_files, refuse, taken_by_another

__all__ = ["FileReport", "Intake", "Progress", "masked_picture"]

BATCH = 200
BATCH_SECONDS = 2.0
PICTURE_ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"}


@dataclass(frozen=True)
class Progress:
    """How far a step is: `done` of `total` in `unit`."""

    step: str
    done: int
    total: int
    unit: str


OnProgress = Callable[[Progress], None]


@dataclass
class _Visit:
    """One path under way: how it is read, whose it is, what became of it."""

    path: Path
    made: Format
    options: ReadOptions
    feed: str
    report: FileReport
    presence: Presence


@dataclass(frozen=True)
class Intake:
    """What an import needs: the store, the workspace, and a reader of pictures when one turns up.

    `feed` names the source the files come from (the name of the format unless it is given), `prefix` is put before
    every id. With `mirror` the files hold all there is of their source: what they do not name leaves. `confirm` is
    asked before more than a small share of a source leaves. `settle` may complete the options for one file.
    """

    store: Store
    workspace: str
    load_reader: Callable[[], PictureReader]
    options: ReadOptions = field(default_factory=ReadOptions)
    house: tuple[str, ...] = ()
    skip_bad: bool = False
    dry_run: bool = False
    feed: str = ""
    prefix: str = ""
    mirror: bool = False
    confirm: Confirm = refuse
    settle: Callable[[Path, Format, ReadOptions], ReadOptions] = lambda path, made, options: options
    on_progress: OnProgress = lambda progress: None
    on_report: Callable[[FileReport], None] = lambda report: None

    def run(self, paths: Iterable[Path]) -> list[FileReport]:
        """Import each path, all of it or nothing; an error leaves the paths before it imported.

        Raises UserError (any kind of the import list) with the line where there is one.
        """
        with one_import(self.store.home):
            reports = []
            presence = Presence(self.store, self.workspace)
            waiting = list(paths)
            while waiting:
                path = waiting.pop(0)
                # only when all files are read is it known what none of them names
                reports.append(self._told(self._file(path, presence, self.mirror and not waiting)))
            return reports

    def _told(self, report: FileReport) -> FileReport:
        self.on_report(report)
        return report

    def _file(self, path: Path, presence: Presence, mirror: bool) -> FileReport:
        started = time.perf_counter()
        report = FileReport(clean(path.name) or ".")
        _check_readable(path)
        made = find_format(path, self.options.format)
        visit = _Visit(path, made, self.settle(path, made, self.options), self.feed or made.name, report, presence)
        if self.dry_run:
            for _content, source, notes in self._prepared(visit, None):
                report.count(notes)
                report.changed += self._is_known(source)
            self._leave(visit, mirror, lambda departure: False)
        else:
            key = staging_key(self.workspace, path, (visit.options, self.house, self.prefix))
            staging = open_staging(self.store.home, key)
            try:
                self._stage(visit, staging)
                departure = self._leave(visit, mirror, self.confirm)
                self._commit(visit, staging, key, departure)
            except BaseException:
                staging.close()
                raise
            staging.remove()
            if report.imported or report.deleted or report.vanished:
                self.store.fold()  # a large import leaves no large journal behind
        report.seconds = time.perf_counter() - started
        return report

    def _stage(self, visit: _Visit, staging: Staging) -> None:
        """Prepare every source of the file into the staging file, in batches that survive a kill."""
        batch: list[tuple[str, Source, dict[str, Any]]] = []
        last = time.perf_counter()
        for prepared in self._prepared(visit, staging):
            batch.append(prepared)
            if len(batch) >= BATCH or time.perf_counter() - last > BATCH_SECONDS:
                staging.add(batch)
                batch, last = [], time.perf_counter()
        staging.add(batch)

    def _prepared(self, visit: _Visit, staging: Staging | None) -> Iterator[tuple[str, Source, dict[str, Any]]]:
        """Parse, skip what is known or staged already, then clean, mask and read pictures."""
        path, report = visit.path, visit.report
        size = 0 if path.is_dir() else path.stat().st_size
        folder = path if path.is_dir() else path.parent
        reader = _Pictures(self, folder)
        for parsed in read_with(visit.made, path, visit.options):
            if parsed.waiting:
                self.on_progress(Progress(f"gathering {report.name}", parsed.offset, size, "B"))
                continue
            if not self._counts(parsed, visit):
                continue
            assert parsed.source is not None
            source = replace(parsed.source, id=self.prefix + parsed.source.id) if self.prefix else parsed.source
            visit.presence.name(visit.feed, "article" if isinstance(source, Article) else "ticket", source.id)
            self.on_progress(Progress(f"reading {report.name}", parsed.offset, size, "B"))
            for notice in parsed.notices:
                report.note(notice)
            content = content_hash(source)
            try:
                if self._known(source, content, visit.feed):
                    report.duplicate += 1
                elif parsed.partial and self._is_known(source):
                    report.skipped += 1
                    report.left_out["known here, and without its answers in this export"] += 1
                elif staging is None or not staging.has(content):  # else prepared before the last kill
                    reader.folder = (parsed.folder or folder).resolve()
                    yield (content, *self._prepare(source, reader))
            except UserError as error:
                self._refused(_placed(error, report.name, parsed.line), report)

    def _leave(self, visit: _Visit, mirror: bool, confirm: Confirm) -> Departure:
        """What is to leave the shelf; raises or asks where that is much."""
        report = visit.report
        if mirror and report.errors:
            report.note("Nothing was deleted for not being named: records that could not be read may name it.")
            mirror = False
        said = visit.presence.plan(visit.feed, mirror=False)
        departure = visit.presence.plan(visit.feed, mirror=mirror)
        if not self.dry_run and not departure.is_small and not confirm(departure):
            step = "Run it again when the export is whole."
            raise UserError(f"Nothing was imported and nothing deleted.\n{step}", "REFUSED")
        if departure.kept:
            report.note(f"{departure.kept} that are gone stay: answers in them were given or rated here.")
        report.deleted -= said.kept
        report.skipped += said.kept
        report.vanished = departure.count - said.count
        return departure

    def _counts(self, parsed: Parsed, visit: _Visit) -> bool:
        """Count a record in; False when there is nothing to store of it. Raises its error unless --skip-bad."""
        report = visit.report
        report.read += 1
        if parsed.error is not None:
            self._refused(parsed.error, report)
            return False
        if parsed.duplicate:
            report.duplicate += 1
            return False
        if parsed.deleted:
            name = self.prefix + parsed.deleted
            visit.presence.name(visit.feed, parsed.deleted_kind, name, gone=True)
            if visit.presence.is_here(visit.feed, parsed.deleted_kind, name):
                report.deleted += 1
                return False
        if parsed.source is None:
            report.skipped += 1
            report.left_out[parsed.left_out or "deleted there, and not here"] += 1
        return parsed.source is not None

    def _refused(self, error: UserError, report: FileReport) -> None:
        """A record that cannot be taken: left out with --skip-bad, else the end of this file."""
        if not self.skip_bad:
            raise error
        report.skipped += 1
        if len(report.errors) < MOST_NOTES:
            report.errors.append(error.message)

    def _known(self, source: Source, content: str, feed: str) -> bool:
        """Whether the shelf has it already. Raises UserError SCHEMA when its id is that of another chat or source."""
        table, origin = ("articles", "''") if isinstance(source, Article) else ("conversations", "origin")
        sql = f"SELECT {origin}, content_hash, feed FROM {table} WHERE workspace = ? AND source_id = ?"
        row = self.store.db.execute(sql, [self.workspace, source.id]).fetchone()
        if row is None:
            return False
        if isinstance(source, Conversation) and row[0] == "chat":
            return row[1] == content or self._is_own_chat(source)
        if (error := taken_by_another(feed, row[2], source.id)) is not None:
            raise error
        return row[1] == content

    def _is_known(self, source: Source) -> bool:
        return load_source(self.store, self.workspace, source.id) is not None

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

    def _commit(self, visit: _Visit, staging: Staging, key: str, departure: Departure) -> None:
        """Put all that was staged on the shelf, and take off what is gone, in one transaction."""
        total, report = len(staging), visit.report
        gone: set[str] = set()
        self.on_progress(Progress(f"keeping {report.name}", 0, total, "sources"))
        pushed: Counter[str] = Counter()
        with self.store.write() as db:
            for number, (content, source, notes) in enumerate(staging.rows(), start=1):
                kept = keep_source(self.store, self.workspace, source, content, feed=visit.feed)
                if kept != "duplicate":  # else this pass has counted it: a kill came after it was kept
                    report.count(notes)
                    pushed.update(notes["pushed"])
                    report.changed += kept == "changed"
                if number % BATCH == 0:
                    self.on_progress(Progress(f"keeping {report.name}", number, total, "sources"))
            if self.mirror:
                visit.presence.adopt(visit.feed)
            if departure.count:
                _, gone = visit.presence.carry_out()
            if total or departure.count:
                counts = json.dumps(
                    {
                        "imported": report.imported,
                        "changed": report.changed,
                        "skipped": report.skipped,
                        "deleted": departure.count,
                    }
                )
                db.execute(
                    "INSERT INTO imports (workspace, name, digest, counts, created_at) VALUES (?, ?, ?, ?, ?)",
                    [self.workspace, report.name, key, counts, now()],
                )
        delete_files(self.store, gone)
        report.note_pushed(pushed)


class _Pictures:
    """The pictures a source names, read once and kept by hash."""

    def __init__(self, intake: Intake, folder: Path) -> None:
        self._intake = intake
        self.folder = folder.resolve()
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
        file = inside(self.folder, self.folder, name)
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
