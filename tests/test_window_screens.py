"""The other screens of the window: help, conversations, sources, the ticket; and small terminals."""

from __future__ import annotations

from pathlib import Path

import pytest
from window_doubles import (
    MemoryRecords,
    ScriptedDesk,
    ask,
    asked_and_answered,
    citation,
    hit,
    running,
    screen_text,
    wait_until,
    window,
)

from agent.tui.commands import commands_for
from agent.tui.composer import PromptArea
from agent.tui.office import Office
from agent.tui.ticket import within
from index.conversation import Article, Conversation, Message
from index.errors import UserError


async def test_help_shows_every_command_and_its_key() -> None:
    app = window()
    async with running(app, (100, 66)) as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: "What can be done here" in screen_text(app))
        shown = screen_text(app)
        for command in commands_for("window"):
            line = next(line for line in shown.splitlines() if f" {command.slash} " in line)
            assert command.help in line
            assert command.shown in line
        await pilot.press("escape")
        assert app.screen is app.chat


async def test_a_conversation_is_found_by_typing_and_goes_on() -> None:
    records, desk = MemoryRecords(), ScriptedDesk()
    records.add_chat("a", "Hub LED stays white", 2, "Light")
    records.add_chat("b", "Refund for order 48213", 1, "Money")
    app = window(desk, records)
    async with running(app) as pilot:
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "Hub LED" in screen_text(app) and "Refund" in screen_text(app))
        await pilot.press(*"482")
        await wait_until(pilot, lambda: "Hub LED" not in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Money 1" in screen_text(app))
        assert "Refund for order 48213" in screen_text(app).splitlines()[0]
        await asked_and_answered(pilot, "and now?")
        assert desk.asked[0][2] == "b"


async def test_earlier_turns_come_on_demand() -> None:
    records = MemoryRecords()
    records.add_chat("a", "Long one", 45)
    app = window(records=records, conversation_id="a")
    async with running(app) as pilot:
        await wait_until(pilot, lambda: "Question 45" in screen_text(app))
        assert [turn.turn_id for turn in app.chat.transcript.turns] == list(range(26, 46))
        assert len(list(app.screen.walk_children())) <= 150
        for first in (6, 1):
            app.screen.query_one("#earlier").on_click()  # type: ignore[attr-defined]
            await wait_until(pilot, lambda first=first: app.chat.transcript.turns[0].turn_id == first)
        await wait_until(pilot, lambda: not app.screen.query_one("#earlier").display)
        assert [turn.turn_id for turn in app.chat.transcript.turns] == list(range(1, 46))


async def test_records_that_cannot_be_read_are_a_notice() -> None:
    records = MemoryRecords()
    records.trouble = UserError("The store is busy. Try again in a minute.", "BUSY")
    app = window(records=records)
    async with running(app) as pilot:
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "The store is busy" in screen_text(app))


async def test_a_source_opens_the_ticket_at_the_cited_lines() -> None:
    records = MemoryRecords()
    talk = tuple(Message("customer" if n % 2 else "agent", f"message {n}") for n in range(300))
    records.sources["T-1042"] = Conversation("T-1042", talk, "2025-03-01T09:12:00Z", "resolved", "White light")
    app = window(ScriptedDesk(citations=(citation(1, lines=(201, 203)),)), records)
    async with running(app) as pilot:
        await asked_and_answered(pilot)
        await pilot.press("ctrl+t", "enter")
        await wait_until(pilot, lambda: "▌ 201  Agent: message 200" in screen_text(app))
        text = screen_text(app)
        assert "▌ 203  Agent: message 202" in text
        assert "▌ 204" not in text
        assert "204  Customer: message 203" in text
        assert "White light" in text
        assert "✓ resolved" in text
        await pilot.press("escape", "escape", *"on")
        assert app.screen.query_one(PromptArea).text == "on"


async def test_a_click_on_a_citation_opens_its_source() -> None:
    app = window()
    async with running(app) as pilot:
        await asked_and_answered(pilot)
        written = app.screen.query_one(".written")
        line = written.render().plain.splitlines()[0]  # type: ignore[union-attr]
        await pilot.click(".written", offset=(line.index("[1]") + 1, 0))
        await wait_until(pilot, lambda: "▌   4  Agent: A white light" in screen_text(app))


