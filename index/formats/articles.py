"""A folder of help articles with their pictures: Markdown, HTML and reStructuredText in, nothing from outside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from index.clean import clean
from index.conversation import Article
from index.errors import UserError
from index.formats.files import check_head, open_regular, readable
from index.formats.markdown import first_heading, front_matter, plain_markdown
from index.formats.parsed import MAX_LINE, FieldError, Parsed, ReadOptions, shown, trouble
from index.formats.seen import Seen

_MARKDOWN, _HTML, _RST = (".md", ".markdown"), (".html", ".htm"), (".rst", ".rest")
_PAGES = _MARKDOWN + _HTML + _RST
_READ = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset=["']?([A-Za-z0-9_.:-]{2,30})""", re.IGNORECASE)
_BUILT_NOT_WRITTEN = ("node_modules", "__pycache__")


def read_articles(path: Path, options: ReadOptions) -> Iterator[Parsed]:
    """One `Parsed` per page under the folder `path` (or of that one file), sorted by path.

    An article's id is its front matter's `id`, else its path inside the folder ("set-up/hub.md").
    """
    if not path.is_dir() and path.suffix.lower() not in _PAGES:  # articles as JSON Lines
        from index.formats.jsonl import read_jsonl

        yield from read_jsonl(path, options)
        return
    root = path if path.is_dir() else path.parent
    files = list(_files(path)) if path.is_dir() else [path]
    if not files:
        raise trouble(path, "holds no .md, .html or .rst files", "Give the folder of the articles", "EMPTY")
    seen, offset = Seen(), 0
    for number, file in enumerate(files, 1):
        try:
            data = _bytes(file)
            offset += len(data)
            article, notices, left_out = _article(root, file, data)
            if left_out:
                yield Parsed(number, offset=offset, left_out=left_out, deleted=article.id, deleted_kind="article")
                continue
            duplicate = seen.before(article.id, article.title + "\0" + article.text)
        except UserError as error:
            yield Parsed(number, error=_with_folder(root, file, error), offset=offset)
        except FieldError as error:
            yield Parsed(number, error=_with_folder(root, file, error.at(file, 1)), offset=offset)
        else:
            yield Parsed(number, article, None, tuple(notices), offset, duplicate)


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _BUILT_NOT_WRITTEN)
        for name in sorted(names):
            file = Path(folder, name)
            wanted = file.suffix.lower() in _PAGES and not name.startswith(".")
            if wanted and not file.is_symlink() and file.is_file():
                yield file


def _with_folder(root: Path, file: Path, error: UserError) -> UserError:
    """The error with the file's place in the folder instead of its bare name."""
    inside = shown(file.relative_to(root).as_posix(), 120)
    rest = error.message.removeprefix(shown(file.name, 80))
    return UserError(inside + rest, error.kind, line=error.line)


def _bytes(file: Path) -> bytes:
    with readable(file), open_regular(file) as stream:
        data = stream.read(MAX_LINE + 1)
    if len(data) > MAX_LINE:
        step = "Split it, or leave it out with --skip-bad"
        raise trouble(file, f"is larger than {MAX_LINE // 1024 // 1024} MB", step, "TOOBIG")
    return data


def _decoded(file: Path, data: bytes) -> tuple[str, list[str]]:
    if not data:
        raise trouble(file, "is empty", "Write it, or leave it out with --skip-bad", "EMPTY")
    check_head(file, data[:4096], page_expected=file.suffix.lower() in _HTML)
    if b"\0" in data:
        raise trouble(file, "holds NUL bytes", "Save as UTF-8 and import again", "ENCODING")
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    if file.suffix.lower() in _HTML and (named := _CHARSET.search(data[:4096])):
        name = named.group(1).decode("ascii")
        with suppress(LookupError, UnicodeError):
            return data.decode(name), [f"read as {name}, as the page says"]
    try:
        return data.decode("cp1252"), ["read as Windows-1252, not UTF-8"]
    except UnicodeDecodeError:
        raise trouble(file, "is not UTF-8 text", "Save as UTF-8 and import again", "ENCODING") from None


