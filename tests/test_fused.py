"""The fused embedder learns: a picture finds what its words cannot name, on sources never seen, and nothing leaks."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from PIL import Image

from agent.bearing import Bearing, load_bearing, save_bearing
from finetune.fused import (
    SCORES,
    WEIGHTS,
    Features,
    FusedRecipe,
    bearing_of,
    contrast_sources,
    rights,
    save_fused,
    scored,
    source_rank,
    texts_of,
    train_fused,
)
from finetune.fused_data import Material, Shown, is_held, material_of, words_of
from finetune.seen import caption, look_at
from index.build import load_shelf
from index.conversation import Article, Conversation, Message
from index.errors import UserError
from index.passages import embedded_text
from index.search import Query, Searcher
from index.sources import keep_picture
from tests.desk_doubles import WORKSPACE, fill, minilm, open_shop, picture, searcher
from tests.tiny_dialogue import SHAPE, tiny_base, tiny_pair

TONES = 60


class Angles:
    """An embedder that knows one thing: "tone 40" points at 40 hundredths of a quarter turn, all else straight away."""

    name = identity = "angles"
    dimension = SHAPE["embedding_width"]

    def embed(self, texts: Any) -> Any:
        rows = numpy.zeros((len(texts), self.dimension), dtype=numpy.float32)
        for row, text in zip(rows, texts, strict=True):
            if found := re.search(r"tone (\d+)", text):
                turn = int(found[1]) / TONES * math.pi
                row[:2] = math.cos(turn), math.sin(turn)
            else:
                row[-1] = 1
        return rows


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> tuple[Material, Features, Any]:
    """Pictures of one grey each, asked about in the same words; each belongs to the passage about its tone."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("fused")
    shown = []
    for n in range(TONES):
        path = folder / f"{n}.png"
        grey = round(255 * n / TONES)
        Image.new("RGB", (32, 32), (grey, 255 - grey, 90)).save(path)
        shown.append(Shown(str(path), "What is this?", frozenset([f"article {n}"]), f"article {n}"))
    numbers = range(TONES)
    material = Material(tuple(shown), tuple(f"tone {n}" for n in numbers), tuple(f"article {n}" for n in numbers))
    processor, model = tiny_pair(tiny_base(folder / "base"), "none")
    pictures = look_at([each.picture for each in shown], model, processor, folder)
    return material, Features(pictures, caption(texts_of(material), folder, Angles)), model


def test_a_picture_finds_what_its_words_cannot_name(colours: tuple[Material, Features, Any], tmp_path: Path) -> None:
    material, features, model = colours
    before = {name: each.clone() for name, each in model.state_dict().items()}
    recipe = FusedRecipe(steps=250, lr=5e-3, weight_decay=0.01, tokens_out=0.0, look_every=10, patience=20)
    blind = train_fused(model, material, features, replace(recipe, pixels=False, steps=60))
    model.load_state_dict(before)
    seen = train_fused(model, material, features, recipe)
    scores = scored({**seen, "words, trained without pixels": blind["words, trained"]})
    fused, words = (scores["ways"][way]["hit_5"]["mean"] for way in ("fused", "words"))
    assert fused > 0.6
    assert words < 0.3
    assert scores["gain of fused in MRR over"]["words, trained without pixels"]["low"] > 0
    moved = {name for name, each in model.state_dict().items() if not torch.equal(each, before[name])}
    assert {name.split(".")[0] for name in moved} == {"connector", "embedder"}
    vector = torch.nn.functional.normalize(torch.ones(1, SHAPE["embedding_width"]), dim=-1)
    assert torch.equal(model.embed(vector), vector)  # without a picture, to the bit
    save_fused(model, tmp_path, recipe, scores)
    from safetensors.torch import load_file

    assert all(torch.equal(each, model.state_dict()[name]) for name, each in load_file(tmp_path / WEIGHTS).items())
    assert json.loads((tmp_path / SCORES).read_text("utf-8"))["recipe"]["steps"] == 250


def test_the_same_seed_gives_the_same_vectors(colours: tuple[Material, Features, Any]) -> None:
    material, features, model = colours
    before = {name: each.clone() for name, each in model.state_dict().items()}
    found = []
    for _ in range(2):
        model.load_state_dict(before)
        train_fused(model, material, features, FusedRecipe(steps=6))
        found.append({name: each.clone() for name, each in model.state_dict().items()})
    assert all(torch.equal(each, found[1][name]) for name, each in found[0].items())


