"""Which words of a question carry its meaning, and a full-text query that can never break (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.scripts import is_unspaced, split_runs

VAGUE_WORDS = 2
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
STOP_WORDS = frozenset(
    """a about after again all also am an and any anyone are aren't as at be because been before being but by can can't
    cannot could couldn't did didn't do does doesn't doing don't down during each few for from further get gets getting
    got had hadn't has hasn't have haven't having he her here hers him his how i i'd i'll i'm i've if in into is isn't
    it it's its itself just know let let's like me more most my myself no nor not now of off on once only or other our
    ours out over own please same she should shouldn't so some still such than thanks thank that that's the their them
    then there there's these they they're this those through to too try trying under until up us use using very want was
    wasn't we were weren't what what's when where which while who whom why will with won't would wouldn't yes yet you
    you're your yours hi hello hey dear help need problem issue question ok okay anything something nothing way thing
    really keep keeps make makes mean means say says said see tell way one two""".split()
)


def content_words(text: str) -> list[str]:
    """The words that carry meaning, lower case, each once, in order; numbers are words too. Scripts without spaces
    give pairs of characters."""
    text, pieces = split_runs(text) if is_unspaced(text) else (text, [])
    words = (word.lower().replace("’", "'") for word in _WORD.findall(text))
    kept = (word for word in words if word not in STOP_WORDS and (len(word) > 1 or word.isdigit()))
    return list(dict.fromkeys([*kept, *pieces]))


def is_vague(question: str, screens: Sequence[str]) -> bool:
    """Whether a question says next to nothing beside its picture ("what does this mean??")."""
    return bool(screens) and len(content_words(question)) <= VAGUE_WORDS


def fts_query(words: list[str]) -> str:
    """An FTS5 query that matches any of the words; each quoted, so nothing of it is read as syntax. A lone character
    of a script without spaces matches every pair that begins with it."""
    return " OR ".join(
        '"' + word.replace('"', "") + '"' + "*" * (len(word) == 1 and is_unspaced(word)) for word in words
    )


def stem(word: str) -> str:
    """A crude English stem for comparing words ("connecting", "connected" -> "connect"); not for display."""
    word = word.removesuffix("'s")
    for ending in ("ations", "ation", "ingly", "ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "ion", "ions"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)] + ("y" if ending == "ies" else "")
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 4 else word
