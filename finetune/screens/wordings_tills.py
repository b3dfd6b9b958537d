"""How customers ask for what stands on a till receipt; same notation as `wordings_facts` and `wordings_grids`."""

FACTS = """
receipt_number shop
n: receipt (number|no|id); number of the receipt; slip number; check number ~ till receipt number; sales number
q: Which receipt is (this|it)?; What number is on the receipt?; which receipt number is it;
   What is this receipt's number?;
   Under which number was this sale printed?; What do I quote for this receipt?; what's the no. of the receipt ~
   What number did the till give the sale?; Which number identifies the receipt?; Receipt, which number?
store_address place
n: (address|location) of the (shop|store); (shop|store) address; (shop's|store's) address ~ address of the branch;
   shop location
q: Where is the (shop|store)?; Where is this shop?; in which street is the shop; Where did I buy it, at which address?;
   What's the address on the receipt?; Which address does the (shop|store) have?; Where do I find the shop? ~
   Whereabouts is the shop?; What address does the receipt give?; To where would I take it back?
store_phone place
n: (phone|telephone) number of the (shop|store); (shop's|store's) (phone|telephone) number ~ number to ring the shop;
   branch phone
q: Which number do I call to reach the (shop|store)?; How can I phone the shop?; what's the phone no of the store;
   Under what number do I reach the shop?; Which phone number is on the receipt? ~ What would I dial for this shop?;
   What telephone number does the receipt carry?; How do I ring them up?
cashier shop
n: cashier; (cashier's|cashier) name; name of the cashier; operator; clerk ~ till operator; person at the till
q: Who (served me|was the cashier|was at the till)?; Who rang it up?; which cashier was it; Who was serving?;
   By whom was I served?; Who took the money?; What is the cashier called? ~ Who stood at the checkout?;
   Which member of staff served?; Who did the checkout?
till shop
n: till (number|no|); register (number|); (checkout|lane|terminal) number ~ number of the till; cash desk
q: Which (till|register|checkout) was it?; At which till (did I pay|was it)?; what till number is it; Which cash desk?;
   What's the number of the register?; Where in the shop did I pay, which till? ~ Which checkout rang it up?;
   From which register is it?; What desk printed it?
vat_number pay
n: (VAT|GST|tax) (number|id|registration number); (tax|VAT) id of the (shop|seller) ~ fiscal number; tax registration
q: Under which tax number is the shop registered?; What's the shop's VAT id?; which vat number do they have;
   What tax id is printed?; Which GST number is on the receipt? ~ What is the seller's fiscal id?;
   By what number does the tax office know them?; Which tax registration is given?
cash pay
n: cash (given|paid|tendered|received|handed over); amount tendered; cash amount; money handed over ~
   amount handed over; cash taken
q: How much cash (was given|did I give|was handed over)?; How much did I hand over?; What did the customer pay in cash?;
   what did i give in cash; How much money did they take from me?; How much was tendered?; With how much did I pay?;
   How much was paid in cash? ~ What sum went over the counter?; How much cash changed hands?; What notes did I hand in,
   how much?
change pay my
n: change; change (given|due|returned); change money; money given back in change ~ change handed back; cash returned
q: How much change (did I get|was given|was there|is due)?; How much did I get back in change?; what was the change;
   How much was handed back?; What did the cashier give back?; How much came back in cash?; What change did they give?;
   How much change should I have? ~ What coins came back, how much?; How much did the till return?;
   What was left of my cash?
rounding pay
n: rounding; rounding (adjustment|amount|difference); amount rounded ~ rounding sum; cents rounded
q: How much was it rounded (by|)?; By how much was the total rounded?; what's the rounding; What was rounded off?;
   How many cents did rounding change?; What's the rounding on the bill? ~ What did rounding do to the sum?;
   By what amount did they round?; How much is rounded away?
approval_code pay
n: (approval|authorisation|authorization|auth) code; approval number; card approval code ~ code of the approval;
   bank approval
q: Under which code was the card approved?; What code did the bank give?; which auth code is it; What's the approval on
   the card payment?; Which code authorised the payment?; With which code was it approved? ~
   What approval came from the bank?; Which code confirms the card payment?; How was the card authorised, which code?
item_count shop
n: number of (items|articles|things bought); item count; total (quantity|items); how many items in all ~
   pieces in total; count of goods
q: How many (items|things|articles) (did I buy|are on the receipt|were bought)?; how many items in total;
   How many pieces does the receipt count?; How many goods is it altogether? ~ How many things went over the till?;
   What count of items does it give?; How many articles does the bill sum up?
"""

GRIDS = """
line total
How much (is|was) {r} in (all|total)?; What did I pay for {r} altogether?; What's the line total (of|for) {r}?;
How much for all the {r}?; What does {r} come to?; What do all {r} cost together?; total for {r}?; {r} in all?;
What amount is charged for {r} in total?; How much did the {r} come to?; What is the sum for {r}?;
What did {r} cost altogether?; Which amount is at the end of the line of {r}?; How much was paid for {r} in total?;
how much for {r} altogether; What is the total price of {r}?; Tell me what {r} came to in all.;
How much do all {r} make?; What does it come to for {r}?; What was the whole amount for {r}?;
The line of {r}, how much? ~
What do the {r} add up to?; {r}: how much all in all?; The whole line of {r} is how much?; What was the bill for {r}?;
Taken together, how much were the {r}?

one of them
How much is one {r}?; What does a single {r} cost?; What's the price of one {r}?; What's the unit price of {r}?;
How much is {r} each?; price of a single {r}?; What does one {r} cost?; {r}, how much for one?; unit price {r};
What do they charge for one {r}?; How much is it for each {r}?; What is the price per {r}?; How much per piece is {r}?;
Which unit price does {r} have?; what's one {r}; How much did each {r} cost?; What is {r} apiece?;
How much do they want for one {r}?; What is the single price of {r}?; How much is {r} per unit?; each {r} is how much ~
A single {r} goes for how much?; {r} per piece, how much?; Each {r} is priced at what?;
For just one {r}, what do I pay?; What would one {r} set me back?
"""
