"""Deciders from labelled questions to a folder: taught, asked, compared with the nearest name, written down."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.deciders import ENCODER, Deciders, save_deciders
from finetune.cases import Case
from finetune.classifier import spoken
from finetune.compare import json_ready
from finetune.deciders import DecidersRecipe, Intents, Lot, train_deciders
from finetune.deciders_compare import DecidersCompared, Told, compare_deciders
from finetune.deciders_stage import thresholds
from finetune.encoder import EMPTY, EncoderRecipe, Lesson, tune_encoder
from finetune.material import Pair
from finetune.measures import strangers
from finetune.plots import grid, lines
from index.embed import Embedder, find_model, load_embedder

STRANGERS = 120


@dataclass(frozen=True)
class Asking:
    """Questions to learn, to check with, to ask; those that a person had to take; those of no intent, for learning and
    for asking ("" for both: those of made-up businesses)."""

    learn: Sequence[Case]
    check: Sequence[Case]
    asked: Sequence[Case]
    escalated: Sequence[Case] = ()
    outside: Sequence[str] = ()
    outside_asked: Sequence[str] = ()

    def with_outside(self, texts: Sequence[str]) -> Asking:
        """With given questions of no intent: two of three are learned, the third is asked."""
        asked = texts[2::3]
        kept = set(asked)
        return replace(self, outside=[each for each in texts if each not in kept], outside_asked=asked)


@dataclass(frozen=True)
class Choices:
    """`tune`: train an encoder as well, for so many `epochs`; `most_wrong` as in `DecidersRecipe`."""

    tune: bool = False
    epochs: int = 6
    most_wrong: float = 0.05
    seed: int = 0
    threads: int | None = None


@dataclass(frozen=True)
class Result:
    """What was written: figures by name, what was left out, and the comparison with the nearest name."""

    figures: dict[str, Any]
    notes: tuple[str, ...]
    compared: DecidersCompared


def teach(
    asking: Asking, folder: Path, choices: Choices = Choices(), *, tell: Callable[[dict[str, Any]], None]
) -> Result:
    """Heads in `folder` with report.md, report.json and pictures; the encoder beside them where one is trained."""
    base = load_embedder(threads=choices.threads)
    embedder, tuned = (base, None) if not choices.tune else _tuned(asking, folder, choices, tell)
    outside = list(asking.outside) or _strangers(asking, "train", choices.seed)
    outside_asked = list(asking.outside_asked) or _strangers(asking, "test", choices.seed)
    learn, check, asked = (Lot.of(cases, embedder) for cases in (asking.learn, asking.check, asking.asked))
    foreign = [Lot.of([Case(text, "") for text in texts], embedder).vectors for texts in (outside, outside_asked)]
    trained = train_deciders(
        learn, check, foreign[0], Lot.of(asking.escalated, embedder), embedder,
        DecidersRecipe(choices.most_wrong, seed=choices.seed), tuned=tuned,
    )  # fmt: skip
    heads = Deciders(trained.config, trained.heads, embedder)
    told = [heads.judge_vectors(each) for each in (asked.vectors, foreign[1])]
    after = Told.by_heads(told[0], told[1], trained.config.outside is not None)
    compared = compare_deciders(
        asked.labels, _by_names(asking, outside_asked, base, trained.config.labels), after,
        before_is="the intent whose name lies nearest; foreign questions by the cosine with it", seed=choices.seed,
    )  # fmt: skip
    assert compared is not None
    figures = json_ready({**trained.config.scores, **thresholds(trained), "asked": len(asked)})
    save_deciders(folder, trained.config, trained.heads, papers(compared))
    return Result(figures, trained.notes, compared)


def papers(compared: DecidersCompared) -> dict[str, str]:
    """The report and its pictures, by file name."""
    told = json.dumps(json_ready(compared.as_json()), ensure_ascii=False, indent=1) + "\n"
    curves = {name: [(share, wrong) for _, share, wrong in curve] for name, curve in compared.curves.items() if curve}
    return {
        "report.md": "\n".join(["# Deciders", "", *compared.markdown()]) + "\n",
        "report.json": told,
        "intents.svg": lines("wrong intents at each share of questions named", "named", "wrong", curves),
        "confusion.svg": grid(
            "intent wanted (rows) and said (columns), most confused first", compared.labels, compared.matrix
        ),
    }


def lesson_of(name: str, cases: Sequence[Case], outside: Sequence[str] = ()) -> tuple[Lesson, list[str]]:
    """The cases as an encoder learns them, and the labels in order; `outside` are questions of none."""
    labels = sorted({case.label for case in cases})
    place = {label: at for at, label in enumerate(labels)}
    texts = [(" \n".join(filter(None, (case.text, case.screen))), place[case.label]) for case in cases]
    texts += [(text, EMPTY) for text in outside]
    return Lesson(name, tuple(text for text, _ in texts), tuple(truth for _, truth in texts), len(labels)), labels


def _tuned(
    asking: Asking, folder: Path, choices: Choices, tell: Callable[[dict[str, Any]], None]
) -> tuple[Embedder, Intents]:
    """The encoder in its place below the folder, and its head."""
    import numpy as np

    lesson, labels = lesson_of("intents", asking.learn, asking.outside)
    work = folder.with_name(f".{folder.name}.work")
    recipe = EncoderRecipe(epochs=choices.epochs, seed=choices.seed)
    tuned = tune_encoder(find_model("minilm")[0], [lesson], work, recipe, tell=tell)
    place = folder / ENCODER
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    tuned.folder.replace(place)
    shutil.rmtree(work, ignore_errors=True)
    head = tuned.heads["intents"]
    return load_embedder(str(place), name="encoder"), (head, np.zeros(len(labels), np.float32), labels)


def _strangers(asking: Asking, split: str, seed: int) -> list[str]:
    known = [Pair(str(at), "", "", "", case.text, "") for at, case in enumerate(asking.learn)]
    return strangers(known, STRANGERS, split, seed)


def _by_names(asking: Asking, foreign: Sequence[str], base: Embedder, labels: Sequence[str]) -> Told:
    """What is said where nothing was learned."""
    names = base.embed([spoken(label) for label in labels])
    own, strange = (
        Lot.of(cases, base).vectors @ names.T for cases in (asking.asked, [Case(text, "") for text in foreign])
    )
    return Told(
        [labels[at] for at in own.argmax(axis=1).tolist()], [], (-own.max(axis=1)).tolist(),
        (-strange.max(axis=1)).tolist(),
    )  # fmt: skip
