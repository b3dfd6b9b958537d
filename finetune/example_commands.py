"""`deskside finetune examples`: one file to learn from, of your own solved tickets, drawn screens and made topics."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from agent.commands.options import note, opened, progress_bar, say, with_settings
from agent.settings import Settings
from index.errors import UserError

if TYPE_CHECKING:
    from finetune.examples import Example
    from finetune.own import Card

Show = Callable[[str, int, int, str], None]


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write (.jsonl).")
@click.option("--own/--no-own", default=True, help="Solved tickets of the workspace (default: yes).")
@click.option("--screens", type=click.IntRange(min=0), default=0, help="Drawn screens with questions about them.")
@click.option("--pictures", is_flag=True, help="Keep the drawn screens beside the file, for --fusion.")
@click.option("--topics", type=click.IntRange(min=0), default=0, help="Replies from passages about made-up topics.")
@click.option("--datasets", type=click.Path(path_type=Path), help="Folder of data sets that --topics mixes in.")
@click.option("--split", type=click.Choice(["train", "test"]), default="train", help="A fifth is kept for test.")
@click.option("--seed", type=int, default=0)
@click.option("--json", "as_json", is_flag=True)
@with_settings
def examples(
    settings: Settings, out: Path, own: bool, screens: int, pictures: bool, topics: int, datasets: Path | None,
    split: Literal["train", "test"], seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Write examples for `deskside finetune generator --data`, and beside them a card of what they are. Ctrl+C stops
    it; then nothing is written."""
    from finetune.own import Card

    if datasets is not None and not datasets.is_dir():
        raise UserError(
            f"There is no folder {datasets} of data sets.\nCheck the path, or leave --datasets out.", "TYPE"
        )
    if not own and not screens and not topics:
        raise UserError(
            "Nothing to make examples of.\nLeave --no-own out, or ask for --screens N or --topics N.", "EMPTY"
        )
    choices: dict[str, Any] = {"split": split, "seed": seed, "own": own, "screens": screens, "topics": topics}
    choices |= {"workspace": settings.workspace, "datasets": datasets.name if datasets else None}
    card = Card(choices=choices)
    with progress_bar() as show:

        def made() -> Iterator[Example]:
            if own:
                yield from _own(settings, out, split, seed, card, show, alone=not screens and not topics)
            yield from _screens(screens, split, seed, show, out.with_name(f"{out.stem}-pictures") if pictures else None)
            yield from _topics(topics, split, seed, datasets, show)

        _write(out, (card.count(example) for example in made()), card)
    _tell(out, card, as_json)


def _own(
    settings: Settings, out: Path, split: str, seed: int, card: Card, show: Show, *, alone: bool
) -> Iterator[Example]:
    """The examples of the workspace's tickets. Raises UserError EMPTY for none, where nothing else was asked for."""
    from agent.evidence import Library
    from agent.in_use import load_workspace_embedder
    from agent.parts import load_searcher
    from finetune.own import own_examples

    store = opened(settings)
    sql = "SELECT 1 FROM conversations WHERE workspace = ? AND outcome = 'resolved' AND origin = 'import' LIMIT 1"
    if not store.rows(sql, [settings.workspace]):
        text = f'The workspace "{settings.workspace}" has no solved ticket to learn from.'
        if alone:
            raise UserError(
                f"{text}\nImport tickets (deskside import FILE), or ask for --screens N or --topics N.", "EMPTY"
            )
        note(text)
        return
    show("Loading", 0, 0, "models")
    embedder = load_workspace_embedder(store, settings, note)
    searcher = load_searcher(store, settings, embedder, note)
    made, dropped = own_examples(
        searcher, Library(store, settings.workspace, embedder), store, settings.workspace, split, seed=seed,
        beside=out.parent, top=settings.top, on_count=lambda done, total: show("Tickets", done, total, "tickets"),
    )  # fmt: skip
    card.dropped.update(dropped)
    if not made and alone:
        why = "; ".join(f"{count} {reason}" for reason, count in dropped.items())
        raise UserError(
            f"None of the tickets gave an example: {why or 'none is in this split'}.\nImport more tickets and the "
            "articles they rest on, or ask for --screens N or --topics N.",
            "EMPTY",
        )
    yield from made


def _screens(
    count: int, split: Literal["train", "test"], seed: int, show: Show, pictures: Path | None
) -> Iterator[Example]:
    if count:
        from finetune.screens.questions import make_examples

        yield from _counted(make_examples(count, split, seed, pictures), "Screens", count, show)


def _topics(count: int, split: str, seed: int, datasets: Path | None, show: Show) -> Iterator[Example]:
    if count:
        from finetune.grounded import make_grounded

        yield from _counted(make_grounded(count, split, seed, datasets), "Topics", count, show)


def _counted(made: Iterator[Example], step: str, total: int, show: Show) -> Iterator[Example]:
    for done, example in enumerate(made, start=1):
        show(step, done, total, "examples")
        yield example


def _write(out: Path, made: Iterator[Example], card: Card) -> None:
    """The file and its card, both whole or neither there; a file from before stays until then."""
    from finetune.examples import save_examples

    papers = _card_file(out)
    parts = [path.with_name(f".{path.name}.part") for path in (out, papers)]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        save_examples(made, parts[0])
        parts[1].write_text(json.dumps(card.as_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")
        for part, path in zip(parts, (out, papers), strict=True):
            part.replace(path)
    except OSError as error:
        raise UserError(
            f"{out.name} was not written: {error.strerror}.\nName a file in a folder that has room.",
            "FULL" if error.errno == errno.ENOSPC else "CONFIG",
        ) from error
    finally:
        for part in parts:
            if part.is_file():
                part.unlink()


def _card_file(out: Path) -> Path:
    return out.with_name(f"{out.stem}.card.json")


def _tell(out: Path, card: Card, as_json: bool) -> None:
    told: dict[str, Any] = {"file": str(out), "card": str(_card_file(out)), **card.as_json()}
    if as_json:
        say(told)
        return
    click.echo(f"{sum(card.sources.values())} examples ({sum(card.kinds.values())} questions) in {out}")
    for name, counts in (("from", card.sources), ("questions", card.kinds), ("tickets left out", card.dropped)):
        if counts:
            click.echo(f"  {name}: " + ", ".join(f"{count} {each}" for each, count in sorted(counts.items())))
    click.echo(f"Learn from them: deskside finetune generator --data {out}")
