"""The stage `measures`: what a cosine of the coming embedder is worth, and the caution that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.decide import AS_FITTED, Measures
from agent.in_use import EMBEDDER, MEASURES, InUse, caution_of, load_in_use
from finetune.alike import alike
from finetune.compare import rights
from finetune.material import Material
from finetune.measures import (
    LEAST,
    as_often,
    caution_for,
    fit_for,
    fit_template,
    risk_coverage,
    save_measures,
    strangers,
)
from finetune.replay import Player

if TYPE_CHECKING:
    from finetune.stages import Run


def learn_measures(run: Run) -> None:
    """Fitted anew where the candidate has an embedder of its own, else as in use."""
    material, candidate = run.material(), run.candidate()
    used = load_in_use(run.store, run.settings)
    own = (*material.learn[-100:], *material.check)
    player = Player(run.store, run.settings, candidate, {each.id for each in material.asked})
    others = strangers(material.known, run.recipe.strangers, seed=run.recipe.seed)
    measures, caution = used.measures, used.caution
    if candidate.embedder is not used.embedder and (run.parts / EMBEDDER).is_dir():
        measures = _as_careful(run, material, fit_for(player, own, others), player, used)
        template = fit_template(run.store, run.workspace, run.embedder_before(), candidate.embedder, own)
        measures = replace(measures, template=template)
    elif used.own_questions:  # they are of another embedder than the one this version goes back to
        measures, caution = AS_FITTED, None
    if run.recipe.most_wrong is not None:
        save_measures(run.parts / MEASURES, measures)
        caution = _caution(run, material, run.recipe.most_wrong, others)
    save_measures(run.parts / MEASURES, measures, caution)
    run.say("measures", "", caution=caution, template=round(measures.template, 3))


def _as_careful(run: Run, material: Material, fitted: Measures, player: Player, used: InUse) -> Measures:
    """The measures moved so that of the kept questions, which taught nothing, as many are answered as by the version in
    use; of all earlier ones where those are few."""
    asked = material.check if len(material.check) >= LEAST else (*material.learn[-100:], *material.check)
    before = Player(run.store, run.settings, used, {each.id for each in material.asked})
    sure = [before.play(each).confidence for each in asked]
    return as_often(fitted, [player.play(each).signals for each in asked], sure, caution_of(run.settings, used))


def _caution(run: Run, material: Material, most_wrong: float, others: Sequence[str]) -> float:
    """The threshold at which, of the kept questions and of strangers', so few answers are wrong."""
    player = Player(
        run.store, replace(run.settings, caution=0.0), replace(run.candidate(), caution=0.0),
        {each.id for each in material.asked},
    )  # fmt: skip
    same = alike(material.check, material.learn)
    played = [player.play(each) for each in material.check]
    sources = [{material.learn[at].id for at in row.nonzero()[0]} for row in same]
    right = rights(material.check, sources, played)
    sure = [each.confidence for each in played]
    sure += [player.ask(f"stranger {at}", text).confidence for at, text in enumerate(others)]
    return round(caution_for(risk_coverage(sure, [*right, *[False] * len(others)]), most_wrong), 4)
