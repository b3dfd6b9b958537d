"""A search for the best recipe of the generator within a time budget, by Optuna; killed, it goes on where it was.

The study lies in `study.db` (SQLite), each trial in a folder of its own, named by its choices: a trial that was killed
is asked for again and goes on from its checkpoint. The best recipe is written as a file that the generator's training
takes (`deskside finetune generator --recipe`, `deskside learn --generator-recipe`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from finetune.generator import Outcome, Progress
from finetune.recipe import Recipe, load_recipe, save_recipe
from index.errors import UserError

STUDY, BEST, TABLE = "study.db", "best-recipe.json", "trials.md"
RANKS = (4, 8, 16, 32)
Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Bounds:
    """What is searched over: `fusions` more than one, and the weights of its losses, only where there are pictures;
    `ranks` more than one only where no adapter is gone on from."""

    fusions: tuple[str, ...] = ("none",)
    ranks: tuple[int, ...] = RANKS
    rate: tuple[float, float] = (5e-5, 3e-3)


@dataclass(frozen=True)
class Trial:
    """One recipe tried. `score`: share of the held-out asks exact, None where it did not end; `state` by Optuna."""

    number: int
    state: str
    score: float | None
    seconds: float
    choices: dict[str, Any]


def search(
    recipe: Recipe, folder: Path, cache: Path, *, minutes: float, each: float, bounds: Bounds = Bounds(),
    most: int = 0, resume: bool = False, tell: Tell = lambda told: None, stopping: Callable[[], bool] = lambda: False,
) -> list[Trial]:  # fmt: skip
    """Try recipes around `recipe`, each for `each` minutes (or its max_steps), until `minutes` are over in all or
    `most` trials are done (0: no limit). Writes the table and the best recipe after each trial. A search that is
    resumed keeps the recipe and the bounds that it began with.

    Raises UserError CONFIG where Optuna is not installed, or the folder holds a search and `resume` is False.
    """
    try:
        import optuna
    except ImportError as error:
        message = "A search needs Optuna.\nInstall it: pip install -c constraints.txt -e '.[search]'"
        raise UserError(message, "CONFIG") from error
    if (folder / STUDY).is_file() and not resume:
        message = f"{folder} already holds a search.\nGo on with it: --resume, or give another --out."
        raise UserError(message, "CONFIG")
    folder.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        study_name="generator", storage=f"sqlite:///{folder / STUDY}", direction="maximize", load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=recipe.seed, n_startup_trials=4),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=3),
    )  # fmt: skip
    recipe, bounds = _kept(folder, recipe, bounds)
    for left in study.get_trials(states=[optuna.trial.TrialState.RUNNING]):  # of a search that was killed
        study.tell(left.number, state=optuna.trial.TrialState.FAIL)
        study.enqueue_trial(left.params)
    spent = sum(each_trial.seconds for each_trial in trials_of(study))
    began = time.monotonic()
    while not stopping() and spent + time.monotonic() - began < 60 * minutes and not _enough(study, most):
        trial = study.ask()
        tried = _tried(trial, recipe, bounds)
        place = folder / f"trial-{_name(tried)}"
        tell({"trial": trial.number, "text": "begins", "choices": trial.params})
        outcome, pruned = _run(trial, tried, place, cache, each, tell, stopping)
        if outcome is not None and not outcome.finished and not pruned:
            break  # stopped by a person: it stays as running, and is gone on with
        _close(study, trial, outcome, pruned)
        tell({"trial": trial.number, "text": "pruned" if pruned else "done", "score": _score(outcome)})
        _write(study, recipe, bounds, folder)
        _clear(folder, _best(study, recipe, bounds))
    _write(study, recipe, bounds, folder)
    return trials_of(study)


def _kept(folder: Path, recipe: Recipe, bounds: Bounds) -> tuple[Recipe, Bounds]:
    """What the search began with: trials of other bounds could not be weighed against each other."""
    around, limits = folder / "around.json", folder / "bounds.json"
    if not (around.is_file() and limits.is_file()):
        save_recipe(recipe, around)
        limits.write_text(json.dumps(asdict(bounds)) + "\n", "utf-8")
    told = json.loads(limits.read_text("utf-8"))
    return load_recipe(around), Bounds(**{name: tuple(each) for name, each in told.items()})


def _enough(study: Any, most: int) -> bool:
    return bool(most) and sum(each.score is not None for each in trials_of(study)) >= most


def _tried(trial: Any, recipe: Recipe, bounds: Bounds) -> Recipe:
    """The recipe of a trial. Every choice that is asked for is one that this recipe's training takes."""
    choices: dict[str, Any] = {
        "lr_language": trial.suggest_float("lr_language", *bounds.rate, log=True),
        "weight_decay": trial.suggest_float("weight_decay", 1e-4, 0.1, log=True),
        "length_power": trial.suggest_float("length_power", 0.0, 1.0, step=0.25),
    }
    if len(bounds.ranks) > 1 and not recipe.start_from and recipe.strategy == "lora":
        choices["rank"] = trial.suggest_categorical("rank", list(bounds.ranks))
        choices["alpha"] = 2 * choices["rank"]
    if len(bounds.fusions) > 1:
        choices["fusion"] = trial.suggest_categorical("fusion", list(bounds.fusions))
    if choices.get("fusion", recipe.fusion) not in ("none", "native"):
        choices["lr_connector"] = trial.suggest_float("lr_connector", *bounds.rate, log=True)
        choices["weight_contrastive"] = trial.suggest_float("weight_contrastive", 0.02, 1.0, log=True)
        choices["weight_heads"] = trial.suggest_float("weight_heads", 0.1, 3.0, log=True)
    return replace(recipe, **choices)


