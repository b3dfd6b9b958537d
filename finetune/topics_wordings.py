"""How customers ask, by kind of question, and the policies that every kind of business has (for finetune/topics.py)."""

# {p}: what is asked about. A line that begins with "~" takes phrases like "how fast it is" as well as nouns.
WORDINGS = {
    "deadline": """How long do I have to {p}?|Until when can I {p}?|By when must I {p}?|What is the deadline to {p}?
I want to {p}. How much time is there?|How many days do I get to {p}?|Is there a time limit if I want to {p}?
When is it too late to {p}?|Do I still have time to {p}?|What's the latest I can {p}?|I'd like to {p}, but by what date?
Tell me the last moment to {p}.|time limit to {p}|Can you say until when one may {p}?|How soon must I {p}?
If I decide to {p}, how long do I have?|I need to {p}. Is there a cut-off?|What period applies when I {p}?""",
    "duration": """How long does {p} take?|How much time should I plan for {p}?|How long is it for {p}?
What time span applies to {p}?|I'd like to know the duration: {p}.|How many days or minutes for {p}?|{p}: how long?
Any idea how long {p} takes?|Can you tell me the time for {p}?|Is {p} quick or does it take a while?
What's the usual time for {p}?|Roughly how long should I reckon with for {p}?|duration of {p}
About {p}: what time frame do you give?|For how long, when it comes to {p}?|Please tell me about the time for {p}.
How long, please? It's about {p}.""",
    "cost": """How much is {p}?|What does {p} cost?|What do you charge for {p}?|What is the price of {p}?|Is {p} free?
Do I have to pay for {p}?|I wonder what {p} costs.|What would I pay for {p}?|Tell me the fee for {p}, please.
price for {p}|Is there a charge for {p}?|{p}: what does it cost?|How expensive is {p}?|What amount do you take for {p}?
Can you give me the price for {p}?|Will {p} cost me anything?|What will be on my bill for {p}?
Which fee applies to {p}?""",
    "limit": """What is the limit for {p}?|What's the maximum for {p}?|Is there a limit on {p}?
How much is allowed: {p}?
Tell me the limit: {p}.|I'd like to know the maximum for {p}.|{p}: what is the most?|Are there restrictions on {p}?
What are the rules about {p}?|What is allowed when it comes to {p}?|Where is the limit for {p}?|max {p}
Do you set a limit for {p}?|Can you tell me the limit for {p}?|Is there a cap on {p}, and what is it?
About {p}: how far can I go?|How high is the limit on {p}?""",
    "where": """Where do I {p}?|Where can I {p}?|I can't find where to {p}.|In which place do I {p}?
Where must I go to {p}?
I'm trying to {p} and don't see where.|Show me where to {p}, please.|I need to {p}. Where?|where to {p}
Can you point me to where I {p}?|Is there a place where I can {p}?|I've looked everywhere: where do you {p}?
Which place is it if I want to {p}?|Could you tell me where one can {p}?|Hi, I'd like to {p}. Where is that?
What's the right spot to {p}?|Whereabouts do I {p}?""",
    "how": """How do I {p}?|How can I {p}?|What are the steps to {p}?|Can you explain how to {p}?|I want to {p}.
I don't know how to {p}.|What must I do to {p}?|Please help me to {p}.|how to {p}
Could you walk me through it? I need to {p}.
What's the way to {p}?|I tried to {p} and failed. How does it work?|Which steps are needed to {p}?|Tell me how to {p}.
I'd like to {p}, what do I do?|How does one {p}?|Is there an easy way to {p}?|We need to {p}. How?""",
    "can": """Can I {p}?|Is it possible to {p}?|Am I allowed to {p}?|May I {p}?|Is it OK if I {p}?
I'd like to {p}. Is that possible?
Would it be a problem to {p}?|Do you let customers {p}?|Are there rules if I {p}?|Is there a way to {p}?
What's your rule if I want to {p}?|I was wondering if I could {p}.|can you {p}|Would you let me {p}?
Could I {p}, please?
Does it work to {p}?|Is one allowed to {p}?|I plan to {p}. Any conditions?""",
    "whatif": """What happens if {p}?|What do I do if {p}?|What if {p}?|What should I do when {p}?|{p}. What now?
{p}, help!
And if {p}?|Please advise: {p}.|Suppose {p}. What then?|{p}. What do you suggest?|{p} - what can I do about it?
How do I react when {p}?|What are the rules when {p}?|I have a problem: {p}.|What is the procedure if {p}?
Is there something to do when {p}?|Tell me what happens when {p}.""",
    "meaning": """What does {p} mean?|What is {p}?|Why do I see {p}?|I get {p}. What is it?|{p} came up. What is wrong?
What is {p} trying to tell me?|How do I read {p}?|Can you explain {p}?|{p}, what's that?
There is {p} and I don't know why.
What's the reason for {p}?|Please tell me about {p}.|meaning of {p}|Is {p} something bad?|It's {p} again. Why?
Do you know what is behind {p}?|What stands behind {p}?""",
    "hours": """When is {p} open?|What are the hours for {p}?|Until what time can I come for {p}?
From when to when is {p} possible?
opening hours for {p}|When can we come for {p}?|How late is {p} possible?|Could you tell me the opening times for {p}?
Are there fixed hours for {p}?|{p}: at what times?|On which days and hours is {p} possible?
I'd like to know the times for {p}.
Is {p} possible in the evening?|Between what times is {p}?|What time do you open and close for {p}?""",
    "who": """Who can {p}?|Who may {p}?|Who is allowed to {p}?|Can anybody {p}?|Which people may {p}?
I'd like to know who can {p}.
Who has the right to {p}?|Is everyone allowed to {p}?|Am I one of those who can {p}?|Tell me who may {p}.|who can {p}
What are the conditions for people to {p}?|Whom do you allow to {p}?|Does it matter who wants to {p}?
May just anyone {p}?|Who exactly is able to {p}?""",
    "need": """What do I need to {p}?|Which papers are needed to {p}?|What must I have to {p}?
I want to {p}. What do you need from me?
Is there anything I need to {p}?|What is required to {p}?|What do you ask for if I want to {p}?|needed to {p}
Tell me what I need to {p}.|What should I have ready to {p}?|Which things are necessary to {p}?
Before I {p}: what is needed?
What are the requirements to {p}?|Do I need anything special to {p}?|What do you want from me when I {p}?
Can you list what I need to {p}?""",
    "when": """When is {p}?|What time is {p}?|I'd like to know when {p} is.|Can you tell me the time of {p}?
From when is {p}?
{p}: when?|At what time or date is {p}?|Do you know when {p} is?|When should I expect {p}?
Please give me the time for {p}.
When exactly is {p}?|Which time applies to {p}?|time of {p}|Is there a fixed time for {p}?|How early or late is {p}?
Tell me about {p}: when is it?""",
    "what": """What is {p}?|~Can you tell me {p}?|~I'd like to know {p}.|~Please tell me {p}.|~Do you know {p}?
~I need to know {p}.|~Could you look up {p}?|~I can't find out {p}.|~Where is it written: {p}?|~Quick question: {p}?
Which is {p}?|~My question is {p}.|~I wonder {p}.|~Would you tell me {p}?|~{p}?|~Any information on {p}?
~I was asked about {p}.|What's {p}?""",
}
OPENERS = (
    "Hi, ",
    "Hello. ",
    "Good morning, ",
    "Hi there! ",
    "Hey, ",
    "Quick question: ",
    "One question. ",
    "Hello team, ",
    "Sorry to bother you. ",
    "I hope you can help. ",
    "Another thing: ",
    "Please help, ",
    "Short one: ",
)
CLOSERS = (
    " Thanks!",
    " Thank you.",
    " Thanks in advance.",
    " Cheers",
    " please",
    " Many thanks, {person}",
    " thx",
    " :)",
)
# {s} is the product, plan or place.
FOLLOWING = (
    "And {link} {s}?",
    "And what about {s}?",
    "What about {s}?",
    "no, I meant {s}",
    "Sorry, it's {s}.",
    "Same question {link} {s}.",
    "I meant {s}, not {other}.",
    "Not {other}, {s} please.",
    "And for {s}, is it the same?",
    "Is that different {link} {s}?",
    "Wrong one. I have {s}.",
    "ok, and {s}?",
    "How is it {link} {s}?",
    "My mistake: I'm asking about {s}.",
    "Thanks. And now the same for {s}, please.",
    "Actually it's {s} I'm asking about.",
    "Does {s} have the same rule?",
)
GENERIC = """
deadline | cancel the {thing} ; call the {thing} off | You can cancel the {thing} free of charge within {3/7/10/14/30}
  days.
cost | a late cancellation ; cancelling at the last minute | A late cancellation costs {10/15/25/40/50} % of the
  price.
duration | a refund ; getting my money back | A refund takes {3 to 5/5 to 7/7 to 10/10 to 14} working days.
cost | a change of the {thing} ; changing something after signing | A change of the {thing} costs {eur}.
cost | paying with {credit card/PayPal/instalments} ; using {credit card/PayPal/instalments} | Paying with {credit
  card/PayPal/instalments} adds {0.9/1.5/2/2.5} % to the price.
where | download the invoice ; get a bill as PDF | Invoices are ready in {place} under {Orders/Documents/Billing/My
  papers} > {Invoices/Bills/PDF}.
cost | replacing {doc} ; getting {doc} a second time | Replacing {doc} costs {eur}.
whatif | I lose {doc} ; {doc} is gone | If {doc} is lost, write to {mail} and name the {date/number/town} of the
  {thing}.
hours | {desk} ; the counter | {desk} can be reached {Monday to Friday/daily/Monday to Saturday} from {7/8/9} am to
  {5/6/7/8} pm.
what | the phone number of {desk} ; how I reach {desk} by phone | {desk} answers under {phone}.
what | the address for complaints ; where I send a complaint | Complaints go to {mail} with the number of the {thing}.
duration | an answer to a complaint ; your reply when I complain | A complaint is answered within {2/3/5/7} working
  days.
what | the student discount ; how much students save | Students pay {10/15/20/25/30} % less with {a valid card/proof
  of enrolment}.
who | get the senior price ; pay less because of age | The senior price is for people of {60/63/65/67} years and more.
who | sign the {thing} ; be the main name on the {thing} | The {thing} can be signed by anybody of {16/18/21} years or
  more.
cost | transferring the {thing} to another person ; passing the {thing} to a friend | Transferring the {thing} to
  another person costs {eur}.
can | put the {thing} in my partner's name ; change the name on the {thing} | The name can be changed {once/twice}
  free of charge in {place}.
where | change my e-mail address ; put in a new e-mail | The e-mail address is changed in {place} under {Profile/My
  data/Account} > {Contact/E-mail}.
how | turn on two-step sign-in ; protect my login with a second code | Open {place} and go to {Security/Privacy} >
  {Second step/Sign-in codes}. Scan the square code and type the {6/8} digits.
can | pause the {thing} ; take a break from it | The {thing} can be paused for up to {one month/two months/three
  months/six weeks} a year.
cost | paying late ; a reminder for late payment | A reminder for late payment costs {2.50/5/7.50/12} EUR from the
  {first/second} letter on.
duration | a voucher's validity ; using up a gift card | Vouchers are valid for {one year/two years/three years} from
  the day of purchase.
what | the code for {10/15/20} % off ; which promo code is running | The code for {10/15/20} % off is {promo}, until
  {date}.
what | the reward for bringing a friend ; how much I get for a recommendation | For a friend who signs up you get
  {10/15/20/25/50} EUR.
how | delete my account ; have all my data removed | Write "{DELETE/REMOVE ME/ERASE}" to {mail} from your own address.
  Everything is gone after {14/30/60} days.
where | stop the newsletter ; switch off messages | Messages are switched off in {place} under
  {Alerts/Messages/Notices} > {Choose/Topics}.
who | use it besides me ; share it with family | Up to {two/three/four/five} people of one household can share it.
how | export my data ; get a copy of everything you know about me | In {place} open {Privacy/My data} and press
  {Export/Get a copy}. The file is ready after {one hour/one day/two days}.
when | the renewal of the {thing} ; the day it goes on by itself | The {thing} is renewed on {date} unless you say no
  {7/14/30} days before.
duration | the trial ; trying it free of charge | The trial lasts {7/14/21/30} days and {ends by itself/becomes paid
  after that}.
cost | paper bills ; having the bill sent by post | A paper bill costs {0.90/1.50/2/2.50} EUR each time.
when | the direct debit ; the day you take the money | The money is taken on the {1st/3rd/5th/10th/15th} of the month.
can | come with a wheelchair ; get step-free access | Step-free access is {at the back entrance/through gate B/by lift
  from the car park}.
what | the group discount ; how much cheaper groups get it | Groups of {8/10/12/15} people or more save {10/12/15/20}
  %.
deadline | use the price guarantee ; get the difference if it is cheaper elsewhere | Show us a lower price within
  {7/14/30} days and we pay the difference.
duration | the waiting list ; waiting for a free place | The waiting list takes {two/three/five/eight} weeks at the
  moment.
need | get a refund ; ask for my money back | For a refund we need the number of the {thing} and {your bank details/a
  photo of {doc}}.
what | the languages you speak ; which languages {desk} speaks | {desk} speaks {English and Spanish/English, French
  and Italian/English and Polish}.
where | rate the service ; leave a review | Reviews are written at {place} under {Feedback/Your opinion}.
can | pay by invoice ; get it on account | Payment by invoice is possible up to {100/200/300/500} EUR, due after
  {10/14/30} days.
can | get the bonus points ; collect points | Each {1/5/10} EUR gives one point; {50/100/200} points are worth
  {2/5/10} EUR.
how | change the bank details ; give you a new IBAN | In {place} open {Payment/Money} > {Bank/Direct debit} and enter
  the new number. We check it within {one/two/three} working days.
whatif | the payment is declined ; my payment does not go through | If a payment is declined, try again after
  {10/15/30} minutes or choose {bank transfer/another card}.
whatif | I was charged twice ; the money was taken two times | A double charge goes back by itself within {2/3/5/7}
  days; send {doc} to {mail} if it does not.
what | the tax rate on the bill ; which VAT you add | The bill shows {5/7/10/19/20/21} % VAT.
deadline | add the tax number ; have the company name put on the bill | The company name and tax number can be added
  within {5/10/14} days.
meaning | the status {"Pending"/"In review"/"On hold"/"Waiting"} ; it saying {"Pending"/"In review"/"On
  hold"/"Waiting"} | {"Pending"/"In review"/"On hold"/"Waiting"} means that {a colleague must confirm it/the payment
  is not here yet/a paper is missing}.
what | the minimum term ; how long I am bound | The minimum term is {one month/three months/six months/12 months/24
  months}.
when | the price change ; the day it gets dearer | From {date} on the price rises by {2/3/4/5} %.
"""
# These are kept for the test split, with their wordings' last quarter and the domains marked "held".
HELD_GENERIC = 7
