"""Conversations of the past asked again, as a version would have met them: found, decided, said, without a trace."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from agent import replies
from agent.decide import Known, best_answer, confidence, decide, hear
from agent.deciders import Judged
from agent.evidence import Evidence, Library, Signals
from agent.in_use import InUse, caution_of
from agent.parts import load_judge, load_searcher
from agent.settings import Settings
from finetune.material import Pair
from index.hits import Hit
from index.search import Query
from index.store import Store
from index.templates import TemplateShelf

DEPTH = 60  # sources looked at: deep enough for recall at 10 when later conversations are hidden
ANSWERING = ("template", "case", "generate")


@dataclass(frozen=True)
class Played:
    """What a version did about one question. `ranked` are the ids found, fused; `by_meaning` the same by the embedder
    alone; `answer` is "" where it asked back or handed over; `source` is what the answer rests on."""

    id: str
    ranked: tuple[str, ...]
    by_meaning: tuple[str, ...]
    act: str
    confidence: float
    source: str
    answer: str
    cited: tuple[str, ...]
    signals: Signals
    seconds: float
    judged: Judged | None = None

    @property
    def answered(self) -> bool:
        """Whether the customer got an answer."""
        return self.act in ANSWERING and bool(self.answer.strip())


class Player:
    """One version at work, with some conversations out of its sight. Nothing is kept in the store."""

    def __init__(self, store: Store, settings: Settings, used: InUse, hidden: Collection[str]) -> None:
        self.used = used
        self._hidden = frozenset(hidden)
        self._searcher = load_searcher(store, settings, used.embedder, reranker=used.reranker)
        judge = load_judge(used.setting or settings.embedder)
        self._library = Library(store, settings.workspace, used.embedder, judge)
        self._templates = TemplateShelf(store, settings.workspace, used.embedder)
        self._caution = caution_of(settings, used)
        self._top = settings.top

    def play(self, pair: Pair) -> Played:
        """The question asked as a new conversation, its own ticket out of sight."""
        return self.ask(pair.id, pair.question, pair.screens)

    def ask(self, name: str, question: str, screens: tuple[str, ...] = ()) -> Played:
        """As `play`, for any words."""
        started = time.perf_counter()
        hits = self._hits(question, screens, self._hidden | {name})
        shown = hits[: self._top]
        evidence = tuple(each for each in self._library.evidence(shown, question, screens) if replies.quotable(each))
        signals = self._library.signals(shown, question, screens)
        match = self._templates.match(question) if not screens else None
        asked = hear(question, False)
        judged = self.used.deciders.judge(question, screens) if self.used.deciders else None
        known = Known(signals, evidence, match.score if match else 0.0, False, False, judged=judged)
        decision = decide(asked, known, self._caution, self.used.measures)
        source, answer, cited = "", "", tuple[str, ...]()
        if decision.act == "template" and match:
            source, answer, cited = match.template.id, match.template.text, (match.template.text,)
        elif decision.act in ANSWERING:
            source, answer, cited = self._quoted(evidence)
        seconds = time.perf_counter() - started
        sure = confidence(signals, self.used.measures, best_answer(evidence))
        return Played(
            name, tuple(hit.source_id for hit in hits), _by_meaning(hits), decision.act,
            sure, source, answer, cited, signals, seconds, judged,
        )  # fmt: skip

    @staticmethod
    def _quoted(evidence: Sequence[Evidence]) -> tuple[str, str, tuple[str, ...]]:
        reply = replies.quote_reply(evidence)
        return evidence[0].source_id, reply.text, tuple(f"{each.title}\n{each.passage}" for each in reply.citations)

    def _hits(self, question: str, screens: tuple[str, ...], hidden: Collection[str]) -> list[Hit]:
        hits: list[Hit] = self._searcher.search(Query(question, screens, frozenset(hidden)), DEPTH)
        return hits


def _by_meaning(hits: Sequence[Hit]) -> tuple[str, ...]:
    """The ids by the embedder alone, best first."""
    scored: list[tuple[float, Any]] = [
        (max(hit.scores.get("dense", -1.0), hit.scores.get("screen", -1.0)), hit.source_id) for hit in hits
    ]
    return tuple(name for score, name in sorted(scored, key=lambda each: -each[0]) if score > -1.0)
