"""One training of the tower from start to scores; alone or under torchrun: `python -m finetune.tower_start FOLDER`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from finetune.tower import TowerRecipe, join_crew, save_recipe, save_tower, train_tower
from finetune.tower_crops import kept_screen
from finetune.tower_scores import calibrate, evaluate_tower

if TYPE_CHECKING:
    from PIL import Image

    from finetune.screens.truth import Screen, Split
    from index.marks import Sight

CALIBRATION = 40  # screens of the train split that were not trained on
TESTS = 60


def start(
    recipe: TowerRecipe,
    folder: Path,
    kept: Path | None = None,
    calibration: int = CALIBRATION,
    tests: int = TESTS,
    draw: Callable[[int, Split], Screen] | None = None,
) -> dict[str, Any]:
    """Train (or go on), choose the thresholds, score on the test split; all of it lies in `folder` afterwards.

    `kept` is where drawn screens are kept (`folder/screens`). Gives the scores; {} in a helping process.
    """
    save_recipe(recipe, folder)
    torch.set_num_threads(1)
    tower = train_tower(recipe, folder, kept, draw)
    if join_crew().rank:
        return {}
    if draw is None:
        from finetune.screens.draw import draw_screen

        draw = draw_screen
    artist, screens = draw, kept or folder / "screens"

    def look(seed: int, split: Split) -> tuple[Image.Image, Sight]:
        return kept_screen(screens, seed, split, artist)

    unseen = range(recipe.screens, recipe.screens + calibration)
    tower.config.thresholds = calibrate(tower, unseen, "train", look)
    save_tower(tower, folder / "tower")
    scores = evaluate_tower(tower, range(tests), "test", look)
    (folder / "scores.json").write_text(json.dumps(scores, indent=2) + "\n", "utf-8")
    return scores


def main() -> None:
    """As the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kept", type=Path, help="where drawn screens are kept (FOLDER/screens)")
    parser.add_argument("--seconds", type=float, default=TowerRecipe.seconds)
    parser.add_argument("--steps", type=int, default=TowerRecipe.steps)
    parser.add_argument("--screens", type=int, default=TowerRecipe.screens)
    parser.add_argument("--batch", type=int, default=TowerRecipe.batch, help="crops a step, for each process")
    parser.add_argument("--seed", type=int, default=TowerRecipe.seed)
    parser.add_argument("--tests", type=int, default=TESTS)
    parser.add_argument("--calibration", type=int, default=CALIBRATION)
    told = parser.parse_args()
    recipe = replace(TowerRecipe(), seconds=told.seconds, screens=told.screens, seed=told.seed)
    start(replace(recipe, steps=told.steps, batch=told.batch), told.folder, told.kept, told.calibration, told.tests)


if __name__ == "__main__":
    main()
