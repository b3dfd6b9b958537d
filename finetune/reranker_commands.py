"""`deskside finetune reranker`: the weights of the second look, learned from solved tickets and measured alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands.options import note, opened, progress_bar, say, with_settings
from agent.settings import Settings

if TYPE_CHECKING:
    from finetune.reranker import Listed
    from index.measure import Difference
    from index.rerank import Reranker


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="File of the weights (default: under the data folder).")
@click.option("--held-out", type=click.FloatRange(0.05, 0.6), default=0.2, show_default=True,
              help="Share of the latest conversations that is asked and never learned.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True)
@with_settings
def reranker(settings: Settings, out: Path | None, held_out: float, as_json: bool) -> None:
    """Learn how much each sign of a good source counts when the first ones found are looked at again: nearness, words
    shared, codes, age. A run of deskside learn makes the weights part of a version; this makes and measures them
    alone."""
    from agent.in_use import RERANKER, load_in_use
    from agent.parts import load_searcher
    from agent.settings import house_names
    from finetune.material import gather
    from finetune.reranking import lists_for, lists_of, weigh
    from index.rerank import save_reranker

    store = opened(settings)
    material = gather(store, settings.workspace, share=held_out, house=house_names(settings))
    used = load_in_use(store, settings, note)
    searcher = load_searcher(store, settings, used.embedder, note, None)
    total, done = len(material.learn) + len(material.check) + len(material.asked), 0
    with progress_bar() as show:

        def tell() -> None:
            nonlocal done
            done += 1
            show("Searching", done, total, "questions")

        found = weigh(*lists_for(searcher, material, tell), used.reranker)
        asked = lists_of(searcher, material.asked, material.known, {each.id for each in material.asked}, tell)
    told = {**found.as_json(), "asked": len(asked)}
    if found.reranker is None:
        say(told) if as_json else click.echo(f"Nothing is written; {found.note}")
        return
    file = out or settings.home / "heads" / RERANKER
    file.parent.mkdir(parents=True, exist_ok=True)
    save_reranker(file, found.reranker)
    rows = rows_of(asked, used.reranker, found.reranker)
    if as_json:
        say({**told, "file": str(file), "figures": {name: vars(gain) for name, (_, _, gain) in rows.items()}})
        return
    click.echo(f"{found.note}; {len(asked)} later questions with an earlier ticket that answers them were asked:")
    for name, (before, after, gain) in rows.items():
        span = f"[{gain.low:+.3f}, {gain.high:+.3f}]"
        click.echo(f"{name:<8} {before:.3f} -> {after:.3f}   {gain.mean:+.3f} {span}")
    click.echo(f"Written to {file}")


def rows_of(lists: list[Listed], before: Reranker, after: Reranker) -> dict[str, tuple[float, float, Difference]]:
    """Means before and after, and the paired difference, of the tickets found by either weights."""
    from finetune.reranker import ranks_of
    from index.measure import mean_of, paired_difference

    sides = [ranks_of(lists, each) for each in (before, after)]
    made = {}
    for name, least in (("hit@1", 1.0), ("hit@5", 0.2), ("mrr", 0.0)):
        both = [[float(rank >= least) if least else rank for rank in ranks] for ranks in sides]
        made[name] = (mean_of(both[0]).mean, mean_of(both[1]).mean, paired_difference(both[0], both[1]))
    return made
