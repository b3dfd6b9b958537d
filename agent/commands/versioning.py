"""`deskside versions`, `promote`, `rollback`, `diff`: which version of the models is in use, and how it changes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from agent.commands.options import note, opened, say, with_settings
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.versions import Promotion, Version
    from index.store import Store


@click.command()
@click.option("--json", "as_json", is_flag=True)
@with_settings
def versions(settings: Settings, as_json: bool) -> None:
    """The versions of the workspace and which one is in use; every change of it."""
    from agent.versions import in_use, list_versions, promotions

    store = opened(settings)
    used = in_use(store, settings.workspace)[1]
    rows = [_row(each, used) for each in list_versions(store, settings.workspace)]
    changes = [vars(each) for each in promotions(store, settings.workspace)]
    if as_json:
        say({"in_use": used, "versions": rows, "changes": changes})
        return
    click.echo(f"{'*' if used == 'v0' else ' '} v0      as shipped")
    for row in rows:
        told = "passed the gate" if row["accepted"] else f"refused: {row['refusals'][0] if row['refusals'] else '-'}"
        mark = "*" if row["in_use"] else " "
        click.echo(f"{mark} {row['name']:<7} {row['made_at']}  {', '.join(row['parts']) or 'nothing new'}; {told}")
    for change in changes[-10:]:
        reason = f"  ({change['reason']})" if change["reason"] else ""
        click.echo(f"  {change['at']}  {change['kind']:<8} {change['before']} -> {change['version']}{reason}")


def _row(version: Version, used: str) -> dict[str, Any]:
    return {
        "name": version.name,
        "in_use": version.name == used,
        "made_at": version.papers.get("made_at", ""),
        "parts": sorted(version.parts),
        "accepted": version.accepted,
        "refusals": version.refusals,
        "compared_with": version.papers.get("base", {}).get("version", ""),
        "folder": str(version.folder),
    }


@click.command()
@click.argument("name")
@click.option("--override", metavar="REASON", help="Although the gate refused it; the reason is kept.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def promote(settings: Settings, name: str, override: str | None, as_json: bool) -> None:
    """Put the version NAME in use. A window that is open picks it up before its next answer."""
    from agent.versions import promote as put_in_use

    store, started = opened(settings), time.perf_counter()
    change = put_in_use(store, settings.workspace, name, override=override or "")
    _tell(store, settings, change, started, as_json)


@click.command()
@click.option("--reason", metavar="TEXT", default="", help="Kept with the change.")
@click.option("--templates", is_flag=True, help="Put back the approved replies of that version too.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def rollback(settings: Settings, reason: str, templates: bool, as_json: bool) -> None:
    """Put the version before back in use; again for the one before that."""
    from agent.versions import restore_templates
    from agent.versions import rollback as go_back

    store, started = opened(settings), time.perf_counter()
    with store.write():  # the version and its approved replies, or neither
        change = go_back(store, settings.workspace, reason)
        put_back = restore_templates(store, settings.workspace, change) if templates else 0
    _tell(store, settings, change, started, as_json, put_back if templates else None)


def _tell(
    store: Store, settings: Settings, change: Promotion, started: float, as_json: bool, put_back: int | None = None
) -> None:
    """What is in use now, with its index brought in step: only what came in since is embedded."""
    from agent.in_use import load_in_use
    from index.build import load_shelf

    shelf = load_shelf(store, settings.workspace, load_in_use(store, settings, note).embedder)
    seconds = time.perf_counter() - started
    if as_json:
        told = {**vars(change), "seconds": round(seconds, 2), "embedded": shelf.added}
        say(told if put_back is None else {**told, "templates": put_back})
        return
    against = " against the gate" if change.kind == "override" else ""
    click.echo(f"{change.version} is in use{against}, {change.before} before it ({seconds:.1f} s).")
    if put_back is not None:
        click.echo(f"{put_back} approved replies put back.")


@click.command()
@click.argument("one")
@click.argument("other")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def diff(settings: Settings, one: str, other: str, as_json: bool) -> None:
    """What differs between the papers of two versions: base, data, recipe, scores, parts."""
    from agent.versions import AS_SHIPPED, differences, load_version

    store = opened(settings)
    papers = [
        {} if name == AS_SHIPPED else load_version(store, settings.workspace, name).papers for name in (one, other)
    ]
    found = differences(*papers)
    if as_json:
        say([{"what": what, one: left, other: right} for what, left, right in found])
        return
    for what, left, right in found:
        click.echo(f"{what}: {_short(left)} -> {_short(right)}")
    if not found:
        click.echo("No difference.")


def _short(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
