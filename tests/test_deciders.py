"""Trained heads: they name an intent only when sure, know a stranger, call a person, and change nothing by absence."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from agent.cli import deskside
from agent.decide import Known, decide, hear
from agent.deciders import CONFIG, NEVER, WEIGHTS, Deciders, Judged, load_deciders, save_deciders, vector_of
from agent.events import Decision, Ended
from agent.evidence import Evidence, Signals
from agent.in_use import load_in_use
from agent.packet import make_packet, why
from agent.parts import load_desk
from agent.settings import Settings
from agent.tui.words import decision_line
from agent.versions import promote
from finetune.cases import Case
from finetune.compare import Comparison, Row
from finetune.deciders import DecidersRecipe, Lot, Trained, intent_among, intents_of, train_deciders, with_names
from finetune.deciders_compare import Told, ask_earlier, compare_deciders, confusion, recognised
from finetune.deciders_stage import escalated_cases
from finetune.gate import GUARDED, Facts, judge
from finetune.material import gather, kept_to_replay
from finetune.plots import grid
from finetune.versions import make_version
from index.conversation import content_hash
from index.embed import load_embedder
from index.errors import UserError
from index.measure import Difference, auc
from index.sources import keep_source
from index.store import Store, open_store
from tests.desk_doubles import TICKETS
from tests.desk_doubles import WORKSPACE as SHOP
from tests.embed_doubles import HashedWords
from tests.learn_doubles import THINGS, WORKSPACE, stocked

EMBEDDER = HashedWords(128)
TROUBLES = ("does not switch on", "lost the network", "came with a crack", "makes a strange noise", "is too slow")
FOREIGN = ("tax form", "wedding cake", "train ticket", "guitar lesson", "dentist appointment", "garden hose")
STRONG, WEAK = Signals(0.95, 0.9, 0), Signals(0.42, 0.4, 0)
FOUND = (Evidence("T-1", "ticket", 1, "resolution", "Title", "Hold reset.", (2, 2), 0.9),)


def questions(start: int, count: int) -> list[Case]:
    """Questions about the shop's things, each thing an intent of its own."""
    made = []
    for at in range(start, start + count):
        for thing in THINGS[:6]:
            made.append(Case(f"my {thing} number {at} {TROUBLES[at % len(TROUBLES)]}", thing, group=f"{thing} {at}"))
    return made


def strange(start: int, count: int) -> list[Case]:
    return [Case(f"where is the {name} number {at}", "") for at in range(start, start + count) for name in FOREIGN]


@pytest.fixture(scope="module")
def trained() -> Trained:
    escalated = [Case(f"this is the {at} th time I ask and nobody replies", "person") for at in range(30)]
    lots = [Lot.of(each, EMBEDDER) for each in (questions(0, 10), questions(10, 8), [*escalated, *questions(0, 10)])]
    return train_deciders(lots[0], lots[1], Lot.of(strange(0, 8), EMBEDDER).vectors, lots[2], EMBEDDER)


@pytest.fixture
def heads(trained: Trained) -> Deciders:
    return Deciders(trained.config, trained.heads, EMBEDDER)


def test_an_intent_is_told_and_a_stranger_and_who_needs_a_person(heads: Deciders) -> None:
    later = Lot.of(questions(30, 8), EMBEDDER)
    told = heads.judge_vectors(later.vectors)
    assert np.mean([each.intent == label for each, label in zip(told, later.labels, strict=True)]) > 0.95
    assert np.mean([each.sure for each in told]) > 0.5
    foreign = heads.judge_vectors(Lot.of(strange(30, 8), EMBEDDER).vectors)
    assert np.mean([each.is_outside for each in foreign]) > 0.8
    assert np.mean([each.is_outside for each in told]) < 0.15
    assert heads.judge("this is the 99 th time I ask and nobody replies").goes_to_person
    assert not heads.judge("my hub number 77 is too slow").goes_to_person


