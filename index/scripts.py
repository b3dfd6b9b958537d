"""Scripts that put no spaces between words, cut into pairs of characters, so that any word in them is found (pure)."""

from __future__ import annotations

import itertools
import re
import unicodedata

# Thai, Lao, Burmese, Khmer, Japanese kana, Han, Hangul. Overlapping pairs, as in the CJKAnalyzer of Lucene.
_RUN = re.compile(
    "[\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0edf\u1000-\u109f\u1780-\u17d3\u3005-\u3007\u3041-\u309f"
    "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U000323af]+"
)


def is_unspaced(text: str) -> bool:
    """Whether any of it is in such a script."""
    return not text.isascii() and bool(_RUN.search(text))


def segmented(text: str) -> str:
    """The text with a space between the pieces of every run of such a script; other text as it is."""
    if text.isascii():
        return text
    return _RUN.sub(lambda run: f" {' '.join(pieces(run.group()))} ", text)


def pieces(run: str) -> list[str]:
    """A run as overlapping pairs of characters, a mark staying with its letter; a single character as it is."""
    letters: list[str] = []
    for sign in unicodedata.normalize("NFKC", run):
        if letters and unicodedata.category(sign).startswith("M"):
            letters[-1] += sign
        else:
            letters.append(sign)
    return letters if len(letters) < 2 else [one + other for one, other in itertools.pairwise(letters)]


def split_runs(text: str) -> tuple[str, list[str]]:
    """(the text without those runs, the pieces of all of them in their order)."""
    return _RUN.sub(" ", text), [piece for run in _RUN.findall(text) for piece in pieces(run)]
