"""An import beside the bare embedder: tickets read, cleaned, masked, kept, embedded, indexed; against encoding alone.

Both in one process and one thread after the other on the same texts, in seconds of the processor and of the clock.
"""

from __future__ import annotations

import gzip
import itertools
import time
from collections.abc import Callable
from pathlib import Path

from bench.report import Report, Writer, skipped, table

TITLE = "An import beside the bare embedder"
TICKETS = 600
ROUNDS = 2
WANTED = 0.9


def run(file: Path, folder: Path) -> Report:
    """The first conversations of STAR, imported into stores of their own, and their passages encoded."""
    import torch

    from bench.star import passage_texts
    from index.build import load_shelf
    from index.embed import find_model, load_embedder, load_sentence_transformer
    from index.intake import Intake
    from index.pictures import load_reader
    from index.store import open_store

    if not file.is_file():
        return skipped(TITLE, f"no {file.name}")
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    tickets = folder / "tickets.jsonl"
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        tickets.write_text("".join(itertools.islice(opened, TICKETS)), "utf-8")
    embedder, library = load_embedder(), load_sentence_transformer(find_model("minilm")[0])
    texts: list[str] = []

    def imported(turn: int) -> None:
        store = open_store(folder / f"store{turn}")
        Intake(store, "default", load_reader).run([tickets])
        load_shelf(store, "default", embedder)
        texts[:] = passage_texts(store, "default")
        store.close()

    ways: dict[str, Callable[[int], object]] = {
        "deskside import": imported,
        "sentence-transformers encode": lambda turn: library.encode(
            texts, normalize_embeddings=True, show_progress_bar=False
        ),
        "our embedder alone": lambda turn: embedder.embed(texts),
    }
    best = dict.fromkeys(ways, (float("inf"), float("inf")))
    for turn in range(ROUNDS):
        for name, work in ways.items():
            started, ticks = time.perf_counter(), time.process_time()
            work(turn)
            spent = time.process_time() - ticks, time.perf_counter() - started
            best[name] = min(best[name], spent)
    writer = Writer(TITLE)
    ours = best["deskside import"][0]
    rows = [
        [name, f"{len(texts) / ticks:,.0f}", f"{len(texts) / clock:,.0f}", f"{ticks / ours:.2f}"]
        for name, (ticks, clock) in best.items()
    ]
    writer.say(f"{TICKETS} conversations, {len(texts):,} passages; one thread, the best of {ROUNDS} rounds.")
    head = ("passages a second", "of the processor", "of the clock", "import is so many times as fast")
    writer.say(*table(head, rows))
    writer.figures = {name: {"processor": ticks, "clock": clock} for name, (ticks, clock) in best.items()}
    writer.figures["share"] = best["sentence-transformers encode"][0] / ours
    writer.say(f"Target: {WANTED:.0%} of the bare embedder; it is {writer.figures['share']:.0%}.")
    return writer.done()


if __name__ == "__main__":
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        print(run(Path(sys.argv[1]), Path(place)).markdown())
