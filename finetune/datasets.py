"""Grounded examples from real data sets: DSTC9 snippets, Bitext answers, an agent handbook, STAR conversations.

Each data set lies in a folder of its own inside the folder that is given; none of their text is kept here. Every set
is split by what it is about (entity, intent, article, issue, flow, conversation), never by row."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from agent.sentences import is_pleasantry, is_step, split_sentences
from finetune.examples import Ask, Example
from finetune.grounded import ABSENT, ABSENT_SHARE, Maker, cite
from finetune.topics import MONTHS, PEOPLE, capital, spoken
from index.words import content_words

_ASK_AROUND = (
    "",
    "",
    "",
    "",
    "I'd like to know: ",
    "Please tell me: ",
    "One thing I need to know: ",
    "Do you know this? ",
)
_SLOT = re.compile(r"\{\{([^{}]+)\}\}|\[((?:Customer|Support|Live|Company|Website|Order|Account|Email)[^\[\]]*)\]")
_SMALL_STEPS = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s+")
_FILLER = re.compile(
    r"\b(?:i understand|we understand|we value|we are here|we're here|committed"
    r"|i acknowledge|kindly|to help us|i'm here|i am here|assist you"
    r"|help you with|guide you|happy to help|i can help|rest assured"
    r"|don't hesitate|feel free|thank you|thanks for|let me|appreciate|i see that"
    r"|i apologi[sz]e|sorry|of course|absolutely"
    r"|certainly|you're not alone|by your side|i'll|i'm|i've)\b",
    re.I,
)
# What an agent says without having looked anything up: greetings, questions back, closings.
_TALK_ACT = re.compile(
    r"^(?:ask_|hello|goodbye|anything_else|out_of_scope|(?!.*(?:inform|confirm|result|trivia))\w+_ask_)"
)
_UNFINISHED = re.compile(
    r"^\(?Option|\b(?:then|this|first need|are|if|to)\.$|^If [^,]*, (?:and|or)\b[^,]*\.$|^To decide\b[^,]*$"
)
_CLEAN_TURN = re.compile(r"^[A-Za-z][^<>{}\[\]]{3,220}$")


def load_makers(datasets: Path, split: str) -> dict[str, Maker]:
    """A maker of examples for each data set that is in the folder, and for the demo shop, by its share's name."""
    from finetune.datasets_articles import load_powerquery, load_shop

    loaders: dict[str, tuple[Path, Callable[[Path, str], Maker]]] = {
        "dstc9": (datasets / "dstc9_faq" / "val_labels.json", load_dstc9),
        "bitext": (datasets / "bitext", load_bitext),
        "abcd": (datasets / "abcd_policy" / "guidelines.json", load_abcd),
        "star": (datasets / "star" / "transcripts.jsonl.gz", load_star),
        "powerquery": (datasets / "powerquery" / "powerquery-docs", load_powerquery),
        "shop": (Path(__file__).parents[1] / "data" / "shop" / "tickets.jsonl", load_shop),
    }
    return {name: load(path, split) for name, (path, load) in loaders.items() if path.exists()}


