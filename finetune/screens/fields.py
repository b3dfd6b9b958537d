"""What screens call things: the labels of each field, those kept for the test, and which stand together."""

from __future__ import annotations

import random
from functools import cache

# key: labels of training ~ labels kept for the test (split with ";"; an indented line goes on)
_LABELS = """
order_number: Order number; Order no.; Order ID; Order; Your order; Order #; Bestellnummer ~ Order ref.; Purchase
  number
invoice_number: Invoice number; Invoice no.; Invoice ID; Invoice; Bill no.; Invoice # ~ Bill number; Inv. no.
tracking_number: Tracking number; Tracking no.; Tracking ID; Parcel number; Tracking code; Tracking # ~ Shipment
  number; Consignment no.
ticket_number: Ticket number; Ticket no.; Ticket ID; Ticket; Case number; Request # ~ Case ID; Support ticket
reference: Reference; Ref. no.; Reference number; Payment reference; Your reference; Reference code ~ Quote this
  reference; Ref.
transaction_id: Transaction ID; Transaction number; Transaction; Payment ID; Transaction no.; Trx ID ~ Transaction
  ref.; Txn number
customer_number: Customer number; Customer no.; Customer ID; Client number; Your customer number; Customer # ~
  Client ID; Cust. no.
account_number: Account number; Account no.; Account; Account ID; Acct. number; Konto ~ Account #; A/C no.
booking_reference: Booking reference; Booking number; Booking code; Reservation number; Booking ID; Booking no. ~
  Reservation code; PNR
customer_name: Customer; Customer name; Billed to; Client; Account holder; Full name; Kunde ~ Contact name; Account
  owner
username: Username; User name; User; Login; User ID; Login name ~ Signed in as; Account name
email: E-mail; Email; Email address; E-mail address; Contact e-mail; Your email ~ Mail; Primary e-mail
phone: Phone; Phone number; Telephone; Mobile; Mobile number; Tel.; Telefon ~ Contact number; Cell
address: Address; Street; Street address; Delivery address; Shipping address; Address line 1 ~ Ship to; Street and
  number
city: City; Town; Town/City; City / Town; Place; Ville ~ Locality; Municipality
postcode: Postcode; ZIP code; Postal code; ZIP; Post code; PLZ ~ Zip / Postal; P. code
country: Country; Country/Region; Country or region; Region; Land; Pays ~ Nation; Location country
total: Total; Order total; Grand total; Total price; Total amount; Sum total; Gesamt ~ Total incl. VAT; To pay
subtotal: Subtotal; Sub-total; Items; Goods total; Net total; Items total; Zwischensumme ~ Merchandise; Net amount
tax: VAT; Tax; Sales tax; VAT 20%; Taxes; MwSt. ~ Tax amount; incl. VAT
shipping: Shipping; Delivery; Shipping cost; Postage; Delivery fee; Shipping & handling; Versand ~ Carriage;
  Delivery cost
discount: Discount; Coupon discount; Voucher; Your discount; Rebate; Savings ~ Promotion; You save
amount_due: Amount due; Balance due; Due now; Open amount; Amount owed; Outstanding ~ Amount payable; Still to pay
refund_amount: Refund; Refund amount; Amount refunded; Refunded; Refund total; Your refund ~ Money back; Refund
  value
balance: Balance; Account balance; Current balance; Available balance; Credit balance; Solde ~ Funds available;
  Remaining credit
monthly_price: Monthly price; Price per month; Per month; Monthly fee; Monthly charge; Price/month ~ Monthly rate;
  Billed monthly
unit_price: Unit price; Price; Price each; Each; Item price; Price per unit ~ Per piece; Single price
quantity: Quantity; Qty; Qty.; Amount ordered; Count; Pieces; Menge ~ Units; No. of items
item: Item; Product; Article; Product name; Item name; Description; Artikel ~ Goods; What you bought
sku: SKU; Item no.; Article number; Product code; Item number; Part number ~ Art. no.; Stock code
store: Store; Shop; Branch; Sold by; Seller; Pickup store ~ Outlet; Store location
supplier: Supplier; Vendor; Manufacturer; Supplied by; Supplier name; Maker ~ Provider; Vendor name
company: Company; Company name; Organisation; Organization; Business; Firm ~ Business name; Employer
date: Date; Issued; Created; Created on; Date issued; Datum ~ Date created; On
order_date: Order date; Ordered on; Ordered; Placed on; Date of order; Order placed ~ Purchase date; Bought on
invoice_date: Invoice date; Billed on; Date of invoice; Issue date; Invoiced; Billing date ~ Bill date; Invoiced on
due_date: Due date; Payment due; Due; Pay by; Due by; Due on; Fällig am ~ Payable by; Deadline
delivery_date: Delivery date; Estimated delivery; Arrives; Expected delivery; Delivery by; Arriving; Livraison ~
  ETA; Expected on
ship_date: Shipped on; Ship date; Dispatched; Shipped; Sent on; Date shipped ~ Dispatch date; Left us on
renewal_date: Renews on; Renewal date; Next renewal; Next billing date; Renews; Next payment ~ Next charge;
  Auto-renews on
expiry_date: Expires; Expiry date; Valid until; Expires on; Expiration date; Valid through ~ Good until; Ends on
last_login: Last login; Last sign-in; Last seen; Last signed in; Last active; Last access ~ Latest login; Last visit
time: Time; At; Time slot; Start time; Starts at; Uhrzeit ~ Time of day; Slot
duration: Duration; Length; Runtime; Takes; Estimated time; Time needed ~ Elapsed; Time taken
carrier: Carrier; Shipped with; Delivery service; Shipping company; Courier; Shipped via ~ Parcel service; Delivered
  by
status: Status; Order status; State; Current status; Progress; Statut ~ Stage; Where it stands
payment_method: Payment method; Paid with; Payment; Method; Payment type; Pay with ~ Means of payment; Charged to
card_last4: Card ending in; Card; Card number; Last 4 digits; Card no.; Credit card ~ Card used; Card on file
iban: IBAN; Bank account; IBAN no.; Account (IBAN); Bank details; Your IBAN ~ IBAN number; Debit account
coupon: Coupon code; Promo code; Voucher code; Coupon; Discount code; Gift code ~ Offer code; Code applied
plan: Plan; Current plan; Subscription; Your plan; Package; Tariff; Tarif ~ Tier; Membership
seats: Seats; Users; Licences; Seats used; User seats; Team members ~ Licensed users; Member seats
storage_used: Storage used; Used storage; Used; Space used; Disk usage; Storage ~ Used space; Occupied
storage_total: Total storage; Storage limit; Capacity; Total space; Disk size; Storage quota ~ Max. storage; Quota
version: Version; App version; Software version; Current version; Installed version; Firmware; Firmware version ~
  Release; Running version
new_version: New version; Available version; Latest version; Update to; Newest version; Available update ~ Upgrade
  to; Next version
build: Build; Build number; Build no.; Build ID; Revision; OS build ~ Build rev.; Build code
language: Language; App language; Display language; Interface language; Sprache; Langue ~ Menu language; UI language
serial_number: Serial number; Serial no.; S/N; Serial; Device serial; Seriennummer ~ SN; Ser. no.
model: Model; Model number; Model name; Product model; Model no.; Modell ~ Type; Model code
device_name: Device name; Device; Name; Hostname; Computer name; Nickname ~ Host; Display name
ip_address: IP address; IPv4 address; IP; IPv4; Local IP; Address (IPv4) ~ IP addr.; LAN IP
mac_address: MAC address; MAC; Hardware address; Physical address; Wi-Fi MAC; Ethernet MAC ~ HW address; MAC ID
gateway: Gateway; Default gateway; Router; Router address; Router IP; Standard gateway ~ Gateway IP; Route via
dns: DNS; DNS server; Primary DNS; Name server; DNS 1; Preferred DNS ~ Resolver; DNS address
ssid: Network name; SSID; Wi-Fi network; Wi-Fi name; Network; WLAN; Connected to ~ Wireless name; Wi-Fi SSID
signal: Signal; Signal strength; Wi-Fi signal; Reception; Signal level; RSSI ~ Link quality; Strength
speed: Speed; Link speed; Download; Connection speed; Download speed; Data rate ~ Throughput; Bandwidth
uptime: Uptime; Up since; Running for; System uptime; On for; Time online ~ Online for; Up time
battery: Battery; Battery level; Charge; Battery charge; Akku; Power ~ Charge level; Batt.
temperature: Temperature; Temp.; Room temperature; Current temperature; Inside; Temp ~ Measured; Degrees
humidity: Humidity; Relative humidity; Air humidity; Room humidity; Hum.; Moisture ~ RH; Air moisture
error_code: Error code; Code; Error; Error no.; Fault code; Fehlercode ~ Err. code; Code shown
request_id: Request ID; Trace ID; Correlation ID; Incident ID; Ray ID; Activity ID ~ Event ID; Log ID
file_name: File name; File; Filename; Name of file; Document; Source file ~ Attached file; File title
file_size: File size; Size; Size on disk; Download size; Data size; Größe ~ Length of file; Bytes
path: Path; Folder; Location; Directory; Saved in; Save to ~ Destination folder; Target path
server: Server; Server name; Host name; Server address; Data source; SQL server ~ Instance; Endpoint
port: Port; Port number; TCP port; Server port; Listening port; Port no. ~ Service port; Conn. port
database: Database; Database name; DB; Catalog; Initial catalog; Schema ~ DB name; Data store
table: Table; Table name; Source table; Query; Target table; Entity ~ Tbl; Object name
column: Column; Column name; Field name; Key column; Sort by; Group by ~ Col. name; Attribute
room: Room; Meeting room; Room no.; Raum; Room name; Zone ~ Hall; Chamber
department: Department; Team; Dept.; Section; Unit; Abteilung ~ Division; Group
agent: Agent; Assigned to; Assignee; Handled by; Your advisor; Support agent ~ Case owner; Consultant
recipient: Recipient; Deliver to; Delivered to; Addressee; Sent to; Receiver ~ Consignee; For
subject: Subject; Topic; Concerning; Betreff; Title; About ~ Re; Matter
priority: Priority; Urgency; Severity; Prio; Priority level; Importance ~ Rank; How urgent
weight: Weight; Parcel weight; Gross weight; Weight (kg); Total weight; Gewicht ~ Mass; Wt.
guests: Guests; Number of guests; Party size; Travellers; Persons; Passengers ~ Pax; People
flight: Flight; Flight number; Flight no.; Flight code; Your flight; Flug ~ Flt. no.; Service
gate: Gate; Boarding gate; Departure gate; Gate no.; Gate number; Your gate ~ Boarding at; Exit gate
seat: Seat; Seat number; Seat no.; Your seat; Assigned seat; Sitzplatz ~ Place no.; Sits in
license_key: Licence key; License key; Product key; Activation key; Activation code; Serial key ~ Unlock code;
  Registration key
cash: Cash given; Cash tendered; Amount tendered; Cash paid; Tendered; Cash received ~ Cash rec'd; Cash in
change: Change due; Change given; Your change; Change returned; Rückgeld; Cambio ~ Money returned; Change money
cashier: Cashier; Served by; Operator; Clerk; Till operator; Kassierer ~ You were served by; Salesperson
receipt_number: Receipt number; Receipt no.; Receipt ID; Receipt #; Slip number; Bon-Nr. ~ Slip no.; Sale number
points: Points; Bonus points; Reward points; Loyalty points; Your points; Points balance ~ Points earned; Stars
  collected
"""


