"""How pages are put into frames, the pages that need a frame of their own, and those of the test alone."""

from __future__ import annotations

from collections.abc import Callable

from finetune.screens import blocks, fields, frames, meters, pages, phrases, pieces, signs, tools, values
from finetune.screens.canvas import Place
from finetune.screens.colours import mixed
from finetune.screens.pages import Body, Stage

Draw = Callable[[Stage], float]

TITLES: dict[str, str] = {
    "orders": "My orders", "order": "Order details", "settings": "Settings", "form": "Your details",
    "update": "Software update", "rating": "Rate your purchase", "devices": "Devices", "device_page": "Device",
    "chat": "Support chat", "mail": "Inbox", "plans": "Plans", "tracking": "Track your parcel", "invoice": "Invoice",
    "options": "Options", "sign_in": "Sign in",
}  # fmt: skip


def _title(body: Body) -> str:
    return TITLES.get(body.__name__, "Overview")


def phone(body: Body, *, bottom: bool = True) -> Draw:
    """In an app on a phone."""

    def draw(s: Stage) -> float:
        y = frames.status_bar(s.c, s.rng) if s.chance(0.7) else 4
        y = frames.app_bar(s.c, y, _title(body) if s.chance(0.7) else s.brand, s.rng)
        y = body(s, 16, y, s.c.width - 32) + 10
        y = _more(s, body, 16, y, s.c.width - 32) if bottom else y
        return frames.bottom_bar(s.c, y, s.rng) if bottom and s.chance(0.45) else y + 10

    return draw


def site(body: Body, *, side: bool = False) -> Draw:
    """On a web page, perhaps in a browser, perhaps with a menu at the side."""

    def draw(s: Stage) -> float:
        c, rng = s.c, s.rng
        since, y = c.here(), frames.site_header(c, c.width, s.brand, rng)
        inner = min(c.width - 48, rng.choice((560, 680, 760, 1000)))
        x = (c.width - inner) / 2
        if side:
            entries = s.some(phrases.MENU, 4, 9)
            low = blocks.menu(c, 20, y, 170, entries, rng.randrange(len(entries)), rng, icons=s.chance(0.4))
            x, inner = 212, c.width - 236
            y = blocks.heading(c, x, y, inner, _title(body))
            y = max(low, body(s, x, y, inner))
        else:
            y = blocks.heading(c, x, y, inner, _title(body))
            y = body(s, x, y, inner)
        y = _more(s, body, x, y, inner) + 20
        if s.chance(0.5):
            brand = s.brand.lower().replace("&", "")
            y = frames.browser(c, since, c.width, y, f"{_title(body)} - {s.brand}", f"www.{brand}.example/account", rng)
        return y

    return draw


_MORE = {
    "settings": "account", "devices": "device", "update": "software", "rating": "order", "plans": "account",
    "orders": "account", "menu_page": "account", "chat": "ticket", "options": "software", "tracking": "order",
}  # fmt: skip


def _more(s: Stage, body: Body, x: float, y: float, wide: float) -> float:
    """A card of fields on a page that has few, often."""
    whole = body.__module__.endswith("office")  # such a window stands as it is
    if whole or len(s.c.facts) > 2 or y > s.limit or s.chance(0.25):
        return y
    theme = _MORE.get(body.__name__) or s.rng.choice(("order", "money", "ticket", "travel", "file", "device"))
    return blocks.fields_card(s.c, x, y, wide, s.fields(theme, 2, 5), s.rng)


def window(body: Body, pad: float = 20) -> Draw:
    """In a desktop window."""

    def draw(s: Stage) -> float:
        since, c = s.c.here(), s.c
        y = body(s, pad, pad, c.width - 2 * pad)
        y = (_more(s, body, pad, y, c.width - 2 * pad) if pad == 20 else y) + pad * 0.6
        c.under(since, lambda: c.box(0, 0, c.width, y, c.look.card))
        return frames.window(c, since, c.width, y, f"{_title(body)} - {s.brand}" if s.chance(0.6) else s.brand, s.rng)

    return draw


def bare(body: Body) -> Draw:
    """The page alone, cut from its surroundings."""

    def draw(s: Stage) -> float:
        pad = s.rng.choice((16, 24, 32))
        y = body(s, pad, pad, s.c.width - 2 * pad)
        return _more(s, body, pad, y, s.c.width - 2 * pad) + pad

    return draw


# --- messages ---------------------------------------------------------------------------------------------------


