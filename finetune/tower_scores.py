"""How well the tower sees: what it finds on screens it never saw, kind by kind, and from which score to believe it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.vlm.boxes import shared
from agent.vlm.seen import LEAST_SCORE, VALUED, see
from index.marks import COLOURED, KINDS, Mark, Sight

if TYPE_CHECKING:
    from PIL import Image

    from agent.vlm.tower import ScreenTower
    from finetune.screens.truth import Split

Look = Callable[[int, "Split"], tuple["Image.Image", Sight]]

FITS, FITS_SMALL = 0.5, 0.3  # intersection over union that counts as found
SMALL = 20  # pixels: the shorter side of what is small
CLOSE = 0.05  # a value this near is right
FAINT = 0.1  # scores below are not looked at when thresholds are sought


@dataclass
class _Tally:
    """Counts of one kind."""

    truths: int = 0
    found: int = 0
    told: int = 0
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, what: str, right: bool) -> None:
        """One more answer to `what`."""
        self.asked[what] += 1
        self.right[what] += right

    def scores(self) -> dict[str, float]:
        """Shares in 0..1, with the number of truths as `n`."""
        scores = {
            "n": self.truths,
            "precision": round(self.found / self.told, 3) if self.told else 0.0,
            "recall": round(self.found / self.truths, 3) if self.truths else 0.0,
        }
        return scores | {what: round(self.right[what] / count, 3) for what, count in self.asked.items()}


def evaluate_tower(tower: ScreenTower, seeds: Iterable[int], split: Split, look: Look | None = None) -> dict[str, Any]:
    """Scores by kind (`kinds`), of all marks (`all`), and of `page` and `theme`, over the screens of `seeds`.

    A mark is found when one of its kind overlaps it by FITS (FITS_SMALL for small ones); state, colour, value
    (within 5 points) and tip (within 15 % of the longer side, at least 12 pixels) are asked of found marks only.
    `look` gives the screen of a seed with its truth; without it, it is drawn.
    """
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    screens = 0
    for seed in seeds:
        image, truth = (look or _drawn)(seed, split)
        seen = see(tower, image)
        screens += 1
        for what, right in (("page", seen.page == truth.page), ("theme", seen.theme == truth.theme)):
            tallies[what].note("right", right)
        _count(truth.marks, seen.marks, tallies)
    kinds = {kind: tallies[kind].scores() for kind in KINDS if tallies[kind].truths or tallies[kind].told}
    every = _Tally()
    for kind in KINDS:
        every.truths += tallies[kind].truths
        every.found += tallies[kind].found
        every.told += tallies[kind].told
        for what, count in tallies[kind].asked.items():
            every.asked[what] += count
            every.right[what] += tallies[kind].right[what]
    shares = {what: round(tallies[what].right["right"] / max(1, screens), 3) for what in ("page", "theme")}
    return {"screens": screens, "kinds": kinds, "all": every.scores(), **shares}


def _count(truths: Sequence[Mark], seen: Sequence[Mark], tallies: dict[str, _Tally]) -> None:
    for mark in seen:
        tallies[mark.kind].told += 1
    for mark in truths:
        tallies[mark.kind].truths += 1
    for truth, mark in pairs(truths, seen):
        tally = tallies[truth.kind]
        tally.found += 1
        for what, right in judged_looks(truth, mark):
            tally.note(what, right)


def judged_looks(truth: Mark, mark: Mark) -> Iterator[tuple[str, bool]]:
    """What else is asked of a mark that was found, and whether it was told right."""
    if truth.state:
        yield "state", mark.state == truth.state
    if truth.colour and truth.kind in COLOURED:
        yield "colour", mark.colour == truth.colour
    if truth.kind in VALUED and truth.value >= 0:
        yield "value", abs(mark.value - truth.value) <= CLOSE + 1e-6
    if truth.tip and mark.tip:
        reach = max(12.0, 0.15 * max(truth.box[2] - truth.box[0], truth.box[3] - truth.box[1]))
        off = ((truth.tip[0] - mark.tip[0]) ** 2 + (truth.tip[1] - mark.tip[1]) ** 2) ** 0.5
        yield "tip", off <= reach


def pairs(truths: Sequence[Mark], seen: Sequence[Mark]) -> list[tuple[Mark, Mark]]:
    """Each true mark with the one that was seen for it, the surest first; each is used once."""
    free = list(truths)
    found = []
    for mark in sorted(seen, key=lambda mark: -mark.score):
        rivals = [truth for truth in free if truth.kind == mark.kind and _fits(truth, mark)]
        if rivals:
            best = max(rivals, key=lambda truth: shared(truth.box, mark.box))
            free.remove(best)
            found.append((best, mark))
    return found


def _fits(truth: Mark, mark: Mark) -> bool:
    left, top, right, bottom = truth.box
    least = FITS_SMALL if min(right - left, bottom - top) <= SMALL else FITS
    return shared(truth.box, mark.box) >= least


def calibrate(tower: ScreenTower, seeds: Iterable[int], split: Split, look: Look | None = None) -> dict[str, float]:
    """The threshold of each kind with the best F1 over the screens of `seeds` (not those that give the scores)."""
    judged: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    truths: dict[str, int] = defaultdict(int)
    for seed in seeds:
        image, truth = (look or _drawn)(seed, split)
        seen = see(tower, image, FAINT).marks
        good = {id(mark) for _, mark in pairs(truth.marks, seen)}
        for mark in seen:
            judged[mark.kind].append((mark.score, id(mark) in good))
        for mark in truth.marks:
            truths[mark.kind] += 1
    return {kind: best_threshold(judged[kind], truths[kind]) for kind in KINDS if truths[kind]}


def best_threshold(judged: Sequence[tuple[float, bool]], truths: int) -> float:
    """The score from which believing gives the best F1; LEAST_SCORE when nothing was ever right."""
    best, chosen, found = 0.0, LEAST_SCORE, 0
    ordered = sorted(judged, reverse=True)
    for told, (score, right) in enumerate(ordered, start=1):
        found += right
        f1 = 2 * found / (told + truths)
        if right and f1 > best:
            following = ordered[told][0] if told < len(ordered) else FAINT
            best, chosen = f1, (score + following) / 2
    return round(chosen, 3)


def _drawn(seed: int, split: Split) -> tuple[Image.Image, Sight]:
    from finetune.screens.draw import draw_screen

    screen = draw_screen(seed, split)
    return screen.image, screen.sight
