"""What every help desk's ticket comes down to before it is checked: messages with times, roles and files (pure)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_SIMPLE = re.compile(r"(?:[^<]|<(?:/?(?:p|div|b|i|em|strong|span|u)|br ?/?)>)*", re.IGNORECASE)
_END_OF_BLOCK = re.compile(r"\s*<(?:/p|/div|br ?/?)>\s*", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_PICTURE = re.compile(r" ?!\[([^\[\]\n]*)\]\((?:<[^<>\n]*>|[^()\s]*)\) ?")


@dataclass(frozen=True)
class File:
    """An attachment as the export names it."""

    name: str
    id: str = ""


@dataclass(frozen=True)
class Said:
    """One message. `role` is one of ours; `text` is plain or Markdown."""

    role: str
    text: str
    at: Any = None
    id: str = ""
    files: tuple[File, ...] = ()


@dataclass
class Draft:
    """One ticket, as loosely typed as its export. `left_out` says why it is none for the shelf; `partial` that the
    export has its answers elsewhere."""

    id: str
    messages: list[Said] = field(default_factory=list)
    subject: str = ""
    opened_at: Any = None
    outcome: str | None = None
    customer_id: str = ""
    customer_name: str = ""
    tags: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    left_out: str = ""
    partial: bool = False


@dataclass
class Page:
    """One help article with its body as HTML or Markdown. `left_out` as in a `Draft`."""

    id: str
    title: str = ""
    body: str = ""
    is_html: bool = True
    extra: dict[str, Any] = field(default_factory=dict)
    left_out: str = ""


def words(value: Any) -> str:
    """Text of a text or a number; "" of anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def inner(value: Any, *keys: str) -> Any:
    """`value[a][b]...`, or None where that is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def each(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; [] of anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def named(value: Any) -> list[str]:
    """Tags, written as texts or as objects with a name."""
    found = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else []
    names = [words(item.get("name")) if isinstance(item, dict) else words(item) for item in found]
    return [name.strip() for name in names if name.strip()]


def files_of(items: Any, *names: str) -> tuple[File, ...]:
    """The attachments of a message; `names` are the keys that may hold their names, best first."""
    found = []
    for item in each(items):
        name = next((words(item[key]) for key in names if words(item.get(key))), "")
        name = name.split("?")[0].rstrip("/").rsplit("/", 1)[-1]  # a link ends in the name
        if name:
            found.append(File(name, words(item.get("id"))))
    return tuple(found)


def first_text(*values: Any) -> str:
    """The first of the values that is a text with something in it."""
    return next((value for value in values if isinstance(value, str) and value.strip()), "")


def text_of_html(page: str) -> str:
    """A message written as HTML, as a reader sees it; pictures are its attachments and leave their names only."""
    if not _TAG.search(page):
        return html.unescape(page).strip()
    if _SIMPLE.fullmatch(page):  # most messages: no parser needed
        text = _TAG.sub("", _END_OF_BLOCK.sub("\n", " ".join(page.split())))
        return html.unescape(text).replace("\xa0", " ").strip()
    from index.formats.html import markdown_of

    return _PICTURE.sub(r" \1 ", markdown_of(page)[0]).replace("\xa0", " ").strip()


def in_order_of(messages: Iterable[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Messages by a numeric or textual key of theirs, those without it last; equal ones as they came."""
    rows = list(messages)
    if all(isinstance(row.get(key), int) for row in rows) or all(isinstance(row.get(key), str) for row in rows):
        return sorted(rows, key=lambda row: row[key])
    return rows
