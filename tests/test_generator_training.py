"""Training the generator: what is frozen stays, what is stopped goes on, and many hands make the same weights."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file
from tiny_models import save_llama

from agent.cli import deskside
from finetune.checkpoints import keep, latest, read_state
from finetune.examples import Ask, Example, save_examples
from finetune.freezing import make_optimizer, trained_table
from finetune.generator import Outcome, TextTask, Trainer, ask_all, rate_at
from finetune.lora import LoraLinear, lora_layers, merge_lora, save_adapter
from finetune.prepare import load_prepared, parted, prepare, save_prepared
from finetune.recipe import Recipe, load_recipe, save_recipe
from finetune.run import open_base
from index.errors import UserError

ROOT = Path(__file__).parent.parent
COLOURS = ("red", "green", "blue", "amber")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny base and thirty examples."""
    folder = tmp_path_factory.mktemp("generator")
    save_llama(folder / "base")
    examples = [
        Example(
            f"e{n}",
            "test",
            (Ask("Which lamp?", COLOURS[n % 4], "value"), Ask("Is it on?", "Not shown.", "not shown")),
            screens=(f"Lamp {COLOURS[n % 4]}",),
        )
        for n in range(30)
    ]
    save_examples(examples, folder / "examples.jsonl")
    return folder


def recipe_for(place: Path, **choices: Any) -> Recipe:
    quick: dict[str, Any] = {
        "rank": 4,
        "alpha": 8,
        "held_out": 4,
        "tokens_per_batch": 600,
        "lr_language": 3e-3,
        "max_steps": 4,
    }
    files: dict[str, Any] = {"base": str(place / "base"), "data": (str(place / "examples.jsonl"),)}
    return Recipe(**(files | quick | choices))


def task_for(recipe: Recipe) -> tuple[Any, TextTask]:
    tokenizer, model = open_base(recipe, Path())
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(1)
    return tokenizer, TextTask(model, recipe)


def run(
    recipe: Recipe, folder: Path, resume: bool = False, stopping: Callable[[], bool] = lambda: False
) -> tuple[TextTask, Outcome]:
    tokenizer, task = task_for(recipe)
    prepared = prepare(recipe, tokenizer)
    from finetune.world import World

    trainer = Trainer(task, prepared.learned, prepared.held_out, recipe, folder, World())
    return task, trainer.run(resume, lambda progress: None, stopping)


def after(steps: int) -> Callable[[], bool]:
    """Says stop when it was asked `steps` times already."""
    asked = iter(range(1000))
    return lambda: next(asked) >= steps


def weights(task: TextTask) -> dict[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in task.trained.items()}


def test_two_steps_and_two_more_are_four_steps_to_the_bit(place: Path, tmp_path: Path) -> None:
    recipe = recipe_for(place, dropout=0.1)
    whole, outcome = run(recipe, tmp_path / "whole")
    assert outcome.finished
    assert outcome.step == 4
    first, stopped = run(recipe, tmp_path / "parts", stopping=after(2))
    assert not stopped.finished
    assert stopped.step == 2
    second, resumed = run(recipe, tmp_path / "parts", resume=True)
    assert resumed.finished
    for name, tensor in weights(whole).items():
        assert torch.equal(tensor, second.trained[name]), name
    assert any(not torch.equal(tensor, second.trained[name]) for name, tensor in weights(first).items())


def test_a_started_run_is_not_written_over(place: Path, tmp_path: Path) -> None:
    run(recipe_for(place), tmp_path, stopping=after(1))
    with pytest.raises(UserError, match="--resume"):
        run(recipe_for(place), tmp_path)


def test_a_kill_before_the_swap_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "a").write_text("first")

    keep(tmp_path, "checkpoint", 1, write, {"rows": 7})
    code = (
        "import os, signal, sys; from pathlib import Path; from finetune.checkpoints import keep\n"
        "def write(folder):\n"
        "    (folder / 'a').write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "keep(Path(sys.argv[1]), 'checkpoint', 2, write, {})"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT)
    assert killed.returncode == -signal.SIGKILL
    place = latest(tmp_path, "checkpoint")
    assert place is not None
    assert (place / "a").read_text() == "first"
    assert read_state(place) == {"rows": 7, "step": 1}
    keep(tmp_path, "checkpoint", 3, write, {})
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-000003"]


@pytest.mark.slow
def test_two_processes_make_the_weights_of_one_that_accumulates(place: Path, tmp_path: Path) -> None:
    one, _ = run(recipe_for(place, accumulation=2, max_steps=3), tmp_path / "one")
    recipe = recipe_for(place, processes=2, max_steps=3, threads=1)
    save_recipe(recipe, tmp_path / "recipe.json")
    code = (
        "import sys; from pathlib import Path; from finetune.recipe import load_recipe\n"
        "from finetune.run import start\n"
        "start(load_recipe(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[2]))"
    )
    words = [sys.executable, "-c", code, str(tmp_path / "recipe.json"), str(tmp_path / "two")]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=100, env=os.environ)
    assert ran.returncode == 0, ran.stderr
    found = load_file(tmp_path / "two" / "checkpoint-000003" / "training.safetensors")
    for name, tensor in weights(one).items():
        assert torch.allclose(tensor, found[name], atol=1e-5), name


