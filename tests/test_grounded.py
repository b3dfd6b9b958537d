"""Grounded examples: every answer stands in its passage, many topics and wordings, nothing of a test in train."""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path

import pytest

from agent.ground import check
from finetune import topics
from finetune.datasets import kept_for_test, relevant
from finetune.datasets_articles import asks_of, powerquery_train_articles, sections
from finetune.examples import Ask, Example, load_examples, save_examples
from finetune.grounded import ABSENT, cite, make_grounded

ROOT = Path(__file__).parents[1]
DATASETS = Path(os.environ.get("DESKSIDE_DATASETS", ROOT.parent / "shared" / "datasets"))
PASSED_ON = {"grounded", "follow-up"}

needs_datasets = pytest.mark.skipif(not DATASETS.is_dir(), reason="the data sets are not beside the project")


@pytest.fixture(scope="module")
def made() -> list[Example]:
    return list(make_grounded(400, "train", 3))


@pytest.fixture(scope="module")
def real() -> list[Example]:
    return list(make_grounded(700, "train", 5, DATASETS))


def asks(examples: list[Example], *kinds: str) -> list[tuple[Example, Ask]]:
    return [(each, ask) for each in examples for ask in each.asks if ask.kind in kinds]


def words_of(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).lower().strip()


def cited(example: Example, answer: str) -> list[tuple[str, str]]:
    """The words before each citation, and the text of the passage it names."""
    found = re.findall(r"(.+?) \[(\d+)\][.!?]\s*", answer)
    return [(words, "\n".join(example.passages[int(number) - 1])) for words, number in found]


def test_the_citation_comes_after_the_words() -> None:
    assert cite("Hold it for ten seconds.", 1) == "Hold it for ten seconds [1]."
    assert cite("Does it blink?", 2) == "Does it blink [2]?"
    assert cite("no full stop", 1) == "no full stop [1]."


def test_every_answer_is_copied_from_the_passage_it_cites(made: list[Example]) -> None:
    for example, ask in asks(made, *PASSED_ON):
        quoted = cited(example, ask.answer)
        assert quoted, ask
        for words, passage in quoted:
            said = words_of(passage)
            sentences = re.split(r"(?<=[.!?]) +(?=[A-Z0-9\"])", re.sub(r"^[^.]{0,30}: (?=[A-Z])", "", words))
            assert all(words_of(sentence) in said for sentence in sentences), (words, passage)


def test_what_is_learned_passes_the_desks_own_check(made: list[Example]) -> None:
    found = asks(made, "grounded", "follow-up", "template")
    dropped = [ask.answer for example, ask in found if _dropped(example, ask)]
    assert len(dropped) <= 0.02 * len(found), dropped[:5]


def _dropped(example: Example, ask: Ask) -> bool:
    said = [ask.question, *(asked for asked, _ in example.history)]
    return bool(check(ask.answer, [f"{title}\n{text}" for title, text in example.passages], said).dropped)


def test_a_refusal_is_one_fixed_sentence_and_neither_rare_nor_common(made: list[Example]) -> None:
    absent = asks(made, "absent")
    assert {ask.answer for _, ask in absent} == {ABSENT}
    assert 0.09 < len(absent) / sum(len(each.asks) for each in made) < 0.17


def test_two_passages_are_cited_as_often_first_as_second(made: list[Example]) -> None:
    answers = [ask.answer for example, ask in asks(made, "grounded") if len(example.passages) == 2]
    second = sum("[2]" in answer and "[1]" not in answer for answer in answers) / len(answers)
    assert 0.38 < second < 0.62
    assert 0.2 < sum(len(each.passages) == 2 for each in made) / len(made) < 0.45


def test_there_are_hundreds_of_frames_and_many_wordings() -> None:
    frames = {(frame.domain, frame.asked) for frame in topics.frames("train")}
    assert len(frames) > 800
    assert all(len(topics.wordings(kind, "train")) >= 12 for kind in topics.WORDINGS)
    assert all(
        len(set(topics.wordings(kind, "train"))) == len(topics.wordings(kind, "train")) for kind in topics.WORDINGS
    )


def test_the_test_split_has_domains_frames_and_wordings_of_its_own() -> None:
    assert not {each.name for each in topics.domains("train")} & {each.name for each in topics.domains("test")}
    assert not {frame.told for frame in topics.frames("train")} & {frame.told for frame in topics.frames("test")}
    for kind in topics.WORDINGS:
        assert set(topics.wordings(kind, "test")) - set(topics.wordings(kind, "train"))


def test_every_frame_can_be_told_and_asked() -> None:
    chance = random.Random(1)
    for split in ("train", "test"):
        for domain in topics.domains(split):
            for frame in domain.frames:
                topic = topics.fill(chance, domain, [frame])
                asked = topics.question(chance, topic, topic.facts[0], split, named=True, noisy=False)
                assert not re.search(r"[{}|~]", asked + topic.facts[0].told), (asked, topic.facts[0].told)
                assert topic.facts[0].told[0].upper() == topic.facts[0].told[0]
                assert topic.facts[0].told.endswith("."), topic.facts[0].told


def test_a_near_miss_is_another_product_with_other_values() -> None:
    chance = random.Random(2)
    same = total = 0
    for _ in range(100):
        topic = topics.make_topic(chance, "train")
        other = topics.near_miss(chance, topic)
        assert other.subject != topic.subject
        same += sum(one.told == two.told for one, two in zip(topic.facts, other.facts, strict=True))
        total += len(topic.facts)
    assert same < 0.03 * total


