"""A real import, start to finish: 4,202 conversations, tickets a second and peak memory beside the bare embedder."""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.settings import Settings
from bench.child import ChildRun, run_child
from bench.machine import clean_environment, program
from bench.report import Report, Writer, milliseconds, skipped, table
from index.search import Query
from index.store import Store

TITLE = "STAR: an import beside the bare embedder"
TRANSCRIPTS = "transcripts.jsonl.gz"
LEAST_SHARE = 0.9
SEARCHES = 200
SAMPLE = 2000
TRIAL = 24
LIBRARY = "sentence-transformers encode"


def run(settings: Settings, folder: Path, seed: int) -> Report:
    """`deskside import` of STAR as a program of its own, then sentence-transformers on the very same passages."""
    from index.store import open_store

    file = folder / TRANSCRIPTS
    if not file.is_file():
        return skipped(TITLE, f"no {TRANSCRIPTS} in {folder.parent.name}/{folder.name}")
    home = Path(tempfile.mkdtemp(prefix="star-", dir=_made(settings.home)))  # never twice: an import again is idle
    command = program("import", str(file), "--json", "--home", str(home), "--workspace", settings.workspace)
    threads = {"DESKSIDE_THREADS": str(settings.threads)} if settings.threads else {}
    child = run_child(command, clean_environment() | threads)
    imported = json.loads(child.output)
    fresh = Settings(home, settings.cache, settings.workspace, embedder=settings.embedder, threads=settings.threads)
    store = open_store(home)
    texts = passage_texts(store, settings.workspace)
    writer = Writer(TITLE)
    rate = add_import(writer, imported, child, len(texts))
    add_bare(writer, bare_rates(fresh, texts, seed), rate)
    add_search(writer, store, fresh, seed)
    return writer.done()


def add_import(writer: Writer, imported: dict[str, Any], child: ChildRun, texts: int) -> float:
    """The import's own figures; gives its passages a second, from the first byte read to the index on disk."""
    report, index = imported["files"][0], imported["index"]
    seconds = report["seconds"] + index["seconds"]
    rate = index["embedded"] / seconds
    writer.figures |= {
        "tickets": report["imported"],
        "passages": index["passages"],
        "texts": texts,
        "read_seconds": report["seconds"],
        "index_seconds": index["seconds"],
        "program_seconds": child.seconds,
        "passages_per_second": rate,
        "peak_mb": child.peak_mb,
        "adds_up": report["read"] == report["imported"] + report["skipped"] + report["duplicate"],
    }
    writer.say(
        f"{report['read']:,} read = {report['imported']:,} imported + {report['skipped']:,} skipped + "
        f"{report['duplicate']:,} duplicate; {index['passages']:,} passages, {index['embedded']:,} different texts.",
        f"Read, clean, mask and keep {report['seconds']:.1f} s, embed and index {index['seconds']:.1f} s, "
        f"the program from start to exit {child.seconds:.1f} s: {report['imported'] / child.seconds:,.0f} tickets/s. "
        f"Peak memory {child.peak_mb:,.0f} MB.",
    )
    return float(rate)


def add_bare(writer: Writer, bare: Sequence[tuple[str, str, float]], rate: float) -> None:
    """The table of rates on the same texts, and the verdict against the target."""
    rows: list[list[object]] = [["deskside import, end to end", "", f"{rate:,.0f}", "1.00"]]
    for name, precision, peer in bare:
        writer.figures[f"bare {name} {precision}"] = peer
        rows.append([name, precision, f"{peer:,.0f}", f"{rate / peer:.2f}"])
    writer.say(*table(("the same texts, the same run", "weights", "passages/s", "import / this"), rows))
    writer.say(f"Target: the import runs at {LEAST_SHARE} of the bare embedder or better.")


def bare_rates(settings: Settings, texts: Sequence[str], seed: int) -> list[tuple[str, str, float]]:
    """(name, precision, texts a second) of the library's encode and of our embedder alone; loading is not counted.

    The library gets all texts as it comes (float32), and in bfloat16 where a trial shows that to be faster here;
    our embedder alone gets a sample. All use the same number of threads.
    """
    import torch
    from transformers.utils import logging

    from index.embed import find_model, load_embedder, load_sentence_transformer

    logging.disable_progress_bar()
    # as many as the import had in its own process; a model measured before may have left another number
    torch.set_num_threads(settings.threads or len(os.sched_getaffinity(0)))
    ours = load_embedder(settings.embedder, threads=settings.threads or None)
    sample = random.Random(seed).sample(list(texts), min(SAMPLE, len(texts)))
    folder, _ = find_model(settings.embedder)
    models = {
        name: load_sentence_transformer(folder).to(dtype)
        for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16))
    }
    trial = {name: encode_rate(model, sample[:TRIAL]) for name, model in models.items()}
    chosen = [name for name in models if name == "float32" or trial[name] > trial["float32"]]
    rates = [(LIBRARY, name, encode_rate(models[name], texts)) for name in chosen]
    rates += [(f"{LIBRARY}, {TRIAL} texts", name, trial[name]) for name in models if name not in chosen]
    ours.embed(sample[:64])
    return [
        *rates,
        (f"our embedder alone, {len(sample):,} texts", "", len(sample) / _timed(lambda: ours.embed(sample))),
    ]


def encode_rate(model: Any, texts: Sequence[str]) -> float:
    """Texts a second of the library's own encode, after a warm-up."""
    model.encode(list(texts[:8]), show_progress_bar=False)
    return len(texts) / _timed(lambda: model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False))


def add_search(writer: Writer, store: Store, settings: Settings, seed: int) -> None:
    """How long a warm search takes at this size, with customers' own first words as questions."""
    from bench.shop import search_of

    questions = first_words(store, settings.workspace, SEARCHES, seed)
    search = search_of(store, settings)
    for question in questions[:5]:
        search(Query(question), 5)
    seconds = [_timed(lambda: search(Query(question), 5)) for question in questions[5:]]  # noqa: B023
    writer.figures["search_seconds"] = seconds
    writer.say(f"A warm search in all of it: {milliseconds(seconds)} ms (median / p95 of {len(seconds)} questions).")


def passage_texts(store: Store, workspace: str) -> list[str]:
    """Every different text that the import embedded, as the embedder saw it, in the order of the tickets."""
    from index.passages import embedded_text

    rows = store.rows("SELECT title, text FROM passages WHERE workspace = ? ORDER BY id", [workspace])
    return list(dict.fromkeys(embedded_text(row["title"], row["text"]) for row in rows))


def first_words(store: Store, workspace: str, count: int, seed: int) -> list[str]:
    """A seeded sample of problems as their customers told them."""
    rows = store.rows("SELECT text FROM passages WHERE workspace = ? AND kind = 'problem' ORDER BY id", [workspace])
    return [row["text"] for row in random.Random(seed).sample(rows, min(count, len(rows)))]


def _timed(work) -> float:  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
