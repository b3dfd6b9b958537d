"""How the window looks: two calm themes and the layout of every screen."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="deskside",
    dark=True,
    primary="#86a9d0",
    secondary="#8dbb9a",
    accent="#d8b070",
    warning="#d8b070",
    error="#dd8080",
    success="#8dbb9a",
    foreground="#d5dae2",
    background="#14171c",
    surface="#191d24",
    panel="#20252e",
)
LIGHT = Theme(
    name="deskside-light",
    dark=False,
    primary="#2f5f98",
    secondary="#2f6d45",
    accent="#8a5a00",
    warning="#8a5a00",
    error="#a83232",
    success="#2f6d45",
    foreground="#22262c",
    background="#f7f6f3",
    surface="#efede8",
    panel="#e4e1da",
)

CSS = """
/* colours are never the only sign: every mark has its word */
Screen { background: $background; color: $foreground; }
#top { height: 1; padding: 0 2; background: $panel; }
#body { height: 1fr; }
#transcript {
    width: 1fr;
    height: 1fr;
    padding: 1 2 0 2;
}
/* bars that are seen but do not shout; a number of columns that the text never touches */
VerticalScroll, OptionList, TextArea, Tree {
    scrollbar-size-vertical: 1;
    scrollbar-background: $background 0%;
    scrollbar-background-hover: $background 0%;
    scrollbar-background-active: $background 0%;
    scrollbar-color: $foreground 20%;
    scrollbar-color-hover: $primary;
    scrollbar-color-active: $primary;
    scrollbar-corner-color: $background 0%;
}
#empty { padding: 1 2; color: $text-muted; link-style: none; link-color: $primary; }
#earlier { display: none; text-align: center; color: $text-muted; link-style: underline; margin-bottom: 1; }
#earlier.-shown { display: block; }

Turn { height: auto; margin-bottom: 1; padding: 0 1; border-left: blank; }
Turn.-chosen { border-left: thick $accent; }
Turn > Static { width: 1fr; }
Turn .asked { margin-bottom: 1; }
.-tall Turn .meta { margin-top: 1; }
Turn HalfBlock, Turn .pixels { margin-bottom: 1; }
.written {
    link-style: bold;
    link-color: $accent;
    link-background-hover: $accent;
    link-color-hover: $background;
}
.notice { padding-left: 2; margin-bottom: 1; color: $error; }
HalfBlock { width: auto; height: auto; }

Writing { padding: 0; }
Writing MarkdownBlock { margin: 0; padding: 0; }
Writing MarkdownParagraph, Writing MarkdownFence, Writing MarkdownHeader { margin: 0 0 1 0; }
Writing MarkdownList { margin: 0 0 1 0; }
Writing Vertical MarkdownParagraph, Writing MarkdownList MarkdownList { margin: 0; }
Writing > MarkdownBlock:last-child { margin-bottom: 0; }

#sources { width: 38; height: 1fr; background: $surface; border-left: solid $panel; }
#sources > .head { padding: 0 1; color: $text-muted; margin-bottom: 1; }
SourceList {
    height: 1fr;
    border: none;
    background: transparent;
    padding: 0 1;
}
SourceList:focus { border: none; background-tint: transparent; }
.-narrow #sources { display: none; }

#composer { height: auto; padding: 0 1; }
#attached { height: auto; padding: 0 1; display: none; link-style: bold; link-color: $accent; }
#attached.-shown { display: block; }
#popup {
    display: none;
    height: auto;
    max-height: 8;
    border: none;
    background: $surface;
    text-wrap: nowrap;
    text-overflow: ellipsis;
    scrollbar-size-vertical: 1;
}
#popup.-shown { display: block; }
.-short #popup { max-height: 4; }
PromptArea {
    height: auto;
    min-height: 3;
    max-height: 12;
    border: round $foreground 25%;
    background: $background;
    padding: 0 1;
}
PromptArea:focus { border: round $primary; background-tint: transparent; }
PromptArea .text-area--cursor-line { background: transparent; }
#status { height: 1; padding: 0 2; color: $text-muted; }
#keys {
    height: 1;
    padding: 0 2;
    background: $panel;
    text-wrap: nowrap;
    link-style: none;
    link-color: $foreground;
    link-background-hover: $primary;
}
.-short #top, .-short #keys { display: none; }
.-short PromptArea { min-height: 1; max-height: 4; border: none; }
.-short PromptArea:focus { border: none; }
.-short #transcript { padding: 0 1; }
.-narrow #transcript { padding: 0 1; }

