"""`deskside search`: what the shelf says to a question, with its scores by source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from agent.commands.options import batch_answers, image_of, note, opened, question_of, say, with_settings
from agent.settings import Settings
from index.errors import UserError

WHOLE = ("lists", "around")  # of the search as a whole, not of one list


@click.command()
@click.argument("words", nargs=-1)
@click.option("--image", "images", multiple=True, type=click.Path(path_type=Path), help="A screenshot (repeatable).")
@click.option("--batch", type=click.Path(path_type=Path), help='JSONL of {"id", "query", "image"}; one line out each.')
@click.option("--top", type=int, default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@with_settings
def search(
    settings: Settings, words: tuple[str, ...], images: tuple[Path, ...], batch: Path | None, as_json: bool
) -> None:
    """Find the past tickets and articles that speak to a question, a screenshot, or both."""
    from agent.in_use import load_in_use
    from agent.parts import Looker, load_searcher
    from index.search import Query

    question = " ".join(words)
    if not batch and not question.strip() and not images:
        raise UserError("Nothing to look for.\nGive words, --image or --batch.", "LIMIT")
    store = opened(settings)
    used = load_in_use(store, settings, note)
    searcher = load_searcher(store, settings, used.embedder, note, used.reranker)
    looker = Looker(store, settings.threads or 2)

    def hits(text: str, pictures: list[Path]) -> list[Any]:
        read = [looker.look(path) for path in pictures]
        return searcher.search(Query(text, tuple(each.words for each in read if each.words.strip())), settings.top)

    if batch:
        for answer in batch_answers(batch, lambda row: _batch_answer(row, batch.parent, hits)):
            say({"hits": [], **answer} if "error" in answer else answer)
        return
    found = hits(question, list(images))
    if as_json:
        say({"query": question, "hits": [hit.as_json() for hit in found]})
        return
    if not found:
        click.echo("Nothing found.")
    for number, hit in enumerate(found, start=1):
        scores = ", ".join(f"{name} {value:.2f}" for name, value in hit.scores.items() if name not in WHOLE)
        click.echo(f"{number:>2}. {hit.source_id}  {hit.score:.2f}  {hit.title}  ({hit.outcome or hit.source_kind})")
        click.echo(f"    {' '.join(hit.passage.split())[:160]}")
        click.echo(f"    lines {hit.lines[0]}-{hit.lines[1]}; {scores}")
        if hit.why:
            click.echo(f"    {', '.join(hit.why)}")


def _batch_answer(row: dict[str, Any], folder: Path, hits: Any) -> dict[str, Any]:
    """What one line gets. Raises UserError, which is told in its line."""
    question, pictures = question_of(row), image_of(row, folder)
    if not question.strip() and not pictures:
        raise UserError('Nothing to look for.\nGive "query" or "image".', "LIMIT")
    return {"hits": [hit.as_json() for hit in hits(question, pictures)]}
