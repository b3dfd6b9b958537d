"""Training in plain lines: what waits to be learned, the run that goes on apart, the versions it made."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from agent.tui.progress import (
    PLACES,
    left_out_line,
    made_line,
    made_lines,
    next_step,
    stage_words,
    standing_line,
    table_lines,
    waiting_line,
)
from agent.tui.words import one_line

if TYPE_CHECKING:
    from agent.tui.office import Office
    from agent.workshop import Workshop

_STEPS = "/train start|resume|stop|examples|versions, /train veto|include ID, /train promote NAME, /train rollback"
WIDTH = 100  # of the table


class PlainTraining:
    """The command of training; what cannot be taken back is typed twice."""

    _office: Office
    _asked_for: str

    @abstractmethod
    def _say(self, text: str) -> None:
        """Print a line."""

    def do_train(self, words: str) -> None:
        if (workshop := self._office.workshop) is None:
            self._say("There is no workshop here.")
            return
        step, _, which = words.partition(" ")
        steps = {
            "": self._run, "start": self._start, "resume": self._resume, "stop": self._stop,
            "examples": self._examples, "versions": self._versions, "veto": self._veto, "include": self._include,
            "promote": self._promote, "rollback": self._rollback,
        }  # fmt: skip
        if step in steps:
            steps[step](workshop, which.strip())
        else:
            self._say(_STEPS)

    def _run(self, workshop: Workshop, _: str) -> None:
        run = workshop.look()
        self._say(f"Training: {standing_line(run)}.")
        for line in run.trouble.splitlines():
            self._say(f"Trouble: {one_line(line, 400)}")
        for line in stage_words(run) if run.standing != "none" else ():
            self._say(line)
        if run.losses:
            (first, high), (last, low) = run.losses[0], run.losses[-1]
            self._say(f"Loss of the {run.trained}: {high:.3f} at step {first:.0f}, {low:.3f} at step {last:.0f}.")
        for line in [*table_lines(run.figures, WIDTH), *(f"The gate: {one_line(each, 300)}" for each in run.refusals)]:
            self._say(line)
        self._say(f"{waiting_line(workshop.waiting())}.")
        self._say(next_step(run, "/train start", "/train resume", "/train stop"))

    def _start(self, workshop: Workshop, _: str) -> None:
        if workshop.look().resumable and not self._twice("start"):
            self._say("This drops what the run before has done; /train resume goes on with it. Type it once more.")
            return
        workshop.start()
        self._say("It begins, and goes on when you leave. /train tells how far it is.")

    def _resume(self, workshop: Workshop, _: str) -> None:
        workshop.start(resume=True)
        self._say("It goes on. /train tells how far it is.")

    def _stop(self, workshop: Workshop, _: str) -> None:
        workshop.stop()
        self._say("It stops at its next step, and can be gone on with.")

    def _examples(self, workshop: Workshop, _: str) -> None:
        waiting = workshop.waiting()
        for each in waiting.lessons:
            why = f": {each.why}" if each.why else ""
            self._say(
                f"{PLACES[each.place]}, {each.conversation} ({', '.join(each.signs)}) {one_line(each.title, 80)}{why}"
            )
        self._say(f"{waiting_line(waiting)}. {left_out_line(waiting)}".rstrip())
        self._say("/train veto ID keeps one out, /train include ID lets it in again.")

    def _veto(self, workshop: Workshop, which: str) -> None:
        workshop.keep_out(which, True)
        self._say(f"{one_line(which, 60)} is kept out of training.")

    def _include(self, workshop: Workshop, which: str) -> None:
        workshop.keep_out(which, False)
        self._say(f"{one_line(which, 60)} is learned from again.")

    def _versions(self, workshop: Workshop, _: str) -> None:
        for each in workshop.made():
            self._say(made_line(each))
        self._say("/train promote NAME puts one in use, /train rollback the one before.")

    def _promote(self, workshop: Workshop, name: str) -> None:
        if not self._twice(f"promote {name}"):
            for each in workshop.made():
                if each.name == name:
                    for line in made_lines(each, WIDTH):
                        self._say(line)
            self._say(f"This puts {one_line(name, 20)} in use. Type it once more to do it.")
            return
        change = workshop.promote(name)
        self._say(f"{change.version} is in use from the next answer on, {change.before} before it.")

    def _rollback(self, workshop: Workshop, _: str) -> None:
        if not self._twice("rollback"):
            self._say("This puts the version before back in use. Type it once more to do it.")
            return
        change = workshop.rollback()
        self._say(f"{change.version} is in use from the next answer on.")

    def _twice(self, what: str) -> bool:
        """Whether it was typed just before."""
        asked, self._asked_for = self._asked_for, f"train {what}"
        if asked == f"train {what}":
            self._asked_for = ""
            return True
        return False
