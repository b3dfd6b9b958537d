"""From files of examples to trees of ids: read, parted into learned and held out, encoded once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy

from finetune.batches import Branch, Encoder, Show, Tree
from finetune.examples import Example, load_examples
from finetune.recipe import Recipe
from index.errors import UserError


@dataclass(frozen=True)
class Prepared:
    """The trees to learn and to ask, and how many examples were shortened or left out as too long."""

    learned: tuple[Tree, ...]
    held_out: tuple[Tree, ...]
    shortened: int = 0
    too_long: int = 0


def read_all(files: Iterable[str]) -> list[Example]:
    """The examples of all files, their pictures with the folder in front. Raises UserError for a file that is not
    there (TYPE) or a line that is no example (SCHEMA)."""
    examples = []
    for name in files:
        file = Path(name)
        if not file.is_file():
            raise UserError(f"There is no file {name} to learn from. Check --data.", "TYPE")
        for example in load_examples(file):
            pictures = tuple(str(file.parent / picture) if picture else "" for picture in example.pictures)
            examples.append(replace(example, pictures=pictures))
    if not examples:
        raise UserError("The files hold no examples. Make some first, one JSON object a line.", "SCHEMA")
    return examples


def parted(examples: Sequence[Example], held_out: int) -> tuple[list[Example], list[Example]]:
    """(learned, held out): at most a fifth is held out, the examples with the lowest hash of their id, so that an
    example stays on its side when others come."""
    few = min(held_out, len(examples) // 5)
    ranked = sorted(range(len(examples)), key=lambda n: (hashlib.sha256(examples[n].id.encode()).digest(), n))
    chosen = set(ranked[:few])
    return [e for n, e in enumerate(examples) if n not in chosen], [examples[n] for n in sorted(chosen)]


def prepare(
    recipe: Recipe,
    reader: Any,
    show: Show | None = None,
    on_count: Callable[[int, int], None] = lambda done, total: None,
) -> Prepared:
    """Everything the recipe's files hold, encoded with this tokenizer or processor (see `Encoder`)."""
    examples = read_all(recipe.data)
    if recipe.held_out_data:
        learned, held_out = examples, read_all(recipe.held_out_data)
    else:
        learned, held_out = parted(examples, recipe.held_out)
    encoder = Encoder(reader, recipe.longest, show=show)
    total = len(learned) + len(held_out)
    trees: list[list[Tree]] = [[], []]
    done = 0
    for side, some in enumerate((learned, held_out)):
        for example in some:
            tree = encoder.encode(example)
            done += 1
            if tree is not None:
                trees[side].append(tree)
            if done % 200 == 0:
                on_count(done, total)
    return Prepared(tuple(trees[0]), tuple(trees[1]), encoder.shortened, encoder.too_long)


def save_prepared(prepared: Prepared, file: Path) -> None:
    """Keep the trees, so that other processes and a resumed run need not encode again."""
    import json

    trees = [*prepared.learned, *prepared.held_out]
    pieces = [piece for tree in trees for piece in (tree.prefix, *(branch.ids for branch in tree.branches))]
    told = {
        "learned": len(prepared.learned),
        "shortened": prepared.shortened,
        "too_long": prepared.too_long,
        "trees": [
            [
                tree.id,
                tree.pictures,
                tree.shareable,
                tree.screens,
                len(tree.prefix),
                [[len(b.ids), b.answer_at, b.kind] for b in tree.branches],
            ]
            for tree in trees
        ],
    }
    ids = numpy.concatenate(pieces).astype(numpy.int32) if pieces else numpy.zeros(0, numpy.int32)
    beside = file.with_name(f".{file.name}")
    with beside.open("wb") as stream:
        numpy.savez(stream, ids=ids, told=numpy.frombuffer(json.dumps(told).encode(), dtype=numpy.uint8))
    beside.replace(file)


def load_prepared(file: Path) -> Prepared:
    """The trees of a file of `save_prepared`."""
    import json

    with numpy.load(file, allow_pickle=False) as kept:
        ids, told = kept["ids"], json.loads(kept["told"].tobytes())
    here = 0

    def take(size: int) -> Any:
        nonlocal here
        here += size
        return ids[here - size : here]

    trees = []
    for name, pictures, shareable, screens, prefix, told_branches in told["trees"]:
        head = take(prefix)
        branches = tuple(Branch(take(size), at, kind) for size, at, kind in told_branches)
        trees.append(Tree(name, head, branches, tuple(pictures), shareable, screens))
    middle = told["learned"]
    return Prepared(tuple(trees[:middle]), tuple(trees[middle:]), told["shortened"], told["too_long"])
