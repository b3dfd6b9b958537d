"""A turn of the question, learned in seconds: a matrix near to one that changes nothing, so that few pairs suffice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TurnRecipe:
    """How a turn is learned: Adam at `rate` for `steps`, questions against all passages at once; `stay` pulls the
    matrix back to the identity, `temperature` as in the contrastive loss."""

    steps: int = 200
    rate: float = 2e-3
    stay: float = 0.03
    temperature: float = 0.05
    seed: int = 0


def learn_turn(
    questions: np.ndarray, passages: np.ndarray, wanted: np.ndarray, hidden: np.ndarray, recipe: TurnRecipe
) -> np.ndarray:
    """(width, width) float32, to be multiplied from the right to a question's vector.

    `wanted` (questions, passages) are the passages that answer, `hidden` those that do not count for a question: the
    words of the question itself. Multi-positive InfoNCE (Oord et al. 2018) with a ridge towards the identity.
    """
    import torch
    from torch.nn import functional as F

    asked, shelf = torch.from_numpy(questions), torch.from_numpy(passages)
    right, out = torch.from_numpy(wanted & ~hidden), torch.from_numpy(hidden)
    rows = right.any(dim=1)
    asked, right, out = asked[rows], right[rows], out[rows]
    width = questions.shape[1]
    change = torch.zeros(width, width, requires_grad=True)
    identity = torch.eye(width)
    optimiser = torch.optim.Adam([change], lr=recipe.rate)
    for _ in range(recipe.steps if len(asked) else 0):
        turned = F.normalize(asked @ (identity + change), dim=1)
        logits = (turned @ shelf.T / recipe.temperature).masked_fill(out, -1e4)
        chances = logits - torch.logsumexp(logits, dim=1, keepdim=True)
        loss = -((chances * right).sum(dim=1) / right.sum(dim=1)).mean()
        optimiser.zero_grad(set_to_none=True)
        (loss + recipe.stay * change.pow(2).sum()).backward()
        optimiser.step()
    turn: np.ndarray = (identity + change).detach().numpy().astype(np.float32)
    return turn