@pytest.mark.parametrize(
    ("strategy", "changes"),
    [
        ("lora", {"lora"}),
        ("top", {"layers.1", "norm"}),
        ("full", {"layers.0", "layers.1", "norm", "embed_tokens", "lm_head"}),
    ],
)
def test_what_is_frozen_stays_equal_to_the_bit_and_the_rest_changes(
    place: Path, tmp_path: Path, strategy: str, changes: set[str]
) -> None:
    recipe = recipe_for(place, strategy=strategy, top_layers=1)
    tokenizer, task = task_for(recipe)
    before = {name: parameter.detach().clone() for name, parameter in task.model.named_parameters()}
    prepared = prepare(recipe, tokenizer)
    optimizer = make_optimizer(task.trained, recipe)
    for _ in range(2):
        loss, weight = task.losses(prepared.learned[:3])
        (loss / weight).backward()
        optimizer.step()
        optimizer.zero_grad()
    for name, parameter in task.model.named_parameters():
        moved = not torch.equal(before[name], parameter)
        assert moved == (name in task.trained), name
        if moved:
            assert any(part in name for part in changes), name
    told = {group: trained for group, trained, _ in trained_table(task.model)}
    assert told["language"] == sum(parameter.numel() for parameter in task.trained.values())
    assert told["vision"] == told["connector"] == 0


def test_a_connector_cannot_be_trained_where_there_is_none(place: Path) -> None:
    with pytest.raises(UserError, match="--strategy lora"):
        task_for(recipe_for(place, strategy="connector"))


def test_no_gradient_is_computed_below_the_first_adapter(place: Path) -> None:
    recipe = recipe_for(place, first_layer=1)
    tokenizer, task = task_for(recipe)
    assert {name.split(".")[2] for name in lora_layers(task.model)} == {"1"}
    seen = []
    task.model.model.layers[0].register_forward_hook(lambda module, given, out: seen.append(out.requires_grad))
    task.losses(prepare(recipe, tokenizer).learned[:2])
    assert seen == [False]


def test_the_loss_falls_and_the_held_out_asks_are_learned(place: Path, tmp_path: Path) -> None:
    asks = (Ask("Is it on?", "Yes.", "state"),)
    save_examples((Example(f"e{n}", "test", asks, screens=(f"Lamp {n}",)) for n in range(30)), tmp_path / "e.jsonl")
    recipe = recipe_for(
        place, data=(str(tmp_path / "e.jsonl"),), max_steps=15, lr_language=5e-3, strategy="full", tokens_per_batch=1500
    )
    task, outcome = run(recipe, tmp_path / "run")
    assert outcome.best == 1
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "loss" in line]
    assert steps[-1]["loss"] < steps[0]["loss"] - 1
    assert lines[-1]["kinds"] == {"state": [4, 4]}
    prepared = prepare(recipe, open_base(recipe, Path())[0])
    assert ask_all(task, prepared.held_out)[0] == outcome.best


