"""The command line: quick to answer, plain in trouble, and one line out for one line in."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest

from agent.cli import COMMANDS, main
from agent.cli import deskside as program
from index.errors import EXIT_CODES
from index.staging import one_import
from index.store import open_store
from tests.ticket_files import ROOT, deskside, picture, run_python, ticket, write_lines

HEAVY = (
    "torch", "transformers", "sentence_transformers", "faiss", "rapidocr", "PIL", "onnxruntime", "textual",
    "sqlite_utils", "bs4", "numpy", "pysqlite3", "sqlite3",
)  # fmt: skip


class Ran:
    """What a command said and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def json(self) -> Any:
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The program in this process: the same `main`, without waiting for Python to start."""

    def ran(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["deskside", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return ran


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "tickets.jsonl", map(ticket, range(10)))


# --- help -----------------------------------------------------------------------------------------------------


def test_help_imports_no_heavy_library() -> None:
    script = f"""
import sys
sys.argv = ["deskside", "--help"]
from agent.cli import main
try:
    main()
except SystemExit:
    pass
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = run_python(script)
    assert "import" in done.stdout
    assert done.stderr.strip() == "[]"


@pytest.mark.slow
def test_help_answers_in_a_third_of_a_second() -> None:
    program = Path(sys.executable).with_name("deskside")
    times = []
    for _ in range(7):
        started = time.perf_counter()
        subprocess.run([program, "--help"], check=True, capture_output=True, cwd=ROOT)
        times.append(time.perf_counter() - started)
    assert sorted(times)[1] < 0.3, times  # other work shares the cores: the second best counts


def every_command() -> list[list[str]]:
    found: list[list[str]] = [[]]
    context = click.Context(program)
    for name in COMMANDS:
        command = program.get_command(context, name)
        found.append([name])
        if isinstance(command, click.Group):
            found += [[name, each] for each in command.list_commands(context)]
    return found


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_explains_itself(run: Any, command: list[str]) -> None:
    ran = run(*command, "--help")
    assert ran.code == 0
    assert ran.out.startswith("Usage: ")
    assert len(ran.out.splitlines()) > 4
    assert run(*command, "-h").out == ran.out


def test_the_list_of_commands_says_what_their_help_says(run: Any) -> None:
    listed = run("--help").out
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", listed, re.M), name


def test_a_group_alone_shows_its_commands(run: Any) -> None:
    ran = run("index")
    assert "verify" in ran.out + ran.err


# --- trouble --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nonsense"], 2),
        (["import"], 2),
        (["import", "x", "--format", "xml"], 2),
        (["import", "x", "--column", "nonsense"], 2),
        (["search", "--top", "many", "x"], 2),
        (["index", "nonsense"], 2),
        (["--nonsense"], 2),
        (["import", "missing.jsonl"], EXIT_CODES["TYPE"]),
        (["search"], EXIT_CODES["LIMIT"]),
        (["ask"], EXIT_CODES["LIMIT"]),
        (["ask", "x", "--caution", "7"], EXIT_CODES["CONFIG"]),
        (["search", "x", "--top", "99"], EXIT_CODES["CONFIG"]),
        (["index", "stats", "-w", "../x"], EXIT_CODES["CONFIG"]),
        (["forget", "nobody", "--yes"], EXIT_CODES["CONFIG"]),
        (["templates", "import", "missing.jsonl"], EXIT_CODES["TYPE"]),
        (["templates", "remove", "nothing"], EXIT_CODES["CONFIG"]),
        (["restore", "missing.tar"], EXIT_CODES["TYPE"]),
        (["restore", "pyproject.toml"], EXIT_CODES["DAMAGED"]),
        (["export", "ratings", "-o", "nowhere/x.jsonl"], EXIT_CODES["CONFIG"]),
        (["backup", "."], EXIT_CODES["CONFIG"]),
        (["nonsense\x1b]52;c;x\x07"], 2),
        (["forget", "no\x1b]52;c;x\x07body", "--yes"], EXIT_CODES["CONFIG"]),
    ],
    ids=lambda value: " ".join(map(repr, value)) if isinstance(value, list) else str(value),
)
def test_trouble_is_told_in_two_lines_with_its_exit_code(run: Any, arguments: list[str], code: int) -> None:
    ran = run(*arguments)
    assert ran.code == code, ran.err
    assert ran.out == ""
    assert ran.err.startswith("deskside: ")
    assert len(ran.err.splitlines()) <= 2
    assert ran.err.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "EMPTY"),
        (b"\n\n", "EMPTY"),
        (b"{\n", "SCHEMA"),
        (b"\xff\xfe{\x00}\x00", "ENCODING"),
        (b"\x89PNG\r\n", "TYPE"),
        (b'{"id": 1, "messages": [{"role": "root", "text": "x"}]}\n', "SCHEMA"),
    ],
)
def test_a_file_that_cannot_be_taken_has_the_exit_code_of_its_kind(
    run: Any, tmp_path: Path, data: bytes, kind: str
) -> None:
    (tmp_path / "bad.jsonl").write_bytes(data)
    ran = run("import", tmp_path / "bad.jsonl", "--no-index")
    assert ran.code == EXIT_CODES[kind]
    assert "bad.jsonl" in ran.err
    assert len(ran.err.splitlines()) <= 2


