"""The model that reads goes on learning as a stage of the road: stored in the version, in use between two turns."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file

from agent import weights
from agent.cli import deskside
from agent.in_use import GENERATOR, load_in_use
from agent.model import ChatMessage, load_model
from agent.parts import load_desk
from agent.settings import Settings
from agent.versions import check_whole, load_version, promote, rollback
from finetune import generating, replying
from finetune.continuing import read_log, recipe_from
from finetune.examples import load_examples
from finetune.loop import learn, read_progress
from finetune.recipe import Recipe, save_recipe
from finetune.stages import LearnRecipe, Outcome, Run
from index.errors import UserError
from index.store import Store
from tests.learn_doubles import WORKSPACE, small_embedder, stocked
from tests.tiny_weights import articles, tiny_embedded

pytestmark = pytest.mark.timeout(900)


@dataclass
class Gone:
    """A shop whose road was gone once with a tiny model, stopped in the middle of its training."""

    store: Store
    settings: Settings
    recipe: LearnRecipe
    outcome: Outcome
    base: Path
    shipped: Path


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> Gone:
    home = tmp_path_factory.mktemp("generator")
    with pytest.MonkeyPatch.context() as patched:
        base = tiny_embedded(home / "cache", home / "shipped")
        patched.setattr(weights, "SHIPPED", home / "shipped")
        for module, name, value in (
            (generating, "LEAST_DIALOGUES", 8), (generating, "KEPT_TOPICS", 4), (generating, "KEPT_SCREENS", 1),
            (generating, "HELD_TOPICS", 1), (generating, "HELD_SCREENS", 0), (replying, "MOST_ASKED", 4),
            (replying, "HELD_TOPICS", 2), (replying, "HELD_SCREENS", 1), (replying, "MOST_TOKENS", 8),
        ):  # fmt: skip
            patched.setattr(module, name, value)
        store = stocked(home, articles(), customers=3)
        small = str(small_embedder(home / "small"))
        settings = Settings(home, home / "cache", WORKSPACE, model="embedded", embedder=small, threads=1)
        save_recipe(
            Recipe(max_steps=8, lr_language=3e-3, tokens_per_batch=900, settle_by_loss=True), home / "quick.json"
        )
        recipe = LearnRecipe(
            held_out=0.3, ways=("turn",), strangers=20, generator=500, generator_recipe=str(home / "quick.json")
        )  # fmt: skip
        steps: list[int] = []

        def tell(line: dict[str, object]) -> None:
            if line["stage"] == "generator" and "step" in line:
                steps.append(1)

        stopped = learn(store, settings, recipe, tell=tell, stopping=lambda: len(steps) >= 3)
        assert not stopped.finished
        yield Gone(store, settings, recipe, learn(store, settings, recipe, resume=True), base, home / "shipped")


def test_the_stage_goes_on_where_it_was_stopped(gone: Gone) -> None:
    state = json.loads((gone.outcome.folder / "run.json").read_text())
    assert gone.outcome.finished
    assert state["generator"]["learned"], state["generator"]
    assert len(state["generator"]["losses"]) == 8
    told = [line for line in read_progress(gone.outcome.folder) if line["stage"] == "generator" and "step" in line]
    assert {"step", "share", "loss", "best", "rate", "eta"} <= told[0].keys()
    assert [line["step"] for line in told][-1] == 8
    assert state["generator"]["losses"][-1] < state["generator"]["losses"][0]


def test_the_version_brings_the_whole_folder_with_another_adapter_and_its_papers(gone: Gone) -> None:
    version = load_version(gone.store, WORKSPACE, gone.outcome.name)
    check_whole(version, gone.store)
    made = version.folder / GENERATOR
    assert {each.name for each in made.iterdir()} == {each.name for each in gone.shipped.iterdir()}
    before, after = (load_file(folder / "adapter_model.safetensors") for folder in (gone.shipped, made))
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert version.parts[GENERATOR]["id"] == weights.weights_id(made)
    assert "went on learning" in (made / "README.md").read_text()


def test_both_models_are_compared_on_the_same_conversations(gone: Gone) -> None:
    told = json.loads((gone.outcome.folder / "report.json").read_text())
    rows = {row["name"]: row for row in told["rows"]}
    assert replying.GUARDED.keys() <= rows.keys()
    assert rows["reply facts"]["difference"]["count"] >= 2
    assert rows["topics"]["difference"]["count"] >= 4
    assert "reply median" in told["seconds"]["after"]
    page = (gone.outcome.folder / "report.md").read_text()
    assert "| topics |" in page
    assert "generator" in (gone.outcome.folder / "loss.svg").read_text()


def test_the_running_desk_takes_the_new_weights_between_two_turns_and_gives_them_back(gone: Gone) -> None:
    store, name = gone.store, gone.outcome.name
    promote(store, WORKSPACE, name, override="a tiny model says nothing of use")
    try:
        used = load_in_use(store, gone.settings)
        assert used.generator == load_version(store, WORKSPACE, name).folder / GENERATOR
        desk = load_desk(store, gone.settings, writes="never")
        events = list(desk.answer("Hello, my camera stays dark, what should I do?"))
        assert weights.weights_id(used.generator) in events[-1].version  # type: ignore[union-attr]
        rollback(store, WORKSPACE)
        events = list(desk.answer("Hello, my camera stays dark, what should I do?"))
        assert weights.weights_id(gone.shipped) in events[-1].version  # type: ignore[union-attr]
        desk.close()
    finally:
        if load_in_use(store, gone.settings).name != "v0":
            rollback(store, WORKSPACE)


def test_the_weights_of_a_version_leave_as_stock_folders(
    gone: Gone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKSIDE_CACHE", str(gone.settings.cache))
    made = load_version(gone.store, WORKSPACE, gone.outcome.name).folder / GENERATOR
    words = ["finetune", "export", "-w", WORKSPACE, "--home", str(gone.settings.home), "--version", gone.outcome.name]
    for out, more in (("adapter", ["--adapter"]), ("merged", [])):
        done = CliRunner().invoke(deskside, [*words, "--out", str(tmp_path / out), *more], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    assert (tmp_path / "adapter" / "adapter_config.json").is_file()
    trouble = CliRunner().invoke(deskside, [*words, "--out", str(tmp_path / "merged")]).exception
    assert isinstance(trouble, UserError)
    assert "is not empty" in trouble.message
    stock = load_model(str(tmp_path / "merged"), cache=tmp_path)
    ours = load_model("embedded", cache=gone.settings.cache, threads=1, trained=made)
    said = [ChatMessage("user", "Is the hub white?")]
    assert "".join(stock.stream(said, max_new_tokens=4)) == "".join(ours.stream(said, max_new_tokens=4))
    stock.close()
    ours.close()


def test_what_is_asked_later_is_in_no_example(gone: Gone) -> None:
    run = Run.resumed(gone.store, gone.settings, gone.recipe, gone.outcome.folder, lambda told: None)
    material = run.material()
    file = gone.outcome.folder / "generator" / "learned.jsonl"
    learned = file.read_text()
    assert all(each.question not in learned for each in (*material.asked, *material.check))
    own = [each for each in load_examples(file) if each.source == "own"]
    kinds = [ask.kind for each in own for ask in each.asks]
    assert {"grounded", "absent"} == set(kinds)
    assert kinds.count("absent") <= 0.36 * len(kinds)
    for each in own:
        if each.id.endswith("-alone"):
            assert len(each.passages) == 1
            assert "[1]" in each.asks[0].answer


def test_the_recipe_goes_on_from_the_adapter_it_finds(gone: Gone) -> None:
    recipe = recipe_from(gone.shipped, 7, 3)
    assert (recipe.rank, recipe.alpha, recipe.first_layer, recipe.start_from) == (4, 8, 0, str(gone.shipped))
    assert recipe.minutes == 7
    fixed = recipe_from(gone.shipped, 7, 3, Recipe(max_steps=5, lr_language=1e-4, rank=64))
    assert (fixed.max_steps, fixed.minutes, fixed.rank, fixed.lr_language) == (5, 0.0, 4, 1e-4)


def test_without_minutes_the_model_stays_as_it_is_and_what_is_in_use_goes_along(gone: Gone) -> None:
    run = Run.resumed(gone.store, gone.settings, replace(gone.recipe), gone.outcome.folder, lambda told: None)
    run.recipe = replace(run.recipe, generator=0.0)
    generating.learn_generator(run, lambda: False)
    assert run.state["generator"] == {
        "learned": False, "why": "passed over: no minutes were given (--generator 20)"
    }  # fmt: skip


def test_a_torn_line_of_the_log_and_a_step_done_twice_count_once(tmp_path: Path) -> None:
    lines = ['{"step": 1, "loss": 3.0}', '{"step": 2, "loss": 2.0}', '{"step": 2, "loss": 2.5}', '{"step": 2, "held_o']
    (tmp_path / "log.jsonl").write_text("\n".join([lines[0], '{"step": 0, "held_out": 0.1}', *lines[1:]]))
    assert read_log(tmp_path) == ((3.0, 2.5), [0.1])
