"""The yardstick itself: hand-computed values, and what must hold for any ranking."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.measure import (
    hit_at,
    mean_of,
    median,
    ndcg_at,
    p95,
    paired_difference,
    quantile,
    recall_at,
    reciprocal_rank,
)

RANKED = ["a", "b", "c", "d"]
ids = st.text("abcdefgh", min_size=1, max_size=2)
rankings = st.lists(ids, max_size=12)
wanted = st.sets(ids, min_size=1, max_size=6)
scores = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("relevant", "top", "hit", "recall"),
    [
        ({"a"}, 1, 1.0, 1.0),
        ({"b"}, 1, 0.0, 0.0),
        ({"b", "d"}, 2, 1.0, 0.5),
        ({"b", "d", "x"}, 4, 1.0, 2 / 3),
        ({"x"}, 4, 0.0, 0.0),
        ({"a"}, 0, 0.0, 0.0),
    ],
)
def test_hit_and_recall_as_counted_by_hand(relevant: set[str], top: int, hit: float, recall: float) -> None:
    assert hit_at(RANKED, relevant, top) == hit
    assert recall_at(RANKED, relevant, top) == pytest.approx(recall)


def test_reciprocal_rank_as_counted_by_hand() -> None:
    assert reciprocal_rank(RANKED, {"a", "d"}) == 1.0
    assert reciprocal_rank(RANKED, {"c", "d"}) == pytest.approx(1 / 3)
    assert reciprocal_rank(RANKED, {"x"}) == 0.0
    assert reciprocal_rank([], {"x"}) == 0.0


def test_ndcg_as_computed_by_hand() -> None:
    found = 1 / math.log2(3) + 1 / math.log2(5)  # ranks 2 and 4
    best = 1 + 1 / math.log2(3)
    assert ndcg_at(RANKED, {"b", "d"}, 4) == pytest.approx(found / best)
    graded = 1 / math.log2(2) + 3 / math.log2(3)
    assert ndcg_at(RANKED, {"a": 1, "b": 3}, 2) == pytest.approx(graded / (3 + 1 / math.log2(3)))
    assert ndcg_at(RANKED, {"d": 1}, 3) == 0.0


def test_a_source_found_twice_takes_one_place() -> None:
    assert hit_at(["a", "a", "b"], {"b"}, 2) == 1.0
    assert reciprocal_rank(["a", "a", "b"], {"b"}) == 0.5
    assert ndcg_at(["a", "a"], {"a": 1, "b": 1}, 2) < 1.0


def test_a_question_without_an_answer_has_no_score() -> None:
    for measure in (lambda: hit_at(RANKED, [], 1), lambda: recall_at(RANKED, [], 1), lambda: ndcg_at(RANKED, {}, 1)):
        with pytest.raises(ValueError, match="leave the question out"):
            measure()
    with pytest.raises(TypeError, match="collection"):
        hit_at(RANKED, "a", 1)


@given(rankings, wanted, st.integers(0, 12))
def test_every_score_lies_between_nothing_and_everything(ranked: list[str], relevant: set[str], top: int) -> None:
    for score in (hit_at(ranked, relevant, top), recall_at(ranked, relevant, top), reciprocal_rank(ranked, relevant)):
        assert 0.0 <= score <= 1.0
    assert 0.0 <= ndcg_at(ranked, relevant, max(1, top)) <= 1.0 + 1e-12


@given(rankings, wanted, st.integers(0, 12))
def test_looking_further_never_finds_less(ranked: list[str], relevant: set[str], top: int) -> None:
    assert hit_at(ranked, relevant, top) <= hit_at(ranked, relevant, top + 1)
    assert recall_at(ranked, relevant, top) <= recall_at(ranked, relevant, top + 1)


@given(rankings, wanted)
def test_the_scores_agree_with_each_other(ranked: list[str], relevant: set[str]) -> None:
    everything = len(ranked) + 1
    assert (reciprocal_rank(ranked, relevant) > 0) == (hit_at(ranked, relevant, everything) == 1.0)
    assert (reciprocal_rank(ranked, relevant) == 1.0) == (hit_at(ranked, relevant, 1) == 1.0)
    assert (recall_at(ranked, relevant, everything) > 0) == (hit_at(ranked, relevant, everything) == 1.0)
    assert hit_at(ranked, relevant, 1) <= reciprocal_rank(ranked, relevant) <= hit_at(ranked, relevant, everything)


@given(st.dictionaries(ids, st.floats(0.1, 5), min_size=1, max_size=6), st.randoms())
def test_the_best_order_has_ndcg_one_and_no_other_is_better(gains: dict[str, float], chance) -> None:  # type: ignore[no-untyped-def]
    best = sorted(gains, key=lambda each: -gains[each])
    shuffled = list(best)
    chance.shuffle(shuffled)
    assert ndcg_at(best, gains, len(best)) == pytest.approx(1.0)
    assert ndcg_at(shuffled, gains, len(best)) <= 1.0 + 1e-12


def test_the_interval_is_as_wide_as_theory_says() -> None:
    values = [1.0] * 90 + [0.0] * 10
    estimate = mean_of(values)
    spread = 1.96 * math.sqrt(0.9 * 0.1 / 100)  # normal approximation of a share
    assert estimate.mean == pytest.approx(0.9)
    assert estimate.low == pytest.approx(0.9 - spread, abs=0.015)
    assert estimate.high == pytest.approx(0.9 + spread, abs=0.015)
    assert estimate.count == 100


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    draws = np.random.default_rng(7).normal(0.5, 0.1, size=(200, 60))
    held = sum(each.low <= 0.5 <= each.high for each in (mean_of(list(row), rounds=400) for row in draws))
    assert 178 <= held <= 199


@given(scores, st.integers(0, 5))
def test_the_same_seed_gives_the_same_numbers(values: list[float], seed: int) -> None:
    estimate = mean_of(values, seed, rounds=50)
    assert estimate == mean_of(values, seed, rounds=50)
    assert min(values) - 1e-9 <= estimate.low <= estimate.high <= max(values) + 1e-9


def test_one_value_has_no_spread_and_none_has_no_mean() -> None:
    assert (mean_of([0.25]).low, mean_of([0.25]).high) == (0.25, 0.25)
    nothing = mean_of([])
    assert nothing.count == 0
    assert math.isnan(nothing.mean)


def test_pairing_sees_a_small_gain_that_two_intervals_would_hide() -> None:
    before = [(each % 10) / 10 for each in range(60)]
    after = [score + 0.02 for score in before]
    gain = paired_difference(before, after)
    assert gain.mean == pytest.approx(0.02)
    assert gain.low > 0
    assert gain.worse_share == 0.0
    assert mean_of(before).high > mean_of(after).low


@given(scores, st.integers(0, 3))
def test_a_difference_turns_around_with_its_sides(values: list[float], seed: int) -> None:
    other = list(reversed(values))
    there, back = paired_difference(values, other, seed, 60), paired_difference(other, values, seed, 60)
    assert there.mean == pytest.approx(-back.mean, abs=1e-9)
    assert there.low == pytest.approx(-back.high, abs=1e-9)


def test_scores_that_do_not_pair_up_are_refused() -> None:
    with pytest.raises(ValueError, match="same questions"):
        paired_difference([1.0], [1.0, 0.0])
    assert paired_difference([], []).count == 0


def test_median_and_p95_as_counted_by_hand() -> None:
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5
    assert p95(list(range(101))) == 95
    assert p95([1.0, 2.0]) == pytest.approx(1.95)
    assert math.isnan(median([]))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.floats(0, 1))
def test_a_quantile_lies_within_its_values(values: list[float], share: float) -> None:
    assert min(values) - 1e-6 <= quantile(values, share) <= max(values) + 1e-6
    assert quantile(values, 0.5) <= quantile(values, 0.95) + 1e-6
