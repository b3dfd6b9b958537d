"""The dialogs themselves: alerts, permissions, installers, printing, saving, properties."""

from __future__ import annotations

from finetune.screens import blocks, fields, pieces, signs, tools, values
from finetune.screens import native_words as words
from finetune.screens.canvas import Canvas
from finetune.screens.colours import mixed
from finetune.screens.native import (
    Skin,
    buttons,
    choices,
    filled,
    group,
    signed,
    skin_of,
    tabs,
    window,
    worded,
)
from finetune.screens.pages import Stage


def _test(s: Stage) -> bool:
    return s.split == "test"


def _options(s: Stage, low: int, high: int) -> tuple[str, ...]:
    return tuple(s.some(words.TEST_OPTIONS if _test(s) else words.OPTIONS, low, high))


def alert(s: Stage) -> float:
    """A message of the system with its default button."""
    skin, rng = skin_of(s), s.rng
    told = rng.choice(words.TEST_ALERTS if _test(s) else words.ALERTS)
    title = filled(s, told.title)
    inside = skin.default_last or s.chance(0.3)  # the title in the body, not in the bar
    bar = title if not inside else "" if s.chance(0.5) else s.brand

    def fill(x: float, y: float, wide: float) -> float:
        y = signed(s, x, y, wide, told, title if inside else "")
        if s.chance(0.2):
            y, _ = choices(s, x, y, wide, _options(s, 1, 1), "checkbox")
        grey = (rng.randrange(1, len(told.buttons)),) if len(told.buttons) > 1 and s.chance(0.12) else ()
        texts = list(told.buttons)
        default = rng.choice((0, 0, 0, len(texts) - 1, -1))
        return buttons(s, skin, x, y + 6, wide, texts, default=-1 if default in grey else default, grey=grey,
                       place="centre" if skin.bar in ("classic", "luna") and s.chance(0.6) else "right")  # fmt: skip

    return window(s, skin, bar, fill, rng.choice((12.0, 16.0, 22.0)))


def browser_alert(s: Stage) -> float:
    """What a page says through the browser, over the page."""
    c, rng = s.c, s.rng
    high, edge = c.width * rng.uniform(0.42, 0.6), rng.uniform(0.1, 0.25) * c.width
    tools.skeleton(c, c.width, high, rng)
    if s.chance(0.5):
        c.dim((0, 0, 0), rng.uniform(0.1, 0.5))
    since, wide = c.here(), c.width - 2 * edge
    site = f"{rng.choice(('www.', '', 'shop.', 'my.'))}{s.brand.lower().replace('&', '')}.example"
    y = 16.0
    head = rng.choice((f"{site} says", f"The page at https://{site} says:", site, "This page says"))
    c.text(edge + 18, y, c.fit(head, wide - 36, c.look.size * 1.05, "medium"), c.look.size * 1.05, weight="medium")
    what = filled(s, rng.choice(words.TEST_PAGE_SAYS if _test(s) else words.PAGE_SAYS))
    c.notes["message"] = what
    y = c.para(edge + 18, y + c.look.size * 2, wide - 36, what) + 8
    if "enter" in what:
        pieces.entry(c, edge + 18, y, wide - 36, "", high=28)
        y += 40
    if s.chance(0.25):
        y, _ = choices(s, edge + 18, y, wide - 36, ("Prevent this page from creating additional dialogs",), "checkbox")
    texts = rng.choice((["OK"], ["OK", "Cancel"], ["OK", "Cancel"], ["Leave", "Stay"]))
    y = pieces.buttons(c, edge + 18, y + 4, wide - 36, texts, rng, right=True, high=30) + 6
    pieces.card(c, since, edge, 0, wide, y)
    c.shift(since, 0, rng.choice((0.0, 12.0, (high - y) / 3)))
    return max(high, y + 30)


