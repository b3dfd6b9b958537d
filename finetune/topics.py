"""Made-up support topics without end: facts of many kinds of business, filled with values, about a named product."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from finetune import topics_devices, topics_public, topics_services
from finetune.topics_wordings import CLOSERS, GENERIC, HELD_GENERIC, OPENERS, WORDINGS

# A line of facts: kind | how it is asked about ; said in another way | what is true. {a/b/c} is one of these; the same
# braces twice in a fact are the same value. {s} is the product, plan or place, {thing}, {place}, {desk} and {doc} the
# domain's roles, {eur}, {phone}, {mail}, {date}, {promo} and {4-digit} made-up values.
_BRACES = re.compile(r"\{([^{}]*)\}")
_CLAUSE = re.compile(r"^(?:how|which|what|where|whom?|when|why)\b")
_IT = re.compile(r"\bit\b(?!')")
_ONE = re.compile(r"\b(?:one|1) (?:working )?(?:day|week|month|year|hour|minute|lesson|evening|metre|film)s\b", re.I)
MONTHS = "January February March April May June July August September October November December".split()
HOUSES = """Aldera Bexum Corlane Dovetree Elmora Fenwick Galdor Hartwell Ivanna Jarro Kestrel Lumeo Mirabel
Norvia Opalis Pellworm Quillon Rosmere Solvane Tavira Umbrio Velden Westray Xandra Yarrow Zephora
Brightwater Copperfield""".split()
PEOPLE = """Ana Ben Chiara David Elena Farid Grace Hugo Ines Jakub Kemal Lena Marco Nadia Oscar Priya Quentin Rosa Sven
Tara Uwe Vera Will Ximena Yusuf Zoe Amina Boris Carla Diego Emma Femi Gita Hana Ivan Jo Karin Liam Mona Noah""".split()


@dataclass(frozen=True)
class Frame:
    """One kind of fact, not filled in yet. `asked`: phrases for the question; `told`: the sentences that answer it.
    A shared one is a policy that every kind of business has."""

    domain: str
    kind: str
    asked: tuple[str, ...]
    told: str
    shared: bool = False


@dataclass(frozen=True)
class Domain:
    """A kind of business: its products, plans or places (`subjects`), the words that join them to a question
    (`links`), sentences that own one, and what it calls order, portal, desk and paper (`roles`)."""

    name: str
    subjects: tuple[str, ...]
    links: tuple[str, ...]
    owning: tuple[str, ...]
    roles: dict[str, str]
    frames: tuple[Frame, ...]
    held: bool


@dataclass(frozen=True)
class Fact:
    """A frame with its values: the phrases to ask with, and the sentences that answer."""

    frame: Frame
    asked: tuple[str, ...]
    told: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Topic:
    """Facts about one product, plan or place of a made-up company."""

    domain: Domain
    house: str
    subject: str
    facts: tuple[Fact, ...]

    @property
    def loose(self) -> str:
        """What a customer calls it who does not say its name ("my router"); "" where there is no such word."""
        name = self.domain.name
        return (
            f"my {name[:-1]}" if name.endswith("s") and not name.endswith(("ies", "ss")) and " and " not in name else ""
        )

    @property
    def bare(self) -> str:
        """The subject as it stands in a heading."""
        return capital(self.subject.removeprefix("the "))


@cache
def domains(split: str) -> tuple[Domain, ...]:
    """The domains of "train" or "test" with their frames. The two share no domain and no frame: of the policies that
    every business has, every seventh is kept for the test split."""
    texts = (topics_devices.TEXT, topics_services.TEXT, topics_public.TEXT)
    blocks = [block for text in texts for block in re.split(r"^# ", text, flags=re.M)[1:]]
    return tuple(each for each in map(_domain, blocks) if each.held == (split == "test"))


def frames(split: str) -> list[Frame]:
    """All frames of a split."""
    return [frame for domain in domains(split) for frame in domain.frames]


@cache
def wordings(kind: str, split: str) -> tuple[str, ...]:
    """The ways to ask a kind of question; the test split has a fifth of them for itself."""
    listed = [each.strip() for each in WORDINGS[kind].replace("\n", "|").split("|")]
    kept = len(listed) - len(listed) // 6
    return tuple(listed[:kept] if split == "train" else listed[kept:] + listed[:2])


def make_topic(chance: random.Random, split: str, most: int = 4) -> Topic:
    """A topic of two to `most` facts, mostly the domain's own ones."""
    domain = chance.choice(domains(split))
    own = [frame for frame in domain.frames if not frame.shared]
    shared = [frame for frame in domain.frames if frame.shared]
    count = chance.randint(2, most)
    mine = min(len(own), max(1, round(count * chance.choice((0.35, 0.65, 1.0)))))
    picked = chance.sample(own, mine) + chance.sample(shared, min(len(shared), count - mine))
    chance.shuffle(picked)
    return fill(chance, domain, picked)


