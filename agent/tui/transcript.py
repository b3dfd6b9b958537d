"""The transcript: turns from old to new, the newest in view, older ones on demand."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import Static

from agent.records import StoredTurn
from agent.tui.turn import Turn
from index.clean import clean

PAGE = 20  # turns; the cost of every key press grows with what is mounted
MOST = 40


class Earlier(Static):
    """A row to click for earlier turns."""

    class Wanted(Message):
        """Earlier turns are wanted."""

    def __init__(self) -> None:
        super().__init__("↑ load earlier", markup=False, id="earlier")

    def on_click(self) -> None:
        self.post_message(self.Wanted())


class Transcript(VerticalScroll):
    """Follows its end until a reader scrolls up."""

    def __init__(self, examples: Sequence[str] = ()) -> None:
        super().__init__(id="transcript")
        self.examples = [clean(example) for example in examples]
        self.chosen: Turn | None = None

    def compose(self) -> ComposeResult:
        yield Earlier()
        yield Static(_empty(self.examples), markup=False, id="empty")

    @property
    def turns(self) -> list[Turn]:
        """The mounted turns, oldest first."""
        return list(self.query(Turn))

    @property
    def selected(self) -> Turn | None:
        """The chosen turn, else the last one."""
        turns = self.turns
        if self.chosen in turns:
            return self.chosen
        return turns[-1] if turns else None

    def turn(self, number: int) -> Turn | None:
        """The turn with that engine number, if it is still here."""
        return next((turn for turn in self.turns if turn.number == number), None)

    async def add(self, turn: Turn) -> None:
        """A new turn at the end; the oldest leave when there are too many (they can be loaded again)."""
        self.choose(None)
        self.query_one("#empty").display = False
        await self.mount(turn)
        self.offer()
        if len(turns := self.turns) > MOST:
            gone = [old for old in turns[: len(turns) - PAGE] if old.finished]
            await self.remove_children(gone)
            self.offer_earlier(bool(gone))
        self.anchor()

    async def put_instead(self, old: Turn, fresh: Turn) -> None:
        """A turn in the place of another."""
        chosen = self.chosen is old
        with self.app.batch_update():
            await self.mount(fresh, before=old)
            await old.remove()
        if chosen:
            self.choose(fresh)
        self.offer()

    def offer(self) -> None:
        """What can be done stands under the answer that the commands mean."""
        selected = self.selected
        for turn in self.turns:
            turn.offer(turn is selected)

    async def say(self, text: str) -> None:
        """A remark of the desk itself between the turns."""
        self.query_one("#empty").display = False
        await self.mount(Static(Content(f"! {clean(text)}"), markup=False, classes="notice"))
        self.anchor()

    async def replace(self, kept: Sequence[StoredTurn], earlier: bool) -> None:
        """Show a stored conversation instead."""
        await self.clear()
        self.query_one("#empty").display = not kept
        await self.mount_all([Turn.stored(turn) for turn in kept])
        self.offer_earlier(earlier)
        self.offer()
        self.anchor()

    async def put_before(self, kept: Sequence[StoredTurn], earlier: bool) -> None:
        """Earlier turns, above what is there; the reader's place is kept."""
        first = next(iter(self.turns), None)
        self.release_anchor()
        await self.mount_all([Turn.stored(turn) for turn in kept], before=first)
        self.offer_earlier(earlier)
        if first:
            self.call_after_refresh(self.scroll_to_widget, first, animate=False, top=True)

    async def clear(self) -> None:
        """An empty transcript."""
        self.chosen = None
        await self.remove_children("Turn, .notice")
        self.offer_earlier(False)
        self.anchor(False)  # the welcome stands at the top
        self.query_one("#empty").display = True

    def offer_earlier(self, there_is: bool) -> None:
        """Show or hide the row that loads earlier turns."""
        self.query_one(Earlier).set_class(there_is, "-shown")

    def choose(self, turn: Turn | None) -> None:
        """Mark a turn; None marks none."""
        if self.chosen:
            self.chosen.remove_class("-chosen")
        self.chosen = turn
        self.offer()
        if turn:
            turn.add_class("-chosen")
            turn.scroll_visible(animate=False)

    def step(self, by: int) -> None:
        """Choose the turn above (-1) or below (1)."""
        turns = self.turns
        if not turns:
            return
        place = turns.index(self.chosen) + by if self.chosen in turns else len(turns) - 1
        if place >= len(turns):
            self.choose(None)
            self.anchor()
        else:
            self.choose(turns[max(place, 0)])


def _empty(examples: Sequence[str]) -> Content:
    parts: list[Content | str | tuple[str, str]] = [
        ("What does the customer ask?\n", "bold $foreground"),
        "The answer comes from your own solved tickets, with the lines it rests on.\n\n",
    ]
    if not examples:
        parts.append("Nothing is on the shelf yet. Put tickets there: deskside import TICKETS.jsonl\n")
    for place, example in enumerate(examples):
        action = Style.from_meta({"@click": f"screen.example({place})"})
        parts += ["  › ", Content.styled(example, "$primary").stylize(action), "\n"]
    parts.append("\nDrag a screenshot in, or choose one with ^O.")
    return Content.assemble(*parts)