def kept_for_test(name: str, part: int = 5) -> bool:
    """Whether what has this name is kept out of training: one in `part`, by its hash, the same on every machine."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % part == 0


def in_split(name: str, split: str, part: int = 5) -> bool:
    """Whether what has this name belongs to the split ("train" or "test")."""
    return kept_for_test(name, part) == (split == "test")


def intent_rows(file: Path, column: str) -> list[tuple[str, str]]:
    """(text, intent) of a table with commas or, where its name ends with .tsv, with tabs and no quotes."""
    tabs = file.suffix == ".tsv"
    with file.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE) if tabs else csv.DictReader(stream)
        return [(row["text"], row[column]) for row in rows]


# --- DSTC9: questions and answers about hotels, restaurants and the like


def load_dstc9(labels: Path, split: str) -> Maker:
    """Snippets that the validation labels name, by entity; none of those that the official test labels name."""
    knowledge = json.loads((labels.parent / "knowledge.json").read_text("utf-8"))
    official = _named_snippets(labels.with_name("test_labels.json"))
    entities: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for domain, entity, doc in sorted(_named_snippets(labels) - official):
        found = knowledge[domain].get(entity)
        if found and found["name"] and in_split(f"{domain} {entity}", split):
            name = found["name"].title().replace("'S", "'s")
            title, body = (_named_so(found["docs"][doc][part], name) for part in ("title", "body"))
            entities[domain, name].append((title, body))
    whole = {key: snippets for key, snippets in entities.items() if len(snippets) > 1}
    return lambda chance, _: _dstc9_example(chance, whole)


def faq_snippets(labels: Path, split: str = "train") -> list[tuple[str, str, str]]:
    """(entity, question, answer) of the snippets that training may see: those of the training side of `load_dstc9`, and
    all of the entities that the official test never asks about."""
    knowledge = json.loads((labels.parent / "knowledge.json").read_text("utf-8"))
    official, named = _named_snippets(labels.with_name("test_labels.json")), _named_snippets(labels)
    asked = {(domain, entity) for domain, entity, _ in official}
    found = []
    for domain, entities in knowledge.items():
        for entity, each in entities.items():
            name = (each["name"] or "").title().replace("'S", "'s")
            for doc, snippet in each["docs"].items():
                key = (domain, entity, doc)
                seen = (domain, entity) not in asked or (key in named and key not in official)
                if name and seen and in_split(f"{domain} {entity}", split):
                    found.append((name, _named_so(snippet["title"], name), _named_so(snippet["body"], name)))
    return found


def _named_so(text: str, name: str) -> str:
    """A snippet without stray blanks, and with the place's name written one way ("EL SHADDAI")."""
    text = re.sub(r"\s+(?=[.,?!])", "", " ".join(text.split()))
    return re.sub(re.escape(name), name, text, flags=re.I)


def _named_snippets(labels: Path) -> set[tuple[str, str, str]]:
    """(domain, entity, snippet) of every labelled row; none where the file is not there."""
    if not labels.is_file():
        return set()
    rows = json.loads(labels.read_text("utf-8"))
    return {
        (str(each["domain"]), str(each["entity_id"]), str(each["doc_id"]))
        for row in rows
        for each in row.get("knowledge", ())
    }


def _dstc9_example(chance: random.Random, entities: dict[tuple[str, str], list[tuple[str, str]]]) -> Example:
    keys = list(entities)
    first = chance.choice(keys)
    shown = [(first, _few(chance, entities[first]))]
    if chance.random() < 0.3:
        other = chance.choice([key for key in keys if key[0] == first[0] and key != first] or keys)
        shown.append((other, _few(chance, entities[other])))
        chance.shuffle(shown)
    passages = tuple(_faq_passage(chance, name, snippets) for (_, name), snippets in shown)
    asks = []
    for number, ((_, name), snippets) in enumerate(shown, 1):
        for title, body in snippets[: 3 if len(shown) == 1 else 2]:
            asked = _about(chance, title, name, must=len(shown) > 1)
            asks.append(Ask(asked, cite(" ".join(split_sentences(body)[:2]), number), "grounded"))
    chance.shuffle(asks)
    if chance.random() < 2.3 * ABSENT_SHARE:
        strange = [each for each in entities[first] if each not in dict(shown)[first]]
        said = " ".join(text for _, snippets in shown for pair in snippets for text in pair)
        new = [each for each in strange if _apart(each[0], said)]
        if new:
            asks[-1] = Ask(_about(chance, chance.choice(new)[0], first[1], must=True), ABSENT, "absent")
    return Example("", "dstc9-val", tuple(asks[:4]), passages)


