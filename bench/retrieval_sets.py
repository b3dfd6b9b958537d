"""Real questions with known answers, as shelves and queries: help articles, snippets, and utterances by intent."""

from __future__ import annotations

import csv
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.retrieval import Wanted
from index.conversation import Article, Conversation, Message, Source, content_hash
from index.search import Query
from index.sources import keep_source
from index.store import Store
from index.words import content_words

SPLITS = ("train", "test")
BY_INTENT = "an utterance to an earlier one of its intent"
LEAST_WORDS = 3
MOST_ASKED = 10  # of one article: a table of 500 ticks has 500 alt texts
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_HEADING = re.compile(r"^#{2,6} +(.+?) *#*$", re.M)
_OPENING = re.compile(
    r"^(?:(?:a|an|the) )?(?:screenshot|image|picture)(?: (?:of|showing|that shows|with|from))? ", re.I
)


@dataclass(frozen=True)
class Set:
    """A shelf and what is looked for on it. `asked` by split: what may be learned from, and what is only reported."""

    name: str
    what: str
    sources: Sequence[Source]
    asked: dict[str, list[Wanted]]


def load_sets(datasets: Path) -> dict[str, Callable[[], Set]]:
    """The sets that lie in the folder, by name, each loaded when it is called."""
    every = {
        "powerquery": (datasets / "powerquery" / "image_refs.jsonl", powerquery),
        "dstc9": (datasets / "dstc9_faq" / "knowledge.json", dstc9),
        "banking77": (datasets / "banking77" / "train.csv", banking77),
        "clinc150": (datasets / "clinc150" / "data_full.json", clinc150),
    }
    return {
        name: (lambda file=file, load=load: load(file.parent)) for name, (file, load) in every.items() if file.is_file()
    }


def powerquery(folder: Path) -> Set:
    """Headings and alt texts of help articles -> their article. What is asked stands on no article: the headings and
    the alt texts are taken out. Split by article, as every training here does."""
    from finetune.datasets_articles import powerquery_train_articles
    from index.formats.articles import read_articles
    from index.formats.parsed import ReadOptions

    docs = folder / "powerquery-docs"
    read = read_articles(docs, ReadOptions())
    articles = [each.source for each in read if isinstance(each.source, Article) and not each.duplicate]
    learned = set(powerquery_train_articles(docs))
    asked: dict[str, list[Wanted]] = {split: [] for split in SPLITS}
    owners: dict[str, set[str]] = defaultdict(set)
    for article in articles:
        for text in _headings(article):
            owners[text].add(article.id)
        for text in _alts(article):
            owners[text].add(article.id)
    shelf = []
    for article in articles:
        taken = {text for text in _headings(article) if len(owners[text]) == 1 and text != article.title}
        shelf.append(replace(article, text=_without(article.text, taken)))
        split = "train" if article.id in learned else "test"
        texts = sorted(taken | {text for text in _alts(article) if len(owners[text]) == 1})
        telling = [text for text in texts if len(content_words(text)) >= LEAST_WORDS]
        chosen = random.Random(article.id).sample(telling, min(MOST_ASKED, len(telling)))
        asked[split] += [
            Wanted(f"{article.id} {number}", Query(text), frozenset([article.id])) for number, text in enumerate(chosen)
        ]
    return Set("powerquery", "headings and alt texts to their help article", shelf, asked)


def _headings(article: Article) -> list[str]:
    return [match.group(1).strip() for match in _HEADING.finditer(article.text)]


def _alts(article: Article) -> list[str]:
    return [_OPENING.sub("", " ".join(match.group(1).split())) for match in _PICTURE.finditer(article.text)]


def _without(text: str, headings: set[str]) -> str:
    """Markdown without these headings and without the words behind its pictures."""
    text = _HEADING.sub(lambda found: "" if found.group(1).strip() in headings else found.group(0), text)
    return _PICTURE.sub("", text)


def dstc9(folder: Path) -> Set:
    """What an agent said -> the snippet it was said from, among all snippets of all places."""
    knowledge = json.loads((folder / "knowledge.json").read_text("utf-8"))
    shelf: list[Source] = []
    for domain, entities in knowledge.items():
        for entity, known in entities.items():
            name = known["name"] or domain
            for place, doc in known["docs"].items():
                shelf.append(Article(f"{domain}/{entity}/{place}", f"{name}: {doc['title']}", doc["body"]))
    asked = {}
    for split, file in zip(SPLITS, ("val_labels.json", "test_labels.json"), strict=True):
        rows = [row for row in json.loads((folder / file).read_text("utf-8")) if row["target"]]
        asked[split] = [
            Wanted(
                f"{split} {number}",
                Query(row["response"]),
                frozenset(f"{each['domain']}/{each['entity_id']}/{each['doc_id']}" for each in row["knowledge"]),
            )
            for number, row in enumerate(rows)
        ]
    return Set("dstc9", "an agent's reply to the snippet behind it", shelf, asked)


def banking77(folder: Path) -> Set:
    """An utterance -> an earlier one of the same intent, of 77. To learn from, the earlier ones look for each other."""
    learned, held = (_csv_rows(folder / f"{name}.csv") for name in SPLITS)
    places = _places(learned)
    own = [Wanted(str(at), Query(text), places[intent] - {str(at)}) for at, (text, intent) in enumerate(learned)]
    return Set("banking77", BY_INTENT, _tickets(learned), {"train": own, "test": _wanted(held, places)})


def clinc150(folder: Path) -> Set:
    """An utterance -> an earlier one of the same intent, of 150."""
    data = json.loads((folder / "data_full.json").read_text("utf-8"))
    places = _places(data["train"])
    asked = {"train": _wanted(data["val"], places), "test": _wanted(data["test"], places)}
    return Set("clinc150", BY_INTENT, _tickets(data["train"]), asked)


def _tickets(rows: Sequence[Sequence[str]]) -> list[Conversation]:
    """Utterances as solved tickets, the place in the list as id."""
    return [Conversation(str(at), (Message("customer", text),), None, "resolved") for at, (text, _) in enumerate(rows)]


def _places(rows: Iterable[Sequence[str]]) -> dict[str, frozenset[str]]:
    """The ids of the tickets of each intent."""
    found: dict[str, set[str]] = defaultdict(set)
    for at, (_, intent) in enumerate(rows):
        found[intent].add(str(at))
    return {intent: frozenset(ids) for intent, ids in found.items()}


def _wanted(rows: Iterable[Sequence[str]], places: dict[str, frozenset[str]]) -> list[Wanted]:
    return [Wanted(f"asked {at}", Query(text), places[intent]) for at, (text, intent) in enumerate(rows)]


def _csv_rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return [[row["text"], row["category"]] for row in csv.DictReader(stream)]


def stock(store: Store, each: Set) -> None:
    """The set's sources onto the shelf of a workspace of its name; nothing twice."""
    with store.write():
        for source in each.sources:
            keep_source(store, each.name, source, content_hash(source))
