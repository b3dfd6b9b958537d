"""Made-up values for every kind of field: numbers, names, prices, dates in many notations."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

from finetune.screens import products

_FIRST = (
    "Anna Ben Carla Dilan Emma Finn Greta Hugo Ines Jonas Kemal Lea Mira Noah Olga Paul Rosa Sven Tara Uwe Vera Will "
    "Yara Zoe Amir Bianca Chloe David Elena Farid Gina Henry Iris Jack Karin Liam Maya Nora Oscar Priya Quinn Rita Sam "
    "Tom Ursula Victor Wanda Xavier Yusuf Aisha Bruno Celia Dmitri Esther Felix Grace Hana Ivan Joyce"
).split()
_LAST = (
    "Abbot Bauer Chen Dupont Evans Fischer Garcia Hansen Ivanov Jensen Keller Lopez Meyer Novak Okafor Petrov Quist "
    "Rossi Schmidt Tanaka Unger Vogel Weber Young Ziegler Adler Brandt Costa Dahl Egger Ferrari Gupta Huber Iqbal "
    "Jansen Kowalski Lindqvist Moreau Nguyen Olsen Park Ramos Silva Thorne Usman Varga Wright Yilmaz"
).split()
_CITIES = (
    "Berlin Hamburg London Leeds Paris Lyon Madrid Seville Vienna Graz Zurich Bern Oslo Bergen Dublin Cork Boston "
    "Denver Austin Portland Toronto Ottawa Sydney Perth Milan Turin Prague Brno Lisbon Porto Ghent Utrecht"
).split()
_STREETS = (
    "Mill Lane|Station Road|High Street|Elm Avenue|Lindenweg|Bahnhofstr.|Park Row|Harbour View|Rue du Lac|"
    "Church Street|Oak Drive|Gartenweg|King Street|Maple Court|Hill Road|Via Roma|Canal Street|Birkenallee"
).split("|")
_COUNTRIES = (
    "Germany|Austria|Switzerland|France|Spain|Italy|United Kingdom|Ireland|Norway|Canada|Australia|Portugal|Belgium"
).split("|")
_MONTHS = "January February March April May June July August September October November December".split()
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"

Make = Callable[[random.Random], str]


def digits(rng: random.Random, count: int) -> str:
    """So many digits, the first not 0."""
    return str(rng.randrange(1, 10)) + "".join(str(rng.randrange(10)) for _ in range(count - 1))


def letters(rng: random.Random, count: int) -> str:
    """So many capital letters."""
    return "".join(rng.choice(LETTERS) for _ in range(count))


def person(rng: random.Random) -> str:
    """A made-up name."""
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def money(rng: random.Random, low: float = 2, high: float = 900) -> str:
    """A price in one of many notations."""
    cents = round(low + (high - low) * rng.random() ** 2.2, 2)
    plain = f"{cents:,.2f}" if rng.random() < 0.6 else f"{cents:.2f}"
    comma = f"{cents:.2f}".replace(".", ",")
    way = rng.random()
    if way < 0.35:
        return f"€{plain}"
    if way < 0.62:
        return f"${plain}"
    if way < 0.74:
        return f"£{plain}"
    if way < 0.86:
        return f"{comma} €"
    if way < 0.94:
        return f"{plain} EUR"
    return f"CHF {plain}"


def day(rng: random.Random) -> str:
    """A date in one of many notations."""
    date, month, year = rng.randrange(1, 29), rng.randrange(12), rng.randrange(2023, 2028)
    name = _MONTHS[month]
    return rng.choice(
        (
            f"{date} {name} {year}",
            f"{name} {date}, {year}",
            f"{date:02}/{month + 1:02}/{year}",
            f"{date:02}.{month + 1:02}.{year}",
            f"{year}-{month + 1:02}-{date:02}",
            f"{date} {name[:3]} {year}",
            f"{name[:3]} {date}",
            f"{date} {name}",
        )
    )


def clock(rng: random.Random) -> str:
    """A time of day."""
    hour, minute = rng.randrange(24), rng.randrange(60)
    if rng.random() < 0.3:
        return f"{hour % 12 or 12}:{minute:02} {'AM' if hour < 12 else 'PM'}"
    return f"{hour:02}:{minute:02}"


def mail(rng: random.Random) -> str:
    """A made-up address."""
    first, last = rng.choice(_FIRST).lower(), rng.choice(_LAST).lower()
    name = rng.choice((f"{first}.{last}", f"{first[0]}{last}", f"{first}{rng.randrange(10, 99)}", f"{first}_{last}"))
    return f"{name}@{rng.choice(('example.com', 'mail.example', 'example.org', 'post.example', 'example.net'))}"


def version(rng: random.Random) -> str:
    """A number of a release."""
    parts = [rng.randrange(0, 18), rng.randrange(0, 30), rng.randrange(0, 60)][: rng.choice((2, 3, 3))]
    plain = ".".join(map(str, parts))
    return rng.choice((plain, plain, f"v{plain}", f"{plain}.{rng.randrange(100, 9999)}"))


def code(rng: random.Random) -> str:
    """A code of an error."""
    return rng.choice(
        (
            f"E-{rng.randrange(10, 999)}",
            f"ERR_{rng.choice('NET AUTH DB IO TLS DNS PAY SYNC'.split())}_{rng.randrange(10, 99)}",
            f"0x{rng.randrange(16**8):08X}",
            f"{letters(rng, 2)}{digits(rng, 3)}",
            f"E{digits(rng, 4)}",
            f"{letters(rng, 3)}-{digits(rng, 3)}",
            f"F{rng.randrange(1, 60):02}",
            f"#{digits(rng, 4)}",
        )
    )


def hexa(rng: random.Random, count: int) -> str:
    """So many hexadecimal digits."""
    return "".join(rng.choice("0123456789abcdef") for _ in range(count))


def address(rng: random.Random) -> str:
    """A street and number."""
    return f"{rng.randrange(1, 199)} {rng.choice(_STREETS)}"


def of(*words: str) -> Make:
    """One of the words."""
    return lambda rng: rng.choice(words)


# key: ways to write it ("#" a digit, "@" a capital, "~" a hexadecimal digit, "§" the sign #; an indented line goes on)
_PATTERNS = """
order_number: ########|@#######|@@-######|§######|###-#######
invoice_number: INV-######|R#######|2025-#####|2026-#####|RE-#####
tracking_number: @@#########@@|############|1Z@@@#########|##############
receipt_number: ######|@@#######|##-#####
ticket_number: T-######|§#####|CS#######|REQ-#####
reference: @@@#####|@@-####-@|#########
transaction_id: TX#########|pi_~~~~~~~~~~|##########
customer_number: #######|K-#####|C######
account_number: ########|#### ####|ACC-######
booking_reference: @@@@@@|@@@###|BK-######
phone: +49 ### #######|+44 20 #### ####|0### ######|+1 555 ### ####
postcode: #####|####|@@# #@@|@## #@@
sku: @@-####|######|@@@####
carrier: Postbote|RapidShip|Nordpaket|FlyParcel|BlueVan|Courier One|Swiftbox|Heron Post|TransLink|ParcelPoint|City
  Bikes
