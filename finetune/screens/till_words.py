"""What till receipts say: shops, goods, notations of money and dates, and the names of their sums."""

from __future__ import annotations

import random
from dataclasses import dataclass

from finetune.screens import values

_NAMES = (
    "Hill|Sunrise|Golden Star|Corner|Family|Green Leaf|Old Mill|Seaview|City|Lucky|Union|Royal|Maple|Blue Door|Central|"
    "Harbour|Rose|Kim Lee|Da Marco|Al Noor|Sri Devi|Nordlys|La Plaza|Good Day|Three Bears|Eight Bells"
).split("|")
_TRADES = (
    "Market|Mini Mart|Supermarket|Bakery|Cafe|Pharmacy|Hardware|Book Store|Trading|Grocers|Deli|Petrol|Restaurant|"
    "Stationery|Kitchen|Coffee House|Pet Shop|Florist|Drogerie|Bistro"
).split("|")
_FORMS = ("", "", "", " Ltd", " SDN BHD", " Pte Ltd", " Inc.", " GmbH", " S.L.", " LLC", " & Co")
_TEST_NAMES = ("Copper Kettle", "Four Winds", "Silver Moon", "Bay Tree", "Hwa Seng", "El Faro", "Windmill", "Red Fox")
_TEST_TRADES = ("Diner", "Superstore", "Chemist", "Eatery", "Provisions", "Garden Centre", "Off Licence", "Noodle Bar")
GOODS = tuple(
    (
        "Milk 1L|Whole milk 2L|Bread white|Rye bread|Butter 250g|Eggs x12|Bananas|Apples loose|Tomatoes vine|"
        "Potatoes 2kg|Rice basmati 1kg|Spaghetti 500g|Olive oil 0.5L|Sugar 1kg|Coffee ground|Tea bags 80|"
        "Orange juice|Mineral water|Cola 330ml|Beer 0.5L|Red wine|Cheddar|Yoghurt plain|Chicken fillet|"
        "Minced beef|Salmon 200g|Frozen peas|Ice cream|Crisps|Chocolate bar|Chewing gum|Shampoo|Toothpaste|"
        "Toilet roll x9|Kitchen foil|Batteries AA|Light bulb E27|Carrier bag|Newspaper|Cat food|Paper towels|"
        "Dish soap|Cough syrup|Plasters|Vitamin C"
    ).split("|")
)
DISHES = tuple(
    (
        "Espresso|Cappuccino|Flat white|Latte|Iced tea|Hot chocolate|Croissant|Blueberry muffin|"
        "Club sandwich|Caesar salad|Soup of the day|Margherita|Pepperoni|Lasagne|Fish & chips|Cheeseburger|"
        "Fries large|Fried rice|Chicken curry|Naan|Pad thai|Spring rolls|Tiramisu|Cheesecake|House wine|"
        "Lager pint|Lemonade|Sparkling water|Bibimbap|Nasi lemak|Teh tarik|Ramen|Gyoza|Tacos x3|Guacamole|"
        "Omelette|Pancakes|Apple pie"
    ).split("|")
)
WARES = tuple(
    (
        "Screws 4x40|Wall plugs 8mm|Paint white 5L|Roller set|Masking tape|Hammer|Drill bit 6mm|Hose 15m|"
        "Potting soil|LED lamp 9W|Extension lead|Padlock|Door hinge|Sandpaper P120|Silicone clear|"
        "Notebook A5|Ball pen blue|Glue stick|Envelopes C5|Stapler|Printer paper|Highlighter|Unleaded 95|"
        "Diesel|Car wash|Engine oil 1L|Dog leash|Bird seed|Vase|Tulips|T-shirt M|Socks 3pk|Umbrella|"
        "USB cable|Phone case"
    ).split("|")
)
THANKS = tuple(
    (
        "THANK YOU|Thank you for your visit|Thank you, please come again|THANK YOU FOR SHOPPING WITH US|"
        "Have a nice day!|Please come again|Goods sold are not returnable|"
        "Keep this receipt for exchange within 14 days|See you soon|Vielen Dank|Merci de votre visite|"
        "Gracias por su visita|Customer copy|Tell us how we did"
    ).split("|")
)
# key: what receipts call it in training ~ in the test
_CALLED = {
    "receipt_number": "Receipt no|Receipt|Receipt #|Bon-Nr.|Trans|Chk|Invoice No|Doc No. ~ Slip no.|Rcpt|Sale #",
    "cashier": "Cashier|Served by|Operator|Clerk|Kassierer|Server ~ You were served by|Staff|Salesperson",
    "till": "Till|Register|Terminal|POS|Lane|Kasse ~ Counter|Till no.|Station",
    "date": "Date|Datum|Dated ~ Bill date|On",
    "time": "Time|Zeit|Uhrzeit ~ Printed at|Hour",
    "store_phone": "Tel|Phone|Tel.|Ph|T ~ Call|Telephone no.",
    "vat_number": "VAT No|GST ID|Tax ID|GST Reg No|USt-IdNr.|VAT Reg|ABN|NIF ~ VAT ID|GST No.|Tax reg.",
    "subtotal": "Subtotal|Sub-total|SUB TOTAL|Zwischensumme|Sub amount ~ Sub-Ttl|Goods in all|Sum before",
    "discount": "Discount|Member disc.|Coupon|Savings|Rabatt|Promo ~ Price cut|Less discount|Loyalty saving",
    "rounding": "Rounding|Rounding adj|Round adj.|Rounding adjustment ~ Rnd|Rounded by",
    "total": "TOTAL|Total|Grand total|TOTAL DUE|Total (incl GST)|Summe|Net Total|Amount due ~ To pay|Bill total|TTL",
    "cash": "CASH|Cash|Cash tendered|Tendered|Bar|Gegeben|Efectivo|Cash paid|Amount tendered ~ Cash given|Cash rec'd",
    "change": "CHANGE|Change|Change due|Rückgeld|Cambio|Your change|Change given ~ Chg|Money returned",
    "item_count": "Items|No. of items|Total qty|Item count|Artikel ~ Pieces sold|Qty total",
    "approval_code": "Auth code|Approval code|Appr. code|Auth no.|APPROVAL ~ Authorisation|Appr",
}
_TAXES = (
    "VAT {r}|GST {r}|Tax {r}|MwSt {r}|Sales tax|Incl. VAT {r}|GST @{r}|TVA {r}|Tax ~ Thereof VAT {r}|IVA {r}|HST {r}"
)
CARDS = ("VISA", "MASTERCARD", "Visa Debit", "Maestro", "AMEX", "EC-Karte", "Debit", "MASTER CARD", "Contactless")
RATES = ("20%", "19%", "7%", "6%", "6%", "10%", "21%", "5%", "8.25%", "25%", "5.5%", "8%")


