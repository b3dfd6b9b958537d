"""The speed bench measures what it says: true neighbours, each engine alone, nothing invented where one is missing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pytest

from bench import retrieval_peers as peers
from bench import retrieval_speed as speed
from bench.retrieval_vectors import ASKED, Shelf, make_shelf
from tests.conftest import DATASETS


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    real = unit(np.random.default_rng(0).normal(size=(ASKED + 300, 384)))
    return make_shelf(real, 700, tmp_path_factory.mktemp("vectors") / "shelf", seed=1)


def test_the_truth_is_what_comparing_everything_finds(shelf: Shelf) -> None:
    rows, asked, truth = (np.load(file) for file in (shelf.rows, shelf.asked, shelf.truth))
    assert rows.shape == (700, 384)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert (np.argsort(-(asked[:50] @ rows.T), axis=1)[:, :10] == truth[:50]).mean() > 0.99
    assert not (np.abs(asked[:, None, :5] - rows[None, :, :5]).sum(axis=2) < 1e-6).any()  # nothing asked is on it


@pytest.mark.parametrize("name", ["deskside", "deskside hnsw", "brute force"])
def test_an_engine_is_filled_asked_and_changed(name: str, shelf: Shelf, tmp_path: Path) -> None:
    rows, asked, truth = (np.load(file) for file in (shelf.rows, shelf.asked, shelf.truth))
    told = peers.build(peers.ENGINES[name](), rows, tmp_path)
    told |= peers.ask(peers.ENGINES[name](), asked[:60], truth[:60], tmp_path)
    told |= peers.change(peers.ENGINES[name](), rows, tmp_path)
    assert told["recall"] >= (0.95 if name == "deskside hnsw" else 0.98)  # drawn at random these are hard for a graph
    assert told["disk"] > 700 * 384
    assert 0 < told["processor_ms"]["p50"] <= told["processor_ms"]["p99"]
    assert len(speed.cells(name, told, 700)) == len(speed.HEAD)


def test_an_engine_that_is_not_there_is_told_as_such(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(speed.NEEDS, "deskside", ("a_module_that_is_not_there", "a-package"))
    asked = argparse.Namespace(python=sys.executable, limit=60.0)
    row = speed.measured("deskside", shelf, tmp_path, asked)
    assert row == {"absent": "a-package is not installed"}
    assert speed.cells("deskside", row, 700)[0] == "deskside: a-package is not installed"


def test_a_hundred_million_follow_from_two_trained_sizes() -> None:
    def row(p99: float, kind: str) -> dict[str, object]:
        build = {"clock": 1.0, "processor": p99}
        return {
            "deskside": {"processor_ms": {"p99": p99}, "build": build, "kind": kind, "disk": 1e6, "bytes_each": 100.0}
        }

    told = speed.projected({"10000": row(9, "flat"), "100000": row(1, "ivf"), "1000000": row(2, "ivf")})[0]
    assert "p99 4.0" not in told
    assert "p99 8.0" in told  # twice as long for ten times as many, two more times
    assert "10 GB of memory" in told
    assert "needs two sizes" in speed.projected({"10000": row(9, "flat"), "100000": row(1, "ivf")})[0]


@pytest.mark.skipif(not DATASETS.is_dir(), reason="the data sets are not beside the repository")
def test_messages_come_from_the_data_sets_once_each() -> None:
    from bench.retrieval_vectors import messages

    found = messages(DATASETS)
    assert len(found) == len(set(found)) > 21_000
