"""How people ask for what is seen rather than read: switches, lamps, arrows, buttons, pages.

`{l}` is the words beside a thing, `{c}` a colour. `;` parts wordings, `~` starts those kept for the test split,
`(a|b|)` are alternatives.
"""

STATES = """
switch
Is (the |){l} on or off?; Is (the |){l} (switch|toggle|setting) on or off?;
Is (the |){l} (switched|turned) on or off?; {l} on or off?; What is {l} set to, on or off?;
What's the state of (the |){l}( switch| toggle|)?; Which way is (the |){l} (switch|toggle) set?; How is {l} set?;
Tell me whether {l} is on or off.; In which position is (the |){l} (switch|toggle)?; what position is {l} in;
{l}: on or off? ~ On or off: {l}?; Does {l} stand on on or off?; Can you see if it's on or off for {l}?;
Would that be on or off at {l}?; The {l} switch, is it on or off?; What does the {l} control stand at?

switch yes
Is (the |){l} on?; Is (the |){l} (switched|turned) on?; Is {l} (enabled|active|activated)?;
Do I have {l} (on|turned on|enabled)?; Has {l} been (turned|switched) on?; Did I (turn|switch) {l} on?;
is {l} on here; {l} on?; Is (the |){l} (switch|toggle) on?; {l} is on, right?; Can you check if {l} is (on|enabled)?;
Does it show {l} as (on|enabled)? ~ Is {l} up and on?; Would you say {l} is on?; Has the customer got {l} on?;
Is it on, the {l} (switch|thing)?; See if {l} is active, will you?

switch no
Is (the |){l} off?; Is (the |){l} (switched|turned) off?; Is {l} (disabled|deactivated|inactive)?;
Do I have {l} (turned off|disabled)?; Has {l} been (turned|switched) off?; Did I (turn|switch) {l} off?;
is {l} off here; {l} off?; Is (the |){l} (switch|toggle) off?; {l} is off, right?;
Can you check if {l} is (off|disabled)?; Does it show {l} as (off|disabled)? ~ Would you say {l} is off?;
Has the customer got {l} off?; Is it off, the {l} (switch|thing)?; See if {l} is inactive, will you?; Is {l} not on?

checkbox
Is (the |){l} (ticked|checked)?; Is there a (tick|check|check mark|tick mark) (at|next to|in front of|beside) {l}?;
Did I (tick|check) {l}?; Is the (box|checkbox) (at|for|next to|beside) {l} (ticked|checked)?; {l} (ticked|checked)?;
Has {l} been (ticked|checked)?; is {l} marked with a tick; Do I have {l} (ticked|checked)?;
Does {l} have a (tick|check mark)? ~ Have they put a tick at {l}?; Is the little box by {l} filled?;
Would {l} be ticked?; Has the customer ticked {l}?; Is a tick set for {l}?

checkbox no
Is (the |){l} (unticked|unchecked|not ticked|not checked)?;
Is the (box|checkbox) (at|for|next to|beside) {l} (empty|unticked|unchecked)?;
Is there no (tick|check mark) (at|next to|beside) {l}?; Did I leave {l} (unticked|unchecked|empty)?;
{l} is (unticked|not ticked), right?; Is {l} left (empty|unticked)? ~ Is the little box by {l} empty?;
Has the customer left {l} empty?; Was {l} left without a tick?; Is {l} still unticked?; Is it blank at {l}?

radio
Is (the |){l} (selected|chosen|picked)?; Is {l} the (selected|chosen) option?; Did I (choose|select|pick) {l}?;
Have I got {l} selected?; Is the (dot|option|radio button) (at|for|next to) {l} (set|selected)?; {l} selected?;
Has {l} been (selected|chosen)?; is {l} what i picked; Is {l} the one that is (selected|chosen)?;
Does it have {l} selected? ~ Is it {l} they went for?; Would {l} be the choice made?; Has the customer picked {l}?;
Is the choice on {l}?; Did they go with {l}?

radio which
Which option is (selected|chosen|picked|set)?; What option (is|did I) (selected|choose)?;
Which (one|choice) is (selected|chosen|picked|set)?; What is (selected|chosen) (in the list|of the options|there)?;
Which radio button is (on|selected|set)?; what did i choose; what did i pick;
Which of the options is (selected|on|chosen|picked)?; Which choice did I make?; What have I selected? ~
Which option did the customer go for?; What's the choice made here?; On which option is the dot?;
Which of them was chosen?; What did they go with?

boxes which
Which (boxes|checkboxes|options|ones|entries) are (ticked|checked)?; What is (ticked|checked)?;
Which (boxes|checkboxes) did I (tick|check)?; what did i tick; What have I (ticked|checked)?;
Which (things|boxes) have a (tick|check mark)?; Tell me which (boxes|ones) are (ticked|checked).;
Which of the boxes are (ticked|checked|filled)? ~ Where are the ticks set?; Which boxes has the customer ticked?;
What's been ticked here?; At which entries is there a tick?; What all is ticked?

switches which
Which (switches|toggles|settings|ones) are (on|turned on|switched on|enabled)?; What is (turned|switched) on?;
What do I have (on|turned on|enabled)?; Which of the (settings|switches|toggles) are (on|enabled|active)?;
what all is on; Tell me which (settings|switches) are on.; List what is turned on. ~
Which switches has the customer on?; What's been switched on here?; Which of them are on?;
Name the settings that are on.; Where is the switch on?

slider
What is {l} set to?; How (high|far) is {l} (set|turned up)?; What's the {l} (level|at|slider at)?;
At what (level|percentage) is {l}?; How many percent is {l}( at| set to|)?; Where is the {l} slider?;
{l} at how much?; how far up is {l}; What percentage is {l}?; To what is {l} set?; What level is {l} on?;
How much is {l} at?; What does the {l} slider (say|show|stand at)? ~ How far is the {l} slider pushed?;
What per cent does {l} stand at?; {l} is at what level?; On how much is {l}?; Roughly where's {l}?

slider only
What is the slider set to?; Where is the slider?; How far is the slider (up|pushed|set|along)?;
At what (level|percentage) is the slider?; how many percent is the slider at;
What does the slider (say|show|stand at)?; How (high|far) is the slider set?; slider position?;
Where did I set the slider?; What is the slider on?; What position is the slider in?; To how much is the slider set?;
Which percentage does the slider show?; How much is the slider at?; the slider is at what ~
How far did they drag the slider?; What per cent does the slider stand at?; On how much is the slider?;
Roughly where's the slider?; Where has the slider been put?

progress
How far (along|) is it?; How far is (the progress|the bar|the progress bar|the update|it now)?;
How much (is|has been) (done|finished|completed)?; how many percent is it at;
What does the progress bar (say|show|stand at)?; What percentage is (done|it at|reached|complete)?;
How far did it get?; progress?; What's the progress?; How full is the (bar|progress bar)?;
At what percentage is (it|the bar)?; where is the bar at; How much of it is done? ~ How far has the bar come?;
What per cent has it reached?; How much of the bar is filled?; Where did it stop, how many percent?;
Is it far along, what's the bar at?

progress of
How far (along|) is (the |){l}?; How full is (the |){l}( bar|)?; What percentage is {l}( at|)?;
How much of {l} is (done|used|full)?; What does the {l} bar (say|show)?; {l} at how many percent?;
How far did {l} get?; how much is {l} at; What's the progress of {l}?; At what percentage is {l}?;
How much has {l} reached?; {l} progress?; How far is the bar of {l}?; Where is the bar for {l}?;
How much of the {l} bar is filled? ~ How far has {l} come?; What per cent does the {l} bar stand at?;
Where's {l} by now, in percent?; The bar for {l}, how far is it?; How filled up is {l}?

stars
How many stars (are there|did it get|did I give|were given|does it have|is it|are shown|are filled|are lit)?;
What's the (rating|star rating) in stars?; What is the star rating?; how many stars;
Which star rating (did it get|is shown|did I give)?; stars?; How was it rated in stars?;
How many stars (did they|did the customer) give?; How many of the stars are (filled|coloured|lit|yellow)?;
What rating do the stars show? ~ How many stars out of five?; With how many stars was it rated?;
Count the filled stars, how many?; What do the stars say?; How many stars has it earned?

stars of
How many stars (does {l} have|are at {l}|did {l} get|has {l}|for {l}|are filled at {l})?; {l} how many stars;
What's the (rating|star rating) (of|for) {l}?; How was {l} rated?; How many stars did I give (for|to) {l}?;
Which rating does {l} have?; What star rating did {l} get?; {l} rating?; What did {l} get in stars?;
How many of the stars are lit (at|for) {l}?; How many stars are shown (at|next to|for) {l}? ~
With how many stars was {l} rated?; Out of five, how many stars for {l}?; Count the filled stars of {l}.;
What do the stars at {l} say?; How many stars has {l} earned?

lamp
What colour is (the |){l}( light| lamp| LED|)?; What color is (the |){l} (light|lamp|LED)?;
Which colour does (the |){l} (light|lamp|LED) (have|show)?; In what colour is {l} lit?; what color is {l};
{l} light colour?; Is {l} green or red?; How does the {l} light look, which colour?;
The {l} (LED|light) is what colour?; What colour do you see (at|next to) {l}?; Which colour is {l} (on|showing)? ~
In which colour does {l} shine?; What's the colour of the {l} (dot|lamp)?; The {l} one lights up in what colour?;
What colour shows for {l}?; {l}: what colour is lit?

lamp yes
Is (the |){l} (light|lamp|LED) on?; Is (the |){l} (light|lamp|LED) lit?;
Does (the |){l} (light|lamp|LED) (shine|glow|light up)?; {l} light on?; is the {l} led on; Is there light at {l}?;
Is {l} lit( up|)?; Do you see the {l} (light|LED) on?; Is any light on at {l}?;
Can you see whether the {l} light is on?; Is the light for {l} on?; Does {l} light up?;
Is (the |){l} (LED|light) (glowing|shining)? ~ Is the lamp by {l} burning?; Has the {l} LED come on?;
Is {l} showing any light?; Would the {l} light be on?; Has the customer got light at {l}?

lamp only
What colour is the (light|lamp|LED|dot|status light)?; What color is the (light|lamp|LED|dot)?;
Which colour does the (light|LED|lamp|dot) have?; In what colour does it light up?; light colour?;
what color is the led; Is the light red or green?; Which colour is the (light|LED|dot) (showing|on)?;
what colour is it glowing; The light is what colour? ~ In which colour is the lamp lit?;
What's the colour of the (dot|lamp) there?; What colour shines there?; The LED lights up in what colour?;
Which colour is lit?

lamp which
Which (light|lamp|LED|one|dot|device) is {c}?; What lights up {c}?; Which (light|LED|lamp) (shines|glows|shows) {c}?;
where is the {c} light; Which of the (lights|lamps|LEDs|dots) (is|are) {c}?; Which (lights|lamps|LEDs|dots) are {c}?;
What has a {c} (light|dot)?; At what is there a {c} (light|dot)?; which one is lit {c} ~ Where does it shine {c}?;
Next to what is the {c} dot?; Which lamp has gone {c}?; What's showing {c}?; Which LED lights {c}?

icon
What kind of (message|notice|notification) is (it|this)?; Is (it|this) an error or a warning?;
Which (icon|sign|symbol) (is|does) (there|it show)?; What (icon|sign|symbol) does (it|the message) (have|show)?;
What type of (message|notice) is (it|this)?; what icon is that; Is this a warning, an error or just information?;
How serious is the message?; What does the (icon|sign|symbol) (stand for|say|mean)?; icon?;
Which severity does it have?; What severity is (it|this|the message)? ~
Does the icon stand for an error, a warning or what?; What sort of notice has popped up?;
By its sign, what is the message?; Which level does the message have?; What's the symbol beside the message?

selected
What is (selected|highlighted)?; Which (one|entry|tab|row|item) is (selected|highlighted|active)?;
What's (highlighted|marked as active|selected) (here|there|right now)?; Which tab am I on?; what tab is open;
Where am I( in the menu|)?; Which menu (entry|item) is (selected|active|highlighted)?;
What (entry|item|tab) is (highlighted|active)?; Which (section|view) is (open|active)?; In which (tab|section) am I?;
selected tab? ~ On which entry is the highlight?; What's picked out in the menu?; Which tab has the customer open?;
What am I looking at, which tab?; Which of the entries is in use?

press
What can I (press|click|tap|choose)( next| now| here|)?;
Which buttons (can I press|are there|are active|work|are enabled|can be pressed)?;
What buttons (do I have|can I click|are on it)?; what can i click; Which buttons could I press?;
What are my (choices|options) for buttons?; Where can I (click|press|tap)?; Which buttons are (available|clickable)?;
Tell me which buttons I can press. ~ What is there to click?; Which buttons would react?;
What buttons does the customer have to press?; What may I press from here?; Name the buttons that work.

main button
Which button is the main one?; What's the main button?;
Which button (stands out|is highlighted|is the big one|is coloured|is the default|is filled)?;
What does the (main|highlighted|coloured|big|default|primary) button say?;
Which is the (main|default|primary) button?; main button?; what button should be pressed by default;
Which button is emphasised?; What button is marked as the main one?;
What's (on|written on) the (main|coloured|primary) button? ~ Which button catches the eye?;
What's the most prominent button?; Which one is the default action?; What is the accented button called?;
Which button do they want me to press?

disabled
Is (the |){l}( button|) (greyed|grayed) out?; Is (the |){l}( button|) disabled?; {l} greyed out?;
Is (the |){l}( button|) (inactive|blocked|locked|dimmed|grey)?; Is the {l} button not clickable?;
is the {l} button off; Has the {l} button been (disabled|greyed out)?;
Does the {l} button look (disabled|greyed out)? ~ Is {l} pale, not to be pressed?;
Has the customer got {l} greyed out?; Would {l} be disabled?; Is it disabled, the {l} button?; Is {l} shaded out?

pressable
Can I (press|click|tap) (the |){l}( button|)?; Is (the |){l}( button|) (enabled|clickable|available)?;
Is the {l} button active?; {l} clickable?; can i click {l}; Could I press {l}?; Does {l} look clickable?;
Can (the |){l}( button|) be (pressed|clicked)? ~ Would a click on {l} work?; Is {l} free to be pressed?;
Am I able to press {l}?; Does the {l} button react?; Is {l} there to be clicked?

disabled which
Which button is (disabled|greyed out|grayed out|inactive|blocked|dimmed)?; What (is|button is) (greyed out|disabled)?;
Which (button|one) (can't be pressed|can't be clicked|can't I press)?; which button is grey;
What can't I (press|click|tap)?; Which button doesn't work?; disabled button?; What button is not clickable?;
Which of the buttons is (disabled|greyed out)? ~ Which button looks pale?; What button is shaded out?;
Which button won't react?; On which button would a click do nothing?; What's locked among the buttons?

button colour
What colour is (the |){l} button?; What color is (the |){l} button?; Which colour does (the |){l} button have?;
{l} button colour?; what color is {l}; In what colour is the {l} button?; The {l} button is what colour?;
What's the colour of (the |){l}( button|)?; Which colour is {l}?; Is the {l} button blue or green?;
What colour has the {l} button?; Which color has {l}?; what colour do you see on {l}; In which colour is {l} shown?;
What colour did they make {l}?; Colour of the {l} button?; Which colour is the button {l}?;
what colour is the {l} one ~ In what colour is {l} painted?; What's the tint of {l}?; Which hue has {l}?;
How is {l} coloured?; {l} comes in what colour?

badge
What colour is the {l} (badge|label|tag|marker|status|pill)?; What color is the {l} (badge|label|tag)?;
Which colour does {l} have?; {l} badge colour?; what color is {l}; In what colour is {l} shown?;
What's the colour (of|behind) {l}?; On what colour does {l} stand?; Which colour is the {l} (badge|tag|label)?;
The {l} (badge|tag) is what colour? ~ In what colour is the {l} badge painted?; Which hue has {l}?;
How is {l} coloured?; Behind {l}, which colour?; {l} is on what coloured ground?

badge words
What does the (badge|tag|label|pill) say?; What is (written|on) (on |)the badge?; Which words are on the (badge|tag)?;
badge says?; what's on the badge; What (status|word) is on the coloured (badge|tag|label)?; Read me the badge.;
Which (badge|tag) (is|does) (shown|it have)?; What's the (badge|coloured tag)?; what does the little label say ~
What's in the little coloured box?; Which word does the badge carry?; How is it tagged?; What badge did it get?;
What's the badge's text?

banner
What colour is the (banner|bar|message|notice|strip|box with the message)?;
What color is the (banner|message|notice|bar)?; Which colour does the (banner|message|notice) have?; banner colour?;
what color is the bar; In what colour is the (message|notice|banner) shown?;
What's the colour of the (banner|notice|strip)?; Is the banner red or green?; The banner is what colour?;
Which colour is the (banner|notice)? ~ In what colour is the banner painted?; Which hue has the notice?;
How is the banner coloured?; Behind the notice, which colour?; On what coloured ground is the notice?

banner words
What does the (banner|notice|bar at the top|coloured bar) say?; What is written (on|in) the (banner|notice)?;
Which words are in the (banner|notice)?; Read me the (banner|notice).; banner says?; what's in the banner;
What (notice|message) is in the coloured (box|bar|strip)?; What's the (banner|notice) about, what does it say?;
What does the coloured (strip|box) say?; What's the (banner|notice) text? ~ How does the notice read?;
What's the wording of the banner?; What's announced in the banner?; Which notice popped up, word for word?;
What stands in the coloured strip?

theme
Is (it|the page|this|the screen|the app) (dark or light|light or dark)?;
Is (it|the page|the app) in dark or light mode?; Dark or light( mode|)?;
Is the page light or dark?; Which theme is (it|on|used|set)?; What theme is (it|this|the app in)?; theme?;
is dark mode on or is it light; Is the background dark or light?; Which mode is the screen in, dark or light?;
Are the colours dark or light? ~ Would you call the page dark or light?;
Has the customer got the light or the dark look?; Is it the bright or the dark design?; Light theme or dark one?;
Which look is set, dark or light?

page
What kind of (page|screen|picture|window|view) is (it|this)?; What (page|screen) is (it|this)?; What am I looking at?;
What is (this|that|shown) (a picture of|here)?; what sort of page is that;
What type of (page|screen|picture) is (it|this)?; Which (page|screen) (am I on|is it|is open)?;
What did I send you, what kind of screen?; What does the picture show?; What is in the picture?; page type? ~
How would you call this kind of page?; What page has the customer open?; What have we got here, which kind of screen?;
What's the screenshot of?; Which sort of screen was sent?

arrow
What (does|is) the arrow (point at|point to|pointing at|pointing to|showing)?;
Where does the arrow (point|go|lead)( to|)?; What (is|did I) (marked|mark) with the arrow?; what's the arrow at;
arrow points where?; At what does the arrow point?;
Which (thing|entry|field|one|part) does the arrow (point at|point to|mean|show)?; What do I mean with the arrow?;
What's at the tip of the arrow?; Look where the arrow points: what is it? ~ To what is the arrow leading?;
What has the customer drawn the arrow to?; The arrow hits what?; What would the arrow be aimed at?;
Follow the arrow, what's there?

ring
What is (circled|encircled|ringed|framed)?; What did I (circle|mark|ring|frame)?;
What's (in|inside) the (circle|ring|frame|drawn box)?; Which (part|one|entry|thing|field) is (circled|marked|framed)?;
what i circled, what is it; What is (marked|circled) in the picture?; Around what is the (circle|ring|frame)?;
What have I (marked|circled)?; circled thing?; What did the customer circle?; Which words are (circled|marked)? ~
What's been drawn around?; Around which entry goes the line?; What has the marker been put on?;
What would the ringed part be?; What did they draw a ring round?

marker colour
What colour is the (arrow|circle|ring|mark|marker)?; What color is the (arrow|circle|mark)?;
Which colour (has|does) the (arrow|mark|circle) (have|got)?; In what colour did I mark it?; what colour did i draw in;
In what colour is it marked?; arrow colour?; What's the colour of the (arrow|mark|ring|circle)?;
With what colour is it (marked|drawn)? ~ In which hue was it drawn?; What pen colour was used for the mark?;
How is the drawn mark coloured?; Which colour was it marked in?; The drawn line is what colour?

spinner
Is it (still |)(loading|working|busy|spinning)?; Is (something|anything|the page) (still |)loading?;
Is there a (spinner|loading sign|loading circle|spinning wheel)?; still loading?; is it stuck on loading;
Does it show a (spinner|loading sign|loading circle)?; Is the (page|screen) loading?;
Do you see a (spinner|loading circle|spinning wheel)?; Is it waiting for something?; Is it in the middle of loading? ~
Has it got the turning wheel?; Would it be loading right now?; Is a loading wheel to be seen?;
Does something spin there?; Is the thing still busy loading?

error words
What does the error say?; What (error|error message) (is it|is shown|do I get|comes up|is there)?;
What does the (error message|message) say?; Read me the error( message|).; what error is it;
Which error (is it|do I have|comes up|is shown)?; What went wrong, what does it say?;
What is the (exact |)(error|error message)?; error?; What does it say went wrong?;
Can you read the error( message|)( to me|)?; What's the error (text|message)?; What is the error on the screen?;
Tell me what the error says. ~ How does the error read?; What's it complaining about?; The error, word for word?;
Which failure does it report?; What did it throw as error?

advice words
What does (it|the message|the page|the screen) (say|tell me|ask me) to do?; What advice does (it|the message) give?;
What am I told to do( there| on the screen|)?; What does (it|the message) (suggest|recommend)?;
Which (advice|hint|instruction) is (shown|given)?; what does it want me to do; Read me the (advice|hint|instruction).;
What does the (hint|advice|instruction) say?; what does it say i should do ~
According to the message, what's to be done?; Which remedy does it name?; What does the notice ask for?;
What's the hint that comes with it?; What step does the screen call for?

message words
What does the (message|notice|notification|text|info) say?; What (message|notice) is (it|shown|there)?;
what's the message;
Read me the (message|notice)( please|).; Which (message|notice|notification) is (shown|it|on the screen)?;
What is the (message|notice) on the screen?; Can you read the (message|notice)( to me|)?; What am I being told?;
what does it tell me ~ How does the message read?; The message, word for word?; What's the wording of the message?;
Which words are in the message?; What is the customer being told?; What does it let me know?

step
Which step is it at?; What step is (it|the parcel|the delivery) at( now|)?; How far has the parcel (come|got)?;
Which (step|stage) (was|is) the (latest|last|current) one?; What's the (latest|last|current|newest) (step|event|stage)?;
what happened last; where is it in the timeline; Which entry is the newest with a time?;
What was the last thing that happened to the parcel?; To which step has it come? ~
Up to which step is it done?; What's the furthest step reached?; At what stage has the parcel arrived?;
What has happened most recently?; Which of the steps is it on by now?

count on
How many (switches|toggles|settings) are (on|turned on|switched on|enabled)?; how many of the switches are on;
Number of switches that are on?; How many (switches|settings) do I have on?;
How many of (them|the settings|the toggles) are (on|enabled)?; Count the switches that are on.;
How many settings have I turned on? ~ How many switches stand on on?; How many settings has the customer on?;
What's the number of active switches?; How many toggles would be on?; In all, how many switches are on?

count ticked
How many (boxes|checkboxes|options|entries) are (ticked|checked)?; how many boxes did i tick; Number of ticked boxes?;
How many (ticks|check marks) are there?; How many of the boxes are (ticked|checked|filled)?;
Count the (ticked|checked) boxes.; How many boxes (have I|did I) (ticked|tick)?;
How many (boxes|checkboxes) have a (tick|check mark)? ~ How many ticks did the customer set?;
What's the number of boxes with a tick?; How many little boxes are filled in?; In all, how many are ticked?;
How many ticks do you count?

count switches
How many (switches|toggles) are there?; how many switches do you see; Number of switches?;
How many (switches|toggles) (does it have|are shown|are on the screen|can I see|do you see|are on the page)?;
Count the (switches|toggles).; How many (switches|toggles) in all?; What's the number of (switches|toggles)?;
How many (switches|toggles) does the page have? ~ How many switches do you count?; How many toggles has the page got?;
What number of switches is shown?; All together, how many switches?; How many different switches are there?

count buttons
How many buttons are there?; how many buttons do you see; Number of buttons?;
How many buttons (does it have|are shown|are on the screen|can I see|do you see|are on it)?; Count the buttons.;
How many buttons in all?; What's the number of buttons?; How many buttons does the (window|page|message|dialog) have?;
How many (buttons|buttons are there) to (press|choose from)?; Tell me how many buttons there are.;
the number of buttons please; buttons, how many? ~ How many buttons do you count?; How many buttons has it got?;
What number of buttons is shown?; All together, how many buttons?; How many different buttons are there?

count lamps
How many (lights|lamps|LEDs) are {c}?; how many leds are {c}; Number of {c} lights?;
How many {c} (lights|lamps|LEDs|dots) are there?; How many of the (lights|lamps|LEDs) are {c}?;
Count the {c} (lights|LEDs|dots).; How many {c} (lights|LEDs|dots) do you see?;
How many (lights|LEDs) (shine|glow) {c}? ~ How many {c} lamps do you count?; How many lamps have gone {c}?;
What number of LEDs is {c}?; In all, how many {c} ones?; How many are lit {c}?
"""
