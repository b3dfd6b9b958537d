"""The real program in a real terminal: a ticket imported, a question typed, the cited answer read, quit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="needs tmux")

TICKET = {
    "id": "T-77",
    "subject": "Lamp blinks green",
    "outcome": "resolved",
    "messages": [
        {"role": "customer", "text": "My lamp blinks green all night, how do I stop it?"},
        {"role": "agent", "text": "Hold the lamp's button for 7 seconds until the green light goes out."},
    ],
}


def until(see: Callable[[], str], words: str, seconds: float = 60) -> str:
    """The screen once the words stand on it."""
    end = time.monotonic() + seconds
    while words not in (screen := see()):
        assert time.monotonic() < end, f"{words!r} never came:\n{screen}"
        time.sleep(0.1)
    return screen


def test_a_question_typed_in_a_terminal_gets_its_cited_answer(tmp_path: Path, own_home: Path) -> None:
    file = tmp_path / "tickets.jsonl"
    file.write_text(json.dumps(TICKET) + "\n", "utf-8")
    program = [sys.executable, "-m", "agent.cli"]
    root = Path(__file__).parent.parent
    environ = {**os.environ, "DESKSIDE_HOME": str(own_home), "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    subprocess.run([*program, "import", str(file)], env=environ, cwd=root, check=True, capture_output=True)
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", os.devnull]

    def say(*arguments: str) -> str:
        run = subprocess.run([*tmux, *arguments], env=environ, cwd=root, capture_output=True, text=True, check=False)
        return run.stdout

    try:
        say("new-session", "-d", "-s", "d", "-x", "100", "-y", "30", *program, "chat", "--model", "none")
        until(lambda: say("capture-pane", "-p", "-t", "d"), "Enter send")
        say("send-keys", "-t", "d", "-l", "my lamp blinks green, how do I stop it?")
        say("send-keys", "-t", "d", "Enter")
        shown = until(lambda: say("capture-pane", "-p", "-t", "d"), "7 seconds")
        assert "[1] T-77" in shown
        say("send-keys", "-t", "d", "C-q")
        end = time.monotonic() + 30
        while "d:" in say("ls") and time.monotonic() < end:
            time.sleep(0.05)
        assert "d:" not in say("ls")
    finally:
        say("kill-server")
