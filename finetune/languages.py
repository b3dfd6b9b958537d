"""Which language a question is in, by its small words or its script: good enough to cut figures into slices (pure)."""

from __future__ import annotations

import re

UNKNOWN = "unknown"
LEAST_MET = 2  # small words of a language; with one a name or a loan word decides
SMALL = {
    "en": "the is are my was do does how what should can please not have this when why and with your for of to i you",
    "de": "der die das ist nicht ich mein meine und wie kann bitte mit ein eine auf habe es wenn für von zu auch",
    "fr": "le la les est ne pas je mon ma et comment puis avec un une sur vous quand pour des que il mais",
    "es": "el los las es no mi y cómo puedo por favor con un una en cuando para que se pero del al",
    "it": "il lo gli è non mio mia e come posso per favore con un una quando che si ma della dei sono",
    "nl": "de het is niet ik mijn en hoe kan met een op heb als voor van te ook maar dat",
    "pt": "os não meu minha como posso com um uma em quando para que mas da seu está",
    "pl": "jest nie mój moja jak mogę na gdy dla że się ale po czy mam to",
}
SCRIPTS = {
    "ja": "\u3040-\u30ff", "zh": "\u4e00-\u9fff", "ko": "\uac00-\ud7af", "ru": "\u0400-\u04ff", "ar": "\u0600-\u06ff",
    "el": "\u0370-\u03ff", "he": "\u0590-\u05ff", "th": "\u0e00-\u0e7f", "hi": "\u0900-\u097f",
}  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+")
_SMALL = {language: frozenset(words.split()) for language, words in SMALL.items()}


def language_of(text: str) -> str:
    """Two letters (ISO 639-1), or UNKNOWN: the first script that fills a fifth of the letters, else the language whose
    small words stand there most often; of equals none."""
    letters = re.sub(r"[\W\d_]", "", text)
    for language, span in SCRIPTS.items():
        if letters and len(re.findall(f"[{span}]", letters)) >= len(letters) / 5:
            return language
    words = _WORDS.findall(text.lower())
    met = {language: sum(word in small for word in words) for language, small in _SMALL.items()}
    best = max(met.values())
    first = [language for language, count in met.items() if count == best]
    return first[0] if best >= LEAST_MET and len(first) == 1 else UNKNOWN
