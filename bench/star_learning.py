"""STAR by conversation and time: an encoder taught by earlier conversations, beside the frozen one, on later ones.

Four questions: which of 100 replies is the agent's own; is an earlier reply, or an earlier moment, of the same action
among the first five found; is an earlier conversation of the same tasks; which action comes next? What is asked is
later than all that was learned.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench import machine
from bench.intents import DATASETS, _gain, _span
from bench.report import Report, Writer, skipped, table
from finetune.cases import Case
from finetune.classifier import spoken
from finetune.deciders import DecidersRecipe, Lot, fit_intents
from finetune.deciders_train import lesson_of
from finetune.encoder import EncoderRecipe, tune_encoder
from finetune.facts import values, words
from finetune.likeness import chrf, rouge_l
from finetune.report import compared, tally_labels
from index.embed import Embedder, find_model, load_embedder
from index.measure import hit_at, mean_of, paired_difference
from index.passages import is_small_talk

TITLE = "STAR, learned from the earlier conversations"
CONTEXT = 3  # messages before a reply
CHOICES = 100
LEAST_ACTION = 8  # times an action was taken in what is learned
WANTED_GAIN = 0.05
WRITTEN = 1000  # replies read beside the agent's own


@dataclass(frozen=True)
class Step:
    """What was said before an agent's reply, the reply, and its action."""

    context: str
    reply: str
    action: str


@dataclass(frozen=True)
class Talk:
    """A conversation: its tasks, what the customer said first and wanted (before the agent's first answer to it,
    greetings left out), and the agent's steps."""

    id: str
    at: str
    tasks: str
    opening: str
    wanted: str
    steps: tuple[Step, ...]


