"""`deskside templates`: the approved replies of a team."""

from __future__ import annotations

from pathlib import Path

import click

from agent.commands.options import opened, say, with_settings
from agent.settings import Settings
from index.errors import UserError


@click.group()
def templates() -> None:
    """Approved replies, given word for word when a question matches one closely."""


@templates.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@with_settings
def import_(settings: Settings, file: Path) -> None:
    """Take a JSONL file of {"id", "title", "questions": [...], "text"}; a known id gets the new text."""
    from index.templates import keep_templates, read_templates

    read = read_templates(file)
    changed = keep_templates(opened(settings), settings.workspace, read)
    click.echo(f"{len(read)} templates read = {changed} new or changed + {len(read) - changed} as they were")


@templates.command("list")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def list_(settings: Settings, as_json: bool) -> None:
    """Show the approved replies."""
    from index.templates import load_templates

    for template in load_templates(opened(settings), settings.workspace):
        if as_json:
            say({"id": template.id, "title": template.title, "questions": template.questions, "text": template.text})
        else:
            click.echo(f"{template.id}  {template.title}  ({len(template.questions)} wordings)")


@templates.command("remove")
@click.argument("template_id")
@with_settings
def remove(settings: Settings, template_id: str) -> None:
    """Take an approved reply out of use."""
    from index.templates import remove_template

    if not remove_template(opened(settings), settings.workspace, template_id):
        raise UserError(f"There is no template {template_id} here.\nSee: deskside templates list", "CONFIG")
    click.echo(f"{template_id} removed.")
