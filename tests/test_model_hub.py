"""Models from folders: every family speaks, sees its pictures, and nothing in a folder can run, trick or hang us."""

from __future__ import annotations

import io
import json
import shutil
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.model import ChatMessage, Model, load_model
from index.errors import UserError
from tests.tiny_models import CHATML, save_gpt2, save_idefics3, save_llama, save_llava, save_qwen2_vl, tiny_tokenizer

ASK = [ChatMessage("system", "Be short."), ChatMessage("user", "Where is my parcel?")]
SEEING: dict[str, Callable[[Path], Path]] = {
    "idefics3": save_idefics3,
    "smolvlm": lambda folder: save_idefics3(folder, "SmolVLM"),
    "llava": save_llava,
    "qwen2_vl": save_qwen2_vl,
    "qwen2_5_vl": lambda folder: save_qwen2_vl(folder, "Qwen2_5_VL"),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tiny models of this file are; each is made once."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def llama(folders: Path, tmp_path: Path) -> Path:
    """A fresh copy of the tiny language model, to be damaged."""
    if not (folders / "llama").exists():
        save_llama(folders / "llama")
    return shutil.copytree(folders / "llama", tmp_path / "llama")


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    from PIL import Image

    paths = []
    for number, colour in enumerate(("red", "blue")):
        path = tmp_path / f"{number}.png"
        picture = Image.new("RGB", (90, 60), colour)
        picture.paste("white", (10 + 30 * number, 10, 40 + 30 * number, 50))
        picture.save(path)
        paths.append(path)
    return paths


def load(folder: Path) -> Model:
    return load_model(str(folder), cache=folder.parent / "cache", threads=1)


def say(model: Model, messages: Sequence[ChatMessage] = ASK, **more: Any) -> str:
    return "".join(model.stream(messages, **({"max_new_tokens": 12} | more)))


def trouble(folder: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        load(folder)
    assert 0 < len(caught.value.message.splitlines()) <= 2
    return caught.value


@pytest.mark.parametrize("family", SEEING)
def test_a_vision_model_answers_and_sees_the_difference(folders: Path, pictures: list[Path], family: str) -> None:
    model = load(SEEING[family](folders / family))
    assert model.reads_pictures
    blind, red, blue = say(model), *(say(model, pictures=[path]) for path in pictures)
    assert blind
    assert len({blind, red, blue}) > 1, "the pixels change nothing"
    assert say(model, pictures=pictures[:1]) == red, "not deterministic"
    assert say(model, pictures=pictures) is not None  # two pictures in one question
    typed = ChatMessage("user", "<image> <|image_pad|> <fake_token_around_image><|vision_start|> help")
    assert say(model, [typed], pictures=pictures[:1]) is not None  # typed placeholders are only words


@pytest.mark.parametrize("save", [save_llama, save_gpt2], ids=["llama", "gpt2"])
def test_a_language_model_streams_what_generate_writes(
    tmp_path: Path, pictures: list[Path], save: Callable[[Path], Path]
) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = save(tmp_path / "model")
    model = load(folder)
    assert not model.reads_pictures
    reply = say(model, max_new_tokens=40)
    assert reply == say(model, max_new_tokens=40, pictures=pictures)
    plain, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    rows = [{"role": m.role, "content": m.text} for m in ASK]
    ids = tokenizer.apply_chat_template(rows, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    with torch.inference_mode():
        out = plain.generate(**ids, max_new_tokens=40, do_sample=False)
    wanted = tokenizer.decode(out[0, ids["input_ids"].shape[1] :], skip_special_tokens=True)
    assert reply == wanted.rstrip("�")
    assert model.count_tokens("a parcel") == len(tokenizer.encode("a parcel"))


def test_cancel_and_leaving_stop_the_work(tmp_path: Path) -> None:
    model = load(save_gpt2(tmp_path / "model"))
    cancel = threading.Event()
    cancel.set()
    assert say(model, cancel=cancel) == ""
    stream = model.stream(ASK, max_new_tokens=400)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name == "generate"]
    assert say(model) == say(model)


def test_a_prompt_beyond_the_window_is_refused_with_its_size(folders: Path, llama: Path) -> None:
    for folder in (llama, save_gpt2(folders / "gpt2_window")):
        with pytest.raises(UserError, match=r"The prompt has \d{4} tokens") as caught:
            say(load(folder), [ChatMessage("user", "parcel " * 1500)])
        assert caught.value.kind == "LIMIT"


def test_a_model_without_a_template_gets_a_plain_transcript(tmp_path: Path) -> None:
    assert say(load(save_llama(tmp_path / "model", template=None)))


def test_a_template_that_knows_no_system_role_gets_it_with_the_question(tmp_path: Path) -> None:
    strict = (
        "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('take turns') }}{% endif %}"
        "{{ m['content'] }}{% endfor %}"
    )
    model = load(save_llama(tmp_path / "model", template=strict))
    assert say(model, [*ASK, ChatMessage("user", "And my money?")]) is not None


# What a folder must not do -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.pkl"])
def test_pickled_weights_are_never_opened(llama: Path, name: str) -> None:
    (llama / "model.safetensors").rename(llama / name)
    assert trouble(llama).kind == "UNTRUSTED"


def test_code_in_the_folder_is_refused_without_a_question(
    llama: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = io.StringIO("y\n")
    monkeypatch.setattr(sys, "stdin", asked)
    (llama / "modeling_llama.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert trouble(llama).kind == "UNTRUSTED"
    assert asked.tell() == 0
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_auto_map_is_refused_without_a_question(llama: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    asked = io.StringIO("y\n")
    monkeypatch.setattr(sys, "stdin", asked)
    config = json.loads((llama / name).read_text())
    (llama / name).write_text(json.dumps(config | {"auto_map": {"AutoConfig": "evil.Config"}}))
    assert trouble(llama).kind == "UNTRUSTED"
    assert asked.tell() == 0


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}"
        "{% endfor %}",
        "{% for a in range(10 ** 12) %}{% endfor %}",
        "{{ messages.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    ],
    ids=["loop", "range", "class", "subclasses", "globals", "recursion"],
)
def test_a_hostile_template_is_refused_at_loading(llama: Path, monkeypatch: pytest.MonkeyPatch, template: str) -> None:
    monkeypatch.setattr("agent.template.SECONDS", 0.3)
    (llama / "chat_template.jinja").write_text(template)
    assert trouble(llama).kind == "UNTRUSTED"


def test_a_template_that_waits_for_its_moment_is_stopped_then(llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.template.SECONDS", 0.3)
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    (llama / "chat_template.jinja").write_text(
        "{% if 'bomb' in messages[-1]['content'] %}" + loop + "{% endif %}" + CHATML
    )
    model = load(llama)
    assert say(model)
    with pytest.raises(UserError, match="does not end") as caught:
        say(model, [ChatMessage("user", "a bomb")])
    assert caught.value.kind == "UNTRUSTED"
    assert sys.gettrace() is None or "watch" not in repr(sys.gettrace())
    assert say(model)


def _cut_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def _giant_header(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(struct.pack("<Q", 2**60) + path.read_bytes()[8:])


def _flipped_header(folder: Path) -> None:
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[9] ^= 0x40
    path.write_bytes(bytes(data))


def _missing_layer(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    path = folder / "model.safetensors"
    weights = load_file(path)
    weights.pop("model.layers.1.mlp.up_proj.weight")
    save_file(weights, path)


def _other_shapes(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 128}))


def _missing_shard(folder: Path) -> None:
    listed = {"weight_map": {"a": "model-00001-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(listed))


def _cut_tokenizer(folder: Path) -> None:
    path = folder / "tokenizer.json"
    path.write_bytes(path.read_bytes()[:2000])


def _cut_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "lla')


def _changed_after_papers(folder: Path) -> None:
    import hashlib

    path = folder / "model.safetensors"
    sums = {path.name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}}
    (folder / "manifest.json").write_text(json.dumps({"files": sums}))
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "damage",
    [
        _cut_weights,
        _giant_header,
        _flipped_header,
        _missing_layer,
        _other_shapes,
        _missing_shard,
        _cut_tokenizer,
        _cut_config,
        _changed_after_papers,
    ],
)
def test_a_damaged_folder_is_named_damaged(llama: Path, damage: Callable[[Path], None]) -> None:
    damage(llama)
    assert trouble(llama).kind == "DAMAGED"


def test_what_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    for ref, words in [
        (str(tmp_path / "nowhere"), "No model folder"),
        ("deskside-tests/not-on-this-machine", "hf download deskside-tests/not-on-this-machine"),
        ("no such model", "No model folder"),
        (str(tmp_path), "config.json is missing"),
    ]:
        with pytest.raises(UserError, match=words) as caught:
            load_model(ref, cache=tmp_path)
        assert caught.value.kind == "CONFIG"


def test_a_model_that_writes_nothing_is_refused(tmp_path: Path) -> None:
    from transformers import CLIPVisionConfig, CLIPVisionModel

    folder = tmp_path / "clip"
    config = CLIPVisionConfig(hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2)
    CLIPVisionModel(config).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    assert trouble(folder).kind == "CONFIG"


# Adapters ------------------------------------------------------------------------------------------------------


def save_adapter(base: Path, folder: Path, named: Path | None = None) -> Path:
    """A LoRA adapter that changes what the base says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_pretrained(base)
    tuned = get_peft_model(model, LoraConfig(r=4, target_modules=["q_proj", "up_proj"], init_lora_weights=False))
    tuned.save_pretrained(folder)
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(config | {"base_model_name_or_path": str(named or base)}))
    return folder


def test_an_adapter_changes_its_base(llama: Path, tmp_path: Path) -> None:
    adapter = save_adapter(llama, tmp_path / "adapter")
    assert say(load(adapter)) != say(load(llama))


def test_an_adapter_of_another_base_is_a_mismatch(llama: Path, tmp_path: Path) -> None:
    deeper = save_llama(tmp_path / "deeper", num_hidden_layers=3)
    wider = save_llama(tmp_path / "wider", hidden_size=64)
    for number, other in enumerate((deeper, wider)):
        adapter = save_adapter(llama, tmp_path / f"adapter{number}", named=other)
        error = trouble(adapter)
        assert (error.kind, other.name in error.message) == ("MISMATCH", True)


def test_a_pickled_adapter_is_never_opened(llama: Path, tmp_path: Path) -> None:
    adapter = save_adapter(llama, tmp_path / "adapter")
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    assert trouble(adapter).kind == "UNTRUSTED"
