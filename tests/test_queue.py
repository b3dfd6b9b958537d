"""A promised hand-over waits where a person finds it; each step is checked, done and written down at once."""

from __future__ import annotations

import itertools
import json
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from handover_doubles import HELD, SOLVED, ended, promise

from agent.cli import deskside
from agent.events import Decision
from agent.exporting import conversation_lines
from agent.handover import STEPS
from agent.journal import Journal
from agent.queue import EVERY, HandoverQueue
from index.errors import UserError
from index.forget import forget_customer
from index.store import Store, open_store
from tests.ticket_files import tables, trouble


@pytest.fixture
def store(own_home: Path) -> Store:
    return open_store(own_home)


@pytest.fixture
def queue(store: Store) -> HandoverQueue:
    return HandoverQueue(store, "default")


def held(store: Store, question: str, chat: str = "chat-1") -> None:
    """A question that came while a person had the chat."""
    Journal(store, "default").keep_turn(question, ended("Ana has it", HELD, chat))


def at_state(store: Store, queue: HandoverQueue, state: str) -> int:
    """A hand-over brought to a state by legal steps."""
    journal = Journal(store, "default", proposes=state in ("proposed", "cancelled"))
    journal.keep_turn("A person please", ended())
    number = journal.handed_over("chat-1")[0]  # type: ignore[index]
    if state == "cancelled":
        queue.cancel(number)
    if state in ("claimed", "released"):
        queue.claim(number, "Ana")
    if state == "released":
        queue.release(number, "Ana")
    if state == "closed":
        queue.close(number, "Ana")
    assert queue.one(number).state == state
    return number


# What waits


def test_only_promised_ones_wait_and_closed_ones_leave(store: Store, queue: HandoverQueue) -> None:
    promise(store, question="Where is my parcel?", chat="chat-a")
    Journal(store, "default").keep_turn("White light?", ended("Hold reset [1].", SOLVED, "chat-b"))
    promise(store, question="A person please", chat="chat-c")
    assert [one.packet.question for one in queue.waiting()] == ["Where is my parcel?", "A person please"]
    queue.close(queue.waiting()[0].number, "Ana")
    assert [one.packet.question for one in queue.waiting()] == ["A person please"]
    assert len(queue.waiting(EVERY)) == 2


def test_the_pressing_and_the_unread_come_first(store: Store, queue: HandoverQueue) -> None:
    calm = promise(store, question="Where is my parcel?", chat="chat-a")
    smoke = promise(store, question="My plug is smoking, help", chat="chat-b")
    later = promise(store, question="I need it urgently", chat="chat-c")
    assert [(one.number, one.packet.priority) for one in queue.waiting()] == [
        (smoke, "urgent"),
        (later, "high"),
        (calm, "normal"),
    ]
    queue.claim(calm, "Ana")
    held(store, "And now?", "chat-a")
    assert [one.number for one in queue.waiting()] == [calm, smoke, later]
    assert queue.one(calm).unread == 1


