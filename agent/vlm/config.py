"""The shape of the dialogue model: which language model, which tower, how pictures meet words."""

from __future__ import annotations

from typing import Any

from transformers import AutoConfig, LlamaConfig, PreTrainedConfig

FUSIONS = ("none", "concat", "cross_attention", "gated")


class DialogueConfig(PreTrainedConfig):  # type: ignore[misc]
    """Configuration of agent.vlm.dialogue.DialogueModel.

    `fusion` is one of FUSIONS. `base_vocabulary` is how many ids the base model knows; the ids from there to
    `text_config.vocab_size` are ours, the first of them is `image_token_id`, and none is ever written in a reply.
    Pictures come as squares of `picture_side` pixels, of which the tower makes `tower_tokens` tokens.
    """

    model_type = "deskside_dialogue"
    sub_configs = {"text_config": LlamaConfig, "vision_config": AutoConfig}  # noqa: RUF012 (a class of transformers)

    def __init__(
        self,
        text_config: LlamaConfig | dict[str, Any] | None = None,
        vision_config: PreTrainedConfig | dict[str, Any] | None = None,
        fusion: str = "concat",
        image_token_id: int = 49152,
        base_vocabulary: int = 49152,
        visual_tokens: int = 16,
        tower_width: int = 672,
        tower_tokens: int = 64,
        connector_width: int = 384,
        resampler_depth: int = 2,
        fusion_every: int = 5,
        fusion_width: int = 384,
        embedding_width: int = 384,
        picture_side: int = 512,
        **kwargs: Any,
    ) -> None:
        if fusion not in FUSIONS:
            raise ValueError(f"fusion is {fusion!r}, it can be: {', '.join(FUSIONS)}")
        text: Any = text_config if _is_config(text_config) else LlamaConfig(**_plain(text_config))
        self.text_config: Any = text
        self.vision_config: Any = vision_config if _is_config(vision_config) else _tower_config(_plain(vision_config))
        self.fusion = fusion
        self.image_token_id = image_token_id
        self.base_vocabulary = base_vocabulary
        self.visual_tokens = visual_tokens
        self.tower_width = tower_width
        self.tower_tokens = tower_tokens
        self.connector_width = connector_width
        self.resampler_depth = resampler_depth
        self.fusion_every = fusion_every
        self.fusion_width = fusion_width
        self.embedding_width = embedding_width
        self.picture_side = picture_side
        kwargs["tie_word_embeddings"] = bool(text.tie_word_embeddings)
        super().__init__(**kwargs)

    @property
    def placeholders(self) -> int:
        """How many image tokens stand for one picture in a prompt: none where pictures are fused elsewhere."""
        return self.visual_tokens if self.fusion == "concat" else 0


def _is_config(value: object) -> bool:
    return isinstance(value, PreTrainedConfig)


def _plain(value: Any) -> dict[str, Any]:
    return {key: each for key, each in (value or {}).items() if key != "transformers_version"}


def _tower_config(told: dict[str, Any]) -> PreTrainedConfig:
    from agent.vlm.tower import ScreenTowerConfig

    kind = told.pop("model_type", ScreenTowerConfig.model_type)
    if kind == ScreenTowerConfig.model_type:
        return ScreenTowerConfig(**told)
    return AutoConfig.for_model(kind, **told)
