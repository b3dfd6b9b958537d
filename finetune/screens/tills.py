"""Till receipts: a shop's head, what was bought, the sums and how they were paid, in the manners of many tills."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from finetune.screens import till_words as words
from finetune.screens import values
from finetune.screens.canvas import Listed, Written
from finetune.screens.colours import mixed, rgb
from finetune.screens.layouts import Draw
from finetune.screens.pages import Stage

PAPERS = ("#fbfaf5", "#f7f5ee", "#f4f1e6", "#fdfdfb", "#efeee9", "#f6f2ea", "#eef0f0")
INKS = ("#1a1a1a", "#2b2b2e", "#3a3a40", "#4a4a52", "#34343f", "#24283a", "#55555c")
MOST_ITEMS = 11


@dataclass(frozen=True)
class Manner:
    """How one kind of till prints: its goods, the way of item lines and of numbers in its head, its letters."""

    goods: tuple[str, ...]
    items: tuple[str, ...]
    info: tuple[str, ...]
    families: tuple[str, ...]
    rates: float = 0.2  # how often the taxes come as a table
    dearest: float = 25


@dataclass(frozen=True)
class Bought:
    """One line of goods."""

    name: str
    count: int
    each: float

    @property
    def amount(self) -> float:
        return self.count * self.each


def receipt(manner: Manner) -> Draw:
    """A receipt of a kind of till."""
    return lambda s: _Slip(s, manner).draw()


class _Slip:
    """One receipt while it is being printed."""

    def __init__(self, s: Stage, manner: Manner) -> None:
        self.s, self.c, self.rng, self.manner = s, s.c, s.rng, manner
        family = s.rng.choice(manner.families)
        paper, ink = rgb(s.rng.choice(PAPERS)), rgb(s.rng.choice(INKS))
        size = s.c.width / s.rng.uniform(22, 30)
        self.c.look = replace(s.c.look, dark=False, paper=paper, card=paper, ink=ink, muted=mixed(paper, ink, 0.8),
                              line=mixed(paper, ink, 0.5), family=family, size=size)  # fmt: skip
        self.pad = s.c.width * s.rng.uniform(0.04, 0.1)
        self.left, self.right = self.pad, s.c.width - self.pad
        self.size, self.lead = size, size * s.rng.uniform(1.25, 1.6)
        self.y = size * s.rng.uniform(1, 3)
        self.coin, self.upper = s.rng.choice(words.COINS), s.chance(0.55)
        self.told = self.coin.told if s.chance(0.4) else self.coin.bare  # how the sums are written
        self.bold = "bold" if s.chance(0.6) else "regular"

    def draw(self) -> float:
        """Print it all; how high it is."""
        self._head()
        self._numbers()
        self._line()
        bought = self._basket()
        self._items(bought)
        self._line()
        self._sums(bought)
        self._tail()
        return self.y + self.size * self.rng.uniform(1, 3)

    # --- pieces ---

    def _cased(self, text: str) -> str:
        return text.upper() if self.upper else text

    def _line(self) -> None:
        """A row of dashes, a rule or nothing: nobody reads it as words."""
        way = self.rng.choice(("-", "-", "=", "*", "rule", "", "."))
        if way == "rule":
            self.c.rule(self.left, self.y + self.size * 0.4, self.right - self.left, self.c.look.ink)
        elif way:
            count = int((self.right - self.left) / self.c.wide(way, self.size))
            self.c.text(self.left, self.y, way * count, self.size, keep=False)
        self.y += self.lead * (0.6 if not way else 1)

    def _say(self, text: str, *, centre: bool = True, grow: float = 1, weight: str = "regular") -> None:
        size = self.size * grow
        middle = (self.left + self.right) / 2
        for part in self.c.wrap(text, self.right - self.left, size, weight):
            spot, anchor = (middle, "ma") if centre else (self.left, "la")
            self.c.text(spot, self.y, part, size, weight=weight, anchor=anchor)
            self.y += self.lead * grow

    def _row(
        self, key: str, label: str, value: str, *, grow: float = 1, weight: str = "regular", near: bool = False
    ) -> None:
        """A label at the left and its value at the right edge, or near it."""
        size = self.size * grow
        label = self._cased(label)
        ends = self.c.wide(value, size, weight)
        if self.left + self.c.wide(label, size, weight) + ends + size > self.right:
            size, grow = self.size * 0.8, min(grow, 0.9)
            label = self.c.fit(label, self.right - self.left - self.c.wide(value, size, weight) - size, size, weight)
        self.c.text(self.left, self.y, label, size, weight=weight)
        spot, anchor = (self.left + self.c.wide(label, size, weight) + size, "la") if near else (self.right, "ra")
        self.c.text(spot, self.y, value, size, weight=weight, anchor=anchor)
        if key:
            self.c.fact(key, label.rstrip(" :"), value)
        self.y += self.lead * grow

    # --- head ---

    def _head(self) -> None:
        rng, c = self.rng, self.c
        shop = words.shop(rng, self.s.split)
        shop = shop.upper() if rng.random() < 0.7 else shop
        weight, grow = rng.choice((("bold", 1.5), ("bold", 1.2), ("regular", 1.2), ("bold", 1.8), ("regular", 1)))
        while grow > 0.8 and c.wide(shop, self.size * grow, weight) > self.right - self.left:
            grow -= 0.1
        centre = rng.random() < 0.8
        first = len(c.words)
        self._say(shop, centre=centre, grow=grow, weight=weight)
        if len(c.words) == first + 1:
            c.fact("store", "", shop)
        if rng.random() < 0.2:
            self._say(f"({values.patterned('######-@', rng)})", centre=centre, grow=0.9)
        street = [line.upper() if self.upper else line for line in words.place(rng)]
        first = len(c.words)
        for line in street:
            self._say(line, centre=centre)
        if rng.random() < 0.85 and len(c.words) - first == len(street):
            c.fact("store_address", "", " ".join(street))
        for key, share in (("store_phone", 0.7), ("vat_number", 0.5)):
            if rng.random() < share:
                label, value = words.called(key, rng, self.s.split), _value(key, rng)
                self._say(f"{label}{rng.choice((': ', ' ', ' : '))}{value}", centre=centre)
                c.fact(key, label, value)
        if rng.random() < 0.35:
            self._say(rng.choice(("TAX INVOICE", "RECEIPT", "SALES RECEIPT", "Kassenbon", "CASH RECEIPT", "INVOICE")),
                      weight=self.bold, grow=rng.choice((1, 1.2)))  # fmt: skip
        self.y += self.lead * 0.4

    def _numbers(self) -> None:
        """Date, time, number, cashier and till."""
        rng, c, split = self.rng, self.c, self.s.split
        keys = ["receipt_number", "date", "time"] + [key for key in ("cashier", "till") if rng.random() < 0.55]
        rng.shuffle(keys)
        told = {key: _value(key, rng) for key in keys}
        way = rng.choice(self.manner.info)
        if way == "joined":  # date and time without labels on one line, the rest below
            apart = rng.choice(("  ", " ", "   "))
            if rng.random() < 0.5:
                self._say(f"{told['date']}{apart}{told['time']}", centre=rng.random() < 0.3)
            else:
                c.text(self.left, self.y, told["date"], self.size)
                c.text(self.right, self.y, told["time"], self.size, anchor="ra")
                self.y += self.lead
            c.fact("date", "", told["date"])
            c.fact("time", "", told["time"])
            keys = [key for key in keys if key not in ("date", "time")]
        if way == "two abreast":
            for place, key in enumerate(keys):
                label = self._cased(words.called(key, rng, split))
                text = f"{label}: {told[key]}"
                right = place % 2 == 1 and c.words[-1].box[2] + c.wide(text, self.size * 0.9) + self.size < self.right
                if right:
                    self.y -= self.lead
                c.text(
                    self.right if right else self.left, self.y, text, self.size * 0.9, anchor="ra" if right else "la"
                )
                c.fact(key, label, told[key])
                self.y += self.lead
        else:
            near = way in ("near", "joined") and rng.random() < 0.7
            for key in keys:
                label = words.called(key, rng, split)
                if way == "inline":
                    self._say(f"{self._cased(label)}: {told[key]}", centre=False)
                    c.fact(key, self._cased(label), told[key])
                else:
                    self._row(key, label + rng.choice(("", ":", ":")), told[key], near=near)

    # --- what was bought ---

    def _basket(self) -> list[Bought]:
        rng, coin = self.rng, self.coin
        names = rng.sample(self.manner.goods, rng.choice((1, 2, 3, 3, 4, 5, 6, 8, MOST_ITEMS)))
        found = []
        for name in names:
            each = 0.4 + self.manner.dearest * rng.random() ** 2.5
            if coin.places and coin.grow == 1:
                each = max(0.3, round(round(each, 1) - rng.choice((0, 0, 0.01, 0.05)), 2))
            else:
                step = 100 if coin.grow > 1000 else 10 if not coin.places else 1
                each = max(1, round(each * coin.grow / step)) * step
            count = rng.choice((1, 1, 1, 1, 2, 2, 3, 4, 6))
            found.append(Bought(name.upper() if self.upper else name, count, each))
        return found

    def _items(self, bought: list[Bought]) -> None:
        way = self.rng.choice(self.manner.items)
        if way == "columns":
            self._columns(bought)
            return
        flag = self.rng.choice(("", "", "", " A", " T", " SR"))
        times = self.rng.choice((" x ", " X ", "x ", " @ ", " * "))
        for item in bought:
            self._item(item, way, times, flag)
            self._note(item)

    def _item(self, item: Bought, way: str, times: str, flag: str) -> None:
        c, rng, size = self.c, self.rng, self.size
        amount, each, several = self.coin.bare(item.amount) + flag, self.coin.bare(item.each), item.count > 1
        room = self.right - self.left - c.wide(amount, size) - size
        if way == "code above":
            c.text(self.left, self.y, values.digits(rng, rng.choice((8, 13, 6))), size)
            self.y += self.lead
        if way == "count first":
            lead = c.wide("00 ", size)
            c.text(self.left, self.y, str(item.count), size)
            c.text(self.left + lead, self.y, c.fit(item.name, room - lead, size), size)
        elif way == "two lines" or (several and way in ("below", "code above")):
            c.text(self.left, self.y, c.fit(item.name, self.right - self.left, size), size)
            self.y += self.lead
            c.text(self.left + size * 1.5, self.y, f"{item.count}{times}{each}", size)
        elif several and way == "behind":
            tail = f" {item.count}{times.strip()}{each}"
            c.text(self.left, self.y, c.fit(item.name, room - c.wide(tail, size), size) + tail, size)
        else:
            shown = c.fit(item.name, room, size)
            end = c.text(self.left, self.y, shown, size)[2]
            if way == "dotted":
                dots = int((self.right - c.wide(amount, size) - size - end) / c.wide(".", size))
                c.text(end + size / 2, self.y, "." * max(0, dots), size, keep=False)
        c.text(self.right, self.y, amount, size, anchor="ra")
        self.y += self.lead

    def _note(self, item: Bought) -> None:
        """What may be asked for an item: never in a way that could mean another of its figures."""
        c, amount, each = self.c, self.coin.bare(item.amount), self.coin.bare(item.each)
        told = " ".join(written.text for written in c.words[-4:])
        if item.name not in told:
            return
        if item.count == 1:
            c.fact("item_price", item.name, amount)
        elif f"{item.count}" in told.replace(item.name, ""):
            c.fact("item_total", item.name, amount)
            c.fact("item_quantity", item.name, str(item.count))
            if each in told:
                c.fact("item_unit_price", item.name, each)

    def _columns(self, bought: list[Bought]) -> None:
        """Item, quantity, price and amount under their heads."""
        c, rng, size = self.c, self.rng, self.size * 0.88
        heads = rng.choice((("Item", "Qty", "Price", "Amount"), ("Description", "Qty", "Unit", "Total"),
                            ("Item", "Qty", "Amount"), ("Artikel", "Anz", "Betrag")))  # fmt: skip
        span = self.right - self.left
        shares = (0, 0.56, 0.78, 1) if len(heads) == 4 else (0, 0.7, 1)
        stops = [self.left + span * share for share in shares]

        def across(cells: tuple[str, ...]) -> list[Written]:
            first = len(c.words)
            for place, cell in enumerate(cells):
                shown = cell if place else c.fit(cell, stops[1] - stops[0] - c.wide("000", size), size)
                c.text(stops[place], self.y, shown, size, anchor="ra" if place else "la")
            self.y += self.lead
            return c.words[first:]

        head = across(tuple(self._cased(each) for each in heads))
        rows = []
        for item in bought:
            cells = (item.name, str(item.count), self.coin.bare(item.each), self.coin.bare(item.amount))
            rows.append(across(cells if len(heads) == 4 else (*cells[:2], cells[3])))
            for key in ("item_price", "item_quantity"):  # asked for by the columns; here only so that none is absent
                c.fact(key, "", cells[3 if key == "item_price" else 1])
        c.grids.append(Listed("table", head, rows))

    # --- sums and payment ---

    def _sums(self, bought: list[Bought]) -> None:
        rng, split = self.rng, self.s.split
        places = self.coin.places
        sum_up = round(sum(item.amount for item in bought), places)
        taxed, rate = rng.random() < 0.75, rng.choice(words.RATES)
        share = float(rate.rstrip("%")) / 100
        added = taxed and rng.random() < 0.4
        off = round(sum_up * rng.choice((0.05, 0.1, 0.2)), places) if rng.random() < 0.2 else 0.0
        if rng.random() < 0.3:
            self._row("item_count", words.called("item_count", rng, split), str(sum(item.count for item in bought)))
        if added or off or rng.random() < 0.5:
            self._row("subtotal", words.called("subtotal", rng, split), self.told(sum_up))
        if off:
            self._row("discount", words.called("discount", rng, split), self.told(-off))
        net = round(sum_up - off, places)
        tax = round(net * share if added else net - net / (1 + share), places)
        table = taxed and not added and rng.random() < self.manner.rates
        named = words.called("tax", rng, split).replace("{r}", rate)
        if added:
            self._row("tax", named, self.told(tax))
        total = round(net + (tax if added else 0), places)
        cash = rng.random() < 0.6
        if cash and places and rng.random() < 0.2:
            exact, total = total, round(round(total * 20) / 20, 2)
            self._row("rounding", words.called("rounding", rng, split), self.coin.bare(round(total - exact, 2)))
        self._row("total", words.called("total", rng, split), self.told(total), weight=self.bold,
                  grow=rng.choice((1, 1, 1.2, 1.4)))  # fmt: skip
        if taxed and not added and not table:
            self._row("tax", named, self.told(tax))
        self._paid(total, cash)
        if table:
            self._rates(net, tax, rate)

    def _paid(self, total: float, cash: bool) -> None:
        rng, split, c = self.rng, self.s.split, self.c
        if cash:
            step = rng.choice((1, 5, 10, 20, 50)) * (1 if self.coin.grow == 1 else 1000 if not self.coin.places else 10)
            given = -(-total // step) * step if rng.random() < 0.85 else total
            label = words.called("cash", rng, split)
            self._row("cash", label, self.told(given))
            c.fact("payment_method", "", self._cased(label))
            if given > total or rng.random() < 0.5:
                self._row("change", words.called("change", rng, split), self.told(round(given - total, 2)))
            return
        card = rng.choice(words.CARDS)
        self._row("card_amount", card, self.told(total))
        c.fact("payment_method", "", self._cased(card))
        if rng.random() < 0.75:
            hidden = rng.choice(
                ("************", "XXXX XXXX XXXX ", "**** **** **** ", "xxxxxxxxxxxx", "...")
            ) + values.digits(rng, 4)
            label = rng.choice(("Card", "Card no", "Card number", "Acct", "PAN"))
            self._row("card_last4", label, hidden, near=rng.random() < 0.3)
        if rng.random() < 0.6:
            code = values.patterned(rng.choice(("######", "@#####", "0#####")), rng)
            self._row("approval_code", words.called("approval_code", rng, split), code, near=rng.random() < 0.3)

    def _rates(self, net: float, tax: float, rate: str) -> None:
        """The taxes as a small table."""
        c, rng, size = self.c, self.rng, self.size * 0.88
        heads = rng.choice((("Rate", "Net", "VAT"), ("Code", "Net", "Tax", "Gross"), ("GST", "Amount", "Tax")))
        span = self.right - self.left
        self.y += self.lead * 0.5
        cells = (f"A {rate}", self.coin.bare(net - tax), self.coin.bare(tax), self.coin.bare(net))[: len(heads)]
        told = []
        for row in (heads, cells):
            first = len(c.words)
            for place, cell in enumerate(row):
                spot = self.left + span * place / (len(row) - 1)
                c.text(spot, self.y, cell, size, anchor="ra" if place else "la")
            told.append(c.words[first:])
            self.y += self.lead
        c.grids.append(Listed("table", told[0], told[1:]))
        c.fact("tax", heads[2], cells[2])

    def _tail(self) -> None:
        rng = self.rng
        self.y += self.lead * 0.5
        for text in rng.sample(words.THANKS, rng.randint(1, 3)):
            self._say(text.upper() if self.upper else text)
        if rng.random() < 0.3:  # a bar code says nothing
            x, high = self.left + self.size * 2, self.size * 3
            while x < self.right - self.size * 2:
                wide = rng.choice((1.0, 1.0, 2.0, 3.0))
                self.c.box(x, self.y, wide, high, self.c.look.ink)
                x += wide + rng.choice((1.0, 2.0, 3.0))
            self.y += high + self.lead * 0.5


def _value(key: str, rng: random.Random) -> str:
    """What stands in the head of a receipt."""
    if key == "date":
        return words.day(rng)
    if key == "time":
        return words.clock(rng)
    if key == "receipt_number":
        return words.number(rng)
    if key == "cashier":
        name = values.person(rng)
        return rng.choice((name.split()[0], name, name.split()[0].upper(), f"{name.split()[0]} {name.split()[1][0]}."))
    if key == "vat_number":
        return values.patterned(
            rng.choice(("DE#########", "GB### #### ##", "############", "@########@", "## ### ### ###")), rng
        )
    if key == "store_phone":
        return values.patterned(
            rng.choice(("0#-#### ####", "03-########", "(0##) ### ####", "+4# ## ### ####", "### ### ####")), rng
        )
    return values.patterned(rng.choice(("#", "##", "0#", "POS#", "00#")), rng)


SUPERMARKET = Manner(
    words.GOODS, ("plain", "below", "plain"), ("joined", "inline"), ("console", "mono", "narrow"), 0.35
)
CAFE = Manner(
    words.DISHES, ("count first",), ("two abreast", "near"), ("console", "roboto", "source", "narrow"), 0.1, 18
)
TRADE = Manner(words.WARES, ("columns",), ("near", "inline"), ("console", "dejavu", "narrow", "mono"), 0.0, 90)
HARDWARE = Manner(
    words.WARES, ("code above", "two lines"), ("sides", "joined"), ("console", "narrow", "roboto"), 0.25, 60
)
KIOSK = Manner(words.GOODS, ("two lines", "below"), ("inline", "sides"), ("narrow", "hanken", "console"), 0.2, 12)
DINER = Manner(
    words.DISHES, ("behind", "dotted"), ("two abreast", "sides"), ("narrow serif", "console", "serif"), 0.2, 30
)
CHEMIST = Manner(
    words.GOODS + words.WARES, ("dotted", "code above"), ("near", "joined"), ("console", "narrow serif"), 0.3, 40
)
