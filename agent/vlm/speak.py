"""The dialogue model as the desk's Model: pictures looked at once, then the quick decoder writes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from agent.decode import Decoder, TextModel
from agent.generate import HubModel
from agent.model import ChatMessage
from agent.template import encode_chat
from agent.vlm.dialogue import DialogueModel
from agent.vlm.reading import DialogueProcessor
from index.pictures import open_picture

KEPT = 32  # pictures whose visual tokens are kept for the next question


class Album:
    """Pictures by their content, each with visual tokens and ids of its own beyond the vocabulary.

    The decoder compares ids to find what it has read before: one id for every picture would take one for another.
    """

    def __init__(self, model: DialogueModel) -> None:
        self.config = model.language_model.config
        self._model = model
        self._first = int(self.config.vocab_size)
        self._next = self._first
        self._ids: OrderedDict[str, range] = OrderedDict()
        self._tokens: dict[int, Tensor] = {}

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self._model.device

    def ids(self, pixels: Tensor) -> range:
        """The ids of one picture (3, side, side), looked at now unless it is kept."""
        key = hashlib.sha256(pixels.cpu().contiguous().numpy().tobytes()).hexdigest()
        if key not in self._ids:
            with torch.inference_mode():
                seen = self._model.look(pixels[None])[0][0]
            self._ids[key] = range(self._next, self._next + len(seen))
            self._next += len(seen)
            self._tokens.update(zip(self._ids[key], seen, strict=True))
            while len(self._ids) > KEPT:
                for number in self._ids.popitem(last=False)[1]:
                    del self._tokens[number]
        self._ids.move_to_end(key)
        return self._ids[key]

    def __call__(self, input_ids: Tensor, past_key_values: Any, logits_to_keep: int = 0) -> Any:
        """What the language model says after these ids, which may be a picture's."""
        language_model = self._model.language_model
        pictured = input_ids >= self._first
        if not bool(pictured.any()):
            return language_model(
                input_ids=input_ids, past_key_values=past_key_values, logits_to_keep=logits_to_keep, use_cache=True
            )
        embeds = language_model.get_input_embeddings()(input_ids.masked_fill(pictured, 0))
        seen = torch.stack([self._tokens[number] for number in input_ids[pictured].tolist()]).to(embeds)
        return language_model(
            inputs_embeds=embeds.masked_scatter(pictured[..., None], seen),
            past_key_values=past_key_values,
            logits_to_keep=logits_to_keep,
            use_cache=True,
        )


class PictureModel(TextModel):
    """A DialogueModel of fusion `concat` (or `none`): the quick decoder with pictures in its prompt."""

    def __init__(
        self, ref: str, name: str, processor: DialogueProcessor, model: DialogueModel, threads: int | None = None
    ) -> None:
        super().__init__(ref, name, processor.tokenizer, model.language_model, threads)
        self.reads_pictures = model.config.fusion == "concat"
        self.abstains = True  # whoever trained it trained that too (finetune.grounded)
        self._processor = processor
        self._album = Album(model)
        self._image = int(model.config.image_token_id)
        self._decoder = Decoder(self._album)

    def close(self) -> None:
        """Let go of the weights."""
        super().close()
        self._album = None  # type: ignore[assignment]

    def _prompt(self, messages: Sequence[ChatMessage], pictures: Sequence[Path]) -> list[int]:
        """The ids of the prompt; each picture's image tokens are its own ids."""
        shown = [open_picture(path).image for path in pictures] if self.reads_pictures else []
        fed = encode_chat(self._processor, messages, self._control, shown)
        prompt: list[int] = fed["input_ids"][0].tolist()
        if not shown:
            return prompt
        seen = [number for pixels in fed["pixel_values"][0] for number in self._album.ids(pixels)]
        places = [place for place, token in enumerate(prompt) if token == self._image]
        for place, number in zip(places, seen, strict=True):
            prompt[place] = number
        return prompt


def dialogue_voice(
    ref: str, name: str, processor: DialogueProcessor, model: DialogueModel, threads: int | None = None
) -> PictureModel | HubModel:
    """The quick one where the fusion allows it: pictures inside the layers need `generate`."""
    kind = PictureModel if model.config.fusion in ("none", "concat") else HubModel
    return kind(ref, name, processor, model, threads)
