"""A web page of a help centre as Markdown: what a reader sees of it, without scripts, menus and looks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import Tag

_UNSEEN = "script style nav noscript template svg head iframe object form button select footer".split()
_BLOCKS = frozenset(
    "p div section article main header aside figure figcaption dl dt dd details summary address".split()
)
_DEEPEST = 80


def markdown_of(page: str) -> tuple[str, str]:
    """The page as Markdown, and its title."""
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    try:
        soup = BeautifulSoup(page, "html.parser")
    except (ParserRejectedMarkup, RecursionError, AssertionError):
        return "", ""
    title = " ".join(soup.title.get_text(" ").split()) if soup.title else ""
    for tag in soup.find_all(_UNSEEN):
        if not tag.decomposed:
            tag.decompose()
    body = soup.find("main") or soup.find("article") or soup.body or soup
    text = re.sub(r"[ \t]+\n", "\n", _render(body, 0))
    return re.sub(r"\n{3,}", "\n\n", text).strip(), title


def _render(tag: Tag, depth: int) -> str:
    """The children of a tag, blocks apart from each other by an empty line."""
    from bs4.element import NavigableString, PreformattedString, Tag

    if depth > _DEEPEST:
        return _one_line(tag.get_text(" "))
    parts: list[str] = []
    for child in tag.children:
        if isinstance(child, PreformattedString):
            continue
        if isinstance(child, NavigableString):
            words = re.sub(r"\s+", " ", str(child))
            parts.append(words.lstrip() if parts and parts[-1].endswith("\n") else words)
        elif isinstance(child, Tag):
            parts.append(_tag(child, depth + 1))
    return "".join(parts)


def _tag(tag: Tag, depth: int) -> str:
    name = tag.name
    if re.fullmatch(r"h[1-6]", name):
        words = _one_line(_render(tag, depth))
        return f"\n\n{'#' * int(name[1])} {words}\n\n" if words else ""
    if name in ("ul", "ol"):
        return f"\n\n{_list(tag, depth)}\n\n"
    if name == "table":
        return f"\n\n{_table(tag, depth)}\n\n"
    if name == "pre":
        return f"\n\n```\n{tag.get_text().strip(chr(10))}\n```\n\n"
    if name == "blockquote":
        lines = _render(tag, depth).strip().splitlines()
        return "\n\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"
    if name in _BLOCKS or name in ("body", "html"):
        return f"\n\n{_render(tag, depth).strip()}\n\n"
    return _inline(tag, depth)


def _inline(tag: Tag, depth: int) -> str:
    name = tag.name
    if name == "br":
        return "\n"
    if name == "hr":
        return "\n\n"
    if name == "img":
        alt, source = _one_line(str(tag.get("alt") or "")), _source(tag)
        return f" ![{alt.translate({91: 40, 93: 41})}](<{source}>) " if source and "\n" not in source else alt
    words = _render(tag, depth)
    bare = words.strip()
    if not bare or "\n\n" in bare:
        return words
    if name in ("code", "kbd", "samp"):
        return f"`{bare}`"
    if name in ("b", "strong"):
        return words.replace(bare, f"**{bare}**")
    link = str(tag.get("href") or "") if name == "a" else ""
    return words.replace(bare, f"[{bare}]({link})") if link and re.fullmatch(r"[^\s()]+", link) else words


def _source(tag: Tag) -> str:
    """Where a picture lies; pages that load them late name it elsewhere."""
    found = [str(tag.get(name) or "").strip() for name in ("src", "data-src", "data-original")]
    return next((source for source in found if source and not source.startswith("data:")), "")


def _list(tag: Tag, depth: int) -> str:
    lines = []
    for number, item in enumerate(tag.find_all("li", recursive=False), 1):
        mark = f"{number}. " if tag.name == "ol" else "- "
        first, *rest = re.sub(r"\n{2,}", "\n", _render(item, depth).strip()).split("\n")
        lines.append(mark + first.strip())
        lines.extend(" " * len(mark) + line for line in rest if line.strip())
    return "\n".join(lines)


def _table(tag: Tag, depth: int) -> str:
    rows = []
    for row in tag.find_all("tr"):
        cells = [_one_line(_render(cell, depth)) for cell in row.find_all(["th", "td"], recursive=False)]
        if any(cells):
            rows.append(" | ".join(cells))
    return "\n".join(rows)


def _one_line(text: str) -> str:
    return " ".join(text.split())
