"""Settings: read once, the nearest place wins, and what is wrong is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.settings import Settings, house_names, load_settings
from tests.ticket_files import trouble


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def load(home: Path, text: str = "", environ: dict[str, str] | None = None, **flags: object) -> Settings:
    if text:
        (home / "deskside.toml").write_text(text, "utf-8")
    return load_settings({"home": home, **flags}, environ or {})


def test_the_nearest_place_wins(home: Path) -> None:
    assert load(home).top == 5
    assert load(home, "top = 7").top == 7
    assert load(home, environ={"DESKSIDE_TOP": "8"}).top == 8
    assert load(home, environ={"DESKSIDE_TOP": "8"}, top=9).top == 9
    assert load(home, environ={"DESKSIDE_TOP": "8"}, top=None).top == 8


def test_the_default_of_a_command_gives_way_to_the_file(home: Path) -> None:
    assert load_settings({"home": home}, {}, {"top": 10}).top == 10
    (home / "deskside.toml").write_text("top = 7")
    assert load_settings({"home": home}, {}, {"top": 10}).top == 7


def test_every_kind_of_value_is_read(home: Path) -> None:
    settings = load(home, 'model = "none"\ncaution = 1\nthreads = 2\nhouse = "a, b ,"\nworkspace = "shop-2"')
    assert (settings.model, settings.caution, settings.threads) == ("none", 1.0, 2)
    assert house_names(settings) == ("a", "b")
    assert settings.workspace == "shop-2"


def test_the_data_folder_may_be_named_with_a_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings({}, {"DESKSIDE_HOME": "~/desk"}).home == tmp_path / "desk"
    assert load_settings({"home": Path("~/other")}, {"DESKSIDE_HOME": "~/desk"}).home == tmp_path / "other"


def test_an_empty_variable_counts_as_not_given(home: Path) -> None:
    assert load(home, environ={"DESKSIDE_MODEL": "", "DESKSIDE_TOP": ""}) == load(home)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("top = -1", "between 1 and 50"),
        ("top = 51", "between 1 and 50"),
        ("top = 5.5", "a whole number"),
        ('top = "many"', "a whole number"),
        ("top = true", "a whole number"),
        ("top = [1]", "a whole number"),
        ("caution = nan", "between"),
        ("caution = 1.1", "between"),
        ("max_new_tokens = 0", "between"),
        ("model = 5", "text"),
        ("model = ['a']", "text"),
        ("[model]", "text"),
        ("max_tokens = 5", "no setting"),
        ("colour = 1", "no setting"),
        ("home = '/'", "no setting"),
        ("openai_key = 'sk-1'", "secrets"),
        ("api_token = 'x'", "secrets"),
        ("password = 'x'", "secrets"),
        ("workspace = '../other'", "letters"),
        ("workspace = ''", "letters"),
        ("top = = 5", "line 3"),
        ("top 5", "line 3"),
        ("threads = 1\nthreads = 2", "line 4"),
    ],
)
def test_a_wrong_line_of_the_file_is_told_with_its_number(home: Path, line: str, told: str) -> None:
    error = trouble(lambda: load(home, f"# ours\n\n{line}\n"))
    assert error.kind == "CONFIG"
    assert "line 3" in error.message or told == "line 4"
    assert told in error.message
    assert "deskside.toml" in error.message
    assert "sk-1" not in error.message


def test_a_file_that_is_not_utf8_is_told(home: Path) -> None:
    (home / "deskside.toml").write_bytes(b"house = 'B\xe4cker'")
    assert "UTF-8" in trouble(lambda: load(home)).message


def test_a_byte_order_mark_is_no_trouble(home: Path) -> None:
    assert load(home, "\ufefftop = 7").top == 7


@pytest.mark.parametrize(("name", "value"), [("TOP", "x"), ("CAUTION", "2"), ("WORKSPACE", "a b")])
def test_a_wrong_variable_is_named(home: Path, name: str, value: str) -> None:
    error = trouble(lambda: load(home, environ={f"DESKSIDE_{name}": value}))
    assert error.kind == "CONFIG"
    assert error.message.startswith(f"DESKSIDE_{name}:")


def test_a_wrong_flag_is_named(home: Path) -> None:
    assert trouble(lambda: load(home, max_new_tokens=99_999)).message.startswith("--max-new-tokens:")


def test_settings_cannot_change_under_way(home: Path) -> None:
    with pytest.raises(AttributeError):
        load(home).top = 3  # type: ignore[misc]