def dialog_window(s: Stage) -> float:
    """A message in a small window of a desktop."""
    c, since = s.c, s.c.here()
    said = phrases.message(s.rng)
    y = pages.message_body(s, 22, 22, c.width - 44, said, icon=s.rng.choice((24, 32, 40, 48)))
    if s.chance(0.3):
        y = blocks.boxes(c, 22, y, c.width - 44, ["Do not show this message again"], s.rng)
    if s.chance(0.25):
        y = blocks.fields_card(c, 22, y, c.width - 44, s.fields("software", 1, 3), s.rng, "inline")
    y = pieces.buttons(c, 22, y + 4, c.width - 44, s.some(phrases.BUTTONS, 1, 3), s.rng, right=True, high=30) + 6
    c.under(since, lambda: c.box(0, 0, c.width, y, c.look.card))
    return frames.window(c, since, c.width, y, s.rng.choice((s.brand, said.title, "Message")), s.rng)


def _over(s: Stage, centre: bool, sheet: bool, narrow: float) -> float:
    """A message over a dimmed page."""
    c, rng = s.c, s.rng
    high = rng.uniform(0.9, 1.6) * c.width if c.width < 500 else rng.uniform(0.5, 0.75) * c.width
    tools.skeleton(c, c.width, high, rng)
    c.dim((0, 0, 0), 0.45)
    wide = c.width if sheet else min(c.width - 40, narrow)
    since, said = c.here(), phrases.message(rng)
    left = (c.width - wide) / 2
    y = pages.message_body(s, left + 22, 24, wide - 44, said, centre=centre, icon=rng.choice((0, 36, 48, 56)))
    texts = s.some(phrases.BUTTONS, 1, 3)
    if c.width < 500 and s.chance(0.6):
        y = pieces.stacked(c, left + 22, y, wide - 44, texts[:2], rng)
    else:
        y = pieces.buttons(c, left + 22, y, wide - 44, texts, rng, right=s.chance(0.6))
    y += 8
    high = max(high, y + 60)
    pieces.card(c, since, left, 0, wide, y)
    c.shift(since, 0, high - y if sheet else (high - y) / 2)
    return high


def dialog_phone(s: Stage) -> float:
    """A message over an app."""
    return _over(s, s.chance(0.6), s.chance(0.35), 340)


def dialog_web(s: Stage) -> float:
    """A message over a web page."""
    return _over(s, s.chance(0.4), False, s.rng.choice((420, 480, 560)))


def toast(s: Stage) -> float:
    """A short message sliding into a page."""
    c, rng = s.c, s.rng
    high = rng.uniform(1.0, 1.5) * c.width if c.width < 500 else c.width * 0.55
    tools.skeleton(c, c.width, high, rng)
    wide = min(c.width - 24, rng.choice((320, 380, 440)))
    since, said = c.here(), phrases.message(rng)
    pages.note_message(s, said, advice=True)
    left = 44.0 if s.chance(0.75) else 16.0
    y = c.para(left, 14, wide - left - 14, said.title, weight="bold")
    y = c.para(left, y + 2, wide - left - 14, said.what, c.look.size * 0.95)
    if s.chance(0.4):
        y = pieces.buttons(c, left, y + 6, wide - left - 14, s.some(phrases.BUTTONS, 1, 2), rng, high=28)
    if left == 44.0:
        signs.sign_icon(c, 14, 15, 20, said.sign, said.title, rng)
    y += 10
    c.under(
        since,
        lambda: c.box(0, 0, wide, y, mixed(c.look.card, c.look.ink, 0.03), radius=10, shadow=0.4, border=c.look.line),
    )
    across = (c.width - wide) / 2 if c.width < 500 else c.width - wide - 16
    c.shift(since, across, rng.choice((16.0, high - y - 20)))
    return high


def error_page(s: Stage) -> float:
    """A web page that could not be shown."""
    c, rng, since = s.c, s.rng, s.c.here()
    status, words = rng.choice(
        (
            ("404", "Page not found"),
            ("500", "Internal server error"),
            ("503", "Service unavailable"),
            ("403", "Forbidden"),
            ("401", "Unauthorized"),
            ("502", "Bad gateway"),
            ("408", "Request timeout"),
            ("429", "Too many requests"),
        )
    )
    centre, x, wide = s.chance(0.6), 40.0, c.width - 80
    y = 60.0 if not s.chance(0.4) else frames.site_header(c, c.width, s.brand, rng) + 20
    middle, anchor = (c.width / 2, "ma") if centre else (x, "la")
    c.text(middle, y, status, rng.choice((48, 64, 80)), weight="bold", anchor=anchor, colour=c.look.accent)
    y += 92
    y = c.para(x, y, wide, words, c.look.size * 1.5, weight="bold", centre=centre) + 8
    what = rng.choice(
        (
            "The page you asked for does not exist.",
            "Something went wrong on our side.",
            "The server did not answer in time.",
            "You are not allowed to see this page.",
            "Too many people are here right now.",
        )
    )
    advice = rng.choice(
        ("Please try again in a few minutes.", "Check the address and try again.", "Go back to the home page.")
    )
    y = c.para(x, y, wide, what, centre=centre)
    y = c.para(x, y, wide, advice, centre=centre) + 12
    c.notes |= {"error": what, "advice": advice}
    c.fact("http_status", "", status)
    if s.chance(0.6):
        label, value = fields.label_of("request_id", rng, s.split), values.value_of("request_id", rng)
        c.text(middle, y, f"{label}: {value}", c.look.size * 0.88, colour=c.look.muted, anchor=anchor)
        c.fact("request_id", label, value)
        y += 32
    texts = s.some(phrases.BUTTONS, 1, 2)
    y = pieces.buttons(
        c,
        x if not centre else c.width / 2 - pieces.button_width(c, texts[0]) / 2,
        y,
        wide,
        texts[: 1 if centre else 2],
        rng,
    )
    y += rng.uniform(20, 120)
    if s.chance(0.6):
        y = frames.browser(
            c, since, c.width, y, f"{status} {words}", f"{s.brand.lower().replace('&', '')}.example/page", rng
        )
    return y


