"""Secrets in a text: links that open something by themselves, keys, tokens, passwords (pure)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

# (start, end, key): equal keys are the same value, however it was written.
Found = tuple[int, int, str]

_URL = re.compile(
    r"(?<![\w@])(?:[a-z][a-z0-9+.-]{1,12}://|www\.)[^\s<>\"'`|\\^{}]{3,2000}|(?<![\w@.])"
    r"(?:[\w-]{1,63}\.){1,5}[a-z]{2,12}/[^\s<>\"'`|\\^{}]{3,2000}",
    re.IGNORECASE,
)
_SECRET_PARAMETER = re.compile(
    r"[?&#;](?:[\w.-]{0,24}[_.-])?(?:token|sig|signature|code|otp|auth|authkey|apikey|api_key|key"
    r"|secret|session|sessionid|sid|jwt|ticket|reset"
    r"|password|passwd|pwd|hash|invite|magic|nonce|credential|access|confirmation|verification"
    r"|accesstoken|resettoken)=[^&#\s]{4,}",
    re.IGNORECASE,
)
_SECRET_PATH = re.compile(
    r"/(?:[\w-]{0,30}(?:reset|verify|verification|confirm|activate|magic|invite|unsubscribe|login"
    r"|signin|sign-in|auth|token|password)[\w-]{0,30})"
    r"/(?:[^\s/?#]{1,60}/)?(?=[^\s/?#]*[0-9])[\w.~%=-]{12,}",
    re.IGNORECASE,
)
_USER_IN_URL = re.compile(r"://[^\s/@:]{1,100}:[^\s/@]{1,100}@")


def find_links(text: str) -> Iterator[Found]:
    """Links that open something by themselves: with a token, signature or code in them, or a password."""
    for match in _URL.finditer(text) if "/" in text or "www." in text else ():
        url = match.group().rstrip(".,;:!?)]*_")
        if _SECRET_PARAMETER.search(url) or _SECRET_PATH.search(url) or _USER_IN_URL.search(url):
            yield match.start(), match.start() + len(url), url


_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.{1,8000}?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL
)
_KNOWN_KEY = re.compile(
    r"(?<![\w-])(?:(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{16,200}"
    r"|gh[pousr]_[A-Za-z0-9]{20,80}|github_pat_[A-Za-z0-9_]{20,100}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,120}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,40}"
    r"|glpat-[A-Za-z0-9_-]{16,40}|hf_[A-Za-z0-9]{20,60}"
    r"|npm_[A-Za-z0-9]{30,40}|whsec_[A-Za-z0-9+/=]{16,80}"
    r"|SG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{16,60}|shpat_[a-fA-F0-9]{32}"
    r"|eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{0,1000}|"
    r"(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5})(?![\w-])"
)
_LABELLED_KEY = re.compile(
    r"(?<![a-z])(?:pass(?:word|wd|phrase|code)|pwd|passwort|kennwort|contraseña|mot de passe|api[ _-]?(?:key|token)"
    r"|(?:access|auth|bearer|refresh|secret|private|licen[cs]e|product)[ _-]?(?:key|token)|client[ _-]?secret"
    r"|bearer|secret|token)\"?(?:[ \t]{0,3}[:=]|[ \t]{1,3}(?:is|was|ist|es|est)\b:?|(?=[ \t]))[ \t]{0,3}[\"'`]?"
    r"(?P<value>(?=[^\s\"'`]{0,60}[0-9])(?=[^\s\"'`]{0,60}[A-Za-z])[^\s\"'`<>,;()]{6,400})",
    re.IGNORECASE,
)
_LABELS = ("pass", "pwd", "kennwort", "contrase", "key", "token", "secret", "bearer", "auth")
_LONG_WORD = re.compile(r"(?<![\w./@%-])[A-Za-z0-9_+-][A-Za-z0-9_+/-]{19,400}={0,2}(?![\w@])")
_HEXADECIMAL = re.compile(
    r"(?=[^\n]*[a-f])(?=[^\n]*[0-9])[0-9a-f]{32,128}|(?=[^\n]*[A-F])(?=[^\n]*[0-9])[0-9A-F]{32,128}"
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def find_keys(text: str) -> Iterator[Found]:
    """API keys, tokens, private and licence keys, and passwords behind their name."""
    lowered = text.lower()
    for match in _LABELLED_KEY.finditer(text) if any(word in lowered for word in _LABELS) else ():
        value = match.group("value").rstrip(".!?:")
        if len(value) >= 6 and not _is_code(value):
            yield match.start("value"), match.start("value") + len(value), value
    for match in _PRIVATE_KEY.finditer(text) if "-----begin" in lowered else ():
        yield match.start(), match.end(), match.group()
    if not any(len(word) > 19 for word in text.split()):
        return
    for match in _KNOWN_KEY.finditer(text):
        yield match.start(), match.end(), match.group()
    for match in _LONG_WORD.finditer(text):
        if _looks_random(match.group()):
            yield match.start(), match.end(), match.group()


def _is_code(word: str) -> bool:
    """ "E-07", "PAY-402", "KB5034441", "0x80070005", "W2204817": a code of the trade, not a secret."""
    return re.fullmatch(r"[A-Z]{1,5}-?[0-9]{1,8}|0x[0-9A-Fa-f]{1,8}|[A-Za-z]+[-.]?[0-9.]{1,5}", word) is not None


def _looks_random(word: str) -> bool:
    """Whether its longest piece is mixed, changes its kind of sign often (names in CamelCase do so once a word)
    and has more than 3.4 bits a character (Shannon)."""
    if _HEXADECIMAL.fullmatch(word):
        return True
    bare = max(re.split("[-_/+=]", word), key=len)
    kinds = ["a" if char.islower() else "A" if char.isupper() else "0" if char.isdigit() else "-" for char in bare]
    changes = sum(one != two for one, two in pairwise(kinds))
    if len(bare) < 16 or not {"a", "A", "0"} <= set(kinds) or changes < 0.35 * len(bare) or _UUID.fullmatch(word):
        return False
    shares = [count / len(bare) for count in Counter(bare).values()]
    return -sum(share * math.log2(share) for share in shares) > 3.4
