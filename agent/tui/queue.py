"""The screen of the queue: who waits for a person, taken, answered, handed back and closed by that person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from agent.handover import OPEN, Handover
from agent.tui.area import WritingArea
from agent.tui.standing import packet_content, row, steps_content, talk_content
from agent.tui.status import keys_content
from agent.tui.waiting import Looking, tell_trouble
from agent.tui.words import one_line
from index.clean import clean
from index.errors import UserError

if TYPE_CHECKING:
    from agent.queue import HandoverQueue

LOOK = 1.0
GoOn = Callable[[str], None]
KEYS: tuple[tuple[str, str, str], ...] = (
    ("f6", "claim", "claim"),
    ("f8", "release", "release"),
    ("f10", "close", "close"),
    ("f5", "retry", "try notices"),
)
TOLD = tuple((key.upper(), word, f"screen.step('{name}')") for key, name, word in KEYS)
BACK = ("Esc", "back", "app.pop_screen")


class Working(Screen[None]):
    """What a person does with a hand-over, in the list and in the one that is open. `me` is that person."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"step('{name}')", shown, priority=True) for key, name, shown in KEYS
    ]

    def __init__(self, queue: HandoverQueue, me: str, go_on: GoOn) -> None:
        super().__init__()
        self._queue, self._me, self._go_on = queue, me, go_on
        self._asked: tuple[str, int] = ("", 0)  # a step that was refused once, and may be meant all the same
        self._looking = Looking(self._read)

    def on_mount(self) -> None:
        self.look()
        self.set_interval(LOOK, self.look)

    @property
    def chosen(self) -> Handover | None:
        """The hand-over that a key means."""
        raise NotImplementedError

    @work(group="look")
    async def look(self, anew: bool = False) -> None:
        """Read again what is shown; `anew` after something was changed."""
        await self._looking.look(anew)

    async def _read(self) -> None:
        raise NotImplementedError

    @work
    async def action_step(self, name: str) -> None:
        """Take a step; refused ones say why, and the same key once more means it."""
        if (one := self.chosen) is None:
            return
        again = self._asked == (name, one.number)
        self._asked = ("", 0)
        take: dict[str, Callable[[], Any]] = {
            "claim": lambda: self._queue.claim(one.number, self._me, take_over=again),
            "release": lambda: self._queue.release(one.number, self._me),
            "close": lambda: self._queue.close(one.number, self._me, anyway=again),
            "retry": lambda: self._queue.retry(one.number),
        }
        try:
            done = await asyncio.to_thread(take[name])
        except UserError as error:
            first = error.message.splitlines()[0]
            other = name == "claim" and one.state == "claimed" and one.holder != self._me
            if other or error.kind == "REFUSED":
                self._asked = (name, one.number)
                what = "takes it over" if other else "closes it all the same"
                first = f"{first}\nThe same key once more {what}."
            self.app.notify(first, severity="warning")
            return
        except Exception as error:
            tell_trouble(self.app, error)
            return
        if name == "release" and done:
            self.app.notify("The desk answers what came meanwhile.", timeout=3)
            self._go_on(one.conversation)
        if name == "retry":
            self.app.notify("Notices are tried now." if done else "Every notice has gone out.", timeout=3)
        self.look(anew=True)


