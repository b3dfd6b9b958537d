"""From a ticket or an article to what can be found: problem, resolution, section, screen (pure)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.conversation import Article, Conversation, Message, Source
from index.hits import PassageKind

# MiniLM reads 256 word pieces, about 1,000 characters of English: longer passages would be cut unseen.
PASSAGE_CHARACTERS = 1000
SHORTEST_FIX = 40
_SMALL_TALK = re.compile(
    r"^\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|thanks?(?: you)?(?: (?:so|very) much)?|thx"
    r"|ok(?:ay)?"
    r"|great|perfect|bye|goodbye|you'?re welcome|welcome|cheers|yes|no|sure|please|there|again|a lot|anything else"
    r"|is there anything else(?: (?:that )?i can (?:do|help you with)(?: for you)?)?|how (?:can|may) i help(?: you)?)"
    r"\W*)+$",
    re.I,
)
_CLOSING = re.compile(
    r"\b(?:anything else|have a (?:nice|great|good|lovely)|glad (?:it|that|to)|you'?re (?:very )?welcome"
    r"|happy to help"
    r"|thank(?:s| you) for|goodbye|good bye|enjoy your|closing (?:this|the) ticket)\b",
    re.I,
)
_FIX = re.compile(
    r"\b(?:hold|press|tap|open|go to|click|select|switch|turn|remove|set|choose|enter|reset|restart|update"
    r"|replace|unplug"
    r"|install|sign in|log in|wait|check|scan|refund(?:ed)?|sent|reissu\w+|credited|cancell?ed|corrected|because"
    r"|means"
    r"|you can|you will|within|working days|please)\b|>|→|\d",
    re.I,
)
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+|\n+")


@dataclass(frozen=True)
class Passage:
    """A piece of a source that can be found and cited. `lines` are first and last line of `source_lines`."""

    kind: PassageKind
    title: str
    text: str
    lines: tuple[int, int]

    @property
    def embedded(self) -> str:
        """The text an embedder sees."""
        return embedded_text(self.title, self.text)

    @property
    def text_hash(self) -> str:
        """What the embedding is cached by: SHA-256 of the embedded text, 32 hex characters."""
        return hashlib.sha256(self.embedded.encode()).hexdigest()[:32]


def embedded_text(title: str, text: str) -> str:
    """What an embedder sees of a passage, new or stored: the title first, unless the text starts with it."""
    return text if not title or text.lower().startswith(title.lower()) else f"{title}\n{text}"


def passages_of(source: Source, screens: Mapping[str, str] = {}) -> list[Passage]:
    """All passages of a source. `screens` gives the words of its pictures by SHA-256."""
    if isinstance(source, Article):
        return _article_passages(source, screens)
    return _ticket_passages(source, screens)


def is_small_talk(text: str) -> bool:
    """Whether a message says nothing about the matter ("Hello", "Thanks a lot!")."""
    return len(text) < 120 and bool(_SMALL_TALK.match(text.strip() or "ok"))


def resolution_messages(conversation: Conversation, most: int = 2) -> list[int]:
    """Positions of the agent's messages that hold the fix, the last (confirmed) one first.

    A later fix outranks an earlier one (wrong turns come first); closing words and greetings never count.
    """
    scored = []
    for position, message in enumerate(conversation.messages):
        if message.role != "agent" or is_small_talk(message.text):
            continue
        score = _fix_score(message.text)
        if score > 0:
            scored.append((score + 0.35 * position / len(conversation.messages), position))
    if not scored:
        return []
    best = max(score for score, _ in scored)
    strong = [position for score, position in scored if score >= 0.55 * best]
    return sorted(strong, reverse=True)[:most]


def _fix_score(text: str) -> float:
    """How much of a fix an agent's message is: length, instructions, figures, against closing words (0..1)."""
    if len(text) < SHORTEST_FIX and not any(mark.isdigit() for mark in text):
        return 0.0
    length = min(len(text), 400) / 400
    signs = min(len(_FIX.findall(text)), 6) / 6
    score = 0.5 * length + 0.5 * signs
    if _CLOSING.search(text) and len(text) < 160:
        score *= 0.3 if signs else 0.0
    if text.rstrip().endswith("?") and text.count(".") <= 1:
        score *= 0.4
    return score


