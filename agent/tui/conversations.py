"""Earlier conversations: a list that narrows while you type, with what was said beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from agent.archive import FILTERS, matches, understand
from agent.records import ConversationSummary, Records
from agent.tui.line import LineScreen
from agent.tui.waiting import done_off_thread
from agent.tui.words import age, one_line, trouble_line
from index.clean import clean
from index.conversation import source_lines

PAUSE = 0.12  # seconds after a key before a search starts
LISTED = 50
MOST_LINES = 400
MOST_LINE = 400
_MARKS = {"good": "✓ good", "bad": "✗ bad"}


class ConversationsScreen(ModalScreen[ConversationSummary | None]):
    """Dismissed with the conversation to open, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+s", "dismiss", "back"),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "read(1)", show=False, priority=True),
        Binding("pageup", "read(-1)", show=False, priority=True),
        Binding("f2", "rename", "rename"),
        Binding("f4", "export", "export"),
        Binding("f8", "delete", "delete"),
    ]

    def __init__(
        self,
        records: Records,
        words: str = "",
        export: Callable[[str], Awaitable[None]] | None = None,
        on_removed: Callable[[str], None] = lambda gone: None,
    ) -> None:
        super().__init__()
        self._export = export
        self._on_removed = on_removed
        self._records = records
        self._words = words
        self._shown: list[ConversationSummary] = []
        self._doomed = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="box tall wide"):
            yield Static("Conversations", markup=False, classes="head")
            yield Input(one_line(self._words), placeholder=f"words, {' '.join(FILTERS)}")
            with Horizontal(id="found"):
                yield OptionList(markup=False)
                with VerticalScroll(id="preview", can_focus=False):
                    yield Static("", markup=False)
            yield Static(
                "↑ ↓ choose · Enter opens · F2 renames · F4 exports · F8 deletes · Esc back",
                markup=False,
                classes="foot",
            )

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False  # the keys stay with the search; the mouse still works
        self.look(self._words, 0)

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.value != self._words:
            self._words = event.value
            self.look(event.value, PAUSE)

    def on_input_submitted(self) -> None:
        self.query_one(OptionList).action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index < len(self._shown):
            self.dismiss(self._shown[event.option_index])

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.show_preview()

    def action_move(self, step: int) -> None:
        """Walk the list while the cursor stays in the search."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    def action_read(self, step: int) -> None:
        """Page through the preview."""
        preview = self.query_one("#preview", VerticalScroll)
        preview.scroll_page_down(animate=False) if step > 0 else preview.scroll_page_up(animate=False)

    @property
    def _chosen(self) -> ConversationSummary | None:
        at = self.query_one(OptionList).highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else None

    @work(exclusive=True)
    async def look(self, words: str, pause: float, keep: str = "") -> None:
        """Search the records and show what they give; `keep` stays chosen if it is there."""
        await asyncio.sleep(pause)
        try:
            found = await asyncio.to_thread(self._records.conversations, LISTED, words.strip())
        except Exception as error:
            self._tell(trouble_line(error))
            return
        self._shown = found
        more = f", the newest {LISTED}" if len(found) == LISTED else ""
        self._tell(f"Conversations ({len(found)}{more})" if found else "Conversations")
        options = self.query_one(OptionList)
        empty = Option("Nothing with these words." if words.strip() else "No conversations yet.", disabled=True)
        words_only = understand(words).words
        options.set_options([Option(_prompt(one, words_only)) for one in found] or [empty])
        kept = next((place for place, one in enumerate(found) if one.id == keep), 0)
        options.highlighted = kept if found else None
        self.show_preview()

    def _tell(self, text: str) -> None:
        self.query_one(".head", Static).update(one_line(text))

    @work(exclusive=True, group="preview")
    async def show_preview(self) -> None:
        """What was said in the chosen conversation, the words looked for marked and in view."""
        text = self.query_one("#preview", VerticalScroll).query_one(Static)
        chosen = self._chosen
        self._doomed = self._doomed if chosen and chosen.id == self._doomed else ""
        if chosen is None or not self.query_one("#preview").display:
            text.update("")
            return
        await asyncio.sleep(0.05)  # someone walking down the list reads none of them
        try:
            source = await asyncio.to_thread(self._records.source, chosen.id)
        except Exception as error:
            text.update(trouble_line(error))
            return
        lines = [clean(line[:MOST_LINE]) for line in source_lines(source)[:MOST_LINES]] if source else []
        content, first = marked(lines, understand(self._words).words)
        text.update(content)
        self.call_after_refresh(self._bring_into_view, content.plain, first)

    def _bring_into_view(self, text: str, first: int) -> None:
        """Bring a place of the text into view."""
        preview = self.query_one("#preview", VerticalScroll)
        width = max(1, preview.scrollable_content_region.width)
        above = sum(max(1, -(-len(line) // width)) for line in text[:first].split("\n")[:-1])
        preview.scroll_to(y=max(0, above - 2), animate=False)

    # --- keeping order --------------------------------------------------------------------------------------

    def action_rename(self) -> None:
        """Ask for another title."""
        chosen = self._chosen
        if chosen is None or chosen.origin != "chat":
            self.app.notify("Only chats of this desk can be renamed.", severity="warning")
            return

        async def rename(title: str | None) -> None:
            if title and await done_off_thread(self.app, self._records.rename, chosen.id, title):
                self.look(self._words, 0, chosen.id)

        self.app.push_screen(LineScreen("Another title", "Enter keeps it · Esc back", chosen.title), rename)

    async def action_delete(self) -> None:
        """The first time ask, the second time delete."""
        chosen = self._chosen
        if chosen is None or chosen.origin != "chat":
            self.app.notify("Only chats of this desk can be deleted here.", severity="warning")
        elif self._doomed != chosen.id:
            self._doomed = chosen.id
            self.app.notify(f"Press F8 once more to delete “{one_line(chosen.title, 50)}” for good.", timeout=6)
        elif await done_off_thread(self.app, self._records.remove, chosen.id):
            self._doomed = ""
            self._on_removed(chosen.id)
            self.look(self._words, 0)

    async def action_export(self) -> None:
        """Write the chosen conversation into a file, as Markdown."""
        if self._export and (chosen := self._chosen):
            await self._export(chosen.id)


def _prompt(one: ConversationSummary, words: list[str]) -> Content:
    turns = f"{one.turns} question{'s' if one.turns != 1 else ''}" if one.origin == "chat" else "ticket"
    remarks = [
        age(one.updated_at),
        turns,
        one.status if one.status != "open" else "",
        _MARKS.get(one.rating or "", ""),
        "picture" if one.pictures else "",
    ]
    title = marked([one_line(one.title, 72) or "(no title)"], words)[0].stylize("bold")
    parts: list[Content | tuple[str, str] | str] = [title, ("\n" + " · ".join(filter(None, remarks)), "dim")]
    if one.snippet and one_line(one.snippet, 72) != one_line(one.title, 72):
        parts += ["\n", marked([one_line(one.snippet, 90)], words)[0].stylize("dim")]
    return Content.assemble(*parts)


def marked(lines: list[str], words: list[str]) -> tuple[Content, int]:
    """Lines with the words looked for marked (bold and underlined: not by colour alone), and where the first is."""
    text = "\n".join(lines)
    spots = matches(text, words)
    content = Content(text)
    for start, end in spots:
        content = content.stylize("bold underline $accent", start, end)
    return content, spots[0][0] if spots else 0
