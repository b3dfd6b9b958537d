"""Personal data of known shape in a text: where it stands and what makes two spellings the same (pure)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from index.secret import Found, find_keys, find_links

_NUMBERED = re.compile(r"[0-9](?:[0-9]{2}|[0-9 .()/-]{5})")
_SIGNS = (
    "@",
    "://",
    "www.",
    "::",
    " dot ",
    "-----begin",
    "token",
    "secret",
    "(at)",
    "[at]",
    "passw",
    "passphrase",
    "kennwort",
    "contrase",
    "mot de passe",
)

# Words that, right before a number, say that it is the trade's and not a person's.
_TRADE = frozenset(
    "order orders invoice tracking track parcel shipment consignment serial ticket case reference ref rma return "
    "part sku model article item firmware version build release imei sn ean isbn asin barcode code error kb pid "
    "vat tax po purchase booking reservation confirmation transaction commande facture colis série pedido factura "
    "envío serie # € $ £".split()
)
_TRADE_STEMS = ("bestell", "auftrag", "rechnung", "sendung", "serien", "kunden", "artikel", "fehler")
_FILLERS = frozenset(
    "with the by of your number numbers nummer num no nr id ids code n numéro número is was are ist war lautet es est "
    "and und".split()
)
_PHONE_WORDS = frozenset(
    "phone call calling called tel mobile cell cellphone reach ring whatsapp text sms fax landline contact "
    "dial handy anrufen festnetz téléphone portable teléfono móvil telefono cellulare".split()
)
_NUMBER = frozenset("number nummer numéro número".split())  # a phone's only when it is somebody's: "my number"
_OWNERS = frozenset("my our his her their new old right correct meine unsere seine ihre mon notre mi nuestro".split())
_PHONE_STEMS = ("telefon", "ruf", "mobil", "appel", "llam")
_WORDS = re.compile(r"[^\W\d_]+|[#€$£]")
_BREAK = re.compile(r"[\n;,!?]|(?<!no)(?<!nr)(?<!No)(?<!Nr)\. ")
_UNIT_BEHIND = re.compile(
    r"[ \t]?(?:%|€|\$|£|(?:EUR|USD|GBP|CHF|k?Wh?|[KMG]B|ms|[cmk]m|mA?h?|[kMG]?Hz|px)\b)",
)


def worth_a_look(text: str) -> bool:
    """Whether `text` could hold any of this; cheap, and false for most messages of a chat."""
    if _NUMBERED.search(text):
        return True
    lowered = text.lower()
    return any(sign in lowered for sign in _SIGNS) or any(len(word) > 19 for word in text.split())


def _digits(text: str) -> int:
    return sum(map(text.count, "0123456789"))


def _is_trade_number(text: str, start: int) -> bool:
    """Whether the words right before say "order number", "tracking", "#" ..."""
    before = _WORDS.findall(_BREAK.split(text[max(0, start - 40) : start])[-1])
    if before and before[-1].isupper() and len(before[-1]) < 4:  # "Tracking: RS 6620 4471 08"
        before.pop()
    for word in (word.lower() for word in reversed(before)):
        if word in _TRADE or word.startswith(_TRADE_STEMS):
            return True
        if word not in _FILLERS:
            return False
    return False


def _phone_is_said(text: str, start: int) -> bool:
    """Whether the words before, back to the last number or line, speak of a phone."""
    before = re.split(r"[\n0-9]", text[max(0, start - 40) : start].lower())[-1]
    words = _WORDS.findall(before)
    if any(word in _PHONE_WORDS or word.startswith(_PHONE_STEMS) for word in words):
        return True
    return any(one in _OWNERS and two in _NUMBER for one, two in pairwise(words))


# -- addresses --

_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])")
_SPELT_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}[ ]?(?:\(at\)|\[at\]| at )[ ]?[\w-]{1,63}(?:[ ]?(?:\(dot\)|\[dot\]| dot "
    r"|\.)[ ]?[\w-]{1,63}){0,3}"
    r"[ ]?(?:\(dot\)|\[dot\]| dot |(?<=\w)\.)[ ]?[a-z]{2,12}(?!\w)",
    re.IGNORECASE,
)
_IP4 = re.compile(r"(?<![\w.,-])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w-]|\.[0-9])")
_IP6 = re.compile(r"(?<![\w:.])(?=[0-9a-f]*:[0-9a-f]*:)[0-9a-f:]{4,39}(?:%\w{1,16})?(?![\w:])", re.IGNORECASE)
_VERSION_BEFORE = re.compile(
    r"(?:version|firmware|build|release|update[ds]?|upgrade[ds]?|driver|fw|ver|v|software|app|patch"
    r"|revision|rev|agent)\.?\"?[ \t]*(?:is|to|from|:|=|\()?[ \t]*\"?v?$",
    re.IGNORECASE,
)
_VERSION_BEHIND = re.compile(r"[ \t]?\(?(?:firmware|version|build|release|update|driver)", re.IGNORECASE)
_EVERYONES = frozenset(
    "127.0.0.1 0.0.0.0 255.255.255.255 255.255.255.0 255.255.0.0 255.0.0.0 192.168.0.1 192.168.1.1 192.168.2.1 "
    "192.168.178.1 192.168.0.254 192.168.1.254 10.0.0.1 10.0.0.138 8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9".split()
)  # gateways, masks and public resolvers stand in every manual


def find_emails(text: str) -> Iterator[Found]:
    """E-mail addresses, also spelt "ana (at) mail (dot) example"."""
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield match.start(), match.end(), match.group().lower().strip("'")
    lowered = text.lower()
    if any(sign in lowered for sign in ("(at)", "[at]", " dot ")):
        for match in _SPELT_EMAIL.finditer(text):
            plain = re.sub(
                r"\s?[(\[]?\b(at|dot)\b[)\]]?\s?",
                lambda m: "@" if m.group(1).lower() == "at" else ".",
                match.group(),
                flags=re.I,
            )
            if "@" in plain:
                yield match.start(), match.end(), plain.lower()


def find_ips(text: str) -> Iterator[Found]:
    """IPv4 and IPv6 addresses of somebody; not version numbers, not the gateways of every manual."""
    for match in _IP4.finditer(text) if text.count(".") > 2 else ():
        parts = match.group().split(".")
        valid = all(int(part) < 256 and (part == "0" or part[0] != "0") for part in parts)
        version = _VERSION_BEFORE.search(text[max(0, match.start() - 30) : match.start()]) or _VERSION_BEHIND.match(
            text, match.end()
        )
        if valid and not version and match.group() not in _EVERYONES:
            yield match.start(), match.end(), match.group()
    if text.count(":") < 2:
        return
    for match in _IP6.finditer(text):
        word = match.group().rstrip(":") if not match.group().endswith("::") else match.group()
        try:
            address = ipaddress.IPv6Address(word)
        except ValueError:
            continue
        if not address.is_loopback and not address.is_unspecified and word.count(":") > 1 and re.search("[0-9]", word):
            yield match.start(), match.start() + len(word), str(address)


# -- bank --

_IBAN = re.compile(r"(?<![\w])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,32}")
_IBAN_LENGTH = {
    country[:2]: int(country[2:])
    for country in "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 "
    ""
    "EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
    "LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 "
    "RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20".split()
}  # ISO 13616 registry
_CARD = re.compile(r"(?<![\w.+])[0-9](?:[ .-]{0,2}[0-9]){11,400}(?!\w)")
_MOST_GROUPS = 7
_CARD_SHAPE = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}"
    r"|7[01][0-9]|720)[0-9]{12}|3[47][0-9]{13}"
    r"|6(?:011|22[0-9]|4[4-9][0-9]|5[0-9]{2})[0-9]{12}|3(?:0[0-5]|[68][0-9])[0-9]{11}|35(?:2[89]"
    r"|[3-8][0-9])[0-9]{12}|62[0-9]{14,17}|(?:50|5[6-9]|6[0-9])[0-9]{12,17}"
)  # ISO/IEC 7812 ranges of the large networks


def find_ibans(text: str) -> Iterator[Found]:
    """IBANs by their country's length and the remainder 1 of 97 (ISO 7064)."""
    for match in _IBAN.finditer(text) if _digits(text) > 10 else ():
        length = _IBAN_LENGTH.get(match.group()[:2].upper(), 0)
        places = [place for place, char in enumerate(match.group()) if char.isalnum()][:length]
        if not length or len(places) < length:
            continue
        number = "".join(match.group()[place] for place in places).upper()
        if int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97 == 1:
            yield match.start(), match.start() + places[-1] + 1, number


