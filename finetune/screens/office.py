"""Windows as help pages of a data tool show them: navigator, ribbon, menus, fields with hints, a dark side panel."""

from __future__ import annotations

from finetune.screens import blocks, controls, pages, phrases, pieces, signs, values
from finetune.screens.canvas import Listed, Written
from finetune.screens.colours import mixed, rgb
from finetune.screens.pages import Stage
from finetune.screens.previews import office, preview

PALE = (178, 178, 178)
DATA_ICONS = (4, 5, 5, 5, 7, 7, 8, 10)  # sheets, tables, folders, drums: see signs.plain_icon
ICONS = ("#e0a25b", "#6a9fc9", "#7f7f7f", "#4f8f7f", "#c9a227")
RIBBON = tuple(
    "Close & Apply|New Source|Recent Sources|Enter Data|Data source settings|Manage Parameters|Refresh Preview|"
    "Properties|Advanced Editor|Choose Columns|Remove Columns|Keep Rows|Remove Rows|Split Column|Group By|"
    "Merge Queries|Append Queries|Combine Files|Custom Column|Index Column|Pivot Column|Data type|Go to Column|"
    "Fill|Sort|Transpose|Replace Values|Statistics|Unpivot Columns|Column From Examples".split("|")
)
ENTRIES = tuple(
    "Copy|Paste|Delete|Rename|Enable load|Include in report refresh|Duplicate|Reference|Move to group|Move up|"
    "Move down|Create function|Convert to parameter|Advanced editor|Properties|Remove|Remove other columns|"
    "Remove duplicates|Remove errors|Change type|Transform|Replace values|Fill down|Unpivot columns|Keep rows|"
    "Insert step after|Extract previous|View native query|Text/CSV|Excel workbook|From folder|XML|JSON|Web page|"
    "New query|Blank query|Merge as new|Lower case|Upper case|Trim|Clean|Length|First characters|Using locale".split(
        "|"
    )
)
# Labels of fields, what stands in them, and the example shown while they are empty.
FIELDS = (
    ("Server", "sql-{n}.northwind.example", "Example: server.example.com"),
    ("Database (optional)", "AdventureData{n}", "Example: Sales"),
    ("URL", "https://data{n}.example.org/v4/feed.svc", "https://contoso.example/list"),
    ("File path", r"C:\Data\Exports\orders_{n}.csv", r"C:\Folder\file.csv"),
    ("Site URL", "https://team.example.com/sites/area{n}", "Example: https://site.example/sites/one"),
    ("Folder path", r"\\share{n}\reports\monthly", "Browse or type a path"),
    ("Account name or URL", "storage{n}", "Example: myaccount"),
    ("New column name", "Custom.{n}", "Enter a name"),
    ("Query name", "GetItems_{n}", "Type a name"),
    ("Host", "10.0.{n}.7", "Example: 192.168.0.1"),
    ("Warehouse", "COMPUTE_WH_{n}", "Example: MY_WH"),
    ("SQL statement (optional)", "select top {n}00 * from Orders", "Example: select * from Table"),
    ("Column name, or list", "Region, Area {n}", "Enter names, with commas between"),
    ("Data gateway", "(none, not needed)", "Choose a gateway"),
    ("Privacy level", "Organizational, shared", "Choose a level"),
    ("Command timeout in minutes", "{n}", "Example: 10"),
)
CONNECTORS = tuple(
    "Excel Workbook|Text/CSV|XML|JSON|Folder|PDF|SQL Server database|Access Database|Oracle database|IBM Db2 database|"
    "MySQL database|PostgreSQL database|Sybase database|SAP HANA database|OData Feed|Web|Blank Query|Active Directory|"
    "Hadoop File (HDFS)|Spark|R script|Python script|ODBC|OLE DB|Data files (Beta)|Team Folder|Sheets (Beta)".split("|")
)


def _head(s: Stage, x: float, y: float, wide: float, words: tuple[str, ...]) -> float:
    return blocks.heading(s.c, x, y, wide, s.rng.choice(words), s.rng.choice((1.3, 1.6, 1.8)))


def _icon(s: Stage, x: float, y: float, size: float) -> None:
    signs.plain_icon(s.c, x, y, size, rgb(s.rng.choice(ICONS)), s.rng, DATA_ICONS)


