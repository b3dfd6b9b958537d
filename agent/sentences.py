"""Sentences of a support reply: cut, told apart, and freed of what belonged to one customer only (pure)."""

from __future__ import annotations

import re

_END = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"”’')\]])|(?<=\s[:;]\)))\s+(?=[A-Z0-9\"“‘'(\[<*•–-])|\n+")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|approx|vs|mr|mrs|ms|dr|st|incl|excl)\.$", re.I)
_COUNTED = re.compile(r"\b(?:no|nr|min|max|p|fig)\.$", re.I)  # "no. 4", but "The answer is no."
_BARE_NUMBER = re.compile(r"^\(?\d{1,2}[.)]$")
_CITATIONS = re.compile(r"^(?:\[\d+\]\s*)+$")
# What agents say first and last, and between the lines.
_REACTION = (
    r"(?:great|perfect|good|nice|lovely|brilliant|wonderful|excellent|super|sure|certainly|gladly|absolutely"
    r"|of course"
    r"|no problem|no worries|you(?:'|’)?re (?:very )?welcome|welcome|got it|understood|i see|i understand|exactly"
    r"|right"
    r"|correct|agreed|indeed|ok(?:ay)?|alright|all right|all good|well done|aha?|ha|oh|yes|yep|no|nope|sorry|thanks?"
    r"|thank you|many thanks|well|congratulations|ciao|hola|that(?:'|’)s (?:it|the one|all)|there it is"
    r"|there we (?:are|go))"
)
_REACTED = re.compile(rf"^{_REACTION}(?: then| again| indeed)?\s*[,:;!–—-]\s*", re.I)
_PLEASANTRY = re.compile(
    r"^(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day))\b.{0,40}$"
    r"|(?:many |kind |best |warm )?(?:thanks?|thank you|regards|wishes|cheers|greetings)\b(?! to ).{0,80}$"
    r"|(?:i(?:'|’)?m |i am |we(?:'|’)?re |we are |so |very |really |truly |awfully )*(?:sorry|apolog\w+|glad"
    r"|happy|pleased)\b.{0,120}$"
    r"|(?:i|we) apologi[sz]e\b.{0,120}$"
    rf"|{_REACTION}(?: [\w’'-]+){{0,3}}[.!,]*$"
    r"|(?:great|nice|good|glad|lovely|happy|brave|kind) (?:that|to hear|to read|to know|of you|you|it)\b.{0,80}$"
    r"|(?:let me know|please let me know|feel free|have a (?:nice|good|great|lovely|safe)|have fun|enjoy (?:the"
    r"|your|it)"
    r"|just (?:write|reply) (?:back|to us|again|here|if)|write back|reply here|shout if|stay (?:warm|safe|well"
    r"|dry|cool))\b.{0,120}$"
    r"|that(?:['’]s| is) (?:\w+ )?(?:good|great|fine|nice|odd|strange|honest|kind|perfect|lovely)(?: of you"
    r"| news)?[.!]?$"
    r"|(?:i )?love it[.!]?$|closing\b.{0,40}$|all the best\b.{0,80}$"
    r"|.{0,50}\b(?:anything else|any (?:other|further) questions?|hope (?:this|that) helps|good luck"
    r"|at your service)\b.{0,60}$"
    r"|(?:good luck|take care|see you|bye)\b(?:[.!,]|$).{0,40}$"
    r"|(?:[\w’'-]+ ){0,3}(?:team|support|desk)[.!]?$)",
    re.I,
)
_INSTRUCTS = re.compile(
    r"\b(?:hold|press|tap|open|go to|click|select|choose|pick|switch|turn|toggle|remove|unplug|plug|set|enter"
    r"|type|reset|restart"
    r"|update|replace|install|insert|put|take|pull|push|unscrew|sign in|log in|wait|check|scan|connect|pair|add"
    r"|delete|move|leave"
    r"|use|keep|run|print|send|bring|make|start|charge|mount|draw|cut|try|allow|look|write|follow|ask|read|save|call|change|carry|rub|wipe|peel)\b",
    re.I,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|can|can't|cannot|will|would|has|have|had|must|should|may|need|needs|mean|means|work"
    r"|works|take"
    r"|takes|cost|costs|stay|stays|go|goes|run|runs|count|counts|come|comes|do|does|don't|doesn't|isn't|aren't"
    r"|fits?|lasts?|ends?"
    r"|blinks?|lights?|shows?|hides?|stands?)\b|\w['’]s\b(?! (?:it|that|the one)\b)|['’](?:re|ll|ve)\b",
    re.I,
)
_CONDITION = re.compile(
    r"\b(?:if|when|whenever|once|until|till|after|before|while|unless|whether|as soon as|as long as|where|that"
    r"|which|what|who)\b"
    r"[^,;:.]*",
    re.I,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_ADVICE = r"(?:['’]d\b|(?: would| strongly| really)* (?:would|recommend|suggest|advise)\b)"
_DEED = (
    r"(?!(?:need|proceed|exceed|feed)\b)(?:\w+ed|(?:re)?sent|put|made|set|got|took|gave|found|saw|did|paid|wrote"
    r"|spoke|told|known"
    r"|bought|chose|began|read|went|had|meant|lost|left|kept|reset|proven|shown|given|taken|written|spoken|seen"
    r"|done|gone)\b"
)
_ADVERBS = r"(?: (?:just|now|already|also|gone ahead and|therefore|then|manually|again|both|personally|even|clearly))*"
_BY_US = re.compile(
    rf"\bI\b(?!{_ADVICE})(?!/)"
    rf"|\b[Ww]e(?:['’]ve| have| had|['’]d)?{_ADVERBS} {_DEED}"
    r"|\b[Ww]e(?:['’]ll| checked| looked| can see)\b"
    r"|\b[Mm]y\b|\b[Oo]ur (?:colleagues?|records?|logs?|carrier|warehouse|partner|payment partner|hardware"
    r"|accounting)\b"
    r"(?=.{0,30}\b(?:says?|shows?|tells?|told|found|has|have|will)\b)"
    r"|\b(?:[Oo]n (?:my|our) side|from here|as you (?:said|wrote|mentioned)|you (?:wrote|said|mentioned|told|asked"
    r"|describe)"
    r"|in your (?:message|photo|picture|screenshot)|[Yy]our (?:photo|picture|screenshot) shows)\b"
    r"|\b(?:[Hh]e|[Ss]he) (?:has |had )?(?:\w+ed|is|was|will)\b|^(?:He|She|His|Her)\b"
    r"|^(?:[Pp]lease )?(?:[Tt]ell|[Ss]end|[Ww]rite|[Ss]how|[Gg]ive) (?:me|us)\b"
    r"|^(?:(?:[Aa]ll |[Nn]ow )?(?i:done|sent|fixed|ordered|booked|refunded|cancell?ed|corrected|released|found"
    r"|checked|noted|reissued|confirmed|reopened"
    r"|forwarded|adjusted)|(?i:not yet|still waiting))\b[ ,.:;!]"
    r"|^\w+ (?:removed|released|cancell?ed|refunded|sent|ordered|extended)[.!]$",
)
_OF_YOURS = re.compile(
    r"\byour (?:\w+ ){0,2}(?:order|parcel|package|refund|payment|account|replacement|return|invoice|ticket|case"
    r"|claim|card|complaint"
    r"|label|letter|repair|exchange|money|mail|message|request|neighbou?r)s?(?: \S+)?(?:['’]s)? "
    r"(?:is|was|were|has|had|shows|arrived|left|got|went|came|will arrive|will be)\b"
    rf"|(?:^|[,;:.] |\band |\bsince |\bas )you(?:['’]ve| have|['’]d| had)?{_ADVERBS} {_DEED}",
    re.I,
)
_DATED = re.compile(
    rf"\b(?:yesterday|tomorrow|tonight|this (?:minute|morning|afternoon|evening|night|noon)|last (?:night|week"
    rf"|month|{_DAY})"
    rf"|next (?:{_DAY})|(?:on|until|by|since|till|for|from|this|so|and) {_DAY}(?!s)|today(?=[.,;!)]|$)|^today"
    rf"|as of today|{_DAY}['’]s|the \d{{1,2}}(?:st|nd|rd|th)"
    rf"|\d (?:EUR|USD|GBP|CHF) (?:left|went|goes?|was|were|has|have|(?:are|is) (?:free|back|on))"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}|(?:january|february|march|april|june|july|august|september|october"
    rf"|november|december) \d{{1,2}}|(?:at|around|by) about \d{{1,2}}[:.]\d\d)\b",
    re.I,
)
_ID = (
    r"(?:W\d{7}|RMA-?\d{4,}|T-\d{3,}|#\d{4,}"
    r"|(?:order|ticket|case|invoice|tracking)\s+(?:no\.?|number)?\s*#?[A-Z]*\d{4,})"
)
_STREET = (
    r"\b[^\W\d_][\w-]+(?:weg|stra(?:ß|ss)e|straat|str\.|gasse|platz|allee) \d+\w?"
    r"|\b(?:via|rue|calle|piazza|plaza) (?:d\w+ )?[^\W\d_]\w+ \d+\w?"
    r"|\b\d{1,4} [^\W\d_]\w+ (?:street|road|avenue|lane|drive|boulevard|st\.|ave\.|rd\.)"
)
_TRACKING = r"\btracking\b.{0,20}?\d{4}|\b[A-Z]{2} ?\d{4} ?\d{4}(?: ?\d{2,4})*\b"
_VOUCHER = r"(?-i:\b(?=[A-Z]*\d)[A-Z0-9]{4,}-(?=[A-Z]*\d)[A-Z0-9]{4,}\b)"
_OF_ONE = re.compile(rf"<[A-Z]+_\d+>|\b{_ID}\b|(?<!\w)#\d{{4,}}\b|{_STREET}|{_TRACKING}|{_VOUCHER}", re.I)
_GREETED = re.compile(
    r"^(?:(?:hi|hello|hey|dear|hallo|hola|ciao|bonjour|buongiorno|good (?:morning|afternoon|evening"
    r"|day))\b[^,!.:;?]{0,40}[,!.:;]"
    r"|<NAME_\d+>[,!:])\s*",
    re.I,
)
_CALLED = re.compile(r", (?:dear |mr |mrs |ms )?<NAME_\d+>(?=[,.!?;:]|$)", re.I)
_SIGNED = re.compile(r"^(?:<NAME_\d+>|[A-Z][\w’'-]+)(?: (?:<NAME_\d+>|[A-Z][\w’'-]+))?[.,]?$")
_ID_OF_ONE = re.compile(
    r"\b(?:(?:the |your |this )?order )?(?:W\d{7}\b)|(?:\b(?:the |your )?order )?(?<!\w)#\d{4,}\b", re.I
)
_ID_BEHIND = re.compile(
    r"\b(parcel|package|shipment|delivery|invoice|payment|return|refund|ticket|case) (?:W\d{7}\b|#\d{4,}\b|T-\d{3,}\b)",
    re.I,
)
_NAMED = re.compile(r"(?P<quote>[\"“']?)<NAME_\d+>(?P<end>[\"”']?)(?!\.)")
_RETURN_ID = re.compile(r"\bRMA-?\d{4,}\b")
_RETURN_ASIDE = re.compile(r"\s*\((?:\w+ )?RMA-?\d{4,}\)")
_ASIDE = re.compile(
    r"(?:[,;]| [–—-])\s+(?:(?:and|so|but|then|because)\s+)?(?:please\s+)?(?:I|we)(?:['’](?:ve|ll|m|d)| have| am"
    r"| will| \w+ed| sent| put)\b.*$"
    r"|(?:[,;]| and),?\s+(?:then\s+|please\s+)*(?:tell|let|write|send|show) (?:me|us)\b.*$"
    rf"|[,;] so (?:on |until )?{_DAY}\b.*$",
    re.I,
)
_OPEN_HEAD = re.compile(r"^(?:as|since|because|when|if|while|after|before|although|though|once|until)\b", re.I)
_MENU = re.compile(r"\w\s*(?:>|→|›)\s*[\w+]")
_STEP = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s+")
_FIGURE = re.compile(r"\d")
_MEASURED = re.compile(
    r"\d ?(?:%|°|EUR|[a-z]{1,2}\b|seconds?|minutes?|hours?|days?|weeks?|months?|years?|metres?|times)"
)
_QUOTED = re.compile(r"[\"“][^\"”]*[\"”]")
_HEDGE = re.compile(r",? I(?:['’]m| am) (?:afraid|sorry)\b(?= ?[.,;!]|$)|^I(?:['’]m| am) afraid,? (?:that )?", re.I)
_POLITE = re.compile(
    r"^(?:could|can|would|will) you(?: please| perhaps| maybe)? (?!tell|send|write|say|ask)(.{10,})\?$", re.I
)
_SOON = re.compile(r" (?:tonight|today|tomorrow|this evening)(?=[.!]$)")
LEAST_HEAD = 25
LONGEST_OPENER = 5


def split_sentences(text: str) -> list[str]:
    """The sentences and list lines of a text, stripped, none empty. Versions, decimals, "e.g." and the number of a
    list item stay with their sentence; a citation after the full stop stays with the sentence before."""
    parts: list[str] = []
    for piece in _END.split(text):
        piece = (piece or "").strip()
        if not piece:
            continue
        if parts and (_joins(parts[-1], piece) or _CITATIONS.match(piece)):
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return parts


def _joins(before: str, piece: str) -> bool:
    """Whether the full stop before a piece was no end: "e.g.", "no. 4", "1. Open"."""
    if _BARE_NUMBER.match(before) or _ABBREVIATION.search(before):
        return True
    return bool(_COUNTED.search(before)) and piece[0].isdigit()


def is_step(sentence: str) -> bool:
    """Whether a line is a numbered or bulleted step."""
    return bool(_STEP.match(sentence))


def is_pleasantry(sentence: str) -> bool:
    """Whether a sentence is greeting, thanks, apology or farewell: nothing a next customer needs."""
    sentence = sentence.strip()
    if _MENU.search(sentence) or (_FIGURE.search(sentence) and _INSTRUCTS.search(sentence)):
        return False
    return bool(_PLEASANTRY.match(sentence))


def is_done_for_one(sentence: str) -> bool:
    """Whether a sentence tells what was done, seen or due for that one customer ("I have refunded 89 EUR", "Your
    parcel has left", "until next Thursday"). What only a condition says ("once you have paid") is general."""
    if _BY_US.search(_QUOTED.sub("", sentence)) or _OF_ONE.search(sentence) or _DATED.search(sentence):
        return True
    return bool(_OF_YOURS.search(_CONDITION.sub("", sentence)))


def general_sentences(text: str) -> list[str]:
    """What of an agent's message holds for the next customer too, in order: instructions, facts, steps."""
    kept = []
    for sentence in _matter(text):
        if is_step(sentence) or _MENU.search(sentence) or _INSTRUCTS.search(sentence):
            sentence = _SOON.sub("", _anonymous(as_request(sentence)))
        sentence = _QUOTED.sub(lambda found: re.sub(_STREET, "…", found[0], flags=re.I), sentence)
        sentence = _without_aside(sentence)
        if is_done_for_one(sentence) or sentence.endswith("?"):
            continue
        kept.append(_capital(sentence))
    return kept


def reported_sentences(text: str) -> list[str]:
    """What the team did for that customer, without pleasantries and without lines that carry personal data."""
    told = (_capital(_anonymous(sentence)) for sentence in _matter(text))
    return [sentence for sentence in told if not _OF_ONE.search(sentence) and not sentence.endswith("?")]


def _matter(text: str) -> list[str]:
    """The sentences of a message without greeting, reactions, pleasantries and the name below it."""
    sentences = split_sentences(text)
    bare = [_CALLED.sub("", _bared(sentence)) for sentence in sentences]
    while len(bare) > 1 and (not bare[-1] or _SIGNED.match(bare[-1]) or _is_cheer(bare[-1])):
        bare = bare[:-1]
    if len(bare) > 1 and _is_opener(bare[0]):
        bare = bare[1:]
    return [sentence for sentence in bare if sentence and not is_pleasantry(sentence)]


def _bared(sentence: str) -> str:
    """A sentence without the greeting and the reaction it opens with ("Hi Ann, yes: hold reset")."""
    for _ in range(4):
        shorter = _HEDGE.sub("", _REACTED.sub("", _GREETED.sub("", sentence)))
        if shorter == sentence:
            break
        sentence = shorter
    return sentence


def _is_opener(sentence: str) -> bool:
    """Whether a message's first sentence only takes up what was said: "Better.", "Two obstacles, then."."""
    if len(sentence.split()) > LONGEST_OPENER or sentence.endswith(("?", ":")) or is_step(sentence):
        return False
    return not (_VERB.search(sentence) or _INSTRUCTS.search(sentence) or _MEASURED.search(sentence))


def _is_cheer(sentence: str) -> bool:
    """Whether a message's last sentence is only a good wish: "Peace in the kitchen!"."""
    return sentence.endswith("!") and _is_opener(sentence)


def _without_aside(sentence: str) -> str:
    """A general sentence without the "..., I've sent you one" at its end."""
    found = _ASIDE.search(sentence)
    if not found or found.start() < LEAST_HEAD or _OPEN_HEAD.match(sentence):
        return sentence
    return sentence[: found.start()].rstrip(" ,;–—-") + "."


def without_ids(text: str) -> str:
    """A text with "your order" for an order's number, and nothing for one behind "parcel" or the like."""
    return _ID_OF_ONE.sub("your order", _ID_BEHIND.sub(r"\1", text))


def _anonymous(sentence: str) -> str:
    """A sentence with "your order" for an order's number, and "…" for a name, a street or a return's number."""
    sentence = re.sub(_STREET, "…", sentence, flags=re.I)
    sentence = _RETURN_ID.sub("…", _RETURN_ASIDE.sub("", without_ids(sentence)))
    sentence = _NAMED.sub(r"\g<quote>…\g<end>", sentence)
    return re.sub(r"^…\s*[:,]\s*(?=\w)", "", sentence)


def as_request(sentence: str) -> str:
    """ "Could you hold reset for 10 seconds?" as an instruction."""
    asked = _POLITE.match(sentence)
    return f"Please {asked[1]}." if asked and _INSTRUCTS.match(asked[1]) else sentence


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
