"""Training the dialogue model: every fusion learns, pictures never leak into their neighbours, and it is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
import torch

from finetune.batches import Tree, common_length
from finetune.examples import Ask, Example, save_examples
from finetune.freezing import make_optimizer
from finetune.generator import ask_all
from finetune.lora import lora_layers
from finetune.multimodal import DialogueTask
from finetune.prepare import load_prepared, prepare, save_prepared
from finetune.recipe import Recipe
from finetune.run import _reader
from finetune.seen import caption, contrast, fact_names, facts_of, look_at
from tests.tiny_dialogue import SHAPE, drawn, tiny_base, tiny_pair, woken


@pytest.fixture(autouse=True)
def _single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal to five digits on every machine, also on those that would multiply in bf16."""
    monkeypatch.setattr("finetune.generator.has_half", lambda device: False)


class Letters:
    """An embedder of the tiny model's width: a fixed random direction for each text."""

    name = identity = "letters"
    dimension = SHAPE["embedding_width"]

    def embed(self, texts: Any) -> Any:
        rows = [numpy.random.default_rng(list(text.encode())).normal(size=self.dimension) for text in texts]
        return numpy.stack([row / numpy.linalg.norm(row) for row in rows]).astype(numpy.float32)


@pytest.fixture(autouse=True)
def quick() -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dialogue")
    tiny_base(folder / "base")
    examples = []
    for n in range(6):
        drawn(n).save(folder / f"{n}.png")
        asks = (Ask("Where is my parcel?", f"It is {n}.", "value"), Ask("Is it?", "Not shown.", "not shown"))
        state = "on" if n % 2 else "off"
        examples.append(
            Example(
                f"e{n}",
                "t",
                asks,
                screens=(f'[page: order, dark]\n[switch "Wi-Fi {n}": {state}]',),
                pictures=(f"{n}.png",),
            )
        )
    examples.append(Example("words", "t", (Ask("Hello?", "Hi.", "chat"),)))
    save_examples(examples, folder / "examples.jsonl")
    return folder


def task_for(place: Path, fusion: str, **choices: Any) -> tuple[DialogueTask, tuple[Tree, ...]]:
    settings: dict[str, Any] = {
        "held_out": 0,
        "rank": 4,
        "lr_language": 5e-3,
        "lr_connector": 5e-3,
        "length_power": 0.0,
    }
    recipe = Recipe(data=(str(place / "examples.jsonl"),), fusion=fusion, **(settings | choices))
    processor, model = tiny_pair(place / "base", fusion)
    prepared = prepare(recipe, *_reader(recipe, processor))
    trees = prepared.learned
    seen = look_at([path for tree in trees for path in tree.pictures], model, processor, place)
    said = caption([tree.screens for tree in trees if tree.pictures], place, Letters)
    torch.manual_seed(0)
    return DialogueTask(model, recipe, trees, seen, said), trees


@pytest.mark.parametrize("fusion", ["concat", "cross_attention", "gated"])
def test_trees_in_one_batch_cost_what_the_model_says_of_each_conversation(place: Path, fusion: str) -> None:
    task, trees = task_for(place, fusion, weight_contrastive=0.0, weight_heads=0.0)
    woken(task.dialogue)
    together, weight = task.losses(trees)
    expected = 0.0
    task.dialogue.language_model.set_attn_implementation("sdpa")
    for tree in trees:
        shown = {"tower_tokens": task.pictures(tree.pictures)[None]} if tree.pictures else {}
        for branch in tree.branches:
            ids = torch.from_numpy(numpy.concatenate([tree.prefix, branch.ids]).astype(numpy.int64))[None]
            first = len(tree.prefix) + branch.answer_at
            logits = task.dialogue(input_ids=ids, **shown).logits[0, first - 1 : -1]
            expected += torch.nn.functional.cross_entropy(logits, ids[0, first:], reduction="sum").item()
    assert together.item() == pytest.approx(expected, rel=1e-4)
    assert weight.item() == sum(len(b.ids) - b.answer_at for tree in trees for b in tree.branches)


def test_a_pictures_tokens_are_no_common_ground(place: Path) -> None:
    task, trees = task_for(place, "concat")
    pictured = [tree for tree in trees if tree.pictures]
    image = task.dialogue.config.image_token_id
    assert all((tree.prefix == image).sum() == 3 for tree in pictured)
    assert common_length(pictured) == int(numpy.flatnonzero(pictured[0].prefix == image)[0])


