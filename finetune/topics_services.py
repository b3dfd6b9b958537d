"""Support topics about money, travel, shops and city life, as lines of facts (see finetune/topics.py for the marks)."""

TEXT = """
# bank accounts
subjects: the Basic account ; the Plus account ; the Student account ; the Joint account ; the Business account
link: with ; for ; on
own: I hold {s}. ; We opened {s} last year.
roles: account | online banking | the branch | the welcome pack
limit | cash withdrawals in a day ; taking out money at the machine | You can withdraw up to {500/800/1,000/1,500} EUR
  a day at any machine.
cost | withdrawals abroad ; using a cash machine in another country | Outside the euro area a withdrawal costs
  {1/1.5/1.75/2} %, at least {3/4/5} EUR.
duration | a transfer to {the UK/Norway/Japan} ; sending money to {the UK/Norway/Japan} | A transfer to {the
  UK/Norway/Japan} takes {one/two/three/four} working days.
deadline | object to a direct debit ; get a direct debit back | You can have a direct debit returned within
  {six/eight} weeks.
where | download a statement ; get a PDF of the statement | Statements are under {Postbox/Documents} >
  {Statements/Account}, kept for {5/7/10} years.
whatif | I forget my PIN ; my PIN is blocked after wrong tries | Order a new PIN under {Cards/Service} > New PIN; it
  comes by post in {3/4/5} working days.
what | the overdraft rate ; how much interest the overdraft has | The overdraft rate is {8.9/9.4/10.2/11.6} % a year.
what | the hotline for blocking a card ; the number to block my card | Block the card at any hour under {phone}.
need | open it ; get it opened | To open it you need {your passport and proof of address/an identity card and your tax
  number}.
can | pay in coins ; bring coins to the counter | Coins are taken at the {Main Street/Central/Station} branch on
  {Tuesdays/Thursdays}, up to {100/200/500} pieces at no cost.

# credit cards
subjects: the Blue card ; the Gold card ; the Prepaid card ; the Travel card
link: with ; on ; for
own: I pay with {s}. ; I applied for {s}.
roles: card | the card app | card service | the card letter
cost | the card in the second year ; the yearly fee after the first year | From the second year on it costs {eur} a
  year.
meaning | the decline reason {51/57/05/14} ; a refusal with {51/57/05/14} | {51/57/05/14} means that {the limit is
  reached/this kind of shop is switched off/the bank did not answer/the number was typed wrongly}.
deadline | dispute a payment ; complain about a charge I don't know | A payment can be disputed within {30/60/90/120}
  days of the statement.
where | raise the limit ; get a higher limit | Ask for a higher limit under {Card/Limits} > {Change/Request}; the
  answer comes within {one hour/a day}.
can | use it for a hire car deposit ; leave it as a deposit | {Hire car deposits are possible from a limit of 1,000
  EUR on/It is not accepted for hire car deposits}.
how | add it to my watch ; pay by watch | Open the watch app, tap {Wallet/Pay} and then Add card. Confirm with the
  code that we send by text message.
what | the cover of the travel insurance ; how much the travel insurance pays | The travel insurance covers
  {2,000/5,000/10,000} EUR a trip when at least {half/75 %} was paid with the card.
what | the exchange fee ; how much you add in other currencies | Payments in other currencies cost {0/1/1.75/2.2} %
  more.

# loans and savings
subjects: the Car loan ; the Home loan ; the Daily Saver ; the Fixed Saver ; the Instant loan
link: with ; for ; on
own: I have {s} with you. ; I am thinking about {s}.
roles: contract | online banking | the loans team | the yearly statement
cost | early repayment ; paying it all back before the end | Early repayment costs {0.5/0.9/1} % of the rest, nothing
  in the last {6/12} months.
can | skip a rate ; pause one month's payment | {One rate/Two rates} a year may be skipped if you ask {10/14/20} days
  before.
what | the interest rate ; how much interest there is | The rate is {1.9/2.4/2.9/3.6/4.2} % a year until {the end of
  June/the end of the year/31 March}.
duration | the decision ; the answer to my application | We decide within {one/two/three} working days after all
  papers are in.
need | apply for it ; hand in with an application | We need your last {two/three/six} payslips and {an identity card/a
  bank statement}.
limit | the sum ; how much is possible at most | The sum can be at most {10,000/25,000/50,000/250,000} EUR.
when | the interest is paid ; the interest credit | Interest is paid {at the end of each month/every quarter/on 31
  December}.

# car insurance
subjects: the Third Party cover ; the Comfort cover ; the Premium cover ; the Young Driver cover
link: with ; under ; in
own: I am insured with {s}. ; My car has {s}.
roles: policy | the customer portal | the claims desk | the policy letter
deadline | report an accident ; tell you about a crash | An accident must be reported within {3/5/7} days.
cost | a broken windscreen ; getting the glass repaired | A repair of the glass is free; a new windscreen costs you
  {100/150/200} EUR.
what | the excess ; my own share in a claim | The excess is {150/300/500/1,000} EUR a claim.
can | lend the car to a friend ; let someone else drive | Others may drive if they are at least {21/23/25} years old
  and you told us before.
whatif | I hit an animal ; a deer runs into my car | Call the police and have the accident noted; hits by {all
  animals/game and cattle} are covered.
what | the breakdown number ; whom I call when the car stops | In a breakdown call {phone}, day and night.
limit | kilometres in a year ; how far I may drive | The price holds for up to {9,000/12,000/15,000/20,000} km a year.
when | the change of insurer ; moving to another company | You can leave on {30 November/31 December/30 June} if your
  letter is here by then.

# home insurance
subjects: the Flat policy ; the House policy ; the Student Room policy ; the Landlord policy
link: with ; under ; in
own: We have {s}. ; I signed {s} in May.
roles: policy | the customer portal | the claims team | the policy letter
limit | a stolen bicycle ; how much you pay for a bike | A stolen bicycle is paid up to {500/1,000/2,000/3,000} EUR if
  it was locked.
whatif | a pipe bursts ; water comes through the ceiling | Turn off the main tap, take photos and ring {phone} before
  anything is thrown away.
can | send photos instead of an expert ; settle a claim with pictures | Photos are enough for damage of up to
  {1,000/1,500/2,500} EUR.
duration | the payment of a claim ; getting my money after a claim | Money is paid {5/7/10/14} days after the last
  paper is in.
need | claim a theft ; hand in after a burglary | For a theft we need the police number and a list with
  {prices/receipts}.
what | the excess for storm damage ; what I pay myself after a storm | After a storm you pay the first {100/250/500}
  EUR.
can | insure work things at home ; cover my office computer | Things for work are covered up to {2,000/3,000/5,000}
  EUR.

# travel insurance
subjects: the Single Trip plan ; the Year plan ; the Family plan ; the Backpacker plan
link: with ; under ; in
own: I bought {s}. ; We travel with {s}.
roles: policy | the travel app | the emergency desk | the insurance card
limit | days of one trip ; how long one journey may be | One trip may last {30/42/56/90} days.
limit | medical costs ; how much hospital is covered | Hospital abroad is covered up to {1/2/5} million EUR.
can | claim for a cancelled trip because of illness ; cancel because I'm ill | If a doctor confirms the illness, we
  pay {80/90/100} % of the cancellation costs.
whatif | my suitcase comes late ; my bag arrives days after me | From {6/8/12} hours of delay on, we pay {100/200/300}
  EUR for what you need at once.
what | the emergency number ; whom to ring from abroad | In an emergency abroad ring {phone}.
deadline | buy it ; take it out at the latest | It must be bought {14/21/30} days before the trip, or within {3/5}
  days of booking.
need | get medical costs back ; hand in after treatment | Send the {original bill/bill and the proof of payment} and
  the doctor's report.

# hotels
subjects: the Harbour Hotel ; the Old Mill Inn ; Hotel Marin ; the Garden Lodge ; the Station Suites
link: at ; for ; in
own: We are staying at {s}. ; I booked {s}.
roles: booking | the booking page | reception | the confirmation e-mail
when | check-in ; the earliest time for the room | Check-in starts at {2/3/4} pm.
when | check-out ; the time we must leave the room | Check-out is until {10/10:30/11/12}.
cost | parking ; leaving the car | Parking costs {8/12/15/18/22} EUR a night, {no booking is needed/please book it
  before}.
can | bring a dog ; take my dog along | Dogs of up to {8/10/15/20} kg may come for {10/15/20} EUR a night.
cost | an extra bed ; a third bed in the room | An extra bed costs {15/20/25/30} EUR a night.
when | breakfast ; the time breakfast is served | Breakfast is served from {6:30/7/7:30} to {10/10:30/11}.
what | the Wi-Fi password ; the key for the wireless | The Wi-Fi password is
  {Seagull27/mill-2024/garden88/lodge-guest}, the same on all floors.
whatif | we arrive after midnight ; we come very late | After {10/11} pm take your key from the box at the {side/back}
  door with the code {4-digit}.
where | find the pool ; go swimming | The pool is on the {ground/fifth/top} floor and opens at {7/8}.

# rail travel
subjects: the Saver ticket ; the Flex ticket ; the Weekend pass ; the Night train ; the Region ticket
link: with ; for ; on
own: I have {s} for Friday. ; I bought {s} online.
roles: booking | the train app | the travel centre | your ticket
can | take a bicycle ; bring my bike on board | A bicycle needs its own ticket for {5/6.50/8/9} EUR and a place in
  coach {1/5/9/12}.
whatif | I miss my connection because of a delay ; my first train is late and the second has gone | If a delay makes
  you miss a connection, you may take any later train on the same day.
what | the compensation for a delay ; how much I get back when late | From {60/90} minutes of delay on you get {25/30}
  % back, from 120 minutes on half.
deadline | claim compensation ; send in the delay form | The claim must be sent within {3/6/12} months.
limit | luggage ; how many cases I may take | You may take {one/two/three} pieces of luggage and one small bag.
can | travel with a child for free ; bring kids without a ticket | Children under {6/12/15} years travel free with a
  parent.
cost | a seat reservation ; booking a seat | A reserved seat costs {3/4.50/5.20/6} EUR in second class.
where | find lost property ; ask for a forgotten bag | Lost things are kept at {Central Station, hall 2/the office on
  platform 1} for {7/14/28} days.

# city buses
subjects: the Day ticket ; the Month pass ; the Senior pass ; the Ten-trip card ; the Airport bus ticket
link: with ; for ; on
own: I use {s} every week. ; I just bought {s}.
roles: pass | the transport app | the customer centre | your pass
duration | the ticket's validity ; how long it stays valid | It is valid for {60 minutes/75 minutes/90 minutes/24
  hours} from the first stamp.
cost | riding without it ; the fine for no valid ticket | Riding without a valid ticket costs {60/75/80} EUR.
whatif | I left my pass at home ; I forgot the card | Show the pass within {7/10/14} days at the customer centre and
  you pay only {5/7/10} EUR.
can | use night buses ; ride after midnight | Night buses N1 to N{6/9/12} are {included/1.50 EUR more}.
when | the last bus to {the lake/the airport/Hillside} ; the latest ride to {the lake/the airport/Hillside} | The last
  bus to {the lake/the airport/Hillside} leaves at {11:10/11:40/12:20} pm.
where | stamp it ; validate the ticket | Stamp it in the {yellow/blue/red} box {at the front door/on the platform}.
how | renew it in the app ; extend the pass on my phone | Open {My tickets/Wallet} and tap {Renew/Extend}. The new
  pass is shown {at once/the next morning}.

# car rental
subjects: the Compact class ; the Estate class ; the Van class ; the Electric class
link: for ; in ; with
own: I reserved {s}. ; We need {s} for a move.
roles: reservation | the rental app | the rental station | the rental agreement
what | the deposit ; how much you block on my card | The deposit is {200/300/500/800} EUR on a credit card.
limit | free kilometres ; how far I can drive a day | {150/200/250/300} km a day are free, each further one costs
  {0.19/0.23/0.29} EUR.
who | drive it ; take the wheel | Drivers must be at least {19/21/23/25} years old and hold a licence for {one/two}
  years.
cost | a second driver ; letting my partner drive too | A second driver costs {5/6/8/10} EUR a day.
whatif | I bring it back with an empty tank ; it is not full when I return it | If it is not full, we fill it and
  charge {25/29/35} EUR on top of the fuel.
where | drop it after hours ; put the keys at night | At night, park in row {A/C/F} and put the key in the box next to
  {the gate/the wash bay}.
can | drive to {Croatia/Poland/Morocco} ; take it to {Croatia/Poland/Morocco} | Trips to {Croatia/Poland/Morocco} {are
  allowed after a call/need a green card for 15 EUR/are not allowed}.
duration | waiting if I'm late for pick-up ; keeping it when I come late | We keep it for {one hour/two hours/90
  minutes} after the booked time.

# parcels
subjects: the Small parcel ; the Medium parcel ; the Express parcel ; the Registered parcel ; the Bulky parcel
link: for ; with ; as
own: I am sending {s}. ; I am waiting for {s}.
roles: shipment | the tracking page | the parcel shop | the posting receipt
limit | weight ; how heavy it may be | It may weigh up to {2/5/10/20/31.5} kg.
limit | size ; the longest side | The longest side may be {60/80/120/200} cm.
cost | sending it ; the postage | It costs {eur} within the country.
duration | delivery to {Spain/Sweden/Ireland} ; getting it to {Spain/Sweden/Ireland} | To {Spain/Sweden/Ireland} it
  takes {2 to 3/3 to 5/4 to 6} working days.
what | the insured value ; how much is paid if it is lost | It is insured up to {50/100/500/750} EUR.
whatif | nobody is at home ; I'm out when it comes | It is then taken to the nearest shop and kept for {7/8/10} days.
meaning | the status {"Held"/"On hold at hub"/"Exception 12"} ; {"Held"/"On hold at hub"/"Exception 12"} in the
  tracking | {"Held"/"On hold at hub"/"Exception 12"} means that {the address is not complete/customs needs a
  paper/the label cannot be read}.
deadline | start a search ; ask you to look for it | You can start a search {5/7/10} working days after posting.
where | choose a safe place ; say where to leave it | Choose a safe place under {Delivery/Wishes} > {Place/Leave it
  at}.

# groceries
subjects: the Evening slot ; the Saver slot ; the Click and Collect service ; the Fruit box ; the Express service
link: with ; for ; in
own: I ordered with {s}. ; We use {s} every week.
roles: order | the shop app | the shop team | the delivery slip
what | the minimum order ; how little I can order | The minimum order is {20/25/35/40/50} EUR.
deadline | change what is in the basket ; edit the order | You can change the basket until {6/8/10} pm on the day
  before.
whatif | something is missing ; an item was not in the bag | Report it under {Orders/My shop} > {Missing/Problem}
  within {24/48} hours; the price is given back at once.
can | return empty bottles ; give the bottles to the driver | The driver takes up to {10/20/24} bottles and one crate.
cost | delivery ; having it brought to the door | Delivery costs {2.90/3.90/4.90/5.90} EUR, nothing above {60/80/100}
  EUR.
can | refuse substitutes ; say no to replacements | Switch off {Substitutes/Similar items} in the basket; we then
  leave the item out.
duration | keeping cold goods ready ; leaving frozen food at the collection point | Cold goods are kept for
  {two/three/four} hours.

# fashion shops
subjects: the Alpine jacket ; the Coast sandal ; the Merino jumper ; the Denim range ; the Kids range
link: for ; with ; from
own: I bought {s}. ; I ordered {s} in two sizes.
roles: order | the shop account | the style team | the return slip
deadline | return unworn things ; send clothes back | Unworn things can be sent back within {14/21/30/60/100} days.
cost | the return label ; sending it back | The return label costs {1.99/2.95/3.90} EUR, which we take off the refund.
how | wash it ; clean it at home | Wash it at {20/30/40} degrees inside out and {lay it flat to dry/do not tumble
  dry}.
what | the fabric ; what it is made of | It is {70 % wool and 30 % nylon/100 % organic cotton/55 % linen and 45 %
  cotton}.
can | exchange it for another size in a shop ; swap the size in store | Sizes can be swapped in any shop with the slip
  within {14/30} days.
what | the fit ; how it runs | It runs {one size small/true to size/half a size large}.
whatif | a seam opens ; the zip breaks | Seams and zips are repaired free of charge for {one year/two years/five
  years}.

# furniture
subjects: the Oslo sofa ; the Bergen bed ; the Fjord table ; the Lund wardrobe
link: for ; with
own: I ordered {s}. ; We bought {s} in autumn.
roles: order | the order page | the furniture team | the assembly booklet
duration | delivery ; waiting for it | It is delivered in {3 to 4/6 to 8/8 to 10/10 to 12} weeks.
cost | assembly at home ; having it put together | Assembly costs {eur} and is booked together with delivery.
limit | load ; how much weight it carries | It carries up to {80/120/150/250} kg.
whatif | a screw is missing ; parts are not in the box | Tell us the letter from page {2/3/4}; the part is sent free
  within {3/5} days.
can | have the old one taken away ; get rid of our old furniture | The old piece is taken along for {20/30/45} EUR if
  it is taken apart.
how | clean stains ; get a spot out | Use {lukewarm water and mild soap/a damp cloth with a drop of vinegar}. Dab, do
  not rub, and let it dry for {12/24} hours.
deadline | cancel a made-to-order piece ; stop a custom order | Made-to-order pieces can be cancelled within
  {24/48/72} hours.

# gyms
subjects: the Off-Peak plan ; the All Day plan ; the Student plan ; the Duo plan ; the Swim plan
link: with ; on ; in
own: I train with {s}. ; I signed up for {s}.
roles: membership | the club app | the front desk | the member card
hours | the club ; training | You can train from {6/6:30/7} am to {9/10/11} pm, on Sundays until {6/8} pm.
can | bring a friend ; take someone along | You may bring a friend {once/twice/four times} a month.
deadline | cancel a class ; drop out of a booked course | Cancel a class at least {2/4/6/12} hours before it starts.
whatif | I don't come to a booked class ; I miss a class | After {two/three} missed classes, booking is blocked for
  {7/10/14} days.
can | freeze it while I'm injured ; stop it during an illness | With a doctor's note it is frozen for up to {3/6/9}
  months.
cost | a locker ; renting a locker | A locker costs {4/5/7/9} EUR a month.
what | the code of the {car park/changing room/side door} ; the number for the {car park/changing room/side door} |
  The code of the {car park/changing room/side door} is {4-digit}.

# concerts and events
subjects: the Standing ticket ; the Seated ticket ; the VIP ticket ; the Two-Day pass ; the Camping pass
link: with ; for
own: I have {s} for Saturday. ; We bought {s}.
roles: booking | the ticket app | the ticket office | the ticket e-mail
when | the doors opening ; the time they let people in | Doors open at {5/5:30/6/6:30/7} pm.
can | resell it ; sell it to somebody else | It can be resold only under {Resale/Fan exchange} in the app, at most at
  the {printed price/printed price plus 10 %}.
limit | the size of bags ; the biggest bag allowed | Bags may be as big as {A4/A3/20 x 30 cm}; larger ones go to the
  cloakroom for {2/3/5} EUR.
whatif | the show is moved to another day ; the date changes | It stays valid for the new day; money back is possible
  within {14/21/30} days of the news.
can | go out and in again ; leave the site and return | Going out is possible until {8/9} pm with a stamp on your
  {left/right} hand.
who | get in without an adult ; come alone under 18 | From {14/16} years on, guests may come alone; younger ones need
  an adult.
where | find the free water ; fill a bottle | Water taps are {left of the main stage/behind the food stalls/next to
  gate C}.

# streaming and games
subjects: the Solo plan ; the Family plan ; the Kids plan ; the Arcade Pass ; the Season Pass
link: with ; on ; in
own: I watch with {s}. ; We pay for {s}.
roles: subscription | the account page | player support | the payment e-mail
limit | screens at once ; devices watching together | Up to {1/2/3/4/6} screens can watch at the same time.
limit | downloads ; how many films I can take offline | You can keep {10/15/25/30/100} downloads for {7/14/30} days.
where | switch on subtitles for all films ; set the subtitles once | Subtitles are set under {Profile/Viewing} >
  {Language/Captions}.
meaning | error {P-104/S7121/G-22/M7353} ; {P-104/S7121/G-22/M7353} before the film | {P-104/S7121/G-22/M7353} means
  that {the clock of the device is wrong/too many screens are in use/the country is not supported}.
can | refund a game ; give a game back | A game can be given back within {7/14} days if it was played less than
  {one/two} hours.
how | move my save game ; take my progress to a new console | Open {Cloud/Saves} on the old console and press
  {Upload/Keep}. Sign in on the new one and press {Download/Restore}.
what | the picture quality ; how sharp the picture is | The picture is {HD/Full HD/4K} at up to {8/15/25} Mbit/s.
how | set a PIN for children ; lock films for adults | Go to {Profiles/Family}, choose the profile and set a PIN of
  {4/5/6} digits.
"""
