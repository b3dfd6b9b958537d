"""From a file or a folder to conversations and articles, one at a time, whatever the file holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index.conversation import Article, Conversation, Message
from index.errors import UserError
from index.formats.look import Look
from index.formats.parsed import FieldError, Parsed, ReadOptions, trouble
from index.formats.registry import Format, find_format, formats, plug_in_trouble, read_with
from index.formats.schema import export_article, export_conversation, source_from

# what a plug-in needs (docs/plugins.md) and what the rest of the house uses
__all__ = [
    "Article",
    "Conversation",
    "FieldError",
    "Format",
    "Look",
    "Message",
    "Parsed",
    "ReadOptions",
    "UserError",
    "detect_format",
    "export_article",
    "export_conversation",
    "find_format",
    "formats",
    "plug_in_trouble",
    "read_sources",
    "source_from",
    "trouble",
]


def detect_format(path: Path) -> str:
    """The name of the format that recognises `path`. Raises UserError TYPE when none does."""
    return find_format(path).name


def read_sources(path: Path, options: ReadOptions | None = None) -> Iterator[Parsed]:
    """One `Parsed` per conversation or article of `path`, streamed in flat memory.

    Trouble with one record is yielded (`Parsed.error`); trouble with the whole file is raised as `UserError`.
    """
    options = options or ReadOptions()
    return read_with(find_format(path, options.format), path, options)