def _run(
    trial: Any, recipe: Recipe, place: Path, cache: Path, each: float, tell: Tell, stopping: Callable[[], bool]
) -> tuple[Outcome | None, bool]:  # fmt: skip
    """One training; whether it was given up because earlier ones stood better by then. None for one that failed."""
    from finetune.checkpoints import latest
    from finetune.run import start

    hopeless = False
    seen = 0

    def show(progress: Progress) -> None:
        nonlocal hopeless, seen
        tenth = int(10 * progress.share)
        if progress.score is not None and tenth > seen:
            seen = tenth
            trial.report(progress.score, step=tenth)
            hopeless = hopeless or (progress.share < 0.9 and trial.should_prune())
        tell({"trial": trial.number, "step": progress.step, "share": round(progress.share, 4), "loss": progress.loss,
              "best": progress.best})  # fmt: skip

    timed = {} if recipe.max_steps else {"minutes": each}
    made = replace(recipe, ask_every=each / 5, save_every=min(2.0, each / 5), **timed)  # type: ignore[arg-type]
    try:
        outcome = start(
            made, place, cache, resume=latest(place, "checkpoint") is not None, on_progress=show,
            stopping=lambda: stopping() or hopeless,
        )  # fmt: skip
    except UserError as trouble:
        tell({"trial": trial.number, "text": trouble.message})
        return None, False
    return outcome, hopeless and not stopping()


def _close(study: Any, trial: Any, outcome: Outcome | None, pruned: bool) -> None:
    from optuna.trial import TrialState

    if outcome is not None:
        trial.set_user_attr("seconds", outcome.seconds)
    score = _score(outcome)
    if pruned:
        study.tell(trial, state=TrialState.PRUNED)
    elif score is None:
        study.tell(trial, state=TrialState.FAIL)
    else:
        study.tell(trial, score)


def _score(outcome: Outcome | None) -> float | None:
    return outcome.best if outcome else None


def trials_of(study: Any) -> list[Trial]:
    """Every trial so far, in its order."""
    return [
        Trial(each.number, each.state.name.lower(), each.value if each.state.name == "COMPLETE" else None,
              float(each.user_attrs.get("seconds", 0.0)), dict(each.params))
        for each in study.get_trials(deepcopy=False)
    ]  # fmt: skip


def table(trials: Sequence[Trial]) -> list[str]:
    """The trials as a Markdown table, the best first (pure)."""
    names = sorted({name for each in trials for name in each.choices})
    told = ["| trial | score | state | min | " + " | ".join(names) + " |", "|---" * (len(names) + 4) + "|"]
    for each in sorted(trials, key=lambda one: (one.score is None, -(one.score or 0.0), one.number)):
        score = "-" if each.score is None else f"{each.score:.3f}"
        cells = [_cell(each.choices.get(name, "")) for name in names]
        told.append(f"| {each.number} | {score} | {each.state} | {each.seconds / 60:.1f} | " + " | ".join(cells) + " |")
    return told


def _cell(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _write(study: Any, recipe: Recipe, bounds: Bounds, folder: Path) -> None:
    """The table, and the best recipe when there is one: with the ends and data of the one searched around."""
    trials = trials_of(study)
    (folder / TABLE).write_text("\n".join([*table(trials), ""]), "utf-8")
    if (best := _best(study, recipe, bounds)) is not None:
        fresh = folder / f".{BEST}"
        save_recipe(best, fresh)
        fresh.replace(folder / BEST)


def _best(study: Any, recipe: Recipe, bounds: Bounds) -> Recipe | None:
    import optuna

    done = [each for each in trials_of(study) if each.score is not None]
    if not done:
        return None
    first = min(done, key=lambda each: (-(each.score or 0.0), each.number))
    return _tried(optuna.trial.FixedTrial(first.choices), recipe, bounds)


def _clear(folder: Path, best: Recipe | None) -> None:
    """Take away the weights of trials that are not the best: a gigabyte each where everything is trained."""
    kept = f"trial-{_name(best)}" if best else ""
    for each in folder.glob("trial-*"):
        if each.name != kept:
            shutil.rmtree(each, ignore_errors=True)


def _name(recipe: Recipe) -> str:
    """Eight letters for the choices of a recipe: the same choices, the same folder."""
    told = json.dumps(asdict(recipe), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:8]
