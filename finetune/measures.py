"""What a cosine is worth with another embedder: confidence, templates and the most careful threshold, fitted anew."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from agent.decide import AS_FITTED, Measures, confidence
from agent.evidence import Signals
from finetune.material import Pair
from finetune.replay import Player
from index.embed import Embedder
from index.store import Store
from index.templates import load_templates
from index.words import content_words, stem

MOST_KNOWN_WORDS = (
    0.75  # of a stranger's words, the share the shop uses too: above, it might be a question for the shop
)
LEAST = 20
ALONE_SHARE = 0.99


def strangers(pairs: Sequence[Pair], count: int, split: str = "train", seed: int = 0) -> list[str]:
    """Questions that this shop has no answer to: of made-up businesses, without those that its own customers might ask.

    "train" and "test" share no topic.
    """
    from finetune.grounded import make_grounded

    own = {stem(word) for pair in pairs for word in content_words(f"{pair.question} {pair.reply}")}
    found: list[str] = []
    for example in make_grounded(6 * count, split, seed):
        ask = example.asks[0]
        words = {stem(word) for word in content_words(ask.question)}
        alone = ask.kind in ("grounded", "absent") and len(words) >= 3
        if alone and len(words & own) / len(words) <= MOST_KNOWN_WORDS:
            found.append(ask.question)
        if len(found) == count:
            break
    return found


def fit_measures(known: Sequence[Signals], strange: Sequence[Signals], shipped: Measures = AS_FITTED) -> Measures:
    """The weights of confidence for an embedder: a logistic regression that tells the shop's own questions from
    strangers, as bench/fit_confidence.py made the shipped ones; those stay where there is too little to fit.

    A fit that reads more closeness as less confidence is not taken.
    """
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    if min(len(known), len(strange)) < LEAST:
        return shipped
    signals = (*known, *strange)
    labels = np.array([1] * len(known) + [0] * len(strange))
    for second in (1.0, 0.0):  # where agreement says nothing of its own, by the best source alone
        features = np.array([[each.dense, second * each.agreeing] for each in signals])
        fitted = LogisticRegression(C=100, class_weight="balanced").fit(features, labels)
        dense, agreeing = (float(each) for each in fitted.coef_[0])
        if dense > 0 and agreeing >= 0:
            break
    else:
        return shipped
    alone = float(np.quantile([each.dense for each in strange], ALONE_SHARE))
    return replace(shipped, bias=float(fitted.intercept_[0]), dense=dense, agreeing=agreeing, alone_dense=alone)


def fit_for(player: Player, own: Sequence[Pair], others: Sequence[str], shipped: Measures = AS_FITTED) -> Measures:
    """The measures for the embedder of a version at work, by its own questions and by strangers'."""
    known = [player.play(each).signals for each in own]
    strange = [player.ask(f"stranger {at}", text).signals for at, text in enumerate(others)]
    return fit_measures(known, strange, shipped)


def as_often(fitted: Measures, signals: Sequence[Signals], before: Sequence[float], caution: float) -> Measures:
    """The measures moved so that of these questions as many reach `caution` as did before: how careful the desk is was
    chosen by a person, and a new embedder is to find better, not to answer more or less. `before` are the confidences
    until now."""
    count = sum(each >= caution for each in before)
    if len(before) < LEAST or not count or not 0 < caution < 1:
        return fitted
    shares = [min(max(confidence(each, fitted), 1e-9), 1 - 1e-9) for each in signals]
    levels = sorted((_logit(each) for each in shares), reverse=True)
    last = (levels[count - 1] + levels[min(count, len(levels) - 1)]) / 2
    moved = _logit(caution) - last
    return replace(fitted, bias=fitted.bias + moved, alone_dense=fitted.alone_dense - moved / fitted.alone_slope)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def fit_template(store: Store, workspace: str, base: Embedder, new: Embedder, pairs: Sequence[Pair]) -> float:
    """The cosine from which an approved reply is meant, such that as many of these questions get one as before."""
    texts = [text for each in load_templates(store, workspace) for text in (each.title, *each.questions)]
    asked = [pair.question for pair in pairs if pair.question.strip()]
    if not texts or not asked:
        return AS_FITTED.template
    before, after = (_closest(embedder, asked, texts) for embedder in (base, new))
    share = float((before < AS_FITTED.template).mean())
    if share in (0.0, 1.0):  # none or all: only the top or the bottom is known, so the whole scale is moved along
        moved = AS_FITTED.template + float(np.median(after) - np.median(before))
        return float(np.clip(moved, 0.5, 0.98))
    return float(np.clip(np.quantile(after, share), 0.5, 0.98))


def _closest(embedder: Embedder, asked: Sequence[str], texts: Sequence[str]) -> np.ndarray:
    vectors = embedder.embed(texts)
    return np.array([float((vectors @ embedder.embed_query(each)).max()) for each in asked])


def risk_coverage(sure: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float, float]]:
    """(threshold, share answered, share of the answers that is wrong), the most careful first."""
    order = sorted(zip(sure, right, strict=True), key=lambda each: -each[0])
    curve, wrong = [], 0
    for count, (confident, good) in enumerate(order, start=1):
        wrong += not good
        curve.append((float(confident), count / len(order), wrong / count))
    return curve


def caution_for(curve: Sequence[tuple[float, float, float]], most_wrong: float) -> float:
    """The least careful threshold at which at most so large a share (0..1) of the answers is wrong; just above the most
    confident one where none is careful enough. At least 5 answers must lie above it."""
    good = [threshold for place, (threshold, _, risk) in enumerate(curve) if risk <= most_wrong and place >= 4]
    return min(good) if good else min(1.0, curve[0][0] + 1e-6) if curve else 1.0


def calibration_error(sure: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error, 0..1 (Guo et al. 2017): how far confidence is from the share that is right."""
    if not sure:
        return float("nan")
    place = np.minimum((np.asarray(sure) * bins).astype(int), bins - 1)
    error = 0.0
    for each in range(bins):
        inside = place == each
        if inside.any():
            gap = float(np.asarray(sure)[inside].mean() - np.asarray(right, dtype=float)[inside].mean())
            error += abs(gap) * float(inside.mean())
    return error


def save_measures(file: Path, measures: Measures, caution: float | None = None) -> None:
    """As agent.in_use.read_measures reads them."""
    told = {name: round(value, 5) for name, value in asdict(measures).items()}
    file.write_text(json.dumps({**told, **({} if caution is None else {"caution": caution})}, indent=1) + "\n", "utf-8")
