"""The whole desk on topics never trained on: a shelf of look-alike articles, questions with and without an answer."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.desk import Desk, Wishes
from agent.events import Ended
from agent.model import Model
from bench.answers import ANSWERING, unsupported
from bench.model_systems import Systems
from bench.report import Report, Writer, share, table
from finetune.facts import fact_said, fact_wrong
from index.answering import Judge as Answering
from index.measure import Estimate, mean_of
from index.store import Store

TITLE = "The whole desk on new topics"
SPACE = "bench"
HEAD = (
    "", "n", "right fact", "right fact, cited right", "wrong fact", "false refusal", "unsupported", "absent n",
    "left alone",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A question, the sentence that answers it ("" when nothing on the shelf does) and the article it stands in."""

    question: str
    told: str
    article: str


@dataclass
class Judged:
    """Scores (0 or 1) of one desk, a number for each question."""

    right: list[float] = field(default_factory=list)
    cited: list[float] = field(default_factory=list)
    wrong: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    unsupported: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, asked: Asked, ended: Ended) -> None:
        """Judge one answer of the desk."""
        answered = ended.decision.act in ANSWERING
        told = {"question": asked.question, "gold": asked.told, "reply": ended.answer, "act": ended.decision.act}
        self.rows.append(told | {"sources": [each.source_id for each in ended.citations], "wanted": asked.article})
        if not asked.told:
            self.alone.append(float(not answered))
            return
        right = answered and fact_said(ended.answer, asked.told)
        self.right.append(float(right))
        self.cited.append(float(right and {each.source_id for each in ended.citations} == {asked.article}))
        self.wrong.append(float(answered and fact_wrong(ended.answer, asked.told, asked.question)))
        self.refused.append(float(not answered))
        if answered:
            self.unsupported.append(float(bool(unsupported(ended, asked.question))))

    def estimates(self, seed: int) -> dict[str, Estimate]:
        """Every share by its name, in the order of the table."""
        names = ("right", "cited", "wrong", "refused", "unsupported", "alone")
        return {name: mean_of(getattr(self, name), seed) for name in names}

    def cells(self, seed: int) -> list[str]:
        """The cells of the table."""
        *before, alone = (share(each) for each in self.estimates(seed).values())
        return [str(len(self.right)), *before, str(len(self.alone)), alone]


def run(systems: Systems, count: int, seed: int) -> Report:
    """`count` products with their look-alikes on one shelf; each desk gets the same questions as new chats."""
    writer = Writer(TITLE)
    articles, asked = shelf(count, seed)
    covered = sum(bool(each.told) for each in asked)
    writer.say(
        f"{len(articles)} articles of the test split in one workspace, for each product one of its kind with other "
        f"values; {covered} questions with an answer there, {len(asked) - covered} without. Right: every figure, code "
        "and name of the wanted sentence, and 0.7 of its words; an answer may quote more than was asked."
    )
    rows = []
    with tempfile.TemporaryDirectory() as home:
        desks = _desks(Path(home), articles, systems)
        for name, desk in desks.items():
            judged = Judged()
            for done, each in enumerate(asked, start=1):
                judged.add(each, _last(desk, each.question))
                if done % 20 == 0:
                    print(f"{name}: {done} of {len(asked)} questions", file=sys.stderr, flush=True)
            writer.figures[name] = judged.estimates(seed)
            rows.append([name, *judged.cells(seed)])
            writer.details += [{"system": name, **row} for row in judged.rows]
    writer.say(*table(HEAD, rows))
    writer.say("Targets: right and cited 0.95, wrong 0.02, false refusal 0.04, unsupported 0.02, left alone 0.9.")
    return writer.done()


def shelf(count: int, seed: int) -> tuple[list[dict[str, str]], list[Asked]]:
    """Articles (id, title, text) and the questions over them; the domains are those of no training."""
    from finetune.topics import left_open, make_topic, near_miss, question
    from finetune.topics_passages import passage

    chance = random.Random(f"desk {seed}")
    articles: list[dict[str, str]] = []
    asked: list[Asked] = []
    taken: set[str] = set()
    while len(articles) < 2 * count:
        topic = make_topic(chance, "test")
        other = near_miss(chance, topic)
        if taken & {topic.subject, other.subject}:
            if len(taken) > 0.7 * _subjects():
                break
            continue
        taken |= {topic.subject, other.subject}
        for each in (topic, other):
            title, text = passage(chance, each, "test")
            article = f"KB-{len(articles) + 1}"
            articles.append({"id": article, "title": title, "text": text})
            for fact in chance.sample(each.facts, min(2, len(each.facts))):
                asked.append(Asked(question(chance, each, fact, "test", named=True), fact.told, article))
            asked.append(Asked(left_open(chance, each, "test", named=True), "", article))
    return articles, asked


def _subjects() -> int:
    from finetune.topics import domains

    return sum(len(domain.subjects) for domain in domains("test"))


def _desks(home: Path, articles: Sequence[dict[str, str]], systems: Systems) -> dict[str, Desk]:
    """One desk that quotes and one for each voice that writes, over the same shelf."""
    from agent.evidence import Library
    from agent.journal import Journal
    from agent.parts import load_judge
    from index.build import load_shelf
    from index.embed import PACKAGED, load_embedder
    from index.search import Searcher
    from index.templates import TemplateShelf

    store, space = stocked(home, articles), SPACE
    embedder = load_embedder()

    def desk(model: Model | None, writes: str, judge: Answering | None = None) -> Desk:
        return Desk(
            Journal(store, space),
            Searcher(store, space, embedder, lambda: load_shelf(store, space, embedder)),
            Library(store, space, embedder, judge),
            TemplateShelf(store, space, embedder),
            _no_pictures,
            model,
            lambda: "bench",
            Wishes(writes=writes),
        )

    desks = {"quoting, nobody reads": desk(None, "never")}
    if (judge := load_judge(PACKAGED)) is not None:
        desks["quoting what the judge finds to answer (default)"] = desk(None, "never", judge)
    for voice in systems.voices:
        if voice.model.abstains:
            desks[f"quoting what {voice.name} finds to answer"] = desk(_as_embedded(voice.model), "auto")
        desks[f"{voice.name} writes"] = desk(voice.model, "always")
    return desks


def stocked(home: Path, articles: Sequence[dict[str, str]]) -> Store:
    """A store in the folder whose workspace SPACE holds the articles and nothing else."""
    from index.intake import Intake
    from index.store import open_store

    file = home / "articles.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in articles), "utf-8")
    store = open_store(home / "home")
    Intake(store, SPACE, _no_reader).run([file])
    return store


def _as_embedded(model: Model) -> Model:
    """The same model under the name by which the desk knows that it quotes by itself."""
    named = copy(model)
    named.name = "embedded"
    return named


def _no_pictures(path: Path) -> Any:
    raise ValueError(f"no pictures are asked about here: {path}")


def _no_reader() -> Any:
    raise ValueError("no pictures are on this shelf")


def _last(desk: Desk, question: str) -> Ended:
    *_, ended = desk.answer(question)
    assert isinstance(ended, Ended)
    return ended
