"""Support topics about software, health, learning and public services, as lines of facts (see finetune/topics.py)."""

TEXT = """
# invoicing software
subjects: the Freelance edition ; the Team edition ; the Studio edition ; the Cash Book add-on
link: in ; with ; on
own: I work with {s}. ; Our firm uses {s}.
roles: licence | the settings page | product support | the licence e-mail
where | change the logo ; put our logo on bills | The logo is set under {Design/Templates} > {Header/Letterhead}.
limit | invoices in a month ; how many bills I can write | You can write {50/100/250/500} invoices a month.
how | correct a sent invoice ; fix a bill that has gone out | Open the invoice and choose {Correct/Cancel and copy}.
  Change the lines and send it again with the new number.
meaning | the status {"Draft*"/"Mismatch"/"Soft bounce"} ; {"Draft*"/"Mismatch"/"Soft bounce"} next to a bill |
  {"Draft*"/"Mismatch"/"Soft bounce"} means that {there are changes not saved/the payment differs from the sum/the
  e-mail could not be delivered}.
can | send reminders by itself ; have late payers reminded automatically | Reminders can go out by themselves
  {3/5/7/10} days after the due date.
what | the format for the tax office ; which file the accountant gets | The export for accountants is a
  {CSV/XML/DATEV} file, one for each {month/quarter}.
whatif | a number was used twice ; two bills have the same number | Run {Tools/Checks} > {Renumber/Gaps} and lock the
  month afterwards.

# project boards
subjects: the Free workspace ; the Team workspace ; the Business workspace ; the Guest seat
link: in ; with ; on
own: We plan in {s}. ; I administer {s}.
roles: plan | the admin page | product support | the billing e-mail
limit | file size ; the biggest attachment | One file may be {10/25/100/250} MB.
where | restore a deleted card ; get back a card I deleted | Deleted cards lie under {Board/More} > {Bin/Archive} for
  {14/30/90} days.
how | connect the calendar ; show tasks in my calendar | Open {Profile/Integrations} and copy the {calendar link/feed
  address}. Paste it in your calendar under "Add from link".
who | invite guests ; add people from outside | Only {admins/board owners/admins and board owners} can invite guests.
what | the shortcut for a new card ; the key that makes a card | The shortcut for a new card is {N/C/Shift + N/Ctrl +
  K}.
whatif | two people edit the same card ; we both change one card | The later change wins; the older one stays in
  {History/Activity} for {7/30} days.
limit | automations ; rules in a month | {100/250/1,000/5,000} automatic steps a month are included.

# mail and calendar
subjects: the Personal mailbox ; the Shared mailbox ; the Pro mailbox ; the Room calendar
link: in ; for ; with
own: I look after {s}. ; We use {s} at work.
roles: subscription | the webmail settings | mail support | the start letter
limit | storage ; how many messages fit in | It holds {5/15/30/50/100} GB.
what | the incoming server ; the IMAP host | The incoming server is {imap.post.example/in.mailhub.example}, port
  {993/143}, with {SSL/TLS}.
where | set an out-of-office reply ; switch on the holiday message | The absence reply is under {Rules/Replies} >
  {Away/Out of office}.
duration | keeping deleted mail ; mail staying in the bin | Deleted mail stays in the bin for {14/21/30/60} days.
how | share it with a colleague ; give a team mate access | Click the three dots next to the name and choose
  {Share/Permissions}. Type the address and pick {Can read/Can edit}.
meaning | the bounce {550 5.1.1/552/421 4.7.0} ; mail coming back with {550 5.1.1/552/421 4.7.0} | {550 5.1.1/552/421
  4.7.0} means that {the address does not exist/the other mailbox is full/too many mails were sent in an hour}.
limit | recipients of one mail ; people I can write to at once | One mail can go to {50/100/250/500} people.

# data tools
subjects: the Sheet connector ; the Folder connector ; the Web connector ; the Nightly job ; the Lite gateway
link: with ; in ; for
own: I load tables with {s}. ; Our reports come from {s}.
roles: licence | the workspace settings | data support | the release notes
how | fill empty cells from above ; copy a value down into blanks | Select the column, open {Transform/Edit} and
  choose {Fill/Extend} > Down. Empty cells take the value above them.
meaning | {DataSource.Error/Expression.Error/Refresh 0xC13} ; the message {DataSource.Error/Expression.Error/Refresh
  0xC13} | {DataSource.Error/Expression.Error/Refresh 0xC13} appears when {a column was renamed/the file has moved/the
  sign-in has expired}.
limit | rows ; the largest table | A table can have {50,000/100,000/1 million/5 million} rows.
where | change the delimiter ; tell it to split at semicolons | The delimiter is set in the {Source/Import} step under
  {File origin/Options}.
when | the refresh ; the time data is loaded anew | Data is refreshed {every hour/every 4 hours/daily at 5 am/daily at
  midnight}.
can | merge two tables on two columns ; join on more than one field | Hold {Ctrl/Shift} and click the columns in the
  same order in both tables.
whatif | dates turn into numbers ; my dates show as 45321 | Set the type of the column to Date {before/after} the step
  "{Promoted headers/Changed type}".
how | remove double rows ; drop duplicates | Select the key columns and choose {Remove rows/Clean} > Duplicates. The
  {first/last} row of each key is kept.

# cloud storage
subjects: the 100 GB plan ; the 1 TB plan ; the Family vault ; the Business drive
link: with ; in ; on
own: I keep my photos in {s}. ; We pay for {s}.
roles: plan | the web app | storage support | the receipt
duration | old versions of files being kept ; keeping earlier versions | Old versions are kept for {30/60/90/180}
  days.
how | recover a deleted folder ; bring back a folder | Open {Bin/Deleted files} on the web, tick the folder and press
  {Restore/Put back}.
limit | size of one upload ; the largest file | One file may have {2/5/10/50} GB.
where | set a password on a link ; protect a shared link | Passwords for links are under {Share/Link} >
  {Options/Protect}.
whatif | it is full ; I run out of space | Nothing is deleted for {30/60/90} days, but no new files are taken.
what | the sync limit ; how fast it syncs | Sync runs at up to {10/20/50} Mbit/s; change it under Preferences >
  {Network/Speed}.
who | open a shared album ; see the pictures in an album | An album can be opened by {anyone with the link/invited
  people only}.

# sign-in and security
subjects: the Authenticator app ; the Passkey sign-in ; the Family account ; the Work account
link: with ; for ; on
own: I sign in with {s}. ; We have set up {s}.
roles: account | the security page | account support | the safety sheet
whatif | I lose the phone ; my phone with the codes is gone | Use one of the {8/10/12} recovery codes and then remove
  the old phone under {Devices/Sign-in}.
duration | the lock after wrong passwords ; being locked out | After {4/5/6/10} wrong tries the account is locked for
  {15/20/30/60} minutes.
where | see recent sign-ins ; check who was logged in | Recent sign-ins are under {Security/Privacy} >
  {Activity/Sessions}.
need | recover it ; get back in | You need {two of your recovery codes/your recovery e-mail and the last password}.
how | sign out everywhere ; log out on all devices | Open {Security/Sessions} and press {Sign out all/End all}. It
  takes up to {5/10/15} minutes.
what | the length of the password ; how long a password must be | Passwords need at least {8/10/12/14} characters with
  a number.

# health insurance
subjects: the Standard tariff ; the Family tariff ; the Dental add-on ; the Visitor tariff
link: with ; in ; under
own: I am insured in {s}. ; We chose {s}.
roles: insurance | the health app | the member line | the health card
limit | glasses ; how much you pay for new glasses | Glasses are paid up to {80/120/200/300} EUR every {two/three}
  years.
duration | the reply to a treatment plan ; checking the dentist's plan | A plan is checked within {7/10/14} days.
can | choose another doctor ; change my family doctor | The doctor can be changed {once a quarter/at any time}; tell
  us in the app.
need | get a fitness bonus ; collect the bonus | Send {two/three} proofs of courses or check-ups before {31 March/31
  December}.
whatif | I am ill abroad ; I need a doctor on holiday | Show the blue side of your card; bills are paid back up to
  {80/100} %.
cost | an ambulance ride ; my share for the ambulance | Your share for an ambulance is {5/10/15} EUR.

# clinics and dentists
subjects: the Riverside clinic ; the Park dental practice ; the Children's clinic ; the Eye centre
link: at ; in ; for
own: I am a patient at {s}. ; My son goes to {s}.
roles: appointment | the patient portal | reception | the appointment card
deadline | cancel an appointment ; call off a visit | Cancel at least {24/36/48} hours before.
cost | a missed appointment ; not turning up | A missed appointment costs {20/25/30/40} EUR.
when | the walk-in hour ; coming without an appointment | You can come without an appointment
  {Mondays/Tuesdays/Fridays} from {8/8:30/9} to {10/11}.
where | see test results ; find my blood values | Results are in the portal under {Documents/Findings} after {2/3/5}
  working days.
need | bring to the first visit ; have with me the first time | Bring your health card, a list of your medicines and
  {the vaccination book/the referral letter}.
can | get a prescription without a visit ; order my medicine again | Repeat prescriptions are made {within one day/in
  two working days} if you were here in the last {3/6} months.
what | the number at night ; whom to call on weekends | At night and on weekends call {phone}.

# schools
subjects: the Primary school ; the Music school ; the Summer school ; the Evening college
link: at ; for ; in
own: My daughter attends {s}. ; I am enrolled at {s}.
roles: place | the parents' portal | the school office | the enrolment letter
when | the end of lessons ; the time school is over | Lessons end at {12:30/1:15/2/3:30} pm, on Fridays at {noon/1
  pm}.
deadline | enrol ; sign up | Enrolment closes on {15 January/28 February/31 March/30 June}.
whatif | my child is ill ; we must report sick | Report it before {7:30/7:45/8:15} in the portal or under {phone}.
cost | lunch ; a school meal | A meal costs {2.80/3.20/3.90/4.50} EUR and is ordered until {8 am/noon the day before}.
limit | children in a group ; how big the groups are | A group has at most {8/12/15/18/24} people.
need | borrow an instrument ; get a device on loan | A loan needs a signed form and {20/30/50/80} EUR as a deposit.
can | come for a trial lesson ; try it first | A trial lesson is possible {once/twice}, {free of charge/for 10 EUR}.

# language courses
subjects: the Spanish A1 course ; the German B1 course ; the Evening English course ; the Online Italian course
link: in ; for ; with
own: I booked {s}. ; I'd like to join {s}.
roles: course | the learning portal | the course office | the booking e-mail
duration | the course ; finishing it | The course takes {6/8/10/12} weeks with {two/three} evenings a week.
limit | missed lessons ; how often I can be away | You get the certificate if you miss at most {2/3/4} lessons.
what | the book ; which textbook we use | We use {"Paso a paso 1"/"Open Doors B1"/"Passi 2"}, which is {included/to be
  bought for 24 EUR}.
can | change to another level ; switch groups | You can change level in the first {one/two/three} weeks.
when | the test ; the final exam | The test is on the last {Tuesday/Thursday/Saturday} at {5/6/10}.
whatif | the class is too small ; too few people sign up | With fewer than {4/5/6} people the course is moved by
  {two/four} weeks.

# city offices
subjects: the Resident permit ; the Passport ; the Parking permit ; the Dog licence ; the Building permit
link: for ; with
own: I applied for {s}. ; I need {s}.
roles: application | the city portal | the citizens' office | the notice
cost | it ; the fee for it | The fee is {eur}, paid {by card only/in cash or by card}.
duration | it being issued ; waiting for it | It takes {2/3/4/6/8} weeks.
need | apply for it ; bring along | Bring {your identity card and a photo/proof of address and the filled form/the
  rental contract and an identity card}.
who | collect it ; pick it up for me | It can be collected by {you only/anybody with a signed letter from you}.
where | find the right counter ; go with my papers | Go to counter {2/4/7/11}, {ground floor/first floor/room 103}.
duration | its validity ; being allowed to use it | It is valid for {one year/two years/five years/ten years}.
whatif | it is stolen ; it gets lost | Report the loss to the police and to us within {3/7/14} days.

# waste collection | held
subjects: the Paper bin ; the Bio bin ; the Bulky waste service ; the Recycling yard ; the Glass point
link: for ; with ; at
own: We have {s}. ; I want to use {s}.
roles: order | the waste app | the waste office | the yearly bill
when | the collection ; the day it is emptied | It is emptied every {Monday/second Tuesday/Thursday/second Friday}
  from {6/6:30/7} am.
limit | amount ; how much I can bring | Up to {1/2/3/5} cubic metres are taken at a time.
cost | a bigger bin ; changing to 240 litres | A bigger bin costs {3.10/4.80/6.50} EUR more a month.
can | bring paint ; get rid of old paint | Paint is taken {on Saturdays only/in closed tins of up to 20 litres/at gate
  3}.
whatif | it was not emptied ; they left it standing full | Leave it outside until {the next day/6 pm} and report it in
  the app under {Missed/Not emptied}.
how | book a date ; order a pick-up | Open {Dates/Pick-up} in the app, choose the things and a day. The date is
  confirmed in {1/2/3} days.

# flats to rent
subjects: the two-room flat ; the garden flat ; the loft ; the student room
link: for ; in
own: I rent {s}. ; We would like to rent {s}.
roles: lease | the tenant portal | the caretaker | the lease
deadline | give notice ; terminate the lease | Notice must be here by the {third/fifth/last} working day of the month,
  {two/three} months ahead.
what | the deposit ; how much I leave as security | The deposit is {one month's rent/two months' rent/three months'
  rent}.
can | keep a cat ; have pets | {Cats are allowed, dogs need permission/Small animals are allowed, others on request}.
whatif | the heating fails ; it's cold and nothing heats | Call the emergency line {phone}; someone comes within
  {4/6/12} hours.
where | dry the laundry ; wash clothes in the house | The laundry room is {in the cellar/on the top floor/next to
  entrance B} and costs {0.50/1/1.50} EUR a wash.
who | pay for small repairs ; cover little repairs | Tenants pay small repairs up to {75/100/120} EUR each.
when | the quiet hours ; the time it must be quiet | Quiet hours are from {10 pm/1 pm} to {6 am/3 pm}.

# museums | held
subjects: the Maritime museum ; the Toy museum ; the Sculpture hall ; the Night tour
link: at ; for ; in
own: We want to visit {s}. ; I have tickets for {s}.
roles: booking | the visitors' page | the ticket desk | the entry ticket
hours | the collection ; visiting | It is open from {9:30/10/11} to {5/6/7}, closed on {Mondays/Tuesdays}.
cost | the audio guide ; hiring a guide device | The audio guide costs {2/3/4/5} EUR and needs an identity card as a
  deposit.
can | take photos ; use a camera inside | Photos are allowed without flash, {but not in room 4/also with a small
  tripod}.
limit | school groups ; how many pupils may come together | A school group may have {20/25/30} pupils and two adults.
where | leave my rucksack ; put large bags | Large bags go into the lockers {behind the stairs/left of the entrance};
  take a {1 EUR/2 EUR} coin.
duration | a guided tour ; walking round with a guide | A guided tour takes {50/60/75/90} minutes.

# libraries | held
subjects: the Town library ; the University library ; the Children's library ; the Music library
link: at ; from ; in
own: I use {s}. ; I am a reader at {s}.
roles: reader account | the catalogue | the lending desk | the reader's card
duration | lending books ; keeping a borrowed book | Books are lent for {three/four/five} weeks, films for {one/two}.
limit | renewals ; extending a loan again | A loan can be renewed {once/twice/three times/five times} if nobody waits
  for it.
cost | bringing a book back late ; overdue items | Each late item costs {0.20/0.30/0.50} EUR a day.
whatif | I spill tea on a book ; a borrowed item is damaged | Damaged items are to be paid at the price of a new copy
  plus {3/5/7} EUR for the cover.
where | put books back at night ; return things when closed | The return flap is {at the side entrance/next to the
  bicycle stands/on Mill Lane}.
how | reserve a book that is out ; get in line for a title | Search the title in the catalogue and press {Reserve/Hold
  for me}. A text message tells when it is there; it waits for {5/7/10} days.
can | print from my own laptop ; get a printout of my file | Send the file to {mail}; a page costs {0.05/0.08/0.10}
  EUR.
limit | interlibrary loans ; books fetched from other towns | {Three/Five/Ten} interlibrary loans a month are possible
  at {1.50/2/3} EUR each.

# airlines | held
subjects: the Light fare ; the Classic fare ; the Flex fare ; the Business fare
link: with ; on ; in
own: I booked {s}. ; We fly on {s}.
roles: booking | the airline app | the airport counter | the booking confirmation
limit | hand luggage ; what I may carry into the cabin | One cabin bag of up to {7/8/10/12} kg and {40 x 30 x 15/55 x
  40 x 20} cm is included.
cost | a checked suitcase ; handing in a big case | A checked suitcase of {20/23} kg costs {25/29/35/42} EUR each way.
when | online check-in ; the earliest check-in on the phone | Online check-in opens {24/30/36/48} hours before
  take-off.
can | take a pushchair ; bring a buggy for the baby | A folding pushchair flies free and is handed in at the
  {gate/oversize belt}.
whatif | my flight is cancelled ; they call off my flight | You may choose a new flight within {7/14} days or your
  money back under {My trips/Manage} > {Options/Refund}.
cost | choosing a seat ; a window place | A seat by the window costs {6/9/12/15} EUR.
deadline | be at the gate ; board | The gate closes {15/20/25} minutes before take-off.
who | travel as an unaccompanied child ; fly alone as a kid | Children from {5 to 11/6 to 14} years fly alone with our
  escort for {50/60/80} EUR.

# energy | held
subjects: the Green tariff ; the Night tariff ; the Solar tariff ; the Basic gas tariff
link: with ; on ; in
own: I am on {s}. ; We changed to {s}.
roles: contract | the energy portal | the customer line | the yearly bill
what | the price of a kilowatt hour ; how much a unit is | A kilowatt hour costs {0.24/0.27/0.31/0.36} EUR.
how | send in the meter reading ; report my meter | Open {Meter/Readings} in the portal, type the digits before the
  comma and press {Send/Report}. Do it by the {3rd/5th/10th} of the month.
duration | the price guarantee ; prices staying the same | Prices are fixed for {6/12/18/24} months.
whatif | the power fails in the whole street ; it's dark everywhere around us | Report the outage under {phone}; the
  map of outages is renewed every {5/10/15} minutes.
can | pay every two months ; change the rhythm of payments | Instalments can be paid {monthly or quarterly/every two
  months or once a year}.
when | the cheap hours ; the time when it's cheaper | The cheap hours are from {9/10/11} pm to {5/6/7} am.
meaning | the letters {HT/NT/Z2} on the meter ; {HT/NT/Z2} in the display | {HT/NT/Z2} is the counter for {the day
  price/the night price/what your roof feeds in}.

# veterinary practices | held
subjects: the Cat practice ; the Horse clinic ; the Small Animal centre ; the Mobile vet
link: at ; with ; for
own: We go to {s}. ; My pet is registered at {s}.
roles: registration | the pet app | the practice desk | the vaccination pass
need | travel abroad with my pet ; cross the border with my animal | For travel the animal needs a chip and a rabies
  jab that is at least {21/28/30} days old.
cost | the yearly check ; the check-up once a year | The yearly check costs {eur}, vaccines {not included/included}.
how | prepare it for an operation ; get ready before surgery | No food for {8/10/12} hours before and water until
  {6/7} am. Come {20/30} minutes earlier.
whatif | it eats chocolate ; my pet swallowed something bad | Call {phone} at once and tell weight and amount; do not
  make it vomit yourself.
can | pay in instalments ; spread the bill | Bills above {200/300/500} EUR can be paid in {two/three/six} rates.
"""
