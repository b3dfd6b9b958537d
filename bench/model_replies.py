"""Replies beside those that people gave: perplexity, chrF and ROUGE-L on conversations never trained on."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.model import ChatMessage
from agent.prompts import build_messages
from bench.model_systems import Systems, Voice
from bench.report import Report, Writer, share, skipped, table
from finetune.facts import bare, fact_said, values
from finetune.likeness import chrf, rouge_l
from index.measure import Estimate, mean_of

TITLE = "Replies beside those that people gave"
MOST_TOKENS = 96
SETS = {"star": "STAR, the agent's next message", "shop": "demo shop, the fix of another ticket"}
HEAD = ("", "n", "perplexity", "chrF", "ROUGE-L", "facts said (n)")


@dataclass(frozen=True)
class Turn:
    """A prompt and the reply that a person gave."""

    messages: tuple[ChatMessage, ...]
    wanted: str


@dataclass
class Likeness:
    """How one voice does on one set, a number a reply; `surprise` is (nats, tokens)."""

    surprise: list[tuple[float, int]] = field(default_factory=list)
    chrf: list[float] = field(default_factory=list)
    rouge: list[float] = field(default_factory=list)
    facts: list[float] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)


def run(systems: Systems, datasets: Path, count: int, seed: int) -> Report:
    """Conversations kept out of the training: of STAR by conversation, of the shop by issue."""
    sets = {name: turns for name in SETS if (turns := turns_of(name, datasets, count, seed))}
    if not sets:
        return skipped(TITLE, "neither STAR nor the demo shop is there")
    writer = Writer(TITLE)
    for name, turns in sets.items():
        rows = []
        for voice in systems.voices:
            like = measure(voice, turns, f"{name} {voice.name}")
            rows.append([voice.name, *cells(like, seed, writer.figures, f"{name} {voice.name}")])
            writer.details += [{"set": name, "system": voice.name, **row} for row in like.rows]
        writer.say(f"{SETS[name]}: {len(turns)} replies, none of a conversation or issue that was trained on.")
        writer.say(*table(HEAD, rows))
    left = [SETS[name] for name in SETS if name not in sets]
    writer.say(
        *([f"Left out, not there: {', '.join(left)}."] if left else []),
        "Perplexity a token of the person's reply and its end; chrF (Popovic 2015) 0 to 100 and ROUGE-L (Lin 2004) of "
        "the greedy reply without citations; facts: replies of the shop with figures, codes or names.",
    )
    return writer.done()


def turns_of(name: str, datasets: Path, count: int, seed: int) -> list[Turn]:
    """Up to `count` different replies of a set's test split; [] when the set is not there."""
    from finetune.datasets import load_makers

    make = load_makers(datasets, "test").get(name)
    chance = random.Random(f"replies {name} {seed}")
    turns: dict[tuple[str, str], Turn] = {}
    for _ in range(10 * count if make else 0):
        assert make is not None
        example = make(chance, "test")
        for ask in example.asks:
            if ask.kind != "absent" and len(turns) < count:
                messages = build_messages(ask.question, example.passages, example.screens, example.history)
                turns.setdefault((messages[-1].text, ask.answer), Turn(tuple(messages), ask.answer))
    return list(turns.values())


def measure(voice: Voice, turns: Sequence[Turn], what: str) -> Likeness:
    """Every turn answered by one voice, and the person's reply read by it."""
    like = Likeness()
    surprise = surprise_of(voice) if voice.language is not None else None
    for done, turn in enumerate(turns, start=1):
        if surprise is not None:
            like.surprise.append(surprise(turn))
        reply = voice.say(turn.messages, most=MOST_TOKENS)
        like.chrf.append(chrf(bare(reply), bare(turn.wanted)))
        like.rouge.append(rouge_l(bare(reply), bare(turn.wanted)))
        if values(turn.wanted) and "[" in turn.wanted:
            like.facts.append(float(fact_said(reply, turn.wanted)))
        like.rows.append({"question": turn.messages[-1].text, "gold": turn.wanted, "reply": reply})
        if done % 10 == 0:
            print(f"{what}: {done} of {len(turns)}", file=sys.stderr, flush=True)
    return like


def surprise_of(voice: Voice) -> Callable[[Turn], tuple[float, int]]:
    """A function from a turn to (nats, tokens) of the person's reply under this model, its end included."""
    import torch

    from agent.decode import tune_thread
    from agent.stream import control_pattern, control_tokens
    from agent.template import encode_chat

    tokenizer, language = voice.tokenizer, voice.language
    pattern = control_pattern(control_tokens(tokenizer))
    tune_thread(int(getattr(voice.model, "threads", 1)))

    def surprise(turn: Turn) -> tuple[float, int]:
        prompt = encode_chat(tokenizer, turn.messages, pattern)["input_ids"][0].tolist()
        told = [*tokenizer.encode(turn.wanted, add_special_tokens=False), tokenizer.eos_token_id]
        with torch.inference_mode():
            ids = torch.tensor([[*prompt, *told[:-1]]], device=language.device)
            logits = language(input_ids=ids, logits_to_keep=len(told)).logits[0].float()
            nats = torch.nn.functional.cross_entropy(logits, torch.tensor(told, device=logits.device), reduction="sum")
        return float(nats), len(told)

    return surprise


def perplexity(surprise: Sequence[tuple[float, int]], seed: int) -> Estimate:
    """exp of the nats a token over all replies, with the interval of resampled replies."""
    from bench.model_marks import ratio_of

    rate = ratio_of(surprise, seed)
    return Estimate(math.exp(rate.mean), math.exp(rate.low), math.exp(rate.high), len(surprise))


def cells(like: Likeness, seed: int, figures: dict[str, Any], name: str) -> list[str]:
    """The cells of the table; the numbers go into `figures`."""
    measured = {
        "perplexity": perplexity(like.surprise, seed) if like.surprise else mean_of([]),
        "chrf": mean_of(like.chrf, seed),
        "rouge_l": mean_of(like.rouge, seed),
        "facts": mean_of(like.facts, seed),
    }
    figures[name] = measured
    told = [_tenths(measured["perplexity"]), _tenths(measured["chrf"]), share(measured["rouge_l"])]
    return [str(len(like.chrf)), *told, f"{share(measured['facts'])} ({measured['facts'].count})"]


def _tenths(estimate: Estimate) -> str:
    if not estimate.count:
        return "-"
    return f"{estimate.mean:.1f} [{estimate.low:.1f}, {estimate.high:.1f}]"
