"""kill -9 at 24 places of a training: what lies on disk is always whole, and the end is that of a run left alone."""

from __future__ import annotations

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

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
KILLED = """
import os, signal, sys
from pathlib import Path
from safetensors.torch import load_file
from finetune.checkpoints import latest, read_state
from finetune.recipe import load_recipe
from finetune.run import start
# what a child needs is imported here once; nothing is computed, for torch's threads do not outlive a fork
import agent.hub, finetune.hub_training, finetune.prepare
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizerFast

recipe, folder = load_recipe(Path(sys.argv[1])), Path(sys.argv[2])

def killed_at(line):
    left = [line]
    def trace(frame, event, arg):
        if not frame.f_code.co_filename.endswith(("checkpoints.py", "generator.py")):
            return None
        if event == "line":
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)
    start(recipe, folder, folder, resume=latest(folder, "checkpoint") is not None)
    sys.settrace(None)

line = 40
while True:
    child = os.fork()
    if not child:
        try:
            killed_at(line)
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    place = latest(folder, "checkpoint")
    step = read_state(place)["step"] if place else 0
    if place:
        load_file(place / "training.safetensors")
    print(line, step, os.WIFSIGNALED(status), flush=True)
    if not os.WIFSIGNALED(status):
        sys.exit(os.WEXITSTATUS(status))
    line += int(sys.argv[3])
"""


def test_killed_at_any_line_a_training_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    save_llama(tmp_path / "base")
    asks = (Ask("Which lamp?", "Red.", "value"),)
    save_examples((Example(f"e{n}", "t", asks, screens=(f"Lamp {n}",)) for n in range(16)), tmp_path / "e.jsonl")
    recipe = Recipe(
        base=str(tmp_path / "base"), data=(str(tmp_path / "e.jsonl"),), rank=2, alpha=4, held_out=3, max_steps=6,
        tokens_per_batch=300, threads=1, save_every=0.0, dropout=0.1,
    )  # fmt: skip
    start(recipe, tmp_path / "alone", tmp_path)
    save_recipe(recipe, tmp_path / "recipe.json")
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "recipe.json"), str(tmp_path / "killed"), "23"],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=1700,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    rows = [line.split() for line in ran.stdout.splitlines()]
    assert sum(row[2] == "True" for row in rows) >= 24
    steps = [int(row[1]) for row in rows]
    assert steps == sorted(steps)
    assert steps[-1] == 6
    alone, killed = (
        load_file(tmp_path / name / "checkpoint-000006" / "training.safetensors") for name in ("alone", "killed")
    )
    assert all(torch.equal(alone[name], killed[name]) for name in alone)
    left = sorted(each.name for each in (tmp_path / "killed").iterdir() if each.is_dir())
    assert left == sorted(each.name for each in (tmp_path / "alone").iterdir() if each.is_dir())
