"""`deskside finetune answering`: teach what tells whether a passage answers a question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.options import note, progress_bar, say, with_settings
from agent.settings import Settings
from index.errors import UserError

if TYPE_CHECKING:
    from finetune.answering_data import Pair


@click.command()
@click.option("--datasets", type=click.Path(path_type=Path), help="Folder of data sets that made-up topics join.")
@click.option("--pairs", type=click.IntRange(min=100), default=64_000, show_default=True, help="Pairs to learn from.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run (default: under the data folder).")
@click.option("--from", "start_from", type=click.Path(path_type=Path), help="A finished run to begin with.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), default=1e-4, show_default=True)
@click.option("--seed", type=int, default=0)
@click.option("--json", "as_json", is_flag=True)
@with_settings
def answering(
    settings: Settings, datasets: Path | None, pairs: int, out: Path | None, start_from: Path | None,
    rate: float, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Learn to tell whether a passage answers a question. A run in the folder goes on where it was stopped."""
    if datasets is not None and not datasets.is_dir():
        raise UserError(f"There is no folder {datasets} of data sets.\nLeave --datasets out, or name one.", "TYPE")
    from finetune.answering import AnsweringRecipe, scaled, train_answering
    from finetune.stopping import stop_kindly

    folder = out or settings.home / "runs" / "answering"
    folder.mkdir(parents=True, exist_ok=True)
    recipe = AnsweringRecipe(pairs=pairs, rate=rate, seed=seed, start_from=str(start_from or ""))
    learned = list(_pairs(folder, datasets, recipe.pairs, recipe.seed))
    right = sum(each.answers for each in learned)
    note(f"{len(learned):,} pairs, {right / len(learned):.0%} of them right; log and weights: {folder}")
    with stop_kindly() as stopping, progress_bar() as show:
        trained = train_answering(
            learned,
            folder,
            recipe,
            tell=lambda told: show("Learning", told["step"], told["of"], "steps"),
            stopping=stopping,
        )
    if not trained.finished:
        note(f"Stopped after step {len(trained.losses)}; it is kept. Go on with the same command.")
        return
    scores = scaled(folder)
    if as_json:
        say({**scores, "folder": str(folder)})
    else:
        for name, value in scores.items():
            click.echo(f"{name:32}{value:.3f}" if value <= 1 else f"{name:32}{value:.0f}")


def _pairs(folder: Path, datasets: Path | None, count: int, seed: int) -> Iterator[Pair]:
    """The pairs of this run; made once, so that a run that goes on learns from the same ones."""
    from finetune.answering_data import Pair, make_pairs
    from index.embed import load_embedder

    file, wanted = folder / "pairs.jsonl", {"pairs": count, "seed": seed, "datasets": bool(datasets)}
    papers = folder / "pairs.json"
    known: dict[str, Any] = json.loads(papers.read_text("utf-8")) if papers.is_file() else {}
    if known and known != wanted:
        raise UserError(f"The run in {folder.name} was started with other pairs.\nGive another --out.", "MISMATCH")
    if not known:
        note("Making the pairs.")
        with file.open("w", encoding="utf-8") as stream:
            for pair in make_pairs(count, load_embedder(), seed, datasets):
                stream.write(json.dumps(asdict(pair), ensure_ascii=False) + "\n")
        papers.write_text(json.dumps(wanted), "utf-8")
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            yield Pair(**json.loads(line))
