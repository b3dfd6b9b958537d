"""What a classifier learns from: labelled questions, from a file or from tickets with their tags."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.clean import clean
from index.conversation import Conversation
from index.errors import UserError

if TYPE_CHECKING:
    import numpy as np

TEXT_NAMES = ("text", "question", "query", "utterance")
LABEL_NAMES = ("label", "category", "intent", "tag", "issue")


@dataclass(frozen=True)
class Case:
    """One question with the label that is right. `screen` are the words on its picture, `visual` a vector of the
    picture; cases of one `group` (a ticket, a customer) are never on both sides of a split."""

    text: str
    label: str
    screen: str = ""
    visual: np.ndarray | None = None
    group: str = ""


Look = Callable[[Path], tuple[str, "np.ndarray | None"]]


def read_cases(file: Path, look: Look | None = None) -> list[Case]:
    """The cases of a .jsonl, .csv or .tsv file (header: text and label, or their usual other names).

    A line may have "screen" (words) or "picture" (a path beside the file; `look` gives its words and its vector), and
    "group". Raises UserError TYPE for no file, SCHEMA with the line that is none, EMPTY for no cases.
    """
    cases = []
    for number, row in _rows(file):
        text, label = _first(row, TEXT_NAMES), _first(row, LABEL_NAMES)
        if label is None or (text is None and not row.get("screen") and not row.get("picture")):
            wanted = f"a label ({', '.join(LABEL_NAMES)}) and a text ({', '.join(TEXT_NAMES)})"
            raise UserError(f"{file.name}, line {number}: a case needs {wanted}.", "SCHEMA", line=number)
        words, visual = look(file.parent / str(row["picture"])) if look and row.get("picture") else ("", None)
        screen = clean(str(row.get("screen") or "")) or words
        cases.append(Case(clean(text or ""), label, screen, visual, str(row.get("group") or "")))
    if not cases:
        raise UserError(f"{file.name} has no cases. Give lines like {EXAMPLE}", "EMPTY")
    return cases


EXAMPLE = '{"text": "My parcel is late", "label": "delivery"}'


def cases_of_tickets(
    tickets: Iterable[Conversation],
    label_of: Callable[[Conversation], str],
    words_of: Callable[[str], str],
    vector_of: Callable[[str], np.ndarray | None] = lambda sha256: None,
) -> list[Case]:
    """A case of each ticket that has a label ("" leaves it out): what the customer said before the first answer,
    with the words of the pictures in it (`words_of` their hash) and the vector of the first. The subject is left
    out: a chat has none."""
    cases = []
    for ticket in tickets:
        opening = _opening(ticket)
        text = "\n".join(filter(None, (message.text for message in opening)))
        screen = "\n".join(filter(None, (words_of(sha) for message in opening for sha in message.pictures)))
        if (label := label_of(ticket)) and (text.strip() or screen):
            shown = next((sha for message in opening for sha in message.pictures), None)
            visual = vector_of(shown) if shown else None
            cases.append(Case(text, label, screen, visual, ticket.customer_id or ticket.id))
    return cases


def _opening(ticket: Conversation) -> list[Any]:
    opening = []
    for message in ticket.messages:
        if message.role == "agent":
            break
        if message.role == "customer":
            opening.append(message)
    return opening


def by_tag(depth: int = 1) -> Callable[[Conversation], str]:
    """The first `depth` tags as one label ("devices/hub"); "" for a ticket with fewer."""
    return lambda ticket: "/".join(ticket.tags[:depth]) if len(ticket.tags) >= depth else ""


def by_subject(ticket: Conversation) -> str:
    """The subject as it stands: for desks whose subjects are chosen from a list."""
    return ticket.subject.strip()


def enough(cases: Sequence[Case], least: int = 2) -> tuple[list[Case], list[str]]:
    """The cases of labels with at least `least` of them, and the labels left out."""
    counts: dict[str, int] = {}
    for case in cases:
        counts[case.label] = counts.get(case.label, 0) + 1
    rare = sorted(label for label, count in counts.items() if count < least)
    return [case for case in cases if counts[case.label] >= least], rare


def cases_hash(cases: Sequence[Case]) -> str:
    """16 hex digits over all that the cases say, in any order."""
    rows = sorted(json.dumps([case.text, case.label, case.screen, case.group]) for case in cases)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def folds(cases: Sequence[Case], count: int, seed: int = 0) -> list[tuple[list[int], list[int]]]:
    """(learn, hold back) places of `count` splits: labels spread evenly, a group or a repeated text on one side."""
    import warnings

    from sklearn.model_selection import StratifiedGroupKFold  # type: ignore[import-untyped]

    groups = [case.group or f"\0{case.text.strip().lower()}" for case in cases]
    splitter = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():  # it warns of labels with fewer cases than folds: they are simply not in each
        warnings.simplefilter("ignore")
        made = splitter.split(list(cases), [case.label for case in cases], groups)
        return [(learn.tolist(), held.tolist()) for learn, held in made]


# -- files --


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            if file.suffix in (".csv", ".tsv"):
                yield from _table_rows(file, stream)
            else:
                yield from _json_rows(file, stream)
    except OSError as error:
        raise UserError(f"There is no file {file.name} to read.\nCheck the path.", "TYPE") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file.name} is not UTF-8. Save it as UTF-8.", "ENCODING") from error


def _table_rows(file: Path, stream: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    tabs = file.suffix == ".tsv"
    sign: str = "\t" if tabs else ","
    reader = csv.DictReader(stream, delimiter=sign, quoting=csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL)
    try:
        for row in reader:
            yield reader.line_num, {str(name).strip().lower(): value for name, value in row.items() if name}
    except csv.Error as error:
        raise UserError(f"{file.name}, line {reader.line_num}: {error}.", "SCHEMA", line=reader.line_num) from error


def _json_rows(file: Path, stream: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(stream, start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                raise UserError(f"{file.name}, line {number}: not a JSON object.", "SCHEMA", line=number)
            yield number, row


def _first(row: dict[str, Any], names: Sequence[str]) -> str | None:
    return next((str(row[name]).strip() for name in names if str(row.get(name) or "").strip()), None)
