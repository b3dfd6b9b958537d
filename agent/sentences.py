"""Sentences of a support reply: cut, told apart, and freed of what belonged to one customer only (pure)."""

from __future__ import annotations

import re

_END = re.compile(r"(?<=[.!?…])[\"”’')\]]*\s+(?=[A-Z0-9\"“‘'(\[<*•–-])|\n+")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|approx|no|nr|vs|mr|mrs|ms|dr|st|min|max|incl|excl)\.$", re.I)
_PLEASANTRY = re.compile(
    r"^(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day))\b.{0,40}$"
    r"|(?:many |kind |best |warm )?(?:thanks?|thank you|regards|wishes|cheers|greetings)\b.{0,80}$"
    r"|(?:i'?m |i am |we'?re |we are |so |very |really )*(?:sorry|apolog\w+|glad|happy|pleased)\b.{0,120}$"
    r"|(?:great|perfect|good|nice|lovely|brilliant|wonderful|excellent|sure|of course|no problem|no worries|you'?re (?:very )?welcome"
    r"|got it|understood|i see|i understand|welcome|exactly|right|ok(?:ay)?|yes|no)\b[^.!?]{0,60}[.!,]*$"
    r"|(?:let me know|please let me know|feel free|have a (?:nice|good|great|lovely)|enjoy|just write|write back|shout|reply here)\b.{0,120}$"
    r"|.{0,50}\b(?:anything else|any (?:other|further) questions?|hope (?:this|that) helps|good luck|take care|at your service)\b.{0,60}$"
    r"|(?:mara|team|support)\b.{0,30}$)",
    re.I,
)
_DONE_FOR_ONE = re.compile(
    r"\b(?:i|we)(?:'ve|’ve| have| had)?(?: (?:just|now|already|also|gone ahead and|therefore|then|manually|again))*"
    r" (?:(?:re)?sent|\w+ed|put|made|set|got|took|gave|found|saw|did|paid|wrote|spoke|told|known)\b"
    r"|\b(?:i'll|i’ll|i will|i can see|i see|i'm |i’m |i am |we'll|we’ll|i checked|i looked)\b"
    r"|\byour (?:order|parcel|package|refund|payment|account|replacement|return|invoice|ticket|case|claim|card)"
    r"(?: \S+)? (?:is|was|were|has|had|shows|arrived|left|got|went)\b"
    r"|\b(?:in your case|on my side|on our side|from here|as you (?:said|wrote)|you (?:wrote|said|mentioned|told))\b",
    re.I,
)
_OF_ONE = re.compile(
    r"<(?:EMAIL|PHONE|CARD|IBAN|IP|SSN|KEY|LINK|BIRTHDATE|NAME)_\d+>"
    r"|\b(?:W\d{7}|RMA-?\d{4,}|T-\d{3,}|#\d{4,}|(?:order|ticket|case|invoice|tracking)\s+(?:no\.?|number)?\s*#?[A-Z]*\d{4,})\b",
    re.I,
)
_GREETED = re.compile(
    r"^(?:(?:hi|hello|hey|dear|hallo|good (?:morning|afternoon|evening|day))\b[^,!.:;?]{0,40}[,!.:;]"
    r"|<NAME_\d+>[,!:])\s*",
    re.I,
)
_SIGNED = re.compile(r"^(?:<NAME_\d+>|[A-Z][\w’'-]+)(?: [A-Z][\w’'-]+)?[.,]?$")
_ID_OF_ONE = re.compile(r"\b(?:order |the order |your order )?(?:W\d{7}|#\d{4,})\b")
_MENU = re.compile(r"\w\s*(?:>|→|›)\s*\w")
_STEP = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s+")


def split_sentences(text: str) -> list[str]:
    """The sentences and list lines of a text, stripped, none empty. Versions, decimals and "e.g." stay whole."""
    parts: list[str] = []
    for piece in _END.split(text):
        piece = (piece or "").strip()
        if not piece:
            continue
        if parts and _ABBREVIATION.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return parts


def is_step(sentence: str) -> bool:
    """Whether a line is a numbered or bulleted step."""
    return bool(_STEP.match(sentence))


def is_pleasantry(sentence: str) -> bool:
    """Whether a sentence is greeting, thanks, apology or farewell: nothing a next customer needs."""
    return bool(_PLEASANTRY.match(sentence.strip()))


def is_done_for_one(sentence: str) -> bool:
    """Whether a sentence tells what was done or seen for that one customer ("I have refunded 89 EUR")."""
    return bool(_DONE_FOR_ONE.search(sentence) or _OF_ONE.search(sentence))


def general_sentences(text: str) -> list[str]:
    """What of an agent's message holds for the next customer too, in order: instructions, facts, steps."""
    kept = []
    for sentence in _matter(text):
        if is_step(sentence) or _MENU.search(sentence):
            sentence = _ID_OF_ONE.sub("your order", sentence)
        if is_done_for_one(sentence) or sentence.endswith("?"):
            continue
        kept.append(sentence[0].upper() + sentence[1:])
    return kept


def reported_sentences(text: str) -> list[str]:
    """What the team did for that customer, without pleasantries and without lines that carry personal data."""
    return [sentence for sentence in _matter(text) if not _OF_ONE.search(sentence) and not sentence.endswith("?")]


def _matter(text: str) -> list[str]:
    """The sentences of a message without greeting, pleasantries and the name below it."""
    sentences = split_sentences(text)
    if len(sentences) > 1 and _SIGNED.match(sentences[-1]):
        sentences = sentences[:-1]
    bare = (_GREETED.sub("", sentence) for sentence in sentences)
    return [sentence for sentence in bare if sentence and not is_pleasantry(sentence)]