def navigator(s: Stage, x: float, y: float, wide: float) -> float:
    """Tables with boxes at the left, what is in the chosen one at the right, Load and Cancel below."""
    office(s)
    c, rng = s.c, s.rng
    y = _head(s, x, y, wide, ("Navigator", "Choose data", "Select tables", "Power Navigator"))
    side = wide * rng.uniform(0.3, 0.4)
    pieces.search(c, x, y, side, values.value_of("table", rng), rng, high=22)
    c.text(x, y + 36, "Display Options", c.look.size * 0.95, anchor="lm")
    signs.chevron(c, x + c.wide("Display Options", c.look.size) + 10, y + 36, 6, c.look.muted)
    low, ticked, name = _tree(s, x, y + 50, side)
    right = x + side + 18
    if name:
        c.text(right, y + 4, name, c.look.size * 1.2)
        end = preview(s, right, y + 32, wide - side - 18)
    else:
        c.text(right + 40, y + 80, "No items selected for preview", colour=c.look.muted)
        end = y + 120
    y = max(low, end)
    if name and s.chance(0.2):
        c.text(right, y, "The data in the preview has been truncated due to size limits.", c.look.size * 0.9)
        y += 20
    if s.chance(0.25):
        y = _strip(s, x, y, wide)
    return _bottom(s, x, y, wide, ticked, rng.choice((["Load", "Transform Data", "Cancel"], ["OK", "Cancel"])))


def _tree(s: Stage, x: float, y: float, side: float) -> tuple[float, bool, str]:
    """The y below, whether a box is ticked, and the name of the chosen table ("" for none)."""
    c, rng, size = s.c, s.rng, s.c.look.size
    row, box = rng.choice((21.0, 24.0, 27.0)), rng.choice((11.0, 12.0, 12.0, 13.0))
    names = list(dict.fromkeys(values.value_of("table", rng) for _ in range(rng.randint(3, 10))))
    names = [name + rng.choice(("", "", "_v2", "Details", " by month")) for name in names]
    chosen = rng.randrange(len(names)) if s.chance(0.75) else -1
    count, tone, ticked = f" [{len(names)}]", controls.tone_for(c, rng), False
    top = y - 4
    signs.chevron(c, x + 8, y + row / 2, 6, c.look.muted)
    _icon(s, x + 18, y + row / 2 - 6, 12)
    c.text(x + 36, y + row / 2, c.fit(values.value_of("server", rng), side - 90, size) + count, size, anchor="lm")
    y, first = y + row, len(c.words)
    for place, name in enumerate(names):
        since, middle, at = c.here(), y + row / 2, x + 30.0
        shown = c.fit(name, side - 90, size)
        state = "on" if place == chosen and s.chance(0.7) else rng.choice(("on", "off", "off", "off"))
        ticked = ticked or state == "on"
        controls.checkbox(c, at, middle, box, state, shown, tone)
        _icon(s, at + box + 7, middle - 6, 12)
        c.text(at + box + 26, middle, shown, size, anchor="lm")
        if place == chosen:
            pieces.select(c, since, x + 2, y, side - 4, row, shown)
        y += row
    c.list_of("tree", c.words[first:])
    c.box(x, top, side, y - top + 10, None, border=c.look.line)
    return y + 22, ticked, names[chosen] if chosen >= 0 else ""


def _bottom(s: Stage, x: float, y: float, wide: float, ready: bool, texts: list[str]) -> float:
    """Buttons at the right; without a choice only Cancel can be pressed."""
    c, rng, first = s.c, s.rng, len(s.c.words)
    widths = [max(72.0, c.wide(text, c.look.size) + 26) for text in texts]
    spot, high = x + wide - sum(widths) - 8 * (len(texts) - 1), rng.choice((22.0, 26.0, 30.0))
    for place, (text, each) in enumerate(zip(texts, widths, strict=True)):
        state = "plain" if text == "Cancel" else "disabled" if not ready else "primary" if place == 0 else "plain"
        pieces.button(c, spot, y, each, text, state, high=high, size=c.look.size)
        spot += each + 8
    c.list_of("buttons", c.words[first:], True)
    return y + high + 10