def test_peft_and_the_desk_load_the_adapter_and_compute_the_same(place: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    from agent.hub import load_hub

    recipe = recipe_for(place, first_layer=1)
    _, task = task_for(recipe)
    for layer in lora_layers(task.model).values():
        torch.nn.init.normal_(layer.lora_B, std=0.1)
    save_adapter(task.model, tmp_path / "adapter", recipe.base)
    ids = torch.arange(5, 25)[None]
    task.model.eval()
    with torch.inference_mode():
        ours = task.model(ids).logits
        plain = open_base(recipe, Path())[1].float()  # a machine with bf16 opens it so
        assert not torch.allclose(ours, plain(ids).logits, atol=1e-3)
        theirs = PeftModel.from_pretrained(plain, tmp_path / "adapter").eval()
        assert torch.allclose(ours, theirs(input_ids=ids).logits, atol=1e-5)
        merge_lora(task.model)
        assert not lora_layers(task.model)
        assert torch.allclose(ours, task.model(ids).logits, atol=1e-4)
    load_hub(str(tmp_path / "adapter"), cache=tmp_path).close()


def test_adapters_keep_out_of_parts_that_share_their_names() -> None:
    from finetune.lora import attach_lora

    model = torch.nn.ModuleDict({"tower": torch.nn.ModuleDict({"q_proj": torch.nn.Linear(4, 4)})})
    model["text"] = torch.nn.ModuleDict({"q_proj": torch.nn.Linear(4, 4)})
    assert attach_lora(model, model["text"], ["q_proj"], 2, 4, 0.0) == ["text.q_proj"]
    assert not isinstance(model["tower"]["q_proj"], LoraLinear)
    with pytest.raises(UserError, match="no layer called"):
        attach_lora(model, model["text"], ["w1"], 2, 4, 0.0)


def test_a_step_that_is_not_finite_is_skipped_and_counted(place: Path, tmp_path: Path) -> None:
    recipe = recipe_for(place, max_steps=3)
    tokenizer, task = task_for(recipe)
    prepared = prepare(recipe, tokenizer)
    from finetune.world import World

    trainer = Trainer(task, prepared.learned, (), recipe, tmp_path, World())
    plain, calls = task.losses, iter(range(100))

    def broken(trees: Any) -> Any:
        loss, weight = plain(trees)
        return (loss * float("nan") if next(calls) == 1 else loss), weight

    task.losses = broken  # type: ignore[method-assign]
    outcome = trainer.run(False, lambda progress: None, lambda: False)
    assert outcome.skipped == 1
    assert all(bool(parameter.isfinite().all()) for parameter in task.trained.values())


def test_patience_ends_a_run_that_gets_no_better(place: Path, tmp_path: Path) -> None:
    recipe = recipe_for(place, max_steps=50, ask_every=0.0, patience=2, lr_language=0.0)
    _, outcome = run(recipe, tmp_path)
    assert outcome.finished
    assert outcome.step == 3  # the first look is the best, then two that are no better
    assert (tmp_path / "best-000001").is_dir()


def test_norms_and_biases_are_not_decayed_and_each_group_has_its_rate(place: Path) -> None:
    recipe = recipe_for(place, strategy="full", lr_language=0.5)
    _, task = task_for(recipe)
    groups = make_optimizer(task.trained, recipe).param_groups
    assert {(group["lr"], group["weight_decay"]) for group in groups} == {(0.5, 0.01), (0.5, 0.0)}
    assert all(p.ndim == 1 for group in groups if not group["weight_decay"] for p in group["params"])


def test_the_rate_rises_then_falls() -> None:
    rates = [rate_at(share / 100, 0.1, 0.1) for share in range(101)]
    assert rates[10] == 1
    assert rates[5] == pytest.approx(0.5)
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0.1)


def test_encoded_examples_come_back_as_they_were(place: Path, tmp_path: Path) -> None:
    recipe = recipe_for(place)
    made = prepare(recipe, open_base(recipe, Path())[0])
    save_prepared(made, tmp_path / "kept.npz")
    back = load_prepared(tmp_path / "kept.npz")
    assert len(back.learned) == 26
    assert [len(tree) for tree in back.held_out] == [len(tree) for tree in made.held_out]
    for one, other in zip(made.learned, back.learned, strict=True):
        assert one.id == other.id
        assert one.prefix.tolist() == other.prefix.tolist()
        assert [b.ids.tolist() for b in one.branches] == [b.ids.tolist() for b in other.branches]


def test_an_example_stays_on_its_side_when_others_come() -> None:
    examples = [Example(f"n{n}", "t", (Ask("q", "a"),)) for n in range(100)]
    before = {each.id for each in parted(examples[:80], 10)[1]}
    after_more = {each.id for each in parted(examples, 10)[1]}
    assert len(before) == len(after_more) == 10
    assert all(each in before for each in after_more if int(each[1:]) < 80)


def test_a_recipe_comes_back_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    recipe = Recipe(data=("a", "b"), minutes=3.5)
    save_recipe(recipe, tmp_path / "r.json")
    assert load_recipe(tmp_path / "r.json") == recipe
    (tmp_path / "w.json").write_text('{"ranks": 3}')
    with pytest.raises(UserError, match="ranks"):
        load_recipe(tmp_path / "w.json")
    with pytest.raises(UserError, match="connector, lora, top, full"):
        replace(recipe, strategy="some")


def test_the_command_trains_and_tells(place: Path, tmp_path: Path) -> None:
    words = ["generator", "--data", str(place / "examples.jsonl"), "--base", str(place / "base"), "--out"]
    done = CliRunner().invoke(deskside, ["finetune", *words, str(tmp_path / "run"), "--max-steps", "2", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["finished"]
    assert told["step"] == 2
    assert "are trained" in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no examples"),
        ('{"id": "a", "asks": [{"question": "q", "answer": "a"}]}\n{"id": 3\n', "line 2"),
        ('{"id": "a", "asks": [{"question": "q", "answer": "a"}]}\n', "too few"),
        ('{"id": "a", "asks": []}\n', "nothing to learn"),
    ],
)
def test_data_that_teaches_nothing_is_told(place: Path, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "d.jsonl").write_text(text)
    words = ["generator", "--data", str(tmp_path / "d.jsonl"), "--base", str(place / "base"), "--out", str(tmp_path)]
    result = CliRunner().invoke(deskside, ["finetune", *words, "--max-steps", "1"])
    assert isinstance(result.exception, UserError)
    assert told in result.exception.message
    nowhere = CliRunner().invoke(deskside, ["finetune", "generator", "--out", str(tmp_path / "new")])
    assert "--data" in str(nowhere.exception)