def read_talks(folder: Path) -> list[Talk]:
    """Every conversation with a customer's opening and an agent's reply, oldest first."""
    talks = []
    with gzip.open(folder / "transcripts.jsonl.gz", "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            said = [each for each in row["messages"] if each["text"].strip()]
            opening = next((each["text"] for each in said if each["role"] == "customer"), "")
            steps = tuple(
                Step("\n".join(past["text"] for past in said[max(0, at - CONTEXT) : at]), each["text"], each["action"])
                for at, each in enumerate(said)
                if at and each["role"] == "agent" and each.get("action")
            )
            if opening and steps:
                when = next((each["at"] for each in said if each.get("at")), "")
                talks.append(
                    Talk(row["id"], when, "+".join(sorted(row.get("tasks", ()))), opening, wanted_of(said), steps)
                )
    return sorted(talks, key=lambda each: (each.at, each.id))


def wanted_of(said: Sequence[dict[str, Any]]) -> str:
    """What the customer said about the matter before the agent answered it; the first words where all is small talk."""
    found: list[str] = []
    for each in said:
        if each["role"] == "agent" and found:
            break
        if each["role"] == "customer" and not is_small_talk(each["text"]):
            found.append(each["text"])
    return "\n".join(found) or next((each["text"] for each in said if each["role"] == "customer"), "")


def split(talks: Sequence[Talk], share: float) -> tuple[list[Talk], list[Talk]]:
    """(earlier, the last `share` of them)."""
    later = round(len(talks) * share)
    return list(talks[: len(talks) - later]), list(talks[len(talks) - later :])


def lessons_of(learn: Sequence[Talk]) -> list[Any]:
    """What the encoder learns: openings by their tasks; contexts and replies by the action, so that what was said lies
    beside what is answered."""
    steps = [step for talk in learn for step in talk.steps]
    often = Counter(step.action for step in steps)
    kept = [step for step in steps if often[step.action] >= LEAST_ACTION]
    said = [Case(step.context, step.action) for step in kept]
    replies = {step.reply: step.action for step in kept}
    said += [Case(reply, action) for reply, action in replies.items()]
    openings = [Case(talk.opening, talk.tasks) for talk in learn if talk.tasks]
    return [lesson_of("tasks", openings)[0], lesson_of("actions", said)[0]]


def run(folder: Path, home: Path, talks: int, epochs: int, seed: int, tell: Callable[..., None]) -> Report:
    """Everything of one run. `talks` of the latest conversations are used (0: all)."""
    if not (folder / "transcripts.jsonl.gz").is_file():
        return skipped(TITLE, f"the set is not in {folder.parent}")
    learn, asked = split(read_talks(folder)[-talks:], 0.2)
    recipe = EncoderRecipe(epochs=epochs, rate=3e-4, seed=seed)
    done = tune_encoder(find_model("minilm")[0], lessons_of(learn), home / "star", recipe, tell=tell)
    sides = {"frozen": load_embedder(), "taught": load_embedder(str(done.folder), name="taught")}
    writer = Writer(TITLE)
    steps = [step for talk in asked for step in talk.steps]
    writer.say(f"{len(learn)} earlier conversations learned, {len(asked)} later ones asked with {len(steps)} replies.")
    lines = _selection(writer, steps, sides, seed) + _moments(writer, learn, steps, sides, seed)
    lines += _finding(writer, learn, asked, sides, seed)
    lines.append(_actions(writer, learn, asked, sides, seed))
    writer.say(*table(["", "before", "after", "difference"], lines))
    for name in ("earlier reply, hit@5", "earlier moment, hit@5", "hit@5"):
        gain = writer.figures[name]["gain"]
        good = gain.mean >= WANTED_GAIN and gain.low > 0
        writer.say(f"Target {name} +{WANTED_GAIN:.2f}, interval above zero: {'reached' if good else 'missed'}.")
    return writer.done()


def reply_ranks(steps: Sequence[Step], embedder: Embedder, seed: int) -> list[int]:
    """The rank (from 1) of each agent's own reply among so many others, ties counted against it."""
    texts = list(dict.fromkeys(step.reply for step in steps))
    place = {text: at for at, text in enumerate(texts)}
    replies, contexts = embedder.embed(texts), embedder.embed([step.context for step in steps])
    ranks = []
    for row, step in enumerate(steps):
        others = [at for at in range(len(texts)) if at != place[step.reply]]
        drawn = np.random.default_rng([seed, row]).permutation(others)[: CHOICES - 1]
        scores = replies[drawn] @ contexts[row]
        ranks.append(1 + int((scores >= replies[place[step.reply]] @ contexts[row]).sum()))
    return ranks


def _selection(writer: Writer, steps: Sequence[Step], sides: dict[str, Embedder], seed: int) -> list[list[str]]:
    ranks = {name: reply_ranks(steps, embedder, seed) for name, embedder in sides.items()}
    lines = []
    for top in (1, 5, 10):
        hits = [[float(rank <= top) for rank in ranks[name]] for name in sides]
        lines.append(_line(writer, f"reply@{top} of {CHOICES}", hits, seed))
    return lines


def _moments(
    writer: Writer, learn: Sequence[Talk], steps: Sequence[Step], sides: dict[str, Embedder], seed: int
) -> list[list[str]]:
    """What the desk looks for in the middle of a chat: something earlier that was answered by the same action. By the
    earlier replies themselves (each wording once), and by what was said before them (each conversation once)."""
    shelf = [(talk.id, step) for talk in learn for step in talk.steps]
    replies: dict[str, set[str]] = {}
    for _, step in shelf:
        replies.setdefault(step.reply, set()).add(step.action)
    texts, owners = list(replies), [owner for owner, _ in shelf]
    asked = [step for step in steps if any(step.action in done for done in replies.values())]
    found: dict[str, list[list[float]]] = {"earlier reply, hit@5": [], "earlier moment, hit@5": []}
    for embedder in sides.values():
        questions = embedder.embed([step.context for step in asked])
        said = first_ones(questions, embedder.embed(texts), texts)
        found["earlier reply, hit@5"].append(
            [float(any(step.action in replies[texts[at]] for at in row)) for step, row in zip(asked, said, strict=True)]
        )
        near = first_ones(questions, embedder.embed([step.context for _, step in shelf]), owners)
        found["earlier moment, hit@5"].append(
            [
                float(any(step.action == shelf[at][1].action for at in row))
                for step, row in zip(asked, near, strict=True)
            ]
        )
    for side, embedder in enumerate(sides.values()):
        few = asked[:: max(1, len(asked) // WRITTEN)]
        for name, numbers in reply_likeness(few, texts, replies, embedder).items():
            found.setdefault(name, []).insert(side, numbers)
    return [_line(writer, name, both, seed) for name, both in found.items()]


def reply_likeness(
    steps: Sequence[Step], texts: Sequence[str], replies: dict[str, set[str]], embedder: Embedder
) -> dict[str, list[float]]:
    """What is said when the nearest earlier reply is: is it of the right action, how like the agent's own (chrF 0..1,
    ROUGE-L), and how many of its figures, codes and names are in it."""
    near = first_ones(embedder.embed([step.context for step in steps]), embedder.embed(texts), texts, 1)
    said = [texts[row[0]] for row in near]
    sought = [values(step.reply) for step in steps]
    return {
        "first reply: action right": [
            float(step.action in replies[text]) for step, text in zip(steps, said, strict=True)
        ],
        "first reply: chrF": [chrf(text, step.reply) / 100 for step, text in zip(steps, said, strict=True)],
        "first reply: ROUGE-L": [rouge_l(text, step.reply) for step, text in zip(steps, said, strict=True)],
        "first reply: facts": [
            len(facts & set(words(text))) / len(facts) for facts, text in zip(sought, said, strict=True) if facts
        ],
    }


def first_ones(questions: np.ndarray, shelf: np.ndarray, owners: Sequence[str], top: int = 5) -> list[list[int]]:
    """The nearest places of the shelf for each question, of each owner only its nearest."""
    found = []
    for start in range(0, len(questions), 256):
        near = questions[start : start + 256] @ shelf.T
        for row in near:
            best: dict[str, int] = {}
            for at in np.argsort(-row, kind="stable").tolist():
                if len(best) == top:
                    break
                best.setdefault(owners[at], at)
            found.append(list(best.values()))
    return found


def _finding(
    writer: Writer, learn: Sequence[Talk], asked: Sequence[Talk], sides: dict[str, Embedder], seed: int
) -> list[list[str]]:
    """Earlier conversations of the very same tasks, by what the customer wanted."""
    found: dict[str, list[list[float]]] = {"hit@1": [], "hit@5": []}
    for embedder in sides.values():
        near = embedder.embed([talk.wanted for talk in asked]) @ embedder.embed([talk.wanted for talk in learn]).T
        ranked = [[learn[at].id for at in np.argsort(-row)[:5]] for row in near]
        same = [{one.id for one in learn if one.tasks == talk.tasks} for talk in asked]
        for top in (1, 5):
            found[f"hit@{top}"].append(
                [hit_at(row, right, top) for row, right in zip(ranked, same, strict=True) if right]
            )
    return [_line(writer, name, both, seed) for name, both in found.items()]


def _line(writer: Writer, name: str, both: Sequence[list[float]], seed: int) -> list[str]:
    before, after = both
    gain = paired_difference(before, after, seed)
    writer.figures[name] = {"before": mean_of(before, seed), "after": mean_of(after, seed), "gain": gain}
    return [name, _span(mean_of(before, seed)), _span(mean_of(after, seed)), _gain(gain)]


def _actions(
    writer: Writer, learn: Sequence[Talk], asked: Sequence[Talk], sides: dict[str, Embedder], seed: int
) -> list[str]:
    """Macro F1 of the next action. Before: the action whose name lies nearest, nothing learned; after: a head."""
    often = Counter(step.action for talk in learn for step in talk.steps)
    labels = sorted(action for action, count in often.items() if count >= LEAST_ACTION)
    steps = {name: [step for talk in talks for step in talk.steps if step.action in labels]
             for name, talks in (("learn", learn), ("asked", asked))}  # fmt: skip
    wanted = [step.action for step in steps["asked"]]
    frozen, taught = sides.values()
    names = frozen.embed([spoken(label) for label in labels])
    near = frozen.embed([step.context for step in steps["asked"]]) @ names.T
    vectors = taught.embed([step.context for step in steps["learn"]])
    weights, bias, order = fit_intents(
        Lot(vectors, tuple(step.action for step in steps["learn"])), DecidersRecipe(seed=seed)
    )
    said = (taught.embed([step.context for step in steps["asked"]]) @ weights.T + bias).argmax(axis=1)
    found = compared(
        tally_labels(wanted, [labels[at] for at in near.argmax(axis=1)], labels),
        tally_labels(wanted, [order[at] for at in said], labels),
    )
    before, after = (each.average("macro").f1 for each in (found.before, found.after))
    writer.figures["next action"] = {"before": before, "after": after, "gain": found.macro, "actions": len(labels)}
    return [f"next action of {len(labels)}, macro F1", f"{before:.3f}", f"{after:.3f}", _gain(found.macro)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, ask, print."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    parser = argparse.ArgumentParser(prog="python -m bench.star_learning", description=__doc__)
    parser.add_argument("--datasets", type=Path, default=DATASETS)
    parser.add_argument("--home", type=Path, help="folder of the training, to go on with (default: a temporary one)")
    parser.add_argument("--talks", type=int, default=0, help="so many of the latest conversations (0: all)")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    if asked.threads:
        import torch

        torch.set_num_threads(asked.threads)
    shown = " ".join(["python -m bench.star_learning", *(sys.argv[1:] if arguments is None else arguments)])
    print("\n".join(["# STAR, measured", "", *machine.lines(machine.describe(shown, asked.seed)), ""]), flush=True)

    def tell(told: dict[str, Any]) -> None:
        if told["step"] % 50 == 0:
            print(told, file=sys.stderr, flush=True)

    with ExitStack() as stack:
        home = asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deskside-star-")))
        report = run(asked.datasets / "star", home, asked.talks, asked.epochs, asked.seed, tell)
        print(report.markdown(), flush=True)
        home.mkdir(parents=True, exist_ok=True)
        (home / "star.json").write_text(json.dumps(report.figures, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
