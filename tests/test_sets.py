"""The material by purpose: what a question's reply stands among, what the team did, screens; counted on the card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finetune.compare import drawn_beside
from finetune.loop import learn
from finetune.sets import asked_back
from finetune.stages import LearnRecipe
from index.conversation import Conversation, Message
from index.store import Store
from tests.learn_doubles import small_settings, stocked


def ticket(name: str, *said: tuple[str, str], outcome: str = "resolved") -> Conversation:
    messages = tuple(Message(role, text) for role, text in said)  # type: ignore[arg-type]
    return Conversation(name, messages, "2025-01-03T10:00:00Z", outcome, name, f"C-{name}", tags=("hub", "x"))  # type: ignore[arg-type]


ASKED = ticket(
    "A-1", ("customer", "My hub is dark since the move."), ("agent", "Which colour had its light before?"),
    ("customer", "Red."), ("agent", "Hold the round button for 9 seconds, then plug the hub into the wall socket."),
)  # fmt: skip
TOLD = ticket(
    "A-2", ("customer", "My hub is dark, write to me at kim@example.org"),
    ("agent", "Hold the round button for 9 seconds, then plug it into the wall. Does it blink now?"),
)  # fmt: skip


def test_a_team_that_asks_before_it_answers_asked_back() -> None:
    greeted = ticket("A-3", ("agent", "How can I help?"), *((each.role, each.text) for each in TOLD.messages))
    assert asked_back([ASKED, TOLD, greeted]) == {"A-1"}


@pytest.mark.timeout(300)
def test_each_set_is_a_file_and_the_card_counts_it(own_home: Path, tmp_path: Path) -> None:
    unsolved = [
        ticket(f"U-{at}", ("customer", f"Lamp {at} hums, mail kim{at}@example.org"), ("agent", "Hm."),
               outcome="unresolved") for at in range(3)
    ]  # fmt: skip
    store: Store = stocked(own_home, [ASKED, *unsolved], customers=3)
    settings = small_settings(own_home, tmp_path)
    folder = learn(store, settings, LearnRecipe(held_out=0.3, strangers=20), stages=("material",)).folder / "material"
    card = json.loads((folder / "card.json").read_text())
    rows = {name: [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
            for name in ("selection", "decisions", "screens")}  # fmt: skip
    did = [row["decision"] for row in rows["decisions"]]
    assert card["sets"]["decisions"] == {each: did.count(each) for each in dict.fromkeys(did)}
    assert card["sets"]["decisions"]["ask"] == 1
    assert card["sets"]["decisions"]["hand over"] == 3
    assert card["sets"]["decisions"]["out of scope"] >= 20
    assert not any("@example.org" in row["question"] for row in rows["decisions"])
    asked = [json.loads(line)["id"] for line in (folder / "asked.jsonl").read_text().splitlines()]
    chosen = [row for row in rows["selection"] if row["part"] == "asked"]
    assert [row["id"] for row in chosen] == asked
    assert chosen[0]["among"] == [asked[at] for at in drawn_beside(0, len(asked), 0)]
    assert all(row["id"] not in row["among"] for row in rows["selection"])
    assert rows["screens"] == []  # nobody sent a picture
    assert card["sets"]["preferences"] == card["preferences"] == 0
