"""Questions over pictures asked of several systems, and the table of who answers what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.picture_answer import is_absent, is_held
from agent.prompts import NOT_SHOWN, build_messages, with_notes
from bench.model_match import ABSENT, group_of, right, says
from bench.model_systems import Systems, Voice
from bench.report import Writer, share, table
from finetune.facts import refuses
from index.measure import Estimate, mean_of, paired_difference

HEAD = ("", "n", "reading", "visual state", "not shown, said so", 'false "not shown"')


@dataclass(frozen=True)
class Question:
    """One question with the answers that are right; `kind` is that of finetune.examples.Ask."""

    id: str
    text: str
    answers: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Ground:
    """A picture's questions and what each way of reading makes of it: "words", "marks" (words and marks), "true";
    `notes` makes, of a question, what stands beside the things it names, `tells` what the picture answers by itself,
    which the desk says without asking a model."""

    texts: dict[str, str]
    questions: tuple[Question, ...]
    picture: Path | None = None
    notes: dict[str, Callable[[str], str]] = field(default_factory=dict, compare=False)
    tells: dict[str, Callable[[str], str]] = field(default_factory=dict, compare=False)

    def asked(self, question: Question, reads: str) -> str:
        """The question with what this way of reading finds beside the things it names."""
        return with_notes(question.text, [self.notes[reads](question.text)] if reads in self.notes else [])

    def told(self, question: Question, reads: str) -> str:
        """What the picture answers by itself, read in this way; "" where a model is to be asked."""
        return self.tells[reads](question.text) if reads in self.tells else ""


@dataclass(frozen=True)
class System:
    """A voice and what it is given: a key of Ground.texts, and whether the pixels too. `talks`: judged generously
    besides, as it never learned to answer with the bare value."""

    name: str
    voice: Voice
    reads: str
    pixels: bool = False
    talks: bool = False


@dataclass(frozen=True)
class Replied:
    """A question with a system's reply; `text` is what the system read of the picture, and what it told by itself."""

    question: Question
    reply: str
    text: str


@dataclass
class Judged:
    """The replies of one system, one score (0 or 1) a question of each group."""

    name: str
    replies: Sequence[Replied]
    reading: list[float] = field(default_factory=list)
    seeing: list[float] = field(default_factory=list)
    absent: list[float] = field(default_factory=list)
    false_absent: list[float] = field(default_factory=list)
    kinds: dict[str, list[float]] = field(default_factory=dict)
    scores: list[float] = field(default_factory=list)

    def row(self, seed: int) -> list[str]:
        """The cells of the table."""
        parts = (self.reading, self.seeing, self.absent, self.false_absent)
        return [self.name, str(len(self.replies)), *(share(mean_of(part, seed)) for part in parts)]

    def figures(self, seed: int) -> dict[str, Any]:
        """The same numbers by name, and each kind's."""
        named = ("reading", "seeing", "absent", "false_absent")
        whole: dict[str, Estimate] = {name: mean_of(getattr(self, name), seed) for name in named}
        return whole | {f"kind {kind}": mean_of(scores, seed) for kind, scores in sorted(self.kinds.items())}


def systems_of(systems: Systems, true: bool = False) -> list[System]:
    """Who is asked, from the weakest to the strongest; `true`: also over the truth about the picture."""
    listed = [System("base, words", systems.base, "words", talks=True)] if systems.base else []
    for voice in systems.trained:
        listed.append(System(f"{voice.name}, words", voice, "words"))
        if systems.tower is not None:
            listed.append(System(f"{voice.name}, words + marks", voice, "marks"))
        if voice.model.reads_pictures:
            listed.append(System(f"{voice.name}, words + pixels", voice, "words", pixels=True))
            if systems.tower is not None:
                listed.append(System(f"{voice.name}, words + marks + pixels", voice, "marks", pixels=True))
        if true:
            listed.append(System(f"{voice.name}, true words + true marks", voice, "true"))
    return listed


