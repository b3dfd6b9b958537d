"""What a model writes, as it may be shown: no escapes, no control tokens, never endless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agent.prompts import NOT_IN_PASSAGES
from agent.stream import Outflow
from index.clean import clean

MOST_WRITTEN = 8000
# The end of a text that may be an escape sequence whose rest is still to come.
_OPEN_ESCAPE = re.compile(r"[\x1b\x90\x98\x9b\x9d-\x9f][^\n]{0,80}\Z")


def unless_refused(fragments: Iterable[str]) -> Iterator[str]:
    """The fragments, or none at all when together they only say that the passages do not answer.

    The first ones are held back for as long as they may become that.
    """
    refusal = _bare(NOT_IN_PASSAGES)
    held, open_ = "", False
    for fragment in fragments:
        held += fragment
        if open_ or not refusal.startswith(_bare(held)):
            open_ = True
            yield held
            held = ""
    if held and _bare(held) != refusal:
        yield held


def _bare(text: str) -> str:
    return text.strip().rstrip(".").casefold()


def readable(fragments: Iterable[str], most: int = MOST_WRITTEN) -> Iterator[str]:
    """The fragments cleaned, none empty, at most `most` characters together; what comes after is not asked for.

    An escape sequence or control token cut in two by the fragments is held back until it is whole.
    """
    outflow, held, shown = Outflow(), "", 0
    for fragment in fragments:
        held += fragment
        opened = _OPEN_ESCAPE.search(held)
        ready = opened.start() if opened else len(held)
        text, held = outflow.push(clean(held[:ready]))[: most - shown], held[ready:]
        if text:
            shown += len(text)
            yield text
        if shown >= most:
            return
    text = (outflow.push(clean(held)) + outflow.end())[: most - shown]
    if text:
        yield text
