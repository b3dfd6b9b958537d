"""The house stands as CONTRIBUTING says: layers point one way, heavy libraries come in by named doors."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("agent", "index", "finetune")
MAY_IMPORT = {"finetune": {"finetune", "agent", "index"}, "agent": {"agent", "index"}, "index": {"index"}}
FILES = sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
MOST_LINES = 420

# library -> the only files (or folders) it comes in by; grow the list when the house grows
DOORS = {
    "faiss": {"index/nearest.py"},
    "pymilvus": {"index/milvus.py"},
    "sentence_transformers": {"index/embed.py", "finetune/embedder.py"},
    "datasketch": {"finetune/duplicates.py"},
    "rapidocr": {"index/reader.py"},
    "PIL": {
        "index/pictures.py",
        "index/reader.py",
        "index/picture_bytes.py",
        "agent/tui",
        "agent/openai.py",
        "agent/hub.py",
        "agent/vlm/seen.py",
        "agent/vlm/gauge.py",
        "finetune/screens",
        "finetune/tower_crops.py",
        "finetune/tower_scores.py",
        "finetune/tower_start.py",
    },
    "sqlite_utils": {"index/database.py"},
    "pysqlite3": {"index/store.py"},
    "click": {
        "agent/cli.py",
        "agent/commands",
        "finetune/answering_commands.py",
        "finetune/commands.py",
        "finetune/classifier_commands.py",
        "finetune/deciders_commands.py",
        "finetune/example_commands.py",
        "finetune/export_commands.py",
        "finetune/fused_commands.py",
        "finetune/learn_commands.py",
        "finetune/reranker_commands.py",
        "finetune/search_commands.py",
        "finetune/tower_commands.py",
    },
    "textual": {"agent/tui"},
    "textual_serve": {"agent/tui/serve.py"},
    "textual_image": {"agent/tui/pixels.py"},
    "aiohttp": {"agent/tui/serve.py"},
    "onnx": {"finetune/port_tower.py"},
    "sklearn": {
        "finetune/cases.py",
        "finetune/aim.py",
        "finetune/answering.py",
        "finetune/alike.py",
        "finetune/measures.py",
        "finetune/deciders.py",
    },
    "peft": {"agent/hub.py"},
    "optuna": {"finetune/searching.py"},
    "httpx": {"agent/openai.py", "agent/webhook.py"},
    "bs4": {"index/formats/html.py"},
    "docutils": {"index/formats/rst.py"},
    "phonenumbers": {"index/redact.py", "index/personal.py"},
}


def imported(file: Path) -> set[str]:
    """Every module a file imports, at any depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", FILES, ids=place)
def test_a_room_imports_only_what_it_may(file: Path) -> None:
    room = file.relative_to(ROOT).parts[0]
    others = {name.split(".")[0] for name in imported(file)} & set(ROOMS)
    assert others <= MAY_IMPORT[room], f"{place(file)} imports {others - MAY_IMPORT[room]}"


@pytest.mark.parametrize("file", FILES, ids=place)
def test_heavy_libraries_come_in_by_their_doors(file: Path) -> None:
    for name in {name.split(".")[0] for name in imported(file)} & set(DOORS):
        doors = DOORS[name]
        assert any(place(file) == door or place(file).startswith(f"{door}/") for door in doors), (
            f"{place(file)} imports {name}; its doors are {sorted(doors)}"
        )


@pytest.mark.parametrize("file", FILES, ids=place)
def test_a_file_says_why_it_exists_and_stays_readable(file: Path) -> None:
    text = file.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), f"{place(file)} has no first line that says why it exists"
    assert len(text.splitlines()) <= MOST_LINES, f"{place(file)} has grown beyond {MOST_LINES} lines: split it"


def test_only_commands_and_plain_lines_print() -> None:
    printing = {
        place(file)
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printing <= {"agent/plain.py"}


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("agent.cli", {"torch", "transformers", "textual", "sqlite_utils", "faiss", "PIL", "numpy"}),
        ("agent.tui.app", {"torch", "transformers", "sentence_transformers", "faiss"}),
        ("agent.model", {"torch", "transformers"}),
    ],
)
def test_starting_is_quick_because_heavy_libraries_wait(module: str, absent: set[str]) -> None:
    code = f"import {module}, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in run.stdout.split()}
    assert not loaded & absent
