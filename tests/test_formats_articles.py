"""A folder of help articles: titles, ids, pictures and plain Markdown out of what documentation sites write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.conversation import Article
from index.errors import UserError
from index.formats import Parsed, read_sources
from index.formats.html import markdown_of

DOCS = Path(__file__).parents[2] / "shared" / "datasets" / "powerquery"


def write(folder: Path, **files: str | bytes) -> Path:
    for name, data in files.items():
        file = folder / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def article(parsed: Parsed) -> Article:
    assert parsed.error is None, parsed.error
    assert isinstance(parsed.source, Article)
    return parsed.source


def only(folder: Path) -> Article:
    (parsed,) = read_sources(folder)
    return article(parsed)


def test_ids_are_paths_in_the_folder_and_come_sorted(tmp_path: Path) -> None:
    write(tmp_path, b_dot_md="# B", sub__a_dot_md="# A", sub__deep__c_dot_html="<h1>C</h1>x", notes_dot_txt="no")
    write(tmp_path, _dot_git__x_dot_md="# hidden")
    found = [(article(p).id, article(p).title) for p in read_sources(tmp_path)]
    assert found == [("b.md", "B"), ("sub/a.md", "A"), ("sub/deep/c.html", "C")]


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("---\ntitle: From the top\nid: KB-7\n---\n# Other\nx", "KB-7", "From the top"),
        ("---\ntitle: 'a: b'\n---\nx", "set-up_hub.md", "a: b"),
        ("---\ntitle: broken: yaml: [\n---\nx", "set-up_hub.md", "broken: yaml: ["),
        ("```\n# a comment in code\n```\n# The *real* one #\nx", "set-up_hub.md", "The real one"),
        ("only words", "set-up_hub.md", "Set up hub"),
        ("\ufeff---\r\ntitle: Windows\r\n---\r\nx\r\n", "set-up_hub.md", "Windows"),
    ],
)
def test_title_and_id_come_from_the_best_place(tmp_path: Path, text: str, name: str, title: str) -> None:
    found = only(write(tmp_path, **{"set-up_hub_dot_md": text}))
    assert (found.id, found.title) == (name, title)


def test_front_matter_is_kept_and_out_of_the_text(tmp_path: Path) -> None:
    found = only(write(tmp_path, a_dot_md="---\ntitle: T\ndescription: D\ntags: [a, b]\ndate: 2024-01-02\n---\nBody"))
    assert found.text == "Body"
    assert found.extra == {"description": "D", "tags": ["a", "b"], "date": "2024-01-02"}


def test_front_matter_cannot_grow_into_gigabytes(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{n}: &{n} [{','.join(['*' + p] * 9)}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    found = only(write(tmp_path, a_dot_md=f"---\ntitle: T\n{bomb}---\nBody"))
    assert len(json.dumps(found.extra)) < 10_000


def test_every_way_to_show_a_picture_becomes_one(tmp_path: Path) -> None:
    text = """
