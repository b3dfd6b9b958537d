"""Which claims of a reply the cited passages support; a reply says nothing they do not (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agent.figures import Figure, find_figures, is_counting, is_known
from agent.sentences import as_request, split_sentences, without_ids
from index.codes import find_codes
from index.words import STOP_WORDS, content_words, stem

# Below this share of its content words in the evidence, a statement is not what the evidence says; a clause of it
# may use freer words, as long as half of them stand there.
LEAST_WORDS_SHARE = 0.7
LEAST_CLAUSE_SHARE = 0.5
_CITATION = re.compile(r"\s*\[\d+\]")
_LIST_MARK = re.compile(r"^\s*(?:\d{1,2}[.)]|[-•])\s+")
_MARK = re.compile(r"[*_`#]+")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s)>\]\"”]+|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"
    r"|\b[a-z0-9][\w-]{0,62}(?:\.[a-z0-9][\w-]{0,62}){0,4}\.[a-z]{2,24}\b(?:/[\w./?=&%#-]*)?"
)
_PATH = re.compile(r"[^>→›.;:!?,()\n]{1,60}(?:[>→›][^>→›.;:!?,()\n]{1,60})+")
_NAME = re.compile(
    r"(?:(?<=[^\s.!?:•\"“‘(\[>→›…/-] )|(?<=\w[,;] ))((?!I\b)[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*)"
    r"|\b([A-Z][a-z]*[A-Z]\w*)\b"
)
_NEGATION = re.compile(r"\b(?:not|never|no|none|nobody|nothing|neither|nor|cannot|without|unable|\w+n['’]t)\b", re.I)
_CLAUSE = re.compile(
    r"[,;:()–—]\s*|\s-\s|\b(?:but|and|or|so|because|since|if|unless|when|until|while|although|though|which|then|than)\b",
    re.I,
)
_SWITCHED = re.compile(
    r"\b(?:turn|turns|turned|switch|switches|switched|put|set|toggle|leave|keep|is|are|be|stays?|goes|power(?:ed)?)\b"
    r"[^.,;:]{0,40}?\b(on|off)\b",
    re.I,
)
# Words of which a sentence may not say one where its evidence says the other.
_OPPOSITES = [
    tuple(re.compile(rf"\b(?:{words})\b", re.I) for words in pair)
    for pair in [
        ("before|earlier", "after|later"),
        ("enable[ds]?|activate[ds]?", "disable[ds]?|deactivate[ds]?"),
        ("more|at least|over|above|longer", "less|fewer|at most|under|below|shorter"),
        ("always", "never"),
        ("inside|indoors?", "outside|outdoors?"),
        ("free|no charge|without cost", "charged?|costs?|fee"),
        ("first", "last"),
        ("opens?|opened", "closes?|closed"),
        ("allow(?:s|ed)?|permit(?:s|ted)?|possible", "forbid(?:s|den)?|prohibit(?:s|ed)?|impossible"),
        ("increase[ds]?|raise[ds]?", "decrease[ds]?|reduce[ds]?|lower(?:s|ed)?"),
        ("remove[ds]?|delete[ds]?", "adds?|added|keeps?|kept"),
        ("connect(?:s|ed)?", "disconnect(?:s|ed)?"),
        ("plug(?:s|ged)?", "unplug(?:s|ged)?"),
        ("locked?|locks", "unlock(?:s|ed)?"),
    ]
]
# How a reply says that it only repeats what the customer wrote or showed.
_REPEATS = re.compile(
    r"\byou(?:['’]ve| have)? (?:wrote|written|said|mention(?:ed)?|see|describe[ds]?|asked?|tried|sent)\b"
    r"|\b(?:your|the|this) (?:screen(?:shot)?s?|picture|photo|image|message|display|app|page) (?:shows?|says?"
    r"|reads?|displays?)\b"
    r"|\b(?:on|in) (?:your|the) (?:screen(?:shot)?|picture|photo|image|message)\b",
    re.I,
)

_FRAME = {
    stem(word)
    for word in "screen screenshot picture photo image message display app page show read wrote error code".split()
}
_COURTESY = frozenset(
    """sure certainly gladly sorry happy glad great good welcome understand afraid yes simply just kindly
    course ask""".split()
)


@dataclass(frozen=True)
class Claim:
    """Something a reply asserts that must stand in its evidence: "number", "code", "link", "path", "name",
    "statement"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Checking:
    """A reply, sentence by sentence: what may stay and which claims nothing supports."""

    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    unsupported: tuple[Claim, ...]


