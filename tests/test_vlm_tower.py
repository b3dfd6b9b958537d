"""The tower sees as the OCR detector did, is saved and loaded like any model, and tells what it sees in order."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw
from transformers import AutoModel

from agent.vlm.eyes import MarkedReader, load_tower
from agent.vlm.gauge import arrow_tip, bar_value
from agent.vlm.seen import look_scale, see, without_twins
from agent.vlm.tower import AROUND, ScreenTower, ScreenTowerConfig
from index.marks import COLOURED, KINDS, PAGES, STATES, THEMES, Mark
from index.pictures import OpenPicture, ReadPicture, open_picture


def small_tower() -> ScreenTower:
    torch.manual_seed(3)
    return ScreenTower(
        ScreenTowerConfig(stem=(8, 16), widths=(16, 24, 32, 48), squeezed=("S", "-", "S", "-"), neck=16, look=32)
    ).eval()


def test_the_ported_backbone_is_the_detector() -> None:
    onnx = pytest.importorskip("onnx", reason="porting the weights needs onnx; running them does not")
    import onnxruntime

    from finetune.port_tower import detector_file, port_detector

    graph = onnx.load(detector_file())
    names = ["p2o.pd_op.add.14.0", "p2o.pd_op.add.27.0", "p2o.pd_op.add.50.0", "p2o.pd_op.add.63.0"]  # its neck's
    for name in names:
        graph.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    backbone, _ = port_detector()
    pixels = torch.rand(1, 3, 96, 160)
    expected = session.run(names, {"x": (pixels.flip(1) * 2 - 1).numpy()})
    with torch.no_grad():
        maps = backbone(pixels)
    assert len(maps) == 4
    for ours, theirs in zip(maps, expected, strict=True):
        # the maps reach 14: single precision is good for a hundred-thousandth of that
        assert (ours - torch.from_numpy(theirs)).abs().max() < 1e-5 * float(abs(theirs).max())


def test_a_tower_is_saved_and_loaded_like_any_model(tmp_path: Path) -> None:
    tower, pixels = small_tower(), torch.rand(2, 3, 64, 96)
    tower.config.thresholds = {"switch": 0.4}
    tower.save_pretrained(tmp_path)
    for again in (ScreenTower.from_pretrained(tmp_path), AutoModel.from_pretrained(tmp_path), load_tower(tmp_path)):
        assert type(again) is ScreenTower
        assert again.config.thresholds == {"switch": 0.4}
        with torch.no_grad():
            ours, theirs = tower(pixels), again.eval()(pixels)
            assert torch.allclose(ours.p4, theirs.p4, atol=1e-5)
            assert torch.allclose(ours.tokens, theirs.tokens, atol=1e-6)
            told, heard = tower.marks(ours.p4, ours.p16), again.marks(theirs.p4, theirs.p16)
            assert all(torch.allclose(one[0], other[0], atol=1e-5) for one, other in zip(told, heard, strict=True))


def test_features_have_the_promised_shapes() -> None:
    tower = ScreenTower(ScreenTowerConfig()).eval()
    assert sum(parameter.numel() for parameter in tower.parameters()) < 4_000_000
    with torch.no_grad():
        features = tower(torch.rand(2, 3, 64, 96))
        page, theme = tower.page(features.tokens)
        (near, near_sides), (wide, wide_sides) = tower.marks(features.p4, features.p16)
    assert features.p4.shape == (2, 64, 16, 24)
    assert features.tokens.shape == (2, 64, 672)
    assert features.p16.shape == (2, 64, 4, 6)
    assert near.shape == (2, len(KINDS) - len(AROUND), 16, 24)
    assert wide.shape == (2, len(AROUND), 4, 6)
    assert (near_sides.shape, wide_sides.shape) == ((2, 4, 16, 24), (2, 4, 4, 6))
    assert (page.shape, theme.shape) == ((2, len(PAGES)), (2, len(THEMES)))


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 32"):
        small_tower()(torch.rand(1, 3, 60, 96))


def test_one_picture_does_not_change_another() -> None:
    tower, pixels = small_tower(), torch.rand(2, 3, 64, 96)
    boxes = torch.tensor([[4.0, 4, 30, 20], [10, 10, 60, 40], [40, 20, 90, 60]])
    kinds, owners = torch.tensor([0, 5, 8]), torch.tensor([1, 0, 1])
    with torch.no_grad():
        together = tower.looks(tower(pixels).p4, pixels, boxes, kinds, owners)
        alone = tower.looks(tower(pixels[1:]).p4, pixels[1:], boxes[[0, 2]], kinds[[0, 2]], torch.tensor([0, 0]))
    for name in ("state", "colour", "value", "tip"):
        assert torch.allclose(together[name][[0, 2]], alone[name], atol=1e-5), name


def test_marks_lie_on_the_picture_and_are_of_their_kind() -> None:
    tower = small_tower()
    image = Image.effect_noise((150, 110), 90).convert("RGB")
    sight = see(tower, image, least=0.005)  # it knows nothing: all it says must still be well formed
    assert sight.page in ("", *PAGES)
    assert sight.theme in ("", *THEMES)  # in doubt it says nothing
    assert sight.marks
    for mark in sight.marks:
        left, top, right, bottom = mark.box
        assert 0 <= left < right <= 150
        assert 0 <= top < bottom <= 110
        assert (mark.state in STATES[mark.kind]) if STATES[mark.kind] else not mark.state
        assert bool(mark.colour) == (mark.kind in COLOURED)
        assert (mark.tip is not None) == (mark.kind == "arrow")
        assert (mark.value >= 0) == (mark.kind in ("slider", "progress", "stars"))


def test_a_scrolled_page_is_seen_to_its_end() -> None:
    image = Image.effect_noise((100, 2000), 90).convert("RGB")
    sight = see(small_tower(), image, least=0.001)
    assert max(mark.box[3] for mark in sight.marks) > 1500
    assert all(mark.box[3] <= 2000 for mark in sight.marks)


def test_of_two_like_marks_on_one_spot_the_surer_stays() -> None:
    box, other = (10, 10, 40, 30), (11, 10, 41, 30)
    marks = [
        Mark("switch", box, "on", score=0.5),
        Mark("checkbox", other, "off", score=0.9),
        Mark("ring", box, score=0.4),
    ]
    assert [mark.kind for mark in without_twins(marks)] == ["checkbox", "ring"]


@pytest.mark.parametrize(
    ("size", "scale"), [((1000, 700), 1.0), ((2560, 1440), 0.5), ((320, 240), 2.0), ((400, 4000), 1.0)]
)
def test_pictures_are_looked_at_where_marks_are_of_usual_size(size: tuple[int, int], scale: float) -> None:
    assert look_scale(*size) == pytest.approx(scale)


def test_the_eyes_read_words_and_see_marks() -> None:
    picture = open_picture(_png(Image.new("RGB", (96, 64), "white")), "screen.png")
    eyes = MarkedReader(NoWords(), small_tower())
    read = eyes.read(picture)
    assert read.width == 96
    assert read.sight == eyes.sight(picture, read.lines)
    assert read.sight.theme == "light"


class NoWords:
    """A reader that finds no words."""

    def read(self, picture: OpenPicture) -> ReadPicture:
        return ReadPicture(picture.sha256, picture.name, *picture.image.size, (), "", "")


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("value", [0.12, 0.47, 0.9])
def test_a_bar_is_read_to_the_pixel_from_a_rough_guess(value: float) -> None:
    image = Image.new("RGB", (500, 60), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((50, 20, 449, 31), fill=(220, 220, 224))
    pen.rectangle((50, 20, 50 + round(400 * value), 31), fill=(30, 110, 220))
    assert bar_value(image, (44, 18, 455, 33), value + 0.06) == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize("tip", [(40, 30), (170, 30), (40, 120), (170, 120)])
def test_an_arrow_points_where_its_head_is(tip: tuple[int, int]) -> None:
    image = Image.new("RGB", (220, 150), "white")
    pen = ImageDraw.Draw(image)
    tail = (210 - tip[0], 150 - tip[1])
    pen.line((*tail, *tip), fill=(237, 28, 36), width=4)
    across, down = (1 if tail[0] > tip[0] else -1), (1 if tail[1] > tip[1] else -1)
    pen.polygon(
        [tip, (tip[0] + 24 * across, tip[1] + 4 * down), (tip[0] + 8 * across, tip[1] + 22 * down)], (237, 28, 36)
    )
    found = arrow_tip(image, (36, 26, 176, 126), "red", (105, 75))
    assert abs(found[0] - tip[0]) + abs(found[1] - tip[1]) < 10
    assert arrow_tip(image, (36, 26, 176, 126), "blue", (105, 75)) == (105, 75)  # nothing of that colour is there


def test_where_colours_do_not_tell_the_guess_stands() -> None:
    assert bar_value(Image.new("RGB", (300, 40), "white"), (20, 10, 280, 20), 0.4) == 0.4  # nothing there
    assert bar_value(Image.new("RGB", (60, 60), "white"), (5, 5, 55, 55), 0.7) == 0.7  # a ring, perhaps
