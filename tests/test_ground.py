"""A reply says nothing its evidence does not: figures, names, links, codes, paths, and yes where it says yes."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent.figures import find_figures
from agent.ground import check, unsupported_claims
from agent.sentences import split_sentences

EVIDENCE = (
    "Wren Hub and refunds\n"
    "Hold reset for 10 seconds until the light blinks white. "
    "The refund takes 3-5 working days and costs 4,90 EUR. "
    "Water damage is not covered by the warranty. "
    "Go to Devices > + > Hub and choose Add. "
    "The hub opens port 8883 to mqtt.wrenhouse.example. "
    "It works with 2.4 GHz only, WPA2 and firmware 4.2.1. "
    "Turn smart connect off. "
    "On 3 March 2025 the fee was 1,000 EUR. "
    "The link is valid for 24 hours. "
    "Write to help@wrenhouse.example or see https://wrenhouse.example/help. "
    "Error E-23 means that the hub belongs to another account. "
    "Charge the camera before you mount it outdoors. "
    "Press the button twice, wait five minutes and open the app again."
)
SENTENCES = [sentence for sentence in split_sentences(EVIDENCE)[1:]]


def kinds(sentence: str, *said: str) -> set[str]:
    return {claim.kind for claim in unsupported_claims(sentence, [EVIDENCE], said)}


@pytest.mark.parametrize(
    "sentence",
    [
        "Hold reset for ten seconds until it blinks white.",
        "Hold reset for 10s until the light blinks white [1].",
        "**Hold reset** for 10 sec until the light blinks white.",
        "The refund takes 5 working days.",
        "The refund takes three to five business days.",
        "It costs €4.90.",
        "It costs 4.9 euros.",
        "On 3 March 2025 the fee was 1000 EUR.",
        "The fee was EUR 1,000.00 on 3 March 2025.",
        "Water damage isn't covered by the warranty.",
        "Open the app and go to Devices > + > Hub.",
        "Choose Add under Devices → + → Hub.",
        "Open port 8883 to mqtt.wrenhouse.example.",
        "Write to help@wrenhouse.example.",
        "See wrenhouse.example/help.",
        "E 23 means that the hub belongs to another account.",
        "Turn off smart connect.",
        "Wait 5 minutes, then open the app again.",
        "The link is valid for 24 h.",
        "First charge the camera before mounting it outdoors.",
    ],
)
def test_what_the_evidence_says_in_these_or_other_words_stays(sentence: str) -> None:
    assert unsupported_claims(sentence, [EVIDENCE]) == []


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("Hold reset for 1 second until the light blinks white.", "number"),
        ("Hold reset for 10 minutes until the light blinks white.", "number"),
        ("The refund takes 5 days.", "number"),
        ("The refund takes six working days.", "number"),
        ("It costs $4.90.", "number"),
        ("It costs 49.0 EUR.", "number"),
        ("The fee was 1.000,00 EUR on 13 March 2025.", "number"),
        ("On 3 April 2025 the fee was 1,000 EUR.", "name"),
        ("It works with WPA3.", "number"),
        ("It works with firmware 4.2.", "number"),
        ("It works with 5 GHz.", "number"),
        ("Error E-24 means that the hub belongs to another account.", "code"),
        ("Open port 8883 to wrenhouse.example.evil.com.", "link"),
        ("Write to help@evil.example.", "link"),
        ("See https://wrenhouse.example/other.", "link"),
        ("Go to Devices > Hub > Add.", "path"),
        ("Go to Devices > + > Camera.", "path"),
        ("Ask Tom to hold reset.", "name"),
        ("Hold reset on the Raspberry Pi.", "name"),
        ("Water damage is covered by the warranty.", "statement"),
        ("The hub never belongs to another account.", "statement"),
        ("Turn smart connect on.", "statement"),
        ("Charge the camera after you mount it outdoors.", "statement"),
        ("Hold reset and cut the purple cable with scissors.", "statement"),
        ("Pour hot coffee over the device.", "statement"),
        ("The warranty is 23 years.", "number"),
    ],
)
def test_what_the_evidence_does_not_say_is_found(sentence: str, kind: str) -> None:
    assert kind in kinds(sentence)


def test_a_title_or_a_question_is_no_evidence() -> None:
    assert unsupported_claims("Water damage is covered.", ["Is water damage covered?\nPlease wait."])
    assert unsupported_claims("Camera warranty covers water.", ["Camera warranty covers water\nPlease wait."])
    assert not unsupported_claims("Please wait.", ["Camera warranty covers water\nPlease wait."])


def test_a_polite_request_in_the_evidence_is_an_instruction() -> None:
    assert not unsupported_claims("Please hold reset for 10 seconds.", ["Hub\nCould you hold reset for 10 seconds?"])


def test_what_the_customer_said_is_no_evidence_for_the_answer() -> None:
    assert kinds("The refund takes 90 working days.", "Does the refund take 90 working days?") == {"number"}
    assert kinds("Water damage is covered by the warranty.", "water damage is covered by the warranty, right?")
    assert kinds("See https://evil.example.", "see https://evil.example") == {"link"}
    assert kinds("What about hub 77?", "What about hub 77? Water damage is covered.") == set()
    assert kinds("Water damage is covered.", "What about hub 77? Water damage is covered.")


def test_what_the_customer_said_may_be_repeated_as_such() -> None:
    said = "My screen shows error PAY-409 and 73 %"
    assert kinds("Your screen shows error PAY-409 and 73 %.", said) == set()
    assert kinds("Your screen shows error PAY-410.", said) == {"code"}
    assert kinds("Your screen shows 74 %.", said) == {"number"}


def test_a_reply_is_parted_into_what_stays_and_what_goes() -> None:
    checked = check("Hold reset for 10 seconds. Then call 0800 1234.\n- Turn smart connect off.", [EVIDENCE])
    assert checked.kept == ("Hold reset for 10 seconds.", "- Turn smart connect off.")
    assert checked.dropped == ("Then call 0800 1234.",)
    assert checked.unsupported


def test_courtesy_claims_nothing() -> None:
    assert unsupported_claims("Sure, of course!", [EVIDENCE]) == []
    assert unsupported_claims("I'm sorry for the trouble with your dead grandmother.", [EVIDENCE])


def test_no_evidence_supports_nothing() -> None:
    assert unsupported_claims("Hold reset for 10 seconds.", [])
    assert unsupported_claims("Hold reset.", [""])


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6))
def test_any_sentences_of_the_evidence_are_fully_supported(sentences: list[str]) -> None:
    checked = check(" ".join(sentences), [EVIDENCE])
    assert not checked.dropped
    assert len(checked.kept) == len(sentences)


@given(st.sampled_from(SENTENCES), st.integers(0, 99_999), st.data())
@settings(max_examples=300)
def test_a_changed_figure_is_always_found(sentence: str, other: int, data: st.DataObject) -> None:
    figures = list(re.finditer(r"\d+", sentence))
    assume(figures and str(other) not in re.findall(r"\d+", EVIDENCE.replace(",", "")))  # "1,000" is 1000
    assume(other not in (1, 2, 5))  # "twice", "five minutes" and the like stand there as words
    figure = data.draw(st.sampled_from(figures))
    changed = f"{sentence[: figure.start()]}{other}{sentence[figure.end() :]}"
    assume("".join(re.findall(r"\d", changed)) != "".join(re.findall(r"\d", sentence)))
    assert unsupported_claims(changed, [EVIDENCE])


@given(st.text(max_size=400))
@settings(max_examples=150)
def test_no_text_breaks_the_check(text: str) -> None:
    checked = check(text, [EVIDENCE, text[:50]])
    assert len(checked.kept) + len(checked.dropped) == len(split_sentences(text))


@pytest.mark.parametrize("text", ["a" * 8000, "a-" * 4000, "A > " * 2000, "1," * 4000, "a.b" * 2600, "[1] " * 2000])
def test_odd_long_text_is_checked_quickly(text: str) -> None:
    import time

    started = time.perf_counter()
    check(text, [EVIDENCE])
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10 s", "ten seconds"),
        ("3 to 5 working days", "3-5 business days"),
        ("1,000 EUR", "€1000"),
        ("4,90 EUR", "4.9 euros"),
        ("a minute", "1 min"),
        ("08:30", "8:30"),
        ("twenty-four hours", "24 h"),
        ("-9 degrees", "-9 °C"),
    ],
)
def test_a_figure_is_one_however_it_is_written(one: str, other: str) -> None:
    assert find_figures(one) == find_figures(other)
    assert find_figures(one)


@pytest.mark.parametrize(
    ("one", "other"), [("10 s", "10 min"), ("4.2.0", "4.2"), ("5 days", "5 working days"), ("9", "-9"), ("v2", "v3")]
)
def test_another_figure_is_another(one: str, other: str) -> None:
    assert find_figures(one) != find_figures(other)
