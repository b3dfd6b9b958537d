"""A shelf in Chinese, Japanese, Thai or German is found by its words, though the embedder knows none of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import load_shelf
from index.errors import UserError
from index.forget import forget_conversation
from index.fulltext import put_words, rank_by_words, set_word_way, word_way
from index.scripts import is_unspaced, pieces, segmented
from index.search import Query, Searcher
from index.store import Store, open_store
from index.words import content_words, fts_query
from tests.desk_doubles import fill, ticket
from tests.embed_doubles import HashedWords

SHOP = "far"
TICKETS = [
    ticket("ZH-1", "蓝牙连接失败", "我的耳机蓝牙连接失败。", "请长按电源键十秒，直到蓝灯闪烁，然后重新配对。"),
    ticket("ZH-2", "退款问题", "什么时候可以收到退款？", "退款会在三到五个工作日内退回您的银行卡。"),
    ticket("ZH-3", "门锁没电", "门锁的锁打不开了。", "请更换四节五号电池，错误代码 E31 会消失。"),
    ticket("JA-1", "印刷できない", "プリンターが印刷できません。", "給紙トレイの用紙を取ってください。"),
    ticket("JA-2", "パスワードを忘れた", "パスワードを忘れました。", "再設定のリンクを送りました。"),
    ticket("TH-1", "เชื่อมต่อไวไฟไม่ได้", "กล้องเชื่อมต่อไวไฟไม่ได้", "กดปุ่มค้างไว้สิบวินาทีจนไฟกะพริบสีฟ้า"),
    ticket("TH-2", "ขอเงินคืน", "จะได้รับเงินคืนเมื่อไหร่", "เงินจะคืนเข้าบัตรภายในห้าวันทำการ"),
    ticket("DE-1", "Überweisung fehlt", "Die Überweisung fehlt.", "Überweisungen dauern zwei Banktage, nicht mehr."),
    ticket("DE-2", "Rechnung", "Ich brauche eine Rechnung über die Lampe.", "Die Rechnung liegt unter Konto > Belege."),
]  # fmt: skip


@pytest.fixture
def store(own_home: Path) -> Iterator[Store]:
    store = open_store(own_home)
    fill(store, SHOP, TICKETS)
    yield store
    store.close()


def by_words(store: Store, text: str) -> list[str]:
    """Source ids by the words alone, best first: nothing here comes from the embedder."""
    embedder = HashedWords(8)
    search = Searcher(store, SHOP, embedder, lambda: load_shelf(store, SHOP, embedder))
    hits = [hit for hit in search.search(Query(text), 50) if "words" in hit.scores]
    return [hit.source_id for hit in sorted(hits, key=lambda hit: -hit.scores["words"])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("蓝牙", "ZH-1"),
        ("耳机的蓝牙总是连不上", "ZH-1"),
        ("我想知道退款要几天", "ZH-2"),
        ("锁", "ZH-3"),
        ("印刷", "JA-1"),
        ("パスワードを教えて", "JA-2"),
        ("ﾊﾟｽﾜｰﾄﾞ", "JA-2"),  # half-width kana are the same word
        ("ไวไฟ", "TH-1"),
        ("เมื่อไหร่จะได้เงินคืน", "TH-2"),
    ],
)
def test_a_script_without_spaces_is_found_by_any_word_in_it(store: Store, text: str, expected: str) -> None:
    assert by_words(store, text)[0] == expected


def test_words_that_stand_nowhere_find_nothing(store: Store) -> None:
    assert by_words(store, "咖啡机") == []


def test_latin_words_beside_them_are_found_as_ever(store: Store) -> None:
    assert by_words(store, "错误 E31")[0] == "ZH-3"
    assert by_words(store, "rechnung lampe")[0] == "DE-2"


def test_what_changes_and_what_goes_is_not_found_any_more(store: Store) -> None:
    fill(store, SHOP, [ticket("ZH-1", "手表", "手表的表带断了。", "我们会寄给您一条新的表带。")])
    assert by_words(store, "蓝牙") == []
    assert by_words(store, "表带") == ["ZH-1"]
    forget_conversation(store, SHOP, "ZH-1")
    assert by_words(store, "表带") == []
    assert not store.rows("SELECT rowid FROM passages_any WHERE passages_any MATCH '\"表带\"'")


def test_a_workspace_may_take_words_as_they_are_written(store: Store) -> None:
    """English stems take German apart wrongly; as written nothing is cut, and the old way comes back whole."""
    fill(
        store, SHOP, [ticket("DE-3", "Belegung", "Die Belegung der Tasten?", "Die Belegung steht im Handbuch Seite 4.")]
    )
    assert word_way(store, SHOP) == "english"
    assert set_word_way(store, SHOP, "any") > len(TICKETS)
    assert by_words(store, "belegung") == ["DE-3"]
    assert by_words(store, "Uberweisung")[0] == "DE-1"  # accents are forgiven
    assert by_words(store, "蓝牙")[0] == "ZH-1"
    coupon = ticket(
        "DE-4", "Gutschein", "Mein Gutschein gilt nicht.", "Gutscheine gelten drei Jahre, auch im Internet."
    )
    fill(store, SHOP, [coupon])
    assert by_words(store, "gutscheine")[0] == "DE-4"
    set_word_way(store, SHOP, "english")
    assert by_words(store, "gutscheine")[0] == "DE-4"
    held = {row["rowid"] for row in store.rows("SELECT rowid FROM passages_any")}
    assert held == {row["id"] for row in store.rows("SELECT id, title, text FROM passages") if is_unspaced(row["text"])}


def test_one_workspace_does_not_change_another(store: Store) -> None:
    fill(
        store, "near", [ticket("EN-1", "Charging", "The watch stops charging.", "Clean the pins and charge it again.")]
    )
    set_word_way(store, SHOP, "any")
    assert word_way(store, "near") == "english"
    assert rank_by_words(store, "near", ["charge"], "english", 5)
    assert not rank_by_words(store, SHOP, ["charge"], "any", 5)


def test_a_way_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(UserError, match="english"):
        set_word_way(store, SHOP, "klingon")


def test_a_store_from_before_learns_its_scripts_when_it_is_opened(own_home: Path) -> None:
    store = open_store(own_home)
    fill(store, SHOP, TICKETS)
    before = store.rows("SELECT rowid, title, text FROM passages_any ORDER BY rowid")
    with store.write() as db:  # as it was left by the release before
        db.execute("DROP TRIGGER passages_any_removed")
        db.execute("DROP TABLE passages_any")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = '0009_scripts'")
    store.close()
    store = open_store(own_home)
    assert store.rows("SELECT rowid, title, text FROM passages_any ORDER BY rowid") == before != []
    assert by_words(store, "蓝牙")[0] == "ZH-1"
    store.close()


def test_nothing_of_a_failed_write_stays(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write():
        put_words(store, SHOP, [(999_999, "x", "咖啡机")])
        raise RuntimeError
    assert by_words(store, "咖啡机") == []


def test_pieces_are_pairs_and_marks_stay_with_their_letter() -> None:
    assert pieces("连接失败") == ["连接", "接失", "失败"]
    assert pieces("锁") == ["锁"]
    assert pieces("เชื่อ") == ["เชื่", "ชื่อ"]
    assert segmented("错误E31。") == " 错误 E31。"
    assert segmented("plain text, naïve café") == "plain text, naïve café"
    assert content_words("the 锁 E31") == ["e31", "锁"]
    assert fts_query(["锁", "蓝牙"]) == '"锁"* OR "蓝牙"'
