"""Earlier conversations: a list that narrows while you type; Enter opens one."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from agent.records import ConversationSummary, Records
from agent.tui.words import age, one_line, trouble_line

PAUSE = 0.12  # seconds after a key before a search starts


class ConversationsScreen(ModalScreen[ConversationSummary | None]):
    """Dismissed with the conversation to open, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+s", "dismiss", "back"),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, records: Records) -> None:
        super().__init__()
        self._records = records
        self._shown: list[ConversationSummary] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="box tall"):
            yield Static("Conversations", markup=False, classes="head")
            yield Input(placeholder="words to look for")
            yield OptionList(markup=False)
            yield Static("type to search · ↑ ↓ choose · Enter opens · Esc back", markup=False, classes="foot")

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False  # the keys stay with the search; the mouse still works
        self.look("", 0)

    def on_input_changed(self, event: Input.Changed) -> None:
        self.look(event.value, PAUSE)

    def on_input_submitted(self) -> None:
        self.query_one(OptionList).action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index < len(self._shown):
            self.dismiss(self._shown[event.option_index])

    def action_move(self, step: int) -> None:
        """Walk the list while the cursor stays in the search."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()

    @work(exclusive=True)
    async def look(self, words: str, pause: float) -> None:
        """Search the records and show what they give."""
        await asyncio.sleep(pause)
        try:
            found = await asyncio.to_thread(self._records.conversations, 50, words.strip())
        except Exception as error:
            self.app.notify(trouble_line(error), severity="error")
            return
        self._shown = found
        options = self.query_one(OptionList)
        empty = Option("Nothing with these words." if words.strip() else "No conversations yet.", disabled=True)
        options.set_options([Option(_prompt(one)) for one in found] or [empty])
        options.highlighted = 0 if found else None


def _prompt(one: ConversationSummary) -> Content:
    turns = f"{one.turns} question{'s' if one.turns != 1 else ''}"
    remarks = " · ".join(word for word in (age(one.updated_at), turns) if word)
    title = one_line(one.title, 72) or "(no title)"
    return Content.assemble(title, ("\n" + remarks, "dim"))
