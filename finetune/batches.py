"""Examples as token ids: the ground is read once for all its asks, and only the answers are learned."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy

from agent.model import ChatMessage
from agent.prompts import build_messages
from agent.stream import break_control, control_pattern, control_tokens
from agent.template import encode_chat
from finetune.examples import Ask, Example
from index.errors import UserError

if TYPE_CHECKING:
    import torch

Ids = "numpy.ndarray[Any, numpy.dtype[numpy.int32]]"
_CITED = re.compile(r"\[(\d{1,2})\]")


class Passage(NamedTuple):
    """A passage as the prompt takes it."""

    title: str
    text: str


@dataclass(frozen=True)
class Branch:
    """What one ask adds to the prefix: the rest of its prompt, then its answer. Ids from `answer_at` on are learned."""

    ids: Any
    answer_at: int
    kind: str = ""


@dataclass(frozen=True)
class Tree:
    """An example as ids: the prefix that all asks share, and a branch for each ask."""

    id: str
    prefix: Any
    branches: tuple[Branch, ...]
    pictures: tuple[str, ...] = ()
    shareable: int = 2**31
    """How much of the prefix may be shared with other trees: not its pictures, whose tokens all look the same."""
    screens: str = ""

    def __len__(self) -> int:
        return len(self.prefix) + sum(len(branch.ids) for branch in self.branches)


class Span(NamedTuple):
    """Where one tree stands in a row: its start, the end of its prefix, and the ends of its branches. It also reads
    the first `root` tokens of the row, which all its trees begin with (the words of the system)."""

    root: int
    start: int
    prefix_end: int
    ends: tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """What all trees begin with, then the rest of each tree one after the other, without padding.

    `ids`, `positions`: (1, tokens). `at`: the places whose next token is learned, `labels` those tokens, `weights`
    how much each counts, `asks` the number of its ask in the row, all (supervised,). `kinds`: a name for each ask.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    spans: tuple[Span, ...]
    at: torch.Tensor
    labels: torch.Tensor
    weights: torch.Tensor
    asks: torch.Tensor
    kinds: tuple[str, ...]
    trees: tuple[Tree, ...] = ()


def rendered(example: Example, ask: Ask) -> list[ChatMessage]:
    """The conversation of one ask, by the very code that asks in production."""
    passages: Any = [Passage(title, text) for title, text in example.passages]
    return build_messages(ask.question, passages, example.screens, example.history)


Render = Callable[[Example, Ask], list[ChatMessage]]
Show = Callable[[str], Any]


class Encoder:
    """Examples in, trees out; counts what it had to shorten or leave out."""

    def __init__(self, reader: Any, longest: int, render: Render = rendered, *, show: Show | None = None) -> None:
        """`reader` is a tokenizer, or a processor with `show`: what it is given for a picture's path."""
        tokenizer = getattr(reader, "tokenizer", reader)
        self._reader = reader
        self._show = show
        self._tokenizer = tokenizer
        self._control = control_pattern(control_tokens(tokenizer))
        self._end = tokenizer.eos_token_id
        self._longest = longest
        self._render = render
        self.shortened = 0
        self.too_long = 0

    def encode(self, example: Example) -> Tree | None:
        """The example as a tree; None (and counted) when it stays too long without its uncited passages.

        Raises UserError SCHEMA for an example with no ask or an empty answer: there would be nothing to learn.
        """
        if not example.asks or any(not ask.answer.strip() for ask in example.asks):
            raise UserError(f"Example {example.id} has no ask or an empty answer: nothing to learn from.", "SCHEMA")
        tree = self._tree(example)
        cited = max((int(n) for ask in example.asks for n in _CITED.findall(ask.answer)), default=0)
        whole = example
        while len(tree) > self._longest and len(example.passages) > max(cited, 1):
            example = replace(example, passages=example.passages[:-1])
            tree = self._tree(example)
        if len(tree) > self._longest:
            self.too_long += 1
            return None
        self.shortened += example is not whole
        return tree

    def _tree(self, example: Example) -> Tree:
        prompts = [self._prompt(example, ask) for ask in example.asks]
        shared = shared_length(prompts)
        branches = []
        for ask, prompt in zip(example.asks, prompts, strict=True):
            answer = self._answer(ask.answer)
            ids = numpy.concatenate([prompt[shared:], answer]).astype(numpy.int32)
            branches.append(Branch(ids, len(prompt) - shared, ask.kind))
        prefix = prompts[0][:shared]
        if self._show is None:
            return Tree(example.id, prefix, tuple(branches))
        image = self._reader.image_token_id
        holes = numpy.flatnonzero(prefix == image)
        shareable = int(holes[0]) if len(holes) else len(prefix)
        pictures = tuple(picture for picture in example.pictures if picture)
        return Tree(example.id, prefix, tuple(branches), pictures, shareable, "\n".join(example.screens))

    def _prompt(self, example: Example, ask: Ask) -> Any:
        shown = [self._show(picture) for picture in example.pictures if picture] if self._show else []
        ids = encode_chat(self._reader, self._render(example, ask), self._control, shown)["input_ids"]
        return numpy.asarray(ids[0], dtype=numpy.int32)

    def _answer(self, text: str) -> Any:
        clean = break_control(text.strip(), self._control)
        return numpy.array([*self._tokenizer.encode(clean, add_special_tokens=False), self._end], dtype=numpy.int32)


