"""The demo shop: is the right source found, is the answer right, and how long does a person wait for it?"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.desk import Desk
from agent.settings import Settings
from bench import answers, retrieval
from bench.answers import Answered, Question
from bench.report import Report, Writer, milliseconds, share, skipped, table
from index.measure import median, p95
from index.pictures import PictureReader
from index.search import Query
from index.store import Store

TITLE = "Demo shop"
WARM_UP = "One of my lamps does not answer any more, what can I do?"
# what is searched with -> the list of `retrieval.rankings` that stands for it
TEXT_ROWS = (("question: meaning alone (MiniLM)", "dense"), ("question: words alone (BM25)", "words"))
HEAD = ("", "n", "Hit@1", "Hit@5", "MRR")


@dataclass(frozen=True)
class Settled:
    """How the answers are to be made: settings, when the model writes, seed, answers written by the model besides."""

    settings: Settings
    writes: str
    seed: int
    written: int


def run(settled: Settled, folder: Path) -> Report:
    """Import the shop into the settings' data folder, ask every question, measure."""
    from agent.parts import load_desk
    from index.build import load_shelf
    from index.embed import load_embedder
    from index.pictures import load_reader
    from index.store import open_store

    questions, without = present(load_questions(folder))
    if not questions:
        return skipped(TITLE, "data/shop has no questions")
    settings = settled.settings
    store = open_store(settings.home)
    writer = Writer(TITLE)
    stock(store, settings.workspace, folder, lambda: load_reader(settings.threads or 2))
    load_shelf(store, settings.workspace, load_embedder(settings.embedder, threads=settings.threads or None))
    started = time.perf_counter()
    desk = load_desk(store, settings, writes=settled.writes)
    loaded = time.perf_counter() - started
    writer.say(
        f"{len(questions)} questions{told_without(without)}; desk loaded in {loaded:.1f} s (libraries in memory)."
    )
    writer.figures |= {"questions": len(questions), "without_picture": without, "load_seconds": loaded}
    warm_up(desk, folder, questions)
    asked = [answers.ask(desk, question) for question in questions]
    add_retrieval(writer, retrieval_of(search_of(store, settings), asked), settled.seed)
    add_answers(writer, asked, f"model {settings.model}, writes {settled.writes}", settled.seed)
    add_seconds(writer, asked)
    if settled.written and settings.model != "none":
        add_written(writer, store, settled, [each.question for each in asked if each.answered])
    writer.details = answers.worst(asked)
    desk.close()
    return writer.done()


def load_questions(folder: Path) -> list[Question]:
    """The test questions of questions.jsonl, or of questions-*.jsonl where they are kept in parts."""
    return [_question(json.loads(line), folder) for file in files_of(folder, "questions") for line in _lines(file)]


def files_of(folder: Path, kind: str) -> list[Path]:
    """`kind`.jsonl, else its parts `kind`-*.jsonl in order."""
    whole = folder / f"{kind}.jsonl"
    return [whole] if whole.is_file() else sorted(folder.glob(f"{kind}-*.jsonl"))


def present(questions: Iterable[Question]) -> tuple[list[Question], int]:
    """The questions whose picture is there, and how many are left out for want of it."""
    listed = list(questions)
    kept = [each for each in listed if each.picture is None or each.picture.is_file()]
    return kept, len(listed) - len(kept)


def told_without(count: int) -> str:
    """The remark on questions left out; "" when there are none."""
    return f" ({count} more left out: their pictures are not drawn yet, run: make pictures)" if count else ""


def stock(store: Store, workspace: str, folder: Path, load_reader: Callable[[], PictureReader]) -> None:
    """Tickets, articles and approved templates of a shop folder onto the shelf; nothing twice."""
    from index.intake import Intake
    from index.templates import keep_templates, read_templates

    intake = Intake(store, workspace, load_reader)
    intake.run([*files_of(folder, "tickets"), *(each for each in [folder / "articles"] if each.is_dir())])
    for file in files_of(folder, "templates"):
        keep_templates(store, workspace, read_templates(file))


def search_of(store: Store, settings: Settings) -> retrieval.Search:
    """The workspace's search, apart from the desk."""
    from agent.parts import load_searcher
    from index.embed import load_embedder

    embedder = load_embedder(settings.embedder, threads=settings.threads or None)
    return load_searcher(store, settings, embedder).search


def warm_up(desk: Desk, folder: Path, questions: Sequence[Question]) -> None:
    """One question and one picture that are not in the test, so that every part is loaded before the clock runs."""
    asked = {each.picture for each in questions}
    pictures = [file for file in sorted((folder / "pictures").glob("*.png")) if file not in asked][:1]
    for shown in ([], pictures):
        for _ in desk.answer(WARM_UP, shown):
            pass


def retrieval_of(search: retrieval.Search, asked: Sequence[Answered]) -> dict[str, list[retrieval.Found]]:
    """Covered questions found by their text, by the words on their picture, and by both; by slice and variant."""
    covered = [each for each in asked if each.question.covered]
    pictured = [each for each in covered if each.question.picture]
    variants = {
        "text": [(each, Query(each.question.text)) for each in covered if not each.question.picture],
        "picture: question alone": [(each, Query(each.question.text)) for each in pictured],
        "picture: words on it alone": [(each, Query("", each.words)) for each in pictured],
        "picture: both": [(each, Query(each.question.text, each.words)) for each in pictured],
    }
    return {
        name: retrieval.find_all(
            search, [retrieval.Wanted(each.question.id, query, each.question.sources) for each, query in pairs]
        )
        for name, pairs in variants.items()
    }


