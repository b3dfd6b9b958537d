"""The dialogue model: a language model, the tower that sees, and what joins them, as one Hugging Face model."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import GenerationMixin, LlamaForCausalLM, PreTrainedModel
from transformers import initialization as init
from transformers.models.auto.modeling_auto import AutoModel
from transformers.utils import logging

from agent.vlm.config import DialogueConfig
from agent.vlm.connector import Connector
from agent.vlm.fusion import Before, CrossAttention, FusedEmbedder, GatedWords, fusion_blocks

OURS = ("tower", "connector", "fusion", "embedder")  # all but the language model
VOCABULARY_STEP = 64  # the vocabulary grows to a multiple of this, which kernels like


class DialogueModel(PreTrainedModel, GenerationMixin):  # type: ignore[misc]
    """Text and any number of pictures a row in, text out; beside it, one vector for both.

    Pictures come as `pixel_values` (batch, pictures, 3, height, width) in 0..1 with `picture_mask` (batch, pictures)
    True where there is one (None: everywhere), or (batch, 3, height, width) for one a row. Whoever trains with a
    frozen tower gives its tokens instead: `tower_tokens` (batch, pictures, tower_tokens, tower_width).
    """

    config_class = DialogueConfig
    main_input_name = "input_ids"
    input_modalities = ("image", "text")
    supports_gradient_checkpointing = True
    _no_split_modules = ["LlamaDecoderLayer"]  # noqa: RUF012 (a class of transformers)
    _skip_keys_device_placement = ["past_key_values"]  # noqa: RUF012
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True

    def __init__(self, config: DialogueConfig) -> None:
        super().__init__(config)
        self.language_model = LlamaForCausalLM(config.text_config)
        self.tower = AutoModel.from_config(config.vision_config)
        self.connector = Connector(config)
        self.fusion = fusion_blocks(config)
        self.embedder = FusedEmbedder(config)
        self._listen()
        self._set_generation()
        self.post_init()

    @classmethod
    def around(cls, config: DialogueConfig, language_model: LlamaForCausalLM, tower: nn.Module) -> DialogueModel:
        """The model with these parts, which are not copied and belong to it alone; what joins them starts fresh."""
        with torch.device("meta"):
            model = cls(config)
        model.language_model, model.tower = language_model, tower
        for part in (model.connector, model.fusion, model.embedder):
            part.to_empty(device=language_model.device).to(language_model.dtype)
            part.apply(model._init_weights)
        model.connector.norm.weight.data.fill_(float(language_model.get_input_embeddings().weight.detach().std()))
        model._listen()
        model._set_generation()
        return model

    def _listen(self) -> None:
        """Each decoder layer takes the picture out of its arguments; some look at it first."""
        for number, layer in enumerate(self.language_model.model.layers):
            block = self.fusion[str(number)] if str(number) in self.fusion else None  # noqa: SIM401 (has no get)
            layer.register_forward_pre_hook(Before(block), with_kwargs=True)

    def _set_generation(self) -> None:
        ours = range(self.config.base_vocabulary, self.config.text_config.vocab_size)
        self.generation_config = copy.deepcopy(self.language_model.generation_config)
        self.generation_config.suppress_tokens = list(ours) or None

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            init.xavier_uniform_(module.weight)
            if module.bias is not None:
                init.zeros_(module.bias)
        elif isinstance(module, nn.LayerNorm):
            init.ones_(module.weight)
            init.zeros_(module.bias)
        elif isinstance(module, Connector):
            init.normal_(module.places, std=0.02)
            init.normal_(module.queries)
        elif isinstance(module, CrossAttention):
            init.zeros_(module.gate)
        elif isinstance(module, GatedWords):
            init.zeros_(module.enter.weight)
        elif isinstance(module, FusedEmbedder):
            init.normal_(module.asked)
            init.zeros_(module.enter.weight)

    def get_input_embeddings(self) -> nn.Module:
        return self.language_model.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        self.language_model.set_input_embeddings(value)

    def get_output_embeddings(self) -> nn.Module:
        return self.language_model.get_output_embeddings()

    def set_output_embeddings(self, new_embeddings: nn.Module) -> None:
        self.language_model.set_output_embeddings(new_embeddings)

    # Seeing ----------------------------------------------------------------------------------------------------

    def look(
        self, pixel_values: Tensor | None, picture_mask: Tensor | None = None, tower_tokens: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Visual tokens (batch, pictures * visual_tokens, hidden) and where there are any (batch, the same)."""
        shown = pixel_values if tower_tokens is None else tower_tokens
        if shown is None:
            raise ValueError("no pictures: give pixel_values or tower_tokens")
        if shown.dim() == (4 if tower_tokens is None else 3):
            shown = shown[:, None]
        mask = torch.ones(shown.shape[:2], dtype=torch.bool) if picture_mask is None else picture_mask.bool()
        shown = shown[mask.to(shown.device)].to(self.device, self.connector.places.dtype)
        if tower_tokens is None:
            empty = shown.new_zeros((0, self.config.tower_tokens, self.config.tower_width))
            shown = self.tower(shown).tokens if len(shown) else empty
        seen, mask = self.connector(shown), mask.to(self.device)
        rows = seen.new_zeros((*mask.shape, *seen.shape[1:])).index_put((mask,), seen)
        return rows.flatten(1, 2), mask.repeat_interleave(self.config.visual_tokens, 1)

    def image_embedding(
        self,
        pixel_values: Tensor | None = None,
        picture_mask: Tensor | None = None,
        tower_tokens: Tensor | None = None,
        visual: Tensor | None = None,
        visual_mask: Tensor | None = None,
    ) -> Tensor:
        """(batch, embedding_width), unit length: the row's pictures in the space of the sentence vectors. A row
        without pictures gets a vector that means nothing. Whoever has looked already gives what `look` gave."""
        if visual is None:
            visual, visual_mask = self.look(pixel_values, picture_mask, tower_tokens)
        return self.embedder.picture(visual, visual_mask)

    def embed(
        self,
        text_vectors: Tensor,
        pixel_values: Tensor | None = None,
        picture_mask: Tensor | None = None,
        tower_tokens: Tensor | None = None,
        visual: Tensor | None = None,
        visual_mask: Tensor | None = None,
    ) -> Tensor:
        """(batch, embedding_width), unit length, from the questions' sentence vectors of the same shape and their
        pictures. Rows without a picture keep their vector to the bit; rows of zeros get their picture's."""
        if visual is None and pixel_values is None and tower_tokens is None:
            return text_vectors
        if visual is None or visual_mask is None:
            visual, visual_mask = self.look(pixel_values, picture_mask, tower_tokens)
        picture = self.embedder.picture(visual, visual_mask)
        return self.embedder(text_vectors.to(picture), picture, visual_mask.any(1))

    # Speaking --------------------------------------------------------------------------------------------------

    def forward(
        self,
        input_ids: Tensor | None = None,
        pixel_values: Tensor | None = None,
        picture_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Any = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | Tensor = 0,
        tower_tokens: Tensor | None = None,
        visual: Tensor | None = None,
        visual_mask: Tensor | None = None,
        **kwargs: Any,
    ) -> Any:
        """What LlamaForCausalLM returns. `visual` and `visual_mask` are what `look` gave, for steps after the first.

        Raises ValueError when the image tokens in `input_ids` are not as many as the pictures' visual tokens.
        """
        if self.config.fusion != "none" and visual is None and not (pixel_values is None and tower_tokens is None):
            visual, visual_mask = self.look(pixel_values, picture_mask, tower_tokens)
        seen: dict[str, Tensor | None] = {}
        if visual is not None and visual_mask is not None:
            if inputs_embeds is None:
                inputs_embeds = self.get_input_embeddings()(input_ids)
            if self.config.fusion == "concat" and input_ids is not None:
                begun = past_key_values is not None and past_key_values.get_seq_length() > 0
                inputs_embeds = self._placed(inputs_embeds, input_ids, visual, visual_mask, begun)
            elif self.config.fusion == "gated":
                inputs_embeds = self.fusion["words"](inputs_embeds, visual.to(inputs_embeds.dtype), visual_mask)
            elif self.config.fusion == "cross_attention":
                seen = {"visual": visual.to(inputs_embeds.dtype), "visual_mask": visual_mask}
        return self.language_model(
            input_ids=input_ids if inputs_embeds is None else None,
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            labels=labels,
            use_cache=use_cache,
            logits_to_keep=logits_to_keep,
            **seen,
            **kwargs,
        )

    def _placed(self, embeds: Tensor, input_ids: Tensor, visual: Tensor, mask: Tensor, begun: bool) -> Tensor:
        """The embeddings with visual tokens where image tokens stand. After the start, the last ones of each row."""
        holes = input_ids == self.config.image_token_id
        wanted, given = holes.sum(1), mask.sum(1)
        if begun and not bool(wanted.any()):
            return embeds
        if not bool((wanted <= given if begun else wanted == given).all()):
            raise ValueError(
                f"the prompts hold {wanted.tolist()} image tokens, their pictures need {given.tolist()} "
                f"({self.config.visual_tokens} a picture): was a prompt cut, or a picture left out?"
            )
        from_the_end = mask.flip(1).cumsum(1).flip(1)
        chosen = mask & (from_the_end <= wanted[:, None])
        return embeds.masked_scatter(holes[..., None], visual[chosen].to(embeds.dtype))

    @torch.no_grad()
    def generate(self, inputs: Tensor | None = None, *args: Any, **kwargs: Any) -> Any:
        """As GenerationMixin.generate; the pictures are looked at once and stay within reach of every step."""
        pixels, mask = kwargs.pop("pixel_values", None), kwargs.pop("picture_mask", None)
        tokens = kwargs.pop("tower_tokens", None)
        if self.config.fusion != "none" and not (pixels is None and tokens is None):
            kwargs["visual"], kwargs["visual_mask"] = self.look(pixels, mask, tokens)
        return super().generate(inputs, *args, **kwargs)

    def own_state(self) -> Iterator[tuple[str, Tensor]]:
        """Names and tensors of all but the language model."""
        return ((name, each) for name, each in self.state_dict().items() if name.split(".")[0] in OURS)


