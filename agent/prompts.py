"""The words a model sees (pure). Nothing secret stands here, and no promise depends on it."""

from __future__ import annotations

from collections.abc import Sequence

from agent.model import ChatMessage

PROMPT_VERSION = 3
NOT_SHOWN = "Not shown."
NOT_IN_PASSAGES = "Not in the passages."
SYSTEM = (
    "You are a customer support agent. Answer from the passages and screenshots only, in one to four short sentences. "
    "Copy names, figures, menu paths and codes exactly. Put the number of a passage after the words taken from it, "
    f"like [1]. What a screenshot does not show: {NOT_SHOWN} What the passages do not answer: {NOT_IN_PASSAGES} "
    "No greeting."
)
PASSAGE_CHARACTERS = 1400
SCREEN_CHARACTERS = 1600
HISTORY_TURNS = 2


def build_messages(
    question: str,
    passages: Sequence[tuple[str, str]],
    screens: Sequence[str],
    history: Sequence[tuple[str, str]] = (),
) -> list[ChatMessage]:
    """System, the last turns as they were, then passages (title, text), screens and question: the prefix stays the
    same over a conversation, so that its keys and values can be reused. Training renders its examples here too."""
    messages = [ChatMessage("system", SYSTEM)]
    for asked, answered in history[-HISTORY_TURNS:]:
        messages += [ChatMessage("user", asked[:600]), ChatMessage("assistant", answered[:800])]
    parts = [
        f"Passage [{number}] {title}:\n{text[:PASSAGE_CHARACTERS]}" for number, (title, text) in enumerate(passages, 1)
    ]
    parts += [f"Screenshot {number}:\n{_whole_lines(words)}" for number, words in enumerate(screens, 1)]
    parts.append(f"Question: {question.strip() or 'What does this mean, and what should I do?'}")
    messages.append(ChatMessage("user", "\n\n".join(parts)))
    return messages


def with_notes(question: str, notes: Sequence[str]) -> str:
    """The question, and under it what stands on each picture beside the things it names (index.beside)."""
    return "\n".join([question.strip(), *filter(None, notes)])


def _whole_lines(words: str) -> str:
    """At most SCREEN_CHARACTERS, never cut inside a line."""
    if len(words) <= SCREEN_CHARACTERS:
        return words
    return words[:SCREEN_CHARACTERS].rpartition("\n")[0] or words[:SCREEN_CHARACTERS]
