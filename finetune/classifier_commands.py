"""`deskside finetune classifier` and `tagger`: heads trained on your own material, with a report of every class."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.options import note, opened, progress_bar, say, with_settings
from agent.settings import Settings
from index.errors import UserError

if TYPE_CHECKING:
    from finetune.cases import Case, Look
    from finetune.report import Comparison
    from finetune.tagger_data import Marked
    from index.store import Store

LEAST = 4  # cases of a label: fewer can't be learned and asked as well
PARTS_KEPT = 5  # one of so many is kept out of learning and asked, where there is no --test


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Labelled questions: .jsonl, .csv or .tsv.")
@click.option(
    "--by", type=click.Choice(["tag", "tags", "subject"]), default="tag",
    help="Without --data, what your tickets are told apart by: first tag, first two tags, or subject.",
)  # fmt: skip
@click.option("--test", type=click.Path(path_type=Path), help="Questions to ask, never to learn (default: a fifth).")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the head (default: under the data folder).")
@click.option("--tower", type=click.Path(path_type=Path), help="Folder of a vision tower: look at the pixels too.")
@click.option("--hidden", type=click.IntRange(0, 4096), default=0, help="Width of a layer between (0: none).")
@click.option("--epochs", type=click.IntRange(min=1), default=60, help="Rounds at most.")
@click.option("--seed", type=int, default=0)
@click.option("--json", "as_json", is_flag=True)
@with_settings
def classifier(
    settings: Settings, data: Path | None, by: str, test: Path | None, out: Path | None, tower: Path | None,
    hidden: int, epochs: int, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Learn which issue a question or screenshot is. Ctrl+C stops it; then nothing is written."""
    from finetune.cases import enough, folds, read_cases

    look = _look(settings, tower)
    cases = read_cases(data, look) if data else _from_store(settings, by, tower)
    cases, rare = enough(cases, LEAST)
    if rare:
        note(f"Left out, with fewer than {LEAST} cases each: {', '.join(rare)}")
    if test:
        learned, asked = cases, read_cases(test, look)
    elif len(cases) < 2 * PARTS_KEPT:
        raise UserError(f"{len(cases)} cases are too few to learn from. Give some hundred labelled questions.", "EMPTY")
    else:
        learn, kept = folds(cases, PARTS_KEPT, seed)[0]
        learned, asked = [cases[place] for place in learn], [cases[place] for place in kept]
    folder = out or settings.home / "heads" / "classifier"
    comparison, papers = _classifier(
        settings, folder, learned, asked, {"hidden": hidden, "epochs": epochs, "seed": seed}
    )
    _tell(comparison, folder, papers, as_json, "accuracy")


def _classifier(
    settings: Settings, folder: Path, learned: list[Case], asked: list[Case], choices: dict[str, Any]
) -> tuple[Comparison, dict[str, Any]]:
    """Train, ask, write; before is the nearest name of a label."""
    from dataclasses import replace

    from agent.vlm.heads import PARTS, Classifier, parts_of, save_classifier
    from finetune.classifier import HeadRecipe, asked_of, nearest_mean, nearest_name, predict_labels, train, widths_of
    from finetune.report import compared, tally_labels
    from index.embed import load_embedder

    embedder = load_embedder(threads=settings.threads or None)
    with progress_bar() as show:
        show("Reading", 0, 0, "cases")
        widths = widths_of(learned, embedder, PARTS)
        vectors = parts_of(asked_of(learned), embedder, widths)
        trained = train(learned, embedder, HeadRecipe(**choices), vectors=vectors, on_progress=show)
    parts = parts_of(asked_of(asked), embedder, widths)
    wanted, labels = [case.label for case in asked], trained.config.labels
    every = (*labels, *sorted(set(wanted) - set(labels)))
    before = tally_labels(wanted, nearest_name(parts, labels, embedder), every)
    mean = tally_labels(wanted, nearest_mean(parts, vectors, [case.label for case in learned], labels), every)
    comparison = compared(before, tally_labels(wanted, predict_labels(trained, parts), every))
    found = Classifier(trained.config, trained.head, embedder).predict_parts(parts.only(tuple(widths)))
    told = [each.label == truth for each, truth in zip(found, wanted, strict=True) if each.sure]
    scores = {
        "before": comparison.before.accuracy.mean,
        "nearest_mean": float(mean.whole.mean()),
        "after": comparison.after.accuracy.mean,
        "macro_f1": comparison.after.average("macro").f1,
        "sure": len(told) / max(1, len(found)),
        "right_when_sure": sum(told) / max(1, len(told)),
        "learned": len(learned),
        "asked": len(asked),
    }
    papers = {name: round(value, 4) for name, value in scores.items()}
    config = replace(trained.config, scores=papers)
    save_classifier(folder, config, trained.head, _papers(comparison, "accuracy"))
    return comparison, papers


def _from_store(settings: Settings, by: str, tower: Path | None) -> list[Case]:
    from finetune.cases import by_subject, by_tag, cases_of_tickets
    from index.sources import picture_words, stored_conversations

    store = opened(settings)
    label_of = {"tag": by_tag(1), "tags": by_tag(2), "subject": by_subject}[by]
    tickets = stored_conversations(store, settings.workspace, "import")
    cases = cases_of_tickets(tickets, label_of, lambda sha: picture_words(store, sha), _vectors(store, tower))
    if not cases:
        raise UserError(
            f"No imported ticket has a {by} to learn from.\nGive labelled questions: --data FILE, or import tickets.",
            "EMPTY",
        )
    return cases


