"""Grounded examples from help articles (powerquery) and from the demo shop's solved tickets."""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.sentences import general_sentences, split_sentences
from finetune.datasets import in_split, kept_for_test
from finetune.examples import Ask, Example
from finetune.grounded import ABSENT, ABSENT_SHARE, Maker, cite
from finetune.topics import capital, spoken
from index.conversation import Conversation, Message
from index.passages import resolution_messages
from index.words import content_words

KEPT_ARTICLES = Path(__file__).with_name("kept_articles.txt")
LONGEST_SECTION = 1100
SHORTEST_SECTION = 160
LONGEST_ANSWER = 340
_IMAGE = re.compile(r":::image.*?:::(?:image-end:::)?|!\[[^\]]*\]\([^)]*\)|\[!\w+[^\]]*\]|<[^>\n]+>", re.S)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_TO_DO = re.compile(r"^To (?!do (?:that|this|so)|use this|work around it)([a-z][^.,;:]{6,80}), ((?:you )?[a-z].{10,})$")
_IF_SO = re.compile(r"^If (?!you (?:don't )?have questions)([a-z][^.,;:]{8,90}), (.{12,})$")
_YOU_CAN = re.compile(r"^You can (?:also )?(?!see|find|read)([a-z][^.,;:]{8,80}?) by ([a-z]\w+ing .{8,})$")
_HOW = (
    "How do I {p}?",
    "How can I {p}?",
    "I want to {p}. What do I do?",
    "What must I do to {p}?",
    "how to {p}",
    "What is the way to {p}?",
    "Please explain how to {p}.",
    "I need to {p}, how does it work?",
    "Can you show me how to {p}?",
    "I'm trying to {p}.",
    "Is there a way to {p}?",
    "Steps to {p}?",
    "We have to {p}. How?",
    "I can't manage to {p}.",
    "Could you tell me how to {p}?",
    "What's needed to {p}?",
)
_IF = (
    "What if {p}?",
    "What happens if {p}?",
    "What should I do if {p}?",
    "What do I do when {p}?",
    "{p}. What now?",
    "And if {p}?",
    "Suppose {p}. What then?",
    "{p}, what do you advise?",
    "How do I react if {p}?",
    "is there something to do if {p}",
    "Please tell me what to do if {p}.",
    "In my case {p}. What follows?",
    "{p}. How do I go on?",
    "What changes if {p}?",
    "I wonder what to do if {p}.",
)
_WHAT = (
    "What is {p}?",
    "What does {p} do?",
    "What should I know about {p}?",
    "Tell me about {p}.",
    "{p}?",
    "Explain {p}, please.",
    "What is meant by {p}?",
    "Can you say what {p} is about?",
    "I read about {p}. What is it?",
    "what is {p} for",
    "Give me a short description of {p}.",
    "How does {p} work?",
    "I'm new here: {p}?",
    "What can you tell me about {p}?",
    "Is there something on {p}?",
)
_ACTS = re.compile(
    r"\d|>|\b(?:hold|press|tap|open|choose|set|switch|put|take|wait|means?|works?|needs?|must|can|can't|turn|use|check"
    r"|remove|add|update|pay|paid|send|cover(?:s|ed)?|refund(?:ed|s)?|free|costs?|within|because|if|when|only|until)\b",
    re.I,
)
_SIGNED = re.compile(
    r"\n\s*(?:kind |best |many )?(?:regards|thanks|thank you)\b|\n\n\s*(?:sent (?:from|by)|\w+ \w+$)", re.I
)
_STEPS = re.compile(
    r"(?:^|[,;:.] |\band |\bthen |\bplease )(?:hold|press|tap|open|choose|set|switch|put|take|turn|use|update"
    r"|go to|unplug"
    r"|loosen|clean|move|pair|enter|click|select|replace)\b|\bmeans?\b|\d+ (?:days|hours|minutes|EUR|months"
    r"|years|seconds)\b|>",
    re.I,
)
_IMPERATIVE = re.compile(
    r"^(?:how to|connect|load|create|prepare|choose|use|add|remove|fill|combine|import|configure|set|change|edit|define"
    r"|replace"
    r"|rename|delete|select|enable|disable|install|keep|merge|append|convert|promote|split|sort|test|write|view|move|get|open"
    r"|save|verify|migrating)\b",
    re.I,
)
_DULL = re.compile(
    r"^(?:summary|prerequisites?|capabilities|limitations|related|next steps|see also|conclusion|troubleshooting"
    r"|more|examples?"
    r"|overview|additional|known|considerations|frequently|connection|introduction|authentication"
    r"|in this|properties|id|notes?)\b",
    re.I,
)


@dataclass(frozen=True)
class Section:
    """A part of an article below one heading, as plain text; `leads`: it opens with a plain sentence."""

    article: str
    title: str
    heading: str
    text: str

    @property
    def name(self) -> str:
        """The title the desk shows."""
        return self.title if self.heading == self.title else f"{self.title} › {self.heading}"


