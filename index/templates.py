"""Approved replies: the few questions a team answers the same way every time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.clean import clean
from index.conversation import Article, content_hash
from index.errors import UserError
from index.store import Store, now

if TYPE_CHECKING:
    from index.embed import Embedder


@dataclass(frozen=True)
class Template:
    """An approved reply and the ways customers ask for it."""

    id: str
    title: str
    text: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class TemplateMatch:
    """The template closest to a question; `score` is the cosine to its nearest wording."""

    template: Template
    score: float


def read_templates(file: Path) -> list[Template]:
    """The templates of a JSONL file of `{"id", "title", "questions": [...], "text"}`.

    Raises UserError TYPE, ENCODING, EMPTY or SCHEMA (with the line).
    """
    name = clean(file.name)
    try:
        lines = file.read_text("utf-8-sig").split("\n")
    except OSError as error:
        raise UserError(f"There is no file {name} to read.\nCheck the path.", "TYPE") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not UTF-8.\nSave it as UTF-8.", "ENCODING") from error
    templates: dict[str, Template] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        template = _template(line)
        if template is None:
            raise UserError(
                f"{name} line {number}: a template needs id, title, text and a list of questions, none of them empty.\n"
                "Correct that line.",
                "SCHEMA",
                line=number,
            )
        if template.id in templates:
            raise UserError(f'{name} line {number}: "{template.id}" is there twice.\nKeep one.', "SCHEMA", line=number)
        templates[template.id] = template
    if not templates:
        raise UserError(f"{name} holds no templates.\nWrite one a line.", "EMPTY")
    return list(templates.values())


def _template(line: str) -> Template | None:
    """The template in a line of JSON; None when something of it is missing."""
    try:
        row = json.loads(line)
        named, title, text, questions = (row[key] for key in ("id", "title", "text", "questions"))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    texts = [named, title, text, *questions] if isinstance(questions, list) else [None]
    if not questions or not all(isinstance(each, str) and clean(each).strip() for each in texts):
        return None
    wordings = tuple(clean(each).strip() for each in questions)
    return Template(clean(named).strip(), clean(title).strip(), clean(text), wordings)


def keep_templates(store: Store, workspace: str, templates: Iterable[Template]) -> int:
    """Store templates, the newer text for a known id. Gives how many were new or changed."""
    changed = 0
    with store.write() as db:
        for template in templates:
            digest = content_hash(as_article(template)) + str(len(template.questions))
            known = list(
                db.query(
                    "SELECT content_hash FROM templates WHERE workspace = ? AND source_id = ?", [workspace, template.id]
                )
            )
            if known and known[0]["content_hash"] == digest:
                continue
            db.execute(
                "INSERT INTO templates (workspace, source_id, title, text, questions, content_hash, approved_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, source_id) DO UPDATE SET title = excluded.title,"
                " text = excluded.text, questions = excluded.questions, content_hash = excluded.content_hash,"
                " approved_at = excluded.approved_at",
                [
                    workspace,
                    template.id,
                    template.title,
                    template.text,
                    json.dumps(template.questions, ensure_ascii=False),
                    digest,
                    now(),
                ],
            )
            changed += 1
    return changed


def load_templates(store: Store, workspace: str) -> list[Template]:
    """All approved templates of a workspace."""
    return [
        Template(row["source_id"], row["title"], row["text"], tuple(json.loads(row["questions"])))
        for row in store.rows("SELECT * FROM templates WHERE workspace = ? ORDER BY id", [workspace])
    ]


def remove_template(store: Store, workspace: str, template_id: str) -> bool:
    """Take a template out of use; False when there was none."""
    with store.write() as db:
        cursor = db.execute("DELETE FROM templates WHERE workspace = ? AND source_id = ?", [workspace, template_id])
        return bool(cursor.rowcount)


def as_article(template: Template) -> Article:
    """A template as a source whose lines can be cited and read."""
    return Article(template.id, template.title, template.text, extra={"questions": list(template.questions)})


class TemplateShelf:
    """The templates of a workspace with their wordings embedded; follows changes."""

    def __init__(self, store: Store, workspace: str, embedder: Embedder) -> None:
        import numpy as np

        self._store = store
        self._workspace = workspace
        self._embedder = embedder
        self._lock = threading.Lock()
        self._stamp = ""
        self._templates: list[Template] = []
        self._owners = np.empty(0, np.int64)
        self._vectors = np.empty((0, embedder.dimension), np.float32)

    def match(self, question: str) -> TemplateMatch | None:
        """The template asked for most nearly; None without templates or question."""
        with self._lock:
            self._follow()
            templates, owners, vectors = self._templates, self._owners, self._vectors
        if not len(owners) or not question.strip():
            return None
        scores = vectors @ self._embedder.embed_query(question)
        at = int(scores.argmax())
        return TemplateMatch(templates[int(owners[at])], float(scores[at]))

    def _follow(self) -> None:
        import numpy as np

        sql = "SELECT id, content_hash FROM templates WHERE workspace = ? ORDER BY id"
        stamp = repr([tuple(row.values()) for row in self._store.rows(sql, [self._workspace])])
        if stamp == self._stamp:
            return
        self._templates = load_templates(self._store, self._workspace)
        pairs = [(at, text) for at, each in enumerate(self._templates) for text in (each.title, *each.questions)]
        self._owners = np.array([at for at, _ in pairs], np.int64)
        self._vectors = self._embedder.embed([text for _, text in pairs]) if pairs else self._vectors[:0]
        self._stamp = stamp