def check(reply: str, evidence: Sequence[str], said: Sequence[str] = ()) -> Checking:
    """Check every sentence of a reply against the evidence it cites.

    A sentence stays only when all its claims are supported; its figures, names, links, codes and menu paths
    literally, its statement by its content words in one passage with the same negation. `said` is what the
    customer wrote and what stands on the picture: its codes and names may be repeated anywhere, the rest of it
    only where the reply says that it repeats ("your screen shows ..."); it is never evidence for anything else.
    """
    kept: list[str] = []
    dropped: list[str] = []
    unsupported: list[Claim] = []
    for sentence in split_sentences(reply):
        bad = unsupported_claims(sentence, evidence, said)
        (dropped if bad else kept).append(sentence)
        unsupported.extend(bad)
    return Checking(tuple(kept), tuple(dropped), tuple(unsupported))


def unsupported_claims(sentence: str, evidence: Sequence[str], said: Sequence[str] = ()) -> list[Claim]:
    """The claims of one sentence that neither the evidence nor, where it may speak, what was said supports."""
    plain = _LIST_MARK.sub("", _MARK.sub("", _CITATION.sub("", sentence))).strip()
    parts = split_sentences(plain)
    if len(parts) > 1:  # bold type or quotes may hold two sentences together
        return [claim for part in parts for claim in unsupported_claims(part, evidence, said)]
    asked = said if plain.endswith("?") else ()  # a question of the customer's may be asked back: it asserts nothing
    if any(_same(plain) in _known(text).sentences for text in (*evidence, *asked)):
        return []
    known = [*evidence, *said] if _REPEATS.search(plain) else list(evidence)
    read, heard = [_known(text) for text in known], [_known(text) for text in (*evidence, *said)]
    bad = [
        Claim("number", figure.text)
        for figure in find_figures(plain)
        if not any(is_known(figure, each.figures) for each in read)
    ]
    bad += [
        Claim("code", code)
        for code in find_codes(plain)
        if not code.isdigit() and not any(code in each.codes for each in heard)
    ]
    bad += [Claim("link", link) for link in _links(plain) if not any(link in each.links for each in read)]
    bad += [
        Claim("path", path) for path in _PATH.findall(plain) if not any(_path_known(path, each.path) for each in read)
    ]
    bad += [Claim("name", name) for name in _names(plain) if not any(_named(name, each.lower) for each in heard)]
    if not bad and not _stated(plain, read):
        bad.append(Claim("statement", plain))
    return bad


@dataclass(frozen=True)
class _Known:
    """A text of the evidence, taken apart once."""

    lower: str
    sentences: frozenset[str]
    figures: tuple[Figure, ...]
    codes: frozenset[str]
    links: frozenset[str]
    path: str
    stems: frozenset[str]
    clauses: tuple[_Clause, ...]

    @property
    def told(self) -> frozenset[str]:
        """The words of what it asserts."""
        return frozenset().union(*(clause.stems for clause in self.clauses))


@dataclass(frozen=True)
class _Clause:
    """A piece of a sentence that says one thing: its words and, as it stands, whether it denies."""

    stems: frozenset[str]
    text: str

    @property
    def denies(self) -> bool:
        """Whether it says no: an odd number of negations."""
        return len(_NEGATION.findall(self.text)) % 2 == 1


@lru_cache(maxsize=64)
def _known(text: str) -> _Known:
    plain = _MARK.sub("", text)
    sentences = split_sentences(plain)
    requests = [as_request(sentence) for sentence in sentences[_is_titled(plain) :]]
    stated = [sentence for sentence in requests if not sentence.endswith("?")]
    return _Known(
        " ".join(plain.lower().split()),
        frozenset(_same(sentence) for sentence in sentences[_is_titled(plain) :]),
        tuple(find_figures(plain)),
        frozenset(find_codes(plain)),
        frozenset(_links(plain)),
        f"{_squeezed(plain)} {_squeezed(without_ids(plain))}",
        frozenset(_stems(plain)),
        tuple(clause for sentence in stated for clause in _clauses(sentence)),
    )


def _is_titled(text: str) -> bool:
    """Whether the first line is a title: it gives words, and like a question it asserts nothing."""
    first, _, rest = text.strip().partition("\n")
    return bool(rest.strip()) and not first.rstrip().endswith((".", "!", ":", "?")) and not _LIST_MARK.match(first)


