"""`deskside finetune`: train on your own material."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.options import note, say, with_settings
from agent.settings import Settings
from finetune.answering_commands import answering
from finetune.classifier_commands import classifier, tagger
from finetune.deciders_commands import deciders
from finetune.example_commands import examples
from finetune.export_commands import export
from finetune.fused_commands import fused
from finetune.recipe import FUSIONS, STRATEGIES, Recipe, load_recipe
from finetune.reranker_commands import reranker
from finetune.search_commands import search
from finetune.stopping import stop_kindly
from finetune.tower_commands import ship, tower
from index.errors import UserError

if TYPE_CHECKING:
    from finetune.generator import Progress


@click.group()
def finetune() -> None:
    """Train the models on your own material."""


finetune.add_command(examples)
finetune.add_command(classifier)
finetune.add_command(tagger)
finetune.add_command(deciders)
finetune.add_command(reranker)
finetune.add_command(tower)
finetune.add_command(answering)
finetune.add_command(fused)
finetune.add_command(ship)
finetune.add_command(search)
finetune.add_command(export)


@finetune.command()
@click.option("--data", "data", multiple=True, metavar="FILE", help="Examples, one a line; may be given again.")
@click.option("--held-out", "held_out", multiple=True, metavar="FILE", help="Examples to ask, never to learn.")
@click.option("--recipe", "recipe_file", type=click.Path(path_type=Path), help="A recipe; options here go before it.")
@click.option("--base", help="embedded (default), a folder, or a hub id.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run (default: under the data folder).")
@click.option("--strategy", type=click.Choice(STRATEGIES), help="What is trained (default: lora).")
@click.option("--fusion", type=click.Choice(FUSIONS), help="How pictures reach the model (default: none).")
@click.option("--minutes", type=click.FloatRange(min=0), help="Time for the run.")
@click.option("--max-steps", type=click.IntRange(min=1), help="Steps for the run.")
@click.option("--processes", type=click.IntRange(min=1), help="Processes that share the work (default: 1).")
@click.option("--first-layer", type=click.IntRange(min=0), help="Adapters from this layer on: faster.")
@click.option("--seed", type=int)
@click.option("--resume", is_flag=True, help="Go on with the run in --out.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def generator(
    settings: Settings, data: tuple[str, ...], held_out: tuple[str, ...], recipe_file: Path | None, out: Path | None,
    resume: bool, as_json: bool, **choices: Any,
) -> None:  # fmt: skip
    """Train the model that writes replies. Ctrl+C stops it and keeps what is learned."""
    folder = out or settings.home / "runs" / "generator"
    recipe = _recipe(folder, recipe_file, resume, {**choices, "data": data, "held_out_data": held_out})
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: spinning threads stop each other
    from finetune.run import start

    with stop_kindly() as stopping, _line() as show:
        outcome = start(
            recipe, folder, settings.cache, resume=resume, on_note=note, on_progress=show, stopping=stopping
        )
    if int(os.environ.get("RANK", "0")):
        return  # torchrun started several of us; the first one tells
    if as_json:
        say({**vars(outcome), "folder": str(outcome.folder)})
    elif outcome.finished:
        best = "no held-out asks" if outcome.best is None else f"{outcome.best:.1%} of the held-out asks exact"
        click.echo(f"Trained {outcome.step} steps, {outcome.tokens:,} tokens, {outcome.seconds / 60:.1f} min; {best}.")
        click.echo(f"The best is in {folder}/best-*")
    else:
        note(
            f"Stopped after step {outcome.step}; it is kept. Go on: deskside finetune generator --resume --out {folder}"
        )


def _recipe(folder: Path, file: Path | None, resume: bool, choices: dict[str, Any]) -> Recipe:
    """The recipe of the file, or of the run to go on with, with the options over it."""
    from dataclasses import replace

    kept = folder / "recipe.json"
    if resume and not kept.is_file():
        raise UserError(f"There is no run in {folder} to go on with. Leave --resume out.", "CONFIG")
    source = kept if resume else file
    start = load_recipe(source) if source else Recipe()
    recipe = replace(start, **{name: value for name, value in choices.items() if value not in (None, ())})
    if not recipe.data:
        raise UserError("Nothing to learn from. Give examples: --data FILE", "CONFIG")
    return recipe


@contextmanager
def _line() -> Iterator[Callable[[Progress], None]]:
    """A callable that tells the progress on one line of a terminal, every 20th step elsewhere."""
    import sys

    terminal = sys.stderr.isatty()

    def show(progress: Progress) -> None:
        if terminal or progress.step % 20 == 1:
            best = "" if progress.best is None else f"  best {progress.best:.1%}"
            left = f"{progress.eta / 60:.0f} min left" if progress.eta < 1e8 else ""
            text = (
                f"step {progress.step}  {progress.share:.0%}  loss {progress.loss:.3f}  "
                f"{progress.rate:.0f} tokens/s  {left}{best}"
            )
            click.echo(f"\r\x1b[K{text}" if terminal else text, err=True, nl=not terminal)

    yield show
    if terminal:
        click.echo(err=True)
