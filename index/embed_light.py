"""MiniLM without the big library: the same vectors from torch alone, ready in a second and quick for one query.

Importing sentence_transformers takes seconds; a question must not wait for it. A BERT of six layers with mean
pooling is a short computation, so it is written out here and tested equal to the library.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from index.embed import plain_text
from index.errors import UserError
from index.pieces import Pieces

Weights = dict[str, torch.Tensor]

BATCH_TOKENS = 1024  # tokens in one pass: enough to fill two cores, small enough to stay in their caches
WINDOW = 4096  # texts tokenised and sorted at a time, so that memory stays flat for any number of texts
BULK = 512  # from this many texts on, trying bfloat16 can pay


class LightEmbedder:
    """Mean-pooled, normalised BERT vectors. Thread-safe: nothing changes after loading but the chosen precision."""

    def __init__(self, name: str, identity: str, weights: Weights, config: dict[str, Any], tokenizer: Any) -> None:
        self.name = name
        self.identity = identity
        self.dimension = int(config["hidden_size"])
        self._config = config
        self._weights = weights
        self._tokenizer = tokenizer
        self._bulk_weights: Weights | None = None
        self._pieces: Pieces | None = None

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, dimension) float32 rows of length 1, in the order given; equal texts are computed once."""
        rows: dict[str, int] = {}
        order = [rows.setdefault(plain_text(text), len(rows)) for text in texts]
        unique = list(rows)
        vectors = np.zeros((len(unique), self.dimension), dtype=np.float32)
        weights = self._weights if len(unique) < BULK else self._fast_weights(unique)
        for start in range(0, len(unique), WINDOW):
            encodings = self._tokens(unique[start : start + WINDOW])
            for places in batches([len(tokens) for tokens in encodings], BATCH_TOKENS):
                batch = [encodings[place] for place in places]
                vectors[[start + place for place in places]] = self._forward(weights, batch)
        return vectors[order] if len(unique) < len(order) else vectors

    def embed_query(self, text: str) -> np.ndarray:
        """(dimension,) float32 of length 1, always in full precision."""
        return self._forward(self._weights, self._tokens([plain_text(text)]))[0]

    def word_pieces(self) -> Pieces:
        """The words it reads, comparable one by one."""
        if self._pieces is None:
            self._pieces = Pieces(self._tokenizer, self._weights["embeddings.word_embeddings.weight"].numpy())
        return self._pieces

    def _tokens(self, texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]

    def _forward(self, weights: Weights, batch: list[list[int]]) -> np.ndarray:
        """(batch, dimension) of unit rows for token lists of any lengths."""
        tokens, mask = padded(batch)
        lengths = torch.tensor([len(row) for row in batch])
        with torch.inference_mode():
            states = bert_states(weights, self._config, tokens, mask).float()
            if mask is not None:
                states = states * mask[..., None]
            vectors = F.normalize(states.sum(dim=1) / lengths[:, None], dim=-1)
        result: np.ndarray = vectors.numpy()
        if not np.isfinite(result).all():
            raise UserError(
                f"The embedder {self.name} gives numbers that are not finite: its weights are damaged. "
                "Install it again, then run: deskside index build",
                "DAMAGED",
            )
        return result

    def _fast_weights(self, texts: Sequence[str]) -> Weights:
        """bfloat16 weights where this processor is measurably faster with them and the vectors stay the same."""
        if torch.backends.cpu.get_cpu_capability() != "AVX512":  # elsewhere bfloat16 is emulated, and slow
            return self._weights
        if self._bulk_weights is None:
            halves = {key: value.bfloat16() for key, value in self._weights.items()}
            batch = self._tokens(list(texts[:: max(1, len(texts) // 16)])[:16])
            full_seconds, full = self._timed(self._weights, batch)
            half_seconds, half = self._timed(halves, batch)
            faithful = float((full * half).sum(axis=1).min()) >= 0.999
            pays = faithful and half_seconds < 0.8 * full_seconds
            self._bulk_weights = halves if pays else self._weights
        return self._bulk_weights

    def _timed(self, weights: Weights, batch: list[list[int]]) -> tuple[float, np.ndarray]:
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            vectors = self._forward(weights, batch)
            best = min(best, time.perf_counter() - start)
        return best, vectors


def load_light(folder: Path, name: str, identity: str, max_tokens: int) -> LightEmbedder:
    """The embedder in a checked folder of a plain BERT; UserError (DAMAGED) where a piece does not fit."""
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        weights = fused(load_file(folder / "model.safetensors"), int(config["num_hidden_layers"]))
    except Exception as trouble:  # tokenizers and safetensors raise bare Exceptions of their own
        raise UserError(
            f"The embedder in {folder.name} can't be read ({trouble}). Install or copy it again.", "DAMAGED"
        ) from trouble
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=max_tokens)
    return LightEmbedder(name, identity, weights, config, tokenizer)


def padded(rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor | None]:
    """(rows, longest) ids and the mask that is true where one is real; None where all are. BERT's padding is 0."""
    longest = max(len(row) for row in rows)
    tokens = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
    lengths = torch.tensor([len(row) for row in rows])
    return tokens, torch.arange(longest) < lengths[:, None] if bool((lengths < longest).any()) else None


def bert_states(
    weights: Weights, config: dict[str, Any], tokens: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    """(batch, tokens) ids -> (batch, tokens, width) last hidden states of BERT (Devlin et al., 2018).

    `mask` (batch, tokens) is true where a token is real; None says that all are.
    """
    epsilon, width = float(config["layer_norm_eps"]), int(config["hidden_size"])
    heads = int(config["num_attention_heads"])
    batch, length = tokens.shape
    seen = mask[:, None, None, :] if mask is not None else None

    def norm(states: torch.Tensor, key: str) -> torch.Tensor:
        return F.layer_norm(states, (width,), weights[f"{key}.weight"], weights[f"{key}.bias"], epsilon)

    def linear(states: torch.Tensor, key: str) -> torch.Tensor:
        return F.linear(states, weights[f"{key}.weight"], weights[f"{key}.bias"])

    embedded = F.embedding(tokens, weights["embeddings.word_embeddings.weight"])
    states = norm(embedded + weights["embeddings.places"][:length], "embeddings.LayerNorm")
    for layer in range(int(config["num_hidden_layers"])):
        key = f"encoder.layer.{layer}"
        mixed = linear(states, f"{key}.attention.self.all").view(batch, length, 3, heads, width // heads)
        query, keys, values = mixed.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, keys, values, attn_mask=seen)
        attended = linear(attended.transpose(1, 2).reshape(batch, length, width), f"{key}.attention.output.dense")
        states = norm(states + attended, f"{key}.attention.output.LayerNorm")
        inner = linear(F.gelu(linear(states, f"{key}.intermediate.dense")), f"{key}.output.dense")
        states = norm(states + inner, f"{key}.output.LayerNorm")
    return states


def quick_bf16() -> bool:
    """Whether this processor multiplies bfloat16 itself: about twice as fast, and as good at this size."""
    try:
        return "avx512_bf16" in Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False


def fused(weights: Weights, layers: int) -> Weights:
    """The weights with query, key and value joined (one product instead of three) and the two constant
    embeddings (position, sentence 0) added up."""
    joined = {key.removeprefix("bert."): value.float() for key, value in weights.items() if "position_ids" not in key}
    for layer in range(layers):
        own = f"encoder.layer.{layer}.attention.self"
        for part in ("weight", "bias"):
            rows = [joined.pop(f"{own}.{name}.{part}") for name in ("query", "key", "value")]
            joined[f"{own}.all.{part}"] = torch.cat(rows)
    sentence = joined.pop("embeddings.token_type_embeddings.weight")[0]
    joined["embeddings.places"] = joined.pop("embeddings.position_embeddings.weight") + sentence
    return joined


def batches(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Places of texts, longest first, in groups of at most so many tokens with hardly any padding."""
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    start = 0
    while start < len(order):
        size = max(1, most // lengths[order[start]])
        yield order[start : start + size]
        start += size
