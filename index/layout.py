"""Where words stand says what they mean: lines with boxes become reading order, pairs and tables (pure geometry)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.marks import Mark
    from index.pictures import Line

# All distances are in heights of the words around them, so that phone and desktop pictures read the same.
WORD_GAP = 0.7  # nearer than this on one row: one piece of text
GUTTER = 1.2  # a column of nothing this wide may part two columns
BLOCK_GAP = 1.6  # an empty band this high ends a block
EDGE = 0.9  # two boxes whose left edges differ by less stand under each other
LABEL_LENGTH = 42
LAYOUT_LENGTH = 1_600
OPTIONS = frozenset({"checkbox", "radio", "switch"})  # what such a mark is named by is no value of its neighbour

Size = tuple[int, int]
Row = list["Line"]


def order_lines(lines: Iterable[Line], size: Size) -> list[Line]:
    """The lines as a person reads them: blocks top-down, column after column, rows of a table left to right."""
    return [cell for block in _blocks(list(lines), size) for row in block for cell in row]


def cells_of(lines: Iterable[Line]) -> list[Line]:
    """Pieces of text as the eye parts them: words with no more than a space between them are one; top-down."""
    return [cell for row in _rows(list(lines)) for cell in _joined_words(row)]


def plain_words(lines: Iterable[Line]) -> str:
    """The words as running text in the order given, each repeated line once."""
    return " ".join(dict.fromkeys(line.text for line in lines))


def layout_text(lines: Iterable[Line], size: Size, limit: int = LAYOUT_LENGTH, marks: Iterable[Mark] = ()) -> str:
    """The picture as text for a prompt: `label: value`, table rows as `a | b | c`, the rest line by line. Two
    options side by side that have marks of their own are no pair.

    At most `limit` characters: repeated lines go first, then those the reader was least sure of; a line is
    never cut.
    """
    kept, options = list(lines), frozenset(mark.label for mark in marks if mark.kind in OPTIONS and mark.label)
    text = _as_text(kept, size, options)
    if len(text) <= limit:
        return text
    kept = _without_repeats(kept)
    text = _as_text(kept, size, options)
    while kept and len(text) > limit:
        kept = _without_least_sure(kept, len(text) - limit)
        text = _as_text(kept, size, options)
    return text


def _without_repeats(lines: Sequence[Line]) -> list[Line]:
    return list({line.text: line for line in reversed(lines)}.values())[::-1]


def _without_least_sure(lines: Sequence[Line], excess: int) -> list[Line]:
    """Fewer lines: the least sure go until about `excess` characters are gone (at least one line goes)."""
    dropped: set[int] = set()
    for place in sorted(range(len(lines)), key=lambda place: (lines[place].score, place)):
        if excess <= 0:
            break
        dropped.add(place)
        excess -= len(lines[place].text) + 1
    return [line for place, line in enumerate(lines) if place not in dropped]


def _as_text(lines: Sequence[Line], size: Size, options: frozenset[str]) -> str:
    return "\n".join(_apart(text, options) for block in _blocks(list(lines), size) for text in _block_text(block))


def _apart(text: str, options: frozenset[str]) -> str:
    """A pair as it is, or as two neighbours where both are names of options."""
    first, pair, second = text.partition(": ")
    return f"{first} | {second}" if pair and first in options and second in options else text


# --- rows and blocks ------------------------------------------------------------------------------------------


def _height(line: Line) -> int:
    return max(1, line.box[3] - line.box[1])


def _middle(line: Line) -> float:
    return (line.box[1] + line.box[3]) / 2


def _typical(lines: Sequence[Line]) -> float:
    return median(_height(line) for line in lines)


def _rows(lines: Sequence[Line]) -> list[Row]:
    """Lines on one height together, left to right; rows top-down."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: (_middle(line), line.box[0])):
        row = rows[-1] if rows else []
        if row and _on_one_row(row, line):
            row.append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box[0]) for row in rows]


