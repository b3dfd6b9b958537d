"""People's names in a ticket: those it carries itself, those in greetings and below closings (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from index.secret import Found

# First names that are words as well: alone they stay words, unless a greeting or a closing makes them a name.
FIRST_NAMES_TOO = frozenset(
    "will may mark grace hope faith joy rose bill frank art jack rob sue pat dean chase hunter grant miles drew "
    "ray gene max penny summer april june august dawn ivy lily daisy violet olive robin jay rich earl jade sage "
    "heather holly rosemary carol melody trinity don jan tim jean sol christian angel florence sydney dallas "
    "austin madison victoria chelsea kent cole cliff clay glen dale rod rusty sandy misty ruby pearl amber "
    "crystal reed jordan chad georgia virginia carter mason taylor tanner archer parker marshall skye sky destiny "
    "harmony ginger coral".split()
)
# Family names that are words as well, and words of every ticket.
COMMON_WORDS = FIRST_NAMES_TOO | frozenset(
    "chip guy duke king young long short brown black white green gray grey stone wood woods field fields hill "
    "bank banks day days price page case cook baker hall park parks rice bush ford bond cash sharp strong good "
    "best power lane street north south east west church knight bishop pope fox wolf bird fish lamb love light "
    "rivers brook brooks waters winter star diamond basil chance trip home major sonny buddy junior miss mister "
    "customer test user guest admin agent support van von der den las los del the and hub order mar dec sun mon "
    "son bell lock plug cam app check click free new old red blue orange pink gold silver iron steel read law "
    "list note wells well still just first last little small large great gross klein lang kurz schwarz weiss weiß "
    "neu neuer braun koch bauer blanco rey leal prince noble bright early moon ocean france paris london berlin "
    "china india israel washington lincoln york coal dusty stormy windy pilot potter smith turner walker weaver "
    "cooper fisher gardener shepherd skinner thatcher wheeler barber butler driver singer speaker spring march "
    "return refund payment account router device parcel delivery invoice door video data cloud phone mail ring "
    "sense thermo billing wifi".split()
)
# What stands behind "Hi" without being a name.
_NOT_A_NAME = (COMMON_WORDS - FIRST_NAMES_TOO) | frozenset(
    "there sirs ladies gentlemen all team everyone everybody folks guys again sir madam maam dear friend friends "
    "both anyone someone support service sales help zusammen liebes ihr alle leute allerseits damen herren tous "
    "toutes bonjour monsieur madame equipo todos amigos señor señora i im i'm i've ive my me we our us you your "
    "the this that these those it is are am was were have has had do does did can could would please thanks thank "
    "sorry yes no not after before when what where why who how which if in on at to for from with about or but so "
    "then there's here's here ok okay great hoping quick any a an as by sure certainly absolutely apologies today "
    "yesterday since once ich wir mein meine unser die das ein eine bitte danke leider können haben je nous mon "
    "ma le la les un une merci yo nosotros mi el gracias por quisiera tengo hello hi hey hallo hola welcome pls "
    "plz what's got need want looking trying enjoy take nice lovely kind regards one two three desk chat bot "
    "assistant man mate world happy dr mr mrs ms bye goodbye cya goodnight later cheerio tschüss adios adiós its "
    "works worked done fixed perfect super fine cool awesome amazing excellent brilliant understood noted got yep "
    "yeah nope maybe also still now ai usa uk eu us away back out off far calling writing contacting".split()
)
_WORD = r"[^\W\d_][^\W\d_]*(?:['’\-][^\W\d_]+)*"
_CAPITAL = r"(?-i:(?=[^\W\d_a-zà-öø-ÿß])" + _WORD + ")"
_TITLE = r"(?:(?:mr|mrs|ms|mx|dr|prof|herr|frau|monsieur|madame|mme|señora?|sra?|signora?)\b\.?[ \t]+)"
_FULL = (
    rf"{_TITLE}*(?P<name>{_CAPITAL}"
    rf"(?:[ \t]+(?:(?:van|von|de|der|del|la|di|da|bin|al)[ \t]+)?{_CAPITAL}){{0,3}})"
)
_GREETING = re.compile(
    rf"(?:^|(?<=[.!?] ))[ \t]*(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening|day)|morning"
    rf"|hallo|liebe[rs]?|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|moin|servus"
    rf"|bonjour|bonsoir|salut|ch(?:er|ère)|hola|buenos d[ií]as|buenas tardes|estimad[oa]|querid[oa]"
    rf"|ciao|buongiorno|gentile|thanks|thank you|thx|danke|vielen dank|merci|gracias)"
    rf"(?:[ \t]+(?:again|so much|very much))?,?[ \t]+{_FULL}(?=[ \t]*(?P<behind>[,!.:;–\n-]|\Z|[ \t]"
    rf"(?:i|i['’]m|i['’]ve|im|my|we|can|could|thanks|thank|please|just|hope|how|what|sorry|this)\b))",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSING = re.compile(
    rf"(?:^|[.!?,] ?)[ \t]*(?:(?:with )?(?:(?:kind|best|warm|warmest|many)(?:est)? )?regards|best"
    rf"(?: wishes)?|all the best|yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?|cheers"
    rf"|many thanks"
    rf"|thanks(?: (?:again|in advance|so much|a lot))?|thank you(?: (?:again|in advance|so much"
    rf"|very much))?|(?:mit )?(?:freundlichen|besten|vielen|lieben|herzlichen) grüßen"
    rf"|(?:viele|liebe|beste|freundliche|herzliche) grüße|gruß|mfg|vg|lg|(?:bien )?cordialement"
    rf"|bien à vous|salutations|saludos?(?: cordiales)?|un saludo|atentamente|cordiali saluti)"
    rf"(?:[ \t]*[,.!]?[ \t]*\n\s{{0,4}}|,[ \t]+"
    rf"|(?:(?<=regards)|(?<=thanks)|(?<=thank you)|(?<=cheers)|(?<=grüße))[ \t]+)[-–—~]?[ \t]?{_FULL}"
    rf"(?:[ \t]+(?:from|at|\(|\|)[^\n]{{0,60}})?[ \t]*[.,!]?[ \t]*(?=\n|\Z)",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNED = re.compile(rf"\n[ \t]*[-–—~][ \t]?{_FULL}[ \t]*\Z", re.IGNORECASE)
_INTRODUCED = re.compile(
    rf"\b(?:my (?:full |first |last )?name(?:['’]s| is)|name is|mein name ist|ich heiße|je m['’]appelle"
    rf"|mon nom est|me llamo|mi nombre es|mi chiamo"
    rf"|(?:this is|i['’]m|i am)(?= [^\n]{{1,60}}?(?:\bfrom\b|\bspeaking\b|\bhere\b|\bwith\b))|(?:you"
    rf"(?:['’]re| are) (?:speaking|chatting) (?:to|with)))[ \t]+{_FULL}",
    re.IGNORECASE,
)
# One of these words must be there before a pattern is worth a try.
_GREETED = frozenset(
    "hi hello hey hiya dear good morning hallo liebe lieber liebes guten geehrte geehrter moin servus bonjour "
    "bonsoir salut cher chère hola buenos buenas estimado estimada querido querida ciao buongiorno gentile thanks "
    "thank thx danke dank merci gracias".split()
)
_CLOSED = frozenset(
    "regards best sincerely faithfully truly cheers thanks thank grüßen grüße gruß mfg vg lg cordialement vous "
    "salutations saludo saludos atentamente saluti".split()
)
_NAMED = frozenset("name heiße appelle nom llamo nombre chiamo this i speaking chatting".split())
_ANY_WORD = re.compile(r"[^\W\d_]+")


def names_in(text: str) -> Iterator[str]:
    """Names that the text says by its form: "Hi Jonas,", "Best regards,\\nPriya", "my name is Ana Ruiz"."""
    return (name for _, _, name in _said(text))


def _said(text: str) -> Iterator[Found]:
    """Where a name stands by its form, with the name."""
    words = frozenset(_ANY_WORD.findall(text.lower()))
    told = ((_GREETING, _GREETED), (_CLOSING, _CLOSED), (_INTRODUCED, _NAMED))
    patterns = [pattern for pattern, hints in told if not words.isdisjoint(hints)]
    for pattern in [*patterns, _SIGNED] if "\n" in text else patterns:
        for match in pattern.finditer(text):
            behind = match.groupdict().get("behind") or ""
            if name := _trimmed(match.group("name"), prose_follows=behind.startswith((" ", "\t"))):
                yield match.start("name"), match.start("name") + len(name), name


def _trimmed(name: str, prose_follows: bool) -> str:
    """The leading words of `name` that can be a name; a word like "Hope" is none when prose follows."""
    end = 0
    for place, match in enumerate(re.finditer(r"\S+", name)):
        word = match.group().lower().replace("’", "'").split("'")[0]
        if word in _NOT_A_NAME and not (place and word in COMMON_WORDS):
            break
        if prose_follows and (place or word in FIRST_NAMES_TOO):
            break
        end = match.end()
    return name[:end] if end > 1 else ""


def given_names(values: Iterable[Any]) -> Iterator[str]:
    """Names from the fields of a ticket, without those that are nobody's ("Support", "Customer")."""
    for value in values:
        if isinstance(value, str) and value.strip().lower() not in _NOT_A_NAME:
            yield value


