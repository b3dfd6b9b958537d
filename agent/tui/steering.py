"""Commands that steer an answer: stop it, have another, rate and correct it, make evidence or a template of it."""

from __future__ import annotations

from functools import partial

from agent.records import Rating, StoredTurn
from agent.tui.approve import ApproveScreen
from agent.tui.attach import Attachment, check
from agent.tui.correct import Correction, CorrectScreen
from agent.tui.line import UNDONE, LineScreen
from agent.tui.seat import Seat
from agent.tui.turn import Turn
from agent.tui.waiting import done_off_thread, off_thread
from agent.tui.words import one_line

REASONS = ("wrong", "not what was asked", "too short", "too long", "should have been handed over")


class Steering(Seat):
    """The commands of steering."""

    async def do_stop(self, _: str) -> None:
        if active := self.active:
            self.engine.stop(active[0].number)
            await active[0].stop()
        elif self.edited:
            self.edited = None
            self.prompt.put("")
        else:
            self.transcript.choose(None)
            self.transcript.anchor()
            self.prompt.focus()
        self.redraw()

    # --- another answer, another question -----------------------------------------------------------------

    async def do_again(self, _: str) -> None:
        turn = self._last_turn("answer again")
        if turn is None:
            return
        self.composer.attach_all(await self._attached(turn))
        await self.send(turn.question, turn if turn.turn_id else None)

    async def do_edit(self, text: str) -> None:
        turn = self._last_turn("edit")
        if turn is None:
            return
        self.composer.attach_all(await self._attached(turn))
        if text:
            await self.send(text, turn if turn.turn_id else None)
            return
        self.edited = turn
        self.prompt.put(turn.question)
        self.prompt.focus()
        self.redraw()

    async def do_variant(self, number: str) -> None:
        turn = self.transcript.selected
        if turn is None or turn.variant[1] < 2 or not turn.finished:
            self.app.notify("There is one answer to this question. ^R looks for another.", severity="warning")
            return
        kept = await off_thread(self.app, self.records.variants, turn.turn_id) or []
        here = next((place for place, each in enumerate(kept) if each.turn_id == turn.turn_id), 0)
        place = int(number) - 1 if number.isdecimal() else (here + 1) % max(1, len(kept))
        if not 0 <= place < len(kept):
            self.app.notify(f"There is no answer {one_line(number, 20)} to this question.", severity="warning")
        elif await done_off_thread(self.app, self.records.choose, kept[place].turn_id):
            await self._show_instead(turn, kept[place], (place + 1, len(kept)))

    async def _show_instead(self, turn: Turn, kept: StoredTurn, variant: tuple[int, int]) -> None:
        fresh = Turn.stored(kept)
        fresh.variant, fresh.attached = variant, turn.attached
        self.follow_title(turn, kept.question)
        await self.transcript.put_instead(turn, fresh)
        self.redraw()

    def _last_turn(self, what: str) -> Turn | None:
        """The last turn, if nothing is under way and it can be asked once more."""
        turns = self.transcript.turns
        if self.active or not turns:
            self.app.notify(f"There is nothing to {what} yet.", severity="warning")
            return None
        return turns[-1]

    async def _attached(self, turn: Turn) -> list[Attachment]:
        """The pictures of a turn, to be sent once more."""
        if turn.attached or not turn.pictures_read:
            return list(turn.attached)
        paths = [self.records.picture_path(picture.sha256) for picture in turn.pictures_read]
        found = [await off_thread(self.app, check, path) for path in paths if path]
        return [each for each in found if each]

    # --- ratings and corrections --------------------------------------------------------------------------

    def _kept_turn(self, what: str) -> Turn | None:
        turn = self.transcript.selected
        if turn is None or not turn.turn_id:
            self.app.notify(f"There is no kept answer to {what} yet.", severity="warning")
            return None
        return turn

    async def do_good(self, _: str) -> None:
        await self._rate("good", "")

    async def do_bad(self, reason: str) -> None:
        turn = self._kept_turn("rate")
        if turn and await self._rate("bad", reason) and turn.rating == "bad" and not reason:
            foot = "↑ ↓ choose · Enter keeps the reason, empty is none · F10 takes the rating back"
            key = next((command.key for command in self.commands if command.name == "bad"), "")
            screen = LineScreen("Why is it bad?", foot, ready=REASONS, again=key)
            self.app.push_screen(screen, partial(self._reason, turn))

    async def _reason(self, turn: Turn, said: str | None) -> None:
        if said == UNDONE:
            await self._keep_rating(turn, None, "")
        elif said:
            await self._keep_rating(turn, "bad", said)

    async def _rate(self, value: Rating, reason: str) -> bool:
        turn = self._kept_turn("rate")
        if turn is None:
            return False
        return await self._keep_rating(turn, None if turn.rating == value and not reason else value, reason)

    async def _keep_rating(self, turn: Turn, value: Rating | None, reason: str) -> bool:
        kept = await done_off_thread(self.app, self.records.rate, turn.turn_id, value, reason)
        if kept:
            turn.rate(value, reason)
        return kept

    async def do_correct(self, text: str) -> None:
        turn = self._kept_turn("correct")
        if turn is None or not turn.finished:
            return
        if text:
            await self._correct(turn, Correction(text, turn.why, turn.training))
            return
        screen = CorrectScreen(turn.answer, turn.chosen, turn.why, turn.training)
        self.app.push_screen(screen, partial(self._correct, turn))

    async def _correct(self, turn: Turn, given: Correction | None) -> None:
        if given is None:
            return
        chosen = "" if given.text == turn.answer.strip() else given.text
        keep = self.records.correct
        if await done_off_thread(self.app, keep, turn.turn_id, given.text, given.reason, given.training):
            await turn.correct(chosen, given.reason, given.training)
            self.app.notify("The correction is kept." if chosen else "The answer stands as it was.", timeout=3)

    async def do_veto(self, _: str) -> None:
        turn = self._kept_turn("keep out of training")
        if turn and await done_off_thread(self.app, self.records.veto, turn.turn_id, not turn.training):
            await turn.correct(turn.chosen, turn.why, not turn.training)

    # --- evidence and templates ---------------------------------------------------------------------------

    async def do_approve(self, _: str) -> None:
        if not self.chat.id or self.active:
            self.app.notify("There is no finished conversation to approve yet.", severity="warning")
            return
        chat = self.chat.id
        approval = await off_thread(self.app, self.records.evidence, chat)
        if approval:
            self.app.push_screen(ApproveScreen(approval), partial(self._approve, chat))

    async def _approve(self, chat: str, yes: bool | None) -> None:
        approval = await off_thread(self.app, self.records.approve, chat) if yes else None
        if approval:
            count = len(approval.passages)
            self.app.notify(f"Approved: {count} passage{'s' if count != 1 else ''} on the shelf, found from now on.")

    async def do_template(self, title: str) -> None:
        turn = self._kept_turn("make a template of")
        if turn and (named := await off_thread(self.app, self.records.make_template, turn.turn_id, title)):
            self.app.notify(f"This question gets this very answer from now on ({named}).", timeout=8)
