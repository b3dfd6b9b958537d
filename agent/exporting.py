"""Conversations and ratings as lines that can be imported again without loss."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from agent.journal import Journal, put_turn, stored_turn, turn_json
from agent.records import Records, StoredTurn
from index.clean import clean
from index.conversation import Conversation, Message
from index.errors import UserError
from index.formats import export_conversation
from index.intake import PICTURE_ENDINGS
from index.schema import place_turns
from index.sources import stored_conversations
from index.store import Store, now


def conversation_lines(
    store: Store, workspace: str, origin: str | None, pictures: str | None
) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """(export line, hashes of its pictures) of each conversation; a chat carries its turns under "turns".

    With `pictures`, the name of a folder beside the file, attachments point to the stored copies there.
    """
    journal = Journal(store, workspace)
    for conversation in stored_conversations(store, workspace, origin):
        shown = _with_copies(conversation, pictures) if pictures else conversation
        line = conversation_line(shown, journal.turns(conversation.id, last=100_000, every=True))
        yield line, [sha for message in conversation.messages for sha in message.pictures]


def conversation_line(conversation: Conversation, turns: Sequence[StoredTurn]) -> dict[str, Any]:
    """One conversation as its export line."""
    line = export_conversation(conversation)
    if turns:
        line["turns"] = [
            {
                **turn_json(turn.question, turn, turn.pictures, turn.asked_at),
                "position": turn.position,
                "shown": turn.shown,
            }
            for turn in sorted(turns, key=lambda turn: turn.turn_id)
        ]
    return line


def conversation_page(conversation: Conversation, turns: Sequence[StoredTurn]) -> str:
    """One conversation as Markdown for a person: who said what and when, and the sources of each answer."""
    cited = {turn.position + 1: turn for turn in turns if turn.shown and turn.position is not None}
    parts = [
        f"# {conversation.subject or conversation.id}",
        f"{conversation.id} · {conversation.opened_at or ''}".strip(),
    ]
    for position, message in enumerate(conversation.messages):
        parts.append(f"**{message.role.capitalize()}** {message.at or ''}".rstrip())
        parts += [message.text] if message.text.strip() else []
        parts += [f"(picture {sha[:12]})" for sha in message.pictures]
        if (turn := cited.get(position)) is not None and turn.citations and message.text.strip():
            parts.append(
                "\n".join(
                    f"- [{each.n}] {each.source_id} {each.title} (lines {each.lines[0]}-{each.lines[1]})"
                    for each in turn.citations
                )
            )
    return "\n\n".join(parts) + "\n"


def write_export(records: Records, chat: str, wish: str, folder: Path) -> Path:
    """Write one conversation into a file of `folder`: `wish` is `[md|json] [FILE]`. Gives the file; one that a person
    named and that is there already is not written over. Raises UserError CONFIG."""
    word, _, named = wish.partition(" ")
    kind: Literal["md", "json"] = "json" if word == "json" or (word not in ("md",) and word.endswith("l")) else "md"
    named = named.strip() if word in ("md", "json") else wish.strip()
    file = folder / (named or f"{chat}.{'jsonl' if kind == 'json' else 'md'}")
    if named.startswith("~"):
        file = Path(named).expanduser()
    text = records.export(chat, kind)
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        if not named and file.is_file():  # our own name: the newest export takes the place of the one before
            file.write_text(text, "utf-8")
            return file
        raise UserError(f"{file.name} is there already.\nName another file: /export md FILE", "CONFIG") from None
    except OSError as error:
        raise UserError(
            f"{file.name} cannot be written: {error.strerror}.\nName another file: /export md FILE", "CONFIG"
        ) from error
    return file


def rating_lines(store: Store, workspace: str) -> Iterator[dict[str, Any]]:
    """One line per rated or corrected answer; `turn` counts the answers of its conversation from 1.

    A correction adds `chosen` (the answer itself is what was not chosen), `why`, and `training`: false when it was
    vetoed.
    """
    for row in store.rows(
        "SELECT c.source_id AS conversation, t.question, t.answer, r.value AS rating, coalesce(r.reason, '') AS reason,"
        " coalesce(r.created_at, k.created_at) AS at,"
        " (SELECT count(*) FROM turns o WHERE o.conversation_id = t.conversation_id AND o.id <= t.id) AS turn,"
        " k.chosen, k.reason AS why, k.training"
        " FROM turns t JOIN conversations c ON c.id = t.conversation_id LEFT JOIN ratings r ON r.turn_id = t.id"
        " LEFT JOIN corrections k ON k.turn_id = t.id"
        " WHERE c.workspace = ? AND (r.turn_id IS NOT NULL OR k.turn_id IS NOT NULL) ORDER BY c.id, t.id",
        [workspace],
    ):
        if row["chosen"] is None:
            yield {name: row[name] for name in row if name not in ("chosen", "why", "training")}
        else:
            yield {**row, "training": bool(row["training"])}


def take_exported(store: Store, workspace: str, rating_files: list[Path]) -> int:
    """Put back what an export carried beside the messages: the turns of imported chats, then ratings files.

    Gives the number of ratings that were new. Raises UserError SCHEMA with the line; no rating is taken then.
    """
    for row in store.rows(
        "SELECT source_id, extra FROM conversations WHERE workspace = ? AND extra LIKE '%\"turns\":[{%'", [workspace]
    ):
        take_turns(store, workspace, row["source_id"], json.loads(row["extra"]))
    taken = 0
    with store.write():
        for file in rating_files:
            for number, line in enumerate(_lines(file), start=1):
                if line.strip():
                    taken += _take_line(store, workspace, file, number, line)
    return taken


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise UserError(f"{clean(file.name)} is not UTF-8.\nExport it again.", "ENCODING") from error


def _take_line(store: Store, workspace: str, file: Path, number: int, line: str) -> bool:
    try:
        return take_rating(store, workspace, json.loads(line))
    except UserError as error:
        raise UserError(f"{clean(file.name)} line {number}: {error.message}", error.kind, line=number) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(
            f"{clean(file.name)} line {number}: not a rating.\nExport it again.", "SCHEMA", line=number
        ) from error


def take_turns(store: Store, workspace: str, conversation_id: str, extra: dict[str, Any]) -> int:
    """Move the turns that an exported chat carries in `extra` to where turns live; those there already stay.

    Gives how many were new. What only happens to be called "turns" stays where it is.
    """
    turns = extra.get("turns")
    if not isinstance(turns, list) or not all(map(_is_turn, turns)):
        return 0
    with store.write() as db:
        chat = _row(store, workspace, conversation_id)
        known = {
            row["created_at"] + row["question"] + row["answer"]
            for row in store.rows("SELECT created_at, question, answer FROM turns WHERE conversation_id = ?", [chat])
        }
        fresh = [turn for turn in turns if turn["at"] + turn["question"] + turn["answer"] not in known]
        for turn in fresh:
            put_turn(db, chat, turn)
        place_turns(db, chat)
        rest = {name: value for name, value in extra.items() if name != "turns"}
        text = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
        db.execute("UPDATE conversations SET extra = ? WHERE id = ?", [text, chat])
    return len(fresh)


def _is_turn(value: Any) -> bool:
    """Whether it has the very shape of an exported turn, so that reading it later cannot fail."""
    try:
        turn = stored_turn(0, value)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    texts = (
        turn.question,
        turn.answer,
        turn.version,
        turn.asked_at,
        turn.author,
        turn.decision.act,
        turn.decision.reason,
    )
    return all(isinstance(text, str) for text in texts) and isinstance(turn.seconds, dict)


def take_rating(store: Store, workspace: str, line: dict[str, Any]) -> bool:
    """Put an exported rating back on its answer; False when it was there. Raises UserError SCHEMA without one."""
    turns = store.rows(
        "SELECT t.id, r.value, r.reason, k.chosen, k.training FROM turns t LEFT JOIN ratings r ON r.turn_id = t.id"
        " LEFT JOIN corrections k ON k.turn_id = t.id WHERE t.conversation_id = ? ORDER BY t.id",
        [_row(store, workspace, str(line["conversation"]))],
    )
    at = int(line["turn"]) - 1
    texts = [line.get(name, "") for name in ("reason", "chosen", "why")]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("reason")
    reason, chosen, why = map(clean, texts)
    if not 0 <= at < len(turns) or line["rating"] not in ("good", "bad", None if chosen else "good"):
        raise UserError(
            f"{line['conversation']} has no answer {line['turn']} to rate.\nImport its conversation first.", "SCHEMA"
        )
    training = bool(line.get("training", True))
    known = turns[at]
    if (known["value"], known["reason"] or "", known["chosen"] or "") == (line["rating"], reason, chosen) and (
        not chosen or bool(known["training"]) == training
    ):
        return False
    when = line.get("at") or now()
    with store.write() as db:
        if line["rating"]:
            db.execute(
                "INSERT OR REPLACE INTO ratings VALUES (?, ?, ?, ?)", [known["id"], line["rating"], reason, when]
            )
        if chosen:
            values = [known["id"], chosen, why, int(training), when]
            db.execute("INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?, ?)", values)
    return True


def _row(store: Store, workspace: str, conversation_id: str) -> int:
    rows = store.rows(
        "SELECT id FROM conversations WHERE workspace = ? AND source_id = ?", [workspace, conversation_id]
    )
    if not rows:
        raise UserError(f"There is no conversation {conversation_id} here.\nImport it first.", "SCHEMA")
    return int(rows[0]["id"])


def _with_copies(conversation: Conversation, folder: str) -> Conversation:
    messages = tuple(
        replace(message, attachments=(*(f"{folder}/{sha}.png" for sha in message.pictures), *_papers(message)))
        if message.pictures
        else message
        for message in conversation.messages
    )
    return replace(conversation, messages=messages)


def _papers(message: Message) -> Iterator[str]:
    """The attachments that are no pictures: only their names are known here."""
    return (name for name in message.attachments if Path(name).suffix.lower() not in PICTURE_ENDINGS)


def is_rating_file(path: Path) -> bool:
    """Whether a JSONL file holds ratings as `deskside export ratings` writes them."""
    if path.suffix != ".jsonl" or not path.is_file():
        return False
    try:
        with path.open(encoding="utf-8") as stream:
            first = json.loads(stream.readline(1_000_000))
        return isinstance(first, dict) and {"conversation", "turn", "rating"} <= first.keys()
    except (ValueError, OSError, RecursionError):
        return False
