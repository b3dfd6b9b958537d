"""Which claims of a reply the cited passages support; a reply says nothing they do not (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.sentences import split_sentences
from index.codes import find_codes, normal_code
from index.words import content_words, stem

# Below this share of its content words in the evidence, a statement is not what the evidence says.
LEAST_WORDS_SHARE = 0.7
_CITATION = re.compile(r"\s*\[\d+\]")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,:]\d+)*(?![\w])|(?<![\w.])\d+(?:[.,]\d+)*(?=\s?(?:%|[a-zA-Z€$£]))")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s)>\]]+|\b[\w.+-]+@[\w-]+\.[\w.]+\b|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|example|de|eu)\b[/\w.-]*"
)
_PATH = re.compile(r"[A-Z][\w+/ -]{1,40}(?:\s*(?:>|→|›)\s*[A-Z][\w+/ -]{1,40})+")
_NAME = re.compile(r"(?<![.!?:•\n] )(?<!^)\b([A-Z][a-z]+(?: [A-Z][a-z]+)+|[A-Z][a-z]*[A-Z]\w*)\b")
_NEGATION = re.compile(r"\b(?:not|never|no|cannot|can't|won't|don't|doesn't|isn't|aren't|without|n't)\b", re.I)
_WORD_NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "twelve": "12", "fourteen": "14", "thirty": "30",
}  # fmt: skip


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

    `said` is what may be repeated without evidence: the customer's own words and the words on the picture.
    A sentence stays only when all its claims are supported; its figures, names, links, codes and menu paths
    literally, its statement by its content words in one passage with the same negation.
    """
    kept, dropped, unsupported = [], [], []
    for sentence in split_sentences(reply):
        bad = unsupported_claims(sentence, evidence, said)
        (dropped if bad else kept).append(sentence)
        unsupported.extend(bad)
    return Checking(tuple(kept), tuple(dropped), tuple(unsupported))


def unsupported_claims(sentence: str, evidence: Sequence[str], said: Sequence[str] = ()) -> list[Claim]:
    """The claims of one sentence that neither the evidence nor what was said supports."""
    plain = _CITATION.sub("", sentence)
    known = [*evidence, *said]
    numbers = {number for text in known for number in _numbers(text)}
    codes = {code for text in known for code in find_codes(text)}
    joined = " ".join(known).lower()
    squeezed = re.sub(r"[\W_]+", "", joined)
    bad = [Claim("number", number) for number in _numbers(plain) if number not in numbers and number not in joined]
    bad += [Claim("code", code) for code in find_codes(plain) if code not in codes and normal_code(code) not in codes]
    bad += [Claim("link", link) for link in _LINK.findall(plain) if link.rstrip(".,").lower() not in joined]
    bad += [Claim("path", path) for path in _PATH.findall(plain) if not _path_known(path, squeezed)]
    bad += [Claim("name", name) for name in _NAME.findall(plain) if name.lower() not in joined]
    if not bad and not _stated(plain, known):
        bad.append(Claim("statement", plain))
    return bad


def _path_known(path: str, squeezed: str) -> bool:
    """Whether every step of "Settings > Updates > Install" stands in the evidence; the first may follow a verb."""
    steps = re.split(r"\s*(?:>|→|›)\s*", path)
    return all(
        re.sub(r"[\W_]+", "", step).lower() in squeezed
        or any(re.sub(r"[\W_]+", "", part).lower() in squeezed for part in _tails(step))
        for step in steps
    )


def _tails(step: str) -> list[str]:
    """ "Open the app" may stand before a path's first step, and words after its last: try shorter forms."""
    words = step.split()
    return [" ".join(words[at:]) for at in range(1, len(words))] + [" ".join(words[:at]) for at in range(1, len(words))]


def _numbers(text: str) -> set[str]:
    """The figures of a text, one spelling each: "1,000" is "1000", "4,90" is "4.90", "ten" is "10"."""
    found = set()
    for raw in _NUMBER.findall(text):
        number = re.sub(r",(?=\d{3}\b)", "", raw).replace(",", ".")
        found.add(re.sub(r"\.0+$", "", number))
    found.update(_WORD_NUMBERS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _WORD_NUMBERS)
    return found


def _stated(sentence: str, known: Sequence[str]) -> bool:
    """Whether one text says what the sentence says: its words, and yes where it says yes."""
    words = {stem(word) for word in content_words(sentence) if not word.isdigit()}
    if len(words) < 3:
        return all(any(word in _stems(text) for text in known) for word in words) if words else True
    best, best_sentence = 0.0, ""
    for text in known:
        share = len(words & _stems(text)) / len(words)
        if share >= best:
            best, best_sentence = share, _closest(words, text)
    if best < LEAST_WORDS_SHARE:
        return False
    return bool(_NEGATION.search(sentence)) == bool(_NEGATION.search(best_sentence)) or best >= 0.95


def _closest(words: set[str], text: str) -> str:
    return max(split_sentences(text) or [""], key=lambda each: len(words & _stems(each)))


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)}