def test_thresholds_keep_the_share_of_wrong_calls_that_the_user_allows() -> None:
    chance = np.random.default_rng(0)
    labels = ("a", "b", "c")

    def lot(count: int, noise: float) -> Lot:
        wanted = chance.integers(0, 3, count)
        rows = np.eye(12)[wanted] + noise * chance.normal(size=(count, 12))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return Lot(rows.astype(np.float32), tuple(labels[at] for at in wanted))

    learn, check, later = lot(300, 0.5), lot(400, 0.5), lot(2000, 0.5)
    nobody, named = Lot(np.zeros((0, 12), np.float32), ()), []
    for most in (0.05, 0.2):
        made = train_deciders(learn, check, lot(0, 0.5).vectors, nobody, EMBEDDER, DecidersRecipe(most))
        told = Deciders(made.config, made.heads, EMBEDDER).judge_vectors(later.vectors)
        sure = [(each.intent == label) for each, label in zip(told, later.labels, strict=True) if each.sure]
        assert 1 - np.mean(sure) < most + 0.03
        named.append(len(sure))
    assert named[0] < named[1]


def test_what_cannot_be_told_is_not_told() -> None:
    chance = np.random.default_rng(1)

    def noise(count: int) -> np.ndarray:
        rows = chance.normal(size=(count, 16))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    learn = Lot(noise(80), tuple("ab"[at % 2] for at in range(80)))
    fate = replace(learn, labels=tuple(("person", "")[at % 2] for at in range(80)))
    few = replace(learn, vectors=learn.vectors[:5], labels=learn.labels[:5])
    made = train_deciders(learn, few, few.vectors, fate, EMBEDDER)
    assert (made.config.outside, made.config.escalate) == (None, None)
    assert [note.split(":")[0] for note in made.notes] == [
        "no head for questions of no intent", "no head for hand-overs",
    ]  # fmt: skip
    told = Deciders(made.config, made.heads, EMBEDDER).judge_vectors(noise(200))
    assert np.mean([each.sure for each in told]) < 0.1
    assert not any(each.is_outside or each.goes_to_person for each in told)


def test_too_few_to_check_with_name_no_intent() -> None:
    cases = [Case(f"my {name} is dark {at}", name, group=name) for name in ("hub", "lock") for at in range(2)]
    lot = Lot.of(cases, EMBEDDER)  # each intent of one customer: nothing can be held back
    made = train_deciders(lot, replace(lot, vectors=lot.vectors[:1], labels=lot.labels[:1]), lot.vectors, lot, EMBEDDER)
    assert made.config.sure == NEVER
    assert "20 are needed before an intent is named" in made.notes[0]


def test_the_name_of_an_intent_teaches_where_its_questions_are_few() -> None:
    lot = Lot.of([Case(f"number {at}", "card/lost", group=f"C-{at}") for at in range(3)], EMBEDDER)
    taught = with_names(lot, EMBEDDER)
    assert taught.labels == ("card/lost",) * 4
    np.testing.assert_allclose(taught.vectors[-1], EMBEDDER.embed_query("card lost"), atol=1e-6)
    assert with_names(Lot.of(questions(0, 30), EMBEDDER), EMBEDDER).labels == Lot.of(questions(0, 30), EMBEDDER).labels


def test_rare_tags_are_told_by_the_next_wider_one() -> None:
    tags = [("hub", "light")] * 4 + [("hub", "noise")] * 2 + [("hub",)] * 2 + [("lock", "key")] * 3 + [()]
    assert intents_of(tags) == ["hub/light"] * 4 + ["hub"] * 4 + [""] * 4
    assert intent_among(("hub", "smell"), ["hub", "hub/light"]) == "hub"
    assert intent_among(("oven",), ["hub"]) == ""


# -- folders


def test_saved_heads_say_the_same(heads: Deciders, tmp_path: Path) -> None:
    save_deciders(tmp_path / "heads", heads.config, heads.heads, {"report.md": "# Report"})
    again = load_deciders(tmp_path / "heads", EMBEDDER)
    assert again is not None
    for text in ("my lock lost the network", "where is the wedding cake", ""):
        one, other = heads.judge(text, ("LOCK OFFLINE",)), again.judge(text, ("LOCK OFFLINE",))
        assert one.intent == other.intent
        assert one.probability == pytest.approx(other.probability, abs=1e-5)
        assert one.is_outside == other.is_outside
    assert load_deciders(tmp_path / "none", EMBEDDER) is None