def test_an_import_beside_an_import_is_busy(run: Any, tickets: Path, own_home: Path) -> None:
    with one_import(own_home):
        assert run("import", tickets, "--no-index").code == EXIT_CODES["BUSY"]


def test_a_damaged_store_is_told_by_every_command(run: Any, tickets: Path, own_home: Path, tmp_path: Path) -> None:
    own_home.mkdir()
    (own_home / "deskside.db").write_bytes(b"rubbish" * 3000)
    for command in (
        ["import", tickets, "--no-index"], ["search", "x"], ["index", "stats"], ["export", "ratings"],
        ["templates", "list"], ["backup", tmp_path / "b.tar"], ["forget", "C-1", "--yes"], ["chat", "--plain"],
    ):  # fmt: skip
        ran = run(*command)
        assert ran.code == EXIT_CODES["STORE"], (command, ran.err)
        assert "restore" in ran.err
    assert (own_home / "deskside.db").read_bytes() == b"rubbish" * 3000


def test_a_wrong_settings_file_is_told_with_its_line(run: Any, own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "deskside.toml").write_text("\ntop = 99\n")
    ran = run("index", "stats")
    assert ran.code == EXIT_CODES["CONFIG"]
    assert "deskside.toml line 2" in ran.err


def test_the_real_program_ends_with_the_same_codes(tmp_path: Path) -> None:
    unknown = deskside("nonsense", LC_ALL="C")
    assert (unknown.returncode, len(unknown.stderr.splitlines())) == (2, 2)
    assert deskside("import", tmp_path / "missing.jsonl").returncode == EXIT_CODES["TYPE"]


def test_ctrl_c_stops_with_130_and_without_a_traceback(tmp_path: Path, own_home: Path) -> None:
    file = write_lines(tmp_path / "many.jsonl", map(ticket, range(20_000)))
    process = subprocess.Popen(
        [sys.executable, "-m", "agent.cli", "import", file, "--no-index"],
        cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # in the background it is ignored
    )  # fmt: skip
    for _ in range(400):
        if list((own_home / "staging").glob("*.db")):
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert out == ""
    assert open_store(own_home).rows("SELECT count(*) AS n FROM conversations") == [{"n": 0}]


# --- work -----------------------------------------------------------------------------------------------------


def test_an_import_tells_what_became_of_every_record(run: Any, tickets: Path) -> None:
    first = run("import", tickets, "--no-index")
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith("tickets.jsonl: 10 read = 10 new + 0 unchanged + 0 skipped")
    again = run("import", tickets, "--no-index", "--json").json()
    (file,) = again["files"]
    assert (file["read"], file["imported"], file["duplicate"]) == (10, 0, 10)
    assert run("import", tickets, "--dry-run", "-w", "other").out.startswith(
        "tickets.jsonl: 10 read = 10 new + 0 unchanged + 0 skipped (dry run)"
    )


def test_a_file_taken_before_the_bad_one_is_told(run: Any, tickets: Path, tmp_path: Path) -> None:
    ran = run("import", tickets, write_lines(tmp_path / "bad.jsonl", [{"id": "x"}]), "--no-index")
    assert ran.code == EXIT_CODES["SCHEMA"]
    assert ran.out.startswith("tickets.jsonl: 10 read = 10 new")
    assert "bad.jsonl, line 1" in ran.err


def test_what_is_left_out_is_named(run: Any, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "t.jsonl", [ticket(1), {"id": "x"}])
    ran = run("import", file, "--no-index", "--skip-bad")
    assert ran.code == 0
    assert "1 new + 0 unchanged + 1 skipped" in ran.out
    assert "line 2" in ran.err


def test_templates_come_and_go(run: Any, tmp_path: Path) -> None:
    rows = [{"id": "R-1", "title": "Returns", "text": "30 days.", "questions": ["return?", "send back?"]}]
    file = write_lines(tmp_path / "t.jsonl", rows)
    assert run("templates", "import", file).out == "1 templates read = 1 new or changed + 0 as they were\n"
    assert run("templates", "list", "--json").lines() == rows
    assert run("templates", "list", "--json", "-w", "other").out == ""
    assert run("templates", "remove", "R-1").code == 0
    assert run("templates", "list").out == ""


