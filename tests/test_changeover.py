"""Another embedder for a workspace: made beside the one in use, gone on with after a stop, swapped in when whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from agent.cli import deskside
from agent.events import Ended, Event
from agent.in_use import load_in_use, of_workspace
from agent.parts import load_desk
from agent.settings import load_settings
from index.build import index_folder, load_shelf
from index.changeover import change_embedder, drop_other_embedders, own_embedder
from index.embed import load_embedder
from index.search import Query, Searcher
from index.store import Store, open_store
from tests.desk_doubles import TICKETS, WORKSPACE, fill, ticket
from tests.embed_doubles import HashedWords

IN_USE, COMING = HashedWords(64), HashedWords(32)
CHINESE = ticket("ZH-1", "蓝牙连接失败", "我的耳机蓝牙连接失败。", "请长按电源键十秒，直到蓝灯闪烁，然后重新配对。")


def ended(events: Iterable[Event]) -> Ended:
    """The last word of a turn."""
    (found,) = [each for each in events if isinstance(each, Ended)]
    return found


class StoppedAfter(HashedWords):
    """Hashed words whose embedding is stopped (a kill, a full disk) after some batches."""

    def __init__(self, dimension: int, batches: int) -> None:
        super().__init__(dimension)
        self.left = batches

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return super().embed(texts)


@pytest.fixture
def store(own_home: Path) -> Iterator[Store]:
    store = open_store(own_home)
    fill(store, WORKSPACE, TICKETS)
    load_shelf(store, WORKSPACE, IN_USE)
    yield store
    store.close()


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder as a multilingual model has it (XLM-RoBERTa, mean pooling), tiny and random."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import XLMRobertaConfig, XLMRobertaModel

    from tests.tiny_models import tiny_tokenizer

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("tiny") / "xlmr"
    config = XLMRobertaConfig(
        vocab_size=500, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=130, pad_token_id=1,
    )  # fmt: skip
    XLMRobertaModel(config).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    parts = Transformer(str(folder), max_seq_length=128)
    made = tmp_path_factory.mktemp("made") / "tiny-multilingual"
    SentenceTransformer(modules=[parts, Pooling(parts.get_embedding_dimension())]).save_pretrained(str(made))
    return made


def test_until_all_is_done_nothing_changes_and_then_all_of_it(store: Store) -> None:
    assert own_embedder(store, WORKSPACE) == ""
    seen = []
    changed = change_embedder(
        store, WORKSPACE, "coming", COMING, lambda done, total: seen.append(own_embedder(store, WORKSPACE))
    )
    assert seen
    assert set(seen) == {""}
    assert own_embedder(store, WORKSPACE) == "coming"
    assert changed.embedded == changed.indexed == len(store.rows("SELECT DISTINCT text_hash FROM passages"))
    assert load_shelf(store, WORKSPACE, COMING).added == 0
    assert own_embedder(store, "another") == ""


def test_a_stopped_change_leaves_the_old_one_in_use_and_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.build.BATCH", 5)
    total = len(store.rows("SELECT DISTINCT text_hash FROM passages"))
    with pytest.raises(KeyboardInterrupt):
        change_embedder(store, WORKSPACE, "coming", StoppedAfter(32, 2))
    assert own_embedder(store, WORKSPACE) == ""
    search = Searcher(store, WORKSPACE, IN_USE, lambda: load_shelf(store, WORKSPACE, IN_USE))
    assert search.search(Query("purple wire"))[0].source_id == "T-1003"
    changed = change_embedder(store, WORKSPACE, "coming", COMING)
    assert changed.embedded == total - 10
    assert changed.indexed == total
    assert own_embedder(store, WORKSPACE) == "coming"


def test_what_comes_in_meanwhile_is_in_the_new_index(store: Store) -> None:
    late = iter([ticket("T-9", "Doorbell", "The doorbell rings twice.", "Open the doorbell and press the small pin.")])

    def imported(done: int, total: int) -> None:
        fill(store, WORKSPACE, list(late))

    change_embedder(store, WORKSPACE, "coming", COMING, imported)
    assert load_shelf(store, WORKSPACE, COMING).added == 0
    search = Searcher(store, WORKSPACE, COMING, lambda: load_shelf(store, WORKSPACE, COMING))
    assert "T-9" in [hit.source_id for hit in search.search(Query("doorbell"), 50) if "dense" in hit.scores]


def test_old_vectors_may_go_but_not_those_of_another_workspace(store: Store) -> None:
    fill(store, "near", TICKETS[:3])
    load_shelf(store, "near", IN_USE)
    change_embedder(store, WORKSPACE, "coming", COMING)
    assert drop_other_embedders(store, WORKSPACE, COMING.identity) == [IN_USE.identity]
    assert not index_folder(store, WORKSPACE, IN_USE).exists()
    assert load_shelf(store, "near", IN_USE).added == 0
    change_embedder(store, "near", "coming", COMING)
    drop_other_embedders(store, "near", COMING.identity)
    assert not store.rows("SELECT 1 FROM embeddings WHERE embedder = ?", [IN_USE.identity])


def test_a_multilingual_folder_serves_a_workspace_and_an_open_window_changes_over(
    store: Store, multilingual: Path
) -> None:
    fill(store, WORKSPACE, [CHINESE])
    settings = load_settings({"home": store.home, "workspace": WORKSPACE, "model": "none"}, {})
    notes: list[str] = []
    desk = load_desk(store, settings, notes.append)
    before = ended(desk.answer("蓝牙连接失败"))
    embedder = load_embedder(str(multilingual))
    change_embedder(store, WORKSPACE, str(multilingual), embedder)
    after = ended(desk.answer("蓝牙连接失败"))
    desk.close()
    assert "all-MiniLM" in before.version
    assert embedder.identity in after.version
    assert any("changing over" in each for each in notes)
    assert after.hits[0].source_id == "ZH-1"
    assert after.hits[0].scores["dense"] > 0.5
    assert load_in_use(store, settings).embedder.identity == embedder.identity


def test_a_flag_goes_before_the_choice_of_the_workspace_and_the_file_after_it(store: Store) -> None:
    change_embedder(store, WORKSPACE, "coming", COMING)
    (store.home / "deskside.toml").write_text('embedder = "from-the-file"\n', "utf-8")
    asked = {"home": store.home, "workspace": WORKSPACE}
    assert of_workspace(store, load_settings(asked, {})).embedder == "coming"
    assert of_workspace(store, load_settings({**asked, "workspace": "near"}, {})).embedder == "from-the-file"
    assert of_workspace(store, load_settings(asked, {"DESKSIDE_EMBEDDER": "minilm"})).embedder == "minilm"


def test_both_are_chosen_on_the_command_line(store: Store, multilingual: Path) -> None:
    def said(*arguments: object) -> str:
        done = CliRunner().invoke(deskside, ["index", *map(str, arguments), "-w", WORKSPACE, "--home", str(store.home)])
        assert done.exit_code == 0, done.output
        return done.output

    told = said("embedder", multilingual, "--drop-old")
    assert "embedded with tiny-multilingual" in told
    assert f"dropped {IN_USE.identity}" in told
    assert str(multilingual) in said("embedder")
    assert said("words") == "english\n"
    assert said("words", "any").startswith("any: ")
    assert "0 missing, 0 extra, 0 different" in said("verify")