def test_heads_of_another_embedder_or_a_cut_file_are_refused(heads: Deciders, tmp_path: Path) -> None:
    save_deciders(tmp_path, heads.config, heads.heads)
    with pytest.raises(UserError, match="learned on hashed-words-128, but hashed-words-64 is in use"):
        load_deciders(tmp_path, HashedWords(64))
    whole = (tmp_path / WEIGHTS).read_bytes()
    for damaged in (whole[:-40], whole[:-4] + b"\0\0\xc0\x7f"):  # cut; a NaN
        (tmp_path / WEIGHTS).write_bytes(damaged)
        with pytest.raises(UserError, match="cannot be read"):
            load_deciders(tmp_path, EMBEDDER)
    (tmp_path / CONFIG).write_text("{}", "utf-8")
    with pytest.raises(UserError, match="cannot be read"):
        load_deciders(tmp_path, EMBEDDER)


def test_question_and_screen_count_alike() -> None:
    both = vector_of(EMBEDDER, "lock", ("hub",))
    assert float(both @ EMBEDDER.embed_query("lock")) == pytest.approx(
        float(both @ EMBEDDER.embed_query("hub")), abs=1e-5
    )
    assert not vector_of(EMBEDDER, "", ()).any()


# -- the ladder


def judged(**facts: object) -> Judged:
    return replace(Judged("devices/hub", 0.93, True), **facts)  # type: ignore[arg-type]


def told(question: str, said: Judged | None, signals: Signals = WEAK, template: float = 0.0) -> Decision:
    return decide(hear(question, False), Known(signals, FOUND, template, False, False, judged=said), 0.01)


def test_a_sure_intent_is_named_and_decides_nothing() -> None:
    plain, named = told("the hub is white", None, STRONG), told("the hub is white", judged(), STRONG)
    assert (named.intent, named.intent_share) == ("devices/hub", 0.93)
    assert replace(named, intent="", intent_share=0.0) == plain
    assert told("the hub is white", judged(sure=False), STRONG) == plain
    assert told("hello", judged()).intent == ""


def test_a_foreign_question_is_handed_over_unless_the_sources_are_sure() -> None:
    foreign = judged(is_outside=True, outside=0.97)
    assert told("who won the match", None).act == "case"
    assert told("who won the match", foreign).rule == "heads.outside"
    assert told("who won the match", foreign).intent == ""
    assert told("who won the match", foreign, STRONG).act == "case"
    assert told("who won the match", foreign, template=0.95).act == "template"


def test_what_went_to_a_person_before_goes_to_a_person() -> None:
    person = judged(goes_to_person=True, escalate=0.9)
    assert told("nobody replies to me", person, STRONG).rule == "heads.escalate"
    assert told("nobody replies to me", person, template=0.95).act == "template"


def test_people_see_the_intent(trained: Trained) -> None:
    decision = Decision("handover", "nothing found", "found.unsure", 0.1, "devices/hub", 0.93)
    assert "devices/hub" in decision_line(decision, {"end": 1.0})
    assert why(make_packet([], decision)).endswith("about devices/hub")
    assert "about" not in why(make_packet([], replace(decision, intent="")))


# -- at the desk


@pytest.fixture
def shop(own_home: Path) -> Store:
    store = open_store(own_home)
    for ticket in TICKETS:
        keep_source(store, SHOP, ticket, content_hash(ticket))
    return store


def test_a_version_with_heads_is_used_and_rolled_back_leaves_none(shop: Store, own_home: Path, tmp_path: Path) -> None:
    settings = Settings(own_home, tmp_path / "cache", SHOP, model="none", caution=0.1, threads=1)
    embedder = load_embedder(threads=1)
    cases = [Case(f"my {name} shows {sort} number {at}", name) for name in ("hub light", "refund") for at in range(24)
             for sort in ("a", "b")]  # fmt: skip
    learn, check = Lot.of(cases[::2], embedder), Lot.of(cases[1::2], embedder)
    foreign = Lot.of(strange(0, 6), embedder).vectors
    made = train_deciders(learn, check, foreign, Lot(foreign[:0], ()), embedder)
    save_deciders(tmp_path / "deciders", made.config, made.heads)
    papers = {"base": {"version": "v0"}, "verdict": {"accepted": True, "refusals": []}, "parts": {"deciders": {}}}
    version = make_version(shop, SHOP, {"deciders": tmp_path / "deciders"}, papers)
    desk = load_desk(shop, settings)

    def ask(question: str) -> Ended:
        return [event for event in desk.answer(question) if isinstance(event, Ended)][-1]

    assert ask("my hub light shows a number 7").decision.intent == ""
    promote(shop, SHOP, version.name)
    assert ask("my hub light shows a number 7").decision.intent == "hub light"
    kept = json.loads(shop.rows("SELECT decision FROM turns ORDER BY id DESC LIMIT 1")[0]["decision"])
    assert kept["intent"] == "hub light"
    assert 0 < kept["intent_share"] <= 1
    turns = desk.journal.turns(
        shop.rows("SELECT source_id FROM conversations ORDER BY id DESC LIMIT 1")[0]["source_id"]
    )
    assert turns[-1].decision.intent == "hub light"
    (version.folder / "deciders" / WEIGHTS).write_bytes(b"cut")
    assert load_in_use(shop, settings).deciders is None  # not whole: as shipped


