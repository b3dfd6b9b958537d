"""Training examples from a workspace's own solved tickets: the question, what the desk would find, the team's words."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.evidence import Evidence, Library
from agent.ground import LEAST_WORDS_SHARE, unsupported_claims
from agent.replies import quotable
from agent.sentences import general_sentences, is_done_for_one, is_pleasantry, split_sentences
from agent.teaching import kept_out
from finetune.datasets import in_split
from finetune.examples import Ask, Example
from finetune.grounded import ABSENT, cite
from index.codes import find_codes
from index.conversation import Conversation, Message
from index.hits import Hit
from index.passages import is_small_talk, resolution_messages
from index.pictures import ReadPicture
from index.search import Query, Searcher
from index.sources import load_picture, stored_conversations
from index.store import Store
from index.words import content_words, is_vague, stem

SOURCE = "own"
ABSENT_SHARE = 0.13
MOST_PER_CUSTOMER = 3
LONGEST_QUESTION = 600
LONGEST_ANSWER = 420
MOST_SENTENCES = 3
LEAST_QUESTION = 3  # words of meaning, where no picture says the rest
LEAST_SENTENCE = 3
LEAST_REPLY = 6
LEAST_ANSWER = 6
LEAST_SHARED = 3
SUPPORTED = 0.5  # of a passage's sentence, the share of words that the team's reply has too: from here on it says it
# Below these shares of words a passage has nothing to do with the matter: of the question and of the reply in the
# passage, of any sentence of the passage in the reply.
FOREIGN = {"question": 0.34, "reply": 0.25, "sentence": 0.34}
DEPTH = 40  # how far down the ranking passages are taken that do not answer
_SIGNED = re.compile(
    r"\n\s*(?:(?:kind |best |many )?(?:regards|thanks|thank you|cheers)\b|--|sent (?:from|by)\b)", re.I
)
_MARKS = re.compile(r"\*\*|`|^#+ |(?<![\w*])[*_](?=\w[^*_\n]{0,60}[*_])|(?<=\w)[*_](?![\w*])", re.M)
# A sentence that hangs on the one before it: never said alone.
_HANGS = re.compile(
    r"^(?:or|and|but|so|then|otherwise|also|it|its|it['’]s|they|them|their|this|that|these|those|there|here|both|each"
    r"|afterwards"
    r"|after that|only then|meanwhile|instead|if (?:it|that|this|not|so)|as well)\b"
    r"|^\w+ (?:it|them|that one)\b|\bas well\W*$",
    re.I,
)
_MENU = re.compile(r"[^>→›.;:!?,()\n]{1,40}(?:[>→›][^>→›.;:!?,()\n]{1,40})+")
_STEP_MARK = re.compile(r"^(?:\d{1,2}[.)]|[-•])\s+")
_UNFIT = re.compile(r"<[A-Z]+_\d+>|…|\||!?\[[^\]]*\]|:::")
_DENIES = re.compile(r"\b(?:not|never|no|none|nothing|cannot|without|\w+n['’]t)\b", re.I)

OnCount = Callable[[int, int], None]


@dataclass
class Card:
    """What a file of examples holds. `sources`: examples by where they come from; `kinds`: asks by kind; `dropped`:
    tickets that gave none, by reason; `choices`: what the file was made with."""

    sources: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    dropped: dict[str, int] = field(default_factory=dict)
    choices: dict[str, Any] = field(default_factory=dict)

    def count(self, example: Example) -> Example:
        """Add an example; gives it back."""
        self.sources[example.source] += 1
        self.kinds.update(ask.kind for ask in example.asks)
        return example

    def as_json(self) -> dict[str, Any]:
        """As it stands beside the file of the examples."""
        return {**vars(self), "sources": dict(self.sources), "kinds": dict(self.kinds)}


@dataclass(frozen=True)
class Solved:
    """A solved ticket: what the customer asked, with what was read on the pictures, and what the team replied."""

    id: str
    customer: str
    question: str
    pictures: tuple[ReadPicture, ...]
    reply: str

    @property
    def same(self) -> str:
        """Equal for two tickets that ask the same: the stems of the question, and the pictures."""
        words = " ".join(stem(word) for word in content_words(re.sub(r"<[A-Z]+_\d+>|\d{4,}", " ", self.question)))
        return " ".join([words, *(picture.sha256 for picture in self.pictures)])

    @property
    def screens(self) -> tuple[str, ...]:
        """The words on the pictures, as the search takes them."""
        return tuple(each.words for each in self.pictures if each.words.strip())


def own_examples(
    searcher: Searcher, library: Library, store: Store, workspace: str, split: str, *, seed: int = 0,
    beside: Path | None = None, most_per_customer: int = MOST_PER_CUSTOMER, top: int = 5,
    on_count: OnCount = lambda done, total: None,
) -> tuple[list[Example], dict[str, int]]:  # fmt: skip
    """The examples of the workspace's imported or approved tickets that were resolved, and how many tickets gave none,
    by reason.

    The passages are those the desk would give, found on the shelf without the ticket itself and its copies; for
    "train" also without the tickets of "test". A customer's tickets are all on one side, and so are tickets that share
    a picture. `beside` is the folder of the file to come: paths of pictures are relative to it. The same store and
    arguments give the same examples.
    """
    dropped: Counter[str] = Counter()
    tickets = solved_tickets(store, workspace, dropped)
    tested = {each.id for each in tickets if in_split(f"own {each.customer}", "test")}
    seen_there = {picture.sha256 for each in tickets if each.id in tested for picture in each.pictures}
    copies: dict[tuple[str, str], set[str]] = {}
    for each in tickets:
        copies.setdefault((each.same, each.reply), set()).add(each.id)
    desk = BlindDesk(searcher, library, top)
    mine = [each for each in _once(tickets, dropped) if (each.id in tested) == (split == "test")]
    chosen = _few_of_each_customer(mine, most_per_customer, dropped)
    made: dict[str, Example] = {}
    open_ones: list[tuple[Solved, set[str]]] = []
    for done, each in enumerate(chosen):
        on_count(done, len(chosen))
        if split == "train" and seen_there & {picture.sha256 for picture in each.pictures}:
            dropped["its picture is in the other split"] += 1
            continue
        hidden = copies[each.same, each.reply] | (tested if split == "train" else set())
        evidence = desk.found(each, hidden)
        if answer := answer_from(each, evidence):
            made[each.id] = _example(each, evidence, Ask(each.question, answer, "grounded"), store, beside)
        else:
            open_ones.append((each, hidden))
    room = round(len(made) * ABSENT_SHARE / (1 - ABSENT_SHARE))
    for each, hidden in random.Random(f"own {split} {seed}").sample(open_ones, len(open_ones)):
        evidence = desk.beside_the_matter(each, hidden) if room else ()
        if evidence:
            room -= 1
            made[each.id] = _example(each, evidence, Ask(each.question, ABSENT, "absent"), store, beside)
        else:
            dropped["nothing found says what the team said"] += 1
    on_count(len(chosen), len(chosen))
    return [made[each.id] for each in chosen if each.id in made], dict(sorted((+dropped).items()))


@dataclass(frozen=True)
class BlindDesk:
    """What the desk would rest its reply on, if it had never seen some tickets."""

    searcher: Searcher
    library: Library
    top: int

    def found(self, ticket: Solved, hidden: set[str]) -> tuple[Evidence, ...]:
        """The passages the desk would give."""
        return self._evidence(ticket, self._hits(ticket, hidden, self.top))

    def beside_the_matter(self, ticket: Solved, hidden: set[str]) -> tuple[Evidence, ...]:
        """The best passages that surely do not answer, as they would be found were the answer not on the shelf."""
        hits = self._hits(ticket, hidden, DEPTH)
        while hits:
            evidence = self._evidence(ticket, hits[: self.top])
            near = {each.source_id for each in evidence if not is_foreign(ticket, each)}
            if evidence and not near:
                return evidence
            gone = near or {hit.source_id for hit in hits[: self.top]}
            hits = [hit for hit in hits if hit.source_id not in gone]
        return ()

    def _hits(self, ticket: Solved, hidden: set[str], count: int) -> list[Hit]:
        """The best sources that are not hidden."""
        asked = count
        while True:
            asked = 2 * asked
            hits = self.searcher.search(Query(ticket.question, ticket.screens), asked)
            shown = [hit for hit in hits if hit.source_kind != "ticket" or hit.source_id not in hidden]
            if len(shown) >= count or len(hits) < asked:
                return shown[:count]

    def _evidence(self, ticket: Solved, hits: Sequence[Hit]) -> tuple[Evidence, ...]:
        evidence = self.library.evidence(hits, ticket.question, ticket.screens)
        return tuple(each for each in evidence if quotable(each))


def solved_tickets(store: Store, workspace: str, dropped: Counter[str]) -> list[Solved]:
    """Every ticket that may be learned from, oldest first."""
    sql = "SELECT source_id FROM conversations WHERE workspace = ? AND trust IN ('imported', 'approved')"
    trusted = {row["source_id"] for row in store.rows(sql, [workspace])} - kept_out(store, workspace).keys()
    tickets = []
    for ticket in stored_conversations(store, workspace):
        if ticket.id not in trusted:
            continue
        found = solved(store, ticket)
        if isinstance(found, Solved):
            tickets.append(found)
        else:
            dropped[found] += 1
    return tickets


def solved(store: Store, ticket: Conversation) -> Solved | str:
    """The ticket as a question with its reply, or why it is none."""
    if ticket.outcome != "resolved":
        return "not resolved"
    opening = _opening(ticket)
    question = " ".join(" ".join(_SIGNED.split(f"\n{each.text}")[0] for each in opening).split())
    shas = dict.fromkeys(sha for each in opening for sha in each.pictures)
    pictures = tuple(filter(None, (load_picture(store, sha) for sha in shas)))
    screens = [each.text for each in pictures if each.text.strip()]
    if not is_vague(question, screens) and len(content_words(question)) < LEAST_QUESTION:
        return "question too short"
    if len(question) > LONGEST_QUESTION:
        return "question too long"
    reply = "\n".join(ticket.messages[at].text for at in sorted(resolution_messages(ticket, most=3)))
    if len(content_words(reply)) < LEAST_REPLY:
        return "no fix in the reply"
    return Solved(ticket.id, ticket.customer_id or ticket.id, question, pictures, reply)


def _opening(ticket: Conversation) -> list[Message]:
    """What the customer said and showed before the first answer; greetings exchanged before that do not count."""
    opening: list[Message] = []
    for message in ticket.messages:
        if message.role == "agent" and opening:
            break
        if message.role == "customer" and (message.pictures or not is_small_talk(message.text)):
            opening.append(message)
    return opening


def _once(tickets: Sequence[Solved], dropped: Counter[str]) -> list[Solved]:
    """The tickets without those that ask what one before asked; the first stays, on whichever side it is."""
    kept: dict[str, Solved] = {}
    for each in tickets:
        kept.setdefault(each.same, each)
    dropped["asked before in the same words"] += len(tickets) - len(kept)
    return list(kept.values())


def _few_of_each_customer(tickets: Sequence[Solved], most: int, dropped: Counter[str]) -> list[Solved]:
    kept, customers = [], Counter[str]()
    for each in tickets:
        customers[each.customer] += 1
        if customers[each.customer] <= most:
            kept.append(each)
    dropped["enough of this customer"] += len(tickets) - len(kept)
    return kept


def answer_from(ticket: Solved, evidence: Sequence[Evidence]) -> str:
    """What the passages say of what the team replied, in their own words, cited; "" where that is nothing (pure)."""
    told = []
    for each in evidence:
        shares = [(said, _support(said, ticket.reply)) for said in sayable(each.text, each.source_kind)]
        told.append([pair for pair in shares if pair[1] >= SUPPORTED])
    best = max(range(len(told)), key=lambda at: (sum(share for _, share in told[at]), -at), default=0)
    if not told or not told[best]:
        return ""
    said = " ".join(_few([each for each, _ in told[best]], ticket.question))
    return cite(said, best + 1) if len(content_words(said)) >= LEAST_ANSWER else ""


def is_foreign(ticket: Solved, evidence: Evidence) -> bool:
    """Whether a passage surely has no answer: it shares next to nothing with the question and with the team's reply,
    no code and no menu path (pure)."""
    text = f"{evidence.title}\n{evidence.text}"
    said = "\n".join([ticket.question, ticket.reply, *ticket.screens])
    if set(find_codes(said)) & set(find_codes(text)) or _menus(said) & _menus(text):
        return False
    return (
        _overlap(ticket.question, text) < FOREIGN["question"]
        and _overlap(ticket.reply, text) < FOREIGN["reply"]
        and all(_overlap(sentence, ticket.reply) < FOREIGN["sentence"] for sentence in split_sentences(evidence.text))
    )


def _menus(text: str) -> set[str]:
    return {re.sub(r"[^\w>+]", "", path.replace("→", ">").replace("›", ">")).lower() for path in _MENU.findall(text)}


def sayable(passage: str, source_kind: str) -> list[str]:
    """What of a passage a reply may say word for word, in its order (pure): whole sentences that hold for everybody,
    without links, tables and placeholders; one that hangs on the sentence before ("Switch it off.") stands with it."""
    stands = _bare(passage)
    plain = _MARKS.sub("", passage)
    kept: list[str] = []
    before = ""  # the last sentence as it was kept; "" when it was not
    for sentence in general_sentences(plain) if source_kind == "ticket" else split_sentences(plain):
        sentence = _STEP_MARK.sub("", sentence).strip()
        if not _is_sayable(sentence, stands):
            before = ""
        elif not _HANGS.search(sentence):
            before = sentence
            kept.append(sentence)
        elif before:
            kept.append(f"{before} {sentence}")
    return [each for each in kept if len(content_words(each)) >= LEAST_SENTENCE]


def _is_sayable(sentence: str, stands: str) -> bool:
    """Whether a sentence may be said, and stands so in the passage."""
    if _UNFIT.search(sentence) or not sentence.endswith((".", "!")):
        return False
    return not is_pleasantry(sentence) and not is_done_for_one(sentence) and _bare(sentence) in stands


def _bare(text: str) -> str:
    """A text for comparing word by word: lower case, one space, no marks of Markdown, no full stop at its end."""
    return " ".join(_MARKS.sub("", text).lower().split()).rstrip(".! ")


def _support(sentence: str, reply: str) -> float:
    """How much of a passage's sentence the team's reply says, 0..1; 0 when it says other figures, codes or menu paths,
    or the opposite."""
    claims = {claim.kind for claim in unsupported_claims(sentence, [reply])}
    share = _overlap(sentence, reply)
    if not claims:
        return max(share, SUPPORTED)
    if claims & {"number", "code", "path", "link"} or share >= LEAST_WORDS_SHARE:  # its words, yet not what it says
        return 0.0
    words = {stem(word) for word in content_words(sentence)}
    near = max(split_sentences(reply), key=lambda each: len(words & {stem(word) for word in content_words(each)}))
    if bool(_DENIES.search(near)) != bool(_DENIES.search(sentence)):
        return 0.0
    shared = len(words & {stem(word) for word in content_words(reply)})
    return share if shared >= LEAST_SHARED else min(share, SUPPORTED - 0.01)


def _overlap(text: str, other: str) -> float:
    """The share of a text's words of meaning that another has too, 0..1."""
    words = {stem(word) for word in content_words(text)}
    return len(words & {stem(word) for word in content_words(other)}) / max(1, len(words))


