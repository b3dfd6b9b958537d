"""A box for more than a line: a question, a note, a reply, a correction. Undo never ends the program."""

from __future__ import annotations

from textual.widgets import TextArea


class WritingArea(TextArea):
    """A text box in which Tab leaves it and a paste of many lines can be undone."""

    def _recompute_cursor_offset(self) -> None:
        # Undo of a paste of many lines leaves the cursor outside the text for a moment (textual #6686).
        try:
            super()._recompute_cursor_offset()
        except ValueError:
            self._cursor_offset = (0, 0)
