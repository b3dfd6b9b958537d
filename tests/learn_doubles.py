"""A small shop to learn from: made-up issues, each asked in several ways by several customers over a year."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from agent.settings import Settings
from index.conversation import Conversation, Message, content_hash
from index.embed import find_model
from index.sources import keep_source
from index.store import Store, open_store

WORKSPACE = "learners"
THINGS = ("hub", "camera", "lock", "doorbell", "plug", "bulb", "sensor", "thermostat", "router", "speaker")
# What the team calls them: a name that only past tickets tie to the thing.
NAMES = ("Zorvex", "Quallin", "Brimto", "Festora", "Dulmek", "Ostrane", "Pivolt", "Krellin", "Namuro", "Tavisk")
TROUBLES = (
    ("stays dark", "does not switch on", "hold the round button for {n} seconds, then wait until the {thing} blinks"),
    ("lost the network", "is offline", "put the {thing} next to the router and enter the password again in menu {n}"),
    (
        "arrived broken",
        "came with a crack",
        "we send a new {thing} within {n} working days and pay the parcel back",
    ),
)


def small_settings(home: Path, scratch: Path) -> Settings:
    """Quoting alone, with a small embedder of its own in the scratch folder."""
    small = str(small_embedder(scratch / "small"))
    return Settings(home, scratch / "cache", WORKSPACE, model="none", embedder=small, threads=1)


def tickets(customers: int = 4) -> list[Conversation]:
    """30 issues, each of `customers` customers, in two wordings, oldest first."""
    made = []
    for turn in range(customers):
        for at, thing in enumerate(THINGS):
            for which, (one, other, fix) in enumerate(TROUBLES):
                number = len(made)
                said = (one, other)[turn % 2]
                asked = f"Hello, my {thing} number {number * 7 + 3} {said} since {turn + 2} days, what should I do?"
                told = f"With series {turn}: {fix.format(thing=NAMES[at], n=which + 3)}. Tell us how it went."
                made.append(
                    Conversation(
                        f"T-{number:03}",
                        (Message("customer", asked), Message("agent", told), Message("customer", "It works, thanks!")),
                        f"2025-{1 + number // 28:02}-{1 + number % 28:02}T09:00:00Z",
                        "resolved",
                        f"{thing} {said}",
                        f"C-{number:03}",
                        tags=(thing, f"issue {which}"),
                    )
                )
    return made


def stocked(home: Path, extra: Sequence[Conversation] = (), customers: int = 4) -> Store:
    """A store with the shop on the shelf."""
    store = open_store(home)
    for ticket in (*tickets(customers), *extra):
        keep_source(store, WORKSPACE, ticket, content_hash(ticket))
    return store


def small_embedder(folder: Path) -> Path:
    """The packaged embedder cut to its first layer: quick, and good enough to tell a hub from a lock."""
    from safetensors.numpy import load_file, save_file

    packaged = find_model("minilm")[0]
    shutil.copytree(packaged, folder, ignore=shutil.ignore_patterns("*.safetensors", "*.bin", "*.py*"))
    weights = load_file(packaged / "model.safetensors")
    kept = {name: each for name, each in weights.items() if "layer." not in name or ".layer.0." in name}
    save_file(kept, folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 1}), "utf-8")
    return folder
