"""The words a model sees (pure). Nothing secret stands here, and no promise depends on it."""

from __future__ import annotations

from collections.abc import Sequence

from agent.evidence import Evidence
from agent.model import ChatMessage

PROMPT_VERSION = 1
SYSTEM = (
    "You are a customer support agent. Answer the customer's question in one to four short sentences, using only the "
    "passages and the screenshot text given. Copy figures, names, menu paths and codes exactly. Do not add anything "
    "that is not in the passages. No greeting."
)
EVIDENCE_CHARACTERS = 1400
SCREEN_CHARACTERS = 900
HISTORY_TURNS = 2


def build_messages(
    question: str, evidence: Sequence[Evidence], screens: Sequence[str], history: Sequence[tuple[str, str]] = ()
) -> list[ChatMessage]:
    """System, the last turns as they were, then evidence and question: the prefix stays the same over a
    conversation, so that its keys and values can be reused."""
    messages = [ChatMessage("system", SYSTEM)]
    for asked, answered in history[-HISTORY_TURNS:]:
        messages += [ChatMessage("user", asked[:600]), ChatMessage("assistant", answered[:800])]
    parts = [
        f"Passage {number} ({each.title}):\n{each.text[:EVIDENCE_CHARACTERS]}"
        for number, each in enumerate(evidence, 1)
    ]
    parts += [f"Screenshot {number} shows:\n{words[:SCREEN_CHARACTERS]}" for number, words in enumerate(screens, 1)]
    parts.append(f"Question: {question.strip() or 'What does this mean, and what should I do?'}")
    messages.append(ChatMessage("user", "\n\n".join(parts)))
    return messages
