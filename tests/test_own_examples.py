"""Examples from your own tickets: real distractors, answers that stand in what they cite, both splits apart."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from desk_doubles import WORKSPACE, fill, minilm, open_shop, picture, searcher, ticket

from agent.evidence import Evidence, Library
from agent.sentences import split_sentences
from finetune import example_commands
from finetune.datasets import in_split
from finetune.example_commands import examples
from finetune.examples import Example, load_examples
from finetune.grounded import ABSENT
from finetune.own import Solved, answer_from, is_foreign, own_examples, sayable
from index.conversation import Conversation, Message
from index.errors import UserError
from index.search import Query
from index.sources import keep_picture
from index.store import Store, open_store

SCREEN = picture("Thermostat\nError E-41\nBatteries empty")


def again(source: Conversation, source_id: str, question: str, customer: str) -> Conversation:
    """The same fix, asked by somebody else in other words."""
    first = replace(source.messages[0], text=question)
    return replace(source, id=source_id, messages=(first, *source.messages[1:]), customer_id=customer)


HUB = ticket(
    "T-8000", "White hub", "My hub only shows a white light, no matter what I do.",
    "The hub found no network. Use a LAN port of the router. Hold reset for 10 seconds until it blinks white, then "
    "add it again in the app.", "ok",
)  # fmt: skip
SHOWN = ticket(
    "T-8100", "This", "What is this?", "E-41 means empty batteries. Put in 2 fresh AA batteries, never rechargeable "
    "ones.", "thanks", pictures=[SCREEN.sha256],
)  # fmt: skip
UNKNOWN = ticket(
    "T-8200", "Bicycle", "My bicycle chain squeaks terribly whenever it rains, what now?",
    "Oil the chain with two drops behind the crank and wipe the surplus away with an old rag.", "thanks",
)  # fmt: skip
MORE = (
    *(again(HUB, f"T-80{at:02}", f"{opener} my hub only shows a white light.", f"C-{at}") for at, opener in enumerate(
        ("Since Monday", "After a storm", "In the cellar", "At grandma's", "Behind the sofa", "On holiday"), 1)),
    again(HUB, "T-8050", "Since Monday: my hub only shows a white light!", "C-50"),
    *(again(HUB, f"T-806{at}", f"In {room} the hub has a white light and no network.", "C-60") for at, room in
      enumerate(("spring", "summer", "autumn", "winter", "February"))),
    SHOWN,
    UNKNOWN,
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    shop = open_shop(tmp_path_factory.mktemp("own") / "home")
    keep_picture(shop, SCREEN)
    fill(shop, WORKSPACE, MORE)
    shop.pictures.mkdir(exist_ok=True)
    (shop.pictures / f"{SCREEN.sha256}.png").write_bytes(b"png")
    yield shop
    shop.close()


def made(store: Store, split: str, **more: object) -> tuple[list[Example], dict[str, int]]:
    library = Library(store, WORKSPACE, minilm())
    return own_examples(searcher(store), library, store, WORKSPACE, split, beside=store.home, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def both(store: Store) -> dict[str, tuple[list[Example], dict[str, int]]]:
    return {split: made(store, split) for split in ("train", "test")}


@pytest.fixture(scope="module")
def every(both: dict[str, tuple[list[Example], dict[str, int]]]) -> list[Example]:
    found = [*both["train"][0], *both["test"][0]]
    assert len(found) >= 8
    return found


def source_of(example: Example) -> str:
    return example.id.removeprefix("own-")


def test_a_ticket_is_never_its_own_passage(store: Store, every: list[Example]) -> None:
    sql = (
        "SELECT coalesce(c.source_id, a.source_id) AS source_id FROM passages p LEFT JOIN conversations c"
        " ON c.id = p.conversation_id LEFT JOIN articles a ON a.id = p.article_id WHERE p.workspace = ? AND p.text = ?"
    )
    for example in every:
        for _, text in example.passages:
            assert {row["source_id"] for row in store.rows(sql, [WORKSPACE, text])} - {source_of(example)}
    found = searcher(store)
    first = [found.search(Query(each.asks[0].question), 1)[0].source_id for each in every]
    assert sum(source_of(each) == best for each, best in zip(every, first, strict=True)) > len(every) / 2


def test_every_sentence_stands_in_the_passage_it_cites(every: list[Example]) -> None:
    answered = [(each, ask) for each in every for ask in each.asks if ask.answer != ABSENT]
    assert answered
    for example, ask in answered:
        said, _, number = ask.answer.removesuffix(".").removesuffix("]").rpartition(" [")
        stands = " ".join(example.passages[int(number) - 1][1].lower().split())
        for sentence in split_sentences(said):
            assert sentence.lower().rstrip(".") in stands


def test_the_same_question_is_learned_once(every: list[Example]) -> None:
    ids = [source_of(each) for each in every]
    assert len(ids) == len(set(ids))
    assert "T-8050" not in ids


def test_unsolved_tickets_are_left_out_and_counted(both: dict[str, tuple[list[Example], dict[str, int]]]) -> None:
    for found, dropped in both.values():
        assert not {source_of(each) for each in found} & {"T-1003", "T-2003"}
        assert dropped["not resolved"] == 2


def test_a_customer_is_on_one_side_and_not_too_often(
    both: dict[str, tuple[list[Example], dict[str, int]]], store: Store
) -> None:
    side = "train" if in_split("own C-60", "train") else "test"
    other = "test" if side == "train" else "train"
    there = [each for each in both[side][0] if source_of(each).startswith("T-806")]
    assert 1 <= len(there) <= 3
    assert not [each for each in both[other][0] if source_of(each).startswith("T-806")]
    assert both[side][1]["enough of this customer"] == 2
    assert len([each for each in made(store, side, most_per_customer=1)[0] if source_of(each)[:5] == "T-806"]) == 1


def test_training_never_shows_a_ticket_of_the_test(
    both: dict[str, tuple[list[Example], dict[str, int]]], store: Store
) -> None:
    train, test = ({source_of(each) for each in both[split][0]} for split in ("train", "test"))
    assert train
    assert test
    assert not train & test
    fixes = {
        said.text
        for each in store.rows("SELECT source_id FROM conversations WHERE workspace = ?", [WORKSPACE])
        if in_split(f"own {each['source_id']}", "test") and each["source_id"].startswith("T-1")
        for said in _messages(store, each["source_id"])
    }
    assert not any(text in fixes for each in both["train"][0] for _, text in each.passages)


def _messages(store: Store, source_id: str) -> list[Message]:
    from index.sources import load_source

    found = load_source(store, WORKSPACE, source_id)
    assert isinstance(found, Conversation)
    return [said for said in found.messages if said.role == "agent"]


def test_a_screenshot_comes_with_its_words_and_its_file(store: Store, every: list[Example]) -> None:
    (example,) = (each for each in every if source_of(each) == "T-8100")
    assert "E-41" in example.screens[0]
    assert (store.home / example.pictures[0]).is_file()
    assert "batteries" in example.asks[0].answer.lower()


def test_what_nothing_answers_is_absent_and_only_a_share(every: list[Example]) -> None:
    absent = [ask for each in every for ask in each.asks if ask.kind == "absent"]
    assert len(absent) <= 0.2 * len(every)
    assert all(ask.answer == ABSENT for ask in absent)


def solved(question: str, reply: str) -> Solved:
    return Solved("T-1", "C-1", question, (), reply)


def passage(text: str, kind: str = "article", title: str = "") -> Evidence:
    return Evidence("KB-1", kind, 1, "section", title, text, (1, 1), 0.5)


def test_other_figures_or_the_opposite_support_nothing() -> None:
    asked = "How long must I hold the button?"
    reply = "Please hold the reset button for 10 seconds until the light blinks white, never longer than that."
    right = "Hold the reset button for 10 seconds until the light blinks white."
    assert answer_from(solved(asked, reply), [passage("No.\n"), passage(right)]) == f"{right[:-1]} [2]."
    assert answer_from(solved(asked, reply), [passage(right.replace("10", "30"))]) == ""
    assert answer_from(solved(asked, reply), [passage(right.replace("Hold", "Do not hold"))]) == ""


def test_a_sentence_that_hangs_on_another_is_not_said_alone() -> None:
    text = "Open the settings of the router. Switch it off. The way | the days. Otherwise call the shop on Monday."
    assert sayable(text, "article") == [
        "Open the settings of the router.",
        "Open the settings of the router. Switch it off.",
    ]
    assert sayable("Allow *.wren.example on the **whole** port list.", "article") == [
        "Allow *.wren.example on the whole port list."
    ]


def test_a_passage_with_the_same_code_or_menu_is_not_beside_the_matter() -> None:
    asked = solved("The radiator is cold: E-40!", "Start Devices > Thermo > Calibrate valve and wait.")
    assert is_foreign(asked, passage("Parcels travel two to four working days."))
    assert not is_foreign(asked, passage("Parcels with E40 travel two to four working days."))
    assert not is_foreign(asked, passage("Choose Devices > Thermo > Calibrate valve."))


def test_the_command_writes_what_can_be_learned_from(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "own.jsonl"
    arguments = ["--home", str(store.home), "-w", WORKSPACE, "--out", str(out), "--screens", "3", "--topics", "4"]
    run = CliRunner().invoke(examples, [*arguments, "--json"], catch_exceptions=False)
    assert run.exit_code == 0
    told = json.loads(run.stdout)
    found = list(load_examples(out))
    assert told["sources"]["own"] == len([each for each in found if each.source == "own"]) > 3
    assert len(found) == sum(told["sources"].values()) == told["sources"]["own"] + 7
    assert sum(told["kinds"].values()) == sum(len(each.asks) for each in found)
    papers = json.loads((out.parent / "own.card.json").read_text())
    assert papers["dropped"]["not resolved"] == 2
    assert sorted(path.name for path in out.parent.iterdir()) == ["own.card.json", "own.jsonl"]
    shown = next(each for each in found if each.pictures and each.source == "own")
    assert (out.parent / shown.pictures[0]).is_file()
    plain = CliRunner().invoke(examples, [*arguments, "--no-own"], catch_exceptions=False)
    assert plain.stdout.startswith("7 examples (")
    assert "own" not in json.loads((out.parent / "own.card.json").read_text())["sources"]


def test_an_empty_workspace_says_what_to_do(tmp_path: Path) -> None:
    open_store(tmp_path / "home").close()
    out = tmp_path / "own.jsonl"
    arguments = ["--home", str(tmp_path / "home"), "--out", str(out)]
    run = CliRunner().invoke(examples, arguments)
    assert isinstance(run.exception, UserError)
    assert "deskside import" in run.exception.message
    assert not out.exists()
    run = CliRunner().invoke(examples, [*arguments, "--topics", "2"], catch_exceptions=False)
    assert "no solved ticket" in run.stderr
    assert len(list(load_examples(out))) == 2
    for wrong in (["--no-own"], ["--datasets", str(tmp_path / "none")]):
        assert isinstance(CliRunner().invoke(examples, [*arguments, *wrong]).exception, UserError)


def test_a_stop_leaves_the_file_from_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "made.jsonl"
    out.write_text("before\n")

    def stopped(made: Iterator[Example], *_: object) -> Iterator[Example]:
        yield next(made)
        raise KeyboardInterrupt

    monkeypatch.setattr(example_commands, "_counted", stopped)
    run = CliRunner().invoke(examples, ["--no-own", "--topics", "5", "--out", str(out)])
    assert run.exit_code != 0
    assert out.read_text() == "before\n"
    assert [path.name for path in tmp_path.iterdir()] == ["made.jsonl"]


def test_the_same_shop_gives_the_same_examples(
    store: Store, both: dict[str, tuple[list[Example], dict[str, int]]]
) -> None:
    random.seed(99)
    assert made(store, "test") == both["test"]
