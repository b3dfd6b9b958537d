"""What the generator learns from: questions with their answers, over the passages and pictures they rest on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import UserError


@dataclass(frozen=True)
class Ask:
    """One question over the shared ground of its example, and the reply to learn. `kind` names the slice it is
    reported under: "value", "state", "not shown", "grounded", "absent", "chat" ..."""

    question: str
    answer: str
    kind: str = ""


@dataclass(frozen=True)
class Example:
    """Questions that share one ground; each ask is its own conversation over it.

    `source` names where it comes from (for the dataset card). `passages` are (title, text), best first; `screens`
    what was read on each picture (as `index.marks.picture_text` writes it); `pictures` the paths of the same
    pictures, relative to the file of the examples ("" when the pixels are not kept); `history` earlier
    (question, answer) turns.
    """

    id: str
    source: str
    asks: tuple[Ask, ...]
    passages: tuple[tuple[str, str], ...] = ()
    screens: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    history: tuple[tuple[str, str], ...] = ()


def save_examples(examples: Iterable[Example], file: Path) -> int:
    """Write one example a line; how many."""
    count = 0
    with file.open("w", encoding="utf-8") as stream:
        for example in examples:
            stream.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")
            count += 1
    return count


def load_examples(file: Path) -> Iterator[Example]:
    """The examples of a file, one at a time. Raises UserError SCHEMA with the line that is none."""
    with file.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                try:
                    yield _example(json.loads(line))
                except (ValueError, TypeError, KeyError) as error:
                    text = f"{file.name}, line {number}: this is no training example ({error})."
                    raise UserError(text, "SCHEMA", line=number) from error


def _example(fields: dict[str, Any]) -> Example:
    return Example(
        str(fields["id"]),
        str(fields.get("source", "")),
        tuple(Ask(**ask) for ask in fields["asks"]),
        *(tuple(tuple(pair) for pair in fields.get("passages", ())),),
        tuple(fields.get("screens", ())),
        tuple(fields.get("pictures", ())),
        tuple((asked, answered) for asked, answered in fields.get("history", ())),
    )
