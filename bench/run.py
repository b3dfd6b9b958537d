"""`make bench`: every subject measured in one run, told as one Markdown report."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from agent.settings import Settings, load_settings
from bench import machine
from bench.report import Report, plain

SHOP = machine.ROOT / "data" / "shop"
DATASETS = machine.ROOT.parent / "shared" / "datasets"
RESULTS = machine.ROOT / "bench" / "results"
SUBJECTS = ("starting", "window", "shop", "powerquery", "star")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for and print it, each subject as soon as it is done."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    asked = parse(arguments)
    facts = machine.describe(shown_command(arguments), asked.seed)
    print("\n".join(["# Deskside, measured", "", *machine.lines(facts), ""]), flush=True)
    reports: dict[str, Report] = {}
    with ExitStack() as stack:
        home = asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deskside-bench-")))
        for name, measure in subjects(asked, home).items():
            started = time.perf_counter()
            reports[name] = measure()
            print(reports[name].markdown(), flush=True)
            print(f"({name}: {time.perf_counter() - started:.0f} s)", file=sys.stderr, flush=True)
    keep(asked, facts, reports)
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The flags of one run."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--only", default=",".join(SUBJECTS), help=f"of {', '.join(SUBJECTS)} (comma between)")
    parser.add_argument("--home", type=Path, help="data folder to use again (default: a temporary one)")
    parser.add_argument("--datasets", type=Path, default=DATASETS, help="folder of the real data sets")
    parser.add_argument("--shop", type=Path, default=SHOP, help="folder of the demo shop")
    parser.add_argument("--model", default="embedded", help="as `deskside ask --model` (none: quotes only)")
    parser.add_argument("--writes", choices=["auto", "always", "never"], default="auto", help="when the model writes")
    parser.add_argument("--written", type=int, default=8, help="answers the model is made to write besides (0: none)")
    parser.add_argument("--pictures", type=int, default=150, help="screenshots of powerquery to look for")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads for the models (0: chosen by the program)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", action="store_true", help="also write bench/results/<date>.json")
    parser.add_argument("--details", type=Path, help="write the worst answers and missed pictures to this file")
    asked = parser.parse_args(arguments)
    asked.only = [name.strip() for name in asked.only.split(",") if name.strip()]
    if unknown := sorted(set(asked.only) - set(SUBJECTS)):
        parser.error(f"no subject {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    return asked


def subjects(asked: argparse.Namespace, home: Path) -> dict[str, Callable[[], Report]]:
    """What was asked for, in the order it is run; a subject's libraries load when its turn comes."""

    def starting() -> Report:
        from bench import starting

        return starting.run()

    def window() -> Report:
        from bench import window

        return window.run()

    def shop() -> Report:
        from bench import shop

        return shop.run(shop.Settled(of("shop"), asked.writes, asked.seed, asked.written), asked.shop)

    def powerquery() -> Report:
        from bench import powerquery

        return powerquery.run(of("powerquery"), asked.datasets / "powerquery", asked.pictures, asked.seed)

    def star() -> Report:
        from bench import star

        return star.run(of("star"), asked.datasets / "star", asked.seed)

    def of(name: str) -> Settings:
        """Settings with a data folder of the subject's own, so that no set stands in another's way."""
        return settings_for(home / name, asked.model, asked.threads)

    every = {"starting": starting, "window": window, "shop": shop, "powerquery": powerquery, "star": star}
    return {name: measure for name, measure in every.items() if name in asked.only}


def settings_for(home: Path, model: str, threads: int) -> Settings:
    """The defaults, whatever this person has set for daily use (but for where weights are cached)."""
    cache = {key: value for key, value in os.environ.items() if key == "DESKSIDE_CACHE"}
    return load_settings({"home": home, "model": model, "threads": threads}, cache)


def keep(asked: argparse.Namespace, facts: dict[str, Any], reports: dict[str, Report]) -> None:
    """Write the figures and the details where they were asked for."""
    if asked.details:
        rows = [{"subject": name, **row} for name, report in reports.items() for row in report.details]
        asked.details.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in plain(rows)), "utf-8")
        print(f"Details: {asked.details}")
    if asked.save:
        RESULTS.mkdir(exist_ok=True)
        file = RESULTS / f"{facts['at'][:10]}.json"
        figures = {"machine": facts, **{name: report.figures for name, report in reports.items()}}
        file.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(f"Figures: bench/results/{file.name}")


def shown_command(arguments: Sequence[str] | None) -> str:
    """The command as a reader would type it."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    return " ".join(["python -m bench.run", *given])


if __name__ == "__main__":
    sys.exit(main())