def fill(chance: random.Random, domain: Domain, picked: Sequence[Frame], subject: str = "", house: str = "") -> Topic:
    """The frames with values, for a subject of the domain (any, unless one is named)."""
    subject = subject or chance.choice(domain.subjects)
    facts = tuple(_fact(chance, domain, frame, subject) for frame in picked)
    return Topic(domain, house or chance.choice(HOUSES), subject, facts)


def near_miss(chance: random.Random, topic: Topic) -> Topic:
    """The same policies for another product, plan or place of the domain, every value another one where it can be."""
    subject = chance.choice([each for each in topic.domain.subjects if each != topic.subject])
    facts = []
    for fact in topic.facts:
        other = _fact(chance, topic.domain, fact.frame, subject, fact.values)
        for _ in range(8):
            if other.told != fact.told:
                break
            other = _fact(chance, topic.domain, fact.frame, subject, fact.values)
        facts.append(other)
    return Topic(topic.domain, topic.house, subject, tuple(facts))


def question(
    chance: random.Random, topic: Topic, fact: Fact, split: str, named: bool, noisy: bool = True, loose: str = ""
) -> str:
    """A customer's question about a fact; `named`: it says which product, plan or place is meant, by its name or by
    a `loose` one ("my router"). A `noisy` one has greetings and slips."""
    subject = loose or topic.subject
    phrase = chance.choice(fact.asked)
    ways = wordings(fact.frame.kind, split)
    clause = bool(_CLAUSE.match(phrase))
    if fact.frame.kind == "what" or clause:
        ways = wordings("what", split)
        ways = tuple(way.lstrip("~") for way in ways if not clause or way.startswith("~"))
    if clause and not ways:
        ways = ("Can you tell me {p}?",)
    owning = ""
    if named and _IT.search(phrase) and chance.random() < 0.8:
        phrase = _IT.sub(subject, phrase, count=1)
    elif named and not loose and (chance.random() < 0.35 or fact.frame.kind == "whatif"):
        owning = chance.choice(topic.domain.owning).replace("{s}", topic.subject) + " "
    elif named:
        phrase = f"{phrase} {chance.choice(topic.domain.links)} {subject}"
    text = owning + capital(chance.choice(ways).replace("{p}", phrase))
    return spoken(chance, text, topic.subject) if noisy else text


def left_open(chance: random.Random, topic: Topic, split: str, named: bool) -> str:
    """A question about the product, plan or place that none of the topic's facts answers."""
    known = {fact.frame.asked for fact in topic.facts}
    frames = [frame for frame in topic.domain.frames if frame.asked not in known]
    strange = fill(chance, topic.domain, [chance.choice(frames)], topic.subject)
    return question(chance, strange, strange.facts[0], split, named)


def spoken(chance: random.Random, text: str, keep: str = "") -> str:
    """A question as people type it: with a greeting, in small letters, without its mark, with a slip of the finger."""
    roll = chance.random()
    if roll < 0.14:
        opener = chance.choice(OPENERS)
        text = opener + (text if opener.rstrip()[-1] in ".!" or text.startswith("I ") else text[0].lower() + text[1:])
    elif roll < 0.22:
        text += chance.choice(CLOSERS).replace("{person}", chance.choice(PEOPLE))
    if chance.random() < 0.1:
        text = _slip(chance, text, keep)
    if chance.random() < 0.16:
        text = text.lower()
    if chance.random() < 0.14:
        text = text.rstrip("?.")
    return capital(text) if text.startswith('"') or (chance.random() < 0.5 and text[:1].isupper()) else text


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def _slip(chance: random.Random, text: str, keep: str) -> str:
    """Two letters of a longer word swapped, or one lost; never in the name of the product or beside a figure."""
    words = text.split(" ")
    slots = [at for at, word in enumerate(words) if len(word) > 4 and word.isalpha() and word.islower()]
    slots = [at for at in slots if words[at] not in keep.lower()]
    if not slots:
        return text
    at = chance.choice(slots)
    letter = chance.randrange(1, len(words[at]) - 2)
    word = words[at]
    swapped = word[:letter] + word[letter + 1] + word[letter] + word[letter + 2 :]
    words[at] = swapped if chance.random() < 0.6 else word[:letter] + word[letter + 1 :]
    return " ".join(words)


