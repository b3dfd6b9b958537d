"""A picture chosen from the disk: a folder to start from, its pictures, a preview."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import DirectoryTree, Input, Static
from textual.widgets.directory_tree import DirEntry
from textual.widgets.tree import TreeNode

from agent.tui.attach import check
from agent.tui.halfblock import HalfBlock
from agent.tui.paths import PICTURE_SUFFIXES, one_path
from agent.tui.words import one_line, trouble_line


class PictureTree(DirectoryTree):
    """Folders and pictures, names cleaned, no emoji."""

    ICON_NODE = "+ "
    ICON_NODE_EXPANDED = "- "
    ICON_FILE = "  "

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        return [path for path in paths if not path.name.startswith(".") and (_folder(path) or _picture(path))]

    def render_label(self, node: TreeNode[DirEntry], base_style: Style, style: Style) -> Text:
        icon = self.ICON_FILE
        if node.allow_expand:
            icon = self.ICON_NODE_EXPANDED if node.is_expanded else self.ICON_NODE
        return Text.assemble((icon, base_style), (one_line(str(node.label), 80), style))


class PicturePicker(ModalScreen[Path | None]):
    """Dismissed with the path of the picture, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "back")]

    def __init__(self, start: Path) -> None:
        super().__init__()
        self._start = start

    def compose(self) -> ComposeResult:
        with Vertical(classes="box tall"):
            yield Static("Choose a picture", markup=False, classes="head")
            yield Input(str(self._start), placeholder="a folder, or the path of a picture")
            with Horizontal(id="picker"):
                yield PictureTree(self._start)
                with Vertical(id="preview"):
                    yield HalfBlock()
                    yield Static("", markup=False)
            yield Static("Enter attaches · Tab changes field · Esc back", markup=False, classes="foot")

    def on_mount(self) -> None:
        self.query_one(PictureTree).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        path = one_path(event.value)
        if _folder(path):
            self.query_one(PictureTree).path = path
            self.query_one(PictureTree).focus()
        elif _picture(path):
            self.dismiss(path)
        else:
            self.app.notify(f"There is no folder or picture at {one_line(event.value)}", severity="warning")

    def on_directory_tree_file_selected(self, event: DirectoryTree.FileSelected) -> None:
        event.stop()
        self.dismiss(event.path)

    def on_tree_node_highlighted(self, event: PictureTree.NodeHighlighted[DirEntry]) -> None:
        entry = event.node.data
        if entry and not _folder(entry.path):
            self.preview(entry.path)

    @work(exclusive=True)
    async def preview(self, path: Path) -> None:
        """Show the highlighted picture, or why it can't be used."""
        await asyncio.sleep(0.08)  # someone walking down the list needs no picture of each
        try:
            picture = await asyncio.to_thread(check, path, (40, 16))
        except Exception as error:
            self._show_remark(trouble_line(error))
            return
        self.query_one(HalfBlock).show(picture.pixels)
        self._show_remark(f"{one_line(picture.name, 40)} {picture.width}x{picture.height}", keep=True)

    def _show_remark(self, text: str, keep: bool = False) -> None:
        if not keep:
            self.query_one(HalfBlock).show([])
        self.query_one("#preview", Vertical).query_one(Static).update(text)


def _folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _picture(path: Path) -> bool:
    try:
        return path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()
    except (OSError, ValueError):
        return False
