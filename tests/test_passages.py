"""From a source to what can be found: the right message is the fix, every line number points at its text."""

from __future__ import annotations

import re
from functools import cache

import pytest

from index.conversation import Article, Conversation, Message, Source, source_lines
from index.formats import read_sources
from index.passages import PASSAGE_CHARACTERS, Passage, is_small_talk, passages_of, resolution_messages, shorten
from index.prepare import prepare
from tests.conftest import SHOP
from tests.desk_doubles import ARTICLES, TICKETS, ticket

CABLE = "Put the network cable into a LAN port of the router and wait 3 minutes until the light turns blue."
PLUG = "Please try another socket for the hub and wait 3 minutes until the light turns blue again."


def of_kind(source: Source, kind: str) -> list[Passage]:
    return [passage for passage in passages_of(source) if passage.kind == kind]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def assert_lines_point_at_the_text(source: Source) -> None:
    lines = source_lines(source)
    for passage in passages_of(source):
        first, last = passage.lines
        assert 1 <= first <= last <= len(lines), (source.id, passage)
        if passage.kind != "screen":
            shown = words(" ".join(lines[first - 1 : last]))
            missing = set(words(passage.text)[:-1]) - set(shown)  # the last word may be cut
            assert not missing, (source.id, passage.lines, missing)


@cache
def shop_sources() -> list[Source]:
    read = [*read_sources(SHOP / "tickets.jsonl"), *read_sources(SHOP / "articles")]
    return [prepare(parsed.source).source for parsed in read if parsed.source is not None]


def test_lines_point_at_the_text_in_the_whole_demo_shop() -> None:
    assert len(shop_sources()) > 300
    for source in shop_sources():
        assert_lines_point_at_the_text(source)


def test_every_solved_ticket_of_the_demo_shop_has_a_problem_and_a_fix() -> None:
    for source in shop_sources():
        if isinstance(source, Conversation) and source.outcome == "resolved":
            kinds = {passage.kind for passage in passages_of(source)}
            assert {"problem", "resolution"} <= kinds, source.id


def test_messages_of_several_lines_keep_their_numbers() -> None:
    source = ticket("T-1", "Hub", "Hello,\nmy hub is white.\n\nWhy?", f"Do this:\n1. Unplug it.\n2. {CABLE}")
    for passage in passages_of(source):
        assert_lines_point_at_the_text(source)
        if passage.kind == "resolution":
            assert passage.lines == (5, 7)


def test_after_a_wrong_turn_the_later_fix_comes_first() -> None:
    source = ticket("T-1", "Hub", "It is white", PLUG, "No, still white", CABLE, "Works!", "Great, have a nice day!")
    assert resolution_messages(source) == [3, 1]
    assert of_kind(source, "resolution")[0].text == CABLE


@pytest.mark.parametrize(
    "closing", ["You're welcome!", "Have a nice day, is there anything else?", "Glad it works. Bye!"]
)
def test_thanks_and_closing_are_never_the_fix(closing: str) -> None:
    source = ticket("T-1", "Hub", "It is white", CABLE, "Thanks", closing)
    assert [passage.text for passage in of_kind(source, "resolution")] == [CABLE]


def test_a_ticket_without_agent_or_customer_is_found_by_what_it_has() -> None:
    alone = Conversation("T-1", (Message("customer", "My hub is white and nobody answers."),), subject="Hub white")
    assert {passage.kind for passage in passages_of(alone)} == {"problem"}
    outbound = Conversation("T-2", (Message("agent", CABLE),), subject="Hub white")
    assert {passage.kind for passage in passages_of(outbound)} == {"resolution"}
    notes = Conversation("T-3", (Message("note", "called back"),))
    assert passages_of(notes) == []


def test_a_ticket_without_a_subject_is_called_by_its_first_words() -> None:
    source = ticket("T-1", "", "Hi!", "Hello, how can I help?", "My hub is white since the storm", CABLE)
    assert {passage.title for passage in passages_of(source)} == {"My hub is white since the storm"}


def test_the_problem_is_what_the_customer_told_without_small_talk() -> None:
    source = ticket("T-1", "Hub", "Hello", "Hi", "It is white.", "Since when?", "Since the update.", CABLE, "thanks!")
    assert of_kind(source, "problem")[0].text == "It is white. Since the update."


def test_the_words_of_a_picture_are_a_passage_at_its_message() -> None:
    source = ticket("T-1", "Hub", "See picture", CABLE, pictures=("ab",))
    screen = next(passage for passage in passages_of(source, {"ab": "Error E-23"}) if passage.kind == "screen")
    assert (screen.text, screen.lines) == ("Error E-23", (1, 1))
    assert not of_kind(source, "screen")


def test_sections_know_their_headings_and_code_blocks_are_no_headings() -> None:
    text = (
        "Intro\n\n## Reset\n\n```\n# not a heading\nreset --now\n```\n\n### Table\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    article = Article("KB-1", "Hub", text)
    found = of_kind(article, "section")
    assert [passage.title for passage in found] == ["Hub", "Hub › Reset", "Hub › Table"]
    assert "# not a heading" in found[1].text
    assert "| 1 | 2 |" in found[2].text
    assert_lines_point_at_the_text(article)


def test_an_open_code_block_loses_nothing() -> None:
    article = Article("KB-1", "Hub", "Start\n```\ncode\n## Still code\nend")
    assert "Still code" in " ".join(passage.text for passage in passages_of(article))


@pytest.mark.parametrize(
    "text",
    [
        "A sentence of words. " * 1000,
        "word" * 5000,
        "\n".join(f"Line {number} says something." for number in range(500)),
        "Short.\n\n" + "x" * 3000 + "\n\nEnd.",
    ],
)
def test_huge_paragraphs_are_folded_into_passages(text: str) -> None:
    article = Article("KB-1", "Huge", text)
    found = passages_of(article)
    assert max(len(passage.text) for passage in found) <= 2 * PASSAGE_CHARACTERS
    joined = "".join("".join(passage.text.split()) for passage in found)
    assert joined == "".join(text.split())


def test_an_empty_article_is_found_by_its_title() -> None:
    assert [passage.text for passage in passages_of(Article("KB-1", "Returns", "\n\n"))] == ["Returns"]


def test_the_title_is_embedded_once() -> None:
    assert Passage("section", "Returns", "Returns are free.", (1, 1)).embedded == "Returns are free."
    assert Passage("section", "Returns", "They are free.", (1, 1)).embedded == "Returns\nThey are free."


def test_lines_of_the_small_shop_point_at_the_text() -> None:
    for source in (*TICKETS, *ARTICLES):
        assert_lines_point_at_the_text(source)


@pytest.mark.parametrize("text", ["Hello!", "Thanks a lot", "ok", "Yes please", "Great, bye!", ""])
def test_small_talk_is_known(text: str) -> None:
    assert is_small_talk(text)


@pytest.mark.parametrize("text", ["No light", "Hello, hub white", "E-23", "yes it is blue now"])
def test_a_short_fact_is_no_small_talk(text: str) -> None:
    assert not is_small_talk(text)


def test_shortening_cuts_at_a_word() -> None:
    assert shorten("one two three", 9) == "one two…"
    assert shorten("one  two\nthree", 50) == "one two three"
    assert len(shorten("x" * 100, 20)) <= 20
