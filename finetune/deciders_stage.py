"""The deciders' stage of a run: what the workspace's own tickets say about intents, strangers and hand-overs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agent.deciders import save_deciders
from finetune.cases import Case, cases_of_tickets
from finetune.deciders import LEAST_CASES, DecidersRecipe, Lot, Trained, intent_among, intents_of, train_deciders
from finetune.material import Material, Pair
from index.conversation import Conversation
from index.embed import Embedder
from index.sources import picture_words, stored_conversations
from index.store import Store

LEAST_INTENTS = 2
NOT_SOLVED = ("unresolved", "reopened")


@dataclass(frozen=True)
class Outcome:
    """What the stage brought: whether heads were written, and what is to be known of them."""

    written: bool
    notes: tuple[str, ...]
    scores: dict[str, Any]


def learn_deciders(
    store: Store, workspace: str, material: Material, embedder: Embedder, strangers: Sequence[str], folder: Path,
    recipe: DecidersRecipe = DecidersRecipe(), *, stopping: Callable[[], bool] = lambda: False,
) -> Outcome:  # fmt: skip
    """Heads over this embedder in `folder`, from the earlier questions; none where fewer than two intents have enough
    of them. The same material gives the same heads."""
    cases = learned_cases(material)
    labels = sorted({case.label for case in cases})
    if len(labels) < LEAST_INTENTS:
        why = f"no intents: {len(labels)} of the team's tags have {LEAST_CASES} questions or more"
        return Outcome(False, (why,), {})
    learn, check = Lot.of(cases, embedder), Lot.of(checked_cases(material, labels), embedder)
    foreign = Lot.of([Case(text, "") for text in strangers], embedder).vectors
    escalated = Lot.of(escalated_cases(store, workspace, material), embedder)
    trained = train_deciders(learn, check, foreign, escalated, embedder, recipe, stopping=stopping)
    save_deciders(folder, trained.config, trained.heads)
    return Outcome(True, trained.notes, {**trained.config.scores, **thresholds(trained)})


def thresholds(trained: Trained) -> dict[str, Any]:
    """From which probability each head counts; None where there is no such head."""
    config = trained.config
    lines = {"outside": config.outside, "escalate": config.escalate}
    found = {f"{name} from": None if line is None else round(line.threshold, 4) for name, line in lines.items()}
    return {"named from": round(config.sure, 4), **found}


def learned_cases(material: Material) -> list[Case]:
    """The questions that heads learn, with an intent each; what has none is left out."""
    labels = intents_of([pair.label for pair in material.learn])
    return [case_of(pair, label) for pair, label in zip(material.learn, labels, strict=True) if label]


def checked_cases(material: Material, labels: Sequence[str]) -> list[Case]:
    """The later questions that thresholds are read off, of the intents that were learned."""
    found = [case_of(pair, intent_among(pair.label, labels)) for pair in material.check]
    return [case for case in found if case.label]


def case_of(pair: Pair, label: str) -> Case:
    """A pair as a head sees it."""
    return Case(pair.question, label, "\n".join(pair.screens), None, pair.customer or pair.id)


def escalated_cases(store: Store, workspace: str, material: Material) -> list[Case]:
    """Earlier questions: "person" for tickets that were not solved and chats that a person took, "" for the solved.
    Nothing of a customer who is asked later, and nothing as late."""
    taken = _taken(store, workspace)
    later = {pair.customer for pair in material.asked}
    from_then = min((pair.opened_at for pair in material.asked if pair.opened_at), default="")

    def fate(ticket: Conversation) -> str:
        opened = ticket.opened_at or ""
        if (ticket.customer_id or ticket.id) in later or (from_then and opened >= from_then):
            return ""
        return "person" if ticket.outcome in NOT_SOLVED or ticket.id in taken else ""

    tickets = stored_conversations(store, workspace)
    found = cases_of_tickets(tickets, fate, lambda sha: picture_words(store, sha))
    return [*found, *(case_of(pair, "") for pair in (*material.learn, *material.check))]


def _taken(store: Store, workspace: str) -> set[str]:
    """Chats that a person took over though nobody had asked for one."""
    sql = (
        "SELECT DISTINCT c.source_id FROM handovers h JOIN conversations c ON c.id = h.conversation_id"
        " WHERE c.workspace = ? AND h.rule NOT IN ('person.asked', 'house.words') AND EXISTS"
        " (SELECT 1 FROM handover_steps s WHERE s.handover_id = h.id AND s.to_state = 'claimed')"
    )
    return {row["source_id"] for row in store.rows(sql, [workspace])}


def wanted_intents(pairs: Sequence[Pair], labels: Sequence[str]) -> list[str]:
    """The intent of each by its team's tags; "" where it is none of those known."""
    return [intent_among(pair.label, labels) for pair in pairs]


def names_of(labels: Sequence[str], embedder: Embedder) -> Callable[[Sequence[Pair]], list[str]]:
    """What is said where nothing was learned: the intent whose name lies nearest to the question."""
    names = np.stack([embedder.embed_query(label.replace("/", " ").replace("-", " ")) for label in labels])

    def nearest(pairs: Sequence[Pair]) -> list[str]:
        vectors = Lot.of([case_of(pair, "") for pair in pairs], embedder).vectors
        return [labels[at] for at in (vectors @ names.T).argmax(axis=1).tolist()]

    return nearest


def read_labels(folder: Path) -> list[str]:
    """The intents of the heads in a folder; [] where there are none."""
    from agent.deciders import CONFIG

    try:
        return [str(each) for each in json.loads((folder / CONFIG).read_text("utf-8"))["labels"]]
    except FileNotFoundError:
        return []