class Names:
    """Names of one conversation; knows them again in full, in part, and without accents."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}  # a spelling in small letters -> the person
        self._common: dict[str, str] = {}  # the same for parts that are words as well
        self._spellings: list[str] = []
        self._said_words = False  # whether a text greets somebody called Will or May

    def add(self, name: str) -> None:
        """Learns a name in full and each part of it that is not a word."""
        words = [word for word in re.findall(_WORD, name) if len(word) > 1]
        if not words or len(words) > 6:
            return
        full = " ".join(words).lower()
        if full in FIRST_NAMES_TOO:
            self._said_words = True
            return
        spellings = [full, *(word.lower() for word in words)]
        if full in self._keys:
            return
        person = next((self._keys[spelling] for spelling in spellings if spelling in self._keys), full)
        for spelling in spellings:
            if spelling in COMMON_WORDS:
                self._common.setdefault(spelling, person)
            elif len(spelling) > 2 or len(words) == 1:
                for variant in (spelling, _plain(spelling)):
                    self._keys.setdefault(variant, person)
        self._spellings = sorted(self._keys, key=len, reverse=True)  # "ana ruiz" before "ana"

    def find(self, text: str) -> Iterator[Found]:
        """Where a known name stands, longest spelling first; pieces may overlap."""
        for start, end, name in _said(text) if self._said_words else ():
            word = name.lower()
            if word in FIRST_NAMES_TOO:
                yield start, end, self._common.get(word, word)
        if not self._spellings:
            return
        lowered = text.lower()
        if len(lowered) != len(text):  # letters like İ change their length
            lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
        for spelling in self._spellings:
            start = lowered.find(spelling)
            while start >= 0:
                end = start + len(spelling)
                if _stands_alone(text, start, end) and _written_as_name(text[start:end]):
                    yield start, end, self._keys[spelling]
                start = lowered.find(spelling, end)


def _plain(word: str) -> str:
    """Without accents: Zoë and Zoe are one."""
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, behind = text[start - 1 : start] if start else "", text[end : end + 1]
    if before.isalnum() or before in ("_", "@") or behind.isalnum() or behind in ("_", "@"):
        return False
    return not (behind in ("'", "’") and text[end + 1 : end + 2] == "t")  # don't


def _written_as_name(word: str) -> bool:
    """Capitalised, or too long to be any word; short names in small letters could be one."""
    return word[:1].isupper() or len(word) > 4
