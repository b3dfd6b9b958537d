"""How well each class is told, before and after: precision, recall, F1, confusions, with intervals (pure).

Labels of whole texts and spans inside of texts are counted in one way: a row a text, and for each class how many
were right, given and wanted. So one bootstrap over texts serves both.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from index.measure import SURE, Difference, Estimate, mean_of, paired_difference

ROUNDS = 1000
DRAWS = 4_000_000  # weights drawn at a time, so that memory stays flat
NOTHING = "-"  # no label: the head would rather not say, or a span that is not there

Span = tuple[int, int, str]  # start and end in characters, label


@dataclass(frozen=True)
class Tally:
    """What was right, given and wanted: three (texts, classes) arrays of counts, and each (wanted, given) mistake."""

    labels: tuple[str, ...]
    right: np.ndarray
    given: np.ndarray
    wanted: np.ndarray
    mistakes: tuple[tuple[str, str], ...] = ()

    @property
    def whole(self) -> np.ndarray:
        """(texts,) 1.0 where everything about the text is right: the accuracy, or the messages without a mistake."""
        same = (self.right == self.given) & (self.right == self.wanted)
        return same.all(axis=1).astype(np.float64)


@dataclass(frozen=True)
class ClassScore:
    """One class, all shares 0..1 with the 95 % interval of F1; `support` wanted and `given` said by the head."""

    label: str
    precision: float
    recall: float
    f1: float
    low: float
    high: float
    support: int
    given: int


@dataclass(frozen=True)
class Average:
    """Classes together: "micro" counts each case, "macro" each class, "weighted" each class by its support."""

    name: str
    precision: float
    recall: float
    f1: float
    low: float
    high: float


@dataclass(frozen=True)
class Report:
    """The scores of one run over one set. `confused` are (wanted, given, how often), most frequent first."""

    accuracy: Estimate
    classes: tuple[ClassScore, ...]
    averages: tuple[Average, ...]
    confused: tuple[tuple[str, str, int], ...]

    def average(self, name: str) -> Average:
        """The average called "micro", "macro" or "weighted"; KeyError for another name."""
        for each in self.averages:
            if each.name == name:
                return each
        raise KeyError(name)

    def as_json(self) -> dict[str, Any]:
        """Plain values for a file; NaN becomes None."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


