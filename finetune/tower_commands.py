"""`deskside finetune tower` and `ship`: train the eyes, and put all that was trained where the desk opens it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from agent.commands.options import note, say, with_settings
from agent.settings import Settings
from agent.weights import SHIPPED
from index.errors import UserError


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run (default: under the data folder).")
@click.option("--minutes", type=click.FloatRange(min=0.1), default=35.0, show_default=True, help="Training in all.")
@click.option("--screens", type=click.IntRange(min=1), default=2500, show_default=True, help="Different screens.")
@click.option("--seed", type=int, default=1)
@click.option("--json", "as_json", is_flag=True)
@with_settings
def tower(settings: Settings, out: Path | None, minutes: float, screens: int, seed: int, as_json: bool) -> None:
    """Train the eyes on drawn screens. A run in the folder goes on; Ctrl+C loses three minutes at most."""
    folder = out or settings.home / "runs" / "tower"
    from finetune.tower import TowerRecipe
    from finetune.tower_start import start

    note(f"Training for {minutes:g} minutes, then some for the scores; log: {folder}/log.jsonl")
    try:
        scores = start(TowerRecipe(seconds=60 * minutes, screens=screens, seed=seed), folder)
    except KeyboardInterrupt:
        note(f"Stopped. Go on: deskside finetune tower --out {folder} --minutes {minutes:g}")
        raise
    if as_json:
        say({**scores, "folder": str(folder)})
    else:
        click.echo(_table(scores))
        click.echo(f"The tower is in {folder}/tower")


def _table(scores: dict[str, Any]) -> str:
    """Kind by kind, how much was found and told right."""
    rows = [*scores["kinds"].items(), ("all", scores["all"])]
    lines = [f"{'':10}{'n':>5}{'found':>8}{'true':>8}{'state':>8}{'colour':>8}{'value':>8}"]
    for name, row in rows:
        shares = (row.get(key) for key in ("recall", "precision", "state", "colour", "value"))
        lines.append(f"{name:10}{row['n']:>5}" + "".join(f"{'' if each is None else each:>8}" for each in shares))
    return "\n".join(lines)


@click.command()
@click.option("--adapter", type=click.Path(path_type=Path), help="best-* of a run without fusion.")
@click.option("--tower", "tower_folder", type=click.Path(path_type=Path), help="tower of a run.")
@click.option("--answering", type=click.Path(path_type=Path), help="A run of `finetune answering`; alone or besides.")
@click.option("--bearing", type=click.Path(path_type=Path), help="bearing.npz of a run of `finetune fused`.")
@click.option("--data", type=click.Path(path_type=Path), help="The card beside the examples, for the model card.")
@click.option("--report", type=click.Path(path_type=Path), help="A report of bench.model, for the model card.")
@click.option("--out", type=click.Path(path_type=Path), default=SHIPPED, help="Where the desk looks (default).")
@with_settings
def ship(
    settings: Settings, adapter: Path | None, tower_folder: Path | None, answering: Path | None, bearing: Path | None,
    data: Path | None, report: Path | None, out: Path,
) -> None:  # fmt: skip
    """Put a trained adapter and tower together where the desk opens them, with their model card, or what tells whether
    a passage answers; what was there of it is replaced."""
    if adapter is not None and tower_folder is not None:
        _put_model(settings, adapter, tower_folder, bearing, data, report, out)
    elif adapter or tower_folder or not answering:
        raise UserError("An adapter and a tower ship together.\nGive --adapter and --tower, or --answering.", "TYPE")
    if answering is not None:
        _put_answering(answering, out)
    click.echo(f"In place: {out}. The next start of the desk uses it; remove the folder to go back.")


def _put_answering(run: Path, out: Path) -> None:
    from finetune.card import answering_card
    from finetune.ship import put_answering
    from index.answering import PAPERS, WEIGHTS

    for folder, wanted in ((run, WEIGHTS), (run, PAPERS), (out, "manifest.json")):
        if not (folder / wanted).is_file():
            raise UserError(f"{folder} has no {wanted}.\nGive a folder that a training left.", "TYPE")
    put_answering(run, out, answering_card(json.loads((run / PAPERS).read_text("utf-8"))))


def _put_model(
    settings: Settings, adapter: Path, tower_folder: Path, bearing: Path | None, data: Path | None, report: Path | None,
    out: Path,
) -> None:  # fmt: skip
    for folder, wanted in ((adapter, "adapter_config.json"), (tower_folder, "config.json")):
        if not (folder / wanted).is_file():
            raise UserError(f"{folder} has no {wanted}.\nGive a folder that a training left.", "TYPE")
    if bearing is not None and not bearing.is_file():
        raise UserError(f"There is no file {bearing}.\nGive the bearing.npz of a run.", "TYPE")
    import tempfile

    from agent.embedded import convert_base
    from finetune.aim import fit_aim
    from finetune.card import model_card
    from finetune.ship import put_in_place
    from index.embed import load_embedder

    with tempfile.TemporaryDirectory() as scratch:
        aim = Path(scratch) / "aim.json"
        scores = fit_aim(load_embedder(settings.embedder, threads=settings.threads or None), aim)
        told = report.read_text("utf-8") if report else ""
        card = model_card(adapter, tower_folder, scores, data, told)
        base = convert_base(settings.cache, on_note=note)
        put_in_place(base, adapter, tower_folder, aim, out, card, bearing)
