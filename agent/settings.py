"""The settings: read once, frozen, and passed on as plain values."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from index.errors import UserError

_SECRET = re.compile(r"(?:^|_)key$|secret|password|(?:^|_)token$", re.I)


@dataclass(frozen=True)
class Settings:
    """Every setting with its default; `deskside.toml` in the data folder, DESKSIDE_* and flags override in this
    order."""

    home: Path
    """The one movable folder with everything precious."""
    cache: Path
    """Where converted base weights lie; may be deleted at any time."""
    workspace: str = "default"
    """Nothing crosses workspaces."""
    model: str = "embedded"
    """`embedded`, a Hub id or folder, `openai:http://host:port/v1#name`, or `none` (quotes only)."""
    embedder: str = "minilm"
    """`minilm`, or a sentence-transformers folder or Hub id."""
    top: int = 5
    """How many sources are looked at and shown (1..50)."""
    caution: float = 0.4
    """The least confidence (0..1) that the evidence answers the question; below it nobody guesses."""
    max_new_tokens: int = 160
    """How long a generated reply may get (1..2048)."""
    house: str = ""
    """Names, mail domains and phone numbers of the house itself, separated by commas: these are not masked."""
    threads: int = 0
    """CPU threads for the models; 0 measures and chooses."""
    images: str = "auto"
    """How pictures are drawn in the window: `auto`, `blocks`, `kitty` or `sixel`."""
    person: str = ""
    """Your name when you take a hand-over; empty: the name you are logged in with."""
    handover_words: str = ""
    """Words separated by commas: a question with one of them always goes to a person."""
    handover_folder: str = ""
    """A folder that gets a Markdown and a JSON file for each hand-over."""
    handover_webhook: str = ""
    """An https address that is told of each hand-over; its key is DESKSIDE_WEBHOOK_KEY."""
    handover_mail: str = ""
    """Mail addresses separated by commas that are told of each hand-over."""
    mail_server: str = ""
    """`smtp://host:587` or `smtps://host:465`; DESKSIDE_MAIL_USER and DESKSIDE_MAIL_PASSWORD log in."""
    mail_from: str = ""
    """The sender of these mails; empty: the first address they go to."""
    places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Where each value that is not a default comes from."""


_CHOICES = {"images": ("auto", "blocks", "kitty", "sixel")}
_BOUNDS = {"top": (1, 50), "caution": (0.0, 1.0), "max_new_tokens": (1, 2048), "threads": (0, 256)}


def default_home(environ: Mapping[str, str] = os.environ) -> Path:
    """DESKSIDE_HOME, else the platform's folder for application data."""
    import platformdirs

    named = environ.get("DESKSIDE_HOME")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("deskside"))


def load_settings(
    flags: Mapping[str, Any], environ: Mapping[str, str] = os.environ, defaults: Mapping[str, Any] = {}
) -> Settings:
    """Defaults, then the file, then the environment, then the flags that were given (not None).

    `defaults` are a command's own, where they differ; an empty variable counts as not given.

    Raises UserError CONFIG with the file's line, or the variable's name.
    """
    import platformdirs

    home = Path(flags.get("home") or default_home(environ)).expanduser()
    cache = environ.get("DESKSIDE_CACHE") or platformdirs.user_cache_dir("deskside")
    places = {name: f"DESKSIDE_{name.upper()}" for name in ("home", "cache") if environ.get(f"DESKSIDE_{name.upper()}")}
    places |= {"home": "--home"} if flags.get("home") else {}
    settings = replace(Settings(home, Path(cache).expanduser(), places=places), **defaults)
    for name, value, place in _file_values(home / "deskside.toml"):
        if name == "keys":  # the window's own: see load_keys
            continue
        settings = _with(settings, name, value, place)
    for name in _names():
        if environ.get(f"DESKSIDE_{name.upper()}"):
            settings = _with(settings, name, environ[f"DESKSIDE_{name.upper()}"], f"DESKSIDE_{name.upper()}")
    for name, value in flags.items():
        if value is not None and name in _names():
            settings = _with(settings, name, value, f"--{name.replace('_', '-')}")
    return settings


def _names() -> list[str]:
    return [each.name for each in fields(Settings) if each.name not in ("home", "cache", "places")]


def load_keys(home: Path) -> dict[str, tuple[Any, str]]:
    """The keys of the window that a person chose under `[keys]` in the settings file: command -> (key, place)."""
    file = home / "deskside.toml"
    for name, value, place in _file_values(file):
        if name == "keys":
            if not isinstance(value, dict):
                raise UserError(f'{place}: keys is a table.\nWrite [keys] and under it: good = "f9"', "CONFIG")
            text = file.read_text("utf-8-sig")
            return {each: (key, f"{file.name} line {_line_of(text, each)}") for each, key in value.items()}
    return {}


