"""The tagger marks spans exactly, in long messages too, learns its upper layers, and is kept in a folder."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from agent.vlm.patterns import rule_spans
from agent.vlm.tagging import (
    WRITTEN,
    Encoder,
    Tagger,
    TaggerConfig,
    TokenHead,
    best_path,
    load_encoder,
    load_tagger,
    put_together,
    save_tagger,
    shapes_of,
    spans_of,
)
from finetune.classifier import Stopped
from finetune.classifier_commands import tagger
from finetune.report import report_of
from finetune.tagger import IGNORED, TaggerRecipe, batches_of, classes_of, tally_of, train_tagger
from finetune.tagger_data import (
    LABELS,
    Marked,
    made_messages,
    marked_hash,
    read_hwu,
    read_marked,
    read_multidogo,
    save_marked,
)
from index.errors import UserError


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


def named(count: int) -> list[Marked]:
    """One kind of sentence with one kind of span."""
    found = []
    for number in range(count):
        code = f"W{2200000 + 137 * number}"
        text = f"where is {code} please" if number % 2 else f"my parcel {code} is late"
        start = text.index(code)
        found.append(Marked(text, ((start, start + len(code), "ORDER"),)))
    return found


def test_the_path_never_goes_inside_without_a_beginning() -> None:
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        scores = torch.randn(12, 7, generator=generator).log_softmax(-1)
        path = best_path(scores)
        for before, now in zip([0, *path], path, strict=False):
            assert now == 0 or now % 2 or before in (now, now - 1)


def test_the_path_is_the_best_of_all_that_are_allowed() -> None:
    from itertools import product

    scores = torch.randn(4, 5, generator=torch.Generator().manual_seed(3))
    rows = [
        path
        for path in product(range(5), repeat=4)
        if all(now % 2 or not now or before in (now, now - 1) for before, now in zip((0, *path), path, strict=False))
    ]
    best = max(rows, key=lambda path: sum(float(scores[place, tag]) for place, tag in enumerate(path)))
    assert best_path(scores) == list(best)
    assert best_path(torch.empty(0, 5)) == []


def test_spans_begin_anew_at_each_beginning() -> None:
    places = [(0, 2), (2, 4), (5, 7), (8, 9)]
    assert [span[:3] for span in spans_of([1, 2, 1, 0], places, ["A", "B"])] == [(0, 4, "A"), (5, 7, "A")]
    assert [span[:3] for span in spans_of([2, 2, 3, 4], places, ["A", "B"])] == [(0, 4, "A"), (5, 9, "B")]
    assert list(spans_of([0, 0, 0, 0], places, ["A"])) == []


def test_marked_spans_survive_the_way_to_tokens_and_back(encoder: Encoder) -> None:
    for message in made_messages(60, 5):
        window = encoder.windows(message.text)[0]
        classes = classes_of(message.spans, window.places, LABELS)
        path = [max(0, tag) for tag in classes]
        assert tuple(span[:3] for span in spans_of(path, window.places, LABELS)) == message.spans
    assert classes[0] == classes[-1] == IGNORED


def test_the_shape_of_a_token_tells_capitals_digits_and_addresses(encoder: Encoder) -> None:
    text = "ask Ana@mail.example about W22 ok"
    windows = encoder.windows(text)
    told = dict(zip((text[start:end] for start, end in windows[0].places), shapes_of(text, windows)[0], strict=True))
    assert told["Ana"][0] == 1
    assert told["ask"][0] == 0
    assert told["mail"][8] == 1
    assert told["ok"].sum() == 1  # it only begins its run
    assert told["W"][7] == 1
    assert told["Ana"][WRITTEN:].sum() == 2  # an e-mail address begins here
    assert told["mail"][WRITTEN:].sum() == 1


def test_windows_of_a_long_message_meet_without_gap_or_double(encoder: Encoder) -> None:
    text = " ".join(f"item {number} fine," for number in range(200))
    windows = encoder.windows(text)
    assert len(windows) > 2
    places, together = put_together([(window, torch.zeros(len(window.ids), 3)) for window in windows])
    assert len(places) == len(together)
    whole = encoder.tokenizer
    plain = type(whole).from_str(whole.to_str())
    plain.no_truncation()
    expected = [place for place in plain.encode(text).offsets if place[1] > place[0]]
    assert places == expected


def test_learning_marks_what_was_never_seen_exactly(encoder: Encoder, tmp_path: Path) -> None:
    before = {name: each.clone() for name, each in encoder.weights.items()}
    recipe = TaggerRecipe(first_trained=6, epochs=12, patience=12, head_rate=1e-2)
    trained = train_tagger(named(60), encoder, recipe)
    text = "hello, where is W7771234 please"
    (found,) = trained.tag([text])[0]
    assert (found.text, found.label, text[found.start : found.end]) == ("W7771234", "ORDER", "W7771234")
    assert 0.3 < found.score <= 1
    assert all(torch.equal(each, before[name]) for name, each in encoder.weights.items())
    long = "it blinks and I tried everything. " * 60 + text
    (far,) = [each for each in trained.tag([long])[0] if each.text == "W7771234"]
    assert long[far.start : far.end] == "W7771234"
    assert trained.tag(["", "   "]) == [[], []]
    save_tagger(tmp_path / "tagger", trained, {"report.md": "x"})
    assert load_tagger(tmp_path / "tagger", encoder).tag([text]) == trained.tag([text])


def test_an_address_with_a_form_of_its_own_needs_no_learning(encoder: Encoder) -> None:
    config = TaggerConfig(("EMAIL", "ORDER"), encoder.identity, encoder.width, encoder.layers, encoder.layers)
    torch.manual_seed(0)
    untrained = Tagger(config, encoder, TokenHead(encoder.width, 2))
    found = untrained.tag(["mail ana.ruiz@mail.example about it"])[0]
    assert ("ana.ruiz@mail.example", "EMAIL", 1.0) in [(each.text, each.label, each.score) for each in found]
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))


def test_only_the_layers_of_the_recipe_learn_and_come_back_from_the_folder(tmp_path: Path) -> None:
    encoder = load_encoder()
    before = {name: each.clone() for name, each in encoder.weights.items()}
    trained = train_tagger(named(12), encoder, TaggerRecipe(first_trained=5, epochs=1, layer_rate=1e-3))
    changed = {name for name, each in encoder.weights.items() if not torch.equal(each, before[name])}
    assert changed
    assert all(name.startswith("encoder.layer.5.") for name in changed)
    save_tagger(tmp_path / "tagger", trained)
    fresh = load_tagger(tmp_path / "tagger")
    texts = ["where is W5550001 please", "my parcel is late"]
    assert fresh.tag(texts) == trained.tag(texts)
    for name in changed:
        assert torch.equal(fresh.encoder.weights[name], encoder.weights[name].detach())


def test_a_cut_or_foreign_folder_is_refused(encoder: Encoder, tmp_path: Path) -> None:
    config = TaggerConfig(("A",), "other@123", encoder.width, encoder.layers, encoder.layers)
    save_tagger(tmp_path / "other", Tagger(config, encoder, TokenHead(encoder.width, 1)))
    with pytest.raises(UserError) as foreign:
        load_tagger(tmp_path / "other", encoder)
    assert foreign.value.kind == "MISMATCH"
    weights = tmp_path / "other" / "head.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(UserError) as cut:
        load_tagger(tmp_path / "other", encoder)
    assert cut.value.kind == "DAMAGED"


def test_made_messages_are_marked_where_the_words_are_and_the_same_each_time() -> None:
    learned, asked = made_messages(300, 1), made_messages(300, 1, testing=True)
    assert learned == made_messages(300, 1)
    for message in learned + asked:
        reached = 0
        for start, end, label in message.spans:
            assert reached <= start < end <= len(message.text)
            assert message.text[start:end] == message.text[start:end].strip()
            assert label in LABELS
            reached = end
    assert {span[2] for message in learned for span in message.spans} == set(LABELS)
    assert 0.1 < sum(not message.spans for message in learned) / 300 < 0.5


def test_made_messages_for_testing_share_no_sentence_name_or_product_with_those_for_learning() -> None:
    from finetune import tagger_words as words

    assert not set(words.LEARN) & set(words.TEST)
    for pools in (words.GIVEN, words.SURNAMES):
        assert not set(pools[0].split()) & set(pools[1].split())
    for pools in (words.THINGS, words.BRANDS):
        assert not set(pools[0].split("|")) & set(pools[1].split("|"))


def test_marked_messages_are_kept_in_a_file(tmp_path: Path) -> None:
    messages = made_messages(20, 2)
    save_marked(messages, tmp_path / "a.jsonl")
    assert read_marked(tmp_path / "a.jsonl") == messages
    assert marked_hash(messages) == marked_hash(messages[::-1]) != marked_hash(messages[1:])


@pytest.mark.parametrize(
    "row",
    [
        '{"text": "abc", "spans": [{"start": 0, "end": 9, "label": "X"}]}',
        '{"text": "abc", "spans": [{"start": 0, "end": 2, "label": "X"}, {"start": 1, "end": 3, "label": "X"}]}',
        '{"spans": []}',
        "[]",
    ],
)
def test_a_line_that_is_no_marked_message_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "fine"}\n' + row + "\n")
    with pytest.raises(UserError) as told:
        read_marked(tmp_path / "a.jsonl")
    assert (told.value.kind, told.value.line) == ("SCHEMA", 2)


def test_public_sets_are_read_with_our_labels(tmp_path: Path) -> None:
    (tmp_path / "hwu.tsv").write_text("text\tintent\tannotated\nx\ty\tmail [person : ana ruiz] [date : today] please\n")
    (message,) = read_hwu(tmp_path / "hwu.tsv")
    assert message.text == "mail ana ruiz today please"
    assert [(message.text[a:b], label) for a, b, label in message.spans] == [("ana ruiz", "NAME"), ("today", "DATE")]
    (tmp_path / "dogo.tsv").write_text(
        "c\tn\tu\tutterance\tslot-labels\tintent\n"
        "1\t0\t-\tramn kyf 176 ok\tname booking_confirmation_number booking_confirmation_number O\tx\n"
        "1\t0\t-\ttwo words\tO\tx\n"
    )
    (turn,) = read_multidogo(tmp_path / "dogo.tsv")
    assert [(turn.text[a:b], label) for a, b, label in turn.spans] == [("ramn", "NAME"), ("kyf 176", "ORDER")]


def test_the_rules_find_what_has_a_known_form() -> None:
    text = "Hi Jonas, order W2204817 of 3 March 2025 shows PAY-409, EUR 42.10 taken. ana.ruiz@mail.example"
    told = {(text[start:end], label) for start, end, label in rule_spans(text)}
    assert {("W2204817", "ORDER"), ("3 March 2025", "DATE"), ("PAY-409", "CODE"), ("EUR 42.10", "AMOUNT")} <= told
    assert ("ana.ruiz@mail.example", "EMAIL") in told
    assert ("Jonas", "NAME") in told


def test_rows_of_one_length_go_together_and_none_is_lost(encoder: Encoder) -> None:
    import random

    from finetune.tagger import _rows

    rows = [row for message in made_messages(50, 3) for row in _rows(message, encoder, LABELS)]
    batches = batches_of(rows, 128, random.Random(0))
    assert sorted(place for batch in batches for place in batch) == list(range(len(rows)))
    assert all(
        len(batch) * max(len(rows[place].classes) for place in batch) <= 140 or len(batch) == 1 for batch in batches
    )


def test_stopping_stops_and_too_little_is_said(encoder: Encoder) -> None:
    with pytest.raises(Stopped):
        train_tagger(named(20), encoder, TaggerRecipe(first_trained=6), stopping=lambda: True)
    with pytest.raises(UserError) as told:
        train_tagger([Marked("nothing", ())] * 8, encoder)
    assert told.value.kind == "EMPTY"


def test_the_tally_counts_what_the_tagger_gives(encoder: Encoder) -> None:
    trained = train_tagger(named(40), encoder, TaggerRecipe(first_trained=6, epochs=10, head_rate=1e-2))
    report = report_of(tally_of(trained, [*named(4), Marked("all is fine", ())]), rounds=20)
    assert report.average("micro").f1 > 0.7
    assert report.accuracy.count == 5


def test_the_command_trains_reports_and_writes(tmp_path: Path) -> None:
    save_marked(named(40), tmp_path / "data.jsonl")
    arguments = ["--data", str(tmp_path / "data.jsonl"), "--made", "0", "--layers", "0", "--epochs", "8"]
    run = CliRunner().invoke(tagger, [*arguments, "--home", str(tmp_path), "--json"], catch_exceptions=False)
    told = json.loads(run.stdout)
    assert (told["learned"], told["asked"]) == (32, 8)
    assert told["before"] == 1.0
    folder = tmp_path / "heads" / "tagger"
    assert "| ORDER | 8 |" in (folder / "report.md").read_text()
    assert load_tagger(folder).config.scores["after"] == told["after"]


def test_the_command_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    run = CliRunner().invoke(tagger, ["--data", str(tmp_path / "none.jsonl"), "--home", str(tmp_path)])
    assert isinstance(run.exception, UserError)
    assert "none.jsonl" in run.exception.message
