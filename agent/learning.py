"""A run of `deskside learn` seen from outside, out of the lines and files that it writes (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from index.clean import clean

# The road as it is known here, until a run says which stages lie ahead of it.
STAGES = ("material", "embedder", "reranker", "deciders", "measures", "compare", "gate")
STARTED, ENDS = "started", ("finished", "stopped", "failed")
TAIL = 10
Standing = Literal["none", "starting", "running", "stopped", "failed", "broken off", "finished"]
Line = dict[str, Any]
Figures = dict[str, dict[str, float | None]]


@dataclass(frozen=True)
class Stage:
    """One stage: how far it is (`share`, 0..1), the seconds it took and has left; None where that is unknown."""

    name: str
    state: Literal["done", "now", "ahead"] = "ahead"
    text: str = ""
    step: float = 0
    of: float = 0
    share: float | None = None
    seconds: float | None = None
    left: float | None = None


@dataclass(frozen=True)
class Run:
    """Where a run stands. `losses` are (step, loss) of the stage that trained last, by its name; `trouble` is why it
    ended early, `tail` its last lines for a person, `gathered` when it read the conversations."""

    standing: Standing = "none"
    stages: tuple[Stage, ...] = ()
    losses: tuple[tuple[float, float], ...] = ()
    trained: str = ""
    figures: Figures = field(default_factory=dict)
    name: str = ""
    accepted: bool = False
    refusals: tuple[str, ...] = ()
    trouble: str = ""
    tail: tuple[str, ...] = ()
    began: str = ""
    gathered: str = ""

    @property
    def alive(self) -> bool:
        """Whether a process works on it."""
        return self.standing in ("starting", "running")

    @property
    def resumable(self) -> bool:
        """Whether it can be gone on with."""
        return self.standing in ("stopped", "failed", "broken off") and bool(self.began)


def read_run(
    lines: Sequence[Line], state: Line, *, starting: bool = False, running: bool = False, trouble: str = "",
    now: datetime | None = None,
) -> Run:  # fmt: skip
    """The run that `lines` (of progress.jsonl) and `state` (run.json) tell of. `starting` and `running` say whether a
    process is there, `trouble` what it complained of when it ended. Keys that are not known are passed over."""
    now = now or datetime.now(UTC)
    last = next(filter(None, (_word(line, "stage") for line in reversed(lines))), "")
    standing = _standing(last, starting, running, trouble)
    road = _Road(lines, _words(state.get("done")))
    stages = tuple(road.stage(name, standing in ("starting", "running"), now) for name in road.names)
    end = next((line for line in reversed(lines) if _word(line, "stage") in ENDS), {}) if last in ENDS else {}
    known = state.get("verdict")
    verdict: Line = known if isinstance(known, dict) else {}
    finished = standing == "finished"
    return Run(
        standing, stages, tuple(road.losses.get(road.trained, ())), road.trained,
        figures_of(end.get("figures") or state.get("figures")), str(state.get("made") or "") if finished else "",
        bool(end.get("accepted")), tuple(_words(end.get("refusals")) or _words(verdict.get("refusals"))),
        trouble or (_word(end, "text") if last == "failed" else ""), _tail(lines), road.began,
        str(state.get("gathered_at") or ""),
    )  # fmt: skip


def _standing(last: str, starting: bool, running: bool, trouble: str) -> Standing:
    if starting or running:
        return "running" if running and last not in ("", *ENDS) else "starting"
    if trouble:
        return "failed"
    if not last:
        return "none"
    return next((end for end in ("finished", "stopped", "failed") if end == last), "broken off")  # type: ignore[return-value]


class _Road:
    """What the lines say of each stage, one line after the other."""

    def __init__(self, lines: Iterable[Line], done: Sequence[str]) -> None:
        self.names: list[str] = list(done) + [name for name in STAGES if name not in done]
        self.losses: dict[str, list[tuple[float, float]]] = {}
        self.trained = ""
        self.began = ""
        self._stages: dict[str, Stage] = {}
        self._begun: dict[str, datetime | None] = {}
        self._first: dict[str, tuple[datetime | None, float]] = {}  # when it was first heard of a step, and which
        self._seen: dict[str, datetime | None] = {}  # when it was last heard of
        self._now = ""
        for line in lines:
            self._take(_word(line, "stage"), line)
        for name in done:
            self._stages[name] = replace(self._of(name), state="done")

    def _take(self, name: str, line: Line) -> None:
        if name == STARTED:
            ahead = [*_words(line.get("done")), *_words(line.get("stages"))]
            self.names = list(dict.fromkeys(ahead)) or self.names
            self._now = ""
        self.began = self.began or _word(line, "at")
        if not name or name == STARTED or name in ENDS:
            return
        if name not in self.names:
            self.names.append(name)
        text, at = _word(line, "text"), _when(line.get("at"))
        if text == "begins":
            self._begin(name, at)
        elif text == "done":
            self._stages[name] = replace(self._of(name), state="done", seconds=_number(line.get("seconds")))
        else:
            self._remark(name, text, line, at)
        self._seen[name] = at

    def _begin(self, name: str, at: datetime | None) -> None:
        before = self._stages.get(self._now)
        if before is not None and before.state != "done" and self._now != name:
            took = _between(self._begun.get(self._now), at)
            self._stages[self._now] = replace(before, state="done", seconds=took)
        self._stages[name], self._begun[name], self._now = Stage(name, "now"), at, name
        self._first.pop(name, None)

    def _remark(self, name: str, text: str, line: Line, at: datetime | None) -> None:
        step, of, share = (_number(line.get(key)) for key in ("step", "of", "share"))
        stage = self._of(name)
        if step is not None and (of or 0) > 0 and share is None:
            share = min(1.0, step / float(of or 1))
        if step is not None:
            self._first.setdefault(name, (at, step))
        self._stages[name] = replace(
            stage, text=text or stage.text, step=step or stage.step, of=of or stage.of,
            share=stage.share if share is None else share, left=_number(line.get("eta")),
        )  # fmt: skip
        if (loss := _number(line.get("loss"))) is not None:
            told = self.losses.setdefault(name, [])
            if told and step is not None and step <= told[-1][0]:  # gone on with from an earlier step, or another way
                told[:] = [each for each in told if each[0] < step]
            told.append((step if step is not None else float(len(told) + 1), loss))
            self.trained = name

    def _of(self, name: str) -> Stage:
        return self._stages.get(name, Stage(name))

    def stage(self, name: str, alive: bool, now: datetime) -> Stage:
        """A stage as it stands at this moment."""
        stage = self._of(name)
        if stage.state != "now":
            return stage
        if not alive:
            return replace(stage, state="ahead", left=None)
        seen, (began, first) = self._seen.get(name), self._first.get(name, (None, 0.0))
        left, spent = stage.left, _between(began, seen)
        if left is None and spent and stage.of and stage.step > first:
            left = spent / (stage.step - first) * (stage.of - stage.step)
        since = _between(seen, now) or 0.0
        took = _between(self._begun.get(name), now)
        return replace(stage, left=None if left is None else max(0.0, left - since), seconds=took)


def _tail(lines: Sequence[Line]) -> tuple[str, ...]:
    """The last lines, as a person reads them."""
    told = []
    for line in lines[-TAIL:]:
        at = _when(line.get("at"))
        step = f" step {line['step']} of {line['of']}" if "step" in line and "of" in line else ""
        loss = _number(line.get("loss"))
        said = f"{_word(line, 'stage')}{step}{'' if loss is None else f', loss {loss:.3f}'} {_word(line, 'text')}"
        told.append(f"{at.astimezone():%H:%M:%S}  {said}".rstrip() if at else said.rstrip())
    return tuple(told)


def figures_of(told: Any) -> Figures:
    """Figure -> before, after, low, high; what is no such thing is left out."""
    if not isinstance(told, dict):
        return {}
    ends = ("before", "after", "low", "high")
    rows = {str(name): each for name, each in told.items() if isinstance(each, dict)}
    return {name: {end: _number(each.get(end)) for end in ends} for name, each in rows.items()}


def _word(line: Line, key: str) -> str:
    value = line.get(key)
    return " ".join(clean(value).split()) if isinstance(value, str) else ""


def _words(value: Any) -> list[str]:
    return [" ".join(clean(str(each)).split()) for each in value] if isinstance(value, list | tuple) else []


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _when(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return max(0.0, (end - start).total_seconds()) if start and end else None