def test_a_customer_is_forgotten_only_when_asked_twice(run: Any, tickets: Path, own_home: Path) -> None:
    run("import", tickets, "--no-index")
    assert deskside("forget", "C-3").returncode == 130  # nobody there to say yes
    assert open_store(own_home).rows("SELECT count(*) AS n FROM conversations") == [{"n": 10}]
    assert run("forget", "C-3", "--yes", "--json").json() == {"conversations": 1, "pictures": 0}


def test_backup_and_restore_from_the_command_line(run: Any, tickets: Path, own_home: Path, tmp_path: Path) -> None:
    run("import", tickets, "--no-index")
    assert run("backup", tmp_path / "b.tar").code == 0
    new = tmp_path / "new"
    assert run("restore", tmp_path / "b.tar", "--yes", "--home", new).out.startswith("Restored: 10 conversations")
    assert open_store(new).rows("SELECT count(*) AS n FROM conversations") == [{"n": 10}]


@pytest.mark.filterwarnings("ignore")
def test_search_and_index_from_the_command_line(run: Any, tickets: Path, tmp_path: Path, own_home: Path) -> None:
    """One test, because the real embedder takes its second to load each time."""
    assert run("import", tickets, "--json").json()["index"]["passages"] == 20
    assert run("index", "verify").code == 0
    found = run("search", "hub 7 shows E-7", "--json").json()
    assert found["hits"][0]["source_id"] == "T-7"
    assert len(found["hits"]) == 10

    (own_home / "deskside.toml").write_text("top = 3\n")
    assert len(run("search", "hub 7 shows E-7", "--json").json()["hits"]) == 3
    assert len(run("search", "hub 7 shows E-7", "--json", "--top", "2").json()["hits"]) == 2

    batch = tmp_path / "batch.jsonl"
    batch.write_bytes(
        b'\xef\xbb\xbf{"id": "a", "query": "hub 4 shows E-4"}\n'
        b"\n"
        b"not json\n"
        b'["a list"]\n'
        b'{"id": "b", "query": "caf\xe9"}\n'
        b'{"id": "c", "image": "missing.png"}\n'
        b'{"id": "d"}\n'
        b'{"id": "e", "query": "\\ud800 E-5", "error": "a key of theirs"}\n'
        b'{"id": 6, "question": "hub 6 shows E-6"}'
    )
    ran = run("search", "--batch", batch, "--json")
    answers = ran.lines()
    assert ran.code == 0
    assert [each["id"] for each in answers] == ["a", None, None, None, "c", "d", "e", 6]
    assert ["error" in each for each in answers] == [False, True, True, True, True, True, False, False]
    assert [each["hits"][0]["source_id"] for each in answers if each["hits"]] == ["T-4", "T-5", "T-6"]
    assert "batch.jsonl line 3" in answers[1]["error"]
    assert "line 5" in answers[3]["error"]

    (data,) = (own_home / "index").rglob("loose-*.faiss")
    data.write_bytes(b"damaged")
    assert run("index", "verify").code == 1
    ran = run("search", "hub 7 shows E-7", "--json")
    assert "rebuilt" in ran.err
    assert ran.json()["hits"][0]["source_id"] == "T-7"
    assert run("index", "verify", "--json").json()["ok"]

    run("import", write_lines(tmp_path / "more.jsonl", [ticket(50)]), "--no-index")
    assert run("index", "verify", "--json").json()["missing"] == 2
    assert run("index", "build", "--json").json()["passages"] == 22
    assert run("index", "verify").code == 0
    stats = run("index", "stats", "--json").json()
    assert (stats["tickets"], stats["passages"]) == (11, {"problem": 11, "resolution": 11})


def test_questions_in_a_batch_get_one_line_each(run: Any, tickets: Path, tmp_path: Path) -> None:
    run("import", tickets)
    picture(tmp_path / "plain.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    rows = [
        {"id": "a", "question": "My hub number 4 shows error E-4 since this morning."},
        {"id": "b", "question": "x" * 30_000},
        {"id": "c", "question": "what is this", "image": "bad.png"},
        {"id": "d"},
    ]
    file = write_lines(tmp_path / "q.jsonl", rows)
    with file.open("a") as stream:
        stream.write("broken\n")
    ran = run("ask", "--batch", file, "--json", "--model", "none")
    answers = ran.lines()
    assert (ran.code, ran.err) == (0, "")
    assert [each["id"] for each in answers] == ["a", "b", "c", "d", None]
    assert [each.get("kind") for each in answers] == [None, "LIMIT", "TYPE", "LIMIT", "SCHEMA"]
    assert answers[0]["citations"][0]["source_id"] == "T-4"
    assert {"answer", "decision", "citations", "hits", "read", "seconds", "version"} <= answers[0].keys()
