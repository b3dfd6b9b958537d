"""Nothing that others wrote acts on the terminal or the window: 17 escape payloads, 12 markup strings, every place."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual import events
from window_doubles import (
    MemoryRecords,
    ScriptedDesk,
    ask,
    asked_and_answered,
    citation,
    hit,
    read_picture,
    running,
    screen_text,
    wait_until,
    window,
)

from agent.events import Decision
from agent.gaps import Asked, Gap
from agent.learning import Run, read_run
from agent.records import Approval, ConversationSummary, StoredTurn
from agent.settings import Setting
from agent.teaching import Lesson
from agent.tui.app import DeskApp
from agent.tui.approve import ApproveScreen
from agent.tui.attach import Attachment
from agent.tui.composer import PromptArea
from agent.tui.correct import CorrectScreen
from agent.tui.gaps import GapsScreen
from agent.tui.line import LineScreen
from agent.tui.training import TrainingScreen
from agent.tui.turn import Turn
from agent.tui.values import SettingsScreen
from agent.workshop import Made, Waiting
from index.conversation import Article, Conversation, Message
from index.errors import UserError
from index.passages import Passage

ESCAPES = (
    "\x1b]52;c;aGFja2Vk\x07",  # writes the clipboard
    "\x1b]52;c;aGFja2Vk\x1b\\",
    "\x9d52;c;aGFja2Vk\x9c",  # the same in C1
    "\x1b]0;owned\x07",  # sets the title
    "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",  # a link
    "\x1b[2J\x1b[H",  # clears the screen
    "\x9b31m",
    "\x1b[?1049l",  # leaves the alternate screen
    "\x1b[?2004l",  # turns bracketed paste off
    "\x1bP+q544e\x1b\\",  # DCS
    "\x1b_Gf=24;AAAA\x1b\\",  # kitty graphics
    "\x1bc",  # full reset
    "\x1b[6n",  # asks the terminal to type an answer
    "\x1b[21t",
    "\x07\x08\x0e\x0f",
    "\u202egnp.exe\u202c",  # bidi override
    "\u200b\u2066\U000e0041\x7f",
)
MARKUP = (
    "[/x]",
    "[@click=app.quit]go[/]",
    "[b]bold[/b]",
    "[link=https://evil]x[/link]",
    "[red on blue]",
    "[[nested]]",
    "[/]",
    "[",
    "[$primary]y",
    "[1",
    "[on #ff0000]",
    ":warning:",
)
SAFE = [
    *(f"q{n}{payload}z{n}" for n, payload in enumerate(ESCAPES)),
    *(f"m{n} {text} n{n}" for n, text in enumerate(MARKUP)),
]
TALL = (110, 150)
LOW = (110, 60)  # enough for three of them; a tall screen takes long to draw
SEVENS, THREES = ([SAFE[-each:] if start + each > len(SAFE) else SAFE[start : start + each]
                   for start in range(0, len(SAFE), each)] for each in (7, 3))  # fmt: skip


def seen_and_harmless(app: DeskApp, places: str, texts: Sequence[str] = SAFE) -> None:
    """Every payload is on the screen, the markup literally, and no control or hidden character with it."""
    text = screen_text(app)
    hidden = {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n"}
    assert not hidden, f"{places}: {hidden!r}"
    for safe in texts:
        shown = [safe] if safe.startswith("m") else re.findall(r"^q\d+|z\d+$", safe)
        assert all(word in text for word in shown), f"{places}: {safe!r} is not shown literally"
    actions = {
        str(segment.style.meta["@click"])
        for strip in app.screen._compositor.render_strips()
        for segment in strip
        if segment.style and "@click" in segment.style.meta
    }
    assert not any("app.quit" in action for action in actions)
    assert app.is_running


async def test_questions_and_answers_are_shown_literally() -> None:
    records = MemoryRecords()
    decision = Decision("handover", "reason", "r", 0.5)
    turns = [
        StoredTurn(n, "\n\n".join(text), "ok", (), (), (), decision, {}, "v1", "") for n, text in enumerate(THREES, 1)
    ]
    records.chats["a"] = ("chat", turns)
    app = window(records=records, conversation_id="a")
    async with running(app, TALL) as pilot:
        for field in ("question", "answer"):
            plain = {"question": "?", "answer": "ok"}
            changed = [
                dataclasses.replace(turn, **{**plain, field: "\n\n".join(text)})
                for turn, text in zip(turns, THREES, strict=True)
            ]
            await app.chat.transcript.replace(changed, earlier=False)
            await wait_until(pilot, lambda: len(app.chat.transcript.turns) == len(THREES))
            await pilot.pause(0.1)
            seen_and_harmless(app, field)


async def test_live_answers_are_shown_literally() -> None:
    # every payload cut in the middle as well, as a stream would
    desk = ScriptedDesk("\n\n".join(SAFE) + "\n\nend", delay=0.001, hits=(), citations=())
    app = window(desk)
    async with running(app, TALL) as pilot:
        await ask(pilot, "go")
        while not (turns := app.chat.transcript.turns) or not turns[0].turn_id:
            assert not {char for char in screen_text(app) if unicodedata.category(char) == "Cc" and char != "\n"}
            await pilot.pause(0.05)
        await pilot.pause(0.1)
        seen_and_harmless(app, "finished answer")


@pytest.mark.parametrize("field", ["title", "passage", "source_id"])
async def test_sources_are_shown_literally(field: str) -> None:
    plain = {"title": "", "passage": "p", "outcome": SAFE[17] if field == "source_id" else None, "opened_at": None}
    values = [text[:24] if field == "source_id" else text for text in SAFE]
    hits = tuple(hit(n, **{**plain, field: text}) for n, text in enumerate(values, 1))
    app = window(ScriptedDesk("Answer.", hits=hits, citations=()))
    async with running(app, TALL) as pilot:
        await asked_and_answered(pilot)
        if field == "source_id":  # cut short there: harmless is enough
            assert not {c for c in screen_text(app) if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}
            assert "[1]" in screen_text(app)
        else:
            app.screen.query_one("#sources").styles.width = 80
            await pilot.pause(0.1)
            seen_and_harmless(app, field)


async def test_tickets_and_articles_are_shown_literally() -> None:
    records = MemoryRecords()
    talk = tuple(Message("customer", f"hello\n{text}") for text in SAFE)
    app = window(ScriptedDesk("Answer [1].", citations=(citation(1, lines=(3, 9), title=SAFE[17]),)), records)
    async with running(app, TALL) as pilot:
        await asked_and_answered(pilot)
        ticket = Conversation("T-1042", talk, "bad date [/x]", "resolved", SAFE[0])
        for source in (ticket, Article("T-1042", SAFE[17], "\n".join(SAFE))):
            records.sources["T-1042"] = source
            app.chat.open_source(app.chat._entries()[0])
            await wait_until(pilot, lambda: app.screen.query("#pages .cited"))
            seen_and_harmless(app, "ticket")
            await pilot.press("escape")


async def test_conversation_titles_are_shown_literally() -> None:
    class Titles(MemoryRecords):
        def conversations(self, limit: int = 50, words: str = "") -> list[ConversationSummary]:
            return [ConversationSummary(str(n), text, "not a date", n) for n, text in enumerate(SAFE)]

    app = window(records=Titles())
    async with running(app, TALL) as pilot:
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "q0" in screen_text(app))
        seen_and_harmless(app, "titles")
        for n in (0, 17):
            app.chat._opened(ConversationSummary("x", SAFE[n], "", 1))
            await pilot.pause(0.05)
        assert app.is_running


async def test_picture_names_words_and_attachments_are_shown_literally() -> None:
    app = window()
    async with running(app, TALL) as pilot:
        for texts in THREES:
            turn = Turn("look")
            turn.finished, turn.answer, turn._read = True, "ok", tuple(read_picture(text, "words") for text in texts)
            await app.chat.transcript.add(turn)
        await pilot.pause(0.1)
        seen_and_harmless(app, "picture names")
        for turn, texts in zip(app.chat.transcript.turns, THREES, strict=True):
            turn._read = tuple(read_picture("hub.png", text) for text in texts)
            turn._draw()
        await pilot.pause(0.1)
        seen_and_harmless(app, "words on pictures")
        for start in range(0, len(SAFE), 4):
            four = enumerate(SAFE[start : start + 4])
            app.chat.composer.attach_all([Attachment(Path(f"/{n}"), text, 1, 1, []) for n, text in four])
            await pilot.pause()
            assert not {c for c in screen_text(app) if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}
        assert app.is_running


async def test_notices_and_errors_are_shown_literally() -> None:
    app = window(ScriptedDesk(*(UserError(text) for text in SAFE)))
    async with running(app, TALL) as pilot:
        for texts in (SAFE[:12], SAFE[12:24], SAFE[24:]):
            for text in texts:
                app.notify(text, title=text, timeout=60)
            await wait_until(pilot, lambda texts=texts: len(app.screen.query("Toast")) == len(texts))
            await pilot.pause(0.1)
            seen_and_harmless(app, "notices", texts)
            app.clear_notifications()
            await wait_until(pilot, lambda: not app.screen.query("Toast"))
        for text in SAFE:
            await app.chat.transcript.say(text)
        for text in (SAFE[0], SAFE[17], SAFE[18]):
            app.chat._desk_state = text
            app.chat._draw_state()
        await pilot.pause(0.2)
        seen_and_harmless(app, "troubles")


async def test_a_title_and_a_pasted_text_are_cleaned() -> None:
    app = DeskApp(MemoryRecords(), lambda on_note: ScriptedDesk(), title="".join(SAFE))
    async with running(app) as pilot:
        prompt = app.screen.query_one(PromptArea)
        prompt.post_message(events.Paste("".join(SAFE)))
        await wait_until(pilot, lambda: "n11" in prompt.text)
        assert not {c for c in screen_text(app) if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}
        assert not {c for c in prompt.text if unicodedata.category(c) in ("Cc", "Cf")}


def taught(texts: Sequence[str]) -> TrainingScreen:
    """The training screen with these words wherever the store or a run may have brought them."""

    class Foreign:
        def look(self) -> Run:
            told = [{"stage": texts[0], "text": texts[1], "step": 1, "of": 2}, {"stage": "failed", "text": texts[2]}]
            figures = {texts[0]: {"before": 0.1, "after": 0.2, "low": 0.0, "high": 0.3}}
            state = {"figures": figures, "verdict": {"refusals": list(texts)}, "done": [texts[2]]}
            return read_run(told, state, trouble="\n".join(texts))

        def waiting(self) -> Waiting:
            return Waiting((Lesson(texts[0], texts[1], "", ("good",), "out", texts[2]),), 1, 0, {texts[0]: 1})

        def made(self) -> list[Made]:
            return [Made("v1", texts[0], (texts[1],), True, False, tuple(texts), texts[2], {})]

    return TrainingScreen(Foreign(), MemoryRecords(), "examples")  # type: ignore[arg-type]


async def test_the_newer_screens_show_foreign_text_literally() -> None:
    app = window()
    async with running(app, LOW) as pilot:
        for texts in THREES:  # cut to a line each: no more than three are in view
            app.push_screen(taught(texts))
            await pilot.pause(0.1)
            seen_and_harmless(app, "TrainingScreen", ())
            app.pop_screen()
        for texts in SEVENS:
            text = "\n".join(texts)
            conversation = Conversation("x", (Message("customer", text), Message("agent", text)), subject=texts[0])
            passages = (Passage("problem", texts[-1], text, (1, 3)),)
            gap = Gap(texts[0], (Asked(text, texts[-1], "", "handed over"),))
            for screen in (
                CorrectScreen(text, "", "", True),
                ApproveScreen(Approval(conversation, passages)),
                GapsScreen(lambda gap=gap: [gap]),
                SettingsScreen([Setting(each, each, each, "about") for each in texts]),
                LineScreen(texts[0], "foot", ready=texts),
            ):
                app.push_screen(screen)
                await pilot.pause(0.1)
                if not isinstance(screen, SettingsScreen | LineScreen):  # these are cut to one line
                    last = re.findall(r"z\d+$|$", texts[-1])[0] or texts[-1]
                    await wait_until(pilot, lambda last=last: last in screen_text(app))
                    seen_and_harmless(app, type(screen).__name__, texts)
                seen_and_harmless(app, type(screen).__name__, ())
                app.pop_screen()
                await pilot.pause()


async def test_what_was_said_is_previewed_literally() -> None:
    records = MemoryRecords()
    records.add_chat("a", SAFE[17], 1)
    records.sources["a"] = Conversation("a", tuple(Message("customer", text) for text in SAFE), subject=SAFE[0])
    app = window(records=records)
    async with running(app, TALL) as pilot:
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "n11" in screen_text(app))
        seen_and_harmless(app, "preview")
