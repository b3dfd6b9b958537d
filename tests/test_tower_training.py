"""Training the tower: what it is shown is true, it learns, it goes on after a kill, and it is scored honestly."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

from agent.vlm.seen import see
from agent.vlm.tower import ScreenTower, ScreenTowerConfig
from finetune.checkpoints import latest
from finetune.screens.truth import Screen, Split
from finetune.tower import CHECKPOINT, TowerRecipe, train_tower
from finetune.tower_crops import crop_of, kept_screen, whole_of
from finetune.tower_losses import heat_wanted
from finetune.tower_scores import best_threshold, evaluate_tower
from index.marks import KINDS, Mark, Sight

TINY = TowerRecipe(screens=6, side=64, batch=2, steps=4, seconds=1e9, warm_up=1, whole_every=2, frozen_stages=0)


def tiny_tower() -> ScreenTower:
    torch.manual_seed(3)
    config = ScreenTowerConfig(stem=(8, 16), widths=(16, 24, 32, 48), squeezed=("S", "-", "S", "-"), neck=16, look=32)
    return ScreenTower(config)


def toy_screen(seed: int, split: Split = "train") -> Screen:
    """A grey page with two switches, each with its knob on one side, blue when it is on."""
    chance = random.Random(f"{split}{seed}")
    image = Image.new("RGB", (128, 96), (240, 240, 240))
    pen = ImageDraw.Draw(image)
    marks = []
    for top in (12, 56):
        left, on = chance.randrange(8, 80), chance.random() < 0.5
        box = (left, top, left + 36, top + 20)
        pen.rounded_rectangle(box, 10, fill=(40, 90, 220) if on else (150, 150, 150))
        knob = left + 18 if on else left + 2
        pen.ellipse((knob, top + 2, knob + 16, top + 18), fill="white")
        marks.append(Mark("switch", box, "on" if on else "off"))
    return Screen(image, (), Sight("settings", "light", tuple(marks)), ())


def test_a_crop_keeps_the_marks_where_they_are() -> None:
    screen = toy_screen(1)
    for seed in range(30):
        sample = crop_of(screen.image, screen.sight, 64, random.Random(seed))
        assert sample.pixels.shape == (3, 64, 64)
        for box, kind in zip(sample.boxes, sample.kinds, strict=True):
            left, top, right, bottom = (round(float(edge)) for edge in box)
            assert kind == KINDS.index("switch")
            # a switch is blue or grey with a white knob: darker than the page around it
            inside = sample.pixels[:, max(0, top + 1) : bottom, max(0, left + 1) : right]
            assert float(inside.mean(0).min()) < 0.75


def test_half_a_mark_is_neither_right_nor_wrong() -> None:
    image = Image.new("RGB", (640, 640), "white")
    marks = (Mark("switch", (0, 0, 640, 40), "on"),)
    found = [crop_of(image, Sight("", "", marks), 64, random.Random(seed)) for seed in range(20)]
    assert all(len(sample.boxes) == 0 for sample in found)
    assert any(len(sample.ignored) for sample in found)


def test_a_whole_picture_tells_its_page() -> None:
    screen = toy_screen(2)
    sample = whole_of(screen.image, screen.sight, random.Random(0))
    assert (sample.page, sample.theme) == (6, 0)
    assert sample.pixels.shape[1] % 32 == sample.pixels.shape[2] % 32 == 0
    heat = heat_wanted(sample, sample.pixels.shape[1] // 4, sample.pixels.shape[2] // 4, 4)
    assert int((heat[KINDS.index("switch")] == 1).sum()) == 2
    assert float(heat[KINDS.index("radio")].max()) == 0


def test_a_kept_screen_is_drawn_once(tmp_path: Path) -> None:
    drawn = []

    def draw(seed: int, split: Split) -> Screen:
        drawn.append(seed)
        return toy_screen(seed, split)

    first, truth = kept_screen(tmp_path, 5, "train", draw)
    again, same = kept_screen(tmp_path, 5, "train", draw)
    assert drawn == [5]
    assert first.tobytes() == again.tobytes()
    assert truth == same == toy_screen(5).sight


def test_training_goes_on_after_a_kill_to_the_same_weights(tmp_path: Path) -> None:
    straight = train_tower(TINY, tmp_path / "straight", draw=toy_screen, tower=tiny_tower())
    train_tower(TINY, tmp_path / "cut", draw=toy_screen, tower=tiny_tower(), stop_after=2)
    assert latest(tmp_path / "cut", CHECKPOINT) is not None
    resumed = train_tower(TINY, tmp_path / "cut", draw=toy_screen, tower=tiny_tower())
    before = tiny_tower().state_dict()
    for name, weight in straight.state_dict().items():
        assert torch.equal(weight, resumed.state_dict()[name]), name
    assert any(not torch.equal(weight, before[name]) for name, weight in straight.state_dict().items())


def test_frozen_stages_stay_and_the_rest_learns(tmp_path: Path) -> None:
    recipe = TowerRecipe(**{**vars(TINY), "frozen_stages": 1, "steps": 2})
    before = tiny_tower().state_dict()
    after = train_tower(recipe, tmp_path, draw=toy_screen, tower=tiny_tower()).state_dict()
    for name, weight in before.items():
        if name.startswith(("backbone.stem", "backbone.stages.0")):
            assert torch.equal(weight, after[name]), name
    assert not torch.equal(before["backbone.stages.2.0.widen.weight"], after["backbone.stages.2.0.widen.weight"])
    assert not torch.equal(before["marks.heat.0.1.weight"], after["marks.heat.0.1.weight"])


def test_a_tower_learns_to_find_a_switch_and_its_state(tmp_path: Path) -> None:
    recipe = TowerRecipe(**{**vars(TINY), "screens": 8, "side": 128, "steps": 150, "lr": 4e-3, "backbone_lr": 4e-3})
    tower = train_tower(recipe, tmp_path, draw=toy_screen, tower=tiny_tower())
    scores = evaluate_tower(
        tower, range(8), "train", lambda seed, split: (toy_screen(seed).image, toy_screen(seed).sight)
    )
    assert scores["kinds"]["switch"]["recall"] >= 0.8
    assert scores["kinds"]["switch"]["state"] >= 0.8
    blank = see(tower, Image.new("RGB", (128, 96), (240, 240, 240)))
    assert not blank.marks


def test_the_threshold_with_the_best_f1_is_chosen() -> None:
    judged = [(0.9, True), (0.8, True), (0.5, False), (0.4, False), (0.3, True)]
    assert 0.5 < best_threshold(judged, truths=3) < 0.8
    assert best_threshold([(0.9, False)], truths=3) == pytest.approx(0.3)


@pytest.mark.slow
def test_a_training_from_start_to_scores(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="porting the weights needs onnx")
    from finetune.tower_start import start

    scores = start(TowerRecipe(steps=2, screens=2, batch=1, side=128), tmp_path, calibration=1, tests=1)
    assert scores["screens"] == 1
    assert (tmp_path / "tower" / "model.safetensors").is_file()
    assert (tmp_path / "scores.json").is_file()