def _strip(s: Stage, x: float, y: float, wide: float) -> float:
    """A pale yellow strip: what is wrong and what to do, one after the other."""
    c, rng, said = s.c, s.rng, phrases.message(s.rng, error=s.chance(0.6))
    key = "error" if said.sign in ("error", "warning") else "message"
    c.notes.setdefault(key, said.what)
    c.notes.setdefault("advice", said.advice)
    lines = c.wrap(f"{said.what} {said.advice}", wide - 130, c.look.size)
    high = len(lines) * c.look.size * 1.45 + 14
    c.box(x, y, wide, high, rgb(rng.choice(("#fff8aa", "#fff3cd", "#fff4ce", "#fffbe0"))), border=rgb("#f0e0a0"))
    sign = s.chance(0.6)
    if sign:
        signs.sign_icon(c, x + 8, y + high / 2 - 9, 18, "warning" if key == "error" else "info", said.what, rng)
    top = y + 7
    for line in lines:
        c.text(x + (34 if sign else 10), top, line)
        top += c.look.size * 1.45
    c.mark("banner", x, y, wide, high, colour="yellow", label=" ".join(lines))
    if s.chance(0.5):
        text = rng.choice(("Edit Credentials", "Edit Permission", "Continue", "Refresh", "Go to error"))
        pieces.button(c, x + wide - 116, y + high / 2 - 11, 108, text, "plain", high=22, size=c.look.size)
    return y + high + 12


def ribbon(s: Stage, x: float, y: float, wide: float) -> float:
    """Tabs, groups of buttons with a picture over one or two lines of words, some of them pale; a table below."""
    office(s)
    c, rng, size = s.c, s.rng, s.c.look.size
    tabs = ["File", "Home", "Transform", "Add Column", "View", "Tools", "Help"][: rng.randint(4, 7)]
    s.c.look.styles["selected"] = rng.choice(("underline", "underline", "grey", "faint"))
    y = blocks.menu(c, x, y, wide, tabs, rng.randrange(1, 4), rng, level=True, size=size) - 8
    top, spot, group, icon = y, x + 6.0, 0.0, rng.choice((20.0, 26.0, 32.0))
    names = s.some(RIBBON, 8, 14)
    for place, name in enumerate(names):
        lines = c.wrap(name, 62, size)
        width = max(icon, *(c.wide(line, size) for line in lines)) + 12
        if spot + width > x + wide:
            break
        pale = s.chance(0.15)
        ink = PALE if pale else c.look.ink
        signs.plain_icon(c, spot + width / 2 - icon / 2, y + 6, icon, PALE if pale else rgb(rng.choice(ICONS)), rng)
        lines, first = lines[:2], len(c.words)
        for row, line in enumerate(lines):
            c.text(spot + width / 2, y + icon + 16 + row * size * 1.15, line, size, colour=ink, anchor="mm")
        c.groups.append((c.words[first:], icon + 6))
        if s.chance(0.3):
            signs.chevron(c, spot + width / 2, y + icon + 18 + size * 1.2 * len(lines), 5, ink)
        if pale:
            c.mark(
                "button",
                spot,
                y + 2,
                width,
                icon + 22 + size * 1.2 * len(lines),
                state="disabled",
                label=" ".join(lines),
            )
        spot += width
        if place % 4 == 3 or place == len(names) - 1:
            c.box(spot + 2, y + 4, 1, icon + size * 3.6, c.look.line)
            word = c.fit(
                rng.choice(("Manage Columns", "Reduce Rows", "Sort", "Combine", "Query", "Parameters")), 80, 11
            )
            if spot - group > 100:
                c.text(
                    (max(group, x) + spot) / 2, y + icon + size * 4, word, size * 0.9, colour=c.look.muted, anchor="mm"
                )
            group, spot = spot, spot + 8
    y = top + icon + size * 5 + 4
    c.rule(x, y - 4, wide)
    if s.chance(0.3):
        y = _strip(s, x, y + 4, wide)
    if s.chance(0.35):
        return y
    formula = f'= Table.SelectRows(Source, each [Status] = "{rng.choice(phrases.TABS)}")'
    c.text(x + 26, y + 12, "fx", size, colour=c.look.muted, anchor="lm", keep=False)
    c.text(x + 48, y + 12, c.fit(formula, wide - 60, size), size, anchor="lm")
    return preview(s, x, y + 30, wide)


def drop_menu(s: Stage, x: float, y: float, wide: float) -> float:
    """A menu over a piece of a table, one entry highlighted, perhaps with a menu of its own; ticks and pale entries."""
    office(s)
    rng = s.rng
    low = preview(s, x, y, wide, most=14) if s.chance(0.55) else y
    left, top = x + rng.uniform(0, 0.35) * wide, (low + 6 if low > y else y + 6)
    entries = s.some(ENTRIES, 4, 12)
    chosen = rng.randrange(len(entries)) if s.chance(0.85) else -1
    low, right, at = _entries(s, left, top, entries, chosen, "menu", sub=chosen if s.chance(0.4) else -1)
    if at is not None and right + 150 < x + wide + 60:
        more = [entry for entry in s.some(ENTRIES, 3, 6) if entry not in entries]
        if len(more) > 1:
            end, _, _ = _entries(s, right - 2, at, more, rng.randrange(len(more)) if s.chance(0.7) else -1, "sub menu")
            low = max(low, end)
    return low + 10