def _file_values(file: Path) -> list[tuple[str, Any, str]]:
    """(name, value, place) of each line of the settings file; none when there is no file."""
    if not file.is_file():
        return []
    try:
        text = file.read_text("utf-8-sig")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise UserError(f"{file.name} is not UTF-8.\nSave it as UTF-8.", "CONFIG") from error
    except OSError as error:
        raise UserError(f"{file.name} cannot be read.\nCheck its owner and rights.", "CONFIG") from error
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file.name}: {error}.\nCorrect that line.", "CONFIG") from error
    return [(name, value, f"{file.name} line {_line_of(text, name)}") for name, value in values.items()]


def _line_of(text: str, name: str) -> int:
    lines = text.splitlines()
    return next((at for at, line in enumerate(lines, 1) if re.match(rf"\s*\[?{re.escape(name)}\b", line)), 1)


def _with(settings: Settings, name: str, value: Any, place: str) -> Settings:
    """The settings with one value changed, checked for kind and range."""
    if name not in _names():
        if _SECRET.search(name):
            raise UserError(f"{place}: secrets do not belong in a file.\nSet {_key_for(name)} instead.", "CONFIG")
        raise UserError(f'{place}: there is no setting "{name}".\nKnown: {", ".join(_names())}.', "CONFIG")
    kind = type(getattr(settings, name))
    try:
        converted = _converted(kind, value)
    except (TypeError, ValueError) as error:
        raise UserError(f"{place}: {name} must be {_kind_name(kind)}.\nCorrect it.", "CONFIG") from error
    if name in _CHOICES and converted not in _CHOICES[name]:
        raise UserError(f"{place}: {name} must be one of {', '.join(_CHOICES[name])}.\nCorrect it.", "CONFIG")
    if name in _BOUNDS:
        low, high = _BOUNDS[name]
        if not low <= converted <= high:
            raise UserError(f"{place}: {name} must lie between {low} and {high}.\nCorrect it.", "CONFIG")
    if name == "workspace" and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", converted):
        raise UserError(f"{place}: a workspace is named with letters, digits, - and _.\nCorrect it.", "CONFIG")
    return replace(settings, **{name: converted, "places": {**settings.places, name: place}})


def _key_for(name: str) -> str:
    """The variable that a secret of this name belongs in."""
    kinds = {"mail": "DESKSIDE_MAIL_PASSWORD", "smtp": "DESKSIDE_MAIL_PASSWORD", "hook": "DESKSIDE_WEBHOOK_KEY"}
    return next((key for word, key in kinds.items() if word in name.lower()), "DESKSIDE_OPENAI_KEY")


def _converted(kind: type, value: Any) -> Any:
    """The value as `kind`; a number may come as the text of a variable. Raises TypeError or ValueError."""
    if kind is str and not isinstance(value, str):
        raise TypeError
    if isinstance(value, bool) or (kind is int and isinstance(value, float)):
        raise ValueError
    return kind(value)


def _kind_name(kind: type) -> str:
    return {int: "a whole number", float: "a number"}.get(kind, "text")


def house_names(settings: Settings) -> tuple[str, ...]:
    """The house's own names, for masking."""
    return named(settings.house)


def named(text: str) -> tuple[str, ...]:
    """What a setting lists with commas between."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def person_name(settings: Settings) -> str:
    """Who takes a hand-over: the setting, else the name of the login; "" where there is none."""
    if settings.person.strip():
        return settings.person.strip()
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, in a container
        return ""


@dataclass(frozen=True)
class Setting:
    """One value as a person reads it. `place` is where it comes from: "default", a line of the file, a variable, a
    flag."""

    name: str
    value: str
    place: str
    about: str


ABOUT = {
    "home": "everything precious lies here",
    "cache": "converted base weights; may be deleted",
    "workspace": "nothing crosses workspaces",
    "model": "embedded, a folder or Hub id, openai:http://host:port/v1#name, or none",
    "embedder": "minilm, or a sentence-transformers folder or Hub id",
    "top": "sources an answer looks at and shows, 1 to 50",
    "caution": "least confidence for an answer, 0 to 1",
    "max_new_tokens": "longest written reply, 1 to 2048",
    "house": "own names, mail domains and numbers: not masked",
    "threads": "CPU threads for the models; 0 lets the program choose",
    "images": "pictures in the window: auto, blocks, kitty or sixel",
    "person": "your name when you take a hand-over; empty: your login",
    "handover_words": "a question with one of these words goes to a person",
    "handover_folder": "gets a Markdown and a JSON file for each hand-over",
    "handover_webhook": "an https address that is told of each hand-over",
    "handover_mail": "mail addresses that are told of each hand-over",
    "mail_server": "smtp://host:587 or smtps://host:465",
    "mail_from": "the sender of these mails",
}


def explained(settings: Settings) -> list[Setting]:
    """Every setting with its value and where it comes from."""
    from agent.drawing import drawing

    now = {"images": f"; now {drawing(settings.images)}"}
    return [
        Setting(
            each.name,
            str(getattr(settings, each.name)),
            settings.places.get(each.name, "default"),
            ABOUT.get(each.name, "") + now.get(each.name, ""),
        )
        for each in fields(Settings)
        if each.name != "places"
    ]