class QueueScreen(Working):
    """The list; Enter opens one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,alt+q", "app.pop_screen", "back"),
        Binding("a", "all", "all"),
    ]

    def __init__(self, queue: HandoverQueue, me: str, go_on: GoOn) -> None:
        super().__init__(queue, me, go_on)
        self._shown: list[Handover] = []
        self._every = False
        self._previewed: tuple[Handover, object] | None = None

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, classes="standing")
        with Horizontal(id="waiting"):
            yield OptionList(markup=False, id="queue")
            with VerticalScroll(id="preview", can_focus=False):
                yield Static("", markup=False)
        keys = keys_content([("Enter", "open", "screen.open"), *TOLD, ("a", "all", "screen.all"), BACK])
        yield Static(keys, markup=False, classes="keys")

    @property
    def chosen(self) -> Handover | None:
        place = self.query_one("#queue", OptionList).highlighted
        return self._shown[place] if place is not None and place < len(self._shown) else None

    def action_all(self) -> None:
        """Those that are over too, or only those that wait."""
        self._every = not self._every
        self.look(anew=True)

    async def _read(self) -> None:
        """Read the queue and keep the place in it."""
        from agent.queue import EVERY, LIVE

        try:
            found = await asyncio.to_thread(self._queue.waiting, EVERY if self._every else LIVE)
        except Exception as error:
            tell_trouble(self.app, error)
            return
        if not self.query("#queue"):  # left meanwhile
            return
        if found != self._shown or not self.query_one("#queue", OptionList).option_count:
            self._list(found)
        await self._preview()

    def _list(self, found: list[Handover]) -> None:
        before = self.chosen
        self._shown = found
        options = self.query_one("#queue", OptionList)
        empty = Option("Nobody waits.", disabled=True)
        options.set_options([Option(row(one)) for one in found] or [empty])
        numbers = [one.number for one in found]
        options.highlighted = (
            numbers.index(before.number) if before and before.number in numbers else 0 if found else None
        )
        waiting = sum(one.state in OPEN for one in found)
        top = Content.assemble(
            ("Hand-overs", "bold $primary"), ("  ─  ", "dim"), f"{waiting} waiting", ("  ─  ", "dim")
        )
        self.query_one(".standing", Static).update(
            top + Content(f"you are {one_line(self._me, 40) or 'nobody: set person'}")
        )

    async def on_option_list_option_highlighted(self) -> None:
        await self._preview()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """The one that is chosen, with its conversation."""
        if one := self.chosen:
            self.app.push_screen(HeldScreen(self._queue, self._me, self._go_on, one))

    async def _preview(self) -> None:
        """The packet of the one that is highlighted, where there is room for it."""
        one = self.chosen
        width = self.query_one("#preview", VerticalScroll).scrollable_content_region.width
        content = Content("") if one is None else packet_content(one, width)
        self.query_one("#preview Static", Static).update(content)


class HeldScreen(Working):
    """One hand-over: packet, conversation and steps, and a box for the reply of the person who holds it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "back"),
        Binding("ctrl+s", "reply", "reply", priority=True),
    ]

    def __init__(self, queue: HandoverQueue, me: str, go_on: GoOn, one: Handover) -> None:
        super().__init__(queue, me, go_on)
        self._one = one
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, classes="standing")
        with VerticalScroll(id="pages"):
            yield Static("", markup=False, id="page")
        reply = WritingArea("", id="reply", placeholder=Content("Your reply to the customer"))
        reply.tab_behavior = "focus"
        yield reply
        yield Static("", markup=False, classes="keys")

    @property
    def chosen(self) -> Handover | None:
        return self._one

    async def _read(self) -> None:
        """Read the hand-over again; what is new comes at the end and into view."""
        try:
            one = await asyncio.to_thread(self._queue.one, self._one.number)
            talk = await asyncio.to_thread(self._queue.talk, one.number)
            steps = await asyncio.to_thread(self._queue.steps, one.number)
        except Exception as error:
            tell_trouble(self.app, error)
            return
        if (one, len(talk), len(steps)) != self._drawn and self.query("#page"):
            self._draw(one, talk, steps)

    def _draw(self, one: Handover, talk: Sequence[tuple[str, str]], steps: Sequence[Any]) -> None:
        self._one, first, self._drawn = one, self._drawn is None, (one, len(talk), len(steps))
        unread = f" · {one.unread} unread" if one.unread else ""
        head = f"Hand-over {one.number} {one_line(one.standing, 60)}{unread}"
        self.query_one(".standing", Static).update(
            Content.assemble((head, "bold $primary"), ("  ─  ", "dim"), one.conversation)
        )
        pages = self.query_one("#pages", VerticalScroll)
        width = pages.scrollable_content_region.width
        page = Content("\n\n").join([packet_content(one, width), steps_content(one, steps), talk_content(talk)])
        self.query_one("#page", Static).update(page)
        mine = one.state == "claimed" and one.holder == " ".join(clean(self._me).split())
        reply = self.query_one("#reply", WritingArea)
        if mine != reply.display or first:
            reply.display = mine
            (reply if mine else pages).focus()
        reply_key = [("^S", "reply", "screen.reply")] if mine else []
        self.query_one(".keys", Static).update(keys_content([*reply_key, *TOLD, BACK]))
        self.call_after_refresh(pages.scroll_end if mine else pages.scroll_home, animate=False)

    @work
    async def action_reply(self) -> None:
        """Say what is in the box to the customer; trouble leaves it there."""
        box = self.query_one("#reply", WritingArea)
        if not box.display:
            return
        try:
            await asyncio.to_thread(self._queue.reply, self._one.number, self._me, box.text)
        except Exception as error:
            tell_trouble(self.app, error)
            return
        box.clear()
        self.look(anew=True)
