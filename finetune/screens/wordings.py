"""The wordings of questions about screens: tables opened into train and test sets, and the ways people say them."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

from finetune.screens.truth import Split
from finetune.screens.wordings_facts import FACTS
from finetune.screens.wordings_frames import CONTEXTS, ENDINGS, FRAMES, OPENERS
from finetune.screens.wordings_grids import GRIDS
from finetune.screens.wordings_states import STATES
from finetune.screens.wordings_support import PLEAS, TROUBLES, WHOLE
from finetune.screens.wordings_tills import FACTS as TILL_FACTS
from finetune.screens.wordings_tills import GRIDS as TILL_GRIDS

_CHOICE = re.compile(r"\(([^()]*)\)")
SPLITS: tuple[Split, ...] = ("train", "test")
WHOLE_SHARE = 0.35  # of the questions for a fact: "Who has my parcel?", not its name in a frame
_SPACES = re.compile(r" {2,}")


@dataclass(frozen=True)
class Entry:
    """What a table holds under one name, opened: the wordings of each split."""

    train: tuple[str, ...]
    test: tuple[str, ...]

    def of(self, split: Split) -> tuple[str, ...]:
        return self.train if split == "train" else self.test


@dataclass(frozen=True)
class FactWords:
    """How one fact is asked for: its names, whole questions, and where it belongs (a key of CONTEXTS)."""

    domain: str
    owned: bool
    names: Entry
    questions: Entry


def opened(pattern: str) -> list[str]:
    """Every wording a pattern with `(a|b|)` alternatives stands for."""
    choice = _CHOICE.search(pattern)
    if choice is None or "|" not in pattern:
        return [_SPACES.sub(" ", pattern).replace(" ?", "?").strip()]
    left, right = pattern[: choice.start()], pattern[choice.end() :]
    return [wording for option in choice.group(1).split("|") for wording in opened(left + option + right)]


@cache
def _entry(text: str) -> Entry:
    """The wordings before and after `~`; what both sides hold belongs to train."""
    train, _, test = " ".join(text.split()).partition("~")
    known = dict.fromkeys(_all(train))
    seen = {plain(wording) for wording in known}
    return Entry(tuple(known), tuple(dict.fromkeys(one for one in _all(test) if plain(one) not in seen)))


def _all(text: str) -> list[str]:
    return [wording for part in text.split(";") if part.strip() for wording in opened(part.strip())]


def plain(question: str) -> str:
    """A question without case, spaces at its ends and closing marks, to compare two."""
    return question.casefold().strip(" ?.!")


def _by_name(table: str, blank_lines: bool) -> dict[str, Entry]:
    """A table of names, each over the lines of its wordings."""
    if blank_lines:
        parts = [part.strip().partition("\n") for part in table.strip().split("\n\n")]
        return {name.strip(): _entry(body) for name, _, body in parts}
    entries: dict[str, list[str]] = {}
    name = ""
    for line in table.strip().splitlines():
        if re.fullmatch(r"[a-z]+", line):
            name = line
        else:
            entries.setdefault(name, []).append(line)
    return {name: _entry(" ".join(lines)) for name, lines in entries.items()}


@cache
def _frames() -> dict[str, Entry]:
    return _by_name(FRAMES, True)


@cache
def state_words() -> dict[str, Entry]:
    """The wordings of each kind of question about what is seen; `{l}` and `{c}` stand for words and a colour."""
    return _by_name(STATES, True)


@cache
def grid_words() -> dict[str, Entry]:
    """The wordings of each kind of question about tables and lists; their slots are told in `wordings_grids`."""
    return _by_name(GRIDS + "\n" + TILL_GRIDS, True)


def grid_question(kind: str, rng: random.Random, split: Split, slots: dict[str, str]) -> str:
    """One bare question of a kind of `grid_words` with its slots filled."""
    wordings = grid_words()[kind].of(split)
    needed = "{" + slots.get("named", "") + "}"
    wording = rng.choice([one for one in wordings if needed in one] if "named" in slots else wordings)
    for name, told in slots.items():
        told = _many(told) if name == "t" and "{t}s" in wording else told
        wording = wording.replace("{t}s" if name == "t" and "{t}s" in wording else f"{{{name}}}",
                                  quoted(told, rng) if name in "rsv" else told)  # fmt: skip
    return wording


def _many(noun: str) -> str:
    """More than one of them."""
    if noun.endswith("y"):
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith("x") else "s")


@cache
def _contexts() -> dict[str, Entry]:
    return _by_name(CONTEXTS, False)


@cache
def fact_words() -> dict[str, FactWords]:
    """How each fact is asked for, by its key."""
    words: dict[str, FactWords] = {}
    for part in re.split(r"\n(?=[a-z_0-9]+ [a-z]+(?: my)?\n)", (FACTS + TILL_FACTS.lstrip()).strip()):
        head, _, body = part.partition("\n")
        key, domain, *owned = head.split()
        names, _, questions = body.partition("\nq:")
        words[key] = FactWords(domain, bool(owned), _entry(names.removeprefix("n:")), _entry(questions))
    return words


def fact_wordings(key: str, split: Split) -> tuple[str, ...]:
    """Every bare question for a fact, in order. For test: a held-out name, frame or whole question, and none that
    train asks for any fact or thing. An unknown key is asked for by its own words."""
    return _train_wordings(key) if split == "train" else _test_wordings(key)


def _words_for(key: str) -> FactWords:
    return fact_words().get(key) or FactWords("state", False, Entry((key.replace("_", " "),), ()), Entry((), ()))


@cache
def _train_wordings(key: str) -> tuple[str, ...]:
    words = _words_for(key)
    frames = _joined("any", "my") if words.owned else _joined("any")
    return tuple(dict.fromkeys([*words.questions.train, *_filled(frames.train, words.names.train)]))


@cache
def _test_wordings(key: str) -> tuple[str, ...]:
    words = _words_for(key)
    frames = _joined("any", "my") if words.owned else _joined("any")
    wordings = [*words.questions.test, *_filled(frames.test, words.names.train + words.names.test)]
    wordings += _filled(frames.train[:12], words.names.test)
    trained = _trained().union(plain(wording) for wording in _train_wordings(key))
    return tuple(wording for wording in dict.fromkeys(wordings) if plain(wording) not in trained)


@cache
def _trained() -> frozenset[str]:
    """All bare questions of the training split, as `plain` tells them."""
    facts = [wording for key in fact_words() for wording in _train_wordings(key)]
    seen = [wording for entry in state_words().values() for wording in entry.train]
    return frozenset(plain(wording) for wording in facts + seen)


@cache
def asked_for(key: str) -> frozenset[str]:
    """All bare questions for a fact, as `plain` tells them: to know whether a question asks for another one."""
    return frozenset(plain(wording) for split in SPLITS for wording in fact_wordings(key, split))


def _joined(*names: str) -> Entry:
    entries = [_frames()[name] for name in names]
    return Entry(tuple(w for one in entries for w in one.train), tuple(w for one in entries for w in one.test))


def _filled(frames: tuple[str, ...], names: tuple[str, ...]) -> list[str]:
    return [_natural(frame, name) for frame in frames for name in names if "the {n}" in frame or not _phrase(name)]


def _phrase(name: str) -> bool:
    """Is the name a phrase ("date of the order"), which goes after "the" only?"""
    return " of " in name or " on " in name


def _natural(frame: str, name: str) -> str:
    """The frame with the name in it; "the" goes where the name has one or is a phrase of its own."""
    return frame.replace("{n}", name).replace("the the ", "the ")


def fact_question(key: str, rng: random.Random, split: Split) -> str:
    """One bare question for a fact: a whole question a third of the time, else a name in a frame."""
    words = fact_words().get(key)
    allowed = fact_wordings(key, split)
    whole = len(words.questions.of(split)) if words else 0
    return rng.choice(allowed[:whole] if whole and rng.random() < WHOLE_SHARE else allowed)


def label_question(label: str, rng: random.Random, split: Split) -> str:
    """One bare question for what stands beside the words `label`."""
    return rng.choice(_frames()["label"].of(split)).replace("{l}", quoted(label, rng))


def label_wordings(split: Split) -> tuple[str, ...]:
    return _frames()["label"].of(split)


def pair_wordings(split: Split) -> tuple[str, ...]:
    return _frames()["pair"].of(split)


def pair_question(first: str, second: str, rng: random.Random, split: Split) -> str:
    """One bare question for two facts at once."""
    frame = rng.choice(pair_wordings(split))
    return frame.replace("{n}", fact_name(first, rng, split)).replace("{m}", fact_name(second, rng, split))


def fact_name(key: str, rng: random.Random, split: Split) -> str:
    """One name of a fact; test takes its own names and those of train alike (the frame is held out)."""
    words = fact_words().get(key)
    if words is None:
        return key.replace("_", " ")
    names = words.names.train if split == "train" else words.names.train + words.names.test
    return rng.choice([name for name in names if not _phrase(name)])


def state_question(kind: str, rng: random.Random, split: Split, label: str = "", colour: str = "") -> str:
    """One bare question of a kind of `state_words` with its slots filled."""
    wording = rng.choice(state_words()[kind].of(split))
    return wording.replace("{c}", colour).replace("{l}", quoted(label, rng) if label else label)


def quoted(label: str, rng: random.Random) -> str:
    return f'"{label}"' if rng.random() < 0.15 else label


def said(question: str, rng: random.Random, split: Split, domain: str = "state") -> str:
    """A bare question as somebody sends it: after a sentence, with a greeting or thanks, terse, or with a typo."""
    turn = rng.random()
    if turn < 0.1:
        context = _contexts().get(domain, _contexts()["state"])
        question = f"{rng.choice(context.of(split))} {_risen(question)}"
    elif turn < 0.2:
        opener = rng.choice(_entry(OPENERS).of(split))
        question = f"{opener} {_lowered(question) if opener.endswith(',') else question}"
    elif turn < 0.28:
        ending = rng.choice(_entry(ENDINGS).of(split))
        stop = "." if ending[0].isupper() and question[-1] not in "?.!" else ""
        question = f"{question}{stop} {ending}"
    if rng.random() < 0.06:
        question = _mistyped(question, rng)
    if rng.random() < 0.15:
        question = question.lower().rstrip("?.")
    elif turn >= 0.28 and rng.random() < 0.4:
        question = _risen(question)
    return question


def support_questions(split: Split) -> tuple[str, ...]:
    """Questions that a picture alone does not answer, in a fixed order: whole ones, and troubles with a plea."""
    pleas = _entry(PLEAS).of(split)
    told = [
        f"{trouble} {pleas[(5 * at + each) % len(pleas)]}"
        for at, trouble in enumerate(_entry(TROUBLES).of(split))
        for each in range(5)
    ]
    return tuple(dict.fromkeys((*_entry(WHOLE).of(split), *told)))


def _risen(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lowered(text: str) -> str:
    first = text.split(" ", 1)[0]
    common = first[1:].islower() or (len(first) == 1 and first != "I")
    return text[:1].lower() + text[1:] if common and not first.startswith("I'") else text


def _mistyped(text: str, rng: random.Random) -> str:
    """One slip of a finger in one longer small-letter word."""
    places = [found.span() for found in re.finditer(r"\b[a-z]{5,}\b", text)]
    if not places:
        return text
    start, end = rng.choice(places)
    at = rng.randrange(start + 1, end - 1)
    slip = rng.choice(("swap", "drop", "double"))
    if slip == "swap":
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + (text[at] * 2 if slip == "double" else "") + text[at + 1 :]