def permission(s: Stage) -> float:
    """A phone asks whether an app may do something."""
    c, rng = s.c, s.rng
    asked, *texts = rng.choice(words.TEST_PERMISSIONS if _test(s) else words.PERMISSIONS)
    asked = asked.replace("{b}", s.brand)
    high = c.width * rng.uniform(0.9, 1.5)
    tools.skeleton(c, c.width, high, rng)
    c.dim((0, 0, 0), rng.uniform(0.2, 0.55))
    wide = c.width * rng.uniform(0.68, 0.86)
    since, x, size = c.here(), (c.width - wide) / 2, c.look.size
    apple = "“" in asked
    y = 20.0
    if not apple:
        signs.plain_icon(c, x + wide / 2 - 12, y, 24, c.look.accent, rng)
        y += 38
    centre = apple or s.chance(0.6)
    c.notes["message"] = asked
    y = c.para(x + 20, y, wide - 40, asked, size * 1.1, weight="bold" if apple else "regular", centre=centre) + 4
    if s.chance(0.6):
        y = c.para(x + 20, y, wide - 40, rng.choice(words.REASONS), size * 0.9, centre=centre, colour=c.look.muted) + 6
    if not apple and s.chance(0.3):
        y, _ = choices(s, x + 20, y, wide - 40, ("Don't ask again",), "checkbox")
    y = _phone_buttons(s, x, y + 8, wide, texts, apple)
    c.under(since, lambda: c.box(x, 0, wide, y, c.look.card, radius=rng.choice((14, 20, 26))))
    c.shift(since, 0, (high - y) / 2 if apple or s.chance(0.5) else high - y - 20)
    return high


def _phone_buttons(s: Stage, x: float, y: float, wide: float, texts: list[str], apple: bool) -> float:
    c, rng = s.c, s.rng
    tone = mixed(c.look.accent, c.look.ink, 0.15)
    if apple and len(texts) == 2:
        c.rule(x, y, wide)
        c.box(x + wide / 2, y, 1, 40, c.look.line)
        for place, text in enumerate(reversed(texts)):
            worded(c, x + place * wide / 2 + 4, y, wide / 2 - 8, text, tone, bold=place == 1, high=40)
        return y + 42
    way = "rows" if apple else rng.choice(("pills", "right", "rows"))
    if way == "right" and sum(c.wide(text, c.look.size, "medium") + 24 for text in texts) < wide - 30:
        right = x + wide - 20
        for text in texts:
            need = c.wide(text, c.look.size, "medium")
            worded(c, right - need, y, need, text, tone, right=True)
            right -= need + 26
        return y + 46
    for text in texts:
        if way == "pills":
            pieces.button(c, x + 20, y, wide - 40, text, "plain", high=40)
            y += 47
        else:
            c.rule(x, y, wide)
            worded(c, x + 4, y, wide - 8, text, tone, high=42)
            y += 43
    return y + 8


def installer(s: Stage) -> float:
    """One step of a setup: licence, folder, components or progress, with Back, Next and Cancel."""
    skin, rng, c = skin_of(s), s.rng, s.c
    program = rng.choice(words.TEST_PROGRAMS if _test(s) else words.PROGRAMS)
    version = values.value_of("version", rng)
    step = rng.choice(("licence", "folder", "components", "progress", "choice"))
    side = 0.0 if s.chance(0.5) else c.width * 0.26

    def fill(x: float, y: float, wide: float) -> float:
        if side:
            c.box(x, y, side - 16, 210, mixed(c.look.accent, c.look.card, 0.3))
            x, wide = x + side, wide - side
        title = rng.choice(words.STEPS[step])
        y = c.para(x, y, wide, title, c.look.size * 1.25, weight="bold") + 2
        told = rng.choice(words.TEST_WELCOME if _test(s) else words.WELCOME).replace("{b}", program)
        y = c.para(x, y, wide, told) + 10
        y, ready = _step(s, skin, x, y, wide, step)
        y = max(y, 230.0 if side else 0)
        c.rule(x - side, y, wide + side)
        first, last = rng.choice((("Next >", "< Back"), ("Next", "Back"), ("Install", "Back"), ("Continue", "Go Back")))
        texts = [first, "Cancel", last] if skin.default_last else [last, first, "Cancel"]
        grey = tuple(at for at, text in enumerate(texts)
                     if (text == first and not ready) or (text == last and s.chance(0.25)))  # fmt: skip
        at = texts.index(first)
        return buttons(s, skin, x - side, y + 10, wide + side, texts, default=at if at not in grey else -1, grey=grey)

    return window(s, skin, f"{program} {rng.choice(('Setup', 'Installer', 'Setup Wizard', version))}", fill)


