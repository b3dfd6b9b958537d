"""Pairs to learn from whether a passage answers a question: right ones, and the nearest ones that do not."""

from __future__ import annotations

import csv
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from finetune.datasets import faq_snippets, fill_slots, in_split, intent_rows, kept_for_test
from finetune.datasets_articles import article_questions
from finetune.topics import PEOPLE, Topic, capital, left_open, make_topic, near_miss, question, spoken
from finetune.topics_passages import passage
from index.embed import Embedder

NEAREST = 3  # wrong passages beside the right one
ALIKE = 0.75  # passages whose vectors are so close may well answer the same: they are not called wrong
SHELF = 60  # products on a made-up shelf, each with its look-alike
SHARES = {"topics": 0.3, "shelves": 0.3, "dstc9": 0.14, "powerquery": 0.12, "bitext": 0.04, "intents": 0.1}
UNRELATED = 0.2  # share of pairs whose passage speaks of something else altogether
CASE = 0.35
WORDY = 0.3
BEFORE = (
    "Hi there, I hope you are well.",
    "I have been a customer for some years now.",
    "My order is {n}.",
    "I already wrote to you last week and got no answer.",
    "Sorry, this may be a silly question.",
    "I have looked at your page and did not find it.",
    "I bought it in spring and was happy so far.",
    "Dear team,",
    "We are three people in the office and nobody knows.",
    "I tried it twice today.",
    "This is about my contract {n}.",
    "My neighbour told me to ask you.",
    "I'm not good with these things.",
    "It is the first time that I write to you.",
    "I called this morning but nobody picked up.",
)
AFTER = (
    "Thanks in advance, {person}",
    "Please answer soon.",
    "I'm a bit annoyed by now.",
    "Regards, {person}",
    "I'd be glad about a short answer.",
    "It would be good to know before Friday.",
    "Best, {person}",
    "I attach nothing for now.",
    "Let me know if you need more from me.",
    "Thank you for your help!",
    "I don't want to do anything wrong.",
    "Sent from my phone",
)
MOST_TEXT = 1100
HELD_PART = 6  # one kind of business in six is kept to choose with


@dataclass(frozen=True)
class Pair:
    """A question, a passage (title, text), whether the passage answers it, and where both come from."""

    question: str
    title: str
    text: str
    answers: bool
    source: str


@dataclass(frozen=True)
class Ground:
    """Passages with questions about them, each with the number of the passage that answers it, None where none does.
    Passages of one `kin` answer the same; those whose vectors are closer than `alike` may."""

    source: str
    passages: Sequence[tuple[str, str]]
    kin: Sequence[str]
    questions: Sequence[tuple[str, int | None]]
    alike: float = ALIKE


def make_pairs(count: int, embedder: Embedder, seed: int, datasets: Path | None = None) -> Iterator[Pair]:
    """About `count` pairs, each source with its share; a source that is not there is left out. The same arguments give
    the same pairs. Only what training may see: no official test rows, none of the kept articles, intents or topics."""
    chance = random.Random(f"answering {seed}")
    made: list[Pair] = []
    for name, make in _makers(datasets).items():
        for pair in make(chance, embedder, round(count * (1 - UNRELATED) * SHARES[name])):
            made.append(pair)
            yield _worded(chance, pair)
    for _ in range(round(count * UNRELATED)):
        asked, other = chance.sample(made, 2)
        if asked.source != other.source or asked.source in ("topics", "dstc9", "powerquery"):
            yield _worded(chance, Pair(asked.question, other.title, other.text, False, "unrelated"))


def mined(ground: Ground, embedder: Embedder, chance: random.Random) -> Iterator[Pair]:
    """Each question with its right passage and the nearest ones that are not; without a right one those alone."""
    shelf = embedder.embed([f"{title}\n{text}" for title, text in ground.passages])
    asked = embedder.embed([text for text, _ in ground.questions])
    of_passage: dict[int, list[str]] = defaultdict(list)
    for text, right in ground.questions:
        if right is not None:
            of_passage[right].append(text)

    def pair(text: str, at: int, answers: bool) -> Pair:
        others = [each for each in of_passage[at] if each != text]
        return _as_case(chance, Pair(text, *ground.passages[at], answers, ground.source), others)

    for (text, right), row in zip(ground.questions, asked @ shelf.T, strict=True):
        if right is not None:
            yield pair(text, right, True)
            same = (shelf @ shelf[right] >= ground.alike) | (np.array(ground.kin) == ground.kin[right])
            row = np.where(same, -1.0, row)
        near = [int(at) for at in np.argsort(-row)[: 2 * NEAREST] if row[at] > 0]
        for at in sorted(chance.sample(near[1:], min(NEAREST - 1, len(near[1:])))) + near[:1]:
            yield pair(text, at, False)


