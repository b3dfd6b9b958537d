"""Ten harmless retrains of the embedder, each with another seed: the gate lets nine of them pass at least."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

import pytest

from agent.in_use import EMBEDDER
from agent.settings import Settings
from finetune.checkpoints import STATE, latest
from finetune.embedder import EmbedderRecipe, train_embedder
from finetune.finding import shelf_part, triples_of
from finetune.stages import LearnRecipe, Run
from index.embed import load_embedder
from tests.learn_doubles import WORKSPACE, small_embedder, stocked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]
SEEDS = range(10)


def test_nine_of_ten_embedders_trained_anew_pass(own_home: Path, tmp_path: Path) -> None:
    """Real weights learned on the same pairs by the road's own stages, kept whether they are better or not."""
    small = small_embedder(tmp_path / "small")
    store = stocked(own_home, customers=3)
    settings = Settings(own_home, tmp_path / "cache", WORKSPACE, model="none", embedder=str(small), threads=1)
    run = Run.fresh(store, settings, LearnRecipe(held_out=0.3, strangers=24), tmp_path / "run", lambda told: None)
    run.do_material(lambda: False)
    material, base = run.material(), load_embedder(str(small), threads=1)
    triples = triples_of(material.learn, shelf_part(store, WORKSPACE, material.learn), base, hard_negatives=False)
    told = {}
    for seed in SEEDS:
        rounds = count()
        folder = tmp_path / f"seed-{seed}"
        recipe = EmbedderRecipe(epochs=2, batch=16, rate=2e-5, seed=seed)
        outcome = train_embedder(small, triples, lambda model, rounds=rounds: float(next(rounds)), folder, recipe)
        assert len(outcome.losses) >= 4
        best = latest(folder, "best")
        assert best is not None
        shutil.rmtree(run.parts, ignore_errors=True)
        shutil.copytree(best, run.parts / EMBEDDER, ignore=shutil.ignore_patterns(STATE, "README.md"))
        run.state["name"] = f"v{seed + 1}"  # an index of its own
        run.state["learned"] = {"way": "weights", "scores": {}, "losses": list(outcome.losses)}
        run.do_measures(lambda: False)
        run.do_compare(lambda: False)
        told[seed] = run.state["verdict"]["refusals"]
        print(seed, told[seed], {name: run.state["figures"][name] for name in ("hit@5", "mrr", "right")}, flush=True)
    refused = {seed: reasons for seed, reasons in told.items() if reasons}
    assert len(refused) <= 1, refused
