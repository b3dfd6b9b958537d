"""The text between a model and its reader: whole characters, no control token in or out, nothing after a stop."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

# The ways model families write control tokens. A tokenizer's own list is added where we have the tokenizer.
_FAMILIES = (
    r"<[|｜][^<>\s]{1,64}[|｜]>"  # ChatML, Llama 3, Phi, DeepSeek
    r"|</?s>|<(?:bos|eos|pad|unk)>|<(?:start|end)_of_(?:turn|image)>|<end_of_utterance>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<</?SYS>"
)
# The end of a text that may still become a control token.
_OPEN = re.compile(r"(?:<[^\s>]{0,80}|\[[A-Z/_]{0,20})\Z")


def control_pattern(tokens: Iterable[str] = ()) -> re.Pattern[str]:
    """A pattern for the control tokens of the known families and of one tokenizer."""
    own = sorted({token for token in tokens if token.strip()}, key=len, reverse=True)
    return re.compile("|".join([_FAMILIES, *map(re.escape, own)]))


ANY_CONTROL = control_pattern()


def control_tokens(tokenizer: object) -> list[str]:
    """The strings this Hugging Face tokenizer would read as control tokens."""
    added = getattr(tokenizer, "added_tokens_decoder", {}).values()
    listed = [t.content for t in added if t.special or re.fullmatch(r"[<\[].+[>\]]", t.content)]
    return [*listed, *getattr(tokenizer, "all_special_tokens", [])]


def break_control(text: str, pattern: re.Pattern[str] = ANY_CONTROL) -> str:
    """The text with a space inside every control token: a person still reads it, a tokenizer no longer does."""
    while (broken := pattern.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)) != text:
        text = broken
    return text


class Spelling:
    """Token ids in, text out: a character comes out when its last byte is there."""

    def __init__(self, decode: Callable[[list[int]], str]) -> None:
        self._decode = decode
        self._ids: list[int] = []
        self._shown = 0  # ids[:_shown] were spelled out; the tail gives the decoder its context

    def push(self, ids: Sequence[int]) -> str:
        """The new whole characters after these ids."""
        self._ids.extend(ids)
        text = self._new_text()
        if text.endswith("\ufffd"):
            return ""
        self._ids, self._shown = self._ids[self._shown :], len(self._ids) - self._shown
        return text

    def end(self) -> str:
        """What is left, without half a character."""
        return self._new_text().rstrip("\ufffd")

    def _new_text(self) -> str:
        return self._decode(self._ids)[len(self._decode(self._ids[: self._shown])) :]


class Outflow:
    """Text in, text that may be shown out: control tokens removed, the reply cut before a stop string."""

    def __init__(self, stop: Sequence[str] = (), pattern: re.Pattern[str] = ANY_CONTROL) -> None:
        self._stop = tuple(word for word in stop if word)
        self._pattern = pattern
        self._held = ""
        self.ended = False

    def push(self, text: str) -> str:
        """What can be shown now; the rest waits for its continuation."""
        if self.ended:
            return ""
        self._held += text
        while (without := self._pattern.sub("", self._held)) != self._held:
            self._held = without
        cuts = [at for at in (self._held.find(word) for word in self._stop) if at >= 0]
        if cuts:
            self.ended = True
            shown, self._held = self._held[: min(cuts)], ""
            return shown
        keep = self._undecided()
        shown, self._held = self._held[:keep], self._held[keep:]
        return shown

    def end(self) -> str:
        """The held rest: it became neither a control token nor a stop string."""
        shown, self._held, self.ended = self._held, "", True
        return shown

    def _undecided(self) -> int:
        """Where the part begins that may still become a control token or a stop string."""
        found = _OPEN.search(self._held)
        first = found.start() if found else len(self._held)
        for word in self._stop:
            for size in range(min(len(word) - 1, len(self._held)), 0, -1):
                if self._held.endswith(word[:size]):
                    first = min(first, len(self._held) - size)
                    break
        return first
