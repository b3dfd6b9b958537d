"""The search for a recipe: trials in a study on disk, gone on with after a stop or a kill, the best one a file."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from finetune.commands import finetune
from finetune.examples import Ask, Example, save_examples
from finetune.recipe import Recipe, load_recipe
from finetune.searching import BEST, STUDY, TABLE, Bounds, Trial, search, table
from index.errors import UserError
from tests.tiny_models import save_llama

pytest.importorskip("optuna")
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """A recipe of two quick steps over a tiny base and twenty examples."""
    folder = tmp_path_factory.mktemp("search")
    base = save_llama(folder / "base")
    asks = (Ask("Is it on?", "Yes.", "state"),)
    save_examples((Example(f"e{n}", "t", asks, screens=(f"Lamp {n}",)) for n in range(20)), folder / "e.jsonl")
    return Recipe(
        base=str(base), data=(str(folder / "e.jsonl"),), held_out=4, tokens_per_batch=500, max_steps=2, threads=1
    )  # fmt: skip


def test_trials_are_told_and_the_best_recipe_is_a_file(around: Recipe, tmp_path: Path) -> None:
    found = search(around, tmp_path, tmp_path, minutes=10, each=1, most=3, bounds=Bounds(ranks=(2, 4)))
    assert [each.state for each in found] == ["complete"] * 3
    assert len({each.choices["lr_language"] for each in found}) == 3
    best = load_recipe(tmp_path / BEST)
    first = max(found, key=lambda each: (each.score or 0.0, -each.number))
    assert best.lr_language == first.choices["lr_language"]
    assert best.alpha == 2 * best.rank == 2 * first.choices["rank"]
    assert (best.data, best.max_steps) == (around.data, 2)
    lines = (tmp_path / TABLE).read_text().splitlines()
    assert len(lines) == 5
    assert lines[2].startswith(f"| {first.number} |")
    assert len([each for each in tmp_path.iterdir() if each.name.startswith("trial-")]) == 1  # of the best only
    with pytest.raises(UserError, match="already holds a search"):
        search(around, tmp_path, tmp_path, minutes=10, each=1, most=4)
    assert len(search(around, tmp_path, tmp_path, minutes=10, each=1, most=4, resume=True)) == 4


def test_a_stopped_trial_is_asked_for_again_and_goes_on_from_its_checkpoint(around: Recipe, tmp_path: Path) -> None:
    steps: list[int] = []

    def tell(line: dict[str, object]) -> None:
        if "step" in line:
            steps.append(int(str(line["step"])))

    left = search(around, tmp_path, tmp_path, minutes=10, each=1, most=1, tell=tell, stopping=lambda: len(steps) == 1)
    assert [each.state for each in left] == ["running"]
    found = search(around, tmp_path, tmp_path, minutes=10, each=1, most=1, resume=True, tell=tell)
    assert [each.state for each in found] == ["fail", "complete"]
    assert found[1].choices == found[0].choices
    assert steps == [1, 2]  # the first step was not made twice


def test_a_search_ends_with_its_minutes(around: Recipe, tmp_path: Path) -> None:
    assert search(around, tmp_path, tmp_path, minutes=0.0001, each=1) != []
    assert len(search(around, tmp_path, tmp_path, minutes=0.0001, each=1, resume=True)) == 1


def test_fusion_and_its_losses_are_searched_only_where_they_are(around: Recipe, tmp_path: Path) -> None:
    import optuna

    from finetune.searching import _tried

    choices = {"lr_language": 1e-3, "weight_decay": 0.01, "length_power": 0.5, "rank": 8}
    plain = _tried(optuna.trial.FixedTrial(choices), around, Bounds())
    assert (plain.rank, plain.alpha, plain.fusion) == (8, 16, "none")
    seen = {**choices, "fusion": "gated", "lr_connector": 2e-3, "weight_contrastive": 0.3, "weight_heads": 2.0}
    fused = _tried(optuna.trial.FixedTrial(seen), around, Bounds(fusions=("none", "gated")))
    assert (fused.fusion, fused.lr_connector, fused.weight_contrastive, fused.weight_heads) == ("gated", 2e-3, 0.3, 2.0)


def test_the_table_has_the_best_first_and_failures_last() -> None:
    rows = [
        Trial(0, "fail", None, 0, {}),
        Trial(1, "complete", 0.5, 60, {"rank": 4}),
        Trial(2, "complete", 0.7, 60, {}),
    ]
    assert [line.split(" | ")[0] for line in table(rows)[2:]] == ["| 2", "| 1", "| 0"]


@pytest.mark.slow
def test_killed_a_search_goes_on(around: Recipe, tmp_path: Path) -> None:
    words = [
        sys.executable, "-m", "agent.cli", "finetune", "search", "--data", around.data[0], "--base", around.base,
        "--max-steps", "40", "--trials", "2", "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    child = subprocess.Popen(words, cwd=Path(__file__).parent.parent, stderr=subprocess.DEVNULL)
    while not (tmp_path / "out" / STUDY).is_file() or not list((tmp_path / "out").glob("trial-*/log.jsonl")):
        time.sleep(0.2)
    child.send_signal(signal.SIGKILL)
    child.wait()
    done = subprocess.run(
        [*words, "--resume", "--json"], cwd=Path(__file__).parent.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    states = [each["state"] for each in json.loads(done.stdout.splitlines()[-1])["trials"]]
    assert states.count("complete") == 2
    assert states[0] in ("fail", "complete")


def test_the_command_tells_the_table(around: Recipe, tmp_path: Path) -> None:
    words = ["search", "--data", around.data[0], "--base", around.base, "--max-steps", "1", "--trials", "1"]
    done = CliRunner().invoke(finetune, [*words, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "| trial | score | state |" in done.stdout
    assert "The best recipe is in" in done.stdout
    assert isinstance(CliRunner().invoke(finetune, ["search"]).exception, UserError)