@dataclass(frozen=True)
class Comparison:
    """Two runs over the same texts and what the second one gained, in pairs."""

    before: Report
    after: Report
    accuracy: Difference
    macro: Difference
    micro: Difference

    def as_json(self) -> dict[str, Any]:
        """Plain values for a file; NaN becomes None."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def tally_labels(wanted: Sequence[str], given: Sequence[str], labels: Sequence[str] = ()) -> Tally:
    """One label a text. "" in `given` is "not said" and is wrong; `labels` fixes the order and may name more."""
    if len(wanted) != len(given):
        raise ValueError(f"{len(given)} labels for {len(wanted)} texts")
    known = _ordered(labels, {*wanted, *given} - {""})
    place = {label: column for column, label in enumerate(known)}
    counts = np.zeros((3, len(wanted), len(known)), dtype=np.float32)
    for row, (truth, said) in enumerate(zip(wanted, given, strict=True)):
        counts[2, row, place[truth]] = 1
        if said:
            counts[1, row, place[said]] = 1
            counts[0, row, place[said]] = truth == said
    mistakes = tuple((truth, said or NOTHING) for truth, said in zip(wanted, given, strict=True) if truth != said)
    return Tally(known, counts[0], counts[1], counts[2], mistakes)


def tally_spans(wanted: Sequence[Sequence[Span]], given: Sequence[Sequence[Span]], labels: Sequence[str] = ()) -> Tally:
    """Spans of each text; one is right when start, end and label are exactly those wanted (CoNLL 2003 scoring)."""
    if len(wanted) != len(given):
        raise ValueError(f"the spans of {len(given)} texts for {len(wanted)} texts")
    known = _ordered(labels, {span[2] for spans in (*wanted, *given) for span in spans})
    place = {label: column for column, label in enumerate(known)}
    counts = np.zeros((3, len(wanted), len(known)), dtype=np.float32)
    mistakes: list[tuple[str, str]] = []
    for row, (truth, said) in enumerate(zip(wanted, given, strict=True)):
        sure, guessed = set(truth), set(said)
        for kind, spans in enumerate((sure & guessed, guessed, sure)):
            for span in spans:
                counts[kind, row, place[span[2]]] += 1
        mistakes += _span_mistakes(sure - guessed, guessed - sure)
    return Tally(known, counts[0], counts[1], counts[2], tuple(mistakes))


def _span_mistakes(missed: set[Span], extra: set[Span]) -> Iterator[tuple[str, str]]:
    """Missed spans with the label that stands in their place, and spans where nothing is."""
    used: set[Span] = set()
    for start, end, label in sorted(missed):
        over = [span for span in sorted(extra) if span[0] < end and start < span[1]]
        used.update(over)
        yield label, over[0][2] if over else NOTHING
    yield from ((NOTHING, label) for start, end, label in sorted(extra - used))


def report_of(tally: Tally, *, rounds: int = ROUNDS, seed: int = 0) -> Report:
    """The report with intervals by resampling whole texts; a class never wanted counts in no macro average."""
    sums = _sums(tally)
    drawn = np.concatenate(list(_resampled(tally, rounds, seed)))
    scores, spread = _scores(sums)[:, 0], _scores(drawn)
    classes = []
    for column, label in enumerate(tally.labels):
        precision, recall, f1 = (float(value) for value in scores[:, column])
        low, high = _ends(spread[2, :, column])
        support, given = int(sums[0, 2, column]), int(sums[0, 1, column])
        classes.append(ClassScore(label, precision, recall, f1, low, high, support, given))
    averages = tuple(_average(name, sums, drawn) for name in ("micro", "macro", "weighted"))
    confused = tuple((truth, said, times) for (truth, said), times in Counter(tally.mistakes).most_common())
    return Report(mean_of(tally.whole.tolist(), seed, rounds), tuple(classes), averages, confused)


def compared(before: Tally, after: Tally, *, rounds: int = ROUNDS, seed: int = 0) -> Comparison:
    """Both reports and the paired differences; ValueError when they are not of the same texts and classes."""
    if before.labels != after.labels or not np.array_equal(before.wanted, after.wanted):
        raise ValueError("before and after must be of the same texts, labels in the same order")
    gains = {}
    for name in ("macro", "micro"):
        old, new = ([_mean(name, each)[2] for each in _resampled(tally, rounds, seed)] for tally in (before, after))
        drawn = np.concatenate(new) - np.concatenate(old)
        mean = float(_mean(name, _sums(after))[2][0] - _mean(name, _sums(before))[2][0])
        gains[name] = Difference(mean, *_ends(drawn), float((drawn <= 0).mean()), len(after.whole))
    accuracy = paired_difference(before.whole.tolist(), after.whole.tolist(), seed, rounds)
    first, second = (report_of(tally, rounds=rounds, seed=seed) for tally in (before, after))
    return Comparison(first, second, accuracy, gains["macro"], gains["micro"])


def markdown(report: Report, *, whole: str = "accuracy", confusions: int = 8) -> str:
    """A table a class, averages below, then the pairs most often confused."""
    lines = ["| class | precision | recall | F1 | 95 % | n |", "|---|---:|---:|---:|---:|---:|"]
    for each in report.classes:
        shares = f"{_share(each.precision)} | {_share(each.recall)} | {_share(each.f1)}"
        lines.append(f"| {_cell(each.label)} | {shares} | {_ends_text(each)} | {each.support} |")
    total = sum(each.support for each in report.classes)
    for mean in report.averages:
        shares = f"{_share(mean.precision)} | {_share(mean.recall)} | {_share(mean.f1)}"
        lines.append(f"| *{mean.name}* | {shares} | {_ends_text(mean)} | {total} |")
    return "\n".join([*lines, "", _whole_line(whole, report.accuracy), *_confusion_lines(report, confusions)]) + "\n"


def side_by_side(comparison: Comparison, *, whole: str = "accuracy", confusions: int = 8) -> str:
    """Before and after in one table, the paired differences, and what is confused after."""
    before, after = comparison.before, comparison.after
    lines = [
        "| class | n | precision | recall | F1 before | F1 after | 95 % after |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for old, new in zip(before.classes, after.classes, strict=True):
        moved = f"{_share(old.precision)} → {_share(new.precision)} | {_share(old.recall)} → {_share(new.recall)}"
        moved += f" | {_share(old.f1)} | {_share(new.f1)} | {_ends_text(new)}"
        lines.append(f"| {_cell(new.label)} | {new.support} | {moved} |")
    total = sum(each.support for each in after.classes)
    for was, now in zip(before.averages, after.averages, strict=True):
        moved = f"{_share(was.precision)} → {_share(now.precision)} | {_share(was.recall)} → {_share(now.recall)}"
        lines.append(f"| *{now.name}* | {total} | {moved} | {_share(was.f1)} | {_share(now.f1)} | {_ends_text(now)} |")
    gains = ((f"{whole}", comparison.accuracy), ("macro F1", comparison.macro), ("micro F1", comparison.micro))
    told = ", ".join(f"{name} {gain.mean:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})" for name, gain in gains)
    ends = [_whole_line(f"{whole} before", before.accuracy), _whole_line(f"{whole} after", after.accuracy)]
    return "\n".join([*lines, "", *ends, f"Gained: {told}.", *_confusion_lines(after, confusions)]) + "\n"


# -- counting --


def _ordered(labels: Sequence[str], seen: set[str]) -> tuple[str, ...]:
    return (*dict.fromkeys(labels), *sorted(seen - set(labels)))


def _sums(tally: Tally) -> np.ndarray:
    return np.stack([part.sum(axis=0) for part in (tally.right, tally.given, tally.wanted)])[None].astype(np.float64)


def _resampled(tally: Tally, rounds: int, seed: int) -> Iterator[np.ndarray]:
    """(some rounds, 3, classes) sums over texts drawn with replacement; the same seed draws the same texts."""
    texts, classes = tally.right.shape
    if not texts:
        yield np.zeros((rounds, 3, classes))
        return
    rows = np.concatenate([tally.right, tally.given, tally.wanted], axis=1)
    generator = np.random.default_rng(seed)
    step = max(1, DRAWS // texts)
    for start in range(0, rounds, step):
        size = min(step, rounds - start)
        weights = np.stack([np.bincount(generator.integers(0, texts, texts), minlength=texts) for _ in range(size)])
        drawn = weights.astype(np.float32) @ rows  # whole numbers, exact in float32
        yield drawn.reshape(size, 3, classes).astype(np.float64)


def _scores(sums: np.ndarray) -> np.ndarray:
    """(rounds, 3, classes) sums -> (3, rounds, classes) precision, recall, F1; what divides by nothing is 0."""
    right, given, wanted = sums[:, 0], sums[:, 1], sums[:, 2]
    pairs = ((right, given), (right, wanted), (2 * right, given + wanted))
    return np.stack([np.divide(over, under, out=np.zeros_like(over), where=under > 0) for over, under in pairs])


def _mean(name: str, sums: np.ndarray) -> np.ndarray:
    """(3, rounds) precision, recall and F1 of all classes together."""
    if name == "micro":
        return _scores(sums.sum(axis=2, keepdims=True))[:, :, 0]
    support = sums[:, 2]
    weights = support if name == "weighted" else (support > 0).astype(np.float64)
    total = weights.sum(axis=1)
    return (_scores(sums) * weights).sum(axis=2) / np.where(total > 0, total, 1)


def _average(name: str, sums: np.ndarray, drawn: np.ndarray) -> Average:
    precision, recall, f1 = (float(value) for value in _mean(name, sums)[:, 0])
    return Average(name, precision, recall, f1, *_ends(_mean(name, drawn)[2]))


def _ends(values: np.ndarray) -> tuple[float, float]:
    if not len(values):
        return math.nan, math.nan
    low, high = np.quantile(values, [(1 - SURE) / 2, (1 + SURE) / 2])
    return float(low), float(high)


# -- writing --


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _ends_text(score: ClassScore | Average) -> str:
    return f"{_share(score.low)} to {_share(score.high)}"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def _whole_line(name: str, value: Estimate) -> str:
    told = f"{_share(value.mean)} ({_share(value.low)} to {_share(value.high)})"
    return f"{name.capitalize()}: {told}, n = {value.count}."


def _confusion_lines(report: Report, most: int) -> list[str]:
    if not report.confused or most <= 0:
        return []
    rows = [f"| {_cell(truth)} | {_cell(said)} | {times} |" for truth, said, times in report.confused[:most]]
    return ["", "| wanted | given | times |", "|---|---|---:|", *rows]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 6)
    return value
