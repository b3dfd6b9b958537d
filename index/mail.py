"""What a mail programme adds to a message - quoted replies, signatures, disclaimers - taken off again (pure).

Conservative: a message is never emptied, a cut needs a clear mark, and what stands below a quotation stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_LANGUAGE_WROTE = (
    r"(?:wrote|writes|schrieb(?:[ \t][^\n:]{1,120})?|a[ \t]écrit|escribió|ha[ \t]scritto"
    r"|schreef(?:[ \t][^\n:]{1,120})?|escreveu)"
)
# "On Mon, 3 Mar 2025 at 09:12, Ana Ruiz <ana@x.example>\nwrote:" and its sisters, over three lines at most.
_WROTE = re.compile(
    r"^[ \t]*(?:On|Am|Le|El|Il|Op|Em)[ \t](?=[^\n]*\d)[^\n]{4,200}?(?:\n[^\n]{0,200}?){0,2}?\b"
    + _LANGUAGE_WROTE
    + r"[ \t]?:[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^[ \t]*(?:-{3,}[ \t]*(?:Original Message|Ursprüngliche Nachricht|Originalnachricht"
    r"|Message d'origine|Message original"
    r"|Mensaje original|Messaggio originale|Oorspronkelijk bericht|Mensagem original)[ \t]*-{3,}"
    r"|##-[^\n]{0,120}-##|[-=]{3,}[^\n]{0,40}reply above this line[^\n]{0,40})[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_HEADERS = re.compile(
    r"^[ \t]*(?:[_-]{10,}[ \t]*\n\s{0,3})?\*?(?:From|Von|De|Da|Van)[ \t]?:\*?[ \t][^\n]{1,300}\n"
    r"(?:[^\n]{1,300}\n){0,2}?"
    r"\*?(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado(?: el)?|Fecha|Inviato|Data"
    r"|Verzonden)[ \t]?:\*?[ \t][^\n]{1,200}\n"
    r"(?:[^\n]{0,300}\n){0,2}?"
    r"\*?(?:To|An|À|Para|A|Aan|Subject|Betreff|Objet|Asunto|Oggetto|Onderwerp)[ \t]?:\*?[ \t]?[^\n]{0,300}$",
    re.MULTILINE | re.IGNORECASE,
)
_QUOTED = re.compile(r"(?:^[ \t]*>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_SENT_FROM = re.compile(
    r"^[ \t]*(?:Sent (?:from|via|with) (?:my )?[^\n.?!]{2,40}|Get Outlook for [^\n]{2,40}"
    r"|Von meinem [^\n]{2,30} gesendet"
    r"|Gesendet (?:von|mit)[^\n]{2,40}|Diese Nachricht wurde von meinem [^\n]{2,60} gesendet|Envoyé "
    r"(?:de|depuis) mon [^\n]{2,40}"
    r"|Enviado desde mi [^\n]{2,40}|Inviato da[^\n]{2,40})\.?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_DASHES = re.compile(r"^--[ \t]?$", re.MULTILINE)
_CLOSING = re.compile(
    r"^[ \t]*(?:(?:(?:with )?(?:kind|best|warm|warmest|many)(?:est)? )?regards|best(?: wishes)?|"
    r"(?:yours )?(?:sincerely|faithfully|truly)"
    r"|sincerely yours|cheers|many thanks|thanks(?: (?:again|in advance|so much|a lot))?|thank you(?: "
    r"(?:again|in advance|so much|very much))?"
    r"|(?:mit )?(?:freundlichen|besten|vielen|lieben|herzlichen) grüßen|(?:viele|liebe|beste"
    r"|freundliche|herzliche) grüße|mfg|vg|lg"
    r"|(?:bien )?cordialement|bien à vous|salutations(?: distinguées)?|(?:un )?(?:cordial )?saludos?"
    r"(?: cordiales)?|un saludo|atentamente|"
    r"cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?)[ \t]*[,.!]?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"^[ \t]*(?:\*{0,3}[ \t]*)?(?:confidentiality notice|disclaimer[ \t]*:|this (?:e-?mail|message)"
    r"(?: \(including[^)\n]{0,40}\))?(?:,? and any (?:attachments?|files)[^\n]{0,60}| is| may"
    r"| contains)"
    r"[^\n]{0,80}|the information (?:contained )?in this (?:e-?mail|message)"
    r"|please consider the environment|diese (?:e-?mail|nachricht) (?:enthält|kann|ist)"
    r"|ce (?:message|courriel)[^\n]{0,60}(?:confidentiel|destiné)|este (?:mensaje"
    r"|correo)[^\n]{0,60}confidencial)",
    re.MULTILINE | re.IGNORECASE,
)
_LEGAL = re.compile(
    r"confidential|privileged|intended|recipient|environment|vertraulich|adressat|empfänger"
    r"|confidentiel|destinataire|confidencial|destinatario",
    re.IGNORECASE,
)
_STAYS = re.compile(r"\?|^[ \t]*(?:P\.?[ \t]?S\b|NB\b|N\.B\.|Update\b|Edit\b)", re.IGNORECASE | re.MULTILINE)
_LONGEST_NAME_LINE, _MOST_NAME_LINES, _MOST_ROUNDS = 70, 9, 12
_LONGEST_SIGNATURE, _LONGEST_DISCLAIMER = 2_000, 5_000  # characters from the end where they can begin


def strip_mail(text: str) -> str:
    """`text` without quoted replies, signatures and disclaimers; as it is when nothing else would be left."""
    if "\n" not in text:
        return text
    shorter = text
    for _ in range(_MOST_ROUNDS):
        before = shorter
        for step in _STEPS:
            left = step(shorter).strip()
            if left and len(left) < len(shorter.strip()):
                shorter = left
        if shorter == before:
            return shorter
    return text  # no mail has so many layers: leave it alone


def _without_attribution(text: str) -> str:
    """Cut at "On ... wrote:". With `>` lines below, those go and the words below them stay."""
    for match in _WROTE.finditer(text):
        before, after = text[: match.start()], text[match.end() :].lstrip("\n")
        quoted = _QUOTED.match(after)
        if quoted:
            return before + after[quoted.end() :]
        if before.strip():
            return before
    return text


def _cut_at(mark: re.Pattern[str]) -> Callable[[str], str]:
    """A step that keeps what stands above the first `mark` that has something above it."""

    def cut(text: str) -> str:
        for match in mark.finditer(text):
            if text[: match.start()].strip():
                return text[: match.start()]
        return text

    return cut


def _without_quotes(text: str) -> str:
    """Blocks of two `>` lines and more go; a single one (a menu path, a prompt) only at the very end."""

    def judged(match: re.Match[str]) -> str:
        lines = match.group().count("\n") + (not match.group().endswith("\n"))
        return "" if lines > 1 else match.group()

    return _QUOTED.sub(judged, text) if ">" in text else text


def _without_sent_from(text: str) -> str:
    return _SENT_FROM.sub("", text)


def _without_dashes(text: str) -> str:
    """What stands below a line "--" (RFC 3676), when it is short enough to be a signature."""
    for match in _DASHES.finditer(text, max(0, len(text) - _LONGEST_SIGNATURE)):
        below = text[match.end() :].strip()
        if below.count("\n") < 15 and not _STAYS.search(below):
            return text[: match.start()]
    return text


def _without_closing(text: str) -> str:
    """ "Kind regards," with the name, job and address lines below it; a closing alone only when a name follows."""
    for match in _CLOSING.finditer(text, max(0, len(text) - _LONGEST_SIGNATURE)):
        below = [line for line in text[match.end() :].splitlines() if line.strip()]
        short = len(below) <= _MOST_NAME_LINES and all(len(line) <= _LONGEST_NAME_LINE for line in below)
        if below and short and not any(map(_is_sentence, below)):
            return text[: match.start()]
    return text


def _is_sentence(line: str) -> bool:
    """Whether a line below a closing says something: asks, is a postscript, or runs like prose."""
    words = line.split()
    lower = sum(word[:1].islower() for word in words)
    return bool(_STAYS.search(line)) or (len(words) > 3 and lower > len(words) / 2)


def _without_disclaimer(text: str) -> str:
    """The last paragraphs from a disclaimer's opening words on, when they read like one."""
    for match in _DISCLAIMER.finditer(text, max(0, len(text) - _LONGEST_DISCLAIMER)):
        below = text[match.start() :]
        paragraphs = [part for part in re.split(r"\n\s*\n", below) if part.strip()]
        if all(_LEGAL.search(part) for part in paragraphs):
            return text[: match.start()].rstrip(" \t\n_-*=")
    return text


_STEPS: tuple[Callable[[str], str], ...] = (
    _without_attribution,
    _cut_at(_ORIGINAL),
    _cut_at(_HEADERS),
    _without_quotes,
    _without_disclaimer,
    _without_sent_from,
    _without_dashes,
    _without_closing,
)
