"""What a version is learned from and asked with: pairs of question and best reply, the earlier and the later apart."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agent.teaching import BY_HAND, kept_out
from finetune.contacts import Said, poisoned
from finetune.duplicates import near_duplicates, shingles
from finetune.own import solved
from index.conversation import Conversation, Message
from index.errors import UserError
from index.redact import mask, redactor_for
from index.sources import stored_conversations
from index.store import Store
from index.templates import load_templates

MOST_PER_CUSTOMER = 3
MOST_SAME_REPLY = 5  # a macro said a thousand times teaches no more than five times
LEAST_PAIRS = 40  # fewer than 40 pairs leave so few negatives to tell apart that training makes it worse
LEAST_ASKED = 20  # with fewer held-out questions an interval is wider than any gain
CHECK_SHARE = 0.2  # of the earlier pairs, the latest are kept to choose between ways of learning
NEAR_LEAK = 0.8
REPLAY_ONE_IN = 8
ROLES = ("customer", "agent")
PARTS = ("learn", "check", "asked", "replay")


@dataclass(frozen=True)
class Pair:
    """A question and the reply that solved it. `id` is the conversation's; `opened_at` orders in time; `label` are its
    tags; `screens` are words read on the pictures, `pictures` their hashes."""

    id: str
    customer: str
    source: str
    opened_at: str
    question: str
    reply: str
    label: tuple[str, ...] = ()
    screens: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preference:
    """What a person would rather have said than what the desk said."""

    conversation: str
    question: str
    chosen: str
    rejected: str


@dataclass(frozen=True)
class Vote:
    """An answer of the desk that a person called good or bad and did not correct."""

    conversation: str
    question: str
    answer: str
    good: bool


@dataclass
class Material:
    """All that a run learns from and is asked with. `learn` is earlier than `check`, `check` earlier than `asked`.
    `replay` are earlier questions that no version ever learns, so that each can be asked if it still knows them."""

    learn: tuple[Pair, ...]
    check: tuple[Pair, ...]
    asked: tuple[Pair, ...]
    preferences: tuple[Preference, ...] = ()
    votes: tuple[Vote, ...] = ()
    card: dict[str, Any] = field(default_factory=dict)
    replay: tuple[Pair, ...] = ()

    @property
    def known(self) -> tuple[Pair, ...]:
        """What the shelf may show while it is asked: all that is earlier."""
        return (*self.replay, *self.learn, *self.check)


def gather(
    store: Store, workspace: str, *, share: float = 0.2, house: Sequence[str] = (),
    most_per_customer: int = MOST_PER_CUSTOMER, articles: bool = True,
) -> Material:  # fmt: skip
    """The material of a workspace: resolved conversations that were imported or approved, the last `share` (0..1) of
    their time kept to be asked. The same store gives the same material.

    Raises UserError EMPTY for too few pairs, REFUSED where the leak check finds a pair on both sides.
    """
    dropped: Counter[str] = Counter()
    found = _found(store, workspace, house, dropped)
    read = len(found) + sum(dropped.values())
    strange = poisoned([each for _, each in found], [*_trusted(store, workspace, articles), *house])
    dropped["names a contact that nobody here knows"] += len(strange)
    pairs = [pair for pair, _ in found if pair.id not in strange]
    pairs = _few(_once(sorted(pairs, key=_when), dropped), most_per_customer, dropped)
    learn, check, asked = split(pairs, share, dropped)
    replay, learn = kept_to_replay(learn)
    check_leaks((*replay, *learn, *check), asked)
    check_enough(learn, asked)
    preferences = tuple(preferences_of(store, workspace, house))
    material = Material(learn, check, asked, preferences, tuple(votes_of(store, workspace, house)), replay=replay)
    material.card = _card(material, read, dropped, strange, workspace, share)
    return material


def split(
    pairs: Sequence[Pair], share: float, dropped: Counter[str]
) -> tuple[tuple[Pair, ...], tuple[Pair, ...], tuple[Pair, ...]]:
    """Learned from, checked with, asked: by time; a customer, or a picture, of a later part is in no earlier one."""
    later = max(1, round(len(pairs) * share)) if pairs else 0
    asked = pairs[len(pairs) - later :]
    earlier = _apart(pairs[: len(pairs) - later], asked, dropped)
    checked = round(len(earlier) * CHECK_SHARE)
    check = earlier[len(earlier) - checked :]
    return tuple(_apart(earlier[: len(earlier) - checked], check, dropped)), tuple(check), tuple(asked)


def kept_to_replay(learn: Sequence[Pair]) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """(replay, the rest): of the earlier pairs with tags those of one customer in REPLAY_ONE_IN, the same customers in
    every run; none where too few would be left to learn from."""
    kept = [pair for pair in learn if pair.label and _stands_aside(pair.customer)]
    if len(learn) - len(kept) < LEAST_PAIRS:
        return (), tuple(learn)
    ids = {pair.id for pair in kept}
    return tuple(kept), tuple(pair for pair in learn if pair.id not in ids)


def _stands_aside(customer: str) -> bool:
    digest = hashlib.sha256(customer.encode("utf-8", "surrogatepass")).hexdigest()
    return int(digest[:8], 16) % REPLAY_ONE_IN == 0


def _apart(earlier: Sequence[Pair], later: Sequence[Pair], dropped: Counter[str]) -> list[Pair]:
    customers = {each.customer for each in later}
    pictures = {sha for each in later for sha in each.pictures}
    kept = [each for each in earlier if each.customer not in customers and not pictures & set(each.pictures)]
    dropped["customer or picture is in a later part"] += len(earlier) - len(kept)
    return kept


def check_leaks(learn: Sequence[Pair], asked: Sequence[Pair]) -> None:
    """Raises UserError REFUSED where something asked was learned: the conversation, the customer, a picture, nearly the
    same words, or a later time."""
    for name in ("id", "customer"):
        both = {getattr(each, name) for each in learn} & {getattr(each, name) for each in asked}
        if both:
            raise _leak(f"the {'conversation' if name == 'id' else name} {min(both)} is in both parts")
    if {sha for each in learn for sha in each.pictures} & {sha for each in asked for sha in each.pictures}:
        raise _leak("a picture is in both parts")
    first = near_duplicates([f"{each.question}\n{each.reply}" for each in (*learn, *asked)], NEAR_LEAK)
    for place, owner in enumerate(first):
        if place >= len(learn) > owner:
            raise _leak(f"{asked[place - len(learn)].id} nearly repeats {learn[owner].id}")
    if learn and asked and max(map(_when, learn)) > min(map(_when, asked)):
        raise _leak("something learned is later than something asked")


def _leak(what: str) -> UserError:
    return UserError(f"The material leaks: {what}.\nNothing was trained. Make it again: deskside learn", "REFUSED")


def check_enough(learn: Sequence[Pair], asked: Sequence[Pair]) -> None:
    """Raises UserError EMPTY that says how many there are, how many are needed, and why."""
    if len(learn) < LEAST_PAIRS:
        raise UserError(
            f"{len(learn)} examples are not enough; {LEAST_PAIRS} are needed, because each question is told apart from"
            " the replies of the others, and with fewer it learns their words.\nImport or approve more solved tickets.",
            "EMPTY",
        )
    if len(asked) < LEAST_ASKED:
        raise UserError(
            f"{len(asked)} later questions are not enough to compare with; {LEAST_ASKED} are needed, because with fewer"
            " the interval is wider than any gain.\nImport more solved tickets, or keep more: --held-out 0.3",
            "EMPTY",
        )


def preferences_of(store: Store, workspace: str, house: Sequence[str] = ()) -> Iterable[Preference]:
    """The corrections that may be learned from, masked."""
    out = kept_out(store, workspace)
    rows = store.rows(
        "SELECT c.source_id, t.question, k.chosen, t.answer FROM corrections k JOIN turns t ON t.id = k.turn_id"
        " JOIN conversations c ON c.id = t.conversation_id WHERE c.workspace = ? AND k.training = 1 ORDER BY t.id",
        [workspace],
    )
    for row in rows:
        if row["chosen"].strip() and row["answer"].strip() and out.get(row["source_id"]) != BY_HAND:
            said = Conversation(
                row["source_id"],
                (
                    Message("customer", row["question"]),
                    Message("agent", row["chosen"]),
                    Message("agent", row["answer"]),
                ),
            )
            question, chosen, rejected = mask(said, redactor_for(said, house)).messages
            yield Preference(row["source_id"], question.text, chosen.text, rejected.text)


def votes_of(store: Store, workspace: str, house: Sequence[str] = ()) -> Iterable[Vote]:
    """The thumbs on answers that nobody corrected, masked."""
    rows = store.rows(
        "SELECT c.source_id, t.question, t.answer, r.value FROM ratings r JOIN turns t ON t.id = r.turn_id"
        " JOIN conversations c ON c.id = t.conversation_id LEFT JOIN corrections k ON k.turn_id = t.id"
        " WHERE c.workspace = ? AND k.turn_id IS NULL AND json_extract(t.decision, '$.act') IN ('case', 'generate')"
        " ORDER BY t.id",
        [workspace],
    )
    for row in rows:
        if row["question"].strip() and row["answer"].strip():
            question, answer = masked(row["question"], row["answer"], house)
            yield Vote(row["source_id"], question, answer, row["value"] == "good")


def hash_of(pairs: Iterable[Pair]) -> str:
    """16 hex digits over all that the pairs say, in any order."""
    rows = sorted(json.dumps(asdict(each), sort_keys=True) for each in pairs)
    return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def save_material(material: Material, folder: Path) -> None:
    """learn.jsonl, check.jsonl, asked.jsonl, preferences.jsonl, votes.jsonl and card.json; a person can read them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*PARTS, "preferences", "votes"):
        rows = [json.dumps(asdict(each), ensure_ascii=False) for each in getattr(material, name)]
        (folder / f"{name}.jsonl").write_text("".join(f"{row}\n" for row in rows), "utf-8", "surrogatepass")
    (folder / "card.json").write_text(json.dumps(material.card, ensure_ascii=False, indent=1) + "\n", "utf-8")


