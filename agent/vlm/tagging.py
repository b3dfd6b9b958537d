"""The tagger at run time: a message in; order numbers, products, names, dates out, each with its place and score.

A token head (BIO labels, Ramshaw and Marcus 1995) over the last hidden states of the text embedder, whose upper
layers may have been trained with it. The embedder reads small letters only, so each token also brings its shape, and
what the patterns of `agent/vlm/patterns.py` take it for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from agent.vlm.heads import check_embedder, damaged, read_folder, read_weights, write_folder
from agent.vlm.patterns import PATTERNED, rule_spans
from index.embed import PACKAGED, check_model_folder, find_model, identity_of, plain_pipeline, plain_text
from index.embed_light import Weights, bert_states, load_light
from index.errors import UserError

WRITTEN = 9  # numbers that say how a token is written
SHAPES = WRITTEN + 1 + len(PATTERNED)  # and whether a pattern begins here, and which it lies in
SURE = ("EMAIL", "PHONE")  # patterns that are hardly ever wrong
SHARED = 32  # tokens that two windows of a long message both see
BATCH_TOKENS = 2048


@dataclass(frozen=True)
class Entity:
    """What was found: characters `start` to `end` of the text, and how sure (0..1) its least sure token is."""

    start: int
    end: int
    label: str
    text: str
    score: float


@dataclass(frozen=True)
class TaggerConfig:
    """What a tagger was made with: entity labels, the embedder below, and which of its layers came with it (all
    from `first_trained` on; 0 or more, the number of layers: none). Spans below `threshold` are not given."""

    labels: tuple[str, ...]
    embedder: str
    width: int
    layers: int
    first_trained: int
    hidden: int = 0
    dropout: float = 0.1
    threshold: float = 0.0
    data_hash: str = ""
    scores: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tokens:
    """One window of a message: token ids with the first and last special one, and for each where it stands in the
    text (start, end; equal for special tokens)."""

    ids: list[int]
    places: list[tuple[int, int]]


class TokenHead(nn.Module):
    """Token states and shapes -> logits of O, B-x, I-x for each label x."""

    def __init__(self, width: int, labels: int, hidden: int = 0, dropout: float = 0.1) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.inner = nn.Linear(width + SHAPES, hidden) if hidden else None
        self.outer = nn.Linear(hidden or width + SHAPES, 1 + 2 * labels)

    def forward(self, states: torch.Tensor, shapes: torch.Tensor) -> torch.Tensor:
        """(batch, tokens, width) and (batch, tokens, SHAPES) -> (batch, tokens, 1 + 2 * labels)."""
        seen = self.dropout(torch.cat([states, shapes], dim=-1))
        if self.inner is not None:
            seen = self.dropout(nn.functional.gelu(self.inner(seen)))
        logits: torch.Tensor = self.outer(seen)
        return logits


class Encoder:
    """The packaged embedder seen as tokens: `weights` are its own copy, so that training changes nobody else's."""

    def __init__(self, light: Any) -> None:
        from tokenizers import Tokenizer

        self.identity: str = light.identity
        self.config: dict[str, Any] = light._config
        self.weights: Weights = dict(light._weights)
        self.tokenizer = Tokenizer.from_str(light._tokenizer.to_str())
        longest = int((light._tokenizer.truncation or {"max_length": 256})["max_length"])
        self.tokenizer.enable_truncation(max_length=longest, stride=SHARED)

    @property
    def width(self) -> int:
        """Numbers in a token's state."""
        return int(self.config["hidden_size"])

    @property
    def layers(self) -> int:
        """Layers there are."""
        return int(self.config["num_hidden_layers"])

    def windows(self, text: str) -> list[Tokens]:
        """The message in windows that fit the model; neighbours share SHARED tokens."""
        first = self.tokenizer.encode(plain_text(text))
        return [Tokens(each.ids, each.offsets) for each in (first, *first.overflowing)]

    def names_from(self, layer: int) -> list[str]:
        """The weights of this layer and those above."""
        above = tuple(f"encoder.layer.{number}." for number in range(layer, self.layers))
        return [name for name in self.weights if above and name.startswith(above)]

    def states(self, windows: Sequence[Tokens]) -> tuple[torch.Tensor, torch.Tensor]:
        """(batch, tokens, width) last hidden states and (batch, tokens) which tokens are real."""
        ids, mask = padded(windows)
        return bert_states(self.weights, self.config, ids, mask), mask


def load_encoder(ref: str = PACKAGED) -> Encoder:
    """The encoder of an embedder. Raises UserError CONFIG where the embedder is not a plain BERT."""
    folder, name = find_model(ref)
    check_model_folder(folder)
    longest = plain_pipeline(folder)
    if longest is None:
        raise UserError(f"Tagging needs a plain BERT embedder like {PACKAGED}; {name} is another kind.", "CONFIG")
    return Encoder(load_light(folder, name, identity_of(folder, name), longest))


