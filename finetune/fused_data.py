"""What the fused embedder learns from: pictures on the shelf, what was asked with them, the passages they belong to."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from finetune.own import solved_tickets
from index.passages import embedded_text
from index.sources import picture_words
from index.store import Store

LONGEST = 1000  # characters: what a sentence vector is made of
HELD_SHARE = 5  # one group in so many is asked and never learned
BELONGS = ("resolution", "section")  # the kinds of passages a picture is to find; its own words would be no task


@dataclass(frozen=True)
class Shown:
    """A picture (its path), the question and the words on it, and the sources it belongs to. All pictures of one
    `group` (an article, a customer) stand on one side."""

    picture: str
    words: str
    sources: frozenset[str]
    group: str


@dataclass(frozen=True)
class Material:
    """Pictures, and every passage of the shelf with its source."""

    shown: tuple[Shown, ...]
    passages: tuple[str, ...]
    sources: tuple[str, ...]

    def parted(self) -> tuple[Material, Material]:
        """(learned, held): one group in five is held. What is learned sees no passage of a held source; what is held
        is looked for among all. A picture that stands on both sides is left out."""
        held = {source for each in self.shown if is_held(each.group) for source in each.sources}
        learned = [each for each in self.shown if not each.sources & held]
        kept = [n for n, source in enumerate(self.sources) if source not in held]
        asked = {each.picture for each in learned}
        return (
            Material(tuple(learned), tuple(self.passages[n] for n in kept), tuple(self.sources[n] for n in kept)),
            Material(
                tuple(each for each in self.shown if is_held(each.group) and each.picture not in asked),
                self.passages,
                self.sources,
            ),
        )


def is_held(group: str) -> bool:
    """Whether a group is asked and never learned; by its name, so that it stays so when others come."""
    return hashlib.sha256(f"fused {group}".encode()).digest()[0] % HELD_SHARE == 0


def words_of(question: str, screens: Sequence[str]) -> str:
    """The text whose sentence vector stands for a question with pictures."""
    return "\n".join(filter(None, (question.strip(), *(words.strip() for words in screens))))[:LONGEST]


def material_of(store: Store, workspace: str) -> Material:
    """The pictures of solved tickets and of articles, where their files are kept, and the passages of the shelf.

    A ticket's picture belongs to its fix; an article's to all sections of the articles that show it.
    """
    texts, sources = [], []
    for row in store.rows(
        "SELECT p.title, p.text, c.source_id AS ticket, a.source_id AS article FROM passages p"
        " LEFT JOIN conversations c ON c.id = p.conversation_id LEFT JOIN articles a ON a.id = p.article_id"
        f" WHERE p.workspace = ? AND p.kind IN ({','.join('?' * len(BELONGS))}) ORDER BY p.id",
        [workspace, *BELONGS],
    ):
        texts.append(embedded_text(row["title"], row["text"]))
        sources.append(_named(row["ticket"], row["article"]))
    there = set(sources)
    shown = [*_of_tickets(store, workspace), *_of_articles(store, workspace)]
    found = [each for each in shown if each.sources <= there and store_has(store, each.picture)]
    return Material(tuple(found), tuple(texts), tuple(sources))


def store_has(store: Store, picture: str) -> bool:
    """Whether the copy of a picture is still there."""
    return (store.pictures / picture.rsplit("/", 1)[-1]).is_file()


def _named(ticket: str | None, article: str | None) -> str:
    return f"ticket {ticket}" if ticket else f"article {article}"


def _of_tickets(store: Store, workspace: str) -> list[Shown]:
    """The first picture of each solved ticket, with the customer's question."""
    found = []
    for each in solved_tickets(store, workspace, Counter()):
        if each.pictures:
            path = str(store.pictures / f"{each.pictures[0].sha256}.png")
            words = words_of(each.question, each.screens)
            found.append(Shown(path, words, frozenset([_named(each.id, None)]), f"customer {each.customer}"))
    return found


def _of_articles(store: Store, workspace: str) -> list[Shown]:
    """Each picture of the articles once, with all articles that show it."""
    shown: dict[str, set[str]] = {}
    for row in store.rows("SELECT source_id, pictures FROM articles WHERE workspace = ? ORDER BY id", [workspace]):
        for sha256 in json.loads(row["pictures"]):
            if sha256:
                shown.setdefault(sha256, set()).add(_named(None, row["source_id"]))
    return [
        Shown(
            str(store.pictures / f"{sha}.png"), words_of("", [picture_words(store, sha)]), frozenset(names), min(names)
        )
        for sha, names in sorted(shown.items())
    ]
