"""The dialogue model's training: words, what pictures say as vectors, and what is to be decided, in one loss."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from finetune.batches import Row, Tree, pack
from finetune.freezing import freeze
from finetune.generator import FINDS, half_where_native
from finetune.lora import adapter_tensors, load_adapter, lora_layers
from finetune.packed import answer_loss, exact_asks, supervised_states, to_device, use_packed_attention
from finetune.recipe import Recipe
from finetune.seen import Captions, Pictures, contrast, fact_names, facts_of
from index.errors import UserError


class Learner(nn.Module):
    """The dialogue model with the heads that only training needs: what is to be decided, what a picture shows."""

    def __init__(self, dialogue: Any, kinds: int, facts: int) -> None:
        super().__init__()
        self.dialogue = dialogue
        hidden = dialogue.config.text_config.hidden_size
        self.decision_head = nn.Linear(hidden, max(1, kinds))
        self.facts_head = nn.Linear(hidden, max(1, facts))


class DialogueTask:
    """Stage `align`: pictures find the vectors of their texts and tell their facts; the language model is not run.
    Stage `joint`: next token on the answers, the same two, and the kind of each ask from the state before its
    answer."""

    def __init__(
        self, dialogue: Any, recipe: Recipe, trees: Sequence[Tree], pictures: Pictures, captions: Captions,
        device: str = "cpu",
    ) -> None:  # fmt: skip
        use_packed_attention(dialogue.language_model)
        self.kinds = sorted({branch.kind for tree in trees for branch in tree.branches})
        self.facts = fact_names(tree.screens for tree in trees if tree.pictures)
        self.model: Any = Learner(dialogue.float(), len(self.kinds), len(self.facts)).to(device)
        self.dialogue = dialogue
        self.recipe, self.device = recipe, device
        self.pictures, self.captions = pictures, captions
        self.trained = freeze(self.model, dialogue.language_model.model, recipe)
        if recipe.stage == "align" and not any(tree.pictures for tree in trees):
            raise UserError("The stage align learns from pictures, and the examples have none.", "CONFIG")
        if recipe.start_from:
            self.load(Path(recipe.start_from))

    def losses(self, trees: Sequence[Tree]) -> tuple[Tensor, Tensor]:
        """See the class. Each row counts as much as its answers weigh."""
        pictured = [tree for tree in trees if tree.pictures]
        if self.recipe.stage == "align":
            weight = torch.tensor(float(len(pictured)), device=self.device)
            anchor = torch.stack([parameter.sum() * 0 for parameter in self.trained.values()]).sum()
            return (self._seeing(pictured) * weight + anchor if pictured else anchor), weight
        total = torch.zeros((), device=self.device)
        weights = torch.zeros((), device=self.device)
        for row in self._rows(trees):
            with half_where_native(self.device):
                states = supervised_states(self.dialogue.language_model, row, **self._read(row))
                logits = self.dialogue.language_model.lm_head(states)
            loss, weight = answer_loss(logits, row)
            total = total + loss + weight * self.recipe.weight_heads * self._deciding(states, row)
            weights = weights + weight
        if pictured:
            total = total + weights * self._seeing(pictured)
        return total, weights

    def exact(self, trees: Sequence[Tree]) -> list[tuple[str, bool]]:
        """Asks answered exactly; in the stage `align`, pictures whose nearest text is their own."""
        with torch.inference_mode(), half_where_native(self.device):
            if self.recipe.stage == "align":
                pictured = [tree for tree in trees if tree.pictures]
                if not pictured:
                    return []
                near = (self._embedded(pictured) @ self.captions.vectors.to(self.device).T).argmax(1).cpu()
                own = self.captions.rows([tree.screens for tree in pictured])
                return [(FINDS, right) for right in (near == own).tolist()]
            found = []
            for row in self._rows(trees):
                states = supervised_states(self.dialogue.language_model, row, **self._read(row))
                right = exact_asks(self.dialogue.language_model.lm_head(states), row)
                found += list(zip(row.kinds, right, strict=True))
            return found

    def _rows(self, trees: Sequence[Tree]) -> list[Row]:
        """One row for all; one for each tree where pictures are seen inside the layers, which know rows only."""
        inside = self.dialogue.config.fusion in ("cross_attention", "gated")
        groups = [[tree] for tree in trees] if inside else [list(trees)]
        return [to_device(pack(group, self.recipe.length_power), self.device) for group in groups]

    def _read(self, row: Row) -> dict[str, Any]:
        """What the language model reads: the words, and the pictures where this fusion wants them.

        Raises ValueError when the row's image tokens are not as many as its pictures' visual tokens.
        """
        config, dialogue = self.dialogue.config, self.dialogue
        embeds = dialogue.get_input_embeddings()(row.ids)
        paths = [path for tree in row.trees for path in tree.pictures]
        holes = row.ids == config.image_token_id
        if int(holes.sum()) != len(paths) * config.placeholders:
            raise ValueError(f"{int(holes.sum())} image tokens stand for {len(paths)} pictures in a row")
        if not paths or config.fusion == "none":
            return {"inputs_embeds": embeds}
        visual, there = dialogue.look(None, tower_tokens=self.pictures(paths)[None])
        if config.fusion == "concat":
            return {"inputs_embeds": embeds.masked_scatter(holes[..., None], visual.to(embeds.dtype))}
        if config.fusion == "gated":
            return {"inputs_embeds": dialogue.fusion["words"](embeds, visual, there)}
        return {"inputs_embeds": embeds, "visual": visual, "visual_mask": there}

    def _looked(self, trees: Sequence[Tree]) -> tuple[Tensor, Tensor]:
        """The visual tokens of the first picture of each tree (trees, visual_tokens, hidden), and where they are."""
        return self.dialogue.look(None, tower_tokens=self.pictures([tree.pictures[0] for tree in trees]))

    def _embedded(self, trees: Sequence[Tree]) -> Tensor:
        visual, there = self._looked(trees)
        return self.dialogue.image_embedding(visual=visual, visual_mask=there)

    def _seeing(self, trees: Sequence[Tree]) -> Tensor:
        """The contrastive loss of the picture vectors, and the loss of the facts read from the visual tokens."""
        visual, there = self._looked(trees)
        seen = self.dialogue.image_embedding(visual=visual, visual_mask=there)
        own = self.captions.rows([tree.screens for tree in trees])
        loss = self.recipe.weight_contrastive * contrast(seen, own, self.captions.vectors)
        tagged = [n for n, tree in enumerate(trees) if facts_of(tree.screens)]
        if self.facts and tagged:  # words without tags say nothing of what is to be seen
            told = [facts_of(trees[n].screens) for n in tagged]
            truth = torch.tensor([[float(fact in each) for fact in self.facts] for each in told], device=self.device)
            logits = self.model.facts_head(visual[tagged].mean(1).float())
            loss = loss + self.recipe.weight_heads * nn.functional.binary_cross_entropy_with_logits(logits, truth)
        return loss

    def _deciding(self, states: Tensor, row: Row) -> Tensor:
        """The loss of the ask's kind, read where its answer begins."""
        begins = torch.searchsorted(row.asks, torch.arange(len(row.kinds), device=row.asks.device))
        truth = torch.tensor([self.kinds.index(kind) for kind in row.kinds], device=self.device)
        return nn.functional.cross_entropy(self.model.decision_head(states[begins].float()), truth)

    def save(self, folder: Path) -> None:
        """The folder that the desk loads (`agent.vlm.shipped`); without adapters, everything that joins the parts."""
        from safetensors.torch import save_file

        from agent.vlm.shipped import FUSION, save_shipped

        language_model = self.dialogue.language_model
        if lora_layers(language_model):
            save_shipped(
                folder, self.dialogue, adapter_tensors(language_model), rank=self.recipe.rank,
                alpha=self.recipe.alpha, card=card_of(self.recipe),
            )  # fmt: skip
        elif self.recipe.strategy in ("top", "full") and self.recipe.stage == "joint":
            self.dialogue.save_pretrained(folder)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            own = {name: each.detach().cpu().contiguous() for name, each in self.dialogue.own_state()}
            save_file(own, folder / FUSION, metadata={"format": "pt"})
            self.dialogue.config.save_pretrained(folder)
        heads = {name: each for name, each in self.model.state_dict().items() if name.split(".")[0].endswith("_head")}
        save_file({name: each.cpu().contiguous() for name, each in heads.items()}, folder / "heads.safetensors")

    def load(self, folder: Path) -> None:
        """Begin with what another run saved: what joins the parts, and the adapter where there is one.

        Raises UserError MISMATCH when it belongs to another model.
        """
        from safetensors.torch import load_file

        from agent.vlm.shipped import ADAPTER, FUSION

        if (folder / FUSION).is_file():
            try:
                told = self.dialogue.load_state_dict(load_file(folder / FUSION), strict=False)
            except RuntimeError as error:
                raise UserError(f"{folder} belongs to a model of another shape.", "MISMATCH") from error
            if told.unexpected_keys:
                raise UserError(f"{folder} belongs to a model with another fusion.", "MISMATCH")
        if (folder / ADAPTER).is_file() and lora_layers(self.dialogue.language_model):
            load_adapter(self.dialogue.language_model, load_file(folder / ADAPTER))


def card_of(recipe: Recipe) -> str:
    """The first words about a trained folder; whoever ships it writes the rest."""
    return (
        f"# Deskside's dialogue model\n\nTrained with the strategy {recipe.strategy}, stage {recipe.stage}, fusion "
        f"{recipe.fusion}, seed {recipe.seed}.\n"
    )
