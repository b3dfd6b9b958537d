"""Pictures and chat messages to what the dialogue model takes: pixels, ids, and the place of each picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import AddedToken, BatchFeature, PreTrainedTokenizerFast, ProcessorMixin
from transformers.image_processing_utils import BaseImageProcessor
from transformers.image_transforms import to_pil_image

from agent.vlm.config import DialogueConfig

IMAGE_WORD = "<image>"
SIDE = 512  # pixels
GROUND = 0.5  # grey, on which the tower was trained to see pictures
BICUBIC = 3  # Pillow's number for it
# SmolLM2's own template, taught to take parts: a picture is its word, text is text.
TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}"
    "{% endif %}{{ '<|im_start|>' + message['role'] + '\n' }}{% if message['content'] is string %}"
    "{{ message['content'] }}{% else %}{% for part in message['content'] %}{% if part['type'] == 'image' %}"
    "{{ '<image>' }}{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "{{ '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def to_pixels(picture: Any, side: int = SIDE, fill: float = GROUND) -> NDArray[np.float32]:
    """(3, side, side) RGB in 0..1 of a Pillow picture: longest side to `side`, the rest right and below is `fill`."""
    picture = picture.convert("RGB")
    scale = side / max(picture.size)
    width, height = (max(1, min(side, round(length * scale))) for length in picture.size)
    small = np.asarray(picture.resize((width, height), BICUBIC), np.float32) / 255
    out = np.full((3, side, side), fill, np.float32)
    out[:, :height, :width] = small.transpose(2, 0, 1)
    return out


class ScreenPixels(BaseImageProcessor):  # type: ignore[misc]
    """Pictures to `pixel_values` (all, 3, side, side), without torchvision."""

    model_input_names = ["pixel_values"]  # noqa: RUF012 (a class of transformers)

    def __init__(self, side: int = SIDE, fill: float = GROUND, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.side = side
        self.fill = fill

    def __call__(self, images: Any, **kwargs: Any) -> BatchFeature:
        return self.preprocess(images, **kwargs)

    def preprocess(self, images: Any, **kwargs: Any) -> BatchFeature:
        """Pillow pictures or arrays, one, a list or a list of lists, in their order."""
        pictures = [each if hasattr(each, "convert") else to_pil_image(each) for each in _flat(images)]
        pixels = np.stack([to_pixels(each, self.side, self.fill) for each in pictures])
        return BatchFeature({"pixel_values": pixels}, tensor_type=kwargs.get("return_tensors"))


class DialogueProcessor(ProcessorMixin):  # type: ignore[misc]
    """Text and pictures to `input_ids`, `attention_mask`, `pixel_values` (batch, pictures, 3, side, side) and
    `picture_mask` (batch, pictures).

    Each `<image>` in a text becomes `placeholders` image tokens. Raises ValueError when the texts name more or fewer
    pictures than there are, and when a limit on the length would cut image tokens off.
    """

    def __init__(
        self,
        image_processor: Any = None,
        tokenizer: Any = None,
        chat_template: str | None = None,
        placeholders: int = 16,
        image_token: str = IMAGE_WORD,
    ) -> None:
        self.placeholders = placeholders
        self.image_token = image_token
        self.image_token_id = tokenizer.convert_tokens_to_ids(image_token)
        super().__init__(image_processor, tokenizer, chat_template=chat_template)

    def __call__(self, images: Any = None, text: Any = None, **kwargs: Any) -> BatchFeature:
        """`images` is a picture, a list in the order of the texts, or one list for each text."""
        texts = [text] if isinstance(text, str) else text
        if images is not None and not _flat(images):
            images = None
        shared = self._pictures_by_text(images, texts, bool(kwargs.get("sanitize_control_tokens")))
        fed = super().__call__(images=None if images is None else _flat(images), text=texts, **kwargs)
        if images is not None:
            fed.update(_by_text(fed.pop("pixel_values"), shared))
        return fed

    def replace_image_token(self, image_inputs: dict[str, Any], image_idx: int, **kwargs: Any) -> str:
        """The image tokens of one picture."""
        return self.image_token * self.placeholders

    @property
    def model_input_names(self) -> list[str]:
        return ["input_ids", "attention_mask", "pixel_values", "picture_mask"]

    def _pictures_by_text(self, images: Any, texts: Sequence[str] | None, sanitized: bool) -> list[int]:
        """How many pictures belong to each text."""
        if images is None:
            return []
        nested = isinstance(images, list | tuple) and all(isinstance(each, list | tuple) for each in images)
        if texts is None:
            return [len(each) for each in images] if nested else [1] * len(_flat(images))
        named = [each.count(self.image_token) for each in texts]
        shared = [len(each) for each in images] if nested else named
        # in chats that are sanitized a customer may type the word: `named` then counts too many
        if len(shared) != len(texts) or sum(shared) != len(_flat(images)) or (shared != named and not sanitized):
            raise ValueError(f"the texts name {named} pictures ({self.image_token}), {len(_flat(images))} were given")
        return shared


def _flat(images: Any) -> list[Any]:
    if not isinstance(images, list | tuple):
        return [images]
    return [each for group in images for each in (group if isinstance(group, list | tuple) else [group])]


def _by_text(pixels: Any, shared: Sequence[int]) -> dict[str, Any]:
    """The pictures in rows, one a text, filled up with empty ones that the mask leaves out."""
    flat = np.asarray(pixels)
    mask = np.arange(max(shared)) < np.asarray(shared)[:, None]
    rows = np.zeros((*mask.shape, *flat.shape[1:]), flat.dtype)
    rows[mask] = flat
    if isinstance(pixels, np.ndarray | list):
        return {"pixel_values": rows, "picture_mask": mask}
    import torch

    return {"pixel_values": torch.from_numpy(rows), "picture_mask": torch.from_numpy(mask)}


def build_processor(base_folder: Path, config: DialogueConfig) -> DialogueProcessor:
    """The processor for this model from the base's tokenizer; ValueError if the picture's word gets another id."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(base_folder, local_files_only=True)
    tokenizer.add_tokens([AddedToken(IMAGE_WORD, special=True, normalized=False)], special_tokens=True)
    tokenizer.padding_side = "left"  # replies are written at the right end
    if tokenizer.convert_tokens_to_ids(IMAGE_WORD) != config.image_token_id:
        raise ValueError(f"the tokenizer of {base_folder.name} is not that of the model: {IMAGE_WORD} has another id")
    return DialogueProcessor(
        ScreenPixels(config.picture_side), tokenizer, chat_template=TEMPLATE, placeholders=config.placeholders
    )
