"""The command that trains the tower, by itself or under torchrun: `python -m finetune.tower_start FOLDER`."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from finetune.tower import TowerRecipe, join_crew, save_recipe, save_tower, train_tower
from finetune.tower_crops import kept_screen
from finetune.tower_scores import calibrate, evaluate_tower

if TYPE_CHECKING:
    from PIL import Image

    from finetune.screens.truth import Split
    from index.marks import Sight

CALIBRATION = 40  # screens of the train split that were not trained on
TESTS = 60


def main() -> None:
    """Train, choose the thresholds, score on the test split; all of it lies in the folder afterwards."""
    told = _arguments()
    recipe = replace(TowerRecipe(), seconds=told.seconds, screens=told.screens, seed=told.seed)
    recipe = replace(recipe, steps=told.steps or recipe.steps, batch=told.batch)
    save_recipe(recipe, told.folder)
    torch.set_num_threads(1)
    tower = train_tower(recipe, told.folder, told.kept)
    if join_crew().rank == 0:
        from finetune.screens.draw import draw_screen

        kept = told.kept or told.folder / "screens"

        def look(seed: int, split: Split) -> tuple[Image.Image, Sight]:
            return kept_screen(kept, seed, split, draw_screen)

        unseen = range(recipe.screens, recipe.screens + told.calibration)
        tower.config.thresholds = calibrate(tower, unseen, "train", look)
        save_tower(tower, told.folder / "tower")
        scores = evaluate_tower(tower, range(told.tests), "test", look)
        (told.folder / "scores.json").write_text(json.dumps(scores, indent=2) + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kept", type=Path, help="where drawn screens are kept (FOLDER/screens)")
    parser.add_argument("--seconds", type=float, default=TowerRecipe.seconds)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--screens", type=int, default=TowerRecipe.screens)
    parser.add_argument("--batch", type=int, default=TowerRecipe.batch, help="crops a step, for each process")
    parser.add_argument("--seed", type=int, default=TowerRecipe.seed)
    parser.add_argument("--tests", type=int, default=TESTS)
    parser.add_argument("--calibration", type=int, default=CALIBRATION)
    return parser.parse_args()


if __name__ == "__main__":
    main()
