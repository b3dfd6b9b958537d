"""Pictures with their own pixels where the terminal takes them, half blocks where it does not, no terminal asked."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from PIL import Image
from window_doubles import ask, running, screen_text, wait_until, window

from agent.doctor import examine
from agent.drawing import drawing
from agent.settings import Settings, explained, load_settings
from agent.tui.halfblock import HalfBlock, shrink
from agent.tui.pixels import picture_widget
from index.errors import UserError


@pytest.mark.parametrize(
    ("environ", "way"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "3"}, "kitty"),
        ({"TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "sixel"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230804"}, "sixel"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "210800"}, "blocks"),
        ({"TERM": "xterm-256color"}, "blocks"),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "3", "TMUX": "/tmp/x,1,0"}, "blocks"),
        ({"TERM": "screen.xterm-256color", "TERM_PROGRAM": "WezTerm"}, "blocks"),
        ({"TERM": "xterm-kitty", "SSH_CONNECTION": "1 2 3 4"}, "kitty"),  # the name comes along, the pixels too
        ({"TERM": "xterm-kitty", "NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm-kitty", "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}, "blocks"),
        ({}, "blocks"),
    ],
)
def test_the_way_follows_from_what_the_terminal_says_of_itself(environ: dict[str, str], way: str) -> None:
    assert drawing("auto", environ, installed=True).way == way
    assert drawing("auto", environ, installed=False).way == ("none" if way == "none" else "blocks")
    assert drawing("blocks", {**environ}, installed=True).way in ("blocks", "none")


def test_a_person_may_know_better_than_the_table() -> None:
    inside = {"TERM": "tmux-256color", "TMUX": "x"}
    assert drawing("sixel", inside, installed=True).way == "sixel"
    assert "pip install" in drawing("sixel", inside, installed=False).why


def test_settings_and_doctor_say_which_way_is_used_and_why(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/x,1,0")
    monkeypatch.delenv("NO_COLOR", raising=False)
    settings = Settings(own_home, tmp_path)
    (told,) = [each.about for each in explained(settings) if each.name == "images"]
    assert "now half blocks: tmux or screen stands between" in told
    (check,) = [each for each in examine(settings) if each.name == "pictures"]
    assert check.ok
    assert check.found.startswith("half blocks: tmux")
    with pytest.raises(UserError, match="images must be one of auto, blocks, kitty, sixel"):
        load_settings({"home": own_home}, {"DESKSIDE_IMAGES": "crayons"})


def picture(tmp_path: Path) -> Path:
    file = tmp_path / "hub.png"
    image = Image.new("RGB", (300, 200), "red")
    image.paste("blue", (150, 0, 300, 200))
    image.save(file)
    return file


async def test_without_the_extra_or_with_a_broken_one_there_are_half_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "textual_image", None)
    pixels = shrink(Image.open(picture(tmp_path)), 30, 9)
    assert isinstance(picture_widget("kitty", pixels), HalfBlock)
    assert isinstance(picture_widget("blocks", pixels), HalfBlock)
    app = window(drawing="sixel")
    async with running(app) as pilot:
        app.chat.prompt.put(f"/attach {picture(tmp_path)}")
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.chat.composer.attached)
        await ask(pilot, "what is this?")
        await wait_until(pilot, lambda: "▀" in screen_text(app))


@pytest.mark.parametrize("way", ["kitty", "sixel"])
async def test_a_terminal_that_takes_graphics_gets_the_pixels_and_is_asked_nothing(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("textual_image")
    from agent.tui import pixels as door

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "__stdout__", terminal)
    door._widgets.cache_clear()
    app = window(drawing=way)
    async with running(app) as pilot:
        app.chat.prompt.put(f"/attach {picture(tmp_path)}")
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.chat.composer.attached)
        await ask(pilot, "what is this?")
        await wait_until(pilot, lambda: app.screen.query(".pixels") and app.screen.query(".pixels").first().size.width)
        drawn = app.screen.query(".pixels").first()
        assert drawn.size == (27, 9)  # 300 x 200 in 30 x 9 characters
        assert "▀" not in screen_text(app)
        await pilot.pause(0.3)
        if way == "kitty":
            sent = terminal.getvalue()
            assert sent.count("\x1b_G") >= 2  # the picture, and where its cells are
            assert "a=q" not in sent
            assert "\U0010eeee" in screen_text(app)
        else:
            strips = app.screen._compositor.render_strips()
            assert any("\x1bP" in segment.text for strip in strips for segment in strip)
            assert terminal.getvalue() == ""
    door._widgets.cache_clear()
