"""Messages with marked spans: made without end from sentences and words, or read from files."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune import tagger_words as words
from finetune.report import Span
from index.errors import UserError

LABELS = ("ORDER", "PRODUCT", "NAME", "DATE", "AMOUNT", "EMAIL", "PHONE", "CODE")
EXAMPLE = '{"text": "Where is W2204817?", "spans": [{"start": 9, "end": 17, "label": "ORDER"}]}'
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Marked:
    """A message and what is marked in it: (start, end, label) in characters, in order, none over another."""

    text: str
    spans: tuple[Span, ...]
    source: str = ""


def read_marked(file: Path) -> list[Marked]:
    """The messages of a .jsonl file. Raises UserError TYPE for no file, SCHEMA with the line that is none, EMPTY."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise UserError(f"There is no file {file.name} to read.\nCheck the path.", "TYPE") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file.name} is not UTF-8. Save it as UTF-8.", "ENCODING") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(_marked(json.loads(line)))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
                reason = f"{file.name}, line {number}: not a marked message ({error}). Write it like {EXAMPLE}"
                raise UserError(reason, "SCHEMA", line=number) from error
    if not found:
        raise UserError(f"{file.name} has no messages. Give lines like {EXAMPLE}", "EMPTY")
    return found


def _marked(fields: dict[str, Any]) -> Marked:
    text = str(fields["text"])
    spans = sorted((int(span["start"]), int(span["end"]), str(span["label"])) for span in fields.get("spans", ()))
    reached = 0
    for start, end, label in spans:
        if not reached <= start < end <= len(text) or not label:
            raise ValueError(f"the span {start} to {end} lies outside of the text or over another")
        reached = end
    return Marked(text, tuple(spans), str(fields.get("source", "")))


def save_marked(messages: Iterable[Marked], file: Path) -> None:
    """Write them as `read_marked` reads them."""
    with file.open("w", encoding="utf-8") as stream:
        for each in messages:
            spans = [{"start": start, "end": end, "label": label} for start, end, label in each.spans]
            row = {"text": each.text, "spans": spans, "source": each.source}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def marked_hash(messages: Iterable[Marked]) -> str:
    """16 hex digits over the messages and their spans, in any order."""
    rows = sorted(json.dumps([each.text, each.spans]) for each in messages)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


# -- made --


def made_messages(count: int, seed: int = 0, *, testing: bool = False) -> list[Marked]:
    """Messages of one to four sentences. Those for testing share no sentence, name, product or format of an order
    number with those for learning."""
    maker = _Maker(random.Random(f"{seed} {testing}"), testing)
    return [maker.message() for _ in range(count)]


