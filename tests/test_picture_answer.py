"""A question about the picture is read off the picture: what it holds is said, what it does not hold never."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from agent.desk import Wishes
from agent.events import Checked, Decided, Ended
from agent.picture_answer import as_held, is_absent, is_held, load_aim
from index.errors import UserError
from index.store import Store
from tests.desk_doubles import Shop, make_shop, open_shop
from tests.doubles import ScriptedModel

ORDER = "Order no.: A-4711\nTotal: €42.10\nStatus: Delivered"


@pytest.fixture
def store(own_home: Path) -> Iterator[Store]:
    store = open_shop(own_home)
    yield store
    store.close()


def shop_that_reads(
    store: Store, *answers: str, aim: float = 0.9, writes: str = "auto", sureness: float | None = None
) -> Shop:
    model = ScriptedModel(*answers, sureness=sureness)
    return make_shop(store, model, Wishes(caution=0.1, writes=writes), lambda question: aim)


def test_a_value_is_read_and_said_without_a_citation(store: Store) -> None:
    shop = shop_that_reads(store, "A-4711")
    ended = shop.ended("Which order number is on it?", ORDER)
    assert (ended.decision.act, ended.decision.rule) == ("read", "picture.asked")
    assert ended.answer == "On your picture: A-4711"
    assert ended.citations == ()
    assert shop.kept(ended)["answer"] == ended.answer


def test_the_model_is_told_what_stands_beside_the_things_a_question_names(store: Store) -> None:
    model = ScriptedModel("Delivered")
    shop = make_shop(store, model, Wishes(caution=0.1, writes="auto"), lambda question: 0.9)
    ended = shop.ended("What does it say about the total?", "Order A-4711\nTotal\nDelivered")
    assert ended.answer == "On your picture: Delivered"
    asked = model.prompts[-1][-1].text
    assert asked.endswith('about the total?\n["Total": below "Delivered", above "Order A-4711"]')


def test_a_question_for_a_neighbour_is_answered_without_the_model(store: Store) -> None:
    model = ScriptedModel("something else")
    shop = make_shop(store, model, Wishes(caution=0.1, writes="auto"), lambda question: 0.9)
    ended = shop.ended("What stands right below Total?", "Order A-4711\nTotal\nDelivered")
    assert ended.answer == "On your picture: Delivered"
    assert not model.prompts


def test_what_was_read_in_doubt_is_said_in_doubt(store: Store) -> None:
    asked = "Which order number is on it?"
    assert shop_that_reads(store, "A-4711", sureness=0.93).ended(asked, ORDER).answer == "On your picture: A-4711"
    doubtful = shop_that_reads(store, "A-4711", sureness=0.6).ended(asked, ORDER).answer
    assert "A-4711" in doubtful
    assert "check it" in doubtful
    assert "A-4711" not in shop_that_reads(store, "A-4711", sureness=0.2).ended(asked, ORDER).answer


@pytest.mark.parametrize(
    ("draft", "invented"),
    [("Not shown.", False), ("", False), ("B-9999", True), ("Your card was stolen, call +44 20 1234", True)],
)
def test_what_the_picture_does_not_hold_is_never_said(store: Store, draft: str, invented: bool) -> None:
    shop = shop_that_reads(store, draft)
    events = shop.ask("Which order number is on it?", ORDER)
    assert events[-1].answer == "I do not see that surely enough on your picture."  # type: ignore[union-attr]
    (checked,) = [event for event in events if isinstance(event, Checked)]
    assert checked.unsupported == ((draft,) if invented else ())


def test_what_the_picture_does_not_show_but_the_shelf_knows_is_answered_from_the_shelf(store: Store) -> None:
    shop = shop_that_reads(store, "Not shown.")
    events = shop.ask("How long does a refund take?", ORDER)
    assert [event.decision.act for event in events if isinstance(event, Decided)] == ["read", "generate"]
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert ended.decision.act == "generate"
    assert ended.citations


def test_what_was_read_in_doubt_gives_way_to_a_shelf_that_is_sure(store: Store) -> None:
    asked = "How long does a refund take?"
    assert shop_that_reads(store, "Delivered", sureness=0.6).ended(asked, ORDER).decision.act == "generate"
    assert shop_that_reads(store, "Delivered", sureness=0.95).ended(asked, ORDER).decision.act == "read"
    unknown = "What is the colour of the order?"
    assert shop_that_reads(store, "Delivered", sureness=0.6).ended(unknown, ORDER).decision.act == "read"


def test_a_support_question_goes_to_the_shelf_though_a_picture_is_there(store: Store) -> None:
    assert shop_that_reads(store, "A-4711", aim=0.1).ended("Is water damage covered?", ORDER).decision.act != "read"


def test_without_a_picture_or_a_model_that_may_write_nothing_is_read(store: Store) -> None:
    assert shop_that_reads(store, "A-4711").ended("Which order number is on it?").decision.act != "read"
    assert shop_that_reads(store, "A-4711", writes="never").ended("Which number?", ORDER).decision.act != "read"
    no_model = make_shop(store, None, Wishes(caution=0.1), lambda question: 0.9)
    assert no_model.ended("Which order number is on it?", ORDER).decision.act != "read"


def test_a_follow_up_reads_the_picture_of_the_question_before(store: Store) -> None:
    shop = shop_that_reads(store, "A-4711", "€42.10")
    first = shop.ended("Which order number is on it?", ORDER)
    second = shop.ended("And the total on it?", chat=first.conversation_id)
    assert second.answer == "On your picture: €42.10"


def test_asking_for_a_person_comes_before_reading(store: Store) -> None:
    assert shop_that_reads(store, "A-4711").ended("I want a person", ORDER).decision.act == "handover"


@pytest.mark.parametrize(
    ("answer", "held"),
    [
        ("€42.10", True),
        ("€42.11", False),
        ("A-4711; Delivered", True),
        ("A-4711; Lost", False),
        ("Wi-Fi", True),
        ("Yes", True),
        ("On", True),
        ("2", True),
        ("4712", False),
        ("red", True),
        ("green", False),
        ("70%", True),
        ("none", True),
    ],
)
def test_held_means_it_stands_there_or_is_a_plain_yes_or_count(answer: str, held: bool) -> None:
    text = f'{ORDER}\n[switch "Wi-Fi": on]\n[lamp "LAN": red]\n[slider "Volume": 70%]'
    assert is_held(answer, [text]) is held


@pytest.mark.parametrize(
    ("answer", "put_right"),
    [
        ("https://api.example.com/highlighted/odata/v2", "https://api.example.com/highway/odata/v2"),
        ("Unable to conect to the server.", "Unable to connect to the server."),
        ("Something entirely different", "Something entirely different"),
        ("A-4712", "A-4712"),
        ("https://api.example.com/highway/odata/v2", "https://api.example.com/highway/odata/v2"),
    ],
)
def test_a_slip_in_copying_is_put_right_and_nothing_else(answer: str, put_right: str) -> None:
    text = "URL: https://api.example.com/highway/odata/v2\nUnable to connect to the server.\nOrder: A-4711"
    assert as_held(answer, [text]) == put_right


def test_absent_is_said_in_one_way() -> None:
    assert is_absent("Not shown.")
    assert is_absent(" not shown ")
    assert not is_absent("Not shown on page 2")


def test_an_aim_is_loaded_for_its_own_embedder_only(tmp_path: Path) -> None:
    file = tmp_path / "aim.json"
    assert load_aim(file, "minilm") is None
    file.write_text(json.dumps({"weights": [1.0, -1.0], "bias": 0.5, "embedder": "minilm"}))
    aim = load_aim(file, "minilm")
    assert aim is not None
    assert aim.share(np.array([3.0, 0.0])) > 0.9 > 0.1 > aim.share(np.array([0.0, 3.0]))
    assert load_aim(file, "other") is None
    file.write_text('{"weights": [1.0')
    with pytest.raises(UserError) as caught:
        load_aim(file, "minilm")
    assert caught.value.kind == "DAMAGED"
