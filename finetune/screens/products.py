"""Made-up companies and the things they sell: brands of training and test are apart, products are built of parts."""

from __future__ import annotations

import random

BRANDS = (
    "Alderway Brightcart Dunmore Elmstead Fernhill Glintware Harrowby Inkwell Junipero Kestrelo Lumenly Marlow "
    "Northpier Oakline Pebblo Quillon Ravenport Solvanta Tidewell Umbrio Vantor Willowmere Xandria Yellowtail Zephyra "
    "Arbordesk Bluehaven Cartwheel Emberlin Foxglove Greyfield Hollowell Ironbay Jasperline Kitefield Larkspur "
    "Cobaltia Dovecote Moorgate Nimbusly Orchardo Palisado Quartzly Rivermint "
    "Saltmarsh Thistle&Co Upland Verdanta Wrenfield Yarrow "
    "Ashgrove Beaconry Clovermark Dellwood Evergate Fairmere Gableton Heathrowe Ivoryline Jollypost Kernelly Lindenau"
).split()
TEST_BRANDS = (
    "Zinnia Bramblewick Corvido Driftwell Eastmarch Falconet Gorseland Hexagonia Islemere Jadewood Kilnhouse "
    "Lanternly Mistralo Novabrook Osprey&Sons Primrosa Quaystone Rookery"
).split()

_PARTS = (
    (
        "Wireless Compact Smart Noise-cancelling Portable Foldable Rechargeable Waterproof",
        "headphones|keyboard|mouse|speaker|charger|webcam|router|camera|hub|doorbell|power bank|monitor|earbuds|tablet",
    ),
    (
        "Organic Fresh Roasted Whole Dried Frozen",
        "coffee beans 1 kg|oat milk 6x1 l|almonds 500 g|olive oil|spinach|tomatoes|honey 250 g|berries|lentils",
    ),
    ("Cordless Heavy-duty 18V Steel", "drill|screwdriver set|saw|hammer|spirit level|ladder|toolbox|sander"),
    ("Cotton Linen Slim-fit Merino", "T-shirt|jeans|jacket|dress|scarf|socks 3-pack|trousers|pullover"),
    ("Vitamin Daily Gentle Sensitive", "C tablets|face cream|shampoo|toothpaste|hand soap|sun milk"),
    ("Oak Grey Adjustable Modular", "desk|office chair|bookshelf|floor lamp|sofa|bed frame|side table"),
    (
        "Data Report Cloud Mail Photo Team",
        "Connector|Designer Pro|Backup 12 months|Studio licence|Gateway|Archive|Workspace",
    ),
    ("Return Day Weekend Night", "ticket Berlin-Prague|pass zone AB|train ticket|bus fare|ferry crossing"),
    ("Travel Home Gadget Bicycle", "insurance|protection plan|cover 24 months|warranty"),
    ("Garden Camping Trail Yoga", "hose 20 m|tent 2P|stove|mat|shoes|backpack 30 l|bottle"),
    ("A4 Recycled Ink Label", "paper 500 sheets|cartridge XL|printer roll|folders 10x|envelopes C5"),
)
PRODUCTS = tuple(f"{first} {last}" for heads, tails in _PARTS for first in heads.split() for last in tails.split("|"))


def brand(rng: random.Random, split: str) -> str:
    """A made-up company; training and test have none in common."""
    return rng.choice(TEST_BRANDS if split == "test" else BRANDS)


def product(rng: random.Random) -> str:
    """A made-up thing to buy."""
    return rng.choice(PRODUCTS)
