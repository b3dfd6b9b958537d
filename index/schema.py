"""The tables of the store, in steps: a step once released is never edited, only followed by another."""

from __future__ import annotations

from index.database import Database, Migrations
from index.scripts import is_unspaced, segmented

steps = Migrations("deskside")

_FIRST = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE marks (workspace TEXT PRIMARY KEY, mark INTEGER NOT NULL) STRICT;

CREATE TABLE imports (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL,
  counts TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT NOT NULL, source_id TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('import', 'chat')),
  trust TEXT NOT NULL CHECK (trust IN ('quarantine', 'imported', 'approved', 'chat')),
  subject TEXT NOT NULL, outcome TEXT, opened_at TEXT, customer_id TEXT, customer_name TEXT,
  tags TEXT NOT NULL, extra TEXT NOT NULL, content_hash TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (workspace, source_id)
) STRICT;
CREATE INDEX conversations_by_time ON conversations (workspace, origin, updated_at);
CREATE INDEX conversations_by_customer ON conversations (workspace, customer_id);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
  position INTEGER NOT NULL, role TEXT NOT NULL CHECK (role IN ('customer', 'agent', 'note')),
  text TEXT NOT NULL, at TEXT, attachments TEXT NOT NULL, pictures TEXT NOT NULL, extra TEXT NOT NULL,
  UNIQUE (conversation_id, position)
) STRICT;

CREATE TABLE articles (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT NOT NULL, source_id TEXT NOT NULL,
  title TEXT NOT NULL, text TEXT NOT NULL, attachments TEXT NOT NULL, pictures TEXT NOT NULL,
  extra TEXT NOT NULL, content_hash TEXT NOT NULL, updated_at TEXT NOT NULL,
  UNIQUE (workspace, source_id)
) STRICT;

CREATE TABLE pictures (
  sha256 TEXT PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL,
  lines TEXT NOT NULL, layout TEXT NOT NULL, words TEXT NOT NULL
) STRICT;

CREATE TABLE passages (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT NOT NULL,
  conversation_id INTEGER REFERENCES conversations(id) ON DELETE CASCADE,
  article_id INTEGER REFERENCES articles(id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('problem', 'resolution', 'section', 'screen')),
  title TEXT NOT NULL, text TEXT NOT NULL, first_line INTEGER NOT NULL, last_line INTEGER NOT NULL,
  text_hash TEXT NOT NULL,
  CHECK ((conversation_id IS NULL) <> (article_id IS NULL))
) STRICT;
CREATE INDEX passages_by_workspace ON passages (workspace, id);
CREATE INDEX passages_by_conversation ON passages (conversation_id);
CREATE INDEX passages_by_article ON passages (article_id);

CREATE VIRTUAL TABLE passages_fts USING fts5 (
  title, text, content='passages', content_rowid='id', tokenize="porter unicode61 remove_diacritics 2"
);
CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
  INSERT INTO passages_fts (rowid, title, text) VALUES (new.id, new.title, new.text);
