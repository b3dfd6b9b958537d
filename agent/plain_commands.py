"""What can be done in plain lines: one method for each command of the table in agent/tui/commands.py."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from pathlib import Path

from agent.archive import FILTERS
from agent.gaps import Gap
from agent.records import ConversationSummary, Rating, Records, StoredTurn
from agent.tui.commands import commands_for
from agent.tui.engine import Chat
from agent.tui.office import Office
from agent.tui.paths import one_path, paths_in_paste
from agent.tui.words import (
    MAX_PICTURES,
    Entry,
    age,
    clock,
    entries,
    entry_line,
    one_line,
    read_line,
    source_remarks,
    source_title,
    speaker,
    trouble_line,
)
from index.clean import clean
from index.conversation import source_lines
from index.errors import UserError

AROUND = 2  # lines shown before and after the cited ones


class PlainCommands:
    """What one sitting knows, and its commands `do_<name>(argument)`."""

    def __init__(self, records: Records, office: Office | None) -> None:
        self._records = records
        self._office = office or Office()
        self._chat = Chat()
        self._pictures: list[Path] = []
        self._last: tuple[str, list[Path]] = ("", [])
        self._turn: StoredTurn | None = None
        self._sources: list[Entry] = []
        self._listed: list[ConversationSummary] = []
        self._gaps: list[Gap] = []
        self._asked_for = ""
        self._times = False
        self._leaving = False

    @abstractmethod
    def _say(self, text: str) -> None:
        """Print a line."""

    @abstractmethod
    def ask(self, question: str, instead_of: StoredTurn | None = None) -> None:
        """Ask the desk and print its answer; `instead_of` is the turn it takes the place of."""

    def do_help(self, _: str) -> None:
        for command in commands_for("plain"):
            self._say(f"{command.slash}: {command.help}")
        self._say("Ctrl-C stops an answer. The path of a picture attaches it; an empty line sends it alone.")

    def do_new(self, _: str) -> None:
        self._chat, self._sources, self._turn = Chat(), [], None
        self._say("A new conversation.")

    def do_conversations(self, words: str) -> None:
        self._listed = self._records.conversations(50, words)
        for place, one in enumerate(self._listed, 1):
            remarks = [f"{one.turns} questions" if one.origin == "chat" else "ticket", age(one.updated_at)]
            remarks += [one.status if one.status != "open" else "", one.rating or "", "picture" if one.pictures else ""]
            self._say(f"{place}: {one_line(one.title, 80)} ({', '.join(filter(None, remarks))})")
            if one.snippet:
                self._say(f"   {one_line(one.snippet, 100)}")
        none = f"Nothing with these words. Filters: {' '.join(FILTERS)}" if words else "No conversations yet."
        self._say("/open NUMBER reopens one." if self._listed else none)

    def do_open(self, number: str) -> None:
        if not number:
            self.do_conversations("")
            return
        listed = self._listed or self._records.conversations(50)
        if not number.isdecimal() or not 0 < int(number) <= len(listed):
            self._say(f"There is no conversation {one_line(number, 30)}. /open lists them.")
        elif (one := listed[int(number) - 1]).origin == "chat":
            self._reopen(one.id)
        else:
            source = self._records.source(one.id)
            for line in source_lines(source) if source else []:
                self._say(clean(line))

    def do_attach(self, path: str) -> None:
        if path:
            self._attach(paths_in_paste(path) or [one_path(path)])
        else:
            self._say("Which picture? /attach PATH")

    def do_detach(self, number: str) -> None:
        place = int(number) - 1 if number.isdecimal() else len(self._pictures) - 1
        if 0 <= place < len(self._pictures):
            gone = self._pictures.pop(place)
            self._say(f"Taken off: {one_line(gone.name, 60)}")
        else:
            self._say("There is no such picture.")

    def do_sources(self, _: str) -> None:
        for entry in self._sources:
            self._say(f"  {entry_line(entry)}{' cited' if entry.cited else ''}")
        self._say("/source NUMBER reads one." if self._sources else "There is no answer with sources yet.")

    def do_source(self, number: str) -> None:
        entry = next((entry for entry in self._sources if str(entry.n) == number.strip("[]")), None)
        if entry is None:
            self._say(f"This answer has no source {one_line(number, 20)}".rstrip() + ".")
            return
        source = self._records.source(entry.source_id)
        if source is None:
            self._say(f"{one_line(entry.source_id, 60)} is no longer in the store.")
            return
        remarks = source_remarks(source)
        self._say(f"[{entry.n}] {one_line(entry.source_id, 60)} {source_title(source)} ({remarks})")
        first, last = entry.lines
        for number_, line in enumerate(source_lines(source), 1):
            if first - AROUND <= number_ <= last + AROUND:
                mark = ">" if first <= number_ <= last else " "
                self._say(f"{mark} {number_}: {clean(line)}")

    def do_good(self, _: str) -> None:
        self._rate("good", "")

    def do_bad(self, reason: str) -> None:
        self._rate("bad", reason)

    def do_quit(self, _: str) -> None:
        self._leaving = True

    # --- steering -------------------------------------------------------------------------------------------

    def do_again(self, _: str) -> None:
        question, pictures = self._last
        if not question and not pictures:
            self._say("Nothing was asked yet.")
            return
        self._pictures = list(pictures)
        self.ask(question, self._turn)

    def do_edit(self, text: str) -> None:
        if self._turn is None or not text:
            self._say("/edit TEXT asks the last question in other words." if self._turn else "Nothing was asked yet.")
            return
        self._pictures = list(self._last[1])
        self.ask(text, self._turn)

    def do_variant(self, number: str) -> None:
        turn = self._kept("switch")
        kept = self._records.variants(turn.turn_id) if turn else []
        if turn is None or len(kept) < 2:
            self._say("There is one answer to this question. /again looks for another." if turn else "")
            return
        here = next((place for place, each in enumerate(kept) if each.turn_id == turn.turn_id), 0)
        place = int(number) - 1 if number.isdecimal() else (here + 1) % len(kept)
        if not 0 <= place < len(kept):
            self._say(f"There is no answer {one_line(number, 20)} to this question.")
            return
        self._records.choose(kept[place].turn_id)
        self._hold(kept[place])
        self._say(f"Answer {place + 1} of {len(kept)} counts now.\nAgent: {clean(kept[place].said)}")

    def _kept(self, what: str) -> StoredTurn | None:
        """The last answer as it is kept now."""
        if self._turn is None:
            self._say(f"There is no kept answer to {what} yet.")
        return self._turn

    def _rate(self, value: Rating, reason: str) -> None:
        if turn := self._kept("rate"):
            wanted = None if turn.rating == value and not reason else value
            self._records.rate(turn.turn_id, wanted, reason)
            self._turn = replace(turn, rating=wanted)
            self._say(f"Rated {wanted}." if wanted else "The rating was taken back.")

    def do_correct(self, text: str) -> None:
        turn = self._kept("correct")
        if turn and text:
            self._records.correct(turn.turn_id, text, "", turn.training)
            self._turn = replace(turn, chosen="" if text == turn.answer.strip() else text)
            self._say("The correction is kept." if self._turn.chosen else "The answer stands as it was.")
        elif turn:
            self._say(f"It said: {clean(turn.answer)}\n/correct TEXT keeps what it should have said.")

    def do_veto(self, _: str) -> None:
        if turn := self._kept("keep out of training"):
            self._records.veto(turn.turn_id, not turn.training)
            self._turn = replace(turn, training=not turn.training)
            self._say("The correction may be learnt from." if self._turn.training else "Nothing will learn from it.")

    def do_approve(self, _: str) -> None:
        chat = self._chat.id or ""
        if not self._sure("approve"):
            approval = self._records.evidence(chat)
            for passage in approval.passages:
                self._say(f"{passage.kind}: {clean(passage.text)}")
            self._say("This goes on the shelf, for other customers. Type /approve once more to do it.")
            self._asked_for = f"approve {chat}"
            return
        approval = self._records.approve(chat)
        self._say(f"Approved: {len(approval.passages)} passages on the shelf, found from now on.")

    def do_template(self, title: str) -> None:
        if turn := self._kept("make a template of"):
            named = self._records.make_template(turn.turn_id, title)
            self._say(f"This question gets this very answer from now on ({named}).")

    # --- keeping order --------------------------------------------------------------------------------------

    def _sure(self, what: str) -> bool:
        """Whether a command that cannot be taken back was typed before, for this conversation."""
        asked, self._asked_for = self._asked_for, ""
        return asked == f"{what} {self._chat.id}" and bool(self._chat.id)

    def do_rename(self, title: str) -> None:
        if not title:
            self._say("/rename TITLE")
            return
        self._records.rename(self._chat.id or "", title)
        self._say("Renamed.")

    def do_delete(self, _: str) -> None:
        if not self._chat.id:
            self._say("Nothing of this conversation is kept yet.")
        elif not self._sure("delete"):
            self._asked_for = f"delete {self._chat.id}"
            self._say("This deletes the conversation for good. Type /delete once more to do it.")
        else:
            self._records.remove(self._chat.id)
            self._listed = []
            self._say("The conversation was deleted.")
            self.do_new("")

    def do_export(self, wish: str) -> None:
        from agent.exporting import write_export

        if not self._chat.id:
            self._say("Nothing of this conversation is kept yet.")
            return
        self._say(f"Written: {clean(str(write_export(self._records, self._chat.id, wish, Path.cwd())))}")

    def do_gaps(self, number: str) -> None:
        self._gaps = self._gaps or (self._office.find_gaps() if self._office.find_gaps else [])
        if number.isdecimal() and 0 < int(number) <= len(self._gaps):
            from agent.gaps import draft_article

            file = draft_article(self._gaps[int(number) - 1], self._office.drafts)
            self._say(f"The draft: {file}\nWhen it is written: deskside import {file}")
            return
        for place, gap in enumerate(self._gaps, 1):
            self._say(f"{place}: {len(gap.asked)} times: {one_line(gap.title, 120)} ({gap.asked[0].conversation})")
        self._say("/gaps NUMBER starts an article." if self._gaps else "Nothing: every question was covered.")

    def do_settings(self, _: str) -> None:
        for each in self._office.settings:
            self._say(f"{each.name}: {one_line(each.value, 200) or '(empty)'} ({one_line(each.place, 80)})")
        if not self._office.settings:
            self._say("All defaults.")

    def do_times(self, _: str) -> None:
        self._times = not self._times
        self._say("Times are shown from now on." if self._times else "Times are hidden.")

    # --- composing ------------------------------------------------------------------------------------------

    def do_paste(self, _: str) -> None:
        from agent.tui.clipboard import clipboard_pictures

        found = clipboard_pictures()
        self._attach(found) if found else self._say("There is no picture on the clipboard.")

    def do_editor(self, _: str) -> None:
        from agent.tui.editor import edited

        text = clean(edited("")).strip()
        if text:
            self._say(f"You: {text}")
            self.ask(text)
        else:
            self._say("Nothing was written.")

    def _attach(self, paths: list[Path]) -> None:
        from index.pictures import open_picture

        for path in paths:
            if len(self._pictures) >= MAX_PICTURES:
                self._say(f"LIMIT: a question may carry {MAX_PICTURES} pictures.")
                return
            try:
                picture = open_picture(path)
            except UserError as error:
                self._say(f"Trouble: {trouble_line(error)}")
                continue
            self._pictures.append(path)
            remarks = "".join(f" {clean(notice)}" for notice in picture.notices)
            self._say(f"Attached: {picture.name} ({picture.image.width} by {picture.image.height}).{remarks}")

    def _reopen(self, conversation_id: str) -> None:
        kept = self._records.turns(conversation_id, 20)
        self._chat, self._turn, self._sources = Chat(conversation_id), None, []
        for turn in kept:
            if turn.question or turn.pictures:
                self._say(f"You{self._at(turn.asked_at)}: {clean(turn.question)}")
            for picture in turn.pictures:
                self._say(read_line(picture))
            who = speaker(turn.author, turn.decision.act)
            self._say(f"{who}: {clean(turn.said)}{' (stopped)' if turn.stopped else ''}")
        if asked := [turn for turn in kept if turn.question or turn.pictures]:
            self._hold(asked[-1])

    def _hold(self, turn: StoredTurn) -> None:
        """The commands mean this answer from now on."""
        paths = [self._records.picture_path(picture.sha256) for picture in turn.pictures]
        self._turn, self._sources = turn, entries(turn.hits, turn.citations)
        self._last = turn.question, [path for path in paths if path]

    def _at(self, at: str) -> str:
        return f" ({clock(at)})" if self._times and at else ""
