"""What must never reach a store, an index or a terminal: control, bidi and invisible characters (pure)."""

from __future__ import annotations

import re
import unicodedata

# Kept: tab and newline. Gone: C0, DEL, C1, bidi embeddings/isolates/marks, zero-width (but ZWJ and ZWNJ, which
# emoji families and Persian need), invisible fillers, the tag characters and variation selectors of U+E0000..E0FFF
# (both can carry a hidden text), lone surrogates, non-characters.
_ESCAPE = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)?"  # OSC ... BEL/ST (clipboard, titles, links)
    r"|(?:\x1bP|\x90|\x1b_|\x9f|\x1b\^|\x9e|\x1bX|\x98)[^\x1b\x9c]{0,4096}(?:\x1b\\|\x9c)?"  # DCS, APC, PM, SOS
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]?"  # CSI
    r"|\x1b[ -/]{0,4}[0-~]?"  # other escapes
)
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f"
    "\u034f\u115f\u1160\u2065\u3164\uffa0\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def clean(text: str) -> str:
    """`text` without anything that could act on a terminal or hide from a reader; line ends become `\\n`."""
    return clean_counted(text)[0]


def clean_counted(text: str) -> tuple[str, int]:
    """The cleaned text and how many characters or escape sequences were removed from it."""
    if text.isascii() and text.isprintable():  # most messages of a chat: nothing to look for
        return text, 0
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text, escapes = _ESCAPE.subn("", text)
    text, hidden = _HIDDEN.subn("", text)
    return unicodedata.normalize("NFC", text), escapes + hidden
