"""The record: every turn with what was found, decided and cited; kept in one transaction, read from any thread."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

from agent import archive, corrections, variants
from agent.events import Citation, Decision, Ended
from agent.handover import State, open_handover
from agent.packet import make_packet
from agent.records import Approval, ConversationSummary, Rating, StoredTurn, as_heard
from index.clean import clean
from index.conversation import Conversation, Message, Role, Source
from index.errors import UserError
from index.forget import forget_conversation
from index.hits import Hit
from index.marks import sight_from
from index.pictures import ReadPicture
from index.sources import load_source, put_messages, stored_lines
from index.store import Store, now


class Journal:
    """The chats of one workspace. Implements `agent.records.Records`."""

    def __init__(
        self,
        store: Store,
        workspace: str,
        house: Sequence[str] = (),
        *,
        outlets: Sequence[str] = (),
        proposes: bool = False,
    ) -> None:
        """`house` are the house's own names, which are not masked; `outlets` the targets that a hand-over is told to;
        with `proposes` a hand-over is shown before it is sent."""
        self._store = store
        self._workspace = workspace
        self._house = tuple(house)
        self._outlets = tuple(outlets)
        self.proposes = proposes

    def keep_turn(
        self,
        question: str,
        ended: Ended,
        customer: str | None = None,
        instead_of: int | None = None,
        said: str | None = None,
        known_pictures: int = 0,
    ) -> int:
        """Store one turn and, for a hand-over, its place in the queue: all of it or nothing. Gives the turn's id.

        `instead_of` is a turn that this one takes the place of; the other one is kept beside it. Where not all of the
        question is new to the chat (some came while a person held it), `said` is what is; so many of its pictures are
        not. Raises UserError DENIED when `instead_of` is not the last turn.
        """
        from index.intake import masked_picture

        said = question if said is None else said
        with self._store.write() as db:
            chat = self._made_chat_row(ended.conversation_id, question, customer)
            place = variants.cleared(db, chat, instead_of)
            variants.entitled(db, chat, place, question)
            at = now()
            shown = tuple(picture.sha256 for picture in ended.pictures[known_pictures:])
            asked = Message("customer", said, at, (), shown)
            if not said and not shown:  # the question is there already: the desk goes on with it
                asked = Message("note", f"The desk goes on with: {question or '(a picture)'}", at)
            role: Role = "note" if ended.decision.act == "held" else "agent"  # no advice, so nothing to learn from
            replied = [Message(role, ended.answer, at)] if ended.answer.strip() else []  # stopped before a word
            put_messages(db, chat, [asked, *replied], first=place)
            pictures = map(masked_picture, ended.pictures)  # what is kept of a picture's words is masked
            turn = put_turn(db, chat, {**turn_json(question, ended, pictures, at), "position": place})
            db.execute(
                "UPDATE conversations SET updated_at = ?, customer_id = coalesce(customer_id, ?) WHERE id = ?",
                [at, customer, chat],
            )
            if ended.decision.act == "handover":
                packet = make_packet(self.turns(ended.conversation_id, last=100), ended.decision, customer)
                open_handover(db, chat, turn, packet, self._outlets, send=not self.proposes)
            return turn

    def new_conversation_id(self) -> str:
        """An id for a chat that no import will carry."""
        return f"chat-{uuid.uuid4().hex[:12]}"

    def conversations(self, limit: int = 50, words: str = "") -> list[ConversationSummary]:
        """The newest chats first; with `words` those that fit them: see agent/archive.py."""
        return archive.search(self._store, self._workspace, words, limit)

    def turns(self, conversation_id: str, last: int = 20, every: bool = False) -> list[StoredTurn]:
        """The last turns of a chat, oldest first; [] for an unknown one. `every`: also answers given in the place of
        which another one counts."""
        rows = self._store.rows(
            f"{_TURNS} WHERE c.workspace = ? AND c.source_id = ? AND (t.shown OR ?) ORDER BY t.id DESC LIMIT ?",
            [self._workspace, conversation_id, every, last],
        )
        # an answer given again later stands where its question stands
        return sorted(
            map(_turn, rows), key=lambda turn: (turn.turn_id if turn.position is None else turn.position, turn.turn_id)
        )

    def variants(self, turn_id: int) -> list[StoredTurn]:
        """Every answer given in the place of this one, itself among them, oldest first."""
        rows = self._store.rows(
            f"{_TURNS} JOIN turns own ON own.conversation_id = t.conversation_id"
            " AND (own.position = t.position OR own.id = t.id) WHERE c.workspace = ? AND own.id = ? ORDER BY t.id",
            [self._workspace, turn_id],
        )
        return [_turn(row) for row in rows]

    def choose(self, turn_id: int) -> None:
        """Let this answer count among its variants. Raises UserError DENIED when it is not in the last place."""
        with self._store.write() as db:
            chat = self._chat_of(turn_id)
            (turn,) = [each for each in self.variants(turn_id) if each.turn_id == turn_id]
            place = variants.cleared(db, chat, turn_id)
            variants.entitled(db, chat, place, turn.question)
            db.execute("UPDATE turns SET shown = 1 WHERE id = ?", [turn_id])
            shown = tuple(picture.sha256 for picture in turn.pictures)
            replied = [Message("agent", turn.said, turn.asked_at)] if turn.said.strip() else []
            asked = Message("customer", turn.question, turn.asked_at, (), shown)
            put_messages(db, chat, [asked, *replied], first=place)
            self._refresh_evidence(chat)

    def unanswered(self, conversation_id: str) -> list[StoredTurn]:
        """What the customer wrote while a person held the chat and nobody has replied to, oldest first."""
        return as_heard(self.turns(conversation_id, last=200))[1]

    def handed_over(self, conversation_id: str) -> tuple[int, State, str] | None:
        """(number, state, holder) of the open hand-over of a chat."""
        rows = self._store.rows(
            "SELECT h.id, h.state, h.holder FROM handovers h JOIN conversations c ON c.id = h.conversation_id"
            " WHERE c.workspace = ? AND c.source_id = ? AND h.state IN ('proposed', 'waiting', 'claimed')",
            [self._workspace, conversation_id],
        )
        return (rows[0]["id"], rows[0]["state"], rows[0]["holder"]) if rows else None

    def holder(self, conversation_id: str) -> str:
        """The person who holds a chat; "" for nobody."""
        known = self.handed_over(conversation_id)
        return (known[2] or "A colleague") if known and known[1] == "claimed" else ""

    def rate(self, turn_id: int, value: Rating | None, reason: str = "") -> None:
        """Keep a rating; None takes it back. Raises UserError DENIED for a turn of another workspace."""
        with self._store.write() as db:
            self._chat_of(turn_id)
            db.execute("DELETE FROM ratings WHERE turn_id = ?", [turn_id])
            if value is not None:
                db.execute("INSERT INTO ratings VALUES (?, ?, ?, ?)", [turn_id, value, clean(reason), now()])

    def correct(self, turn_id: int, text: str, reason: str = "", training: bool = True) -> None:
        """Put a person's words in the place of an answer; the very words of the answer, or none, take that back.

        The answer stays beside them, as what was not chosen. Raises UserError DENIED, EMPTY.
        """
        with self._store.write():
            chat = self._chat_of(turn_id)
            corrections.correct(self._store, turn_id, text, reason, training)
            self._refresh_evidence(chat)

    def veto(self, turn_id: int, training: bool) -> None:
        """Say whether a correction may be learnt from. Raises UserError DENIED where there is none."""
        self._chat_of(turn_id)
        corrections.veto(self._store, turn_id, training)

    def evidence(self, conversation_id: str) -> Approval:
        """What `approve` would put on the shelf. Raises UserError DENIED, EMPTY."""
        return corrections.evidence(self._store, self._workspace, self._known_chat(conversation_id), self._house)

    def approve(self, conversation_id: str) -> Approval:
        """Close a chat as solved: masked like an import, on the shelf, found by the next question. Raises as
        `evidence`."""
        return corrections.approve(self._store, self._workspace, self._known_chat(conversation_id), self._house)

    def make_template(self, turn_id: int, title: str = "") -> str:
        """Make an answer an approved reply to its question; gives the template's id. Raises UserError DENIED."""
        chat = self._chat_of(turn_id)
        (turn,) = [each for each in self.variants(turn_id) if each.turn_id == turn_id]
        return corrections.make_template(self._store, self._workspace, chat, turn, title, self._house)

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title. Raises UserError EMPTY, DENIED."""
        archive.rename(self._store, self._workspace, conversation_id, title)

    def remove(self, conversation_id: str) -> None:
        """Delete a chat with its turns, ratings, passages and pictures. Raises UserError DENIED, BUSY."""
        self._known_chat(conversation_id)
        forget_conversation(self._store, self._workspace, conversation_id)

    def export(self, conversation_id: str, kind: Literal["md", "json"]) -> str:
        """A conversation as a text to read, or as a line that can be imported again."""
        from agent.exporting import conversation_line, conversation_page

        source = self.source(conversation_id)
        if not isinstance(source, Conversation):
            raise UserError(f"There is no conversation {conversation_id} here.\nSee: /open", "DENIED")
        turns = self.turns(conversation_id, last=100_000, every=True)
        if kind == "json":
            return json.dumps(conversation_line(source, turns), ensure_ascii=False) + "\n"
        return conversation_page(source, turns)

    def source(self, source_id: str) -> Source | None:
        """A ticket, article or chat as stored."""
        return load_source(self._store, self._workspace, source_id)

    def examples(self) -> tuple[str, ...]:
        """What the newest solved tickets were about, in their customers' words."""
        rows = self._store.rows(
            "SELECT m.text FROM conversations c JOIN messages m ON m.conversation_id = c.id AND m.position = 0"
            " WHERE c.workspace = ? AND c.origin = 'import' AND c.outcome = 'resolved' AND m.role = 'customer'"
            " AND length(m.text) BETWEEN 25 AND 90 AND instr(m.text, '<') = 0 AND instr(m.text, char(10)) = 0"
            " AND m.pictures = '[]'"
            " ORDER BY c.opened_at DESC, c.id LIMIT 3",
            [self._workspace],
        )
        return tuple(row["text"] for row in rows)

    def picture_path(self, sha256: str) -> Path | None:
        """The stored copy of a picture, if it is there."""
        file = self._store.pictures / f"{sha256}.png"
        return file if sha256.isalnum() and file.is_file() else None

    def chat_row(self, conversation_id: str) -> int | None:
        """The row of a chat; None for an id that is free. Raises UserError DENIED when it is a past ticket's."""
        for row in self._store.rows(
            "SELECT id, origin FROM conversations WHERE workspace = ? AND source_id = ?",
            [self._workspace, conversation_id],
        ):
            if row["origin"] != "chat":
                raise UserError(
                    f"{conversation_id} is an imported ticket, not a chat.\nStart a new chat, or name one of yours.",
                    "DENIED",
                )
            return int(row["id"])
        return None

    def _refresh_evidence(self, chat: int) -> None:
        """What is on the shelf already says what the conversation says now (inside a write)."""
        if self._store.rows("SELECT 1 FROM conversations WHERE id = ? AND trust = 'approved'", [chat]):
            corrections.approve(self._store, self._workspace, chat, self._house)

    def _known_chat(self, conversation_id: str) -> int:
        """The row of a chat. Raises UserError DENIED when there is none."""
        row = self.chat_row(conversation_id)
        if row is None:
            raise UserError(f"There is no conversation {conversation_id} here.\nAsk something first.", "DENIED")
        return row

    def _chat_of(self, turn_id: int) -> int:
        """The row of the chat of a turn. Raises UserError DENIED for a turn of another workspace."""
        rows = self._store.rows(
            "SELECT c.id FROM turns t JOIN conversations c ON c.id = t.conversation_id"
            " WHERE t.id = ? AND c.workspace = ?",
            [turn_id, self._workspace],
        )
        if not rows:
            raise self._no_turn(turn_id)
        return int(rows[0]["id"])

    def _no_turn(self, turn_id: int) -> UserError:
        return UserError(f"There is no answer {turn_id} here.\nChoose an answer of this chat.", "DENIED")

    def _made_chat_row(self, conversation_id: str, question: str, customer: str | None) -> int:
        """The row of a chat, made at its first turn."""
        known = self.chat_row(conversation_id)
        if known is not None:
            return known
        cursor = self._store.db.execute(
            "INSERT INTO conversations (workspace, source_id, origin, trust, subject, opened_at, customer_id, tags,"
            " extra, content_hash, updated_at) VALUES (?, ?, 'chat', 'chat', ?, ?, ?, '[]', '{}', '', ?)",
            [self._workspace, conversation_id, variants.title_of(question), now(), customer, now()],
        )
        return int(cursor.lastrowid)