def _on_one_row(row: Row, line: Line, room: float = 0.5) -> bool:
    near = min(row, key=lambda other: abs(_middle(other) - _middle(line)))
    apart = abs(_middle(near) - _middle(line))
    beside = all(line.box[0] >= other.box[2] - 3 or line.box[2] <= other.box[0] + 3 for other in row)
    return beside and apart <= room * min(_height(near), _height(line))


def _joined_words(row: Row) -> Row:
    """Neighbours with no more than a space between them become one piece."""
    cells: Row = []
    for line in row:
        last = cells[-1] if cells else None
        if last and line.box[0] - last.box[2] < WORD_GAP * min(_height(last), _height(line)):
            box = (last.box[0], min(last.box[1], line.box[1]), line.box[2], max(last.box[3], line.box[3]))
            cells[-1] = replace(last, text=f"{last.text} {line.text}", box=box, score=min(last.score, line.score))
        else:
            cells.append(line)
    return cells


def _blocks(lines: list[Line], size: Size) -> list[list[Row]]:
    """The page cut into blocks of rows, in reading order (a recursive X-Y cut, Nagy and Seth 1984)."""
    if not lines:
        return []
    parts = _columns(lines, size)
    if len(parts) == 1:
        parts = _bands(lines)
        blocks = [_blocks(part, size) for part in parts] if len(parts) > 1 else []
        if all(len(found) == 1 for found in blocks):  # no columns below: airy tables and forms stay together
            return [[_joined_words(row) for row in _rows(lines)]]
        return [block for found in blocks for block in found]
    return [block for part in parts for block in _blocks(part, size)]


def _bands(lines: list[Line]) -> list[list[Line]]:
    """Cut at the widest empty band that separates blocks, into two; one part where there is none."""
    ordered = sorted(lines, key=lambda line: line.box[1])
    least = BLOCK_GAP * _typical(lines)
    bottom, best, place = ordered[0].box[3], least, 0
    for index, line in enumerate(ordered[1:], start=1):
        if line.box[1] - bottom > best:
            best, place = line.box[1] - bottom, index
        bottom = max(bottom, line.box[3])
    return [ordered[:place], ordered[place:]] if place else [lines]


def _columns(lines: list[Line], size: Size) -> list[list[Line]]:
    """Cut at the widest clear gutter, unless the rows go across it: then it is a table or a form, not columns."""
    ordered = sorted(lines, key=lambda line: line.box[0])
    least = max(GUTTER * _typical(lines), size[0] * 0.015)
    gutters: list[tuple[float, int]] = []
    right = ordered[0].box[2]
    for index, line in enumerate(ordered[1:], start=1):
        if line.box[0] - right > least:
            gutters.append((line.box[0] - right, index))
        right = max(right, line.box[2])
    for _, index in sorted(gutters, reverse=True):
        left, rest = ordered[:index], ordered[index:]
        if _are_columns(left, rest):
            return [left, rest]
    return [lines]


def _are_columns(left: Sequence[Line], right: Sequence[Line]) -> bool:
    if min(len(left), len(right)) < 2:
        return False
    if _is_prose(left) and _is_prose(right):
        return True
    few, many = sorted((_rows(left), _rows(right)), key=len)
    if all(any(_on_one_row(row, line[0], 0.5) for row in many) for line in few):
        return False  # each has its partner: a table, perhaps photographed at an angle
    across = sum(any(_on_one_row(row, line[0], 0.25) for row in many) for line in few)
    return len(few) >= 3 and across < 0.5 * len(few)


def _is_prose(lines: Sequence[Line]) -> bool:
    return len(lines) >= 3 and median(len(line.text) for line in lines) >= 26


# --- what a block says ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Spot:
    """Rows from here on that one way of writing explains: how many, and the text."""

    rows: int
    text: list[str]


