"""`python -m bench.learn_speed`: fine-tuning beside the stock trainers: same model, same adapters, same answers.

One set of examples; what is counted are tokens of whole conversations (prompt and answer, each read alone) and answers
a second, so that nobody gains by reading less or by padding.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench import machine
from bench.report import table

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
RATE = 2e-4


@dataclass(frozen=True)
class Conversation:
    """An answer with its prompt, as ids; ids from `answer_at` on are learned."""

    ids: list[int]
    answer_at: int


def main() -> None:
    """Train with each for the same time, in turns, and print what each got through."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60, help="training of each, in all")
    options.add_argument("--rounds", type=int, default=2, help="turns that these are taken in")
    options.add_argument("--examples", type=int, default=120, help="made-up topics")
    options.add_argument("--tokens", type=int, default=1536, help="of a row, and of a batch")
    options.add_argument("--rank", type=int, default=16)
    options.add_argument("--threads", type=int, default=0)
    options.add_argument("--base", default="embedded")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    shown = " ".join(["python -m bench.learn_speed", *sys.argv[1:]])
    facts = machine.describe(shown, given.seed)
    print(*machine.lines(facts), "", sep="\n", flush=True)
    found = run(given, print)
    if given.json:
        given.json.write_text(json.dumps({"machine": facts, "systems": found}, indent=1) + "\n", "utf-8")


def run(given: argparse.Namespace, say: Callable[[str], Any]) -> dict[str, dict[str, float]]:
    """Tokens of conversations and answers a second, by system."""
    import torch

    torch.set_num_threads(given.threads or max(1, len(os.sched_getaffinity(0))))
    torch.set_flush_denormal(True)
    makers = systems(given)
    say(
        f"{len(makers)} systems, {given.seconds:g} s each in {given.rounds} turns; LoRA rank {given.rank} on all "
        f"linear layers, AdamW, {given.tokens} tokens a step, {torch.get_num_threads()} threads; CPU seconds."
    )
    taken: dict[str, list[float]] = {name: [0.0, 0.0, 0.0] for name in makers}
    for turn in range(given.rounds):
        for name, make in makers.items():
            got = make(given.seconds / given.rounds, given.seed + turn)
            taken[name] = [one + other for one, other in zip(taken[name], got, strict=True)]
            print(f"{name}: {got[1] / got[0]:.0f} tokens/s", file=sys.stderr, flush=True)
    told = {
        name: {"tokens a second": tokens / seconds, "answers a second": answers / seconds, "seconds": seconds}
        for name, (seconds, tokens, answers) in taken.items()
    }
    peer = told.get("transformers Trainer + peft", next(iter(told.values())))["tokens a second"]
    rows = []
    for name, each in told.items():
        rate = each["tokens a second"]
        rows.append([name, f"{rate:.0f}", f"{each['answers a second']:.2f}", f"{rate / peer:.2f}"])
    say("\n".join(table(("", "tokens/s of whole conversations", "answers/s", "of Trainer"), rows)))
    return told


Got = tuple[float, float, float]  # seconds, tokens, answers


def systems(given: argparse.Namespace) -> dict[str, Callable[[float, int], Got]]:
    """What can be measured here, by name."""
    from finetune.recipe import Recipe
    from finetune.run import open_base

    cache = _cache()
    recipe = Recipe(
        base=given.base, rank=given.rank, alpha=2 * given.rank, lr_language=RATE, tokens_per_batch=given.tokens,
        length_power=0.0, threads=given.threads,
    )  # fmt: skip
    examples = _examples(given.examples, given.seed)
    tokenizer, _ = open_base(recipe, cache)
    alone = conversations(examples, tokenizer)

    def ours(shared: bool) -> Callable[[float, int], Got]:
        return lambda seconds, seed: packed(
            examples if shared else apart(examples), recipe, cache, alone, seconds, seed
        )

    makers: dict[str, Callable[[float, int], Got]] = {
        "ours, packed, prompts shared": ours(True),
        "ours, packed, every conversation whole": ours(False),
        "ours, one conversation a row": lambda seconds, seed: packed(
            apart(examples), replace(recipe, tokens_per_batch=1, accumulation=_size(alone, given.tokens)), cache, alone,
            seconds, seed,
        ),
        "transformers Trainer + peft": lambda seconds, seed: stock(alone, recipe, cache, seconds, seed),
    }  # fmt: skip
    with contextlib.suppress(ImportError):
        import trl  # type: ignore[import-not-found]  # noqa: F401

        makers["TRL SFTTrainer, padded"] = lambda seconds, seed: by_trl(alone, recipe, cache, seconds, seed, False)
        makers["TRL SFTTrainer, packing"] = lambda seconds, seed: by_trl(alone, recipe, cache, seconds, seed, True)
    return makers


