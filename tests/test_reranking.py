"""The stage `reranker`: learned from solved questions, kept only where better, a part of a version like any other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from agent.cli import deskside
from agent.in_use import RERANKER, load_in_use, open_version
from agent.parts import load_searcher
from agent.settings import Settings
from agent.versions import promote
from finetune.loop import learn, read_progress
from finetune.material import gather
from finetune.reranker import Listed, ranks_of
from finetune.reranking import CARD, FOLDER, in_scale, lists_for, lists_of, weigh
from finetune.stages import LearnRecipe
from finetune.versions import broken_parts, make_version
from index.embed import load_embedder
from index.rerank import NAMES, SHIPPED, Reranker, load_reranker, save_reranker
from index.store import Store
from tests.learn_doubles import WORKSPACE, small_settings, stocked

pytestmark = pytest.mark.timeout(600)
QUICK = LearnRecipe(held_out=0.3, ways=("turn",), strangers=20)
ROAD = ("material", "embedder", "reranker")


@pytest.fixture
def settings(own_home: Path, tmp_path: Path) -> Settings:
    return small_settings(own_home, tmp_path)


@pytest.fixture
def store(own_home: Path) -> Store:
    return stocked(own_home, customers=3)


def made_up(count: int, telling: str, seed: int = 0) -> list[Listed]:
    """Lists of six tickets, one of them right: `telling` speaks for it, all else is chance."""
    chance, lists = np.random.default_rng(seed), []
    for _ in range(count):
        rows = chance.normal(size=(6, len(NAMES))) * 0.3
        right = np.zeros(6, dtype=bool)
        right[chance.integers(6)] = True
        if telling:
            rows[right, NAMES.index(telling)] += 2.0
        lists.append(Listed(tuple(f"T-{at}" for at in range(6)), ("ticket",) * 6, rows, right))
    return lists


def test_what_speaks_for_the_right_ticket_here_is_learned() -> None:
    """The shipped weights hold a reopened ticket against itself; in this shop it is the right one."""
    learned, check, later = (made_up(count, "reopened", seed) for count, seed in ((60, 1), (20, 2), (40, 3)))
    found = weigh(learned, check, SHIPPED)
    assert found.reranker is not None
    assert found.note.startswith("better: 1 / rank +")
    assert (found.taught, found.judged) == (60, 80)
    assert np.mean(ranks_of(later, found.reranker)) > np.mean(ranks_of(later, SHIPPED)) + 0.2
    assert found == weigh(learned, check, SHIPPED)


def test_chance_seldom_changes_the_weights() -> None:
    """Where nothing tells the right ticket the weights stay, but for a lucky draw."""
    found = [weigh(made_up(60, "", seed), made_up(20, "", seed + 50), SHIPPED) for seed in range(10)]
    stayed = [each for each in found if each.reranker is None]
    assert len(stayed) >= 8
    assert all(each.note.startswith("the weights stay") for each in stayed)


def test_too_few_questions_leave_the_weights_and_say_so() -> None:
    found = weigh(made_up(19, "dense"), made_up(5, "dense"), SHIPPED)
    assert found.reranker is None
    assert found.note == "passed over: 19 questions find a right and a wrong ticket; 20 are needed"


def test_a_ticket_stands_to_an_article_as_before() -> None:
    """Nothing learned says how an article compares with a ticket, so the best tickets keep their sums."""
    lists = made_up(50, "dense")
    wild = Reranker({name: 12.0 for name in NAMES}, {"dense": 99.0}, SHIPPED.slope, "wild")
    calm = in_scale(wild, SHIPPED, lists)
    best = [[float(each.sums(one.kinds, one.features).max()) for one in lists] for each in (SHIPPED, calm)]
    assert np.mean(best[1]) == pytest.approx(np.mean(best[0]), abs=0.01)
    assert np.std(best[1]) == pytest.approx(np.std(best[0]), rel=0.01)
    assert ranks_of(lists, calm) == ranks_of(lists, wild)
    assert calm.article == SHIPPED.article


def test_a_question_never_finds_its_own_ticket_nor_a_later_one(store: Store, settings: Settings) -> None:
    material = gather(store, WORKSPACE, share=0.3)
    searcher = load_searcher(store, settings, load_embedder(settings.embedder, threads=1), reranker=None)
    learned, check = lists_for(searcher, material)
    later = {each.id for each in (*material.check, *material.asked)}
    assert len(learned) >= 20
    assert check
    for each in (*learned, *check):
        assert not later & set(each.ids)
        assert each.right.any()
        assert not each.right.all()
        assert set(each.kinds) == {"ticket"}
    one = material.learn[0]
    alone = lists_of(searcher, [one], material.learn, set())
    assert all(one.id not in each.ids for each in alone)


def test_the_stage_leaves_a_file_and_is_the_same_after_a_stop(store: Store, settings: Settings) -> None:
    whole = learn(store, settings, QUICK, stages=ROAD)
    first = json.loads((whole.folder / FOLDER / CARD).read_text())
    line = next(each for each in read_progress(whole.folder) if each["stage"] == "reranker" and "scores" in each)
    assert line["scores"] == first["scores"]
    assert {"before", "pull 1"} <= set(first["scores"])
    asked = iter([*[False] * 9, True])
    stopped = learn(store, settings, QUICK, stages=ROAD, stopping=lambda: next(asked, True))
    assert not stopped.finished
    learn(store, settings, QUICK, stages=ROAD, resume=True)
    assert json.loads((whole.folder / FOLDER / CARD).read_text()) == first


def test_weights_in_use_go_along_where_none_are_learned(store: Store, settings: Settings, tmp_path: Path) -> None:
    own = Reranker({**SHIPPED.ticket, "dense": 7.5}, SHIPPED.article, SHIPPED.slope)
    save_reranker(tmp_path / RERANKER, own)
    papers = {"base": {"version": "v0"}, "verdict": {"accepted": True, "refusals": []}, "parts": {RERANKER: {}}}
    version = make_version(store, WORKSPACE, {RERANKER: tmp_path / RERANKER}, papers)
    assert open_version(version, settings).reranker.ticket["dense"] == 7.5
    promote(store, WORKSPACE, version.name)
    assert load_in_use(store, settings).reranker.ticket["dense"] == 7.5
    done = learn(store, settings, replace(QUICK, reranker=False), stages=ROAD)
    assert load_reranker(done.folder / "parts" / RERANKER) == replace(own, name="")


def test_weights_that_cannot_be_read_are_told_to_the_gate(tmp_path: Path) -> None:
    (tmp_path / RERANKER).write_text('{"ticket": {"dense": NaN}, "article": {}, "slope": 1}')
    assert broken_parts(tmp_path) == ["reranker.json cannot be read"]
    save_reranker(tmp_path / RERANKER, SHIPPED)
    assert broken_parts(tmp_path) == []


def test_the_command_measures_them_alone(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DESKSIDE_EMBEDDER", settings.embedder)
    given = ["finetune", "reranker", "-w", WORKSPACE, "--held-out", "0.3", "--out", str(tmp_path / "w.json"), "--json"]
    told = json.loads(CliRunner().invoke(deskside, given, catch_exceptions=False).output)
    assert told["taught"] >= 20
    assert told["learned"] == (tmp_path / "w.json").is_file()
    assert told["learned"] == ("figures" in told)
