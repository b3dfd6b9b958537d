"""The desk in plain lines."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from test_window_foreign_text import ESCAPES, MARKUP
from window_doubles import ANSWER, MemoryRecords, ScriptedDesk, citation, hit

from agent.events import Decision
from agent.journal import Journal
from agent.plain import run_plain
from agent.tui.commands import commands_for
from index.errors import UserError
from index.store import open_store


def talk(
    lines: Sequence[str],
    desk: ScriptedDesk | None = None,
    records: MemoryRecords | None = None,
    expected: int = 0,
    **more: str,
) -> str:
    """What is printed for the lines typed."""
    out = io.StringIO()
    ready = desk or ScriptedDesk()
    typed = io.StringIO("".join(f"{line}\n" for line in lines))
    status = run_plain(records or MemoryRecords(), lambda note: ready, input_stream=typed, output_stream=out, **more)
    assert status == expected
    return out.getvalue()


def test_a_question_and_its_answer_read_as_a_conversation() -> None:
    out = talk(["My hub is white"], ScriptedDesk(citations=(citation(1),)))
    assert f"You: My hub is white\n(The desk is being opened.)\nAgent: {ANSWER}\n" in out
    assert "  [1] T-1042 Hub stays white (resolved, " in out
    assert out.rstrip().endswith("(from a past case · 1.9 s)")


def test_no_box_drawing_braille_or_blocks_are_printed(tmp_path: Path) -> None:
    records = MemoryRecords()
    records.add_chat("a", "Old", 2)
    picture = tmp_path / "hub.png"
    Image.new("RGB", (20, 20)).save(picture)
    lines = ["/help", "/open", "/open 1", f"/attach {picture}", "Hi", "/source 1", "/sources", "/good", "/bad no", "/x"]
    out = talk(lines, records=records)
    assert not [char for char in out if 0x2500 <= ord(char) <= 0x259F or 0x2800 <= ord(char) <= 0x28FF]
    assert not [char for char in out if unicodedata.category(char) == "Cc" and char != "\n"]


def test_a_repaired_answer_is_said_in_full_again() -> None:
    out = talk(["hub?"], ScriptedDesk("Hold 99 s.", repaired="Hold 10 s [1]."))
    assert "Agent: Hold 99 s.\nAgent, corrected against the sources: Hold 10 s [1].\n" in out


def test_a_hand_over_says_why() -> None:
    decision = Decision("handover", "nobody solved this before", "low", 0.1)
    out = talk(["?!"], ScriptedDesk("A person will look.", decision=decision, hits=(), citations=()))
    assert "(handed over: nobody solved this before · 1.9 s)" in out


def test_pictures_are_attached_read_out_and_limited(tmp_path: Path) -> None:
    paths = [tmp_path / f"p {n}.png" for n in range(5)]
    for path in paths:
        Image.new("RGB", (40, 30)).save(path)
    (tmp_path / "bad.png").write_text("no")
    desk = ScriptedDesk(words="")
    lines = [f"/attach {tmp_path}/bad.png", f"'{paths[0]}'", f"/attach {paths[1]}", "/detach 1"]
    lines += [f"/attach {path}" for path in paths[2:]] + [f"/attach {paths[0]}", "/attach", ""]
    out = talk(lines, desk)
    assert "Trouble: bad.png" in out
    assert "Attached: p 0.png (40 by 30)." in out
    assert "Taken off: p 0.png" in out
    assert "p 1.png: no text found" in out
    assert desk.asked[0][1] == (*paths[1:], paths[0])[:4]
    assert "Which picture?" in out


def test_every_command_of_the_table_is_answered() -> None:
    records = MemoryRecords()
    out = talk(["Hub?", *(f"/{c.name}" for c in commands_for("plain") if c.name != "quit")], records=records)
    assert "There is no command" not in out
    for command in commands_for("plain"):
        assert f"{command.slash}: {command.help}" in out


def test_sources_open_at_the_cited_lines() -> None:
    out = talk(["Hub?", "/source 1", "/source 2", "/source 7"])
    assert "  3: The app does not find it.\n> 4: Agent: A white light means set-up mode.\n> 5: Hold reset" in out
    assert "T-0999 is no longer in the store." in out
    assert "This answer has no source 7." in out


def test_ratings_are_kept_and_taken_back() -> None:
    records = MemoryRecords()
    out = talk(["/good", "Hub?", "/good", "/good", "/bad wrong light"], records=records)
    assert "There is no kept answer" in out
    assert "The rating was taken back." in out
    assert records.ratings == {1: ("bad", "wrong light")}


def test_conversations_go_on_are_reopened_and_started_anew() -> None:
    records, desk = MemoryRecords(), ScriptedDesk()
    records.add_chat("old", "Hub LED", 2)
    out = talk(["a", "b", "/new", "c", "/open 1", "d", "/open 9"], desk, records)
    assert [asked[2] for asked in desk.asked] == [None, "C-1", None, "old"]
    assert "You: Question 2\nAgent: Answer 2 [1]\n" in out
    assert "There is no conversation 9." in out
    assert "Question 1" in talk([], ScriptedDesk(), records, conversation_id="old")


def test_trouble_keeps_the_question() -> None:
    desk = ScriptedDesk(UserError("No index. Run: deskside index build"), ANSWER)
    out = talk(["Hub?", "/again"], desk, expected=1)  # a script that met trouble does not end well
    assert "Trouble: No index. Run: deskside index build\n/again sends" in out
    assert [asked[0] for asked in desk.asked] == ["Hub?", "Hub?"]
    assert f"Agent: {ANSWER}" in out


def test_records_in_trouble_do_not_end_the_talk() -> None:
    records = MemoryRecords()
    records.trouble = UserError("The store is busy. Try again.", "BUSY")
    out = talk(["/open", "Hub?"], records=records)
    assert "Trouble: The store is busy." in out
    assert "Agent: " in out


def test_too_long_a_question_and_a_wrong_word_are_told() -> None:
    desk = ScriptedDesk()
    out = talk(["x" * 30_000, "/atach p", "   ", "//help is text"], desk)
    assert "LIMIT: 30,000 characters" in out
    assert "did you mean /attach?" in out
    assert [asked[0] for asked in desk.asked] == ["/help is text"]


def test_foreign_text_reaches_no_terminal() -> None:
    for number, payload in enumerate((*ESCAPES, *MARKUP)):
        text = f"q {payload} z"
        records = MemoryRecords()
        records.add_chat("a", text, 1, text)
        hits = (hit(1, title=text, passage=text, outcome=text), hit(2, source_id=text, title=text))
        cited = (citation(1, title=text),)
        desk = ScriptedDesk(text, UserError(text), hits=hits, citations=cited, words=text)
        out = talk([text, "again", "/sources", "/source 2", "/open", "/open 1"], desk, records, expected=1)
        assert not {c for c in out if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c != "\n"}, number
        if number >= len(ESCAPES):
            assert out.count(payload) >= 5


def test_ctrl_c_stops_the_answer_keeps_the_partial_and_the_talk_goes_on(tmp_path: Path) -> None:
    script = """