def grow_vocabulary(language_model: LlamaForCausalLM, added: int = 1, step: int = VOCABULARY_STEP) -> int:
    """Room for `added` new ids, up to a multiple of `step`; the new rows are the mean of the old. How many ids the
    model knew before."""
    known = int(language_model.config.vocab_size)
    size = -(-(known + added) // step) * step
    words, head = language_model.get_input_embeddings(), language_model.get_output_embeddings()
    tied = head.weight is words.weight
    # not resize_token_embeddings: it draws random numbers for every row first, which takes longer than all the rest
    words.weight = _longer(words.weight, size)
    head.weight = words.weight if tied else _longer(head.weight, size)
    words.num_embeddings = head.out_features = size
    language_model.config.vocab_size = language_model.vocab_size = language_model.model.vocab_size = size
    return known


def _longer(weight: Tensor, size: int) -> nn.Parameter:
    old = weight.detach()
    mean = old.float().mean(0, keepdim=True).to(old.dtype)
    return nn.Parameter(torch.cat([old, mean.expand(size - len(old), -1)]), requires_grad=weight.requires_grad)


def build_dialogue(
    base_folder: Path, tower: nn.Module, fusion: str = "concat", *, dtype: torch.dtype = torch.float32, **shape: Any
) -> DialogueModel:
    """A fresh model around the base's own weights, which write as before until something is trained.

    `base_folder` is what agent.embedded.convert_base made, or any folder of a LlamaForCausalLM; `shape` are
    settings of DialogueConfig.
    """
    language_model = load_language_model(base_folder, dtype)
    known = grow_vocabulary(language_model)
    config = DialogueConfig(
        text_config=language_model.config,
        vision_config=tower.config,
        fusion=fusion,
        image_token_id=known,
        base_vocabulary=known,
        **shape,
    )
    return DialogueModel.around(config, language_model, tower.to(dtype)).eval()


def load_language_model(folder: Path, dtype: torch.dtype) -> LlamaForCausalLM:
    """The causal language model in this folder; ValueError when weights are missing in it."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    model, told = LlamaForCausalLM.from_pretrained(
        folder, dtype=dtype, local_files_only=True, use_safetensors=True, output_loading_info=True
    )
    if told["missing_keys"] or told["unexpected_keys"] or told["mismatched_keys"]:
        raise ValueError(f"the weights in {folder.name} are not those of its config")
    return model
