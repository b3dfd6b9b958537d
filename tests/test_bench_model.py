"""The bench of the model counts what it says: answers matched by hand, likeness by hand, one small run end to end."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from doubles import ScriptedModel

from agent.model import ChatMessage
from agent.prompts import NOT_IN_PASSAGES, NOT_SHOWN, build_messages
from bench import model
from bench.model_articles import fuses, picture_vectors, ranking
from bench.model_asks import Ground, Question, Replied, System, ask_all, held, judge, judge_all
from bench.model_fusion import judged_by
from bench.model_fusion import run as run_fusions
from bench.model_grounded import Grounded, ask_voice
from bench.model_marks import Tallies, ratio_of, rows_of
from bench.model_match import normal, right, says
from bench.model_replies import Turn, perplexity, surprise_of
from bench.model_screens import REAL_QUESTIONS, drawn_grounds, run_real, run_screens
from bench.model_seen import Looks, without_marks
from bench.model_speed import decode_rate, first_token
from bench.model_systems import Systems, Voice
from bench.powerquery import Shown
from finetune.examples import Ask, Example
from finetune.facts import citations, fact_said, fact_wrong, refuses, values
from finetune.likeness import chrf, longest_common, rouge_l
from index.marks import Mark, Sight
from index.pictures import Line, OpenPicture, ReadPicture

FIX = "Hold the reset button for 10 seconds, then open Settings > Hub [2]."


class WrittenReader:
    """A reader that reads the same line on every picture, and counts."""

    def __init__(self) -> None:
        self.pictures = 0

    def read(self, picture: OpenPicture) -> ReadPicture:
        self.pictures += 1
        line = Line("Wi-Fi", (10, 10, 60, 24), 1.0)
        return ReadPicture(picture.sha256, picture.name, *picture.image.size, (line,), "Wi-Fi", "Wi-Fi")


def seen_switch(image: object) -> Sight:
    return Sight("settings", "light", (Mark("switch", (70, 10, 100, 24), "on"),))


def looks(folder: Path, reader: WrittenReader | None = None) -> Looks:
    return Looks(lambda: reader or WrittenReader(), seen_switch, "eyes", folder)


@pytest.mark.parametrize(
    ("reply", "wanted", "is_right"),
    [
        ("€42.10", "€42.10", True),
        ("on.", "On", True),
        ('"Save Changes"', "save  changes", True),
        ("40 %", "40%", True),
        ("Tuesday, Monday", "Monday, Tuesday", True),
        ("Monday", "Monday, Tuesday", False),
        ("Monday, Tuesday, Friday", "Monday, Tuesday", False),
        ("A1O", "A10", False),
        ("l2", "12", False),
        ("-5", "5", False),
        ("", "On", False),
        ("Not shown", NOT_SHOWN, True),
        ("It is not shown.", NOT_SHOWN, False),
        ("On", NOT_SHOWN, False),
    ],
)
def test_an_answer_is_the_same_but_for_case_spaces_and_outer_signs(reply: str, wanted: str, is_right: bool) -> None:
    assert right(reply, (wanted,)) is is_right


def test_a_listed_other_form_is_accepted() -> None:
    assert right("Unchecked", ("No", "Off", "Unchecked"))
    assert normal("  The  Hub. ") == "thehub"


@pytest.mark.parametrize(
    ("reply", "wanted", "said"),
    [
        ("The total amount is €42.10, as shown.", "€42.10", True),
        ("The total is €142.10.", "€42.10", False),
        ("Yes, the switch is on.", "On", True),
        ("One can only guess.", "On", False),
        ("It runs from Monday to Tuesday.", "Tuesday, Monday", True),
        ("The screenshot does not show a serial number.", NOT_SHOWN, True),
        ("The serial number is 5.", NOT_SHOWN, False),
    ],
)
def test_a_talking_model_is_judged_by_what_stands_in_its_reply(reply: str, wanted: str, said: bool) -> None:
    assert says(reply, (wanted,)) is said


def test_values_are_figures_codes_and_names() -> None:
    assert values("Press Reset for 10 seconds on the KX-20 in Berlin [3].") == {"reset", "10", "kx-20", "berlin"}
    assert values("You keep it if you send us the form.") == frozenset()
    assert citations(FIX) == {2}
    assert citations("Nothing here.") == frozenset()


def test_a_fact_is_said_with_its_figures_and_its_sentence() -> None:
    assert fact_said("Please hold the reset button for 10 seconds, then open Settings > Hub [1].", FIX)
    assert not fact_said("Hold the reset button for 20 seconds, then open Settings > Hub [2].", FIX)
    assert not fact_said("10 Settings Hub", FIX)
    assert fact_said(FIX, f"Hi Sven, about your order W50856: {FIX}")


def test_another_figure_or_another_sentence_is_wrong_and_a_refusal_is_not() -> None:
    asked = "How do I reset it?"
    assert fact_wrong("Hold the reset button for 20 seconds [2].", FIX, asked)
    assert fact_wrong("Payment by invoice takes longer than usual.", "You keep it if you send us the form.", asked)
    assert not fact_wrong(FIX, FIX, asked)
    assert not fact_wrong(NOT_IN_PASSAGES, FIX, asked)
    assert not fact_wrong("Hold the reset button.", FIX, asked)  # too little, but nothing else


def test_only_the_taught_words_refuse_unless_a_model_was_taught_none() -> None:
    other = "The passages do not mention a price."
    assert refuses("not in the passages")
    assert refuses(NOT_SHOWN)
    assert not refuses(other)
    assert refuses(other, generous=True)
    assert not refuses(FIX, generous=True)


def test_chrf_by_hand() -> None:
    # letters: 2 of 3 shared either way; pairs "ab" of "ab", "bc" and "ab", "bd": 1 of 2; triples: 0 of 1
    expected = 100 * (2 / 3 + 1 / 2 + 0) / 3
    assert chrf("abc", "abd") == pytest.approx(expected)
    # precision 1 at one letter and at two, recall 2/4 and 1/3: beta 2 weighs recall four times
    recall = (2 / 4 + 1 / 3) / 2
    assert chrf("ab", "abcd") == pytest.approx(100 * 5 * recall / (4 + recall))
    assert chrf("a b", "ab") == 100
    assert chrf("", "ab") == chrf("xy", "ab") == 0


def test_rouge_l_by_hand() -> None:
    # "the hub is" is common: 3 of 4 words given, 3 of 5 wanted
    assert rouge_l("the hub is red", "the white hub is off") == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    assert rouge_l("Reset the hub.", "reset the hub") == 1
    assert rouge_l("", "reset") == 0
    assert longest_common("abcbdab", "bdcaba") == 4


def test_shares_over_screens_are_of_sums_and_inside_their_interval() -> None:
    counts = [(1, 1), (0, 3), (0, 0), (2, 2)]
    measured = ratio_of(counts)
    assert (measured.mean, measured.count) == (0.5, 6)
    assert 0 <= measured.low <= 0.5 <= measured.high <= 1
    assert ratio_of([(0, 0)]).count == 0
    assert perplexity([(math.log(4) * 2, 2), (math.log(4) * 3, 3)], 0).mean == pytest.approx(4)


def test_marks_found_missed_and_invented_are_counted() -> None:
    truth = Sight(
        "form", "light", (Mark("switch", (0, 0, 40, 20), "on"), Mark("lamp", (80, 0, 90, 10), "on", -1, "red"))
    )
    seen = Sight("form", "dark", (Mark("switch", (1, 0, 40, 20), "off"), Mark("icon", (200, 0, 220, 20), "info")))
    tallies = Tallies()
    tallies.add(truth, seen)
    figures: dict = {}
    rows_of(tallies, 0, figures)
    assert figures["all marks"]["precision"].mean == figures["all marks"]["recall"].mean == 0.5
    assert figures["switch"]["state"].mean == 0
    assert figures["lamp"]["recall"].mean == figures["icon"]["precision"].mean == 0
    assert (figures["page"].mean, figures["theme"].mean) == (1, 0)


def asked(kind: str, *answers: str) -> Question:
    return Question(kind, f"{kind}?", answers, kind)


def test_each_group_of_questions_has_its_score() -> None:
    replies = [
        Replied(asked("value", "17"), "17", "Total: 17"),
        Replied(asked("error", "E-40"), NOT_SHOWN, "E-40"),
        Replied(asked("state", "On"), "Off", "[switch: on]"),
        Replied(asked("not shown", NOT_SHOWN), NOT_SHOWN, ""),
        Replied(asked("not shown", NOT_SHOWN), "5", ""),
    ]
    judged = judge("one", replies)
    assert (judged.reading, judged.seeing, judged.absent) == ([1, 0], [0], [1, 0])
    assert judged.false_absent == [0, 1, 0]


def test_the_desk_does_not_pass_on_what_is_not_on_the_picture() -> None:
    invented, copied = (
        Replied(asked("value", "17"), "99.95", "Total: 17"),
        Replied(asked("value", "17"), "17", "Total: 17"),
    )
    assert [each.reply for each in held([invented, copied])] == [NOT_SHOWN, "17"]


def test_a_picture_is_read_and_seen_once_for_all_systems(tmp_path: Path) -> None:
    reader = WrittenReader()
    grounds = list(drawn_grounds(looks(tmp_path, reader), 2, seed=0))
    again = list(drawn_grounds(looks(tmp_path, reader), 2, seed=0))
    assert grounds == again
    assert reader.pictures == 2
    assert '[switch "Wi-Fi": on]' in grounds[0].texts["marks"]
    assert "[" not in grounds[0].texts["words"]
    assert grounds[0].picture is not None
    assert grounds[0].picture.is_file()
    assert all(1 <= len(ground.questions) <= 4 for ground in grounds)


def test_marks_are_left_out_of_the_words() -> None:
    line = Line("Wi-Fi", (10, 10, 60, 24), 1.0)
    read = ReadPicture("", "", 100, 40, (line,), "Wi-Fi", "Wi-Fi", sight=seen_switch(None))
    assert without_marks(read) == "Wi-Fi"
    assert "switch" in read.text


def test_pixels_go_only_to_the_system_that_is_to_see_them(tmp_path: Path) -> None:
    scripted = ScriptedModel("On", reads_pictures=True)
    voice = Voice("seer", scripted)
    ground = Ground({"words": "Wi-Fi"}, (asked("state", "On"),), tmp_path / "a.png")
    systems = [System("blind", voice, "words"), System("seeing", voice, "words", pixels=True)]
    replies = ask_all([ground], systems)
    assert scripted.pictures == [(), (tmp_path / "a.png",)]
    assert [row.seeing for row in judge_all(systems, replies)] == [[1], [1]]


def test_grounded_replies_are_judged_by_fact_citation_and_refusal() -> None:
    example = Example("e", "topics", (Ask("How?", FIX, "grounded"), Ask("Price?", NOT_IN_PASSAGES, "absent")))
    judged = ask_voice(Voice("one", ScriptedModel(FIX.replace("[2]", "[1]"), NOT_IN_PASSAGES)), [example], False)
    assert (judged.right, judged.cited, judged.wrong) == ([1], [0], [0])
    assert (judged.false_refusal, judged.refused) == ([0], [1])
    assert Grounded().cells(0)[1] == "-"


def test_the_first_token_is_timed_and_the_stream_ended() -> None:
    scripted = ScriptedModel("one two three")
    assert first_token(Voice("one", scripted), "words", Path("a.png")) >= 0
    assert scripted.pictures == [()]


def test_screens_end_to_end_side_by_side(tmp_path: Path) -> None:
    systems = Systems(
        base=Voice("base", ScriptedModel("I think it is on.")),
        trained=(Voice("trained", ScriptedModel(NOT_SHOWN)),),
        tower=object(),  # type: ignore[arg-type]
    )
    report = run_screens(systems, looks(tmp_path), 6, 0)
    told = report.markdown()
    assert "| base, words, answer anywhere in the reply" in told
    assert "| trained, words + marks" in told
    assert "true words + true marks" in told
    assert "Switched off and on: visual state +0.00" in told
    figures = report.figures["systems"]["trained, words"]
    assert figures["reading"]["mean"] == 0
    assert figures["false_absent"]["mean"] == 1
    assert {row["system"] for row in report.details} >= {"base, words", "trained, words"}


def test_without_data_sets_or_towers_a_section_says_why_it_is_left_out(tmp_path: Path) -> None:
    asked_for = model.parse(["--only", "tower", "real", "articles", "--datasets", str(tmp_path)])
    reports = {name: run() for name, run in model.sections(asked_for, Systems(), looks(tmp_path)).items()}
    assert set(reports) == {"tower", "real", "articles"}
    assert all("skipped" in report.figures for report in reports.values())


def test_real_screens_accept_the_other_forms(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in REAL_QUESTIONS.read_text("utf-8").splitlines()]
    first = next(row["image"] for row in rows if row["set"] == "tune")
    picture = next(iter(drawn_grounds(looks(tmp_path), 1, 0))).picture
    assert picture is not None
    (tmp_path / "sets" / first).parent.mkdir(parents=True)
    (tmp_path / "sets" / first).write_bytes(picture.read_bytes())
    systems = Systems(base=Voice("base", ScriptedModel("Unchecked")))
    report = run_real(systems, looks(tmp_path), tmp_path / "sets", ["tune"], 1, 0)
    mine = [row for row in rows if row["image"] == first]
    wanted = sum("Unchecked" in (row["answer"], *row["also"]) for row in mine)
    got = [row for row in report.details if row["system"] == "base, words"]
    assert len(got) == len(mine)
    assert sum(row["right"] for row in got) == wanted


@pytest.fixture
def tiny(tmp_path: Path) -> Voice:
    """A random dialogue model whose parts are all awake."""
    from agent.vlm.speak import Album, dialogue_voice
    from tests.tiny_dialogue import tiny_base, tiny_pair, woken

    processor, pair = tiny_pair(tiny_base(tmp_path / "base"))
    pair = woken(pair).eval()
    voice = dialogue_voice("tiny", "tiny", processor, pair, 1)
    return Voice("tiny", voice, pair.language_model, processor.tokenizer, Album(pair), pair)


def test_a_reply_told_by_the_model_itself_surprises_it_less_than_another(tiny: Voice) -> None:
    messages = (ChatMessage("user", "the hub"),)
    surprise = surprise_of(tiny)
    own = tiny.say(messages, most=12)
    nats, tokens = surprise(Turn(messages, own))
    other, others = surprise(Turn(messages, " ".join(reversed(own.split())) + " reset button"))
    assert tokens == tiny.model.count_tokens(own) + 1
    assert nats / tokens < other / others


def test_decoding_has_a_rate(tiny: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.model_speed.WORDS", range(5, 50))
    assert decode_rate(tiny, 0) > 0


def test_pictures_are_looked_for_in_three_ways(tiny: Voice, tmp_path: Path) -> None:
    picture = next(iter(drawn_grounds(looks(tmp_path), 1, 0))).picture
    assert picture is not None
    (tmp_path / "bad.png").write_bytes(b"no picture")
    chosen = [Shown("bad.png", frozenset({"a.md"})), Shown(str(picture), frozenset({"b.md"}))]
    shown, vectors = picture_vectors(
        tiny, looks(tmp_path), tmp_path, chosen, lambda texts: np.eye(12, dtype=np.float32)[: len(texts)]
    )
    assert fuses(tiny)
    assert [each.articles for each in shown] == [{"b.md"}]
    assert {way: each.shape for way, each in vectors.items()} == dict.fromkeys(("words", "pixels", "fused"), (1, 12))
    assert not np.allclose(vectors["fused"], vectors["words"])
    passages = np.stack([vectors["pixels"][0], -vectors["pixels"][0], vectors["pixels"][0] * 0.5])
    assert ranking(vectors["pixels"][0], ["b.md", "a.md", "c.md"], passages) == ["b.md", "c.md", "a.md"]


def test_numbers_and_replies_are_written_after_each_section(tmp_path: Path) -> None:
    asked_for = model.parse(["--json", str(tmp_path / "n.json"), "--details", str(tmp_path / "d.jsonl")])
    systems = Systems(base=Voice("base", ScriptedModel("On")))
    report = run_screens(systems, looks(tmp_path), 1, 0)
    model.keep(asked_for, {"seed": 0}, {"screens": report})
    assert "base, words" in json.loads((tmp_path / "n.json").read_text("utf-8"))["screens"]["systems"]
    lines = (tmp_path / "d.jsonl").read_text("utf-8").splitlines()
    assert lines
    assert json.loads(lines[0])["section"] == "screens"


def test_every_fusion_is_asked_with_and_without_marks_and_pixels(tiny: Voice, tmp_path: Path) -> None:
    usual = tiny.language.config._attn_implementation
    systems = Systems(trained=(tiny,), tower=object())  # type: ignore[arg-type]
    report = run_fusions(systems, looks(tmp_path), 2, 0)
    reads = ("words", "words + marks", "words + pixels", "words + marks + pixels")
    assert list(report.figures["systems"]) == [f"tiny, {each}" for each in reads]
    assert "gain on visual state: tiny, words -> tiny, words + pixels" in report.figures
    assert len(report.details) == 4 * len({row["id"] for row in report.details})
    assert tiny.language.config._attn_implementation == usual
    assert "Skipped" in run_fusions(Systems(), looks(tmp_path), 2, 0).markdown()


def test_one_forward_tells_what_greedy_decoding_would_write(tiny: Voice, tmp_path: Path) -> None:
    """The model is bent until it says one word of three letters whatever it is asked; that word is right, another not,
    and a model bent to refuse is counted as refusing."""
    ground = next(iter(drawn_grounds(looks(tmp_path), 1, 0)))
    system = System("tiny", tiny, "words", pixels=True)
    learned = bent(tiny, ground, "hub")
    asked = tuple(
        replace(each, answers=("hub" if n else "reset",), kind="value") for n, each in enumerate(ground.questions)
    )
    assert learned
    assert len(asked) > 1
    judged = judged_by(system, [replace(ground, questions=asked)], looks(tmp_path))
    assert judged.scores == [0.0] + [1.0] * (len(asked) - 1)
    for each in asked:
        messages = build_messages(each.text, (), [ground.texts["words"]])
        assert tiny.say(messages, (ground.picture,) if ground.picture else ()) == "hub"
    assert bent(tiny, ground, NOT_SHOWN)
    assert judged_by(system, [replace(ground, questions=asked)], looks(tmp_path)).false_absent == [1.0] * len(asked)


def bent(voice: Voice, ground: Ground, word: str) -> bool:
    """Train the language part until it answers every question of the ground with this word; whether it does."""
    from finetune.batches import Encoder, pack
    from finetune.packed import answer_loss, exact_asks, supervised_logits, use_packed_attention

    usual = voice.language.config._attn_implementation
    use_packed_attention(voice.language.requires_grad_(True))
    asks = tuple(Ask(each.text, word, "value") for each in ground.questions)
    tree = Encoder(voice.tokenizer, 4096).encode(Example("e", "t", asks, screens=(ground.texts["words"],)))
    assert tree is not None
    row = pack([tree])
    optimizer = torch.optim.Adam(voice.language.parameters(), 1e-2)
    for _ in range(150):
        loss, _ = answer_loss(supervised_logits(voice.language, row), row)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    told = exact_asks(supervised_logits(voice.language, row), row)
    voice.language.set_attn_implementation(usual)
    return all(told)
