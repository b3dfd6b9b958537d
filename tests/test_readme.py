"""The documents tell the truth: commands run and print what they show, and names in them exist."""

from __future__ import annotations

import dataclasses
import functools
import gzip
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from agent.cli import COMMANDS, deskside
from agent.embedded import convert_base
from agent.settings import Settings, load_settings
from index.errors import EXIT_CODES, UserError

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCUMENTS = (
    README,
    ROOT / "CONTRIBUTING.md",
    ROOT / "docs" / "formats.md",
    ROOT / "docs" / "BAD_INPUTS.md",
    ROOT / "docs" / "MODEL.md",
)

_BLOCK = re.compile(r"(?:<!-- ([\w: ]+) -->\n)?```(\w+)\n(.*?)^```$", re.M | re.S)
_SAVED_AS = re.compile(r"[Ss]aved?(?: \w+)* as\s+`([\w.-]+)`(?:[^\n]|\n(?!\n))*:\n\n```\w+\n(.*?)^```$", re.M | re.S)
_VARYING = ((r"\d+\.\d+ s\b", "# s"), (r"chat-[0-9a-f]{12}", "chat-#"), (r"\b\d\.\d\d\b", "#"), (r"\d+\.\d MB", "# MB"))


@dataclass(frozen=True)
class Shown:
    """A command as a document shows it, with the output below it; `mark` is the comment above its block."""

    document: str
    mark: str
    command: str
    output: str


def blocks(document: Path, language: str) -> Iterator[tuple[str, str]]:
    """(comment above, text) of each fenced block in a language."""
    for mark, found, text in _BLOCK.findall(document.read_text("utf-8")):
        if found == language:
            yield mark, text


def shown(document: Path) -> list[Shown]:
    """Every command of a document, in order."""
    found = []
    for mark, text in blocks(document, "console"):
        for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append(Shown(document.name, mark, command, output))
    return found


ALL = [each for document in DOCUMENTS for each in shown(document)]
OURS = [each for each in ALL if each.command.startswith("deskside ")]


