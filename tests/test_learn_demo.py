"""`make learn-demo`: before and after on the later half, the same numbers every time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.learn_demo import run
from tests.learn_doubles import small_embedder, tickets


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_demo_prints_the_same_figures_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKSIDE_EMBEDDER", str(small_embedder(tmp_path / "small")))
    shop = tmp_path / "shop"
    (shop / "articles").mkdir(parents=True)
    (shop / "articles" / "hours.md").write_text("# Opening hours\n\nWe answer from 9 to 5, Monday to Friday.\n")
    rows = [
        {
            "id": each.id, "opened_at": each.opened_at, "outcome": each.outcome, "subject": each.subject,
            "customer": {"id": each.customer_id}, "tags": list(each.tags),
            "messages": [{"role": one.role, "text": one.text} for one in each.messages],
        }
        for each in tickets()
    ]  # fmt: skip
    (shop / "tickets.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    said: list[str] = []
    one = run(tmp_path / "home", ("turn",), said.append, shop)
    assert {"hit@5", "choice@1", "answered"} <= set(one)
    assert said[0].startswith("figure")
    assert run(tmp_path / "home", ("turn",), said.append, shop) == one
