"""The training screen: what waits to be learned, the run that goes on apart, the versions it made. Text, not colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from agent.learning import Run
from agent.records import Records
from agent.teaching import Lesson
from agent.tui.lesson import lesson_content, lesson_row
from agent.tui.line import LineScreen
from agent.tui.progress import (
    FIGURES_TOLD,
    curve,
    left_out_line,
    made_line,
    made_lines,
    next_step,
    stage_lines,
    standing_line,
    table_lines,
    waiting_line,
)
from agent.tui.status import keys_content
from agent.tui.waiting import Looking, done_off_thread, off_thread
from agent.tui.words import one_line
from agent.workshop import Made, Waiting, Workshop

LOOK = 1.0  # seconds between two looks at the run
SELDOM = 10  # looks at the run between two at the store, which may be large
PAGES = ("run", "examples", "versions")
KEYS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "run": (("s", "start", "start"), ("g", "resume", "go on"), ("x", "stop", "stop")),
    "examples": (("enter", "open", "open"), ("v", "veto", "out / in")),
    "versions": (("p", "promote", "put in use"), ("b", "rollback", "roll back"), ("o", "override", "override")),
}


class TrainingScreen(Screen[str | None]):
    """Dismissed with a conversation to open, or None. `step` is what to begin with: a page, or start, resume, stop."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f5,q", "leave", "back"),
        Binding("tab", "turn(1)", "next page", priority=True),
        Binding("shift+tab", "turn(-1)", "page before", priority=True),
        Binding("pagedown", "read_on(1)", "read on", priority=True),
        Binding("pageup", "read_on(-1)", "read back", priority=True),
        *(Binding(key, action, brief) for keys in KEYS.values() for key, action, brief in keys if key != "enter"),
    ]

    def __init__(self, workshop: Workshop, records: Records, step: str = "") -> None:
        super().__init__()
        self._workshop, self._records, self._step = workshop, records, step
        self._page = step if step in PAGES else "run"
        self._run = Run()
        self._waiting = Waiting((), 0, 0, {})
        self._made: list[Made] = []
        self._asked = ""  # what was asked for once and is done when it is asked for again
        self._drawn: dict[str, object] = {}
        self._looks = 0
        self._looking = Looking(self._look)

    @property
    def run_shown(self) -> Run:
        """The run as it was read last."""
        return self._run

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, classes="standing")
        yield Static("", markup=False, id="pagenames")
        with VerticalScroll(id="run"):
            yield Static("", markup=False)
        for page in PAGES[1:]:
            with Horizontal(id=page, classes="beside"):
                yield OptionList(markup=False)
                with VerticalScroll(classes="preview", can_focus=False):
                    yield Static("", markup=False)
        yield Static("", markup=False, classes="keys")

    def on_mount(self) -> None:
        self._turn_to(self._page)
        self.look()
        self.set_interval(LOOK, self.look)

    # --- reading ------------------------------------------------------------------------------------------

    @work(group="look")
    async def look(self, anew: bool = False) -> None:
        """Read again what is shown; `anew` after something was changed."""
        await self._looking.look(anew)

    async def _look(self) -> None:
        run = await off_thread(self.app, self._workshop.look)
        seldom, self._looks = self._looks % SELDOM == 0, self._looks + 1
        if run is not None and (seldom or run.standing != self._run.standing):
            self._waiting = await off_thread(self.app, self._workshop.waiting) or self._waiting
            self._made = await off_thread(self.app, self._workshop.made) or self._made
        if run is None or not self.query("#run"):
            return
        self._run = run
        self._draw()
        if step := self._step:
            self._step = ""
            if action := {"start": self.action_start, "resume": self.action_resume, "stop": self.action_stop}.get(step):
                await action()

    def look_anew(self) -> None:
        """Read all of it again, after something was changed."""
        self._looks = 0
        self.look(anew=True)

    def on_resize(self) -> None:
        self._drawn.clear()
        self.call_after_refresh(self._draw)

    # --- drawing ------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        used = next((each.name for each in self._made if each.in_use), "")
        dash = Content.assemble(("  ─  ", "dim"))
        room = [Content(f"{used} in use")] if self.size.width >= 60 else []  # the page of versions says it too
        head = dash.join([Content.assemble(("Training", "bold $primary")), *room, Content(standing_line(self._run))])
        self.query_one(".standing", Static).update(head)
        self.query_one("#pagenames", Static).update(self._names())
        self.query_one(".keys", Static).update(self._keys())
        self._put("run", self._run_content(), self.query_one("#run Static", Static).update)
        lessons = [Option(lesson_row(each)) for each in self._waiting.lessons]
        none = "Nothing yet: approve (Alt+A), correct (F4) or rate (F9, F10) answers, and they stand here."
        tail = [part for part in (*waiting_line(self._waiting).split(" · "), left_out_line(self._waiting)) if part]
        told = [
            *(lessons or [Option(none, disabled=True)]),
            *(Option(one_line(each, 400), disabled=True) for each in tail),
        ]
        key = (self._waiting, len(told))
        self._put("examples", key, lambda _: self._list("examples", told, len(lessons)))
        rows = [Option(made_line(each)) for each in self._made]
        self._put("versions", tuple(map(repr, self._made)), lambda _: self._list("versions", rows, len(rows)))

    def _put(self, what: str, content: object, put: Callable[..., object]) -> None:
        """Draw something only when it is another than the one drawn, so that a scrolled page stays where it is."""
        key = content.plain if isinstance(content, Content) else content
        if self._drawn.get(what) != key:
            self._drawn[what] = key
            put(content)

    def _list(self, page: str, options: Sequence[Option], count: int) -> None:
        listed = self.query_one(f"#{page} OptionList", OptionList)
        at = listed.highlighted or 0
        listed.set_options(options)
        listed.highlighted = min(at, count - 1) if count else None
        self._preview(page)

    def _names(self) -> Content:
        out = sum(each.place == "in" for each in self._waiting.lessons)
        named = {"run": "Run", "examples": f"Examples {out}", "versions": f"Versions {len(self._made)}"}
        parts: list[Content] = []
        for page, name in named.items():
            told = Content.assemble((f"[{name}]", "bold $accent") if page == self._page else f" {name} ")
            parts.append(told.stylize(Style.from_meta({"@click": f"screen.turn_to('{page}')"})))
        hint = " Tab turns the page" if self.size.width >= 60 else " Tab"
        return Content(" ").join([*parts, Content.assemble((hint, "dim"))])

    def _keys(self) -> Content:
        every = (*KEYS[self._page], ("pagedown", "read_on(1)", "read on"), ("escape", "leave", "back"))
        shown = {"enter": "Enter", "escape": "Esc", "pagedown": "PgDn"}
        return keys_content([(shown.get(key, key), brief, f"screen.{action}") for key, action, brief in every])

    def _run_content(self) -> Content:
        """All of the run: what to do, trouble, stages, loss, figures, the log's end."""
        run, width = self._run, max(20, self.size.width - 6)
        parts: list[str | tuple[str, str]] = []
        for line in run.trouble.splitlines():
            parts += [(f"! {one_line(line, 400)}" if not parts else f"  {one_line(line, 400)}", "$error"), "\n"]
        parts += [(next_step(run, "s", "g", "x"), "$text-muted"), "\n"]
        if run.standing != "none":
            parts += [f"\n{line}" for line in stage_lines(run, width)]
        if plot := curve(run.losses, min(width, 76), 6 if self.size.height >= 24 else 4):
            parts += [(f"\n\nLoss of the {run.trained}: {run.losses[-1][1]:.3f}", "bold $secondary")]
            parts += [f"\n{line}" for line in plot]
        if table := table_lines(run.figures, width):
            parts += [("\n\nOld against new", "bold $secondary"), *(f"\n{line}" for line in table)]
            parts += [f"\nThe gate: {one_line(each, 300)}" for each in run.refusals]
            parts += [(f"\n{FIGURES_TOLD}", "$text-muted")]
        if run.tail:
            parts += [("\n\nThe log's end", "bold $secondary"), *(f"\n{one_line(line, 200)}" for line in run.tail)]
        return Content.assemble(*parts)

    async def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if page := event.option_list.parent:
            self._preview(str(page.id))

    def _preview(self, page: str) -> None:
        into = self.query_one(f"#{page} .preview Static", Static)
        if page == "versions":
            chosen = self._version
            width = max(20, into.parent.size.width - 4) if into.parent else 40  # type: ignore[attr-defined]
            into.update("\n".join(made_lines(chosen, width)) if chosen else "")
        elif lesson := self._lesson:
            self._read_lesson(lesson, into)

    @work(exclusive=True, group="preview")
    async def _read_lesson(self, lesson: Lesson, into: Static) -> None:
        """The conversation of an example, as it would be learned from."""
        turns = await off_thread(self.app, self._records.turns, lesson.conversation, 20)
        if turns is not None and into.is_mounted:
            into.update(lesson_content(lesson, turns))

    # --- pages --------------------------------------------------------------------------------------------

    def _turn_to(self, page: str) -> None:
        self._page, self._asked = page, ""
        for each in PAGES:
            self.query_one(f"#{each}").display = each == page
        self.query_one("#run" if page == "run" else f"#{page} OptionList").focus()
        self._drawn.clear()
        self.call_after_refresh(self._draw)

    def action_turn(self, by: int) -> None:
        """The next page, or the one before; round and round."""
        self._turn_to(PAGES[(PAGES.index(self._page) + by) % len(PAGES)])

    def action_turn_to(self, page: str) -> None:
        """A page by its name (a click on it)."""
        self._turn_to(page)

    def action_read_on(self, by: int) -> None:
        """Scroll what is read on this page, whatever has the keys."""
        pane = self.query_one("#run" if self._page == "run" else f"#{self._page} .preview", VerticalScroll)
        (pane.scroll_page_down if by > 0 else pane.scroll_page_up)(animate=False)

    def action_leave(self) -> None:
        """Back to the chat; a run goes on."""
        self.dismiss(None)

    def _meant(self, what: str, told: str) -> bool:
        """Whether this was asked for before; what cannot be taken back is asked for twice."""
        if self._asked == what:
            self._asked = ""
            return True
        self._asked = what
        self.app.notify(told, severity="warning", timeout=8)
        return False

    # --- the run ------------------------------------------------------------------------------------------

    async def action_start(self) -> None:
        """A new run; over one that could be gone on with only when asked twice."""
        if self._run.resumable and not self._meant(
            "start", "This drops what the run before has done (g goes on with it). The same once more begins anew."
        ):
            return
        await self._begin(False)

    async def action_resume(self) -> None:
        """Go on with the run that stopped, broke off or failed."""
        if self._run.resumable:
            await self._begin(True)
        else:
            self.app.notify("There is no run to go on with. s begins one.", severity="warning")

    async def _begin(self, resume: bool) -> None:
        if self._run.alive:
            self.app.notify("A run goes on already. x stops it.", severity="warning")
        elif await done_off_thread(self.app, partial(self._workshop.start, resume=resume)):
            self._turn_to("run")
            self.look_anew()

    async def action_stop(self) -> None:
        """Stop at the next step; what is done is kept."""
        if await done_off_thread(self.app, self._workshop.stop):
            self.app.notify("It stops at its next step, and can be gone on with.", timeout=4)

    # --- examples -----------------------------------------------------------------------------------------

    @property
    def _lesson(self) -> Lesson | None:
        at = self.query_one("#examples OptionList", OptionList).highlighted
        return self._waiting.lessons[at] if at is not None and at < len(self._waiting.lessons) else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._page == "examples":
            self.action_open()

    def action_open(self) -> None:
        """Open the conversation in the chat, to approve or correct it there."""
        if self._page == "examples" and (lesson := self._lesson):
            self.dismiss(lesson.conversation)

    async def action_veto(self) -> None:
        """Keep an example out of training, or let it in again."""
        lesson = self._lesson if self._page == "examples" else None
        if lesson and await done_off_thread(
            self.app, self._workshop.keep_out, lesson.conversation, not lesson.kept_out_by_hand
        ):
            self.look_anew()

    # --- versions -----------------------------------------------------------------------------------------

    @property
    def _version(self) -> Made | None:
        at = self.query_one("#versions OptionList", OptionList).highlighted
        return self._made[at] if at is not None and at < len(self._made) else None

    async def action_promote(self) -> None:
        """Put the chosen version in use; the same step as the command's, asked twice."""
        version = self._version if self._page == "versions" else None
        if version is None:
            return
        if version.in_use:
            self.app.notify(f"{version.name} is in use.", timeout=3)
        elif self._meant(f"promote {version.name}", f"p once more puts {version.name} in use."):
            await self._change(partial(self._workshop.promote, version.name))

    async def action_override(self) -> None:
        """Put a refused version in use all the same; the reason is kept."""
        version = self._version if self._page == "versions" else None
        if version is None or version.in_use:
            return
        foot = "Enter puts it in use, and the reason is kept · Esc back"
        screen = LineScreen(f"Why is {version.name} put in use against the gate?", foot)
        self.app.push_screen(screen, partial(self._override, version.name))

    async def _override(self, name: str, reason: str | None) -> None:
        if reason:
            await self._change(partial(self._workshop.promote, name, reason))

    async def action_rollback(self) -> None:
        """Put the version before back in use, asked twice."""
        if self._page == "versions" and self._meant("rollback", "b once more puts the version before back in use."):
            await self._change(self._workshop.rollback)

    async def _change(self, change: Callable[[], object]) -> None:
        done = await off_thread(self.app, change)
        if done is not None:
            name = one_line(str(getattr(done, "version", "")), 40)
            self.app.notify(f"{name} is in use from the next answer on.", timeout=5)
            self.look_anew()