def comparable(text: str) -> str:
    """The text without what differs from run to run: seconds, scores, chat ids, sizes, ends of lines."""
    for pattern, instead in _VARYING:
        text = re.sub(pattern, instead, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def same(expected: str, got: str) -> bool:
    """Whether the output is the one shown, where `...` stands for anything."""
    pattern = re.escape(comparable(expected)).replace(re.escape("..."), "(?s:.*?)")
    return re.fullmatch(pattern, comparable(got)) is not None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the reader of the documents types."""
    return tmp_path_factory.mktemp("reader")


@pytest.fixture
def transcript(folder: Path) -> list[tuple[Shown, int, str]]:
    """Every command under `<!-- run -->`: (shown, exit code, printed). Run once, inside a test, so that the guard
    against outgoing connections watches."""
    return played(folder)


@functools.cache
def played(folder: Path) -> list[tuple[Shown, int, str]]:
    """The commands run in order, with one fresh data folder for each document."""
    results = []
    convert_base(load_settings({}).cache)  # the documents show what is printed once that is done
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESKSIDE_THREADS", "1")
        patch.chdir(folder)
        for document in DOCUMENTS:
            patch.setenv("DESKSIDE_HOME", str(folder / document.stem))
            for name, text in _SAVED_AS.findall(document.read_text("utf-8")):
                (folder / name).write_text(text, "utf-8")
            for each in shown(document):
                if each.mark == "run":
                    run = CliRunner().invoke(deskside, shlex.split(each.command)[1:])
                    trouble = f"\n{run.exception!r}" if run.exception else ""
                    results.append((each, run.exit_code, run.output + trouble))
    return results


def test_commands_print_what_the_documents_show(transcript: list[tuple[Shown, int, str]]) -> None:
    assert len(transcript) > 15
    for each, code, printed in transcript:
        assert code == 0, f"{each.document}: {each.command} ended with {code}:\n{printed}"
        assert same(each.output, printed), f"{each.document}: {each.command} printed:\n{printed}\nnot:\n{each.output}"


@pytest.mark.parametrize("kind", ["ask", "search"])
def test_batch_lines_have_the_keys_of_the_formats_page(transcript: list[tuple[Shown, int, str]], kind: str) -> None:
    page = next(text for mark, text in blocks(ROOT / "docs" / "formats.md", "json") if mark == f"shape: {kind}")
    printed = next(out for each, _, out in transcript if each.command.startswith(f"deskside {kind} --batch"))
    told, got = json.loads(page), json.loads(printed.splitlines()[0])
    assert told.keys() == got.keys()
    for name in [name for name, value in told.items() if isinstance(value, list) and value]:
        assert told[name][0].keys() == got[name][0].keys()
    for name in [name for name, value in told.items() if isinstance(value, dict)]:
        assert told[name].keys() == got[name].keys()


def test_the_output_shown_is_compared_and_not_waved_through() -> None:
    assert same("5 read in 0.1 s\n...", "5 read in 2.0 s\nand more\nof it")
    assert not same("5 read in 0.1 s", "6 read in 0.1 s")
    assert not same("5 read", "5 read\nand more")


@pytest.mark.parametrize("each", OURS, ids=lambda each: f"{each.document}: {each.command[:60]}")
def test_a_command_shown_can_be_typed(each: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    parse(deskside, shlex.split(each.command)[1:])


@pytest.mark.parametrize("wrong", ["deskside stats", "deskside ask --picture x.png", "deskside index tidy"])
def test_a_command_that_does_not_exist_would_be_noticed(wrong: str) -> None:
    with pytest.raises(click.UsageError):
        parse(deskside, shlex.split(wrong)[1:])


def parse(command: click.Command, arguments: list[str], parent: click.Context | None = None) -> None:
    """Parse as click does, down to the last subcommand, without running it. Raises click.UsageError."""
    context = command.make_context(command.name, list(arguments), parent=parent)
    if isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        _, inner, left = command.resolve_command(context, rest)
        assert inner is not None
        parse(inner, left, context)


def test_every_command_is_explained() -> None:
    text = README.read_text("utf-8")
    for name in COMMANDS:
        assert f"| `deskside {name}` |" in text


def test_every_setting_is_explained_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", README.read_text("utf-8"), re.M))
    for field in dataclasses.fields(Settings):
        if field.name == "places":  # no setting: it says where each of them comes from
            continue
        assert field.name in rows, f"the README does not explain {field.name}"
        if field.default is not dataclasses.MISSING:
            assert rows[field.name] == (f"`{field.default}`" if field.default != "" else "empty")


@pytest.mark.parametrize("block", blocks(README, "toml"), ids=lambda block: block[1][:20])
def test_a_settings_file_shown_is_read(block: tuple[str, str], tmp_path: Path) -> None:
    from agent.settings import load_settings

    (tmp_path / "deskside.toml").write_text(block[1], "utf-8")
    read = load_settings({"home": tmp_path}, {})
    assert read != load_settings({"home": tmp_path / "elsewhere"}, {})


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_make_targets_named_exist(document: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = set(re.findall(r"(?:`|\$ )make ([\w-]+)", document.read_text("utf-8")))
    assert named <= targets


def names_of_files(document: Path) -> set[str]:
    """Paths that a document links to or names in code spans, as far as they are of this repository."""
    text = document.read_text("utf-8")
    linked = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    tops = "|".join(("agent", "index", "finetune", "bench", "data", "tests", "docs", r"\.ci"))
    named = re.findall(rf"`((?:{tops})/[\w./-]*)`", text) if document.name != "formats.md" else []
    commanded = re.findall(r"\bdata/shop/[\w./-]+\w", text)
    linked = [(document.parent / name).resolve().relative_to(ROOT).as_posix() for name in linked]
    return {*linked, *named, *commanded}


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "CHANGELOG.md"], ids=lambda document: document.name)
def test_files_named_exist(document: Path) -> None:
    # index/ alone is also the cache in the data folder
    missing = {name for name in names_of_files(document) if not (ROOT / name).exists()}
    assert not missing, f"{document.name} names {sorted(missing)}"


def test_the_map_of_the_house_has_every_room_and_most_files() -> None:
    named = names_of_files(ROOT / "CONTRIBUTING.md")
    files = {file.relative_to(ROOT).as_posix() for room in ("agent", "index") for file in (ROOT / room).glob("*.py")}
    missing = files - named - {"agent/__init__.py", "index/__init__.py"}
    assert len(missing) <= 3, f"put these on the map of CONTRIBUTING.md: {sorted(missing)}"
    assert {"index/", "agent/", "finetune/", "bench/", "tests/"} <= named


def test_sections_linked_to_exist() -> None:
    for document in DOCUMENTS:
        for path, section in re.findall(r"\]\(([^)#:]*)#([\w-]+)\)", document.read_text("utf-8")):
            target = document.parent / path if path else document
            heads = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.M)
            assert section in {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_pictures_of_the_readme_are_there() -> None:
    for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README.read_text("utf-8")):
        assert (ROOT / name).is_file(), f"the README shows {name}"


def test_the_answers_of_the_demo_are_the_demo_shops_own_words() -> None:
    """The demo import takes minutes, so its answers are not run here but held against what they quote."""
    quoted = {}
    for line in (ROOT / "data" / "shop" / "templates.jsonl").read_text("utf-8").splitlines():
        template = json.loads(line)
        quoted[template["id"]] = template["text"]
    for article in (ROOT / "data" / "shop" / "articles").glob("*.md"):
        quoted[article.stem] = re.sub(r"[*_]", "", article.read_text("utf-8"))
    demos = [each for each in shown(README) if each.mark == "demo"]
    assert len(demos) == 2
    for each in demos:
        answer = re.split(r"^\[1\] |^\.\.\.$", each.output, flags=re.M)[0].splitlines()[2:]
        said = [re.sub(r" \[\d\]$", "", line) for line in answer if line and not line.startswith("On your picture")]
        assert len(said) >= 3
        assert any(all(line in text for line in said) for text in quoted.values()), said


def test_the_place_for_measured_figures_is_there() -> None:
    assert re.search(r"^<!-- bench -->\n.+\n<!-- /bench -->$", README.read_text("utf-8"), re.M | re.S)


def test_exit_codes_on_the_bad_inputs_page_are_the_programs() -> None:
    page = (ROOT / "docs" / "BAD_INPUTS.md").read_text("utf-8")
    assert {kind: int(code) for kind, code in re.findall(r"^\| ([A-Z]+) \| (\d+) \|", page, re.M)} == EXIT_CODES


BAD_FILES = {
    "empty.jsonl": b"",
    "export.csv": b"PK\x03\x04 the rest of a workbook",
    "role.jsonl": b'{"id": "1", "messages": [{"role": "root", "text": "x"}]}\n',
    "latin.jsonl": b'{"id": "1", "messages": [{"role": "customer", "text": "caf\xe9"}]}\n',
    "cut.jsonl.gz": gzip.compress(b'{"id": "1", "messages": [{"role": "customer", "text": "x"}]}\n' * 100)[:60],
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_what_the_bad_inputs_page_quotes_is_what_is_said(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(BAD_FILES[name])
    trouble = CliRunner().invoke(deskside, ["import", str(tmp_path / name)]).exception
    assert isinstance(trouble, UserError)
    page = (ROOT / "docs" / "BAD_INPUTS.md").read_text("utf-8")
    said = f"deskside: {trouble.message}".replace("\n", "\n    ")
    assert f"({trouble.kind}):\n\n    {said}\n" in page


@pytest.mark.parametrize(("line", "secret"), [("caution = 7", False), ('openai_key = "x"', True)])
def test_what_the_page_quotes_about_settings_is_what_is_said(line: str, secret: bool, own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "deskside.toml").write_text(line, "utf-8")
    trouble = CliRunner().invoke(deskside, ["index", "stats"]).exception
    assert isinstance(trouble, UserError)
    assert trouble.message.replace("\n", "\n    ") in (ROOT / "docs" / "BAD_INPUTS.md").read_text("utf-8")
    assert ("secrets" in trouble.message) == secret


def test_the_demo_shop_has_what_the_readme_counts() -> None:
    text = " ".join(README.read_text("utf-8").split())
    told = re.search(r"\((\d+) tickets, (\d+) help articles, (\d+) approved replies", text)
    assert told
    shop = ROOT / "data" / "shop"
    tickets, templates = (len((shop / name).read_bytes().splitlines()) for name in ("tickets.jsonl", "templates.jsonl"))
    assert [int(each) for each in told.groups()] == [tickets, len(list((shop / "articles").glob("*.md"))), templates]
