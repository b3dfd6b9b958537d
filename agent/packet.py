"""What a person needs to take over, in one page: the matter, what was tried, pictures, cases, how to reach (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import zip_longest
from typing import Any, Literal, get_args

from agent.events import Citation, Decision
from agent.records import StoredTurn
from agent.sentences import general_sentences
from index.clean import clean
from index.passages import shorten
from index.personal import find_emails, find_phones

Priority = Literal["low", "normal", "high", "urgent"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
MOST_NOTE = 4_000
MOST_CONTACT = 200
MOST_STEPS = 4
# In the customer's words, so that nobody reads them after the small talk.
_DANGER = re.compile(
    r"\b(?:smok(?:e|es|ing)|on fire|burn(?:s|t|ing|ed)?|spark(?:s|ing)?|melt(?:s|ed|ing)?|electric shock|gas leak"
    r"|injur(?:y|ed)|danger(?:ous)?)\b",
    re.I,
)
_PRESSING = re.compile(
    r"\b(?:urgent(?:ly)?|asap|immediately|right away|emergency|deadline|lawyer|legal action)\b", re.I
)


@dataclass(frozen=True)
class Tried:
    """What the desk advised, from where, and whether the customer said that it did not help."""

    source_id: str
    title: str
    steps: tuple[str, ...]
    failed: bool


@dataclass(frozen=True)
class Shown:
    """A screenshot of the customer: the hash of its stored copy, its name, and what was read on it."""

    sha256: str
    name: str
    words: str


@dataclass(frozen=True)
class Case:
    """A ticket or article near the matter; `cited` when an answer rested on it."""

    source_id: str
    title: str
    cited: bool


@dataclass(frozen=True)
class Packet:
    """The page. `note`, `contact` and `priority` are the sender's to change; all else is as it was."""

    question: str = ""
    summary: str = ""
    tried: tuple[Tried, ...] = ()
    pictures: tuple[Shown, ...] = ()
    cases: tuple[Case, ...] = ()
    note: str = ""
    contact: str = ""
    priority: Priority = "normal"
    customer: str = ""
    decision: dict[str, Any] = field(default_factory=dict)
    """Why: reason, rule, confidence."""

    def as_json(self) -> dict[str, Any]:
        """The page as plain values; `packet_from` takes it back."""
        return asdict(self)


def packet_from(value: dict[str, Any]) -> Packet:
    """A packet from its stored JSON; one of the first release has only a question and cited ids."""
    known = {each.name for each in fields(Packet)}
    given = {name: kept for name, kept in value.items() if name in known}
    given["tried"] = tuple(Tried(**{**each, "steps": tuple(each["steps"])}) for each in value.get("tried", ()))
    given["pictures"] = tuple(Shown(**each) for each in value.get("pictures", ()))
    older = ({"source_id": name, "title": "", "cited": True} for name in value.get("cited", ()))
    given["cases"] = tuple(Case(**each) for each in value.get("cases", older))
    return Packet(**given)


def make_packet(turns: Sequence[StoredTurn], decision: Decision, customer: str | None = None) -> Packet:
    """The page for a conversation, its last turn the one that is handed over."""
    asked = [turn for turn in turns if turn.question or turn.pictures]
    words = "\n".join(turn.question for turn in asked)
    tried = _tried(asked)
    return Packet(
        question=asked[-1].question if asked else "",
        summary=_summary(asked),
        tried=tried,
        pictures=_once(Shown(p.sha256, p.name, shorten(p.words, 300)) for turn in asked for p in turn.pictures),
        cases=_cases(asked),
        contact=_contact(words),
        priority=_priority(words, decision),
        customer=customer or "",
        decision={
            "reason": decision.reason,
            "rule": decision.rule,
            "confidence": round(decision.confidence, 4),
            **({"intent": decision.intent} if decision.intent else {}),
        },
    )


def edited(packet: Packet, note: str | None, contact: str | None, priority: str | None) -> Packet:
    """The packet with what its sender changed, cleaned and cut; None leaves a field as it is."""
    kept = packet
    if note is not None:
        kept = replace(kept, note=clean(note).strip()[:MOST_NOTE])
    if contact is not None:
        kept = replace(kept, contact=" ".join(clean(contact).split())[:MOST_CONTACT])
    if priority is not None:
        kept = replace(kept, priority=priority)  # type: ignore[arg-type]
    return kept


def packet_lines(packet: Packet) -> list[str]:
    """The page as plain lines, for a screen, a terminal and an e-mail alike."""
    lines = [f"Why: {why(packet)}", f"Priority: {packet.priority}", f"Contact: {packet.contact or 'not known'}"]
    if packet.customer:
        lines.append(f"Customer: {packet.customer}")
    lines += ["", "The matter", *(packet.summary or "Nothing was asked yet.").splitlines()]
    if packet.note:
        lines += ["", "Note", *packet.note.splitlines()]
    lines += ["", "Tried so far"]
    for each in packet.tried:
        heard = " (did not help)" if each.failed else ""
        lines.append(f"- {each.source_id} {each.title}".rstrip() + heard)
        lines += [f"    {step}" for step in each.steps]
    if not packet.tried:
        lines.append("- nothing")
    if packet.pictures:
        lines += ["", "Screenshots"]
        lines += [f"- {each.name}: {each.words or 'no text found'}" for each in packet.pictures]
    told = {each.source_id for each in packet.tried}
    if near := [
        each for each in packet.cases if each.source_id not in told
    ]:  # the others stand above, with their steps
        lines += ["", "Cases"]
        lines += [f"- {each.source_id} {each.title}{' (cited)' if each.cited else ''}" for each in near]
    return [clean(line) for line in lines]