def _as_case(chance: random.Random, pair: Pair, others: Sequence[str]) -> Pair:
    """Now and then the passage as the desk shows a past case: below what another customer asked."""
    if not others or chance.random() > CASE or pair.text.startswith("Customer: "):
        return pair
    return replace(pair, text=f"Customer: {chance.choice(others)}\nAgent: {pair.text}")


def _worded(chance: random.Random, pair: Pair) -> Pair:
    """Now and then the question as people write it in a mail: with sentences around it that say nothing."""
    if chance.random() > WORDY:
        return pair
    before = " ".join(chance.sample(BEFORE, chance.randint(0, 2))).replace("{n}", str(chance.randint(1000, 999_999)))
    after = " ".join(chance.sample(AFTER, chance.randint(0, 2))).replace("{person}", chance.choice(PEOPLE))
    return replace(pair, question=" ".join(filter(None, (before, pair.question, after))))


Maker = Callable[[random.Random, Embedder, int], Iterator[Pair]]


def _makers(datasets: Path | None) -> dict[str, Maker]:
    makers: dict[str, Maker] = {"topics": _topics, "shelves": _shelves}
    if datasets is None:
        return makers
    places: dict[str, tuple[Path, Callable[[Path, random.Random, int], Ground]]] = {
        "dstc9": (datasets / "dstc9_faq" / "val_labels.json", _faq),
        "powerquery": (datasets / "powerquery" / "powerquery-docs", _articles),
        "bitext": (datasets / "bitext", _answers),
    }
    for name, (place, ground) in places.items():
        if place.exists():
            makers[name] = _grounded_in(place, ground)
    if (datasets / "banking77").is_dir():
        makers["intents"] = _grounded_in(datasets, _intents)
    return makers


