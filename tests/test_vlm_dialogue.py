"""The dialogue model: without pictures it is its base to the bit; with them, every way of writing agrees."""

from __future__ import annotations

import copy
import threading
from pathlib import Path
from typing import Any

import pytest
import torch

from agent.vlm.config import FUSIONS, DialogueConfig
from agent.vlm.connector import Connector
from agent.vlm.dialogue import DialogueModel, build_dialogue, load_language_model
from tests.tiny_dialogue import KNOWN, SHAPE, TinyTower, TinyTowerConfig, drawn, tiny_base, tiny_pair, woken

ASK = "<|im_start|>user\nWhere is my parcel?<|im_end|>\n<|im_start|>assistant\n"
SEE = ASK.replace("Where", "<image>Where")
SEEING = [fusion for fusion in FUSIONS if fusion != "none"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


def written(model: Any, fed: Any, most: int = 12, **more: Any) -> list[list[int]]:
    out = model.generate(**fed, max_new_tokens=most, do_sample=False, pad_token_id=1, eos_token_id=[], **more)
    return out[:, fed["input_ids"].shape[1] :].tolist()


@pytest.mark.parametrize("fusion", FUSIONS)
def test_the_text_path_is_the_base_to_the_bit(base: Path, fusion: str) -> None:
    plain = load_language_model(base, torch.float32)
    processor, model = tiny_pair(base, fusion)
    fed = processor(text=[ASK, "Hold the button"], padding=True, return_tensors="pt")
    with torch.inference_mode():
        ours, theirs = model(**fed).logits, plain(**fed).logits
        assert torch.equal(ours[..., :KNOWN], theirs)
        if fusion in ("cross_attention", "gated"):  # nothing stands in the prompt for a picture
            seeing = processor(images=[drawn(1)], text=[SEE, "Hold the button"][:1], return_tensors="pt")
            blind = processor(text=ASK, return_tensors="pt")
            assert torch.equal(model(**seeing).logits, model(**blind).logits)
        if fusion == "none":
            seeing = processor(images=[drawn(1)], text=SEE, return_tensors="pt")
            assert torch.equal(model(**seeing).logits, model(**processor(text=ASK, return_tensors="pt")).logits)
    assert written(model, fed) == written(plain, fed)


@pytest.mark.parametrize("fusion", SEEING)
def test_each_step_of_a_reply_sees_the_picture_as_one_pass_does(base: Path, fusion: str) -> None:
    processor, model = tiny_pair(base, fusion)
    woken(model)
    fed = processor(images=[drawn(1)], text=SEE, return_tensors="pt")
    reply = written(model, fed)[0]
    assert reply != written(model, processor(images=[drawn(2)], text=SEE, return_tensors="pt"))[0]
    assert reply == written(model, fed, use_cache=False)[0]
    with torch.inference_mode():
        whole = torch.cat([fed["input_ids"], torch.tensor([reply])], 1)
        logits = model(input_ids=whole, pixel_values=fed["pixel_values"]).logits.clone()
        logits[..., KNOWN:] = -torch.inf
    assert logits[0, fed["input_ids"].shape[1] - 1 : -1].argmax(-1).tolist() == reply


@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_batch_writes_what_its_rows_write_alone(base: Path, fusion: str) -> None:
    processor, model = tiny_pair(base, fusion)
    woken(model)
    texts = [SEE, ASK, SEE.replace("<image>", "<image>First, <image>then")]
    images = [[drawn(1)], [], [drawn(2), drawn(3, (20, 70))]]
    alone = []
    for text, shown in zip(texts, images, strict=True):
        alone += written(model, processor(images=[shown] if shown else None, text=[text], return_tensors="pt"))
    together = processor(images=images, text=texts, padding=True, return_tensors="pt")
    assert together["pixel_values"].shape[:2] == (3, 2)
    assert written(model, together) == alone
    assert len({tuple(row) for row in alone}) == (2 if fusion == "none" else 3)


@pytest.mark.parametrize("fusion", SEEING)
def test_beams_and_a_streamer_write_too(base: Path, fusion: str) -> None:
    from transformers import TextIteratorStreamer

    processor, model = tiny_pair(base, fusion)
    woken(model)
    fed = processor(images=[drawn(1)], text=SEE, return_tensors="pt")
    assert len(written(model, fed, num_beams=3)[0]) == 12
    wanted = processor.tokenizer.decode(written(model, fed)[0])
    streamer = TextIteratorStreamer(processor.tokenizer, skip_prompt=True)
    thread = threading.Thread(target=lambda: written(model, fed, streamer=streamer))
    thread.start()
    assert "".join(streamer) == wanted
    thread.join()


@pytest.mark.parametrize("fusion", SEEING)
def test_a_second_question_goes_on_from_the_cache(base: Path, fusion: str) -> None:
    from transformers import DynamicCache

    processor, model = tiny_pair(base, fusion)
    woken(model)
    first = processor(images=[drawn(1)], text=SEE, return_tensors="pt")
    both = processor(images=[[drawn(1), drawn(2)]], text=[SEE + "Here.<|im_end|>\n" + SEE], return_tensors="pt")
    cache = DynamicCache(config=model.config.text_config)
    with torch.inference_mode():
        length = first["input_ids"].shape[1]
        seen = {key: both[key] for key in ("pixel_values", "picture_mask")}
        if fusion != "concat":  # pictures are within reach from the first word on
            model(input_ids=both["input_ids"][:, :length], past_key_values=cache, **seen)
        else:
            model(**first, past_key_values=cache)
        rest = model(input_ids=both["input_ids"][:, length:], past_key_values=cache, **seen).logits
        whole = model(**both).logits[:, length:]
    torch.testing.assert_close(rest, whole, rtol=1e-4, atol=1e-4)


def test_a_prompt_that_lost_its_image_tokens_is_refused(base: Path) -> None:
    processor, model = tiny_pair(base)
    fed = processor(images=[drawn(1)], text=SEE, return_tensors="pt")
    with pytest.raises(ValueError, match=r"hold \[2\] image tokens, their pictures need \[3\]"):
        model(input_ids=torch.tensor([[KNOWN, KNOWN, 5]]), pixel_values=fed["pixel_values"])


def test_image_tokens_are_never_written(base: Path) -> None:
    processor, model = tiny_pair(base)
    fed = processor(text=ASK, return_tensors="pt")
    with torch.no_grad():  # would be written all the time
        model.get_input_embeddings().weight[KNOWN:] = 50 * model.get_input_embeddings().weight[:KNOWN].abs().max()
    assert all(token < KNOWN for token in written(model, fed, most=20)[0])


@pytest.mark.parametrize("fusion", FUSIONS)
def test_saved_and_loaded_by_the_auto_class_nothing_differs(base: Path, tmp_path: Path, fusion: str) -> None:
    from transformers import AutoModelForImageTextToText, AutoProcessor

    processor, model = tiny_pair(base, fusion)
    woken(model)
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    again, told = AutoModelForImageTextToText.from_pretrained(tmp_path, output_loading_info=True)
    assert not told["missing_keys"]
    assert not told["unexpected_keys"]
    assert type(again) is DialogueModel
    fed = AutoProcessor.from_pretrained(tmp_path)(images=[drawn(1)], text=SEE, return_tensors="pt")
    with torch.inference_mode():
        assert torch.equal(again.eval()(**fed).logits, model(**fed).logits)
    assert written(again, fed) == written(model, fed)
    assert again.get_output_embeddings().weight.data_ptr() == again.get_input_embeddings().weight.data_ptr()


@pytest.mark.parametrize("fusion", SEEING)
def test_a_copy_listens_to_its_own_parts(base: Path, fusion: str) -> None:
    processor, model = tiny_pair(base, fusion)
    fed = processor(images=[drawn(1)], text=SEE, return_tensors="pt")
    before = written(model, fed)
    woken(copy.deepcopy(model))
    assert written(model, fed) == before


@pytest.mark.parametrize("fusion", SEEING)
def test_training_reaches_every_part_and_only_words_count(base: Path, fusion: str) -> None:
    processor, model = tiny_pair(base, fusion)
    woken(model).train()
    fed = processor(images=[drawn(1)], text=SEE + "On.<|im_end|>", return_tensors="pt")
    labels = fed["input_ids"].clone()
    labels[:, :-4] = -100
    model(**fed, labels=labels).loss.backward()
    reached = {
        name.split(".")[0] for name, each in model.named_parameters() if each.grad is not None and each.grad.any()
    }
    wanted = {"language_model", "tower", "connector"} | ({"fusion"} if fusion != "concat" else set())
    assert wanted <= reached


def test_checkpointed_gradients_are_the_same(base: Path) -> None:
    processor, model = tiny_pair(base, "cross_attention")
    woken(model).train()
    fed = processor(images=[drawn(1)], text=SEE, return_tensors="pt")
    found = []
    for kept in (False, True):
        if kept:
            model.gradient_checkpointing_enable()
        model.zero_grad()
        model(**fed, labels=fed["input_ids"]).loss.backward()
        found.append(model.connector.queries.grad.clone())
    assert found[0].any()
    torch.testing.assert_close(found[0], found[1])


@pytest.mark.parametrize("fusion", SEEING)
def test_half_precision_writes_as_well(base: Path, fusion: str) -> None:
    processor, model = tiny_pair(base, fusion)
    woken(model).to(torch.bfloat16)
    fed = processor(images=[drawn(1)], text=SEE, return_tensors="pt")
    assert len(written(model, fed)[0]) == 12
    assert model.embed(torch.eye(1, 12), fed["pixel_values"]).dtype == torch.bfloat16


@pytest.mark.parametrize("fusion", FUSIONS)
def test_rows_without_any_picture_are_plain_text(base: Path, fusion: str) -> None:
    processor, model = tiny_pair(base, fusion)
    woken(model)
    fed = processor(text=[ASK, ASK], return_tensors="pt")
    none = {"pixel_values": torch.zeros(2, 1, 3, 32, 32), "picture_mask": torch.zeros(2, 1, dtype=torch.bool)}
    with torch.inference_mode():
        assert torch.equal(model(**fed, **none).logits, model(**fed).logits)
        assert torch.equal(model.embed(torch.eye(2, 12), **none), torch.eye(2, 12))


@pytest.mark.parametrize("fusion", SEEING)
def test_a_lora_around_the_language_model_sees_the_pictures_too(base: Path, fusion: str) -> None:
    from peft import LoraConfig, get_peft_model

    processor, model = tiny_pair(base, fusion)
    woken(model)
    fed = processor(images=[drawn(1)], text=SEE, return_tensors="pt")
    with torch.inference_mode():
        wanted = model(**fed).logits
    reply = written(model, fed)
    model.language_model = get_peft_model(model.language_model, LoraConfig(r=2, target_modules=["q_proj"]))
    with torch.inference_mode():
        assert torch.equal(model(**fed).logits, wanted)
    assert written(model, fed) == reply
    model(**fed, labels=fed["input_ids"]).loss.backward()
    learning = {name for name, each in model.named_parameters() if each.grad is not None and each.grad.any()}
    assert any("lora_B" in name for name in learning)
    assert any(name.startswith("connector") for name in learning)


def test_cached_tower_tokens_stand_for_the_pixels(base: Path) -> None:
    processor, model = tiny_pair(base)
    fed = processor(images=[[drawn(1), drawn(2)]], text=[SEE + SEE], return_tensors="pt")
    with torch.inference_mode():
        tokens = model.tower(fed["pixel_values"].flatten(0, 1)).tokens.unflatten(0, (1, 2))
        wanted = model(**fed).logits
        words = {key: fed[key] for key in ("input_ids", "attention_mask")}
        assert torch.equal(model(**words, tower_tokens=tokens).logits, wanted)
    assert written(model, fed) == written(model, words | {"tower_tokens": tokens})


# One vector for words and pictures -----------------------------------------------------------------------------


def test_the_fused_vector_starts_as_the_text_vector(base: Path) -> None:
    processor, model = tiny_pair(base)
    text = torch.nn.functional.normalize(torch.randn(3, 12), dim=-1)
    fed = processor.image_processor([drawn(1), drawn(2), drawn(3)], return_tensors="pt")["pixel_values"][:, None]
    mask = torch.tensor([[True], [False], [True]])
    with torch.inference_mode():
        assert torch.equal(model.embed(text), text)
        torch.testing.assert_close(model.embed(text, fed, mask), text)
        woken(model)
        moved = model.embed(text, fed, mask)
        assert torch.equal(moved[1], text[1]), "no picture, no change"
        assert not torch.allclose(moved[0], text[0])
        torch.testing.assert_close(moved.norm(dim=-1), torch.ones(3))
        alone = model.image_embedding(fed)
        torch.testing.assert_close(alone.norm(dim=-1), torch.ones(3))
        wordless = model.embed(torch.zeros(3, 12), fed)
        torch.testing.assert_close(wordless, alone)
        pair = model.image_embedding(fed[:2].transpose(0, 1))
        assert pair.shape == (1, 12)
        assert not torch.allclose(pair[0], alone[0])


def test_the_contrastive_loss_teaches_the_whole_connector(base: Path) -> None:
    processor, model = tiny_pair(base)
    model.train()
    fed = processor.image_processor([drawn(1), drawn(2)], return_tensors="pt")["pixel_values"]
    said = torch.nn.functional.normalize(torch.randn(2, 12), dim=-1)
    visual, mask = model.look(fed)
    logits = model.image_embedding(visual=visual, visual_mask=mask) @ said.T / 0.07
    torch.nn.functional.cross_entropy(logits, torch.arange(2)).backward()
    still = [
        name
        for part in (model.tower, model.connector)
        for name, each in part.named_parameters()
        if not each.grad.any() and not name.endswith("key.bias")  # a shift of all keys changes nothing
    ]
    assert not still


def test_an_unknown_fusion_is_refused() -> None:
    with pytest.raises(ValueError, match="concat"):
        DialogueConfig(vision_config=TinyTowerConfig(), fusion="sum")


def test_the_connector_of_the_real_size_stays_small() -> None:
    config = DialogueConfig(text_config={"hidden_size": 576, "num_hidden_layers": 30}, vision_config=TinyTowerConfig())
    assert sum(each.numel() for each in Connector(config).parameters()) <= 2_500_000


@pytest.mark.slow
@pytest.mark.parametrize("fusion", FUSIONS)
def test_the_real_base_writes_the_same_text(fusion: str, tmp_path: Path) -> None:
    import os

    from agent.embedded import convert_base
    from agent.vlm.reading import build_processor

    cache = Path(os.environ.get("DESKSIDE_CACHE") or tmp_path)
    folder = convert_base(cache)
    plain = load_language_model(folder, torch.float32).eval()
    model = build_dialogue(folder, TinyTower(TinyTowerConfig()), fusion, **(SHAPE | {"visual_tokens": 16}))
    processor = build_processor(folder, model.config)
    for question in ("Where is my parcel?", "The lamp blinks red. What can I do?"):
        rows = [{"role": "user", "content": [{"type": "text", "text": question}]}]
        fed = processor.apply_chat_template(
            rows, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        )
        with torch.inference_mode():
            difference = (model(**fed).logits[..., : plain.config.vocab_size] - plain(**fed).logits).abs().max()
        assert float(difference) == 0.0
        ours = model.generate(**fed, max_new_tokens=30, do_sample=False)
        theirs = plain.generate(**fed, max_new_tokens=30, do_sample=False)
        assert ours.tolist() == theirs.tolist()