def sign_in(s: Stage, x: float, y: float, wide: float) -> float:
    """User name, password, a box and a button."""
    c, rng = s.c, s.rng
    wide, x = min(wide, 360), x + max(0, (wide - 360) / 2)
    y = blocks.heading(c, x, y, wide, rng.choice(("Sign in", "Log in", "Welcome back", f"Sign in to {s.brand}")), 1.6)
    y = pages.maybe_banner(s, x, y, wide, 0.45)
    key = rng.choice(("email", "username"))
    y = blocks.form_fields(c, x, y, wide, [(key, fields.label_of(key, rng, s.split), values.value_of(key, rng))], rng)
    c.text(x, y, "Password", c.look.size * 0.9, colour=c.look.muted)
    pieces.entry(c, x, y + 19, wide, "•" * rng.randint(6, 12), keep=False)
    y = blocks.boxes(
        c,
        x,
        y + 64,
        wide,
        [rng.choice(("Remember me", "Stay signed in", "Keep me signed in", "Trust this device"))],
        rng,
    )
    if s.chance(0.3):
        y = blocks.switches(c, x, y, wide, ["Use fingerprint"], rng)
    state = "primary" if s.chance(0.75) else "disabled"
    pieces.button(c, x, y, wide, rng.choice(("Sign in", "Log in", "Continue")), state, high=40)
    c.text(x + wide / 2, y + 62, "Forgot password?", c.look.size * 0.9, colour=c.look.muted, anchor="mm")
    return y + 84


def menu_page(s: Stage, x: float, y: float, wide: float) -> float:
    """Entries of an app with one of them highlighted."""
    c, rng = s.c, s.rng
    c.disc(x + 24, y + 24, 24, mixed(c.look.card, c.look.accent, 0.5))
    c.text(x + 60, y + 8, values.person(rng), weight="bold")
    c.text(x + 60, y + 8 + c.look.size * 1.4, values.mail(rng), c.look.size * 0.85, colour=c.look.muted)
    entries = s.some(phrases.MENU, 5, 11)
    y = blocks.menu(c, x, y + 66, wide, entries, rng.randrange(len(entries)), rng, icons=s.chance(0.6))
    if s.chance(0.5):
        pieces.badge(c, x, y + 10, rng.choice(phrases.BADGES), rng)
        y += 30
    return y


def loading(s: Stage, x: float, y: float, wide: float) -> float:
    """Something turns while one waits."""
    c, rng = s.c, s.rng
    size = rng.choice((24.0, 32.0, 44.0, 60.0))
    words = rng.choice(("Loading...", "Please wait...", "Connecting...", "Evaluating query...", "Signing you in..."))
    meters.spinner(c, x + wide / 2 - size / 2, y + 30, size, words, rng)
    y = c.para(x, y + size + 46, wide, words, centre=True)
    if s.chance(0.5):
        y = blocks.bars(c, x, y + 14, wide, s.some(phrases.PROGRESS, 1, 1), rng)
    return pieces.buttons(c, x, y + 10, wide, s.some(phrases.BUTTONS, 0, 2), rng)


def device_photo(columns: bool) -> Draw:
    """A device in a room."""

    def draw(s: Stage) -> float:
        high = s.c.width * s.rng.uniform(0.6, 0.8)
        tools.device_front(s, s.c.width, high, columns=columns)
        return high

    return draw


def appliance_panel(s: Stage) -> float:
    """The panel of a machine."""
    high = s.c.width * s.rng.uniform(0.55, 0.75)
    tools.appliance(s, s.c.width, high)
    return high


