"""One question and its answer in the transcript: five small widgets, one of them alive while it is written."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import Static

from agent.events import Checked, Citation, Decided, Decision, Ended, Event, Found, Looked, Said
from agent.records import Rating, StoredTurn
from agent.tui.attach import Attachment
from agent.tui.commands import Command
from agent.tui.halfblock import Pixels
from agent.tui.markdown import Writing, Written
from agent.tui.pixels import picture_widget
from agent.tui.words import Entry, clock, decision_line, entries, one_line, read_line, speaker
from index.clean import clean
from index.hits import Hit
from index.pictures import ReadPicture
from index.store import now

_RATED: dict[Rating, tuple[str, str]] = {"good": ("✓ good", "$success"), "bad": ("✗ bad", "$error")}


OFFERS = ("good", "bad", "correct", "again", "approve")
ROOM = 52  # columns; below, the keys must do


class Turn(Vertical):
    """A turn. `number` is the engine's (0 for a stored one), `turn_id` the store's (0 until it is kept)."""

    class Cited(Message):
        """A source is to be read."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self, question: str, number: int = 0, pictures: Sequence[tuple[str, Pixels]] = ()) -> None:
        super().__init__(classes="turn")
        self.question = question
        self.number = number
        self.pictures = pictures
        self.turn_id = 0
        self.draft = ""
        self.answer = ""
        self.hits: tuple[Hit, ...] = ()
        self.citations: tuple[Citation, ...] = ()
        self.decision: Decision | None = None
        self.seconds: dict[str, float] = {}
        self.rating: Rating | None = None
        self.reason = ""
        self.chosen = ""
        self.why = ""
        self.training = True
        self.variant = (1, 1)
        self.attached: Sequence[Attachment] = ()
        self.asked_at = now()
        self.offers = False
        self.finished = False
        self.stopped = False
        self.stopped_by_reader = False
        self.repaired = False
        self.trouble = ""
        self.speaker = "Agent"
        self.began = time.monotonic()
        self._read: tuple[ReadPicture, ...] = ()
        self._live: Writing | None = None
        self._written: Written | None = None

    @classmethod
    def stored(cls, kept: StoredTurn) -> Turn:
        """A finished turn out of the records."""
        turn = cls(kept.question)
        turn.turn_id, turn.answer, turn.rating = kept.turn_id, kept.answer, kept.rating
        turn.hits, turn.citations, turn.decision = kept.hits, kept.citations, kept.decision
        turn.seconds, turn.stopped, turn.finished = kept.seconds, kept.stopped, True
        turn._read, turn.asked_at, turn.variant = kept.pictures, kept.asked_at, kept.variant
        turn.reason, turn.chosen, turn.training = kept.reason, kept.chosen, kept.training
        turn.speaker = speaker(kept.author, kept.decision.act)
        turn.set_class(not kept.question and not kept.pictures, "-unasked")
        return turn

    def compose(self) -> ComposeResult:
        names = [one_line(name, 60) for name, _ in self.pictures] or [
            one_line(picture.name, 60) for picture in self._read
        ]
        self._names = [Content.styled(f"\n[picture] {name}", "dim") for name in names]
        yield Static("", markup=False, classes="asked")
        for _, pixels in self.pictures:
            yield picture_widget(getattr(self.app, "drawing", "blocks"), pixels)
        yield Static("", markup=False, classes="label")
        if self.finished:
            yield self._frozen(self.chosen or self.answer)
        yield Static("", markup=False, classes="meta")

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def on_written_cited(self, event: Written.Cited) -> None:
        event.stop()
        self.action_cited(event.n)

    def action_cited(self, n: int) -> None:
        """Ask for the source with that number to be opened."""
        for entry in self.sources:
            if entry.n == n:
                self.post_message(self.Cited(entry))

    @property
    def sources(self) -> list[Entry]:
        """What the answer rests on, numbered."""
        return entries(self.hits, self.citations)

    @property
    def pictures_read(self) -> tuple[ReadPicture, ...]:
        """The pictures as the desk read them."""
        return self._read

    def preview(self, pixels: Pixels) -> None:
        """Show a thumbnail of a stored picture under the question."""
        drawn = picture_widget(getattr(self.app, "drawing", "blocks"), pixels)
        self.mount(drawn, after=self.query_one(".asked"))

    async def hear(self, event: Event) -> None:
        """Take in an event. After a stop, only how the turn was kept."""
        if self.stopped_by_reader and not isinstance(event, Ended):
            return
        match event:
            case Looked():
                self._read = event.pictures
            case Found():
                self.hits = event.hits
            case Decided():
                self.decision = event.decision
            case Said():
                await self._say(event.text)
            case Checked():
                self.citations, self.repaired = event.citations, event.repaired
                await self._freeze(event.text or self.draft)
            case Ended():
                await self._end(event)
        self._draw()

    async def stop(self) -> None:
        """Keep what is written, marked; nothing that comes later is shown."""
        if not self.finished:
            self.stopped = self.stopped_by_reader = True
            await self._freeze(self.answer or self.draft)
            self._draw()

    async def break_off(self, trouble: str) -> None:
        """Keep what is written and say why there is no more."""
        self.trouble = trouble
        await self._freeze(self.answer or self.draft)
        self._draw()

    async def close(self) -> None:
        """Nothing more will come: freeze whatever there is."""
        if not self.finished:
            await self._freeze(self.answer or self.draft)
            self._draw()

    def rate(self, value: Rating | None, reason: str = "") -> None:
        """Show a rating."""
        self.rating, self.reason = value, reason
        self._draw()

    async def correct(self, chosen: str, why: str, training: bool) -> None:
        """Show a person's words in the place of the answer; "" shows the answer again."""
        self.chosen, self.why, self.training = chosen, why, training
        if self._written:
            self._written.rewrite(chosen or self.answer, frozenset(citation.n for citation in self.citations))
        self._draw()

    def offer(self, offers: bool) -> None:
        """Show or hide what can be done with this answer."""
        if offers != self.offers:
            self.offers = offers
            self._draw()

    def show_times(self) -> None:
        """Draw anew after the wish for times has changed."""
        self._draw()

    async def _say(self, text: str) -> None:
        self.draft += text
        if self.finished:
            return
        if self._live is None:
            self._live = Writing()
            await self.mount(self._live, before=self.query_one(".meta"))
        await self._live.write(text)

    async def _end(self, ended: Ended) -> None:
        self.turn_id = ended.turn_id
        if self.stopped_by_reader:
            return
        self.stopped = ended.stopped
        self._read = ended.pictures or self._read
        self.hits, self.citations, self.decision = ended.hits, ended.citations, ended.decision
        self.seconds = ended.seconds
        await self._freeze(ended.answer)

    async def _freeze(self, text: str) -> None:
        """Put the finished text in the place of the live one, in one redraw."""
        self.finished = True
        cited = frozenset(citation.n for citation in self.citations)
        if self._written:
            if (text, cited) != (self._written.text, self._written.cited):
                self._written.rewrite(text, cited)
            self.answer = text
            return
        self.answer = text
        live, self._live = self._live, None
        if live:
            await live.finish()
        with self.app.batch_update():
            await self.mount(self._frozen(text), before=self.query_one(".meta"))
            if live:
                await live.remove()

    def _frozen(self, text: str) -> Written:
        self._written = Written(text, frozenset(citation.n for citation in self.citations))
        return self._written

    def state(self) -> str:
        """What is going on, in a word or two; "" when the turn is finished."""
        if self.finished:
            return ""
        if self.draft:
            return "writing"
        if self.decision:
            return "thinking"
        return "reading the sources" if self.hits else "looking"

    def _draw(self) -> None:
        if not self.query(".meta"):  # not laid out yet, or taken away already
            return
        read = [Content.styled("\n" + read_line(picture), "dim") for picture in self._read]
        said = Content("\n" + clean(self.question) if self.question else "")
        at = (f"  {clock(self.asked_at)}", "dim") if self.screen.has_class("-times") else ""
        asked = Content.assemble(("You", "bold $secondary"), at, said, *self._names)
        self.query_one(".asked", Static).update(asked)
        gap = "\n" if read and not self.screen.has_class("-short") else ""
        self.query_one(".label", Static).update(Content.assemble((self.speaker, "bold $primary"), *read, gap))
        meta = self._meta()
        self.query_one(".meta", Static).update(meta)
        self.query_one(".meta").display = bool(meta.plain)

    def _meta(self) -> Content:
        parts: list[Content] = []
        if self.trouble:
            parts.append(Content.styled(f"! {clean(self.trouble)}", "$error"))
        elif self.stopped:
            parts.append(Content.styled("■ stopped", "$warning"))
        told_only = self.decision is not None and self.decision.act in ("told", "person")  # the name above says it
        if self.finished and self.decision and not self.trouble and not told_only:
            parts.append(Content.styled(decision_line(self.decision, self.seconds), "dim"))
        if self.screen.has_class("-narrow"):  # no panel beside: the sources stand here
            parts += [self._link(entry) for entry in self.sources if entry.cited]
        if self.repaired:
            parts.append(Content.styled("✎ corrected against the sources", "$warning"))
        if self.chosen:
            parts.append(Content.styled("✎ corrected by a person", "$success"))
            parts += [] if self.training else [Content.styled("not for training", "dim")]
        if self.variant[1] > 1:
            parts.append(Content.styled("answer {} of {}".format(*self.variant), "dim"))
        if self.rating:
            parts.append(Content.styled(*_RATED[self.rating]))
            parts += [Content.styled(one_line(self.reason, 60), "dim")] if self.reason else []
        told = Content.styled(" · ", "dim").join(parts)
        if not (self.offers and self.finished and self.turn_id) or told_only or self.size.width < ROOM:
            return told
        commands = {command.name: command for command in getattr(self.screen, "commands", ())}
        offers = [_offer(commands[name]) for name in OFFERS if name in commands]
        return Content("\n").join([told, Content("  ").join(offers)])

    @staticmethod
    def _link(entry: Entry) -> Content:
        action = Style.from_meta({"@click": f"cited({entry.n})"})
        return Content(f"[{entry.n}] {one_line(entry.source_id, 24)}").stylize("$accent").stylize(action)


def _offer(command: Command) -> Content:
    """Something to do with the answer: its key, and its name to click."""
    text = Content.styled(f"{command.shown} {command.name}".strip(), "dim")
    return text.stylize(Style.from_meta({"@click": f"screen.do('{command.name}')"}))
