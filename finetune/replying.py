"""What two versions' models write over the same passages of the same later conversations, and what they leave."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.evidence import Evidence
from agent.ground import check
from agent.model import Model
from agent.prompts import build_messages
from agent.written import readable, unless_refused
from finetune.compare import Row, row_of
from finetune.dialogues import case_of
from finetune.examples import Example
from finetune.facts import bare, fact_said
from finetune.likeness import chrf, rouge_l
from finetune.material import Pair
from finetune.own import BlindDesk, answer_from
from index.measure import quantile
from index.store import Store

MOST_ASKED = 40  # conversations: a reply takes a second or two, and both versions write each
MOST_TOKENS = 120
LOOKED_AT = 24  # tokens: enough to hear whether a passage is taken
HELD_TOPICS, HELD_SCREENS = 30, 10  # of other seeds than those that chose the best weights
WORST = 10
SHOWN = 600
Scores = dict[str, list[float]]
METRICS = {
    "reply given": ("of questions that the passages answer: the model answers", True),
    "reply facts": ("... and says the figures, codes, names and most words that the passages say of it", True),
    "reply supported": ("written replies whose every claim stands in the passages", True),
    "reply chrF": ("likeness of the written reply and the team's, 0..1; 0 where none was written", True),
    "reply ROUGE-L": ("the same by words", True),
    "passage taken": ("a passage that answers, alone: the model takes it", True),
    "passage left": ("a passage that does not answer, alone: the model says so", True),
    "screens": ("questions about drawn screens never trained on, answered to the letter", True),
    "topics": ("questions about made-up topics never trained on, answered to the letter", True),
}
# What may not fall, as finetune.gate.GUARDED; held only where a model was trained.
GUARDED = {
    "reply given": 0.10, "reply facts": 0.08, "reply supported": 0.05, "reply chrF": 0.08, "passage taken": 0.10,
    "passage left": 0.08, "screens": 0.05, "topics": 0.05,
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """What a model wrote about one question over `evidence` ("" where it said that nothing answers), what the passages
    say of it ("" for nothing), and whether it took the right passage and left a wrong one (None: there was none)."""

    pair: Pair
    evidence: tuple[Evidence, ...]
    wanted: str
    reply: str
    took: bool | None
    left: bool | None
    seconds: float


@dataclass(frozen=True)
class Question:
    """A later conversation with the grounds it is asked over, the same for both versions."""

    pair: Pair
    evidence: tuple[Evidence, ...]
    wanted: str
    right: Evidence | None
    wrong: Evidence | None
    screens: tuple[str, ...]


def questions_of(
    asked: Sequence[Pair], desk: BlindDesk, store: Store, most: int = MOST_ASKED
) -> list[Question]:  # fmt: skip
    """The later conversations, evenly over their time, with what the desk finds without any of them."""
    hidden = {each.id for each in asked}
    step = max(1.0, len(asked) / most)
    chosen = [asked[int(at * step)] for at in range(min(most, len(asked)))]
    made = []
    for pair in chosen:
        case = case_of(pair, store)
        evidence = desk.found(case, hidden)
        wanted = answer_from(case, evidence)
        number = next((at for at in range(len(evidence)) if f"[{at + 1}]" in wanted), None)
        beside = desk.beside_the_matter(case, hidden)
        screens = tuple(each.text for each in case.pictures if each.text.strip())
        right = evidence[number] if number is not None else None
        made.append(Question(pair, evidence, bare(wanted), right, beside[0] if beside else None, screens))
    return made


def write(model: Model, question: Question) -> Written:
    """A question answered by a model as at the desk."""
    began = time.perf_counter()
    reply = "".join(_stream(model, question, question.evidence, MOST_TOKENS)) if question.evidence else ""
    seconds = time.perf_counter() - began
    took = any(_stream(model, question, (question.right,), LOOKED_AT)) if question.right else None
    left = not any(_stream(model, question, (question.wrong,), LOOKED_AT)) if question.wrong else None
    return Written(question.pair, question.evidence, question.wanted, reply.strip(), took, left, seconds)


def _stream(model: Model, each: Question, evidence: Sequence[Evidence], most: int) -> Any:
    """The fragments of a reply; none where it is that the passages do not answer."""
    passages = [(one.title, one.text) for one in evidence]
    messages = build_messages(each.pair.question, passages, each.screens)
    return unless_refused(readable(model.stream(messages, max_new_tokens=most)))


def scores_of(written: Sequence[Written]) -> Scores:
    """A number for each question and metric; NaN where the metric has nothing to say about it."""
    rows = [_scores(each) for each in written]
    names = [name for name in METRICS if name not in ("screens", "topics")]
    return {name: [row.get(name, math.nan) for row in rows] for name in names}


def _scores(each: Written) -> dict[str, float]:
    told: dict[str, float] = {}
    if each.took is not None:
        told["passage taken"] = float(each.took)
    if each.left is not None:
        told["passage left"] = float(each.left)
    if each.wanted:
        told["reply given"] = float(bool(each.reply))
        told["reply facts"] = float(fact_said(each.reply, each.wanted))
        told["reply chrF"] = chrf(bare(each.reply), each.pair.reply) / 100 if each.reply else 0.0
        told["reply ROUGE-L"] = rouge_l(bare(each.reply), each.pair.reply) if each.reply else 0.0
    if each.reply:
        texts = [f"{one.title}\n{one.text}" for one in each.evidence]
        told["reply supported"] = float(not check(each.reply, texts, [each.pair.question]).dropped)
    return told


def rows_of(
    before: Sequence[Written], after: Sequence[Written], exact: dict[str, tuple[list[bool], list[bool]]], seed: int = 0
) -> list[Row]:  # fmt: skip
    """Every metric of both models, paired. What only one of them wrote says nothing of support."""
    one, other = scores_of(before), scores_of(after)
    rows = []
    for name in one:
        pairs = [each for each in zip(one[name], other[name], strict=True) if not any(map(math.isnan, each))]
        rows.append(row_of(name, [left for left, _ in pairs], [right for _, right in pairs], seed))
    for name, (left, right) in exact.items():
        rows.append(row_of(name, [float(each) for each in left], [float(each) for each in right], seed))
    return rows


def exact_of(
    cache: Path, folders: Sequence[Path], examples: Sequence[Example], threads: int = 0
) -> list[list[bool]]:  # fmt: skip
    """For each folder of trained weights, which of the asks would be answered to the letter (by one forward each)."""
    from finetune.batches import Encoder
    from finetune.continuing import recipe_from
    from finetune.generator import TextTask
    from finetune.run import open_base, prepare_threads

    found = []
    for folder in folders:
        recipe = replace(recipe_from(folder, 1, 0), threads=threads)
        prepare_threads(recipe)
        tokenizer, model = open_base(recipe, cache)
        task = TextTask(model, recipe)
        task.model.eval()
        encoder = Encoder(tokenizer, recipe.longest)
        trees = [tree for tree in map(encoder.encode, examples) if tree is not None]
        found.append([right for tree in trees for _, right in task.exact([tree])])
    return found


def seconds_of(written: Sequence[Written]) -> dict[str, float]:
    """Median and 95 % quantile of the seconds a reply took."""
    taken = [each.seconds for each in written if each.evidence]
    return {"median": quantile(taken, 0.5), "p95": quantile(taken, 0.95)} if taken else {}


def worst_of(before: Sequence[Written], after: Sequence[Written]) -> list[dict[str, Any]]:
    """The conversations whose written reply lost most, with both replies."""

    def lost(at: int) -> float:
        one, other = _scores(before[at]), _scores(after[at])
        return sum(one[name] - other[name] for name in one.keys() & other.keys())

    order = sorted(range(len(before)), key=lambda at: (-lost(at), before[at].pair.id))
    return [
        {
            "ticket": before[at].pair.id, "question": before[at].pair.question[:SHOWN], "lost": round(lost(at), 3),
            "reply of the team": before[at].pair.reply[:SHOWN], "passages say": before[at].wanted[:SHOWN],
            "before": _told(before[at]), "after": _told(after[at]),
        }
        for at in order[:WORST] if lost(at) > 0
    ]  # fmt: skip


def _told(each: Written) -> dict[str, Any]:
    return {"reply": each.reply[:SHOWN], "took the right passage": each.took, "left the wrong one": each.left}
