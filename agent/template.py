"""Chat messages to token ids through the model's own template, which is foreign code and is watched."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from agent.model import ChatMessage
from agent.stream import break_control
from index.errors import UserError

# For models that bring no template: a plain transcript. {image} is the model's picture token.
PLAIN = (
    "{{% for message in messages %}}{{{{ message['role'] | capitalize }}}}: "
    "{{% if message['content'] is string %}}{{{{ message['content'] }}}}{{% else %}}"
    "{{% for part in message['content'] %}}{{% if part['type'] == 'image' %}}{image}{{% else %}}"
    "{{{{ part['text'] }}}}{{% endif %}}{{% endfor %}}{{% endif %}}\n{{% endfor %}}"
    "{{% if add_generation_prompt %}}Assistant:{{% endif %}}"
)
SECONDS = 3.0


class TemplateTimeout(Exception):
    """The template ran longer than any honest one does."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Stops a Jinja template of this thread that loops for longer than `seconds`.

    Jinja compiles templates to Python lines of the file `<template>`; only those are watched, so slow picture
    code after the rendering is not. No thread, no signal: it works wherever the desk runs.
    """
    ends_at = time.monotonic() + seconds

    def watch(frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename != "<template>":
            return None
        if time.monotonic() > ends_at:
            raise TemplateTimeout
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        yield
    finally:
        sys.settrace(before)


def merged(messages: Sequence[ChatMessage], pattern: re.Pattern[str]) -> list[ChatMessage]:
    """Control tokens broken, neighbours of one role joined: many templates insist on taking turns."""
    out: list[ChatMessage] = []
    for message in messages:
        text = break_control(message.text, pattern)
        if out and out[-1].role == message.role:
            out[-1] = ChatMessage(message.role, f"{out[-1].text}\n\n{text}")
        else:
            out.append(ChatMessage(message.role, text))
    return out


def system_in_user(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The same messages for templates that know no system role: it opens the first question instead."""
    turned = [ChatMessage("user", m.text) if m.role == "system" else m for m in messages]
    return merged(turned, re.compile("(?!)"))


def encode_chat(
    reader: Any, messages: Sequence[ChatMessage], pattern: re.Pattern[str], pictures: Sequence[Any] = ()
) -> dict[str, Any]:
    """`input_ids` (1, tokens), `attention_mask` and, with pictures, the model's pixel tensors.

    `reader` is a Hugging Face tokenizer or processor. Raises UserError UNTRUSTED for a template that loops or
    reaches outside its sandbox, CONFIG for one that cannot render a plain conversation.
    """
    from jinja2 import TemplateError
    from jinja2.exceptions import SecurityError

    chat = merged(messages, pattern)
    try:
        try:
            return _apply(reader, chat, pictures)
        except SecurityError:
            raise
        except TemplateError:
            return _apply(reader, system_in_user(chat), pictures)
    except SecurityError as error:
        raise UserError(
            f"The model's chat template reaches outside its sandbox ({error}). Use another model: --model embedded",
            "UNTRUSTED",
        ) from error
    except (TemplateTimeout, OverflowError, RecursionError, MemoryError) as error:
        raise UserError(
            f"The model's chat template does not end within {SECONDS:.0f} s. Use another model: --model embedded",
            "UNTRUSTED",
        ) from error
    except TemplateError as error:
        raise UserError(
            f"The model's chat template cannot render a conversation ({error}). Use another model: --model embedded",
            "CONFIG",
        ) from error


def _apply(reader: Any, chat: Sequence[ChatMessage], pictures: Sequence[Any]) -> dict[str, Any]:
    is_processor = hasattr(reader, "tokenizer")
    content = _parts(chat, pictures) if is_processor else [{"role": m.role, "content": m.text} for m in chat]
    image = getattr(reader, "image_token", "")
    template = None if reader.chat_template else PLAIN.format(image=getattr(image, "content", image))
    settings = {
        "chat_template": template,
        "add_generation_prompt": True,
        "tokenize": True,
        "return_dict": True,
        "return_tensors": "pt",
    }
    with time_limit(SECONDS):
        try:
            return reader.apply_chat_template(content, sanitize_control_tokens=True, **settings)
        except (ValueError, NotImplementedError):
            # Idefics3's processor, for one, cannot: the tokens in the texts are broken already
            return reader.apply_chat_template(content, **settings)


def _parts(chat: Sequence[ChatMessage], pictures: Sequence[Any]) -> list[dict[str, Any]]:
    """The messages as lists of parts, the pictures in front of the last question."""
    rows: list[dict[str, Any]] = [{"role": m.role, "content": [{"type": "text", "text": m.text}]} for m in chat]
    asked = [row for row in rows if row["role"] == "user"]
    if asked:
        asked[-1]["content"][:0] = [{"type": "image", "image": picture} for picture in pictures]
    return rows
