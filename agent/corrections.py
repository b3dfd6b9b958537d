"""What a person makes of an answer: a correction to learn from, evidence for the next question, a template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.handover import settle
from agent.records import Approval, StoredTurn
from index.clean import clean
from index.conversation import Conversation, Message
from index.errors import UserError
from index.passages import passages_of, shorten
from index.redact import mask, redactor_for
from index.sources import load_source, picture_words, put_messages, put_passages
from index.store import Store, now
from index.templates import Template, keep_templates

_CITED = re.compile(r"\s?\[\d{1,2}\](?!\()")
_READ = re.compile(r"^(?:On (?:your picture|picture \d+) I read: “[^”]*”\.|I found no text on [^.]*\.)\s*")
_ANSWERS = ("template", "read", "case", "generate")  # acts whose words may help the next customer
_UNASKED = ("person", "told")  # acts without a question before their words


def correct(store: Store, turn_id: int, text: str, reason: str, training: bool) -> None:
    """Keep `text` as what should have been said in this turn, and let the customer's transcript say it."""
    text = clean(text).strip()
    with store.write() as db:
        row = next(
            db.query(
                "SELECT answer, json_extract(decision, '$.act') AS act, conversation_id AS chat, position, shown"
                " FROM turns WHERE id = ?",
                [turn_id],
            )
        )
        if not text and not row["answer"].strip():
            raise UserError("A correction needs words.\nWrite what should have been said.", "EMPTY")
        db.execute("DELETE FROM corrections WHERE turn_id = ?", [turn_id])
        chosen = text if text and text != row["answer"].strip() else ""
        if chosen:
            values = [turn_id, chosen, clean(reason), int(training), now()]
            db.execute("INSERT INTO corrections VALUES (?, ?, ?, ?, ?)", values)
        if row["shown"] and row["position"] is not None:
            _say(db, row["chat"], row["position"] + (row["act"] not in _UNASKED), chosen or row["answer"])


def _say(db: Any, chat: int, position: int, text: str) -> None:
    """Put the agent's words at a position; where none are, only at the end."""
    cursor = db.execute(
        "UPDATE messages SET text = ?, role = 'agent'"
        " WHERE conversation_id = ? AND position = ? AND role <> 'customer'",
        [text, chat, position],
    )
    end = db.execute("SELECT max(position) + 1 FROM messages WHERE conversation_id = ?", [chat]).fetchone()[0]
    if not cursor.rowcount and end == position:
        put_messages(db, chat, [Message("agent", text, now())], first=position)


def veto(store: Store, turn_id: int, training: bool) -> None:
    """Keep a correction out of training, or let it in again."""
    with store.write() as db:
        cursor = db.execute("UPDATE corrections SET training = ? WHERE turn_id = ?", [int(training), turn_id])
        if not cursor.rowcount:
            raise UserError("This answer was not corrected.\nCorrect it first: /correct", "DENIED")


def evidence(store: Store, workspace: str, chat: int, house: Sequence[str]) -> Approval:
    """What a chat says to the next customer: masked, without citation marks, what was no answer kept as a note.

    Raises UserError EMPTY when nothing in it answers anything.
    """
    row = store.rows("SELECT source_id FROM conversations WHERE id = ?", [chat])[0]
    source = load_source(store, workspace, row["source_id"])
    assert isinstance(source, Conversation)
    plain = replace(source, messages=_for_the_next(store, chat, source.messages))
    redactor = redactor_for(plain, house)
    masked = mask(plain, redactor)
    screens = {sha: picture_words(store, sha) for message in masked.messages for sha in message.pictures}
    passages = tuple(passages_of(masked, screens))
    if not any(passage.kind == "resolution" for passage in passages):
        raise UserError(
            "Nothing in this conversation answers its question yet.\nCorrect the answer (/correct), then approve.",
            "EMPTY",
        )
    return Approval(masked, passages, sum(redactor.counts.values()))


def _for_the_next(store: Store, chat: int, messages: Sequence[Message]) -> tuple[Message, ...]:
    unanswered = {
        row["position"] + 1
        for row in store.rows(
            "SELECT t.position FROM turns t LEFT JOIN corrections k ON k.turn_id = t.id WHERE t.conversation_id = ?"
            " AND t.shown AND t.position IS NOT NULL AND k.turn_id IS NULL"
            f" AND json_extract(t.decision, '$.act') NOT IN ({', '.join('?' * len(_ANSWERS + _UNASKED))})",
            [chat, *_ANSWERS, *_UNASKED],
        )
    }
    made = []
    for position, message in enumerate(messages):
        if message.role == "agent":
            text = _CITED.sub("", _READ.sub("", message.text)).strip() or message.text
            message = replace(message, role="note" if position in unanswered else "agent", text=text)
        made.append(message)
    return tuple(made)


def approve(store: Store, workspace: str, chat: int, house: Sequence[str]) -> Approval:
    """Put a chat on the shelf as a solved case. Its turns keep what was typed; its messages are masked."""
    with store.write() as db:
        approval = evidence(store, workspace, chat, house)
        for position, message in enumerate(approval.conversation.messages):
            db.execute(
                "UPDATE messages SET text = ?, role = ? WHERE conversation_id = ? AND position = ?",
                [message.text, message.role, chat, position],
            )
        db.execute(
            "UPDATE conversations SET trust = 'approved', outcome = 'resolved', subject = ?, updated_at = ?"
            " WHERE id = ?",
            [approval.conversation.subject, now(), chat],
        )
        settle(db, chat, "the conversation was approved as solved")
        put_passages(store, workspace, replace(approval.conversation, outcome="resolved"), chat)
    return approval


def make_template(store: Store, workspace: str, chat: int, turn: StoredTurn, title: str, house: Sequence[str]) -> str:
    """An approved reply out of a turn: its words, given to this very question from now on.

    Raises UserError DENIED when it speaks of one person, or is no answer; EMPTY without a question.
    """
    text = _CITED.sub("", _READ.sub("", turn.said)).strip()
    question = clean(turn.question).strip()
    if not question:
        raise UserError("A template answers a question in words; this one was a picture.\nWrite one.", "EMPTY")
    if not text or (not turn.chosen and turn.decision.act not in _ANSWERS):
        raise UserError("This is no answer to give to everybody.\nCorrect it first: /correct", "DENIED")
    said = Conversation("", (Message("customer", question), Message("agent", text)))
    masked = mask(said, redactor_for(said, house))
    if masked.messages[1].text != text:
        raise UserError(
            "The answer holds a name, a number or an address of one person.\nCorrect it first: /correct", "DENIED"
        )
    named = f"{store.rows('SELECT source_id FROM conversations WHERE id = ?', [chat])[0]['source_id']}-{turn.turn_id}"
    wording = masked.messages[0].text
    keep_templates(store, workspace, [Template(named, clean(title).strip() or shorten(wording, 70), text, (wording,))])
    return named
