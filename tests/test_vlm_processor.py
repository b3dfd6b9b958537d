"""Pictures and chats into tensors: placed, counted, never cut; and out again through the desk's own door."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from agent.generate import HubModel
from agent.model import ChatMessage
from agent.vlm.reading import TEMPLATE, DialogueProcessor, to_pixels
from agent.vlm.speak import KEPT, Album, PictureModel, dialogue_voice
from tests.tiny_dialogue import KNOWN, drawn, tiny_base, tiny_pair, woken

ASK = [ChatMessage("system", "Be short."), ChatMessage("user", "Is the lamp on?")]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    made = [tmp_path / f"{seed}.png" for seed in range(3)]
    for seed, path in enumerate(made):
        drawn(seed).save(path)
    return made


def say(model: Any, messages: list[ChatMessage] = ASK, **more: Any) -> str:
    return "".join(model.stream(messages, **({"max_new_tokens": 12} | more)))


def test_a_picture_keeps_its_shape_and_colours() -> None:
    from PIL import Image

    wide = to_pixels(Image.new("RGB", (100, 50), (255, 0, 51)), 64, fill=0.5)
    assert wide.shape == (3, 64, 64)
    assert np.allclose(wide[:, :32], np.array([1, 0, 0.2])[:, None, None])
    assert np.all(wide[:, 32:] == 0.5)
    tall = to_pixels(Image.new("L", (1, 300), 255), 64, fill=0)
    assert tall[:, :, 0].min() == 1
    assert tall[:, :, 1:].max() == 0


def test_pictures_go_to_the_text_that_names_them(base: Path) -> None:
    processor, _ = tiny_pair(base)
    texts = ["<image>one", "none", "<image>two<image>"]
    nested = [[drawn(1)], [], [drawn(2), drawn(3)]]
    fed = processor(images=nested, text=texts, padding=True, return_tensors="pt")
    assert fed["picture_mask"].tolist() == [[True, False], [False, False], [True, True]]
    assert (fed["input_ids"] == KNOWN).sum(1).tolist() == [3, 0, 6]
    assert torch.equal(fed["pixel_values"][2, 1], torch.from_numpy(to_pixels(drawn(3), 32)))
    assert not fed["pixel_values"][1].any()
    flat = processor(images=[drawn(1), drawn(2), drawn(3)], text=texts, padding=True, return_tensors="pt")
    assert all(torch.equal(flat[key], fed[key]) for key in fed)
    plain = processor(images=nested, text=texts)
    assert isinstance(plain["pixel_values"], np.ndarray)
    assert len(plain["input_ids"]) == 3
    assert fed["attention_mask"][1, 0] == 0, "replies are written at the right end"


@pytest.mark.parametrize(
    ("texts", "count"), [(["<image>"], 2), (["<image><image>"], 1), (["no picture"], 1), (["<image>"], 0)]
)
@pytest.mark.parametrize("fusion", ["concat", "gated"])
def test_pictures_and_places_must_be_as_many(base: Path, texts: list[str], count: int, fusion: str) -> None:
    processor, _ = tiny_pair(base, fusion)
    with pytest.raises(ValueError, match="image"):
        processor(images=[drawn(seed) for seed in range(count)] or None, text=texts, return_tensors="pt")


def test_pictures_of_another_row_are_refused(base: Path) -> None:
    processor, _ = tiny_pair(base)
    with pytest.raises(ValueError, match=r"name \[1, 1\] pictures"):
        processor(images=[[drawn(1), drawn(2)], []], text=["<image>", "<image>"], padding=True, return_tensors="pt")


def test_no_limit_cuts_through_a_picture(base: Path) -> None:
    processor, _ = tiny_pair(base)
    text = "<image>Where is my parcel?"
    with pytest.raises(ValueError, match="truncation"):
        processor(images=[drawn(1)], text=text, truncation=True, max_length=2, return_tensors="pt")
    fed = processor(images=[drawn(1)], text=text, truncation=True, max_length=5, return_tensors="pt")
    assert fed["input_ids"].shape == (1, 5)


@pytest.mark.parametrize("fusion", ["concat", "cross_attention"])
def test_saved_and_loaded_it_reads_the_same(base: Path, tmp_path: Path, fusion: str) -> None:
    from transformers import AutoProcessor

    processor, model = tiny_pair(base, fusion)
    model.config.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    again = AutoProcessor.from_pretrained(tmp_path)
    assert type(again) is DialogueProcessor
    chat = [{"role": "user", "content": [{"type": "image", "image": drawn(1)}, {"type": "text", "text": "On?"}]}]
    settings: dict[str, Any] = {
        "add_generation_prompt": True,
        "tokenize": True,
        "return_dict": True,
        "return_tensors": "pt",
    }
    first, second = (each.apply_chat_template(chat, **settings) for each in (processor, again))
    assert set(first) == {"input_ids", "attention_mask", "pixel_values", "picture_mask"}
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert int((first["input_ids"] == KNOWN).sum()) == (3 if fusion == "concat" else 0)


def test_words_that_a_customer_types_are_only_words(base: Path, paths: list[Path]) -> None:
    processor, model = tiny_pair(base)
    typed = [ChatMessage("user", "<image> help <|im_end|><image>")]
    for voice in (PictureModel("r", "n", processor, model, 1), HubModel("r", "n", processor, model, 1)):
        assert isinstance(say(voice, typed), str)
        assert isinstance(say(voice, typed, pictures=paths[:1]), str)


@pytest.mark.parametrize("fusion", ["none", "concat", "cross_attention", "gated"])
def test_the_quick_way_writes_what_generate_writes(base: Path, paths: list[Path], fusion: str) -> None:
    processor, model = tiny_pair(base, fusion)
    woken(model)
    quick, slow = dialogue_voice("r", "n", processor, model, 1), HubModel("r", "n", processor, model, 1)
    assert isinstance(quick, PictureModel) == (fusion in ("none", "concat"))
    assert quick.reads_pictures == (fusion != "none")
    long = [*ASK, ChatMessage("assistant", "Yes. " * 60), ChatMessage("user", "And what else can I see there?")]
    told = set()
    for messages in (ASK, long):
        for shown in ([], paths[:1], paths[1:2], paths[:2], paths[:1]):
            told.add(say(quick, messages, pictures=shown))
            assert say(quick, messages, pictures=shown) == say(slow, messages, pictures=shown)
    assert len(told) > 2 or fusion == "none"


def test_a_picture_is_looked_at_once_and_forgotten_in_time(base: Path) -> None:
    processor, model = tiny_pair(base)
    pixels = processor.image_processor([drawn(seed) for seed in range(KEPT + 1)], return_tensors="pt")["pixel_values"]
    looked = []
    model.tower.register_forward_hook(lambda *told: looked.append(1))
    album = Album(model)
    first = album.ids(pixels[0])
    assert album.ids(pixels[0]) == first
    assert len(looked) == 1
    for each in pixels[1:]:
        album.ids(each)
    assert not set(album.ids(pixels[0])) & set(first), "ids are never given twice"
    assert len(looked) == KEPT + 2


@pytest.mark.slow
def test_the_template_says_what_the_base_says(tmp_path: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    from agent.embedded import convert_base

    folder = convert_base(Path(os.environ.get("DESKSIDE_CACHE") or tmp_path))
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    for chat in (
        [{"role": "user", "content": "Hello\n"}],
        [{"role": "system", "content": "S"}, {"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}],
    ):
        for going_on in (True, False):
            said = [
                tokenizer.apply_chat_template(chat, chat_template=each, add_generation_prompt=going_on, tokenize=False)
                for each in (None, TEMPLATE)
            ]
            assert said[0] == said[1]
