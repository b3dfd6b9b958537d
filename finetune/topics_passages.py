"""A topic told as the desk meets it: an article, a list, an agent's message, a conversation, an approved reply."""

from __future__ import annotations

import random
import re

from agent.sentences import split_sentences
from finetune.topics import PEOPLE, Fact, Topic, capital, question

_LEADS = (
    "Please note: ",
    "As a rule, ",
    "In short: ",
    "Good to know: ",
    "Since this year: ",
    "Important: ",
    "By the way, ",
)
_AGENT_LEADS = (
    "Sure: ",
    "No problem. ",
    "Good question. ",
    "Of course: ",
    "Happy to help. ",
    "I have looked it up: ",
    "Yes, I see. ",
    "Let me explain. ",
    "Thanks for your message. ",
    "I checked it for you: ",
    "That's quickly answered: ",
)
_INTROS = (
    "This page is about {s}.",
    "Here is what to know about {s}.",
    "What you should know about {s}, in short.",
    "{house} has put together the most common questions about {s}.",
    "The following holds for {s} only.",
    "Thank you for choosing {s} from {house}.",
    "These notes are for everybody who has {s}.",
    "Last changed on {date}.",
)
_OUTROS = (
    "All other rules stay as they are.",
    "Anything else is in the general terms of {house}.",
    "See also: questions about {s}.",
    "If you are not sure, show this page to {desk}.",
    "Other products have rules of their own.",
    "This was checked by our team.",
)
_HEADINGS = (
    "Questions and answers",
    "Good to know",
    "Rules",
    "In detail",
    "At a glance",
    "Terms",
    "How it works",
    "FAQ",
)
_SHORT_HEADINGS = {
    "cost": "Prices",
    "deadline": "Deadlines",
    "duration": "How long it takes",
    "how": "Step by step",
    "limit": "Limits",
    "meaning": "Messages and lights",
    "where": "Where to find it",
    "whatif": "When something goes wrong",
    "hours": "Times",
    "who": "Who may",
    "need": "What you need",
    "when": "Times",
    "what": "Facts",
    "can": "What is allowed",
}


def passage(chance: random.Random, topic: Topic, split: str) -> tuple[str, str]:
    """Title and text of a passage that holds every fact of the topic and names its product, plan or place."""
    style = chance.choices((_article, _listed, _message, _conversation, _questions), (40, 16, 18, 18, 8))[0]
    return style(chance, topic, split)


def approved_reply(chance: random.Random, topic: Topic) -> tuple[str, str]:
    """A reply the team has approved, with {{name}} and {{number}} to fill in."""
    thing = topic.domain.roles["thing"]
    told = [fact.told for fact in topic.facts]
    about = chance.choice((f"about {topic.subject}", f"about your {thing} {{{{number}}}}", "to us"))
    greeting = chance.choice(("Hi {{name}},", "Dear {{name}},", "Hello {{name}},"))
    end = chance.choice((f"Kind regards, {topic.house}", "Best wishes, your service team", "Your support team"))
    title = chance.choice((f"Approved reply: {topic.bare}", f"Template › {topic.bare}", f"Reply for {topic.bare}"))
    return title, f"{greeting} thank you for writing {about}. {' '.join(told)} {end}"


def _article(chance: random.Random, topic: Topic, split: str) -> tuple[str, str]:
    parts = [_led(chance, fact.told) for fact in topic.facts]
    text = " ".join([*_some(chance, topic, _INTROS), *parts, *_some(chance, topic, _OUTROS)])
    return _title(chance, topic), text


def _listed(chance: random.Random, topic: Topic, split: str) -> tuple[str, str]:
    mark = chance.choice(("- ", "- ", "• ", "* "))
    parts = []
    for fact in topic.facts:
        steps = split_sentences(fact.told)
        if len(steps) > 1 and chance.random() < 0.6:
            head = capital(re.sub(r"\bmy\b", "your", fact.asked[0])) + ":"
            parts.append("\n".join([head, *(f"{number}. {step}" for number, step in enumerate(steps, 1))]))
        else:
            parts.append(mark + fact.told)
    return _title(chance, topic), "\n".join([*_some(chance, topic, _INTROS), *parts])