def find_cards(text: str) -> Iterator[Found]:
    """Card numbers by range, length and Luhn, in one piece or in groups."""
    for match in _CARD.finditer(text) if _digits(text) > 12 else ():
        if not _is_trade_number(text, match.start()):
            yield from _cards_in(match.group(), match.start())


def _cards_in(run: str, offset: int) -> Iterator[Found]:
    groups = list(re.finditer("[0-9]+", run))
    first = 0
    while first < len(groups):
        for last in range(min(len(groups), first + _MOST_GROUPS) - 1, first - 1, -1):
            number = "".join(group.group() for group in groups[first : last + 1])
            if 13 <= len(number) <= 19 and _CARD_SHAPE.fullmatch(number) and _luhn(number):
                yield offset + groups[first].start(), offset + groups[last].end(), number
                first = last
                break
        first += 1


def _luhn(number: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * 2 for digit in number[-2::-2])
    return (sum(map(int, number[-1::-2])) + sum(value - 9 * (value > 9) for value in doubled)) % 10 == 0


# -- people --

_SSN = re.compile(r"(?<![\w-])(?!000|666|9[0-9]{2})[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\w-])")
_NAMED_SSN = re.compile(
    r"(?:\bSSN|social security(?: number| no\.?)?)[^0-9\n]{0,20}(?P<value>(?!000|666"
    r"|9[0-9]{2})[0-9]{3}[ -]?(?!00)[0-9]{2}[ -]?(?!0000)[0-9]{4})(?!\w)",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|janv|févr|mars|avr|juin|juil"
    r"|août|ene|abr|ago|dic|gennaio|aprile|maggio|giugno|luglio|"
    r"agosto|settembre|ottobre)[^\W\d_]{0,8}\.?"
)
_DATE = (
    r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/. ]{1,2}[0-9]{1,2}[-/. ]{1,2}(?:[0-9]{4}"
    r"|[0-9]{2})"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th|er|º|\.)?[ -](?:of |de )?{_MONTH}[ ,-]{{1,2}}(?:de )?(?:[0-9]{{4}}"
    rf"|[0-9]{{2}})|{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{4}})(?![0-9])"
)
_BIRTH = (
    r"\b(?:born|birth[ -]?da(?:y|te)|birthday|date of birth|d\.?o\.?b\b\.?|geburts(?:datum|tag)|geboren"
    r"|geb\.|née? le|date de naissance|naissance|nacid[oa]|nacimiento"
    r"|fecha de nacimiento|data di nascita|nat[oa] il|geboortedatum)"
)
_BIRTH_THEN_DATE = re.compile(rf"{_BIRTH}[^0-9\n]{{0,30}}?(?P<date>{_DATE})", re.IGNORECASE)
_DATE_THEN_BIRTH = re.compile(
    rf"(?<![0-9])(?P<date>{_DATE})[ \t]{{0,2}}(?:\(|is |was |as |ist |es |est )(?:my |mein |her |his "
    rf"|the |mi |ma )?{_BIRTH}",
    re.IGNORECASE,
)


