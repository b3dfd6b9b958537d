"""The frames that names of facts go into, and what people say before and after a question.

`{n}` and `{m}` are names of facts, `{l}` the words beside one. `;` parts wordings, `~` starts those kept for the
test split, `(a|b|)` are alternatives.
"""

FRAMES = """
any
What is the {n}?; What's the {n}?; {n}?; {n} pls; the {n} please; Which {n} is (shown|on it|on the screen)?;
What {n} (is shown|does it show|do you see|is on there|does the screen show|is on this page)?;
(Can|Could) you (tell|read|give) me the {n}?; Tell me the {n}.; Give me the {n}, please.; I need the {n}.;
I'm looking for the {n}.; Read me the {n}.; Please read out the {n}.; what does it say for {n};
I can't make out the {n}, what is it?; What is (listed|given|shown|written) as the {n}?; Just the {n}, please.;
Can I get the {n} from this (picture|screenshot|image)?;
What's the {n} (on this page|in the screenshot|here|on there)?;
Can you find the {n} (here|in this picture|in the screenshot)?; whats the {n}; what is {n}; the {n} is what;
Where it says {n}, what stands there?; Look up the {n} in the attached screenshot.; Let me know the {n}, please.;
Do you see the {n}? What is it?; What did they put as {n}?; need the {n} from this ~ Mind telling me what the {n} is?;
Would you read the {n} back to me?; Which {n} appears in the image?; {n} here?; Kindly confirm the {n}.;
According to the picture, what's the {n}?; I'd like to know the {n}.; What would the {n} be?;
Copy the {n} from the screenshot for me.; what (have we|do we have) as {n}; Any idea what the {n} is?;
The {n} in the picture is?; What can you read as the {n}?; Please state the {n}.

my
What's my {n}?; what is my {n}; (Can|Could) you tell me my {n}?; I forgot my {n}, what is it?; Which {n} do I have?;
my {n}?; What's the customer's {n}?; Which {n} does the customer have?; What {n} has the customer got? ~
Remind me of my {n}?; what {n} have I got; Which {n} did the customer send us?

label
What does it say (next to|beside|under|at|for) {l}?; What is written (next to|beside|at) {l}?;
What's (next to|beside) {l}?; What stands (next to|at|beside) {l}?; What's the value (of|for|next to) {l}?;
Read me what's (next to|beside) {l}.; what comes after {l}; The entry for {l}?; Which value does {l} have?;
What do you see (next to|at) {l}?; Where it says {l}, what is there? ~ What's the entry (at|beside) {l}?;
What is {l} followed by?; Which words belong to {l}?; what does {l} read; Look at {l}: what does it say?;
What did they fill in for {l}?

pair
What are the {n} and the {m}?; What is the {n} and what is the {m}?; {n} and {m}?; {n} + {m} pls;
(Can|Could) you (tell|read|give) me the {n} and the {m}?; I need the {n} and the {m}.;
Give me the {n} and the {m}, please.; Which {n} and which {m} are (shown|on it|on the screen)?;
Both the {n} and the {m}, please.; the {n} and also the {m}; Read me the {n} and then the {m}.;
What's the {n}, and the {m}?; Tell me the {n} as well as the {m}.; What does it say for {n} and for {m}?;
Please read out the {n} and the {m}.; First the {n}, then the {m}.; I'm looking for the {n} and the {m}.;
what {n} and {m} do you see; Look up the {n} and the {m} for me. ~ Mind telling me the {n} and the {m}?;
Kindly confirm the {n} and the {m}.; What would the {n} and the {m} be?; Two things: the {n} and the {m}?;
I'd like to know the {n} plus the {m}.; The {n}, and after that the {m}?
"""

OPENERS = """
Hi,; Hello,; Hey,; Quick question:; Please,; Sorry,; Hi there,; Good morning,; One more thing:; Hello team, ~
Good evening,; Excuse me,; Dear team,; Just wondering:
"""

ENDINGS = """
Thanks!; thanks; Thank you.; please; It's in the screenshot.; See the picture.; I attached a screenshot.;
I can't read it. ~ Cheers.; Picture attached.; My eyes are bad.
"""

# What people say before they ask, by what the fact is about.
CONTEXTS = """
shop
I ordered something last week.; My order looks odd.; I'm trying to return this.; This is the page of my order.;
I bought this here. ~ I did some shopping yesterday.; About the thing I purchased.
pay
I'm doing my accounts.; My bank asks about a payment.; I got this bill.; I was charged twice.; I need to pay this. ~
My bookkeeper needs this.; There is a payment I don't understand.
parcel
My parcel is late.; The delivery never came.; I'm waiting for my package.; I want to track my order.;
Nobody was home when it came. ~ The shipment seems lost.; Still no package at my door.
support
I wrote to you yesterday.; I'm following up on my case.; A colleague answered already.; I got this mail. ~
I contacted you before.; This is about an old request.
account
I want to change my details.; I can't get into my account.; I'm thinking about upgrading.; I moved last month.;
I manage the account for my team. ~ I took over this account.; My profile looks strange.
travel
I'm travelling tomorrow.; My trip was changed.; I booked this online. ~ We leave next week.; The hotel sent me this.
time
I'm not sure when this was.; I need this for my calendar. ~ I have to plan my day.; My agenda is empty for this.
app
I just installed the app.; The program acts up.; After the update it looks like this.; I'm setting this up. ~
The software was reinstalled.; My colleague set this up.
device
The router acts up.; I bought a new device.; My internet is slow.; I'm on the settings page of it.;
It does not connect. ~ The box was restarted.; My gadget is new.
error
It crashed again.; I can't go on.; This popped up.; It worked yesterday.; I get this every time. ~
Suddenly this came up.; The program gave up on me.
place
I don't know my way around.; I'm late for a meeting. ~ I am new here.; I need to go there.
state
I took this screenshot.; I'm looking at my settings.; I sent you a photo of it.; Something is wrong here.;
Here is my screen. ~ That's what I see here.; Please have a look at it.
"""
