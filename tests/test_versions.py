"""Versions: promoted and rolled back in one transaction, picked up between turns, never half of one in use."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from agent.cli import deskside
from agent.events import Ended
from agent.in_use import EMBEDDER, MEASURES, load_in_use, open_version
from agent.parts import load_desk
from agent.settings import Settings
from agent.versions import PAPERS, Version, check_whole, in_use, list_versions, load_version, promote, promotions
from agent.versions import rollback as go_back
from finetune.versions import make_version
from index.backup import back_up, restore
from index.conversation import content_hash
from index.embed import find_model, load_embedder
from index.embed_adapted import load_adapted, save_turn
from index.errors import UserError
from index.sources import keep_source
from index.store import Store, open_store
from index.templates import Template, keep_templates, load_templates
from tests.desk_doubles import TICKETS
from tests.desk_doubles import WORKSPACE as SHOP


@pytest.fixture
def settings(own_home: Path, tmp_path: Path) -> Settings:
    return Settings(own_home, tmp_path / "cache", SHOP, model="none", threads=1)


@pytest.fixture
def store(settings: Settings) -> Store:
    store = open_store(settings.home)
    for ticket in TICKETS:
        keep_source(store, SHOP, ticket, content_hash(ticket))
    return store


def made(
    store: Store, tmp_path: Path, accepted: bool = True, base: str = "", turn: float = 0.0, **measures: float
) -> Version:
    """A version with measures and, where `turn` is given, a turned question."""
    parts: dict[str, Path] = {}
    file = tmp_path / MEASURES
    file.write_text(json.dumps(measures), "utf-8")
    parts[MEASURES] = file
    told: dict[str, Any] = {"measures": {}}
    if turn:
        embedder = load_embedder(threads=1)
        matrix = np.eye(embedder.dimension, dtype=np.float32)
        matrix[0, 1] = turn
        save_turn(tmp_path / "turned", matrix, embedder)
        parts[EMBEDDER] = tmp_path / "turned"
        told[EMBEDDER] = {"setting": "minilm", "identity": embedder.identity}
    papers = {
        "base": {"version": base or in_use(store, SHOP)[1]},
        "verdict": {"accepted": accepted, "refusals": [] if accepted else ["recall fell from 0.9 to 0.2"]},
        "parts": told,
    }
    return make_version(store, SHOP, parts, papers)


def test_a_version_is_promoted_used_and_rolled_back(store: Store, settings: Settings, tmp_path: Path) -> None:
    one = made(store, tmp_path, caution=0.2)
    assert in_use(store, SHOP)[1] == "v0"
    promote(store, SHOP, one.name)
    two = made(store, tmp_path, caution=0.9)
    promote(store, SHOP, two.name)
    assert load_in_use(store, settings).caution == 0.9
    go_back(store, SHOP)
    assert load_in_use(store, settings).caution == 0.2
    go_back(store, SHOP)
    assert load_in_use(store, settings).caution is None
    with pytest.raises(UserError, match="nothing was before it"):
        go_back(store, SHOP)
    assert [(each.version, each.kind) for each in promotions(store, SHOP)] == [
        ("v1", "promote"), ("v2", "promote"), ("v1", "rollback"), ("v0", "rollback"),
    ]  # fmt: skip


def test_a_refused_version_needs_a_reason_and_the_reason_is_kept(store: Store, tmp_path: Path) -> None:
    bad = made(store, tmp_path, accepted=False)
    with pytest.raises(UserError, match=r"refused v1: recall fell from 0\.9 to 0\.2"):
        promote(store, SHOP, bad.name)
    assert in_use(store, SHOP)[1] == "v0"
    assert promote(store, SHOP, bad.name, override="the test set is wrong").kind == "override"
    assert promotions(store, SHOP)[-1].reason == "the test set is wrong"


def test_a_version_compared_with_another_base_is_not_promoted(store: Store, tmp_path: Path) -> None:
    one, two = made(store, tmp_path), made(store, tmp_path)
    promote(store, SHOP, one.name)
    with pytest.raises(UserError, match="compared with v0, but v1 is in use"):
        promote(store, SHOP, two.name)


@pytest.mark.parametrize("damage", ["cut", "gone", "more", "papers"])
def test_a_version_that_is_not_whole_is_never_used(
    store: Store, settings: Settings, tmp_path: Path, damage: str
) -> None:
    version = made(store, tmp_path, turn=0.1, caution=0.9)
    promote(store, SHOP, version.name)
    weights = version.folder / EMBEDDER / "query.safetensors"
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:-1])
    elif damage == "gone":
        weights.unlink()
    elif damage == "more":
        (version.folder / "more.bin").write_bytes(b"x")
    else:
        (version.folder / PAPERS).write_text((version.folder / PAPERS).read_text().replace("v0", "v9"))
    told: list[str] = []
    used = load_in_use(store, settings, told.append)
    assert (used.name, used.folder) == ("v0", None)
    assert "rollback" in told[0]
    with pytest.raises(UserError):
        check_whole(load_version(store, SHOP, version.name), store)


def test_a_version_of_another_store_is_not_promoted(store: Store, tmp_path: Path) -> None:
    version = made(store, tmp_path)
    other = open_store(tmp_path / "other")
    (tmp_path / "other" / "versions").mkdir()
    (store.home / "versions" / SHOP).rename(tmp_path / "other" / "versions" / SHOP)
    with pytest.raises(UserError, match="another store"):
        promote(other, SHOP, version.name)


def test_an_open_desk_picks_the_new_version_up_between_turns(store: Store, settings: Settings, tmp_path: Path) -> None:
    desk = load_desk(store, settings, writes="never")
    question = "My hub light stays white, what can I do?"

    def asked() -> Ended:
        return [event for event in desk.answer(question) if isinstance(event, Ended)][-1]

    first = asked()
    assert (first.decision.act, first.version.split("+")[0]) == ("case", "v0")
    promote(store, SHOP, made(store, tmp_path, caution=0.999, alone_dense=2.0).name)
    changed = asked()
    assert (changed.decision.act in ("ask", "handover"), changed.version.split("+")[0]) == (True, "v1")
    go_back(store, SHOP)
    assert asked().decision.act == "case"


def test_a_desk_goes_on_when_the_new_version_does_not_load(store: Store, settings: Settings, tmp_path: Path) -> None:
    notes: list[str] = []
    desk = load_desk(store, settings, notes.append, writes="never")
    version = made(store, tmp_path, caution=0.999)
    promote(store, SHOP, version.name)
    (version.folder / MEASURES).write_text("{")
    ended = [event for event in desk.answer("My hub light stays white") if isinstance(event, Ended)][-1]
    assert ended.version.startswith("v0+")
    assert any("not whole" in note for note in notes)


def test_rollback_takes_no_indexing(store: Store, settings: Settings, tmp_path: Path) -> None:
    """A version with weights of its own has its own index; the one before keeps its own."""
    packaged = find_model("minilm")[0]
    import shutil

    from safetensors.numpy import load_file, save_file

    own = tmp_path / "own"
    shutil.copytree(packaged, own)
    weights = load_file(own / "model.safetensors")
    weights["embeddings.word_embeddings.weight"] = weights["embeddings.word_embeddings.weight"] * np.float32(1.01)
    (own / "model.safetensors").unlink()
    save_file(weights, own / "model.safetensors")
    run = CliRunner()
    assert run.invoke(deskside, ["index", "build", "-w", SHOP], catch_exceptions=False).exit_code == 0
    version = make_version(
        store, SHOP, {EMBEDDER: own},
        {"base": {"version": "v0"}, "verdict": {"accepted": True}, "parts": {EMBEDDER: {"setting": "minilm"}}},
    )  # fmt: skip
    told = json.loads(
        run.invoke(deskside, ["promote", version.name, "-w", SHOP, "--json"], catch_exceptions=False).output
    )
    assert told["embedded"] > 0
    names = {each.name for each in (store.home / "index" / SHOP).iterdir()}
    assert len(names) == 2
    assert any(name.startswith("minilm-v1@") for name in names)
    started = time.perf_counter()
    told = json.loads(run.invoke(deskside, ["rollback", "-w", SHOP, "--json"], catch_exceptions=False).output)
    assert told["embedded"] == 0
    assert time.perf_counter() - started < 5
    assert load_in_use(store, settings).embedder.identity.startswith("all-MiniLM-L6-v2@")


def test_a_turn_of_questions_keeps_the_index_and_refuses_another_embedder(
    tmp_path: Path, settings: Settings, store: Store
) -> None:
    version = made(store, tmp_path, turn=0.4)
    base, used = load_embedder(threads=1), open_version(version, settings)
    assert used.embedder.identity == base.identity
    np.testing.assert_array_equal(used.embedder.embed(["a hub"]), base.embed(["a hub"]))
    turned, plain = used.embedder.embed_query("a hub"), base.embed_query("a hub")
    assert not np.allclose(turned, plain)
    assert np.linalg.norm(turned) == pytest.approx(1.0, abs=1e-5)

    class Other:
        name, identity, dimension = "other", "other@1", base.dimension

    with pytest.raises(UserError, match="learned on all-MiniLM"):
        load_adapted(version.folder / EMBEDDER, Other(), "x")  # type: ignore[arg-type]


def test_another_embedder_in_the_settings_leaves_the_version_out(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    promote(store, SHOP, made(store, tmp_path, turn=0.4).name)
    told: list[str] = []
    used = load_in_use(store, replace(settings, embedder=str(find_model("minilm")[0])), told.append)
    assert used.name == "v0"
    assert "was learned with the embedder minilm" in told[0]


def test_approved_replies_come_back_with_their_version(store: Store, tmp_path: Path) -> None:
    keep_templates(store, SHOP, [Template("TPL-1", "Hours", "From 9 to 5.", ("When are you open?",))])
    promote(store, SHOP, made(store, tmp_path).name)
    keep_templates(store, SHOP, [Template("TPL-1", "Hours", "Never.", ("When are you open?",))])
    promote(store, SHOP, made(store, tmp_path).name)
    run = CliRunner().invoke(deskside, ["rollback", "-w", SHOP, "--templates"], catch_exceptions=False)
    assert "1 approved replies put back" in run.output
    assert [each.text for each in load_templates(store, SHOP)] == ["From 9 to 5."]


def test_commands_tell_versions_and_differences(store: Store, tmp_path: Path) -> None:
    one, two = made(store, tmp_path, caution=0.2), made(store, tmp_path, accepted=False, caution=0.3)
    run = CliRunner()
    assert "v1 is in use, v0 before it" in run.invoke(deskside, ["promote", one.name, "-w", SHOP]).output
    told = run.invoke(deskside, ["versions", "-w", SHOP]).output
    assert "* v1" in told
    assert "refused: recall fell" in told
    found = json.loads(run.invoke(deskside, ["diff", one.name, two.name, "-w", SHOP, "--json"]).output)
    assert {"what": "verdict.accepted", one.name: True, two.name: False} in found
    assert run.invoke(deskside, ["promote", "v9", "-w", SHOP]).exception.kind == "CONFIG"  # type: ignore[union-attr]


def test_old_versions_that_were_never_used_make_room(store: Store, tmp_path: Path) -> None:
    promote(store, SHOP, made(store, tmp_path).name)
    for _ in range(5):
        made(store, tmp_path)
    assert [each.name for each in list_versions(store, SHOP)] == ["v1", "v4", "v5", "v6"]


def test_a_backup_holds_the_version_in_use(store: Store, settings: Settings, tmp_path: Path) -> None:
    promote(store, SHOP, made(store, tmp_path, caution=0.7).name)
    back_up(store, tmp_path / "desk.tar")
    restore(tmp_path / "elsewhere", tmp_path / "desk.tar")
    used = load_in_use(open_store(tmp_path / "elsewhere"), replace(settings, home=tmp_path / "elsewhere"))
    assert (used.name, used.caution) == ("v1", 0.7)


KILLED = """
import os, signal, sys
from pathlib import Path
from agent.versions import in_use, list_versions, check_whole, promote, rollback
from finetune.versions import make_version
from index.store import open_store

