"""Sentences and words that messages with marked spans are made of (pure); learning and testing share none of them."""

from __future__ import annotations

# {ORDER} {PRODUCT} {NAME} {DATE} {AMOUNT} {EMAIL} {PHONE} {CODE} are marked spans; {count} {time} {version} are not.
LEARN = """
my order {ORDER} has not arrived yet
where is {ORDER}?
I placed order {ORDER} on {DATE} and heard nothing since
order number {ORDER}
Order no. {ORDER}, paid {AMOUNT}
it's about {ORDER} from {DATE}
the number is {ORDER}
you charged me {AMOUNT} twice for {ORDER}
I was billed {AMOUNT} on {DATE}
{AMOUNT} left my account {DATE}
why is it {AMOUNT} and not {AMOUNT}?
please refund the {AMOUNT}
the refund of {AMOUNT} for {ORDER} is missing since {DATE}
I returned it {DATE}, return {ORDER}
tracking {ORDER} shows nothing since {DATE}
my {PRODUCT} shows {CODE}
the {PRODUCT} stopped working {DATE}
I bought a {PRODUCT} {DATE} for {AMOUNT}
error {CODE} on the {PRODUCT}
it says {CODE} every time
app keeps telling me {CODE}, restarted {count} times
{CODE} again
what does {CODE} mean?
code {CODE} after the update to {version}
the screen of my {PRODUCT} is black, it is {count} months old
does the {PRODUCT} work with the {PRODUCT}?
{count} of the {PRODUCT} please
the {PRODUCT} and the {PRODUCT} don't talk to each other
I want to swap the {PRODUCT} for a {PRODUCT}
your {PRODUCT} is rubbish
is the {PRODUCT} in stock again on {DATE}?
My name is {NAME}
{NAME} here
this is {NAME}, order {ORDER}
Regards, {NAME}
Thanks! {NAME}
I spoke with {NAME} {DATE}
your colleague {NAME} promised me {AMOUNT} back
the account belongs to {NAME}
it was ordered by my wife {NAME}
please put the invoice on {NAME}
{NAME} signed for the parcel but nobody here is called that
hi {NAME}, thanks for the quick answer
reach me at {EMAIL}
my e-mail is {EMAIL}
I sign in with {EMAIL}
please change the address from {EMAIL} to {EMAIL}
send the invoice for {ORDER} to {EMAIL}
the mail to {EMAIL} bounced
call me on {PHONE}
my number is {PHONE}, after {time} please
phone {PHONE} or mail {EMAIL}
{NAME}, {PHONE}
you can reach {NAME} under {PHONE}
delivery was planned for {DATE}
they said {DATE}, then {DATE}
can you send it before {DATE}?
I am away until {DATE}
since {DATE} nothing works
{DATE} at {time} it was fine
the subscription renewed {DATE} for {AMOUNT}
I cancelled {DATE} but you took {AMOUNT}
the voucher of {AMOUNT} is not accepted
{AMOUNT} shipping for a {PRODUCT} is a lot
serial number {CODE}
the label on the back says {CODE}
log shows {CODE} and then {CODE}
booking {ORDER} for {NAME}, {DATE}
claim {ORDER} was filed {DATE}
contract {ORDER}, {NAME}
invoice {ORDER} says {AMOUNT} instead of {AMOUNT}
{ORDER} {NAME} {EMAIL}
ticket {ORDER} is still open
I have {count} lamps and {count} of them blink
I waited {count} days
it worked for {count} weeks
it is {time} and I am still on hold
version {version} did not help
battery at {count} %, it was full in the morning
it needs {count} restarts a day
{count} people use it at home
thank you, that helped
can somebody help me please
it blinks red and white
I tried everything on your site
no, that is not it
yes it does
the app says connected but nothing happens
where do I find the button?
my dog ate the manual
how long does it take?
I want to speak to a person
that is not acceptable
the green light is on, the white one is off
""".strip().splitlines()

TEST = """
still no sign of {ORDER}, it was promised for {DATE}
could you check {ORDER} for me
ref {ORDER}
I have two purchases, {ORDER} and {ORDER}
took {AMOUNT} from my card instead of {AMOUNT} ({DATE})
statement lists {AMOUNT} dated {DATE}
I owe you {AMOUNT}? Since when?
there is a fault {CODE} when the {PRODUCT} starts
{PRODUCT}: {CODE}, help
after {CODE} it reboots
got my {PRODUCT} {DATE}, already broken
looking for a case that fits the {PRODUCT}
would you take back a {PRODUCT} bought for {AMOUNT}?
good evening, {NAME} speaking
kind regards {NAME}
a certain {NAME} answered me {DATE}
purchased under the name {NAME}
confirmation never came to {EMAIL}
write to {EMAIL} or ring {PHONE}
our landline is {PHONE}
pick-up was moved from {DATE} to {DATE}
expires {DATE}, costs {AMOUNT} a year
I'll be back {DATE}
{NAME} / {ORDER} / {AMOUNT}
the sticker reads {CODE}
{count} bulbs are dark and {count} flicker
happens around {time} most nights
firmware {version} is on it
down to {count} percent within {count} hours
great, solved
nothing of the above works for me
who can look into this?
""".strip().splitlines()

OPENINGS = ("hi", "hello", "Hi there", "Good morning", "hey", "Dear team", "Hello again", "")
ENDINGS = ("thanks", "Thank you", "please hurry", "cheers", "??", "!!", ":(", "asap", "")

