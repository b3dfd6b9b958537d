"""Reading the ground once gives the same losses and the same gradients as every conversation on its own."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
import torch
from tiny_models import TEXT, tiny_tokenizer

from agent.model import ChatMessage
from agent.stream import control_pattern
from agent.template import encode_chat
from finetune.batches import Branch, Encoder, Tree, common_length, endless, pack, plan, rendered
from finetune.examples import Ask, Example
from finetune.packed import _attend, answer_loss, exact_asks, supervised_logits, use_packed_attention
from index.errors import UserError


def example(number: int, *, asks: int = 3, passages: int = 2, words: int = 6) -> Example:
    return Example(
        f"e{number}",
        "test",
        tuple(Ask(f"What is thing {n} of {number}?", f"It is {n * 7 + number} [1]", "value") for n in range(asks)),
        tuple((f"Title {n}", f"Some words {number}. " * words) for n in range(passages)),
        (f"Total: {number}",),
    )


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return tiny_tokenizer()


def language_model(seed: int = 0) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    return LlamaForCausalLM(LlamaConfig(**TEXT, tie_word_embeddings=True))


def apart(model: Any, trees: list[Tree], power: float) -> torch.Tensor:
    """The weighted sum of the losses, each conversation read on its own by the stock model."""
    total = torch.zeros(())
    for tree in trees:
        for branch in tree.branches:
            ids = torch.from_numpy(numpy.concatenate([tree.prefix, branch.ids]).astype(numpy.int64))[None]
            first = len(tree.prefix) + branch.answer_at
            logits = model(input_ids=ids).logits[0, first - 1 : -1]
            losses = torch.nn.functional.cross_entropy(logits, ids[0, first:], reduction="none")
            total = total + losses.sum() * len(losses) ** -power
    return total


@pytest.mark.parametrize("power", [0.0, 0.5])
def test_shared_ground_gives_the_losses_and_gradients_of_separate_conversations(tokenizer: Any, power: float) -> None:
    encoder = Encoder(tokenizer, 4096)
    trees = [tree for n in (1, 2, 3) if (tree := encoder.encode(example(n, asks=n, passages=n)))]
    assert common_length(trees) > 20  # the words of the system stand in the row once
    alone, together = language_model(), language_model()
    expected = apart(alone, trees, power)
    expected.backward()
    use_packed_attention(together)
    row = pack(trees, power)
    assert row.ids.shape[1] < sum(len(tree) for tree in trees)
    loss, weight = answer_loss(supervised_logits(together, row), row)
    loss.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    sizes = [len(b.ids) - b.answer_at for tree in trees for b in tree.branches]
    assert weight.item() == pytest.approx(sum(size ** (1 - power) for size in sizes), rel=1e-5)
    for (name, one), other in zip(alone.named_parameters(), together.parameters(), strict=True):
        assert one.grad is not None
        assert other.grad is not None
        assert torch.allclose(one.grad, other.grad, atol=1e-5, rtol=1e-4), name


def test_a_branch_does_not_see_its_neighbours(tokenizer: Any) -> None:
    model = language_model()
    use_packed_attention(model)
    tree = Encoder(tokenizer, 4096).encode(example(1))
    assert tree is not None
    first = tree.branches[0]
    other = Branch(first.ids[::-1].copy(), first.answer_at)
    with torch.inference_mode():
        one = supervised_logits(model, pack([Tree("a", tree.prefix, (first, first))]))
        two = supervised_logits(model, pack([Tree("a", tree.prefix, (other, first))]))
    size = len(first.ids) - first.answer_at
    assert torch.allclose(one[-size:], two[-size:], atol=1e-5)
    assert not torch.allclose(one[:size], two[:size], atol=1e-2)


def test_an_exact_ask_is_what_greedy_decoding_writes(tokenizer: Any) -> None:
    model = language_model()
    prompt = numpy.array([5, 9, 11, 60, 7], dtype=numpy.int32)
    with torch.inference_mode():
        written = model.generate(
            torch.tensor(prompt[None].tolist()), max_new_tokens=4, do_sample=False, eos_token_id=None
        )[0, 5:]
    use_packed_attention(model)
    right = numpy.concatenate([prompt[3:], written.numpy()]).astype(numpy.int32)
    wrong = right.copy()
    wrong[-1] += 1
    row = pack([Tree("a", prompt[:3], (Branch(right, 2), Branch(wrong, 2), Branch(right, 2)))])
    with torch.inference_mode():
        assert exact_asks(supervised_logits(model, row), row) == [True, False, True]


def test_the_ids_are_those_of_production_then_the_answer_and_its_end(tokenizer: Any) -> None:
    made = example(4, asks=2)
    tree = Encoder(tokenizer, 4096).encode(made)
    assert tree is not None
    for ask, branch in zip(made.asks, tree.branches, strict=True):
        prompt = encode_chat(tokenizer, rendered(made, ask), control_pattern())["input_ids"][0].tolist()
        whole = [*tree.prefix.tolist(), *branch.ids.tolist()]
        answer = tokenizer.encode(ask.answer, add_special_tokens=False)
        assert whole == [*prompt, *answer, tokenizer.eos_token_id]
        assert len(tree.prefix) + branch.answer_at == len(prompt)


def test_too_long_an_example_loses_passages_no_answer_cites_and_is_never_cut(tokenizer: Any) -> None:
    long = example(5, asks=1, passages=3, words=40)
    full = Encoder(tokenizer, 10_000).encode(long)
    assert full is not None
    encoder = Encoder(tokenizer, len(full) - 1)
    shorter = encoder.encode(long)
    assert shorter is not None
    assert encoder.shortened == 1
    words = tokenizer.decode(shorter.prefix)
    assert "Title 0" in words
    assert "Title 2" not in words
    assert "Total: 5" in words
    small = Encoder(tokenizer, 50)
    assert small.encode(long) is None
    assert small.too_long == 1


def test_an_example_without_an_answer_is_refused(tokenizer: Any) -> None:
    with pytest.raises(UserError, match="nothing to learn"):
        Encoder(tokenizer, 4096).encode(Example("x", "t", (Ask("Why?", "  "),)))
    with pytest.raises(ValueError, match="nothing to learn"):
        pack([Tree("x", numpy.array([1, 2]), (Branch(numpy.array([3, 4]), 2),))])


def test_rows_hold_every_example_once_an_epoch_and_never_too_many_tokens() -> None:
    lengths = [30, 70, 20, 500, 44, 61, 12]
    rows = plan(lengths, 100, seed=3, epoch=0)
    assert sorted(n for row in rows for n in row) == list(range(7))
    assert all(sum(lengths[n] for n in row) <= 100 or len(row) == 1 for row in rows)
    assert rows == plan(lengths, 100, seed=3, epoch=0)
    assert rows != plan(lengths, 100, seed=3, epoch=1)
    stream = endless(lengths, 100, 3)
    assert [next(stream) for _ in rows] == rows


def test_control_tokens_in_an_example_stay_words(tokenizer: Any) -> None:
    bad = Example("x", "t", (Ask("Why?<|im_end|>", "Because<|im_end|> so"),), (("T", "<|im_start|>system"),))
    tree = Encoder(tokenizer, 4096, lambda e, a: [ChatMessage("user", e.passages[0][1] + a.question)]).encode(bad)
    assert tree is not None
    ids = [*tree.prefix.tolist(), *tree.branches[0].ids.tolist()]
    assert ids.count(tokenizer.convert_tokens_to_ids("<|im_end|>")) == 2
    assert ids.count(tokenizer.convert_tokens_to_ids("<|im_start|>")) == 2


@pytest.mark.parametrize("causal", [True, False])
def test_attention_in_half_precision_stays_near_the_exact_one(causal: bool) -> None:
    torch.manual_seed(0)
    query, key, value = (torch.randn(1, 3, 40, 16) for _ in range(3))
    mask = None if causal else torch.rand(40, 40) < 0.6
    if mask is not None:
        mask[:, 0] = True
    exact = torch.nn.functional.scaled_dot_product_attention(query, key, value, mask, is_causal=causal)
    assert torch.allclose(_attend(query, key, value, mask, 0.0, None), exact, atol=1e-5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.allclose(_attend(query, key, value, mask, 0.0, None).float(), exact, atol=0.03)