class _Maker:
    def __init__(self, rng: random.Random, testing: bool) -> None:
        self.rng, self.testing = rng, testing
        self.sentences = words.TEST if testing else words.LEARN
        self.given = words.GIVEN[testing].split()
        self.surnames = words.SURNAMES[testing].split()
        self.values: dict[str, Callable[[], str]] = {
            "ORDER": self._order,
            "PRODUCT": self._product,
            "NAME": self._name,
            "DATE": self._date,
            "AMOUNT": self._amount,
            "EMAIL": self._email,
            "PHONE": lambda: self._shaped(PHONES),
            "CODE": lambda: self._shaped(CODES[testing]),
            "count": lambda: str(rng.choice((2, 3, 4, 5, 6, 8, 10, 12, 14, 24, 30, 60, 90, 100))),
            "time": lambda: self._shaped("##:15|2#:00|#:30|8 pm|6 am|11:4#"),
            "version": lambda: self._shaped("#.#.#|v#.1#|1#.#|#.#.##"),
        }

    def message(self) -> Marked:
        """A message as people type: some in small letters, some without any punctuation."""
        rng = self.rng
        chosen = rng.sample(self.sentences, rng.choice((1, 1, 1, 2, 2, 3, 4)))
        pieces: list[tuple[str, str]] = [(rng.choice(words.OPENINGS), "")] if rng.random() < 0.3 else []
        for sentence in chosen:
            if any(piece for piece, _ in pieces):
                pieces.append((rng.choice((". ", ". ", ", ", "\n", " ", "! ")), ""))
            pieces += self._filled(sentence)
        pieces.append((rng.choice(("", ".", "!", "")) + rng.choice(("", "", " " + rng.choice(words.ENDINGS))), ""))
        return _joined(pieces, small=rng.random() < 0.3, source="made")

    def _filled(self, sentence: str) -> Iterator[tuple[str, str]]:
        end = 0
        if self.rng.random() < 0.5:
            sentence = sentence[:1].upper() + sentence[1:]
        for slot in _SLOT.finditer(sentence):
            yield sentence[end : slot.start()], ""
            name = slot.group(1)
            yield self.values[name](), name if name.isupper() else ""
            end = slot.end()
        yield sentence[end:], ""

    def _shaped(self, shapes: str) -> str:
        """One of the shapes: # is a digit, @ a capital letter, ^ a hex digit."""
        signs = {"#": "0123456789", "@": "ABCDEFGHKLMNPRSTUVWXY", "^": "0123456789ABCDEF"}
        return "".join(self.rng.choice(signs.get(sign, sign)) for sign in self.rng.choice(shapes.split("|")))

    def _order(self) -> str:
        made = self._shaped(ORDERS[self.testing])
        return made if self.rng.random() < 0.8 else made.lower()

    def _one(self, pools: tuple[str, str]) -> str:
        return self.rng.choice(pools[self.testing].split("|"))

    def _product(self) -> str:
        brand = self._one(words.BRANDS)
        if self.rng.random() < 0.4:
            brand = "".join(self.rng.choices(words.SYLLABLES, k=self.rng.choice((2, 3)))).capitalize()
        return " ".join(filter(None, (brand, self._one(words.THINGS), self._one(words.VARIANTS))))

    def _name(self) -> str:
        given, surname = self.rng.choice(self.given), self.rng.choice(self.surnames)
        return self.rng.choice((given, given, f"{given} {surname}", f"{given} {surname}", f"{given[0]}. {surname}"))

    def _date(self) -> str:
        rng = self.rng
        day, year, month = rng.randint(1, 28), rng.choice((2023, 2024, 2025, 2026)), rng.choice(words.MONTHS)
        number = words.MONTHS.index(month) + 1
        shapes = [
            f"{day}/{number}/{year}", f"{day:02}.{number:02}.{year}", f"{year}-{number:02}-{day:02}", f"{day} {month}",
            f"{month} {day}", f"{day} {month[:3]} {year}", f"{month} {day}, {year}", f"{day}/{number}",
            f"the {day}th", f"{day}th of {month}", rng.choice(words.DAYS), f"{rng.choice(words.DAYS)}, {day} {month}",
        ]  # fmt: skip
        return rng.choice(shapes) if rng.random() < 0.65 else self._one(words.RELATIVE)

    def _amount(self) -> str:
        whole, cents = self.rng.choice((self.rng.randint(1, 99), self.rng.randint(100, 1999))), self.rng.randint(0, 99)
        value = self.rng.choice((f"{whole}.{cents:02}", f"{whole}.{cents:02}", f"{whole}", f"{whole},{cents:02}"))
        signs = (
            "€{}",
            "${}",
            "£{}",
            "{} EUR",
            "{} €",
            "{}€",
            "{} euros",
            "{} dollars",
            "{} USD",
            "EUR {}",
            "{} pounds",
        )
        more = ("{} francs", "CHF {}", "{} zl", "{} kr", "{} bucks")
        return self.rng.choice(more if self.testing and self.rng.random() < 0.3 else signs).format(value)

    def _email(self) -> str:
        given, surname = _plain(self.rng.choice(self.given)), _plain(self.rng.choice(self.surnames))
        shapes = (
            f"{given}.{surname}",
            f"{given}{self.rng.randint(1, 99)}",
            f"{given[0]}{surname}",
            f"{surname}_{given}",
        )
        return f"{self.rng.choice(shapes)}@{self._one(words.HOSTS)}"