def _step(s: Stage, skin: Skin, x: float, y: float, wide: float, step: str) -> tuple[float, bool]:
    """What a setup asks for; the y below, and whether one may go on."""
    c, rng = s.c, s.rng
    if step == "licence":
        c.box(x, y, wide, 84, mixed(c.look.card, (255, 255, 255), 0.7 if not c.look.dark else 0.04), border=c.look.line)
        c.para(x + 8, y + 6, wide - 28, "This agreement is between you and the maker of this program. By installing it "
               "you accept the terms below. You may use one copy at a time.", c.look.size * 0.9)  # fmt: skip
        c.box(x + wide - 13, y + 2, 10, 26, mixed(c.look.card, c.look.ink, 0.25))
        low, chosen = choices(s, x, y + 94, wide, ("I accept the agreement", "I do not accept the agreement"), "radio")
        return low, chosen == 0
    if step == "folder":
        key, label = "path", fields.label_of("path", rng, s.split)
        value = rng.choice((r"C:\Program Files\Setup", r"D:\Apps\Tools", "/opt/tools", "/usr/local/share", r"C:\Games"))
        c.text(x, y, label + ":")
        pieces.entry(c, x, y + c.look.size * 1.6, wide - 92, value, high=25)
        c.fact(key, label, value)
        buttons(s, skin, x + wide - 84, y + c.look.size * 1.6, 84, ["Browse..."], default=-1)
        y += c.look.size * 1.6 + 36
        need, free = values.patterned("##.# MB", rng), values.patterned("###.# GB", rng)
        c.text(x, y, f"{rng.choice(('Space required', 'Disk space needed', 'At least'))}: {need}")
        c.text(x, y + c.look.size * 1.6, f"{rng.choice(('Space available', 'Free space'))}: {free}")
        return y + c.look.size * 3.4, True
    if step == "progress":
        names = ["Extracting files" if not _test(s) else "Unpacking", "Overall progress"][: rng.randint(1, 2)]
        return blocks.bars(c, x, y, wide, names, rng), False
    if step == "components":
        low, _ = choices(s, x, y, wide, _options(s, 2, 5), "checkbox")
        return low, True
    low, chosen = choices(s, x, y, wide, ("Typical", "Custom", "Complete")[: rng.randint(2, 3)], "radio")
    return low, chosen >= 0


def _panel(s: Stage, skin: Skin, x: float, y: float, wide: float, count: int) -> float:
    """Groups of radio buttons and check boxes under each other or in two columns."""
    rng = s.rng
    pool = rng.sample(words.TEST_GROUPS if _test(s) else words.GROUPS, count)
    abreast = wide > 430 and s.chance(0.6)
    each, low, top = (wide - 14) / 2 if abreast else wide, y, y
    for place, (name, answers) in enumerate(pool):
        left = x + (each + 14) * (place % 2) if abreast else x
        top = low if not abreast or place % 2 == 0 else top
        boxes = s.chance(0.4)
        answers = _options(s, 2, 4) if boxes else answers
        level = not abreast and not boxes and s.chance(0.3)

        def fill(a: float, b: float, w: float, answers: tuple[str, ...] = answers, boxes: bool = boxes,
                 level: bool = level) -> float:  # fmt: skip
            return choices(s, a, b, w, answers, "checkbox" if boxes else "radio", level=level)[0]

        end = group(s, left, top, each, name.split(":")[0], fill)
        low = max(low, end)
    return low


def properties(s: Stage) -> float:
    """Tabs over groups of options, with OK, Cancel and a greyed Apply."""
    skin, rng, c = skin_of(s), s.rng, s.c
    thing = rng.choice(
        (filled(s, "{b}"), filled(s, "{f}"), filled(s, "{d}"), "Folder", "Taskbar", "Internet", "System")
    )

    def page(x: float, y: float, wide: float) -> float:
        if s.chance(0.5):
            y = blocks.rows(c, x, y, wide, s.fields(rng.choice(("file", "device", "software")), 2, 4), "column") + 6
        return _panel(s, skin, x, y, wide, rng.randint(1, 4))

    def fill(x: float, y: float, wide: float) -> float:
        y = tabs(s, skin, x, y, wide, page)
        grey = (2,) if s.chance(0.65) else ()
        return buttons(s, skin, x, y, wide, ["OK", "Cancel", "Apply"], default=rng.choice((0, 0, -1)), grey=grey)

    return window(s, skin, f"{thing} {rng.choice(('Properties', 'Options', 'Settings', 'Preferences'))}", fill, 10)


