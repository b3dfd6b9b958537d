"""The ladder: what a question is, and which rung answers it, with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.decide import TEMPLATE_SCORE, Known, confidence, decide, hear
from agent.evidence import Evidence, Signals

STRONG = Signals(0.95, 0.9, 0)
WEAK = Signals(0.1, 0.05, 0)
FOUND = (Evidence("T-1", "ticket", 1, "resolution", "Title", "Hold reset.", (2, 2), 0.9),)


def known(
    signals: Signals = STRONG,
    evidence: tuple[Evidence, ...] = FOUND,
    template: float = 0.0,
    exhausted: bool = False,
    writes: bool = False,
) -> Known:
    return Known(signals, evidence, template, exhausted, writes)


def rule(question: str, facts: Known, caution: float = 0.4) -> str:
    return decide(hear(question, False), facts, caution).rule


@pytest.mark.parametrize(
    "question",
    [
        "I want a person",
        "human please",
        "Can I talk to someone from your team?",
        "please connect me with an agent",
        "I'd like a real human",
        "get me a manager",
        "let me speak to a colleague, not to a bot",
        "call me back",
        "escalate this",
    ],
)
def test_asking_for_a_person_is_heard(question: str) -> None:
    assert hear(question, False).wants_person
    assert rule(question, known()) == "person.asked"


@pytest.mark.parametrize(
    "question",
    [
        "How do I transfer my hub to another person?",
        "I want to add a person to my home",
        "The captcha says I am not a robot",
        "Does the camera tell people from cats?",
        "Can I put the camera where people walk?",
        "How do I hand the lock over to the next tenant?",
    ],
)
def test_a_question_about_people_is_not_asking_for_one(question: str) -> None:
    assert not hear(question, False).wants_person


@pytest.mark.parametrize(
    "question", ["that did not work", "Didn't help :(", "still the same", "no luck", "I tried that"]
)
def test_a_complaint_is_heard_only_after_advice(question: str) -> None:
    assert hear(question, True).failed
    assert not hear(question, False).failed
    assert not hear(question, True, advised=False).failed


@pytest.mark.parametrize(
    "question",
    [
        "My camera doesn't work",
        "Why does the doorbell not work with a dimmer?",
        "The app works, how do I change my address?",
    ],
)
def test_a_new_matter_is_no_complaint(question: str) -> None:
    assert not hear(question, True).failed


def test_a_follow_up_points_back_only_with_a_history() -> None:
    assert hear("and how long does that take?", True).points_back
    assert not hear("and how long does that take?", False).points_back
    assert not hear("My thermostat shows an error after the battery change at night", True).points_back


@pytest.mark.parametrize("question", ["Hi!", "Hello there", "good morning"])
def test_a_greeting_is_answered_with_a_question(question: str) -> None:
    assert decide(hear(question, False), known(), 0.4).act == "ask"
    assert rule(question, known()) == "talk.greeting"


@pytest.mark.parametrize("question", ["Thanks!", "ok great, thank you so much", "it works now"])
def test_thanks_are_not_searched_for(question: str) -> None:
    assert rule(question, known()) == "talk.thanks"


@pytest.mark.parametrize("question", ["Hi, my hub is white", "Thanks, but where is my parcel?"])
def test_a_question_behind_a_greeting_is_a_question(question: str) -> None:
    assert rule(question, known()) == "evidence.ticket"


def test_the_rungs_come_in_order() -> None:
    question = "My hub stays white since yesterday"
    assert rule(question, known(template=1.0)) == "template.close"
    assert rule(question, known(template=TEMPLATE_SCORE - 0.01)) == "evidence.ticket"
    assert rule(question, known(writes=True)) == "evidence.written"
    assert rule(question, known(exhausted=True, template=1.0)) == "tried.all"
    assert rule(question, known(evidence=())) == "found.nothing"
    assert rule(question, known(Signals(0.95, 0.9, -1))) == "code.unknown"
    assert rule(question, known(WEAK)) == "found.unsure"


def test_a_failed_template_is_not_given_again() -> None:
    asked = hear("that did not work", True)
    assert decide(asked, known(template=1.0), 0.4).act != "template"


def test_caution_is_the_least_confidence_for_an_answer() -> None:
    middle = Signals(0.6, 0.4, 0)
    question = "My hub stays white since yesterday and the router was changed"
    assert decide(hear(question, False), known(middle), confidence(middle) - 0.01).act == "case"
    assert decide(hear(question, False), known(middle), confidence(middle) + 0.01).act == "handover"


def test_a_short_unclear_question_is_asked_back() -> None:
    middle = Signals(0.6, 0.4, 0)
    assert decide(hear("hub?", False), known(middle), confidence(middle) + 0.001).act == "ask"


def test_confidence_grows_with_each_signal() -> None:
    assert confidence(Signals(0.9, 0.5, 0)) > confidence(Signals(0.5, 0.5, 0))
    assert confidence(Signals(0.5, 0.6, 0)) > confidence(Signals(0.5, 0.3, 0))
    assert confidence(Signals(0.5, 0.3, 1)) > confidence(Signals(0.5, 0.3, 0))


@given(
    st.text(max_size=300),
    st.booleans(),
    st.floats(-1, 1),
    st.floats(-1, 1),
    st.sampled_from([-1, 0, 1]),
    st.floats(0, 1),
)
@settings(max_examples=150)
def test_every_question_gets_one_decision_with_a_reason(
    question: str, history: bool, dense: float, agreeing: float, code: int, caution: float
) -> None:
    decision = decide(hear(question, history), known(Signals(dense, agreeing, code)), caution)
    assert decision.reason
    assert decision.rule
    assert 0 <= decision.confidence <= 1
