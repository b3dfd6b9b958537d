"""The bench of intents measures what it says: official test rows stay out of training, thresholds come from others."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from bench import intents, star_learning
from bench.intents_data import load, shots
from finetune.cases import Case
from tests.embed_doubles import HashedWords

THINGS = ("card", "loan", "account", "cheque")
SAID = ("where is my {}", "i lost my {}", "how do i close the {}", "the {} was declined", "order a new {} please")


def rows(start: int, count: int) -> list[tuple[str, str]]:
    return [
        (SAID[at % 5].format(f"{thing} number {at}"), thing) for at in range(start, start + count) for thing in THINGS
    ]


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    """Small sets in the very formats of the public ones."""
    (tmp_path / "banking77").mkdir()
    for name, given in {"train": rows(0, 20), "test": rows(20, 5)}.items():
        lines = [f'"{text}",{label}' for text, label in given]
        (tmp_path / "banking77" / f"{name}.csv").write_text("\n".join(["text,category", *lines]), "utf-8")
    (tmp_path / "clinc150").mkdir()
    full = {"train": rows(0, 20), "val": rows(20, 10), "test": rows(30, 10)}
    foreign = {part: [(f"the weather {part} {at}", "oos") for at in range(12)] for part in full}
    told = {**full, **{f"oos_{part}": each for part, each in foreign.items()}}
    (tmp_path / "clinc150" / "data_full.json").write_text(json.dumps(told), "utf-8")
    return tmp_path


def test_no_test_row_is_learned_or_chosen_with(datasets: Path) -> None:
    for name in ("banking77", "banking77-10", "clinc150"):
        found = load(name, datasets)
        texts = [{case.text for case in part} for part in (found.learn, found.check, found.test)]
        assert all(texts)
        assert not texts[0] & texts[1]
        assert not (texts[0] | texts[1]) & texts[2]
    assert len(load("banking77-10", datasets).learn) == 40
    assert load("clinc150", datasets).outside["test"] == [f"the weather test {at}" for at in range(12)]


def test_ten_of_each_are_drawn_anew_with_another_seed() -> None:
    cases = [Case(text, label) for text, label in rows(0, 30)]
    few, rest = shots(cases, 10, 0)
    assert {label: sum(case.label == label for case in few) for label in THINGS} == dict.fromkeys(THINGS, 10)
    assert len(rest) == 80
    assert shots(cases, 10, 0) == (few, rest)
    assert shots(cases, 10, 1)[0] != few


def test_the_threshold_keeps_the_share_of_right_answers() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    right = np.array([True, True, False, True, True])
    assert intents.threshold_for(scores, right, 0.6) == 0.4
    assert intents.threshold_for(scores, right, 0.8) == 0.5
    assert intents.threshold_for(scores, right, 0.9) == float("inf")


def test_a_run_over_small_sets_tells_both_systems_and_what_is_absent(
    datasets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    given = [
        "--datasets",
        str(datasets),
        "--home",
        str(home),
        "--only",
        "clinc150,hwu64",
        "--epochs",
        "2",
        "--threads",
        "1",
    ]
    assert intents.main(given) == 0
    told = capsys.readouterr().out
    assert "Skipped: the set is not in" in told
    assert "frozen, head alone" in told
    assert "out of scope seen" in told
    figures = [json.loads(line) for line in (home / "figures.jsonl").read_text("utf-8").splitlines()]
    assert figures[-1]["after"]["count"] == 40
    assert 0.5 < figures[-1]["after"]["mean"] <= 1.0
    assert (home / "clinc150.md").read_text("utf-8").startswith("| class |")


def star_talk(at: int, task: str, last: str) -> dict:
    when = f"2020-05-{1 + at // 24:02}T{at % 24:02}:00:00Z"
    said = [
        ("customer", f"hello, about my {task} number {at}", {}),
        ("agent", f"What is your name for the {task}?", {"action": "ask_name"}),
        ("customer", "Alexis", {}),
        ("agent", last, {"action": f"{task}_done"}),
        ("customer", "bye", {}),
        ("agent", "Goodbye.", {"action": "bye"}),
    ]
    messages = [{"role": role, "text": text, "at": when, **act} for role, text, act in said]
    return {"id": f"star-{at}", "tasks": [task], "messages": messages}


def test_what_a_customer_wants_is_no_greeting_and_no_owner_is_found_twice() -> None:
    said = [("customer", "Hi there!"), ("agent", "Hello, how can I help?"), ("customer", "My ride is late."),
            ("customer", "It is number 5."), ("agent", "What is your name?"), ("customer", "Ben")]  # fmt: skip
    rows = [{"role": role, "text": text} for role, text in said]
    assert star_learning.wanted_of(rows) == "My ride is late.\nIt is number 5."
    assert star_learning.wanted_of(rows[:2]) == "Hi there!"
    shelf = np.eye(4, dtype=np.float32)[[0, 0, 1, 2]]
    asked = np.array([[0.9, 0.5, 0.1, 0.0]], np.float32)
    assert star_learning.first_ones(asked, shelf, ["a", "a", "b", "c"], 2) == [[0, 2]]


def test_a_reply_found_is_read_beside_the_agents_own() -> None:
    texts = ["Your ride 5 is booked.", "What is your name?"]
    asked = [star_learning.Step("ride 5 is booked", texts[0], "booked"), star_learning.Step("name", "Ride 7?", "ask")]
    told = star_learning.reply_likeness(asked, texts, {texts[0]: {"booked"}, texts[1]: {"name"}}, HashedWords(64))
    assert told["first reply: action right"] == [1.0, 0.0]
    assert told["first reply: chrF"][0] == told["first reply: ROUGE-L"][0] == 1.0
    assert told["first reply: facts"] == [1.0, 0.0]
    assert told["first reply: chrF"][1] < 0.5


def test_star_is_split_by_time_and_every_question_is_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = ("ride", "hotel", "doctor", "flight")
    rows = [star_talk(at, tasks[at % 4], f"Your {tasks[at % 4]} is booked, number {at}.") for at in range(60)]
    (tmp_path / "star").mkdir()
    with gzip.open(tmp_path / "star" / "transcripts.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.write("".join(json.dumps(row) + "\n" for row in reversed(rows)))
    talks = star_learning.read_talks(tmp_path / "star")
    assert [talk.id for talk in talks[:2]] == ["star-0", "star-1"]
    assert talks[0].steps[1].context == "\n".join(
        ["hello, about my ride number 0", "What is your name for the ride?", "Alexis"]
    )
    learn, asked = star_learning.split(talks, 0.2)
    assert max(talk.at for talk in learn) < min(talk.at for talk in asked)
    given = ["--datasets", str(tmp_path), "--home", str(tmp_path / "home"), "--epochs", "1", "--threads", "1"]
    assert star_learning.main(given) == 0
    told = capsys.readouterr().out
    assert "48 earlier conversations learned, 12 later ones asked with 36 replies." in told
    figures = json.loads((tmp_path / "home" / "star.json").read_text("utf-8"))
    assert figures["hit@5"]["after"]["count"] == 12
    assert figures["earlier reply, hit@5"]["after"]["count"] == figures["earlier moment, hit@5"]["after"]["count"] == 36
    assert figures["earlier moment, hit@5"]["after"]["mean"] > 0.9
    assert figures["first reply: action right"]["after"]["count"] == 36
    assert 0 < figures["first reply: chrF"]["after"]["mean"] <= 1
    assert 0 < figures["first reply: facts"]["after"]["count"] <= 36
    assert figures["next action"]["actions"] == 6
    assert figures["next action"]["after"] > 0.8
    assert star_learning.main([*given[:1], str(tmp_path / "none"), *given[2:]]) == 0
    assert "Skipped: the set is not in" in capsys.readouterr().out
