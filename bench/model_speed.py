"""How long a picture's answer takes, step by step, and how fast words follow: every step in turns, medians."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from agent.prompts import build_messages
from bench.model_seen import without_marks
from bench.model_systems import Systems, Voice
from bench.report import Report, Writer, table
from index.marks import named
from index.measure import median
from index.pictures import PictureReader, ReadPicture, open_picture

TITLE = "Speed"
ROUNDS = 5
DECODED = 64  # tokens
WORDS = range(1_000, 20_000)  # ids that a prompt of no meaning is drawn from
STEPS = ("open", "read words", "see marks", "first token")
QUESTION = "Which of these is switched on?"
T = TypeVar("T")


def run(systems: Systems, pictures: Sequence[Path], threads: int) -> Report:
    """Picture to first token for each voice, its steps, and tokens a second; `pictures` one a round and one before."""
    from index.pictures import load_reader

    writer = Writer(TITLE)
    reader = load_reader(threads or 2)
    taken: dict[str, list[dict[str, float]]] = {voice.name: [] for voice in systems.voices}
    for place, picture in enumerate(pictures):
        seconds, read = look(picture, reader, systems.tower)
        for voice in systems.voices:
            known = voice is not systems.base
            text = read.text if known else without_marks(read)
            first = first_token(voice, text, picture)
            if place:  # the first picture warms every part up
                steps = seconds if known else seconds | {"see marks": 0.0}
                taken[voice.name].append(steps | {"first token": first})
    rows = [_row(name, each, writer.figures) for name, each in taken.items() if each]
    rounds = len(pictures) - 1
    writer.say(
        f"{rounds} rounds, each another screen of the test split, all parts warm; medians. The base reads words only. "
        f"Threads: {', '.join(f'{voice.name} {_threads(voice)}' for voice in systems.voices)}, reader {threads or 2}."
    )
    writer.say(*table(("ms (share)", *STEPS, "together"), rows))
    add_decoding(writer, systems)
    return writer.done()


def look(picture: Path, reader: PictureReader, tower: Any) -> tuple[dict[str, float], ReadPicture]:
    """Seconds of each step that any model needs before it reads, and what was read."""
    opening, opened = timed(lambda: open_picture(picture))
    reading, read = timed(lambda: reader.read(opened))
    seeing = 0.0
    if tower is not None:
        from agent.vlm.seen import see

        seeing, sight = timed(lambda: see(tower, opened.image))
        read = replace(read, sight=replace(sight, marks=named(sight.marks, read.lines)))
    return {"open": opening, "read words": reading, "see marks": seeing}, read


def first_token(voice: Voice, text: str, picture: Path) -> float:
    """Seconds from the prompt to the first fragment, with the beginning that every prompt shares kept."""
    shown = (picture,) if voice.model.reads_pictures else ()
    stream = voice.model.stream(build_messages(QUESTION, (), [text]), pictures=shown, max_new_tokens=8)
    seconds, _ = timed(lambda: next(iter(stream), ""))
    for _ in stream:  # to the end, so that the next one finds nothing going on
        pass
    return seconds


def add_decoding(writer: Writer, systems: Systems) -> None:
    """The table of tokens a second, single steps without guessing, in turns."""
    voices = [voice for voice in systems.voices if voice.decoded is not None]
    rates: dict[str, list[float]] = {voice.name: [] for voice in voices}
    for place in range(ROUNDS + 1):
        for voice in voices:
            rate = decode_rate(voice, place)
            if place:
                rates[voice.name].append(rate)
    if not voices:
        return
    first = median(rates[voices[0].name])
    rows = []
    for name, each in rates.items():
        writer.figures[f"tokens a second {name}"] = median(each)
        rows.append(
            [name, f"{median(each):.1f}", f"{min(each):.1f}", f"{max(each):.1f}", f"{median(each) / first:.2f}"]
        )
    writer.say(*table((f"tokens/s, {DECODED} tokens", "median", "slowest", "fastest", "of the first"), rows))
    writer.say("Target: not more than 10 % below the untrained text model.")


def decode_rate(voice: Voice, seed: int) -> float:
    """Tokens a second after the first, one at a time, whatever the model says."""
    from agent.decode import Decoder, tune_thread

    tune_thread(_threads(voice))
    chance = random.Random(seed)
    prompt = chance.choices(WORDS, k=200)
    runs: Iterator[list[int]] = Decoder(voice.decoded, reuse=False, guess=0).tokens(
        prompt, frozenset(), DECODED, lambda: False
    )
    next(runs)
    seconds, count = timed(lambda: sum(len(run) for run in runs))
    return count / seconds


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds and what came out."""
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def _threads(voice: Voice) -> int:
    return int(getattr(voice.model, "threads", 1))


def _row(name: str, taken: Sequence[dict[str, float]], figures: dict[str, Any]) -> list[str]:
    middle = {step: median([each[step] for each in taken]) for step in STEPS}
    whole = median([sum(each.values()) for each in taken])
    figures[name] = middle | {"together": whole}
    parts = sum(middle.values())
    return [
        name,
        *(f"{1000 * middle[step]:,.0f} ({middle[step] / parts:.0%})" for step in STEPS),
        f"{1000 * whole:,.0f}",
    ]