def printing(s: Stage) -> float:
    """Printer, pages, copies and how to print."""
    skin, rng, c = skin_of(s), s.rng, s.c
    name = rng.choice(words.PRINTERS)

    def printer(x: float, y: float, wide: float) -> float:
        for label, value, drop in (("Name:", name, True), ("Status:", rng.choice(("Ready", "Idle", "Offline")), False)):
            c.text(x, y + 11, label, anchor="lm")
            if drop:
                pieces.entry(c, x + 62, y, wide - 62, value, high=23, drop=True)
                c.fact("printer", "Name", value)
            else:
                c.text(x + 62, y + 11, value, anchor="lm")
                c.fact("printer_status", "Status", value)
            y += 28
        return y

    def fill(x: float, y: float, wide: float) -> float:
        y = group(s, x, y, wide, "Printer", printer)
        y = _panel(s, skin, x, y, wide, rng.randint(1, 3))
        copies = str(rng.randrange(1, 12))
        end = c.text(x, y + 12, "Number of copies:", anchor="lm")[2]
        pieces.entry(c, end + 10, y, 54, copies, high=24)
        c.fact("copies", "Number of copies", copies)
        grey = (2,) if s.chance(0.3) else ()
        return buttons(s, skin, x, y + 38, wide, [rng.choice(("OK", "Print")), "Cancel", "Preview"], grey=grey)

    return window(s, skin, "Print", fill)


def saving(s: Stage) -> float:
    """A folder's files, a name and a kind, Save and Cancel."""
    skin, rng, c = skin_of(s), s.rng, s.c
    opening = s.chance(0.35)

    def fill(x: float, y: float, wide: float) -> float:
        folder = rng.choice(("Documents", "Desktop", "Downloads", "Pictures", "Projects", "Music", "Invoices 2025"))
        label = rng.choice(("Save in:", "Folder:") if not opening else ("Look in:", "Folder:"))
        end = c.text(x, y + 12, label, anchor="lm")[2]
        pieces.entry(c, end + 10, y, wide * 0.55, folder, high=24, drop=True)
        c.fact("folder", label[:-1], folder)
        names = list(dict.fromkeys(values.value_of("file_name", rng) for _ in range(rng.randint(3, 8))))
        y = _files(c, s, x, y + 34, wide, names)
        name = rng.choice(names) if opening else values.value_of("file_name", rng)
        sort, kind = rng.choice(("Save as type:", "Files of type:")), rng.choice(words.KINDS_OF_FILE)
        for label, value, drop in (("File name:", name, False), (sort, kind, True)):
            c.text(x, y + 12, label, anchor="lm")
            pieces.entry(c, x + 96, y, wide - 96, value, high=24, drop=drop)
            c.fact("file_name" if not drop else "kind_of_file", label[:-1], value)
            y += 30
        return buttons(s, skin, x, y + 4, wide, ["Open" if opening else "Save", "Cancel"])

    return window(s, skin, "Open" if opening else rng.choice(("Save As", "Save", "Export")), fill)


def _files(c: Canvas, s: Stage, x: float, y: float, wide: float, names: list[str]) -> float:
    rng, row, first = s.rng, c.look.size * 1.8, len(c.words)
    chosen, top = rng.randrange(len(names)) if s.chance(0.5) else -1, y
    ground = mixed(c.look.card, (255, 255, 255), 0.8 if not c.look.dark else 0.03)
    c.box(x, y, wide, row * len(names) + 14, ground, border=c.look.line)
    y += 6
    for place, name in enumerate(names):
        since = c.here()
        signs.plain_icon(c, x + 10, y + row / 2 - 6, 12, c.look.muted, rng, (4, 5, 7))
        ink = pieces.ink_on(c) if place == chosen else c.look.ink
        c.text(x + 30, y + row / 2, name, anchor="lm", colour=ink)
        if place == chosen:
            pieces.select(c, since, x + 3, y, wide - 6, row, name)
        y += row
    c.list_of("files", c.words[first:])
    return top + row * len(names) + 24
