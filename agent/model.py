"""What the desk asks of any dialogue model, and the one door through which it gets one: `load_model(ref)`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True)
class ChatMessage:
    """One message of a prompt. Its text is foreign: control tokens in it are broken before a model sees it."""

    role: Literal["system", "user", "assistant"]
    text: str


class Model(Protocol):
    """A dialogue model: messages and pictures in, fragments of one reply out. One reply at a time."""

    ref: str
    """What `load_model` was asked for."""
    name: str
    """For people and for the record: short, and different for different weights."""

    @property
    def reads_pictures(self) -> bool:
        """True when the pixels themselves are looked at; else pictures are left out."""
        ...

    @property
    def abstains(self) -> bool:
        """True when it was taught to say that the passages do not answer (agent.prompts.NOT_IN_PASSAGES)."""
        ...

    @property
    def sureness(self) -> float | None:
        """How likely (0..1) the least likely token of the last reply was to the model; None where nobody knows."""
        ...

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        pictures: Sequence[Path] = (),
        max_new_tokens: int = 160,
        cancel: threading.Event | None = None,
        stop: Sequence[str] = (),
    ) -> Iterator[str]:
        """Fragments that joined are the reply: greedy, whole characters, no control tokens.

        Nothing comes after `cancel` is set or a `stop` string was written (it is left out). Pictures belong to
        the last user message. Raises UserError LIMIT for a prompt beyond the context window and BACKEND for a
        server in trouble, the latter possibly after some fragments.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens the text takes; an estimate where only the server knows."""
        ...

    def close(self) -> None:
        """Let go of weights and connections."""
        ...


def load_model(
    ref: str,
    *,
    cache: Path,
    threads: int | None = None,
    offline: bool = True,
    on_note: Callable[[str], None] | None = None,
    trained: Path | None = None,
) -> Model:
    """The model for `embedded`, `openai:http://host:port/v1#name`, a model folder or a Hub id.

    The first load of `embedded` converts its weights into `cache` (some 20 s, told through `on_note`); `trained` is
    the folder of what a version trained on it (default: the shipped parts). Raises
    UserError when the weights are missing, damaged or not to be trusted.
    """
    if ref == "embedded":
        from agent.embedded import load_embedded

        return load_embedded(cache, threads=threads, on_note=on_note, trained=trained)
    if ref.startswith("openai:"):
        from agent.openai import connect

        return connect(ref)
    from agent.hub import load_hub

    return load_hub(ref, cache=cache, threads=threads, offline=offline, on_note=on_note)