def _grounded_in(place: Path, ground: Callable[[Path, random.Random, int], Ground]) -> Maker:
    def make(chance: random.Random, embedder: Embedder, count: int) -> Iterator[Pair]:
        return mined(ground(place, chance, max(1, count // (NEAREST + 1))), embedder, chance)

    return make


def _topics(chance: random.Random, embedder: Embedder, count: int) -> Iterator[Pair]:
    """One product alone: its facts asked with its name or without, what it does not tell, and what only another one's
    article tells."""
    made = 0
    while made < count:
        topic = _product(chance, "train", held=False)
        other = near_miss(chance, topic)
        own, foreign = (passage(chance, each, "train") for each in (topic, other))
        for fact in topic.facts:
            named, loose = chance.random() < 0.5, topic.loose if chance.random() < 0.25 else ""
            yield Pair(question(chance, topic, fact, "train", named, loose=loose), *own, True, "topics")
        for named in (True, False):
            yield Pair(left_open(chance, topic, "train", named), *own, False, "topics")
        fact = chance.choice(topic.facts)
        yield Pair(question(chance, topic, fact, "train", named=True), *foreign, False, "topics")
        made += len(topic.facts) + 3


def _shelves(chance: random.Random, embedder: Embedder, count: int) -> Iterator[Pair]:
    made = 0
    while made < count:
        for pair in mined(shelf(chance, "train"), embedder, chance):
            made += 1
            yield pair


def shelf(chance: random.Random, split: str, *, held: bool = False, most: int = SHELF) -> Ground:
    """Products beside their look-alikes on one shelf, with questions that it answers and such that nothing on it
    does: what a product's article does not say. `held`: of the kinds of business that this training does without."""
    passages: list[tuple[str, str]] = []
    questions: list[tuple[str, int | None]] = []
    taken: set[str] = set()
    for _ in range(most):
        topic = _product(chance, split, held)
        other = near_miss(chance, topic)
        if taken & {topic.subject, other.subject}:
            continue
        taken |= {topic.subject, other.subject}
        for each in (topic, other):
            passages.append(passage(chance, each, split))
            for fact in chance.sample(each.facts, min(2, len(each.facts))):
                questions.append((question(chance, each, fact, split, named=True), len(passages) - 1))
            questions.append((left_open(chance, each, split, named=True), None))
    kin = [str(at) for at in range(len(passages))]
    return Ground("shelves", passages, kin, questions, alike=1.1)  # what looks alike there is another product


def _product(chance: random.Random, split: str, held: bool) -> Topic:
    """A topic of a kind of business that is held out of this training, or of one that is not."""
    while True:
        topic = make_topic(chance, split)
        if kept_for_test(f"answering {topic.domain.name}", HELD_PART) == held:
            return topic


def _faq(labels: Path, chance: random.Random, count: int) -> Ground:
    """Questions and answers about hotels and restaurants; wrong is what the same place, or another, says else."""
    snippets = faq_snippets(labels)
    passages, kin, questions = list[tuple[str, str]](), list[str](), list[tuple[str, int | None]]()
    for name, title, body in snippets:
        heading = chance.choice((name, f"{name} › FAQ", f"{name}: questions and answers"))
        passages.append((heading, f"{title}\n{body}" if chance.random() < 0.3 else body))
        kin.append(name)
    for at in chance.choices(range(len(snippets)), k=count):
        name, title, _ = snippets[at]
        asked = title if name.lower() in title.lower() else f"{title.rstrip('?. ')} at {name}?"
        questions.append((spoken(chance, asked, name), at))
    # of one place: what was asked in much the same words answers too; of another place nothing does
    return Ground("dstc9", passages, [str(at) for at in range(len(passages))], questions, alike=0.8)


def _articles(docs: Path, chance: random.Random, count: int) -> Ground:
    asked = article_questions(docs, chance, count)
    passages = sorted({section for _, section in asked})
    at = {section: number for number, section in enumerate(passages)}
    return Ground("powerquery", passages, [title for title, _ in passages], [(text, at[one]) for text, one in asked])


def _answers(folder: Path, chance: random.Random, count: int) -> Ground:
    """Long answers by intent, whole intents kept out as for the generator."""
    file = sorted(folder.glob("*.csv"))[0]
    with file.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if in_split(f"bitext {row['intent']}", "train")]
    rows = chance.sample(rows, min(count, len(rows)))
    passages = [
        (capital(row["intent"].replace("_", " ")), fill_slots(chance, row["response"])[:MOST_TEXT]) for row in rows
    ]
    questions = [(spoken(chance, capital(row["instruction"])), at) for at, row in enumerate(rows)]
    return Ground("bitext", passages, [row["intent"] for row in rows], questions)


def _intents(datasets: Path, chance: random.Random, count: int) -> Ground:
    """What other customers asked, by intent, from the training rows of three sets: a past case with the same matter."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    for file, column in (("banking77/train.csv", "category"), ("hwu64/train_kfold1.tsv", "intent")):
        for text, intent in intent_rows(datasets / file, column) if (datasets / file).is_file() else ():
            by_intent[f"{file} {intent}"].append(text)
    clinc = datasets / "clinc150" / "data_full.json"
    for text, intent in json.loads(clinc.read_text("utf-8"))["train"] if clinc.is_file() else ():
        by_intent[f"clinc {intent}"].append(text)
    several = [intent for intent, texts in by_intent.items() if len(texts) > 3]
    passages, kin, questions = list[tuple[str, str]](), list[str](), list[tuple[str, int | None]]()
    for intent in chance.choices(several, k=count):
        asked, before = chance.sample(by_intent[intent], 2)
        title = capital(intent.split(" ", 1)[1].replace("_", " ")) if chance.random() < 0.4 else ""
        passages.append((title, f"Customer: {before}" if chance.random() < 0.4 else before))
        kin.append(intent)
        questions.append((asked, len(passages) - 1))
    return Ground("intents", passages, kin, questions, alike=0.9)
