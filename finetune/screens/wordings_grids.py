"""How people ask for what stands in tables and lists.

`{r}` and `{s}` are names of rows or entries, `{c}` the name of a column, `{v}` a value, `{n}` a number, `{o}` its
ordinal word, `{t}` what one row is, `{g}` what the whole is. `;` parts wordings, `~` starts those kept for the test
split, `(a|b|)` are alternatives.
"""

GRIDS = """
cell
What is the {c} of {r}?; What {c} does {r} have?; Which {c} does {r} have?; {c} of {r}?; the {c} for {r} please;
What's the {c} (for|of|at) {r}?; What stands under {c} for {r}?; What does it say under {c} for {r}?;
Which {c} belongs to {r}?; Tell me the {c} of {r}.; In the row of {r}, what is the {c}?; {r}: which {c}?;
What is in the {c} column for {r}?; What is listed as the {c} of {r}?; Which {c} is given for {r}?;
What {c} is shown (next to|beside|for) {r}?; I need the {c} of {r}.; Which value has {r} in the column {c}?;
Look up the {c} of {r} in the table.; What does the {c} column say for {r}?; which {c} has {r} ~
For {r}, what's the {c}?; Under {c}, what do you find for {r}?; What would be the {c} of {r}?;
Read out the {c} that {r} has.; Where {r} and {c} meet, what is there?; {r} has which {c}?

cell number
What is (the |){c} in row {n}?; What is the {c} of row {n}?; Which {c} is in row {n}?; {c} in row {n}?;
What stands in row {n} under {c}?; What does row {n} have as {c}?; Which {c} does row {n} (have|show)?;
What's the {c} in line {n}?; Row {n}, column {c}: what is there?; In row {n}, what is the {c}?; row {n} {c}?;
Tell me the {c} of row {n}.; What is the value of {c} in row {n}?; What is {c} in the row number {n}?;
What is in the {c} column of row {n}?; Which value has row {n} in {c}?; What does it say in row {n} for {c}?;
what {c} do you see in row {n}; {c} of row number {n} ~ Row no. {n} has which {c}?; At row {n}, what's the {c}?;
The {c} that row {n} holds?; What would {c} be in the row with number {n}?; Read the {c} cell of row {n}.

cell money
How much (is|costs) {r}?; How much does {r} cost?; What does {r} cost?; What's the price of {r}?; price of {r}?;
How much is {r} in this (table|list)?; How expensive is {r}?; What do I pay for {r}?; How much do they want for {r}?;
How much money is it for {r}?; What is the amount for {r}?; how much for {r}; How much is listed for {r}?;
What sum stands at {r}?; What is {r} priced at?; Which price does {r} have?; Tell me what {r} costs.;
What amount is shown for {r}?; {r}, how much?; How much does the table say for {r}?; Which amount belongs to {r}?;
How much does the {r} cost in this table? ~ What would {r} cost me?; At how much is {r}?; {r} goes for how much?;
What's charged for {r}?; How much has to be paid for {r}?; What sum belongs to {r}?

cell count
How many {r} are there?; How many of {r} (are listed|are there|were ordered)?; What is the quantity of {r}?;
How often is {r} in it?; How many pieces of {r}?; quantity of {r}?; How many does it say for {r}?; {r}, how many?;
What number stands at {r}?; How many {r} are in the table?; Which quantity does {r} have?; how many {r};
What count is shown for {r}?; How many units of {r}?; Tell me how many {r} there are.; What's the number for {r}?;
How many {r} did I get?; How many {r} are on the list?; Which number belongs to {r}?; How many are there of {r}? ~
What amount of {r} do you see?; {r} comes how many times?; How many {r} would that be?; The count for {r}, please?;
How many items of {r} stand there?

cell date
When (is|was) {r}?; What date does {r} have?; On which (day|date) (is|was) {r}?; What's the date of {r}?; {r}, when?;
When is it for {r}?; Which day is given for {r}?; Which date (belongs to|stands at|is listed for) {r}?;
What date do you see for {r}?; date of {r}?; From when is {r}?; What day is {r}?; Tell me the date of {r}.;
When does it say for {r}?; which date has {r}; What date is shown (next to|beside) {r}?; Which date has {r}?;
What is the day of {r}?; I need the date of {r}. ~ {r} is on what day?; When would {r} be?;
What date did they put for {r}?; For {r}, when is it?; Which day do you find at {r}?

cell who
Who is (named|listed|given) for {r}?; Who belongs to {r}?; Whose is {r}?; Which name stands at {r}?; {r}, who is it?;
Who does {r} belong to?; Who has {r}?; Which person is shown for {r}?; What name is (next to|beside|at) {r}?;
Who is it for {r}?; who has {r}; Which name belongs to {r}?; Tell me who {r} belongs to.; whose name is at {r};
Who is entered for {r}?; Who stands in the row of {r}?; What is the name for {r}?; Which person has {r}?;
What name does it say for {r}?; Who is responsible for {r}?; Who is in charge of {r}? ~
Who would that be for {r}?; {r} is whose?; Which person do you see at {r}?; Who did they put down for {r}?;
The name at {r} is whose?

cell place
Where is {r}?; Where is {r} (from|based)?; In which {c} is {r}?; Which {c} is {r} in?; What {c} is {r} from?;
Where does {r} (live|come from)?; {r}, where is it?; which {c} for {r}; Which place is given for {r}?;
What place stands at {r}?; Where does it say {r} is?; In what {c} is {r}?; From which {c} is {r}?; where is {r} at;
Which {c} does {r} belong to?; Tell me where {r} is.; Where is {r} located?; What {c} stands at {r}?;
Which place belongs to {r}?; Where do you find {r}? ~ {r} sits in which {c}?; To which {c} does {r} belong?;
Whereabouts is {r}?; What would be the {c} for {r}?; In which place is {r} listed?

name number
Which {t} is in row {n}?; What is in row {n}?; Which {t} stands in row {n}?; What {t} is row {n}?; row {n}?;
What does row {n} say?; Which value is in row {n}?; Which {t} has the number {n}?; What's in line {n}?;
Tell me the {t} in row {n}.; Who or what is in row {n}?; What is written in row {n}?; {t} in row {n}?;
Which {t} is number {n}?; What is the {t} in row {n}?; In row {n}, which {t} is it?; Which {t} do you see in row {n}?;
What stands in the row with number {n}?; what's row {n}; Name the {t} of row {n}.; What is the first value of row {n}?
~ Row number {n} is which {t}?; At number {n}, which {t}?; What would row {n} be?; Which {t} sits in row {n}?;
Read me row {n}: which {t}?; No. {n} in the table is what?

row of
Which {t} has the {c} {v}?; Which {t} has {v} as (the |){c}?; Which {t} has {v} under {c}?; Which {t} is {v}?;
Whose {c} is {v}?; What {t} has the {c} {v}?; Where is the {c} {v}?; In which row is {v}? Name the {t}.;
Which {t} belongs to the {c} {v}?; Which {t} goes with {v}?; {v} is the {c} of which {t}?; which {t} has {v};
Which {t} stands beside {v}?; To which {t} does {v} belong?; The {t} with the {c} {v}?; What {t} is {v} for?;
Tell me the {t} with {v}.; Which {t} shows {v}?; Which {t} is listed with {v}?; Which {t} has {v} in {c}?;
Find the {t} whose {c} is {v}. ~ {v}: which {t} is that?; Of which {t} is {v} the {c}?; Who or what has the {c} {v}?;
With {v} in the {c} column, which {t} is it?; The {c} {v} belongs to what?

columns
Which columns are there?; What columns (does the table have|are shown|are there)?; What are the columns called?;
Which columns does the table have?; Name the columns.; List the columns of the table.; columns?; which columns;
What are the names of the columns?; What are the column (names|headers|heads|titles)?; Tell me the columns.;
Which headers does the table have?; What does the (header|first line) of the table say?; What is in the header row?;
Which headings are above the table?; What columns do you see?; Give me the column names.; Read me the header.; What
are the headings of the table? ~ By which columns is the table made up?; How are the columns named?;
Enumerate the columns, please.; What's written over the columns?; The table's columns are?;
Which titles do the columns carry?

nth column
What is the {o} column (called|named)?; What's the name of the {o} column?; Which is the {o} column?; {o} column?;
What does the {o} column say at the top?; How is the {o} column called?; Name the {o} column.; the {o} column is what;
What is the header of the {o} column?; Which column comes {o}?; Which heading has the {o} column?;
What is above the {o} column?; Tell me the {o} column.; What is the title of the {o} column?; What stands over the
{o} column?; Which column is the {o} one?; What do you read over the {o} column?; what's the {o} column;
The {o} column has which name?; Which name does the {o} column have? ~ What heads the {o} column?;
The {o} column goes by what name?; How did they title the {o} column?; What do they call the {o} column?;
Read the head of the {o} column.

last column
What is the last column (called|named)?; What's the name of the last column?; Which is the last column?; last column?;
What does the last column say at the top?; How is the last column called?; Name the last column.;
What is the header of the last column?; Which column comes last?; Which heading has the last column?;
What is above the last column?; Tell me the last column.; What is the title of the (last|rightmost) column?;
Which column is the last one?; Which column is furthest to the right?; what's the last column;
What is the rightmost column called?; What is the final column called?; The last column has which name?;
Which name does the last column have? ~ What heads the last column?; On the far right, which column is it?;
How did they title the last column?; What do they call the rightmost column?; Read the head of the final column.

column count
How many columns (are there|does the table have|do you see)?; Number of columns?; What is the number of columns?;
how many columns; Count the columns.; How many columns has the table?; How many columns are (shown|visible)?;
Tell me how many columns there are.; How many headers does the table have?; columns, how many?;
How many column heads are there?; How many columns are in (the|this) table?; What number of columns does it have?;
How many columns is this table wide?; Into how many columns is it divided?; How many headings does the table have?;
How many columns can (you|I) see?; Please count the columns.; How many columns make up the table?;
Do you know how many columns it has? ~ Over how many columns does the table go?; What's the count of the columns?;
The table has how many columns?; How many columns were laid out?; Count me the columns of the table, please.

row count
How many rows (are there|does the table have|do you see)?; Number of rows?; What is the number of rows?;
how many rows; Count the rows.; How many rows has the table?; How many {t}s are (shown|listed|in the table)?;
Tell me how many rows there are.; How many lines does the table have?; rows, how many?; How many {t}s are there?;
How many rows are in (the|this) table?; What number of rows does it have?; How many entries does the table have?;
How many rows can (you|I) see?; Please count the rows.; How many rows (of data|below the header) are there?;
How many {t}s do you count?; How many entries are in this table? ~ Over how many rows does the table go?;
What's the count of the rows?; The table has how many rows?; How many {t}s did they list?; Count me the {t}s, please.

first
Which {t} (is|comes) first?; What is the first {t}?; What's the first {t} (of|in) the {g}?; first {t}?;
Which {t} is at the top?; What is at the top of the {g}?; Which {t} is the first one?; Name the first {t}.;
What does the {g} start with?; Which {t} does the {g} begin with?; Which {t} stands first?; Which is the topmost {t}?;
Tell me the first {t} of the {g}.; what comes first in the {g}; With which {t} does the {g} start?;
What is listed first?; Which {t} is listed first?; What is the {t} at the start of the {g}?; the first {t} please;
Which {t} opens the {g}? ~ What leads the {g}?; First in the {g} is which {t}?; The {t} at the very beginning?;
Number one in the {g} is what?; What do you find as the first {t}?

last
Which {t} (is|comes) last?; What is the last {t}?; What's the last {t} (of|in) the {g}?; last {t}?;
Which {t} is the last one?; Name the last {t}.; What does the {g} end with?; Which {t} does the {g} end with?;
Which {t} stands last?; Which is the final {t}?; Tell me the last {t} of the {g}.; what comes last in the {g};
With which {t} does the {g} end?; What is listed last?; Which {t} is listed last?; the last {t} please;
What is the {t} at the end of the {g}?; Which entry is the last one?; Which {t} closes the {g}?;
What is the very last {t}? ~ What concludes the {g}?; Last in the {g} is which {t}?; The {t} at the very end?;
What do you find as the last {t}?; The {g} finishes with what?

nth
What is the {o} {t}?; Which {t} is (the |){o}?; Which {t} comes {o}?; What's the {o} {t} (of|in) the {g}?; {o} {t}?;
Name the {o} {t}.; Tell me the {o} {t}.; Which is the {o} {t}?; Which {t} stands in {o} place?; the {o} {t} please;
Which {t} is listed {o}?; Which {t} is the {o} one?; What is {o} in the {g}?; The {o} {t} is what?;
What does the {o} {t} say?; Which {t} do you see in {o} place?; What is the {o} {t} called?; what comes {o} in the {g};
How is the {o} {t} called?; Read me the {o} {t}. ~ In {o} place, which {t} is there?; {o} in the {g} is what?;
What name has the {o} {t}?; The {t} at the {o} place?; Which {t} ranks {o}?

below
Which {t} (comes|is|stands) (after|below|under) {r}?; What (comes|is) (after|below|right below) {r}?;
What is under {r}?; Which {t} follows (after |){r}?; What follows {r}?; after {r}?; Which {t} is next after {r}?;
What is the next {t} after {r}?; Which {t} is right below {r}?; What is listed (below|after|under) {r}?;
Which {t} is listed right below {r}?; what is directly below {r}; Name the {t} below {r}.;
Which entry stands right below {r}? ~ What do you find beneath {r}?; {r} is followed by which {t}?;
Beneath {r}, which {t} is it?; One further down from {r}, what is there?; What succeeds {r} in the {g}?

above
Which {t} (comes|is|stands) (before|above|over) {r}?; What (comes|is) (before|above|right above) {r}?;
What is over {r}?; What precedes {r}?; before {r}?; Which {t} is right before {r}?; What is just above {r}?;
What is the {t} before {r}?; Which {t} is right above {r}?; What is listed (above|before|over) {r}?;
Which {t} is listed above {r}?; what is directly above {r}; Name the {t} above {r}.;
Which entry stands right above {r}? ~ What do you find on top of {r}?; {r} is preceded by which {t}?;
Ahead of {r}, which {t} is it?; One further up from {r}, what is there?; Which {t} has {r} below it?

right
Which {t} (comes|is|stands) (after|right of|to the right of) {r}?; What is (right of|to the right of) {r}?;
What comes after {r}?; Which {t} follows {r}?; What follows {r}?; after {r}?; Which {t} is next after {r}?;
What is the next {t} after {r}?; Name the {t} right of {r}.; Which {t} is on the right of {r}?;
What do you see right of {r}?; Which {t} stands just right of {r}?; what is directly right of {r};
Which {t} is the right neighbour of {r}?; What's on the right side of {r}?; Which {t} is beside {r} on the right?;
To the right of {r} is which {t}? ~ {r} is followed by which {t}?; On {r}'s right, which {t} is it?;
One further to the right from {r}, what is there?; Which {t} has {r} on its left?; What sits right of {r}?

left
Which {t} (comes|is|stands) (before|left of|to the left of) {r}?; What is (left of|to the left of) {r}?;
What comes before {r}?; What precedes {r}?; before {r}?; Which {t} is right before {r}?; Which {t} precedes {r}?;
What is the {t} before {r}?; Name the {t} left of {r}.; Which {t} is on the left of {r}?;
What do you see left of {r}?; Which {t} stands just left of {r}?; what is directly left of {r};
Which {t} is the left neighbour of {r}?; What's on the left side of {r}?; Which {t} is beside {r} on the left?;
To the left of {r} is which {t}? ~ {r} is preceded by which {t}?; On {r}'s left, which {t} is it?;
One further to the left from {r}, what is there?; Which {t} has {r} on its right?; What sits left of {r}?

between
Which {t} (is|comes|stands) between {r} and {s}?; What (is|comes|stands) between {r} and {s}?; between {r} and {s}?;
Which {t} do you see between {r} and {s}?; What do you see between {r} and {s}?; Name the {t} between {r} and {s}.;
Which {t} is in the middle of {r} and {s}?; Which {t} comes after {r} and before {s}?; what is between {r} and {s};
Which {t} lies between {r} and {s}?; Tell me the {t} between {r} and {s}.; What is the {t} between {r} and {s}?;
Between {r} and {s}, which {t} is it?; Which {t} is listed between {r} and {s}?;
What stands in between {r} and {s}?; Which one is between {r} and {s}? ~ What parts {r} from {s}?;
Which {t} is wedged in between {r} and {s}?; After {r} but before {s}, what is there?;
Which {t} has {r} on one side and {s} on the other?; From {r} to {s}, what comes in the middle?

list count
How many {t}s (are there|are shown|are listed|do you see)?; how many {t}s; Number of {t}s?; Count the {t}s.;
What is the number of {t}s?; How many {t}s does the {g} have?; How many {t}s are in the {g}?; {t}s, how many?;
Tell me how many {t}s there are.; How many {t}s can (you|I) see?; Please count the {t}s.; How many {t}s has the {g}?;
How long is the {g}, how many {t}s?; How many {t}s do you count?; How many {t}s are visible?;
How many {t}s are in this {g}?; How many different {t}s are there?; What number of {t}s does it show?;
Do you know how many {t}s there are? ~ What's the count of the {t}s?; The {g} has how many {t}s?;
How many {t}s did they list?; Of how many {t}s is the {g} made up?; Count me the {t}s, please.

list all
Which {t}s are there?; What {t}s (are there|are shown|do you see)?; Name (the|all) {t}s.; List (the|all) {t}s.;
What are the {t}s called?; Which {t}s are (shown|listed)?; Tell me the {t}s.; which {t}s; What are the {t}s?;
Which {t}s does the {g} have?; What {t}s does the {g} have?; What is in the {g}?; Read me the {t}s.;
Which {t}s can I (see|choose from)?; What are all the {t}s in the {g}?; Give me the {t}s.; What does the {g} list?;
What can be found in the {g}?; {t}s? ~ Enumerate the {t}s, please.; How are the {t}s named?;
What's in the {g}, one by one?; Of which {t}s is the {g} made up?; The {g} holds which {t}s?

filled
What is (filled in|entered|typed in) (for|at|in|under) {r}?; What is filled in the {r} field?;
What is the entry in the field {r}?; What has been entered (for|as) {r}?; {r} field: what is in it?;
What did I (type|enter) (for|as|at) {r}?; Which value is entered for {r}?; What stands in the {r} field?;
What is set for {r}?; What does the {r} field hold?; what is typed in at {r}; Which text is in the {r} box?;
What's in the {r} box?; Tell me what is filled in at {r}.; What is in the field {r}? ~
What have they put into the {r} field?; What does the customer have in {r}?; Which entry does the {r} field show?;
What was given for {r}?; Read me what the {r} field holds.; What did somebody write in {r}?

framed column
Which column is (framed|marked|outlined|circled|boxed)?; Which column is in the (red |)(frame|box)?;
Which column has the (red |)frame?; What column is (marked|framed)?; Around which column is the (red |)(frame|box)?;
Which column did they (mark|frame)?; What is the (framed|marked) column called?; which column is marked in red;
Name the column in the frame.; Which column does the (red |)rectangle show?; Which column has been highlighted by
a frame?; Which column is inside the red rectangle?; What's the name of the framed column? ~
Which column has a red border drawn around it?; Which column got boxed in?; The frame holds which column?;
On which column does the red rectangle lie?; Which column was outlined by somebody?

selected entry
Which {t} is (selected|highlighted|chosen|active)?; What {t} is (selected|highlighted|active)?; the selected {t}?;
Which is the (selected|highlighted|current) {t}?; What's the (selected|highlighted|active) {t}?; selected {t}?;
Which {t} is marked as (selected|active)?; Which {t} did I (select|click|choose)?; which {t} is selected here;
Tell me the selected {t}.; Which {t} has been (selected|chosen)?; Which {t} is the active one?;
On which {t} (am I|are we)?; Which {t} is picked?; Name the highlighted {t}.; Which {t} stands out?;
What is the name of the selected {t}? ~ Which {t} is lit up?; Which {t} has got the highlight?;
Which {t} did the customer select?; The highlight is on which {t}?; Which {t} is currently open?

selected column
Which column is (selected|highlighted|chosen|active|marked)?; What column is (selected|highlighted)?; selected column?;
Which is the (selected|highlighted|current) column?; What's the (selected|highlighted) column?;
Which column did I (select|click|choose)?; which column is selected here; Tell me the selected column.;
Which column has been (selected|chosen)?; Which column is tinted?; Name the highlighted column.;
Which column has another colour?; What is the name of the selected column?; Which column header is coloured? ~
Which column is lit up?; Which column has got the highlight?; Which column did the customer select?;
The highlight is on which column?; Which column's head is tinted?

framed entry
Which {t} is (framed|circled|marked|outlined)?; Which {t} is in the (red |)(frame|box|rectangle)?;
Which {t} has the (red |)frame?; What {t} is (framed|marked)?; Around which {t} is the (red |)(frame|box|rectangle)?;
Which {t} did they (mark|frame|circle)?; which {t} is marked in red; Name the {t} in the frame.;
Which {t} does the (frame|red box) show?; Which {t} is inside the (red |)rectangle?; What's the framed {t}?;
Which {t} did I (mark|circle)?; The {t} in the red box? ~ Which {t} has a red border drawn around it?;
Which {t} got boxed in?; The frame holds which {t}?; On which {t} does the red rectangle lie?;
Which {t} was outlined by somebody?
"""

# What fills the gaps of a question that belongs to no screen.
SLOTS = {
    "r": "Blue mug",
    "s": "Oak tray",
    "c": "status",
    "v": "Paid",
    "n": "4",
    "o": "third",
    "t": "entry",
    "g": "list",
}
