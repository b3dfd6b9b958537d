"""Markdown as help sites write it, made plain: front matter read, docs extensions turned into ordinary marks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_FRONT = re.compile(r"\A---[ \t]*\n(.{0,65536}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_PAIR = re.compile(r"^([A-Za-z][\w.-]*):[ \t]+(.+)$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t>]*(```+|~~~+)")
_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.{0,100000}?-->", re.DOTALL)
_INCLUDE = re.compile(
    r"\[!INCLUDE\s{0,4}\[[^\]]{0,300}\]\s{0,4}\([^)\n]{0,300}\)\]"
    r"|\[!INCLUDE\s?\[[^\]]{0,300}\]\([^)\n]{0,300}\)",
    re.IGNORECASE,
)
_ALERT = re.compile(r"^([ \t]*>[ \t]*)\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*$", re.MULTILINE | re.IGNORECASE)
_DIV = re.compile(r"^[ \t]*>[ \t]*\[!div[^\]\n]{0,300}\][ \t]*$\n?", re.MULTILINE | re.IGNORECASE)
_DOCS_IMAGE = re.compile(r":::image\s([^\n]{0,4000}?):::")
_DOCS_MARK = re.compile(r"^[ \t]*:::[a-z-]+[^\n]{0,300}?:::[ \t]*$\n?", re.MULTILINE)
_ATTRIBUTE = re.compile(r'([\w-]{1,40})\s{0,3}=\s{0,3}(?:"([^"]{0,2000})"|\'([^\']{0,2000})\')')
_HTML_IMAGE = re.compile(r"<img\s([^<>]{0,4000}?)/?>", re.IGNORECASE)
_IMAGE = re.compile(
    r"!\[([^\[\]\n]{0,1000})\]\([ \t]{0,4}(?:<([^<>\n]{1,1000})>|([^\s()<>]{1,1000}"
    r"(?:\([^\s()]{0,200}\)[^\s()]{0,200})?))"
    r"(?:\s{1,8}(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'))?\s{0,8}\)"
)
_REFERRED = re.compile(r"!\[([^\[\]\n]{0,1000})\]\[([^\[\]\n]{0,200})\]")
_REFERENCE = re.compile(r"^ {0,3}\[([^\[\]\n^]{1,200})\]:[ \t]{1,8}<?([^\s<>]{1,1000})>?", re.MULTILINE)


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The YAML block at the top (strings, lists and maps only) and the text below it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not (match := _FRONT.match(text)):
        return {}, text
    import yaml  # type: ignore[import-untyped]

    class Plain(yaml.BaseLoader):  # type: ignore[misc]
        """No dates, no booleans, and no aliases: a few lines of those can grow into gigabytes."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            """As the base class, refusing aliases."""
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("alias")
            return super().compose_node(parent, index)

    try:
        found = yaml.load(match.group(1), Plain)  # BaseLoader builds text only
    except (yaml.YAMLError, ValueError, RecursionError):
        found = {key: value.strip().strip("\"'") for key, value in _PAIR.findall(match.group(1))}
    if not isinstance(found, dict):
        return {}, text
    return {str(key): value for key, value in found.items()}, text[match.end() :]


def first_heading(text: str) -> str:
    """The words of the first `# ` heading, or ""."""
    match = _HEADING.search(_without_code(text))
    return re.sub(r"[*`]|\\(?=\W)", "", match.group(1)).strip() if match else ""


def plain_markdown(text: str, place: Callable[[str], str]) -> str:
    """Ordinary Markdown: every picture outside code as `![alt](place(target))`, comments and includes gone."""
    references = {name.lower(): target for name, target in _REFERENCE.findall(text)}

    def picture(alt: str, target: str) -> str:
        target = place(target.strip())
        target = f"<{target}>" if re.search(r"[\s()]", target) else target
        return f"![{' '.join(alt.replace('[', '(').replace(']', ')').split())}]({target})"

    def shown(match: re.Match[str]) -> str:
        if match.re is _IMAGE:
            return picture(match.group(1), match.group(2) or match.group(3))
        if match.re is _REFERRED:
            target = references.get((match.group(2) or match.group(1)).lower())
            return picture(match.group(1), target) if target else match.group()
        found = {name.lower(): one or two for name, one, two in _ATTRIBUTE.findall(match.group(1))}
        target = found.get("source") or found.get("src")
        return picture(found.get("alt-text") or found.get("alt") or "", target) if target else match.group()

    def prose(part: str) -> str:
        part = _DIV.sub("", _INCLUDE.sub("", _COMMENT.sub("", part)))
        part = _ALERT.sub(lambda match: f"{match.group(1)}**{match.group(2).capitalize()}**", part)
        return _DOCS_MARK.sub("", _in_order(part, shown))

    made = "".join(part if code else prose(part) for code, part in _parts(text))
    return re.sub(r"\n{3,}", "\n\n", made).strip("\n")


def _in_order(text: str, shown: Callable[[re.Match[str]], str]) -> str:
    """Every picture of `text`, whichever way it is written, replaced in the order of reading."""
    patterns = (_IMAGE, _REFERRED, _DOCS_IMAGE, _HTML_IMAGE)
    matches = sorted((match for pattern in patterns for match in pattern.finditer(text)), key=lambda m: m.start())
    pieces, position = [], 0
    for match in matches:
        if match.start() >= position:
            pieces += [text[position : match.start()], shown(match)]
            position = match.end()
    return "".join([*pieces, text[position:]])


def _parts(text: str) -> list[tuple[bool, str]]:
    """The text as (is fenced code, lines) pieces."""
    parts: list[tuple[bool, list[str]]] = [(False, [])]
    fence = ""
    for line in text.splitlines(keepends=True):
        match = _FENCE.match(line)
        if fence:
            parts[-1][1].append(line)
            if match and match.group(1).startswith(fence):
                fence = ""
                parts.append((False, []))
        elif match:
            fence = match.group(1)
            parts.append((True, [line]))
        else:
            parts[-1][1].append(line)
    return [(code, "".join(lines)) for code, lines in parts]


def _without_code(text: str) -> str:
    return "".join(part for code, part in _parts(text) if not code)
