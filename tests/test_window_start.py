"""The window paints before anything heavy is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Each of these costs a start more than a tenth of a second; what needs them imports them when it is used.
HEAVY = {
    "PIL", "aiohttp", "bs4", "faiss", "httpx", "numpy", "onnxruntime", "pandas", "peft", "phonenumbers", "rapidocr",
    "scipy", "sentence_transformers", "sklearn", "textual_image", "textual_serve", "torch", "transformers",
}  # fmt: skip
# `deskside chat` as it is started, with a window that is drawn once without a terminal, and no desk behind it.
PAINTS = """
import asyncio, os, sys
from agent.tui import app

def run(self):
    async def once():
        self.chat.engine.start = lambda: None
        async with self.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
    asyncio.run(once())
    print(*sys.modules, file=told)
    told.flush()
    os._exit(0)

told = os.fdopen(os.dup(1), "w")
app.DeskApp.run = run
sys.argv = ["deskside", "chat"]
from agent.cli import main
main()
"""


def test_nothing_heavy_is_imported_before_the_first_paint(own_home: Path) -> None:
    environment = {**os.environ, "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}
    run = subprocess.run(
        [sys.executable, "-c", PAINTS], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    loaded = set(run.stdout.split())
    assert "agent.tui.chat" in loaded, run.stderr
    assert "agent.workshop" in loaded
    assert not {name.split(".")[0] for name in loaded} & HEAVY
    assert "agent.desk" not in loaded
