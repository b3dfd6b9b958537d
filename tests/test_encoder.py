"""An encoder trained on intents: it learns, goes on after a stop with the same weights, and opens as an embedder."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from agent.deciders import load_deciders
from finetune.cases import Case
from finetune.deciders_train import Asking, Choices, lesson_of, teach
from finetune.encoder import EMPTY, EncoderRecipe, Tuned, padded, tune_encoder
from index.embed import load_embedder
from index.errors import UserError
from tests.learn_doubles import THINGS, small_embedder

SAID = ("stays dark", "is offline", "came with a crack", "is too loud")
RECIPE = EncoderRecipe(epochs=3, batch=8, rate=5e-4, bf16=False, average=0.5)


def cases(start: int) -> list[Case]:
    """Which trouble is it? The thing says nothing about it."""
    return [Case(f"my {thing} {said}", said) for thing in THINGS[start : start + 5] for said in SAID]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_embedder(tmp_path_factory.mktemp("base") / "small")


@pytest.fixture(scope="module")
def tuned(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    lesson, _ = lesson_of("intents", cases(0), ["who won the match", "what is on television"])
    return tune_encoder(base, [lesson], tmp_path_factory.mktemp("run"), RECIPE)


def test_an_encoder_learns_what_its_questions_have_in_common(base: Path, tuned: Tuned) -> None:
    lesson, labels = lesson_of("intents", cases(0), ["who won the match"])
    assert (lesson.intents, lesson.truth[-1]) == (4, EMPTY)
    assert np.mean(tuned.losses[-4:]) < np.mean(tuned.losses[:4])
    embedder = load_embedder(str(tuned.folder), threads=1)  # the light road: equal to the library, see test_embed
    vectors = embedder.embed([case.text for case in cases(5)])
    told = [labels[at] for at in (vectors @ tuned.heads["intents"].T).argmax(axis=1)]
    assert np.mean([each == case.label for each, case in zip(told, cases(5), strict=True)]) > 0.9
    assert embedder.identity != load_embedder(str(base)).identity


def test_a_stopped_training_goes_on_to_the_same_weights(base: Path, tuned: Tuned, tmp_path: Path) -> None:
    lesson, _ = lesson_of("intents", cases(0), ["who won the match", "what is on television"])
    for most in (2, 5):  # stopped in the first and in the second round
        count = itertools.count()
        stopped = tune_encoder(base, [lesson], tmp_path, RECIPE, stopping=lambda most=most, it=count: next(it) >= most)
        assert not stopped.finished
    again = tune_encoder(base, [lesson], tmp_path, RECIPE)
    assert again.losses == tuned.losses
    np.testing.assert_array_equal(again.heads["intents"], tuned.heads["intents"])


def test_two_sets_share_an_encoder_and_keep_their_heads(base: Path, tmp_path: Path) -> None:
    things = [Case(case.text, case.text.split()[1]) for case in cases(0)]
    lessons = [lesson_of("troubles", cases(0))[0], lesson_of("things", things)[0]]
    made = tune_encoder(base, lessons, tmp_path, EncoderRecipe(epochs=1, batch=8, bf16=False))
    assert {name: len(head) for name, head in made.heads.items()} == {"troubles": 4, "things": 5}


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}', "utf-8")
    with pytest.raises(UserError, match="no BERT with mean pooling"):
        tune_encoder(tmp_path, [lesson_of("intents", cases(0))[0]], tmp_path / "run")


def test_rows_are_padded_to_the_longest() -> None:
    ids, mask = padded([[5, 6, 7], [8]])
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


def test_deciders_bring_their_own_encoder(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finetune.deciders_train.find_model", lambda ref: (base, ref))  # one layer instead of six
    asking = Asking(cases(0), cases(3), cases(5))
    result = teach(asking, tmp_path / "heads", Choices(tune=True, epochs=4, threads=1), tell=lambda told: None)
    assert result.compared.figures["intent accuracy"][1] > 0.9
    heads = load_deciders(tmp_path / "heads", load_embedder(threads=1))
    assert heads is not None
    assert heads.config.embedder == ""
    assert heads.judge("my plug is offline").intent == "is offline"
    assert "confusion.svg" in {file.name for file in (tmp_path / "heads").iterdir()}
    assert not list(tmp_path.glob(".heads*"))