#handover { height: auto; max-height: 2; padding: 0 2; display: none; color: $accent; }
#handover.-shown { display: block; }
Turn.-unasked .asked { display: none; }
#packet #pages { min-height: 3; }
#waiting { padding-top: 1; }
.-short #waiting { padding-top: 0; }
#note, #reply { height: 5; border: round $foreground 25%; background: $background; padding: 0 1; }
#note:focus, #reply:focus { border: round $primary; background-tint: transparent; }
#note .text-area--cursor-line, #reply .text-area--cursor-line { background: transparent; }
#priority { height: 1; padding: 0 2; margin: 0 0; }
#priority:focus { background: $panel; }
#waiting { height: 1fr; }
#queue {
    width: 1fr;
    height: 1fr;
    border: none;
    background: transparent;
    padding: 0 1;
    text-wrap: nowrap;
    text-overflow: ellipsis;
}
#queue:focus { border: none; background-tint: transparent; }
#waiting #preview { width: 50%; height: 1fr; padding: 0 2; background: $surface; border-left: solid $panel; }
.-narrow #waiting #preview { display: none; }
.standing { padding: 0 2; height: auto; max-height: 2; background: $panel; }
.keys {
    height: auto;
    max-height: 3;
    padding: 0 2;
    background: $panel;
    link-style: none;
    link-color: $foreground;
    link-background-hover: $primary;
}
.-short #note, .-short #reply { height: 2; border: none; background: $panel; }
.-short #note:focus, .-short #reply:focus { border: none; }

#pagenames { height: 1; padding: 0 2; margin-bottom: 1; link-style: none; text-wrap: nowrap; }
.-short #pagenames { margin-bottom: 0; }
TrainingScreen > #run { height: 1fr; padding: 0 2; scrollbar-size-vertical: 1; }
.beside { height: 1fr; }
.beside OptionList {
    width: 2fr;
    height: 1fr;
    border: none;
    background: transparent;
    padding: 0 1;
    text-wrap: nowrap;
    text-overflow: ellipsis;
}
.beside OptionList:focus { border: none; background-tint: transparent; }
.beside .preview { width: 3fr; height: 1fr; padding: 0 2; background: $surface; scrollbar-size-vertical: 1; }
.-narrow .beside { layout: vertical; }
.-narrow .beside OptionList { width: 1fr; height: auto; max-height: 50%; }
.-narrow .beside .preview { width: 1fr; }

/* a calm bar under which every sign can still be read; without colours the terminal's own */
.-theme-deskside OptionList:focus > .option-list--option-highlighted,
.-theme-deskside-light OptionList:focus > .option-list--option-highlighted {
    background: $primary 25%;
    color: $foreground;
}

ModalScreen { align: center middle; background: $background 60%; }
.box {
    width: 84;
    max-width: 96%;
    height: auto;
    max-height: 92%;
    background: $surface;
    border: round $primary;
    padding: 0 1;
}
.box > .head { height: auto; color: $primary; text-style: bold; padding: 0 1; }
.box > .foot { height: auto; color: $text-muted; padding: 0 1; margin-bottom: 1; }
.tall { height: 92%; }
.box Input { border: none; background: $panel; height: 1; padding: 0 1; margin: 0 1; }
.box Input:focus { border: none; background: $primary 25%; }
.box OptionList { border: none; background: transparent; height: 1fr; }
.box OptionList:focus { border: none; background-tint: transparent; }
.wide { width: 120; }
#sides { height: 1fr; }
.side { width: 1fr; height: 1fr; padding: 0 1; margin-bottom: 1; }
.side > .label { color: $text-muted; margin-bottom: 1; }
.-short .side, .-narrow .side, .-short .side > .label, .-narrow .side > .label { margin-bottom: 0; }
.side Static { padding-right: 1; }
.side VerticalScroll { height: 1fr; }
.side TextArea { height: 1fr; border: none; padding: 0; background: $panel; }
.side TextArea:focus { border: none; background-tint: transparent; }
.-narrow #sides { layout: vertical; }
.box Checkbox { margin: 0 1; background: transparent; border: none; }
.box .few { height: auto; max-height: 8; }
#pages { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
#pages .cited { background: $accent 18%; color: $text; }
#pages .around { color: $text-muted; }
#found { height: 1fr; }
#found OptionList { width: 2fr; }
#found #preview { width: 3fr; height: 1fr; padding: 0 1; border-left: solid $panel; scrollbar-size-vertical: 1; }
.-narrow #found { layout: vertical; }
.-narrow #found OptionList { width: 1fr; height: auto; max-height: 60%; }
.-narrow #found #preview { width: 1fr; border-left: none; border-top: solid $panel; }
.-short #found OptionList { max-height: 100%; }
.-short #found #preview { display: none; }
#picker { height: 1fr; }
#picker DirectoryTree { width: 1fr; background: transparent; }
#picker #preview { width: 42; height: 1fr; padding: 0 1; }
.-narrow #picker #preview { display: none; }
#words { height: auto; padding: 0 1; }
.-short .box > .foot { margin-bottom: 0; height: 1; }
.-short .box { max-height: 100%; border: none; }
.-short .tall { height: 100%; }
.-short .box > .head { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
.-short #packet #pages { min-height: 2; }
/* in the chat notices come at the top: at the bottom they would lie on what is being written */
ChatScreen ToastRack { dock: top; align: right top; margin: 1 0 0 0; }
Toast { background: $panel; max-width: 90%; }
"""