def called(key: str, rng: random.Random, split: str) -> str:
    """What this receipt calls a sum or a number; in the test mostly as no receipt of training does."""
    usual, held = (_TAXES if key == "tax" else _CALLED[key]).split(" ~ ")
    return rng.choice((held if split == "test" and rng.random() < 0.67 else usual).split("|"))


def shop(rng: random.Random, split: str) -> str:
    """A made-up shop."""
    test = split == "test"
    names, trades = (_TEST_NAMES, _TEST_TRADES) if test else (_NAMES, _TRADES)
    return f"{rng.choice(names)} {rng.choice(trades)}{rng.choice(_FORMS)}"


def place(rng: random.Random) -> list[str]:
    """The lines of an address."""
    street, city = values.address(rng), values.value_of("city", rng)
    code = values.value_of("postcode", rng)
    lot = rng.random()
    if lot < 0.4:
        return [street, f"{code} {city}"]
    if lot < 0.7:
        return [f"No. {street}", f"{rng.choice(('Taman', 'Unit 3,', 'Block B,', 'Level 1,'))} {city}", code]
    return [f"{street}, {city} {code}"]


@dataclass(frozen=True)
class Coin:
    """How one receipt writes money: `sign` with %s for the amount, the marks of thousands and decimals, places."""

    sign: str
    thousands: str
    point: str
    places: int = 2
    grow: float = 1.0

    def bare(self, amount: float) -> str:
        """The amount without a currency."""
        text = f"{abs(amount):,.{self.places}f}".replace(",", "\0").replace(".", self.point)
        return ("-" if amount < 0 else "") + text.replace("\0", self.thousands)

    def told(self, amount: float) -> str:
        """The amount with its currency."""
        return ("-" if amount < 0 else "") + self.sign.replace("%s", self.bare(abs(amount)))


COINS = (
    *[Coin("%s", ",", ".")] * 3, Coin("RM %s", ",", "."), Coin("RM%s", ",", "."), Coin("$%s", ",", "."),
    Coin("€%s", ",", "."), Coin("£%s", ",", "."), Coin("%s €", ".", ","), Coin("%s", ".", ","),
    Coin("EUR %s", ".", ","), Coin("%s EUR", ".", ","), Coin("Rp %s", ".", ",", 0, 9000),
    Coin("Rp. %s", ",", ".", 0, 9000), Coin("%s kr", " ", ",", 2, 9), Coin("CHF %s", "'", "."),
    Coin("S$%s", ",", "."), Coin("%s zł", " ", ",", 2, 4), Coin("¥%s", ",", ".", 0, 120),
    Coin("Rs. %s", ",", ".", 2, 30), Coin("%s", ",", ".", 0, 9000), Coin("$ %s", ",", "."),
)  # fmt: skip


def day(rng: random.Random) -> str:
    """A date as tills print it."""
    date, month, year = rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(2015, 2028)
    name = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()[month - 1]
    ways = (
        f"{date:02}/{month:02}/{year}", f"{date:02}-{month:02}-{year}", f"{date:02}.{month:02}.{year}",
        f"{date:02}/{month:02}/{year % 100:02}", f"{month:02}/{date:02}/{year}", f"{year}-{month:02}-{date:02}",
        f"{date:02} {name} {year}", f"{date:02}-{name.title()}-{year % 100:02}",
        f"{date:02}.{month:02}.{year % 100:02}", f"{date}/{month}/{year}", f"{year}/{month:02}/{date:02}",
    )  # fmt: skip
    return rng.choice(ways)


def clock(rng: random.Random) -> str:
    """A time as tills print it."""
    hour, minute, second = rng.randrange(6, 23), rng.randrange(60), rng.randrange(60)
    noon = "AM" if hour < 12 else "PM"
    twelve = hour % 12 or 12
    return rng.choice(
        (f"{hour:02}:{minute:02}", f"{hour:02}:{minute:02}:{second:02}", f"{twelve}:{minute:02} {noon}",
         f"{twelve:02}:{minute:02}:{second:02} {noon}", f"{hour:02}:{minute:02}")
    )  # fmt: skip


def number(rng: random.Random) -> str:
    """The number of a receipt."""
    return values.patterned(
        rng.choice(("######", "####", "00#####", "@@#######", "#####/###/@####", "##-#####", "@-######", "#########")),
        rng,
    )
