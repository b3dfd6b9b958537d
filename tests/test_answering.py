"""Whether a passage answers a question: read together, the same in training and at the desk, also in parts."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent import weights
from agent.decide import AS_FITTED, Known, confidence, decide, hear
from agent.evidence import READ_TOGETHER, Evidence, Signals
from agent.parts import load_judge
from finetune.answering import AnsweringRecipe, Looked, Reader, fit_scale, open_trained, scores_of, train_answering
from finetune.answering_data import HELD_PART, Ground, Pair, make_pairs, mined, shelf
from finetune.datasets import kept_for_test
from finetune.topics import domains
from index.answering import MOST_TOKENS, PAPERS, WEIGHTS, LateAnswering, load_answering, read_together
from index.embed import PACKAGED, load_sentence_transformer
from index.errors import UserError
from index.store import Store
from tests.desk_doubles import WISHES, make_shop, open_shop
from tests.doubles import ScriptedModel
from tests.embed_doubles import HashedWords
from tests.learn_doubles import THINGS, small_embedder

HUB = "My hub light is white, what can I do?"
RECIPE = AnsweringRecipe(batch=8, rate=2e-3, head_rate=5e-3, keep_every=5, bf16=False)


def told(thing: str, about: str) -> str:
    return f"the {thing} {'costs ten' if about == 'costs' else 'stays dark after a storm'}"


def pairs() -> list[Pair]:
    """An article answers what is asked about its own thing, and nothing else about it."""
    return [
        Pair(f"my {thing} {asked}", thing, told(thing, said), asked == said, "test")
        for thing in THINGS
        for asked in ("costs", "stays dark")
        for said in ("costs", "stays dark")
    ]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_embedder(tmp_path_factory.mktemp("base") / "small")


@pytest.fixture(scope="module")
def run(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    assert train_answering(pairs() * 12, folder, RECIPE, base=str(base)).finished
    return folder


def test_it_learns_which_passage_answers(base: Path, run: Path) -> None:
    answering = open_trained(run, str(base))
    right = [
        answering.shares(f"my {thing} costs", [(thing, told(thing, "costs")), (thing, told(thing, "stays dark"))])
        for thing in THINGS
    ]
    assert np.mean([first > second for first, second in right]) > 0.9


def test_the_desk_scores_as_the_training_did(base: Path, run: Path) -> None:
    import torch
    from safetensors.torch import load_file

    answering = load_answering(run, base, bf16=False)
    bert = load_sentence_transformer(base)[0].model
    reader = Reader(bert, int(bert.config.hidden_size)).eval()
    own = {name.replace("encoder.layer.", "layers."): each.float() for name, each in load_file(run / WEIGHTS).items()}
    assert reader.load_state_dict(own, strict=True)
    passages = [("lamp", told("lamp", "costs")), ("hub", "the hub")]
    rows = [read_together(answering._tokenizer, "my lamp costs", *each)[0] for each in passages]
    with torch.no_grad():
        expected = reader(rows).numpy()
    np.testing.assert_allclose(answering.scores("my lamp costs", passages), expected, atol=1e-5)
    half = load_answering(run, base, bf16=True)
    np.testing.assert_allclose(half.scores("my lamp costs", passages), expected, atol=0.1)


def test_a_stopped_training_goes_on_to_the_same_weights(base: Path, run: Path, tmp_path: Path) -> None:
    for most in (7, 12):
        count = itertools.count()
        stopped = train_answering(
            pairs() * 12, tmp_path, RECIPE, base=str(base), stopping=lambda most=most, it=count: next(it) >= most
        )
        assert not stopped.finished
    again = train_answering(pairs() * 12, tmp_path, RECIPE, base=str(base))
    assert again.finished
    assert (tmp_path / WEIGHTS).read_bytes() == (run / WEIGHTS).read_bytes()


def test_a_long_passage_is_read_to_its_end_in_parts_below_its_title(run: Path, base: Path) -> None:
    answering = open_trained(run, str(base))
    parts = read_together(answering._tokenizer, "my lamp costs", "lamp", "storm " * 700 + "costs")
    assert len(parts) > 2
    assert all(len(part) <= MOST_TOKENS for part in parts)
    assert len({tuple(part[:6]) for part in parts}) == 1  # question and title stand before each
    assert parts[-1][-2] == read_together(answering._tokenizer, "", "", "costs")[0][-2]
    assert len(read_together(answering._tokenizer, "word " * 400, "title " * 400, "text")[0]) <= MOST_TOKENS


def test_shares_follow_the_scale_and_no_passage_is_no_share(run: Path, base: Path, tmp_path: Path) -> None:
    (tmp_path / WEIGHTS).write_bytes((run / WEIGHTS).read_bytes())
    (tmp_path / PAPERS).write_text(json.dumps({"name": "x", "slope": 2.0, "bias": -1.0}), "utf-8")
    scaled, plain = load_answering(tmp_path, base), open_trained(run, str(base))
    score = plain.scores("my lamp costs", [("lamp", "the lamp")])
    assert scaled.shares("my lamp costs", [("lamp", "the lamp")]) == pytest.approx(1 / (1 + np.exp(1 - 2 * score)))
    assert scaled.shares("my lamp costs", []).shape == (0,)


def test_damaged_weights_say_what_to_do(run: Path, base: Path, tmp_path: Path) -> None:
    (tmp_path / WEIGHTS).write_bytes((run / WEIGHTS).read_bytes()[:-100])
    (tmp_path / PAPERS).write_bytes((run / PAPERS).read_bytes())
    with pytest.raises(UserError, match="Install Deskside again") as trouble:
        LateAnswering(tmp_path, base)("question", [("title", "text")])
    assert trouble.value.kind == "DAMAGED"
    with pytest.raises(UserError, match="deskside finetune answering"):
        open_trained(tmp_path / "nothing", str(base))


def test_nothing_to_learn_from_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing to learn"):
        train_answering([], tmp_path)


def test_wrong_passages_are_near_ones_that_cannot_answer_too() -> None:
    passages = [("Lamp", "the lamp costs ten"), ("Lamp again", "the lamp costs ten now"), ("Hub", "the hub costs four")]
    ground = Ground("test", passages, ["lamp", "lamp", "hub"], [("what does the lamp cost", 0), ("hub dark", None)])
    found = list(mined(ground, HashedWords(), random.Random(0)))
    assert [(each.title, each.answers) for each in found if each.question.endswith("cost")] == [
        ("Lamp", True), ("Hub", False),
    ]  # fmt: skip
    assert not any(each.answers for each in found if each.question == "hub dark")


def test_held_kinds_of_business_are_never_learned_from() -> None:
    kept = {
        subject.removeprefix("the ").lower()
        for domain in domains("train")
        if kept_for_test(f"answering {domain.name}", HELD_PART)
        for subject in domain.subjects
    }
    for held in (False, True):
        ground = shelf(random.Random(0), "train", held=held)
        named = [any(subject in f"{title} {text}".lower() for subject in kept) for title, text in ground.passages]
        assert ground.passages
        assert all(named) if held else not any(named)
    made = list(make_pairs(60, HashedWords(), 3))
    assert made == list(make_pairs(60, HashedWords(), 3))
    assert {each.source for each in made} == {"topics", "shelves", "unrelated"}
    assert not any(each.answers for each in made if each.source == "unrelated")
    assert any("\nAgent: " in each.text for each in made)
    assert 0.1 < np.mean([each.answers for each in made]) < 0.7


def test_a_score_is_worth_what_it_was_on_other_questions() -> None:
    chance = np.random.default_rng(0)
    looked = [
        Looked(np.array([5.0 * covered + chance.normal(), -5.0]), 0 if covered else None, covered, 0.5)
        for covered in [True, False] * 100
    ]
    scale = fit_scale(looked)
    assert 1 / (1 + np.exp(-(5 * scale.slope + scale.bias))) > 0.8 > 0.2 > 1 / (1 + np.exp(-scale.bias))
    told = scores_of(looked)
    assert told["area"] > 0.95
    assert (told["area by the cosine"], told["right first"]) == (0.5, 1.0)


# At the desk


class Reading:
    """A judge who finds an answer where this word stands; it remembers what it was shown."""

    def __init__(self, word: str, sure: float = 0.97) -> None:
        self.word, self.sure = word, sure
        self.shown: list[tuple[str, list[tuple[str, str]]]] = []

    def __call__(self, question: str, passages: Sequence[tuple[str, str]]) -> np.ndarray:
        self.shown.append((question, list(passages)))
        return np.array([self.sure if self.word in text.lower() else 1 - self.sure for _, text in passages])


@pytest.fixture
def store(own_home: Path) -> Iterator[Store]:
    store = open_shop(own_home)
    yield store
    store.close()


def test_an_article_that_answers_is_quoted_and_only_articles_are_read(store: Store) -> None:
    judge = Reading("lan port")
    ended = make_shop(store, answering=judge).ended(HUB)
    assert (ended.decision.act, ended.citations[0].source_id) == ("case", "KB-hub")
    assert "LAN port" in ended.answer
    read = judge.shown[0][1]
    assert 0 < len(read) <= READ_TOGETHER
    assert not any(
        "lan port" not in text.lower() and text == each.passage for each in ended.citations for _, text in read
    )
    tickets = {row["text"] for row in store.rows("SELECT text FROM passages WHERE conversation_id IS NOT NULL")}
    assert not tickets & {text for _, text in read}


def test_an_article_that_does_not_answer_gives_way(store: Store) -> None:
    ended = make_shop(store, answering=Reading("nowhere")).ended(HUB)
    assert ended.decision.act != "case" or ended.citations[0].source_id != "KB-hub"


def test_how_likely_the_passage_answers_decides() -> None:
    found = Evidence("KB-1", "article", 1, "section", "Hub", "Hold reset.", (2, 2), 0.6)
    acts = {
        share: decide(
            hear(HUB, False), Known(Signals(0.6, 0.3, 0), (replace(found, answers=share),), 0.0, False, False), 0.4
        )
        for share in (0.02, 0.5, 0.97)
    }
    assert [each.act for each in acts.values()] == ["handover", "case", "case"]
    assert acts[0.02].rule == "found.unsure"
    other = replace(AS_FITTED, alone_dense=AS_FITTED.alone_dense - 0.1)  # an embedder whose cosines are lower
    assert confidence(Signals(0.5, 0.3, 0), other, 0.9) == pytest.approx(confidence(Signals(0.6, 0.3, 0), answers=0.9))
    far = Known(Signals(0.2, 0.3, 0), (replace(found, answers=0.99),), 0.0, False, False)
    assert decide(hear(HUB, False), far, 0.4).act == "handover"  # whatever is said of it, this is no matter of ours


def test_where_a_judge_has_read_no_model_is_asked_again(store: Store) -> None:
    model = ScriptedModel("Not in the passages.")
    model.abstains, model.name = True, "embedded"
    ended = make_shop(
        store, model, replace(WISHES, caution=0.01, writes="auto"), answering=Reading("lan port", 0.7)
    ).ended(HUB)
    assert ended.decision.act == "case"
    assert not model.prompts


def test_the_words_of_a_screenshot_are_read_beside_the_question(store: Store) -> None:
    judge = Reading("lan port")
    make_shop(store, answering=judge).ended(HUB, "The hub has no address")
    assert [asked for asked, _ in judge.shown] == [
        HUB, f"{HUB}\nThe hub has no address",
    ]  # fmt: skip


def test_another_embedder_has_no_judge_and_neither_has_a_copy_without_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manifest.json").write_text("{}", "utf-8")
    monkeypatch.setattr(weights, "SHIPPED", tmp_path)
    assert load_judge(PACKAGED) is None
    (tmp_path / WEIGHTS).write_bytes(b"")
    assert load_judge(PACKAGED) is not None
    assert load_judge("someone/multilingual") is None