def powerquery_train_articles(docs: Path) -> list[str]:
    """The articles that may be trained on, as paths inside the folder; a fifth of all is kept for tests by name, and
    so are those whose pictures the bench asks about (`kept_articles.txt`)."""
    kept = set(KEPT_ARTICLES.read_text("utf-8").split())
    return [each for each in _articles(docs) if each not in kept and not kept_for_test(f"powerquery {each}")]


def load_powerquery(docs: Path, split: str) -> Maker:
    """Sections of help articles with what they tell how to do; whole articles kept for the test split."""
    train = set(powerquery_train_articles(docs))
    names = [each for each in _articles(docs) if (each in train) == (split == "train")]
    found = [section for name in names for section in sections(name, (docs / name).read_text("utf-8-sig"))]
    asked = [(section, pairs) for section in found if (pairs := asks_of(section))]
    return lambda chance, _: _article_example(chance, asked)


def article_questions(docs: Path, chance: random.Random, count: int) -> list[tuple[str, tuple[str, str]]]:
    """`count` questions with the section (name, text) that answers each, of the articles that may be trained on."""
    found = [
        section
        for name in powerquery_train_articles(docs)
        for section in sections(name, (docs / name).read_text("utf-8-sig"))
    ]
    asked = [(section, pairs) for section in found if (pairs := asks_of(section))]
    return [
        (_article_ask(chance, chance.choice(pairs), 1).question, (section.name, section.text))
        for section, pairs in chance.choices(asked, k=count)
    ]


def _articles(docs: Path) -> list[str]:
    return sorted(str(path.relative_to(docs).as_posix()) for path in docs.rglob("*.md") if "includes" not in path.parts)


def sections(name: str, markdown: str) -> list[Section]:
    """The readable sections of an article, without pictures, tables and code."""
    body = re.sub(r"\A---\n.*?\n---\n", "", markdown, flags=re.S)
    body = re.sub(r"```.*?```|<!--.*?-->", "", body, flags=re.S)
    title, found = "", []
    for piece in re.split(r"^(?=#{1,4} )", body, flags=re.M):
        head, _, text = piece.partition("\n")
        if not head.startswith("#"):
            continue
        heading = re.sub(r"^\d+\. ", "", _plain(head.lstrip("# ")))
        title = title or heading
        lines = [
            _plain(line) for line in _IMAGE.sub("", text).split("\n") if not line.lstrip().startswith(("|", ">", ":::"))
        ]
        text = re.sub(r"\n{2,}", "\n", "\n".join(line for line in lines if line)).strip()
        if len(text) > LONGEST_SECTION:
            cut = text[:LONGEST_SECTION]
            text = cut.rsplit("\n", 1)[0] if "\n" in cut else cut.rsplit(". ", 1)[0] + "."
        if len(text) >= SHORTEST_SECTION:
            found.append(Section(name, title, heading, text))
    return found


def _plain(line: str) -> str:
    return re.sub(r"\*\*|`|\\(?=[_*<>\[\]#])|&nbsp;", "", _LINK.sub(r"\1", line)).strip()


def asks_of(section: Section) -> list[tuple[str, str, str]]:
    """(kind of wording, phrase, sentence that answers) of a section."""
    found = []
    sentences = [each for each in split_sentences(section.text) if len(each) < LONGEST_ANSWER and each.endswith(".")]
    for sentence in sentences:
        told = re.sub(r"^(?:\d{1,2}[.)]|[-*•])\s+", "", sentence)
        if re.search(r"\b(?:following|below|above|previous|this (?:example|article)|image)\b", told, re.I):
            continue
        if (match := _TO_DO.match(told)) or (match := _YOU_CAN.match(told)):
            found.append(("how", _as_mine(match[1]), told))
        elif match := _IF_SO.match(told):
            found.append(("if", _as_mine(match[1]), told))
    if sentences and section.text.startswith(sentences[0]) and not _DULL.match(section.heading):
        lead = sentences[0]
        words = set(content_words(section.heading))
        heading = section.heading if section.heading == section.title else _small(section.heading)
        if 0 < len(words) < 7 and len(words & set(content_words(lead))) >= 0.5 * len(words) and "following" not in lead:
            if not _IMPERATIVE.match(heading):
                found.append(("what", heading.rstrip("?"), lead))
            elif re.match(r"(?:To|On|In the|From|Select|You can|If you|Open|Right-click|Use) ", lead):
                phrase = re.sub(r"^how to ", "", _small(heading), flags=re.I)
                found.append(("how", _as_mine(phrase), lead))
    return found


def _small(heading: str) -> str:
    """A heading inside a question: its first letter small, unless its first word is a name."""
    return heading[0].lower() + heading[1:] if heading.split()[0][1:].islower() else heading


def _as_mine(clause: str) -> str:
    """ "you have a gateway" as the customer says it: "I have a gateway"."""
    clause = re.sub(r"\byou're\b", "I'm", re.sub(r"\byou are\b", "I am", clause))
    return re.sub(r"\byour\b", "my", re.sub(r"\byou\b", "I", clause))


