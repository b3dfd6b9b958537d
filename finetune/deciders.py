"""Training of the deciders: intent, none of the intents, and a person is needed; calibrated, with thresholds read off
the risk-coverage curve at the share of wrong calls that the user allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agent.deciders import NEVER, DecidersConfig, Heads, Line, signals_of, softmax, vector_of
from finetune.cases import Case
from finetune.classifier import HeadRecipe, spoken, train
from finetune.measures import calibration_error, caution_for, risk_coverage
from index.embed import Embedder
from index.measure import auc

LEAST_CASES = 4  # of an intent: fewer are told by the next wider one ("devices/hub" for "devices/hub/warranty")
FEW_CASES = 30
LEAST_CHECKED = 20  # questions that a threshold is read off, and of each sort that a line is fitted to
FEW_CHECKED = 300  # with fewer, what was learned is asked as well, of heads that did not learn it
LEAST_ESCALATED = 15
MOST_MIDDLES = 4  # of an intent
CASES_A_MIDDLE = 12
BETTER_THAN_CHANCE = 0.6  # area under the ROC curve, lower end of the interval: below, an escalate head is not used
FOLDS = 5


HEAD = HeadRecipe(parts=("text",), smoothing=0.05)


@dataclass(frozen=True)
class DecidersRecipe:
    """`most_wrong` (0..1): of the intents named, and of the questions sent to a person, at most so large a share is
    wrong; of the shop's own questions at most so large a share is called foreign. `head`: how the intents learn."""

    most_wrong: float = 0.05
    head: HeadRecipe = HEAD
    seed: int = 0


@dataclass(frozen=True)
class Lot:
    """Questions as the heads read them, with what is known of each; `label` "" for one of no intent, `escalated` where
    a person had to take it."""

    vectors: np.ndarray
    labels: tuple[str, ...]
    groups: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def of(cls, cases: Sequence[Case], embedder: Embedder) -> Lot:
        """The vectors of the cases, as the desk makes them."""
        rows = [vector_of(embedder, case.text, (case.screen,) if case.screen else ()) for case in cases]
        vectors = np.stack(rows) if rows else np.zeros((0, embedder.dimension), np.float32)
        return cls(vectors, tuple(case.label for case in cases), tuple(case.group for case in cases))


Intents = tuple[np.ndarray, np.ndarray, list[str]]  # (labels, width) weights, (labels,) bias, and the labels


@dataclass(frozen=True)
class Trained:
    """Heads ready to be saved; `notes` say what was left out and why."""

    config: DecidersConfig
    heads: Heads
    notes: tuple[str, ...] = ()


def intents_of(tags: Sequence[tuple[str, ...]], least: int = LEAST_CASES) -> list[str]:
    """An intent for each: its tags as a path, shortened until so many share it; "" where even the first is rare."""
    left = {at: len(each) for at, each in enumerate(tags)}
    for depth in range(max(map(len, tags), default=0), 0, -1):
        paths = Counter(tags[at][:depth] for at, long in left.items() if long == depth)
        for at, long in left.items():
            if long == depth and paths[tags[at][:depth]] < least:
                left[at] = depth - 1
    return ["/".join(tags[at][: left[at]]) for at in range(len(tags))]


def intent_among(tags: tuple[str, ...], known: Sequence[str]) -> str:
    """The longest beginning of the tags that is a known intent; "" for none."""
    paths = set(known)
    return next((path for at in range(len(tags), 0, -1) if (path := "/".join(tags[:at])) in paths), "")


