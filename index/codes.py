"""Error codes and ids: what must be found exactly, however it is written or misread (pure)."""

from __future__ import annotations

import re

from index.words import STOP_WORDS

# E-23, PAY-409, ACC-101, KB5034441, W2204817, RMA-12345, T-1042, #10234, 0x80070005, ORA-00942, SHP-204, 4111-222
_CODE = re.compile(
    r"(?<![\w-])("
    r"0x[0-9a-fA-F]{4,16}"
    r"|[A-Z]{1,6}[-_ ]?\d[\dOIl]{1,11}(?:[-_]\d{1,8})*(?:[A-Z]{1,2})?"
    r"|[A-Z]{1,3}[-_][OIl]\d{1,11}"
    r"|[a-z]{1,5}[-_]?\d[\dOIl]{1,11}"
    r"|[A-Z]{2,10}(?:_[A-Z0-9]{2,}){1,6}"
    r"|\d{3,8}-\d{2,8}"
    r"|#\d{3,12}"
    r")(?![\w-])"
)
_SPELLED = re.compile(r"\b(?:error|code|fehler|err)\W{0,3}(?:code\W{0,3})?([A-Za-z]{0,6}[-_ ]?\d{1,6})\b", re.I)
_HYPHENS = str.maketrans("\u2010\u2011", "--")
LONG_ID = 5
_MISREAD = str.maketrans("OIl", "011")
_MONTHS = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
_UNITS = {"V", "W", "A", "EUR", "USD", "GB", "MB", "KB", "IOS", "IPV", "USB", "CR", "AA", "GU", "VOL", "NO"}


def find_codes(text: str) -> tuple[str, ...]:
    """The codes in a text as `normal_code` writes them, in order, each once."""
    text = text.translate(_HYPHENS)
    found = [match.group(1) for match in _CODE.finditer(text)]
    found += [match.group(1) for match in _SPELLED.finditer(text)]
    codes = (normal_code(code) for code in found if not _is_ordinary(code))
    return tuple(dict.fromkeys(code for code in codes if len(code) >= 2))


def code_spans(text: str) -> list[tuple[int, int]]:
    """Where the codes stand that are more than a number: (start, end) of each."""
    return [
        match.span(1)
        for match in _CODE.finditer(text.translate(_HYPHENS))
        if not match.group(1)[0].isdigit() and not _is_ordinary(match.group(1))
    ]


def normal_code(code: str) -> str:
    """One spelling for all: upper case, no separators, and in the digits O, I, l read as 0 and 1.

    "e-23", "E 23" and "E23" are one code; "W22O4817" (misread on a picture) is "W2204817".
    """
    if not any(mark.isdigit() for mark in code):
        return code.upper()
    plain = re.sub(r"[-_ #]", "", code)
    if plain.lower().startswith("0x"):
        return plain.upper()
    letters = re.match(r"[A-Za-z]*?(?=[\dOIl]*\d)", plain)
    head = letters.group(0) if letters else ""
    return head.upper() + plain[len(head) :].translate(_MISREAD).upper()


def _is_ordinary(code: str) -> bool:
    """Whether it only looks like a code: "MAY 2025", "USB 3", a lone year."""
    head = re.match(r"[A-Za-z]*", code)
    word = head.group(0).upper() if head else ""
    spaced = code[len(word) : len(word) + 1] == " "
    if word and spaced and (word.lower() in STOP_WORDS or len(word) > 4):  # "FOR 30 days"
        return True
    if len(word) == 1 and not spaced and sum(map(str.isdigit, code)) >= LONG_ID:  # W2204817, an order
        return False
    return word in _MONTHS or (word in _UNITS and not code.startswith("KB"))
