"""What is shipped and exported says the same as what was trained: with our loader, with peft, with stock classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from agent.vlm.dialogue import DialogueModel, load_language_model
from agent.vlm.export import export_adapter, export_merged
from agent.vlm.shipped import ADAPTER, FUSION, load_shipped, merge_adapter, save_shipped, sign
from index.errors import UserError
from tests.tiny_dialogue import KNOWN, drawn, tiny_base, tiny_pair, woken
from tests.tiny_models import save_llama

SEE = "<image>Is the lamp on?"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def trained(base: Path) -> tuple[Any, DialogueModel, dict[str, torch.Tensor]]:
    """Processor, model and a LoRA adapter made by peft over its language part (which is then as before)."""
    from peft import LoraConfig, get_peft_model, get_peft_model_state_dict

    processor, model = tiny_pair(base)
    woken(model)
    targets = ["q_proj", "v_proj", "down_proj"]
    tuned = get_peft_model(
        model.language_model, LoraConfig(r=4, lora_alpha=8, target_modules=targets, init_lora_weights=False)
    )
    adapter = {name: each.clone() for name, each in get_peft_model_state_dict(tuned).items()}
    model.language_model = tuned.unload()
    return processor, model, adapter


@pytest.fixture
def shipped(trained: Any, tmp_path: Path) -> Path:
    _, model, adapter = trained
    folder = tmp_path / "shipped"
    return save_shipped(folder, model, adapter, rank=4, alpha=8, card="# A model\n", dtype=torch.float32)


def test_what_is_shipped_says_what_was_trained(trained: Any, base: Path, shipped: Path) -> None:
    processor, model, adapter = trained
    again, loaded = load_shipped(base, shipped)
    fed = processor(images=[drawn(1)], text=SEE, return_tensors="pt")
    assert all(torch.equal(fed[key], again(images=[drawn(1)], text=SEE, return_tensors="pt")[key]) for key in fed)
    from peft import LoraConfig, get_peft_model, set_peft_model_state_dict

    tuned = get_peft_model(
        model.language_model, LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"])
    )
    set_peft_model_state_dict(tuned, adapter)
    with torch.inference_mode():
        wanted = model(**fed).logits
        model.language_model = tuned.unload()
        untuned = model(**fed).logits
        said = loaded(**fed).logits
    torch.testing.assert_close(said, wanted, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(said, untuned, atol=1e-2)
    told = json.loads((shipped / "manifest.json").read_text())
    assert set(told["files"]) == {ADAPTER, "adapter_config.json", FUSION, "config.json", "README.md"}


def test_half_precision_is_near(trained: Any, base: Path, tmp_path: Path, shipped: Path) -> None:
    processor, model, adapter = trained
    small = save_shipped(tmp_path / "half", model, adapter, rank=4, alpha=8, card="")
    assert (small / ADAPTER).stat().st_size < (shipped / ADAPTER).stat().st_size
    fed = processor(images=[drawn(1)], text=SEE, return_tensors="pt")
    with torch.inference_mode():
        said, exact = (load_shipped(base, folder)[1](**fed).logits for folder in (small, shipped))
    assert (said - exact).abs().max() < 0.05 * exact.abs().max()


def test_a_changed_file_is_damaged_and_another_base_a_mismatch(base: Path, shipped: Path, tmp_path: Path) -> None:
    other = save_llama(tmp_path / "other", vocab_size=KNOWN, hidden_size=64, tie_word_embeddings=True)
    with pytest.raises(UserError, match="do not belong") as caught:
        load_shipped(other, shipped)
    assert caught.value.kind == "MISMATCH"
    data = bytearray((shipped / FUSION).read_bytes())
    data[-3] ^= 1
    (shipped / FUSION).write_bytes(data)
    with pytest.raises(UserError) as caught:
        load_shipped(base, shipped)
    assert caught.value.kind == "DAMAGED"


def test_a_file_added_later_is_signed_too(shipped: Path) -> None:
    (shipped / "heads.json").write_text("{}")
    told = json.loads((sign(shipped) / "manifest.json").read_text())
    assert "heads.json" in told["files"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda kept: kept.pop(next(iter(kept))), "whole"),
        (lambda kept: kept.update({name: each[:, :-1] for name, each in list(kept.items())[:1]}), "shape"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused(trained: Any, base: Path, change: Any, words: str) -> None:
    kept = {name: each for name, each in trained[2].items() if ".lora_" in name}
    change(kept)
    with pytest.raises(ValueError, match=words):
        merge_adapter(load_language_model(base, torch.float32), kept, {"r": 4, "lora_alpha": 8})


def test_an_adapter_of_another_kind_is_refused(trained: Any, base: Path) -> None:
    with pytest.raises(ValueError, match="use_dora"):
        merge_adapter(load_language_model(base, torch.float32), trained[2], {"r": 4, "lora_alpha": 8, "use_dora": True})


def test_trained_word_vectors_are_not_lost_in_silence(trained: Any, tmp_path: Path) -> None:
    _, model, adapter = trained
    name = "base_model.model.model.embed_tokens.weight"
    changed = adapter | {name: model.get_input_embeddings().weight + 1}
    with pytest.raises(ValueError, match="was trained"):
        save_shipped(tmp_path / "shipped", model, changed, rank=4, alpha=8, card="")


def test_the_merged_export_is_a_stock_folder(trained: Any, base: Path, shipped: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

    folder = export_merged(shipped, tmp_path / "merged", base=base, dtype=torch.float32)
    stock, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    processor, ours = load_shipped(base, shipped)
    assert type(stock) is LlamaForCausalLM
    assert stock.config.vocab_size == KNOWN == len(tokenizer)
    assert stock.generation_config.suppress_tokens is None
    fed = processor(text="Hold the button.", return_tensors="pt")
    assert tokenizer("Hold the button.")["input_ids"] == fed["input_ids"][0].tolist()
    with torch.inference_mode():
        assert torch.equal(stock(**fed).logits, ours(**fed).logits[..., :KNOWN])
    chat = [{"role": "user", "content": "Hello"}]
    assert "<|im_start|>user\nHello<|im_end|>" in tokenizer.apply_chat_template(chat, tokenize=False)


def test_a_saved_model_can_be_exported_as_well(base: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    processor, model = tiny_pair(base)
    model.save_pretrained(tmp_path / "whole")
    processor.save_pretrained(tmp_path / "whole")
    folder = export_merged(tmp_path / "whole", tmp_path / "merged", dtype=torch.float32)
    stock = AutoModelForCausalLM.from_pretrained(folder)
    fed = processor(text="Hold the button.", return_tensors="pt")
    with torch.inference_mode():
        assert torch.equal(stock(**fed).logits, load_language_model(base, torch.float32)(**fed).logits)


def test_a_shipped_folder_without_its_base_cannot_be_merged(shipped: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="base"):
        export_merged(shipped, tmp_path / "merged")


def test_the_exported_adapter_is_loaded_by_peft(trained: Any, base: Path, shipped: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    folder = export_adapter(shipped, tmp_path / "adapter", base="some/base")
    assert json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"] == "some/base"
    tuned = PeftModel.from_pretrained(load_language_model(base, torch.float32), folder)
    processor, ours = load_shipped(base, shipped)
    fed = processor(text="Hold the button.", return_tensors="pt")
    with torch.inference_mode():
        theirs = tuned(**fed).logits
        torch.testing.assert_close(ours(**fed).logits[..., :KNOWN], theirs, rtol=1e-4, atol=1e-4)
        plain = load_language_model(base, torch.float32)(**fed).logits
    assert not torch.allclose(theirs, plain, atol=1e-2)
