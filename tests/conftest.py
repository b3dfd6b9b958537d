"""What every test may rely on: a data folder of its own, no network, no hub."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

ROOT = Path(__file__).parent.parent
SHOP = ROOT / "data" / "shop"
DATASETS = ROOT.parent / "shared" / "datasets"


# Begun first: none of these is what one process still works on while the others have nothing left.
LONG = frozenset(
    f"test_{name}.py"
    for name in ("canaries", "gate", "generator_training", "learn", "learn_generator", "readme", "smoke", "bench_model",
                 "window_foreign_text", "window_goldens", "window_handover", "window_chat", "versions", "handover_kill")
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """DESKSIDE_HOME in the test's own folder; settings of the person running the tests do not leak in."""
    for name in [name for name in os.environ if name.startswith("DESKSIDE_") and name != "DESKSIDE_CACHE"]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("DESKSIDE_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def no_outgoing_connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Any connection that leaves this machine fails the test that made it."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    tried: list[Any] = []

    def guard(address: Any) -> None:
        if not is_local(address):
            tried.append(address)
            raise OSError(f"a test tried to reach {address!r}")

    def guarded(self: socket.socket, address: Any) -> None:
        guard(address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        guard(address)
        return connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_ex)
    yield
    assert not tried, f"outgoing connections: {tried}"


def is_local(address: Any) -> bool:
    """Whether a socket address stays on this machine (a Unix socket or loopback)."""
    if not isinstance(address, tuple):
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


@pytest.fixture(autouse=True)
def full_floats() -> Iterator[None]:
    """A loaded model flushes denormals for its whole process; the next test counts as IEEE 754 says."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