# -- comparing


def told_of(intents: list[str], foreign: list[float], strangers: list[float], sure: float = 0.8) -> Told:
    return Told(intents, [sure] * len(intents), foreign, strangers)


def test_heads_are_compared_class_by_class_with_intervals() -> None:
    wanted = ["hub", "hub", "lock", "lock", ""] * 8
    before = told_of(["hub", "lock", "lock", "hub", "hub"] * 8, [0.1] * 40, [0.1] * 10 + [0.9] * 10)
    after = told_of(["hub/light", "hub", "lock", "lock", "hub"] * 8, [0.1] * 40, [0.9] * 20)
    found = compare_deciders(wanted, before, after, before_is="names")
    assert found is not None
    assert found.asked == 32
    assert found.figures["intent macro F1"] == (0.5, 1.0)
    assert found.gains["intent macro F1"].low > 0
    assert found.figures["foreign seen, 95% kept"] == (0.5, 1.0)
    assert found.ece["after"] == pytest.approx(0.2)
    assert "| hub | 16 |" in "\n".join(found.markdown())
    assert json.loads(json.dumps(found.as_json()))["classes"]["after"]["accuracy"]["mean"] == 1.0
    assert compare_deciders([""] * 40, before, after, before_is="names") is None


def test_foreign_questions_are_counted_where_most_own_ones_stay() -> None:
    own = [at / 100 for at in range(100)]
    assert recognised(Told([], [], own, [0.5, 0.93, 0.951, 2.0])) == [0.0, 0.0, 1.0, 1.0]


def test_the_most_confused_stand_first_in_the_picture() -> None:
    labels, counts = confusion(["a", "b", "c", "c"], ["a", "c", "c", "b"], 2)
    assert labels == ["c", "b"]
    assert counts == [[1, 1], [1, 0]]
    drawn = grid("<t>", labels, counts)
    assert drawn.count("<rect") == 5
    assert "&lt;t&gt;" in drawn


def test_an_earlier_intent_that_dropped_raises_an_alarm() -> None:
    intents = ["hub"] * 6 + ["lock"] * 6 + [""]
    before, after = [1.0] * 12 + [1.0], [1.0] * 6 + [1.0, 0, 0, 0, 0, 0] + [0.0]
    told = {each.intent: each for each in ask_earlier(intents, {"hit@5": (before, after)})}
    assert told["lock"].dropped
    assert told["all"].dropped
    assert not told["hub"].dropped
    assert "the earlier intent lock dropped: hit@5 1.00 -> 0.17" in told["lock"].line()
    assert (told["all"].asked, told["lock"].asked) == (12, 6)
    one = [*after[:7], *[1.0] * 5, math.nan]
    assert not any(each.dropped for each in ask_earlier(intents, {"hit@5": (before, one)}))


def test_the_gate_refuses_heads_that_got_worse_and_an_intent_that_dropped(settled: Comparison) -> None:
    wanted, foreign, strangers = ["hub", "lock"] * 20, [0.1] * 40, [0.9] * 20
    good = told_of(wanted, foreign, strangers, 0.99)
    worse = {
        "swapped": told_of(["lock", "hub"] * 20, foreign, strangers, 0.99),
        "one class": told_of(["hub"] * 40, foreign, strangers, 0.99),
        "blind": told_of(wanted, foreign, [0.1] * 20, 0.99),
        "boastful": told_of(wanted[:20] + ["hub"] * 20, foreign, strangers, 1.0),
    }
    for name, bad in worse.items():
        settled.deciders = compare_deciders(wanted, good, bad, before_is="v1")
        assert any("fell from" in each for each in refusals(settled)), name
    settled.deciders = compare_deciders(wanted, good, good, before_is="v1")
    assert not refusals(settled)
    by_confidence = compare_deciders(wanted, good, worse["blind"], before_is="v0", heads_before=False)
    settled.deciders = by_confidence  # the desk goes by both, and strangers left alone are measured
    assert not refusals(settled)
    settled.earlier = ask_earlier(["lock"] * 6, {"intent": ([1.0] * 6, [1.0, 0, 0, 0, 0, 0])})
    assert [each.split(":")[0] for each in refusals(settled)] == [
        "the earlier intent all dropped", "the earlier intent lock dropped",
    ]  # fmt: skip