def padded(windows: Sequence[Tokens]) -> tuple[torch.Tensor, torch.Tensor]:
    """(batch, tokens) ids filled up with 0, and which are real."""
    longest = max(len(each.ids) for each in windows)
    ids = torch.tensor([each.ids + [0] * (longest - len(each.ids)) for each in windows])
    lengths = torch.tensor([len(each.ids) for each in windows])
    return ids, torch.arange(longest) < lengths[:, None]


def shapes_of(text: str, windows: Sequence[Tokens]) -> torch.Tensor:
    """(windows, longest, SHAPES) how each token is written, of windows of one text."""
    longest = max(len(each.ids) for each in windows)
    shapes = torch.zeros(len(windows), longest, SHAPES)
    hints = rule_spans(text)
    for row, window in enumerate(windows):
        made = [_shape(text, start, end) + _hint(hints, start, end) for start, end in window.places]
        shapes[row, : len(made)] = torch.tensor(made)
    return shapes


def _shape(text: str, start: int, end: int) -> list[float]:
    """Of the token, then of the run of signs without a space it stands in."""
    if start == end:
        return [0.0] * WRITTEN
    left, right = start, end
    while left > 0 and start - left < 40 and not text[left - 1].isspace():
        left -= 1
    while right < len(text) and right - end < 40 and not text[right].isspace():
        right += 1
    token, run = text[start:end], text[left:right]
    told = (
        token[0].isupper(),
        token.isupper(),
        token.isdigit(),
        start == left,
        run[0].isupper(),
        run.isupper(),
        any(sign.isdigit() for sign in run),
        any(sign.isalpha() for sign in run) and any(sign.isdigit() for sign in run),
        "@" in run,
    )
    return [float(each) for each in told]


def _hint(hints: Sequence[tuple[int, int, str]], start: int, end: int) -> list[float]:
    """Whether a pattern begins at this token, then one of PATTERNED, all 0 where none found anything."""
    told = [0.0] * (1 + len(PATTERNED))
    for first, last, label in hints:
        if first <= start < last and start < end:
            told[0] = float(start == first)
            told[1 + PATTERNED.index(label)] = 1.0
    return told


class Tagger:
    """A trained tagger: what `load_tagger` gives. Thread-safe: nothing changes after loading."""

    def __init__(self, config: TaggerConfig, encoder: Encoder, head: TokenHead) -> None:
        self.config = config
        self.encoder = encoder
        self.head = head.eval()

    def tag(self, texts: Sequence[str]) -> list[list[Entity]]:
        """What is in each text, in order of place."""
        texts = [plain_text(text) for text in texts]
        chances = self._chances(texts)
        return [self._entities(text, *each) for text, each in zip(texts, chances, strict=True)]

    def _entities(self, text: str, places: list[tuple[int, int]], chances: torch.Tensor) -> list[Entity]:
        path = best_path(chances.clamp(min=1e-9).log())
        found = []
        for start, end, label, rows in spans_of(path, places, self.config.labels):
            score = min(float(chances[row, path[row]]) for row in rows)
            if score >= self.config.threshold and text[start:end].strip():
                found.append(Entity(start, end, label, text[start:end], score))
        return self._with_sure(text, found)

    def _with_sure(self, text: str, found: list[Entity]) -> list[Entity]:
        """What has a form of its own is taken from the patterns, in the place of what lies over it."""
        sure = [
            Entity(start, end, label, text[start:end], 1.0)
            for start, end, label in rule_spans(text)
            if label in SURE and label in self.config.labels
        ]
        kept = [each for each in found if all(each.end <= one.start or one.end <= each.start for one in sure)]
        return sorted([*kept, *sure], key=lambda each: each.start)

    def _chances(self, texts: Sequence[str]) -> list[tuple[list[tuple[int, int]], torch.Tensor]]:
        """For each text its tokens' places and their (tokens, classes) probabilities, windows put together."""
        rows = [(number, window) for number, text in enumerate(texts) for window in self.encoder.windows(text)]
        made: list[torch.Tensor] = [torch.empty(0)] * len(rows)
        for batch in _batches([len(window.ids) for _, window in rows]):
            windows = [rows[place][1] for place in batch]
            shapes = stacked_shapes([(texts[rows[place][0]], rows[place][1]) for place in batch])
            with torch.inference_mode():
                states, _ = self.encoder.states(windows)
                chances = torch.softmax(self.head(states, shapes), dim=-1)
            for place, row in zip(batch, chances, strict=True):
                made[place] = row[: len(rows[place][1].ids)]
        together: list[list[tuple[Tokens, torch.Tensor]]] = [[] for _ in texts]
        for (number, window), chances in zip(rows, made, strict=True):
            together[number].append((window, chances))
        return [put_together(windows) for windows in together]