_TURNS = (
    "SELECT t.*, r.value AS rating, r.reason, k.chosen, k.training,"
    " (SELECT count(*) FROM turns v WHERE v.conversation_id = t.conversation_id AND v.position = t.position) AS many,"
    " (SELECT count(*) FROM turns v WHERE v.conversation_id = t.conversation_id AND v.position = t.position"
    " AND v.id <= t.id) AS nth FROM turns t JOIN conversations c ON c.id = t.conversation_id"
    " LEFT JOIN ratings r ON r.turn_id = t.id LEFT JOIN corrections k ON k.turn_id = t.id"
)


def put_remark(db: Any, chat: int, ended: Ended, message: Message) -> int:
    """Something that nobody asked for, at the end of a chat: a person's reply, or what became of a hand-over (inside a
    write). Gives the turn's id."""
    place = variants.cleared(db, chat, None)
    put_messages(db, chat, [message], first=place)
    return put_turn(db, chat, {**turn_json("", ended, (), message.at or now()), "position": place})


def put_turn(db: Any, chat: int, turn: dict[str, Any]) -> int:
    """Insert a turn as `turn_json` gives it (inside a write)."""
    cursor = db.execute(
        "INSERT INTO turns (conversation_id, question, answer, pictures, citations, hits, decision, seconds, version,"
        " stopped, created_at, position, shown, author) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            chat,
            turn["question"],
            turn["answer"],
            *(json.dumps(turn[name], ensure_ascii=False) for name in ("pictures", "citations", "hits", "decision")),
            json.dumps(turn["seconds"]),
            turn["version"],
            int(turn["stopped"]),
            turn["at"],
            turn.get("position"),
            int(turn.get("shown", True)),
            turn.get("author", ""),
        ],
    )
    return int(cursor.lastrowid)


