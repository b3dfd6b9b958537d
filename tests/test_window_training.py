"""The training screen: examples kept out and let in, a run started, left alone and stopped, versions put in use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from training_doubles import FIGURES, FINISHED, LEARNED, RUNS, end_runs, lines, write_run
from window_doubles import ScriptedDesk, running, screen_text, wait_until

from agent import workshop as workshop_module
from agent.decide import Decision
from agent.events import Ended
from agent.journal import Journal
from agent.settings import Settings
from agent.teaching import kept_out
from agent.tui.app import DeskApp
from agent.tui.office import Office
from agent.tui.training import TrainingScreen
from agent.versions import in_use, promotions
from agent.workshop import Workshop
from finetune.versions import make_version
from index.store import Store, open_store

SIZES = [(100, 30), (60, 20), (44, 14)]
ENDED = Ended(
    0, "chat-1", "Hold reset for 10 seconds.", Decision("case", "", "evidence.ticket", 0.9), (), (), (), {}, "v0"
)  # fmt: skip


@pytest.fixture
def store(own_home: Path) -> Iterator[Store]:
    store = open_store(own_home)
    yield store
    store.close()


@pytest.fixture
def shop(store: Store, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """A workshop whose runs are a small process that behaves as one."""
    program = tmp_path / "runs.py"
    program.write_text(RUNS)
    monkeypatch.setattr(workshop_module, "LEARN", (sys.executable, str(program), "learn"))
    shop = Workshop(store, Settings(own_home, tmp_path / "cache", "default", model="none"))
    yield shop
    end_runs(shop)


def worked(store: Store) -> Journal:
    """A person has rated, corrected and approved."""
    journal = Journal(store, "default")

    def told(chat: str, question: str) -> int:
        return journal.keep_turn(question, replace(ENDED, conversation_id=chat))

    told("chat-white", "My hub shows a white light, what now?")
    journal.approve("chat-white")
    journal.rate(told("chat-loud", "The lock [/x] is loud, why?"), "bad", "not what was asked")
    journal.correct(told("chat-dark", "The camera stays dark at night"), "Switch the night light on.")
    journal.rate(told("chat-good", "Where do I find the order number?"), "good")
    return journal


def version(store: Store, folder: Path, *, accepted: bool = True, base: str = "v0") -> str:
    part = folder / "measures.json"
    part.write_text("{}")
    verdict = {"accepted": accepted, "refusals": [] if accepted else ["hit@5 fell by 0.2"]}
    papers = {"base": {"version": base}, "verdict": verdict, "scores": FIGURES, "parts": {"measures": {}}}
    return make_version(store, "default", {"measures.json": part}, papers).name


def window(store: Store, shop: Workshop) -> DeskApp:
    return DeskApp(
        Journal(store, "default"), lambda on_note: ScriptedDesk(), title="default", office=Office(workshop=shop)
    )


async def until(pilot: Pilot, *words: str) -> str:
    await wait_until(pilot, lambda: all(word in screen_text(pilot.app) for word in words), 30)  # type: ignore[arg-type]
    return screen_text(pilot.app)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_run_is_seen_with_its_stages_time_left_and_loss(
    store: Store, shop: Workshop, size: tuple[int, int]
) -> None:
    write_run(shop.folder, lines(*LEARNED, ("failed", "Too few pairs.\nImport more.", {})), {"done": ["material"]})
    app = window(store, shop)
    async with running(app, size) as pilot:
        await pilot.press("f5")
        text = await until(pilot, "─  failed", "! Too few pairs. Import more.", "✓ material", "embedder")
        assert "g goes on" in text
        for _ in range(4):
            app.screen.query_one("#run").scroll_page_down(animate=False)
            await pilot.pause()
            text += screen_text(app)
        assert "Loss of the embedder: 0.343" in text
        assert "1.067 ┤⠉" in text or "1.067 ┤⠙" in text
        app.screen.query_one("#run").scroll_end(animate=False)
        await wait_until(pilot, lambda: "step 20 of 40, loss 0.343" in " ".join(screen_text(app).split()))


async def test_a_run_is_started_survives_the_window_and_is_stopped_in_the_next_one(
    store: Store, shop: Workshop, own_home: Path
) -> None:
    app = window(store, shop)
    async with running(app) as pilot:
        app.chat.prompt.put("/train start")
        await pilot.press("enter")
        await until(pilot, "running: embedder", "stage 2 of 3", "s left", "Loss of the embedder")
        await pilot.press("s")
        await until(pilot, "A run goes on already")
    later = Workshop(store, replace(shop._settings))
    assert later.look().standing == "running"
    app = window(store, later)
    async with running(app) as pilot:
        await pilot.press("f5")
        await until(pilot, "running: embedder")
        await pilot.press("x")
        await until(pilot, "stopped", "g goes on where it was")
        await pilot.press("s")
        await until(pilot, "drops what the run before has done")
        assert later.look().standing == "stopped"
        await pilot.press("g")
        await until(pilot, "running: embedder")
        await pilot.press("x")
        await until(pilot, "g goes on where it was")


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_examples_say_whether_they_are_learned_from_and_are_kept_out_by_a_key(
    store: Store, shop: Workshop, size: tuple[int, int]
) -> None:
    worked(store)
    app = window(store, shop)
    async with running(app, size) as pilot:
        await pilot.press("f5", "tab")
        await until(pilot, "[Examples 2]", "… waits  Where do I find", "approve the conversation")
        await pilot.press("down")
        text = await until(pilot, "✓ in  The camera stays dark", "corrected")
        assert size[0] < 90 or "Should have said" in text
        await pilot.press("v")
        await until(pilot, "[Examples 1]", "✗ out  The camera stays dark", "kept out by hand")
        assert list(kept_out(store, "default")) == ["chat-dark"]
        await pilot.press("v")
        await until(pilot, "[Examples 2]", "✓ in  The camera stays dark")
        assert not kept_out(store, "default")
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.screen is app.chat)
        await until(pilot, "Switch the night light on.")
        assert app.chat.chat.id == "chat-dark"


async def test_nothing_to_learn_from_says_how_it_comes_here(store: Store, shop: Workshop) -> None:
    app = window(store, shop)
    async with running(app, (60, 20)) as pilot:
        app.chat.prompt.put("/train examples")
        await pilot.press("enter")
        await until(pilot, "Nothing yet: approve", "0 solved tickets")
        await pilot.press("v", "enter", "escape")
        await wait_until(pilot, lambda: app.screen is app.chat)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_version_is_put_in_use_and_back_when_asked_twice(
    store: Store, shop: Workshop, tmp_path: Path, size: tuple[int, int]
) -> None:
    version(store, tmp_path)
    app = window(store, shop)
    async with running(app, size) as pilot:
        await pilot.press("f5", "shift+tab")
        text = await until(pilot, "[Versions 2]", "v1  passed the gate", "v0  as shipped · in use", "hit@1")
        assert "compared with v0" in text
        for _ in range(4):
            if "worse" not in screen_text(app):
                await pilot.press("pagedown")
                await pilot.pause(0.2)
        await until(pilot, "-0.200 [-0.313, -0.013] worse")
        await pilot.press("p")
        await until(pilot, "p once more puts v1 in use")
        assert in_use(store, "default") == (0, "v0")
        await pilot.press("p")
        await until(pilot, "v1  in use · passed the gate", *(["v1 in use"] if size[0] >= 60 else []))
        assert in_use(store, "default")[1] == "v1"
        await pilot.press("b")
        await pilot.press("tab", "shift+tab")  # another page: the question is forgotten
        await pilot.press("b")
        assert in_use(store, "default")[1] == "v1"
        await pilot.press("b")
        await until(pilot, "v0  as shipped · in use")
    assert [(each.kind, each.version) for each in promotions(store, "default")] == [
        ("promote", "v1"), ("rollback", "v0")
    ]  # fmt: skip


async def test_a_refused_version_needs_a_reason(store: Store, shop: Workshop, tmp_path: Path) -> None:
    version(store, tmp_path, accepted=False)
    app = window(store, shop)
    async with running(app) as pilot:
        await pilot.press("f5", "tab", "tab")
        await until(pilot, "refused: hit@5 fell by 0.2")
        await pilot.press("p", "p")
        await until(pilot, "The gate refused v1")
        assert in_use(store, "default")[1] == "v0"
        await pilot.press("o", "enter")
        assert in_use(store, "default")[1] == "v0"  # no reason, no change
        await pilot.press("o", *"tried", "enter")
        await until(pilot, "v1  in use · refused by the gate")
    assert [(each.kind, each.reason) for each in promotions(store, "default")] == [("override", "tried")]


async def test_a_damaged_version_is_not_put_in_use(store: Store, shop: Workshop, tmp_path: Path) -> None:
    version(store, tmp_path)
    (own,) = (store.home / "versions" / "default").iterdir()
    (own / "measures.json").write_text("{ }")
    app = window(store, shop)
    async with running(app) as pilot:
        await pilot.press("f5", "shift+tab")
        await until(pilot, "v1  passed the gate")
        await pilot.press("p", "p")
        await until(pilot, "not whole")
    assert in_use(store, "default")[1] == "v0"


async def test_a_finished_run_shows_old_against_new_and_nothing_scrolls_away_while_one_reads(
    store: Store, shop: Workshop
) -> None:
    write_run(shop.folder, lines(*FINISHED), {"made": "v3", "done": ["material"]})
    app = window(store, shop)
    async with running(app) as pilot:
        await pilot.press("f5")
        await until(pilot, "finished: v3 passed the gate", "Put v3 in use")
        await pilot.press("end")
        text = await until(pilot, "-0.200 [-0.313, -0.013] worse", "+0.136 [+0.050, +0.210] better")
        assert "The log's end" in text
        place = app.screen.query_one("#run").scroll_y
        assert place > 0
        await pilot.pause(1.3)
        assert app.screen.query_one("#run").scroll_y == place
        assert isinstance(app.screen, TrainingScreen)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is app.chat)
