"""Which ids a file has named already, in some hundred bytes each: a repeat is a duplicate or a contradiction."""

from __future__ import annotations

from hashlib import blake2b

from index.formats.parsed import FieldError, shown


class Seen:
    """Remembers hashes only, so that a million tickets stay small."""

    def __init__(self) -> None:
        self._content: dict[int, int] = {}

    def before(self, name: str, content: str) -> bool:
        """Whether this id came with this content before; raises `FieldError` when it came with another."""
        known = self._content.setdefault(_hash(name), mark := _hash(content))
        if known is mark:
            return False
        if known != mark:
            reason = f'"{shown(name)}" was used before, with other content'
            raise FieldError("id", reason, "Give each its own id, or leave this one out with --skip-bad")
        return True


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
