"""`deskside serve`: who is let in, and a real browser that asks a question and sees the cited answer."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ticket_files import write_lines

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
TICKET = {
    "id": "T-2",
    "outcome": "resolved",
    "subject": "Scanner shows E31",
    "messages": [
        {"role": "customer", "text": "The scanner stops after one page and shows E31."},
        {
            "role": "agent",
            "text": "E31 means that the rollers slip. Open the lid, wipe both rollers with a cloth.",
        },
    ],
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def served(host: str, token: str | None) -> AsyncIterator[str]:
    """The server's own application, without a window behind it; gives its address."""
    from agent.tui.serve import DeskServer

    port = free_port()
    server = DeskServer("true", host, port, token, lambda address: None)
    runner = aiohttp.web.AppRunner(await server._make_app())
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def status(session: Any, address: str, **headers: str) -> int:
    async with session.get(address, headers=headers, allow_redirects=False) as answer:
        return int(answer.status)


async def test_on_loopback_only_pages_of_the_desk_itself_may_talk_to_it() -> None:
    async with served("127.0.0.1", None) as address, aiohttp.ClientSession() as session:
        assert await status(session, address) == 200
        assert await status(session, address, Host="evil.example") == 403
        assert await status(session, f"{address}/ws", Origin="http://evil.example") == 403
        assert await status(session, f"{address}/static/js/textual.js", Host="evil.example") == 403


async def test_elsewhere_the_token_is_asked_and_becomes_a_cookie() -> None:
    from agent.tui.serve import new_token

    token = new_token()
    assert len(token) >= 32
    assert token != new_token()
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address, not of a name
    async with served("0.0.0.0", token) as address, aiohttp.ClientSession(cookie_jar=jar) as session:
        for path in ("/", "/ws", "/static/js/textual.js", "/?token=wrong"):
            assert await status(session, address + path) == 403
        assert await status(session, f"{address}/?token={token}") == 303
        assert await status(session, address) == 200
        assert await status(session, f"{address}/ws", Origin="http://evil.example") == 403


# --- a real browser ----------------------------------------------------------------------------------------


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program and all it starts, ended afterwards."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


async def reachable(session: Any, address: str, seconds: float = 60) -> Any:
    """What an address answers, as soon as it does."""
    for _ in range(int(seconds * 5)):
        try:
            async with session.get(address) as answer:
                return await (answer.json() if "json" in answer.content_type else answer.text())
        except aiohttp.ClientError:
            await asyncio.sleep(0.2)
    raise AssertionError(f"{address} was never reached")


class Page:
    """A page of Chromium, steered through its debugging protocol."""

    def __init__(self, line: Any) -> None:
        self._line = line
        self._number = 0

    async def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        await self._line.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            answer = await self._line.receive_json(timeout=60)
            if answer.get("id") == self._number:
                return answer.get("result", {})

    async def read(self, file: Path) -> str:
        """The words a person would read on the page, by the reader that reads customers' screenshots."""
        shot = await self.do("Page.captureScreenshot", format="png")
        if "data" not in shot:  # between two pages there is nothing to draw
            return ""
        file.write_bytes(base64.b64decode(shot["data"]))
        return await asyncio.to_thread(words_on, file)

    async def wait(self, words: str, file: Path, tries: int = 40) -> str:
        """Wait until words are to be read."""
        for _ in range(tries):
            if words.replace(" ", "") in (seen := await self.read(file)).replace(" ", ""):
                return seen
            await asyncio.sleep(0.5)
        raise AssertionError(f"{words!r} was never to be read:\n{seen}")


def words_on(file: Path) -> str:
    from index.pictures import load_reader, open_picture

    return load_reader(1).read(open_picture(file)).words


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
async def test_a_browser_asks_a_question_and_sees_the_cited_answer(tmp_path: Path, own_home: Path) -> None:
    tickets = write_lines(tmp_path / "t.jsonl", [TICKET])
    root = Path(__file__).parent.parent
    environment = {**os.environ, "DESKSIDE_HOME": str(own_home), "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    desk = [sys.executable, "-m", "agent.cli"]
    subprocess.run([*desk, "import", str(tickets)], env=environment, check=True, capture_output=True)
    port, debug = free_port(), free_port()
    chromium = [str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,900"]
    chromium += [f"--remote-debugging-port={debug}", f"--user-data-dir={tmp_path / 'profile'}", "about:blank"]
    serving = running([*desk, "serve", "--port", str(port), "--model", "none"], environment)
    with serving, running(chromium, environment):
        async with aiohttp.ClientSession() as session:
            await reachable(session, f"http://127.0.0.1:{port}/")
            pages = await reachable(session, f"http://127.0.0.1:{debug}/json/list")
            line = next(page for page in pages if page["type"] == "page")["webSocketDebuggerUrl"]
            async with session.ws_connect(line, max_msg_size=0) as connected:
                page = Page(connected)
                shot = tmp_path / "shot.png"
                await page.do("Page.navigate", url=f"http://127.0.0.1:{port}/")
                await page.wait("What does the customer ask?", shot)
                await page.wait("ready", shot)
                for kind in ("mousePressed", "mouseReleased"):  # into the box, which gives the page the keys
                    place = {"x": 400, "y": 675, "button": "left", "clickCount": 1}
                    await page.do("Input.dispatchMouseEvent", type=kind, **place)
                for letter in "the scanner shows E31 after one page":
                    await page.do("Input.dispatchKeyEvent", type="char", text=letter)
                key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
                await page.do("Input.dispatchKeyEvent", type="keyDown", **key)
                await page.do("Input.dispatchKeyEvent", type="keyUp", **key)
                seen = await page.wait("from a past case", shot)
                assert "wipe both rollers" in seen
                assert "T-2" in seen
