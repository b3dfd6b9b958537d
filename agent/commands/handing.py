"""`deskside handovers`: the questions a person was promised for, so that the promise is kept."""

from __future__ import annotations

import click

from agent.commands.options import opened, say, with_settings
from agent.settings import Settings
from index.errors import UserError


@click.group()
def handovers() -> None:
    """Conversations waiting for a person: list them, read one, close it."""


@handovers.command("list")
@click.option("--all", "all_states", is_flag=True, help="The closed ones too.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def list_(settings: Settings, all_states: bool, as_json: bool) -> None:
    """Who waits, longest first."""
    from agent.queue import waiting

    rows = waiting(opened(settings), settings.workspace, all_states)
    for row in rows:
        if as_json:
            say(row)
        else:
            click.echo(f"{row['id']:>4}  {row['state']:<8} {row['created_at']}  {row['conversation']}  {row['reason']}")
            click.echo(f"      {row['question'][:110]}")
    if not rows and not as_json:
        click.echo("Nobody waits.")


@handovers.command()
@click.argument("number", type=int)
@with_settings
def show(settings: Settings, number: int) -> None:
    """The whole conversation behind a hand-over."""
    from agent.queue import waiting
    from index.conversation import source_lines
    from index.sources import load_source

    store = opened(settings)
    row = next((each for each in waiting(store, settings.workspace, True) if each["id"] == number), None)
    if row is None:
        raise UserError(f"There is no hand-over {number} here.\nSee: deskside handovers list", "CONFIG")
    source = load_source(store, settings.workspace, row["conversation"])
    click.echo(f"{row['conversation']}: {row['reason']}; nearest sources: {', '.join(row['cited']) or 'none'}")
    for line in source_lines(source) if source else []:
        click.echo(f"  {line}")


@handovers.command()
@click.argument("number", type=int)
@with_settings
def close(settings: Settings, number: int) -> None:
    """Mark a hand-over as done."""
    from agent.queue import close as close_one

    if not close_one(opened(settings), settings.workspace, number):
        raise UserError(f"There is no open hand-over {number} here.\nSee: deskside handovers list", "CONFIG")
    click.echo(f"Hand-over {number} closed.")