import sys
from agent.plain import run_plain
from window_doubles import MemoryRecords, ScriptedDesk
desk = ScriptedDesk("partial words " * 100, "second answer", delay=0.02)
status = run_plain(MemoryRecords(), lambda note: desk, input_stream=sys.stdin, output_stream=sys.stdout)
print([asked[2] for asked in desk.asked], "left with", status)
"""
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": f"{here.parent}{os.pathsep}{here}", "PYTHONUNBUFFERED": "1"}
    running = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert running.stdin
    assert running.stdout
    running.stdin.write("first\n")
    running.stdin.flush()
    seen = ""
    while "partial words" not in seen:
        seen += running.stdout.read(1)
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    rest, _ = running.communicate("second\n", timeout=20)
    assert time.monotonic() - began < 5
    assert "(stopped; what was said is kept)" in rest
    assert "Agent: second answer" in rest
    assert "[None, 'C-1'] left with 0" in rest
    assert running.returncode == 0


def test_plain_lines_steer_find_and_keep_order_as_the_window_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    journal = Journal(open_store(tmp_path / "data"), "default")
    desk = ScriptedDesk("Hold reset for 10 seconds until it is blue.", "Take it off power.", keeper=journal)
    lines = ["hub white?", "/again", "/variant 1", "/bad too short", "/correct Hold reset for 20 seconds, then wait."]
    lines += ["/veto", "/rename Hub of Ana", "/export md", "/approve", "/approve", "/conversations hub status:approved"]
    lines += ["/conversations rating:great", "/delete", "/delete", "/conversations"]
    out = talk(lines, desk, journal)  # type: ignore[arg-type]
    for told in (
        "Answer 1 of 2 counts now.\nAgent: Hold reset for 10",
        "Rated bad.",
        "The correction is kept.",
        "Nothing will learn from it.",
        "Written: ",
        "resolution: Hold reset for 20 seconds, then wait.",
        "Approved: 2 passages on the shelf",
        "1: Hub of Ana (1 questions, today, approved, bad)",
        "rating: takes good, bad or none.",
        "Type /delete once more",
        "The conversation was deleted.",
        "No conversations yet.",
    ):
        assert told in out, told
    assert "Hold reset for 20 seconds" in next(tmp_path.glob("chat-*.md")).read_text()