def _cache() -> Path:
    from agent.settings import load_settings

    return load_settings({}).cache


def _examples(count: int, seed: int) -> list[Any]:
    from finetune.grounded import make_grounded

    return list(make_grounded(count, "train", seed))


def apart(examples: Sequence[Any]) -> list[Any]:
    """Each ask as an example of its own, so that no prompt is shared."""
    return [
        replace(each, id=f"{each.id}-{at}", asks=(ask,)) for each in examples for at, ask in enumerate(each.asks)
    ]  # fmt: skip


def conversations(examples: Sequence[Any], tokenizer: Any) -> list[Conversation]:
    """Every ask as the ids of a whole conversation."""
    from finetune.batches import Encoder

    told = []
    encoder = Encoder(tokenizer, 2048)
    for each in apart(examples):
        tree = encoder.encode(each)
        if tree is not None:
            branch = tree.branches[0]
            told.append(
                Conversation([*tree.prefix.tolist(), *branch.ids.tolist()], len(tree.prefix) + branch.answer_at)
            )
    return told


def _size(alone: Sequence[Conversation], tokens: int) -> int:
    """How many conversations make a batch of so many tokens."""
    return max(1, round(tokens * len(alone) / sum(len(each.ids) for each in alone)))


def packed(
    examples: Sequence[Any], recipe: Any, cache: Path, alone: Sequence[Conversation], seconds: float, seed: int
) -> Got:
    """Our trainer; the first step is not counted."""
    from finetune.examples import save_examples
    from finetune.run import start

    with tempfile.TemporaryDirectory() as folder:
        save_examples(examples, Path(folder) / "e.jsonl")
        made = replace(
            recipe, data=(f"{folder}/e.jsonl",), held_out=0, max_steps=1_000_000, seed=seed, save_every=1e9,
            ask_every=1e9,
        )  # fmt: skip
        clock = _Clock(seconds)
        start(made, Path(folder) / "run", cache, on_progress=lambda told: clock.step(), stopping=lambda: clock.over)
        learned = _learned(Path(folder) / "run", made, clock.steps - 1)
    answers = sum(len(tree.branches) for tree in learned)
    whole = sum(len(tree.prefix) + len(branch.ids) for tree in learned for branch in tree.branches)
    return clock.seconds, float(whole), float(answers)


def _learned(run: Path, recipe: Any, steps: int) -> list[Any]:
    """The trees of the steps after the first, in the order in which the trainer took them."""
    from finetune.batches import common_length, endless
    from finetune.prepare import load_prepared
    from finetune.run import PREPARED

    trees = load_prepared(run / PREPARED).learned
    common = common_length(trees)
    rows = endless([len(tree) - common for tree in trees], recipe.tokens_per_batch, recipe.seed)
    taken: list[Any] = []
    for step in range(steps + 1):
        for _ in range(recipe.accumulation):
            row = next(rows)
            taken += [trees[number] for number in row] if step else []
    return taken


class _Clock:
    """CPU seconds of this process since the end of the first step, which warms everything up: other work on the machine
    does not count, and with one thread they are the seconds of an idle machine."""

    def __init__(self, most: float) -> None:
        self.steps = 0
        self._most = most
        self._began = self._ended = 0.0

    def step(self) -> None:
        """A step is done."""
        self.steps += 1
        self._ended = time.process_time()
        if self.steps == 1:
            self._began = self._ended

    @property
    def seconds(self) -> float:
        """From the first to the last."""
        return max(1e-9, self._ended - self._began)

    @property
    def over(self) -> bool:
        """Whether the time is up; two steps are always made."""
        return self.steps > 1 and self.seconds >= self._most


def _peft_model(recipe: Any, cache: Path) -> tuple[Any, Any]:
    """The same base with peft's adapters."""
    from peft import LoraConfig, get_peft_model

    from finetune.run import open_base

    tokenizer, model = open_base(recipe, cache)
    settings = LoraConfig(
        r=recipe.rank, lora_alpha=recipe.alpha, target_modules=list(TARGETS), lora_dropout=0.0, task_type="CAUSAL_LM"
    )  # fmt: skip
    return tokenizer, get_peft_model(model.float(), settings)


