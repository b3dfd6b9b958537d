"""An example to learn from as a person reads it: the row of the list, and what was asked and said (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from agent.records import StoredTurn
from agent.teaching import Lesson
from agent.tui.progress import PLACES
from agent.tui.words import age, one_line
from index.clean import clean

LONGEST = 900  # characters of a question or an answer
_STYLES = {"in": "bold $success", "waits": "bold $warning", "out": "bold $error"}


def lesson_row(lesson: Lesson) -> Content:
    """Two lines: whether it is learned from, and what was done with it; nothing in it is told by colour alone."""
    signs = ", ".join(filter(None, [*lesson.signs, age(lesson.at), "" if lesson.new else "known to the last run"]))
    why = f"\n    {one_line(lesson.why, 72)}" if lesson.why else ""
    return Content.assemble(
        (PLACES[lesson.place], _STYLES[lesson.place]),
        f"  {one_line(lesson.title, 72) or one_line(lesson.conversation, 72)}",
        (f"\n    {signs}{why}", "dim"),
    )


def lesson_content(lesson: Lesson, turns: Sequence[StoredTurn]) -> Content:
    """What was asked, said, corrected and rated in its conversation."""
    parts: list[str | tuple[str, str]] = [(one_line(lesson.conversation, 80), "dim")]
    for turn in turns:
        if turn.question:
            parts += [("\n\nAsked\n", "bold $secondary"), clean(turn.question[:LONGEST])]
        rated = (
            f" (rated {turn.rating}{f': {one_line(turn.reason, 60)}' if turn.reason else ''})" if turn.rating else ""
        )
        parts += [(f"\n\nSaid{rated}\n", "bold $secondary"), clean(turn.answer[:LONGEST]) or "(nothing)"]
        if turn.chosen:
            kept = "" if turn.training else " (kept out of training)"
            parts += [(f"\n\nShould have said{kept}\n", "bold $secondary"), clean(turn.chosen[:LONGEST])]
    return Content.assemble(*parts)
