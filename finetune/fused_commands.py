"""`deskside finetune fused`: one vector for a question and its picture, learned from your tickets and articles."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.bearing import save_bearing
from agent.commands.options import note, opened, progress_bar, say, with_settings
from agent.settings import Settings
from agent.weights import BEARING
from index.errors import UserError

if TYPE_CHECKING:
    from finetune.fused_data import Material


BLIND = "words, trained without pixels"


@click.command()
@click.option("--tower", "tower_folder", type=click.Path(path_type=Path), help="Trained tower (default: the shipped).")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run (default: under the data folder).")
@click.option("--steps", type=click.IntRange(min=1), default=300, show_default=True, help="Steps at most.")
@click.option("--seed", type=int, default=0)
@click.option("--json", "as_json", is_flag=True)
@with_settings
def fused(
    settings: Settings, tower_folder: Path | None, out: Path | None, steps: int, seed: int, as_json: bool
) -> None:
    """Learn which passage a question with a screenshot is looking for. What the pictures show is kept in --out: a
    second run looks at new ones only."""
    from finetune.fused_data import material_of

    store = opened(settings)
    material = material_of(store, settings.workspace)
    if not material.shown:
        raise UserError(
            f'The workspace "{settings.workspace}" has no solved ticket and no article with a picture.\n'
            "Import some: deskside import FILE",
            "EMPTY",
        )
    folder = out or settings.home / "runs" / "fused"
    scores = _train(settings, material, tower_folder, folder, steps, seed)
    if as_json:
        say({**scores, "folder": str(folder)})
        return
    click.echo(_table(scores))
    if scores["gain of the bearing in MRR"]["low"] > 0:
        click.echo(f"The turned words find more than the words as they are. For `ship --bearing`: {folder / BEARING}")
    else:
        click.echo("The turned words do not surely find more: leave the search as it is.")
    sure = scores["gain of fused in MRR over"][BLIND]["low"] > 0
    click.echo(f"The pixels {'add to that' if sure else 'add nothing sure to that'}.")


def _train(
    settings: Settings, material: Material, tower_folder: Path | None, folder: Path, steps: int, seed: int
) -> dict[str, Any]:
    """Both runs, with the pixels and without; the first one is kept."""
    import torch

    from finetune.fused import FusedRecipe, bearing_of, gain_in_mrr, save_fused, scored, train_fused

    folder.mkdir(parents=True, exist_ok=True)
    torch.set_flush_denormal(True)
    with progress_bar() as show:
        dialogue, features = _features(settings, material, tower_folder, folder, show)

        def looked(name: str) -> Any:
            return lambda step, score: show(f"{name} (MRR {score:.2f})", step, steps, "steps")

        start = {name: each.clone() for name, each in dialogue.state_dict().items()}
        blind = FusedRecipe(seed=seed, steps=steps, pixels=False)
        without = train_fused(dialogue, material, features, blind, looked("Without pixels"))
        save_bearing(folder / BEARING, bearing_of(dialogue.embedder, features.embedder))
        dialogue.load_state_dict(start)
        recipe = FusedRecipe(seed=seed, steps=steps)
        ranks = train_fused(dialogue, material, features, recipe, looked("With pixels"))
    ranks[BLIND] = without["words, trained"]
    scores = {"pictures": len(material.shown), "held": len(ranks["fused"]), **scored(ranks, seed)}
    scores["gain of the bearing in MRR"] = gain_in_mrr(ranks["words"], ranks[BLIND], seed)
    save_fused(dialogue, folder, recipe, scores)
    return scores


def _features(settings: Settings, material: Material, tower_folder: Path | None, folder: Path, show: Any) -> Any:
    """The dialogue model whose parts are trained, and the features of all that is needed, kept in `folder`."""
    import torch

    from agent.embedded import convert_base
    from agent.vlm.dialogue import build_dialogue
    from agent.vlm.reading import build_processor
    from finetune.fused import Features, texts_of
    from finetune.seen import caption, look_at
    from index.embed import load_embedder

    base = convert_base(settings.cache, on_note=note)
    torch.manual_seed(0)
    embedder = load_embedder(settings.embedder, threads=settings.threads or None)
    model = build_dialogue(base, _tower(tower_folder), "none", embedding_width=embedder.dimension)
    kept = folder / f"seen-{_identity(model.tower, embedder.identity)}"
    kept.mkdir(exist_ok=True)
    pictures = look_at(
        [each.picture for each in material.shown], model, build_processor(base, model.config), kept,
        lambda done, total: show("Looking", done, total, "pictures"),
    )  # fmt: skip
    show("Reading", 0, 0, "passages")
    return model, Features(pictures, caption(texts_of(material), kept, lambda: embedder), embedder.identity)


def _identity(tower: Any, embedder: str) -> str:
    """Eight letters that change with any weight: what one tower saw is never taken for what another sees."""
    told = hashlib.sha256(embedder.encode())
    for name, each in sorted(tower.state_dict().items()):
        told.update(name.encode() + each.detach().cpu().float().contiguous().numpy().tobytes())
    return told.hexdigest()[:8]


def _tower(folder: Path | None) -> Any:
    from agent.vlm.eyes import load_tower, shipped_tower
    from agent.weights import shipped_folder

    if folder is not None:
        return load_tower(folder)
    if shipped := shipped_folder():
        return shipped_tower(shipped)
    raise UserError("There is no trained tower here.\nTrain one: deskside finetune tower, then give --tower", "CONFIG")


def _table(scores: dict[str, Any]) -> str:
    """Way by way, how often the right source was found."""
    lines = [f"{scores['held']} held pictures of {scores['pictures']}", f"{'':32}{'Hit@1':>8}{'Hit@5':>8}{'MRR':>8}"]
    for way, row in scores["ways"].items():
        cells = (row[key]["mean"] for key in ("hit_1", "hit_5", "mrr"))
        lines.append(f"{way:32}" + "".join(f"{cell:8.2f}" for cell in cells))
    return "\n".join(lines)
