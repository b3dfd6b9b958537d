"""A format that somebody else wrote and installed is found, used and held to the same rules as ours."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agent.cli import deskside
from index.formats import detect_format, formats, plug_in_trouble
from index.store import Store, open_store
from tests.ticket_files import take, trouble

DOCS = Path(__file__).parent.parent / "docs" / "plugins.md"


def install(folder: Path, name: str, code: str, entry: str | None = None) -> None:
    """A distribution as an installer leaves it: the module, and its metadata with the entry point."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"deskside_{name}.py").write_text(code, "utf-8")
    papers = folder / f"deskside_{name}-1.0.dist-info"
    papers.mkdir()
    (papers / "METADATA").write_text(f"Metadata-Version: 2.1\nName: deskside-{name}\nVersion: 1.0\n", "utf-8")
    entry = entry or f"{name} = deskside_{name}:FORMAT"
    (papers / "entry_points.txt").write_text(f"[deskside.formats]\n{entry}\n", "utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A folder of installed packages on sys.path; what was imported from it is forgotten afterwards."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    yield folder
    for name in [name for name in sys.modules if name.startswith("deskside_")]:
        del sys.modules[name]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "data")


def documented() -> str:
    """The example of the documentation."""
    found = re.search(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert found
    return found.group(1)


def chats(store: Store) -> list[str]:
    return [row["source_id"] for row in store.rows("SELECT source_id FROM conversations ORDER BY id")]


def test_the_documented_plug_in_works_as_soon_as_it_is_installed(store: Store, site: Path, tmp_path: Path) -> None:
    install(site, "chatlog", documented())
    log = tmp_path / "today.chatlog"
    log.write_text("7|customer|Where is my parcel?\n7|agent|It arrives on Monday.\n8|customer|Hello\n", "utf-8")
    assert detect_format(log) == "chatlog"
    (report,) = take(store, log)
    assert (report.read, report.imported, chats(store)) == (2, 2, ["7", "8"])
    log.write_text("7|customer|Where is my parcel?\n7|agent|It arrives on Tuesday.\n", "utf-8")
    (report,) = take(store, log, mirror=True)
    assert (report.changed, report.vanished, chats(store)) == (1, 1, ["7"])
    listed = CliRunner().invoke(deskside, ["import", "--formats"])
    assert "chatlog    Chat logs" in listed.output
    assert "zendesk" in listed.output


def test_its_errors_have_their_line_and_nothing_is_kept(store: Store, site: Path, tmp_path: Path) -> None:
    install(site, "chatlog", documented())
    log = tmp_path / "today.chatlog"
    log.write_text("7|customer|Hello\nnonsense\n8|agent|Hello\n", "utf-8")
    error = trouble(lambda: take(store, log))
    assert (error.kind, error.line, chats(store)) == ("SCHEMA", 2, [])
    (report,) = take(store, log, skip_bad=True)
    assert (report.imported, report.skipped) == (2, 1)


BROKEN = {
    "import": ("raise RuntimeError('no licence')", "cannot be loaded: RuntimeError: no licence"),
    "value": ("FORMAT = 7", "is no index.formats.Format"),
    "name": (
        "from index.formats import Format\nFORMAT = Format('csv', 'Mine', lambda look: True, lambda p, o: iter(()))",
        "its name must be its own",
    ),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_plug_in_that_cannot_be_used_is_left_out_and_told(site: Path, tmp_path: Path, how: str) -> None:
    code, words = BROKEN[how]
    install(site, "bad", code)
    assert "bad" not in formats()
    assert any(words in line for line in plug_in_trouble())
    file = tmp_path / "t.jsonl"
    file.write_text('{"id": "1", "messages": [{"role": "agent", "text": "x"}]}', "utf-8")
    assert detect_format(file) == "jsonl"
    assert words in CliRunner().invoke(deskside, ["import", "--formats"]).output
    named = CliRunner().invoke(deskside, ["import", str(file), "--format", "bad"])
    assert named.exit_code == 2
    assert words[:20] in named.output


def test_a_plug_in_that_fails_on_the_way_ends_the_import_with_its_name(
    store: Store, site: Path, tmp_path: Path
) -> None:
    code = documented().replace(
        "chat, began, messages =",
        "yield Parsed(1, Conversation('a', (Message('agent', 'b'),)))\n    1 / 0\n    chat, began, messages =",
    )
    install(site, "chatlog", code)
    log = tmp_path / "today.chatlog"
    log.write_text("7|customer|Hello\n", "utf-8")
    error = trouble(lambda: take(store, log))
    assert (error.kind, chats(store)) == ("DAMAGED", [])
    assert 'plug-in "chatlog" failed behind record 1: ZeroDivisionError' in error.message


def test_a_plug_in_that_stumbles_while_it_looks_leaves_the_file_to_others(site: Path, tmp_path: Path) -> None:
    install(site, "chatlog", documented().replace('look.suffix == ".chatlog"', "look.nothing"))
    file = tmp_path / "t.csv"
    file.write_text("conversation,role,text\n1,agent,x\n", "utf-8")
    assert detect_format(file) == "csv"