def _entries(
    s: Stage, x: float, y: float, entries: list[str], chosen: int, kind: str, sub: int = -1
) -> tuple[float, float, float | None]:
    """The y below, the right edge, and the y of the entry that opens another menu."""
    c, rng, size = s.c, s.rng, s.c.look.size
    row, lead = rng.choice((21.0, 24.0, 28.0)), 34.0
    wide = max(c.wide(entry, size) for entry in entries) + lead + 40
    since, top, words, opened = c.here(), y, [], None
    icons = s.chance(0.5)
    for place, entry in enumerate(entries):
        before, pale = c.here(), place != chosen and s.chance(0.12)
        middle, ticked = y + row / 2, place != chosen and s.chance(0.1)
        c.text(x + lead, middle, entry, size, colour=PALE if pale else c.look.ink, anchor="lm")
        words.append(c.words[-1])
        if ticked:
            controls.tick(c, x + 10, middle - 5, 10, c.look.ink, 1.6)
            c.mark("checkbox", x + 10, middle - 5, 10, 10, state="on", label=entry)
        elif icons and s.chance(0.7):
            _icon(s, x + 9, middle - 6, 12)
        if place == sub or s.chance(0.12):
            signs.chevron(c, x + wide - 12, middle, 7, c.look.muted, "right")
        if pale:
            c.mark("button", x + 2, y, wide - 4, row, state="disabled", label=entry)
        if place == chosen:
            c.look.styles["selected"] = rng.choice(("grey", "grey", "faint", "tinted"))
            pieces.select(c, before, x + 2, y, wide - 4, row, entry)
        opened = y if place == sub else opened
        y += row
        if s.chance(0.2) and place + 1 < len(entries):
            c.rule(x + lead - 6, y + 2, wide - lead)
            y += 5
    c.under(since, lambda: c.box(x, top - 4, wide, y - top + 8, c.look.card, border=c.look.line, shadow=0.25))
    c.list_of(kind, words)
    return y + 6, x + wide, opened


def source_fields(s: Stage, x: float, y: float, wide: float) -> float:
    """Where the data is: a choice, fields with a path or an example in grey, boxes, OK and Cancel."""
    office(s)
    c, rng, size = s.c, s.rng, s.c.look.size
    y = _head(
        s, x, y, wide, ("SQL Server database", "From Web", "Connect to folder", "Parameters", "Connection settings")
    )
    if s.chance(0.5):
        y = c.para(x, y, wide, rng.choice(phrases.FILLER), size) + 8
    if s.chance(0.2):
        y = _strip(s, x, y, wide)
    if s.chance(0.6):
        y = blocks.radios(c, x, y, wide, rng, box=15, size=size, level=s.chance(0.5))
    filled: list[list[Written]] = []
    for label, value, example in rng.sample(FIELDS, rng.randint(1, 5)):
        empty, shown = s.chance(0.35), value.format(n=rng.randint(2, 60))
        word = c.text(x, y + 8, label, size, anchor="lm")
        named = c.words[-1]
        if s.chance(0.45):
            signs.hint_sign(c, word[2] + 6, y + 8)
        elif s.chance(0.2):
            c.text(word[2] + 4, y + 8, "*", size, colour=rgb("#c00000"), anchor="lm", keep=False)
        y += size * 1.7
        room = min(wide, rng.choice((280.0, 380.0, wide)))
        if empty:
            pieces.entry(c, x, y, room, example if s.chance(0.75) else "", high=26, hint=True)
            c.notes.setdefault("empty", label)
        else:
            pieces.entry(c, x, y, room, shown, high=26, drop=s.chance(0.2))
            if c.words[-1].text == shown:
                filled.append([named, c.words[-1]])
        y += 26 + 12
    c.grids.append(Listed("fields", [], filled))
    if s.chance(0.5):
        y = blocks.boxes(c, x, y, wide, s.some(phrases.BOXES, 1, 4), rng, box=rng.choice((12.0, 13.0)), size=size)
    if s.chance(0.3):
        y = blocks.radios(c, x, y, wide, rng, box=15, size=size)
    return _bottom(s, x, y + 6, wide, s.chance(0.75), ["OK", "Cancel"])


