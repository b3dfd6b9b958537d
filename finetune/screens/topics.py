"""What can be asked about the things seen on a screen, each with its answer from what the eyes tell of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from finetune.screens.truth import Screen
from index.marks import COLOURS, Mark, Sight, tag

NOT_SHOWN = "Not shown."
NONE = "None"
LABEL_LENGTH = 40  # of a name that a question may hold
MOST_NAMES = 6  # in one answer
MOST_COUNTED = 9
PAGE_SHARE = 0.35  # of the screens: asked what kind of page it is, or whether it is dark
EMPTY_SHARE = 0.3  # of the questions whose answer is that there are none
ALIKE = 0.8  # one name read twice
DRAWN_ON = frozenset({"arrow", "ring", "selected", "icon", "banner", "spinner"})  # never asked for by a name


@dataclass(frozen=True)
class Topic:
    """One thing to ask. `kind` as in `Ask`, `words` the wordings (a key of `state_words`), `label` and `colour` fill
    their slots, `answer` is the reply."""

    kind: str
    words: str
    answer: str
    label: str = ""
    colour: str = ""


def seen_topics(screen: Screen, sight: Sight, rng: random.Random) -> list[Topic]:
    """What can be asked about the marks and the page of a screen without doubt, answered by `sight`: what was drawn
    and is not in `sight` is not shown; what `sight` leaves in doubt is left out."""
    found = [*_by_name(screen, sight), *_alone(screen, sight), *_which(screen, sight, rng), *_counts(screen, sight)]
    found += [topic for topic in (_theme(sight), _page(sight)) if topic and rng.random() < PAGE_SHARE]
    found += [topic for topic in (_spinner(screen, sight, rng),) if topic]
    return [Topic("not shown", t.words, t.answer, t.label, t.colour) if t.answer == NOT_SHOWN else t for t in found]


def of_kind(sight: Sight, *kinds: str) -> list[Mark]:
    return [mark for mark in sight.marks if mark.kind in kinds]


def folded(text: str) -> str:
    return "".join(text.casefold().split()).strip(".:;,!?")


def alike(one: str, other: str) -> bool:
    """Could both be the same name, read twice?"""
    first, second = folded(one), folded(other)
    return first == second or SequenceMatcher(None, first, second).ratio() >= ALIKE


def _matches(marks: Sequence[Mark], label: str) -> list[Mark]:
    exact = [mark for mark in marks if folded(mark.label) == folded(label)]
    return exact or [mark for mark in marks if mark.label and alike(mark.label, label)]


# --- things with a name of their own ---------------------------------------------------------------------------


def _by_name(screen: Screen, sight: Sight) -> Iterator[Topic]:
    named = [mark for mark in screen.sight.marks if mark.kind not in DRAWN_ON and mark.label]
    times = Counter(folded(mark.label) for mark in named)
    for mark in named:
        if times[folded(mark.label)] > 1 or len(mark.label) > LABEL_LENGTH or any(c in mark.label for c in '"[]'):
            continue
        same_kind = of_kind(sight, mark.kind)
        matches = _matches(same_kind, mark.label)
        if len(matches) == 1:
            yield from _told(matches[0], mark.label)
        elif not matches and len(same_kind) < len(of_kind(screen.sight, mark.kind)) and all(o.label for o in same_kind):
            # One was missed. Were all found, this one is among them under a wrong name, and nothing is said of it.
            yield from (Topic("state", one.words, NOT_SHOWN, mark.label) for one in _told(mark, mark.label))


def _told(mark: Mark, label: str) -> Iterator[Topic]:
    """What one named mark answers."""
    on = mark.state == "on"

    def topic(words: str, answer: str) -> Topic:
        return Topic("state", words, answer, label)

    if mark.kind in ("switch", "checkbox", "radio"):
        yield topic("switch", mark.state.capitalize())
    if mark.kind == "switch":
        yield topic("switch yes", yes(on))
        yield topic("switch no", yes(not on))
    elif mark.kind == "checkbox" and mark.state != "mixed":
        yield topic("checkbox", yes(on))
        yield topic("checkbox no", yes(not on))
    elif mark.kind == "radio":
        yield topic("radio", yes(on))
    elif mark.kind == "slider":
        yield topic("slider", percent(mark))
    elif mark.kind == "progress":
        yield topic("progress of", percent(mark))
    elif mark.kind == "stars":
        yield topic("stars of", of_five(mark))
    elif mark.kind == "lamp":
        yield topic("lamp yes", yes(mark.state != "off"))
        if lamp_colour(mark):
            yield topic("lamp", lamp_colour(mark))
    elif mark.kind == "button":
        yield topic("disabled", yes(mark.state == "disabled"))
        yield topic("pressable", yes(mark.state != "disabled"))
        if mark.state == "primary" and mark.colour:
            yield topic("button colour", mark.colour)
    elif mark.kind == "badge" and mark.colour:
        yield topic("badge", mark.colour)


def yes(true: bool) -> str:
    return "Yes" if true else "No"


def percent(mark: Mark) -> str:
    return f"{round(mark.value * 100)}%"


def of_five(mark: Mark) -> str:
    return f"{round(mark.value * 5)} of 5"


def lamp_colour(mark: Mark) -> str:
    return "off" if mark.state == "off" else mark.colour


# --- the only one of its kind ----------------------------------------------------------------------------------

# kind of the mark -> (kind of the question, its wordings, what the mark answers)
ALONE: dict[str, tuple[tuple[str, str, Callable[[Mark], str]], ...]] = {
    "arrow": (("pointing", "arrow", lambda mark: mark.label), ("state", "marker colour", lambda mark: mark.colour)),
    "ring": (("pointing", "ring", lambda mark: mark.label), ("state", "marker colour", lambda mark: mark.colour)),
    "stars": (("state", "stars", of_five),),
    "slider": (("state", "slider only", percent),),
    "progress": (("state", "progress", percent),),
    "lamp": (("state", "lamp only", lamp_colour),),
    "icon": (("state", "icon", lambda mark: mark.state),),
    "selected": (("state", "selected", lambda mark: mark.label),),
    "badge": (("state", "badge words", lambda mark: mark.label),),
    "banner": (
        ("state", "banner", lambda mark: mark.colour),
        ("state", "banner words", lambda mark: mark.label),
    ),
}


def _alone(screen: Screen, sight: Sight) -> Iterator[Topic]:
    drawn = Counter(mark.kind for mark in screen.sight.marks)
    for kind, questions in ALONE.items():
        both_drawn = kind in ("arrow", "ring") and drawn["arrow"] and drawn["ring"]
        if drawn[kind] != 1:
            continue
        found = of_kind(sight, kind)
        for asked, words, answer in questions:
            if words == "marker colour" and both_drawn:
                continue
            if not answer(of_kind(screen.sight, kind)[0]):
                continue
            if not found:
                yield Topic(asked, words, NOT_SHOWN)
            elif len(found) == 1 and answer(found[0]):
                yield Topic(asked, words, answer(found[0]))


# --- several together ------------------------------------------------------------------------------------------


def _names(marks: Sequence[Mark]) -> str | None:
    """Their names as one answer; None when one has none, or they are too many."""
    if len(marks) > MOST_NAMES or not all(mark.label for mark in marks):
        return None
    return ", ".join(dict.fromkeys(mark.label for mark in marks)) or NONE


def _which(screen: Screen, sight: Sight, rng: random.Random) -> Iterator[Topic]:
    """Questions whose answer is the names of some of a kind."""
    colours = sorted({mark.colour for mark in of_kind(screen.sight, "lamp") if mark.colour and mark.state != "off"})
    colour = rng.choice(colours) if colours and rng.random() < 0.85 else rng.choice(COLOURS[:5])
    choices: tuple[tuple[str, str, str, Callable[[Mark], bool]], ...] = (
        ("checkbox", "state", "boxes which", lambda mark: mark.state == "on"),
        ("switch", "state", "switches which", lambda mark: mark.state == "on"),
        ("lamp", "state", "lamp which", lambda mark: lamp_colour(mark) == colour),
        ("button", "press", "press", lambda mark: mark.state != "disabled"),
        ("button", "press", "main button", lambda mark: mark.state == "primary"),
        ("button", "state", "disabled which", lambda mark: mark.state == "disabled"),
        ("radio", "state", "radio which", lambda mark: mark.state == "on"),
    )
    for kind, asked, words, wanted in choices:
        drawn = [mark for mark in of_kind(screen.sight, kind) if wanted(mark)]
        if not of_kind(screen.sight, kind) or (words in ("radio which", "main button") and len(drawn) != 1):
            continue
        if not drawn and rng.random() > EMPTY_SHARE:
            continue
        found = [mark for mark in of_kind(sight, kind) if wanted(mark)]
        answer = _names(found) if of_kind(sight, kind) else NOT_SHOWN
        one_of_many = words in ("radio which", "main button") and answer != NOT_SHOWN and len(found) != 1
        if answer and not one_of_many:
            yield Topic(asked, words, answer, colour=colour if words == "lamp which" else "")


def _counts(screen: Screen, sight: Sight) -> Iterator[Topic]:
    """How many there are; left out where two look the same in words, which hides one of them."""
    lamps = Counter(mark.colour for mark in of_kind(screen.sight, "lamp") if mark.state != "off" and mark.colour)
    shade = next(iter(lamps), "none")
    choices: tuple[tuple[str, str, Callable[[Mark], bool]], ...] = (
        ("switch", "count on", lambda mark: mark.state == "on"),
        ("checkbox", "count ticked", lambda mark: mark.state == "on"),
        ("switch", "count switches", lambda mark: True),
        ("button", "count buttons", lambda mark: True),
        ("lamp", "count lamps", lambda mark: lamp_colour(mark) == shade),
    )
    for kind, words, wanted in choices:
        if words == "count lamps" and not lamps:
            continue
        marks = of_kind(sight, kind)
        if len(of_kind(screen.sight, kind)) < 2 or not marks or len({tag(mark) for mark in marks}) < len(marks):
            continue
        number = sum(wanted(mark) for mark in marks)
        if number <= MOST_COUNTED:
            yield Topic("count", words, str(number), colour=shade if words == "count lamps" else "")


def _theme(sight: Sight) -> Topic | None:
    return Topic("state", "theme", sight.theme) if sight.theme else None


def _page(sight: Sight) -> Topic | None:
    return Topic("state", "page", sight.page) if sight.page not in ("", "other") else None


def _spinner(screen: Screen, sight: Sight, rng: random.Random) -> Topic | None:
    """Does something turn? Asked where it does, and now and then where nothing does."""
    asked = of_kind(screen.sight, "spinner") or rng.random() < 0.12
    return Topic("state", "spinner", yes(bool(of_kind(sight, "spinner")))) if asked else None
