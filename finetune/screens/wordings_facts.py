"""How customers and agents ask for what stands on a screen: the names of each fact, and ways of asking for it.

One entry a fact: `key domain [my]`, then `n:` its names and `q:` whole questions. `;` parts entries, `~` starts
those kept for the test split, `(a|b|)` are alternatives. `my` marks facts a customer calls their own.
"""

FACTS = """
order_number shop my
n: order (number|no|id|reference|ref|code); number of (the|this) order ~ order identifier; purchase number
q: Which order is this?; What order am I looking at?; which order does this page belong to ~
   Under what number was this ordered?; Which number did my order get?
invoice_number pay
n: invoice (number|no|id|reference); bill number; number of (the|this) invoice ~ invoice identifier; document number
q: Which invoice is this?; What invoice am I looking at?; what number is on the bill ~
   Under which number was this billed?; What's this invoice filed under?
tracking_number parcel my
n: tracking (number|no|id|code); parcel number; shipment number ~ tracking reference; consignment number
q: What number do I use to track it?; which code do I track the parcel with; How can I track this, what's the code? ~
   What do I type in to follow the parcel?; Which number follows the shipment?
ticket_number support my
n: ticket (number|no|id|reference); case number; support ticket number ~ case reference; request number
q: Which ticket is this?; What case is this about?; under which ticket do you have me ~
   What number did support give this?; Which case am I filed under?
reference pay my
n: reference (number|code|no|); ref number; payment reference ~ reference to quote; transaction reference
q: What reference do I quote?; which reference is on it ~ What should I quote as reference?; Which ref did they give?
transaction_id pay
n: transaction (id|number|code|no); payment id ~ transaction reference; transaction identifier
q: Which transaction is this?; what's the id of this payment ~ Under what id did the payment go through?
customer_number account my
n: customer (number|id|no); client number ~ customer reference; number of the customer
q: Which customer number do I have?; what number am I under ~ Under which number am I known as a customer?
account_number account my
n: account (number|no|id) ~ number of the account; account identifier
q: Which account is this?; what account number is it ~ Which number does the account have?
booking_reference travel my
n: booking (reference|number|code|id); reservation number; confirmation code ~ reservation reference; record locator
q: Which booking is this?; what code do I check in with ~ What do I show for the reservation?; What's the booked code?
customer_name account
n: (customer|customer's|client) name; name (of the customer|on the order|on the account); customer ~ name on the page;
   buyer's name
q: Who is the customer?; What name is it under?; whose order is this; Who placed this?; Who is it addressed to?;
   Which name is on (the page|it)? ~ Who bought this?; In whose name is it?; Who does this belong to?
name account my
n: name; full name; name shown; person's name ~ name given; name on there
q: Who is this?; Whose name is on it?; what name is on there ~ Who is named here?; Which person is shown?
username account my
n: (user name|username|user|login name|login) ~ user id; sign-in name
q: Who is signed in?; Which user is this?; who am i logged in as; Under which user am I in? ~
   Which user has signed in?; As whom is it logged in?
email account my
n: (email|e-mail|mail) address; email; mail ~ email on file; contact email
q: Which email is on it?; Where did the mail go to?; what mail address is used; To which address was it mailed? ~
   Which inbox is it tied to?; What email is the account under?
phone account my
n: (phone|telephone|contact|mobile) number; phone no; phone ~ number to call; tel number
q: Which number do I call?; what number can they reach me on; On what number are they reached? ~
   Which number would I dial?; What phone is on file?
address account my
n: address; (delivery|shipping|street|postal) address ~ street and number; place it goes to
q: Where is it going?; Where does it get delivered to?; which address is it sent to; To which address does it go? ~
   Where will it be dropped off?; What place was it sent to?
city account
n: city; town; name of the city ~ town name; city shown
q: Which (city|town) is it?; in what city is that; What place is it in? ~ Which town is given?;
   What city does it name?
postcode account
n: (post code|postcode|postal code|zip code|zip) ~ zip or postcode; area code of the address
q: Which zip is it?; what's the zip there ~ What postcode did they put?; Which postal code goes with it?
country account
n: country; name of the country; country or region ~ nation; country shown
q: Which country is it?; what country is that in; To which country does it go? ~ In which country?;
   What land is named?
total pay
n: total; (order|grand|overall) total; total (amount|price|cost|sum); amount in total; full amount ~
   amount due in all; sum total; final amount
q: How much did they charge me in total?; How much is it (in total|altogether|all in all)?; what do i pay in total;
   How much do I have to pay (in the end|altogether)?; What did the whole order cost?; How much was charged in all? ~
   What does everything come to?; How much does it all add up to?; What do I owe altogether?
subtotal pay
n: (subtotal|sub-total|sub total); subtotal before shipping; price before extras ~ interim sum; goods subtotal
q: How much is it before shipping?; what does it come to before tax and shipping; How much are just the goods? ~
   How much without the extras?; What do the goods come to alone?
tax pay
n: tax; (VAT|vat amount|sales tax|tax amount); amount of tax ~ tax charged; GST or VAT
q: How much (tax|VAT) is (it|there|in it)?; how much tax did i pay; What part is tax? ~ How much goes to tax?;
   What did they add for VAT?
shipping pay
n: (shipping|delivery|postage) (cost|fee|charge|costs); shipping; postage ~ delivery price; cost of sending it
q: How much is (shipping|delivery|postage)?; what did they charge for shipping; What does sending it cost? ~
   What did delivery set me back?; How much for the postage part?
discount pay my
n: discount; (discount|rebate) amount; price reduction ~ money off; amount taken off
q: How much did I save?; how much was taken off; What do I get off the price? ~ How much cheaper did it get?;
   What's off?
amount_due pay
n: (amount|balance|sum) due; open amount; amount to pay; outstanding amount ~ sum owed; balance outstanding
q: How much is (still open|due|owed)?; what do i still owe; How much do I have to pay? ~ What remains to be paid?;
   How much is left to settle?
amount pay
n: amount; sum; payment amount; amount shown ~ sum of money; figure shown
q: How much is it?; how much was it; What amount is it about? ~ How much money is it?; What sum does it name?
refund_amount pay my
n: refund; refund amount; amount (refunded|of the refund) ~ sum refunded; money back
q: How much do I get back?; how much was refunded; How much came back? ~ What am I getting back?;
   What did they return?
balance account my
n: balance; (account|current|remaining) balance ~ money left; credit left
q: How much is left on the account?; how much do i have left; What's still on there? ~ How much credit remains?
price pay
n: price; (price|cost) of it; cost; list price ~ asking price; price tag
q: How much does it cost?; how much is it; What does it cost? ~ What are they asking for it?; How much would it be?
monthly_price pay
n: monthly (price|cost|fee|charge); price per month ~ cost each month; monthly rate
q: How much is it (a|per) month?; what do i pay monthly; What does it cost every month? ~
   How much goes off each month?
unit_price pay
n: (unit price|price each|price per (piece|unit|item)|single price) ~ cost of one; item price each
q: How much is one (of them|)?; what does a single one cost; How much is it each? ~ What's the price for just one?
quantity shop
n: (quantity|qty|number of units|number of pieces); amount ordered; order quantity ~ unit count; pieces ordered
q: How many (pieces|units|of them) (were ordered|are there)?; how many did i order; How many did they buy? ~
   How many are in the order?; What count was ordered?
item shop
n: (item|product|article|thing ordered|product name); name of the (product|item|article) ~ goods ordered; item name
q: What did I (order|buy)?; Which product is (it|this)?; what was bought; What is being sold here?;
   What was ordered? ~ What is the order for?; Which article is it about?; What have they purchased?
sku shop
n: (SKU|item number|article number|product code|item code|stock number) ~ article code; product number
q: Which article number does it have?; what's the sku of it ~ Under which code is the product listed?;
   Which SKU is it?
store shop
n: (store|shop|seller|merchant|name of the shop|store name) ~ vendor; retailer
q: Who sold it?; Which (store|shop) is (this|it)?; where did i buy this; Who is the seller? ~
   From whom was it bought?; Which merchant is it?
supplier shop
n: supplier; vendor; name of the supplier ~ supplying company; provider
q: Who supplied it?; which supplier is it ~ Which firm supplies it?; Who provides it?
company account
n: company; company name; name of the company; firm ~ business name; organisation
q: Which company is (it|this)?; what firm is that ~ What business is it?; Which organisation is named?
date time
n: date; date shown; date on (it|there|the page); day ~ calendar date; date given
q: When was (this|it)?; Which day was it?; what date is on it; From when is it?; What's it dated? ~
   On what day was that?; When is this from?
order_date shop
n: (order date|date of (the|this) order|day of the order); date it was ordered ~ purchase date; day of purchase
q: When (was it|did I) (order it|ordered)?; when did i order this; What day was the order placed? ~
   When was the purchase made?; Since when is it on order?
invoice_date pay
n: (invoice date|date of (the|this) invoice|billing date) ~ date of issue; issued date
q: When was (it|this) (invoiced|billed)?; what date is on the invoice ~ When was the bill written?;
   When was it issued?
due_date pay
n: (due date|payment deadline|date due|payment date); last day to pay ~ pay-by date; deadline
q: When is it due?; By when do I have to pay?; until when can i pay; When must it be paid? ~
   What's the latest day to pay?; How long do I have to pay, until when?
delivery_date parcel
n: (delivery date|delivery day|arrival date|expected delivery|estimated delivery) ~ day of arrival; delivery estimate
q: When (will it|does it|is it going to) arrive?; when does my parcel come; When is it delivered?;
   What day does it get here?; By when should it be here? ~ When can I expect it?;
   On which day will the parcel be there?
ship_date parcel
n: (ship date|shipping date|dispatch date|date of dispatch|date shipped) ~ day it was sent; send-off date
q: When (was it|did it get) (sent|shipped|dispatched)?; when did it go out ~ When did it leave?;
   Which day was it posted?
renewal_date account
n: (renewal date|next renewal|renewal day|date of renewal) ~ next billing date; day it renews
q: When does it renew?; When is the (plan|subscription) renewed?; when will i be charged again ~
   When does the next period begin?; On what day does it roll over?
expiry_date account
n: (expiry date|expiration date|end date|expiry) ~ last valid day; date it runs out
q: When does it (expire|run out|end)?; until when is it valid; How long is it valid? ~ When is it over?;
   When does it lapse?
start_date account
n: (start date|first day|beginning) ~ day it starts; starting date
q: When (does|did) it (start|begin)?; since when does it run ~ From which day does it run?
time time
n: time; (time shown|time of day|hour); time on (it|there|the screen) ~ clock time; time stamp
q: At what time (was it|did it happen)?; What time is it (there|on the screen)?; when was that, what time ~
   What does the clock say?; At what hour was that?
duration time
n: (duration|length|time it took|time needed) ~ run time; total time
q: How long (did|does) it take?; how long was it ~ How much time did it take?; For how long?
last_login account my
n: (last login|last sign-in|last time signed in) ~ latest login; most recent sign-in
q: When was the last login?; when did i last sign in ~ When did someone last log in?
carrier parcel
n: (carrier|courier|delivery company|shipping company|parcel service); name of the carrier ~ delivery service; shipper
q: Which carrier has it?; Who (delivers|ships|brings|carries) it?; who has my parcel; Which company is delivering?;
   With whom was it sent? ~ Who's bringing the parcel?; Which courier took it?; Who was it shipped with?
status shop
n: status; (order|current|present) status; status shown; state of it ~ current state; stage it is at
q: What's the status (now|of this|)?; Where does it stand?; how far is it; What state is it in?; Is there a status? ~
   At which stage is it?; What does it say about its state?
location place
n: location; (current location|place|last location) ~ whereabouts; spot shown
q: Where is it (now|)?; where was it last seen; In which place is it? ~ Where has it got to?; Which place is shown?
payment_method pay my
n: (payment method|method of payment|payment type|way of paying|means of payment) ~ form of payment; paid with
q: How (was it|did I) (pay|paid)?; What did I pay with?; how was this paid; Which card or service was used to pay? ~
   By what means was it paid?; What was used for payment?
card_last4 pay
n: last (four|4) (digits|numbers) of (the|my) card; card ending; last four digits ~ final digits of the card;
   card's end
q: Which card was (charged|used)?; what does my card end in; What are the last four digits? ~
   In which digits does the card end?; Which card ending is on file?
iban pay
n: (IBAN|bank account|account IBAN) ~ bank account number; IBAN given
q: Which IBAN is (it|shown)?; to which account do i pay ~ Which bank account is used?
coupon pay
n: (coupon|coupon code|voucher code|promo code|discount code) ~ promotional code; voucher
q: Which (code|coupon) (was used|did I use)?; what code did i put in ~ Which voucher was applied?
plan account my
n: (plan|subscription|package|plan name|tier|current plan|subscription plan) ~ membership level; tariff; pricing tier
q: Which (plan|tier|package) (is this|am I on|is the account on)?; what plan do i have; What tier is this account?;
   Which subscription is it?; What am I subscribed to? ~ Which level of service is it?; What have I signed up for?
seats account
n: (number of seats|seat count|number of users|number of licences|seats) ~ licence count; user seats
q: How many seats (do we have|are there|are in it)?; how many users are included; How many licences is that? ~
   How many people can use it?; For how many users is it?
storage_used account
n: (storage used|used storage|used space|space used|storage) ~ space taken; occupied storage
q: How much (storage|space) (is used|have I used)?; how full is it; How much space is taken? ~
   How much of the storage is gone?; What does the storage stand at?
storage_total account
n: (total storage|storage size|storage limit|capacity) ~ full capacity; storage allowance
q: How much storage is there in all?; how big is the storage ~ How much space comes with it?
version app
n: (version|version number|app version|software version|release|firmware version|current version) ~ release number;
   software release
q: Which version (is it|is this|do I have|is installed|am I on)?; what version is running; What release is this? ~
   How new is the software, which version?; Which release is on it?
new_version app
n: (new version|latest version|available version|version available) ~ newest release; version offered
q: Which version can I update to?; what does it update to ~ Which release is on offer?
build app
n: (build|build number|build no|build id) ~ number of the build; build version
q: Which build is (this|it|installed)?; what build am i on ~ What build is running?; Which build do they have?
language app
n: (language|display language|language setting) ~ interface language; tongue
q: Which language is it set to?; what language is it in ~ In what language is it set?
serial_number device
n: (serial number|serial no|serial|S/N|device serial) ~ serial code; number of the unit
q: Which serial does it have?; what's the s/n of it; What serial is on the device? ~
   Under which serial is it registered?
model device
n: (model|device model|model number|model name|type of device) ~ product model; device type
q: Which model is (it|this)?; what device is this; What kind of device do I have? ~ What model have they got?;
   Which device type is it?
device device
n: (device|device name|name of the device|machine) ~ hardware; unit name
q: Which device is (it|this)?; what's the device called ~ What is the machine called?; Which unit is it?
device_name device
n: (device name|name of the device|computer name) ~ device's name; host name
q: What is the device called?; how is it called ~ Under which name does it show up?
ip_address device
n: (IP address|IP|ip number|IP addr) ~ network address; internet address
q: Which IP (does it have|is it)?; what ip do i have; Under which IP is it reached? ~ What address did it get?;
   Which IP was given?
mac_address device
n: (MAC address|MAC|hardware address|mac addr) ~ physical address; network card address
q: Which MAC does it have?; what's the mac of it ~ Which hardware address is listed?; What MAC is given?
gateway device
n: (gateway|default gateway|router address|gateway address) ~ standard gateway; gateway IP
q: Which gateway (is set|does it use)?; what gateway is it ~ Through which gateway does it go?
dns device
n: (DNS|DNS server|name server|dns address) ~ DNS entry; resolver
q: Which DNS (is set|does it use)?; what dns is it ~ Which resolver is entered?
ssid device my
n: (SSID|network name|Wi-Fi name|wifi network|name of the (Wi-Fi|network)|wireless network) ~ wireless name; WLAN name
q: Which (network|wifi) (is it on|am I on|is it connected to)?; what wifi is this; What is the Wi-Fi called? ~
   To which network is it joined?; What's the WLAN called?
signal device
n: (signal|signal strength|reception|wifi signal|strength of the signal) ~ signal level; reception level
q: How (strong|good) is the (signal|reception)?; how is the signal ~ How well does it receive?; What's reception like?
speed device
n: (speed|connection speed|download speed|link speed) ~ rate; data rate
q: How fast is (it|the connection)?; what speed do i get ~ What rate does it reach?
uptime device
n: (uptime|up time|running time|time since restart) ~ time online; run time since boot
q: How long has it been (up|running)?; since when is it up ~ How long since it was restarted?
battery device my
n: (battery|battery level|charge|battery charge|battery percentage) ~ charge level; battery state
q: How (full|charged) is the battery?; how much battery is left; How much charge does it have? ~
   How much power is left in it?; What's the battery at?
temperature device
n: (temperature|temp|current temperature|temperature reading) ~ degrees shown; heat reading
q: How (warm|hot|cold) is it?; how many degrees is it; What temperature does it show? ~ How many degrees does it read?
humidity device
n: (humidity|air humidity|humidity reading) ~ moisture; humidity level
q: How humid is it?; how high is the humidity ~ How damp is it?
error_code error
n: (error code|error number|code|error no|fault code|code of the error); code (in|of) the (message|error) ~
   failure code; error id
q: Which error is it?; What code does the error (have|show|give)?; which code comes up; What code do I see? ~
   What number does the error carry?; Which code did it throw?; What code popped up?
error_message error
n: (error message|error text|message|text of the (error|message)|wording of the error|error) ~ failure message;
   alert text
q: What does the (error|message) say?; What does it say went wrong?; what error is it; What is the exact message?;
   What error do I get?; Read me the error.; Which error is shown? ~ How does the error read?;
   What is it complaining about?; What's the message, word for word?
error_type error
n: (error type|type of error|exception|kind of error) ~ exception name; error class
q: Which exception is it?; what kind of error was thrown ~ What exception was raised?
http_status error
n: (HTTP status|HTTP code|status code|http status code|response code) ~ server response; HTTP response
q: Which status code (is it|comes back)?; what http code do i get; What did the server answer with? ~
   Which code does the page return?; With which HTTP number did it fail?
request_id error
n: (request id|trace id|correlation id|request number) ~ id of the request; trace number
q: Which request was it?; what's the id of the request ~ Under which id was the request logged?
url app
n: (URL|web address|link|page address|site address) ~ address of the site; website
q: Which (site|page|address) is (it|this)?; what url is open; On which site was it? ~ Which website is open?
file_name app
n: (file name|filename|file|name of the file|document name) ~ name of the document; document
q: Which file is (it|this|it about)?; what's the file called; Which document failed or loaded? ~
   What is the document called?; Under which name is it saved?
file_size app
n: (file size|size of the file|size) ~ size of the document; bytes used
q: How (big|large) is (it|the file)?; how many mb is it ~ What does the file weigh?; How large is the document?
path app
n: (path|folder|file path|location of the file) ~ directory; place of the file
q: In which folder is it?; where is the file saved ~ Where was it put?; Which directory is it in?
server app
n: (server|server name|host|name of the server|host name) ~ machine name; host it runs on
q: Which server is (it|this)?; what server does it connect to; On which host is it? ~
   To which machine does it connect?; What host is entered?
port app
n: (port|port number|TCP port) ~ network port; port used
q: Which port (is it|is used|does it use)?; on what port does it listen ~ Through which port does it go?;
   What port is set?
database app
n: (database|database name|DB|name of the database) ~ DB name; data base used
q: Which database is (it|this|used)?; what db is it on ~ To which DB does it connect?; Into which database?
table app
n: (table|table name|name of the table) ~ DB table; table used
q: Which table is it?; what table is that in ~ Into which table does it go?
column app
n: (column|column name|name of the column|field) ~ field name; missing column
q: Which column is it (about|)?; what column is meant ~ Which field does it name?
line_number error
n: (line|line number|code line) ~ number of the line; position in the file
q: In which line is it?; what line is it on ~ At which line did it stop?
command app
n: (command|command typed|command line) ~ typed command; instruction entered
q: Which command was (run|typed)?; what did they type ~ What was entered?; Which command did it run?
room place
n: (room|room number|meeting room|room name) ~ number of the room; place of the meeting
q: Which room is it (in|)?; what room do i go to; In which room? ~ To which room do I go?; Where's the meeting held?
department place
n: (department|team|section|unit) ~ division; part of the company
q: Which (department|team) is it?; what team has it ~ Who handles it, which division?
agent support
n: (agent|assigned agent|name of the agent|support agent|assignee) ~ person in charge; handler
q: Who is (helping|the agent|working on it|assigned)?; who has my case ~ Who looks after it?; Which colleague has it?
sender support
n: (sender|name of the sender|from address) ~ person writing; author
q: Who (sent|wrote) (it|this)?; who is it from; From whom is it? ~ Who did that come from?; Who is writing?
recipient parcel
n: (recipient|receiver|addressee|name of the recipient) ~ person receiving; person addressed
q: Who (gets|receives) it?; who is it for; To whom is it? ~ Who was it sent to?; Who should get it?
subject support
n: (subject|subject line|topic|title of the mail) ~ headline; mail title
q: What is it about?; what's the mail called; What does the subject say? ~ Under which subject was it sent?
title app
n: (heading|page title|headline|title of the page) ~ page heading; caption of the page
q: What does the heading( of the page|) say?; What is the (page|screen) called?; What's the heading?; heading?;
   Which heading does (it|the page) have?; What stands in big letters at the top? ~
   What's the heading up there?; How is the page headed?
window_title app
n: (window title|title of (this|the) window|dialog title|name of (this|the) (window|dialog)) ~ caption of the window
q: What is this (dialog|window) called?; What is the title of (this|the) (window|dialog)?; How is the window titled?;
   Which (window|dialog) is (this|it|open)?; what's the name of the dialog; What does the title bar say?;
   What is the title of the small window? ~ What's the caption on the window?; What is written in its title bar?
search_text app
n: (search (text|term)|text in the search (box|field)|word in the search box) ~ words to search for
q: What was searched for?; What did (they|I|the customer) type into the search (box|field)?; what is being searched;
   What is typed in the search (field|box)?; Which word was searched for?; What is in the search (box|field)?;
   What are they looking for? ~ Which words stand in the search bar?; What did somebody search?
priority support
n: (priority|urgency|priority level) ~ importance; urgency level
q: How urgent is it?; what priority did it get ~ How high is it ranked?
weight parcel
n: (weight|parcel weight|weight of the parcel) ~ mass; shipping weight
q: How heavy is it?; what does it weigh ~ How much does the parcel weigh?
rating shop
n: (rating|review score|score) ~ mark given; star rating
q: How was it rated?; what rating did it get ~ Which score did it receive?
guests travel
n: (number of guests|guest count|party size) ~ number of people; people booked
q: How many guests is it for?; how many people ~ For how many is it booked?
flight travel
n: (flight|flight number|flight no) ~ flight code; plane number
q: Which flight is it?; what flight am i on ~ With which flight do I go?
gate travel
n: (gate|gate number|boarding gate) ~ number of the gate; departure gate
q: Which gate (is it|do I go to)?; what gate do i need ~ From which gate does it leave?
seat travel my
n: (seat|seat number|seat no) ~ place to sit; seat assigned
q: Which seat is it?; where do i sit ~ What place did I get to sit in?
license_key app my
n: (license key|licence key|product key|activation key|activation code) ~ activation number; key code
q: Which key do I enter?; what's the activation key ~ With which key is it activated?
points account my
n: (points|point balance|reward points|number of points) ~ points total; loyalty points
q: How many points (do I have|are there)?; how many points is that ~ What's my points score?
"""