def dark_side(s: Stage, x: float, y: float, wide: float) -> float:
    """A dark panel with one light row, and a list of sources or boxes beside it."""
    office(s)
    c, rng, size = s.c, s.rng, s.c.look.size
    y = _head(s, x, y, wide, ("Get Data", "Options", "Credentials", "Data source settings"))
    side, since, top = wide * rng.uniform(0.26, 0.36), c.here(), y
    names, first, row = s.some(phrases.MENU, 3, 8), len(c.words), rng.choice((26.0, 32.0, 38.0))
    chosen = rng.randrange(len(names))
    for place, name in enumerate(names):
        ink = (34, 34, 34) if place == chosen else (240, 240, 240)
        if place == chosen:
            c.box(x, y, side, row, (234, 234, 234))
            c.mark("selected", x, y, side, row, label=name)
        c.text(x + 14, y + row / 2, name, size, colour=ink, anchor="lm")
        y += row
    c.list_of("panes", c.words[first:])
    low, left, room = y + 30, x + side + 20, wide - side - 20
    spot = top + 4
    if s.chance(0.6):
        names = s.some(CONNECTORS, 4, 10)
        sought = rng.choice(names).split()[0]
        typed = pieces.search(c, left, spot, room * 0.7, sought, rng, high=24)
        spot, first = spot + 34, len(c.words)
        for name in [name for name in names if sought in name] if typed else names:
            _icon(s, left + 4, spot + 3, 14)
            c.text(left + 28, spot + 10, c.fit(name, room - 30, size), size, anchor="lm")
            spot += 25
        c.list_of("connectors", c.words[first:])
    else:
        spot = pages.maybe_banner(s, left, spot, room, 0.2)
        spot = blocks.boxes(c, left, spot, room, s.some(phrases.BOXES, 2, 6), rng, box=13, size=size)
        spot = blocks.radios(c, left, spot, room, rng, box=15, size=size)
    low = max(low, spot)
    tone = rng.choice(((68, 68, 68), (50, 49, 48), (0, 92, 80)))
    c.under(since, lambda: c.box(x, top, side, low - top, tone))
    return _bottom(s, x, low + 10, wide, s.chance(0.7), rng.choice((["Connect", "Cancel"], ["OK", "Cancel"])))


def steps_pane(s: Stage, x: float, y: float, wide: float) -> float:
    """A cut of an editor: queries, a table and the steps of the query, the present one faintly grey."""
    office(s)
    c, rng, size = s.c, s.rng, s.c.look.size
    names = list(dict.fromkeys(values.value_of("table", rng) for _ in range(rng.randint(3, 9))))
    side, right = max(120.0, wide * 0.18), max(150.0, wide * 0.22)
    c.text(x + 8, y + 8, f"Queries [{len(names)}]", size, anchor="lm")
    one = blocks.menu(c, x, y + 22, side, names, rng.randrange(len(names)), rng, icons=True, size=size, kind="queries")
    c.box(x + side + 4, y, 1, 240, c.look.line)
    two = preview(s, x + side + 14, y, wide - side - right - 28)
    spot, top = x + wide - right, y
    c.text(spot, top + 6, "Query Settings", size * 1.2, anchor="lm")
    c.text(spot, top + 32, "Name", size, anchor="lm", colour=c.look.muted)
    pieces.entry(c, spot, top + 42, right - 8, names[0], high=22)
    c.text(spot, top + 84, rng.choice(("APPLIED STEPS", "Applied steps")), size, anchor="lm", colour=c.look.muted)
    steps = s.some(phrases.STEPS, 3, 9)
    three = blocks.menu(
        c, spot, top + 96, right - 8, steps, rng.randrange(len(steps)), rng, size=size * 0.97, kind="steps"
    )
    y = max(one, two, three)
    c.box(x, y, wide, 20, mixed(c.look.card, c.look.ink, 0.06))
    c.text(x + 8, y + 10, f"{rng.randint(2, 30)} columns, {rng.randint(20, 999)} rows", size * 0.92, anchor="lm")
    return y + 24


def only_preview(s: Stage, x: float, y: float, wide: float) -> float:
    """A cut of a table alone, perhaps below its name."""
    office(s)
    if s.chance(0.4):
        y = _head(s, x, y, wide, ("Price list", "Data", "Table1", "Preview", "Query1", "Stock list"))
    return preview(s, x, y, wide)
