"""`deskside finetune deciders`: heads for intents, foreign questions and hand-overs, with a report of every class."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.options import note, opened, progress_bar, say, with_settings
from agent.settings import Settings
from index.errors import UserError

if TYPE_CHECKING:
    from finetune.cases import Case
    from finetune.deciders_train import Asking, Result


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Labelled questions: .jsonl, .csv or .tsv (default: your "
              "solved tickets by their tags).")  # fmt: skip
@click.option("--test", type=click.Path(path_type=Path), help="Questions to ask, never to learn (default: a fifth).")
@click.option("--outside", type=click.Path(path_type=Path), help="Questions of no intent, one a line (default: of "
              "made-up businesses).")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the heads (default: under the data folder).")
@click.option("--tune", is_flag=True, help="Train an encoder of their own too: better with thousands of questions.")
@click.option("--epochs", type=click.IntRange(min=1), default=6, show_default=True, help="Rounds of --tune.")
@click.option("--most-wrong", type=click.FloatRange(0.0, 1.0), default=0.05, show_default=True, help="Share of wrong "
              "calls allowed; the thresholds follow from it.")  # fmt: skip
@click.option("--seed", type=int, default=0)
@click.option("--json", "as_json", is_flag=True)
@with_settings
def deciders(
    settings: Settings, data: Path | None, test: Path | None, outside: Path | None, out: Path | None, tune: bool,
    epochs: int, most_wrong: float, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Learn to tell the intent of a question, what is none of them, and what a person has to take. A run of
    deskside learn makes them part of a version; this makes and measures them alone."""
    from finetune.deciders_train import Choices, teach

    asking = _of_file(data, test, seed) if data else _of_store(settings)
    if outside:
        asking = asking.with_outside(_lines(outside))
    folder = out or settings.home / "heads" / "deciders"
    choices = Choices(tune, epochs, most_wrong, seed, settings.threads or None)
    with progress_bar() as show:
        result = teach(
            asking, folder, choices, tell=lambda told: show("Learning", int(told["step"]), int(told["of"]), "steps")
        )
    _tell(result, folder, as_json)


def _of_file(data: Path, test: Path | None, seed: int) -> Asking:
    from finetune.cases import enough, folds, read_cases
    from finetune.deciders import LEAST_CASES
    from finetune.deciders_train import Asking

    cases, rare = enough(read_cases(data), LEAST_CASES)
    if rare:
        note(f"Left out, with fewer than {LEAST_CASES} cases each: {', '.join(rare)}")
    if len(cases) < 20:
        raise UserError(f"{len(cases)} cases are too few to learn from. Give some hundred labelled questions.", "EMPTY")
    asked: list[Case] = read_cases(test) if test else []
    if not asked:
        cases, asked = _apart(cases, folds(cases, 5, seed)[0])
    learn, check = _apart(cases, folds(cases, 10, seed)[0])
    return Asking(learn, check, asked)


def _apart(cases: list[Case], places: tuple[list[int], list[int]]) -> tuple[list[Case], list[Case]]:
    learn, kept = places
    return [cases[at] for at in learn], [cases[at] for at in kept]


def _of_store(settings: Settings) -> Asking:
    from agent.settings import house_names
    from finetune.deciders_stage import case_of, checked_cases, escalated_cases, learned_cases
    from finetune.deciders_train import Asking
    from finetune.material import gather

    store = opened(settings)
    material = gather(store, settings.workspace, house=house_names(settings))
    learn = learned_cases(material)
    labels = sorted({case.label for case in learn})
    if len(labels) < 2:
        raise UserError(
            "Your tickets carry too few tags to learn intents from.\nGive labelled questions: --data FILE", "EMPTY"
        )
    from finetune.deciders_stage import wanted_intents

    pairs = (*material.asked, *material.replay)
    asked = [case_of(pair, label) for pair, label in zip(pairs, wanted_intents(pairs, labels), strict=True) if label]
    escalated = escalated_cases(store, settings.workspace, material)
    return Asking(learn, checked_cases(material, labels), asked, escalated)


def _lines(file: Path) -> list[str]:
    try:
        return [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read as UTF-8 text.", "TYPE") from error


def _tell(result: Result, folder: Path, as_json: bool) -> None:
    told: dict[str, Any] = {"folder": str(folder), "notes": list(result.notes), **result.figures}
    if as_json:
        say({**told, "report": result.compared.as_json()})
        return
    click.echo("\n".join(result.compared.markdown()))
    for each in result.notes:
        note(each)
    click.echo(json.dumps(result.figures, ensure_ascii=False))
    click.echo(f"Written to {folder}, the report in report.md")
