"""How a generator is trained: every choice of a run in one place, kept beside what came out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from index.errors import UserError

STRATEGIES = ("connector", "lora", "top", "full")
STAGES = ("align", "joint", "preferences")
FUSIONS = ("none", "concat", "cross_attention", "gated", "native")
LINEARS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class Recipe:
    """The choices of one training run. The same recipe, data and seed give the same weights on the same machine."""

    base: str = "embedded"
    """`embedded`, a folder, or a hub id."""
    data: tuple[str, ...] = ()
    """Files of examples, one a line."""
    held_out_data: tuple[str, ...] = ()
    """Files only ever asked, never learned; empty: `held_out` examples are kept out of `data`."""
    held_out: int = 64
    """How many examples are asked to decide what is best; chosen by the hash of their id."""
    strategy: str = "lora"
    stage: str = "joint"
    fusion: str = "none"
    start_from: str = ""
    """A folder that a run kept as its best: begin with its weights (joint after align, more data after some)."""
    tower: str = ""
    """The folder of the trained tower; empty: as ported, without training."""
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0
    targets: tuple[str, ...] = LINEARS
    first_layer: int = 0
    """Adapters stand in this layer and those above; below, no gradient is computed at all."""
    top_layers: int = 4
    """How many layers the strategy `top` trains in full."""
    lr_language: float = 1e-3
    lr_connector: float = 1e-3
    lr_vision: float = 5e-5
    weight_decay: float = 0.01
    warm_up: float = 0.05
    """Share of the run, 0..1, in which the learning rate rises from 0."""
    last_lr: float = 0.1
    """Share of the learning rate that is left at the end of the cosine."""
    clip: float = 1.0
    tokens_per_batch: int = 1536
    accumulation: int = 1
    longest: int = 2048
    """Tokens of an example with all its asks; longer ones lose passages no answer cites, or are left out."""
    length_power: float = 0.5
    """An answer of n tokens weighs n ** (1 - power): 0 counts tokens, 1 counts answers."""
    minutes: float = 0.0
    max_steps: int = 0
    epochs: float = 1.0
    """The run ends at the first of these that is set; the epochs count when neither of the other two is."""
    ask_every: float = 20.0
    """Minutes between two looks at the held-out asks (and checkpoints are kept)."""
    save_every: float = 5.0
    """Minutes between two checkpoints."""
    patience: int = 0
    """Stop after this many looks without a better score; 0: never."""
    settle_by_loss: bool = False
    """Of equal held-out scores the one with the lower loss is the better: for runs that keep few asks out."""
    weight_contrastive: float = 0.2
    weight_heads: float = 1.0
    beta: float = 0.1
    """In the stage `preferences`: how much a reply that became likelier is worth; small lets it go far."""
    weight_answer: float = 0.2
    """In the stage `preferences`: how much the chosen reply's own likelihood counts, which DPO alone lets fall."""
    processes: int = 1
    threads: int = 0
    seed: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, allowed in (("strategy", STRATEGIES), ("stage", STAGES), ("fusion", FUSIONS)):
            if getattr(self, name) not in allowed:
                raise UserError(f"{name} is {getattr(self, name)!r}; use one of: {', '.join(allowed)}", "CONFIG")
        if not 0 <= self.warm_up < 1 or self.tokens_per_batch < 1 or self.accumulation < 1 or self.rank < 1:
            raise UserError("warm_up must be in 0..1; tokens_per_batch, accumulation and rank at least 1.", "CONFIG")


def save_recipe(recipe: Recipe, file: Path) -> None:
    """Write the recipe as JSON."""
    file.write_text(json.dumps(asdict(recipe), indent=1, ensure_ascii=False) + "\n", "utf-8")


def load_recipe(file: Path) -> Recipe:
    """The recipe of a file. Raises UserError CONFIG for a choice that is unknown or a file that is no recipe."""
    try:
        told = json.loads(file.read_text("utf-8"))
        known = {each.name for each in fields(Recipe)}
        unknown = sorted(set(told) - known)
        if unknown:
            raise ValueError(f"it knows no {', '.join(unknown)}")
        choices: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in told.items()}
        return Recipe(**choices)
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"{file.name} is no recipe: {error}", "CONFIG") from error