_BIRTH_HINTS = (
    "born",
    "birth",
    "dob",
    "d.o.b",
    "o.b",
    "gebor",
    "geburt",
    "geb.",
    "né",
    "naiss",
    "naci",
    "nascita",
    "nat",
    "geboorte",
)


def find_ssns(text: str) -> Iterator[Found]:
    """US social security numbers: with dashes, or any way behind their name."""
    if _digits(text) < 9:
        return
    for match in _SSN.finditer(text):
        if not _is_trade_number(text, match.start()):
            yield match.start(), match.end(), match.group().replace("-", "")
    lowered = text.lower()
    for match in _NAMED_SSN.finditer(text) if "ssn" in lowered or "social" in lowered else ():
        yield match.start("value"), match.end("value"), re.sub("[ -]", "", match.group("value"))


def find_birthdates(text: str) -> Iterator[Found]:
    """Dates that are said to be somebody's birth."""
    lowered = text.lower()
    if not any(word in lowered for word in _BIRTH_HINTS):
        return
    for pattern in (_BIRTH_THEN_DATE, _DATE_THEN_BIRTH):
        for match in pattern.finditer(text):
            yield match.start("date"), match.end("date"), re.sub(r"\W+", " ", match.group("date").lower())


_PHONE = re.compile(
    r"(?<![\w.,:;#/\\-])(?:\+ ?|\()?[0-9(](?:(?:[ .()\u2010-\u2015\u00a0-]{0,3}|/)[0-9]){5,19}(?!\w"
    r"|[.,:][0-9]|-\w)"
)
_NOT_A_PHONE = re.compile(
    r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[ T][0-9]{2})?|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}"
    r"|[0-9]{2})(?:[ T][0-9]{2})?|[0-9]{1,2}[ -]{1,3}[0-9]{1,2}|[0-9]+\.[0-9]+(?:\.[0-9]+)*"
)
_NORTH_AMERICA = re.compile(r"(?:1[ .-]?)?(?:\([2-9][0-9]{2}\)[ .-]?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}")
_REGIONS = ("GB", "DE", "FR", "IT", "ES", "NL", "CH", "AT", "PL", "AU", "IN", "US")


