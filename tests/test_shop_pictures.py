"""The demo shop's screenshots are drawn from their specs, the same every time, and can be read."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

DATA = Path(__file__).parent.parent / "data"
SHOP = DATA / "shop"
KINDS = "dialog toast page order invoice settings form tracking router device terminal chat email status".split()


def draw(*flags: str) -> subprocess.CompletedProcess:
    command = [sys.executable, str(DATA / "make_pictures.py"), *flags]
    return subprocess.run(command, capture_output=True, text=True, timeout=100)


@pytest.fixture
def drawing(monkeypatch):
    """The drawing code, importable as it is when data/make_pictures.py runs."""
    monkeypatch.syspath_prepend(str(DATA))
    import make_pictures

    return make_pictures


def test_every_picture_of_the_shop_is_there_and_drawn_from_its_spec_as_it_stands():
    done = draw("--check")
    assert done.returncode == 0, done.stdout


def test_pictures_stay_small_enough_for_a_repository():
    sizes = [path.stat().st_size for path in (SHOP / "pictures").glob("*.png")]
    assert len(sizes) >= 60
    assert max(sizes) < 80_000
    assert sum(sizes) < 4_000_000


def test_a_spec_gives_the_same_picture_every_time_and_a_changed_spec_another_one(tmp_path):
    for name in ("one", "two"):
        assert draw("--only", "KB-0", "--to", str(tmp_path / name)).returncode == 0
    first = sorted((tmp_path / "one").rglob("*.png"))
    assert first
    for path in first:
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()
    Image.new("RGB", (20, 20)).save(first[0])
    assert (
        f"stale: articles/pictures/{first[0].name}"
        in draw("--check", "--only", "KB-0", "--to", str(tmp_path / "one")).stdout
    )


def full_spec(kind: str, frame: str) -> str:
    """One JSON line with everything a spec may carry."""
    spec = {"file": f"pictures/{kind}-{frame}.png", "kind": kind, "frame": frame, "theme": "dark", "title": "A title"}
    spec |= {"body": ["The upload failed.", "Try again later."], "fields": [["Order", "W2204817"], ["State", "Paid"]]}
    spec |= {"rows": [["Item", "Price"], ["Wren Hub 2", "89.00 EUR"]], "switches": [["Night mode", True]]}
    return json.dumps(spec | {"buttons": ["Retry", "Close"], "lights": [["Hub", "red"]], "code": "E-19"})


@pytest.mark.slow
@pytest.mark.parametrize("frame", ["phone", "desktop", "browser", "none"])
def test_every_kind_can_be_drawn_in_every_frame(drawing, frame):
    for kind in KINDS:
        image = drawing.picture_of(drawing.spec_of(full_spec(kind, frame)))
        assert 300 < image.width < 1_400
        assert 200 < image.height < 2_400


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_words_of_undamaged_pictures_are_read(drawing):
    from index.pictures import load_reader, open_picture

    def plain(text: str) -> str:
        return re.sub(r"[^a-z0-9]", "", text.lower())

    reader = load_reader()
    wanted = found = 0
    for spec in drawing.specs():
        if spec.damage == "none" and not spec.is_photo:
            seen = plain(reader.read(open_picture(SHOP / spec.file)).words)
            wanted += len(spec.strings())
            found += sum(plain(text) in seen for text in spec.strings())
    assert found / wanted > 0.97
