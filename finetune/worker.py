"""One of the other processes of a run, started by finetune.run with: PLACE OUT CACHE RANK RESUME."""

from __future__ import annotations

import sys
from pathlib import Path

from finetune.recipe import load_recipe
from finetune.run import follow


def main() -> None:
    """Do the share of process RANK of the run that meets at the folder PLACE."""
    place, folder, cache = map(Path, sys.argv[1:4])
    recipe = load_recipe(place / "recipe.json")
    follow(recipe, folder, cache, int(sys.argv[4]), recipe.processes, place / "meeting", sys.argv[5] == "1")


if __name__ == "__main__":
    main()