def add_retrieval(writer: Writer, found: dict[str, list[retrieval.Found]], seed: int) -> None:
    """The table of Hit@1, Hit@5 and MRR."""
    rows = []
    for name, each in found.items():
        measured = retrieval.scores(each, seed=seed)
        writer.figures[f"retrieval {name}"] = measured
        rows.append([f"{name} question" if name == "text" else name, len(each), *measured.cells()])
        if name == "text":
            for label, one in TEXT_ROWS:
                alone = retrieval.scores(each, one, seed)
                writer.figures[f"retrieval {name} {one}"] = alone
                rows.append([f"  {label}", len(each), *alone.cells()])
    everything = [*found["text"], *found["picture: both"]]
    measured = retrieval.scores(everything, seed=seed)
    writer.figures["retrieval all"] = measured
    rows.append(["all, as the desk asks", len(everything), *measured.cells()])
    writer.say(*table(HEAD, rows))
    missing = retrieval.missed(everything)
    writer.figures["missed"] = missing
    writer.say(f"Not among the first five: {', '.join(missing) or 'none'}. Targets: Hit@5 0.95, with a picture 0.90.")


def add_answers(writer: Writer, asked: Sequence[Answered], how: str, seed: int) -> None:
    """The table of what the answers are worth, by slice."""
    slices = {
        "text questions": [each for each in asked if not each.question.picture],
        "screenshot questions": [each for each in asked if each.question.picture],
        "all": list(asked),
    }
    rows = []
    for name, part in slices.items():
        judged = answers.judge(part, seed)
        writer.figures[f"answers {name}"] = judged
        cells = (judged.supported, judged.right, judged.facts, judged.left_alone, judged.refused)
        rows.append([name, len(part), *(share(each) for each in cells)])
    head = ("", "n", "claims supported", "all facts said", "facts said", "uncovered left alone", "false refusals")
    acts = dict.fromkeys((*answers.ANSWERING, "read", "ask", "handover"), 0)
    for each in asked:
        acts[each.ended.decision.act] += 1
    writer.figures["acts"] = acts
    writer.say(f"Answers with {how}: {', '.join(f'{count} {act}' for act, count in acts.items() if count)}.")
    writer.say(*table(head, rows))
    writer.say("Targets: claims supported 0.98, uncovered left alone 0.9, false refusals at most 0.1.")


def add_seconds(writer: Writer, asked: Sequence[Answered]) -> None:
    """The table of waiting times, warm; a screenshot's time includes reading it."""
    parts = {
        "text questions": [each for each in asked if not each.question.picture],
        "screenshot questions": [each for each in asked if each.question.picture],
    }
    rows = []
    for name, part in parts.items():
        seconds = {
            "read": [each.ended.seconds["looked"] for each in part],
            "search": [each.ended.seconds["sources"] - each.ended.seconds["looked"] for each in part],
            "sources": [each.ended.seconds["sources"] for each in part],
            "first token": [each.ended.seconds["first"] for each in part],
            "end": [each.ended.seconds["end"] for each in part],
        }
        writer.figures[f"seconds {name}"] = {
            key: {"median": median(values), "p95": p95(values)} for key, values in seconds.items()
        }
        rows.append([name, len(part), *(milliseconds(values) for values in seconds.values())])
    head = ("ms: median / p95", "n", "read picture", "search", "to sources", "to first token", "to end")
    writer.say(*table(head, rows))
    writer.say("Target: to sources p95 150 ms, warm (text).")


def add_written(writer: Writer, store: Store, settled: Settled, questions: Sequence[Question]) -> None:
    """A few of the same questions with the model made to write: what generation costs and whether checking holds."""
    from agent.parts import load_desk

    chosen = [each for each in questions if not each.picture][: settled.written]
    if not chosen:
        return
    desk = load_desk(store, settled.settings, writes="always")
    for _ in desk.answer(WARM_UP):
        pass
    asked = [answers.ask(desk, question) for question in chosen]
    desk.close()
    wrote = [each for each in asked if each.ended.decision.act == "generate"]
    if not wrote:
        return
    judged = answers.judge(wrote, settled.seed)
    first = [each.ended.seconds["first"] for each in wrote]
    end = [each.ended.seconds["end"] for each in wrote]
    writer.figures["written"] = {"n": len(wrote), "judged": judged, "first": median(first), "end": median(end)}
    writer.say(
        f"With the model made to write (writes always), {len(wrote)} text questions: first token "
        f"{milliseconds(first)} ms, end {milliseconds(end)} ms, claims supported {share(judged.supported)}, "
        f"all facts said {share(judged.right)}."
    )


def _question(row: dict, folder: Path) -> Question:  # type: ignore[type-arg]
    picture = folder / row["image"] if row.get("image") else None
    facts = tuple(tuple(str(each) for each in fact) for fact in row["facts"])
    return Question(str(row["id"]), row["question"], picture, frozenset(row["sources"]), facts, bool(row["covered"]))


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
