"""How the desk puts things to a reader, the same in the window and in plain lines; every foreign word cleaned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.events import Act, Citation, Decision
from index.clean import clean
from index.conversation import Article, Source
from index.hits import Hit
from index.pictures import ReadPicture

MAX_QUESTION = 20_000  # characters; more is a file, not a question
MAX_PICTURES = 4
_ACTS: dict[Act, str] = {
    "template": "an approved answer",
    "read": "read off your picture",
    "case": "from a past case",
    "generate": "written from the sources",
    "ask": "asked back",
    "handover": "handed over",
    "person": "a person replied",
    "held": "waits for a person",
    "told": "about the hand-over",
}
_OUTCOME_MARKS = {"resolved": "✓ ", "unresolved": "✗ ", "reopened": "! ", "abandoned": "- "}


def one_line(text: str, limit: int = 200) -> str:
    """`text` cleaned and on one line, cut with an ellipsis after `limit` characters."""
    text = " ".join(clean(text[: limit * 4 + 400]).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


@dataclass(frozen=True)
class Entry:
    """One numbered line of the sources list: cited ones keep the number of their citation."""

    n: int
    cited: bool
    source_id: str
    title: str
    passage: str
    lines: tuple[int, int]
    score: float | None = None
    outcome: str | None = None
    opened_at: str | None = None
    why: tuple[str, ...] = ()


def entries(hits: Sequence[Hit], citations: Sequence[Citation]) -> list[Entry]:
    """The sources of an answer: the cited ones first, then what else was found, on the numbers left free."""
    by_source = {hit.source_id: hit for hit in hits}
    listed = [_cited(citation, by_source.get(citation.source_id)) for citation in citations]
    taken = {entry.n for entry in listed}
    seen = {citation.source_id for citation in citations}
    free = (n for n in range(1, len(hits) + len(listed) + 1) if n not in taken)
    listed += [_found(next(free), hit) for hit in hits if hit.source_id not in seen]
    return listed


def _cited(citation: Citation, hit: Hit | None) -> Entry:
    return Entry(
        citation.n,
        True,
        citation.source_id,
        citation.title or (hit.title if hit else ""),
        citation.passage,
        citation.lines,
        hit.score if hit else None,
        hit.outcome if hit else None,
        hit.opened_at if hit else None,
        hit.why if hit else (),
    )


def _found(n: int, hit: Hit) -> Entry:
    return Entry(
        n, False, hit.source_id, hit.title, hit.passage, hit.lines, hit.score, hit.outcome, hit.opened_at, hit.why
    )


def entry_line(entry: Entry) -> str:
    """`[1] T-1042 White light on the hub (resolved, 3 months ago)`."""
    remarks = [one_line(word, 40) for word in (entry.outcome, age(entry.opened_at)) if word]
    after = f" ({', '.join(remarks)})" if remarks else ""
    return f"[{entry.n}] {one_line(entry.source_id, 60)} {one_line(entry.title, 80)}".rstrip() + after


def outcome_word(outcome: str | None) -> str:
    """The outcome with a mark that does not need colour: `✓ resolved`."""
    if not outcome:
        return ""
    return _OUTCOME_MARKS.get(outcome, "") + one_line(outcome, 20)


def age(at: str | None, now: datetime | None = None) -> str:
    """How long ago an ISO 8601 time was, roughly: `today`, `5 days ago`, `3 months ago`; "" if unknown."""
    if not at:
        return ""
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return ""
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    days = ((now or datetime.now(UTC)) - when).days
    if days < 1:
        return "today"
    for size, word in ((365, "year"), (30, "month"), (1, "day")):
        if days >= size:
            count = days // size
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return ""


def since(at: str, now: datetime | None = None) -> str:
    """How long somebody waits since an ISO 8601 time: `just now`, `12 min ago`, `3 h ago`, then as `age`."""
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return ""
    minutes = int(
        ((now or datetime.now(UTC)) - (when if when.tzinfo else when.replace(tzinfo=UTC))).total_seconds() // 60
    )
    if minutes < 1:
        return "just now"
    return f"{minutes} min ago" if minutes < 60 else f"{minutes // 60} h ago" if minutes < 1440 else age(at, now)


def clock(at: str, today: datetime | None = None) -> str:
    """When something was said, in this machine's own time: `14:02`, or with the day when it was another one."""
    try:
        when = datetime.fromisoformat(at).astimezone()
    except ValueError:
        return ""
    same = when.date() == (today or datetime.now(UTC)).astimezone().date()
    return when.strftime("%H:%M" if same else "%Y-%m-%d %H:%M")


def read_line(picture: ReadPicture) -> str:
    """What was read on a picture, or that nothing was: said, never implied."""
    name = one_line(picture.name, 60) or "the picture"
    words = one_line(" · ".join(line.text for line in picture.lines) or picture.words, 240)
    return f"Read on {name}: {words}" if words else f"{name}: no text found"


def speaker(author: str, act: Act) -> str:
    """Who said an answer: a person by name, the agent, or the desk about a hand-over."""
    return one_line(author, 40) or ("Desk" if act == "told" else "Agent")


def decision_line(decision: Decision, seconds: Mapping[str, float]) -> str:
    """Where the answer comes from and how long it took, small: `from a past case · 1.9 s`.

    `seconds` are marks on one clock that starts with the question; the last one is the end.
    """
    parts = [_ACTS.get(decision.act, one_line(decision.act, 20))]
    reason = one_line(decision.reason, 160)
    if reason and decision.act in ("handover", "ask"):
        parts = [f"{parts[0]}: {reason}"]
    if decision.intent:
        parts.append(one_line(decision.intent, 60))
    took = max(seconds.values(), default=0.0)
    if took:
        parts.append(f"{took:.1f} s")
    return " · ".join(parts)


def source_title(source: Source) -> str:
    """What the source is about, for the head of its screen."""
    return one_line(source.title if isinstance(source, Article) else source.subject, 120)


def source_remarks(source: Source) -> str:
    """Outcome and age of a ticket, or that it is an article."""
    if isinstance(source, Article):
        return "help article"
    return " · ".join(word for word in (outcome_word(source.outcome), age(source.opened_at)) if word)


def trouble_line(error: BaseException) -> str:
    """An error for a reader: a UserError's own words, or that something broke and where to look."""
    message = getattr(error, "message", None)
    if isinstance(message, str):
        return clean(message)
    return f"Something broke inside Deskside ({type(error).__name__}). The log has the details; try once more."
