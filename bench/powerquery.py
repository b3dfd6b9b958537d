"""Screenshot -> its help article, on real pictures: 654 articles as text, the words on the picture as the query."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.settings import Settings
from bench import retrieval
from bench.report import Report, Writer, milliseconds, skipped, table
from index.search import Query

TITLE = "powerquery: screenshot to article"
REFERENCES = "image_refs.jsonl"
ARTICLES = "powerquery-docs"
# how the words are looked for -> the list of `retrieval.rankings` that stands for it
ROWS = (("meaning alone (MiniLM)", "screen"), ("words alone (BM25)", "screen_words"), ("fused", retrieval.FUSED))


@dataclass(frozen=True)
class Shown:
    """A picture and the articles that show it."""

    picture: str
    articles: frozenset[str]


def run(settings: Settings, folder: Path, sample: int, seed: int) -> Report:
    """Import the articles without their pictures, read a sample of the pictures, find their articles."""
    from bench.shop import search_of
    from index.store import open_store

    if not (folder / REFERENCES).is_file():
        return skipped(TITLE, f"no {REFERENCES} in {folder.parent.name}/{folder.name}")
    store = open_store(settings.home)
    imported = import_texts(store, settings, folder / ARTICLES, settings.home / "articles")
    chosen = pick(load_references(folder / REFERENCES), sample, seed)
    words, seconds = read_words(chosen, folder, settings.home / "words.json", settings.threads or 2)
    search = search_of(store, settings)
    wanted = [retrieval.Wanted(each.picture, Query("", (words[each.picture],)), each.articles) for each in chosen]
    search(wanted[0].query, 5)
    found, searching = [], []
    for each in wanted:
        started = time.perf_counter()
        found += retrieval.find_all(search, [each])
        searching.append(time.perf_counter() - started)
    return report(found, words, imported, seconds, searching, seed)


def report(
    found: Sequence[retrieval.Found],
    words: dict[str, str],
    articles: int,
    reading: Sequence[float],
    searching: Sequence[float],
    seed: int,
) -> Report:
    """The table by source; pictures without readable words count as not found."""
    writer = Writer(TITLE)
    unread = sum(not words[each.wanted.id].strip() for each in found)
    shown = frozenset().union(*(each.wanted.sources for each in found))
    writer.say(
        f"{len(found)} pictures of {len(shown)} articles among {articles}; the index holds the articles' text only, "
        f"the query is the words on the picture only; {unread} pictures without words count as not found."
    )
    rows = []
    for label, name in ROWS:
        measured = retrieval.scores(found, name, seed)
        writer.figures[name] = measured
        rows.append([label, len(found), *measured.cells()])
    writer.say(*table(("words on the picture", "n", "Hit@1", "Hit@5", "MRR"), rows))
    read = f"Reading a picture {milliseconds(reading)} ms" if reading else "Words read in an earlier run"
    writer.say(f"{read}; searching with its words, all lists to the end, {milliseconds(searching)} ms (median / p95).")
    writer.figures |= {"articles": articles, "pictures": len(found), "unread": unread}
    writer.details = [_missed(each, words) for each in found if each.wanted.id in set(retrieval.missed(found))][:10]
    return writer.done()


def load_references(file: Path) -> list[Shown]:
    """Each picture with all articles that show it, as article ids of an import of the folder."""
    articles: dict[str, set[str]] = defaultdict(set)
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        articles[row["image"]].add(row["article"].removeprefix(f"{ARTICLES}/"))
    return [Shown(picture, frozenset(shown)) for picture, shown in sorted(articles.items())]


def pick(shown: Sequence[Shown], count: int, seed: int) -> list[Shown]:
    """A seeded sample with as many articles as possible: one picture of each article before a second of any."""
    by_article: dict[str, list[Shown]] = defaultdict(list)
    for each in shown:
        by_article[min(each.articles)].append(each)
    chance = random.Random(seed)
    piles = [by_article[article] for article in sorted(by_article)]
    chance.shuffle(piles)
    for pile in piles:
        chance.shuffle(pile)
    deepest = max(map(len, piles), default=0)
    return [pile[depth] for depth in range(deepest) for pile in piles if depth < len(pile)][:count]


def import_texts(store, settings: Settings, articles: Path, copy: Path) -> int:  # type: ignore[no-untyped-def]
    """Import the Markdown files alone (a copy without the pictures); gives how many articles are on the shelf."""
    from index.intake import Intake
    from index.pictures import load_reader

    if not copy.is_dir():
        shutil.copytree(articles, copy, ignore=_only_markdown)
    Intake(store, settings.workspace, lambda: load_reader(settings.threads or 2), skip_bad=True).run([copy])
    count = store.rows("SELECT count(*) AS n FROM articles WHERE workspace = ?", [settings.workspace])
    return int(count[0]["n"])


def read_words(chosen: Sequence[Shown], folder: Path, cache: Path, threads: int) -> tuple[dict[str, str], list[float]]:
    """The words on each picture by its name, kept in `cache` for the next run, and the seconds each new one took."""
    from index.pictures import load_reader

    known: dict[str, str] = json.loads(cache.read_text("utf-8")) if cache.is_file() else {}
    missing = [each.picture for each in chosen if each.picture not in known]
    seconds: list[float] = []
    if missing:
        read = _reading(load_reader(threads))
        read(folder / missing[0])  # the first one loads the weights
    for name in missing:
        started = time.perf_counter()
        known[name] = read(folder / name)
        seconds.append(time.perf_counter() - started)
    cache.write_text(json.dumps(known, ensure_ascii=False), "utf-8")
    return known, seconds


def _reading(reader) -> Callable[[Path], str]:  # type: ignore[no-untyped-def]
    """A function from a picture's path to its words; "" when the picture is refused."""
    from index.errors import UserError
    from index.pictures import open_picture

    def words(path: Path) -> str:
        try:
            return str(reader.read(open_picture(path)).words)
        except UserError:
            return ""

    return words


def _only_markdown(folder: str, names: list[str]) -> list[str]:
    """What not to copy: every file that is not Markdown."""
    return [name for name in names if (Path(folder) / name).is_file() and not name.endswith(".md")]


def _missed(each: retrieval.Found, words: dict[str, str]) -> dict[str, object]:
    return {
        "picture": each.wanted.id,
        "expected": sorted(each.wanted.sources),
        "found": each.order(retrieval.FUSED)[:5],
        "words": words[each.wanted.id][:300],
    }
