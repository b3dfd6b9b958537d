"""Screenshot -> its help article by words, by pixels and by both in one vector, ranked by one rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench import powerquery
from bench.model_seen import Looks
from bench.model_systems import Systems, Voice
from bench.report import Report, Writer, share, skipped, table
from index.errors import UserError
from index.measure import hit_at, mean_of, reciprocal_rank
from index.pictures import open_picture

TITLE = "Screenshot to article: words, pixels, fused"
WAYS = ("words", "pixels", "fused")
Ranked = dict[str, list[list[str]]]  # way -> the article ids of each picture, best first


def run(systems: Systems, looks: Looks, folder: Path, count: int, seed: int) -> Report:
    """Pictures of articles that no training has seen, each looked for in three ways among all articles."""
    if not (folder / powerquery.REFERENCES).is_file():
        return skipped(TITLE, f"no {powerquery.REFERENCES} in {folder.parent.name}/{folder.name}")
    voice = next((each for each in systems.trained if fuses(each)), None)
    if voice is None:
        return skipped(TITLE, "no model with a trained fused embedder: give --weights")
    from finetune.datasets_articles import powerquery_train_articles
    from index.embed import load_embedder

    docs = folder / powerquery.ARTICLES
    learned = set(powerquery_train_articles(docs))
    every = powerquery.load_references(folder / powerquery.REFERENCES)
    new = [each for each in every if not learned & each.articles]
    chosen = powerquery.pick(new, count, seed)
    embedder = load_embedder()
    names, vectors = article_vectors(docs, lambda texts: np.asarray(embedder.embed(texts)))
    shown, queries = picture_vectors(voice, looks, folder, chosen, lambda texts: np.asarray(embedder.embed(texts)))
    ranked = {way: [ranking(vector, names, vectors) for vector in queries[way]] for way in WAYS}
    writer = Writer(TITLE)
    add(writer, ranked, [each.articles for each in shown], seed)
    writer.say(f"{len(shown)} pictures of articles outside of all training, {len(set(names))} articles, {voice.name}.")
    return writer.done()


def fuses(voice: Voice) -> bool:
    """Whether the voice has a fused embedder that was trained: its last layer starts as zeros."""
    embedder = getattr(voice.dialogue, "embedder", None)
    return embedder is not None and bool(embedder.enter.weight.any())


def article_vectors(docs: Path, embed: Callable[[list[str]], np.ndarray]) -> tuple[list[str], np.ndarray]:
    """(article id of each passage, unit vectors (passages, width)) of all articles."""
    names, texts = [], []
    for file in sorted(docs.rglob("*.md")):
        for part in _parts(file.read_text("utf-8", errors="replace")):
            names.append(file.relative_to(docs).as_posix())
            texts.append(part)
    return names, embed(texts)


def picture_vectors(
    voice: Voice,
    looks: Looks,
    folder: Path,
    chosen: Sequence[powerquery.Shown],
    embed: Callable[[list[str]], np.ndarray],
) -> tuple[list[powerquery.Shown], dict[str, np.ndarray]]:
    """The pictures that could be opened, and their vectors by each way (pictures, width)."""
    import torch

    from agent.vlm.reading import ScreenPixels

    side = ScreenPixels(voice.dialogue.config.picture_side)
    shown, words, pixels = [], [], []
    for each in chosen:
        try:
            picture = open_picture(folder / each.picture)
        except UserError:
            continue
        shown.append(each)
        words.append(looks.of(picture).words[:1_000])
        pixels.append(side([picture.image], return_tensors="pt")["pixel_values"])
    told = torch.from_numpy(embed(words))
    fused, alone = [], []
    with torch.inference_mode():
        for row, seen in zip(told, pixels, strict=True):
            visual, mask = voice.dialogue.look(seen)
            alone.append(voice.dialogue.image_embedding(visual=visual, visual_mask=mask)[0])
            fused.append(voice.dialogue.embed(row[None], visual=visual, visual_mask=mask)[0])
    return shown, {"words": told.numpy(), "pixels": torch.stack(alone).numpy(), "fused": torch.stack(fused).numpy()}


def ranking(query: np.ndarray, names: Sequence[str], vectors: np.ndarray) -> list[str]:
    """Article ids by their best passage."""
    order: Any = np.argsort(-(vectors @ query), kind="stable")
    return list(dict.fromkeys(names[place] for place in order))


def add(writer: Writer, ranked: Ranked, articles: Sequence[frozenset[str]], seed: int) -> None:
    """The table of Hit@1, Hit@5 and MRR by way."""
    rows = []
    for way, lists in ranked.items():
        pairs = list(zip(lists, articles, strict=True))
        scores = {
            "hit_1": mean_of([hit_at(ids, wanted, 1) for ids, wanted in pairs], seed),
            "hit_5": mean_of([hit_at(ids, wanted, 5) for ids, wanted in pairs], seed),
            "mrr": mean_of([reciprocal_rank(ids, wanted) for ids, wanted in pairs], seed),
        }
        writer.figures[way] = scores
        rows.append([way, str(len(pairs)), *(share(each) for each in scores.values())])
    writer.say(*table(("one vector a picture", "n", "Hit@1", "Hit@5", "MRR"), rows))


def _parts(markdown: str, size: int = 800) -> list[str]:
    """An article in pieces of whole paragraphs."""
    parts = [""]
    for paragraph in markdown.split("\n\n"):
        if len(parts[-1]) + len(paragraph) > size and parts[-1]:
            parts.append("")
        parts[-1] = f"{parts[-1]}\n\n{paragraph}".strip()
    return [part for part in parts if part]
