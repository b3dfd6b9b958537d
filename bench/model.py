"""`make bench-model`: the dialogue model measured, untrained and trained side by side, one Markdown report."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import machine
from bench.report import Report, plain

if TYPE_CHECKING:
    from bench.model_seen import Looks
    from bench.model_systems import Systems

DATASETS = machine.ROOT.parent / "shared" / "datasets"
SECTIONS = ("screens", "fusion", "tower", "real", "grounded", "desk", "speed", "replies", "articles")
COUNTS = {
    "screens": 100,
    "fusion": 60,
    "tower": 200,
    "real": 0,
    "grounded": 60,
    "desk": 40,
    "speed": 5,
    "replies": 60,
    "articles": 150,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for and print it, each section as soon as it is done."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    asked = parse(arguments)
    from agent.settings import load_settings
    from bench.model_seen import load_looks
    from bench.model_systems import load_systems

    cache = load_settings({}).cache
    systems = load_systems(asked, cache)
    looks = load_looks(systems.tower, systems.tower_id, asked.cache or cache / "bench-model", asked.threads or 2)
    facts = machine.describe(_shown_command(arguments), asked.seed)
    parts = [f"- Weights: {'; '.join(systems.notes) or 'the untrained base only'}"]
    print("\n".join(["# Deskside's model, measured", "", *machine.lines(facts), *parts, ""]), flush=True)
    reports: dict[str, Report] = {}
    for name, measure in sections(asked, systems, looks).items():
        started = time.perf_counter()
        reports[name] = measure()
        print(reports[name].markdown(), flush=True)
        print(f"({name}: {time.perf_counter() - started:.0f} s)", file=sys.stderr, flush=True)
        keep(asked, facts | {"weights": systems.notes}, reports)
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The flags of one run."""
    parser = argparse.ArgumentParser(prog="python -m bench.model", description=__doc__)
    add = parser.add_argument
    add("--weights", type=Path, action="append", default=[], help="folder of trained weights (default: the shipped)")
    add("--adapter", type=Path, action="append", default=[], help="folder of an adapter for the base, in peft's layout")
    add("--tower", type=Path, help="folder of a tower (default: that of the first weights)")
    add("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), metavar="SECTION", help=", ".join(SECTIONS))
    add("--few", type=int, default=0, help="only so many screens, pictures, topics or replies")
    add("--sets", nargs="+", choices=("held", "tune"), default=["held", "tune"], help="sets of real screenshots")
    add("--datasets", type=Path, default=DATASETS, help="folder of the real data sets")
    add("--cache", type=Path, help="folder in which read pictures are kept (default: in Deskside's cache)")
    add("--threads", type=int, default=0, help="CPU threads of the models (0: chosen by the program)")
    add("--seed", type=int, default=0)
    add("--json", type=Path, help="also write every number to this file")
    add("--details", type=Path, help="also write every question with every reply to this file")
    return parser.parse_args(arguments)


def sections(asked: argparse.Namespace, systems: Systems, looks: Looks) -> dict[str, Callable[[], Report]]:
    """What was asked for, in its order; a section's libraries load when its turn comes."""

    def count(name: str) -> int:
        return asked.few or COUNTS[name]

    def screens() -> Report:
        from bench.model_screens import run_screens

        return run_screens(systems, looks, count("screens"), asked.seed)

    def fusion() -> Report:
        from bench.model_fusion import run

        return run(systems, looks, count("fusion"), asked.seed)

    def tower() -> Report:
        from bench.model_screens import run_tower

        return run_tower(systems, looks, count("tower"), asked.seed)

    def real() -> Report:
        from bench.model_screens import run_real

        return run_real(systems, looks, asked.datasets / "powerquery", asked.sets, count("real"), asked.seed)

    def grounded() -> Report:
        from bench.model_grounded import run

        return run(systems, count("grounded"), asked.seed)

    def desk() -> Report:
        from bench.model_desk import run

        return run(systems, count("desk"), asked.seed)

    def speed() -> Report:
        from bench.model_screens import drawn_pictures
        from bench.model_speed import run

        pictures = drawn_pictures(looks.folder / "pictures", count("speed") + 1, asked.seed)
        return run(systems, pictures, asked.threads)

    def replies() -> Report:
        from bench.model_replies import run

        return run(systems, asked.datasets, count("replies"), asked.seed)

    def articles() -> Report:
        from bench.model_articles import run

        return run(systems, looks, asked.datasets / "powerquery", count("articles"), asked.seed)

    every = dict(zip(SECTIONS, (screens, fusion, tower, real, grounded, desk, speed, replies, articles), strict=True))
    return {name: measure for name, measure in every.items() if name in asked.only}


def keep(asked: argparse.Namespace, facts: dict[str, Any], reports: dict[str, Report]) -> None:
    """Write the numbers and the replies where they were asked for; after each section, for a run may be stopped."""
    if asked.details:
        rows = [{"section": name, **row} for name, report in reports.items() for row in report.details]
        asked.details.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in plain(rows)), "utf-8")
    if asked.json:
        figures = plain({"machine": facts, **{name: report.figures for name, report in reports.items()}})
        asked.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _shown_command(arguments: Sequence[str] | None) -> str:
    """The command as a reader would type it, folders by their names."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    return " ".join(["python -m bench.model", *(Path(each).name if "/" in each else each for each in given)])


if __name__ == "__main__":
    sys.exit(main())