![one](pics/1.png "title") and [![two](pics/2.png)](pics/big.png#lightbox)
:::image type="content" source="pics/3.png" alt-text="Three [x] lights." lightbox="pics/3.png":::
:::image source="pics/4.png" type="complex" alt-text="Four":::
Long description.
:::image-end:::
<img src='/pics/5.png' alt='five' width="3"> ![six][ref] ![seven](<pics/a b.png>) ![again](./pics/1.png?raw=true)
`code` ![web](https://x.example/y.png)

```
![not](pics/9.png)
```
[ref]: pics/6.png
"""
    pictures = {f"pics__{name}_dot_png": b"x" for name in ("1", "2", "3", "4", "5", "6", "9", "a b", "big")}
    found = only(write(tmp_path, a_dot_md=text, **pictures))
    assert found.attachments == tuple(f"pics/{name}.png" for name in ("1", "2", "3", "4", "5", "6", "a b"))
    assert "![Three (x) lights.](pics/3.png)" in found.text
    assert "![seven](<pics/a b.png>)" in found.text
    assert "![five](pics/5.png)" in found.text
    assert "![not](pics/9.png)" in found.text
    assert ":::" not in found.text


def test_pictures_are_named_from_the_root_and_never_outside_it(tmp_path: Path) -> None:
    root = write(
        tmp_path / "docs",
        sub__a_dot_md="![in](../p.png) ![out](../../secret.png) ![link](link.png) ![no](no.png) ![v](v.svg)",
        p_dot_png=b"x",
        sub__v_dot_svg=b"<svg/>",
    )
    write(tmp_path, secret_dot_png=b"x")
    (root / "sub" / "link.png").symlink_to(tmp_path / "secret.png")
    (parsed,) = read_sources(root)
    assert article(parsed).attachments == ("p.png",)
    assert [notice.split(" (")[0] for notice in parsed.notices] == [
        "2 pictures outside the folder, not read",
        "1 picture not found",
        "1 picture of a kind that is not read",
    ]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    root = write(tmp_path / "docs", a_dot_md="# A")
    write(tmp_path, other__b_dot_md="# secret")
    (root / "folder").symlink_to(tmp_path / "other")
    (root / "c.md").symlink_to(tmp_path / "other" / "b.md")
    assert [article(p).id for p in read_sources(root)] == ["a.md"]


def test_docs_extensions_do_not_reach_the_reader(tmp_path: Path) -> None:
    text = "# T\n[!INCLUDE [shared words](includes/x.md)]\n> [!NOTE]\n> Mind the lock.\n\n<!-- draft\nsecret -->\nEnd."
    assert only(write(tmp_path, a_dot_md=text)).text == "# T\n\n> **Note**\n> Mind the lock.\n\nEnd."


PAGE = """<!doctype html><html><head><title>Reset | Help</title><style>p{}</style></head><body>
<nav>Home &gt; Hub</nav><main><h1>Reset the <em>hub</em></h1>
<p>Hold <b>reset</b> for <code>10 s</code>.<br>Then&nbsp;wait.<!-- no --></p>
<ol><li>One <ul><li>inner</li></ul></li><li><p>Two</p></li></ol>
<table><tr><th>Light</th><th>Means</th></tr><tr><td>blue</td><td>con<b>nect</b>ed</td></tr></table>
<pre>ping a
  ping b</pre><blockquote>Careful</blockquote>
<a href="https://x.example/y">more</a><img src="p.png" alt="The hub"><script>alert(1)</script></main>
<footer>(c)</footer></body></html>"""


def test_a_web_page_becomes_markdown(tmp_path: Path) -> None:
    found = only(write(tmp_path, a_dot_html=PAGE, p_dot_png=b"x"))
    assert (found.title, found.attachments) == ("Reset the hub", ("p.png",))
    for part in (
        "# Reset the hub\n",
        "Hold **reset** for `10 s`.\nThen wait.",
        "1. One\n   - inner\n2. Two",
        "Light | Means\nblue | con**nect**ed",
        "```\nping a\n  ping b\n```",
        "> Careful",
        "[more](https://x.example/y) ![The hub](p.png)",
    ):
        assert part in found.text
    for gone in ("Home", "alert", "(c)", "p{}", "<", "no"):
        assert gone not in found.text.replace("> Careful", "")


def test_a_page_nested_without_end_is_still_read() -> None:
    text, _ = markdown_of("<div>" * 3000 + "<p>deep words</p>")
    assert text == "deep words"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.md", b"", "EMPTY"),
        ("a.md", b"---\ntitle: only\n---\n", "EMPTY"),
        ("a.html", b"<html><script>x</script></html>", "EMPTY"),
        ("a.md", "# A".encode("utf-16"), "ENCODING"),
        ("a.md", b"# A\x00", "ENCODING"),
        ("a.md", b"\x81\xff", "ENCODING"),
        ("a.md", b"%PDF-1.7", "TYPE"),
        ("a.md", b"# x\n" + b"y" * 9_000_000, "TOOBIG"),
    ],
)
def test_one_bad_article_does_not_hide_the_others(tmp_path: Path, name: str, data: bytes, kind: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / name).write_bytes(data)
    write(tmp_path, z_dot_md="# Z")
    good, bad = sorted(read_sources(tmp_path), key=lambda parsed: parsed.error is not None)
    assert article(good).id == "z.md"
    assert bad.error is not None
    assert bad.error.kind == kind
    assert bad.error.message.startswith(f"sub/{name}")
    assert kind != "EMPTY" or "tickets" not in bad.error.message


def test_windows_1252_is_read_and_named(tmp_path: Path) -> None:
    (parsed,) = read_sources(write(tmp_path, a_dot_md="# Café".encode("cp1252")))
    assert article(parsed).title == "Café"
    assert "Windows-1252" in parsed.notices[0]


def test_a_folder_without_articles_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no \.md") as caught:
        list(read_sources(tmp_path))
    assert caught.value.kind == "EMPTY"


def test_two_articles_with_one_id_contradict_each_other(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_dot_md="---\nid: K\ntitle: T\n---\none",
        b_dot_md="---\nid: K\n---\ntwo",
        c_dot_md="---\nid: K\ntitle: T\n---\none",
    )
    first, other, same = read_sources(tmp_path)
    assert other.error is not None
    assert other.error.kind == "SCHEMA"
    assert (first.duplicate, same.duplicate) == (False, True)


@pytest.mark.skipif(not DOCS.is_dir(), reason="the Power Query articles are not beside the project")
def test_real_documentation_gives_every_picture_its_article() -> None:
    found = {article(parsed).id: article(parsed) for parsed in read_sources(DOCS / "powerquery-docs")}
    assert len(found) == 654
    with (DOCS / "image_refs.jsonl").open(encoding="utf-8") as lines:
        references = [json.loads(line) for line in lines]
    for reference in references:
        owner = found[reference["article"].removeprefix("powerquery-docs/")]
        assert reference["image"].removeprefix("powerquery-docs/") in owner.attachments