def _block_text(rows: list[Row]) -> list[str]:
    texts: list[str] = []
    at = 0
    while at < len(rows):
        spot = _table(rows[at:]) or _header_over_values(rows[at:]) or _labels_above(rows[at:]) or _plain(rows, at)
        texts.extend(spot.text)
        at += spot.rows
    return texts


def _plain(rows: list[Row], at: int) -> _Spot:
    row = rows[at]
    if len(row) == 2 and _is_pair(row, rows):
        return _Spot(1, [_pair(row[0].text, row[1].text)])
    if len(row) in (4, 6) and _are_pairs(row):
        return _Spot(1, [_pair(label.text, value.text) for label, value in zip(row[::2], row[1::2], strict=True)])
    return _Spot(1, [" | ".join(cell.text for cell in row)])


def _are_pairs(row: Row) -> bool:
    """Label, value, label, value: cards side by side. One value that can't be a label tells them from a menu."""
    return all(_is_label(cell.text) for cell in row[::2]) and not all(_is_label(cell.text) for cell in row[1::2])


def _pair(label: str, value: str) -> str:
    return f"{label.rstrip(' :')}: {value}"


def _is_label(text: str) -> bool:
    """Could these words name a value? Letters first, short, not a sentence, a number, a time or an amount."""
    named = re.match(r"[^\W\d_]", text) and not re.search(r"\d{3}|\d of \d|: ", text)
    return bool(named) and len(text) <= LABEL_LENGTH and text.count(" ") < 6 and text[-1] not in ".!?,;"


def _is_pair(row: Row, rows: list[Row]) -> bool:
    """A label with its value: the label stands at the block's left edge, or under or over another label."""
    label, value = row
    if not _is_label(label.text):
        return False
    edge = min(cell.box[0] for other in rows for cell in other)
    at_edge = label.box[0] - edge < EDGE * _height(label)
    sisters = [other for other in rows if other is not row and len(other) == 2]
    lined_up = any(_under(label, other[0]) and _in_column(value, other[1]) for other in sisters)
    followed = len(rows) > 1 and row is not rows[-1]  # buttons come last
    return label.text.endswith(":") or lined_up or (at_edge and followed)


def _under(one: Line, other: Line) -> bool:
    return abs(one.box[0] - other.box[0]) < EDGE * max(_height(one), _height(other))


def _in_column(one: Line, other: Line) -> bool:
    """Left, right or middle edges agree."""
    room = EDGE * max(_height(one), _height(other))
    ends = abs(one.box[2] - other.box[2]) < room
    middles = abs(one.box[0] + one.box[2] - other.box[0] - other.box[2]) / 2 < room
    return _under(one, other) or ends or middles


def _column_of(cell: Line, header: Row) -> int | None:
    """The place of the header this cell stands under; None when it stands under none of them."""
    fitting = [place for place, head in enumerate(header) if _in_column(cell, head)]
    if fitting:
        return min(fitting, key=lambda place: abs(cell.box[0] - header[place].box[0]))
    shared = [min(cell.box[2], head.box[2]) - max(cell.box[0], head.box[0]) for head in header]
    best = max(range(len(header)), key=lambda place: shared[place])
    return best if shared[best] > 0 else None


def _placed(row: Row, header: Row) -> list[str] | None:
    """The cells of `row` by column, "" where one is empty; None when the row does not fit the header."""
    cells = [""] * len(header)
    for cell in row:
        place = _column_of(cell, header)
        if place is None or cells[place]:
            return None
        cells[place] = cell.text
    return cells


def _is_near(row: Row, above: Row) -> bool:
    """No more empty space than a generous line distance between two rows."""
    return _space(row, above) < 3 * max(_height(cell) for cell in above)


def _space(row: Row, above: Row) -> int:
    return min(cell.box[1] for cell in row) - max(cell.box[3] for cell in above)


