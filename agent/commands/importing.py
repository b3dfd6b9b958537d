"""`deskside import`: files onto the shelf, then the index in step with them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.columns import Columns
from agent.commands.options import note, opened, progress_bar, say, with_settings
from agent.settings import Settings, house_names
from index.errors import UserError

if TYPE_CHECKING:
    from index.intake import FileReport
    from index.sync import Departure


@click.command("import")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "kind", default="auto", help="Recognised by itself as a rule; --formats lists them.")
@click.option("--formats", "listed", is_flag=True, help="List the formats, those of plug-ins too.")
@click.option("--dry-run", is_flag=True, help="Read and count, keep nothing.")
@click.option("--skip-bad", is_flag=True, help="Leave out records that cannot be read instead of the whole file.")
@click.option("--array", is_flag=True, help="The JSON file is one array instead of one object a line.")
@click.option("--column", "columns", multiple=True, metavar="OURS=THEIRS", help="CSV: e.g. text=Body (repeatable).")
@click.option("--guess", is_flag=True, help="CSV: take the guess at columns nobody named, without asking.")
@click.option("--delimiter", help="CSV: the character between cells.")
@click.option("--encoding", help="CSV: e.g. cp1252 (found by itself as a rule).")
@click.option("--role", "roles", multiple=True, metavar="THEIRS=OURS", help="e.g. bot=agent (repeatable).")
@click.option("--mirror", is_flag=True, help="The paths hold all there is: what they do not name is deleted.")
@click.option("--yes", is_flag=True, help="Delete without asking, however much it is.")
@click.option("--source", "feed", help="Where it comes from (default: the format), for --mirror and equal ids.")
@click.option("--prefix", default="", help="Put before every id, to keep two sources apart.")
@click.option("--house", help="Own names, mail domains, numbers (comma between): not masked.")
@click.option("--no-index", is_flag=True, help="Do not embed now; `deskside index build` does it later.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_settings
def import_(
    settings: Settings, paths: tuple[Path, ...], as_json: bool, no_index: bool, dry_run: bool, listed: bool, **rest: Any
) -> None:
    """Put tickets, help articles and their screenshots on the shelf, and keep them in step with their source.

    Reads exports of Zendesk, Intercom, Chatwoot, Freshdesk and Zammad, our own JSON Lines, CSV, and folders of help
    articles. Personal data is masked before anything is indexed. The same id again replaces what changed and leaves
    the rest alone; what the export says is deleted leaves, with --mirror also what it no longer names (asked for when
    it is more than a tenth). A file is taken whole or, without --skip-bad, not at all; a killed import goes on where
    it stopped.
    """
    if listed:
        _list_formats()
        return
    if rest["kind"] != "auto":
        _check_format(rest["kind"])
    if not paths:
        raise click.UsageError("Missing argument 'PATHS...'.")
    from agent.exporting import is_rating_file, take_exported
    from index.formats import ReadOptions
    from index.intake import Intake
    from index.pictures import load_reader

    options = ReadOptions(
        format=rest["kind"],
        columns=_pairs(rest["columns"], "--column"),
        delimiter=rest["delimiter"],
        encoding=rest["encoding"],
        array=rest["array"],
        role_map=_pairs(rest["roles"], "--role"),
    )
    store = opened(settings)
    columns = Columns(store, settings.workspace, rest["guess"])
    reports: list[FileReport] = []
    rated, indexed = 0, {}
    try:
        with progress_bar() as show:
            intake = Intake(
                store,
                settings.workspace,
                lambda: load_reader(settings.threads or 2),
                options,
                house_names(settings),
                rest["skip_bad"],
                dry_run,
                rest["feed"] or "",
                rest["prefix"],
                rest["mirror"],
                (lambda departure: True) if rest["yes"] else _asked,
                columns.settle,
                on_progress=lambda step: show(step.step, step.done, step.total, step.unit),
                on_report=reports.append,
            )
            intake.run([path for path in paths if not is_rating_file(path)])
            if not dry_run:
                columns.keep()
                rated = take_exported(store, settings.workspace, [path for path in paths if is_rating_file(path)])
            if not dry_run and not no_index:
                indexed = sync_index(store, settings, show)
    finally:  # what was taken is told, also when a later file was not
        if not as_json:
            _tell(reports, dry_run)
    if as_json:
        say({"files": [report.as_json() for report in reports], "ratings": rated, "index": indexed, "dry_run": dry_run})
        return
    if rated:
        click.echo(f"{rated} ratings taken")
    if indexed:
        click.echo(
            f"index: {indexed['passages']} passages, {indexed['embedded']} embedded in {indexed['seconds']:.1f} s"
        )


def _list_formats() -> None:
    from index.formats import formats, plug_in_trouble

    for each in formats().values():
        click.echo(f"{each.name:<10} {each.title}")
    for trouble in plug_in_trouble():
        note(f"left out: {trouble}")


def _check_format(name: str) -> None:
    from index.formats import find_format

    try:
        find_format(Path(), name)
    except UserError as error:
        raise click.BadParameter(" ".join(error.message.split()), param_hint="--format") from error


def _asked(departure: Departure) -> bool:
    """A person's word on much that would be deleted; without one there, no."""
    import sys

    if not sys.stdin.isatty():
        from index.sync import refuse

        return refuse(departure)
    question = f"Delete {departure.count} of {departure.total} tickets and articles from {departure.feed}?"
    return click.confirm(question, default=False, err=True)


