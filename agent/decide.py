"""What to do with a question: the ladder template, case, generate, ask, hand over, and why (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.events import Decision
from agent.evidence import Evidence, Signals
from index.words import content_words

if TYPE_CHECKING:
    from agent.deciders import Judged

# A question this close to an approved wording is that question (cosine of MiniLM).
TEMPLATE_SCORE = 0.8
# Fitted by bench/fit_confidence.py on the demo tickets, each searched without itself, against other domains; "code"
# is a small bonus set by hand.
CONFIDENCE = {"bias": -10.17, "dense": 5.29, "agreeing": 18.73, "code": 1.0}
# The same where a judge has read the best passage: near enough to what is known here at all (cosine), and the passage
# answers (log-odds). Each a logistic (slope, middle), fitted by bench/fit_answering.py on three kinds of shelf.
NEAR, ANSWERS = (17.23, 0.39), (1.14, -0.25)
# Another embedder has other cosines: the first middle stays so far below the cosine that suffices alone.
NEAR_BELOW = 0.57 - NEAR[1]
# From here on nobody is asked if a source answers: of made-up questions without an answer (training topics) 3 % got so
# far, and on the demo shop the model's doubts cost more answers than they saved.
SURE = 0.8
# A model that says when the passages do not answer is asked from this share of `caution` on.
READ_SHARE = 0.25
READ_NEAR = 0.74  # and, whatever agrees, where the best source is so near: a share of what suffices alone
# From here the best source alone makes it likelier than not: above 99 % of the other domains' questions in that fit.
ALONE_DENSE = 0.57
ALONE_SLOPE = 30.0
ASK_SHARE = 0.6
AIMED = 0.8  # from here on a question asks what the picture shows
LONGEST_COMPLAINT = 10

_SOMEBODY = (
    r"(?:humans?|persons?|people|agents?|someone|somebody|representatives?|colleagues?|managers?|supervisors?"
    r"|operators?|employees?|team)"
)
_PERSON = re.compile(
    rf"\b(?:(?:talk|speak|chat)(?:ing)? (?:to|with)\b.{{0,20}}\b{_SOMEBODY}"
    rf"|(?:connect|transfer|put|pass|hand|forward|escalate)(?: me| us| this| it)\b.{{0,25}}\b{_SOMEBODY}"
    r"|(?:real|actual|live|human) (?:human|person|agent|being|support)"
    rf"|(?:want|need|get me|give me|like|prefer) (?:a |an |the |some )?(?:real |human |actual )?{_SOMEBODY}"
    r"(?= please|\W*$|[,.;!?]| now| not| instead)"
    r"|(?:talk|speak|want|with|to)\b.{0,20}\bnot (?:a|with a|to a) (?:bot|robot|machine)|escalate (?:this|it|my)"
    r"|call me(?: back)?)\b|^\W*(?:human|person|agent|operator|representative)(?: please)?\W*$",
    re.I,
)
_SMALL_TALK = re.compile(
    r"^\W*(?:(?:hi|hello|hey|hiya|howdy|good (?:morning|afternoon|evening|day)|greetings|yo|there|hallo)\W*)+$", re.I
)
_THANKS = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|great|perfect|super|cool|nice|awesome|brilliant|thanks?(?: you)?|thx|ty|cheers|so much"
    r"|a lot"
    r"|very much|that (?:worked|helped|did it)|it works(?: now)?|works(?: now)?|solved|got it|bye|goodbye|many)\W*)+$",
    re.I,
)
# "It did not work", "still the same": what was advised failed. "My camera doesn't work" is a new matter.
_FAILED = re.compile(
    r"(?:^\W*|[.!,;]\s+|\b(?:that|this|it|they|those|these|none|neither|both|and|but|sorry|no|still|also"
    r"|of (?:it|them))\W+)"
    r"(?:(?:unfortunately|sadly|really|just|also|still)\W+)*"
    r"(?:did|does|do)(?:n['’]?t| not) (?:work|help|fix|change|solve|do (?:anything|it))"
    r"|\b(?:the \w+ did(?:n['’]?t| not) (?:work|help)|still not working|(?:it|that|this)(?:['’]s"
    r"| is) (?:still )?not working"
    r"|still (?:not|the same|doesn|won|isn|no|blink|show|red|white|blue|amber|green|purple|off|nothing)"
    r"|same (?:problem|issue|error|thing)|no luck|already (?:did|tried|done)|tried (?:that|this|it|all|both"
    r"|everything)"
    r"|nothing (?:changed|happen\w+|new))",
    re.I,
)
_POINTING = re.compile(
    r"\b(?:it|that|this|those|these|they|them|there|then|one|same|again)\b|^(?:and|but|so|or|what about)\b", re.I
)


@dataclass(frozen=True)
class Measures:
    """What a cosine is worth. It differs from embedder to embedder, so a version brings its own with its embedder."""

    template: float = TEMPLATE_SCORE
    bias: float = CONFIDENCE["bias"]
    dense: float = CONFIDENCE["dense"]
    agreeing: float = CONFIDENCE["agreeing"]
    code: float = CONFIDENCE["code"]
    alone_dense: float = ALONE_DENSE
    alone_slope: float = ALONE_SLOPE


AS_FITTED = Measures()


@dataclass(frozen=True)
class Asked:
    """A question as the ladder sees it."""

    text: str
    wants_person: bool
    greets: bool
    thanks: bool
    failed: bool
    points_back: bool
    words: int


@dataclass(frozen=True)
class Known:
    """What was found for it: signals of the best source, the evidence a reply could rest on, the template's
    closeness, whether everything found was tried before in this conversation, how likely it asks only what a picture
    shows (0 when nobody could read it), the word of the house that always brings a person ("" for none), whether a
    model is at hand that was taught to say when the passages do not answer, what trained heads say of the question
    (None without them)."""

    signals: Signals
    evidence: tuple[Evidence, ...]
    template: float
    exhausted: bool
    can_generate: bool
    aimed: float = 0.0
    ruled: str = ""
    abstains: bool = False
    judged: Judged | None = None


def hear(question: str, has_history: bool, advised: bool | None = None) -> Asked:
    """What kind of question this is, from its words alone; `advised` when advice was given before in this chat."""
    words = len(content_words(question))
    return Asked(
        question,
        bool(_PERSON.search(question)) and words <= 12,
        bool(_SMALL_TALK.match(question)),
        bool(_THANKS.match(question)),
        (has_history if advised is None else advised) and bool(_FAILED.search(question)) and words <= LONGEST_COMPLAINT,
        has_history and (words <= 2 or (words <= 5 and bool(_POINTING.search(question)))),
        words,
    )


def ruled_by(question: str, words: Iterable[str]) -> str:
    """The first of the house's words that stands in the question, whole and in either case; "" for none."""
    for word in words:
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", question, re.I):
            return word
    return ""