def shared_length(prompts: Sequence[Any]) -> int:
    """How many ids all prompts begin with. The last id of each is never shared: it predicts the answer."""
    most = min(len(prompt) for prompt in prompts) - 1
    same = 0
    while same < most and len({int(prompt[same]) for prompt in prompts}) == 1:
        same += 1
    return same


def common_length(trees: Sequence[Tree]) -> int:
    """How many ids the prefixes of all trees begin with."""
    first = min((tree.prefix[: tree.shareable] for tree in trees), key=len)
    same = numpy.ones(len(first), dtype=bool)
    for tree in trees:
        same &= tree.prefix[: len(first)] == first
    return int(same.cumprod().sum()) if len(first) else 0


def pack(trees: Sequence[Tree], length_power: float = 0.0) -> Row:
    """The trees as one row. A token of an answer with n tokens weighs n ** -length_power.

    Raises ValueError for a branch without a supervised token.
    """
    import torch

    root = common_length(trees)
    ids: list[Any] = [trees[0].prefix[:root]]
    positions: list[Any] = [numpy.arange(root)]
    spans: list[Span] = []
    at: list[Any] = []
    labels: list[Any] = []
    weights: list[Any] = []
    asks: list[Any] = []
    kinds: list[str] = []
    here = root
    for tree in trees:
        start, prefix = here, len(tree.prefix)
        ids.append(tree.prefix[root:])
        positions.append(numpy.arange(root, prefix))
        here += prefix - root
        middle, ends = here, []
        for branch in tree.branches:
            size = len(branch.ids) - branch.answer_at
            if size < 1 or branch.answer_at < 1:
                raise ValueError(f"example {tree.id} has an ask with nothing to learn")
            ids.append(branch.ids)
            positions.append(numpy.arange(prefix, prefix + len(branch.ids)))
            at.append(numpy.arange(here + branch.answer_at - 1, here + len(branch.ids) - 1))
            labels.append(branch.ids[branch.answer_at :])
            weights.append(numpy.full(size, float(size) ** -length_power, dtype=numpy.float32))
            asks.append(numpy.full(size, len(kinds)))
            kinds.append(branch.kind)
            here += len(branch.ids)
            ends.append(here)
        spans.append(Span(root, start, middle, tuple(ends)))

    def whole(parts: list[Any]) -> torch.Tensor:
        return torch.from_numpy(numpy.concatenate(parts).astype(numpy.int64))

    return Row(
        whole(ids)[None],
        whole(positions)[None],
        tuple(spans),
        whole(at),
        whole(labels),
        torch.from_numpy(numpy.concatenate(weights)),
        whole(asks),
        tuple(kinds),
        tuple(trees),
    )


def plan(lengths: Sequence[int], tokens: int, seed: int, epoch: int) -> list[list[int]]:
    """The examples of one epoch in a new order, as lists of numbers that fill rows of up to `tokens` (one longer
    example stands alone)."""
    order = numpy.random.default_rng((seed, epoch)).permutation(len(lengths))
    rows: list[list[int]] = []
    room = 0
    for number in order.tolist():
        if not rows or lengths[number] > room:
            rows.append([])
            room = tokens
        rows[-1].append(number)
        room -= lengths[number]
    return rows


def endless(lengths: Sequence[int], tokens: int, seed: int) -> Iterator[list[int]]:
    """The rows of one epoch after the other, without end."""
    for epoch in count():
        yield from plan(lengths, tokens, seed, epoch)
