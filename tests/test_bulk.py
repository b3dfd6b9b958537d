"""Many texts are embedded by several processes; the vectors are the same and in the same order."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from index import bulk
from index.bulk import ManyHands, folder_of, many_hands
from index.embed import load_embedder
from index.embed_adapted import AdaptedEmbedder
from tests.embed_doubles import HashedWords

TEXTS = [f"The hub {number} blinks {'red ' * (number % 7)}and then it stops." for number in range(90)]


def test_few_texts_stay_in_this_process() -> None:
    embedder = load_embedder(threads=1)
    with many_hands(embedder, bulk.WORTH_IT - 1, 2) as hands:
        assert hands is embedder


def test_an_embedder_without_a_folder_stays_in_this_process() -> None:
    embedder = HashedWords()
    with many_hands(embedder, 10**6, 2) as hands:
        assert hands is embedder


def test_the_folder_is_found_through_what_turns_questions_only() -> None:
    plain = load_embedder(threads=1)
    turned = AdaptedEmbedder(plain, np.eye(plain.dimension, dtype=np.float32), "turned")
    assert folder_of(turned) == folder_of(plain)
    assert (Path(folder_of(plain) or "") / "model.safetensors").is_file()


@pytest.mark.slow
def test_two_processes_give_the_vectors_of_one_and_a_killed_one_does_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "SHARE", 10)
    embedder = load_embedder(threads=1)
    alone = embedder.embed(TEXTS)
    with many_hands(embedder, bulk.WORTH_IT, 2) as hands:
        assert isinstance(hands, ManyHands)
        assert (np.einsum("ij,ij->i", hands.embed(TEXTS), alone) > 0.9999).all()
        assert np.allclose(hands.embed_query(TEXTS[3]), alone[3], atol=1e-5)
        for process in list(hands._pool._processes.values()):
            os.kill(process.pid, signal.SIGKILL)
        assert np.allclose(hands.embed(TEXTS), alone, atol=1e-5)
