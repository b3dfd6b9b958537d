"""A model behind its own `generate`: every architecture of `transformers`, real pictures where it has eyes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from agent.decode import room, tune_thread, window_of
from agent.model import ChatMessage
from agent.stream import Outflow, Spelling, control_pattern, control_tokens
from agent.template import encode_chat
from index.pictures import open_picture


class HubModel:
    """A `transformers` model of any architecture behind its own `generate`, with pictures where it has eyes."""

    def __init__(self, ref: str, name: str, reader: Any, model: Any, threads: int | None = None) -> None:
        import torch

        self.ref = ref
        self.name = name
        self.reads_pictures = hasattr(reader, "tokenizer")
        self.abstains = False
        self.sureness: float | None = None
        self._reader = reader
        self._tokenizer = getattr(reader, "tokenizer", reader)
        self._model = model
        self._control = control_pattern([*control_tokens(self._tokenizer), *_picture_words(reader)])
        self._window = window_of(model.config)
        self._busy = threading.Lock()
        self.threads = threads or torch.get_num_threads()

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
        cancel = cancel or threading.Event()
        with self._busy:
            shown = [open_picture(path).image for path in pictures] if self.reads_pictures else []
            inputs = encode_chat(self._reader, messages, self._control, shown)
            most = min(max_new_tokens, room(inputs["input_ids"].shape[1], self._window))
            spelling = Spelling(self._decode)
            outflow = Outflow(stop, self._control)
            for token in self._tokens(inputs, most, cancel):
                fragment = outflow.push(spelling.push([token]))
                if fragment and not cancel.is_set():
                    yield fragment
                if outflow.ended:
                    return
            rest = outflow.push(spelling.end()) + outflow.end()
            if rest and not cancel.is_set():
                yield rest

    def count_tokens(self, text: str) -> int:
        """How many tokens the text takes in a prompt."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def close(self) -> None:
        """Let go of the weights."""
        with self._busy:
            self._model = None

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def _tokens(self, inputs: Any, most: int, cancel: threading.Event) -> Iterator[int]:
        """New ids one by one; `generate` runs in a thread that ends when nobody wants more."""
        told: queue.Queue[int | BaseException | None] = queue.Queue()
        enough = threading.Event()

        def wanted() -> bool:
            return not (enough.is_set() or cancel.is_set())

        def work() -> None:
            try:
                tune_thread(self.threads)
                _generate(self._model, self._tokenizer, inputs, most, told.put, wanted)
                told.put(None)
            except BaseException as error:  # raised again where the reply is read
                told.put(error)

        thread = threading.Thread(target=work, name="generate", daemon=True)
        thread.start()
        try:
            while (token := told.get()) is not None:
                if isinstance(token, BaseException):
                    raise token
                if not wanted():
                    return
                yield token
        finally:
            enough.set()
            thread.join()


def _generate(
    model: Any,
    tokenizer: Any,
    inputs: Any,
    most: int,
    tell: Callable[[int], None],
    wanted: Callable[[], bool],
) -> None:
    """Greedy `generate` that tells each new id and stops when it is no longer wanted."""
    import torch
    from transformers import StoppingCriteriaList

    def unwanted(input_ids: Any, scores: Any, **more: Any) -> Any:
        return torch.full((input_ids.shape[0],), not wanted(), dtype=torch.bool, device=input_ids.device)

    tensors = {
        key: value.to(model.device, model.dtype if value.is_floating_point() else value.dtype)
        for key, value in inputs.items()
        if isinstance(value, torch.Tensor)
    }
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    with torch.inference_mode():
        model.generate(
            **tensors,
            max_new_tokens=most,
            do_sample=False,
            num_beams=1,
            pad_token_id=pad,
            streamer=_Told(tell),
            stopping_criteria=StoppingCriteriaList([unwanted]),
        )


class _Told:
    """What `generate` takes for a streamer: it is given the prompt first, then each new id."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._prompt_seen = False

    def put(self, value: Any) -> None:
        """The prompt or one id, as a tensor."""
        if self._prompt_seen:
            self._tell(int(value.reshape(-1)[0]))
        self._prompt_seen = True

    def end(self) -> None:
        """The end is told by the thread."""


def _picture_words(reader: Any) -> list[str]:
    """The strings a processor replaces by picture tokens."""
    words = [
        getattr(reader, part, "") for part in ("image_token", "fake_image_token", "global_image_token", "video_token")
    ]
    return [str(word) for word in words if word]
