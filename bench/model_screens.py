"""Screens never trained on and real screenshots: does the model read them, see them, and say what is not there?"""

from __future__ import annotations

import io
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.model_asks import Ground, Question, Replied, add_asks, ask_all, judge_all, systems_of
from bench.model_seen import Looks, notes_of, without_marks
from bench.model_systems import Systems
from bench.report import Report, Writer, skipped, table
from index.errors import UserError
from index.pictures import ReadPicture, open_picture, save_picture

if TYPE_CHECKING:
    from finetune.screens.truth import Screen

TITLE = "Screens of the test split"
REAL_TITLE = "Real screenshots"
FIRST = 700_000_000  # numbers of screens that nothing else is measured or chosen with
ASKS = 4  # a screen: many screens say more than many questions over few
SETS = {"held": "held (report only)", "tune": "tune (thresholds and wordings may be chosen with it)"}
REAL_QUESTIONS = Path(__file__).with_name("real_screens.jsonl")
MATCH = "Exact match but for case, spaces and outer signs; O and 0, l and 1 are not the same."


def run_screens(systems: Systems, looks: Looks, count: int, seed: int) -> Report:
    """The whole road on drawn pixels, every system on the same questions."""
    writer = Writer(TITLE)
    listed = systems_of(systems, true=True)
    grounds = list(_told(drawn_grounds(looks, count, seed), count, "screens"))
    asked = sum(len(ground.questions) for ground in grounds)
    writer.say(f"{len(grounds)} screens, {asked} questions; layouts, wordings and brands of no training. {MATCH}")
    replies = ask_all(grounds, listed, lambda done: _count("screens asked", done, len(grounds)))
    add_asks(writer, listed, judge_all(listed, replies), seed)
    return writer.done()


def screens(count: int, seed: int) -> Iterator[tuple[int, Screen]]:
    """Numbers and screens of the test split, without end of the drawing; `count` in all."""
    from finetune.screens.draw import draw_screen

    for number in range(FIRST + seed * 1_000_000, FIRST + seed * 1_000_000 + count):
        yield number, draw_screen(number, "test")


def drawn_grounds(looks: Looks, count: int, seed: int) -> Iterator[Ground]:
    """The first `count` screens that leave something to ask, with the answers of the truth."""
    from finetune.screens.misread import read_well
    from finetune.screens.questions import ask_screen, block_text, notes_on

    made = 0
    for number, screen in screens(10 * count, seed):
        asks = ask_screen(screen, random.Random(f"bench {number}"), "test", ASKS)
        if not asks:
            continue
        picture = open_picture(png(screen), f"screen-{number}.png")
        read = looks.of(picture)
        texts = {
            "words": without_marks(read),
            "marks": read.text,
            "true": block_text(read_well(screen), screen.image.size),
        }
        questions = tuple(
            Question(f"screen-{number}-{place}", ask.question, (ask.answer,), ask.kind)
            for place, ask in enumerate(asks, start=1)
        )
        notes, tells = notes_of(read)
        notes["true"] = partial(notes_on, read_well(screen))
        tells["true"] = told_by(screen)
        yield Ground(texts, questions, save_picture(picture, looks.folder / "pictures"), notes, tells)
        made += 1
        if made == count:
            return


def told_by(screen: Screen) -> Callable[[str], str]:
    """What a drawn screen answers by itself, from the truth about it."""
    whole = ReadPicture("", "", *screen.image.size, screen.lines, "", "", sight=screen.sight)
    return whole.tells


def drawn_pictures(folder: Path, count: int, seed: int) -> list[Path]:
    """Files of the first screens of the test split."""
    drawn = (open_picture(png(screen), f"screen-{number}.png") for number, screen in screens(count, seed))
    return [save_picture(picture, folder) for picture in drawn]


def png(screen: Screen) -> bytes:
    """The screen as a file a customer would send."""
    stream = io.BytesIO()
    screen.image.save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def run_real(systems: Systems, looks: Looks, folder: Path, sets: Sequence[str], few: int, seed: int) -> Report:
    """The same systems on screenshots of the Power Query documentation; `few`: pictures of each set (0: all)."""
    if not REAL_QUESTIONS.is_file() or not folder.is_dir():
        missing = REAL_QUESTIONS.name if folder.is_dir() else f"{folder.parent.name}/{folder.name}"
        return skipped(REAL_TITLE, f"no {missing}")
    writer = Writer(REAL_TITLE)
    listed = systems_of(systems)
    for name in sets:
        part = Writer(name)
        grounds, without = real_grounds(looks, folder, name, few)
        if not grounds:
            writer.say(f"{name}: no pictures.")
            continue
        asked = sum(len(ground.questions) for ground in grounds)
        left = f"; {without} pictures are not there" if without else ""
        part.say(f"Set {SETS.get(name, name)}: {len(grounds)} pictures, {asked} questions{left}. {MATCH}")
        replies: dict[str, list[Replied]] = ask_all(
            grounds,
            listed,
            lambda done: _count(f"{name} pictures asked", done, len(grounds)),  # noqa: B023
        )
        add_asks(part, listed, judge_all(listed, replies), seed)
        writer.lines += part.lines
        writer.figures[name] = part.figures
        writer.details += [{"set": name, **row} for row in part.details]
    return writer.done()


def real_grounds(looks: Looks, folder: Path, name: str, few: int = 0) -> tuple[list[Ground], int]:
    """The pictures of a set with their questions, and how many pictures could not be opened."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in REAL_QUESTIONS.read_text("utf-8").splitlines():
        if line.strip() and (row := json.loads(line))["set"] == name:
            rows.setdefault(row["image"], []).append(row)
    grounds, without = [], 0
    for image, asked in list(rows.items())[: few or None]:
        try:
            picture = open_picture(folder / image)
        except UserError:
            without += 1
            continue
        read = looks.of(picture)
        questions = tuple(
            Question(row["id"], row["question"], (row["answer"], *row["also"]), row["kind"]) for row in asked
        )
        texts = {"words": without_marks(read), "marks": read.text}
        grounds.append(Ground(texts, questions, folder / image, *notes_of(read)))
    return grounds, without


def run_tower(systems: Systems, looks: Looks, count: int, seed: int) -> Report:
    """What the tower finds on test screens, kind by kind."""
    from bench.model_marks import Tallies, rows_of

    title = "What the tower sees"
    if systems.tower is None:
        return skipped(title, "no tower: give --tower or --weights")
    writer = Writer(title)
    tallies = Tallies()
    for done, (number, screen) in enumerate(screens(count, seed), start=1):
        tallies.add(screen.sight, looks.sight(open_picture(png(screen), f"screen-{number}.png")))
        _count("screens seen", done, count)
    rows = rows_of(tallies, seed, writer.figures)
    writer.say(f"{count} screens of the test split; intervals over screens. Found: the same kind, half of it shared.")
    writer.say(*table(("", "n", "precision", "recall", "state", "value", "colour", "tip"), rows["kinds"]))
    writer.say(*table(("", "n", "right"), rows["pages"]))
    return writer.done()


def _told(grounds: Iterator[Ground], count: int, what: str) -> Iterator[Ground]:
    for done, ground in enumerate(grounds, start=1):
        _count(f"{what} read", done, count)
        yield ground


def _count(what: str, done: int, whole: int) -> None:
    """Progress for whoever waits; the report itself goes to the other stream."""
    if done % 10 == 0 or done == whole:
        print(f"{what}: {done} of {whole}", file=sys.stderr, flush=True)
