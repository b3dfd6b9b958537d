"""The report of classes: the same numbers as scikit-learn, honest intervals, before and after in pairs."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from finetune.report import compared, markdown, report_of, side_by_side, tally_labels, tally_spans

LABELS = ("billing", "delivery", "hub", "lock")


def guesses(seed: int, right: float, count: int = 200) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(seed)
    wanted = [LABELS[place] for place in rng.choice(4, count, p=[0.5, 0.3, 0.15, 0.05])]
    given = [each if rng.random() < right else LABELS[rng.integers(4)] for each in wanted]
    return wanted, given


def test_precision_recall_and_f1_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support

    wanted, given = guesses(1, 0.6)
    report = report_of(tally_labels(wanted, given, LABELS), rounds=50)
    theirs = precision_recall_fscore_support(wanted, given, labels=list(LABELS), zero_division=0)
    ours = [(each.precision, each.recall, each.f1, each.support) for each in report.classes]
    np.testing.assert_allclose(np.array(ours).T, np.array(theirs), atol=1e-9)
    assert report.accuracy.mean == pytest.approx(accuracy_score(wanted, given))
    for name in ("micro", "macro", "weighted"):
        mean = report.average(name)
        theirs = precision_recall_fscore_support(wanted, given, labels=list(LABELS), average=name, zero_division=0)
        assert (mean.precision, mean.recall, mean.f1) == pytest.approx(theirs[:3])


def test_the_interval_holds_the_score_and_narrows_with_more_texts() -> None:
    few, many = (report_of(tally_labels(*guesses(2, 0.7, count))).average("micro") for count in (50, 2000))
    for mean in (few, many):
        assert mean.low <= mean.f1 <= mean.high
    assert many.high - many.low < (few.high - few.low) / 3


def test_a_class_that_is_never_said_scores_nought_and_not_nan() -> None:
    report = report_of(tally_labels(["hub", "lock"], ["hub", "hub"]), rounds=20)
    lock = report.classes[1]
    assert (lock.label, lock.precision, lock.recall, lock.f1) == ("lock", 0, 0, 0)


def test_a_label_that_nobody_wanted_does_not_lower_the_macro_average() -> None:
    report = report_of(tally_labels(["hub", "lock"], ["hub", "lock"], ["hub", "lock", "unused"]), rounds=20)
    assert report.average("macro").f1 == 1.0


def test_not_saying_is_wrong_and_is_told_apart_from_a_wrong_label() -> None:
    report = report_of(tally_labels(["hub", "hub", "lock"], ["", "lock", "lock"]), rounds=20)
    assert report.accuracy.mean == pytest.approx(1 / 3)
    assert set(report.confused) == {("hub", "-", 1), ("hub", "lock", 1)}
    assert report.classes[0].given == 0


def test_a_span_counts_only_with_its_exact_ends_and_label() -> None:
    wanted = [[(0, 4, "NAME"), (10, 18, "ORDER")], [(3, 9, "DATE")], []]
    given = [[(0, 4, "NAME"), (10, 17, "ORDER")], [(3, 9, "NAME")], [(1, 2, "DATE")]]
    tally = tally_spans(wanted, given)
    report = {each.label: each for each in report_of(tally, rounds=20).classes}
    assert report["ORDER"].f1 == 0
    assert report["DATE"].f1 == 0
    assert (report["NAME"].precision, report["NAME"].recall) == (0.5, 1.0)
    assert set(tally.mistakes) == {("ORDER", "ORDER"), ("DATE", "NAME"), ("-", "DATE")}
    assert list(tally.whole) == [0, 0, 0]


def test_what_was_gained_is_counted_in_pairs() -> None:
    wanted, poor = guesses(3, 0.5)
    good = [truth if place % 5 else said for place, (truth, said) in enumerate(zip(wanted, poor, strict=True))]
    comparison = compared(tally_labels(wanted, poor, LABELS), tally_labels(wanted, good, LABELS))
    assert comparison.accuracy.mean == pytest.approx(comparison.after.accuracy.mean - comparison.before.accuracy.mean)
    assert 0 < comparison.macro.low <= comparison.macro.mean <= comparison.macro.high
    same = compared(tally_labels(wanted, poor, LABELS), tally_labels(wanted, poor, LABELS))
    assert (same.macro.low, same.macro.high) == (0, 0)


def test_other_texts_are_not_compared() -> None:
    with pytest.raises(ValueError, match="same texts"):
        compared(tally_labels(["hub"], ["hub"], LABELS), tally_labels(["lock"], ["hub"], LABELS))


def test_the_tables_name_every_class_and_survive_a_bar_in_a_label() -> None:
    wanted, given = ["a|b", "hub"], ["a|b", "a|b"]
    tally = tally_labels(wanted, given)
    report = report_of(tally, rounds=20)
    table = markdown(report)
    assert r"| a\|b |" in table
    assert "Accuracy: 0.500" in table
    assert "| hub | a\\|b | 1 |" in table
    both = side_by_side(compared(tally, tally, rounds=20))
    assert "| hub | 1 | 0.000 → 0.000 |" in both
    assert "Gained: accuracy +0.000" in both


def test_nothing_to_measure_is_said_in_json_as_none() -> None:
    report = report_of(tally_labels([], [], LABELS), rounds=20)
    assert math.isnan(report.accuracy.mean)
    assert json.loads(json.dumps(report.as_json(), allow_nan=False))["accuracy"]["mean"] is None
