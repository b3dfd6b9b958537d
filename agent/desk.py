"""START HERE. One question and its pictures become one answer: look, find, decide, say, check, keep."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent import replies
from agent.decide import AS_FITTED, SURE, Known, Measures, decide, hear, ruled_by
from agent.deciders import Judging
from agent.events import Checked, Decided, Decision, Ended, Event, Found, Looked, Said
from agent.evidence import Evidence, Library
from agent.ground import check
from agent.journal import Journal
from agent.model import ChatMessage, Model
from agent.picture_answer import Judge, as_held, is_absent, is_held
from agent.prompts import PROMPT_VERSION, build_messages
from agent.records import as_heard
from agent.replies import Reply
from agent.turn import Turn
from agent.written import readable, unless_refused
from index.clean import clean
from index.errors import UserError
from index.pictures import ReadPicture
from index.search import Query, Searcher
from index.templates import TemplateShelf
from index.words import content_words

MOST_PICTURES = 4
MOST_CHARACTERS = 20_000
HISTORY = 40
LEAST_WORDS = 3
# Of a reading's least likely token, from the tuning set of bench/real_screens.md: below the first one reading in eight
# was right, so it is not said; below the second the customer is asked to check.
READ_LEAST, READ_SURE = 0.4, 0.9
MOST_COMPLAINTS = 3  # advice that failed so often is not the right advice: a person takes over


@dataclass(frozen=True)
class Wishes:
    """How the desk works: sources looked at, least confidence, longest reply, when the model writes ("auto": when
    it is not the small embedded one, "always", "never"), what a cosine of its embedder is worth, words that always
    bring a person."""

    top: int = 5
    caution: float = 0.4
    max_new_tokens: int = 160
    writes: str = "auto"
    measures: Measures = AS_FITTED
    person_words: tuple[str, ...] = ()


class Desk:
    """A desk for one workspace, made of ready parts. `model` may be None: then it only quotes."""

    def __init__(
        self,
        journal: Journal,
        searcher: Searcher,
        library: Library,
        templates: TemplateShelf,
        look: Callable[[Path], ReadPicture],
        model: Model | None,
        version: Callable[[], str],
        wishes: Wishes | None = None,
        aim: Judge | None = None,
        judging: Judging | None = None,
    ) -> None:
        self.journal = journal
        self._searcher = searcher
        self._library = library
        self._templates = templates
        self._look = look
        self._model = model
        self._version = version
        self._wishes = wishes or Wishes()
        self._aim = aim
        self._judging = judging

    def answer(
        self,
        question: str,
        pictures: Sequence[Path] = (),
        conversation_id: str | None = None,
        cancel: threading.Event | None = None,
        customer: str | None = None,
        instead_of: int | None = None,
    ) -> Iterator[Event]:
        """Answer one question, telling each step as it is done; the last event is Ended, already stored.

        While a person holds the chat the question goes to that person, and the desk says so and no more. After that,
        what came meanwhile and got no reply is answered with the next question, or at once without one. A set `cancel`
        stops at the next token and keeps what was said. `instead_of` is the last turn of the chat, to be answered
        again: without the sources it cited where the question is the same. Raises UserError: LIMIT (too long, too many
        pictures, nothing asked), the kinds of `open_picture`, BACKEND (after what was said is stored).
        """
        turn = self._begin(question, pictures, conversation_id, cancel, instead_of)
        turn.pictures = (*turn.shown, *(self._look(path) for path in pictures))
        turn.clock("looked")
        yield Looked(turn.pictures)
        if not self._is_held(turn):
            self._find(turn)
            yield Found(turn.hits, turn.clock("sources"))
            self._decide(turn)
            self._is_held(turn)  # taken while we looked: silence all the same
        yield Decided(turn.decision)
        trouble: UserError | None = None
        try:
            yield from self._say(turn, pictures)
        except UserError as error:
            trouble = error
        except GeneratorExit:  # the listener went away: what was said is kept all the same
            turn.clock("end")
            self._keep(turn, stopped=True, customer=customer)
            raise
        turn.clock("first")  # where nothing was said at all
        turn.clock("end")
        ended = self._keep(turn, stopped=turn.cancel.is_set() or trouble is not None, customer=customer)
        yield ended
        if trouble is not None:
            raise trouble

    def close(self) -> None:
        """Let the model go."""
        if self._model is not None:
            self._model.close()

    def _begin(
        self,
        question: str,
        pictures: Sequence[Path],
        conversation_id: str | None,
        cancel: threading.Event | None,
        instead_of: int | None,
    ) -> Turn:
        said = question = clean(question).strip()
        chat = conversation_id or self.journal.new_conversation_id()
        known = conversation_id is not None and self.journal.chat_row(chat) is not None
        kept = self.journal.turns(chat, last=HISTORY) if known else []
        history, left = as_heard([past for past in kept if past.turn_id != instead_of])
        if left and not self.journal.holder(chat):
            question = "\n".join(filter(None, [*(turn.question for turn in left), said]))[-MOST_CHARACTERS:]
        else:
            left = []
        if not question and not pictures and not left:
            raise UserError("Nothing was asked.\nType a question, or attach a screenshot.", "LIMIT")
        if len(said) > MOST_CHARACTERS:
            raise UserError(
                f"The question has {len(said):,} characters; at most {MOST_CHARACTERS:,} are read.\nShorten it.",
                "LIMIT",
            )
        if len(pictures) > MOST_PICTURES:
            raise UserError(
                f"{len(pictures)} pictures in one message; at most {MOST_PICTURES} are read.\nSend the rest next.",
                "LIMIT",
            )
        others = self.journal.variants(instead_of) if instead_of else []
        refused = {cited.source_id for past in others if past.question == question for cited in past.citations}
        asked = hear(question, bool(history), advised=any(past.citations or past.author for past in history))
        turn = Turn(question, chat, cancel or threading.Event(), asked, history, said)
        turn.shown = tuple(picture for turn in left for picture in turn.pictures)
        turn.instead_of, turn.refused = instead_of, frozenset(refused)
        return turn

    def _is_held(self, turn: Turn) -> bool:
        """Whether a person holds the chat; then nothing is decided but to keep silent."""
        turn.holder = self.journal.holder(turn.conversation_id)
        if turn.holder:
            turn.decision = Decision("held", f"{turn.holder} has this conversation", "person.holds", 1.0)
        return bool(turn.holder)

    def _find(self, turn: Turn) -> None:
        """Search with the matter of the whole talk; drop what was tried already."""
        turn.stands = lambda line: self._searcher.nearest(line) >= self._wishes.measures.alone_dense
        text = turn.looked_for
        tried = {cited.source_id for past in turn.history for cited in past.citations} if turn.asked.failed else set()
        tried |= turn.refused
        query = Query(text, turn.screens, frozenset(tried))
        turn.hits = tuple(self._searcher.search(query, self._wishes.top))
        template = self._templates.match(text) if not turn.pictures else None
        turn.template = template if template and template.template.id not in turn.refused else None

    def _decide(self, turn: Turn) -> None:
        turn.evidence = self._evidence(turn)
        signals = self._library.signals(list(turn.hits), turn.looked_for, turn.screens)
        exhausted = turn.asked.failed and (not turn.evidence or turn.complaints >= MOST_COMPLAINTS)
        score = turn.template.score if turn.template else 0.0
        ruled = ruled_by(turn.question, self._wishes.person_words)
        judged = self._judging(turn.looked_for, turn.screens) if self._judging else None
        known = Known(
            signals, turn.evidence, score, exhausted, self._writes(), self._aimed(turn), ruled, self._verifies(), judged
        )
        turn.decision = decide(turn.asked, known, self._wishes.caution, self._wishes.measures)
        if turn.decision.act == "read":
            turn.otherwise = decide(turn.asked, replace(known, aimed=0.0), self._wishes.caution, self._wishes.measures)
        turn.clock("decided")

    def _evidence(self, turn: Turn) -> tuple[Evidence, ...]:
        """What a reply may rest on: only what the next customer can be told; nothing again that did not help, not
        even in the same words from another ticket; of what was said already only what a follow-up asks for."""
        evidence = self._library.evidence(turn.hits, turn.looked_for, turn.screens)
        cited = [each for past in turn.history for each in past.citations]
        said = {each.passage_id for each in cited}
        if turn.asked.failed:
            texts = {each.passage for each in cited}
            evidence = tuple(each for each in evidence if each.passage_id not in said and each.text not in texts)
        elif turn.goes_on:
            focused = (
                self._library.focused(each, turn.question) if each.passage_id in said else each for each in evidence
            )
            evidence = tuple(
                short if replies.quotable(short) else each for short, each in zip(focused, evidence, strict=True)
            )
        return tuple(each for each in evidence if replies.quotable(each))

    def _aimed(self, turn: Turn) -> float:
        """How likely the question only asks what a picture shows; 0 where no model may read it."""
        if self._aim is None or self._model is None or self._wishes.writes == "never":
            return 0.0
        return self._aim(turn.question) if turn.seen and turn.question else 0.0

    def _writes(self) -> bool:
        if self._model is None or self._wishes.writes == "never":
            return False
        return self._wishes.writes == "always" or self._model.name != "embedded"

    def _verifies(self) -> bool:
        """Whether a model is asked if what was found answers the question at all: where no judge has read it."""
        if self._library.judges or self._model is None or self._wishes.writes == "never":
            return False
        return self._model.abstains

    def _say(self, turn: Turn, pictures: Sequence[Path]) -> Iterator[Event]:
        """The words of the decision: read off the picture, fixed, quoted, or written and checked."""
        if turn.decision.act == "read":
            yield from self._read(turn, pictures)
            if turn.decision.act == "read":  # else the picture does not show it, and the shelf answers
                return
        sure = turn.decision.confidence >= SURE and turn.decision.rule != "evidence.read"
        if turn.decision.act == "case" and not sure and self._verifies():
            answering = self._answering(turn)
            if not answering and not turn.cancel.is_set():
                turn.decision = _silent(turn.decision)
                yield Decided(turn.decision)
            turn.evidence = answering or turn.evidence
        note = "" if turn.holder else replies.read_note(turn.pictures)
        if note:
            yield self._speak(turn, f"{note}\n\n")
        if turn.decision.act == "generate":
            yield from self._write(turn, pictures, f"{note}\n\n" if note else "")
            return
        turn.reply = self._fixed(turn)
        yield self._speak(turn, turn.reply.text)
        text = f"{note}\n\n{turn.reply.text}" if note else turn.reply.text
        turn.reply = Reply(text, turn.reply.citations)
        yield Checked(text, turn.reply.citations, (), False)

    def _fixed(self, turn: Turn) -> Reply:
        """A reply that needs no model."""
        act, rule = turn.decision.act, turn.decision.rule
        if act == "template" and turn.template is not None:
            return replies.template_reply(turn.template)
        if act == "case":
            return replies.quote_reply(turn.evidence)
        if rule == "talk.greeting":
            return Reply(replies.GREETING, ())
        if rule == "talk.thanks":
            return Reply(replies.WELCOME, ())
        if act == "ask":
            return Reply(replies.ask_reply(turn.hits), ())
        if act == "held":
            return Reply(replies.held_reply(turn.holder), ())
        standing = self._standing(turn.conversation_id)
        if rule in ("person.asked", "house.words"):
            return Reply(replies.person_reply(standing), ())
        return Reply(replies.unsure_reply(turn.hits, standing), ())

    def _standing(self, chat: str) -> replies.Standing:
        """What becomes of a hand-over that is kept with this turn."""
        known = self.journal.handed_over(chat)
        return "waiting" if known and known[1] == "waiting" else "proposed" if self.journal.proposes else "sent"

    def _read(self, turn: Turn, pictures: Sequence[Path]) -> Iterator[Event]:
        """What the picture tells by itself or the model reads off the pictures; only what they hold is said.
        Where they do not show it but the shelf knows an answer, or it was read in doubt and the shelf is sure, that one
        is decided for instead."""
        draft, least = (turn.told, None) if turn.told else self._drafted(turn, pictures)
        if turn.cancel.is_set():
            return
        invented = not turn.told and not is_absent(draft) and not is_held(draft, [*turn.seen, *turn.notes])
        sure = 1.0 if least is None else least
        shown = "" if is_absent(draft) or invented or sure < READ_LEAST else draft
        other = turn.otherwise
        known = other is not None and other.act in ("template", "case", "generate")
        if other is not None and known and (not shown or (sure < READ_SURE and other.confidence >= SURE)):
            turn.decision = other
            yield Decided(turn.decision)
            return
        turn.reply = Reply(replies.picture_reply(shown, len(turn.seen), sure >= READ_SURE), ())
        yield self._speak(turn, turn.reply.text)
        yield Checked(turn.reply.text, (), (draft,) if invented else (), False)

    def _drafted(self, turn: Turn, pictures: Sequence[Path]) -> tuple[str, float | None]:
        """What the model reads off the pictures, slips in copying put right, and how sure it was of it (0..1)."""
        draft = "".join(self._stream(turn, build_messages(turn.asked_there, [], turn.seen), pictures))
        return as_held(draft, [*turn.seen, *turn.notes]), self._model.sureness if self._model is not None else None

    def _stream(self, turn: Turn, messages: list[ChatMessage], pictures: Sequence[Path]) -> Iterator[str]:
        """The model's fragments, cleaned."""
        assert self._model is not None
        shown = pictures if self._model.reads_pictures else ()
        return readable(
            self._model.stream(messages, pictures=shown, max_new_tokens=self._wishes.max_new_tokens, cancel=turn.cancel)
        )

    def _write(self, turn: Turn, pictures: Sequence[Path], opening: str) -> Iterator[Event]:
        """Stream what the model writes from the evidence, then keep only what the evidence supports."""
        draft = ""
        try:
            for fragment in unless_refused(self._stream(turn, self._prompt(turn, turn.evidence), pictures)):
                draft += fragment
                yield self._speak(turn, fragment)
        finally:
            turn.reply = Reply(opening + draft, ())
        if turn.cancel.is_set():
            return
        checked = self._checked(turn, draft, opening)
        if checked is None:
            turn.decision = _silent(turn.decision)
            yield Decided(turn.decision)
            turn.reply = Reply(opening + self._fixed(turn).text, ())
            checked = Checked(turn.reply.text, (), (draft,) if draft else (), True)
        yield checked

    def _prompt(self, turn: Turn, evidence: Sequence[Evidence]) -> list[ChatMessage]:
        """What the model is asked: the question over the evidence."""
        history = [(past.question, past.said) for past in turn.history]
        return build_messages(turn.question, [(each.title, each.text) for each in evidence], turn.seen, history)

    def _answering(self, turn: Turn) -> tuple[Evidence, ...]:
        """The passages that the model finds to answer. Where it cannot be loaded the desk goes on without it: all of
        them when the sources are sure enough, else none."""
        try:
            return tuple(each for each in turn.evidence if not self._is_silent(turn, each))
        except UserError:
            return () if turn.decision.rule == "evidence.read" else turn.evidence

    def _is_silent(self, turn: Turn, evidence: Evidence) -> bool:
        """Whether the model, asked over this passage alone, says that it does not answer; it gets no farther."""
        return not any(unless_refused(self._stream(turn, self._prompt(turn, [evidence]), ())))

    def _checked(self, turn: Turn, draft: str, opening: str) -> Checked | None:
        """The written reply without unsupported sentences. When too little is left or said, the quoted evidence; None
        where that may not answer either: a model that knows when to say so said so, or found was too little."""
        texts = [f"{each.title}\n{each.text}" for each in turn.evidence]
        checked = check(draft, texts, [turn.question, *turn.seen])
        written = len(content_words(" ".join(checked.kept))) >= LEAST_WORDS and len(checked.kept) >= len(
            checked.dropped
        )
        if not written and (turn.decision.rule == "evidence.read" or (not draft and self._verifies())):
            return None
        if written:
            reply = replies.bind_citations(checked.kept, turn.evidence)
        else:
            reply = replies.quote_reply(turn.evidence)
        turn.reply = Reply(opening + reply.text, reply.citations)
        unsupported = tuple(claim.text for claim in checked.unsupported)
        return Checked(turn.reply.text, reply.citations, unsupported, bool(checked.dropped) or not written)

    def _speak(self, turn: Turn, text: str) -> Said:
        turn.clock("first")
        return Said(text)

    def _keep(self, turn: Turn, stopped: bool, customer: str | None) -> Ended:
        ended = Ended(
            0,
            turn.conversation_id,
            turn.reply.text,
            turn.decision,
            turn.reply.citations,
            turn.hits,
            turn.pictures,
            turn.seconds,
            f"{self._version()}+prompt{PROMPT_VERSION}",
            stopped,
        )
        turn_id = self.journal.keep_turn(turn.question, ended, customer, turn.instead_of, turn.said, len(turn.shown))
        return replace(ended, turn_id=turn_id)


def _silent(before: Decision) -> Decision:
    return replace(before, act="handover", reason="what was found does not answer it", rule="evidence.silent")