def test_what_is_held_is_never_learned_not_even_as_a_wrong_answer(colours: tuple[Material, Features, Any]) -> None:
    material, _, _ = colours
    shared = Shown("both.png", "", frozenset(["article 0", "article 1"]), "article 0")
    sides = {is_held(f"article {n}") for n in range(TONES)}
    assert sides == {True, False}
    learned, held = replace(material, shown=(*material.shown, shared)).parted()
    theirs = {source for each in held.shown for source in each.sources}
    assert not theirs & set(learned.sources)
    assert not theirs & {source for each in learned.shown for source in each.sources}
    assert set(held.sources) == set(material.sources)


def test_a_passage_that_says_the_same_is_neither_right_nor_wrong() -> None:
    passages = torch.tensor([[1.0, 0.0], [0.99, 0.141], [0.0, 1.0]])
    shown = (Shown("p.png", "", frozenset(["a"]), "a"),)
    right, same = rights(Material(shown, ("x", "y", "z"), ("a", "b", "c")), passages)
    assert right.tolist() == [[True, False, False]]
    assert same.tolist() == [[False, True, False]]
    asked = torch.tensor([[1.0, 0.0]])
    lenient = contrast_sources(asked, passages, right, same, 0.05)
    assert lenient < 1e-6 < contrast_sources(asked, passages, right, torch.zeros_like(same), 0.05)


def test_a_source_stands_by_its_best_passage() -> None:
    scores = numpy.array([0.1, 0.9, 0.5, 0.3])
    assert source_rank(scores, ["a", "b", "b", "c"], frozenset("b")) == 1
    assert source_rank(scores, ["a", "b", "b", "c"], frozenset("ac")) == 2
    assert source_rank(scores, ["a", "b", "b", "c"], frozenset("a")) == 3


def test_too_little_to_learn_is_said(colours: tuple[Material, Features, Any]) -> None:
    material, features, model = colours
    with pytest.raises(UserError, match="too few"):
        train_fused(model, replace(material, shown=material.shown[:5]), features, FusedRecipe())


def test_the_shelf_gives_pictures_of_solved_tickets_and_of_articles(tmp_path: Path) -> None:
    store = open_shop(tmp_path / "home")
    asked, drawn, lost = picture("Valve E-40", "a.png"), picture("Gateway login", "b.png"), picture("Gone", "c.png")
    drawn, lost = replace(drawn, sha256="b" * 64), replace(lost, sha256="c" * 64)
    for each in (asked, drawn, lost):
        keep_picture(store, each)
    store.pictures.mkdir(exist_ok=True)
    for each in (asked, drawn):
        (store.pictures / f"{each.sha256}.png").write_bytes(b"png")
    fix = "Please take the head off and press the pin in and out until it springs by itself. Then calibrate it again."
    said = (Message("customer", "Why is the bedroom cold today?", pictures=(asked.sha256,)), Message("agent", fix))
    article = Article(
        "KB-G",
        "Sign in",
        "Open the gateway and sign in with your account.",
        ("b.png", "c.png"),
        (drawn.sha256, "c" * 64),
    )
    fill(
        store, WORKSPACE,
        [
            Conversation("T-P1", said, outcome="resolved", customer_id="C-9"),
            Conversation("T-P2", said, outcome="unresolved", customer_id="C-9"),
            article,
        ],
    )  # fmt: skip
    material = material_of(store, WORKSPACE)
    by_source = {each.sources: each for each in material.shown}
    ticket = by_source[frozenset(["ticket T-P1"])]
    assert ticket.words == words_of("Why is the bedroom cold today?", ["Valve E-40"])
    assert ticket.group == "customer C-9"
    shown = by_source[frozenset(["article KB-G"])]
    assert (Path(shown.picture).name, shown.words) == (f"{'b' * 64}.png", "Gateway login")
    assert len(material.shown) == 2
    told = [text for text, source in zip(material.passages, material.sources, strict=True) if source == "ticket T-P1"]
    assert told == [fix] or told[0].endswith(fix)
    assert not any(text.splitlines()[-1] == "Valve E-40" for text in material.passages)
    store.close()


