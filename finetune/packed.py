"""The language model over packed rows: each tree attends to itself only, logits are computed where they are learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from finetune.batches import Row, Span

if TYPE_CHECKING:
    import torch

NAME = "deskside_packed"


def use_packed_attention(model: Any) -> None:
    """The model reads rows of trees from now on; a call without `spans` is plain causal attention."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, packed_attention)
    model.set_attn_implementation(NAME)


def packed_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    spans: Sequence[Span] | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of (1, heads, tokens, size), tree by tree: causal over the prefix; a branch sees prefix and itself.

    The prefix is computed as a causal square and the branches as one block over it, so that nothing is spent on
    pairs of tokens of two trees.
    """
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = (each.repeat_interleave(groups, dim=1) for each in (key, value))
    if spans is None:
        causal = attention_mask is None and query.shape[2] > 1
        out = scaled_dot_product_attention(
            query, key, value, attention_mask, dropout_p=dropout, is_causal=causal, scale=scaling
        )
        return out.transpose(1, 2).contiguous(), None
    parts = []
    for span in spans:
        root, start, middle, end = span.root, span.start, span.prefix_end, span.ends[-1]
        own_key, own_value = (torch.cat([each[:, :, :root], each[:, :, start:end]], 2) for each in (key, value))
        first = 0 if start == root else root  # the root is read once, with the first tree
        square = root + middle - start
        if square > first:
            asking = torch.cat([query[:, :, :root], query[:, :, start:middle]], 2)
            seen = own_key[:, :, :square], own_value[:, :, :square]
            parts.append(_attend(asking, *seen, None, dropout, scaling)[:, :, first:])
        mask = branch_mask(span).to(query.device)
        parts.append(_attend(query[:, :, middle:end], own_key, own_value, mask, dropout, scaling))
    return torch.cat(parts, dim=2).transpose(1, 2).contiguous(), None


def _attend(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    dropout: float,
    scaling: float | None,
) -> torch.Tensor:
    """Attention of (1, heads, tokens, size); `mask` None: causal.

    On the CPU two plain products: with bf16 they take a third of the time of torch's own attention, which was 38 % of
    a training step (300 tokens, 9 heads, one thread: forward and backward 2.9 ms beside 9.3).
    """
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    if query.device.type != "cpu" or dropout:
        return scaled_dot_product_attention(
            query, key, value, mask, dropout_p=dropout, is_causal=mask is None, scale=scaling
        )
    if mask is None:
        mask = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool).tril()
    half = torch.is_autocast_enabled("cpu")
    kind = torch.get_autocast_dtype("cpu") if half else query.dtype
    bias = torch.zeros(mask.shape, dtype=kind).masked_fill_(~mask, torch.finfo(kind).min)
    factor = query.shape[-1] ** -0.5 if scaling is None else scaling
    scores = torch.baddbmm(
        bias.expand(query.shape[1], -1, -1), query[0].to(kind), key[0].to(kind).transpose(1, 2), alpha=factor
    )
    with torch.autocast("cpu", enabled=False):  # which would make the softmax fp32: the exponents are so anyway
        return torch.bmm(scores.softmax(-1), value[0].to(kind))[None]


def branch_mask(span: Span) -> torch.Tensor:
    """(branch tokens, root and prefix and branch tokens), True where the one may see the other."""
    import torch

    prefix = span.root + span.prefix_end - span.start
    size = span.ends[-1] - span.prefix_end
    mask = torch.zeros(size, prefix + size, dtype=torch.bool)
    mask[:, :prefix] = True
    low = 0
    for end in span.ends:
        high = end - span.prefix_end
        mask[low:high, prefix + low : prefix + high] = torch.ones(high - low, high - low, dtype=torch.bool).tril()
        low = high
    return mask


def supervised_states(model: Any, row: Row, **inputs: Any) -> torch.Tensor:
    """(supervised, hidden): what a causal language model thinks where the next token is learned.

    `inputs` may bring `inputs_embeds` in place of the row's ids.
    """
    read = {"input_ids": row.ids} | inputs
    if "inputs_embeds" in inputs:
        del read["input_ids"]
    hidden = model.model(position_ids=row.positions, spans=row.spans, use_cache=False, **read).last_hidden_state
    return hidden[0].index_select(0, row.at)


def supervised_logits(model: Any, row: Row, **inputs: Any) -> torch.Tensor:
    """(supervised, vocabulary), computed nowhere else; see `supervised_states`."""
    return model.lm_head(supervised_states(model, row, **inputs))


def answer_loss(logits: torch.Tensor, row: Row) -> tuple[torch.Tensor, torch.Tensor]:
    """The weighted sum of the token losses, and the sum of the weights it is to be divided by."""
    from torch.nn.functional import cross_entropy

    losses = cross_entropy(logits.float(), row.labels, reduction="none")
    return (losses * row.weights).sum(), row.weights.sum()


def exact_asks(logits: torch.Tensor, row: Row) -> list[bool]:
    """For each ask of the row: would greedy decoding write exactly this answer?

    It would if, with the answer so far in front, the likeliest next token is the answer's at every place; so one
    forward tells it, without generating.
    """
    import torch

    right = (logits.argmax(-1) == row.labels).to(torch.int64)
    wrong = torch.zeros(len(row.kinds), dtype=torch.int64, device=right.device).index_add_(0, row.asks, 1 - right)
    return [each == 0 for each in wrong.tolist()]


def to_device(row: Row, device: Any) -> Row:
    """The row with its tensors on the device."""
    from dataclasses import replace

    names = ("ids", "positions", "at", "labels", "weights", "asks")
    return replace(row, **{name: getattr(row, name).to(device) for name in names})