def _ticket_passages(ticket: Conversation, screens: Mapping[str, str]) -> list[Passage]:
    spans = _message_lines(ticket.messages)
    title = ticket.subject or _first_words(ticket)
    passages: list[Passage] = []
    problem = _problem_positions(ticket)
    if problem:
        text = " ".join(ticket.messages[position].text.strip() for position in problem)
        lines = (spans[problem[0]][0], spans[problem[-1]][1])
        passages.append(Passage("problem", title, text[:PASSAGE_CHARACTERS], lines))
    for position in resolution_messages(ticket):
        text = ticket.messages[position].text.strip()
        passages.append(Passage("resolution", title, text[: 2 * PASSAGE_CHARACTERS], spans[position]))
    for position, message in enumerate(ticket.messages):
        for sha256 in message.pictures:
            if screens.get(sha256):
                passages.append(Passage("screen", title, screens[sha256][:PASSAGE_CHARACTERS], spans[position]))
    return passages


def _problem_positions(ticket: Conversation) -> list[int]:
    """The customer's messages that tell the problem: from the first, as many as a passage holds."""
    chosen: list[int] = []
    used = 0
    for position, message in enumerate(ticket.messages):
        if message.role != "customer" or is_small_talk(message.text):
            continue
        if chosen and used + len(message.text) > PASSAGE_CHARACTERS:
            break
        chosen.append(position)
        used += len(message.text)
        if len(chosen) == 3:
            break
    return chosen


def _message_lines(messages: Sequence[Message]) -> list[tuple[int, int]]:
    """First and last line of each message in `source_lines`."""
    spans, line = [], 1
    for message in messages:
        count = max(1, len(message.text.splitlines()))
        spans.append((line, line + count - 1))
        line += count
    return spans


def _first_words(ticket: Conversation) -> str:
    """A title for a ticket without a subject: the start of the customer's first real message."""
    for message in ticket.messages:
        if message.role == "customer" and not is_small_talk(message.text):
            return shorten(message.text, 70)
    return ticket.id


def shorten(text: str, most: int) -> str:
    """The start of a text on one line, cut at a word, with an ellipsis when cut."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"


def _article_passages(article: Article, screens: Mapping[str, str]) -> list[Passage]:
    passages: list[Passage] = []
    for heading, first, lines in _sections(article):
        title = article.title if not heading or heading == article.title else f"{article.title} › {heading}"
        for start, end, text in _chunks(lines, first):
            passages.append(Passage("section", title, text, (start, end)))
    numbered = [article.title, *article.text.splitlines()]
    for name, sha256 in zip(article.attachments, article.pictures, strict=False):
        if screens.get(sha256):
            at = _line_naming(numbered, name)
            passages.append(Passage("screen", article.title, screens[sha256][:PASSAGE_CHARACTERS], (at, at)))
    return passages or [Passage("section", article.title, article.title, (1, 1))]


def _sections(article: Article) -> list[tuple[str, int, list[str]]]:
    """(heading, number of its first line, lines) of each section; code blocks are not searched for headings."""
    sections: list[tuple[str, int, list[str]]] = [("", 2, [])]
    fenced = False
    for number, line in enumerate(article.text.splitlines(), start=2):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        heading = None if fenced else _HEADING.match(line)
        if heading:
            sections.append((heading.group(2), number + 1, []))
        else:
            sections[-1][2].append(line)
    return sections


def _chunks(lines: list[str], first: int) -> list[tuple[int, int, str]]:
    """Pieces of a section of at most PASSAGE_CHARACTERS, cut between paragraphs, else between lines."""
    chunks: list[tuple[int, int, str]] = []
    held: list[str] = []
    start = first
    for number, line in enumerate([*lines, None], start=first):  # type: ignore[list-item]
        full = line is not None and sum(map(len, held)) + len(line) > PASSAGE_CHARACTERS
        if (line is None or full) and any(text.strip() for text in held):
            while held and not held[-1].strip():
                held.pop()
            chunks.extend(_fold(start, "\n".join(held).strip("\n"), len(held)))
            held, start = [], number
        if line is not None and (held or line.strip()):
            if not held:
                start = number
            held.append(line)
    return chunks


def _fold(start: int, text: str, count: int) -> list[tuple[int, int, str]]:
    """One chunk, or several when a single line is longer than a passage: cut between sentences."""
    end = start + count - 1
    if len(text) <= 2 * PASSAGE_CHARACTERS:
        return [(start, end, text)]
    pieces, current = [], ""
    for sentence in _SENTENCE_END.split(text):
        for part in [sentence[i : i + PASSAGE_CHARACTERS] for i in range(0, len(sentence), PASSAGE_CHARACTERS)]:
            if current and len(current) + len(part) > PASSAGE_CHARACTERS:
                pieces.append(current)
                current = ""
            current = f"{current} {part}".strip()
    return [(start, end, piece) for piece in [*pieces, current] if piece]


def _line_naming(lines: list[str], name: str) -> int:
    """The line that shows a picture, by its file name; line 1 when none does."""
    tail = name.rsplit("/", 1)[-1]
    return next((number for number, line in enumerate(lines, start=1) if tail and tail in line), 1)
