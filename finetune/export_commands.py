"""`deskside finetune export`: the weights of a version for other engines, merged or as an adapter."""

from __future__ import annotations

from pathlib import Path

import click

from agent.commands.options import note, opened, say, with_settings
from agent.settings import Settings
from index.errors import UserError


@click.command()
@click.option("--version", "name", help="The version (default: the one in use; v0: as shipped).")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new folder.")
@click.option("--adapter", is_flag=True, help="Only the adapter, for peft and for vLLM's --lora-modules.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def export(settings: Settings, name: str | None, out: Path, adapter: bool, as_json: bool) -> None:
    """Write the language model of a version as a stock folder that transformers and vLLM open."""
    if out.exists() and any(out.iterdir()):
        raise UserError(f"{out} is not empty.\nName a new folder.", "CONFIG")
    folder = _folder(settings, name)
    from agent.embedded import convert_base
    from agent.vlm.export import export_adapter, export_merged

    if adapter:
        export_adapter(folder, out)
    else:
        export_merged(folder, out, base=convert_base(settings.cache, on_note=note))
    if as_json:
        say({"folder": str(out), "from": str(folder), "adapter": adapter})
    else:
        click.echo(f"In {out}: {'the adapter' if adapter else 'the merged weights'} of {name or 'the version in use'}.")


def _folder(settings: Settings, name: str | None) -> Path:
    """The trained parts of a version. Raises UserError CONFIG where there are none, and what opening it raises."""
    from agent.in_use import GENERATOR
    from agent.versions import AS_SHIPPED, check_whole, in_use, load_version
    from agent.weights import shipped_folder

    store = opened(settings)
    name = name or in_use(store, settings.workspace)[1]
    folder: Path | None = None
    if name != AS_SHIPPED:
        version = load_version(store, settings.workspace, name)
        check_whole(version, store)
        folder = version.folder / GENERATOR
    found = folder if folder is not None and folder.is_dir() else shipped_folder()
    if found is None:
        raise UserError(f"{name} has no trained weights.\nTrain some: deskside learn --generator 20", "CONFIG")
    return found
