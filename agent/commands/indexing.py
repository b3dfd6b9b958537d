"""`deskside index`: the cache beside the store, which may always be deleted and built again."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from agent.commands.options import note, opened, progress_bar, say, with_settings
from agent.settings import Settings


@click.group()
def index() -> None:
    """Build, verify or describe the search index."""


def _embedder(settings: Settings) -> Any:
    from agent.in_use import load_workspace_embedder

    return load_workspace_embedder(opened(settings), settings, note)


@index.command()
@click.option("--json", "as_json", is_flag=True)
@with_settings
def build(settings: Settings, as_json: bool) -> None:
    """Build the index anew from the store; embeddings made before are used again."""
    from index.build import kind_of, rebuild_shelf

    started = time.perf_counter()
    with progress_bar() as show:
        shelf = rebuild_shelf(
            opened(settings), settings.workspace, _embedder(settings),
            lambda done, total: show("embedding", done, total, "passages"),
        )  # fmt: skip
    seconds = time.perf_counter() - started
    if as_json:
        say({"passages": len(shelf.index), "kind": kind_of(shelf.index), "seconds": round(seconds, 2)})
    else:
        click.echo(f"{len(shelf.index)} passages indexed ({kind_of(shelf.index)}) in {seconds:.1f} s")


@index.command("set")
@click.option("--engine", help="faiss (this machine), or milvus:http://host:19530 (a server).")
@click.option("--kind", help="auto (by size and memory), flat, ivf or hnsw.")
@click.option("--memory", "memory_mb", type=int, metavar="MB", help="The most it may take; 0: as much as it takes.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def set_(settings: Settings, engine: str | None, kind: str | None, memory_mb: int | None, as_json: bool) -> None:
    """Say where this workspace keeps its vectors and how; without options, show it. The next build follows it."""
    from dataclasses import asdict

    from index.engine import index_wishes, set_index_wishes

    store = opened(settings)
    before = index_wishes(store, settings.workspace)
    wishes = set_index_wishes(store, settings.workspace, engine, kind, memory_mb)
    if as_json:
        say(asdict(wishes))
        return
    memory = f"at most {wishes.memory_mb:,} MB" if wishes.memory_mb else "any memory"
    click.echo(f"{settings.workspace}: engine {wishes.engine}, kind {wishes.kind or 'auto'}, {memory}")
    if wishes != before:
        note("Put it into effect: deskside index build")


@index.command()
@click.option("--json", "as_json", is_flag=True)
@with_settings
def verify(settings: Settings, as_json: bool) -> None:
    """Compare the index with the store, vector by vector; exit 1 when they differ."""
    from index.build import compare_shelf

    result = compare_shelf(opened(settings), settings.workspace, _embedder(settings))
    if as_json:
        say(result)
    else:
        click.echo(
            f"{result['passages']} passages in the store, {result['indexed']} in the index: "
            f"{result['missing']} missing, {result['extra']} extra, {result['different']} different"
        )
        if not result["ok"]:
            note(f"{result['notice'] or 'They differ.'}\nBuild it again: deskside index build")
    sys.exit(0 if result["ok"] else 1)


@index.command()
@click.option("--json", "as_json", is_flag=True)
@with_settings
def stats(settings: Settings, as_json: bool) -> None:
    """What is on the shelf: sources, passages by kind, pictures, index."""
    from index.build import describe_shelf

    facts = describe_shelf(opened(settings), settings.workspace, _embedder(settings))
    if as_json:
        say(facts)
        return
    for name, value in facts.items():
        click.echo(f"{name:<12} {value}")


@index.command()
@click.argument("ref", required=False)
@click.option("--drop-old", is_flag=True, help="Forget the vectors of the embedders before.")
@click.option("--json", "as_json", is_flag=True)
@with_settings
def embedder(settings: Settings, ref: str | None, drop_old: bool, as_json: bool) -> None:
    """Which embedder finds things in this workspace; with REF another one.

    REF is minilm, a folder, or a Hub id, as the setting `embedder`. The workspace is embedded and indexed with it
    beside the index in use; an open window goes on and changes over when all is done. Stopped, the same command goes
    on where it was.
    """
    from agent.in_use import of_workspace
    from index.changeover import change_embedder, drop_other_embedders
    from index.embed import load_embedder

    store = opened(settings)
    if ref is None:
        chosen = of_workspace(store, settings)
        place = settings.places.get("embedder", "default") if chosen is settings else f"workspace {settings.workspace}"
        say({"embedder": chosen.embedder, "place": place}) if as_json else click.echo(f"{chosen.embedder}  ({place})")
        return
    started = time.perf_counter()
    ref = str(Path(ref).resolve()) if Path(ref).is_dir() else ref  # the window may be started elsewhere
    made = load_embedder(ref, threads=settings.threads or None)
    with progress_bar() as show:
        changed = change_embedder(
            store, settings.workspace, ref, made, lambda done, total: show("embedding", done, total, "passages")
        )
    dropped = drop_other_embedders(store, settings.workspace, made.identity) if drop_old else []
    seconds = time.perf_counter() - started
    if as_json:
        told = {"embedder": made.identity, "embedded": changed.embedded, "indexed": changed.indexed}
        say({**told, "dropped": dropped, "seconds": round(seconds, 2)})
        return
    click.echo(f"{changed.indexed} passages indexed, {changed.embedded} embedded with {made.name} in {seconds:.1f} s")
    for identity in dropped:
        click.echo(f"dropped {identity}")


@index.command()
@click.argument("way", required=False)
@click.option("--json", "as_json", is_flag=True)
@with_settings
def words(settings: Settings, way: str | None, as_json: bool) -> None:
    """How words are looked for in this workspace; with WAY in another way.

    english: by English stems, scripts without spaces (Chinese, Japanese, Thai ...) in pairs of characters. any: every
    word as it is written, for every other language.
    """
    from index.fulltext import set_word_way, word_way

    store = opened(settings)
    count = set_word_way(store, settings.workspace, way) if way else None
    found = word_way(store, settings.workspace)
    if as_json:
        say({"words": found, "passages": count})
    else:
        click.echo(found if count is None else f"{found}: {count} passages")
