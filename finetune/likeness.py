"""How near one text is to another: chrF and ROUGE-L, written out so that anyone can check them by hand (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

ORDER = 6  # longest n-gram of letters
BETA = 2.0  # recall counts twice as much as precision


def chrf(reply: str, wanted: str, order: int = ORDER, beta: float = BETA) -> float:
    """chrF of one sentence, 0..100 (Popovic 2015): F of the letter n-grams of lengths 1 to `order`, without blanks.

    Precision and recall are averaged over the lengths that both texts have, as sacrebleu does it.
    """
    given, sought = "".join(reply.split()), "".join(wanted.split())
    precisions, recalls = [], []
    for length in range(1, order + 1):
        mine, theirs = _grams(given, length), _grams(sought, length)
        if mine and theirs:
            shared = sum((mine & theirs).values())
            precisions.append(shared / sum(mine.values()))
            recalls.append(shared / sum(theirs.values()))
    if not precisions:
        return 0.0
    return 100 * _f(sum(precisions) / len(precisions), sum(recalls) / len(recalls), beta)


def rouge_l(reply: str, wanted: str) -> float:
    """ROUGE-L of one reply, 0..1 (Lin 2004): F1 of the longest common subsequence of lower-case words."""
    given, sought = _tokens(reply), _tokens(wanted)
    if not given or not sought:
        return 0.0
    common = longest_common(given, sought)
    return _f(common / len(given), common / len(sought), 1.0)


def longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = row
        row = [0]
        for place, each in enumerate(other, start=1):
            row.append(before[place - 1] + 1 if word == each else max(row[-1], before[place]))
    return row[-1]


def _tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _grams(text: str, length: int) -> Counter[str]:
    return Counter(text[at : at + length] for at in range(len(text) - length + 1))


def _f(precision: float, recall: float, beta: float) -> float:
    if precision + recall == 0:
        return 0.0
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall)