# --- layouts of the test alone ----------------------------------------------------------------------------------


def two_columns(left: Body, right: Body) -> Draw:
    """Two pages side by side."""

    def draw(s: Stage) -> float:
        y = frames.site_header(s.c, s.c.width, s.brand, s.rng)
        half = (s.c.width - 72) / 2
        return max(left(s, 24, y, half), right(s, 48 + half, y, half)) + 20

    return draw


def wizard(s: Stage, x: float, y: float, wide: float) -> float:
    """Steps at the right, the present one highlighted; a form beside them."""
    c, rng = s.c, s.rng
    side, steps = wide * 0.3, ["Start", "Details", "Options", "Summary", "Finish"][: rng.randint(3, 5)]
    low = blocks.menu(c, x + wide - side, y, side, steps, rng.randrange(len(steps)), rng, kind="steps")
    y = blocks.form_fields(c, x, y, wide - side - 30, s.fields("account", 1, 3), rng)
    y = blocks.radios(c, x, y, wide - side - 30, rng)
    y = blocks.boxes(c, x, y, wide - side - 30, s.some(phrases.BOXES, 1, 3), rng)
    return pieces.buttons(c, x, max(y, low), wide, ["Next", "Back", "Cancel"], rng, right=True)


def grouped(s: Stage, x: float, y: float, wide: float) -> float:
    """Framed groups with their name in the frame, as old options windows have them."""
    c, rng = s.c, s.rng
    half = (wide - 20) / 2
    low = y
    for place, kind in enumerate(rng.sample(("boxes", "radios", "sliders", "bars", "form"), 4)):
        left = x + (half + 20) * (place % 2)
        top = y if place < 2 else low
        room, since, at = half - 24, c.here(), top + 22
        if kind == "boxes":
            end = blocks.boxes(c, left + 12, at, room, s.some(phrases.BOXES, 2, 5), rng, box=13)
        elif kind == "radios":
            end = blocks.radios(c, left + 12, at, room, rng, box=13)
        elif kind == "sliders":
            end = blocks.sliders(c, left + 12, at, room, s.some(phrases.SLIDERS, 1, 2), rng)
        elif kind == "bars":
            end = blocks.bars(c, left + 12, at, room, s.some(phrases.PROGRESS, 1, 2), rng)
        else:
            end = blocks.form_fields(c, left + 12, at, room, s.fields("data", 1, 2), rng, 24)
        _frame_under(s, since, left, top + 6, half, end - top)
        name = rng.choice(phrases.MENU)
        c.box(left + 10, top, c.wide(name, c.look.size) + 8, c.look.size, c.look.card)
        c.text(left + 14, top, name, colour=c.look.muted)
        if place == 1:
            low = max(low, end) + 16
        elif place == 0:
            low = end
        else:
            y = max(y, end)
    return pieces.buttons(c, x, max(low, y) + 16, wide, s.some(phrases.BUTTONS, 2, 4), rng, right=True, high=26)


def _frame_under(s: Stage, since: Place, x: float, y: float, wide: float, high: float) -> None:
    s.c.under(since, lambda: s.c.box(x, y, wide, high, None, border=s.c.look.line))


def strip(s: Stage) -> float:
    """A receipt on a narrow strip of paper."""
    c, rng = s.c, s.rng
    c.text(c.width / 2, 24, s.brand, 22, weight="bold", anchor="ma")
    y = 64.0
    for pairs in (s.fields("invoice", 2, 4), s.fields("shop", 4, 7)):
        y = blocks.rows(c, 22, y, c.width - 44, pairs, "right")
        c.text(c.width / 2, y, "- " * 18, 12, anchor="ma", colour=c.look.muted, keep=False)
        y += 24
    pieces.badge(c, 22, y + 8, rng.choice(("PAID", "Copy", "Refunded")), rng)
    return y + 44


def status_tiles(s: Stage, x: float, y: float, wide: float) -> float:
    """Tiles with a lamp each, three in a row."""
    c, rng = s.c, s.rng
    y = pages.maybe_banner(s, x, y, wide, 0.5)
    each = (wide - 28) / 3
    for place, name in enumerate(s.some(phrases.SERVICES, 4, 9)):
        left, top, since = x + (place % 3) * (each + 14), y + (place // 3) * 74, c.here()
        c.text(left + 14, top + 40, c.fit(name, each - 24, c.look.size), anchor="lm")
        name = c.words[-1].text
        pieces.lamp(c, left + 20, top + 18, 6, rng.choice((*pieces.LAMP_COLOURS[:6], "")), name, rng, c.look.card)
        pieces.card(c, since, left, top, each, 60)
    y += 74 * 3
    return blocks.fields_card(c, x, y, wide, s.fields("device", 2, 4), rng)