def load_material(folder: Path) -> Material:
    """What `save_material` wrote. Raises UserError DAMAGED where it is not whole or was changed since."""
    try:
        learn, check, asked, replay = (tuple(map(_pair, _rows(folder / f"{name}.jsonl"))) for name in PARTS)
        preferences = tuple(Preference(**each) for each in _rows(folder / "preferences.jsonl"))
        votes = tuple(Vote(**each) for each in _rows(folder / "votes.jsonl"))
        card = json.loads((folder / "card.json").read_text("utf-8"))
        material = Material(learn, check, asked, preferences, votes, card, replay)
    except (OSError, ValueError, TypeError, KeyError) as error:
        message = f"The material in {folder.name} cannot be read.\nStart anew: deskside learn"
        raise UserError(message, "DAMAGED") from error
    if card.get("hash") != hash_of((*material.known, *material.asked)):
        raise UserError(f"The material in {folder.name} was changed.\nStart anew: deskside learn", "DAMAGED")
    return material


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]


def _pair(row: dict[str, Any]) -> Pair:
    lists = {name: tuple(row[name]) for name in ("label", "screens", "pictures")}
    return Pair(**{**row, **lists})


def _when(pair: Pair) -> tuple[str, str]:
    return pair.opened_at, pair.id


def _found(store: Store, workspace: str, house: Sequence[str], dropped: Counter[str]) -> list[tuple[Pair, Said]]:
    """Every conversation that may be learned from, with what it says; the others are counted."""
    sql = "SELECT source_id, origin, trust FROM conversations WHERE workspace = ?"
    rows = {row["source_id"]: row for row in store.rows(sql, [workspace])}
    bad, out = _rated_bad(store, workspace), kept_out(store, workspace)
    found = []
    for ticket in stored_conversations(store, workspace):
        row = rows[ticket.id]
        if row["trust"] not in ("imported", "approved"):
            dropped["not approved"] += 1
        elif ticket.id in out:
            dropped[out[ticket.id]] += 1
        elif ticket.id in bad:
            dropped["rated bad and not corrected"] += 1
        else:
            case = solved(store, ticket)
            if isinstance(case, str):
                dropped[case] += 1
                continue
            question, reply = masked(case.question, case.reply, house)
            pair = Pair(
                ticket.id, case.customer, row["origin"], ticket.opened_at or "", question, reply, ticket.tags,
                case.screens, tuple(each.sha256 for each in case.pictures),
            )  # fmt: skip
            asked, replied = ("\n".join(each.text for each in ticket.messages if each.role == role) for role in ROLES)
            ours = row["origin"] == "import"
            found.append((pair, Said(ticket.id, case.customer, asked, replied, ours)))
    return found


