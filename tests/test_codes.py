"""Codes are one however they are written or misread; words for search never break a query."""

from __future__ import annotations

import sqlite3
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.codes import code_spans, find_codes, normal_code
from index.words import STOP_WORDS, content_words, fts_query, stem


@pytest.mark.parametrize(
    "text", ["E-23", "e-23", "E 23", "E23", "e23", "E_23", "(E-23)", "E-23.", "E‑23", "error e-23", "“E-23”"]
)
def test_one_code_however_it_is_written(text: str) -> None:
    assert find_codes(f"It shows {text} now") == ("E23",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("W22O4817", "W2204817"),
        ("W2204817", "W2204817"),
        ("E-2O", "E20"),
        ("E-I2", "E12"),
        ("PAY-409", "PAY409"),
        ("0x80070005", "0X80070005"),
        ("KB5034441", "KB5034441"),
        ("RMA-12345", "RMA12345"),
        ("T-1042", "T1042"),
        ("#10234", "10234"),
        ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_REFUSED"),
        ("4111-222", "4111222"),
        ("error 504", "504"),
    ],
)
def test_codes_and_ids_of_all_kinds_are_found(text: str, code: str) -> None:
    assert find_codes(f"I see {text} on the page") == (code,)


@pytest.mark.parametrize(
    "text",
    [
        "Hold it for 10 seconds",
        "FOR 30 days",
        "in 30 days",
        "MAY 2025",
        "2025-03-01",
        "USB 30",
        "12 V and 2.4 GHz",
        "EUR 4999",
        "Wi-Fi 6",
        "at 14:30",
        "hello AND goodbye",
        "1,000 EUR",
        "",
    ],
)
def test_what_is_no_code_is_left_alone(text: str) -> None:
    assert find_codes(text) == ()


def test_letters_behind_the_figures_are_letters() -> None:
    assert normal_code("A52S") != normal_code("A525")


def test_each_code_comes_once_in_order() -> None:
    assert find_codes("PAY-409, e-23 and E 23, then pay-409") == ("PAY409", "E23")


def test_spans_cover_the_codes_with_letters() -> None:
    text = "Error E-23 after 10 s, order W2204817, 4111-222"
    assert [text[start:end] for start, end in code_spans(text)] == ["E-23", "W2204817"]


@given(st.text(max_size=300))
@settings(max_examples=200)
def test_any_text_has_codes_that_are_their_own_normal_form(text: str) -> None:
    for code in find_codes(text):
        assert normal_code(code) == code
    assert all(text[start:end] for start, end in code_spans(text))


@pytest.mark.parametrize(
    "text", ["A" * 20_000, "A-" * 10_000, "1" * 20_000, "E-2" * 7000, "A1_" * 7000, "error " * 4000]
)
def test_odd_long_text_is_read_quickly(text: str) -> None:
    started = time.perf_counter()
    find_codes(text)
    assert time.perf_counter() - started < 1


def test_content_words_carry_the_meaning_once_and_in_order() -> None:
    assert content_words("How do I connect the HUB, the hub’s app and the lamp?") == [
        "connect",
        "hub",
        "hub's",
        "app",
        "lamp",
    ]
    assert content_words("the a of 7 x") == ["7"]
    assert content_words("") == []
    assert not set(content_words(" ".join(STOP_WORDS)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("connecting", "connected"),
        ("refunds", "refund"),
        ("batteries", "battery"),
        ("updated", "update"),
        ("stopped", "stop"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_different_words_keep_different_stems() -> None:
    assert len({stem(word) for word in ("reset", "refund", "return", "router", "red", "read")}) == 6


@given(st.text(max_size=200))
@settings(max_examples=150)
def test_a_full_text_query_never_breaks(text: str) -> None:
    words = content_words(text)
    if not words:
        return
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE f USING fts5(t)")
    db.execute("SELECT * FROM f WHERE f MATCH ?", [fts_query(words)]).fetchall()
    db.close()
