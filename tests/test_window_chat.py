"""A conversation in the window: writing, stopping, trouble, queue, ratings, leaving."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from window_doubles import (
    ANSWER,
    MemoryRecords,
    ScriptedDesk,
    ask,
    asked_and_answered,
    running,
    screen_text,
    wait_until,
    window,
)

from agent.events import Decision, Said
from agent.tui.chat import FromEngine
from agent.tui.composer import PromptArea
from agent.tui.engine import Heard
from agent.tui.markdown import Writing, Written, laid_out
from agent.tui.transcript import MOST
from agent.tui.turn import Turn
from index.errors import UserError

DOCUMENTS = (
    "Hello **there**.\n\nA second paragraph with `code` [1].",
    "1. one\n2. two\n   - nested\n   - again\n3. three",
    "# Title\n\ntext\n\nSetext\n======\n\nmore",
    "```\nfence [b]x[/b]\n  indented\n```\n\nafter",
    "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nafter the table",
    "before\n\n<Save> and <br> and\n<div>a block</div>\n\nafter",
    "> quoted\n> twice\n\n---\n\n[click](file:///etc/passwd) [/x] [@click=app.quit]no[/]",
    "one\u2028two\n\nthree",
)


async def test_a_streamed_answer_ends_as_the_same_text_at_once() -> None:
    desk = ScriptedDesk(*DOCUMENTS, delay=0.002, citations=())
    app = window(desk)
    async with running(app) as pilot:
        for document in DOCUMENTS:
            await asked_and_answered(pilot, "again please")
            written = app.chat.transcript.turns[-1].query_one(Written)
            width = written.content_size.width
            assert written.visual.plain == laid_out(document, width).plain
        assert "<Save> and <br> and" in app.chat.transcript.turns[5].query_one(Written).visual.plain


async def test_one_live_text_grows_and_is_frozen_into_one_selectable_widget() -> None:
    gate = threading.Semaphore(0)
    app = window(ScriptedDesk(ANSWER, gate=gate))
    async with running(app) as pilot:
        await ask(pilot, "hub?")
        seen: set[int] = set()
        for released, total in ((2, 2), (5, 7), (9, 16)):
            gate.release(released)
            shown = ANSWER[: 5 * total]
            await wait_until(pilot, lambda shown=shown: [w.source for w in app.screen.query(Writing)] == [shown])
            seen.add(id(app.screen.query_one(Writing)))
        assert len(seen) == 1
        assert not app.screen.query(Written)
        gate.release(99)
        await wait_until(pilot, lambda: not app.screen.query(Writing))
        assert len(app.screen.query(Written)) == 1
        app.screen.query_one(Written).text_select_all()
        assert "set-up mode [1]" in (app.screen.get_selected_text() or "")


async def test_escape_keeps_what_is_written() -> None:
    gate = threading.Semaphore(3)
    desk = ScriptedDesk(ANSWER, gate=gate)
    app = window(desk)
    async with running(app) as pilot:
        await ask(pilot, "hub?")
        await wait_until(pilot, lambda: app.screen.query(Writing) and app.screen.query_one(Writing).source)
        await pilot.press("escape")
        turn = app.chat.transcript.turns[0]
        gate.release(999)
        await wait_until(pilot, lambda: turn.stopped and turn.turn_id)
        assert turn.answer
        assert ANSWER.startswith(turn.answer)
        assert len(turn.answer) <= 15
        assert "■ stopped" in screen_text(app)
        await asked_and_answered(pilot, "next question")
        assert desk.asked[-1][2] == "C-1"  # the stopped answer's conversation goes on


async def test_late_words_of_a_stopped_answer_are_dropped() -> None:
    gate = threading.Semaphore(1)
    app = window(ScriptedDesk("slow " * 20, "quick", gate=gate, deaf=True))
    async with running(app) as pilot:
        await ask(pilot, "hub?")
        await wait_until(pilot, lambda: app.chat.transcript.turns and app.chat.transcript.turns[0].draft)
        await pilot.press("escape")
        turn = app.chat.transcript.turns[0]
        kept = turn.answer
        app.chat.post_message(FromEngine(Heard(turn.number, Said(" LATE"))))
        app.chat.post_message(FromEngine(Heard(99, Said(" UNKNOWN"))))
        gate.release(999)
        await wait_until(pilot, lambda: turn.turn_id)
        assert turn.answer == kept
        assert turn.query_one(Written).text == kept
        assert "LATE" not in screen_text(app)
        assert "UNKNOWN" not in screen_text(app)


async def test_leaving_while_an_answer_is_written_takes_less_than_a_second() -> None:
    stuck = threading.Event()

    class Stuck(ScriptedDesk):
        def answer(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            yield from ()
            stuck.wait(30)  # a prefill that nothing interrupts

    app = window(Stuck())
    async with running(app, (100, 30)) as pilot:
        await ask(pilot, "hub?")
        await wait_until(pilot, lambda: "Esc stops" in screen_text(app))
        began = time.monotonic()
        await pilot.press("ctrl+q")
    assert time.monotonic() - began < 1.0
    stuck.set()


async def test_trouble_keeps_the_question() -> None:
    desk = ScriptedDesk(UserError("The model folder is gone. Run: deskside doctor", "CONFIG"), ANSWER)
    app = window(desk)
    async with running(app) as pilot:
        await ask(pilot, "my [/x] question")
        prompt = app.screen.query_one(PromptArea)
        await wait_until(pilot, lambda: prompt.text == "my [/x] question")
        assert "deskside doctor" in screen_text(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.chat.transcript.turns and app.chat.transcript.turns[-1].turn_id)
        assert [asked[0] for asked in desk.asked] == ["my [/x] question"] * 2


async def test_trouble_in_the_middle_keeps_the_question_and_the_partial_answer() -> None:
    app = window(ScriptedDesk(UserError("The server went away. Is it running?", "BACKEND"), before="So far so"))
    async with running(app) as pilot:
        await ask(pilot, "hub?")
        prompt = app.screen.query_one(PromptArea)
        await wait_until(pilot, lambda: prompt.text == "hub?")
        assert "So far so" in screen_text(app)
        assert app.chat.transcript.turns[0].answer == "So far so"
        assert "! The server went away" in screen_text(app)


async def test_a_bug_in_the_desk_is_a_message_and_the_next_question_works() -> None:
    app = window(ScriptedDesk(ZeroDivisionError("boom"), ANSWER))
    async with running(app) as pilot:
        await ask(pilot, "hub?")
        await wait_until(pilot, lambda: "Something broke inside Deskside (ZeroDivisionError)" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "from a past case" in screen_text(app))


async def test_a_question_asked_before_the_desk_is_open_waits_for_it() -> None:
    door = threading.Event()
    desk = ScriptedDesk()

    def load(on_note):  # type: ignore[no-untyped-def]
        on_note("loading the model…")
        door.wait(10)
        return desk

    app = window(load=load)
    async with running(app, (100, 30)) as pilot:
        await wait_until(pilot, lambda: "loading the model" in screen_text(app))
        await ask(pilot, "first")
        await ask(pilot, "second")
        await wait_until(pilot, lambda: "waiting for the desk to open" in screen_text(app))
        assert "1 waiting" in screen_text(app)
        assert not desk.asked
        door.set()
        await wait_until(pilot, lambda: desk.finished == 2)
        await wait_until(pilot, lambda: "ready" in screen_text(app))
        assert [(asked[0], asked[2]) for asked in desk.asked] == [("first", None), ("second", "C-1")]


async def test_a_desk_that_cannot_be_opened_is_tried_again_with_the_next_question() -> None:
    tries: list[int] = []

    def load(on_note):  # type: ignore[no-untyped-def]
        tries.append(1)
        if len(tries) < 3:
            raise UserError("No index here. Run: deskside index build", "CONFIG")
        return ScriptedDesk()

    app = window(load=load)
    async with running(app, (100, 30)) as pilot:
        await wait_until(pilot, lambda: "deskside index build" in screen_text(app))
        await ask(pilot, "hub?")
        prompt = app.screen.query_one(PromptArea)
        await wait_until(pilot, lambda: prompt.text == "hub?")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "set-up mode" in screen_text(app))


async def test_a_question_stopped_in_the_queue_is_never_asked() -> None:
    gate = threading.Semaphore(1)
    desk = ScriptedDesk(ANSWER, gate=gate, deaf=True)
    app = window(desk)
    async with running(app) as pilot:
        await ask(pilot, "first")
        await ask(pilot, "second")
        await wait_until(pilot, lambda: desk.asked)
        await pilot.press("escape", "escape")
        await wait_until(pilot, lambda: all(turn.stopped for turn in app.chat.transcript.turns))
        gate.release(999)
        await ask(pilot, "third")
        await wait_until(pilot, lambda: app.chat.transcript.turns[-1].turn_id)
        assert [asked[0] for asked in desk.asked] == ["first", "third"]


async def test_a_repaired_answer_replaces_the_draft_and_says_so() -> None:
    app = window(ScriptedDesk("Hold it for 99 s [1].", repaired="Hold it for 10 s [1]."))
    async with running(app, (120, 40)) as pilot:
        await asked_and_answered(pilot)
        text = screen_text(app)
        assert "Hold it for 10 s [1]." in text
        assert "99 s" not in text
        assert "✎ corrected against the sources" in text


async def test_a_hand_over_says_why() -> None:
    decision = Decision("handover", "nothing like it was solved before", "low-confidence", 0.1)
    app = window(ScriptedDesk("A person will look at this.", decision=decision, hits=(), citations=()))
    async with running(app) as pilot:
        await asked_and_answered(pilot)
        assert "handed over: nothing like it was solved before" in screen_text(app)


async def test_good_and_bad_are_kept_shown_and_taken_back() -> None:
    records = MemoryRecords()
    app = window(records=records)
    async with running(app) as pilot:
        await pilot.press("f9")
        await wait_until(pilot, lambda: "no kept answer to rate" in screen_text(app))
        await asked_and_answered(pilot, "one")
        await asked_and_answered(pilot, "two")
        await pilot.press("f9")
        await wait_until(pilot, lambda: "✓ good" in screen_text(app))
        assert records.ratings == {2: ("good", "")}
        await pilot.press("f10")
        await wait_until(pilot, lambda: "✗ bad" in screen_text(app))
        await pilot.press("f10")
        await wait_until(pilot, lambda: "✗ bad" not in screen_text(app))
        assert records.ratings == {}
        await pilot.press("alt+up", "alt+up")
        await ask(pilot, "/bad too short")
        await wait_until(pilot, lambda: records.ratings == {1: ("bad", "too short")})


async def test_new_starts_a_conversation_of_its_own() -> None:
    desk = ScriptedDesk()
    app = window(desk)
    async with running(app) as pilot:
        await asked_and_answered(pilot, "one")
        await asked_and_answered(pilot, "two")
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: not app.chat.transcript.turns)
        assert "What does the customer ask?" in screen_text(app)
        await asked_and_answered(pilot, "three")
        assert [asked[2] for asked in desk.asked] == [None, "C-1", None]


async def test_long_conversations_keep_few_widgets() -> None:
    app = window()
    async with running(app) as pilot:
        for n in range(MOST + 1):
            turn = Turn(f"question {n}")
            turn.finished, turn.answer = True, "Short."
            await app.chat.transcript.add(turn)
        await pilot.pause()
        assert len(list(app.screen.walk_children())) <= 150
        assert app.chat.transcript.turns[-1].question == f"question {MOST}"
        assert "load earlier" in str(app.screen.query_one("#earlier").render())
        assert app.screen.query_one("#earlier").display


@pytest.mark.parametrize(
    "text",
    [
        "[" * 19_000,
        "|" + "a|" * 3_000 + "\n|" + "-|" * 3_000 + "\n|" + "b|" * 3_000,
        "\n".join("  " * n + "- x" for n in range(300))[:19_000],
        ">" * 3_000 + " x",
        "e" + "\u0301" * 5_000,
        "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 1_000,
        "word " * 200_000,
    ],
    ids=["brackets", "wide table", "deep list", "deep quote", "combining marks", "emoji", "1 MB"],
)
def test_monstrous_answers_are_laid_out_in_under_a_second(text: str) -> None:
    began = time.process_time()
    shown = laid_out(text, 70)
    assert time.process_time() - began < 1.0
    assert shown.plain
    assert len(shown.plain) <= 110_000


async def test_what_is_loaded_for_an_answer_is_told_and_forgotten_when_it_is_there() -> None:
    told: list[Callable[[str], None]] = []
    gate = threading.Semaphore(0)

    class Late(ScriptedDesk):
        def answer(self, *asked, **more):  # type: ignore[no-untyped-def]
            told[0]("loading the model")
            gate.acquire(timeout=20)
            yield from super().answer(*asked, **more)

    def load(on_note: Callable[[str], None]) -> Late:
        told.append(on_note)
        return Late()

    app = window(load=load)
    async with running(app) as pilot:
        await wait_until(pilot, lambda: "ready" in screen_text(app).splitlines()[0])
        await ask(pilot, "My hub is white")
        await wait_until(pilot, lambda: "loading the model 0 s" in screen_text(app).splitlines()[0])
        assert "waiting for the desk to open" not in screen_text(app)
        gate.release()
        await wait_until(pilot, lambda: "from a past case" in screen_text(app))
        assert "ready" in screen_text(app).splitlines()[0]
