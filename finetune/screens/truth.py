"""What is known about a drawn screen: the words and where they stand, the things to see, the facts to ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from index.marks import Sight
from index.pictures import Line

if TYPE_CHECKING:
    from PIL import Image

Split = Literal["train", "test"]


@dataclass(frozen=True)
class Fact:
    """Words on the screen that answer a question: `key` says what they are ("order_number"), `label` the words
    beside them ("Order no."), `value` the words themselves, as drawn."""

    key: str
    label: str
    value: str


@dataclass(frozen=True)
class Grid:
    """A table or a list: numbers of the lines (`Screen.lines`) in it, row by row; a list has rows of one.

    `kind` says what it is ("table", "menu", "steps", "tree", "tabs", "buttons", "options" ...); `columns` are the heads
    (none for a list); `whole` False when rows were cut off or are not all told; `numbered`: each row has its number
    before it; `level`: the entries stand side by side.
    """

    kind: str
    columns: tuple[int, ...]
    rows: tuple[tuple[int, ...], ...]
    whole: bool = True
    numbered: bool = False
    level: bool = False


@dataclass(frozen=True)
class Screen:
    """A drawn screen and the truth about it, all in pixels of `image` (after damage).

    `lines` are the words as a reader would find them, one per visual line or table cell; `sight` the marks with
    their true labels; `facts` what can be asked for; `absent` fact keys that this screen certainly does not show;
    `layout` the name of the layout that drew it, `brand` the made-up company on it.
    """

    image: Image.Image
    lines: tuple[Line, ...]
    sight: Sight
    facts: tuple[Fact, ...]
    absent: tuple[str, ...] = ()
    layout: str = ""
    brand: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    """What questions of their own kind need: "error" (the message shown), "advice" (what it says to do)."""
    grids: tuple[Grid, ...] = ()
