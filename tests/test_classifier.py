"""The issue head learns, says how sure it is, is kept in a folder, and is trained from the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from embed_doubles import HashedWords

from agent.cli import deskside
from agent.vlm.heads import Asked, Classifier, IssueHead, load_classifier, parts_of, save_classifier
from finetune.cases import Case, by_tag, cases_hash, cases_of_tickets, enough, folds, read_cases
from finetune.classifier import (
    HeadRecipe,
    Stopped,
    asked_of,
    calibrated,
    class_weights,
    nearest_mean,
    nearest_name,
    predict_labels,
    spoken,
    sure_above,
    train,
    widths_of,
)
from index.conversation import Conversation, Message
from index.errors import UserError

WORDS = {
    "delivery": "parcel carrier late tracking courier address",
    "billing": "invoice charged refund card twice payment",
    "light": "hub lamp white blinking red dark",
}
EMBEDDER = HashedWords(48)
QUICK = HeadRecipe(epochs=12, patience=12, held_share=4, batch=64, rate=3e-2)


def cases(count: int, seed: int = 0, screen: bool = False) -> list[Case]:
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        label = list(WORDS)[number % 3]
        words = " ".join(rng.choice(WORDS[label].split(), 3))
        said = f"what is this {number}" if screen else f"{words} {number}"
        found.append(Case(said, label, words if screen else "", group=f"C{number}"))
    return found


def test_what_was_not_learned_is_told_from_the_words() -> None:
    learned, asked = cases(90), cases(60, seed=1)
    trained = train(learned, EMBEDDER, QUICK)
    parts = parts_of(asked_of(asked), EMBEDDER, trained.config.widths)
    right = [said == case.label for said, case in zip(predict_labels(trained, parts), asked, strict=True)]
    assert np.mean(right) > 0.95


def test_the_same_seed_gives_the_same_head_and_leaves_the_chance_of_others_alone() -> None:
    torch.manual_seed(7)
    first = train(cases(30), EMBEDDER, QUICK)
    drawn = torch.rand(1)
    torch.manual_seed(7)
    assert torch.equal(drawn, torch.rand(1))
    second = train(cases(30), EMBEDDER, QUICK)
    for one, two in zip(first.head.state_dict().values(), second.head.state_dict().values(), strict=True):
        assert torch.equal(one, two)


def test_the_screen_tells_what_the_question_does_not() -> None:
    learned, asked = cases(90, screen=True), cases(60, seed=1, screen=True)
    scores = {}
    for parts in (("text",), ("text", "screen")):
        trained = train(learned, EMBEDDER, replace(QUICK, parts=parts))
        seen = parts_of(asked_of(asked), EMBEDDER, trained.config.widths)
        scores[parts] = np.mean([x == case.label for x, case in zip(predict_labels(trained, seen), asked, strict=True)])
    assert scores["text",] < 0.6
    assert scores["text", "screen"] > 0.95


def test_pixels_alone_tell_and_a_missing_picture_does_no_harm() -> None:
    def pictured(count: int, seed: int) -> list[Case]:
        rng = np.random.default_rng(seed)
        found = []
        for case in cases(count, seed):
            colour = np.zeros(6, dtype=np.float32)
            colour[list(WORDS).index(case.label)] = 3
            vector = colour + rng.normal(0, 0.3, 6).astype(np.float32)
            found.append(replace(case, text=case.text if rng.random() < 0.5 else "", visual=vector))
        return found

    trained = train(pictured(120, 0), EMBEDDER, QUICK)
    ready = Classifier(trained.config, trained.head, EMBEDDER)
    vector = np.array([0, 3, 0, 0, 0, 0], dtype=np.float32)
    assert ready.predict([Asked("", visual=vector)])[0].label == "billing"
    assert ready.predict([Asked("parcel carrier late")])[0].label == "delivery"
    with pytest.raises(UserError, match="6") as told:
        ready.predict([Asked("", visual=np.zeros(5))])
    assert told.value.kind == "MISMATCH"


def test_a_folder_gives_back_the_same_predictions(tmp_path: Path) -> None:
    trained = train(cases(45), EMBEDDER, QUICK)
    config = replace(trained.config, scores={"after": 0.9})
    save_classifier(tmp_path / "head", config, trained.head, {"report.md": "told\n"})
    asked = asked_of(cases(9, seed=2))
    kept = load_classifier(tmp_path / "head", EMBEDDER)
    assert kept.config == config
    assert kept.predict(asked) == Classifier(config, trained.head, EMBEDDER).predict(asked)
    assert (tmp_path / "head" / "report.md").read_text() == "told\n"
    save_classifier(tmp_path / "head", config, trained.head)  # over the old one
    assert sorted(file.name for file in tmp_path.iterdir()) == ["head"]


def test_a_folder_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    trained = train(cases(30), EMBEDDER, QUICK)
    folder = tmp_path / "head"
    save_classifier(folder, trained.config, trained.head)
    with pytest.raises(UserError) as other:
        load_classifier(folder, HashedWords(64))
    assert other.value.kind == "MISMATCH"
    weights = folder / "head.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4])
    with pytest.raises(UserError) as cut:
        load_classifier(folder, EMBEDDER)
    assert cut.value.kind == "DAMAGED"
    with pytest.raises(UserError) as none:
        load_classifier(tmp_path, EMBEDDER)
    assert none.value.kind == "CONFIG"


def test_it_is_less_sure_where_several_issues_are_asked_at_once() -> None:
    trained = train(cases(120), EMBEDDER, QUICK)
    ready = Classifier(replace(trained.config, threshold=0.9), trained.head, EMBEDDER)
    known, mixed = ready.predict([Asked("parcel courier late tracking"), Asked("courier invoice hub white late twice")])
    assert known.sure
    assert not mixed.sure, mixed
    assert known.ranked[0] == (known.label, known.probability)
    assert sum(chance for _, chance in known.ranked) == pytest.approx(1, abs=1e-5)


def test_being_sure_keeps_the_wished_share_right() -> None:
    chances = torch.tensor([0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    right = torch.tensor([1, 1, 1, 1, 1, 0, 1, 0], dtype=torch.bool)
    assert sure_above(chances, right, 0.95) == pytest.approx(0.7)
    assert sure_above(chances, right, 0.8) == pytest.approx(0.5)
    assert sure_above(chances, torch.zeros(8, dtype=torch.bool), 0.8) == 1.0


def test_the_temperature_makes_chances_honest() -> None:
    """A head that is far too sure of itself while a third of it is wrong is cooled down."""
    trained = train(cases(60), EMBEDDER, QUICK)
    head = trained.head
    with torch.no_grad():
        head.words.weight.mul_(20)
    asked = cases(60, seed=3)
    parts = parts_of(asked_of(asked), EMBEDDER, trained.config.widths)
    truth = torch.tensor([trained.config.labels.index(case.label) for case in asked])
    truth[::3] = (truth[::3] + 1) % 3
    assert calibrated(head, parts, truth) > 3


def test_rare_labels_weigh_more() -> None:
    truth = torch.tensor([0] * 8 + [1] * 2)
    even, none = class_weights(truth, 2, 1.0), class_weights(truth, 2, 0.0)
    assert even[1] / even[0] == pytest.approx(4)
    assert float(even[truth].mean()) == pytest.approx(1)
    assert none.tolist() == [1, 1]


def test_a_head_begins_as_the_nearest_mean() -> None:
    found = cases(30)
    parts = parts_of(asked_of(found), EMBEDDER, {"text": 48, "screen": 48})
    labels = sorted(WORDS)
    wanted = [case.label for case in found]
    head = IssueHead({"text": 48, "screen": 48}, 3).eval()
    head.start(parts, torch.tensor([labels.index(label) for label in wanted]))
    said = [labels[place] for place in head(parts).argmax(dim=1).tolist()]
    assert said == nearest_mean(parts, parts, wanted, labels)


def test_names_and_means_need_no_training() -> None:
    found = cases(30)
    widths = widths_of(found, EMBEDDER, ("text", "screen", "visual"))
    assert widths == {"text": 48}
    parts = parts_of(asked_of(found), EMBEDDER, widths)
    labels = sorted(WORDS)
    means = nearest_mean(parts, parts, [case.label for case in found], labels)
    assert np.mean([said == case.label for said, case in zip(means, found, strict=True)]) > 0.9
    named = parts_of([Asked("about my delivery"), Asked("the light")], EMBEDDER, widths)
    assert nearest_name(named, labels, EMBEDDER) == ["delivery", "light"]
    assert spoken("card_arrival/lateParcel") == "card arrival late parcel"


def test_a_customer_is_on_one_side_of_a_split_and_so_is_a_repeated_question() -> None:
    found = [replace(case, group=f"C{number // 4}") for number, case in enumerate(cases(60))]
    found += [Case("the very same question", "billing")] * 5
    for learn, held in folds(found, 5):
        assert sorted(learn + held) == list(range(len(found)))
        assert not {found[place].group or found[place].text for place in learn} & {
            found[place].group or found[place].text for place in held
        }


def test_labels_with_hardly_any_cases_are_named_and_left_out() -> None:
    kept, rare = enough([*cases(12), Case("one", "odd")], 2)
    assert rare == ["odd"]
    assert len(kept) == 12


def test_tickets_become_cases_by_their_tags() -> None:
    sha = "a" * 64
    ticket = Conversation(
        "T-1",
        (
            Message("note", "internal"),
            Message("customer", "Lamp is white", pictures=(sha,)),
            Message("customer", "still"),
            Message("agent", "Which one?"),
            Message("customer", "the answer comes later"),
        ),
        tags=("devices", "hub"),
        customer_id="C-1",
    )
    found = cases_of_tickets(
        [ticket, Conversation("T-2", ticket.messages)], by_tag(2), lambda key: "E-12" * (key == sha)
    )
    assert found == [Case("Lamp is white\nstill", "devices/hub", "E-12", group="C-1")]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "a.jsonl",
            '{"question": "Late?", "issue": "delivery", "screen": "E-1"}\n\n',
            Case("Late?", "delivery", "E-1"),
        ),
        ("a.csv", 'text,category\n"One, two",billing\n', Case("One, two", "billing")),
        ("a.tsv", 'text\tintent\tmore\nhe said "no\tlight\tx\n', Case('he said "no', "light")),
    ],
)
def test_files_with_the_usual_names_are_read(tmp_path: Path, name: str, text: str, expected: Case) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_cases(tmp_path / name) == [expected]


@pytest.mark.parametrize(
    ("name", "text", "kind", "line"),
    [
        ("a.jsonl", '{"text": "x", "label": "y"}\nnot json\n', "SCHEMA", 2),
        ("a.jsonl", '{"text": "x"}\n', "SCHEMA", 1),
        ("a.csv", "text,label\nx,\n", "SCHEMA", 2),
        ("a.jsonl", "\n", "EMPTY", None),
    ],
)
def test_a_bad_file_is_told_with_its_line(tmp_path: Path, name: str, text: str, kind: str, line: int | None) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as told:
        read_cases(tmp_path / name)
    assert (told.value.kind, told.value.line) == (kind, line)


def test_the_hash_knows_the_cases_in_any_order() -> None:
    found = cases(6)
    assert cases_hash(found) == cases_hash(found[::-1]) != cases_hash(found[1:])


def test_stopping_stops_and_too_little_is_said() -> None:
    with pytest.raises(Stopped):
        train(cases(30), EMBEDDER, QUICK, stopping=lambda: True)
    with pytest.raises(UserError) as told:
        train([Case("a", "x"), Case("b", "x")], EMBEDDER, QUICK)
    assert told.value.kind == "EMPTY"


def _written(file: Path, found: list[Case]) -> Path:
    rows = [json.dumps({"text": case.text, "label": case.label, "screen": case.screen}) for case in found]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def test_the_command_trains_reports_and_writes(tmp_path: Path) -> None:
    data, test = _written(tmp_path / "data.jsonl", cases(60)), _written(tmp_path / "test.jsonl", cases(30, seed=1))
    out = tmp_path / "head"
    arguments = ["--data", str(data), "--test", str(test), "--out", str(out), "--epochs", "20", "--home", str(tmp_path)]
    run = CliRunner().invoke(deskside, ["finetune", "classifier", *arguments, "--json"], catch_exceptions=False)
    told = json.loads(run.stdout)
    assert run.exit_code == 0
    assert told["after"] > 0.9
    assert (told["learned"], told["asked"]) == (60, 30)
    assert "| delivery | 10 |" in (out / "report.md").read_text()
    assert json.loads((out / "report.json").read_text())["after"]["accuracy"]["count"] == 30

    from index.embed import load_embedder

    ready = load_classifier(out, load_embedder())
    assert ready.config.scores["after"] == told["after"]
    assert ready.predict([Asked("parcel courier late")])[0].label == "delivery"


def test_without_a_test_a_fifth_is_kept_back_and_the_table_is_printed(tmp_path: Path) -> None:
    data = _written(tmp_path / "data.jsonl", [*cases(60), Case("odd", "rare")])
    arguments = ["--data", str(data), "--epochs", "5", "--home", str(tmp_path)]
    run = CliRunner().invoke(deskside, ["finetune", "classifier", *arguments], catch_exceptions=False)
    assert "n = 12" in run.stdout
    assert "Left out, with fewer than 4 cases each: rare" in run.stderr
    assert (tmp_path / "heads" / "classifier" / "config.json").is_file()


def test_a_store_without_tags_says_what_to_give(tmp_path: Path) -> None:
    run = CliRunner().invoke(deskside, ["finetune", "classifier", "--home", str(tmp_path), "--by", "tags"])
    assert isinstance(run.exception, UserError)
    assert "--data" in run.exception.message
