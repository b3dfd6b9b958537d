"""`deskside chat`: the window, plain lines, and the demo shop."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.options import note, opened, progress_bar, with_settings
from agent.commands.sending import courier_of, queue_of
from agent.settings import Settings, house_names, person_name

if TYPE_CHECKING:
    from agent.gaps import Gap
    from index.store import Store

DEMO_WORKSPACE = "demo"


@click.command()
@click.option("--plain", is_flag=True, help="Lines instead of a window: for screen readers, pipes and scripts.")
@click.option("--conversation", "conversation_id", metavar="ID", help="Open a chat again.")
@click.option("--model", metavar="REF", help="embedded, a Hub id or folder, openai:http://host:port/v1#name, none.")
@click.option("--writes", type=click.Choice(["auto", "always", "never"]), default="auto", help="When the model writes.")
@click.option("--demo", type=click.Path(path_type=Path, exists=True), help="A folder of demo data to import once.")
@click.option("--caution", type=float, help="Least confidence for an answer, 0..1.")
@with_settings
def chat(settings: Settings, plain: bool, conversation_id: str | None, writes: str, demo: Path | None) -> None:
    """Open the window; without a terminal, or with --plain, talk in lines."""
    from dataclasses import replace

    from agent.drawing import drawing
    from agent.journal import Journal
    from agent.settings import explained
    from agent.tui.office import Office
    from agent.workshop import Workshop

    if demo and settings.workspace == "default":
        settings = replace(settings, workspace=DEMO_WORKSPACE)
    store = opened(settings)
    if demo:
        import_demo(store, settings, demo)
    journal = Journal(store, settings.workspace, house_names(settings))
    workshop = Workshop(store, settings)
    home = settings.home
    office = Office(explained(settings), gaps_of(store, settings), home / "drafts", workshop, home / "window.theme")
    in_browser = "web_driver" in os.environ.get("TEXTUAL_DRIVER", "")  # as textual-serve starts it
    terminal = in_browser or (sys.stdin.isatty() and sys.stdout.isatty())

    def load(on_note: Any) -> Any:
        from agent.parts import load_desk

        return load_desk(store, settings, on_note, writes, proposes=sys.stdin.isatty())

    courier = courier_of(store, settings)
    queue = queue_of(store, settings, courier.wake)
    courier.start()
    if terminal and not plain:
        from agent.tui.app import run_window
        from agent.tui.keymap import keymap

        run_window(
            journal,
            load,
            title=settings.workspace,
            conversation_id=conversation_id,
            pictures_home=Path.cwd(),
            log_file=settings.home / "window.log",
            keys=keymap(settings.home),
            office=office,
            queue=queue,
            person=person_name(settings),
            drawing=drawing(settings.images).way,
        )
        return
    from agent.plain import run_plain

    played = demo and not sys.stdin.isatty()
    lines = io.StringIO(_script(demo)) if demo and played else sys.stdin
    code = run_plain(
        journal,
        load,
        input_stream=lines,
        output_stream=sys.stdout,
        conversation_id=conversation_id,
        office=office,
        queue=queue,
        person=person_name(settings),
    )
    courier.deliver_due()  # what was promised in the last lines
    sys.exit(code)


def gaps_of(store: Store, settings: Settings) -> Callable[[], list[Gap]]:
    """What finds the gaps when it is called; slow, because it loads the embedder."""

    def find() -> list[Gap]:
        from agent.gaps import find_gaps
        from agent.in_use import of_workspace
        from index.embed import load_embedder

        chosen = of_workspace(store, settings).embedder
        embedder = load_embedder(chosen, threads=settings.threads or None)
        return find_gaps(store, settings.workspace, embedder.embed)

    return find


def import_demo(store: Store, settings: Settings, folder: Path) -> None:
    """Import a demo folder (tickets-*.jsonl, articles/, templates-*.jsonl) once; quick when nothing changed."""
    from index.staging import staging_key

    digest = staging_key(settings.workspace, folder, "demo")
    name = f"demo {settings.workspace}"
    if store.rows("SELECT 1 FROM facts WHERE name = ? AND value = ?", [name, digest]):
        return
    from agent.commands.importing import sync_index
    from index.intake import Intake
    from index.pictures import load_reader
    from index.templates import keep_templates, read_templates

    note("Importing the demo shop, once: tickets, articles, screenshots (about a minute) ...")
    with progress_bar() as show:
        intake = Intake(
            store,
            settings.workspace,
            lambda: load_reader(settings.threads or 2),
            house=house_names(settings) or _demo_house(folder),
            on_progress=lambda step: show(step.step, step.done, step.total, step.unit),
        )
        reports = intake.run([*sorted(folder.glob("tickets*.jsonl")), folder / "articles"])
        for file in sorted(folder.glob("templates*.jsonl")):
            keep_templates(store, settings.workspace, read_templates(file))
        sync_index(store, settings, show)
    with store.write() as db:
        db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [name, digest])
    total, pictures = sum(each.imported for each in reports), sum(each.pictures for each in reports)
    note(f"Imported {total} tickets and articles with {pictures} screenshots into the workspace {settings.workspace}.")


def _demo_house(folder: Path) -> tuple[str, ...]:
    """The names of the demo's own house, one a line in house.txt."""
    file = folder / "house.txt"
    return tuple(file.read_text("utf-8").split("\n")) if file.is_file() else ()


def _script(folder: Path) -> str:
    """The short scripted conversation of a demo folder, its picture paths made to fit."""
    return (folder / "conversation.txt").read_text("utf-8").replace("{folder}", str(folder))