END;
CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
  INSERT INTO passages_fts (passages_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
END;

CREATE TABLE codes (
  code TEXT NOT NULL, passage_id INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE,
  PRIMARY KEY (code, passage_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_by_passage ON codes (passage_id);

CREATE TABLE embeddings (
  text_hash TEXT NOT NULL, embedder TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (text_hash, embedder)
) STRICT;

CREATE TABLE templates (
  id INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT NOT NULL, source_id TEXT NOT NULL,
  title TEXT NOT NULL, text TEXT NOT NULL, questions TEXT NOT NULL, content_hash TEXT NOT NULL,
  approved_at TEXT NOT NULL, UNIQUE (workspace, source_id)
) STRICT;

CREATE TABLE turns (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
  question TEXT NOT NULL, answer TEXT NOT NULL, pictures TEXT NOT NULL, citations TEXT NOT NULL,
  hits TEXT NOT NULL, decision TEXT NOT NULL, seconds TEXT NOT NULL, version TEXT NOT NULL,
  stopped INTEGER NOT NULL, created_at TEXT NOT NULL
) STRICT;
CREATE INDEX turns_by_conversation ON turns (conversation_id, id);

CREATE TABLE ratings (
  turn_id INTEGER PRIMARY KEY REFERENCES turns(id) ON DELETE CASCADE,
  value TEXT NOT NULL CHECK (value IN ('good', 'bad')), reason TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;

CREATE TABLE handovers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
  turn_id INTEGER REFERENCES turns(id) ON DELETE SET NULL,
  reason TEXT NOT NULL, packet TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'claimed', 'closed')), created_at TEXT NOT NULL
) STRICT;
"""


@steps(name="0001_first")
def first(db: Database) -> None:
    """Everything of the first release."""
    for statement in _statements(_FIRST):
        db.execute(statement)


@steps(name="0002_faster")
def faster(db: Database) -> None:
    """Words go into the full-text index by `put_passages`: FTS5 flushes itself for every row a trigger adds."""
    db.execute("DROP TRIGGER passages_added")
    db.execute("CREATE INDEX IF NOT EXISTS passages_by_text ON passages (text_hash)")


@steps(name="0003_sights")
def sights(db: Database) -> None:
    """Beside its words, what else is to be seen on a picture (JSON of index.marks.Sight)."""
    db.execute("ALTER TABLE pictures ADD COLUMN sight TEXT NOT NULL DEFAULT '{}'")


_STEERING = """
ALTER TABLE turns ADD COLUMN position INTEGER;
ALTER TABLE turns ADD COLUMN shown INTEGER NOT NULL DEFAULT 1 CHECK (shown IN (0, 1));

CREATE TABLE corrections (
  turn_id INTEGER PRIMARY KEY REFERENCES turns(id) ON DELETE CASCADE,
  chosen TEXT NOT NULL, reason TEXT NOT NULL, training INTEGER NOT NULL CHECK (training IN (0, 1)),
  created_at TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE messages_fts USING fts5 (
  text, content='messages', content_rowid='id', tokenize="unicode61 remove_diacritics 2", prefix='1 2 3'
);
CREATE TRIGGER messages_removed AFTER DELETE ON messages BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER messages_changed AFTER UPDATE OF text ON messages BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, text) VALUES ('delete', old.id, old.text);
  INSERT INTO messages_fts (rowid, text) VALUES (new.id, new.text);
END;
INSERT INTO messages_fts (messages_fts) VALUES ('rebuild');
"""


@steps(name="0004_steering")
def steering(db: Database) -> None:
    """Corrections, several answers to one question (`position`: of the question among the messages; `shown`: the
    answer that counts), and a full-text index of what was said, filled by `put_messages`."""
    for statement in _statements(_STEERING):
        db.execute(statement)
    for row in db.execute("SELECT DISTINCT conversation_id FROM turns").fetchall():
        place_turns(db, row[0])


def place_turns(db: Database, conversation: int) -> None:
    """Find the question of each turn that does not know its place among the messages of its conversation."""
    position = 0
    turns = db.execute("SELECT id, question, position FROM turns WHERE conversation_id = ? ORDER BY id", [conversation])
    for turn, question, known in turns.fetchall():
        if known is None:
            known = db.execute(
                "SELECT min(position) FROM messages WHERE conversation_id = ? AND position >= ? AND role = 'customer'"
                " AND text = ?",
                [conversation, position, question],
            ).fetchone()[0]
            db.execute("UPDATE turns SET position = ? WHERE id = ?", [known, turn])
        position = position if known is None else known + 1


@steps(name="0005_versions")
def versions(db: Database) -> None:
    """Which version of the models a workspace has in use: the last row; why it was changed, and against the gate."""
    db.execute(
        "CREATE TABLE promotions (id INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT NOT NULL, version TEXT NOT NULL,"
        " before TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('promote', 'override', 'rollback')),"
        " reason TEXT NOT NULL, created_at TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX promotions_by_workspace ON promotions (workspace, id)")


_HANDOVERS = """
CREATE TABLE handovers_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
  turn_id INTEGER REFERENCES turns(id) ON DELETE SET NULL,
  rule TEXT NOT NULL, reason TEXT NOT NULL, packet TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('proposed', 'waiting', 'claimed', 'released', 'closed', 'cancelled')),
  holder TEXT NOT NULL DEFAULT '', created_at TEXT NOT NULL, changed_at TEXT NOT NULL
) STRICT;
INSERT INTO handovers_new (id, conversation_id, turn_id, rule, reason, packet, state, created_at, changed_at)
  SELECT id, conversation_id, turn_id, '', reason, packet, state, created_at, created_at FROM handovers;
DROP TABLE handovers;
ALTER TABLE handovers_new RENAME TO handovers;
CREATE INDEX handovers_by_conversation ON handovers (conversation_id, id);

CREATE TABLE handover_steps (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  handover_id INTEGER NOT NULL REFERENCES handovers(id) ON DELETE CASCADE,
  at TEXT NOT NULL, who TEXT NOT NULL, step TEXT NOT NULL,
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, why TEXT NOT NULL
) STRICT;
CREATE INDEX handover_steps_by_handover ON handover_steps (handover_id, id);
CREATE TRIGGER handover_steps_stay BEFORE UPDATE ON handover_steps BEGIN
  SELECT RAISE(ABORT, 'a step of a hand-over is never rewritten');