def _article(root: Path, file: Path, data: bytes) -> tuple[Article, list[str], str]:
    """The page as an article, what is to be told, and why it is none for the shelf ("" when it is)."""
    text, notices = _decoded(file, data)
    inside = file.relative_to(root).as_posix()
    meta: Mapping[str, Any] = {}
    heading = ""
    if file.suffix.lower() in _HTML:
        from index.formats.html import markdown_of

        text, heading = markdown_of(text)
    elif file.suffix.lower() in _RST:
        from index.formats.rst import markdown_of_rst

        text, heading, meta = markdown_of_rst(text)
    else:
        meta, text = front_matter(text)
    pictures = _Pictures(root, file.parent)
    text = plain_markdown(text, pictures.place)
    left_out = "draft of an article" if _is_draft(meta) else ""
    if not text.strip() and file.suffix.lower() in _RST and data.strip():
        left_out = left_out or "page that only lists other pages"
    if not text.strip() and not left_out:
        raise trouble(file, "says nothing", "Write it, or leave it out with --skip-bad", "EMPTY")
    title = _word(meta.get("title")) or first_heading(text) or heading or _name(file)
    name = clean(_word(meta.get("id"))) or inside
    if len(name) > 200:
        raise trouble(file, "has an id of more than 200 characters", "Shorten it", "SCHEMA")
    extra = {key: value for key, value in meta.items() if key not in ("title", "id")}
    article = Article(name, title, text, tuple(pictures.found), extra=extra)
    return article, [*notices, *pictures.notices()], left_out


def _is_draft(meta: Mapping[str, Any]) -> bool:
    """Whether the front matter keeps a page from readers, as the makers of sites have it."""
    return str(meta.get("draft", "")).lower() == "true" or str(meta.get("published", "")).lower() == "false"


def _word(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _name(file: Path) -> str:
    return file.stem.replace("-", " ").replace("_", " ").strip().capitalize() or file.name


class _Pictures:
    """The pictures one article shows, as paths relative to the root; what is not inside it is left alone."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root, self._folder = root.resolve(), folder.resolve()
        self.found: list[str] = []
        self._outside: list[str] = []
        self._absent: list[str] = []
        self._unread: list[str] = []

    def place(self, target: str) -> str:
        """The path of a picture relative to the root, or `target` itself where there is none to be read."""
        if target.startswith(("//", "data:")) or urlsplit(target.split("#")[0]).scheme in ("http", "https"):
            return target
        file = inside(self._root, self._folder, target)
        if target.startswith("/") and not (file and file.is_file()):  # the site may live below its host's root
            file = inside(self._root, self._root, "/".join(target.split("/")[2:])) or file
        if file is None:
            self._outside.append(target)
        elif not file.is_file():
            self._absent.append(target)
        elif file.suffix.lower() not in _READ:
            self._unread.append(target)
        else:
            name = file.relative_to(self._root).as_posix()
            if name not in self.found:
                self.found.append(name)
            return name
        return target

    def notices(self) -> list[str]:
        """What was left out, counted, with one example each."""
        told = (
            (self._outside, "outside the folder, not read"),
            (self._absent, "not found"),
            (self._unread, "of a kind that is not read"),
        )
        return [
            f"{len(names)} picture{'s'[: len(names) > 1]} {what} ({shown(names[0], 80)})"
            for names, what in told
            if names
        ]


def inside(root: Path, folder: Path, target: str) -> Path | None:
    """The file that `target` names from `folder`, or None when it lies outside `root` (links resolved).

    `root` and `folder` are resolved paths. A leading "/" or "~/" means the root, as documentation sites have it.
    """
    path = unquote(target.split("#")[0].split("?")[0]).replace("\\", "/").strip()
    if not path or "\0" in path or len(path) > 1000:
        return None
    start = root if path.startswith(("/", "~/")) else folder
    try:
        file = (start / PurePosixPath(path.removeprefix("~").lstrip("/"))).resolve()
        return file if file.is_relative_to(root) else None
    except (OSError, ValueError, RuntimeError):
        return None