def test_what_was_seen_and_read_before_is_not_seen_again(tmp_path: Path) -> None:
    for n in range(3):
        Image.new("RGB", (32, 32), (80 * n, 0, 0)).save(tmp_path / f"{n}.png")
    paths = [str(tmp_path / f"{n}.png") for n in range(3)]
    processor, model = tiny_pair(tiny_base(tmp_path / "base"), "none")
    looked: list[int] = []
    first = look_at(paths[1:], model, processor, tmp_path, lambda done, total: looked.append(done))([paths[2]]).clone()
    again = look_at(paths, model, processor, tmp_path, lambda done, total: looked.append(done))
    assert looked == [1, 2, 1]
    assert torch.equal(again([paths[2]]), first)
    assert not torch.equal(again([paths[0]]), first)
    told = caption(["tone 5", "tone 9"], tmp_path, Angles)
    more = caption(["tone 9", "tone 7", "tone 5"], tmp_path, lambda: Only("tone 7"))
    assert torch.equal(more.vectors[more.rows(["tone 9"])], told.vectors[told.rows(["tone 9"])])
    assert caption([], tmp_path, Angles).vectors.shape[0] == 0


class Only(Angles):
    """Angles, asked for one text and no other."""

    def __init__(self, text: str) -> None:
        self.text = text

    def embed(self, texts: Any) -> Any:
        assert list(texts) == [self.text]
        return super().embed(texts)


def awake(width: int) -> Any:
    """A fused embedder with no zeros in it."""
    from transformers import LlamaConfig

    from agent.vlm.config import DialogueConfig
    from agent.vlm.fusion import FusedEmbedder

    torch.manual_seed(3)
    embedder = FusedEmbedder(DialogueConfig(text_config=LlamaConfig(hidden_size=64), embedding_width=width))
    torch.nn.init.normal_(embedder.enter.weight, std=2.0)
    return embedder


def test_the_search_turns_words_as_the_trained_embedder_does(tmp_path: Path) -> None:
    embedder = awake(24)
    vector = torch.nn.functional.normalize(torch.randn(1, 24), dim=-1)
    with torch.inference_mode():
        wanted = embedder(vector, torch.zeros_like(vector), torch.ones(1, dtype=torch.bool))[0].numpy()
    bearing = bearing_of(embedder, "letters")
    assert numpy.allclose(bearing(vector[0].numpy()), wanted, atol=1e-4)
    assert not numpy.allclose(vector[0].numpy(), wanted, atol=0.05)
    save_bearing(tmp_path / "bearing.npz", bearing)
    kept = load_bearing(tmp_path / "bearing.npz", "letters")
    assert kept is not None
    assert numpy.allclose(kept(vector[0].numpy()), wanted, atol=3e-3)
    assert load_bearing(tmp_path / "bearing.npz", "another") is None
    assert load_bearing(tmp_path / "none.npz", "letters") is None


@pytest.mark.parametrize("harm", ["cut", "words", "shape", "nan"])
def test_a_damaged_turn_is_refused(tmp_path: Path, harm: str) -> None:
    file = tmp_path / "bearing.npz"
    bearing = bearing_of(awake(24), "letters")
    parts = dict(bearing.parts)
    if harm == "shape":
        parts["enter"] = parts["enter"][:, :5]
    if harm == "nan":
        parts["mix"] = parts["mix"] * numpy.nan
    save_bearing(file, Bearing("letters", parts))
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:200])
    if harm == "words":
        file.write_text("no numbers")
    with pytest.raises(UserError) as caught:
        load_bearing(file, "letters")
    assert caught.value.kind == "DAMAGED"


def test_pictures_are_looked_for_by_the_turned_words_beside_the_words(tmp_path: Path) -> None:
    store = open_shop(tmp_path / "home")
    embedder = minilm()
    asked = Query("", ("Hub offline, lamp white",))
    plain = searcher(store, reranker=None).search(asked, 40)  # the lists alone: the second look goes by the words
    last = plain[-1]
    turned = embedder.embed([embedded_text(last.title, last.passage)])[0]
    seen: list[Any] = []

    def bearing(vector: Any) -> Any:
        seen.append(vector)
        return turned

    search = Searcher(store, WORKSPACE, embedder, lambda: load_shelf(store, WORKSPACE, embedder), bearing, None).search
    hits = search(asked, 40)
    assert [hit.source_id for hit in hits].index(last.source_id) < len(plain) - 1
    assert next(hit for hit in hits if hit.source_id == last.source_id).scores["seen"] == pytest.approx(1, abs=1e-2)
    before = {hit.source_id: hit.scores["screen"] for hit in plain if "screen" in hit.scores}
    assert before == {hit.source_id: hit.scores["screen"] for hit in hits if hit.source_id in before}
    assert len(seen) == 1
    search(Query("The lamp is white"), 3)
    assert len(seen) == 1  # words alone are not turned
    store.close()
