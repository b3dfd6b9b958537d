"""Small real stand-ins that the tests share: they keep the contract and remember what they were asked."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.model import ChatMessage


class ScriptedModel:
    """A model that gives the written answers in turn (the last one again and again), word by word."""

    ref = "scripted"
    name = "scripted"

    def __init__(
        self,
        *answers: str,
        delay: float = 0.0,
        reads_pictures: bool = False,
        abstains: bool = False,
        sureness: float | None = None,
    ) -> None:
        self.answers = answers or ("",)
        self.delay = delay
        self.reads_pictures = reads_pictures
        self.abstains = abstains
        self.sureness = sureness
        self.prompts: list[tuple[ChatMessage, ...]] = []
        self.pictures: list[tuple[Path, ...]] = []
        self.closed = False

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        pictures: Sequence[Path] = (),
        max_new_tokens: int = 160,
        cancel: threading.Event | None = None,
        stop: Sequence[str] = (),
    ) -> Iterator[str]:
        """The next answer in words; `delay` seconds before each."""
        answer = self.answers[min(len(self.prompts), len(self.answers) - 1)]
        self.prompts.append(tuple(messages))
        self.pictures.append(tuple(pictures))
        for word in stop:
            answer = answer.split(word)[0]
        for fragment in re.findall(r"\S+\s*|\s+", answer)[:max_new_tokens]:
            if self.delay:
                time.sleep(self.delay)
            if cancel is not None and cancel.is_set():
                return
            yield fragment

    def count_tokens(self, text: str) -> int:
        """One token a word."""
        return len(text.split())

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