# two pools each: (learning, testing)
GIVEN = (
    "Anna Ben Clara David Emma Felix Grace Henry Ingrid Jonas Karin Lukas Maria Nina Oliver Paula Quentin Rosa Samuel "
    "Tina Ursula Victor Wendy Xavier Yvonne Zoe Ahmed Aisha Amir Bilal Carlos Chen Dmitri Elena Fatima Giulia Hassan "
    "Ivan Jamal Keiko Leila Marco Miguel Mohammed Nadia Olga Pedro Priya Raj Sanjay Sofia Tariq Ulrich Vikram Wei "
    "Yuki Zara James John Robert Michael William Linda Susan Karen Nancy Lisa Betty Sandra Ashley Kevin Brian George "
    "Edward Ronald Steven Paul Andrew Joshua Kenneth Laura Sarah Jessica Thomas Charles Daniel Matthew Anthony Donna "
    "Carol Ruth Sharon Michelle Kimberly Amy Deborah Helen Diana Julia Alice Eva Ivy Will Mark Joy Ravi Kavya Arjun "
    "Deepak Lakshmi Vijay Nikhil Meera Chloe Camille Pierre Jean Luc Hans Jürgen Günther Sabine Heike Björn Lars Sven "
    "Astrid Mikko Aino Zofia Piotr Agnieszka Ferenc Katalin Ion Mihai",
    "Adam Bianca Cedric Dora Erik Freya Gustav Hannah Iris Jakub Kenji Lorenzo Mila Noah Omar Petra Rachel Stefan "
    "Tomas Valentina Willem Yasmin Zeynep Kofi Amara Ngozi Thabo Rahul Ananya Kiran Suresh Emily Jack Lily Harry Peter "
    "Monica Patricia Jennifer Barbara Gary Walter Arthur Albert Louise Martha Theresa",
)
SURNAMES = (
    "Smith Jones Taylor Brown Wilson Evans Novak Kowalski Nowak Müller Schmidt Weber Fischer Wagner Becker Hoffmann "
    "Rossi Russo Ferrari Bianchi Garcia Lopez Martinez Perez Sanchez Silva Santos Oliveira Pereira Dubois Martin "
    "Durand Moreau Laurent Jansen Visser Bakker Hansen Johansson Andersson Nilsson Virtanen Korhonen Popescu Ionescu "
    "Horvath Nagy Toth Ivanov Petrov Kim Park Lee Nguyen Tran Chen Wang Li Zhang Singh Kumar Patel Sharma Khan "
    "Ali Haddad Yilmaz Kaya Demir Cohen Levi Okafor Mensah Mwangi O'Brien Murphy Kelly Walsh McDonald Campbell",
    "Solberg Whitfield Castellano Brandt Lindqvist Marchetti Vasquez Delacroix Okoye Tanaka Suzuki Fernandes Keller "
    "Zimmermann Papadopoulos Byrne Novotny Szabo Eriksen Aydin Rahman Iyer Reddy Choi Huang Baker Foster Almeida",
)
THINGS = (
    "Hub|Cam|Camera|Lock|Speaker|Soundbar|Router|Repeater|Kettle|Toaster|Blender|Vacuum|Drill|Sander|Mixer|Printer|"
    "Scanner|Monitor|Keyboard|Headset|Earbuds|Watch|Band|Scale|Tablet|Phone|Laptop|Dock|Charger|Powerbank|Bulb|Lamp|"
    "Strip|Plug|Sensor|Valve|Fan|Heater|Fridge|Oven|Washer|Dryer|Bike|Scooter|Helmet|Backpack|Jacket|Boots|Tent|"
    "Sofa|Desk|Chair|Mattress|Pillow|Pan|Knife Set|Coffee Maker|Air Purifier|Robot Mower|Games Console",
    "Thermostat|Doorbell|Projector|Microphone|Webcam|Dehumidifier|Grill|Espresso Machine|Hair Dryer|Shaver|"
    "Car Seat|Stroller|Sunglasses|Rucksack|Bookshelf|E-Reader|Turntable|Amplifier|Floodlight|Smoke Alarm",
)
BRANDS = (
    "Kestrel|Nordvik|Aquila|Lumen|Tessera|Brightly|Orbit|Pinewood|Castor|Halden|Fjord|Zephyr|Mira|Quill|Ember|Solace|"
    "Vector|Harbor|Cobalt|Juniper|Maple|Otter|Rook|Sable|Tundra|Umbra|Vesta|Willow|Yonder|Zenith|HomeLine|EasyFit",
    "Wren|Larkspur|Basalt|Meridian|Saffron|Tamarin|Odeon|Pallas|Granite|Corvid|Aster|Plume",
)
VARIANTS = (
    "Mini|Pro|Max|Plus|2|3|S|X|XL|Air|Lite|One|X200|M5|T-1000|Indoor|Outdoor|E27|Gen 2|II|500|V8|",
    "Go|Ultra|4|Z|Duo|GU10|R30|Compact|III|840|",
)
SYLLABLES = "bel cor dan el fa gri hal in jo kel lum mor nex or pa qui ro sil tan ul ver win xen yar zo".split()
HOSTS = (
    "gmail.com|outlook.com|web.example|mail.example|yahoo.com|icloud.com|post.example|firm.example",
    "gmx.net|proton.me|home.example|uni.example",
)
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
RELATIVE = (
    "yesterday|today|tomorrow|last week|last month|this morning|two days ago|3 weeks ago|last Tuesday|next Monday|"
    "last Friday|a week ago|this Saturday|the day before yesterday|end of May|last night|next week",
    "last Wednesday|in two weeks|four days ago|next Thursday|a month ago|this Sunday|early July|5 days ago|yesterday",
)