def train_deciders(
    learn: Lot, check: Lot, strangers: np.ndarray, escalated: Lot, embedder: Embedder,
    recipe: DecidersRecipe = DecidersRecipe(), *, tuned: Intents | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Trained:  # fmt: skip
    """The heads of what was learned; temperature and thresholds from `check`, questions that no head learned.

    `strangers` are vectors of questions of no intent; the labels of `escalated` are "person" or ""; `tuned` is the head
    that an encoder of their own was trained with. Raises UserError EMPTY for fewer than two intents."""
    notes: list[str] = []
    intents, bias, labels = tuned or fit_intents(with_names(learn, embedder), recipe, stopping)
    heads = Heads(intents, bias, middles(learn, labels, recipe.seed))
    known = [at for at, label in enumerate(check.labels) if label in set(labels)]
    vectors = check.vectors[known]
    logits, truth = heads.logits(vectors), np.array([labels.index(check.labels[at]) for at in known], int)
    if tuned is None and len(known) < FEW_CHECKED:
        unseen, learned_truth = unseen_logits(learn, labels, embedder, recipe, stopping)
        logits, truth = np.concatenate([logits, unseen]), np.concatenate([truth, learned_truth])
    temperature = fit_temperature(logits, truth) if len(truth) else 1.0
    shares = softmax(logits / temperature)
    right, best = shares.argmax(axis=1) == truth, shares.max(axis=1)
    sure = NEVER
    if len(truth) >= LEAST_CHECKED:
        sure = caution_for(risk_coverage(best.tolist(), right.tolist()), recipe.most_wrong)
    else:
        notes.append(f"{len(truth)} questions to check with; {LEAST_CHECKED} are needed before an intent is named")
    outside = fit_outside(heads, vectors, strangers, temperature, recipe.most_wrong)
    if outside is None:
        notes.append("no head for questions of no intent: too few of them, or of the shop's own")
    escalate, told = fit_escalate(escalated, recipe)
    notes += [told] if told else []
    scores: dict[str, Any] = {
        "learned": len(learn), "intents": len(labels), "checked": len(truth),
        "right on the checked": float(right.mean()) if len(right) else None,
        "ece on the checked": calibration_error(best.tolist(), right.tolist()) if len(right) else None,
        "named": float((best >= sure).mean()) if len(right) else 0.0,
    }  # fmt: skip
    config = DecidersConfig(
        tuple(labels), "" if tuned else embedder.identity, temperature, float(sure), outside, escalate, scores
    )
    return Trained(config, heads, tuple(notes))


def with_names(learn: Lot, embedder: Embedder) -> Lot:
    """With few questions of an intent its name is one more of them: of ten a class of BANKING77 it made 0.829 of the
    rows to choose with right instead of 0.809."""
    counts = Counter(learn.labels)
    few = sorted(label for label, count in counts.items() if count < FEW_CASES)
    if not few:
        return learn
    named = np.stack([vector_of(embedder, spoken(label)) for label in few])
    groups = (*learn.groups, *(f"name of {label}" for label in few)) if learn.groups else ()
    return Lot(np.concatenate([learn.vectors, named]).astype(np.float32), (*learn.labels, *few), groups)


def fit_intents(learn: Lot, recipe: DecidersRecipe, stopping: Callable[[], bool] = lambda: False) -> Intents:
    """(labels, width) and (labels,) of a linear head over the vectors, and the labels in order."""
    import torch

    from agent.vlm.heads import Parts

    vectors = torch.from_numpy(np.ascontiguousarray(learn.vectors, np.float32))
    parts = Parts({"text": vectors}, {"text": torch.ones(len(learn), dtype=torch.bool)})
    cases = [
        Case(f"question {at}", label, group=group)
        for at, (label, group) in enumerate(zip(learn.labels, learn.groups or [""] * len(learn), strict=True))
    ]
    most = max(Counter(learn.labels).values(), default=2)  # no label can be in more folds than it has questions
    head = replace(recipe.head, held_share=min(recipe.head.held_share, most), seed=recipe.seed)
    trained = train(cases, _Given(vectors.shape[1]), head, vectors=parts, stopping=stopping)
    words = trained.head.words
    assert words is not None
    weights = words.weight.detach().numpy() * trained.head.scale
    return weights.copy(), words.bias.detach().numpy().copy(), list(trained.config.labels)


def unseen_logits(
    learn: Lot, labels: Sequence[str], embedder: Embedder, recipe: DecidersRecipe, stopping: Callable[[], bool]
) -> tuple[np.ndarray, np.ndarray]:
    """(questions, labels) what heads of the other folds say of each question, and the places of the right labels. A
    label that a fold has not learned is never said."""
    places = {label: at for at, label in enumerate(labels)}
    truth = np.array([places[label] for label in learn.labels], int)
    found = np.full((len(learn), len(labels)), -1e9)
    for kept, held in folds_of(learn, truth, recipe.seed):
        part = Lot(learn.vectors[kept], tuple(learn.labels[at] for at in kept), tuple(learn.groups[at] for at in kept)
                   if learn.groups else ())  # fmt: skip
        if len(set(part.labels)) < 2 or len(part) < 2 * len(set(part.labels)):
            continue
        weights, bias, said = fit_intents(with_names(part, embedder), recipe, stopping)
        columns = np.array([places[label] for label in said])
        found[held[:, None], columns] = learn.vectors[held] @ weights.T + bias
    asked = np.flatnonzero(found.max(axis=1) > -1e9)
    return found[asked], truth[asked]


def folds_of(lot: Lot, truth: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(learn, held back) places of FOLDS splits, or fewer where labels are rare; a group is on one side."""
    import warnings

    from sklearn.model_selection import StratifiedGroupKFold  # type: ignore[import-untyped]

    groups = [group or f"question {at}" for at, group in enumerate(lot.groups or [""] * len(lot))]
    count = min(FOLDS, int(np.bincount(truth).max(initial=0)), len(set(groups)))
    if count < 2:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a rare label is in fewer folds, and that is fine
        split = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
        return list(split.split(lot.vectors, truth, groups))


@dataclass
class _Given:
    """Stands where an embedder is asked for and all vectors are there already."""

    dimension: int
    name: str = "given"
    identity: str = "given"

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        raise AssertionError("the vectors were given")

    def embed_query(self, text: str) -> np.ndarray:
        raise AssertionError("the vectors were given")


def middles(lot: Lot, labels: Sequence[str], seed: int = 0) -> np.ndarray:
    """(points, width) unit vectors: for each intent the middles of up to MOST_MIDDLES clusters of its questions."""
    from sklearn.cluster import KMeans  # type: ignore[import-untyped]

    found = []
    for label in labels:
        rows = lot.vectors[[at for at, each in enumerate(lot.labels) if each == label]]
        count = int(np.clip(len(rows) // CASES_A_MIDDLE, 1, MOST_MIDDLES))
        centres = rows.mean(axis=0, keepdims=True)
        if count > 1:
            centres = KMeans(count, n_init=3, random_state=seed).fit(rows).cluster_centers_
        found.append(centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9))
    points: np.ndarray = np.concatenate(found).astype(np.float32)
    return points


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature (0.05..20) with the least log loss (Guo et al. 2017)."""
    grid = np.logspace(-1.3, 1.3, 105)
    rows = np.arange(len(truth))
    losses = [-np.log(np.maximum(softmax(logits / each)[rows, truth], 1e-12)).mean() for each in grid]
    return float(grid[int(np.argmin(losses))])


def fit_outside(
    heads: Heads, own: np.ndarray, strangers: np.ndarray, temperature: float, most_wrong: float
) -> Line | None:
    """A line that tells strangers' questions from the shop's own by SIGNALS; its threshold calls at most so large a
    share of the own ones foreign. None where there are too few of either."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    if min(len(own), len(strangers)) < LEAST_CHECKED:
        return None
    rows = np.concatenate([signals_of(heads, each, temperature) for each in (own, strangers)])
    truth = np.array([0] * len(own) + [1] * len(strangers))
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit((rows - middle) / spread, truth)
    weights = fitted.coef_[0] / spread
    line = Line(tuple(map(float, weights)), float(fitted.intercept_[0] - weights @ middle))
    threshold = float(np.quantile(line.shares(signals_of(heads, own, temperature)), 1 - most_wrong, method="higher"))
    return replace(line, threshold=min(1.0, max(0.5, threshold + 1e-6)))


def fit_escalate(lot: Lot, recipe: DecidersRecipe) -> tuple[Line | None, str]:
    """A line over the vectors, and why there is none. Its probabilities are calibrated, and its threshold read off, on
    questions that each fold did not learn; it is only used where it is surely better than chance."""
    from sklearn.linear_model import LogisticRegression

    truth = np.array([label == "person" for label in lot.labels], int)
    if truth.sum() < LEAST_ESCALATED or (1 - truth).sum() < LEAST_ESCALATED:
        return None, f"no head for hand-overs: {int(truth.sum())} went to a person, {LEAST_ESCALATED} are needed"
    fit = LogisticRegression(C=1.0, max_iter=1000)
    unseen = out_of_fold(lot, truth, lambda rows, wanted: fit.fit(rows, wanted).decision_function, recipe.seed)
    area = auc(unseen[truth == 1].tolist(), unseen[truth == 0].tolist(), recipe.seed)
    if not area.low >= BETTER_THAN_CHANCE:
        found = f"{area.mean:.2f} [{area.low:.2f}, {area.high:.2f}]"
        return None, f"no head for hand-overs: what went to a person is not told by its words (AUC {found})"
    scaled = LogisticRegression(C=1e6).fit(unseen[:, None], truth)
    steep, shift = float(scaled.coef_[0, 0]), float(scaled.intercept_[0])
    shares = 1 / (1 + np.exp(-(steep * unseen + shift)))
    threshold = caution_for(risk_coverage(shares.tolist(), (truth == 1).tolist()), recipe.most_wrong)
    fitted = fit.fit(lot.vectors, truth)
    weights = steep * fitted.coef_[0]
    line = Line(tuple(map(float, weights)), steep * float(fitted.intercept_[0]) + shift, max(0.5, float(threshold)))
    return line, ""


def out_of_fold(
    lot: Lot, truth: np.ndarray, fit: Callable[[np.ndarray, np.ndarray], Callable[[np.ndarray], np.ndarray]], seed: int
) -> np.ndarray:
    """(questions,) what is said of each by a fit that learned none of its group."""
    said = np.zeros(len(lot))
    for learn, held in folds_of(lot, truth, seed):
        said[held] = fit(lot.vectors[learn], truth[learn])(lot.vectors[held])
    return said
