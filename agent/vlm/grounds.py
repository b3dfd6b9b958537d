"""The ground that words stand on and the ink they are written in, read off the pixels; and how far a ground goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agent.vlm.boxes import Box
from index.pictures import Line

SAMPLE = 1_000  # pixels of a line that are counted
NEAR = 12  # of 255: pixels of one ground
INK_SHARE = 0.04  # of the pixels under words are at least as far from the ground as their ink
ROOM = 0.2  # heights of ink that a reader leaves above and below it
LINE_SHARE = 0.6  # of the width of words that is inked: more is a line beside them
WIDE_GAP = 0.55  # heights of the words: a wider gap parts entries that were read as one line
SIGN_GAP = 0.45  # heights between such a picture and the words
OTHER_GROUND = 6.0  # of 255: grounds that differ
BRIDGED = 2.5  # heights: a picture or an arrow that lies on a ground does not end it


@dataclass(frozen=True)
class Toned:
    """Words with their colours: `ground` and `ink` are RGB in 0..255, `contrast` how far they are apart, `rough` how
    much the pixels of the ground differ (a photo, JPEG damage)."""

    text: str
    box: Box
    ground: np.ndarray
    ink: np.ndarray
    contrast: float
    rough: float

    @property
    def high(self) -> int:
        """Height of the words."""
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        """Where the words stand, from the top."""
        return (self.box[1] + self.box[3]) / 2


def apart(area: np.ndarray, tone: np.ndarray) -> np.ndarray:
    """How far each pixel (the last axis is RGB) is from a colour, 0..255: its largest difference of the three."""
    away = np.abs(np.subtract(area, np.rint(tone).astype(np.int16), dtype=np.int16))
    largest: np.ndarray = np.maximum(np.maximum(away[..., 0], away[..., 1]), away[..., 2])
    return largest


def toned(pixels: np.ndarray, line: Line) -> Toned | None:
    """The colours of a line of words on an RGB picture (H, W, 3); None when it is too small to tell."""
    high, wide = pixels.shape[:2]
    left, top, right, bottom = line.box
    box = max(0, left), max(0, top), min(wide, right), min(high, bottom)
    area = pixels[box[1] : box[3], box[0] : box[2]]
    if area.shape[0] < 5 or area.shape[1] < 4:
        return None
    some = area.reshape(-1, 3)
    some = some[:: max(1, len(some) // SAMPLE)].astype(np.int16)
    codes = (some[:, 0] >> 3 << 10) | (some[:, 1] >> 3 << 5) | (some[:, 2] >> 3)
    values, counts = np.unique(codes, return_counts=True)
    code = int(values[counts.argmax()])
    centre = np.array([code >> 10 << 3, (code >> 5 & 31) << 3, (code & 31) << 3], dtype=np.int16) + 4
    ground = centre.astype(np.float64)
    for _ in range(3):
        near = some[apart(some, ground) <= NEAR]
        ground = near.mean(0)
    rough = float(near.std(0).max())
    edge = area.shape[0] // 7  # strokes above and below words may reach into their box
    inner = area[edge : area.shape[0] - edge].reshape(-1, 3)
    some = inner[:: max(1, len(inner) // SAMPLE)].astype(np.int16)
    away = apart(some, ground)
    rank = int((1 - INK_SHARE) * (len(away) - 1))
    contrast = float(np.partition(away, rank)[rank])
    ink = some[away >= 0.85 * contrast].mean(0)
    return Toned(line.text, _roomy(area, ground, contrast, box), ground, ink, contrast, rough)


def _roomy(area: np.ndarray, ground: np.ndarray, contrast: float, box: Box) -> Box:
    """The box with the room above and below the words that a reader leaves, when it was cut close to the ink."""
    ink: np.ndarray = apart(area[:, ::2], ground) > 0.25 * contrast
    inked = _unlined(ink).sum(1) > 0
    rim = max(1, len(inked) // 10)
    if not (inked[:rim].any() and inked[-rim:].any()):
        return box
    room = round(ROOM * len(inked))
    return box[0], max(0, box[1] - room), box[2], box[3] + room


def parted(pixels: np.ndarray, line: Toned) -> list[Toned]:
    """The entries of a line whose words stand far apart ("Home   Insert   View"), each by itself; else the line."""
    words = line.text.split()
    left, top, right, bottom = line.box
    if len(words) < 2 or right - left < 3 * line.high:
        return [line]
    ink = _ink(pixels, line)
    spans = [span for span in _spans(ink, _gap(ink, line.high, WIDE_GAP)) if span[1] - span[0] > 2]
    if len(spans) < 2 or len(spans) > len(words):
        return [line]
    found: list[list[str]] = [[] for _ in spans]
    ends = np.cumsum([span[1] - span[0] for span in spans])  # ink alone, as letters alone are counted
    letters, done = sum(map(len, words)), 0
    for word in words:
        at = (done + len(word) / 2) / letters * ends[-1]
        found[min(int(np.searchsorted(ends, at)), len(spans) - 1)].append(word)
        done += len(word)
    if not all(found):
        return [line]
    cut = [
        Line(" ".join(told), (left + span[0], top, left + span[1], bottom), 1.0)
        for told, span in zip(found, spans, strict=True)
    ]
    return [each for one in cut if (each := toned(pixels, one)) is not None]


def _gap(ink: np.ndarray, high: int, share: float) -> int:
    """A gap of so many heights of the words in pixels, whatever room their box leaves around them."""
    return round(share * min(high, 1.5 * int(ink.any(1).sum())))


def _ink(pixels: np.ndarray, line: Toned) -> np.ndarray:
    """Where the ink of the words is in their box."""
    left, top, right, bottom = line.box
    ink: np.ndarray = apart(pixels[top:bottom, left:right], line.ground) > 0.4 * line.contrast
    return _unlined(ink)


def _unlined(ink: np.ndarray) -> np.ndarray:
    """The ink without lines from side to side or from top to bottom: borders beside the words."""
    level = ink & (ink.mean(1) < LINE_SHARE)[:, None]
    upright: np.ndarray = level & (level.mean(0) < 0.8)[None]
    return upright


def without_sign(pixels: np.ndarray, line: Toned) -> Toned:
    """The line without a picture at its start, be it read as a letter or two ("V Move down") or not at all."""
    words = line.text.split()
    left, top, right, bottom = line.box
    if not words or right - left < 1.5 * line.high:
        return line
    ink = _ink(pixels, line)
    spans = _spans(ink, _gap(ink, line.high, SIGN_GAP))
    if len(spans) < 2 or spans[0][1] - spans[0][0] > 1.6 * line.high:
        return line
    sign, rest = spans[0], spans[1][0]
    first = len(words[0]) / max(1, len(line.text)) * (right - left - rest)
    as_letters = len(words) > 1 and len(words[0]) <= 2
    if not as_letters and first < 1.8 * (sign[1] - sign[0]):
        return line
    box = left + rest, top, right, bottom
    told = toned(pixels, Line(" ".join(words[1:]) if as_letters else line.text, box, 1.0))
    return told or line


def _spans(ink: np.ndarray, gap: int) -> list[tuple[int, int]]:
    """(first, after the last) of what has no wide gap in it."""
    places = np.flatnonzero(ink.any(0))
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) > gap)
    return list(
        zip(places[np.r_[0, breaks + 1]].tolist(), (places[np.r_[breaks, len(places) - 1]] + 1).tolist(), strict=True)
    )


def band(pixels: np.ndarray, words: Toned, usual: np.ndarray | None = None, reach: float = 2.5, over: int = 1) -> Box:
    """How far the ground under words goes: up and down `reach` heights at most, over `over` pixels of other colours,
    sideways over what lies on it but not over the usual ground of its surroundings."""
    high, wide = pixels.shape[:2]
    left, top, right, bottom = words.box
    up, down = max(0, round(top - reach * words.high)), min(high, round(bottom + reach * words.high))
    near = NEAR / 2 if usual is None else min(1.6 * NEAR, max(NEAR / 2, 0.45 * tone_gap(usual, words.ground)))
    plain = _plain(pixels[up:down, left : right : 2 + (right - left) // 100], words.ground, 1, near)
    above, below = plain[: top - up][::-1], plain[bottom - up :]
    if usual is not None and over > 1:
        stops = _plain(pixels[up:down, left : right : 2 + (right - left) // 100], usual, 1, near) & ~plain
        above, below = _until(above, stops[: top - up][::-1]), _until(below, stops[bottom - up :])
    upper, lower = top - _out(above, over), bottom + _out(below, over)
    since, until = max(0, left - 60 * words.high), min(wide, right + 60 * words.high)
    rows = pixels[upper + 1 : max(upper + 2, lower - 1) : 2, since:until]
    flat = _plain(rows, words.ground, 0, near)
    if usual is not None:
        stops = np.flatnonzero(_plain(rows, usual, 0, near) & ~flat)
        before, after = stops[stops < left - since], stops[stops >= right - since]
        first = int(before[-1]) + 1 if len(before) else 0
        last = int(after[0]) if len(after) else until - since
    else:
        first, last = 0, until - since
    bridge = round(BRIDGED * words.high)
    return (
        left - _out(flat[first : left - since][::-1], bridge),
        upper,
        right + _out(flat[right - since : last], bridge),
        lower,
    )


def boxed(pixels: np.ndarray, words: Toned) -> Box | None:
    """The button around words: where their ground ends on all four sides, not far from them; else None."""
    left, top, right, bottom = words.box
    down, across = round(1.5 * words.high), round(6 * words.high)
    upright, level = (
        pixels[max(0, top - down) : bottom + down, left:right:2],
        pixels[top:bottom, max(0, left - across) : right + across],
    )
    rows = ~_plain(upright, words.ground, 1, NEAR, 0.3)
    columns = ~_plain(level, words.ground, 0, NEAR, 0.3)
    above, below = np.flatnonzero(rows[: min(top, down)]), np.flatnonzero(rows[min(top, down) + bottom - top :])
    before, after = (
        np.flatnonzero(columns[: min(left, across)]),
        np.flatnonzero(columns[min(left, across) + right - left :]),
    )
    if not (len(above) and len(below) and len(before) and len(after)):
        return None
    box = top - min(top, down) + int(above[-1]), bottom + int(below[0]) + 1
    return left - min(left, across) + int(before[-1]), box[0], right + int(after[0]) + 1, box[1]


def _plain(area: np.ndarray, ground: np.ndarray, axis: int, far: float, least: float = 0.7) -> np.ndarray:
    """The rows (axis 1) or columns (axis 0) of an area of which more than `least` is of this ground."""
    near: np.ndarray = (apart(area, ground) <= far).mean(axis) > least
    return near


def _until(plain: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """What comes before the first stop."""
    return plain[: int(stops.argmax())] if stops.any() else plain


def _out(plain: np.ndarray, bridge: int) -> int:
    """How far it goes from the first place on, over gaps of at most `bridge`."""
    places = np.flatnonzero(plain)
    if not len(places) or places[0] > bridge:
        return 0
    breaks = np.flatnonzero(np.diff(places) > bridge + 1)
    return int(places[breaks[0]] if len(breaks) else places[-1]) + 1


def tone_gap(one: np.ndarray, other: np.ndarray) -> float:
    """How far two colours are apart, 0..255."""
    return float(np.abs(one - other).max())


def beside(pixels: np.ndarray, box: Box, across: bool) -> list[np.ndarray]:
    """What lies above and below a box, or (`across`) left and right of it."""
    left, top, right, bottom = box
    if across:
        far = max(6, (bottom - top) // 2)
        return [pixels[top:bottom, max(0, left - far) : max(0, left - 1)], pixels[top:bottom, right + 1 : right + far]]
    return [pixels[max(0, top - 6) : max(0, top - 1), left:right], pixels[bottom + 1 : bottom + 6, left:right]]


def share_of(area: np.ndarray, ground: np.ndarray) -> float:
    """The share of an area that is of this ground."""
    return float((apart(area, ground) < OTHER_GROUND).mean()) if area.size else 0.0


def says(words: Toned, least: int = 2) -> bool:
    """Whether there are so many letters and digits in the words: no sign read as a letter."""
    return sum(letter.isalnum() for letter in words.text) >= least
