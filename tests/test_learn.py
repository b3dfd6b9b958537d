"""The road from conversations to a version: the same twice, resumed after a kill, nothing in use until promoted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from agent.cli import deskside
from agent.decide import AS_FITTED, confidence
from agent.evidence import Signals
from agent.in_use import load_in_use, open_version
from agent.settings import Settings
from agent.versions import in_use, list_versions
from finetune.embedder import Triple, batches, mine, slope
from finetune.languages import language_of
from finetune.loop import learn, learn_folder, new_conversations, read_progress
from finetune.measures import as_often, calibration_error, caution_for, fit_measures, risk_coverage
from finetune.plots import intervals, lines
from finetune.stages import STAGES, LearnRecipe, Outcome
from finetune.turn import TurnRecipe, learn_turn
from index.errors import UserError
from index.store import Store
from tests.learn_doubles import WORKSPACE, small_settings, stocked

pytestmark = pytest.mark.timeout(600)  # seconds alone, minutes where other work shares the machine

QUICK = LearnRecipe(held_out=0.3, ways=("turn",), strangers=20)


@pytest.fixture
def settings(own_home: Path, tmp_path: Path) -> Settings:
    return small_settings(own_home, tmp_path)


@pytest.fixture
def store(own_home: Path) -> Store:
    return stocked(own_home, customers=3)


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Settings, Outcome]:
    """A shop whose road was gone once, from end to end, with a stop on the way."""
    home = tmp_path_factory.mktemp("gone")
    store, settings = stocked(home, customers=3), small_settings(home, home)
    asked = iter([False, False, True])
    stopped = learn(store, settings, QUICK, stopping=lambda: next(asked, True))
    assert not stopped.finished
    return store, settings, learn(store, settings, QUICK, resume=True)


def test_a_stopped_run_goes_on_where_it_was(gone: tuple[Store, Settings, Outcome]) -> None:
    outcome = gone[2]
    assert outcome.finished
    lines = read_progress(outcome.folder)
    begun = [each["stage"] for each in lines if each["text"] == "begins"]
    assert list(dict.fromkeys(begun)) == list(STAGES)
    assert begun.count("material") == 1
    assert [each["stage"] for each in lines if each["stage"] in ("stopped", "finished")] == ["stopped", "finished"]


def test_the_lines_of_progress_are_what_the_page_says(gone: tuple[Store, Settings, Outcome]) -> None:
    """The window and other programs read them: every key stands on docs/LEARNING.md, and each stage is framed."""
    lines = read_progress(gone[2].folder)
    page = (Path(__file__).parent.parent / "docs" / "LEARNING.md").read_text("utf-8")
    unknown = {key for line in lines for key in line if f"`{key}`" not in page}
    assert not unknown
    assert all({"at", "stage", "text"} <= line.keys() for line in lines)
    started = [line for line in lines if line["stage"] == "started"]
    assert [line["resumed"] for line in started] == [False, True]
    done = [line["stage"] for line in lines if line["text"] == "done"]
    assert [*started[1]["done"], *started[1]["stages"]] == list(STAGES)
    assert done == list(STAGES)
    assert any(line.get("eta") is not None for line in lines if line["stage"] == "compare")
    assert lines[-1]["figures"] == gone[2].figures


def test_trouble_ends_the_lines_with_its_words(store: Store, settings: Settings) -> None:
    with pytest.raises(UserError):
        learn(store, settings, replace(QUICK, held_out=0.05), stages=("material",))
    last = read_progress(learn_folder(store, WORKSPACE))[-1]
    assert last["stage"] == "failed"
    assert last["kind"] == "EMPTY"
    assert "later questions are not enough" in last["text"]


def test_a_run_makes_a_version_with_papers_and_changes_nothing_in_use(gone: tuple[Store, Settings, Outcome]) -> None:
    store, _, outcome = gone
    assert in_use(store, WORKSPACE)[1] == "v0"
    report = (outcome.folder / "report.md").read_text()
    assert "| hit@5 |" in report
    assert ("**The gate lets it pass.**" in report) == outcome.accepted
    assert (outcome.folder / "differences.svg").read_text().startswith("<svg")
    assert "| intent macro F1 |" in report
    assert (outcome.folder / "confusion.svg").read_text().startswith("<svg")
    card = json.loads((outcome.folder / "material" / "card.json").read_text())
    versions = list_versions(store, WORKSPACE)
    assert [each.name for each in versions] == [outcome.name]
    assert versions[0].papers["data"]["asked_hash"] == card["asked_hash"]
    assert versions[0].accepted == outcome.accepted
    assert (versions[0].folder / "report.md").read_text() == report
    opened = open_version(versions[0], gone[1])
    assert opened.deciders is not None
    assert opened.deciders.judge("my camera is offline, what should I do?").intent.startswith("camera")
    assert versions[0].parts["deciders"]["intents"] >= 5


@pytest.mark.slow
def test_a_run_without_a_stop_gives_the_same_figures(
    gone: tuple[Store, Settings, Outcome], store: Store, settings: Settings
) -> None:
    again = learn(store, settings, QUICK)
    assert again.figures == gone[2].figures
    assert again.refusals == gone[2].refusals


KILLED = """
import sys
from pathlib import Path
from agent.settings import Settings
from finetune.loop import learn
from finetune.stages import STAGES, LearnRecipe, Outcome
from index.store import open_store
home = Path(sys.argv[1])
settings = Settings(home, home / "cache", sys.argv[2], model="none", embedder=sys.argv[4], threads=1)
recipe = LearnRecipe(held_out=0.3, ways=("turn",), strangers=20)
learn(open_store(home), settings, recipe, resume=sys.argv[3] == "resume")
"""


@pytest.mark.slow
def test_killed_at_any_moment_a_run_goes_on_and_nothing_half_is_in_use(store: Store, settings: Settings) -> None:
    """kill -9 again and again, a little later each time; the figures are those of a run that was left alone."""
    alone = learn(store, settings, QUICK).figures
    how, kills = "fresh", 0
    for wait in np.linspace(1.5, 14.0, 24):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(store.home), WORKSPACE, how, settings.embedder],
            cwd=Path(__file__).parent.parent, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(float(wait))
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            kills += 1
        child.wait()
        assert load_in_use(store, settings).name == "v0"
        how = "resume" if (learn_folder(store, WORKSPACE) / "run.json").is_file() else "fresh"
    assert kills >= 10
    assert learn(store, settings, QUICK, resume=how == "resume").figures == alone


def test_two_runs_do_not_meet(store: Store, settings: Settings) -> None:
    hold = "import time\nfrom finetune.loop import _alone\nwith _alone(home / 'learn' / sys.argv[2]):\n"
    code = KILLED[: KILLED.index("settings =")] + hold + "    print('in', flush=True)\n    time.sleep(60)\n"
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(store.home), WORKSPACE, "fresh"], cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "in\n"
    try:
        with pytest.raises(UserError, match="Another run is learning"):
            learn(store, settings, QUICK)
    finally:
        child.kill()
        child.wait()


def test_the_command_says_what_to_do_next(
    gone: tuple[Store, Settings, Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKSIDE_EMBEDDER", gone[1].embedder)
    run, where = CliRunner(), ["-w", WORKSPACE, "--home", str(gone[0].home)]
    told = run.invoke(deskside, ["learn", *where, "--resume"], catch_exceptions=False)
    assert told.exit_code == 0
    assert "hit@5" in told.output
    assert f"deskside promote {gone[2].name}" in told.output or "The gate refuses it" in told.output
    followed = run.invoke(deskside, ["learn", *where, "--follow", "--json"], catch_exceptions=False)
    assert json.loads(followed.output.splitlines()[-1])["stage"] == "finished"
    waits = run.invoke(deskside, ["learn", *where, "--when-new", "5"], catch_exceptions=False)
    assert "0 new conversations; learning waits for 5." in waits.output


@pytest.mark.parametrize(("given", "said"), [
    (["--stages", "cooking"], '"cooking" is none of them'), (["--ways", "magic"], '"magic" is none of them'),
    (["--resume"], "There is no run to go on with"), (["--follow"], "No run has begun here"),
])  # fmt: skip
def test_wrong_wishes_are_explained(store: Store, given: list[str], said: str) -> None:
    trouble = CliRunner().invoke(deskside, ["learn", "-w", WORKSPACE, *given]).exception
    assert isinstance(trouble, UserError)
    assert said in trouble.message


def test_few_tickets_are_told_as_too_few(own_home: Path) -> None:
    stocked(own_home, customers=1)
    trouble = CliRunner().invoke(deskside, ["learn", "-w", WORKSPACE]).exception
    assert isinstance(trouble, UserError)
    assert "examples are not enough; 40 are needed" in trouble.message


def test_new_conversations_are_counted_from_the_last_run_on(store: Store, settings: Settings) -> None:
    assert new_conversations(store, WORKSPACE) == 90
    learn(store, settings, QUICK, stages=("material",))
    assert new_conversations(store, WORKSPACE) == 0


# -- the small parts


def test_a_batch_has_no_two_of_one_matter() -> None:
    triples = [Triple(f"q{at}", f"a{at}", "", at % 7) for at in range(40)]
    made = list(batches(triples, 6, 0, 0))
    assert all(len({each.matter for each in batch}) == len(batch) for batch in made)
    assert sum(map(len, made)) >= 36
    assert made == list(batches(triples, 6, 0, 0)) != list(batches(triples, 6, 0, 1))


def test_a_hard_negative_is_near_but_of_another_matter_and_no_hidden_answer() -> None:
    passages = np.array([[1, 0], [0.99, 0.14], [0.9, 0.44], [0, 1]], np.float32)
    near = np.eye(4, dtype=bool)
    asked = np.array([[1, 0]], np.float32)
    assert mine(asked, passages, [0], near, [0, 1, 2, 3], {0: [0]}) == [2]  # 1 is as near as the answer itself
    near[0, 2] = True
    assert mine(asked, passages, [0], near, [0, 1, 2, 3], {0: [0]}) == [3]


def test_the_rate_rises_and_falls() -> None:
    rates = [slope(step, 20, 0.1) for step in range(20)]
    assert rates[0] == 0.5
    assert max(rates) == 1.0
    assert rates[2:] == sorted(rates[2:], reverse=True)


def test_a_turn_brings_questions_to_their_answers_and_hidden_ones_teach_nothing() -> None:
    chance = np.random.default_rng(0)
    questions, passages = (
        (each / np.linalg.norm(each, axis=1, keepdims=True)).astype(np.float32)
        for each in (chance.normal(size=(30, 16)), chance.normal(size=(30, 16)))
    )
    wanted, nothing = np.eye(30, dtype=bool), np.zeros((30, 30), bool)
    recipe = TurnRecipe(stay=0.001, steps=300)
    turn = learn_turn(questions, passages, wanted, nothing, recipe)

    def found(asked: np.ndarray) -> float:
        return float(((asked @ passages.T).argmax(axis=1) == np.arange(30)).mean())

    assert found(questions @ turn) > found(questions) + 0.4
    np.testing.assert_array_equal(
        turn, learn_turn(questions, passages, wanted, nothing, TurnRecipe(stay=0.001, steps=300))
    )
    still = learn_turn(questions, passages, wanted, wanted, TurnRecipe())
    np.testing.assert_array_equal(still, np.eye(16, dtype=np.float32))


def test_confidence_is_fitted_and_kept_where_there_is_too_little() -> None:
    own = [Signals(0.6 + at / 100, 0.5 + at / 200, 0) for at in range(30)]
    strange = [Signals(0.2 + at / 100, 0.2 + at / 200, 0) for at in range(30)]
    fitted = fit_measures(own, strange)
    assert fitted.dense > 0
    assert fitted.agreeing > 0
    assert fitted.alone_dense == pytest.approx(0.487, abs=0.01)
    assert fit_measures(own[:5], strange).dense == AS_FITTED.dense


def test_another_embedder_answers_as_many_of_the_kept_questions_as_the_one_before() -> None:
    """Its cosines are lower all over; what was answered before is answered still, and no more."""
    new = [Signals(0.25 + at / 100, 0.1 + at / 200, 0) for at in range(30)]
    before = [0.3 + at / 50 for at in range(30)]
    for caution in (0.35, 0.5, 0.8):
        moved = as_often(AS_FITTED, new, before, caution)
        assert sum(confidence(each, AS_FITTED) >= caution for each in new) == 0
        assert sum(confidence(each, moved) >= caution for each in new) == sum(each >= caution for each in before)
    assert as_often(AS_FITTED, new[:9], before[:9], 0.5) == AS_FITTED  # too few to say
    assert as_often(AS_FITTED, new, [0.1] * 30, 0.5) == AS_FITTED


def test_caution_keeps_the_share_of_wrong_answers() -> None:
    sure = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
    right = [True, True, True, True, True, False, True, False]
    curve = risk_coverage(sure, right)
    assert curve[4] == (0.5, 5 / 8, 0.0)
    assert caution_for(curve, 0.0) == 0.5
    assert caution_for(curve, 0.15) == 0.3
    assert caution_for(risk_coverage(sure, [False] * 8), 0.1) > 0.9
    assert calibration_error([0.95] * 10, [True] * 10) == pytest.approx(0.05)


def test_the_page_begins_with_what_a_lead_asks_first(gone: tuple[Store, Settings, Outcome]) -> None:
    report = (gone[2].folder / "report.md").read_text()
    parts = [
        report.index(each) for each in ("| of 100 questions |", "## What lost most", "## Every figure", "## Slices")
    ]
    assert parts == sorted(parts)
    told = json.loads((gone[2].folder / "report.json").read_text())
    answered = next(row for row in told["rows"] if row["name"] == "answered")
    assert f"| get an answer | {100 * answered['before']:.0f} | {100 * answered['after']:.0f} |" in report
    assert "- reranker: " in report
    assert "| learn | " in report
    assert "language: en" in told["slices"]


@pytest.mark.parametrize(("text", "language"), [
    ("How can I reset the hub?", "en"), ("Wie kann ich die Kamera mit der App verbinden?", "de"),
    ("Je ne peux pas ouvrir la serrure", "fr"), ("¿Cómo puedo cambiar la dirección?", "es"),
    ("カメラがオフラインです", "ja"), ("摄像头离线了", "zh"), ("Камера не в сети", "ru"),
    ("hub offline E-40", "unknown"), ("", "unknown"),
])  # fmt: skip
def test_a_question_is_put_into_the_slice_of_its_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_plots_are_pictures_without_strange_markup() -> None:
    drawn = lines("<b>&", "x", "y", {"a": [(0.0, 1.0), (0.5, float("nan")), (1.0, 0.5)]})
    assert "75%" in drawn
    assert 'points="46.0,46.0 514.0,150.0"' in drawn
    assert "&lt;b&gt;&amp;" in drawn
    assert "nan" not in drawn
    assert intervals("t", [("hit@1", 0.1, 0.02, 0.2)]).count("<circle") == 1
    assert lines("t", "x", "y", {}).endswith("</svg>\n")