status: Shipped|Delivered|Processing|Cancelled|Out for delivery|On hold|Paid|Open|Returned|Confirmed|In
  transit|Packed|Pending|Refunded|Completed|Awaiting payment|Delayed
payment_method: Credit card|PayPal|Bank transfer|Direct debit|Invoice|Visa|Mastercard|Gift card|Apple Pay|Cash on
  delivery|Debit card
card_last4: ####|**** ####|xxxx-####
iban: DE## #### #### ####|FR## #### #### ####|NL## #### #### ####|AT## #### #### ####
plan: Basic|Free|Starter|Plus|Pro|Business|Premium|Family|Team|Enterprise|Student|Standard|Gold|Unlimited
storage_used: ##.# GB|#.# GB|### MB|##%
storage_total: 15 GB|50 GB|64 GB|100 GB|128 GB|256 GB|512 GB|1 TB|2 TB
build: #####|####.###|@@##.####
language: English|Deutsch|French|Spanish|Italian|English (UK)|Dutch|Polish|Japanese
serial_number: @@########|@@@-####-###|@##@@#####
model: @@-###|@###@|Hub #|Cam #|View #|Air #|Link #|@@@ ####
ip_address: 192.168.1.##|192.168.0.1##|10.0.#.##|172.16.#.1##
gateway: 192.168.0.1|192.168.1.1|192.168.2.1|10.0.0.1
dns: 9.9.9.9|1.1.1.1|10.0.0.##|8.8.4.4
signal: -4# dBm|-6# dBm|-7# dBm|##%|Good|Weak|Excellent|Fair
speed: ### Mbit/s|#.# MB/s|1 Gbit/s|## Mbps|### Mbps
uptime: ## days|## d # h|# h 4# min
battery: ##%|100%|#%
temperature: 2#.# °C|1#.# °C|2# °C|7# °F
humidity: 3#%|4#%|5#%|6#%
request_id: ~~~~~~~~~~~~|~~~~~~~~-~~~~|req_~~~~~~~~
file_size: ### KB|##.# MB|#.# GB|## KB
path:
  C:\\Users\\Public\\Documents|/home/shared/data|D:\\Data\\20##|/var/log/app|Downloads/2025|E:\\Exports|/mnt/store/##
