"""Help centres written in reStructuredText, in Sphinx's dialect too, become articles with their pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from index.conversation import Article
from index.departed import departed
from index.formats import Parsed, detect_format, read_sources
from index.store import open_store
from tests.ticket_files import SaysWords, picture, take

PAGE = """\
:id: hub-reset
:orphan:

.. _reset:

===============
Reset the *hub*
===============

.. contents::

Press :guilabel:`&Reset` under :menuselection:`Devices --> Hub`, see :ref:`the guide <guide>` and :doc:`/set-up`.
Call ``reset()`` or :py:func:`~hub.device.reset`. Read `the site <https://hub.example>`_.

.. note:: Keep it plugged in.

.. tab-set::

   .. tab-item:: App
      :sync: app

      Open the app.

.. versionadded:: 2.4
   The long press.

Steps
-----

#. Hold it for 10 seconds.
#. Wait.

   .. image:: img/led.png
      :alt: a white light

.. figure:: /img/back.png
   :width: 40%

   The back of the hub

===== ======
Light Means
===== ======
red   error
white ready
===== ======

.. code-block:: console
   :emphasize-lines: 1

   $ hub reset

.. |logo| image:: ../outside.png

It is |logo| here.

.. include:: /etc/passwd

.. raw:: html

   <script>alert(1)</script>

.. toctree::
   :hidden:

   other
"""


def read(path: Path) -> list[Parsed]:
    return list(read_sources(path))


def article(folder: Path, text: str | bytes, name: str = "page.rst") -> Article:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    (source,) = [each.source for each in read(folder / name)]
    assert isinstance(source, Article)
    return source


def test_a_page_reads_as_it_is_shown(tmp_path: Path) -> None:
    picture(tmp_path / "help" / "img" / "led.png")
    picture(tmp_path / "help" / "img" / "back.png", "blue")
    picture(tmp_path / "outside.png")
    page = article(tmp_path / "help", PAGE)
    assert (page.id, page.title) == ("hub-reset", "Reset the hub")
    assert page.attachments == ("img/led.png", "img/back.png")
    for shown in (
        "# Reset the hub",
        "Press Reset under Devices > Hub, see the guide and /set-up.",
        "Call `reset()` or reset. Read [the site](https://hub.example).",
        "Keep it plugged in.",
        "**App**",
        "Open the app.",
        "The long press.",
        "## Steps",
        "1. Hold it for 10 seconds.",
        "![a white light](img/led.png)",
        "The back of the hub",
        "Light | Means\nred | error",
        "```\n$ hub reset\n```",
    ):
        assert shown in page.text, shown
    for hidden in ("root:", "alert", "toctree", "orphan", "contents", "System Message", ":sync:"):
        assert hidden not in page.text, hidden


def test_a_folder_of_all_three_kinds_is_one_help_centre(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: A\n---\nMarkdown")
    (tmp_path / "b.html").write_text("<title>B</title><p>HTML</p>")
    (tmp_path / "c.rst").write_text("C\n=\n\nreST")
    (tmp_path / "draft.md").write_text("---\ndraft: true\n---\nSoon")
    (tmp_path / "hidden.rst").write_text(":published: false\n\nHidden\n======\n\nSoon")
    (tmp_path / "index.rst").write_text("Contents\n========\n\n.. toctree::\n\n   c\n")
    (tmp_path / "link.rst").symlink_to(tmp_path / "c.rst")
    assert detect_format(tmp_path) == "articles"
    parsed = read(tmp_path)
    assert [each.source.title for each in parsed if isinstance(each.source, Article)] == ["A", "B", "C", "Contents"]
    assert [each.left_out for each in parsed if each.left_out] == ["draft of an article"] * 2


def test_a_page_that_becomes_a_draft_leaves_the_shelf_with_its_picture(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    folder = tmp_path / "help"
    picture(folder / "img" / "led.png")
    article(folder, "Title\n=====\n\nLook.\n\n.. image:: img/led.png\n")
    (folder / "other.rst").write_text("Other\n=====\n\nWords.\n")
    (report,) = take(store, folder, load_reader=SaysWords)
    assert (report.imported, report.pictures) == (2, 1)
    article_file = folder / "page.rst"
    article_file.write_text(":draft: true\n\n" + article_file.read_text())
    (report,) = take(store, folder, load_reader=SaysWords)
    assert (report.deleted, report.duplicate) == (1, 1)
    assert [each.title for each in departed(store, "default")] == ["Title"]  # for a month it can be taken back
    assert list(store.pictures.glob("*.png"))
    with store.write() as db:
        db.execute("UPDATE departed SET left_at = '2025-01-01T00:00:00.000000+00:00'")
    (folder / "other.rst").unlink()
    (folder / "new.rst").write_text("New\n===\n\nWords.\n")
    (report,) = take(store, folder, mirror=True, load_reader=SaysWords)
    assert (report.imported, report.vanished) == (1, 1)
    assert not list(store.pictures.glob("*.png"))


BROKEN: dict[str, Any] = {
    "a title with too short a line": "A long title\n==\n\nWords.",
    "marks never closed": "Words **bold and `x and |sub",
    "an unknown role and directive": ":nope:`Words` .\n\n.. nope::\n   :a: b\n\n   Words.",
    "bad indents": "  a\n b\n   c\n\n.. note::\n  x\n y\n\nWords.",
    "a broken table": "=== ===\na\n=== ===\nWords.",
    "a deep list": "".join("  " * n + "- Words\n\n" for n in range(60)),
    "a directive without what it needs": ".. image::\n\n.. figure::\n\n.. code-block::\n\nWords.",
    "math, footnotes, targets": ":math:`a^2` [1]_ _`x`\n\n.. [1] Words.\n\n.. math::\n\n   a\n",
    "old line ends": "Title\r\n=====\r\n\r\nWords.\r\n",
    "latin": "Title\n=====\n\nWords w\xf6.".encode("latin-1"),
    "cut off": "Title\n=====\n\nWords.\n\n.. list-table::\n   * - a\n",
}


@pytest.mark.parametrize("how", BROKEN)
def test_broken_pages_keep_their_words(tmp_path: Path, how: str) -> None:
    assert "Words" in article(tmp_path / "help", BROKEN[how]).text


def test_the_charset_that_a_web_page_names_is_used(tmp_path: Path) -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body><p>Zażółć gęślą</p></body></html>'
    assert article(tmp_path, page.encode("iso-8859-2"), "p.html").text == "Zażółć gęślą"


def test_pictures_that_load_late_are_found(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    page = '<p>x<img src="data:image/gif;base64,R0lGOD" data-src="a.png" alt="shown late"></p>'
    assert article(tmp_path, page, "p.html").attachments == ("a.png",)