def _rated_bad(store: Store, workspace: str) -> set[str]:
    """Chats with an answer that a person called bad and nobody put right."""
    sql = (
        "SELECT DISTINCT c.source_id FROM ratings r JOIN turns t ON t.id = r.turn_id"
        " JOIN conversations c ON c.id = t.conversation_id LEFT JOIN corrections k ON k.turn_id = t.id"
        " WHERE c.workspace = ? AND r.value = 'bad' AND t.shown AND k.turn_id IS NULL"
    )
    return {row["source_id"] for row in store.rows(sql, [workspace])}


def masked(question: str, reply: str, house: Sequence[str]) -> tuple[str, str]:
    """Masked once more: what came in before a rule was there, or around the import, is not learned either."""
    said = Conversation("", (Message("customer", question), Message("agent", reply)))
    masked = mask(said, redactor_for(said, house)).messages
    return masked[0].text, masked[1].text


def _trusted(store: Store, workspace: str, articles: bool) -> list[str]:
    """What the house says itself: help articles and approved replies."""
    told = [each.text for each in load_templates(store, workspace)]
    if articles:
        told += [row["text"] for row in store.rows("SELECT text FROM articles WHERE workspace = ?", [workspace])]
    return told


def _once(pairs: Sequence[Pair], dropped: Counter[str]) -> list[Pair]:
    """The pairs without those that nearly repeat one before, in question and reply or in a long question alone."""
    first = near_duplicates([f"{each.question}\n{each.reply}" for each in pairs])
    kept = [pair for place, pair in enumerate(pairs) if first[place] == place]
    dropped["nearly repeats an earlier one"] += len(pairs) - len(kept)
    return kept