def _table(rows: list[Row]) -> _Spot | None:
    """A header of three cells or more over two rows or more that stand in its columns (or rows all alike)."""
    header = rows[0]
    if len(header) < 3:
        return None
    titled = all(_is_label(cell.text) for cell in header)
    table, used = [[cell.text for cell in header]], 1
    for row, above in zip(rows[1:], rows, strict=False):
        if not _is_near(row, above) or not (titled or len(row) == len(header)):
            break
        cells = _placed(row, header)
        wrapped = cells is not None and used > 1 and not cells[0] and _goes_on(rows, used)
        if cells is None or (len(row) == 1 and not wrapped):
            break
        if wrapped:
            table[-1] = [f"{cell} {more}".strip() for cell, more in zip(table[-1], cells, strict=True)]
        else:
            table.append(cells)
        used += 1
    return _Spot(used, [" | ".join(cells) for cells in table]) if len(table) >= 3 else None


def _goes_on(rows: list[Row], at: int) -> bool:
    """So little space above a row that it is the rest of wrapped cells: about half a line, and where it has more than
    one cell, less than above and under the two, for else it is a row beside the entries of a list."""
    row, above = rows[at], rows[at - 1]
    space = _space(row, above)
    if space >= 0.6 * max(_height(cell) for cell in above):
        return False
    others = [_space(rows[low], rows[low - 1]) for low in (at - 1, at + 1) if 0 < low < len(rows)]
    return len(row) == 1 or (bool(others) and min(others) > 1.5 * max(space, 1))


def _header_over_values(rows: list[Row]) -> _Spot | None:
    """Labels side by side with one value under each: `a: 1`, `b: 2`."""
    if len(rows) < 2 or len(rows[0]) < 2 or len(rows[0]) != len(rows[1]):
        return None
    labels, values = rows[0], rows[1]
    fits = all(_under(label, value) for label, value in zip(labels, values, strict=True))
    named = all(_is_label(label.text) for label in labels)
    alone = len(rows) < 3 or len(rows[2]) != len(labels) or _placed(rows[2], labels) is None
    apart = len(rows) < 3 or _space(rows[2], values) > _space(values, labels) + 0.4 * _height(values[0])
    if not (fits and named and (alone or apart) and _is_near(values, labels)):
        return None
    if len(labels) == 2 and not _captions(labels, values):
        return None  # two rows of label and value look the same but for space and the size of the words
    return _Spot(2, [_pair(label.text, value.text) for label, value in zip(labels, values, strict=True)])


def _captions(labels: Row, values: Row) -> bool:
    """Do the labels sit right on top of their values, in smaller letters?"""
    tight = _space(values, labels) < 0.4 * max(_height(cell) for cell in values)
    return tight and _smaller(labels, values)


def _smaller(row: Row, other: Row) -> bool:
    return max(_height(cell) for cell in row) < 0.93 * max(_height(cell) for cell in other)


def _labels_above(rows: list[Row]) -> _Spot | None:
    """Label over value, each value nearer to its label than to the next: two pairs or more, or one that is clear."""
    pairs: list[str] = []
    at = 0
    while at + 1 < len(rows) and _stands_above(rows, at):
        pairs.append(_pair(rows[at][0].text, rows[at + 1][0].text))
        at += 2
    sure = len(pairs) >= 2 or (len(pairs) == 1 and _captions(rows[0], rows[1]))
    return _Spot(at, pairs) if sure else None


def _stands_above(rows: list[Row], at: int) -> bool:
    label, value = rows[at], rows[at + 1]
    if len(label) != 1 or len(value) != 1 or not _is_label(label[0].text) or not _under(label[0], value[0]):
        return False
    inner = _space(value, label)
    if inner > 1.15 * _height(value[0]) or value[0].text[-1] in ".!?,":
        return False
    after = rows[at + 2][0].box[1] - value[0].box[3] if at + 2 < len(rows) else None
    before = label[0].box[1] - rows[at - 1][0].box[3] if at else None
    outer = after if after is not None else before
    return outer is not None and inner < 0.6 * outer and (after is None or len(rows[at + 2]) == 1 or at > 0)