def test_the_ids_are_those_the_processor_makes_with_the_true_picture(place: Path) -> None:
    from agent.stream import control_pattern
    from agent.template import encode_chat
    from finetune.batches import rendered
    from finetune.prepare import read_all

    processor, _ = tiny_pair(place / "base", "concat")
    _, trees = task_for(place, "concat")
    example = read_all([str(place / "examples.jsonl")])[0]
    fed = encode_chat(processor, rendered(example, example.asks[0]), control_pattern(), [drawn(0)])
    tree = next(tree for tree in trees if tree.id == example.id)
    prompt = [*tree.prefix.tolist(), *tree.branches[0].ids.tolist()][: fed["input_ids"].shape[1]]
    assert fed["input_ids"][0].tolist() == prompt


@pytest.mark.parametrize("fusion", ["concat", "cross_attention", "gated"])
def test_every_fusion_learns_and_the_tower_is_left_alone(place: Path, fusion: str, tmp_path: Path) -> None:
    task, trees = task_for(place, fusion)
    before = {name: each.detach().clone() for name, each in task.model.named_parameters()}
    optimizer = make_optimizer(task.trained, task.recipe)
    losses = []
    for _ in range(4):
        loss, weight = task.losses(trees)
        (loss / weight).backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append((loss / weight).item())
    assert losses[-1] < losses[0]
    after = dict(task.model.named_parameters())
    moved = {name for name, each in before.items() if not torch.equal(each, after[name])}
    assert moved <= set(task.trained)
    assert any("connector" in name for name in moved)
    assert any("lora_B" in name for name in moved)
    assert any("decision_head" in name for name in moved)
    assert any("embedder" in name for name in moved)
    assert not any("tower" in name for name in moved)
    if fusion != "concat":
        assert any(".fusion." in name for name in moved)
    task.save(tmp_path / "best")
    again, _ = task_for(place, fusion, start_from=str(tmp_path / "best"))
    names = [name for name in task.trained if not name.split(".")[0].endswith("_head")]
    for name in names:  # kept as float16
        assert torch.allclose(task.trained[name], again.trained[name], atol=2e-3), name


def test_aligning_teaches_pictures_to_find_their_texts(place: Path, tmp_path: Path) -> None:
    task, trees = task_for(place, "concat", stage="align", weight_contrastive=1.0, lr_connector=3e-3)
    assert not lora_layers(task.model)
    assert not any("language_model" in name for name in task.trained)
    optimizer = make_optimizer(task.trained, task.recipe)
    for _ in range(150):
        loss, weight = task.losses(trees)
        (loss / weight).backward()
        optimizer.step()
        optimizer.zero_grad()
    score, kinds = ask_all(task, trees)
    assert score is not None
    assert score > 0.6
    assert kinds == {"picture finds its text": [round(score * 6), 6]}
    task.save(tmp_path / "aligned")
    joint, _ = task_for(place, "concat", start_from=str(tmp_path / "aligned"))
    with torch.inference_mode():
        assert torch.equal(joint._embedded(trees[:2]), task._embedded(trees[:2]))


def test_the_contrast_knows_the_right_text_from_the_others() -> None:
    vectors = torch.eye(6)
    own = torch.tensor([2, 5])
    assert contrast(vectors[own], own, vectors) < 0.01
    assert contrast(vectors[[3, 1]], own, vectors) > 5


def test_the_facts_of_tags() -> None:
    text = 'Order 7\n[page: order, dark]\n[switch "Wi-Fi": on]\n[lamp "Power": red]\n[spinner]\n[stars: 4 of 5]'
    assert facts_of(text) == {"page order", "page dark", "switch on", "lamp red", "spinner", "stars 4 of 5"}
    assert fact_names([text] * 5 + ["[switch: off]"]) == sorted(facts_of(text))


def test_what_was_prepared_keeps_its_pictures(place: Path, tmp_path: Path) -> None:
    recipe = Recipe(data=(str(place / "examples.jsonl"),), held_out=0, fusion="concat")
    made = prepare(recipe, *_reader(recipe, tiny_pair(place / "base", "concat")[0]))
    save_prepared(made, tmp_path / "p.npz")
    for one, other in zip(made.learned, load_prepared(tmp_path / "p.npz").learned, strict=True):
        assert (one.pictures, one.screens, one.shareable) == (other.pictures, other.screens, other.shareable)