def _tell(reports: list[FileReport], dry_run: bool) -> None:
    """What became of each path, for a person; remarks on stderr."""
    for report in reports:
        click.echo(_told(report, dry_run))
        for error in report.errors:
            note(f"  left out: {' '.join(error.split())}")
        for reason, count in report.left_out.most_common():
            note(f"  skipped: {count} {reason}")
        if report.characters_removed:
            note(f"  note: {report.characters_removed} control or invisible characters removed")
        if report.messages_dropped:
            note(f"  note: {report.messages_dropped} messages without visible text left out")
        if (report.deleted or report.vanished) and not dry_run:
            note("  note: what was deleted is kept for 30 days; take it back: deskside undelete")
        for notice in report.notices:
            note(f"  note: {notice}")
        if report.more_notices:
            note(f"  note: and {report.more_notices} more")


def sync_index(store: Any, settings: Settings, show: Any) -> dict[str, Any]:
    """Bring the index in step with the store, told through `show`; gives counts and seconds for the report."""
    from agent.in_use import load_workspace_embedder
    from index.build import load_shelf

    started = time.perf_counter()
    counted = [0]

    def on_count(done: int, total: int) -> None:
        counted[0] = total
        show("embedding", done, total, "passages")

    embedder = load_workspace_embedder(store, settings, note)
    shelf = load_shelf(store, settings.workspace, embedder, on_count)
    if shelf.notice:
        note(shelf.notice)
    seconds = round(time.perf_counter() - started, 2)
    return {"passages": len(shelf.index), "embedded": counted[0], "removed": shelf.removed, "seconds": seconds}


def _told(report: FileReport, dry_run: bool) -> str:
    """One line a person reads: the counts add up."""
    counts = [(report.imported - report.changed, "new")]
    counts += [(report.changed, "changed")] if report.changed else []
    counts += [(report.duplicate, "unchanged")]
    counts += [(report.deleted, "deleted")] if report.deleted else []
    counts += [(report.skipped, "skipped")]
    text = f"{report.name}: {report.read} read = " + " + ".join(f"{count} {what}" for count, what in counts)
    if dry_run:
        text += " (dry run)"
    if report.vanished:
        text += f"; {report.vanished} no longer there, deleted"
    if report.pictures:
        text += f"; {report.pictures} pictures"
    if report.masked:
        masked = ", ".join(f"{count} {kind.lower()}" for kind, count in sorted(report.masked.items()))
        text += f"; masked: {masked}"
    return f"{text}; {report.seconds:.1f} s"


def _pairs(values: tuple[str, ...], flag: str) -> dict[str, str]:
    pairs = {}
    for value in values:
        ours, found, theirs = value.partition("=")
        if not found or not ours or not theirs:
            raise click.BadParameter(f"{flag} is written NAME=NAME, got {value!r}")
        pairs[ours.strip()] = theirs.strip()
    return pairs
