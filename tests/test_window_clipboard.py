"""Pictures from the clipboard by the system's own tools (stand-ins on the PATH), and the person's editor."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from textual import events
from window_doubles import ScriptedDesk, ask, running, screen_text, wait_until, window

from agent.tui.clipboard import clipboard_pictures
from agent.tui.editor import editor_command
from index.errors import UserError

WAYLAND = {"WAYLAND_DISPLAY": "wayland-0"}
X11 = {"DISPLAY": ":0"}


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH but for the shell's own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    for name in ("SSH_CONNECTION", "SSH_TTY", "WAYLAND_DISPLAY", "DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    Image.new("RGB", (30, 20), "red").save(tmp_path / "red.png")
    return folder


def tool(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_picture_comes_from_wayland_and_from_x11(tools: Path, tmp_path: Path) -> None:
    red = tmp_path / "red.png"
    listing = f'case "$*" in *list-types*|*TARGETS*) printf "text/html\\nimage/png\\n";; *) cat {red};; esac'
    for name, environ in (("wl-paste", WAYLAND), ("xclip", X11)):
        tool(tools, name, listing)
        (picture,) = clipboard_pictures(environ, "linux")
        assert picture.read_bytes() == red.read_bytes()


def test_copied_files_come_as_they_are_and_text_is_no_picture(tools: Path, tmp_path: Path) -> None:
    uri = f"printf 'file://{tmp_path}/red.png\\r\\n'"
    tool(tools, "xclip", f'case "$*" in *TARGETS*) echo text/uri-list;; *) {uri};; esac')
    assert clipboard_pictures(X11, "linux") == [tmp_path / "red.png"]
    tool(tools, "xclip", "echo UTF8_STRING")
    assert clipboard_pictures(X11, "linux") == []
    tool(tools, "xclip", "exit 1")
    assert clipboard_pictures(X11, "linux") == []


def test_on_a_mac_pngpaste_writes_the_file(tools: Path, tmp_path: Path) -> None:
    tool(tools, "pngpaste", f'cp {tmp_path / "red.png"} "$1"')
    (picture,) = clipboard_pictures({}, "darwin")
    assert picture.read_bytes() == (tmp_path / "red.png").read_bytes()
    tool(tools, "pngpaste", "exit 1")
    assert clipboard_pictures({}, "darwin") == []


def test_without_a_way_it_is_said_what_to_do(tools: Path) -> None:
    for environ, told in (
        ({"SSH_TTY": "/dev/pts/1", **X11}, "Over ssh"),
        (WAYLAND, "wl-clipboard"),
        ({}, "no clipboard with pictures here"),
    ):
        if told == "wl-clipboard" and Path("/usr/bin/wl-paste").exists():
            continue
        with pytest.raises(UserError, match=told) as trouble:
            clipboard_pictures(environ, "linux")
        assert "/attach PATH" in trouble.value.message


async def test_ctrl_v_attaches_the_picture_and_an_empty_paste_does_too(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    tool(tools, "xclip", f'case "$*" in *TARGETS*) echo image/png;; *) cat {tmp_path / "red.png"};; esac')
    app = window(ScriptedDesk())
    async with running(app) as pilot:
        await pilot.press("ctrl+v")
        await wait_until(pilot, lambda: "30x20" in screen_text(app))
        app.chat.prompt.post_message(events.Paste(""))
        await wait_until(pilot, lambda: "[2] clipboard-" in screen_text(app))
        tool(tools, "xclip", "exit 1")
        app.chat.prompt.put("copied ")
        await pilot.press("ctrl+a", "shift+end")
        app.copy_to_clipboard("words")
        await pilot.press("ctrl+v")
        await wait_until(pilot, lambda: "words" in app.chat.prompt.text)
        await ask(pilot, "/paste")
        await wait_until(pilot, lambda: "no picture on the clipboard" in screen_text(app))


def test_the_editor_is_the_person_s_own() -> None:
    assert editor_command({"EDITOR": "vim", "VISUAL": "code --wait"}) == ["code", "--wait"]
    for environ in ({}, {"EDITOR": "'"}):
        with pytest.raises(UserError, match="No editor"):
            editor_command(environ)
