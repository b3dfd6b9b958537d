"""torchrun and accelerate start the training as two processes of one run: the weights of one that accumulates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from finetune.examples import Ask, Example, save_examples
from finetune.recipe import Recipe, save_recipe
from finetune.run import start
from tests.tiny_models import save_llama

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ROOT = Path(__file__).parent.parent
# accelerate's --cpu starts one process however many are asked for, unless there is MPI; --multi_gpu starts them all
STARTERS = {
    "torchrun": ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"],
    "accelerate": ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--num_machines", "1",
                   "--mixed_precision", "no", "--dynamo_backend", "no"],
}  # fmt: skip


@pytest.mark.parametrize("starter", STARTERS)
def test_two_processes_learn_as_one(starter: str, tmp_path: Path) -> None:
    save_llama(tmp_path / "base")
    asks = (Ask("Which lamp?", "Red.", "value"),)
    save_examples((Example(f"e{n}", "t", asks, screens=(f"Lamp {n}",)) for n in range(24)), tmp_path / "e.jsonl")
    recipe = Recipe(
        base=str(tmp_path / "base"), data=(str(tmp_path / "e.jsonl"),), rank=4, alpha=8, held_out=4, max_steps=3,
        tokens_per_batch=400, threads=1,
    )  # fmt: skip
    from dataclasses import replace

    start(replace(recipe, accumulation=2), tmp_path / "one", tmp_path)
    save_recipe(recipe, tmp_path / "recipe.json")
    words = [
        sys.executable, *STARTERS[starter], "-m", "agent.cli", "finetune", "generator", "--recipe",
        str(tmp_path / "recipe.json"), "--out", str(tmp_path / "two"), "--json",
    ]  # fmt: skip
    ran = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=800, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    told = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert [each["step"] for each in told] == [3]  # one of the two tells
    one, two = (load_file(tmp_path / name / "checkpoint-000003" / "training.safetensors") for name in ("one", "two"))
    assert one.keys() == two.keys()
    for name, tensor in one.items():
        assert torch.allclose(tensor, two[name], atol=1e-5), name
