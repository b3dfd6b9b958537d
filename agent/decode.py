"""Greedy text from one causal language model: blocks of prompt kept between turns, copied runs guessed ahead."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.model import ChatMessage
from agent.stream import Outflow, Spelling, control_pattern, control_tokens
from agent.template import encode_chat
from index.errors import UserError

if TYPE_CHECKING:
    import torch

# The prompt is computed in blocks on a fixed grid, and only whole blocks are reused. A reused block was then
# computed with the same shapes over the same numbers as a fresh one: same bits, same reply.
BLOCK = 128
GUESS = 6  # tokens guessed ahead where the reply copies the prompt
Cancelled = Callable[[], bool]


class Decoder:
    """Token ids in, greedy token ids out. Keeps the keys and values of the last prompt."""

    def __init__(self, model: Any, *, reuse: bool = True, guess: int = GUESS) -> None:
        self._model = model
        self._reuse = reuse
        self._guess = guess
        self._kept: list[int] = []  # the prompt whose whole blocks are at the start of the cache
        self._cache: Any = None
        self.least = 1.0
        """The probability (0..1) of the least likely id of the last reply, its end included."""

    def tokens(
        self, prompt: Sequence[int], ends: frozenset[int], most: int, cancelled: Cancelled
    ) -> Iterator[list[int]]:
        """Runs of new ids, `most` in all, until one of `ends` (left out) or until cancelled."""
        import torch

        ids = list(prompt)
        self.least = 1.0
        try:
            with torch.inference_mode():
                first = self._read(ids, cancelled)
            run = [] if first is None else [first]
            while run and not cancelled():
                run, done = _until(run[: most - (len(ids) - len(prompt))], ends)
                ids += run
                if run:
                    yield run
                if done or cancelled() or len(ids) - len(prompt) >= most:
                    return
                with torch.inference_mode():
                    run = self._step(ids)
        except GeneratorExit:
            raise  # the reader has enough: between two forwards, the cache is sound
        except BaseException:
            self._kept, self._cache = [], None  # a forward that broke off leaves a cache no one can trust
            raise

    def _read(self, ids: list[int], cancelled: Cancelled) -> int | None:
        """The first new id after the prompt; None when cancelled. Blocks already in the cache are not read."""
        import torch

        done = self._shared(ids)
        self._kept = ids[:done]
        logits: torch.Tensor | None = None
        while done < len(ids):
            if cancelled():
                return None
            block = torch.tensor([ids[done : done + BLOCK]], device=self._model.device)
            logits = self._model(input_ids=block, past_key_values=self._cache, logits_to_keep=1).logits
            done += block.shape[1]
            self._kept = ids[:done]
        return None if logits is None else self._picked(logits[0, -1:])[0]

    def _shared(self, ids: list[int]) -> int:
        """Cuts the cache back to the whole blocks that these ids share with the last prompt; how many ids."""
        from transformers import DynamicCache

        same = 0
        for new, old in zip(ids[:-1], self._kept, strict=False):
            if new != old:
                break
            same += 1
        keep = same // BLOCK * BLOCK if self._reuse and self._cache is not None else 0
        if keep:
            self._cache.crop(keep - self._cache.get_seq_length())
        else:
            self._cache = DynamicCache(config=self._model.config)
        return keep

    def _step(self, ids: list[int]) -> list[int]:
        """The next ids: the guessed run as far as the model agrees, and its own next one."""
        import torch

        guessed = copied(ids, self._guess)
        block = torch.tensor([[ids[-1], *guessed]], device=self._model.device)
        logits = self._model(input_ids=block, past_key_values=self._cache).logits
        picks = logits[0].argmax(-1).tolist()
        right = 0
        while right < len(guessed) and guessed[right] == picks[right]:
            right += 1
        if right < len(guessed):
            self._cache.crop(right - len(guessed))
        return self._picked(logits[0, : right + 1])

    def _picked(self, logits: torch.Tensor) -> list[int]:
        """The likeliest ids of (ids, vocabulary); remembers how unlikely the least of them was."""
        most = logits.float().log_softmax(-1).max(-1)
        self.least = min(self.least, float(most.values.min().exp()))
        return most.indices.tolist()


def copied(ids: Sequence[int], width: int, same: int = 3) -> list[int]:
    """Up to `width` ids that followed the last earlier place of the newest `same` ids; [] if there is none.

    Prompt lookup decoding (Saxena 2023): support replies copy their evidence.
    """
    newest = list(ids[-same:])
    for at in range(len(ids) - same - 1, -1, -1):
        if ids[at + same - 1] == newest[-1] and list(ids[at : at + same]) == newest:
            return list(ids[at + same : at + same + width])
    return []


def _until(run: list[int], ends: frozenset[int]) -> tuple[list[int], bool]:
    """The run before the first end, and whether there was one."""
    for at, token in enumerate(run):
        if token in ends:
            return run[:at], True
    return run, False


class TextModel:
    """A causal language model from `transformers` as the desk's Model."""

    reads_pictures = False
    abstains = False

    def __init__(self, ref: str, name: str, tokenizer: Any, model: Any, threads: int | None = None) -> None:
        self.ref = ref
        self.name = name
        self._tokenizer = tokenizer
        self._model = model
        self._decoder = Decoder(model)
        self._control = control_pattern(control_tokens(tokenizer))
        self._ends = end_ids(tokenizer, model)
        self._window = window_of(model.config)
        self._busy = threading.Lock()
        self.threads = threads or fastest_threads(model)

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        pictures: Sequence[Path] = (),
        max_new_tokens: int = 160,
        cancel: threading.Event | None = None,
        stop: Sequence[str] = (),
    ) -> Iterator[str]:
        """See Model.stream."""
        cancelled = cancel.is_set if cancel is not None else _never
        with self._busy:
            tune_thread(self.threads)
            prompt = self._prompt(messages, pictures)
            most = min(max_new_tokens, room(len(prompt), self._window))
            spelling = Spelling(self._decode)
            outflow = Outflow(stop, self._control)
            for run in self._decoder.tokens(prompt, self._ends, most, cancelled):
                fragment = outflow.push(spelling.push(run))
                if fragment and not cancelled():
                    yield fragment
                if outflow.ended:
                    return
            rest = outflow.push(spelling.end()) + outflow.end()
            if rest and not cancelled():
                yield rest

    @property
    def sureness(self) -> float | None:
        """See Model.sureness."""
        return self._decoder.least

    def count_tokens(self, text: str) -> int:
        """How many tokens the text takes in a prompt."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def close(self) -> None:
        """Let go of the weights."""
        with self._busy:
            self._model = self._decoder = None  # type: ignore[assignment]

    def _prompt(self, messages: Sequence[ChatMessage], pictures: Sequence[Path]) -> list[int]:
        """The ids of the prompt. The pictures are left out."""
        prompt: list[int] = encode_chat(self._tokenizer, messages, self._control)["input_ids"][0].tolist()
        return prompt

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def _never() -> bool:
    return False


def end_ids(tokenizer: Any, model: Any) -> frozenset[int]:
    """The ids that end a reply, from the generation config and the tokenizer."""
    listed = model.generation_config.eos_token_id
    ids = listed if isinstance(listed, list) else [listed]
    return frozenset(i for i in [*ids, tokenizer.eos_token_id] if i is not None)


def window_of(config: Any) -> int:
    """The context window in tokens, prompt and reply together."""
    return int(getattr(config.get_text_config(), "max_position_embeddings", None) or 2**31)


def room(prompt: int, window: int) -> int:
    """How many tokens may follow a prompt of this many; UserError LIMIT if none."""
    if prompt < window:
        return window - prompt
    raise UserError(
        f"The prompt has {prompt} tokens, the model reads at most {window - 1}. "
        "Ask a shorter question or start a new conversation.",
        "LIMIT",
    )


def number_type(device: str) -> torch.dtype:
    """bf16 where the machine computes it natively, else fp32: bf16 is several times slower when emulated."""
    import torch

    if device != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.bfloat16
    return torch.float32


def tune_thread(threads: int) -> None:
    """Both settings belong to the calling thread, so they are made where the work is done."""
    import torch

    torch.set_flush_denormal(True)  # decoding small models meets denormals, which cost a factor of ten
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)


def fastest_threads(model: Any, steps: int = 8) -> int:
    """One or two threads, whichever reads 8 single tokens faster now: two lose badly when the cores are shared."""
    import torch

    if model.device.type != "cpu":
        return torch.get_num_threads()
    token = torch.ones((1, 1), dtype=torch.long)
    with torch.inference_mode():
        tune_thread(1)
        model(input_ids=token)  # the first call prepares the kernels
        alone = _seconds(lambda: model(input_ids=token), steps, float("inf"))
        tune_thread(2)
        both = _seconds(lambda: model(input_ids=token), steps, alone)
    return 2 if both < alone else 1


def _seconds(step: Callable[[], object], times: int, limit: float) -> float:
    """How long the steps take; stops when the limit is passed."""
    began = time.perf_counter()
    for _ in range(times):
        step()
        if time.perf_counter() - began > limit:
            break
    return time.perf_counter() - began
