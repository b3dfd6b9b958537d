"""Pictures in the window: paths however they are pasted, checks, tokens, previews, the picker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from textual import events
from window_doubles import MemoryRecords, ScriptedDesk, ask, read_picture, running, screen_text, wait_until, window

from agent.events import Decision
from agent.records import StoredTurn
from agent.tui.composer import PromptArea
from agent.tui.halfblock import HalfBlock, shrink
from agent.tui.paths import one_path, paths_in_paste
from agent.tui.picker import PictureTree


def picture(path: Path, size: tuple[int, int] = (40, 30), colour: str = "red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """A folder with `a b (1).png` and `c.jpg`."""
    picture(tmp_path / "a b (1).png")
    picture(tmp_path / "c.jpg")
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path


PASTES: list[tuple[str, Callable[[Path], str], int]] = [
    ("plain", lambda d: f"{d}/c.jpg", 1),
    ("raw spaces", lambda d: f"{d}/a b (1).png", 1),
    ("trailing space and CRLF", lambda d: f"{d}/c.jpg \r\n", 1),
    ("single quotes", lambda d: f"'{d}/a b (1).png'", 1),
    ("double quotes", lambda d: f'"{d}/a b (1).png"', 1),
    ("shell escapes", lambda d: f"{d}/a\\ b\\ \\(1\\).png", 1),
    ("file link", lambda d: (d / "a b (1).png").as_uri(), 1),
    ("two in quotes", lambda d: f"'{d}/a b (1).png' '{d}/c.jpg'", 2),
    ("two escaped", lambda d: f"{d}/a\\ b\\ \\(1\\).png {d}/c.jpg", 2),
    ("one a line", lambda d: f"{d}/a b (1).png\n{d}/c.jpg\n", 2),
    ("two links", lambda d: f"{(d / 'a b (1).png').as_uri()}\r\n{(d / 'c.jpg').as_uri()}", 2),
    ("prose around it", lambda d: f"see {d}/c.jpg please", 0),
    ("not there", lambda d: f"{d}/gone.png", 0),
    ("no picture", lambda d: f"{d}/notes.txt", 0),
    ("relative", lambda d: "c.jpg", 0),
    ("a picture and a text", lambda d: f"{d}/c.jpg {d}/notes.txt", 0),
    ("a folder", lambda d: f"{d}", 0),
    ("too long", lambda d: f"{d}/c.jpg\n" * 2_000, 0),
    ("open quote", lambda d: f"'{d}/c.jpg", 0),
    ("nothing", lambda d: "  \n", 0),
    ("a NUL", lambda d: f"{d}/c.jpg\0.png", 0),
]


@pytest.mark.parametrize(("paste", "count"), [p[1:] for p in PASTES], ids=[p[0] for p in PASTES])
def test_pasted_paths_of_pictures_are_known(shots: Path, paste: Callable[[Path], str], count: int) -> None:
    found = paths_in_paste(paste(shots))
    assert len(found) == count
    assert all(path.is_file() for path in found)


def test_the_home_folder_is_understood(shots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(shots))
    assert paths_in_paste("~/c.jpg") == [shots / "c.jpg"]
    assert one_path("~/a\\ b.png") == shots / "a b.png"


async def test_a_pasted_path_is_attached_sent_and_shown_with_what_was_read(shots: Path) -> None:
    desk = ScriptedDesk()
    app = window(desk)
    async with running(app) as pilot:
        prompt = app.screen.query_one(PromptArea)
        prompt.put("What is this?")
        prompt.post_message(events.Paste(f"'{shots}/a b (1).png' "))
        await wait_until(pilot, lambda: "[1] a b (1).png 40x30 ✕" in screen_text(app))
        assert prompt.text == "What is this?"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Read on a b (1).png: Error 42" in screen_text(app))
        assert desk.asked[0][1] == (shots / "a b (1).png",)
        assert "▀▀▀▀" in screen_text(app)
        assert "✕" not in screen_text(app)


async def test_no_text_on_the_picture_is_said(shots: Path) -> None:
    app = window(ScriptedDesk(words=""))
    async with running(app) as pilot:
        await ask(pilot, f"/attach {shots}/a b (1).png")
        await wait_until(pilot, lambda: "✕" in screen_text(app))
        await pilot.press("enter")  # a picture alone is a question, too
        await wait_until(pilot, lambda: "a b (1).png: no text found" in screen_text(app))


async def test_a_question_waits_for_the_check_of_its_picture(shots: Path) -> None:
    desk = ScriptedDesk()
    app = window(desk)
    async with running(app) as pilot:
        app.chat.composer.attach([shots / "c.jpg"])
        await ask(pilot, "what is it?")
        await wait_until(pilot, lambda: desk.asked)
        assert desk.asked[0][:2] == ("what is it?", (shots / "c.jpg",))


async def test_a_bad_picture_is_refused_with_its_reason_and_the_question_stays(tmp_path: Path) -> None:
    (tmp_path / "shot.png").write_text("I am a text")
    app = window()
    async with running(app) as pilot:
        prompt = app.screen.query_one(PromptArea)
        prompt.put("half a question")
        prompt.post_message(events.Paste(str(tmp_path / "shot.png")))
        await wait_until(pilot, lambda: "shot.png is" in screen_text(app))
        assert prompt.text == "half a question"
        assert "✕" not in screen_text(app)


async def test_four_pictures_are_the_limit_and_each_can_be_taken_off(tmp_path: Path) -> None:
    paths = [picture(tmp_path / f"p{n}.png") for n in range(5)]
    app = window()
    async with running(app) as pilot:
        prompt = app.screen.query_one(PromptArea)
        prompt.post_message(events.Paste("\n".join(map(str, paths))))
        await wait_until(pilot, lambda: "p4.png was left out" in screen_text(app))
        assert "[4] p3.png" in screen_text(app)
        await pilot.click("#attached", offset=(3, 0))
        await wait_until(pilot, lambda: "[1] p1.png" in screen_text(app))
        await pilot.press("backspace")
        await wait_until(pilot, lambda: "p3.png" not in app.screen.query_one("#attached").visual.plain)  # type: ignore[attr-defined]
        await ask(pilot, "/detach 1")
        await wait_until(pilot, lambda: "[1] p2.png" in screen_text(app))


async def test_trouble_gives_the_pictures_back(shots: Path) -> None:
    from index.errors import UserError

    desk = ScriptedDesk(UserError("Busy. Try again in a minute.", "BUSY"))
    app = window(desk)
    async with running(app) as pilot:
        await ask(pilot, f"{shots}/c.jpg")
        await wait_until(pilot, lambda: "c.jpg" in screen_text(app))
        await ask(pilot, "what is it?")
        prompt = app.screen.query_one(PromptArea)
        await wait_until(pilot, lambda: prompt.text == "what is it?")
        assert "[1] c.jpg" in screen_text(app)


async def test_the_picker_previews_and_attaches(shots: Path) -> None:
    picture(shots / "sub" / "deep.png", colour="blue")
    (shots / "root").symlink_to("/")
    app = window(pictures_home=shots)
    async with running(app) as pilot:
        await pilot.press("ctrl+o")
        await wait_until(pilot, lambda: "c.jpg" in screen_text(app))
        assert "notes.txt" not in screen_text(app)
        tree = app.screen.query_one(PictureTree)
        while tree.cursor_node is None or "a b" not in str(tree.cursor_node.label):
            await pilot.press("down")
        await wait_until(pilot, lambda: "40x30" in screen_text(app))
        assert "▀▀▀▀" in screen_text(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "[1] a b (1).png" in screen_text(app))


def test_half_blocks_keep_shape_and_colours() -> None:
    image = Image.new("RGB", (40, 20), "red")
    image.paste("blue", (0, 10, 40, 20))
    pixels = shrink(image, 20, 12)
    assert (len(pixels[0]), len(pixels)) == (20, 10)
    assert pixels[0][0] == (255, 0, 0)
    assert pixels[-1][0] == (0, 0, 255)
    widget = HalfBlock(pixels)
    first = next(iter(widget._strips[0]))
    assert first.text == "▀"
    assert first.style
    assert first.style.color
    assert first.style.color.get_truecolor() == (255, 0, 0)


async def test_pictures_of_a_stored_conversation_are_shown_again(shots: Path) -> None:
    records = MemoryRecords()
    seen = read_picture("hub.png")
    records.picture_files[seen.sha256] = shots / "c.jpg"
    decision = Decision("case", "", "r", 0.9)
    turn = StoredTurn(1, "What is it?", "A hub.", (seen,), (), (), decision, {}, "v1", "")
    records.chats["a"] = ("Hub", [turn])
    app = window(records=records, conversation_id="a")
    async with running(app) as pilot:
        await wait_until(pilot, lambda: "▀▀▀▀" in screen_text(app))
        assert "Read on hub.png: Error 42" in screen_text(app)
