"""Learning as the window sees it: a run read from its lines, started apart, stopped; examples in, waiting and out."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from training_doubles import FIGURES, FINISHED, LEARNED, RUNS, end_runs, lines, write_run

from agent import workshop as workshop_module
from agent.decide import Decision
from agent.events import Ended
from agent.journal import Journal
from agent.learning import STAGES, read_run
from agent.settings import Settings
from agent.teaching import BY_HAND, VETOED, keep_out, kept_out, lessons
from agent.tui.progress import curve, duration, stage_lines, standing_line, table_lines
from agent.workshop import Workshop
from finetune import stages as loop
from finetune.material import gather, preferences_of
from index.errors import UserError
from index.store import Store, open_store
from tests.learn_doubles import WORKSPACE, stocked

AT = datetime(2026, 1, 5, 10, 4, 0, tzinfo=UTC)
ENDED = Ended(
    0, "chat-1", "Hold reset for 10 seconds.", Decision("case", "", "evidence.ticket", 0.9), (), (), (), {}, "v0"
)  # fmt: skip


def until(true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


# --- a run out of its lines -----------------------------------------------------------------------------------


def test_a_run_at_work_tells_its_stage_how_far_it_is_and_how_long_it_will_take() -> None:
    run = read_run(lines(*LEARNED), {"done": ["material"]}, running=True, now=AT)
    assert standing_line(run) == "running: embedder 50%, stage 2 of 5, about 3 min left in it"
    material, embedder, measures = run.stages[:3]
    assert (material.state, material.text, material.seconds) == ("done", "312 of 346 conversations", 12.4)
    assert (embedder.state, embedder.share, embedder.step, embedder.of) == ("now", 0.5, 20, 40)
    assert embedder.left == pytest.approx(200, abs=10)  # 20 steps to go, ten seconds each, as those before
    assert measures.state == "ahead"
    assert (len(run.losses), run.trained) == (20, "embedder")


def test_what_a_run_says_of_its_time_is_believed() -> None:
    told = (*LEARNED, ("embedder", "", {"share": 0.8, "eta": 30.0, "loss": 0.1}))
    run = read_run(lines(*told), {}, running=True, now=AT.replace(minute=4, second=20))
    assert run.stages[1].share == 0.8
    assert run.stages[1].left == pytest.approx(30, abs=30)


@pytest.mark.parametrize(
    ("last", "more", "standing"),
    [
        ((), {"running": True}, "running"),
        ((), {}, "broken off"),
        ((("stopped", "kept", {}),), {}, "stopped"),
        ((("stopped", "kept", {}),), {"starting": True}, "starting"),
        ((("failed", "No pairs.", {"kind": "EMPTY"}),), {}, "failed"),
        ((), {"trouble": "It broke."}, "failed"),
    ],
)
def test_how_a_run_stands(last: tuple, more: dict, standing: str) -> None:
    run = read_run(lines(*LEARNED, *last), {}, now=AT, **more)
    assert run.standing == standing
    assert run.alive == (standing in ("running", "starting"))
    assert run.resumable == (not run.alive)
    assert (run.trouble != "") == (standing == "failed")


def test_a_run_that_was_gone_on_with_forgets_no_loss_and_repeats_none() -> None:
    again = (("stopped", "kept", {}), ("started", "", {"stages": ["embedder", "gate"], "done": ["material"]}))
    more = (("embedder", "begins", {}), *(("embedder", "", {"step": n, "of": 40, "loss": 0.3}) for n in (15, 16)))
    run = read_run(lines(*LEARNED, *again, *more), {"done": ["material"]}, running=True, now=AT.replace(minute=6))
    assert [step for step, _ in run.losses] == list(range(1, 17))
    assert [(stage.name, stage.state) for stage in run.stages] == [
        ("material", "done"), ("embedder", "now"), ("gate", "ahead")
    ]  # fmt: skip


def test_a_finished_run_shows_old_against_new_as_its_report_does() -> None:
    run = read_run(lines(*FINISHED), {"made": "v3", "done": ["material"]}, now=AT)
    assert (run.standing, run.name, run.accepted) == ("finished", "v3", True)
    wide = table_lines(run.figures, 100)
    assert wide[0].startswith("figure")
    assert wide[0].endswith("difference [95 %]")
    assert wide[1] == "hit@1                    0.549   0.541   -0.008 [-0.030, +0.012]"
    assert wide[2].endswith("+0.136 [+0.050, +0.210] better")
    assert wide[3].endswith("-0.200 [-0.313, -0.013] worse")
    assert len(wide) == 4  # what was not measured has no line
    assert max(map(len, table_lines(run.figures, 40))) <= 40


@pytest.mark.parametrize(
    "odd",
    [
        [{"stage": 7, "text": None}, {"at": "yesterday", "stage": "embedder", "step": "x", "of": [], "loss": "low"}],
        [{"stage": "embedder", "loss": float("nan"), "step": float("inf"), "of": 0}],
        [{"stage": "reranker", "text": "begins"}, {"stage": "reranker", "step": 5}],
        [{}, {"stage": "started", "stages": 3, "done": {"x": 1}}],
    ],
)
def test_lines_of_another_program_are_read_for_what_they_say(odd: list) -> None:
    run = read_run([*lines(*LEARNED), *odd], {"done": None, "verdict": [], "figures": {"x": 1}}, running=True, now=AT)
    assert run.standing == "running"
    assert stage_lines(run, 40)


@pytest.mark.parametrize("width", [30, 60, 100])
def test_the_loss_is_a_curve_that_falls_from_left_to_right(width: int) -> None:
    plot = curve([(n, 10.0 / n) for n in range(1, 200)], width, 5)
    assert len(plot) == 6
    assert max(map(len, plot)) <= width
    assert float(plot[0].split()[0]) > 3
    assert plot[4].lstrip().startswith("0.0")
    first, last = plot[0].split("┤")[1], plot[4].split("┤")[1]
    assert first[0] != "⠀"
    assert set(first[len(first) // 2 :]) == {"⠀"}
    assert last.rstrip("⠀") == last
    assert "step 1" in plot[5]
    assert plot[5].endswith("199")


def test_a_flat_loss_and_a_single_one_are_no_trouble() -> None:
    assert curve([(1, 0.5)], 40, 5) == []
    assert len(curve([(1, 0.5), (2, 0.5)], 40, 5)) == 6


def test_times_are_told_roughly() -> None:
    assert [duration(each) for each in (12, 240, 4800)] == ["12 s", "4 min", "80 min"]
    assert duration(6000) == "1 h 40 min"


# --- a run as a process ---------------------------------------------------------------------------------------


@pytest.fixture
def settings(own_home: Path, tmp_path: Path) -> Settings:
    return Settings(own_home, tmp_path / "cache", WORKSPACE, model="none", threads=1)


@pytest.fixture
def store(own_home: Path) -> Iterator[Store]:
    store = open_store(own_home)
    yield store
    store.close()


@pytest.fixture
def shop(store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """A workshop whose runs are a small process that behaves as one."""
    program = tmp_path / "runs.py"
    program.write_text(RUNS)
    monkeypatch.setattr(workshop_module, "LEARN", (sys.executable, str(program), "learn"))
    shop = Workshop(store, settings)
    yield shop
    end_runs(shop)


def test_a_run_goes_on_without_who_started_it_and_is_stopped_by_another(
    shop: Workshop, store: Store, settings: Settings
) -> None:
    assert shop.look().standing == "none"
    shop.start()
    with pytest.raises(UserError, match="goes on already"):
        shop.start()
    until(lambda: shop.look().losses)
    child = shop._child
    assert child is not None
    assert os.getsid(child.pid) != os.getsid(0)  # the terminal of this process does not end it
    other = Workshop(store, settings)  # another window, later
    assert other.look().standing == "running"
    assert os.getpriority(os.PRIO_PROCESS, child.pid) >= 10
    seen = len(other.look().losses)
    until(lambda: len(other.look().losses) > seen)
    other.stop()
    until(lambda: other.look().standing == "stopped")
    child.wait(10)
    shop.start(resume=True)
    until(lambda: shop.look().standing == "running")
    os.kill(int((settings.home / "learn" / f"{WORKSPACE}.pid").read_text()), signal.SIGKILL)
    until(lambda: other.look().standing == "broken off")
    assert other.look().resumable
    with pytest.raises(UserError, match="No run goes on"):
        other.stop()


def test_a_run_that_cannot_begin_says_why(store: Store, settings: Settings) -> None:
    shop = Workshop(store, settings)
    shop.start(resume=True)
    until(lambda: not shop.look().alive, 300)
    run = shop.look()
    assert (run.standing, run.resumable) == ("failed", False)
    assert run.trouble == "There is no run to go on with.\nStart one: deskside learn"


def test_a_run_of_before_is_read_again_from_where_it_was_and_a_new_one_from_its_start(
    store: Store, settings: Settings
) -> None:
    shop = Workshop(store, settings)
    write_run(shop.folder, lines(*LEARNED))
    assert len(shop.look().losses) == 20
    with (shop.folder / "progress.jsonl").open("a") as stream:
        stream.write(json.dumps(lines(("embedder", "", {"step": 21, "of": 40, "loss": 0.2}))[0]) + '\n{"half')
    assert len(shop.look().losses) == 21
    write_run(shop.folder, lines(*LEARNED[:8]))
    assert len(shop.look().losses) == 3
    shop.log.write_text("deskside: Too few examples.\nImport more.\n")
    assert shop.look().trouble == "Too few examples.\nImport more."
    old = time.time() - 60
    os.utime(shop.log, (old, old))  # of a run before that one
    assert shop.look().standing == "broken off"
    shop.log.write_text('{"stage": "embedder"}\nTraceback (most recent call last):\n  x\nRuntimeError: out of memory\n')
    assert shop.look().trouble.startswith("It broke: RuntimeError: out of memory")


# --- what it learns from --------------------------------------------------------------------------------------


def test_each_conversation_says_whether_it_is_learned_from_and_why_not(store: Store) -> None:
    journal = Journal(store, "default")

    def told(chat: str, question: str = "My hub shows a white light, what should I do now?") -> int:
        return journal.keep_turn(question, replace(ENDED, conversation_id=chat))

    journal.rate(told("good"), "good")
    journal.rate(told("bad"), "bad", "wrong")
    journal.correct(told("corrected"), "Hold reset for 12 seconds.")
    journal.correct(told("vetoed"), "Hold nothing.", training=False)
    told("approved")
    journal.approve("approved")
    told("nothing")
    told("by hand")
    keep_out(store, "default", "by hand", True)
    found = {each.conversation: (each.place, each.why, each.signs) for each in lessons(store, "default")}
    assert found == {
        "by hand": ("out", BY_HAND, ()),
        "approved": ("in", "", ("approved",)),
        "vetoed": ("out", VETOED, ("corrected",)),
        "corrected": ("in", "", ("corrected",)),
        "bad": ("out", "rated bad and not corrected", ("bad",)),
        "good": ("waits", "approve the conversation to learn from it", ("good",)),
    }
    assert [each.chosen for each in preferences_of(store, "default")] == ["Hold reset for 12 seconds."]
    for chat in ("corrected", "approved"):
        keep_out(store, "default", chat, True)
    assert kept_out(store, "default") == {
        "by hand": BY_HAND, "corrected": BY_HAND, "approved": BY_HAND, "vetoed": VETOED
    }  # fmt: skip
    assert not list(preferences_of(store, "default"))
    for chat in ("corrected", "vetoed"):
        keep_out(store, "default", chat, False)
    assert len(list(preferences_of(store, "default"))) == 2
    with pytest.raises(UserError, match="no conversation"):
        keep_out(store, "rival", "good", True)


def test_what_is_kept_out_by_hand_is_not_in_the_material(own_home: Path, tmp_path: Path) -> None:
    store = stocked(own_home, customers=3)
    every = gather(store, WORKSPACE, share=0.3)
    gone = every.learn[0].id
    keep_out(store, WORKSPACE, gone, True)
    less = gather(store, WORKSPACE, share=0.3)
    assert gone not in {pair.id for pair in (*less.known, *less.asked)}
    assert less.card["dropped"][BY_HAND] == 1
    assert [each.conversation for each in lessons(store, WORKSPACE)] == [gone]
    keep_out(store, WORKSPACE, gone, False)
    assert gather(store, WORKSPACE, share=0.3).card["hash"] == every.card["hash"]
    shop = Workshop(store, Settings(own_home, tmp_path, WORKSPACE))
    assert (shop.waiting().tickets, shop.waiting().fresh, shop.waiting().left_out) == (90, 90, {})
    write_run(shop.folder, [], {"gathered_at": "2999-01-01T00:00:00Z"})
    assert shop.waiting().fresh == 0


def test_the_road_that_is_shown_before_a_run_is_the_one_it_takes() -> None:
    assert [stage for stage in loop.STAGES if stage in STAGES] == list(STAGES)


def test_figures_are_the_same_from_lines_and_papers() -> None:
    run = read_run(lines(*FINISHED[:-1], ("finished", "v3", {"accepted": True})), {"figures": FIGURES}, now=AT)
    assert table_lines(run.figures, 100) == table_lines(read_run(lines(*FINISHED), {}, now=AT).figures, 100)
