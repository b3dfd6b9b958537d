"""Tiny random models with real tokenizers and processors, saved as the folders that people download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for part in m['content'] %}"
    "{% if part['type'] == 'image' %}IMAGE{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WORDS = ["Your parcel is with the carrier.", "Hold the button for 10 seconds.", "Ça coûte 12 € – naïve 😀 日本語"]
TEXT = {
    "vocab_size": 512,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 1,
}


def tiny_tokenizer(*image_words: str, template: str | None = CHATML, **named: str) -> Any:
    """A byte-level BPE tokenizer trained here; `named` are special tokens with attributes (image_token=...)."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<|im_start|>", "<|im_end|>", *image_words]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(WORDS * 3, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        extra_special_tokens=named,
    )
    tokenizer.chat_template = template
    return tokenizer


def save_llama(folder: Path, *, template: str | None = CHATML, **config: Any) -> Path:
    """A language model of two layers."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    LlamaForCausalLM(LlamaConfig(**(TEXT | config))).save_pretrained(folder)
    tiny_tokenizer(template=template).save_pretrained(folder)
    return folder


def save_gpt2(folder: Path) -> Path:
    """A language model of another family, served by `generate`."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    config = GPT2Config(vocab_size=512, n_positions=512, n_embd=32, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=1)
    GPT2LMHeadModel(config).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


def save_idefics3(folder: Path, kind: str = "Idefics3") -> Path:
    """Idefics3 or SmolVLM with a tower of two layers."""
    import torch
    import transformers
    from transformers import LlamaConfig
    from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil

    torch.manual_seed(0)
    words = ["<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>"]
    tokenizer = tiny_tokenizer(*words, template=CHATML.replace("IMAGE", "<image>"))
    config = getattr(transformers, f"{kind}Config")(
        text_config=LlamaConfig(**TEXT),
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 32,
            "patch_size": 8,
        },
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=1,
    )
    getattr(transformers, f"{kind}ForConditionalGeneration")(config).save_pretrained(folder)
    size = {"size": {"longest_edge": 64}, "max_image_size": {"longest_edge": 32}}
    _save_processor(folder, f"{kind}Processor", Idefics3ImageProcessorPil(**size), tokenizer, image_seq_len=4)
    return folder


def save_llava(folder: Path) -> Path:
    """LLaVA with a CLIP tower of two layers."""
    import torch
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    torch.manual_seed(0)
    tokenizer = tiny_tokenizer("<image>", template=CHATML.replace("IMAGE", "<image>"), image_token="<image>")
    vision = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=32,
        patch_size=8,
        projection_dim=32,
    )
    config = LlavaConfig(
        vision_config=vision, text_config=LlamaConfig(**TEXT), image_token_id=tokenizer.convert_tokens_to_ids("<image>")
    )
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    pictures = CLIPImageProcessorPil(size={"height": 32, "width": 32}, crop_size={"height": 32, "width": 32})
    _save_processor(
        folder,
        "LlavaProcessor",
        pictures,
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    )
    return folder


def save_qwen2_vl(folder: Path, kind: str = "Qwen2VL") -> Path:
    """Qwen2-VL or Qwen2.5-VL with a tower of two blocks."""
    import torch
    import transformers
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    torch.manual_seed(0)
    words = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    shown = "<|vision_start|><|image_pad|><|vision_end|>"
    tokenizer = tiny_tokenizer(*words, template=CHATML.replace("IMAGE", shown))
    ids = {word: tokenizer.convert_tokens_to_ids(word) for word in words}
    newer = kind != "Qwen2VL"
    vision = {"depth": 2, "num_heads": 2, "patch_size": 8, "spatial_merge_size": 2, "in_channels": 3}
    vision |= (
        {
            "hidden_size": 32,
            "intermediate_size": 64,
            "out_hidden_size": 32,
            "fullatt_block_indexes": [1],
            "window_size": 32,
        }
        if newer
        else {"embed_dim": 32, "hidden_size": 32}
    )
    rope = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 10000.0}
    config = getattr(transformers, "Qwen2_5_VLConfig" if newer else "Qwen2VLConfig")(
        text_config=TEXT | {"rope_parameters": rope},
        vision_config=vision,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )
    name = "Qwen2_5_VL" if newer else "Qwen2VL"
    getattr(transformers, f"{name}ForConditionalGeneration")(config).save_pretrained(folder)
    pictures = Qwen2VLImageProcessorPil(patch_size=8, size={"shortest_edge": 256, "longest_edge": 4096})
    _save_processor(folder, f"{name}Processor", pictures, tokenizer)
    return folder


def _save_processor(folder: Path, name: str, pictures: Any, tokenizer: Any, **settings: Any) -> None:
    import transformers

    from agent.hub import image_only

    kind = image_only(getattr(transformers, name))
    parts: dict[str, Any] = {"image_processor": pictures, "tokenizer": tokenizer}
    if name != "LlavaProcessor" and name != "Idefics3Processor":
        parts["video_processor"] = None
    kind(**parts, chat_template=tokenizer.chat_template, **settings).save_pretrained(folder)
