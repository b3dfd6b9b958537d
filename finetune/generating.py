"""The stages that train the model that reads and writes: on the shop's conversations, then on what people preferred.

Both start from the adapter in use and end in the folder `generator` of the candidate, or in nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.evidence import Library
from agent.in_use import GENERATOR, InUse, load_in_use
from agent.parts import load_searcher
from finetune import replying
from finetune.compare import Comparison
from finetune.continuing import (
    Continued,
    card_of,
    continue_generator,
    keep_examples,
    kept_card,
    place,
    recipe_from,
)
from finetune.dialogues import LEAST_DIALOGUES, dialogues_of, kept_of
from finetune.examples import Example
from finetune.own import BlindDesk
from finetune.preferences import Wanted, wanted_of
from finetune.recipe import Recipe, load_recipe
from index.errors import UserError

if TYPE_CHECKING:
    from finetune.stages import Run

KEPT_TOPICS, KEPT_SCREENS = 240, 60  # examples of what must not be forgotten, beside the shop's own
HELD_TOPICS, HELD_SCREENS = 24, 8  # asked to decide what is best; others are asked in the comparison
Stopping = Callable[[], bool]


def start_of(run: Run) -> Path | None:
    """The folder the next training goes on from: what this run made, else what is in use; None where none is."""
    made = run.parts / GENERATOR
    return made if made.is_dir() else load_in_use(run.store, run.settings).generator


def why_not(run: Run, minutes: float, flag: str) -> str:
    """Why the stage is passed over; "" when it is not."""
    if minutes <= 0:
        return f"passed over: no minutes were given ({flag} 20)"
    if run.settings.model != "embedded":
        return f"passed over: the model is {run.settings.model}; train it with: deskside finetune generator --base"
    return "" if start_of(run) else "passed over: this copy of Deskside has no trained weights to go on from"


def learn_generator(run: Run, stopping: Stopping) -> None:
    """The stage `generator`."""
    if why := why_not(run, run.recipe.generator, "--generator"):
        run.state["generator"] = {"learned": False, "why": why}
        run.say("generator", why)
        return
    folder = run.folder / "generator"
    if kept_card(folder) is None and (why := _keep_dialogues(run, folder)):
        run.state["generator"] = {"learned": False, "why": why}
        run.say("generator", why)
        return
    _go_on(run, "generator", run.recipe.generator, stopping)


def _keep_dialogues(run: Run, folder: Path) -> str:
    """The examples of the stage `generator` on disk; why not, where there are too few."""
    material, desk = run.material(), desk_of(run, run.candidate())
    later = {each.id for each in (*material.asked, *material.check)}
    own = dialogues_of(material.learn, desk, run.store, later, run.recipe.seed)
    if own.answered < LEAST_DIALOGUES:
        return (
            f"passed over: {own.answered} conversations say what stands in a passage; {LEAST_DIALOGUES} are needed,"
            " because fewer are forgotten again for what was learned before"
        )
    own.kept = kept_of(KEPT_TOPICS, KEPT_SCREENS, "train", run.recipe.seed + 1)
    held = dialogues_of(material.check, desk, run.store, {each.id for each in material.asked}, run.recipe.seed).every
    held += kept_of(HELD_TOPICS, HELD_SCREENS, "test", run.recipe.seed + 1)
    keep_examples(folder, own.every, held, own.as_json())
    return ""


def learn_preferences(run: Run, stopping: Stopping) -> None:
    """The stage `preferences`."""
    if why := why_not(run, run.recipe.preferences, "--preferences"):
        run.state["preferences"] = {"learned": False, "why": why}
        run.say("preferences", why)
        return
    folder = run.folder / "preferences"
    if kept_card(folder) is None and (wanted := _keep_wanted(run, folder)):
        run.state["preferences"] = {"learned": False, "why": wanted.why_none(), **wanted.as_json()}
        run.say("preferences", f"passed over: {wanted.why_none()}")
        return
    _go_on(run, "preferences", run.recipe.preferences, stopping)


def _keep_wanted(run: Run, folder: Path) -> Wanted | None:
    """The examples of the stage `preferences` on disk; where there are too few, what there is."""
    material, desk = run.material(), desk_of(run, run.candidate())
    wanted = wanted_of(material.preferences, material.votes, desk, {each.id for each in material.asked})
    if not wanted.every:
        return wanted
    held, learned = split_by_id(wanted.every)
    kept = kept_of(len(learned), len(learned) // 4, "train", run.recipe.seed + 2)  # as much to keep as to prefer
    held += kept_of(HELD_TOPICS, HELD_SCREENS, "test", run.recipe.seed + 2)
    keep_examples(folder, [*learned, *kept], held, wanted.as_json())
    return None


def split_by_id(examples: Sequence[Example], share: int = 5) -> tuple[list[Example], list[Example]]:
    """(every fifth, the others) in the order of the hashes of their ids."""
    from finetune.prepare import parted

    learned, held = parted(examples, len(examples) // share)
    return held, learned


def _go_on(run: Run, stage: str, minutes: float, stopping: Stopping) -> None:
    """Train, and put what came of it among the candidate's parts. The weights it goes on from are
    copied first, so that a resumed run has the same."""
    folder = run.folder / stage
    start = folder / "start"
    if not start.is_dir():
        _copy(start_of(run), start)
    recipe = recipe_of(run, stage, start, minutes)
    data = kept_card(folder) or {}
    done = continue_generator(
        recipe, folder, run.settings.cache,
        tell=lambda told: run.say(stage, told.pop("text", ""), **told), stopping=stopping,
    )  # fmt: skip
    if not done.finished:
        from finetune.stages import Stopped

        raise Stopped
    if done.adapter is not None:
        told = {"exact before": done.before, "exact after": done.after, "tokens": done.tokens}
        card = card_of(run.state["name"], run.state["base"], vars(recipe), data, told)
        place(start, done.adapter, run.parts / GENERATOR, card)
    run.state[stage] = state_of(done, data, recipe)
    what = "better on the held-out asks" if done.adapter else "no better than before on the held-out asks"
    run.say(stage, f"{what}: {_share(done.before)} -> {_share(done.after)}", scores={
        "before": done.before, "after": done.after
    })  # fmt: skip


def recipe_of(run: Run, stage: str, start: Path, minutes: float) -> Recipe:
    """The recipe of a stage. Preferences go slower: their loss falls quickly, and far."""
    chosen = load_recipe(Path(run.recipe.generator_recipe)) if run.recipe.generator_recipe else None
    recipe = replace(recipe_from(start, minutes, run.recipe.seed, chosen), threads=run.settings.threads)
    if stage == "preferences":
        recipe = replace(recipe, stage="preferences", lr_language=recipe.lr_language / 4)
    return recipe


def state_of(done: Continued, data: dict[str, Any], recipe: Recipe) -> dict[str, Any]:
    """What the run remembers of a training."""
    return {
        "learned": done.adapter is not None, **done.as_json(), "losses": list(done.losses), "data": data,
        "recipe": {"lr_language": recipe.lr_language, "minutes": recipe.minutes, "max_steps": recipe.max_steps,
                   "rank": recipe.rank, "stage": recipe.stage, "seed": recipe.seed},
    }  # fmt: skip


def desk_of(run: Run, used: InUse) -> BlindDesk:
    """What a version would find, for conversations that it must not have seen."""
    searcher = load_searcher(run.store, run.settings, used.embedder)
    return BlindDesk(searcher, Library(run.store, run.workspace, used.embedder), run.settings.top)


def carry(run: Run, part: str) -> None:
    """Take a part of the version in use along, where this run made none: what was won before is not lost."""
    folder = load_in_use(run.store, run.settings).folder
    if folder is not None and (folder / part).is_dir() and not (run.parts / part).is_dir():
        _copy(folder / part, run.parts / part)


def _copy(source: Path | None, place: Path) -> None:
    """A folder copied and swapped in whole. Raises UserError DAMAGED where there is none any more."""
    if source is None:
        raise UserError("The weights the run began with are gone.\nStart anew: deskside learn", "DAMAGED")
    fresh = place.with_name(f".{place.name}")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source, fresh)
    fresh.replace(place)


def compare_replies(
    run: Run, comparison: Comparison, before: InUse, after: InUse, canaries: Sequence[str], stopping: Stopping
) -> None:  # fmt: skip
    """Where the models differ: both write over the same passages of the same later conversations, in turns, and both
    are asked about screens and topics. Adds rows, seconds and the worst to the comparison. Raises Stopped."""
    folders = (before.generator, after.generator)
    if not writes_anew(before, after) or folders[0] is None or folders[1] is None:
        return
    from agent.model import load_model
    from finetune.stages import Stopped

    questions = replying.questions_of(run.material().asked, desk_of(run, after), run.store, replying.MOST_ASKED)
    written: tuple[list[replying.Written], list[replying.Written]] = ([], [])
    models = [load_model("embedded", cache=run.settings.cache, threads=run.settings.threads or None, trained=each)
              for each in folders]  # fmt: skip
    for at, question in enumerate(questions):
        if stopping():
            raise Stopped
        for model, side in zip(models, written, strict=True):
            side.append(replying.write(model, question))
        run.say("compare", "replies", step=at + 1, of=len(questions))
    for model in models:
        model.close()
    exact = {}
    for name, topics, screens in (("topics", replying.HELD_TOPICS, 0), ("screens", 0, replying.HELD_SCREENS)):
        kept = kept_of(topics, screens, "test", run.recipe.seed + 3)
        right = replying.exact_of(run.settings.cache, [*filter(None, folders)], kept, run.settings.threads)
        exact[name] = (right[0], right[1])
    comparison.rows += replying.rows_of(*written, exact, run.recipe.seed)
    comparison.worst_written = replying.worst_of(*written)
    comparison.leaks += sorted({each for each in canaries for one in written[1] if each in one.reply})
    for name, side in zip(("before", "after"), written, strict=True):
        comparison.seconds[name] |= {f"reply {key}": value for key, value in replying.seconds_of(side).items()}


def writes_anew(before: InUse, after: InUse) -> bool:
    """Whether the candidate has another generator than the version in use."""
    from agent.weights import weights_id

    one, other = (each.generator and weights_id(each.generator) for each in (before, after))
    return one != other


def papers_of(parts: Path, state: dict[str, Any]) -> dict[str, Any]:
    """What the papers say of the candidate's generator; {} where it brings none."""
    if not (parts / GENERATOR).is_dir():
        return {}
    from agent.weights import weights_id

    told = {"id": weights_id(parts / GENERATOR)}
    for stage in ("generator", "preferences"):
        if state.get(stage, {}).get("learned"):
            told[stage] = json.dumps({key: state[stage][key] for key in ("before", "after", "tokens", "recipe")})
    return {GENERATOR: told}


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