def _few(told: Sequence[str], question: str) -> list[str]:
    """At most so many pieces, those nearest to the question, in their order and none twice."""
    order = sorted(range(len(told)), key=lambda at: (-_overlap(told[at], question), at))
    kept: list[int] = []
    for at in order:
        inside = any(told[at] in told[each] for each in kept)
        kept = kept if inside else [each for each in kept if told[each] not in told[at]]
        if not inside and (not kept or sum(len(told[each]) for each in (*kept, at)) <= LONGEST_ANSWER):
            kept.append(at)
        if len(kept) == MOST_SENTENCES:
            break
    return _joined([told[at] for at in sorted(kept)])


def _joined(told: Sequence[str]) -> list[str]:
    """Pieces that begin with the same sentence said once: "A B" and "A C" are "A B" and "C"."""
    said: list[str] = []
    for each in told:
        heads = [sentence for piece in said for sentence in split_sentences(piece)]
        fresh = [sentence for sentence in split_sentences(each) if sentence not in heads]
        said += [" ".join(fresh)] if fresh else []
    return said


def _example(ticket: Solved, evidence: Sequence[Evidence], ask: Ask, store: Store, beside: Path | None) -> Example:
    shown = [picture for picture in ticket.pictures if picture.text.strip()]
    paths = [store.pictures / f"{picture.sha256}.png" for picture in shown]
    return Example(
        f"{SOURCE}-{ticket.id}",
        SOURCE,
        (ask,),
        tuple((each.title, each.text) for each in evidence),
        tuple(picture.text for picture in shown),
        tuple(_relative(path, beside) if path.is_file() else "" for path in paths),
    )


def _relative(path: Path, beside: Path | None) -> str:
    """A path as the file of the examples names it; "" when there is no such file to name it from."""
    if beside is None:
        return ""
    return Path(os.path.relpath(path.resolve(), beside.resolve())).as_posix()
