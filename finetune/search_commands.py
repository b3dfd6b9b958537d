"""`deskside finetune search`: recipes of the generator tried within a time budget, the best one kept as a file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from agent.commands.options import note, say, with_settings
from agent.settings import Settings
from finetune.recipe import FUSIONS, STRATEGIES, Recipe, load_recipe
from finetune.stopping import stop_kindly
from index.errors import UserError


@click.command()
@click.option("--data", multiple=True, metavar="FILE", help="Examples, one a line; may be given again.")
@click.option("--held-out", multiple=True, metavar="FILE", help="Examples to ask, never to learn.")
@click.option("--recipe", "recipe_file", type=click.Path(path_type=Path), help="Search around this one.")
@click.option("--base", help="embedded (default), a folder, or a hub id.")
@click.option("--strategy", type=click.Choice(STRATEGIES), help="What is trained (default: lora).")
@click.option("--fusion", multiple=True, type=click.Choice(FUSIONS), help="Search over these too; may be given again.")
@click.option("--minutes", type=click.FloatRange(min=0.01), default=60.0, show_default=True, help="For all trials.")
@click.option("--trial-minutes", type=click.FloatRange(min=0.01), default=6.0, show_default=True, help="For each.")
@click.option("--max-steps", type=click.IntRange(min=1), help="Steps of each, in place of its minutes.")
@click.option("--trials", type=click.IntRange(min=0), default=0, help="End after so many, also before the time.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the search (default: under the data folder).")
@click.option("--seed", type=int, default=0)
@click.option("--resume", is_flag=True, help="Go on with the search in --out.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def search(
    settings: Settings, data: tuple[str, ...], held_out: tuple[str, ...], recipe_file: Path | None, base: str | None,
    strategy: str | None, fusion: tuple[str, ...], minutes: float, trial_minutes: float, max_steps: int | None,
    trials: int, out: Path | None, seed: int, resume: bool, as_json: bool,
) -> None:  # fmt: skip
    """Look for the best learning rate, rank, decay and weights of the losses. Ctrl+C or a kill loses nothing: --resume
    goes on. Needs the extra `search` (Optuna)."""
    folder = out or settings.home / "runs" / "search"
    around = load_recipe(recipe_file) if recipe_file else Recipe()
    chosen = {"data": data, "held_out_data": held_out, "base": base, "strategy": strategy, "max_steps": max_steps}
    around = replace(around, seed=seed, **{name: each for name, each in chosen.items() if each not in (None, ())})  # type: ignore[arg-type]
    if not around.data:
        raise UserError("Nothing to learn from. Give examples: --data FILE", "CONFIG")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: spinning threads stop each other
    from finetune.searching import BEST, Bounds, table
    from finetune.searching import search as go

    with stop_kindly() as stopping:
        found = go(
            around, folder, settings.cache, minutes=minutes, each=trial_minutes, most=trials, resume=resume,
            bounds=Bounds(fusion or (around.fusion,)), tell=say if as_json else _told, stopping=stopping,
        )  # fmt: skip
    if as_json:
        say({"folder": str(folder), "best": str(folder / BEST), "trials": [vars(each) for each in found]})
        return
    for line in table(found):
        click.echo(line)
    if any(each.score is not None for each in found):
        click.echo(f"The best recipe is in {folder / BEST}; train with it: deskside finetune generator --recipe FILE")


def _told(line: dict[str, Any]) -> None:
    """A trial's beginning and end for a person; steps are not told."""
    if "text" in line:
        score = f", {line['score']:.1%} of the held-out asks exact" if line.get("score") is not None else ""
        note(f"trial {line['trial']} {line['text']}{score}")