def test_another_workspace_sees_and_changes_nothing(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    other = HandoverQueue(store, "other")
    assert other.waiting(EVERY) == []
    before = tables(store)
    for step in (other.claim, other.release, other.close):
        assert trouble(lambda step=step: step(number, "Eve")).kind == "CONFIG"
    assert trouble(lambda: other.reply(number, "Eve", "hello")).kind == "CONFIG"
    assert trouble(lambda: other.send(number)).kind == "CONFIG"
    assert trouble(lambda: other.cancel(number)).kind == "CONFIG"
    assert other.retry() == 0
    assert tables(store) == before
    assert queue.one(number).state == "waiting"


def test_asking_again_joins_the_one_that_waits(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    assert promise(store, question="Is anybody there?") == number
    assert len(queue.waiting(EVERY)) == 1
    assert [step.step for step in queue.steps(number)] == ["send", "ask again"]


# Steps


@pytest.mark.parametrize(("state", "step"), itertools.product(EVERY, sorted(set(STEPS) - {"propose", "change"})))
def test_a_step_is_taken_from_where_the_table_says_and_refused_elsewhere(
    store: Store, queue: HandoverQueue, state: str, step: str
) -> None:
    if step == "ask again":
        return  # taken by the desk: see test_asking_again_joins_the_one_that_waits
    number = at_state(store, queue, state)
    take = {
        "send": lambda: queue.send(number),
        "cancel": lambda: queue.cancel(number),
        "claim": lambda: queue.claim(number, "Ben"),
        "take over": lambda: queue.claim(number, "Ben", take_over=True),
        "reply": lambda: queue.reply(number, "Ana", "Hello"),
        "release": lambda: queue.release(number, "Ana"),
        "close": lambda: queue.close(number, "Ana"),
    }[step]
    starts, leads_to = STEPS[step]
    legal = state in starts or (step == "take over" and state == "waiting")  # nobody holds it: that is a claim
    before = tables(store), queue.steps(number)
    if legal:
        take()
        assert queue.one(number).state == leads_to
        last = queue.steps(number)[-1]
        assert (last.from_state, last.to_state) == (state, leads_to)
    else:
        assert trouble(take).kind == "DENIED"
        assert (tables(store), queue.steps(number)) == before


def test_every_step_is_in_the_audit_with_who_when_and_why(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ana")
    queue.claim(number, "Ben", take_over=True)
    queue.reply(number, "Ben", "Hello, this is Ben")
    queue.release(number, "Ben", "a matter for the desk")
    steps = queue.steps(number)
    assert [(step.who, step.step, step.from_state, step.to_state) for step in steps] == [
        ("desk", "send", "", "waiting"),
        ("Ana", "claim", "waiting", "claimed"),
        ("Ben", "take over", "claimed", "claimed"),
        ("Ben", "reply", "claimed", "claimed"),
        ("Ben", "release", "claimed", "released"),
    ]
    assert [step.why for step in steps] == [
        "a person was asked for (rule person.asked)",
        "",
        "from Ana",
        "Hello, this is Ben",
        "a matter for the desk",
    ]
    assert all(step.at.endswith("Z") for step in steps)


def test_the_audit_cannot_be_rewritten(store: Store) -> None:
    promise(store)
    with pytest.raises(Exception, match="never rewritten"), store.write() as db:
        db.execute("UPDATE handover_steps SET who = 'nobody'")


def test_what_the_customer_is_told_is_true_and_kept_with_the_step(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ana")
    queue.release(number, "Ana")
    told = [turn for turn in Journal(store, "default").turns("chat-1") if turn.decision.act == "told"]
    assert [turn.answer.split(" ")[0:4] for turn in told] == [
        ["Ana", "has", "taken", "over"],
        ["Ana", "has", "handed", "back"],
    ]
    before = tables(store)
    with store.write() as db:
        db.execute("CREATE TRIGGER no_words BEFORE INSERT ON turns BEGIN SELECT RAISE(ABORT, 'no words'); END")
    second = promise_without_words(store)
    with pytest.raises(Exception, match="no words"):
        queue.claim(second, "Ana")
    assert queue.one(second).state == "waiting"  # what cannot be told is not done either
    assert [step.step for step in queue.steps(second)] == ["send"]
    assert len(before["turns"]) == len(tables(store)["turns"])


def promise_without_words(store: Store) -> int:
    """A hand-over whose turn was kept before."""
    from agent.handover import open_handover
    from agent.packet import Packet

    with store.write() as db:
        chat = db.execute("SELECT id FROM conversations").fetchone()[0]
        return open_handover(db, chat, None, Packet(), (), send=True)


def test_two_people_claim_at_once_and_one_has_it(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    start, won, lost = threading.Barrier(8), [], []

    def claim(name: str) -> None:
        start.wait()
        try:
            won.append(HandoverQueue(store, "default").claim(number, name).holder)
        except UserError as error:
            lost.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=claim, args=(f"P{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(lost) == 7
    assert queue.one(number).holder == won[0]
    assert all(error.kind == "DENIED" and won[0] in error.message for error in lost)
    assert [step.step for step in queue.steps(number)] == ["send", "claim"]


def test_only_the_holder_replies_releases_and_closes(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ana")
    for step in (
        lambda: queue.reply(number, "Ben", "hello"),
        lambda: queue.release(number, "Ben"),
        lambda: queue.close(number, "Ben"),
        lambda: queue.claim(number, "Ben"),
    ):
        error = trouble(step)
        assert error.kind == "DENIED"
        assert "Ana" in error.message
    assert trouble(lambda: queue.claim(number, "Ana")).message.startswith(f"Hand-over {number} is yours already")


# Replies


def test_a_reply_by_a_person_is_a_turn_by_a_person_and_leaves_with_the_conversation(
    store: Store, queue: HandoverQueue
) -> None:
    number = promise(store)
    queue.claim(number, "Ana")
    held(store, "Are you there?")
    turn = queue.reply(number, "Ana", "Yes.\x1b[31m I look at it now.")
    kept = Journal(store, "default").turns("chat-1")[-1]
    assert (kept.turn_id, kept.author, kept.answer, kept.question) == (turn, "Ana", "Yes. I look at it now.", "")
    assert kept.decision.act == "person"
    (line,) = [line for line, _ in conversation_lines(store, "default", None, None)]
    assert line["turns"][-1]["author"] == "Ana"
    assert (line["messages"][-1]["role"], line["messages"][-1]["text"]) == ("agent", "Yes. I look at it now.")
    assert queue.talk(number)[-1] == ("Ana", "Yes. I look at it now.")
    assert queue.one(number).unread == 0


@pytest.mark.parametrize(("text", "kind"), [("  \n ", "LIMIT"), ("x" * 20_001, "LIMIT")])
def test_a_reply_of_nothing_or_too_much_is_refused(store: Store, queue: HandoverQueue, text: str, kind: str) -> None:
    number = promise(store)
    queue.claim(number, "Ana")
    before = tables(store)
    assert trouble(lambda: queue.reply(number, "Ana", text)).kind == kind
    assert tables(store) == before


def test_who_has_no_name_takes_nothing(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    assert trouble(lambda: queue.claim(number, " \x00 ")).kind == "CONFIG"
    assert queue.one(number).state == "waiting"


def test_release_gives_what_is_new_and_only_that(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ana")
    held(store, "First?")
    queue.reply(number, "Ana", "Answered")
    held(store, "Second?")
    held(store, "Third?")
    assert queue.release(number, "Ana") == ["Second?", "Third?"]
    Journal(store, "default").keep_turn("Second?\nThird?", ended("Hold reset [1].", SOLVED), said="")
    assert queue.pending("chat-1") == []
    texts = [row["text"] for row in store.rows("SELECT text FROM messages WHERE role = 'customer'")]
    assert texts == ["I want a person", "First?", "Second?", "Third?"]  # nothing twice


def test_a_matter_with_unread_questions_is_not_closed_by_accident(store: Store, queue: HandoverQueue) -> None:
    number = promise(store)
    queue.claim(number, "Ana")
    held(store, "And the bill?")
    error = trouble(lambda: queue.close(number, "Ana"))
    assert error.kind == "REFUSED"
    assert "1 question " in error.message
    assert queue.close(number, "Ana", anyway=True).state == "closed"


# The packet before it is sent


def test_a_proposed_one_is_shown_changed_and_sent(store: Store, queue: HandoverQueue) -> None:
    Journal(store, "default", proposes=True).keep_turn("A person, mail me: jo@example.org", ended())
    one = queue.open_in("chat-1")
    assert one is not None
    assert (one.state, one.packet.contact) == ("proposed", "jo@example.org")
    assert queue.waiting() == []
    queue.send(one.number, note="  Twice a day\x07 ", contact="+49 30 123\n456", priority="high")
    packet = queue.one(one.number).packet
    assert (packet.note, packet.contact, packet.priority) == ("Twice a day", "+49 30 123 456", "high")
    assert queue.one(one.number).state == "waiting"
    told = Journal(store, "default").turns("chat-1")[-1].answer
    assert f"hand-over {one.number}" in told


def test_a_withdrawn_one_reaches_nobody(store: Store, queue: HandoverQueue) -> None:
    number = promise(store, "folder")
    queue.cancel(number, why="solved")
    assert queue.waiting() == []
    assert [delivery.state for delivery in queue.one(number).deliveries] == ["failed"]
    assert "withdrawn" in Journal(store, "default").turns("chat-1")[-1].answer


def test_a_wrong_priority_changes_nothing(store: Store, queue: HandoverQueue) -> None:
    Journal(store, "default", proposes=True).keep_turn("A person", ended())
    before = tables(store)
    assert trouble(lambda: queue.send(1, priority="at once")).kind == "LIMIT"
    assert tables(store) == before


def test_a_person_can_be_asked_for_at_any_time_by_key(store: Store, queue: HandoverQueue) -> None:
    assert trouble(lambda: queue.propose("chat-1")).kind == "DENIED"
    Journal(store, "default").keep_turn("Why is it white?", ended("Hold reset [1].", SOLVED))
    one = queue.propose("chat-1")
    assert (one.state, one.rule, one.packet.question) == ("proposed", "person.key", "Why is it white?")
    assert queue.propose("chat-1").number == one.number  # nothing twice


# Old stores


def test_a_store_of_the_release_before_keeps_its_hand_overs(own_home: Path) -> None:
    open_store(own_home).close()
    file = own_home / "deskside.db"
    file.unlink()
    old = old_store(file)
    old.executemany(
        "INSERT INTO handovers (conversation_id, reason, packet, state, created_at) VALUES (?, ?, ?, ?, '2026-01-01')",
        [
            (1, "unsure", json.dumps({"question": "First?", "cited": ["T-1"]}), "waiting"),
            (1, "asked", json.dumps({"question": "Second?", "cited": []}), "waiting"),
            (2, "asked", json.dumps({"question": "Other?", "cited": []}), "closed"),
        ],
    )
    old.commit()
    old.close()
    queue = HandoverQueue(open_store(own_home), "default")
    assert [(one.number, one.packet.question) for one in queue.waiting()] == [(2, "Second?")]
    everything = {one.number: one for one in queue.waiting(EVERY)}
    assert everything[1].state == "closed"
    assert everything[1].packet.cases[0].source_id == "T-1"
    assert [step.step for step in queue.steps(1)] == ["send", "close"]
    queue.claim(2, "Ana")
    assert queue.reply(2, "Ana", "Hello")


def old_store(file: Path) -> sqlite3.Connection:
    """A store as the first release made it, with two chats."""
    from sqlite_utils import Database

    from index import schema

    store = sqlite3.connect(file)
    db = Database(store)
    steps = [step for step in schema.steps.pending(db) if step.name <= "0003_sights"]
    assert len(steps) == 3
    later = [step.name for step in schema.steps.pending(db)][3]
    schema.steps.apply(db, stop_before=later)
    db.execute("INSERT OR IGNORE INTO facts VALUES ('id', 'x'), ('made_by', '0.1.0')")
    for number in (1, 2):
        db.execute(
            "INSERT INTO conversations (id, workspace, source_id, origin, trust, subject, tags, extra, content_hash,"
            " updated_at) VALUES (?, 'default', ?, 'chat', 'chat', 's', '[]', '{}', '', 'x')",
            [number, f"chat-{number}"],
        )
    return store


def test_forgetting_a_customer_takes_hand_overs_and_quotes_along(store: Store, queue: HandoverQueue) -> None:
    journal = Journal(store, "default", outlets=("folder",))
    journal.keep_turn("I want a person", ended(chat="chat-a"), customer="C-1")
    hit = replace(ended().hits[0], source_id="chat-a", title="I want a person", passage="I want a person")
    journal.keep_turn("Me too", ended(chat="chat-b", hits=(hit,)))
    assert "I want a person" in json.dumps(queue.waiting()[1].packet.as_json())
    forget_customer(store, "default", "C-1")
    (left,) = queue.waiting(EVERY)
    assert left.conversation == "chat-b"
    assert "I want a person" not in json.dumps(left.packet.as_json())
    count = store.rows("SELECT count(*) AS n FROM handover_steps WHERE handover_id NOT IN (SELECT id FROM handovers)")
    assert count[0]["n"] == 0


# Commands


def run(arguments: list[str], **more: str) -> Result:
    """`deskside handovers` in this process."""
    return CliRunner().invoke(deskside, ["handovers", *arguments], **more)  # type: ignore[arg-type]


def test_the_commands_carry_a_hand_over_from_the_queue_to_the_end(store: Store) -> None:
    number = str(promise(store, question="Where is my parcel?"))
    assert "Where is my parcel?" in run(["list"]).output
    assert "is yours, Ana" in run(["claim", number, "--as", "Ana"]).output
    assert "claimed by Ana" in run(["list"]).output
    held(store, "Hello?")
    assert "1 unread" in run(["list"]).output
    assert run(["reply", number, "It", "left today", "--as", "Ana"]).exit_code == 0
    shown = run(["show", number]).output
    assert "Customer: Where is my parcel?" in shown
    assert "Ana: It left today" in shown
    assert "waiting > claimed" in shown
    assert "rule person.asked" in shown
    assert "closed" in run(["close", number, "--as", "Ana"]).output
    assert "Nobody waits." in run(["list"]).output
    assert "closed" in run(["list", "--all"]).output


def test_the_commands_speak_json(store: Store) -> None:
    number = str(promise(store))
    (line,) = run(["list", "--json"]).output.splitlines()
    assert json.loads(line)["state"] == "waiting"
    claimed = json.loads(run(["claim", number, "--as", "Ana", "--json"]).output)
    assert (claimed["state"], claimed["holder"], claimed["number"]) == ("claimed", "Ana", int(number))
    read = run(["reply", number, "-", "--as", "Ana", "--json"], input="From a file\nof two lines")
    assert json.loads(read.output)["unread"] == 0
    shown = json.loads(run(["show", number, "--json"]).output)
    assert shown["messages"][-1] == {"who": "Ana", "text": "From a file\nof two lines"}
    assert [step["step"] for step in shown["steps"]] == ["send", "claim", "reply"]
    released = json.loads(run(["release", number, "--as", "Ana", "--json"]).output)
    assert (released["state"], released["left"]) == ("released", [])


def test_a_proposed_one_is_sent_or_withdrawn_by_command(store: Store) -> None:
    journal = Journal(store, "default", proposes=True)
    journal.keep_turn("A person", ended(chat="chat-a"))
    journal.keep_turn("A person", ended(chat="chat-b"))
    sent = run(["send", "1", "--note", "Soon", "--priority", "high", "--json"])
    assert json.loads(sent.output)["packet"]["note"] == "Soon"
    assert "withdrawn" in run(["cancel", "2"]).output
    assert "Nobody waits" not in run(["list"]).output


@pytest.mark.parametrize("command", ["show", "claim", "release", "close", "send", "cancel", "retry"])
def test_a_number_that_is_not_there_is_said(store: Store, command: str) -> None:
    done = run([command, "99"])
    assert isinstance(done.exception, UserError)
    assert "no hand-over 99" in done.exception.message


def test_the_list_carries_no_escape_sequences_of_a_customer(store: Store) -> None:
    promise(store, question="\x1b]52;c;AAAA\x07[/x] help \u202eme")
    shown = run(["list"]).output + run(["show", "1"]).output
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[/x] help" in shown


def test_a_decision_below_the_caution_is_told_with_its_rule(store: Store, queue: HandoverQueue) -> None:
    unsure = Decision("handover", "nothing found answers this surely enough", "found.unsure", 0.12)
    Journal(store, "default").keep_turn("Coffee machine?", ended(decision=unsure))
    (one,) = queue.waiting()
    assert (one.rule, one.packet.decision["confidence"]) == ("found.unsure", 0.12)
    assert [case.source_id for case in one.packet.cases] == ["T-1"]


def test_an_approved_conversation_needs_nobody_any_more_and_the_audit_says_so(
    store: Store, queue: HandoverQueue
) -> None:
    journal = Journal(store, "default")
    journal.keep_turn("Why is it white?", ended("Hold reset for 10 seconds until it blinks.", SOLVED))
    number = promise(store, "folder", question="Now a person please")
    journal.approve("chat-1")
    one = queue.one(number)
    assert (one.state, [delivery.state for delivery in one.deliveries]) == ("closed", ["failed"])
    assert queue.steps(number)[-1].why == "the conversation was approved as solved"


def test_a_persons_reply_is_evidence_once_the_conversation_is_approved(store: Store, queue: HandoverQueue) -> None:
    number = promise(store, question="Why is the light of my hub violet?")
    queue.claim(number, "Ana")
    queue.reply(number, "Ana", "Violet means that the hub updates itself. Leave it on power for 20 minutes.")
    queue.close(number, "Ana")
    approval = Journal(store, "default").approve("chat-1")
    resolutions = [passage.text for passage in approval.passages if passage.kind == "resolution"]
    assert "Violet means" in " ".join(resolutions)
    assert "Ana has" not in " ".join(resolutions)  # what was told about the hand-over helps nobody
