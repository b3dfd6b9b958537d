"""From a file or a folder to conversations and articles, one at a time, whatever the file holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index.formats.files import check_head, head_of
from index.formats.parsed import Format, Parsed, ReadOptions, trouble
from index.formats.schema import export_article, export_conversation

__all__ = [
    "Format",
    "Parsed",
    "ReadOptions",
    "detect_format",
    "export_article",
    "export_conversation",
    "read_sources",
]

ARTICLE_SUFFIXES = (".md", ".markdown", ".html", ".htm")


def detect_format(path: Path) -> str:
    """ "jsonl", "csv" or "articles", from the name and, where that says nothing, from the first bytes."""
    if path.is_dir():
        return "articles"
    suffix = path.suffix.lower()
    if suffix in ARTICLE_SUFFIXES:
        return "articles"
    if suffix in (".csv", ".tsv"):
        return "csv"
    head = head_of(path)
    if suffix in (".jsonl", ".ndjson", ".json", ".gz") or head.startswith(b"\x1f\x8b"):
        return "jsonl"
    check_head(path, head)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")) or not start:
        return "jsonl"
    if b"," in start.split(b"\n")[0] or b";" in start.split(b"\n")[0] or b"\t" in start.split(b"\n")[0]:
        return "csv"
    step = "Name the format: --format jsonl, csv or articles"
    raise trouble(path, "is neither JSON Lines nor CSV nor a folder of articles", step, "TYPE")


def read_sources(path: Path, options: ReadOptions | None = None) -> Iterator[Parsed]:
    """One `Parsed` per conversation or article of `path`, streamed in flat memory.

    Trouble with one record is yielded (`Parsed.error`); trouble with the whole file is raised as `UserError`.
    """
    options = options or ReadOptions()
    chosen = detect_format(path) if options.format == "auto" else options.format
    if chosen == "articles" and (path.is_dir() or path.suffix.lower() in ARTICLE_SUFFIXES):
        from index.formats.articles import read_articles

        return read_articles(path)
    if chosen == "csv":
        from index.formats.csvfile import read_csv

        return read_csv(path, options)
    from index.formats.jsonl import read_jsonl

    return read_jsonl(path, options)