END;
INSERT INTO handover_steps (handover_id, at, who, step, from_state, to_state, why)
  SELECT id, created_at, 'desk', 'send', '', state, reason FROM handovers;
INSERT INTO handover_steps (handover_id, at, who, step, from_state, to_state, why)
  SELECT h.id, h.created_at, 'desk', 'close', h.state, 'closed', 'one hand-over for each conversation: see the newest'
  FROM handovers h WHERE h.state <> 'closed' AND EXISTS (
    SELECT 1 FROM handovers n WHERE n.conversation_id = h.conversation_id AND n.id > h.id AND n.state <> 'closed');
UPDATE handovers SET state = 'closed' WHERE state <> 'closed' AND EXISTS (
    SELECT 1 FROM handovers n WHERE n.conversation_id = handovers.conversation_id AND n.id > handovers.id
    AND n.state <> 'closed');
CREATE UNIQUE INDEX one_open_handover ON handovers (conversation_id)
  WHERE state IN ('proposed', 'waiting', 'claimed');

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  handover_id INTEGER NOT NULL REFERENCES handovers(id) ON DELETE CASCADE,
  target TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('due', 'sent', 'failed')),
  tries INTEGER NOT NULL, next_at REAL NOT NULL, trouble TEXT NOT NULL, changed_at TEXT NOT NULL,
  UNIQUE (handover_id, target)
) STRICT;
CREATE INDEX deliveries_by_state ON deliveries (state, next_at);

ALTER TABLE turns ADD COLUMN author TEXT NOT NULL DEFAULT '';
"""


@steps(name="0006_handovers")
def handovers(db: Database) -> None:
    """Hand-overs with every step they took, one open for each conversation, and the outbox of their notices; turns
    know the person who wrote them ('' for the desk)."""
    for statement in _statements(_HANDOVERS):
        db.execute(statement)


@steps(name="0008_feeds")
def feeds(db: Database) -> None:
    """Where a ticket or article came from ('' before this was noted), so that a source can take back its own only."""
    for table in ("conversations", "articles"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN feed TEXT NOT NULL DEFAULT ''")


_OTHER_SCRIPTS = """
CREATE VIRTUAL TABLE passages_any USING fts5 (
  title, text, tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
CREATE TRIGGER passages_any_removed AFTER DELETE ON passages BEGIN
  DELETE FROM passages_any WHERE rowid = old.id;
END;
"""


@steps(name="0009_scripts")
def scripts(db: Database) -> None:
    """A second full-text index, of words as they are written: scripts without spaces, or all of a workspace."""
    for statement in _statements(_OTHER_SCRIPTS):
        db.execute(statement)
    for row in db.conn.execute("SELECT id, title, text FROM passages").fetchall():
        if is_unspaced(row[1] + row[2]):
            values = [row[0], segmented(row[1]), segmented(row[2])]
            db.conn.execute("INSERT INTO passages_any (rowid, title, text) VALUES (?, ?, ?)", values)


@steps(name="0010_kept_out")
def kept_out(db: Database) -> None:
    """Conversations that a person keeps out of training, whatever else speaks for them."""
    db.execute(
        "CREATE TABLE kept_out (conversation_id INTEGER PRIMARY KEY REFERENCES conversations(id) ON DELETE CASCADE,"
        " created_at TEXT NOT NULL) STRICT"
    )


_DEPARTED = """
CREATE TABLE departed (
  workspace TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('ticket', 'article')), source_id TEXT NOT NULL,
  feed TEXT NOT NULL, trust TEXT NOT NULL, content_hash TEXT NOT NULL, customer_id TEXT,
  kept_out INTEGER NOT NULL CHECK (kept_out IN (0, 1)), source TEXT NOT NULL, pictures TEXT NOT NULL,
  left_at TEXT NOT NULL, PRIMARY KEY (workspace, kind, source_id)
) STRICT;
"""


@steps(name="0011_departed")
def departed(db: Database) -> None:
    """Tickets and articles that left with their source, kept for a month (JSON of index.conversation)."""
    for statement in _statements(_DEPARTED):
        db.execute(statement)


def _statements(script: str) -> list[str]:
    """The statements of a script; a trigger's body stays in one piece."""
    statements, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        whole = current.strip()
        if whole.endswith(";") and (not whole.startswith("CREATE TRIGGER") or whole.endswith("END;")):
            statements.append(whole)
            current = ""
    return statements


NEWEST = "0011_departed"
