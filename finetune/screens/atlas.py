"""Every layout by name: which page it is, how often it comes, and whether it is kept for the test."""

from __future__ import annotations

from dataclasses import dataclass

from finetune.screens import layouts as lay
from finetune.screens import native_dialogs as native
from finetune.screens import office, pages, tills, tools
from finetune.screens.layouts import Draw


@dataclass(frozen=True)
class Layout:
    """A way to lay out a page: `draw` gives the height; `width` the logical widths; `weight` how often it comes."""

    name: str
    page: str
    width: tuple[int, int]
    draw: Draw
    weight: float = 1.0
    test: bool = False
    dark: bool | None = None
    paper: bool = False  # of paper: it is photographed mostly, and has creases


P, W, B, S = (330, 430), (660, 1180), (420, 760), (320, 520)
LAYOUTS: tuple[Layout, ...] = (
    Layout("dialog in a window", "dialog", (340, 560), lay.dialog_window, 2),
    Layout("dialog over an app", "dialog", P, lay.dialog_phone, 1.5),
    Layout("dialog over a site", "dialog", W, lay.dialog_web, 1),
    Layout("toast in an app", "toast", P, lay.toast, 1),
    Layout("toast on a site", "toast", W, lay.toast, 0.7),
    Layout("form on a phone", "form", P, lay.phone(pages.form)),
    Layout("form on a site", "form", W, lay.site(pages.form)),
    Layout("orders on a site", "table", W, lay.site(pages.orders), 1.5),
    Layout("orders in a window", "table", W, lay.window(pages.orders)),
    Layout("orders beside a menu", "table", (860, 1240), lay.site(pages.orders, side=True)),
    Layout("order on a phone", "order", P, lay.phone(pages.order)),
    Layout("order on a site", "order", W, lay.site(pages.order)),
    Layout("order, cut", "order", B, lay.bare(pages.order)),
    Layout("invoice sheet", "invoice", (520, 760), lay.bare(pages.invoice), 1.5),
    Layout("tracking on a phone", "tracking", P, lay.phone(pages.tracking)),
    Layout("tracking on a site", "tracking", W, lay.site(pages.tracking)),
    Layout("settings on a phone", "settings", P, lay.phone(pages.settings), 2.5),
    Layout("settings, cut", "settings", B, lay.bare(pages.settings), 1.5),
    Layout("settings beside a menu", "settings", (760, 1200), lay.site(pages.settings, side=True), 1.5),
    Layout("settings in a window", "settings", (480, 800), lay.window(pages.settings), 1.5),
    Layout("options window", "settings", (620, 980), lay.window(tools.options), 3),
    Layout("import window", "settings", (760, 1200), lay.window(tools.import_dialog, 16), 3),
    Layout("query editor", "table", (860, 1320), lay.window(tools.editor, 6), 2.5),
    Layout("update on a phone", "update", P, lay.phone(pages.update)),
    Layout("update in a window", "update", B, lay.window(pages.update)),
    Layout("rating on a phone", "rating", P, lay.phone(pages.rating)),
    Layout("rating on a site", "rating", W, lay.site(pages.rating)),
    Layout("device photo", "photo", (480, 900), lay.device_photo(False), 2),
    Layout("appliance panel", "photo", (480, 800), lay.appliance_panel, 1),
    Layout("device on a phone", "device", P, lay.phone(pages.device_page)),
    Layout("device on a site", "device", W, lay.site(pages.device_page, side=True)),
    Layout("devices on a phone", "devices", P, lay.phone(pages.devices)),
    Layout("devices on a site", "devices", W, lay.site(pages.devices)),
    Layout("chat on a phone", "chat", P, lay.phone(pages.chat, bottom=False)),
    Layout("chat in a window", "chat", B, lay.window(pages.chat)),
    Layout("mail on a phone", "mail", P, lay.phone(pages.mail)),
    Layout("mail in a window", "mail", B, lay.window(pages.mail)),
    Layout("terminal", "terminal", (520, 900), lay.window(tools.terminal, 14), 1, dark=True),
    Layout("menu on a phone", "menu", P, lay.phone(lay.menu_page), 1.2),
    Layout("plans on a site", "plans", W, lay.site(pages.plans), 1.2),
    Layout("plans on a phone", "plans", P, lay.phone(pages.plans)),
    Layout("error page", "error page", (420, 1000), lay.error_page, 1.2),
    Layout("sign-in on a site", "sign-in", W, lay.site(lay.sign_in)),
    Layout("sign-in on a phone", "sign-in", P, lay.phone(lay.sign_in)),
    Layout("loading on a phone", "other", P, lay.phone(lay.loading), 1.2),
    Layout("loading in a window", "other", (340, 560), lay.window(lay.loading), 1.2),
    Layout("navigator", "settings", (700, 1150), lay.window(office.navigator, 14), 4),
    Layout("navigator, cut", "settings", (600, 1000), lay.bare(office.navigator), 2),
    Layout("ribbon", "table", (700, 1250), lay.bare(office.ribbon), 2.5),
    Layout("drop-down menu", "menu", (420, 900), lay.bare(office.drop_menu), 4),
    Layout("where the data is", "form", (420, 760), lay.window(office.source_fields, 16), 3),
    Layout("where the data is, cut", "form", (420, 700), lay.bare(office.source_fields), 1.5),
    Layout("dark side panel", "menu", (560, 900), lay.window(office.dark_side, 14), 2.5),
    Layout("steps of a query", "table", (800, 1250), lay.bare(office.steps_pane), 3),
    Layout("preview, cut", "table", (420, 900), lay.bare(office.only_preview), 3),
    Layout("supermarket receipt", "invoice", S, tills.receipt(tills.SUPERMARKET), 3, paper=True),
    Layout("cafe receipt", "invoice", S, tills.receipt(tills.CAFE), 2, paper=True),
    Layout("trade receipt", "invoice", S, tills.receipt(tills.TRADE), 2, paper=True),
    Layout("hardware receipt", "invoice", S, tills.receipt(tills.HARDWARE), 2, paper=True),
    Layout("kiosk receipt", "invoice", S, tills.receipt(tills.KIOSK), 2, paper=True),
    Layout("system alert", "dialog", (340, 560), native.alert, 3),
    Layout("permission on a phone", "dialog", (320, 430), native.permission, 1.5),
    Layout("alert of a browser", "dialog", (560, 900), native.browser_alert, 1.2),
    Layout("installer", "dialog", (440, 640), native.installer, 2.5),
    Layout("properties", "settings", (360, 620), native.properties, 3),
    Layout("print dialog", "settings", (420, 640), native.printing, 1.5),
    Layout("save dialog", "form", (440, 680), native.saving, 1.5),
    # the test alone
    Layout("wizard", "form", (620, 900), lay.window(lay.wizard), 1.5, True),
    Layout("grouped options", "settings", (640, 900), lay.window(lay.grouped), 3, True),
    Layout("settings and device", "settings", (860, 1250), lay.two_columns(pages.settings, pages.device_page), 3, True),
    Layout("order and parcel", "order", (860, 1250), lay.two_columns(pages.order, pages.tracking), 2, True),
    Layout("receipt strip", "invoice", (320, 400), lay.strip, 1.5, True),
    Layout("diner receipt", "invoice", S, tills.receipt(tills.DINER), 2.5, True, paper=True),
    Layout("chemist receipt", "invoice", S, tills.receipt(tills.CHEMIST), 2.5, True, paper=True),
    Layout("alert of another system", "dialog", (360, 600), native.alert, 2, True),
    Layout("options of another system", "settings", (380, 660), native.properties, 2.5, True),
    Layout("assistant of another system", "dialog", (460, 680), native.installer, 1.5, True),
    Layout("permission, rare ones", "dialog", (330, 460), native.permission, 1, True),
    Layout("status tiles", "devices", (520, 900), lay.bare(lay.status_tiles), 1.5, True),
    Layout("device column", "photo", (420, 720), lay.device_photo(True), 1.5, True),
    Layout("sign-in window", "sign-in", (400, 620), lay.window(lay.sign_in), 1, True),
    Layout("mail, cut", "mail", B, lay.bare(pages.mail), 1, True),
    Layout("chat, cut", "chat", B, lay.bare(pages.chat), 1, True),
    Layout("plans in a window", "plans", (620, 900), lay.window(pages.plans), 1, True),
    Layout("table, cut", "table", (480, 900), lay.bare(pages.orders), 1.5, True),
    Layout("tree and menu", "menu", (620, 1000), lay.two_columns(lay.menu_page, pages.devices), 1, True),
    Layout("rating in a window", "rating", B, lay.window(pages.rating), 1, True),
    Layout("update, cut", "update", B, lay.bare(pages.update), 1, True),
    Layout("navigator on a page", "settings", (760, 1150), lay.site(office.navigator), 1.5, True),
    Layout(
        "fields and a table", "form", (860, 1250), lay.two_columns(office.source_fields, office.only_preview), 1.5, True
    ),
    Layout("menu in a window", "menu", (520, 900), lay.window(office.drop_menu), 1.5, True),
    Layout("terminal, cut", "terminal", (480, 800), lay.bare(tools.terminal), 1, True, True),
    Layout("narrow dialog window", "dialog", (320, 420), lay.dialog_web, 2, True),
    Layout("toast on a tablet", "toast", (500, 640), lay.toast, 1, True),
    Layout("loading, cut", "other", (330, 520), lay.bare(lay.loading), 1, True),
    Layout("error on a phone", "error page", (330, 410), lay.error_page, 1, True),
)