home, workspace, what = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
measures = home.parent / "measures.json"
papers = {"base": {"version": "v1"}, "verdict": {"accepted": True}, "parts": {"measures": {}}}

def act():
    store = open_store(home)
    if what == "make":
        make_version(store, workspace, {"measures.json": measures}, papers)
    elif what == "promote":
        promote(store, workspace, "v2")
    else:
        rollback(store, workspace)

def killed_at(line):
    left = [line]
    def trace(frame, event, arg):
        if not frame.f_code.co_filename.endswith(("versions.py", "store.py")):
            return None
        if event == "line":
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)
    act()
    sys.settrace(None)

line, results = 0, []
while True:
    child = os.fork()
    if not child:
        killed_at(line)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    store = open_store(home)
    used = in_use(store, workspace)[1]
    whole = list_versions(store, workspace)
    for each in whole:
        check_whole(each, store)
    print(line, used, ",".join(each.name for each in whole), os.WIFSIGNALED(status), flush=True)
    store.close()
    if not os.WIFSIGNALED(status) or what != "make" and used != sys.argv[4]:
        break
    line += max(1, line // 12)
"""


@pytest.mark.parametrize(
    ("what", "before", "after"), [("make", "v1", "v1"), ("promote", "v1", "v2"), ("rollback", "v1", "v0")]
)
def test_killed_at_any_step_the_version_before_or_the_new_one_is_in_use(
    store: Store, tmp_path: Path, what: str, before: str, after: str
) -> None:
    """A child is killed at one line after the other of making, promoting and rolling back."""
    promote(store, SHOP, made(store, tmp_path).name)
    if what != "make":
        made(store, tmp_path)
    store.close()
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(store.home), SHOP, what, before],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=110,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    rows = [line.split() for line in run.stdout.splitlines()]
    assert len(rows) >= 24
    assert [row[1] for row in rows[:-1]] == [before] * (len(rows) - 1)
    assert rows[-1][1] == after
    fresh = open_store(store.home)
    assert in_use(fresh, SHOP)[1] == after
    if what != "make":
        assert {row[2] for row in rows} == {"v1,v2"}
    there = list((store.home / "versions" / SHOP).iterdir())
    assert all((each / PAPERS).is_file() for each in there if each.name.startswith("v"))
    assert len(there) == len(list_versions(fresh, SHOP)) or what != "make"  # what was left of killed runs is gone
