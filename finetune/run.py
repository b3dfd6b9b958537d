"""A training run from a recipe: the base opened, the examples encoded, other processes started and met."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from finetune.generator import Outcome, Progress, Task, TextTask, Trainer
from finetune.prepare import Prepared, load_prepared, prepare, save_prepared
from finetune.recipe import Recipe, save_recipe
from finetune.world import World, join_world
from index.errors import UserError

PREPARED = "examples.npz"
Note = Callable[[str], None]


def start(
    recipe: Recipe,
    folder: Path,
    cache: Path,
    *,
    resume: bool = False,
    on_note: Note = lambda text: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Outcome:
    """The whole run, in as many processes as the recipe says; this one is the first of them."""
    folder.mkdir(parents=True, exist_ok=True)
    world = join_world() if "RANK" in os.environ else None  # started by torchrun
    if world and not world.first:
        world.agreed([0.0])  # waits until the first has prepared everything
        return _train(recipe, folder, cache, world, resume)
    if not resume and any(folder.glob("checkpoint-*")):
        raise UserError(f"{folder} already holds a run. Go on with --resume, or give another --out.", "CONFIG")
    opened = open_base(recipe, cache, on_note)
    prepared = _prepared(recipe, folder, opened, resume, on_note)
    prepare_threads(recipe)
    task = make_task(recipe, opened, prepared, folder, on_note)
    _tell(task, prepared, on_note)
    if world:
        world.agreed([0.0])
        return _run(task, prepared, recipe, folder, world, resume, on_progress, stopping)
    with _others(recipe, folder, cache, resume) as met:
        return _run(task, prepared, recipe, folder, met, resume, on_progress, stopping)


def follow(recipe: Recipe, folder: Path, cache: Path, rank: int, size: int, meeting: Path, resume: bool) -> None:
    """One of the other processes of a run: does its share and writes nothing."""
    _train(recipe, folder, cache, join_world(rank, size, meeting), resume)


def _train(recipe: Recipe, folder: Path, cache: Path, world: World, resume: bool) -> Outcome:
    prepared = load_prepared(folder / PREPARED)
    prepare_threads(recipe)
    task = make_task(recipe, open_base(recipe, cache), prepared, folder)
    return _run(task, prepared, recipe, folder, world, resume)


def _run(
    task: Task,
    prepared: Prepared,
    recipe: Recipe,
    folder: Path,
    world: World,
    resume: bool,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Outcome:
    learned, held_out = prepared.learned, prepared.held_out
    if recipe.stage == "align":  # there is nothing to align where nothing is seen
        learned, held_out = (tuple(tree for tree in some if tree.pictures) for some in (learned, held_out))
    try:
        return Trainer(task, learned, held_out, recipe, folder, world).run(resume, on_progress, stopping)
    finally:
        world.close()


def open_base(recipe: Recipe, cache: Path, on_note: Note = lambda text: None) -> tuple[Any, Any]:
    """Tokenizer (or processor) and model of the recipe's base; with a fusion, the dialogue model around it.

    Raises UserError CONFIG when there is no such folder, DAMAGED or UNTRUSTED when it is not sound.
    """
    if recipe.base != "embedded" and recipe.fusion in ("none", "native"):
        from finetune.hub_training import open_hub

        return open_hub(recipe.base)
    import torch

    from agent.embedded import convert_base, load_text_weights
    from agent.model_folder import check_folder

    base = convert_base(cache, on_note=on_note) if recipe.base == "embedded" else Path(recipe.base)
    check_folder(base)
    if recipe.fusion == "none":
        return load_text_weights(base, torch.float32)
    from agent.vlm.dialogue import build_dialogue
    from agent.vlm.reading import build_processor

    torch.manual_seed(recipe.seed)  # what joins the parts is drawn
    model = build_dialogue(base, _tower(recipe), recipe.fusion)
    return build_processor(base, model.config), model


def _tower(recipe: Recipe) -> Any:
    if recipe.tower:
        from agent.vlm.eyes import load_tower

        return load_tower(Path(recipe.tower))
    from finetune.port_tower import ported_tower

    return ported_tower()


def make_task(
    recipe: Recipe, opened: tuple[Any, Any], prepared: Prepared, folder: Path, on_note: Note = lambda text: None
) -> Task:
    """What this recipe learns, ready; pictures are looked at and their words made vectors unless `folder` has them."""
    import torch

    reader, model = opened
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(recipe.seed)
    if recipe.stage == "preferences":
        if recipe.fusion != "none":
            raise UserError("Preferences are learned without pixels.\nUse --fusion none", "CONFIG")
        from finetune.preferring import PreferenceTask

        return PreferenceTask(model, recipe, [*prepared.learned, *prepared.held_out], device)
    if recipe.fusion in ("none", "native"):
        from finetune.hub_training import HubTask, is_packable

        if is_packable(reader, model):
            return TextTask(model, recipe, device)
        return HubTask(reader, model, replace(recipe, fusion="native"), device)
    from finetune.multimodal import DialogueTask
    from finetune.seen import caption, look_at

    trees = [*prepared.learned, *prepared.held_out]
    paths = [path for tree in trees for path in tree.pictures]
    on_note(f"{len(set(paths))} pictures to look at.")
    pictures = look_at(paths, model, reader, folder)
    captions = caption([tree.screens for tree in trees if tree.pictures], folder, _embedder)
    torch.manual_seed(recipe.seed)
    return DialogueTask(model, recipe, trees, pictures, captions, device)


def _embedder() -> Any:
    from index.embed import load_embedder

    return load_embedder()


def prepare_threads(recipe: Recipe) -> None:
    """This process's share of the machine's cores; denormal numbers are zero, they cost a factor of ten."""
    import torch

    torch.set_flush_denormal(True)
    torch.set_num_threads(recipe.threads or max(1, (os.cpu_count() or 1) // recipe.processes))


def _prepared(recipe: Recipe, folder: Path, opened: tuple[Any, Any], resume: bool, on_note: Note) -> Prepared:
    file = folder / PREPARED
    if resume and file.is_file():
        return load_prepared(file)
    on_note("Reading the examples.")
    prepared = prepare(recipe, *_reader(recipe, opened[0]))
    save_prepared(prepared, file)
    return prepared


def _reader(recipe: Recipe, reader: Any) -> tuple[Any, Any]:
    """What encodes the prompts, and what it is given for a picture. Our own model makes the same tokens of every
    picture, so that a small one stands in for all while they are encoded."""
    if not hasattr(reader, "tokenizer"):
        return reader, None
    if recipe.fusion in ("none", "native"):
        from finetune.hub_training import shown

        return reader, shown
    import numpy

    from agent.vlm.reading import DialogueProcessor, ScreenPixels

    small = DialogueProcessor(
        ScreenPixels(8), reader.tokenizer, chat_template=reader.chat_template, placeholders=reader.placeholders
    )
    blank = numpy.zeros((8, 8, 3), numpy.uint8)
    return small, lambda path: blank


def _tell(task: Task, prepared: Prepared, on_note: Note) -> None:
    from finetune.freezing import trained_table

    tokens = sum(map(len, prepared.learned))
    on_note(
        f"{len(prepared.learned)} examples to learn ({tokens:,} tokens), {len(prepared.held_out)} held out; "
        f"{prepared.shortened} shortened, {prepared.too_long} too long and left out."
    )
    for group, trained, whole in trained_table(task.model):
        on_note(f"{group:<10} {trained:>12,} of {whole:>12,} parameters are trained")


@contextmanager
def _others(recipe: Recipe, folder: Path, cache: Path, resume: bool) -> Iterator[World]:
    """The world of this process and the others it starts; they end with it.

    Raises UserError BACKEND when one of them failed.
    """
    if recipe.processes < 2:
        yield World()
        return
    place = Path(tempfile.mkdtemp(prefix="deskside-"))
    save_recipe(recipe, place / "recipe.json")
    started: list[subprocess.Popen[bytes]] = []
    for rank in range(1, recipe.processes):
        words = [str(place), str(folder), str(cache), str(rank), str(int(resume))]
        with (folder / f"process-{rank}.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "finetune.worker", *words],
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
    try:
        yield join_world(0, recipe.processes, place / "meeting")
        for process in started:
            process.wait(60)
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        raise UserError(
            f"Another process of the run failed; its words are in {folder}/process-1.log. "
            f"Go on: deskside finetune generator --resume --out {folder}",
            "BACKEND",
        ) from error
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
        shutil.rmtree(place, ignore_errors=True)