def _vectors(store: Store, tower: Path | None) -> Callable[[str], Any]:
    """The vector of a stored picture by its hash; None without a tower or without the file."""
    if tower is None:
        return lambda sha256: None
    from agent.vlm.eyes import load_tower
    from agent.vlm.heads import picture_vector
    from index.pictures import open_picture

    eyes = load_tower(tower)

    def vector(sha256: str) -> Any:
        found = next(iter(store.pictures.glob(f"{sha256}*")), None)
        return picture_vector(eyes, open_picture(found).image) if found else None

    return vector


def _look(settings: Settings, tower: Path | None) -> Look:
    """What gives the words of a picture of a file, and its vector; loaded when the first picture comes."""
    loaded: dict[str, Any] = {}

    def look(path: Path) -> tuple[str, Any]:
        from index.pictures import load_reader, open_picture

        if not loaded:
            from agent.vlm.eyes import load_tower

            loaded["reader"] = load_reader(settings.threads or 2)
            loaded["tower"] = load_tower(tower) if tower else None
        picture = open_picture(path)
        if loaded["tower"] is None:
            return loaded["reader"].read(picture).words, None
        from agent.vlm.heads import picture_vector

        return loaded["reader"].read(picture).words, picture_vector(loaded["tower"], picture.image)

    return look


@click.command()
@click.option("--data", multiple=True, type=click.Path(path_type=Path), help="Marked messages, one a line (.jsonl).")
@click.option("--made", type=click.IntRange(0, 1_000_000), default=2500, help="Made messages to learn from as well.")
@click.option("--test", type=click.Path(path_type=Path), help="Messages to ask, never to learn (default: a fifth).")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the tagger (default: under the data folder).")
@click.option("--layers", type=click.IntRange(min=0), default=2, help="Upper layers of the embedder that learn too.")
@click.option("--epochs", type=click.IntRange(min=1), help="Rounds at most (default: 3, or 25 without layers).")
@click.option("--seed", type=int, default=0)
@click.option("--json", "as_json", is_flag=True)
@with_settings
def tagger(
    settings: Settings, data: tuple[Path, ...], made: int, test: Path | None, out: Path | None, layers: int,
    epochs: int | None, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Learn to mark order numbers, products, names, dates in messages. Ctrl+C stops it; then nothing is written."""
    import random

    from finetune.tagger_data import made_messages, read_marked

    own = [message for file in data for message in read_marked(file)]
    if test:
        asked = read_marked(test)
    elif own:
        own = random.Random(seed).sample(own, len(own))
        asked, own = own[: max(1, len(own) // PARTS_KEPT)], own[max(1, len(own) // PARTS_KEPT) :]
        texts = {message.text for message in asked}
        own = [message for message in own if message.text not in texts]
    else:
        asked = made_messages(500, seed, testing=True)
    learned = own + made_messages(made, seed)
    folder = out or settings.home / "heads" / "tagger"
    comparison, papers = _tagger(
        settings, folder, learned, asked, layers, {"epochs": epochs or (3 if layers else 25), "seed": seed}
    )
    _tell(comparison, folder, papers, as_json, "whole messages")


def _tagger(
    settings: Settings, folder: Path, learned: Sequence[Marked], asked: Sequence[Marked], layers: int,
    choices: dict[str, Any],
) -> tuple[Comparison, dict[str, Any]]:  # fmt: skip
    """Train, ask, write; before is what the patterns find of the same labels."""
    import torch

    from agent.vlm.patterns import rule_spans
    from agent.vlm.tagging import load_encoder, save_tagger
    from finetune.report import compared, tally_spans
    from finetune.tagger import TaggerRecipe, tally_of, train_tagger, with_scores

    if settings.threads:
        torch.set_num_threads(settings.threads)
    encoder = load_encoder()
    recipe = TaggerRecipe(first_trained=max(0, encoder.layers - layers), **choices)
    labels = sorted({span[2] for message in (*learned, *asked) for span in message.spans})
    with progress_bar() as show:
        trained = train_tagger(learned, encoder, recipe, labels=labels, on_progress=show)
    rules = [[span for span in rule_spans(message.text) if span[2] in labels] for message in asked]
    before = tally_spans([message.spans for message in asked], rules, trained.config.labels)
    comparison = compared(before, tally_of(trained, asked))
    scores = {
        "before": comparison.before.average("micro").f1,
        "after": comparison.after.average("micro").f1,
        "macro_f1": comparison.after.average("macro").f1,
        "whole": comparison.after.accuracy.mean,
        "learned": len(learned),
        "asked": len(asked),
    }
    papers = {name: round(value, 4) for name, value in scores.items()}
    save_tagger(folder, with_scores(trained, papers), _papers(comparison, "whole messages"))
    return comparison, papers


def _papers(comparison: Comparison, whole: str) -> dict[str, str]:
    from finetune.report import side_by_side

    table = side_by_side(comparison, whole=whole, confusions=20)
    return {"report.md": table, "report.json": json.dumps(comparison.as_json(), ensure_ascii=False, indent=1) + "\n"}


def _tell(comparison: Comparison, folder: Path, papers: dict[str, Any], as_json: bool, whole: str) -> None:
    from finetune.report import side_by_side

    if as_json:
        say({"folder": str(folder), **papers, "report": comparison.as_json()})
        return
    click.echo(side_by_side(comparison, whole=whole))
    click.echo(f"Written to {folder}, the report in report.md")