def find_phones(text: str) -> Iterator[Found]:
    """Phone numbers: international ones, national ones in a phone's shape, others where a word says phone."""
    for match in _PHONE.finditer(text) if _digits(text) > 6 else ():
        start, written = match.start(), match.group()
        if _NOT_A_PHONE.fullmatch(written) or _is_trade_number(text, start) or _UNIT_BEHIND.match(text, match.end()):
            continue
        if key := _phone_key(written, _phone_is_said(text, start)):
            yield start, match.end(), key


def _phone_key(written: str, said: bool) -> str:
    """The national number without leading zeros when `written` is a phone number, else "".

    `said` is whether the words before speak of a phone. So +49 30 123456, 0049 30 123456 and 030 123456 are one.
    """
    digits = re.sub("[^0-9]", "", written)
    if written.startswith(("+", "(+")) or (digits.startswith("00") and len(digits) > 9):
        return _international(digits.removeprefix("00"), strict=not written.lstrip("(").startswith("+") and not said)
    if _NORTH_AMERICA.fullmatch(written):
        return digits.removeprefix("1") if len(digits) == 11 else digits
    separated = len(digits) < len(written)
    if not 7 <= len(digits) <= 15 or not (said or (separated and digits.startswith("0") and len(digits) > 8)):
        return ""
    return digits.lstrip("0") if said or _valid_somewhere(digits) else ""


def _international(digits: str, strict: bool) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return ""
    fine = phonenumbers.is_valid_number(number) if strict else phonenumbers.is_possible_number(number)
    return str(number.national_number) if fine else ""


def _valid_somewhere(digits: str) -> bool:
    import phonenumbers

    for region in _REGIONS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(digits, region)):
                return True
        except phonenumbers.NumberParseException:
            return False
    return False


# Longer and surer shapes first: what is taken is gone before the next looks.
FINDERS: tuple[tuple[str, Callable[[str], Iterator[Found]]], ...] = (
    ("LINK", find_links),
    ("KEY", find_keys),
    ("EMAIL", find_emails),
    ("IBAN", find_ibans),
    ("CARD", find_cards),
    ("SSN", find_ssns),
    ("IP", find_ips),
    ("BIRTHDATE", find_birthdates),
    ("PHONE", find_phones),
)