def _stopper(clock: _Clock) -> Any:
    from transformers import TrainerCallback

    class Stopper(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
            clock.step()
            control.should_training_stop = clock.over
            return control

    return Stopper()


def _arguments(kind: Any, folder: str, size: int, seed: int, **more: Any) -> Any:
    from finetune.generator import has_half

    return kind(
        output_dir=folder, per_device_train_batch_size=size, max_steps=1_000_000, learning_rate=RATE, weight_decay=0.01,
        warmup_steps=10, save_strategy="no", report_to=[], logging_steps=10_000, disable_tqdm=True, use_cpu=True,
        dataloader_pin_memory=False, remove_unused_columns=False, seed=seed, bf16=has_half("cpu"), **more,
    )  # fmt: skip


class _Rows:
    """Conversations as the trainer's data set; remembers in which order they were taken."""

    def __init__(self, alone: Sequence[Conversation], seed: int) -> None:
        self.order = list(alone)
        random.Random(seed).shuffle(self.order)

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, at: int) -> dict[str, list[int]]:
        each = self.order[at]
        return {"input_ids": each.ids, "labels": [-100] * each.answer_at + each.ids[each.answer_at :]}


def stock(alone: Sequence[Conversation], recipe: Any, cache: Path, seconds: float, seed: int) -> Got:
    """transformers' Trainer with peft: padded batches of about as many tokens as our rows."""
    from transformers import DataCollatorForSeq2Seq, Trainer, TrainingArguments

    tokenizer, model = _peft_model(recipe, cache)
    clock, rows, size = _Clock(seconds), _Rows(alone, seed), _size(alone, recipe.tokens_per_batch)

    class InOrder(Trainer):  # type: ignore[misc]
        def _get_train_sampler(self, *args: Any, **kwargs: Any) -> Any:
            return None

    with tempfile.TemporaryDirectory() as folder, _quiet():
        InOrder(
            model=model, args=_arguments(TrainingArguments, folder, size, seed), train_dataset=rows,
            data_collator=DataCollatorForSeq2Seq(tokenizer, padding=True), callbacks=[_stopper(clock)],
        ).train()  # fmt: skip
    return _got(clock, rows.order, size)


def by_trl(alone: Sequence[Conversation], recipe: Any, cache: Path, seconds: float, seed: int, packs: bool) -> Got:
    """TRL's SFTTrainer on the same ids; with packing, rows of our length."""
    from datasets import Dataset  # type: ignore[import-not-found]
    from trl import SFTConfig, SFTTrainer

    tokenizer, model = _peft_model(recipe, cache)
    clock, rows, size = _Clock(seconds), _Rows(alone, seed), _size(alone, recipe.tokens_per_batch)
    told = [{"input_ids": each.ids, "completion_mask": [int(at >= each.answer_at) for at in range(len(each.ids))]}
            for each in rows.order]  # fmt: skip
    more = {"max_length": recipe.tokens_per_batch if packs else None, "packing": packs, "completion_only_loss": True,
            "padding_free": False, "gradient_checkpointing": False}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, _quiet():
        arguments = _arguments(SFTConfig, folder, 1 if packs else size, seed, **more)
        trainer = SFTTrainer(
            model=model, args=arguments, train_dataset=Dataset.from_list(told), processing_class=tokenizer,
            callbacks=[_stopper(clock)],
        )  # fmt: skip
        trainer.train()
        if packs:  # in which order it filled them nobody tells: by the tokens of its rows
            lengths = [len(row) for row in trainer.train_dataset["input_ids"]]
            tokens = (clock.steps - 1) * sum(lengths) / len(lengths)
            return clock.seconds, tokens, tokens * len(alone) / sum(len(each.ids) for each in alone)
    return _got(clock, rows.order, size)


def _got(clock: _Clock, order: Sequence[Conversation], size: int) -> Got:
    """What the steps after the first took, round after round through the data."""
    taken = [order[at % len(order)] for at in range(size, size * clock.steps)]
    return clock.seconds, float(sum(len(each.ids) for each in taken)), float(len(taken))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the trainers' own lines."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


if __name__ == "__main__":
    main()