@pytest.fixture
def settled() -> Comparison:
    """A comparison in which all but the deciders stayed as it was."""
    same = Difference(0.0, 0.0, 0.0, 1.0, 40)
    rows = [Row(name, 0.5, 0.5, same) for name in GUARDED]
    seconds = {side: {"median": 0.1, "p95": 0.2} for side in ("before", "after")}
    return Comparison(rows, {}, seconds, {}, {}, [], 40, "hash")


def refusals(comparison: Comparison) -> list[str]:
    return judge(comparison, Facts("v1", "v1", "hash", "hash")).refusals


def test_some_earlier_customers_are_never_learned_by_any_run(own_home: Path) -> None:
    store = stocked(own_home)
    early, late = gather(store, WORKSPACE, share=0.4), gather(store, WORKSPACE, share=0.2)
    assert early.replay
    assert {pair.id for pair in early.replay} <= {pair.id for pair in late.replay}
    for material in (early, late):
        learned = {pair.customer for pair in material.learn}
        assert not learned & {pair.customer for pair in material.replay}
        assert set(material.replay) <= set(material.known)
    assert kept_to_replay(late.learn[:30]) == ((), late.learn[:30])  # too few to spare any


def test_what_was_not_solved_teaches_when_a_person_is_needed(own_home: Path) -> None:
    from tests.learn_doubles import tickets

    one = tickets()[0]
    late = replace(one, id="T-late", customer_id="C-late", outcome="unresolved", opened_at="2026-12-01T09:00:00Z")
    open_one = replace(one, id="T-open", customer_id="C-open", outcome="unresolved")
    store = stocked(own_home, [late, open_one])
    material = gather(store, WORKSPACE)
    found = escalated_cases(store, WORKSPACE, material)
    assert [case.group for case in found if case.label] == ["C-open"]
    assert sum(not case.label for case in found) == len(material.learn) + len(material.check)


def test_the_area_under_the_curve_counts_pairs() -> None:
    assert auc([0.9, 0.8], [0.1, 0.2]).mean == 1.0
    assert auc([0.9, 0.1], [0.5, 0.5]).mean == 0.5
    assert auc([0.5], [0.5]).mean == 0.5
    assert math.isnan(auc([], [0.5]).mean)


# -- the command


def test_the_command_learns_from_a_file_and_writes_a_report(own_home: Path, tmp_path: Path) -> None:
    file, foreign = tmp_path / "asked.jsonl", tmp_path / "foreign.txt"
    rows = [{"text": case.text, "label": case.label, "group": case.group} for case in questions(0, 12)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    foreign.write_text("\n".join(case.text for case in strange(0, 20)), "utf-8")
    given = ["finetune", "deciders", "--data", str(file), "--outside", str(foreign), "--out", str(tmp_path / "out")]
    told = CliRunner().invoke(deskside, [*given, "--json"], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    said = json.loads(told.stdout.splitlines()[-1])
    assert said["report"]["figures"]["intent accuracy"][1] > 0.9
    assert said["report"]["strangers"] == 40
    assert "intent macro F1" in (tmp_path / "out" / "report.md").read_text("utf-8")
    loaded = load_deciders(tmp_path / "out", load_embedder())
    assert loaded is not None
    assert loaded.judge("my lock lost the network").intent == "lock"


def test_tickets_without_tags_are_told_what_to_give(own_home: Path) -> None:
    store = stocked(own_home)
    with store.write() as db:
        db.execute("UPDATE conversations SET tags = '[]'")
    trouble = CliRunner().invoke(deskside, ["finetune", "deciders", "-w", WORKSPACE]).exception
    assert isinstance(trouble, UserError)
    assert "--data FILE" in trouble.message
