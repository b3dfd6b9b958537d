"""`make learn-demo`: learn on the demo shop's earlier half, asked on its later half, in a data folder of its own."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.commands.chatting import import_demo
from agent.settings import load_settings
from bench.machine import describe, lines
from index.store import Store, open_store

WORKSPACE = "demo"
SHOP = Path(__file__).parent.parent / "data" / "shop"


def main() -> None:
    """Import once, learn, print before and after with intervals. The same numbers every time."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--home", type=Path, default=Path(".deskside") / "learn-demo")
    options.add_argument("--ways", default="weights,turn")
    given = options.parse_args()
    print(*lines(describe("make learn-demo", 0)), sep="\n")
    print("Demo shop: the earlier half is learned, the later half asked of both versions.", flush=True)
    started = time.perf_counter()
    run(given.home, tuple(given.ways.split(",")), print)
    print(f"{(time.perf_counter() - started) / 60:.1f} min with the import")


def run(home: Path, ways: tuple[str, ...], say: Callable[[str], Any], shop: Path = SHOP) -> dict[str, Any]:
    """Learn in a data folder; gives the figures. What an earlier run promoted there does not count: the shipped version
    is compared with."""
    from agent.versions import AS_SHIPPED, in_use, promote
    from finetune.learn_commands import table
    from finetune.loop import learn
    from finetune.stages import LearnRecipe

    settings = replace(load_settings({"home": home, "workspace": WORKSPACE, "model": "none"}), caution=0.4)
    store: Store = open_store(home)
    import_demo(store, settings, shop)
    if in_use(store, WORKSPACE)[1] != AS_SHIPPED:
        promote(store, WORKSPACE, AS_SHIPPED)
    outcome = learn(store, settings, LearnRecipe(held_out=0.5, ways=ways))
    for line in [*table(outcome), *(["The gate lets it pass."] if outcome.accepted else outcome.refusals)]:
        say(line)
    return outcome.figures


if __name__ == "__main__":
    main()