def _same(sentence: str) -> str:
    """A sentence for comparing word by word: one space, lower case, no list mark, no full stop; "?" stays."""
    return " ".join(_LIST_MARK.sub("", sentence).lower().split()).rstrip(".!:;, ")


def _links(text: str) -> list[str]:
    """Links, addresses and hosts, one spelling each."""
    found = (re.sub(r"^(?:https?://)?(?:www\.)?", "", link.lower()).rstrip("./,;:!?") for link in _LINK.findall(text))
    return [link for link in found if not re.fullmatch(r"(?:e\.g|i\.e|[ap]\.m)", link)]


def _path_known(path: str, squeezed: str) -> bool:
    """Whether each two neighbours of "Settings > Updates > Install" are neighbours in the evidence. Words may
    stand before the first step ("Open Settings") and after the last."""
    steps = [step.split() for step in re.split(r"[>→›]", path)]
    if not all(steps[1:]) or not steps[0]:
        return _squeezed(path) in squeezed
    last = len(steps) - 2
    for at, (left, right) in enumerate(pairwise(steps)):
        heads = [left[start:] for start in range(len(left))] if at == 0 else [left]
        tails = [right[:end] for end in range(1, len(right) + 1)] if at == last else [right]
        if not any(_squeezed(" ".join(a) + ">" + " ".join(b)) in squeezed for a in heads for b in tails):
            return False
    return True


def _squeezed(text: str) -> str:
    """A text for comparing menu paths: letters, figures, "+" and arrows only."""
    return re.sub(r"[^\w+>]|_", "", re.sub(r"[→›]", ">", text)).lower()


def _names(text: str) -> list[str]:
    """Capitalised words inside a sentence, and words like "iPhone" anywhere; days and months count as names."""
    found = [spelled or inner for spelled, inner in _NAME.findall(text)]
    return [name for name in found if name.lower() not in STOP_WORDS and not any(mark.isdigit() for mark in name)]


def _named(name: str, lower: str) -> bool:
    """Whether a name, or each word of it, stands in a text as a word of its own (possessive and plural too)."""
    words = [re.sub(r"['’]s$", "", word).lower() for word in name.split()]
    return all(re.search(rf"(?<!\w){re.escape(word)}(?:['’]?s)?(?!\w)", lower) for word in words)


def _stated(sentence: str, known: Sequence[_Known]) -> bool:
    """Whether one text says what the sentence says: its words, clause by clause, and yes where it says yes."""
    words = _words(sentence)
    if _REPEATS.search(sentence):
        words -= _FRAME
    if not words:
        return True
    for text in known:
        share = len(words & text.stems) / len(words)
        enough = share >= LEAST_WORDS_SHARE if len(words) >= 3 else share == 1
        told = len(words & text.told) >= LEAST_CLAUSE_SHARE * len(words)  # a title may help, not carry it
        if enough and told and all(_clause_stands(clause, text) for clause in _clauses(sentence)):
            return True
    return False


def _clause_stands(clause: _Clause, text: _Known) -> bool:
    """Whether the nearest clauses of a text say the same and not the opposite."""
    if not clause.stems:
        return True
    if len(clause.stems) >= 3 and len(clause.stems & text.stems) / len(clause.stems) < LEAST_CLAUSE_SHARE:
        return False
    shares = [len(clause.stems & each.stems) for each in text.clauses]
    most = max(shares, default=0)
    if not most:
        return True
    nearest = [each for each, share in zip(text.clauses, shares, strict=True) if share == most]
    return any(not _contradicts(clause, each) for each in nearest)


def _contradicts(claim: _Clause, known: _Clause) -> bool:
    if claim.denies != known.denies:
        return True
    switched, wanted = set(_SWITCHED.findall(claim.text.lower())), set(_SWITCHED.findall(known.text.lower()))
    if switched and wanted and not switched & wanted:
        return True
    for one, other in _OPPOSITES:
        mine, theirs = (one, other) if one.search(claim.text) else (other, one)
        claimed = mine.search(claim.text) and not theirs.search(claim.text)
        if claimed and theirs.search(known.text) and not mine.search(known.text):
            return True
    return False


def _clauses(sentence: str) -> list[_Clause]:
    return [_Clause(frozenset(_words(part)), part) for part in _CLAUSE.split(sentence) if part and part.strip()]


def _words(text: str) -> set[str]:
    """The stems that a statement is judged by: figures and units are judged as figures, courtesy not at all."""
    return {stem(word) for word in content_words(text) if word not in _COURTESY and not is_counting(word)}


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)}