def _article_example(chance: random.Random, asked: list[tuple[Section, list[tuple[str, str, str]]]]) -> Example:
    section, pairs = chance.choice(asked)
    shown = [section]
    near = [each for each, _ in asked if each.article == section.article and each is not section]
    if near and len(section.text) < 650 and chance.random() < 0.3:
        shown.append(chance.choice(near))
        if len(shown[1].text) > 650:
            shown.pop()
        chance.shuffle(shown)
    number = shown.index(section) + 1
    asks = [_article_ask(chance, pair, number) for pair in chance.sample(pairs, min(3, len(pairs)))]
    if chance.random() < 1.6 * ABSENT_SHARE:
        other, strange = chance.choice(asked)
        said = " ".join(f"{each.name} {each.text}" for each in shown)
        kind, phrase, _ = chance.choice(strange)
        words = set(content_words(phrase))
        if other.article != section.article and len(words & set(content_words(said))) <= 0.4 * len(words):
            asks.append(Ask(_article_ask(chance, (kind, phrase, "-"), 1).question, ABSENT, "absent"))
    return Example("", "powerquery", tuple(asks), tuple((each.name, each.text) for each in shown))


def _article_ask(chance: random.Random, pair: tuple[str, str, str], number: int) -> Ask:
    kind, phrase, told = pair
    ways = {"how": _HOW, "if": _IF, "what": _WHAT}[kind]
    return Ask(
        spoken(chance, capital(chance.choice(ways).replace("{p}", phrase)), phrase), cite(told, number), "grounded"
    )


# --- the demo shop: a question with the fix of another ticket of the same issue


@dataclass(frozen=True)
class Solved:
    """A solved ticket: what the customer asked, and the agent's message that fixed it."""

    title: str
    question: str
    text: str
    told: tuple[str, ...]


def load_shop(tickets: Path, split: str) -> Maker:
    """Solved tickets by issue, whole issues kept for the test split. The shop's test questions are never read."""
    issues: dict[str, list[Solved]] = defaultdict(list)
    for line in tickets.read_text("utf-8").splitlines():
        row = json.loads(line)
        issue = " ".join(row.get("tags", ()))
        if row.get("outcome") == "resolved" and in_split(f"shop {issue}", split, 6) and (solved := _solved(row)):
            issues[issue].append(solved)
    several = {issue: listed for issue, listed in issues.items() if len(listed) > 1}
    return lambda chance, _: _shop_example(chance, several)


def _solved(row: dict[str, Any]) -> Solved | None:
    messages = tuple(Message(each["role"], each["text"]) for each in row["messages"])
    positions = resolution_messages(Conversation(row["id"], messages))
    question = next((each.text for each in messages if each.role == "customer"), "")
    if not positions or not question:
        return None
    text = max((messages[at].text for at in positions), key=len)
    told = tuple(each for each in general_sentences(text) if _ACTS.search(each))
    question = " ".join(_SIGNED.split(question)[0].split())
    whole = len(told) > 1 and 15 < len(question) < 400 and sum(map(len, told)) > 90 and any(map(_STEPS.search, told))
    return Solved(row.get("subject") or question[:60], question, text, told) if whole else None


def _shop_example(chance: random.Random, issues: dict[str, list[Solved]]) -> Example:
    issue = chance.choice(list(issues))
    fix = chance.choice(issues[issue])
    about = content_words(f"{fix.title} {fix.question} {fix.text}")
    others = [each for each in issues[issue] if each is not fix and len({*content_words(each.question)} & {*about}) > 3]
    asking = chance.choice(others) if others else fix
    passages = [(fix.title, fix.text)]
    strange = chance.choice(issues[chance.choice([each for each in issues if each.split()[:2] != issue.split()[:2]])])
    if chance.random() < 0.3:
        passages.append((strange.title, strange.text))
        chance.shuffle(passages)
    number = [text for _, text in passages].index(fix.text) + 1
    asks = [Ask(asking.question, cite(_shortened(fix.told, asking.question), number), "grounded")]
    if asking is not fix:
        asks.append(Ask(fix.question, cite(_shortened(fix.told, fix.question), number), "grounded"))
    if len(passages) == 1 and chance.random() < 0.3:
        asks[-1] = Ask(strange.question, ABSENT, "absent")
    return Example("", "shop", tuple(asks), tuple(passages))


def _shortened(told: tuple[str, ...], question: str) -> str:
    """The two sentences of a fix, in their order, that go best with the question; figures and steps first."""
    words = set(content_words(question))

    def fits(at: int) -> float:
        acts = len(_ACTS.findall(told[at]))
        return len(words & set(content_words(told[at]))) + 0.7 * min(acts, 3) - 0.2 * at

    best = sorted(sorted(range(len(told)), key=fits, reverse=True)[:2])
    return " ".join(told[at] for at in best)