def _few(pairs: Sequence[Pair], most: int, dropped: Counter[str]) -> list[Pair]:
    """At most so many of a customer, and of the same reply."""
    kept: list[Pair] = []
    customers: Counter[str] = Counter()
    replies: Counter[frozenset[str]] = Counter()
    for each in pairs:
        said = shingles(each.reply)
        if customers[each.customer] >= most:
            dropped["enough of this customer"] += 1
        elif replies[said] >= MOST_SAME_REPLY:
            dropped["enough of this reply"] += 1
        else:
            customers[each.customer] += 1
            replies[said] += 1
            kept.append(each)
    return kept


def _card(
    material: Material, read: int, dropped: Counter[str], strange: dict[str, set[str]], workspace: str, share: float
) -> dict[str, Any]:
    """What a reader wants to know of the data before trusting what was learned from it."""
    everything = (*material.known, *material.asked)
    return {
        "workspace": workspace,
        "licence": "your own conversations; they do not leave this machine",
        "read": read,
        "kept": len(everything),
        "parts": {name: _part(getattr(material, name)) for name in PARTS},
        "preferences": len(material.preferences),
        "thumbs": len(material.votes),
        "held_out_share": share,
        "sources": dict(Counter(each.source for each in everything)),
        "labels": len({each.label for each in everything if each.label}),
        "dropped": dict(sorted((+dropped).items())),
        "unknown_contacts": {name: sorted(each) for name, each in sorted(strange.items())},
        "hash": hash_of(everything),
        "asked_hash": hash_of(material.asked),
    }


def _part(pairs: Sequence[Pair]) -> dict[str, Any]:
    times = [each.opened_at for each in pairs if each.opened_at]
    return {
        "pairs": len(pairs),
        "customers": len({each.customer for each in pairs}),
        "with_picture": sum(1 for each in pairs if each.pictures),
        "from": min(times, default=""),
        "to": max(times, default=""),
    }