def _message(chance: random.Random, topic: Topic, split: str) -> tuple[str, str]:
    """An agent's message of a solved ticket; its title is the subject the customer wrote."""
    person = chance.choice(PEOPLE)
    hello = chance.choice((f"Hi {person}, ", f"Hello {person}. ", f"Dear {person}, ", ""))
    lead = chance.choice(_AGENT_LEADS)
    told = [fact.told for fact in topic.facts]
    about = f"This is what holds for {topic.subject}. " if chance.random() < 0.4 else ""
    end = chance.choice(("", f" {chance.choice(PEOPLE)}", " Let me know if that helps.", " Have a nice day!"))
    title = chance.choice(
        (f"{topic.bare}", f"Question about {topic.subject}", f"{topic.bare}: {topic.facts[0].asked[0]}")
    )
    return title, capital(f"{hello}{lead if hello or not about else ''}{about}{' '.join(told)}{end}")


def _conversation(chance: random.Random, topic: Topic, split: str) -> tuple[str, str]:
    lines = []
    for number, fact in enumerate(topic.facts):
        asked = question(chance, topic, fact, "train", named=number == 0, noisy=chance.random() < 0.3)
        lead = chance.choice(_AGENT_LEADS) if chance.random() < 0.4 else ""
        lines.append(f"Customer: {asked}\nAgent: {lead}{fact.told}")
    if chance.random() < 0.4:
        lines.append(chance.choice(("Customer: Thanks!", "Customer: ok great", "Customer: perfect, thank you")))
    return chance.choice((topic.bare, f"Chat about {topic.subject}", f"{topic.house}: {topic.bare}")), "\n".join(lines)


def _questions(chance: random.Random, topic: Topic, split: str) -> tuple[str, str]:
    """Questions and answers, one below the other."""
    pairs = [f"{question(chance, topic, fact, 'train', named=False, noisy=False)}\n{fact.told}" for fact in topic.facts]
    return f"{topic.bare} › {chance.choice(('FAQ', 'Questions', 'Q&A'))}", "\n".join(pairs)


def _title(chance: random.Random, topic: Topic) -> str:
    heading = _SHORT_HEADINGS[topic.facts[0].frame.kind] if len(topic.facts) < 3 else chance.choice(_HEADINGS)
    ways = (f"{topic.bare} › {heading}", f"{topic.bare}", f"{topic.house} › {topic.bare}", f"{heading}: {topic.bare}")
    return chance.choice(ways)


def _led(chance: random.Random, told: str) -> str:
    """A sentence, now and then with a few words before it that an answer leaves away."""
    if chance.random() > 0.15 or '"' in told[:1]:
        return told
    lead = chance.choice(_LEADS)
    starts_small = lead.endswith(", ") and re.match(r"(?:It|The|An?|You|Up|From|At|In|One|For|If|We|Only) ", told)
    if starts_small:
        return f"{lead}{told[0].lower()}{told[1:]}"
    return f"{lead if lead.endswith(': ') else 'Note: '}{told}"


def _some(chance: random.Random, topic: Topic, lines: tuple[str, ...]) -> list[str]:
    if chance.random() < 0.55:
        return []
    line = chance.choice(lines).replace("{s}", topic.subject).replace("{house}", topic.house)
    line = line.replace("{desk}", topic.domain.roles["desk"]).replace("{date}", f"{chance.randint(1, 28)} May")
    return [capital(line)]


def fact_of(topic: Topic, fact: Fact) -> Fact:
    """The fact of the same frame in another topic. Raises StopIteration when it has none."""
    return next(each for each in topic.facts if each.frame is fact.frame)