def test_the_same_seed_makes_the_same_examples(made: list[Example], tmp_path: Path) -> None:
    again = list(make_grounded(50, "train", 3))
    assert again == made[:50]
    assert again != list(make_grounded(50, "train", 4))
    assert save_examples(again, tmp_path / "grounded.jsonl") == 50
    assert list(load_examples(tmp_path / "grounded.jsonl")) == again


def test_a_follow_up_needs_what_was_said_before(made: list[Example]) -> None:
    followed = [each for each in made if each.history]
    assert 0.1 < len(followed) / len(made) < 0.3
    assert any("I meant" in ask.question for each in followed for ask in each.asks)


def test_a_template_is_filled_from_what_the_customer_wrote(made: list[Example]) -> None:
    found = [(each, ask) for each, ask in asks(made, "template") if re.match(r"(?:Hi|Dear|Hello) ", ask.answer)]
    assert found
    for example, ask in found:
        name = ask.answer.split(",")[0].split()[1]
        assert name.lower() in " ".join([ask.question, *(asked for asked, _ in example.history)]).lower()
        assert "{{" in example.passages[0][1]
        assert "{{" not in ask.answer


def test_an_articles_sections_tell_how_to_do_things() -> None:
    text = (
        "---\ntitle: x\n---\n# Fill values\n\nYou can fill empty cells of a column.\n\n## Fill down\n\nThe fill down"
        " operation copies a value into the empty cells below. To fill the column, right-click it and select **Fill** >"
        ' **Down**. If you have text, convert it first. :::image source="a.png":::\n' + "More words follow here. " * 5
    )
    (section,) = sections("fill.md", text)
    assert section.name == "Fill values › Fill down"
    assert "**" not in section.text
    assert ("how", "fill the column", "To fill the column, right-click it and select Fill > Down.") in asks_of(section)
    assert ("if", "I have text", "If you have text, convert it first.") in asks_of(section)


def test_the_relevant_part_of_a_long_answer_is_its_steps() -> None:
    text = "I understand your concern.\n1. Open the app.\n2. Tap Orders.\n3. Press Cancel.\nWe are here to help."
    assert relevant("how do I cancel", text) == "Open the app. Tap Orders. Press Cancel."
    assert relevant("hello", "I'm here to assist you. Thank you for your patience.") == ""


@needs_datasets
def test_real_sources_take_their_shares_and_answer_from_their_passages(real: list[Example]) -> None:
    sources = {each.source for each in real}
    assert sources == {"topics", "dstc9-val", "bitext", "powerquery", "shop", "abcd-policy", "star"}
    assert sum(each.source == "star" for each in real) / len(real) < 0.15
    found = [pair for pair in asks(real, "grounded") if pair[0].source not in {"topics", "shop"}]
    assert sum(_dropped(*pair) for pair in found) <= 0.02 * len(found)


@needs_datasets
def test_no_official_test_row_is_trained_on() -> None:
    folder = DATASETS / "dstc9_faq"
    knowledge = json.loads((folder / "knowledge.json").read_text("utf-8"))
    rows = [row for row in json.loads((folder / "test_labels.json").read_text("utf-8")) if row.get("target")]
    named = {(each["domain"], str(each["entity_id"]), str(each["doc_id"])) for row in rows for each in row["knowledge"]}
    tested = {
        (knowledge[d][e]["name"] or "").lower() + words_of(knowledge[d][e]["docs"][n]["title"]) for d, e, n in named
    }
    responses = {words_of(row["response"]) for row in rows}
    seen = [each for each in make_grounded(3000, "train", 7, DATASETS) if each.source == "dstc9-val"]
    assert len(seen) > 100
    for example in seen:
        assert not {words_of(ask.answer) for ask in example.asks} & responses
        for title, text in example.passages:
            name = re.sub(r" › .*|: questions.*|^Good to know › ", "", title.replace("Good to know › ", "")).lower()
            lines = {name + words_of(line.removeprefix("Customer: ")) for line in text.split("\n")}
            assert not lines & tested


@needs_datasets
def test_held_out_articles_intents_and_issues_stay_out_of_training(real: list[Example]) -> None:
    docs = DATASETS / "powerquery" / "powerquery-docs"
    train = powerquery_train_articles(docs)
    everything = [path for path in docs.rglob("*.md") if "includes" not in path.parts]
    assert 0.65 < len(train) / len(everything) < 0.9
    rows = map(json.loads, (ROOT / "bench" / "real_screens.jsonl").read_text("utf-8").splitlines())
    held = {row["article"].removeprefix("powerquery-docs/") for row in rows if row["set"] == "held"}
    assert held
    assert not held & set(train)
    test = list(make_grounded(700, "test", 5, DATASETS))
    for source in ("bitext", "abcd-policy", "shop"):
        ours = {title for each in real if each.source == source for title, _ in each.passages}
        theirs = {title for each in test if each.source == source for title, _ in each.passages}
        assert ours
        assert theirs
        assert not ours & theirs
    texts = {text for each in real if each.source == "powerquery" for _, text in each.passages}
    assert not texts & {text for each in test if each.source == "powerquery" for _, text in each.passages}


def test_what_is_kept_for_tests_is_about_a_fifth_and_always_the_same() -> None:
    names = [f"article-{number}.md" for number in range(2000)]
    assert 0.16 < sum(map(kept_for_test, names)) / len(names) < 0.24
    assert kept_for_test("article-1.md") == kept_for_test("article-1.md")
