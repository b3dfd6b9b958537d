"""What the frozen tower sees on the pictures of a run, computed once and kept; and the vectors of their words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy
import torch

from index.embed import Embedder

_TAG = re.compile(r'^\[(\w+)(?: "[^"]*")?(?:: (.+))?\]$')
MOST_FACTS = 96


class Pictures:
    """Tower tokens by the picture's path; (tower_tokens, tower_width) each, kept as float16 in one file."""

    def __init__(self, rows: dict[str, int], tokens: Any) -> None:
        self._rows = rows
        self._tokens = tokens

    def __call__(self, paths: Sequence[str]) -> torch.Tensor:
        """(pictures, tower_tokens, tower_width), float32."""
        kept = numpy.stack([self._tokens[self._rows[path]] for path in paths])
        return torch.from_numpy(kept.astype(numpy.float32))


def look_at(
    paths: Iterable[str],
    model: Any,
    processor: Any,
    folder: Path,
    on_count: Callable[[int, int], None] = lambda done, total: None,
) -> Pictures:
    """The tokens of these pictures; those that `folder` has from before are not looked at again. Raises the UserErrors
    of a picture that cannot be opened."""
    from index.pictures import open_picture

    wanted = sorted(set(paths))
    names, file = folder / "pictures.json", folder / "pictures.npy"
    known = json.loads(names.read_text("utf-8")) if names.is_file() else []
    if known != wanted:
        rows = {path: number for number, path in enumerate(known)}
        before = numpy.load(file, mmap_mode="r") if rows else None
        shape = (len(wanted), model.config.tower_tokens, model.config.tower_width)
        beside = file.with_name(f".{file.name}")
        tokens = numpy.lib.format.open_memmap(beside, "w+", numpy.float16, shape)
        for number, path in enumerate(wanted):
            if before is not None and path in rows:
                tokens[number] = before[rows[path]]
                continue
            pixels = processor.image_processor([open_picture(Path(path)).image], return_tensors="pt")["pixel_values"]
            with torch.inference_mode():
                tokens[number] = model.tower(pixels.to(model.device)).tokens[0].float().cpu().numpy()
            on_count(number + 1, len(wanted))
        tokens.flush()
        names.unlink(missing_ok=True)
        beside.replace(file)
        names.write_text(json.dumps(wanted), "utf-8")
    rows = {path: number for number, path in enumerate(wanted)}
    return Pictures(rows, numpy.load(file, mmap_mode="r") if wanted else None)


class Captions:
    """The sentence vectors of what pictures show: (texts, width), unit length, never trained."""

    def __init__(self, texts: Sequence[str], vectors: torch.Tensor) -> None:
        self._rows = {text: number for number, text in enumerate(texts)}
        self.vectors = vectors

    def rows(self, texts: Sequence[str]) -> torch.Tensor:
        """Which vectors these texts have."""
        return torch.tensor([self._rows[text] for text in texts])


def caption(texts: Iterable[str], folder: Path, load: Callable[[], Embedder]) -> Captions:
    """The vectors of these texts; those that `folder` has from before are not computed again."""
    wanted = sorted(set(texts))
    if not wanted:
        return Captions([], torch.zeros(0, 1))
    names, file = folder / "captions.json", folder / "captions.npy"
    known = json.loads(names.read_text("utf-8")) if names.is_file() else []
    if known != wanted:
        vectors = dict(zip(known, numpy.load(file), strict=True)) if known else {}
        if missing := [text for text in wanted if text not in vectors]:
            vectors |= zip(missing, load().embed(missing), strict=True)
        names.unlink(missing_ok=True)
        numpy.save(file, numpy.stack([vectors[text] for text in wanted]))
        names.write_text(json.dumps(wanted), "utf-8")
    return Captions(wanted, torch.from_numpy(numpy.load(file)))


def contrast(seen: torch.Tensor, own: torch.Tensor, vectors: torch.Tensor, negatives: int = 256) -> torch.Tensor:
    """InfoNCE (van den Oord 2018): each picture (rows, width) finds its own text among the texts of its batch and up
    to `negatives` others. `own` (rows,) are rows of `vectors`."""
    others = torch.randperm(len(vectors))[:negatives]
    chosen, places = torch.unique(torch.cat([own, others]), return_inverse=True)
    scores = seen.float() @ vectors[chosen].to(seen.device).T / 0.07
    return torch.nn.functional.cross_entropy(scores, places[: len(own)].to(seen.device))


def facts_of(screens: str) -> set[str]:
    """What a picture's tags say, without the words of the screen: "switch on", "page order", "lamp red"."""
    facts: set[str] = set()
    for line in screens.splitlines():
        if found := _TAG.match(line.strip()):
            kind, told = found.groups()
            states = (told or "").split(", ") if kind == "page" else [told or ""]
            facts.update(f"{kind} {state}".strip() for state in states)
    return facts


def fact_names(screens: Iterable[str], least: int = 5) -> list[str]:
    """The facts that occur at least `least` times, the most frequent of them, in a fixed order."""
    counts = Counter(fact for text in screens for fact in facts_of(text))
    frequent = [fact for fact, count in counts.most_common(MOST_FACTS) if count >= least]
    return sorted(frequent)
