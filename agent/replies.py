"""The team's own words as a reply: a past fix or an article's section, adapted and cited (pure)."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.events import Citation
from agent.evidence import Evidence
from agent.sentences import general_sentences, is_step, reported_sentences
from index.hits import Hit
from index.passages import shorten
from index.pictures import ReadPicture
from index.templates import TemplateMatch, as_article

REPLY_CHARACTERS = 1100
LEAST_GENERAL = 30
TOLD = "In a past case our team answered:"
OFFER = "Shall I pass this to a colleague?"
GREETING = "Hello! What can I help you with? You can also send a screenshot."
WELCOME = "You're welcome! Just write if something else comes up."
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)|:::image[^\n]*?:::")
_ADMONITION = re.compile(r"^>\s?(?:\[!\w+\]\s*)?", re.M)
_BLANKS = re.compile(r"(?<=\S)[ \t\xa0]{2,}")
_DEPICTED = re.compile(r"^\s*(?:Screenshot|Image|Diagram|Illustration|Picture) (?:of|showing|that|with)\b")
_LINKED = re.compile(r"(?<!!)\[([^\]]+)\]\([^)]*\)")


# A hand-over was sent with this very reply, is only proposed, or was sent before and waits.
Standing = Literal["sent", "proposed", "waiting"]


@dataclass(frozen=True)
class Reply:
    """A text with the citations its numbers stand for."""

    text: str
    citations: tuple[Citation, ...]


def cite(number: int, evidence: Evidence) -> Citation:
    """The citation `[number]`, bound to its passage here and nowhere else."""
    passage = evidence.whole or evidence.text
    return Citation(number, evidence.source_id, evidence.passage_id, passage, evidence.lines, evidence.title)


def quote_reply(evidence: Sequence[Evidence]) -> Reply:
    """What the evidence says, one paragraph per source, each ending in its citation.

    A deed told of a past case stands only where nothing better does: it is no step the customer can take.
    """
    paragraphs: dict[str, str] = {}
    citations: list[Citation] = []
    for each in evidence:
        body = quotable(each)
        if body and body not in paragraphs and not (paragraphs and body.startswith(TOLD)):
            citations.append(cite(len(citations) + 1, each))
            paragraphs[body] = f"{body} [{len(citations)}]"
    return Reply("\n\n".join(paragraphs.values()), tuple(citations))


def template_reply(match: TemplateMatch) -> Reply:
    """An approved reply, word for word, cited."""
    lines = len(as_article(match.template).text.splitlines()) + 1
    text = match.template.text
    cited = Citation(1, match.template.id, 0, text, (2, lines), match.template.title)
    return Reply(f"{text} [1]", (cited,))


def quotable(evidence: Evidence) -> str:
    """What of a passage the next customer can be told; "" when it was all about the one before."""
    return section_text(evidence.text) if evidence.source_kind != "ticket" else case_text(evidence.text)


def case_text(text: str) -> str:
    """A past fix for the next customer: what holds for everybody; else what the team did, told as such."""
    general = general_sentences(text)
    told = reported_sentences(text)
    if sum(map(len, general)) >= LEAST_GENERAL or (general and len(told) <= len(general)):
        return _join(_until(general, REPLY_CHARACTERS))
    reported = _until(told, 500)
    if not reported:
        return ""
    return f"{TOLD} “{_join(reported)}” A colleague has to do this for you. {OFFER}"


def section_text(text: str) -> str:
    """An article's section as plain reply text: pictures and link targets gone, lists kept."""
    text = html.unescape(_LINKED.sub(r"\1", _IMAGE.sub("", _ADMONITION.sub("", text))))
    lines = [_BLANKS.sub(" ", line.rstrip()) for line in text.splitlines() if not _DEPICTED.match(line)]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if len(text) <= REPLY_CHARACTERS:
        return text
    cut = text[:REPLY_CHARACTERS]
    end = max(cut.rfind("\n"), cut.rfind(". ") + 1)
    return cut[: end if end > REPLY_CHARACTERS // 2 else REPLY_CHARACTERS].rstrip() + " …"


def read_note(pictures: Sequence[ReadPicture]) -> str:
    """What was read on the pictures, said in the reply; "" without pictures."""
    notes = []
    for number, picture in enumerate(pictures, 1):
        which = "your picture" if len(pictures) == 1 else f"picture {number}"
        if not picture.words.strip():
            notes.append(f"I found no text on {which}.")
            continue
        seen = [line.strip() for line in picture.layout.splitlines() if len(line.strip()) > 2] or [picture.words]
        seen.sort(key=lambda line: -_telling(line))
        notes.append(f"On {which} I read: “{shorten(' · '.join(seen[:2]), 180)}”.")
    return " ".join(notes)


def picture_reply(answer: str, pictures: int, sure: bool = True) -> str:
    """What was read off the pictures; "" when they do not show it. What is not sure is told as such."""
    which = "your picture" if pictures == 1 else "your pictures"
    if not answer.strip():
        return f"I do not see that surely enough on {which}."
    if not sure:
        return f"On {which}, as far as I can make it out: {shorten(answer.strip(), 400)}\n\nPlease check it there."
    return f"On {which}: {shorten(answer.strip(), 400)}"


def _telling(line: str) -> int:
    """How much a line of a screen says: codes, errors and full sentences before labels and clocks."""
    from index.codes import find_codes

    trouble = re.search(r"error|fail|wrong|denied|declined|not |can't|cannot|unable|invalid|locked|expired", line, re.I)
    return 4 * bool(find_codes(line)) + 3 * bool(trouble) + min(len(line.split()), 8) // 3


def unsure_reply(hits: Sequence[Hit], standing: Standing = "sent") -> str:
    """Saying that we do not know, and what becomes of the question."""
    found = "no past case that answers this" if hits else "nothing about this in our past cases and articles"
    passed = {
        "sent": "I am passing your question to a colleague, who will get back to you here.",
        "proposed": "A colleague can take over: your question goes out as soon as you have looked over what is sent.",
        "waiting": "A colleague was asked already and will read this question too.",
    }
    return f"I found {found}, so I would only be guessing. {passed[standing]}"


def person_reply(standing: Standing = "sent") -> str:
    """The answer to "I want a person"."""
    return {
        "sent": "Of course. I am passing this conversation to a colleague, who will get back to you here.",
        "proposed": "Of course. It goes to a colleague as soon as you have looked over what is sent.",
        "waiting": "A colleague was asked already and will get back to you here.",
    }[standing]


def held_reply(holder: str) -> str:
    """What is said, and all that is said, while a person has the conversation."""
    return f"{holder} has this conversation. Your message is in {holder}'s inbox, and {holder} will answer you here."


def ask_reply(hits: Sequence[Hit]) -> str:
    """One useful question: which of the nearest cases it is."""
    titles = list(dict.fromkeys(shorten(hit.title.split(" › ")[0], 70) for hit in hits[:3]))
    if len(titles) < 2:
        return "Could you tell me a little more: which product, what you did, and what you see now?"
    return (
        "I want to be sure I understand. Is it one of these?\n"
        + "\n".join(f"- {title}" for title in titles)
        + "\nTell me a little more, or send a screenshot."
    )


def _until(sentences: Sequence[str], most: int) -> list[str]:
    kept: list[str] = []
    for sentence in sentences:
        if kept and sum(map(len, kept)) + len(sentence) > most:
            break
        kept.append(sentence)
    return kept


def _join(sentences: Sequence[str]) -> str:
    """Sentences as a paragraph; steps on lines of their own."""
    text = ""
    for sentence in sentences:
        text += ("\n" if is_step(sentence) else " ") if text else ""
        text += sentence
    return text


def bind_citations(sentences: Sequence[str], evidence: Sequence[Evidence]) -> Reply:
    """Written sentences with citations: each gets the passage that holds most of its words, named at the end of
    its run."""
    from index.words import content_words, stem

    stems = [{stem(word) for word in content_words(each.text)} for each in evidence]
    owners = []
    for sentence in sentences:
        words = {stem(word) for word in content_words(sentence)}
        shares = [len(words & known) for known in stems]
        owners.append(max(range(len(evidence)), key=lambda at: (shares[at], -at)))
    used = list(dict.fromkeys(owners))
    numbers = {owner: at for at, owner in enumerate(used, 1)}
    text = ""
    for at, sentence in enumerate(sentences):
        text += ("\n" if is_step(sentence) else " ") if text else ""
        text += re.sub(r"\s*\[\d+\]", "", sentence)
        if at + 1 == len(sentences) or owners[at + 1] != owners[at]:
            text += f" [{numbers[owners[at]]}]"
    return Reply(text, tuple(cite(numbers[owner], evidence[owner]) for owner in used))
