"""Questions over one drawn screen with their answers, and the training examples made of them."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from agent.prompts import with_notes
from finetune.examples import Ask, Example
from finetune.screens import native_words, phrases
from finetune.screens.grids import OF_ITEMS, Cell, grid_cells, grid_lacks, item_cells
from finetune.screens.misread import Reading, read_badly, read_well
from finetune.screens.topics import LABEL_LENGTH, NONE, NOT_SHOWN, Topic, alike, folded, of_kind, seen_topics
from finetune.screens.truth import Fact, Screen, Split
from finetune.screens.wordings import (
    asked_for,
    fact_name,
    fact_question,
    fact_words,
    grid_question,
    label_question,
    pair_question,
    plain,
    said,
    state_question,
)
from index.beside import beside
from index.layout import layout_text
from index.marks import COLOURS, sight_text

BLOCK_LENGTH = 1_100  # characters of one screen: about 350 tokens
LEAST_WORDS = 500  # characters kept for the words when there are many marks
VALUE_LENGTH = 160
NOT_SHOWN_SHARE = 0.13  # asked on purpose; what the reading lost makes it about 0.15
TITLES = frozenset({"title", "window_title"})
TITLE_SHARE = 0.6  # of the pages that have one are asked for it
AGAIN_SHARE = 0.4  # of the facts are asked for twice, in other words
LABEL_SHARE = 0.3  # of the facts also asked for by the words beside them
WEIGHTS = {"value": 9.0, "two values": 1.2, "state": 4.0, "pointing": 3.0, "error": 2.5, "press": 0.7, "count": 0.7,
           "cell": 6.0, "list": 2.2, "head": 2.0}  # fmt: skip
# Facts of one family: a loosely worded question ("How much is it?") could mean any of them.
FAMILIES = (
    "total subtotal amount amount_due price monthly_price unit_price refund_amount balance discount tax shipping",
    "date order_date invoice_date due_date delivery_date ship_date renewal_date expiry_date start_date last_login time",
    "customer_name name username email recipient sender agent company",
    "city postcode country address location",
    "error_code error_message error_type http_status",
    "version new_version build",
    "model device device_name serial_number server",
    "ip_address gateway dns server url",
    "card_last4 payment_method iban",
    "file_name path title subject",
    "store supplier company carrier",
    "status priority",
    "item sku quantity seats guests",
    "storage_used storage_total file_size",
    "reference transaction_id booking_reference invoice_number ticket_number",
    "customer_number account_number",
    "title window_title subject",
    "speed signal ssid",
    "plan language",
    "table column database",
    "room gate seat",
)
# Of these an absent one is not asked for beside a relative: "the date" may well mean the due date that is shown.
VAGUE = frozenset(
    "amount price balance date time name city postcode country location reference title device device_name device "
    "status server path item company error_type total amount_due sender agent payment_method card_last4 "
    "error_message http_status error_code username customer_name recipient account_number customer_number "
    "storage_used storage_total supplier store file_size quantity url".split()
)
# What a note of a screen answers: the kind of the question and its wordings.
NOTES = {
    "error": ("error", "error words"),
    "message": ("error", "message words"),
    "advice": ("error", "advice words"),
    "step": ("value", "step"),
}
# Names that a screen may lack: those of other screens, so that no name by itself tells that it is missing.
NAMES: dict[str, tuple[str, ...]] = {
    "switch": phrases.SWITCHES,
    "switch yes": phrases.SWITCHES,
    "switch no": phrases.SWITCHES,
    "checkbox": phrases.BOXES + native_words.OPTIONS,
    "checkbox no": phrases.BOXES + native_words.OPTIONS,
    "radio": tuple(option for _, options in phrases.CHOICES + native_words.GROUPS for option in options),
    "slider": phrases.SLIDERS,
    "lamp": phrases.LAMPS + phrases.DEVICES,
    "lamp yes": phrases.LAMPS + phrases.DEVICES,
    "disabled": phrases.BUTTONS,
    "pressable": phrases.BUTTONS,
    "progress of": phrases.PROGRESS,
    "badge": phrases.BADGES,
    "stars of": phrases.RATED,
}
# Questions for a thing that is not there: the mark that would answer, and words that might answer instead of it.
LACKING: dict[str, tuple[str, str]] = {
    "arrow": ("arrow", "→|➜"),
    "ring": ("ring", ""),
    "stars": ("stars", "star|★|rating|of 5|/ ?5"),
    "progress": ("progress", "%|progress"),
    "slider only": ("slider", "%"),
    "lamp only": ("lamp", "light|led|lamp"),
    "lamp which": ("lamp", "light|led|lamp|status"),
    "count lamps": ("lamp", "light|led|lamp|status"),
    "boxes which": ("checkbox", r"\[.\]"),
    "switches which": ("switch", r"\bon\b|enabled|active"),
    "count on": ("switch", r"\bon\b|enabled|active"),
    "radio which": ("radio|selected", "selected"),
    "press": ("button", ""),
    "main button": ("button", ""),
    "disabled which": ("button", ""),
    "badge words": ("badge", ""),
    "banner words": ("banner", ""),
    "banner": ("banner", ""),
    "marker colour": ("arrow|ring", ""),
}
_ERROR = re.compile(
    r"error|fail|problem|wrong|denied|declin|unable|cannot|can't|could ?n.t|invalid|not |exception|warn|alert|lost|"
    r"oops|sorry|block|expired|crash|stop|missing|refused|try again",
    re.I,
)
Made = Callable[[], tuple[str, str, str]]  # a bare question, its answer, what it is about
Pool = dict[str, list[Made]]
_TAG = re.compile(r"^\[(?P<name>[a-z ]+?)(?: \"(?P<label>.*?)\")?(?:: (?P<told>.*))?\]$")


def ask_screen(screen: Screen, rng: random.Random, split: Split, most: int = 8) -> tuple[Ask, ...]:
    """At most `most` questions over a screen with the true answers, none of them ambiguous, no two alike."""
    reading = read_well(screen)
    return _ask(screen, reading, block_text(reading, screen.image.size), rng, split, most)


def screen_example(screen: Screen, seed: int, split: Split) -> Example:
    """A screen as it was read with its faults, and questions that the read text answers (or shows not to be there)."""
    rng = random.Random(f"{split} {seed}")
    reading = read_badly(screen, rng)
    block = block_text(reading, screen.image.size)
    asked = (ask for ask in _ask(screen, reading, block, rng, split, 8) if answerable(ask, block))
    asks = tuple(replace(ask, question=with_notes(ask.question, [notes_on(reading, ask.question)])) for ask in asked)
    return Example(f"screen-{split}-{seed}", f"screens: {screen.layout}", asks, screens=(block,))


def make_examples(count: int, split: Split, seed: int, pictures: Path | None = None) -> Iterator[Example]:
    """`count` drawn screens with their questions; screens that leave nothing to ask are passed over. In the folder
    `pictures` the screens are kept too, for a model that is to see them; the examples name them by folder and file."""
    from finetune.screens.draw import draw_screen

    made, at = 0, seed * 10_000_000
    while made < count:
        screen = draw_screen(at, split)
        example = screen_example(screen, at, split)
        at += 1
        if example.asks:
            made += 1
            yield example if pictures is None else _with_picture(example, screen, pictures)


def _with_picture(example: Example, screen: Screen, folder: Path) -> Example:
    folder.mkdir(parents=True, exist_ok=True)
    screen.image.convert("RGB").save(folder / f"{example.id}.png", "PNG", compress_level=1)
    return replace(example, pictures=(f"{folder.name}/{example.id}.png",))


def block_text(reading: Reading, size: tuple[int, int], limit: int = BLOCK_LENGTH) -> str:
    """What a model reads of a screen: the words in their places, then a tag for each thing seen."""
    tags = sight_text(reading.sight)
    words = layout_text(reading.lines, size, max(LEAST_WORDS, limit - len(tags)), reading.sight.marks)
    return "\n".join(filter(None, (words, tags)))


def notes_on(reading: Reading, question: str) -> str:
    """What a model is told of the things that a question names on the screen."""
    return beside(question, reading.lines, reading.sight.marks)


# --- asking ----------------------------------------------------------------------------------------------------


def _ask(screen: Screen, reading: Reading, block: str, rng: random.Random, split: Split, most: int) -> tuple[Ask, ...]:
    shown = _shown(screen, reading, block, rng, split)
    lacking = _lacking(screen, rng, split)
    asks: dict[str, Ask] = {}
    for _ in range(most):
        pool = lacking if lacking and rng.random() < NOT_SHOWN_SHARE else shown
        if not any(pool.values()):
            continue
        kinds = [kind for kind in pool if pool[kind]]
        kind = rng.choices(kinds, [WEIGHTS.get(kind, 1.0) for kind in kinds])[0]
        made = pool[kind].pop(rng.randrange(len(pool[kind])))
        bare, answer, domain = made()
        if bare and plain(bare) not in asks:
            told = "not shown" if answer == NOT_SHOWN else "value" if kind in ("cell", "list", "head") else kind
            asks[plain(bare)] = Ask(said(bare, rng, split, domain), answer, told)
    return tuple(asks.values())


def _shown(screen: Screen, reading: Reading, block: str, rng: random.Random, split: Split) -> Pool:
    """By kind, what this screen answers."""
    pool: Pool = defaultdict(list)
    for kind, made in (*_fact_asks(screen, reading, rng, split), *_note_asks(screen, reading, rng, split)):
        pool[kind].append(made)
    by_words: dict[tuple[str, str], list[Topic]] = defaultdict(list)
    # Only the pale entries of menus and ribbons are marked.
    no_buttons = all(mark.state == "disabled" for mark in of_kind(screen.sight, "button"))
    for topic in seen_topics(screen, reading.sight, rng):
        if topic.words == "ring" and len(topic.answer) > LABEL_LENGTH:  # a column or pane: `grids` asks for its name
            continue
        if no_buttons and (topic.kind == "press" or topic.words == "count buttons"):
            continue
        by_words[("state" if topic.kind == "not shown" else topic.kind, topic.words)].append(topic)
    for (kind, _), topics in by_words.items():
        # A page of twenty switches asks no more for switches than one of two.
        for topic in rng.sample(topics, min(2, len(topics))):
            pool[kind].append(_topic_ask(topic, rng, split))
    for name, cells in zip(("cell", "list"), grid_cells(screen, reading, block, rng), strict=True):
        for cell in cells:
            about = "count" if cell.kind == "count" else "head" if "column" in cell.words else name
            pool[about].append(_cell_ask(cell, rng, split))
    return pool


def _cell_ask(cell: Cell, rng: random.Random, split: Split) -> Made:
    return lambda: (grid_question(cell.words, rng, split, cell.slots), cell.answer, "state")


def _topic_ask(topic: Topic, rng: random.Random, split: Split) -> Made:
    return lambda: (state_question(topic.words, rng, split, topic.label, topic.colour), topic.answer, "state")


def _key_ask(key: str, answer: str, screen: Screen, rng: random.Random, split: Split) -> Made:
    others = [fact.key for fact in screen.facts]
    return lambda: (_clear_question(key, others, rng, split), answer, _domain(key))


def _label_ask(label: str, answer: str, rng: random.Random, split: Split) -> Made:
    return lambda: (label_question(label, rng, split), answer, "state")


def _domain(key: str) -> str:
    return fact_words()[key].domain if key in fact_words() else "state"


def _unique_facts(screen: Screen) -> list[Fact]:
    """Facts whose key no other fact has."""
    times = Counter(fact.key for fact in screen.facts)
    times.update(dict.fromkeys(OF_ITEMS, 1))  # these are asked for by the name of the thing
    return [fact for fact in screen.facts if times[fact.key] == 1 and 0 < len(fact.value) <= VALUE_LENGTH]


def _fact_asks(screen: Screen, reading: Reading, rng: random.Random, split: Split) -> Iterator[tuple[str, Made]]:
    unique = [(fact, value) for fact in _unique_facts(screen) if (value := reading.value(fact, screen))]
    for fact, value in unique:
        if fact.key in TITLES and rng.random() > TITLE_SHARE:
            continue
        kind = "error" if fact.key in ("error_code", "error_message") else "value"
        yield kind, _key_ask(fact.key, value, screen, rng, split)
        if rng.random() < AGAIN_SHARE:
            yield kind, _key_ask(fact.key, value, screen, rng, split)
        if fact.key == "title" and all(other.key != "window_title" for other in screen.facts):
            yield kind, _key_ask("window_title", value, screen, rng, split)
    for cell in item_cells(screen, reading):
        yield "cell", _cell_ask(cell, rng, split)
    short = [(fact.key, value) for fact, value in unique if len(value) <= 40 and ";" not in value]
    if len(short) > 1:
        (one, first), (two, second) = rng.sample(short, 2)
        yield "two values", lambda: (pair_question(one, two, rng, split), f"{first}; {second}", _domain(one))
    labels = Counter(folded(fact.label) for fact in screen.facts)
    drawn = Counter(folded(line.text) for line in screen.lines)
    for fact in screen.facts:
        alone = labels[folded(fact.label)] == 1 and drawn[folded(fact.label)] <= 1
        if fact.label and alone and len(fact.label) <= LABEL_LENGTH and rng.random() < LABEL_SHARE:
            value = reading.value(fact, screen)
            if value and len(value) <= VALUE_LENGTH:
                yield "value", _label_ask(fact.label, value, rng, split)


def _relatives(key: str) -> set[str]:
    return {other for family in FAMILIES if key in family.split() for other in family.split()} - {key}


def _clear_question(key: str, keys: list[str], rng: random.Random, split: Split) -> str:
    """A question for one fact that asks for no other fact of the screen; "" when none is found."""
    others = set(keys) - {key}
    loose = bool(others & _relatives(key)) and key in VAGUE
    whole = set(fact_words()[key].questions.of(split)) if key in fact_words() else set()
    for _ in range(8):
        question = fact_question(key, rng, split)
        if not any(plain(question) in asked_for(other) for other in others) and not (loose and question in whole):
            return question
    return ""


def _note_asks(screen: Screen, reading: Reading, rng: random.Random, split: Split) -> Iterator[tuple[str, Made]]:
    """Questions for what the screen says as a whole; none where it says two things."""
    notes = dict(screen.notes)
    messages = [fact.value for fact in _unique_facts(screen) if fact.key == "error_message"]
    if messages:
        notes.setdefault("error", messages[0])
    several = max(len(of_kind(screen.sight, kind)) for kind in ("icon", "banner")) > 1
    one_message = not several and not {"error", "message"} <= notes.keys()
    if any(fact.key in ("status", "location") for fact in screen.facts):
        notes.pop("step", None)
    for note, (kind, words) in NOTES.items():
        read = reading.words(notes[note], screen) if notes.get(note) else None
        if read and (note == "step" or one_message):
            yield kind, _topic_ask(Topic(kind, words, read), rng, split)


# --- what is not there -----------------------------------------------------------------------------------------


def _lacking(screen: Screen, rng: random.Random, split: Split) -> Pool:
    """Questions that sound like the others and that this screen does not answer."""
    words = " ".join([line.text for line in screen.lines] + [mark.label for mark in screen.sight.marks])
    pool: Pool = defaultdict(list)
    absent = _absent_keys(screen, words)
    pool["value"] += [_key_ask(key, NOT_SHOWN, screen, rng, split) for key in absent]
    for key in rng.sample(absent, min(2, len(absent))):
        name = fact_name(key, rng, split)
        if not _stands_in(name, words):
            pool["value"].append(_label_ask(name[:1].upper() + name[1:], NOT_SHOWN, rng, split))
    pool["cell"] += [_cell_ask(cell, rng, split) for cell in grid_lacks(screen, rng)]
    for kind in rng.sample(sorted(NAMES), 5):
        label = rng.choice(NAMES[kind])
        if len(label) <= LABEL_LENGTH and not _stands_in(label, words) and not _named_like(label, screen):
            pool["state"].append(_topic_ask(Topic("not shown", kind, NOT_SHOWN, label), rng, split))
    for kind, (marks, doubt) in LACKING.items():
        if not of_kind(screen.sight, *marks.split("|")) and not (doubt and re.search(doubt, words, re.I)):
            topic = Topic("not shown", kind, NOT_SHOWN, colour=rng.choice(COLOURS[:5]))
            pool["pointing" if kind in ("arrow", "ring") else "state"].append(_topic_ask(topic, rng, split))
    if (
        not {"error", "message"} & set(screen.notes)
        and not _ERROR.search(words)
        and not of_kind(screen.sight, "icon", "banner")
    ):
        pool["error"].append(_topic_ask(Topic("not shown", "error words", NOT_SHOWN), rng, split))
    return pool


def _absent_keys(screen: Screen, words: str) -> list[str]:
    """The facts surely not on the screen: no fact on it could be taken for one, and none of their names is drawn."""
    keys = {fact.key for fact in screen.facts}
    return [
        key
        for key in screen.absent
        if key in fact_words()
        and key not in keys
        and not (key in VAGUE and keys & _relatives(key))
        and not any(re.search(rf"\b{re.escape(name)}\b", words, re.I) for name in fact_words()[key].names.train)
    ]


def _named_like(label: str, screen: Screen) -> bool:
    return any(mark.label and alike(mark.label, label) for mark in screen.sight.marks)


def _stands_in(label: str, words: str) -> bool:
    return folded(label) in folded(words)


# --- checking --------------------------------------------------------------------------------------------------


def answerable(ask: Ask, block: str) -> bool:
    """Does the text of a screen bear the answer out: values word for word, states and names in the tags?"""
    tags = [found for line in block.splitlines() if (found := _TAG.match(line))]
    if ask.answer == NOT_SHOWN:
        return True
    if ask.kind in ("value", "error"):
        return _stands(ask.answer, block) or all(_stands(part, block) for part in ask.answer.split(", "))
    if ask.kind == "two values":
        return all(_stands(part, block) for part in ask.answer.split("; "))
    if ask.kind == "count":
        return int(ask.answer) <= max(len(tags), len(re.findall(r"\n|\|", block)) + 1)
    if ask.answer in ("Yes", "No", NONE):
        return bool(tags)
    told = {word for found in tags for word in re.split(r", | ", found["told"] or "")}
    told |= {word for found in tags if found["name"].split()[-1] in ("arrow", "ring") for word in found["name"].split()}
    whole = {found["told"] or "" for found in tags}
    if ask.answer.casefold() in told | whole or any(ask.answer in text for text in whole):
        return True
    names = ", ".join(found["label"] or "" for found in tags)
    return all(part in names for part in ask.answer.split(", "))


def _stands(value: str, block: str) -> bool:
    return bool(value) and " ".join(value.split()) in " ".join(block.split())
