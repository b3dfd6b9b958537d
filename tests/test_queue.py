"""A promised hand-over waits where a person finds it, until a person closes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.commands.handing import handovers
from agent.events import Decision, Ended
from agent.journal import Journal
from agent.queue import close, waiting
from index.errors import UserError
from index.store import Store, open_store


@pytest.fixture
def store(own_home: Path) -> Store:
    store = open_store(own_home)
    asked = (("handover", "Where is my parcel?"), ("case", "White light?"), ("handover", "A person please"))
    for act, question in asked:
        decision = Decision(act, "because", "rule", 0.2)  # type: ignore[arg-type]
        ended = Ended(0, f"chat-{question[:5]}", "An answer", decision, (), (), (), {"end": 0.1}, "v1")
        Journal(store, "default").keep_turn(question, ended)
    return store


def test_only_promised_ones_wait_and_closed_ones_leave(store: Store) -> None:
    rows = waiting(store, "default")
    assert [row["question"] for row in rows] == ["Where is my parcel?", "A person please"]
    assert close(store, "default", rows[0]["id"])
    assert not close(store, "default", rows[0]["id"])
    assert [row["question"] for row in waiting(store, "default")] == ["A person please"]
    assert len(waiting(store, "default", all_states=True)) == 2


def test_another_workspace_sees_and_closes_nothing(store: Store) -> None:
    assert waiting(store, "other") == []
    assert not close(store, "other", waiting(store, "default")[0]["id"])


def test_the_commands_list_show_and_close(store: Store) -> None:
    run = CliRunner().invoke
    assert "Where is my parcel?" in run(handovers, ["list"]).output
    assert "Customer: Where is my parcel?" in run(handovers, ["show", "1"]).output
    assert "closed" in run(handovers, ["close", "1"]).output
    assert "Where is my parcel?" not in run(handovers, ["list"]).output
    unknown = run(handovers, ["close", "99"])
    assert isinstance(unknown.exception, UserError)