def confidence(signals: Signals, by: Measures = AS_FITTED, answers: float | None = None) -> float:
    """How sure it is that the best source answers the question, 0..1. `answers`: how likely a passage does (0..1), as a
    judge says that read both together; None without one.

    A logistic over the signals; without a judge, on a small shelf, where no second case can agree, one very close
    source is enough.
    """
    if answers is not None:
        near = _logistic((NEAR[0], by.alone_dense - NEAR_BELOW), signals.dense, by.code * signals.code)
        return near * _logistic(ANSWERS, logit(answers))
    z = by.bias + by.dense * signals.dense + by.agreeing * signals.agreeing + by.code * signals.code
    alone = by.alone_slope * (signals.dense - by.alone_dense)
    return 1 / (1 + math.exp(-max(z, alone)))


def _logistic(curve: tuple[float, float], value: float, more: float = 0.0) -> float:
    slope, middle = curve
    return 1 / (1 + math.exp(-(slope * (value - middle) + more)))


def best_answer(evidence: Sequence[Evidence]) -> float | None:
    """How likely the best passage answers; None where no judge read it."""
    return evidence[0].answers if evidence else None


def logit(share: float, most: float = 8.0) -> float:
    """Log-odds of a share, at most so many either way."""
    least = 1 / (1 + math.exp(most))
    share = min(max(share, least), 1 - least)
    return math.log(share / (1 - share))


def decide(asked: Asked, known: Known, caution: float, by: Measures = AS_FITTED) -> Decision:
    """The first rung of the ladder that holds, and the intent where a head is sure of it. `caution` is the least
    confidence for an answer."""
    decision = _rung(asked, known, caution, by)
    judged = known.judged
    if judged is None or not judged.sure or judged.is_outside or asked.greets or asked.thanks:
        return decision
    return replace(decision, intent=judged.intent, intent_share=round(judged.probability, 4))


def _rung(asked: Asked, known: Known, caution: float, by: Measures) -> Decision:
    sure = confidence(known.signals, by, best_answer(known.evidence))
    if asked.wants_person:
        return Decision("handover", "a person was asked for", "person.asked", 1.0)
    if known.ruled:
        return Decision("handover", f"“{known.ruled}” always goes to a person here", "house.words", 1.0)
    if asked.greets:
        return Decision("ask", "a greeting, no question yet", "talk.greeting", 1.0)
    if asked.thanks:
        return Decision("ask", "thanks, no question", "talk.thanks", 1.0)
    if known.aimed >= AIMED and asked.words and not asked.failed:
        return Decision("read", "asked what the picture shows", "picture.asked", known.aimed)
    if known.exhausted:
        return Decision("handover", "what past cases say was tried already", "tried.all", sure)
    if known.template >= by.template and not asked.failed:
        return Decision("template", "an approved reply fits", "template.close", min(1.0, known.template))
    if known.signals.code < 0:
        return Decision("handover", "nobody here has met this code before", "code.unknown", sure)
    if not known.evidence:
        return Decision("handover", "no past case or article speaks of this", "found.nothing", 0.0)
    if known.judged is not None and known.judged.is_outside and sure < SURE:
        return Decision("handover", "this is none of the matters known here", "heads.outside", sure)
    if known.judged is not None and known.judged.goes_to_person:
        return Decision("handover", "questions like this one went to a person before", "heads.escalate", sure)
    near = sure >= READ_SHARE * caution or known.signals.dense >= READ_NEAR * by.alone_dense
    if sure < caution and not (known.abstains and near):
        if sure >= ASK_SHARE * caution and asked.words <= 4:
            return Decision("ask", "the question fits more than one case", "found.unclear", sure)
        return Decision("handover", "nothing found answers this surely enough", "found.unsure", sure)
    best = known.evidence[0]
    doubtful = "evidence.read" if sure < caution else ""
    if known.can_generate:
        reason = f"written from {best.source_id}, checked claim by claim"
        return Decision("generate", reason, doubtful or "evidence.written", sure)
    return Decision("case", f"{best.source_id} answered this before", doubtful or f"evidence.{best.source_kind}", sure)