ORDERS = (
    "W#######|#@@-#####|ORD-######|#######|#####-####|RMA-#####|#########|@@#######|DE-####-####|PO ######|SO######|"
    "###-#######-#######|@@@ ###|@@@#####|##########|#@#####",
    "#W#####|##-#####-##|BK######|@@@@-####|########|R-####-####|@#@####|#####/##",
)
CODES = (
    "E-##|E##|@@@-###|0x8007####|error ###|0x^^^^^^^^|@@-####-####|F#|ERR_####|@###|@@#-####-####|#^#^-^^^^|code ##",
    "H-###|@@-##|0xC000####|S#:E##|@@@#-#####-@@|ERR ##",
)
PHONES = (
    "+49 ### #######|+44 7### ######|0## #######|(###) ###-####|###-###-####|0#### ######|+33 # ## ## ## ##|##########"
)


def _joined(pieces: Iterable[tuple[str, str]], *, small: bool, source: str) -> Marked:
    text, spans = "", []
    for piece, label in pieces:
        piece = piece.lower() if small else piece
        if label:
            spans.append((len(text), len(text) + len(piece), label))
        text += piece
    return Marked(text, tuple(spans), source)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower()) or "me"


# -- read from public sets --

HWU = {"date": "DATE", "person": "NAME", "email_address": "EMAIL"}
MULTIDOGO = {
    "name": "NAME", "username": "NAME", "email_address": "EMAIL", "phone_number": "PHONE", "phonenumber": "PHONE",
    "booking_confirmation_number": "ORDER", "claimid": "ORDER", "policyid": "ORDER", "order_number": "ORDER",
    "account_number": "ORDER", "target_account_number": "ORDER", "account_id": "ORDER", "item_code": "CODE",
    "software_name": "PRODUCT", "item_name": "PRODUCT", "cost": "AMOUNT", "price": "AMOUNT",
    "charge_amount": "AMOUNT", "transferamount": "AMOUNT", "start_date": "DATE", "end_date": "DATE",
    "charge_date": "DATE", "lastuseddate": "DATE", "date": "DATE",
}  # fmt: skip
_INLINE = re.compile(r"\[(\w+) : ([^\]]*)\]")


def read_hwu(file: Path, names: Mapping[str, str] | None = HWU) -> list[Marked]:
    """HWU64 (Liu et al. 2019): a table whose column "annotated" marks `[date : today]`. `names` gives our labels for
    theirs and leaves out the others; None keeps theirs."""
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    column = rows[0].index("annotated")
    found = []
    for row in rows[1:]:
        pieces: list[tuple[str, str]] = []
        end, annotated = 0, row[column]
        for match in _INLINE.finditer(annotated):
            label = match.group(1) if names is None else names.get(match.group(1), "")
            pieces += [(annotated[end : match.start()], ""), (match.group(2).strip(), label)]
            end = match.end()
        found.append(_joined([*pieces, (annotated[end:], "")], small=False, source="hwu64"))
    return found


def read_multidogo(file: Path, names: Mapping[str, str] | None = MULTIDOGO) -> list[Marked]:
    """MultiDoGO (Peskov et al. 2019), a domain's table: a label a word, neighbours of one label are one span. Turns
    whose words and labels do not pair up are left out."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) < 5 or len(tokens := cells[3].split(" ")) != len(marks := cells[4].split(" ")):
            continue
        labels = [mark if names is None else names.get(mark, "") for mark in marks]
        labels = ["" if label == "O" else label for label in labels]
        pieces: list[tuple[str, str]] = []
        for place, (token, label) in enumerate(zip(tokens, labels, strict=True)):
            if place and label and labels[place - 1] == label:
                pieces[-1] = (f"{pieces[-1][0]} {token}", label)
            else:
                pieces += [(" " if place else "", ""), (token, label)]
        found.append(_joined(pieces, small=False, source=f"multidogo {file.parent.name}"))
    return found