def stacked_shapes(windows: Sequence[tuple[str, Tokens]]) -> torch.Tensor:
    """(windows, longest, SHAPES) of windows of different texts."""
    longest = max(len(window.ids) for _, window in windows)
    shapes = torch.zeros(len(windows), longest, SHAPES)
    for row, (text, window) in enumerate(windows):
        shapes[row, : len(window.ids)] = shapes_of(text, [window])[0]
    return shapes


def put_together(windows: Sequence[tuple[Tokens, torch.Tensor]]) -> tuple[list[tuple[int, int]], torch.Tensor]:
    """One row of tokens of overlapping windows: of what two of them see, the first half is the earlier one's."""
    places: list[tuple[int, int]] = []
    kept: list[torch.Tensor] = []
    for number, (window, chances) in enumerate(windows):
        real = [row for row, (start, end) in enumerate(window.places) if end > start]
        first = SHARED // 2 if number else 0
        last = len(real) - SHARED // 2 if number + 1 < len(windows) else len(real)
        places += [window.places[row] for row in real[first:last]]
        kept.append(chances[real[first:last]])
    return places, torch.cat(kept)


def best_path(scores: torch.Tensor) -> list[int]:
    """The likeliest row of classes in which I-x only follows B-x or I-x (Viterbi 1967); class 0 is O, B-x is odd and
    I-x the even number after it. `scores` are (tokens, classes) log probabilities."""
    tokens, classes = scores.shape
    if not tokens:
        return []
    follows = allowed(classes)
    best = scores[0].clone()
    best[2::2] = -torch.inf  # nothing begins inside
    came: list[torch.Tensor] = []
    for row in scores[1:]:
        value, source = (best[:, None] + follows).max(dim=0)
        came.append(source)
        best = value + row
    path = [int(best.argmax())]
    for source in reversed(came):
        path.append(int(source[path[-1]]))
    return path[::-1]


def allowed(classes: int) -> torch.Tensor:
    """(classes, classes) 0 where the column may follow the row, -inf where not."""
    follows = torch.zeros(classes, classes)
    for inside in range(2, classes, 2):
        follows[:, inside] = -torch.inf
        follows[inside - 1 : inside + 1, inside] = 0
    return follows


def spans_of(
    path: Sequence[int], places: Sequence[tuple[int, int]], labels: Sequence[str]
) -> Iterable[tuple[int, int, str, list[int]]]:
    """(start, end, label, rows) of each B-x with its I-x; an I-x that follows nothing of its kind begins a span."""
    rows: list[int] = []
    for row, tag in enumerate([*path, 0]):
        continues = rows and tag and tag % 2 == 0 and path[rows[0]] in (tag, tag - 1)
        if continues:
            rows.append(row)
            continue
        if rows:
            label = labels[(path[rows[0]] - 1) // 2]
            yield places[rows[0]][0], places[rows[-1]][1], label, rows
        rows = [row] if tag else []


def _batches(lengths: Sequence[int]) -> Iterable[list[int]]:
    """Places, longest first, at most BATCH_TOKENS tokens together."""
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    start = 0
    while start < len(order):
        size = max(1, BATCH_TOKENS // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


# -- folders --


def save_tagger(folder: Path, tagger: Tagger, papers: dict[str, str] | None = None) -> None:
    """Write the head, the trained layers (float16) and the config; `papers` are further texts by file name."""
    config = tagger.config
    weights = {f"head.{name}": each for name, each in tagger.head.state_dict().items()}
    for name in tagger.encoder.names_from(config.first_trained):
        weights[f"encoder.{name}"] = tagger.encoder.weights[name].half()
    write_folder(folder, {"kind": "tagger", **asdict(config)}, weights, papers or {})


def load_tagger(folder: Path, encoder: Encoder | None = None) -> Tagger:
    """The tagger in this folder, on the packaged embedder. Raises UserError CONFIG when it is none, DAMAGED when a file
    is cut, MISMATCH when it was trained on another embedder."""
    settings = read_folder(folder, "tagger")
    encoder = encoder or load_encoder()
    try:
        kept = {name: settings[name] for name in TaggerConfig.__dataclass_fields__ if name in settings}
        config = TaggerConfig(**{**kept, "labels": tuple(kept["labels"])})
        check_embedder(folder, config.embedder, encoder.identity)
        weights = read_weights(folder)
        head = TokenHead(config.width, len(config.labels), config.hidden, config.dropout)
        head.load_state_dict(_under("head.", weights))
        trained = _under("encoder.", weights)
        for name in encoder.names_from(config.first_trained):
            if trained[name].shape != encoder.weights[name].shape:
                raise ValueError(f"{name} has another shape")
        encoder.weights.update({name: each.float() for name, each in trained.items()})
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise damaged(folder, error) from error
    return Tagger(config, encoder, head)


def _under(start: str, weights: Weights) -> Weights:
    return {name.removeprefix(start): each for name, each in weights.items() if name.startswith(start)}
