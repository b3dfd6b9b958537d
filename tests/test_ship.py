"""What ships is what was trained: adapter, tower and aim in one signed folder that the desk opens by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaForCausalLM

from agent import parts, weights
from agent.doctor import trained_weights
from agent.embedded import load_embedded
from agent.model import ChatMessage
from agent.vlm.eyes import MarkedReader, shipped_tower
from agent.vlm.shipped import load_shipped
from agent.vlm.tower import ScreenTower
from finetune.card import answering_card, model_card
from finetune.ship import put_answering, put_in_place, ship
from index.errors import UserError
from tests.test_vlm_tower import small_tower
from tests.tiny_dialogue import KNOWN
from tests.tiny_models import save_llama

PLACE = "model.layers.0.self_attn.q_proj"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, ScreenTower]:
    """(base, what was shipped, the tower in it)."""
    folder = tmp_path_factory.mktemp("ship")
    base = save_llama(folder / "base", vocab_size=KNOWN)
    width = LlamaForCausalLM.from_pretrained(base).get_submodule(PLACE).weight.shape
    adapter = folder / "adapter"
    adapter.mkdir()
    torch.manual_seed(4)
    pair = {"lora_A": torch.randn(2, width[1]), "lora_B": torch.randn(width[0], 2)}
    save_file({f"base_model.model.{PLACE}.{name}.weight": each for name, each in pair.items()},
              adapter / "adapter_model.safetensors")  # fmt: skip
    (adapter / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 4}))
    tower = small_tower()
    tower.save_pretrained(folder / "tower")
    aim = folder / "aim.json"
    aim.write_text(json.dumps({"embedder": "minilm", "bias": 0.0, "weights": [1.0]}))
    return base, ship(base, adapter, folder / "tower", aim, folder / "model", "# Card"), tower


def trained_parts(made: tuple[Path, Path, ScreenTower]) -> tuple[Path, Path, Path, Path]:
    """Base, adapter, tower and aim, as a training left them."""
    base, folder, _ = made
    return base, folder.parent / "adapter", folder.parent / "tower", folder.parent / "aim.json"


def test_the_adapter_is_on_the_base_and_the_tower_is_whole(made: tuple[Path, Path, ScreenTower]) -> None:
    base, folder, tower = made
    bare = LlamaForCausalLM.from_pretrained(base).get_submodule(PLACE).weight
    _, model = load_shipped(base, folder)
    assert not torch.allclose(model.language_model.get_submodule(PLACE).weight, bare)
    for name, each in shipped_tower(folder).state_dict().items():
        assert torch.allclose(each.float(), tower.state_dict()[name].float(), atol=2e-3, rtol=2e-3), name


def test_a_new_one_is_swapped_in_whole_and_a_failed_one_changes_nothing(
    made: tuple[Path, Path, ScreenTower], tmp_path: Path
) -> None:
    parts_of = trained_parts(made)
    out = put_in_place(*parts_of, tmp_path / "model", "# First")
    before = weights.weights_id(out)
    (tmp_path.parent / "bearing.npz").write_bytes(b"numbers")
    put_in_place(*parts_of, out, "# Second", tmp_path.parent / "bearing.npz")
    assert (out / weights.BEARING).read_bytes() == b"numbers"
    assert weights.BEARING in json.loads((out / "manifest.json").read_text())["files"]
    assert (out / "README.md").read_text() == "# Second"
    assert weights.weights_id(out) == before
    with pytest.raises(OSError):
        put_in_place(parts_of[0], tmp_path / "gone", *parts_of[2:], out, "# Third")
    assert (out / "README.md").read_text() == "# Second"
    assert [each.name for each in tmp_path.iterdir()] == ["model"]


def test_only_what_was_trained_takes_room(made: tuple[Path, Path, ScreenTower]) -> None:
    names = load_file(made[1] / "fusion.safetensors")
    assert names
    assert all(name.startswith("tower.") for name in names)
    listed = json.loads((made[1] / "manifest.json").read_text())["files"]
    assert set(listed) == {each.name for each in made[1].iterdir()} - {"manifest.json"}


def test_nobodys_folders_are_in_what_ships(made: tuple[Path, Path, ScreenTower]) -> None:
    assert all(str(made[0].parent) not in each.read_text() for each in made[1].glob("*.json"))


def test_the_desk_opens_it_by_itself(made: tuple[Path, Path, ScreenTower], monkeypatch: pytest.MonkeyPatch) -> None:
    base, folder, _ = made
    monkeypatch.setattr(weights, "SHIPPED", folder)
    monkeypatch.setattr("agent.embedded.convert_base", lambda cache, on_note=None: base)
    model = load_embedded(base.parent, threads=1)
    assert model.name == f"deskside-{weights.weights_id(folder)}"
    assert not model.reads_pictures
    assert isinstance("".join(model.stream([ChatMessage("user", "hello")], max_new_tokens=3)), str)
    monkeypatch.setattr(parts, "load_reader", lambda threads: None)
    assert isinstance(parts.load_eyes(1), MarkedReader)


def test_what_tells_whether_a_passage_answers_ships_by_itself_and_stays(
    made: tuple[Path, Path, ScreenTower], tmp_path: Path
) -> None:
    parts_of = trained_parts(made)
    out = put_in_place(*parts_of, tmp_path / "model", "# First")
    run = tmp_path / "run"
    run.mkdir()
    (run / "answering.safetensors").write_bytes(b"weights")
    papers = {
        "recipe": {"pairs": 90, "seed": 1}, "steps": 7, "sources": {"topics": 12}, "held out": {"area": 0.9},
        "before": {"recipe": {"pairs": 30}, "steps": 3, "sources": {"bitext": 5}},
    }  # fmt: skip
    (run / "answering.json").write_text(json.dumps(papers))
    put_answering(run, out, answering_card(papers))
    put_in_place(*parts_of, out, "# Second")
    assert (out / "answering.safetensors").read_bytes() == b"weights"
    assert {"answering.safetensors", "answering.json"} <= set(json.loads((out / "manifest.json").read_text())["files"])
    told = (out / "answering.md").read_text()
    assert told.index("pairs 30; 3 steps") < told.index("From there on: pairs 90, seed 1; 7 steps")
    for words in ("made-up products of this project, Apache-2.0: 12", "CDLA-Sharing-1.0: 5", "area: 0.900"):
        assert words in told


def test_without_shipped_weights_the_desk_reads_words_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "SHIPPED", tmp_path / "none")
    monkeypatch.setattr(weights, "INSTALLED", tmp_path / "none")
    monkeypatch.setattr(parts, "load_reader", lambda threads: "the reader of words")
    assert weights.shipped_folder() is None
    assert parts.load_eyes(1) == "the reader of words"


def test_the_card_tells_data_recipe_and_scores(tmp_path: Path) -> None:
    run, eyes = tmp_path / "run", tmp_path / "eyes"
    (run / "best-000007").mkdir(parents=True)
    (eyes / "tower").mkdir(parents=True)
    (run / "recipe.json").write_text(json.dumps({"rank": 32, "seed": 3, "data": ["/home/ana/e.jsonl"]}))
    (run / "log.jsonl").write_text('{"step": 7, "loss": 0.5, "tokens": 12000}\n{"step": 7, "seconds": 120.0}\n')
    (run / "best-000007" / "state.json").write_text(json.dumps({"score": 0.75, "kinds": {"value": [3, 4]}}))
    (eyes / "scores.json").write_text(json.dumps({"screens": 9, "page": 0.5, "all": {"recall": 0.8, "precision": 0.9}}))
    (tmp_path / "e.card.json").write_text(
        json.dumps({"sources": {"star": 4, "screens: menu": 2, "screens: form": 3}, "kinds": {"value": 8}})
    )
    told = model_card(
        run / "best-000007", eyes / "tower", {"right": 0.9}, tmp_path / "e.card.json", "# Title\n\n## Screens\n\nfine"
    )
    for words in ("STAR dialogues, MIT: 4", "drawn by this project, Apache-2.0: 5", "rank 32", "seed 3"):
        assert words in told
    for words in ("12,000 tokens", "0.750 (value 3/4)", "recall 0.8", "### Screens"):
        assert words in told
    assert "ana" not in told  # nobody's folders
    later = tmp_path / "later" / "best-000002"
    later.mkdir(parents=True)
    (later.parent / "recipe.json").write_text(json.dumps({"seed": 9, "start_from": str(run / "best-000007")}))
    both = model_card(later, eyes / "tower", {})
    assert both.index("seed 3") < both.index("from there on: seed 9")
    assert "# Title" not in told


def test_weights_that_pip_laid_down_are_found_too(
    made: tuple[Path, Path, ScreenTower], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "SHIPPED", tmp_path / "none")
    monkeypatch.setattr(weights, "INSTALLED", made[1])
    assert weights.shipped_folder() == made[1]


def test_the_doctor_looks_at_the_weights(
    made: tuple[Path, Path, ScreenTower], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    monkeypatch.setattr(weights, "INSTALLED", tmp_path / "none")
    monkeypatch.setattr(weights, "SHIPPED", tmp_path / "none")
    assert trained_weights().ok
    copy = shutil.copytree(made[1], tmp_path / "model")
    monkeypatch.setattr(weights, "SHIPPED", copy)
    assert weights.weights_id(copy) in trained_weights().found
    (copy / "fusion.safetensors").write_bytes(b"cut")
    assert not trained_weights().ok
    assert "fusion.safetensors" in trained_weights().found


def test_a_changed_tower_is_told(made: tuple[Path, Path, ScreenTower], tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(made[1], tmp_path / "model")
    file = copy / "fusion.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(UserError) as caught:
        shipped_tower(copy)
    assert caught.value.kind == "DAMAGED"
