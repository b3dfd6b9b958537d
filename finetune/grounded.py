"""Training examples of grounded dialogue: the right passage read, its sentence said, the citation after it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from finetune.examples import Ask, Example
from finetune.topics import PEOPLE, Fact, Topic, capital, fill, make_topic, near_miss, question, spoken
from finetune.topics_passages import approved_reply, fact_of, passage
from finetune.topics_wordings import FOLLOWING

ABSENT = "Not in the passages."
TWO_PASSAGES = 0.32
WITH_HISTORY = 0.18
FROM_TEMPLATE = 0.08
ABSENT_SHARE = 0.2
SHARES = {"topics": 50, "dstc9": 12, "bitext": 10, "powerquery": 12, "shop": 8, "abcd": 3, "star": 5}

_NAMES = "Bluetooth Zigbee Central Settings English French Italian Polish Spanish"

Maker = Callable[[random.Random, str], Example]


def cite(told: str, number: int) -> str:
    """Sentences with the citation after their words: "Hold it for ten seconds [1]."."""
    told = told.strip()
    end = told[-1] if told[-1:] in ".!?" else "."
    return f"{told.removesuffix(end) if told.endswith(end) else told} [{number}]{end}"


def make_grounded(count: int, split: str, seed: int, datasets: Path | None = None) -> Iterator[Example]:
    """`count` examples of "train" or "test" from made-up topics and, where a folder of data sets is given, real ones.

    The same arguments give the same examples. A source that is not there leaves its share to the others.
    """
    chance = random.Random(f"grounded {split} {seed}")
    makers = _makers(split, datasets)
    names = list(makers)
    weights = [SHARES[name] for name in names]
    for number in range(count):
        name = chance.choices(names, weights)[0]
        example = makers[name](chance, split)
        yield replace(example, id=f"grounded-{split}-{seed}-{number}")


def _makers(split: str, datasets: Path | None) -> dict[str, Maker]:
    makers: dict[str, Maker] = {"topics": topic_example}
    if datasets is not None:
        from finetune.datasets import load_makers

        makers |= load_makers(datasets, split)
    return makers


def topic_example(chance: random.Random, split: str) -> Example:
    """Two to four questions over one made-up topic: one passage, two, a conversation going on, or an approved reply."""
    roll = chance.random()
    if roll < FROM_TEMPLATE:
        return _template_example(chance, split)
    if roll < FROM_TEMPLATE + WITH_HISTORY:
        return _followed_example(chance, split)
    topic = make_topic(chance, split)
    if roll < FROM_TEMPLATE + WITH_HISTORY + TWO_PASSAGES:
        return _two_passages(chance, split, topic)
    if roll > 0.92:  # a passage of one sentence: the desk cuts passages to what answers a follow-up
        topic = replace(topic, facts=topic.facts[:1])
        asks = [_asked(chance, topic, topic.facts[0], split) for _ in range(chance.randint(1, 2))]
        asks += [_absent(chance, topic, split)] if chance.random() < 2 * ABSENT_SHARE else []
        return Example("", "topics", tuple(asks), (passage(chance, topic, split),))
    asks = [
        _absent(chance, topic, split) if chance.random() < ABSENT_SHARE else _asked(chance, topic, fact, split)
        for fact in topic.facts
    ]
    if len(topic.facts) > 2 and chance.random() < 0.15:
        asks.append(_both(chance, topic, split))
    return Example("", "topics", tuple(asks), (passage(chance, topic, split),))


def _two_passages(chance: random.Random, split: str, topic: Topic) -> Example:
    """The right passage and a near miss, or another passage of the same product with other facts."""
    if chance.random() < 0.3:
        other = _other_facts(chance, topic)
    else:
        other = near_miss(chance, topic)
    topics = [topic, other]
    chance.shuffle(topics)
    passages = tuple(passage(chance, each, split) for each in topics)
    asks = []
    for number, each in chance.sample([(1, topics[0]), (2, topics[1])], 2):
        for fact in chance.sample(each.facts, min(2, len(each.facts))):
            if chance.random() < ABSENT_SHARE:
                asks.append(_absent(chance, each, split, (topic, other)))
            else:
                asks.append(_asked(chance, each, fact, split, number, named=True))
    if other.subject != topic.subject and chance.random() < 0.2:
        asks[-1] = _compared(chance, topics, split)
    return Example("", "topics", tuple(asks[: chance.randint(2, 4)]), passages)


def _followed_example(chance: random.Random, split: str) -> Example:
    """A conversation going on: the same for another product, a correction, or something else about this one."""
    topic = make_topic(chance, split, most=3)
    other = near_miss(chance, topic)
    first = topic.facts[0]
    if chance.random() < 0.5:
        history = ((question(chance, topic, first, split, named=True), cite(first.told, 1)),)
        asked = chance.sample(topic.facts[1:], 1)
        asks = [_asked(chance, topic, fact, split, named=False) for fact in asked]
        asks.append(_absent(chance, topic, split) if chance.random() < 0.3 else _again(chance, topic, first, split))
        return Example("", "topics", tuple(asks), (passage(chance, topic, split),), history=history)
    both = chance.random() < 0.6
    topics = [topic, other] if both else [other]
    chance.shuffle(topics)
    number = topics.index(other) + 1
    before = topics.index(topic) + 1 if both else 1
    history = ((question(chance, topic, first, split, named=True), cite(first.told, before)),)
    follow = chance.choice(FOLLOWING).replace("{link}", chance.choice(topic.domain.links))
    follow = spoken(chance, follow.replace("{s}", other.subject).replace("{other}", topic.subject), other.subject)
    asks = [Ask(follow, cite(fact_of(other, first).told, number), "follow-up")]
    asks.append(_asked(chance, other, chance.choice(other.facts[1:]), split, number, named=True))
    passages = tuple(passage(chance, each, split) for each in topics)
    return Example("", "topics", tuple(asks), passages, history=history)


def _template_example(chance: random.Random, split: str) -> Example:
    """An approved reply with {{name}}: the name comes from the question or from what was said before."""
    topic = make_topic(chance, split, most=3)
    person = chance.choice(PEOPLE)
    thing = topic.domain.roles["thing"]
    title, text = approved_reply(chance, topic)
    hello = text.split(" ", 1)[0]
    named = chance.choice((f"This is {person}. ", f"{person} here. ", f"My name is {person}. ", f"I'm {person}. "))
    number = f"{chance.choice('ABKRWX')}{chance.randint(1000, 99999)}"
    numbered = f"My {thing} is {number}. " if "{{number}}" in text else ""
    told_before = chance.random() < 0.35
    asks = []
    for fact in topic.facts:
        asked = question(chance, topic, fact, split, named=chance.random() < 0.4)
        greeted = (told_before or chance.random() < 0.75) and len(fact.told.split()) > 8
        about = f"about your {thing} {number}: " if numbered and chance.random() < 0.5 else ""
        told = f"{about}{fact.told[0].lower() + fact.told[1:] if _lowers(topic, fact.told) else fact.told}"
        answer = f"{hello} {person}, {told}" if greeted else capital(told)
        before = ("" if told_before or not greeted else named) + (numbered if about else "")
        asks.append(Ask(before + asked, cite(answer, 1), "template"))
    history = ((named.strip(), f"Hello {person}, how can I help you?"),) if told_before else ()
    return Example("", "topics", tuple(asks), ((title, text),), history=history)


def _asked(
    chance: random.Random, topic: Topic, fact: Fact, split: str, number: int = 1, named: bool | None = None
) -> Ask:
    says = chance.random() < 0.5 if named is None else named
    loose = topic.loose if named is None and chance.random() < 0.25 else ""
    return Ask(question(chance, topic, fact, split, says, loose=loose), cite(fact.told, number), "grounded")


def _again(chance: random.Random, topic: Topic, fact: Fact, split: str) -> Ask:
    opener = chance.choice(
        ("Sorry, once more: ", "I still don't get it. ", "Say that again, please: ", "Are you sure? ")
    )
    return Ask(opener + question(chance, topic, fact, split, named=False, noisy=False), cite(fact.told, 1), "follow-up")


def _absent(chance: random.Random, topic: Topic, split: str, shown: tuple[Topic, ...] = ()) -> Ask:
    """A question that the passages do not answer: something else about it, or the same about one not shown."""
    shown = shown or (topic,)
    if chance.random() < 0.1:
        far = make_topic(chance, split)
        while far.domain is topic.domain or far.facts[0].frame.shared:
            far = make_topic(chance, split)
        return Ask(question(chance, far, far.facts[0], split, named=True), ABSENT, "absent")
    subjects = [each for each in topic.domain.subjects if each not in {one.subject for one in shown}]
    if subjects and chance.random() < 0.45:
        strange = fill(chance, topic.domain, [chance.choice(topic.facts).frame], chance.choice(subjects))
        return Ask(question(chance, strange, strange.facts[0], split, named=True), ABSENT, "absent")
    there = {fact.frame for each in shown for fact in each.facts}
    kinds = {frame.asked for frame in there}
    frames = [frame for frame in topic.domain.frames if frame not in there and frame.asked not in kinds]
    strange = fill(chance, topic.domain, [chance.choice(frames)], topic.subject)
    return Ask(question(chance, strange, strange.facts[0], split, chance.random() < 0.5), ABSENT, "absent")


def _both(chance: random.Random, topic: Topic, split: str) -> Ask:
    """Two things asked at once."""
    first, second = chance.sample(topic.facts, 2)
    joined = question(chance, topic, first, split, named=True, noisy=False)
    other = question(chance, topic, second, split, named=False, noisy=False)
    asked = f"{joined if joined[-1] in '?.!' else joined + '.'} {chance.choice(('And ', 'Also: ', ''))}{other}"
    return Ask(asked, cite(f"{first.told} {second.told}", 1), "grounded")


def _compared(chance: random.Random, topics: list[Topic], split: str) -> Ask:
    """The same thing asked about both products at once."""
    frames = {fact.frame for fact in topics[0].facts} & {fact.frame for fact in topics[1].facts}
    fact = next(each for each in topics[0].facts if each.frame in frames)
    asked = question(chance, topics[0], fact, split, named=True, noisy=False)
    asked = f"{asked if asked[-1] in '?.!' else asked + '.'} And for {topics[1].subject}?"
    said = [
        cite(f"{capital(each.subject)}: {fact_of(each, fact).told}", number) for number, each in enumerate(topics, 1)
    ]
    return Ask(asked, " ".join(said), "grounded")


def _other_facts(chance: random.Random, topic: Topic) -> Topic:
    """The same product, with facts the topic does not have."""
    there = {fact.frame for fact in topic.facts}
    frames = [frame for frame in topic.domain.frames if frame not in there]
    return fill(chance, topic.domain, chance.sample(frames, chance.randint(2, 3)), topic.subject, topic.house)


def _lowers(topic: Topic, told: str) -> bool:
    """Whether a sentence may go on after a comma with a small letter: its first word is no name."""
    first = told.split(" ", 1)[0]
    plain = first in {"A", "It"} or first[1:].islower()
    return plain and first not in f"{topic.bare} {topic.house} {_NAMES}".split()
