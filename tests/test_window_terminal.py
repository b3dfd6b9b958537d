"""The window in a real terminal (tmux): what no pilot can see."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.ticket_files import write_lines

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not shutil.which("tmux"), reason="needs tmux")]

PROGRAM = """
import os, sys, time
from pathlib import Path
from agent.tui.app import run_window
from window_doubles import ANSWER, MemoryRecords, ScriptedDesk

def load(on_note):
    on_note("loading the model")
    time.sleep(0.5)
    os.write(1, b"NOISE FROM C"); os.write(2, b"MORE NOISE")
    return ScriptedDesk(ANSWER, ANSWER * 50, delay=0.02)

run_window(MemoryRecords(), load, title="tmux", log_file=Path(sys.argv[1]))
print("left with the terminal whole")
"""


class Terminal:
    """A tmux of its own."""

    def __init__(self, socket: Path, *command: str) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", os.devnull]
        self.run("new-session", "-d", "-x", "100", "-y", "30", *command)
        self.run("set-option", "-g", "remain-on-exit", "on")

    def run(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, check=False).stdout

    def screen(self) -> str:
        return self.run("capture-pane", "-p")

    def wait(self, shown: Callable[[str], bool], seconds: float = 20) -> str:
        end = time.monotonic() + seconds
        while not shown(text := self.screen()):
            assert time.monotonic() < end, text
            time.sleep(0.05)
        return text


def test_typing_pasting_stopping_and_leaving(tmp_path: Path) -> None:
    here = Path(__file__).parent
    (tmp_path / "program.py").write_text(PROGRAM)
    Image.new("RGB", (40, 30), "red").save(tmp_path / "a shot.png")
    log = tmp_path / "window.log"
    path = f"PYTHONPATH={here.parent}{os.pathsep}{here}"
    terminal = Terminal(tmp_path / "s", "env", path, sys.executable, str(tmp_path / "program.py"), str(log))
    try:
        terminal.wait(lambda text: "What does the customer ask?" in text)
        terminal.run("send-keys", "My hub", "C-j", "is white", "Enter")
        text = terminal.wait(lambda text: "from a past case" in text)
        assert text.index("My hub") < text.index("is white") < text.index("set-up mode [1]")
        assert "NOISE" not in text
        terminal.run("set-buffer", f"'{tmp_path}/a shot.png' ")
        terminal.run("paste-buffer", "-p")
        terminal.wait(lambda text: "[1] a shot.png 40x30" in text)
        terminal.run("send-keys", "and this?", "Enter")
        terminal.wait(lambda text: "Esc stops" in text and "Read on a shot.png" in text)
        terminal.run("send-keys", "Escape")
        terminal.wait(lambda text: "■ stopped" in text)
        terminal.run("send-keys", "once more", "Enter")
        terminal.wait(lambda text: "Esc stops" in text)
        began = time.monotonic()
        terminal.run("send-keys", "C-q")
        terminal.wait(lambda text: "left with the terminal whole" in text)
        assert time.monotonic() - began < 3
        assert "NOISE FROM C" in log.read_text()
    finally:
        terminal.run("kill-server")


def test_the_real_program_answers_finds_and_is_left(tmp_path: Path, own_home: Path) -> None:
    root = Path(__file__).parent.parent
    fix = "E31 means that the rollers slip. Open the lid and wipe both rollers with a dry cloth."
    said = [{"role": "customer", "text": "The scanner shows E31."}, {"role": "agent", "text": fix}]
    tickets = write_lines(tmp_path / "t.jsonl", [{"id": "T-2", "outcome": "resolved", "messages": said}])
    Image.new("RGB", (40, 30), "red").save(tmp_path / "a shot.png")
    environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    desk = [sys.executable, "-m", "agent.cli"]
    subprocess.run([*desk, "import", str(tickets)], env=environment, check=True, capture_output=True)
    settings = ["env", f"PYTHONPATH={root}", f"DESKSIDE_HOME={own_home}", "OMP_NUM_THREADS=1", "HF_HUB_OFFLINE=1"]
    terminal = Terminal(tmp_path / "s", *settings, *desk, "chat", "--model", "none")
    try:
        terminal.wait(lambda text: "What does the customer ask?" in text, 60)
        terminal.run("send-keys", "the scanner shows E31", "Enter")
        terminal.wait(lambda text: "from a past case" in text and "T-2" in text, 90)
        terminal.run("send-keys", "/cor")
        terminal.wait(lambda text: "/correct [TEXT]" in text)
        terminal.run("send-keys", "Enter")
        terminal.wait(lambda text: "It should have said" in text)
        terminal.run("send-keys", "C-s")
        terminal.wait(lambda text: "It should have said" not in text)
        terminal.run("send-keys", "C-s")
        terminal.wait(lambda text: "Conversations (1)" in text)
        terminal.run("send-keys", "roll")
        terminal.wait(lambda text: "wipe both rollers" in text and "Conversations (1)" in text)
        terminal.run("send-keys", "Escape")
        terminal.wait(lambda text: "Conversations (1)" not in text)
        terminal.run("set-buffer", f"'{tmp_path}/a shot.png' ")
        terminal.run("paste-buffer", "-p")
        terminal.wait(lambda text: "[1] a shot.png 40x30" in text)
        terminal.run("send-keys", "F5")
        terminal.wait(lambda text: "v0 in use" in text and "no run yet" in text, 60)
        terminal.run("send-keys", "s")
        terminal.wait(lambda text: "examples are not enough" in text and "s begins anew" in text, 180)
        terminal.run("send-keys", "Escape")
        terminal.wait(lambda text: "[1] a shot.png 40x30" in text)
        terminal.run("send-keys", "C-q")
        terminal.wait(lambda text: "Pane is dead" in text)
    finally:
        terminal.run("kill-server")
