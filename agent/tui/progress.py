"""How a run, its loss and its figures are put to a reader, the same in the window and in plain lines (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from agent.learning import Figures, Run, Stage
from agent.tui.words import one_line
from agent.workshop import Made, Waiting

MARKS = {"done": "✓", "now": "▶", "ahead": "·"}
PLACES = {"in": "✓ in", "waits": "… waits", "out": "✗ out"}
FIGURES_TOLD = (
    "hit@5: a ticket that answers the same is among the first five found. mrr, ndcg: how far up such tickets stand. "
    "meaning: the same by the embedder alone. choice: the team's own reply chosen among 100."
)
WIDE = 72  # columns that the table needs on one line
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # of a braille cell: left and right, from the top down


def duration(seconds: float) -> str:
    """`12 s`, `4 min`, `1 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def standing_line(run: Run) -> str:
    """One line about a run, the same at every width: what it is at, or how it ended."""
    at = next((stage for stage in run.stages if stage.state == "now"), None)
    if run.standing == "running" and at:
        place = [stage.name for stage in run.stages].index(at.name) + 1
        share = "" if at.share is None else f" {at.share:.0%}"
        left = "" if at.left is None else f", about {duration(at.left)} left in it"
        return f"running: {at.name}{share}, stage {place} of {len(run.stages)}{left}"
    if run.standing == "finished":
        verdict = "passed the gate" if run.accepted else "refused by the gate"
        return f"finished: {f'{run.name} {verdict}' if run.name else 'nothing better was learned, no new version'}"
    told = {"none": "no run yet", "starting": "starting…", "broken off": "broken off: its process is gone"}
    return told.get(run.standing, run.standing)


def next_step(run: Run, start: str, resume: str, stop: str) -> str:
    """What to do now, by the keys or words for it."""
    if run.alive:
        return f"{stop} stops it and keeps what is done; it goes on when this window is closed."
    if run.resumable:
        return f"{resume} goes on where it was; {start} begins anew."
    if run.standing == "failed":
        return f"{start} tries again when that is mended."
    if run.standing == "finished" and run.accepted:
        return f"Put {run.name} in use, or leave it: Versions."
    return f"{start} learns from what waits (minutes to hours, at low priority)."


def stage_lines(run: Run, width: int) -> list[str]:
    """A line a stage, two for the one at work where there is little room."""
    told = []
    for stage in run.stages:
        head = f"{MARKS[stage.state]} {one_line(stage.name, 14):<10}"
        if stage.state != "now":
            took = f"  {duration(stage.seconds)}" if stage.seconds is not None and stage.state == "done" else ""
            began = f" {stage.share:.0%} done" if stage.share and stage.state == "ahead" else ""
            told.append(f"{head} {one_line(stage.text, max(10, width - 24))}{began}{took}".rstrip())
            continue
        bar = f"{_bar(stage.share, 20 if width >= WIDE else 10)} " if stage.share is not None else ""
        remarks = ", ".join(_remarks(stage)) or "at work"
        told += [f"{head} {bar}{remarks}"] if width >= WIDE or not bar else [f"{head} {bar.rstrip()}", f"  {remarks}"]
    return told


def stage_words(run: Run) -> list[str]:
    """The same without signs, for lines that are read aloud."""
    told = []
    for stage in run.stages:
        share = "" if stage.share is None or stage.state == "done" else f"{stage.share:.0%}"
        took = duration(stage.seconds) if stage.seconds is not None and stage.state == "done" else ""
        remarks = _remarks(stage) if stage.state == "now" else [one_line(stage.text, 80), took]
        where = {"done": "done", "now": "at work", "ahead": "ahead"}[stage.state]
        told.append(f"{one_line(stage.name, 20)}: {', '.join(filter(None, [where, share, *remarks]))}")
    return told


def _remarks(stage: Stage) -> list[str]:
    told = []
    if stage.of:
        told.append(f"step {stage.step:.0f} of {stage.of:.0f}")
    if stage.text:
        told.append(one_line(stage.text, 60))
    if stage.left is not None:
        told.append(f"about {duration(stage.left)} left")
    elif stage.seconds is not None:
        told.append(f"for {duration(stage.seconds)}")
    return told


def _bar(share: float, width: int) -> str:
    full = round(share * width)
    return f"{'█' * full}{'░' * (width - full)} {share:>4.0%}"


def curve(points: Sequence[tuple[float, float]], width: int, height: int) -> list[str]:
    """Loss over steps as a plot of dots, its highest and its lowest value beside it; [] for fewer than two points.

    Where several steps fall on a dot it is their mean.
    """
    if len(points) < 2:
        return []
    edge = len(f"{max(loss for _, loss in points):.3f}")
    columns = _columns(points, 2 * max(4, width - edge - 2))
    high, low = max(columns), min(columns)
    rows = 4 * height - 1
    places = [round((high - value) / (high - low) * rows) if high > low else rows for value in columns]
    cells = [[0] * ((len(columns) + 1) // 2) for _ in range(height)]
    before = places[0]
    for x, y in enumerate(places):
        for dot in range(min(before, y), max(before, y) + 1):  # joined to the one before it
            cells[dot // 4][x // 2] |= _DOTS[x % 2][dot % 4]
        before = y
    labels = [f"{high:.3f}", *[""] * (height - 2), f"{low:.3f}"] if height > 1 else [f"{low:.3f}"]
    drawn = ["".join(chr(0x2800 + dots) for dots in row) for row in cells]
    first, last = f"step {points[0][0]:.0f}", f"{points[-1][0]:.0f}"
    under = f"{'':>{edge}}  {first}{last:>{max(1, len(drawn[0]) - len(first))}}"
    return [*(f"{label:>{edge}} ┤{row}" for label, row in zip(labels, drawn, strict=True)), under]


def _columns(points: Sequence[tuple[float, float]], count: int) -> list[float]:
    """The mean loss in each of `count` equal parts of the steps; a part without a step lies between its neighbours."""
    first, last = points[0][0], points[-1][0]
    sums, seen = [0.0] * count, [0] * count
    for step, loss in points:
        at = min(count - 1, int((step - first) / (last - first) * count)) if last > first else 0
        sums[at] += loss
        seen[at] += 1
    known = [at for at in range(count) if seen[at]]
    values = {at: sums[at] / seen[at] for at in known}
    made = []
    for at in range(count):
        left = max((each for each in known if each <= at), default=known[0])
        right = min((each for each in known if each >= at), default=known[-1])
        part = (at - left) / (right - left) if right > left else 0.0
        made.append(values[left] + part * (values[right] - values[left]))
    return made


def table_lines(figures: Figures, width: int) -> list[str]:
    """Before and after of every figure with the interval of the difference, as in the report; [] without figures.

    Where all of it does not fit on a line, the difference stands under it.
    """
    told = []
    for name, each in figures.items():
        before, after, low, high = (each.get(end) for end in ("before", "after", "low", "high"))
        if before is None or after is None:
            continue
        both = f"{before:>7.3f} {after:>7.3f}"
        between = "" if low is None or high is None else f" [{low:+.3f}, {high:+.3f}]"
        sure = " better" if (low or 0) > 0 else " worse" if high is not None and high < 0 else ""
        gain = f"{after - before:+.3f}{between}{sure}"
        label = one_line(name, 22)
        told += [f"{label:<22} {both}   {gain}"] if width >= WIDE else [f"{label:<22} {both}", f"   {gain}"]
    if not told:
        return []
    return [f"{'figure':<22} {'before':>7} {'after':>7}{'   difference [95 %]' if width >= WIDE else ''}", *told]


def made_line(made: Made) -> str:
    """`v3  in use · passed the gate` and the like."""
    if not made.at:
        return f"{made.name}  as shipped{' · in use' if made.in_use else ''}"
    told = ["in use"] if made.in_use else []
    told.append("passed the gate" if made.accepted else "refused by the gate")
    return f"{made.name}  {' · '.join(told)}"


def made_lines(made: Made, width: int) -> list[str]:
    """All there is to say of a version before it is put in use."""
    if not made.at:
        return ["What Deskside comes with; it is always there."]
    at, compared = one_line(made.at[:16].replace("T", " "), 16), one_line(made.compared_with, 40) or "nothing"
    told = [f"made {at}, compared with {compared}"]
    told.append(f"brings: {one_line(', '.join(made.parts), 200) or 'nothing new'}")
    told += [f"refused: {one_line(each, 200)}" for each in made.refusals]
    return [*told, "", *(table_lines(made.figures or {}, width) or ["It has no figures."])]


def waiting_line(waiting: Waiting) -> str:
    """How much the next run would read."""
    count = {place: sum(each.place == place for each in waiting.lessons) for place in PLACES}
    told = f"{waiting.tickets} solved tickets"
    told += f" ({waiting.fresh} new)" if 0 < waiting.fresh < waiting.tickets else ""
    return f"{told} · from this desk: {count['in']} in, {count['waits']} wait, {count['out']} out"


def left_out_line(waiting: Waiting) -> str:
    """What the last run passed over, and why; "" where there was none."""
    told = ", ".join(f"{n} {one_line(why, 60)}" for why, n in waiting.left_out.items())
    return f"The last run left out: {told}." if told else ""
