"""The material as sets for one purpose each, in files a person can read: replies to choose from, decisions, screens."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from finetune.compare import drawn_beside
from finetune.deciders_stage import escalated_cases
from finetune.material import Material, Pair, masked
from finetune.measures import strangers
from index.conversation import Conversation
from index.passages import is_small_talk, resolution_messages
from index.sources import stored_conversations
from index.store import Store

SETS = ("selection", "decisions", "screens")
Rows = list[dict[str, Any]]


def sets_of(material: Material, store: Store, workspace: str, house: Sequence[str], strange: int, seed: int) -> dict[
    str, Rows
]:  # fmt: skip
    """Each set by its name, rows in the order of the material. `strange`: so many questions of other businesses."""
    parts = {"learn": material.learn, "check": material.check, "asked": material.asked}
    return {
        "selection": selection_of({name: parts[name] for name in ("check", "asked")}, seed),
        "decisions": decisions_of(material, parts, store, workspace, house, strange, seed),
        "screens": [_screen(pair, name) for name, pairs in parts.items() for pair in pairs if pair.pictures],
    }


def selection_of(parts: Mapping[str, Sequence[Pair]], seed: int) -> Rows:
    """For each question the conversation whose reply is right and those of the others it stands among, as the
    comparison draws them."""
    return [
        {"part": name, "id": pair.id, "question": pair.question,
         "among": [pairs[at].id for at in drawn_beside(row, len(pairs), seed)]}
        for name, pairs in parts.items() for row, pair in enumerate(pairs)
    ]  # fmt: skip


def decisions_of(
    material: Material, parts: Mapping[str, Sequence[Pair]], store: Store, workspace: str, house: Sequence[str],
    strange: int, seed: int,
) -> Rows:  # fmt: skip
    """What the team did about each question: answered it, asked back first, handed it over (not solved, or taken by a
    person); and questions of other businesses, which are out of scope. The intent is the team's tags."""
    asks = asked_back(stored_conversations(store, workspace))
    rows = [
        {"part": name, "id": pair.id, "question": pair.question, "intent": "/".join(pair.label),
         "decision": "ask" if pair.id in asks else "answer"}
        for name, pairs in parts.items() for pair in pairs
    ]  # fmt: skip
    taken = [each for each in escalated_cases(store, workspace, material) if each.label == "person"]
    rows += [
        {"part": "learn", "id": each.group, "question": masked(each.text, "", house)[0], "intent": "",
         "decision": "hand over"}
        for each in taken
    ]  # fmt: skip
    for name, split in (("learn", "train"), ("asked", "test")):
        rows += [
            {"part": name, "id": f"stranger {at}", "question": text, "intent": "", "decision": "out of scope"}
            for at, text in enumerate(strangers(material.known, strange, split, seed))
        ]
    return rows


def asked_back(tickets: Iterable[Conversation]) -> set[str]:
    """The tickets whose team asked a question before anything that solved it."""
    found = set()
    for ticket in tickets:
        fixes = set(resolution_messages(ticket, most=3))
        spoke = False
        for at, message in enumerate(ticket.messages):
            spoke = spoke or message.role == "customer"
            if message.role == "agent" and spoke and not is_small_talk(message.text):
                if at not in fixes and message.text.rstrip().endswith("?"):
                    found.add(ticket.id)
                break
    return found


def _screen(pair: Pair, part: str) -> dict[str, Any]:
    return {
        "part": part, "id": pair.id, "question": pair.question, "reply": pair.reply, "words": list(pair.screens),
        "pictures": list(pair.pictures),
    }  # fmt: skip


def keep_sets(sets: Mapping[str, Rows], folder: Path) -> dict[str, Any]:
    """A file of each set; how many rows there are of what, for the card."""
    told: dict[str, Any] = {}
    for name, rows in sets.items():
        lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, "utf-8", "surrogatepass")
        told[name] = dict(Counter(str(row.get("decision", row["part"])) for row in rows))
    return told
