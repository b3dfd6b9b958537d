"""What was asked and nothing covered: questions that were handed over or answered badly, alike ones together."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.clean import clean
from index.store import Store
from index.words import content_words

if TYPE_CHECKING:
    import numpy as np

ALIKE = 0.62  # cosine of two questions that one article would answer (MiniLM; see tests/test_gaps.py)
MOST = 2_000  # of the newest questions
Embed = Callable[[Sequence[str]], "np.ndarray"]


@dataclass(frozen=True)
class Asked:
    """A question that nothing covered, and the conversation it stands in. `why` is what became of it."""

    question: str
    conversation: str
    at: str
    why: str


@dataclass(frozen=True)
class Gap:
    """Questions that one article would answer, the newest first; `title` is the one in the middle of them."""

    title: str
    asked: tuple[Asked, ...]


def uncovered(store: Store, workspace: str) -> list[Asked]:
    """The newest questions without an answer: handed over because nothing was found, or rated bad and never put
    right. What was asked of a person, corrected or approved since is covered."""
    rows = store.rows(
        "SELECT t.question, c.source_id AS conversation, t.created_at AS at,"
        " CASE WHEN r.value = 'bad' THEN 'rated bad' ELSE 'handed over' END AS why"
        " FROM turns t JOIN conversations c ON c.id = t.conversation_id"
        " LEFT JOIN ratings r ON r.turn_id = t.id LEFT JOIN corrections k ON k.turn_id = t.id"
        " WHERE c.workspace = ? AND c.trust <> 'approved' AND t.shown AND k.turn_id IS NULL AND t.question <> ''"
        " AND (r.value = 'bad' OR (json_extract(t.decision, '$.act') = 'handover'"
        " AND json_extract(t.decision, '$.rule') NOT LIKE 'person.%')) ORDER BY t.id DESC LIMIT ?",
        [workspace, MOST],
    )
    return [Asked(**row) for row in rows if content_words(row["question"])]


def find_gaps(store: Store, workspace: str, embed: Embed) -> list[Gap]:
    """The gaps of a workspace, the one most asked about first. `embed` gives unit vectors."""
    asked = uncovered(store, workspace)
    return together(asked, embed([each.question for each in asked])) if asked else []


def together(asked: Sequence[Asked], vectors: np.ndarray) -> list[Gap]:
    """Alike questions in one gap each: a question joins the gap whose questions it is most like on average (pure)."""
    groups: list[list[int]] = []
    sums: list[np.ndarray] = []
    for at in range(len(asked)):
        scores = [float(vectors[at] @ total) / len(group) for total, group in zip(sums, groups, strict=True)]
        best = max(range(len(scores)), key=scores.__getitem__, default=-1)
        if best >= 0 and scores[best] >= ALIKE:
            groups[best].append(at)
            sums[best] = sums[best] + vectors[at]
        else:
            groups.append([at])
            sums.append(vectors[at].copy())
    gaps = [
        Gap(asked[max(group, key=lambda at: float(vectors[at] @ total))].question, tuple(asked[at] for at in group))
        for group, total in zip(groups, sums, strict=True)
    ]
    return sorted(gaps, key=lambda gap: -len(gap.asked))


def draft_article(gap: Gap, folder: Path) -> Path:
    """A file with what an article about a gap must answer, to be written by a person; one that is there already
    stays as it is. Import it when it is done."""
    words = [re.sub(r"[^a-z0-9]+", "", word) for word in content_words(gap.title)]
    file = folder / f"{'-'.join(filter(None, words[:6])) or 'draft'}.md"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        asked = "\n".join(
            f"- {' '.join(clean(each.question).split())} ({each.conversation})" for each in gap.asked[:20]
        )
        title = " ".join(clean(gap.title).split()).rstrip("?!. ")
        file.write_text(
            f"# {title}\n\nWrite the answer here, then delete the questions below.\n\n"
            f"## What customers asked ({len(gap.asked)})\n\n{asked}\n",
            "utf-8",
        )
    return file
