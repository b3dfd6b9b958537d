"""`deskside backup`, `restore`, `undelete`, `forget`, `doctor`: care for what is precious."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from agent.commands.options import note, opened, progress_bar, say, with_settings
from agent.settings import Settings
from index.errors import UserError


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@with_settings
def backup(settings: Settings, target: Path) -> None:
    """Copy store, pictures, settings and versions in use into TARGET (a .tar), also while the desk is in use."""
    from index.backup import back_up

    size = back_up(opened(settings), target)
    click.echo(f"{target.name}: {size / 2**20:.1f} MB")


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_settings
def restore(settings: Settings, source: Path, yes: bool) -> None:
    """Put the backup SOURCE in place; the store there now is kept beside it."""
    from index.backup import restore as put_back
    from index.staging import one_import

    if not source.is_file():
        raise UserError(f"There is no backup {source.name}.\nCheck the path.", "TYPE")
    if not yes and (settings.home / "deskside.db").exists():
        click.confirm("Replace the store in the data folder by this backup?", abort=True)
    with one_import(settings.home):
        count = put_back(settings.home, source)
    click.echo(f"Restored: {count} conversations. The store before is deskside.db.before-restore.")


@click.command()
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def forget(settings: Settings, customer: str, yes: bool, as_json: bool) -> None:
    """Remove every conversation, picture and index entry of CUSTOMER (the id their tickets carry; for imported mail
    also the address)."""
    from index.forget import forget_customer
    from index.formats.threads import customer_of_address

    store = opened(settings)
    sql = (
        "SELECT (SELECT count(*) FROM conversations WHERE workspace = ?1 AND customer_id = ?2)"
        " + (SELECT count(*) FROM departed WHERE workspace = ?1 AND customer_id = ?2) AS n"
    )
    count = store.rows(sql, [settings.workspace, customer])[0]["n"]
    if not count and "@" in customer:  # mail is kept under a sum of the address
        customer = customer_of_address(customer)
        count = store.rows(sql, [settings.workspace, customer])[0]["n"]
    if not count:
        raise UserError(f"Nothing here belongs to a customer {customer}.\nCheck the id and --workspace.", "CONFIG")
    if not yes:
        click.confirm(f"Remove {count} conversations of {customer} for good?", abort=True)
    gone = forget_customer(store, settings.workspace, customer)
    if as_json:
        say(gone)
    else:
        click.echo(
            f"{gone['conversations']} conversations and {gone['pictures']} pictures removed. "
            "Backups and deskside.db.before-restore, where there are any, still hold them."
        )


@click.command()
@click.argument("ids", nargs=-1)
@click.option("--list", "listed", is_flag=True, help="Only list what can be taken back, and until when.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def undelete(settings: Settings, ids: tuple[str, ...], listed: bool, as_json: bool) -> None:
    """Take back what an import deleted: all that left with the last one that deleted, or these IDS."""
    from agent.commands.importing import sync_index
    from index.departed import KEPT_DAYS, departed, take_back
    from index.staging import one_import

    store = opened(settings)
    found = departed(store, settings.workspace)
    if listed:
        if as_json:
            say([asdict(each) for each in found])
        for each in found if not as_json else []:
            click.echo(f"{each.id}  {each.kind} from {each.feed or 'before sources were noted'}, until {each.gone_on}")
        return
    if not found:
        raise UserError(f"No import deleted anything here in the last {KEPT_DAYS} days.\nCheck --workspace.", "CONFIG")
    if unknown := set(ids) - {each.id for each in found}:
        raise UserError(
            f"Not among what was deleted in the last {KEPT_DAYS} days: {', '.join(sorted(unknown))}.\n"
            "See what is: deskside undelete --list",
            "CONFIG",
        )
    with one_import(settings.home):
        done = take_back(store, settings.workspace, ids)
    with progress_bar() as show:
        indexed = sync_index(store, settings, show) if done.back else {}
    if as_json:
        say({"back": done.back, "taken": done.taken, "index": indexed})
        return
    click.echo(f"{len(done.back)} taken back: {', '.join(done.back[:8])}{' ...' if len(done.back) > 8 else ''}")
    for taken in done.taken:
        note(f"  left as it is: {taken} was imported again since")
    if done.back:
        note("  note: the next import with --mirror deletes again what its export does not name")


@click.command()
@click.option("--json", "as_json", is_flag=True)
@with_settings
def doctor(settings: Settings, as_json: bool) -> None:
    """Check versions, device, store, index, models and disk; exit 1 when something needs care."""
    from agent.doctor import examine

    checks = list(examine(settings))
    if as_json:
        say([asdict(check) for check in checks])
    else:
        for check in checks:
            click.echo(f"{'ok' if check.ok else '!!'}  {check.name:<22} {check.found}")
            if not check.ok and check.hint:
                click.echo(f"    {check.hint}")
    sys.exit(0 if all(check.ok for check in checks) else 1)
