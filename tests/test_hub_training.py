"""A model of the hub is trained as the embedded one: adapters on its language part, its eyes left as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from finetune.batches import Tree
from finetune.examples import Ask, Example, save_examples
from finetune.freezing import make_optimizer, trained_table
from finetune.hub_training import HubTask, open_hub
from finetune.lora import lora_layers
from finetune.prepare import prepare
from finetune.recipe import Recipe
from finetune.run import _reader, make_task, open_base
from tests.tiny_models import save_gpt2, save_idefics3, save_llava, save_qwen2_vl


@pytest.fixture(autouse=True)
def _single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal to five digits on every machine, also on those that would multiply in bf16."""
    monkeypatch.setattr("finetune.generator.has_half", lambda device: False)


FAMILIES: dict[str, Callable[[Path], Path]] = {
    "smolvlm": lambda folder: save_idefics3(folder, "SmolVLM"),
    "llava": save_llava,
    "qwen2_vl": save_qwen2_vl,
}


@pytest.fixture(scope="module", params=FAMILIES)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return FAMILIES[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture
def recipe(base: Path, tmp_path: Path) -> Recipe:
    examples = []
    for number, colour in enumerate(("red", "blue")):
        Image.new("RGB", (90, 60), colour).save(tmp_path / f"{colour}.png")
        asks = (Ask("Which colour?", colour, "value"), Ask("Is there a cat?", "Not shown.", "not shown"))
        examples.append(Example(f"e{number}", "t", asks, pictures=(f"{colour}.png",)))
    examples.append(Example("words", "t", (Ask("Hello?", "Hi.", "chat"),)))
    save_examples(examples, tmp_path / "examples.jsonl")
    files = (str(tmp_path / "examples.jsonl"),)
    return Recipe(base=str(base), data=files, fusion="native", held_out=0, rank=8, lr_language=1e-2, longest=100_000)


def task_for(recipe: Recipe, folder: Path) -> tuple[HubTask, tuple[Tree, ...]]:
    opened = open_base(recipe, folder)
    prepared = prepare(recipe, *_reader(recipe, opened[0]))
    task = make_task(recipe, opened, prepared, folder)
    assert isinstance(task, HubTask)
    return task, prepared.learned


def learn(task: HubTask, trees: tuple[Tree, ...], steps: int) -> list[float]:
    optimizer = make_optimizer(task.trained, task.recipe)
    losses = []
    for _ in range(steps):
        loss, weight = task.losses(trees)
        (loss / weight).backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append((loss / weight).item())
    return losses


def test_it_learns_with_its_eyes_untouched_and_the_adapter_comes_back(
    recipe: Recipe, base: Path, tmp_path: Path
) -> None:
    from peft import PeftModel

    from agent.hub import load_hub

    task, trees = task_for(recipe, tmp_path)
    frozen = {name: each.detach().clone() for name, each in task.model.named_parameters() if name not in task.trained}
    losses = learn(task, trees, 6)
    assert losses[-1] < losses[0]
    for name, each in task.model.named_parameters():
        assert name in task.trained or torch.equal(each, frozen[name]), name
    assert all("lora_" in name and "vision" not in name and "visual" not in name for name in task.trained)
    assert {group: trained for group, trained, _ in trained_table(task.model)}["vision"] == 0
    adapter = tmp_path / "adapter"
    task.save(adapter)
    plain = open_hub(str(base))[1].float()
    again = task_for(replace(recipe, start_from=str(adapter)), tmp_path)[0]
    tuned = PeftModel.from_pretrained(plain, adapter).eval()
    task.model.eval()
    tree = trees[0]
    with torch.inference_mode():
        seen = task._seen(tree)
        ours = task._answer(tree, tree.branches[0], seen)[0]
        assert torch.equal(ours, again._answer(tree, tree.branches[0], seen)[0])
        task.model = tuned
        assert torch.allclose(ours, task._answer(tree, tree.branches[0], seen)[0], atol=1e-5)
    load_hub(str(adapter), cache=tmp_path).close()


def test_the_picture_matters_and_its_tokens_are_counted(recipe: Recipe, tmp_path: Path) -> None:
    task, trees = task_for(recipe, tmp_path)
    tree = next(tree for tree in trees if tree.pictures)
    task.model.eval()
    with torch.inference_mode():
        red = task._answer(tree, tree.branches[0], task._seen(tree))[0]
        other = replace(
            tree, pictures=(str(tmp_path / "blue.png" if "red" in tree.pictures[0] else tmp_path / "red.png"),)
        )
        assert not torch.equal(red, task._answer(tree, tree.branches[0], task._seen(other))[0])
    cut = replace(tree, prefix=tree.prefix[tree.prefix != task.reader.image_token_id])
    with pytest.raises(ValueError, match="image tokens"):
        task.losses([cut])


def test_a_text_model_of_another_family_learns(tmp_path: Path) -> None:
    save_gpt2(tmp_path / "base")
    save_examples((Example(f"e{n}", "t", (Ask("Hello?", "Hi.", "chat"),)) for n in range(3)), tmp_path / "e.jsonl")
    recipe = Recipe(
        base=str(tmp_path / "base"), data=(str(tmp_path / "e.jsonl"),), held_out=0, strategy="full", lr_language=1e-2
    )
    task, trees = task_for(recipe, tmp_path)
    assert not lora_layers(task.model)
    losses = learn(task, trees, 5)
    assert losses[-1] < losses[0]
    kinds: list[Any] = task.exact(trees)
    assert [kind for kind, _ in kinds] == ["chat"] * 3