def why(packet: Packet) -> str:
    """The reason with the rule that gave it, and the intent where a head is sure of it."""
    rule = packet.decision.get("rule")
    intent = packet.decision.get("intent")
    about = f", about {intent}" if intent else ""
    return f"{packet.decision.get('reason', '')}{f' (rule {rule})' if rule else ''}{about}"


def packet_markdown(heading: str, packet: Packet, talk: Sequence[tuple[str, str]]) -> str:
    """The page as Markdown with the conversation below; customers' words stay text, whatever they contain."""
    titles = ("The matter", "Note", "Tried so far", "Screenshots", "Cases")
    lines = [f"# {_literal(heading)}", ""]
    for line in packet_lines(packet):
        if line in titles:
            lines += [f"## {line}", ""]
        elif line.startswith("- "):
            lines.append(f"- {_literal(line[2:])}")
        else:
            lines.append(_literal(line) + ("  " if line else ""))
    lines += ["", "## Conversation", ""]
    for who, text in talk:
        quoted = "\n".join(f"> {_literal(line)}  " for line in clean(text).splitlines())
        lines += [f"**{_literal(who)}**", "", quoted, ""]
    return "\n".join(lines).rstrip() + "\n"


def _literal(text: str) -> str:
    """Text that Markdown leaves alone."""
    return re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", clean(text))


def _summary(asked: Sequence[StoredTurn]) -> str:
    """First and last question, and how it went in between, in plain counts."""
    if not asked:
        return ""
    first, last = asked[0].question, asked[-1].question
    lines = [shorten(first, 300) or "(a picture)"]
    if len(asked) > 1:
        helped_not = [_failed(after) for turn, after in zip_longest(asked, asked[1:]) if turn.citations]
        answers = "1 answer" if len(helped_not) == 1 else f"{len(helped_not)} answers"
        lines.append(f"{len(asked)} messages, {answers} with sources, {sum(helped_not)} said not to have helped.")
        lines.append(f"Last: {shorten(last, 300) or '(a picture)'}")
    return "\n".join(lines)


def _tried(asked: Sequence[StoredTurn]) -> tuple[Tried, ...]:
    found: list[Tried] = []
    for turn, after in zip_longest(asked, asked[1:]):
        for cited in turn.citations:
            told = _steps(turn.said, cited)
            found.append(Tried(cited.source_id, shorten(cited.title, 100), told, _failed(after)))
    return tuple(found)


def _failed(after: StoredTurn | None) -> bool:
    """Whether the message after an answer says that it did not help."""
    from agent.decide import hear  # late: it brings numpy, and the window must paint first

    return after is not None and hear(after.question, True, advised=True).failed


def _steps(said: str, cited: Citation) -> tuple[str, ...]:
    """What the customer was told out of a source: of its sentences those that were said, without marks of Markdown."""
    answer = _bare(said)
    every = [_bare(sentence) for sentence in general_sentences(cited.passage)]
    told = [step for step in every if step in answer] or every
    more = len(told) - MOST_STEPS
    rest = (f"and {more} more, see {cited.source_id}",) if more > 0 else ()
    return (*(shorten(step, 140) for step in told[:MOST_STEPS]), *rest)


def _bare(text: str) -> str:
    """Text on one line without the stars, backticks and links of Markdown."""
    return " ".join(re.sub(r"\*\*|`|\[([^\]]*)\]\([^)]*\)", r"\1", text).split())


def _cases(asked: Sequence[StoredTurn]) -> tuple[Case, ...]:
    """Every cited source, then the nearest of the last question."""
    cited = {each.source_id: each.title for turn in asked for each in turn.citations}
    near = {hit.source_id: hit.title for hit in asked[-1].hits[:3] if hit.source_id not in cited} if asked else {}
    cases = [Case(name, shorten(title, 100), True) for name, title in cited.items()]
    return (*cases, *(Case(name, shorten(title, 100), False) for name, title in near.items()))


def _contact(words: str) -> str:
    """The last address or phone number the customer gave."""
    for find in (find_emails, find_phones):
        found = [words[start:end] for start, end, _ in find(words)]
        if found:
            return found[-1]
    return ""


def _priority(words: str, decision: Decision) -> Priority:
    if _DANGER.search(words):
        return "urgent"
    return "high" if _PRESSING.search(words) or decision.rule == "tried.all" else "normal"


def _once(shown: Iterable[Shown]) -> tuple[Shown, ...]:
    return tuple({each.sha256: each for each in shown}.values())
