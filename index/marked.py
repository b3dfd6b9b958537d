"""A question for the state of something seen ("is Paste greyed out?", "what is framed?") is answered by its mark, where
question and mark leave no doubt: no model has to guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from index.beside import folded_words
from index.marks import COLOURS, Mark

_SIGNS = re.compile(r"^[^\w(\[\"'“]+(?=\w)")
LONGEST = 60  # letters of a name that is said as an answer
_OPENER = re.compile(r"^.*?(?:[.!?:]\s+|,\s+)(?=\w+ )", re.S)
_WHICH = re.compile(r"\b(?:which|what|what['’]s|where|around what)\b", re.I)
_ELSE = re.compile(r"\b(?:how|why|when|who|whose|time|two|three|many|much|not|never|first|second|last|no)\b", re.I)
_SHADE = "|".join((*COLOURS, "gray"))
_OF_SO_MANY = re.compile(r" of (?:the |these |those )?(?:two|three|four|five|\d+)\b", re.I)
_COLOUR = re.compile(r"\bcolou?rs?\b|\bhue\b|\bshade\b", re.I)
_FRAMED = re.compile(
    rf"\b(?:framed|circled|encircled|ringed|outlined|emphasi[sz]ed)\b"
    rf"|\b(?:in|inside|has|have|with|around|within|by|of) (?:a |the |that |an )?(?:(?P<shade>{_SHADE}) |drawn )?"
    r"(?:frame|rectangle|ring|circle|ellipse|outline|(?<=red )box|(?<=green )box|(?<=blue )box)\b"
    rf"|\b(?:underlined|marked|boxed|highlighted) in (?:{_SHADE})\b",
    re.I,
)
_SHADED = re.compile(rf"\b(?:in |a |the )(?P<shade>{_SHADE})\b", re.I)
_MARKER = re.compile(r"\b(?:frame|ring|circle|rectangle|ellipse|outline|arrow)\b", re.I)
_ARROW = re.compile(
    r"\barrow\b.*\b(?:points?|pointing|leads?|leading|goes|go|shows?|means?|aims?)\b|\btip of the arrow\b", re.I
)
_CHOSEN = re.compile(
    r"\b(?:is|are|am|was)\b(?: \w+){0,3}? ?(?:(?:currently|now|the|marked as|shown as|picked) )*"
    r"(?:selected|highlighted|active|open|opened|in front|shaded|tinted|current|chosen|picked|underlined)\b"
    r"|\bhas the (?:shaded|highlighted|tinted) (?:row|line|ground|background)\b",
    re.I,
)
_OPTION = re.compile(r"\b(?:option|choice|radio|way|mode|view)\b", re.I)
_ENTRY = re.compile(
    r"\b(?:tab|row|entry|menu|item|line|cell|column|highlighted|shaded|tinted|list|step|query|pane|section)\b", re.I
)
_TAB = re.compile(r"\btabs?\b", re.I)
_LISTED = re.compile(r"\b(?:list|row|entry|item|query|step|destination|folder|file)\b", re.I)
_NO_ENTRY = re.compile(r"\b(?:screen|window|dialog|page|buttons?|version|theme|app|program)\b", re.I)
_COUNTED = re.compile(rf"^how many (?:(?P<shade>{_SHADE}) )?(?:frames|rings|circles|rectangles|arrows)\b", re.I)
_YES_NO = re.compile(r"^\W*(?:is|are|was|has|have|had|did|does|do|can|could|may)\b", re.I)
_EITHER_SHADE = re.compile(rf"\b(?:{_SHADE}) or (?:{_SHADE})\b", re.I)
_EITHER = re.compile(r"\bon or off\b", re.I)
_OFF = re.compile(
    r"\b(?:off|untick\w*|uncheck\w*|empty|disabled|deactivated|inactive|deselected|blank)\b"
    r"|\b(?:not|no|without a?) ?(?:ticked|checked|on|selected|set|tick|check)\b",
    re.I,
)
_ON = re.compile(
    r"\b(?:ticked|checked|tick|tick mark|check mark|on|enabled|active|activated|selected|chosen|picked|set)\b", re.I
)
_GREY = re.compile(r"\b(?:gr[ea]yed|disabled|inactive|dimmed|pale|not (?:clickable|available|active))\b", re.I)
_LIVE = re.compile(r"\b(?:available|enabled|active|clickable|clicked|pressed|usable|used|chosen|press|click)\b", re.I)


def marked(question: str, marks: Sequence[Mark]) -> str:
    """What the marks of a picture answer by themselves: "Yes" or "No", a state, a colour or a name; "" where the
    question asks for something else or more than one mark could be meant."""
    told = _OF_SO_MANY.sub(" ", _OPENER.sub("", " ".join(question.split())))
    if _YES_NO.match(told):
        return _colour(told, marks) if _EITHER_SHADE.search(told) else _yes_or_no(told, marks)
    if counted := _COUNTED.search(told):
        return _count(counted[0], _shade(counted["shade"]), marks)
    if _COLOUR.search(told):
        return _colour(told, marks)
    if not _WHICH.search(told) or _ELSE.search(told):
        return ""
    if _FRAMED.search(told) and (framed := _framed(told, marks)):
        return framed
    if _ARROW.search(told):
        return _only(mark.label for mark in marks if mark.kind == "arrow")
    return _chosen(told, marks) if _CHOSEN.search(told) and not _NO_ENTRY.search(told) else ""


def _only(names: Iterable[str]) -> str:
    """The one name there is, without signs before it; "" where there are several, none, or a long one."""
    found = list(dict.fromkeys(names))
    name = _SIGNS.sub("", found[0]) if len(found) == 1 else ""
    return name if len(name) <= LONGEST else ""


def _shade(told: str | None) -> str:
    shade = (told or "").casefold()
    return "grey" if shade == "gray" else shade


def _count(told: str, shade: str, marks: Sequence[Mark]) -> str:
    kind = "arrow" if "arrows" in told.casefold() else "ring"
    number = sum(mark.kind == kind and shade in ("", mark.colour) for mark in marks)
    return str(number) if number else ""


def _framed(told: str, marks: Sequence[Mark]) -> str:
    found = [each["shade"] for each in (_FRAMED.search(told), _SHADED.search(told)) if each and each["shade"]]
    shade = _shade(found[0] if found else "")
    return _only(mark.label for mark in marks if mark.kind == "ring" and shade in ("", mark.colour))


def _colour(told: str, marks: Sequence[Mark]) -> str:
    """The colour of the frames or arrows that were drawn, or of the one lamp, button or badge that is named."""
    if found := _MARKER.search(told):
        kind = "arrow" if found[0].casefold() == "arrow" else "ring"
        return _only(mark.colour for mark in marks if mark.kind == kind)
    meant = _meant(told, marks, ("lamp", "button", "badge"))
    if len(meant) != 1 or _ELSE.search(told):
        return ""
    return "off" if meant[0].state == "off" else meant[0].colour


def _chosen(told: str, marks: Sequence[Mark]) -> str:
    """The selected entry or option; of two entries one over the other the upper one is a tab, the lower one listed."""
    chosen = [mark for mark in marks if mark.kind == "selected" and mark.label]
    options = [mark.label for mark in marks if mark.kind == "radio" and mark.state == "on"]
    if chosen and options:
        return _only(options if _OPTION.search(told) else _entry(told, chosen) if _ENTRY.search(told) else [])
    return _only(_entry(told, chosen) or options)


def _entry(told: str, chosen: Sequence[Mark]) -> list[str]:
    upper, lower = min(chosen, key=_top, default=None), max(chosen, key=_top, default=None)
    if len(chosen) == 2 and upper and lower and upper.box[3] <= lower.box[1]:
        if _TAB.search(told):
            return [upper.label]
        if _LISTED.search(told):
            return [lower.label]
    return [mark.label for mark in chosen]


def _top(mark: Mark) -> int:
    return mark.box[1]


def _meant(told: str, marks: Sequence[Mark], kinds: Sequence[str]) -> list[Mark]:
    """The marks of these kinds whose name is said, those with the longest name."""
    words = folded_words(told)
    named = [(folded_words(mark.label), mark) for mark in marks if mark.kind in kinds]
    found = [(len(name), mark) for name, mark in named if name and _runs(name, words)]
    longest = max((length for length, _ in found), default=0)
    return [mark for length, mark in found if length == longest]


def _yes_or_no(told: str, marks: Sequence[Mark]) -> str:
    """The state of the one thing that the question names."""
    meant = _meant(told, marks, ("checkbox", "switch", "radio", "button"))
    if not meant or len({(mark.kind, mark.state == "on", mark.state == "disabled") for mark in meant}) > 1:
        return ""
    mark = meant[0]
    rest = " ".join(_without(told, mark.label))
    if mark.kind == "button":
        if _GREY.search(rest):
            return _yes(mark.state == "disabled")
        return _yes(mark.state != "disabled") if _LIVE.search(rest) else ""
    if mark.state not in ("on", "off"):
        return ""
    if _EITHER.search(rest):
        return mark.state.capitalize()
    if _OFF.search(rest):
        return _yes(mark.state == "off")
    return _yes(mark.state == "on") if _ON.search(rest) else ""


def _yes(true: bool) -> str:
    return "Yes" if true else "No"


def _runs(name: Sequence[str], words: Sequence[str]) -> bool:
    return any(list(words[at : at + len(name)]) == list(name) for at in range(len(words) - len(name) + 1))


def _without(told: str, label: str) -> list[str]:
    """The words of the question that do not belong to the name."""
    own = set(folded_words(label))
    return [word for word in re.findall(r"[\w'’]+", told) if not set(folded_words(word)) <= own]
