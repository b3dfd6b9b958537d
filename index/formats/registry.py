"""Every format by its name: ours, and those that installed plug-ins bring (entry points of `deskside.formats`)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from index.errors import UserError
from index.formats.files import check_head
from index.formats.look import Look
from index.formats.parsed import Parsed, ReadOptions, shown, trouble

GROUP = "deskside.formats"
ARTICLE_SUFFIXES = (".md", ".markdown", ".html", ".htm", ".rst", ".rest")
_HELP_DESKS = ("zendesk", "intercom", "chatwoot", "freshdesk", "zammad")


@dataclass(frozen=True)
class Format:
    """One kind of file. `recognise` says whether a path is of it; `read` gives its tickets and articles one at a
    time, in flat memory, trouble with one record as `Parsed.error`."""

    name: str
    title: str
    recognise: Callable[[Look], bool]
    read: Callable[[Path, ReadOptions], Iterator[Parsed]]


def formats() -> dict[str, Format]:
    """Every format that can be used, by name: plug-ins first, because they were installed to be asked first.

    A plug-in that cannot be loaded, or takes the name of another, is left out; `plug_in_trouble` says why.
    """
    found: dict[str, Format] = {}
    for point in _points():
        made = _loaded(point)
        if isinstance(made, Format) and made.name not in found:
            found[made.name] = made
    return {**found, **{each.name: each for each in _OURS}}


def plug_in_trouble() -> list[str]:
    """What is wrong with the plug-ins that were left out, a line each."""
    return [made for point in _points() if isinstance(made := _loaded(point), str)]


def _points() -> tuple[EntryPoint, ...]:
    return _points_on(tuple(sys.path))


@lru_cache(1)
def _points_on(_places: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """What is installed; looked for again only when the places to look in change."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda point: point.name))


def _loaded(point: EntryPoint) -> Format | str:
    """The format of a plug-in, or what is wrong with it."""
    whose = f'the format plug-in "{shown(point.name)}" ({shown(point.value, 80)})'
    try:
        made = point.load()
        made = made() if callable(made) and not isinstance(made, Format) else made
    except Exception as error:  # somebody else's code: whatever it raises is its trouble, not ours
        return f"{whose} cannot be loaded: {type(error).__name__}: {shown(error, 120)}"
    if not isinstance(made, Format):
        return f"{whose} is no index.formats.Format"
    if made.name in {each.name for each in _OURS} | {"auto"} or made.name != point.name:
        return f'{whose} is called "{shown(made.name)}"; its name must be its own and that of its entry point'
    return Format(made.name, made.title, _careful(made.recognise), made.read)


def _careful(recognise: Callable[[Look], bool]) -> Callable[[Look], bool]:
    def asked(look: Look) -> bool:
        try:
            return recognise(look) is True
        except UserError:
            raise
        except Exception:  # a plug-in that stumbles over a file does not know it
            return False

    return asked


def find_format(path: Path, name: str = "auto") -> Format:
    """The format called `name`, or the one that recognises `path`. Raises UserError CONFIG or TYPE."""
    known = formats()
    if name != "auto":
        if name not in known:
            because = next((each for each in plug_in_trouble() if f'"{name}"' in each), "")
            reason = because or f'there is no format "{shown(name)}"'
            raise UserError(f"{reason[0].upper()}{reason[1:]}.\nKnown: auto, {', '.join(known)}.", "CONFIG")
        return known[name]
    look = Look(path)
    if (found := next((each for each in known.values() if each.recognise(look)), None)) is not None:
        return found
    check_head(path, look.head)
    step = f"Name the format: --format with one of {', '.join(known)}"
    raise trouble(path, "is none of the formats that are known", step, "TYPE")


def read_with(made: Format, path: Path, options: ReadOptions) -> Iterator[Parsed]:
    """What the format reads; an exception in a plug-in becomes a UserError that names it."""
    if made in _OURS:
        yield from made.read(path, options)
        return
    count = 0
    try:
        for count, parsed in enumerate(made.read(path, options), 1):  # noqa: B007
            yield parsed
    except (UserError, GeneratorExit):
        raise
    except Exception as error:
        reason = f'the plug-in "{made.name}" failed behind record {count}: {type(error).__name__}: {shown(error, 120)}'
        raise trouble(path, reason, "Tell whoever wrote it, or name another --format", "DAMAGED") from error


def _late(module: str, function: str) -> Callable[[Path, ReadOptions], Iterator[Parsed]]:
    """A reader whose file is imported when it is used first."""

    def read(path: Path, options: ReadOptions) -> Iterator[Parsed]:
        return getattr(import_module(f"index.formats.{module}"), function)(path, options)

    return read


def _help_desk(name: str) -> Format:
    def recognise(look: Look) -> bool:
        looks_like = import_module(f"index.formats.{name}").looks_like
        return any(looks_like(inside, value) for inside, value in look.records)

    def read(path: Path, options: ReadOptions) -> Iterator[Parsed]:
        from index.formats.helpdesk import read_helpdesk

        return read_helpdesk(getattr(import_module(f"index.formats.{name}"), name.upper()), path, options)

    return Format(name, f"{name.capitalize()}: JSON of its export or API, a file or a folder", recognise, read)


def _is_mail(look: Look) -> bool:
    from index.formats.mailbox import is_letter, is_mbox

    if look.is_folder:
        return {"cur", "new"} <= set(look.names) or any(name.lower().endswith((".eml", ".mbox")) for name in look.names)
    return look.suffix in (".eml", ".mbox") or is_mbox(look.head) or is_letter(look.head)


def _is_articles(look: Look) -> bool:
    return look.is_folder or look.suffix in ARTICLE_SUFFIXES


def _start(look: Look) -> bytes:
    if not look.is_folder:
        check_head(look.path, look.head)
    return look.head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_jsonl(look: Look) -> bool:
    if look.suffix in (".csv", ".tsv"):
        return False
    if look.suffix in (".jsonl", ".ndjson", ".json") or look.head.startswith(b"\x1f\x8b"):
        return True
    return _start(look)[:1] in (b"{", b"[") or not _start(look)


def _is_csv(look: Look) -> bool:
    return look.suffix in (".csv", ".tsv") or any(sign in _start(look).split(b"\n")[0] for sign in (b",", b";", b"\t"))


_OURS = (
    *(_help_desk(name) for name in _HELP_DESKS),
    Format("mail", "Mail: mbox, .eml, a folder of them or a Maildir", _is_mail, _late("threads", "read_mail")),
    Format(
        "articles",
        "Help articles: Markdown, HTML and reStructuredText with their pictures, a file or a folder",
        _is_articles,
        _late("articles", "read_articles"),
    ),
    Format("jsonl", "Our own transcripts as JSON Lines, also packed", _is_jsonl, _late("jsonl", "read_jsonl")),
    Format("csv", "CSV of any shape", _is_csv, _late("csvfile", "read_csv")),
)