def ask_all(
    grounds: Iterable[Ground], systems: Sequence[System], on_ground: Callable[[int], None] = lambda done: None
) -> dict[str, list[Replied]]:
    """Every question asked of every system; one picture's questions in a row, so that its prompt is read once."""
    replies: dict[str, list[Replied]] = {system.name: [] for system in systems}
    for done, ground in enumerate(grounds, start=1):
        for system in systems:
            text = ground.texts[system.reads]
            shown = (ground.picture,) if system.pixels and ground.picture else ()
            for question in ground.questions:
                told = "" if system.talks else ground.told(question, system.reads)
                asked = question.text if system.talks else ground.asked(question, system.reads)
                said = told or system.voice.say(build_messages(asked, (), [text]), shown)
                known = told or asked.removeprefix(question.text.strip())
                replies[system.name].append(Replied(question, said, f"{text}\n{known}"))
        on_ground(done)
    return replies


def judge(name: str, replies: Sequence[Replied], accept: Callable[[str, Iterable[str]], bool] = right) -> Judged:
    """One system's replies by group."""
    judged = Judged(name, replies)
    for each in replies:
        score = float(accept(each.reply, each.question.answers))
        judged.scores.append(score)
        group = group_of(each.question.kind)
        judged.kinds.setdefault(each.question.kind, []).append(score)
        if group == ABSENT:
            judged.absent.append(score)
            continue
        (judged.reading if group == "reading" else judged.seeing).append(score)
        judged.false_absent.append(float(refuses(each.reply)))  # in the words for passages too
    return judged


def held(replies: Sequence[Replied]) -> list[Replied]:
    """The replies as the desk passes them on: what does not stand on the picture is not said."""
    return [
        each
        if is_absent(each.reply) or is_held(each.reply, [each.text])
        else Replied(each.question, NOT_SHOWN, each.text)
        for each in replies
    ]


def judge_all(systems: Sequence[System], replies: dict[str, list[Replied]]) -> list[Judged]:
    """A row for each system; a talking one also generously, one with marks also behind the desk's check."""
    rows = []
    for system in systems:
        said = replies[system.name]
        rows.append(judge(system.name, said))
        if system.talks:
            rows.append(judge(f"{system.name}, answer anywhere in the reply", said, says))
        elif system.reads == "marks":
            rows.append(judge(f"{system.name}, checked as by the desk", held(said)))
    return rows


def add_asks(writer: Writer, systems: Sequence[System], rows: Sequence[Judged], seed: int) -> None:
    """The table, each kind of question for the last system that reads marks, and what marks and pixels bring."""
    writer.say(*table(HEAD, [row.row(seed) for row in rows]))
    writer.figures["systems"] = {row.name: row.figures(seed) for row in rows}
    by_name = {row.name: row for row in rows}
    for told in _gains(systems, by_name, seed, writer.figures):
        writer.say(told)
    shown = [system.name for system in systems if system.reads == "marks"] or [system.name for system in systems][-1:]
    for name in shown:
        kinds = sorted(by_name[name].kinds.items())
        told = ", ".join(f"{kind} {share(mean_of(scores, seed))} (n {len(scores)})" for kind, scores in kinds)
        writer.say(f"By kind, {name}: {told}.")
    writer.details += [row for judged in rows for row in _rows(judged)]


# What a system reads, and what is switched on beside it: ("words" or "marks", pixels).
_STEPS = (
    (("words", False), ("marks", False)),
    (("words", False), ("words", True)),
    (("marks", False), ("marks", True)),
)


def _gains(systems: Sequence[System], rows: dict[str, Judged], seed: int, figures: dict[str, Any]) -> list[str]:
    """What marks and pixels add on visual state, question by question."""
    by_place = {(id(each.voice), each.reads, each.pixels): each.name for each in systems}
    told = []
    for voice in dict.fromkeys(id(each.voice) for each in systems):
        for before, after in _STEPS:
            off, on = by_place.get((voice, *before)), by_place.get((voice, *after))
            if off and on:
                gain = paired_difference(rows[off].seeing, rows[on].seeing, seed)
                figures[f"gain on visual state: {off} -> {on}"] = gain
                told.append(
                    f"Switched off and on: visual state {gain.mean:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}] from "
                    f"{off} to {on} (n {gain.count})."
                )
    return told


def _rows(judged: Judged) -> list[dict[str, Any]]:
    """Every reply, for whoever wants to look."""
    return [
        {
            "system": judged.name,
            "id": each.question.id,
            "kind": each.question.kind,
            "question": each.question.text,
            "answers": each.question.answers,
            "reply": each.reply,
            "right": bool(score),
        }
        for each, score in zip(judged.replies, judged.scores, strict=True)
    ]
