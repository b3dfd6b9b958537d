"""Learning from what people preferred: DPO over pairs, KTO over thumbs, on packed rows where a prompt is read once.

Our own loss rather than TRL's trainers: they want the package `datasets` (pyarrow, pandas) and read every prompt once
for each of its replies, and again with a second forward for the reference. Here the chosen and the rejected reply are
two branches over one prompt, and the reference is what the start said, computed once before the first step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import cross_entropy, logsigmoid

from finetune.batches import Row, Tree, pack
from finetune.generator import PREFERS, TextTask, half_where_native
from finetune.packed import exact_asks, supervised_logits, to_device
from finetune.recipe import Recipe
from index.errors import UserError

CHOSEN, REJECTED = "chosen", "rejected"  # two replies to one question
LIKED, DISLIKED, OTHERS = "liked", "disliked", "others"  # a reply with its thumb, beside another question's reply
JUDGED = (CHOSEN, REJECTED, LIKED, DISLIKED, OTHERS)


class PreferenceTask(TextTask):
    """A causal language model that learns to prefer; examples of other kinds are learned as answers beside it, so that
    it does not forget to say them.

    DPO (Rafailov 2023) with the answer's own likelihood on top, KTO (Ethayarajh 2024) with its reference point from
    replies to other questions. What a reply is worth is beta times how much likelier it became than at the start.
    """

    def __init__(self, model: Any, recipe: Recipe, trees: Sequence[Tree], device: str = "cpu") -> None:
        super().__init__(model, recipe, device)
        if not any(branch.kind in JUDGED for tree in trees for branch in tree.branches):
            raise UserError("The examples hold no preferences.\nGive asks of the kinds chosen and rejected.", "SCHEMA")
        if len({tree.id for tree in trees}) < len(trees):
            raise UserError("Two examples have the same id.\nGive each its own.", "SCHEMA")
        self._start = self._likelihoods(trees)
        kinds = [branch.kind for tree in trees for branch in tree.branches]
        liked, disliked = kinds.count(LIKED), kinds.count(DISLIKED)
        self._weigh = {LIKED: 1.0, DISLIKED: max(liked, 1) / max(disliked, 1)}  # both sides weigh the same

    def losses(self, trees: Sequence[Tree]) -> tuple[torch.Tensor, torch.Tensor]:
        """The sum over pairs, thumbs and answers, and how many they are."""
        row = to_device(pack(trees), self.device)
        with half_where_native(self.device):
            logits = supervised_logits(self.model, row)
        said, mean = said_of(logits, row)
        gained = said - self._before(trees, said)
        total = said.new_zeros(())
        count = 0
        for ask, kind in enumerate(row.kinds):
            if kind not in JUDGED:
                total = total - mean[ask]
                count += 1
            elif kind == CHOSEN:
                total = total + dpo(gained[ask], gained[ask + 1], self.recipe.beta)
                total = total - self.recipe.weight_answer * mean[ask]
                count += 1
        votes = [at for at, kind in enumerate(row.kinds) if kind in (LIKED, DISLIKED)]
        if votes:
            point = reference_point([gained[at] for at, kind in enumerate(row.kinds) if kind == OTHERS])
            for at in votes:
                good = row.kinds[at] == LIKED
                total = total + self._weigh[row.kinds[at]] * kto(gained[at], point, good, self.recipe.beta)
            count += len(votes)
        return total, said.new_tensor(float(max(count, 1)))

    def exact(self, trees: Sequence[Tree]) -> list[tuple[str, bool]]:
        """Of a pair whether the chosen reply gained on the rejected one, of a thumb whether its reply moved its way,
        of an answer whether it would be written exactly."""
        row = to_device(pack(trees), self.device)
        with torch.inference_mode(), half_where_native(self.device):
            logits = supervised_logits(self.model, row)
            said, _ = said_of(logits, row)
            gained = (said - self._before(trees, said)).tolist()
            right = exact_asks(logits, row)
        told = []
        for at, kind in enumerate(row.kinds):
            if kind == CHOSEN:
                told.append((PREFERS, gained[at] > gained[at + 1]))
            elif kind in (LIKED, DISLIKED):
                told.append((PREFERS, (gained[at] > 0) == (kind == LIKED) and gained[at] != 0))
            elif kind not in JUDGED:
                told.append((kind, right[at]))
        return told

    def _before(self, trees: Sequence[Tree], like: torch.Tensor) -> torch.Tensor:
        return like.new_tensor([each for tree in trees for each in self._start[tree.id]])

    def _likelihoods(self, trees: Sequence[Tree]) -> dict[str, list[float]]:
        """What the model says of each reply now, by the tree; answers that are only learned count nothing."""
        told: dict[str, list[float]] = {}
        self.model.eval()
        for tree in trees:
            if not any(branch.kind in JUDGED for branch in tree.branches):
                told[tree.id] = [0.0] * len(tree.branches)
                continue
            row = to_device(pack([tree]), self.device)
            with torch.inference_mode(), half_where_native(self.device):
                told[tree.id] = said_of(supervised_logits(self.model, row), row)[0].tolist()
        self.model.train()
        return told


def said_of(logits: torch.Tensor, row: Row) -> tuple[torch.Tensor, torch.Tensor]:
    """For each reply of the row the logarithm of its likelihood, whole and by the token."""
    each = -cross_entropy(logits.float(), row.labels, reduction="none")
    said = each.new_zeros(len(row.kinds)).index_add(0, row.asks, each)
    sizes = each.new_zeros(len(row.kinds)).index_add(0, row.asks, torch.ones_like(each))
    return said, said / sizes


def dpo(chosen: torch.Tensor, rejected: torch.Tensor, beta: float) -> torch.Tensor:
    """The loss of one pair, by how much likelier each became."""
    return -logsigmoid(beta * (chosen - rejected))


def kto(gained: torch.Tensor, point: torch.Tensor | float, good: bool, beta: float) -> torch.Tensor:
    """The loss of one thumb."""
    worth = beta * (gained - point)
    return 1 - torch.sigmoid(worth if good else -worth)


def reference_point(others: Sequence[torch.Tensor]) -> torch.Tensor | float:
    """How far the model went from its start, by replies to other questions; never below nothing, and no gradient."""
    return torch.stack([each.detach() for each in others]).mean().clamp(min=0) if others else 0.0
