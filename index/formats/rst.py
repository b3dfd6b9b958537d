"""A page of a help centre in reStructuredText as Markdown, Sphinx's own marks understood by what they show."""

from __future__ import annotations

import re
from typing import Any

_FIELD = re.compile(r":(?P<name>[A-Za-z][\w-]*):[ \t]*(?P<value>.*)\n")
_ROLE = re.compile(r":([A-Za-z][\w:.+-]*):`")
_DIRECTIVE = re.compile(r"^[ \t]*\.\. (?:\|[^|\n]+\| )?([A-Za-z][\w:.+-]*)::", re.MULTILINE)
_LITERAL = re.compile(r'<span class="docutils literal">((?:<span class="pre">[^<]{0,500}</span>|[^<]){0,500})</span>')
_TARGET = re.compile(r"\s*<[^<>]*>$")
_SHOWS_NOTHING = frozenset(
    "toctree contents index meta include literalinclude raw highlight default-role currentmodule module py:module"
    " tags automodule autoclass autofunction sectionauthor codeauthor tabularcolumns".split()
)
_CODE = frozenset({"code", "code-block", "sourcecode"})  # which Sphinx gives options that docutils refuses
_SETTINGS: dict[str, Any] = {
    "_disable_config": True,  # no docutils.conf of the folder it happens to be run in
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "warning_stream": None,
    "syntax_highlight": "none",
    "embed_stylesheet": False,
    "stylesheet_path": "",
    "doctitle_xform": True,
    "docinfo_xform": False,
    "initial_header_level": "2",
    "toc_backlinks": False,
    "cloak_email_addresses": False,
    "math_output": "LaTeX",
}


def markdown_of_rst(text: str) -> tuple[str, str, dict[str, str]]:
    """The page as Markdown, its title, and the fields at its top (`:id: hub`)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    fields, text = _fields(text.lstrip("\n"))
    from docutils.core import publish_parts
    from docutils.utils import DependencyList, SystemMessage

    from index.formats.html import markdown_of

    _know(text)
    try:
        settings = {**_SETTINGS, "record_dependencies": DependencyList()}
        parts = publish_parts(text, writer="html5", settings_overrides=settings)
    except (SystemMessage, RecursionError, ValueError, KeyError, IndexError, AttributeError, AssertionError, TypeError):
        return text, "", fields  # nothing that docutils can lay out: its words are still words
    title = markdown_of(f"<p>{parts['title']}</p>")[0] if parts["title"] else ""
    shown = _LITERAL.sub(r"<code>\1</code>", parts["body"])
    body = markdown_of(f"<main>{shown}</main>")[0]
    return (f"# {title}\n\n{body}" if title else body), title, fields


def _fields(text: str) -> tuple[dict[str, str], str]:
    found: dict[str, str] = {}
    while match := _FIELD.match(text):
        if value := match.group("value").strip():
            found[match.group("name").lower()] = value
        text = text[match.end() :]
    return found, text


def _know(text: str) -> None:
    """Let docutils know the roles and directives of this page that are none of its own."""
    from docutils.parsers.rst import directives, roles
    from docutils.parsers.rst.languages import en

    for name in set(_ROLE.findall(text)):
        if name.lower() not in en.roles and name.lower() not in roles._roles:
            roles.register_local_role(name.lower(), _as_it_reads)
    for name in set(_DIRECTIVE.findall(text)):
        known = name.lower() in en.directives and name.lower() not in _CODE
        if not known and name.lower() not in directives._directives:
            directives.register_directive(name.lower(), _directive(name.lower()))


def _as_it_reads(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = None
) -> tuple[list[Any], list[Any]]:
    """A role of Sphinx (`:ref:`, `:guilabel:`) as its words: without the target, and of `~a.b` the last part."""
    from docutils import nodes, utils

    words = utils.unescape(_TARGET.sub("", text) or text.strip("<>"))
    words = words.rsplit(".", 1)[-1] if words.startswith("~") else words.lstrip("!")
    if name in ("menuselection", "guilabel"):
        words = words.replace("-->", ">").replace("&", "")
    return [nodes.inline(rawtext, words)], []


def _directive(name: str) -> Any:
    """A directive that is none of docutils' own: its content, whatever its options; nothing of what builds lists."""
    from docutils import nodes
    from docutils.parsers.rst import Directive

    class _Options(dict[str, Any]):
        def __missing__(self, key: str) -> Any:
            return str

    class Unknown(Directive):  # type: ignore[misc]
        """Shows its title and content."""

        optional_arguments = 1
        final_argument_whitespace = True
        has_content = True
        option_spec = _Options({"class": str})

        def run(self) -> list[Any]:
            """The nodes of it."""
            if name in _SHOWS_NOTHING:
                return []
            if name in _CODE:
                text = "\n".join(self.content)
                return [nodes.literal_block(text, text)]
            node = nodes.container()
            if self.arguments and not name.startswith(("only", "py:", "c:", "js:", "rst-class", "ifconfig")):
                node += nodes.paragraph("", "", nodes.strong("", self.arguments[0]))
            self.state.nested_parse(self.content, self.content_offset, node)
            return [node]

    return Unknown
