"""Learning by itself: it waits for enough, goes on with what was killed, reports, and promotes only where told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.versions import in_use, list_versions
from finetune.loop import broken_off, learn_folder, new_conversations, read_progress
from index.conversation import content_hash
from index.sources import keep_source
from index.store import Store
from tests.learn_doubles import WORKSPACE, small_embedder, stocked, tickets

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]
START = "import sys; sys.argv[0] = 'deskside'; from agent.cli import main; main()"


class Watch:
    """`deskside learn --watch` as a process of its own, looking every two seconds."""

    def __init__(self, store: Store, embedder: str, *more: str) -> None:
        given = ["learn", "-w", WORKSPACE, "--home", str(store.home), "--watch", "--when-new", "10", "--every", "0.03"]
        environment = os.environ | {"DESKSIDE_EMBEDDER": embedder, "DESKSIDE_MODEL": "none", "OMP_NUM_THREADS": "1"}
        self.child = subprocess.Popen(
            [sys.executable, "-c", START, *given, "--held-out", "0.3", "--ways", "turn", *more],
            cwd=Path(__file__).parent.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        self.folder = learn_folder(store, WORKSPACE)

    def until(self, stage: str, text: str = "") -> None:
        """Wait for a line of progress."""
        ends = time.monotonic() + 1200
        while not any(line["stage"] == stage and text in line["text"] for line in read_progress(self.folder)):
            assert self.child.poll() is None, self.child.communicate()[0]
            assert time.monotonic() < ends
            time.sleep(0.2)

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *trouble: object) -> None:
        self.child.kill()
        self.child.wait()

    def end(self, how: int = signal.SIGINT) -> str:
        """What it said, after it was ended."""
        self.child.send_signal(how)
        return str(self.child.communicate(timeout=120)[0])


def test_it_waits_learns_survives_a_kill_and_leaves_the_promotion_to_a_person(own_home: Path, tmp_path: Path) -> None:
    store, small = stocked(own_home, customers=3), str(small_embedder(tmp_path / "small"))
    with Watch(store, small) as watch:
        watch.until("embedder", "begins")
        assert os.getpriority(os.PRIO_PROCESS, watch.child.pid) >= 10
        watch.end(signal.SIGKILL)
    assert broken_off(store, WORKSPACE)
    assert new_conversations(store, WORKSPACE) == 0  # they are gathered: without going on they would be missed

    with Watch(store, small) as watch:
        watch.until("finished")
        for ticket in tickets(4)[-9:]:
            keep_source(store, WORKSPACE, ticket, content_hash(ticket))
        time.sleep(15)
        told = watch.end()
    assert not broken_off(store, WORKSPACE)
    begun = [line["stage"] for line in read_progress(watch.folder) if line["text"] == "begins"]
    assert begun.count("material") == 1
    assert (watch.folder / "report.md").is_file()
    assert in_use(store, WORKSPACE)[1] == "v0"
    assert "going on with the run that was broken off" in told
    assert "9 new conversations; learning waits for 10." in told
    assert len([line for line in read_progress(watch.folder) if line["stage"] == "finished"]) == 1


def test_with_auto_promote_what_passes_the_gate_is_put_in_use(own_home: Path, tmp_path: Path) -> None:
    store = stocked(own_home, customers=4)
    with Watch(store, str(small_embedder(tmp_path / "small")), "--auto-promote") as watch:
        watch.until("finished")
        watch.end()
    last = read_progress(watch.folder)[-1]
    version = list_versions(store, WORKSPACE)[0]
    assert json.loads((version.folder / "report.json").read_text())["verdict"]["accepted"] == last["accepted"]
    assert last["promoted"] == last["accepted"] == (in_use(store, WORKSPACE)[1] == version.name)