def _few(chance: random.Random, snippets: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return chance.sample(snippets, min(len(snippets), chance.randint(2, 4)))


def _faq_passage(chance: random.Random, name: str, snippets: Sequence[tuple[str, str]]) -> tuple[str, str]:
    heading = chance.choice((f"{name} › FAQ", name, f"{name}: questions and answers", f"Good to know › {name}"))
    if chance.random() < 0.3:
        return heading, "\n".join(f"Customer: {title}\nAgent: {body}" for title, body in snippets)
    if chance.random() < 0.35:
        return heading, " ".join(body for _, body in snippets)
    return heading, "\n".join(f"{title}\n{body}" for title, body in snippets)


def _about(chance: random.Random, title: str, name: str, must: bool) -> str:
    """The snippet's question as a customer asks it, with the place's name where it must stand."""
    asked = chance.choice(_ASK_AROUND) + title
    if must and name.lower() not in title.lower():
        asked = f"{title.rstrip('?. ')} {chance.choice(('at', 'at', 'for'))} {name}?"
        if chance.random() < 0.4:
            asked = f"{chance.choice(('We want to go to', 'I am looking at', 'It is about'))} {name}. {title}"
    return spoken(chance, asked, name)


def _apart(title: str, said: str) -> bool:
    """Whether hardly a content word of a question stands in what is shown: then it cannot be answered from it."""
    words = set(content_words(title))
    return bool(words) and len(words & set(content_words(said))) <= len(words) * 0.34


# --- Bitext: one question, one long answer


def load_bitext(folder: Path, split: str) -> Maker:
    """Question and answer rows by intent, whole intents kept for the test split."""
    file = sorted(folder.glob("*.csv"))[0]
    by_intent: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if in_split(f"bitext {row['intent']}", split):
                by_intent[row["intent"]].append((row["instruction"], row["response"]))
    return lambda chance, _: _bitext_example(chance, by_intent)


def _bitext_example(chance: random.Random, by_intent: dict[str, list[tuple[str, str]]]) -> Example:
    while True:
        intent = chance.choice(list(by_intent))
        instruction, response = chance.choice(by_intent[intent])
        text = fill_slots(chance, response)
        reply = relevant(instruction, text)
        if reply and len(text) < 1100:
            break
    passages = [(capital(intent.replace("_", " ")), text)]
    other_intent = chance.choice([each for each in by_intent if each.split("_")[-1] != intent.split("_")[-1]])
    asked, told = chance.choice(by_intent[other_intent])
    if len(text) < 700 and chance.random() < 0.3:
        other = fill_slots(chance, told)[:500].rsplit(".", 1)[0] + "."
        passages.append((capital(other_intent.replace("_", " ")), other))
        chance.shuffle(passages)
    number = [each[1] for each in passages].index(text) + 1
    asks = [Ask(spoken(chance, capital(instruction)), cite(reply, number), "grounded")]
    if len(passages) == 1 and chance.random() < 0.22 and _apart(asked, text):
        asks.append(Ask(spoken(chance, capital(asked)), ABSENT, "absent"))
    return Example("", "bitext", tuple(asks), tuple(passages))


def relevant(asked: str, text: str) -> str:
    """The one or two sentences, or the first steps, of a long answer that answer it; "" when only courtesy is left."""
    sentences = [each for each in split_sentences(text) if not is_pleasantry(each)]
    steps = [_SMALL_STEPS.sub("", each) for each in sentences if is_step(each)]
    if any(step.endswith("?") for step in steps):
        return ""
    if len(steps) >= 2:
        return " ".join(f"{step.rstrip('.')}." for step in steps[: 3 if sum(map(len, steps[:3])) < 260 else 2])
    plain = [each for each in sentences if not _FILLER.search(each) and not each.endswith((":", "?"))]
    if not plain:
        return ""
    words = set(content_words(asked))
    scores = [len(words & set(content_words(each))) - 0.3 * at for at, each in enumerate(plain)]
    best = scores.index(max(scores))
    reply = " ".join(plain[best : best + 2])
    return reply if len(reply) < 330 else plain[best]


def fill_slots(chance: random.Random, text: str) -> str:
    """A text with made-up values for its {{placeholders}}; the same one has the same value."""
    values: dict[str, str] = {}

    def value(found: re.Match[str]) -> str:
        name = (found[1] or found[2]).strip()
        if name not in values:
            values[name] = _slot_value(chance, name)
        return values[name]

    return re.sub(r"\s*\n\s*", "\n", re.sub(r"[ \t]+", " ", _SLOT.sub(value, text))).strip()


def _slot_value(chance: random.Random, name: str) -> str:
    small = name.lower()
    values = (
        ("email", f"help@{chance.choice(('lumeo', 'norvia', 'tavira', 'jarro'))}.example"),
        ("phone", f"0{chance.randint(800, 899)} {chance.randint(100, 999)} {chance.randint(100, 999)}"),
        ("hours", f"from {chance.randint(7, 9)} am to {chance.randint(4, 9)} pm"),
        ("availability", f"from {chance.choice(('Monday', 'Tuesday'))} to {chance.choice(('Friday', 'Saturday'))}"),
        ("number of", str(chance.choice((2, 3, 5, 7, 10, 14)))),
        ("date", f"{chance.randint(1, 28)} {chance.choice(MONTHS)}"),
        ("amount", f"{chance.randint(5, 90)}.00 EUR"),
        ("name anonym", chance.choice(PEOPLE)),
        ("client", chance.choice(PEOPLE)),
        ("website url", "shop.example"),
        ("website", "website"),
        ("company", chance.choice(("Lumeo", "Norvia", "Tavira", "Jarro"))),
        ("number", str(chance.randint(10000, 999999))),
        (" id", str(chance.randint(10000, 999999))),
    )
    return next((value for key, value in values if key in small), name)


# --- ABCD: the handbook of the agents


def load_abcd(guidelines: Path, split: str) -> Maker:
    """The steps of each subflow; whole subflows kept for the test split."""
    flows = json.loads(guidelines.read_text("utf-8"))
    pages = []
    for flow, each in flows.items():
        for name, page in each["subflows"].items():
            steps = [_step_text(step) for step in page["actions"] if len(step["text"].split()) > 3]
            steps = [step for step in steps if not _UNFINISHED.search(step)]
            if in_split(f"abcd {name}", split) and len(set(steps)) > 2 and "FAQ" not in name:
                pages.append((flow, name, steps))
    return lambda chance, _: _abcd_example(chance, pages)


def _step_text(step: dict[str, Any]) -> str:
    """A step as one or two sentences; where it ends with a colon, with the first things listed below it."""
    text = re.sub(r"\s+", " ", step["text"]).strip()
    if text.endswith(":") or text.endswith("are"):
        listed = [re.sub(r"\s+", " ", each).strip(" .") for each in step["subtext"][:3]]
        text = f"{text.rstrip(':')}: {'; '.join(listed)}" if listed else text
    return capital(text.rstrip(":.")) + "."


def _abcd_example(chance: random.Random, pages: list[tuple[str, str, list[str]]]) -> Example:
    flow, name, steps = chance.choice(pages)
    text = "\n".join(f"{at}. {step}" for at, step in enumerate(steps, 1))
    at = chance.randrange(len(steps) - 1)
    before = steps[at].rstrip(".")
    subject = name.lower()
    ways = [
        (f"How do I start with {subject}?", steps[0]),
        (f"What is the first step for {subject}?", steps[0]),
        (f"A customer asks about {subject}. What do I do first?", steps[0]),
        (f"What are the first two steps when it is about {subject}?", " ".join(steps[:2])),
        (f"What comes last for {subject}?", steps[-1]),
        (f"How do I finish {subject}?", steps[-1]),
    ]
    if len(before) < 90:
        ways.append((f'I have done "{before}". What is next?', steps[at + 1]))
        ways.append((f'What comes after "{before}"?', steps[at + 1]))
    picked = chance.sample(ways, len(ways))
    picked = [picked[0], next(each for each in picked if each[1] != picked[0][1])]
    asks = [Ask(spoken(chance, asked, asked), cite(told, 1), "grounded") for asked, told in picked]
    if chance.random() < 1.3 * ABSENT_SHARE:
        other = chance.choice([page[1] for page in pages if page[0] != flow]).lower()
        asks[-1] = Ask(spoken(chance, f"What are the first steps for {other}?"), ABSENT, "absent")
    return Example("", "abcd-policy", tuple(asks), ((f"{flow} › {name}", text[:1100]),))


# --- STAR: what people say around the matter


def load_star(file: Path, split: str) -> Maker:
    """Conversations that went well, as history and the agent's next short message."""
    by_act: dict[str, list[tuple[list[tuple[str, str]], str, str]]] = defaultdict(list)
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            if row.get("happy") and in_split(row["id"], split):
                turns = _paired(row["messages"])
                for at, (asked, told, act) in enumerate(turns):
                    if _TALK_ACT.match(act):
                        before = [(one, other) for one, other, _ in turns[max(0, at - 2) : at]]
                        by_act[act].append((before, asked, told))
    return lambda chance, _: _star_example(chance, by_act)


def _paired(messages: Sequence[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """(customer, agent, act) turns where one message follows the other; a turn with odd text ends the list."""
    turns = []
    for first, second in pairwise(messages):
        if first["role"] == "customer" and second["role"] == "agent":
            pair = (first["text"].strip(), second["text"].strip())
            if not all(_CLEAN_TURN.match(text) for text in pair):
                break
            turns.append((*pair, second.get("action") or ""))
    return turns


def _star_example(chance: random.Random, by_act: dict[str, list[tuple[list[tuple[str, str]], str, str]]]) -> Example:
    """A greeting, a question back, a closing, each kind as often as another."""
    before, asked, told = chance.choice(by_act[chance.choice(list(by_act))])
    return Example("", "star", (Ask(asked, told, "chat"),), history=tuple(before))
