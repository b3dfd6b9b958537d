"""Boxes and radio buttons that the reader of words took for letters ("□ food", "O Import") are taken off the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from index.marks import Mark

if TYPE_CHECKING:
    from index.pictures import Line

# Signs may stick to the words; letters that look like one stand alone.
_SIGN = re.compile(r"^(?:[□☐☑☒✓✔√■▣○◯◌●◉◎⊙⊚•·]\s*|[OoQ0DVvXx×8E口回日囗]\s+)(?=\S)")
REACH = 1.6  # heights of the words from the start of their line to the end of the mark


def without_signs(lines: Sequence[Line], marks: Sequence[Mark]) -> tuple[Line, ...]:
    """The lines without a sign at their start where a box or a radio button was seen."""
    options = [mark for mark in marks if mark.kind in ("checkbox", "radio")]
    return tuple(_cleaned(line, options) for line in lines)


def _cleaned(line: Line, options: Sequence[Mark]) -> Line:
    sign = _SIGN.match(line.text)
    if sign is None:
        return line
    left, top, right, bottom = line.box
    high = bottom - top
    for mark in options:
        middle = (mark.box[1] + mark.box[3]) / 2
        if top < middle < bottom and left - 0.5 * high < mark.box[0] and mark.box[2] < min(left + REACH * high, right):
            return replace(line, text=line.text[sign.end() :], box=(mark.box[2], top, right, bottom))
    return line