server: sql-prod-##|sql-test-##|sql-dev-##|db#.example.net|srv-berlin|srv-##|localhost|srv-lyon
port: 443|8080|5432|1433|3306|22|993|####
database: Sales|AdventureData|crm_prod|Inventory|orders_db|Finance2025|warehouse|HR|Northstar|Sales20##
table: Customers|Orders|dbo.Invoices|Products|Sales
  2025|Employees|fact_sales|Calendar|Returns|Stock|Regions|Budget|Vendors|Leads|dim_date
column: CustomerID|OrderDate|Amount|Region|ProductKey|Country|Unit Price|Category|SalesTotal|Column#
department: Sales|Support|Accounting|Logistics|Marketing|IT|Human Resources|Legal|Returns desk
subject: Late parcel|Refund request|Cannot sign in|Broken on arrival|Change of address|Invoice question|Upgrade my
  plan|Cancel booking|Wrong item
priority: Low|Normal|High|Urgent|Critical|Medium
weight: #.# kg|##.# kg|### g
guests: #|# adults|2 adults, # children
flight: @@###|@@ ####|@@####|@@ ###
gate: @##|@#
seat: ##A|##B|##C|#D|#F|##E
license_key: @@##-@@##-@@##
seats: ##|#|# of ##
duration: ## min|# h 1# min|## s|00:1#:2#|00:3#:0#
quantity: #|##
points: #,###|###
"""
_NETS = "Birch Attic Harbour Cafe Studio Garden Loft Orion Nest Quarry Fjord Lemon Pixel Tulip Cosmo".split()


@cache
def _patterns() -> dict[str, tuple[str, ...]]:
    rows = _PATTERNS.replace("\n  ", " ").strip().splitlines()
    return {key: tuple(rest.split("|")) for key, rest in (row.split(": ", 1) for row in rows)}


def patterned(pattern: str, rng: random.Random) -> str:
    """A pattern with its signs filled in; a number starts with no 0."""
    made, last = "", ""
    for sign in pattern:
        if sign == "#":
            sign = str(rng.randrange(0 if last.isdigit() or last == "." else 1, 10))
        elif sign == "@":
            sign = rng.choice(LETTERS)
        elif sign == "~":
            sign = rng.choice("0123456789abcdef")
        made, last = made + ("#" if sign == "§" else sign), sign
    return made


def _username(rng: random.Random) -> str:
    first, last = rng.choice(_FIRST).lower(), rng.choice(_LAST).lower()
    return rng.choice((f"{first}{digits(rng, 2)}", f"{first}.{last}", f"{first[0]}{last}"))


def _device(rng: random.Random) -> str:
    room = rng.choice(("Kitchen", "Hall", "Garage", "Bedroom", "Office"))
    thing = rng.choice(("camera", "speaker", "sensor", "printer", "lamp"))
    first = rng.choice(_FIRST)
    return rng.choice(
        (f"{first}-PC", f"DESKTOP-{letters(rng, 3)}{digits(rng, 3)}", f"{first}'s phone", f"{room} {thing}")
    )


def _network(rng: random.Random) -> str:
    return (
        rng.choice(_NETS) + rng.choice(("-5G", "_Guest", " Wi-Fi", "24", "-Net", "")) + rng.choice(("", digits(rng, 2)))
    )


def _file(rng: random.Random) -> str:
    stem = rng.choice("report invoice export sales photo backup contract orders budget scan".split())
    end = rng.choice((digits(rng, 4), rng.choice(_MONTHS).lower(), "final", "v2"))
    return f"{stem}_{end}.{rng.choice('pdf csv xlsx jpg zip docx json txt'.split())}"


def _seen(rng: random.Random) -> str:
    ago = f"{rng.randrange(2, 59)} minutes ago"
    return rng.choice((f"{day(rng)} {clock(rng)}", f"Today, {clock(rng)}", f"Yesterday, {clock(rng)}", ago))


def _room(rng: random.Random) -> str:
    return rng.choice(
        (f"Room {digits(rng, 3)}", digits(rng, 3), rng.choice(_NETS), f"{letters(rng, 1)}{digits(rng, 2)}")
    )


_MADE: dict[str, Make] = {
    "customer_name": person,
    "recipient": person,
    "agent": person,
    "cashier": person,
    "username": _username,
    "email": mail,
    "address": address,
    "city": of(*_CITIES),
    "country": of(*_COUNTRIES),
    **dict.fromkeys(("total", "subtotal", "amount_due", "refund_amount", "cash", "change"), money),
    "balance": lambda rng: money(rng, 5, 9000),
    "monthly_price": lambda rng: money(rng, 3, 90),
    "unit_price": lambda rng: money(rng, 1, 300),
    "tax": lambda rng: money(rng, 1, 120),
    "shipping": lambda rng: "Free" if rng.random() < 0.3 else money(rng, 2, 20),
    "discount": lambda rng: "-" + money(rng, 2, 60),
    "item": products.product,
    "store": lambda rng: rng.choice(_CITIES) + rng.choice((" Centre", " Mall", " North", " Station", " West")),
    "supplier": lambda rng: f"{rng.choice(_LAST)} {rng.choice(('GmbH', 'Ltd', 'Supplies', '& Co', 'Trading'))}",
    "company": lambda rng: (
        f"{rng.choice(_LAST)} {rng.choice(('GmbH', 'Ltd', 'Inc.', 'Group', '& Sons', 'AG', 'Labs'))}"
    ),
    **dict.fromkeys("date order_date invoice_date due_date delivery_date ship_date".split(), day),
    **dict.fromkeys("renewal_date expiry_date".split(), day),
    "last_login": _seen,
    "time": clock,
    "coupon": lambda rng: rng.choice("SPRING WELCOME SAVE AUTUMN HELLO FRIEND SUMMER".split()) + digits(rng, 2),
    "version": version,
    "new_version": version,
    "device_name": _device,
    "mac_address": lambda rng: rng.choice((":", "-")).join(hexa(rng, 2).upper() for _ in range(6)),
    "ssid": _network,
    "error_code": code,
    "file_name": _file,
    "room": _room,
}


def value_of(key: str, rng: random.Random) -> str:
    """A made-up value for a field."""
    if key in _MADE:
        return _MADE[key](rng)
    return patterned(rng.choice(_patterns()[key]), rng)
