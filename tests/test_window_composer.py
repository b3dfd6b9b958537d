"""The text box of the window: keys, pastes, history, slash commands."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input
from window_doubles import ScriptedDesk, ask, asked_and_answered, running, screen_text, wait_until, window

from agent.tui.commands import COMMANDS, understand, unknown_word
from agent.tui.composer import PromptArea
from agent.tui.paste import QuickPaste
from agent.tui.picker import PicturePicker
from agent.tui.status import key_line


async def test_enter_sends_and_ctrl_j_makes_a_new_line() -> None:
    desk = ScriptedDesk()
    app = window(desk)
    async with running(app, (100, 30)) as pilot:
        await pilot.press(*"a", "ctrl+j", *"b", "enter", *"c")
        await wait_until(pilot, lambda: desk.finished)
        assert desk.asked[0][0] == "a\nb"
        assert app.screen.query_one(PromptArea).text == "c"


async def test_fast_typing_sends_whole_lines_in_order() -> None:
    desk = ScriptedDesk()
    app = window(desk)
    async with running(app, (100, 30)) as pilot:
        await pilot.pause()
        for char in "one two\rthree\rfour":
            key = events.Key("enter" if char == "\r" else "space" if char == " " else char, char)
            app.post_message(key)  # all at once, as a terminal sends what was typed ahead
        await wait_until(pilot, lambda: desk.finished == 2)
        assert [asked[0] for asked in desk.asked] == ["one two", "three"]
        assert app.screen.query_one(PromptArea).text == "four"


async def test_an_empty_question_is_not_asked() -> None:
    desk = ScriptedDesk()
    app = window(desk)
    async with running(app, (100, 30)) as pilot:
        await pilot.press("enter", "space", "enter", "ctrl+j", "enter")
        await pilot.pause(0.1)
        assert not desk.asked
        assert not app.chat.transcript.turns


async def test_the_box_grows_to_ten_lines() -> None:
    app = window()
    async with running(app, (100, 30)) as pilot:
        prompt = app.screen.query_one(PromptArea)
        assert prompt.content_size.height == 1
        for lines, height in ((4, 4), (10, 10), (30, 10)):
            prompt.put("\n".join("x" for _ in range(lines)))
            await wait_until(pilot, lambda height=height: prompt.content_size.height == height)


async def test_fifty_pasted_lines_can_be_undone() -> None:
    app = window()
    async with running(app, (100, 30)) as pilot:
        prompt = app.screen.query_one(PromptArea)
        prompt.post_message(events.Paste("\n".join(f"line {n}" for n in range(50))))
        await wait_until(pilot, lambda: prompt.text.count("\n") == 49)
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: prompt.text == "")
        await pilot.press("ctrl+y", "ctrl+z", *"ok")
        await wait_until(pilot, lambda: prompt.text == "ok")


async def test_two_megabytes_are_refused_in_under_a_second_and_the_box_is_unchanged() -> None:
    app = window()
    async with running(app, (100, 30)) as pilot:
        prompt = app.screen.query_one(PromptArea)
        prompt.put("half a question")
        began = time.monotonic()
        prompt.post_message(events.Paste("x" * 2_000_000))
        await wait_until(pilot, lambda: "LIMIT" in screen_text(app))
        assert time.monotonic() - began < 1.0
        assert prompt.text == "half a question"


async def test_up_on_the_first_line_brings_back_questions_and_down_what_was_unsent() -> None:
    app = window()
    async with running(app, (100, 30)) as pilot:
        await asked_and_answered(pilot, "first")
        await asked_and_answered(pilot, "second\nline")
        prompt = app.screen.query_one(PromptArea)
        await pilot.press(*"dra", "up")
        assert prompt.text == "second\nline"
        await pilot.press("up", "up")
        assert prompt.text == "first"
        await pilot.press("down", "down")
        assert prompt.text == "dra"


@pytest.mark.parametrize(
    ("line", "name", "argument", "text"),
    [
        ("/help", "help", "", ""),
        ("/BAD it is wrong\nreally", "bad", "it is wrong\nreally", ""),
        ("  /attach /tmp/a b.png ", "attach", "/tmp/a b.png", ""),
        ("//help", None, "", "/help"),
        ("/etc/hosts is broken", None, "", "/etc/hosts is broken"),
        ("48213 is my order", None, "", "48213 is my order"),
        ("1/2", None, "", "1/2"),
    ],
)
def test_a_slash_word_is_a_command_and_a_path_is_not(line: str, name: str | None, argument: str, text: str) -> None:
    typed = understand(line, "window")
    assert (typed.command.name if typed.command else None, typed.argument, typed.text) == (name, argument, text)


def test_a_wrong_slash_word_names_the_nearest() -> None:
    assert understand("/atach x", "window").unknown == "/atach"
    assert "/attach" in unknown_word("/atach", "window")
    assert "/help" in unknown_word("/zzzz", "window")


async def test_a_wrong_slash_word_stays_in_the_box_and_a_begun_one_is_hinted() -> None:
    desk = ScriptedDesk()
    app = window(desk)
    async with running(app, (100, 30)) as pilot:
        await ask(pilot, "/helpp me")
        prompt = app.screen.query_one(PromptArea)
        await wait_until(pilot, lambda: prompt.text == "/helpp me")
        assert "did you mean /help?" in screen_text(app)
        prompt.put("/at")
        await wait_until(pilot, lambda: "/attach PATH" in screen_text(app))
        assert not desk.asked


async def test_every_command_can_be_done_and_its_key_is_bound() -> None:
    app = window()
    async with running(app, (100, 30)):
        bound = {key for key in app.chat._bindings.key_to_bindings}
        for command in COMMANDS:
            if "window" in command.places:
                assert callable(getattr(app.chat, f"do_{command.name}"))
                assert not command.key or command.key in bound


async def test_the_palette_offers_every_command() -> None:
    app = window()
    async with running(app, (100, 30)) as pilot:
        offered = {command.title for command in app.get_system_commands(app.screen)}
        assert offered == {command.name for command in COMMANDS if "window" in command.places}
        await pilot.press("ctrl+p", *"the", "enter")
        await pilot.pause(0.3)
        assert app.is_running


async def test_copy_never_breaks() -> None:
    app = window()
    async with running(app, (100, 30)) as pilot:
        await pilot.press("alt+c")
        await asked_and_answered(pilot)
        await pilot.press("alt+c")
        await wait_until(pilot, lambda: "clipboard" in screen_text(app))
        assert app.clipboard.startswith("A white light means")


@pytest.mark.parametrize("size", [7, 64, 4096, 10_000_000])
def test_a_paste_arrives_whole_however_the_terminal_cuts_it(size: int) -> None:
    text = "one\rtwo \x1b[31m\x1b[20 three" * 40
    data = f"a\x1b[200~{text}\x1b[201~b\x1b[A\x1b[200~\x1b[201~c"
    parser = QuickPaste()
    seen = [event for start in range(0, len(data), size) for event in parser.feed(data[start : start + size])]
    got = [event.text if isinstance(event, events.Paste) else event.key for event in seen]  # type: ignore[attr-defined]
    assert got == ["a", text, "b", "up", "", "c"]


def test_two_megabytes_from_the_terminal_are_taken_quickly() -> None:
    data = "\x1b[200~" + "x" * 2_000_000 + "\x1b[201~"
    parser = QuickPaste()
    began = time.process_time()
    seen = [event for start in range(0, len(data), 4096) for event in parser.feed(data[start : start + 4096])]
    assert time.process_time() - began < 0.5
    assert [len(event.text) for event in seen] == [2_000_000]  # type: ignore[attr-defined]


async def test_a_folder_is_looked_into_and_a_picture_that_is_not_there_is_no_question(tmp_path: Path) -> None:
    desk = ScriptedDesk()
    (tmp_path / "a folder").mkdir()
    app = window(desk)
    async with running(app, (100, 30)) as pilot:
        await ask(pilot, f"'{tmp_path}/a folder' ")
        await wait_until(pilot, lambda: isinstance(app.screen, PicturePicker))
        assert app.screen.query_one(Input).value == str(tmp_path / "a folder")
        await pilot.press("escape")
        await ask(pilot, f"{tmp_path}/lost.png")
        await wait_until(pilot, lambda: "There is no picture at" in screen_text(app))
        assert app.screen.query_one(PromptArea).text == f"{tmp_path}/lost.png"
        await asked_and_answered(pilot, "/ is the root, is it not?")
        assert [each[0] for each in desk.asked] == ["/ is the root, is it not?"]


async def test_notices_leave_the_box_alone() -> None:
    app = window()
    async with running(app, (100, 30)) as pilot:
        for n in range(3):
            app.notify(f"Notice {n}\nwith two lines")
        await wait_until(pilot, lambda: "Notice 2" in screen_text(app))
        assert max(n for n, line in enumerate(screen_text(app).splitlines()) if "two lines" in line) < 22
        assert "Ask what the customer asked…" in screen_text(app)


@pytest.mark.parametrize("width", [30, 44, 60, 80, 100, 140])
def test_the_keys_at_the_foot_fit_and_the_way_out_is_among_them(width: int) -> None:
    line = key_line(COMMANDS, width)
    assert line.cell_length <= width
    assert line.plain.startswith("F1 help")
    assert line.plain.endswith("^P all  ^Q quit")
    assert width < 140 or "F5 train" in line.plain
