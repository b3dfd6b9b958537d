"""What people ask along with a screenshot that the screenshot cannot answer: help, reasons, refunds, rights.

`;` parts questions, `~` starts those kept for the test split, `(a|b|)` are alternatives. TROUBLES are told before
a PLEA; WHOLE stand alone.
"""

WHOLE = """
How do I fix (this|it|this error|that)?; What should I do( now| next|)?; What can I do about (this|it|that)?;
How can I solve this?; What does this (error|message|code) mean( and what should I do|)?;
Why (do I get|am I getting|does it show) this( error|)?; Why was I charged twice?;
Why was I charged (for this|so much|again)?; Can I get (a refund|my money back)( for this|)?; I want a refund.;
It keeps saying this, please help; Please help(!| me| with this|); Can you (fix|solve|sort out) this( for me|)?;
Is this (normal|a scam|safe|serious)?; How do I (cancel|return|exchange) (this|it|my order)?;
Can I still (cancel|change|return) (it|this|the order)?; What are my options (now|here)?;
How do I get rid of this( message|)?; Is there a way around this?; How do I (reset|change) my password?;
How do I turn this (on|off)?; How do I (connect|pair|install|update|activate) (it|this)?;
Where do I find the setting for this?; How long does (a refund|this|the repair) (usually |)take?;
Why is (it|my internet|the app|this) so slow?; Why (won't|doesn't) (it|this) (work|load|open|connect|start)?;
Should I (press|click) (OK|this|update|yes)?; Is it safe to (continue|click this|install it|ignore this)?;
What happens if I (click this|continue|cancel|ignore it)?; Do I have to pay (this|for it|customs)?;
Can you (cancel|refund|resend|reship) (it|this|my order)( please|)?;
Can you change (my address|the delivery date|my plan|my email) for me?;
Can you explain (this|this bill|what that means)( to me|)?;
Why is (my bill|the price|it) higher than (last month|before|expected)?;
Why (has my order been|was my order) (delayed|cancelled)?; Why was my (payment|card) (declined|rejected)?;
Why (has my account been|is my account) blocked?;
Who do I (contact|call|talk to) about this?; I don't understand this, can you help?; What did I do wrong?;
Is (my data|everything|my money) (lost|gone|safe)?; Can I (undo|reverse) this?;
Do you (ship|deliver) to (Norway|Canada|my country)?; What is your return policy?; Is this covered by the warranty?;
How do I (make|file) a complaint?; Can I (upgrade|downgrade|switch) (my plan|to another plan)?;
How can I get an invoice for this?; Can someone call me (back|about this)?;
I need (a human|to talk to someone|an agent).; Can you check with the carrier?;
Where is my parcel( and why is it late|)?; what now; help; how to fix; any solution?; pls fix; this again, what to do;
it doesn't work, why; why; Can you tell me why?; What is the reason for this?; Is there an update that fixes this?;
Do I need to reinstall( it| the app|)?; Did I break something?; Should I be worried?;
How do I stop (this|these mails|the renewal)?; How do I claim the discount?;
Why isn't my (code|coupon|card) accepted?; Can you extend the deadline?;
Can I pay (later|in instalments|another way)?; How do I export (my data|this)?; Can I share this with my team?;
Who can give me access?; How do I get permission for this?; Can you unlock my account?; What causes this( error|)?;
How do I avoid this (next time|in future)?; Is there a known problem?; Are your servers down?;
When will this be fixed?; How do I set it up (again|from scratch)?; Which plan should I take?;
What would you recommend?; Does it work with (Windows|Mac|my phone)?; Can I use it (abroad|offline|without internet)?;
How do I add (a user|another device|a second address)?; How do I delete my account?; How do I clean it?;
Do I need a new (battery|router|cable)?; How do I read this chart, what does it tell me?;
What does the red light mean?; What does the blinking light mean?; Why is the light red?;
Why is (Wi-Fi|it|the switch|this) (off|greyed out|disabled)?; How do I make the button active again?;
Why can't I press the button?; Why does the arrow point there?; Why is the total different from the subtotal?;
Why is tax so high?; Why does it say delivered when I got nothing?; My tracking has not moved, why?;
Can I change the payment method?; How do I change the language?; Which version should I install?;
Is the newest version better?; How do I update to the new version?; What is an SSID and how do I change it?;
How do I find my serial number?; Where can I see my order number?; What is a MAC address for?;
How do I change my username? ~ Any idea how to repair this?; What's the way out of this?; What would be my next step?;
How might I get past this (screen|point)?; Could I have my money returned?;
Is reimbursement possible (here|in this case)?; What's behind this (fault|failure|notice)?;
Explain this to me like I'm five.; Do I need to be concerned?; Will I lose my files?; Would restarting help?;
Shall I wait or reorder?; May I send it back?; Who pays for the return?; Why did the price go up?; What made it fail?;
For what reason was this refused?; Could you look into this for me?; Could you take care of this?;
Sort this out for me, will you?; Walk me through solving this.; Show me how to set this up.;
What's the trick to get it running?; Is a technician needed?; Can the renewal be stopped?;
Could I move to a cheaper plan?; How does one lift the block?; Who is allowed to approve this?; fixable?; and now??;
What's the usual cure for this?; How come the light is red?; How come this is greyed out?;
How might I turn that back on?; What is the meaning of this code for me?; Is it my fault or yours?;
Could this be a virus?; Would a new cable help?; How do others solve this?
"""

TROUBLES = """
My parcel is late.; The delivery never came.; The box arrived damaged.; I got the wrong size.; One item is missing.;
I was billed twice.; My card was declined.; My coupon does not work.; I can't log in.; I forgot my password.;
My account is locked.; The code never arrives.; The app crashes when I open it.; The update is stuck.;
The installation fails.; The router keeps dropping the connection.; The printer prints blank pages.;
The camera stays offline.; The thermostat shows the wrong temperature.; The battery drains too fast.;
My report does not refresh.; The import stops half-way.; The file won't open.; The server can't be reached.;
My flight was moved.; The hotel cancelled my room.; The subscription renewed by itself.;
The invoice has the wrong name.; The total looks wrong.; The switch turns itself off.; The button does nothing.;
I see this on every start.; The light stays red.; The bank asks for more money.; My refund is not here yet.;
The page stays white.; I moved to a new address.; My storage is full.; The mail bounced.; The sound is gone. ~
The shipment went to my neighbour.; The seal was broken.; My voucher expired.; The login page loops.;
The scanner is not found.; The tablet stays black.; The upload hangs.; The query times out.; My seat was given away.;
The bill is too high.; The sensor sends nothing.; The backup failed at night.
"""

PLEAS = """
What (can|should) I do( now|)?; How do I fix (this|that)?; Can you help( me|)?; Please help.; How can this be?;
Why is that?; What now?; Can I get a refund?; Can you look into it?; Who is responsible?; I want this solved.;
How long will it take to fix?; Can you send a new one?; How do I prevent this?; Is there anything I can try?;
Can I cancel?; What does that mean for me?; Do I have to pay? ~ What would you advise?; How might I mend that?;
Could you step in?; What's your solution?; Am I entitled to compensation?; Could that be put right?
"""
