"""The benchmark measures what it says: facts, claims and refusals judged by hand, a five-question shop end to end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from embed_doubles import HashedWords

from agent.desk import Desk, Wishes
from agent.events import Citation, Decision, Ended
from agent.evidence import Library
from agent.journal import Journal
from bench import answers, machine, powerquery, retrieval, shop, star
from bench import run as bench_run
from bench.answers import Answered, Question
from bench.child import run_child
from bench.report import Report, Writer, plain, share, skipped, table
from index.build import load_shelf
from index.hits import Hit
from index.measure import mean_of
from index.search import Query, Searcher
from index.store import Store, open_store
from index.templates import TemplateShelf

FIX = "Hold the reset button of the hub for 10 seconds until the light blinks white, then pair it again in the app."


def question(**changed: object) -> Question:
    given = {
        "id": "Q",
        "text": "How long?",
        "picture": None,
        "sources": frozenset({"T-1"}),
        "facts": (),
        "covered": True,
    }
    return Question(**{**given, **changed})  # type: ignore[arg-type]


def ended(answer: str, act: str = "case", passage: str = FIX, source: str = "T-1") -> Ended:
    cited = (Citation(1, source, 1, passage, (2, 2), "Hub reset"),) if act in answers.ANSWERING else ()
    return Ended(1, "chat", answer, Decision(act, "", "", 0.9), cited, (), (), {"end": 0.1}, "v")  # type: ignore[arg-type]


def answered(answer: str, act: str = "case", **changed: object) -> Answered:
    asked, turn = question(**changed), ended(answer, act)
    said = tuple(answers.is_said(fact, answer) for fact in asked.facts)
    return Answered(asked, turn, said, tuple(answers.unsupported(turn, asked.text)))


def hit(source: str, score: float, **scores: float) -> Hit:
    return Hit(1, source, "ticket", "problem", "", "", (1, 1), score, scores)


@pytest.mark.parametrize(
    ("alternatives", "answer", "said"),
    [
        (["60 seconds", "one minute"], "Wait **one\n minute** [1]", True),
        (["60 seconds"], "Wait 60   Seconds.", True),
        (["3 s"], "Hold it for 3 s.", True),
        (["3 s"], "There are 3 switches.", False),
        (["3 s"], "Hold it for 13 s or 1.3 s", False),
        (["90 EUR"], "It costs 4.90 EUR", False),
        (["4"], "It costs 4.90 EUR", False),
        (["€89"], "It costs €89, not more.", True),
        (["8.1 %"], "customs 8.1 % VAT", True),
        (["restart"], "It restarted by itself", True),
        (["don't repair"], "we don’t repair those", True),
        ([], "anything", False),
    ],
)
def test_a_fact_is_said_in_any_dress_but_not_inside_another_figure(
    alternatives: list[str], answer: str, said: bool
) -> None:
    assert answers.is_said(alternatives, answer) is said


def test_a_quoted_answer_is_supported_and_an_invented_figure_is_not() -> None:
    assert answered(f"{FIX} [1]").unsupported == ()
    wrong = FIX.replace("10 seconds", "25 seconds")
    assert answered(f"{wrong} [1]").unsupported == ("25",)


def test_the_customers_own_words_and_the_desks_frame_need_no_source() -> None:
    framed = f"In a past case our team answered: “{FIX}” A colleague has to do this for you. {answers.OFFER} [1]"
    assert answered(framed).unsupported == ()
    assert answered("What about hub 77? Let me ask. [1]", text="What about hub 77? Let me ask.").unsupported == ()


def test_the_shares_are_those_counted_by_hand() -> None:
    facts = (("10 seconds",), ("blinks green",))
    judged = answers.judge(
        [
            answered(FIX, facts=(("10 seconds",), ("white",))),
            answered(FIX, facts=facts),
            answered("I pass this on.", "handover", facts=facts),
            answered("I pass this on.", "handover", covered=False),
            answered(FIX, covered=False),
        ]
    )
    assert judged.supported.mean == 1.0
    assert judged.supported.count == 3
    assert judged.right.mean == pytest.approx(1 / 3)
    assert judged.facts.mean == pytest.approx((1 + 0.5 + 0) / 3)
    assert judged.left_alone.mean == 0.5
    assert judged.refused.mean == pytest.approx(1 / 3)


def test_the_worst_come_first_and_say_what_was_expected() -> None:
    fine = answered(FIX, id="fine", facts=(("10 seconds",),))
    refused = answered("I pass this on.", "handover", id="refused", facts=(("10 seconds",),))
    guess = answered(FIX, id="guess", covered=False)
    listed = answers.worst([fine, refused, guess])
    assert [each["id"] for each in listed] == ["guess", "refused"]
    assert listed[1]["expected"] == ["T-1"]
    assert listed[1]["facts_missing"] == ["10 seconds"]
    json.dumps(plain(listed))


def test_each_list_is_read_off_the_hits_by_its_own_score() -> None:
    hits = [hit("A", 0.9, dense=0.4, words=1.0), hit("B", 0.8, dense=0.7), hit("C", 0.1, words=0.2)]
    ranked = retrieval.rankings(hits)
    assert ranked == {"fused": ["A", "B", "C"], "dense": ["B", "A"], "words": ["A", "C"]}
    found = [retrieval.Found(retrieval.Wanted("q", Query(""), frozenset({"B"})), ranked)]
    assert retrieval.scores(found).mrr.mean == 0.5
    assert retrieval.scores(found, "dense").hit_1.mean == 1.0
    assert retrieval.scores(found, "words").hit_5.mean == 0.0
    assert retrieval.scores(found, "codes").hit_5.mean == 0.0
    assert retrieval.missed(found, top=1) == ["q"]


def test_questions_are_read_whole_or_in_parts(tmp_path: Path) -> None:
    row = {"id": "Q-1", "question": "?", "image": "p/a.png", "sources": ["T-1"], "facts": [["a", "b"]], "covered": True}
    (tmp_path / "questions-b.jsonl").write_text(json.dumps({**row, "id": "Q-2", "image": None}) + "\n\n")
    (tmp_path / "questions-a.jsonl").write_text(json.dumps(row) + "\n")
    first, second = shop.load_questions(tmp_path)
    assert first == Question("Q-1", "?", tmp_path / "p/a.png", frozenset({"T-1"}), (("a", "b"),), True)
    assert shop.present([first, second]) == ([second], 1)
    (tmp_path / "questions.jsonl").write_text(json.dumps({**row, "id": "Q-3"}))
    assert [each.id for each in shop.load_questions(tmp_path)] == ["Q-3"]


def test_a_sample_takes_every_article_once_before_any_twice() -> None:
    shown = [powerquery.Shown(f"{article}{at}.png", frozenset({article})) for article in "abc" for at in range(4)]
    first = powerquery.pick(shown, 3, seed=0)
    assert {min(each.articles) for each in first} == {"a", "b", "c"}
    assert powerquery.pick(shown, 3, seed=0) == first
    assert powerquery.pick(shown, 3, seed=1) != first
    assert len(set(powerquery.pick(shown, 99, seed=0))) == 12


def test_a_subject_without_its_data_is_skipped_with_a_reason(tmp_path: Path) -> None:
    settings = bench_run.settings_for(tmp_path / "home", "none", 0)
    for report in (powerquery.run(settings, tmp_path / "powerquery", 5, 0), star.run(settings, tmp_path / "star", 0)):
        assert report.markdown().splitlines()[2].startswith("Skipped: no ")
        assert "skipped" in report.figures


def test_the_memory_of_a_child_is_its_own_however_large_we_are() -> None:
    ours = bytearray(b"x") * 150_000_000
    small = run_child([sys.executable, "-c", "print('done')"], {})
    large = run_child([sys.executable, "-c", "held = bytearray(b'x') * 60_000_000"], {})
    assert small.output == "done\n"
    assert small.peak_mb < len(ours) / 2**20
    assert large.peak_mb - small.peak_mb == pytest.approx(60, abs=10)
    with pytest.raises(RuntimeError, match="exited with 3: oh"):
        run_child([sys.executable, "-c", "import sys; print('oh', file=sys.stderr); sys.exit(3)"], {})


def test_a_table_and_a_share_read_well() -> None:
    assert table(("", "n"), [["text", 12]]) == ["|      |  n |", "|------|---:|", "| text | 12 |"]
    assert share(mean_of([1.0, 1.0])) == "1.00 [1.00, 1.00]"
    assert share(mean_of([])) == "-"
    writer = Writer("Title")
    writer.say("words")
    assert writer.done().markdown() == "## Title\n\nwords\n"
    assert plain({"a": (float("nan"), mean_of([1.0]))})["a"][0] is None


def test_the_head_names_machine_versions_and_command() -> None:
    facts = machine.describe("python -m bench.run --seed 3", seed=3)
    text = "\n".join(machine.lines(facts))
    assert "seed 3" in text
    assert "torch 2" in text
    assert facts["cores"] >= 1
    json.dumps(facts)


def test_figures_are_written_only_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_run, "RESULTS", tmp_path / "results")
    reports = {"shop": Report("t", (), {"n": 1}, ({"id": "Q-1"},)), "star": skipped("s", "no data")}
    facts = {"at": "2025-01-02T03:04Z"}
    bench_run.keep(bench_run.parse([]), facts, reports)
    assert list(tmp_path.iterdir()) == []
    bench_run.keep(bench_run.parse(["--save", "--details", str(tmp_path / "d.jsonl")]), facts, reports)
    assert json.loads((tmp_path / "results" / "2025-01-02.json").read_text())["shop"] == {"n": 1}
    assert json.loads((tmp_path / "d.jsonl").read_text()) == {"subject": "shop", "id": "Q-1"}


def test_an_unknown_subject_is_refused_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench_run.parse(["--only", "star,moon"])
    assert "no subject moon" in capsys.readouterr().err


TICKETS = [
    ("T-1", "Hub light white", "My hub only shows a white blinking light", FIX),
    (
        "T-2",
        "Charged twice",
        "You charged my card twice for one order",
        "The second charge is a hold; it goes away within 5 days.",
    ),
    (
        "T-3",
        "Parcel lost",
        "My parcel was never delivered",
        "A parcel counts as lost after 7 working days without a scan.",
    ),
]
QUESTIONS = [
    ("Q-1", "My hub only shows a white blinking light", ["T-1"], [["10 seconds"]], True),
    ("Q-2", "You charged my card twice for one order", ["T-2"], [["5 days"]], True),
    ("Q-3", "My parcel was never delivered", ["T-3"], [["7 working days"]], True),
    ("Q-4", "My parcel was never delivered, where is it", ["T-3"], [["tomorrow"]], True),
    ("Q-5", "quokka xylophone zeppelin", [], [], False),
]


def write_shop(folder: Path) -> Path:
    """Three tickets and five questions."""
    folder.mkdir()
    tickets = [
        {
            "id": name,
            "subject": subject,
            "outcome": "resolved",
            "messages": [{"role": "customer", "text": problem}, {"role": "agent", "text": fix}],
        }
        for name, subject, problem, fix in TICKETS
    ]
    questions = [
        {"id": name, "question": text, "image": None, "sources": sources, "facts": facts, "covered": covered}
        for name, text, sources, facts, covered in QUESTIONS
    ]
    for name, rows in (("tickets", tickets), ("questions", questions)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def small_desk(store: Store, embedder: HashedWords) -> Desk:
    """A desk that quotes, over hashed words; it answers whatever it found something for."""

    def no_pictures(path: Path) -> None:
        raise AssertionError(f"nobody sent {path}")

    return Desk(
        Journal(store, "default"),
        Searcher(store, "default", embedder, lambda: load_shelf(store, "default", embedder)),
        Library(store, "default", embedder),
        TemplateShelf(store, "default", embedder),
        no_pictures,  # type: ignore[arg-type]
        None,
        lambda: "test",
        Wishes(caution=0.3),
    )


def test_a_small_shop_is_measured_end_to_end(tmp_path: Path) -> None:
    folder, embedder = write_shop(tmp_path / "shop"), HashedWords(256)
    store = open_store(tmp_path / "home")
    for _ in range(2):  # a home used again changes nothing
        shop.stock(store, "default", folder, lambda: pytest.fail("there are no pictures"))
    desk = small_desk(store, embedder)
    shop.warm_up(desk, folder, [])
    asked = [answers.ask(desk, each) for each in shop.load_questions(folder)]
    writer = Writer("Small shop")
    search = Searcher(store, "default", embedder, lambda: load_shelf(store, "default", embedder)).search
    shop.add_retrieval(writer, shop.retrieval_of(search, asked), seed=0)
    shop.add_answers(writer, asked, "quotes", seed=0)
    shop.add_seconds(writer, asked)
    report = writer.done()
    assert report.figures["retrieval text"]["hit_5"]["mean"] == 1.0
    assert report.figures["retrieval text"]["hit_5"]["count"] == 4
    assert report.figures["retrieval text dense"]["hit_1"]["mean"] == 1.0
    assert report.figures["answers all"]["left_alone"]["mean"] == 1.0
    assert report.figures["answers all"]["facts"]["mean"] == pytest.approx(0.75)
    assert report.figures["answers all"]["supported"]["mean"] == 1.0
    assert report.figures["seconds text questions"]["sources"]["median"] > 0
    assert "| text question" in report.markdown()
    assert [row["id"] for row in answers.worst(asked)] == ["Q-4"]
