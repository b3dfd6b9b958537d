"""Answers as Markdown: one live widget while they are written, one cheap text when they are finished."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

from markdown_it import MarkdownIt
from rich.console import Console
from rich.markdown import Markdown as RichMarkdown
from rich.segment import Segment
from rich.text import Text
from rich.theme import Theme
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.style import Style
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownStream

from index.clean import clean

MAX_LIVE = 20_000  # characters that are laid out as Markdown; a longer text is shown as it is
MAX_MARKS = 500  # of one kind: nested brackets and quotes and wide tables cost seconds to lay out
MAX_SHOWN = 100_000
_CALM = Theme(
    {
        "markdown.code": "bold",
        "markdown.code_block": "none",
        "markdown.item.bullet": "dim",
        "markdown.item.number": "dim",
        "markdown.block_quote": "italic",
        "markdown.link": "underline",
        "markdown.link_url": "underline",
        "markdown.h1": "bold underline",
        "markdown.h2": "bold",
        "markdown.h3": "bold",
        "markdown.h1.border": "dim",
        "markdown.table.border": "dim",
        "markdown.table.header": "bold",
    }
)
_CITATION = re.compile(r"\[(\d{1,2})\]")


def parser() -> MarkdownIt:
    """Markdown without HTML: `<Save>` is a word a customer reads, not a tag."""
    return MarkdownIt("gfm-like", {"html": False, "linkify": False})


def laid_out(text: str, width: int) -> Text:
    """Markdown as lines of at most `width` cells; link targets are written out, nothing can be clicked."""
    text = clean(text[:MAX_SHOWN])
    if len(text) > MAX_LIVE or _marks(text) > MAX_MARKS:
        return Text(text)
    console = Console(
        width=max(width, 8), theme=_CALM, file=io.StringIO(), color_system="truecolor", legacy_windows=False
    )
    document = RichMarkdown("", hyperlinks=False, code_theme="ansi_dark")
    document.parsed = parser().parse(text)
    lines = [_line(segments) for segments in console.render_lines(document, pad=False)]
    return Text("\n").join(_one_blank_at_a_time(lines))


def _marks(text: str) -> int:
    return max(text.count(mark) for mark in "[|>")


def _one_blank_at_a_time(lines: list[Text]) -> list[Text]:
    kept: list[Text] = []
    for line in lines:
        if line.plain.strip() or (kept and kept[-1].plain):
            kept.append(line)
    return kept[:-1] if kept and not kept[-1].plain else kept


def _line(segments: Iterable[Segment]) -> Text:
    line = Text()
    for text, style, _ in segments:
        line.append(text, style)
    line.rstrip()
    return line


class Written(Static):
    """A finished answer: one widget, selectable, laid out anew when the width changes.

    `[n]` of a known citation can be clicked. The action is made here from the number alone.
    """

    class Cited(Message):
        """A click on `[n]`."""

        def __init__(self, n: int) -> None:
            super().__init__()
            self.n = n

    def __init__(self, text: str, cited: frozenset[int] = frozenset()) -> None:
        super().__init__("", markup=False, classes="written")
        self.text = text
        self.cited = cited
        self._drawn = 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if width and width != self._drawn:
            self._drawn = width
            self.update(self._content(width), layout=False)
            self.clear_cached_dimensions()
        return super().get_content_height(container, viewport, width)

    def rewrite(self, text: str, cited: frozenset[int]) -> None:
        """Show another text."""
        self.text, self.cited, self._drawn = text, cited, 0
        self.refresh(layout=True)

    def action_cited(self, n: int) -> None:
        """Tell which citation was clicked."""
        self.post_message(self.Cited(n))

    def _content(self, width: int) -> Content:
        content = Content.from_rich_text(laid_out(self.text, width), console=self.app.console)
        for match in _CITATION.finditer(content.plain):
            if (n := int(match[1])) in self.cited:
                content = content.stylize(Style(bold=True), match.start(), match.end())
                content = content.stylize("$accent", match.start(), match.end())
                action = Style.from_meta({"@click": f"cited({n})"})
                content = content.stylize(action, match.start(), match.end())
        return content


class Writing(Markdown):
    """The answer while it is written. Made empty and fed by a stream that starts with the first fragment."""

    def __init__(self) -> None:
        super().__init__(parser_factory=parser, open_links=False)
        self._stream: MarkdownStream | None = None
        self._length = 0
        self._marks = 0

    async def write(self, fragment: str) -> None:
        """Append a fragment; beyond MAX_LIVE nothing more is drawn until the answer is finished."""
        if self._stream is None:
            self._stream = Markdown.get_stream(self)
        room = MAX_LIVE - self._length
        self._length += len(fragment)
        self._marks += _marks(fragment)
        if room > 0 and self._marks <= MAX_MARKS:
            await self._stream.write(clean(fragment[:room]))

    async def finish(self) -> None:
        """End the stream; the widget can be taken away after that."""
        if self._stream:
            await self._stream.stop()
            self._stream = None

    def on_markdown_table_of_contents_updated(self, event: Markdown.TableOfContentsUpdated) -> None:
        event.stop()

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        event.stop()