def turn_json(question: str, turn: Ended | StoredTurn, pictures: Iterable[ReadPicture], at: str) -> dict[str, Any]:
    """A turn as it is stored and as an export line carries it; `put_turn` takes it back."""
    return {
        "question": question,
        "answer": turn.answer,
        "pictures": [asdict(picture) for picture in pictures],
        "citations": [asdict(citation) for citation in turn.citations],
        "hits": [asdict(hit) for hit in turn.hits],
        "decision": asdict(turn.decision),
        "seconds": turn.seconds,
        "version": turn.version,
        "stopped": turn.stopped,
        "at": at,
        "author": turn.author,
    }


def _turn(row: dict[str, Any]) -> StoredTurn:
    fields = {name: json.loads(row[name]) for name in ("pictures", "citations", "hits", "decision", "seconds")}
    turn = stored_turn(row["id"], {**row, **fields, "at": row["created_at"]}, row["rating"])
    return replace(
        turn,
        reason=row["reason"] or "",
        chosen=row["chosen"] or "",
        training=row["training"] is None or bool(row["training"]),
        variant=(max(row["nth"], 1), max(row["many"], 1)),
    )


def stored_turn(turn_id: int, turn: dict[str, Any], rating: Rating | None = None) -> StoredTurn:
    """A turn from the shape of `turn_json`. Raises KeyError, TypeError or ValueError for any other shape."""
    return StoredTurn(
        turn_id,
        turn["question"],
        turn["answer"],
        tuple(_picture(each) for each in turn["pictures"]),
        tuple(Citation(**{**each, "lines": tuple(each["lines"])}) for each in turn["citations"]),
        tuple(_hit(each) for each in turn["hits"]),
        Decision(**turn["decision"]),
        turn["seconds"],
        turn["version"],
        turn["at"],
        bool(turn["stopped"]),
        rating,
        position=turn.get("position"),
        shown=bool(turn.get("shown", True)),
        author=turn.get("author", ""),
    )


def _hit(fields: dict[str, Any]) -> Hit:
    listed = {name: tuple(fields.get(name, ())) for name in ("lines", "why", "similar")}
    return Hit(**{**fields, **listed})


def _picture(fields: dict[str, Any]) -> ReadPicture:
    sight = sight_from(fields.get("sight", {}))  # a turn written before marks were seen has none
    lines = stored_lines(fields["lines"])
    return ReadPicture(**{**fields, "lines": lines, "notices": tuple(fields["notices"]), "sight": sight})