async def test_an_article_opens_too_and_a_source_that_is_gone_is_said() -> None:
    records = MemoryRecords()
    records.sources["KB-17"] = Article("KB-17", "Lights", "# Lights\nwhite: set-up\nblue: ready")
    app = window(ScriptedDesk(hits=(hit(1, "KB-17", lines=(3, 3)), hit(2, "T-7")), citations=()), records)
    async with running(app) as pilot:
        await asked_and_answered(pilot)
        await ask(pilot, "/source 1")
        await wait_until(pilot, lambda: "▌   3  white: set-up" in screen_text(app))
        await pilot.press("escape")
        await ask(pilot, "/source 2")
        await wait_until(pilot, lambda: "T-7 is no longer in the store" in screen_text(app))
        await ask(pilot, "/source 9")
        await wait_until(pilot, lambda: "has no source 9" in screen_text(app))


def test_cited_lines_outside_a_changed_source_are_brought_inside() -> None:
    assert within((4, 6), 10) == (4, 6)
    assert within((4, 60), 10) == (4, 10)
    assert within((40, 60), 10) == (10, 10)
    assert within((0, 0), 0) == (1, 1)


async def test_every_terminal_size_can_ask_read_and_open_a_source() -> None:
    app = window(ScriptedDesk("Hold reset [1].", citations=(citation(1),)))
    async with running(app, (44, 14)) as pilot:
        for size in ((44, 14), (30, 10), (20, 5)):
            await pilot.resize_terminal(*size)
            await asked_and_answered(pilot, "hub?")
            if size[1] >= 10:
                assert "Hold reset [1]." in screen_text(app)
            await pilot.press("ctrl+t", "enter")
            await wait_until(pilot, lambda: app.screen.query("#pages .cited"))
            await pilot.press("escape")
        for key in ("f1", "ctrl+s", "ctrl+o"):
            await pilot.press(key, "escape")
        assert app.screen is app.chat


async def test_a_narrow_terminal_names_the_cited_source_under_the_answer() -> None:
    app = window(ScriptedDesk(citations=(citation(1),)))
    async with running(app, (60, 24)) as pilot:
        await asked_and_answered(pilot)
        assert "[1] T-1042" in screen_text(app)
        await pilot.resize_terminal(120, 30)
        await wait_until(pilot, lambda: "Sources (3)" in screen_text(app))


async def test_a_chosen_theme_is_kept_for_the_next_start_and_a_lost_one_does_no_harm(tmp_path: Path) -> None:
    office = Office(theme_file=tmp_path / "window.theme")
    app = window(office=office)
    async with running(app) as pilot:
        assert app.theme == "deskside"
        await ask(pilot, "/theme deskside-light")
        await wait_until(pilot, lambda: (tmp_path / "window.theme").exists())
    app = window(office=office)
    assert app.theme == "deskside-light"
    (tmp_path / "window.theme").write_bytes(b"\xff\xfe no such theme")
    assert window(office=office).theme == "deskside"


async def test_who_scrolls_up_reads_in_peace_while_the_answer_grows() -> None:
    app = window(ScriptedDesk("\n\n".join(f"Line {n}." for n in range(200)), delay=0.01))
    async with running(app) as pilot:
        await ask(pilot, "tell me all")
        await wait_until(pilot, lambda: app.chat.transcript.max_scroll_y > 40)
        assert app.chat.transcript.is_vertical_scroll_end  # it follows
        end = app.chat.transcript.scroll_y
        app.chat.transcript.scroll_page_up(animate=False)
        await wait_until(pilot, lambda: app.chat.transcript.scroll_y < end, 30)
        place, length = app.chat.transcript.scroll_y, app.chat.transcript.max_scroll_y
        await wait_until(pilot, lambda: app.chat.transcript.max_scroll_y > length + 20)
        assert app.chat.transcript.scroll_y == place


async def test_no_color_uses_the_terminal_s_own_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = window()
    async with running(app) as pilot:
        await asked_and_answered(pilot)
        for strip in app.screen._compositor.render_strips():
            for segment in strip.apply_filter(app._filters[-1], app.screen.background_colors[0]):
                style = segment.style
                assert not (style and style.color and style.color.is_default is False), segment