@cache
def _table() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    found = {}
    for row in _LABELS.replace("\n  ", " ").strip().splitlines():
        key, rest = row.split(": ", 1)
        usual, held = rest.split("~")
        found[key] = (
            tuple(part.strip() for part in usual.split(";")),
            tuple(part.strip() for part in held.split(";")),
        )
    return found


def every() -> tuple[str, ...]:
    """Every kind of fact a screen may show."""
    return tuple(_table())


def labels(key: str, *, held: bool) -> tuple[str, ...]:
    """The words a field may be labelled with: those of training, or those kept for the test; none of what stands on
    screens without a label."""
    return _table()[key][1 if held else 0] if key in _table() else ()


def label_of(key: str, rng: random.Random, split: str) -> str:
    """A label by lot; in the test two thirds are labels that training never saw."""
    return rng.choice(labels(key, held=split == "test" and rng.random() < 0.67))


# What stands together on one page.
_THEMES = """
order: order_number order_date status customer_name email payment_method card_last4 delivery_date total coupon
  points agent
parcel: tracking_number carrier recipient delivery_date ship_date weight status address city postcode country
  order_number
invoice: invoice_number invoice_date due_date customer_name company address city postcode country customer_number
  payment_method iban reference supplier
money: account_number balance transaction_id reference iban payment_method card_last4 refund_amount amount_due date
  time customer_name
account: customer_name username email phone customer_number plan renewal_date monthly_price seats storage_used
  storage_total last_login language address city postcode country points company
device: device_name model serial_number version build ip_address mac_address ssid signal battery temperature
  humidity uptime speed gateway dns room
software: version new_version build license_key expiry_date file_size path language seats last_login storage_used
  duration
data: server port database table column username file_name file_size path duration last_login version
ticket: ticket_number subject priority agent department customer_name email date time status phone order_number
travel: booking_reference flight gate seat guests date time duration customer_name total payment_method room city
shop: item sku quantity unit_price store supplier discount shipping subtotal tax total
file: file_name file_size path date time duration customer_name version
"""
THEMES: dict[str, tuple[str, ...]] = {
    row.split(": ")[0]: tuple(row.split(": ")[1].split()) for row in _THEMES.replace("\n  ", " ").strip().splitlines()
}