def _fact(
    chance: random.Random, domain: Domain, frame: Frame, subject: str, given: tuple[tuple[str, str], ...] = ()
) -> Fact:
    """A fact; `given` values stay as they are. What the question names (a code, a country) is kept beside it."""
    values: dict[str, str] = dict(domain.roles) | {"s": subject} | dict(given)
    asked = tuple(_filled(chance, phrase, values) for phrase in frame.asked)
    named = tuple((token, values[token]) for token in values if token not in domain.roles and token != "s")
    told = _filled(chance, frame.told, values)
    if told.startswith("It ") and chance.random() < 0.4:
        told = capital(subject) + told[2:]
    told = _ONE.sub(lambda found: found[0][:-1], told)
    return Fact(frame, asked, re.sub(r"(?:^|(?<=\. ))[a-z]", lambda found: found[0].upper(), told), named)


def _filled(chance: random.Random, text: str, values: dict[str, str]) -> str:
    """The text with all its braces filled; `values` are used and added to."""

    def value(found: re.Match[str]) -> str:
        token = found[1]
        if token not in values:
            values[token] = _made(chance, token)
        return values[token]

    while _BRACES.search(text):  # inner braces first: {a/b {doc}}
        text = _BRACES.sub(value, text)
    return text


def _made(chance: random.Random, token: str) -> str:
    """A value for the braces: one of "a/b/c", or made up."""
    if token == "eur":
        whole = chance.choice((chance.randint(2, 60), chance.randint(5, 20) * 5, chance.randint(60, 250)))
        return f"{whole}{chance.choice(('', '', '.00', '.50', '.90', '.95'))} EUR"
    if token == "phone":
        return f"0{chance.randint(20, 99)} {chance.randint(100, 999)} {chance.randint(10, 99)} {chance.randint(10, 99)}"
    if token == "mail":
        user = chance.choice(("help", "service", "care", "support", "desk", "contact"))
        return f"{user}@{chance.choice(HOUSES).lower()}.example"
    if token == "date":
        return f"{chance.randint(1, 28)} {chance.choice(MONTHS)}"
    if token == "promo":
        return f"{chance.choice(HOUSES).upper()[:5]}{chance.choice((10, 15, 20, 24, 25, 26))}"
    if token == "4-digit":
        return f"{chance.randint(1000, 9999)}{chance.choice(('', '#'))}"
    return chance.choice(token.split("/"))


def _domain(block: str) -> Domain:
    """One "# name" block. Raises ValueError for a line that is none."""
    head, _, body = block.partition("\n")
    name, _, mark = (part.strip() for part in head.partition("|"))
    held = mark == "held"
    lines = _lines(body)
    given = dict(line.split(":", 1) for line in lines if re.match(r"(?:subjects|link|own|roles):", line))
    roles = dict(zip(("thing", "place", "desk", "doc"), _parts(given["roles"], "|"), strict=True))
    own = [_frame(name, line) for line in lines if not re.match(r"(?:subjects|link|own|roles):", line)]
    shared = [
        _frame(name, line, shared=True) for at, line in enumerate(_lines(GENERIC)) if (at % HELD_GENERIC == 3) == held
    ]
    subjects, links, owning = (_parts(given[key], ";") for key in ("subjects", "link", "own"))
    return Domain(name, subjects, links, owning, roles, (*own, *shared), held)


def _frame(domain: str, line: str, shared: bool = False) -> Frame:
    kind, asked, told = (part.strip() for part in line.split("|"))
    if kind not in WORDINGS:
        raise ValueError(f"{domain}: no kind of question is called {kind!r}")
    return Frame(domain, kind, _parts(asked, ";"), told, shared)


def _lines(body: str) -> list[str]:
    """The lines of a block; an indented one goes on with the line before."""
    return [line for line in re.sub(r"\n +", " ", body).split("\n") if line.strip()]


def _parts(text: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(mark))
