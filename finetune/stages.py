"""The stages of a run, one after the other, each from what the one before left on disk."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agent.deciders import FOLDER as DECIDERS
from agent.deciders import load_deciders
from agent.in_use import (
    EMBEDDER,
    GENERATOR,
    MEASURES,
    RERANKER,
    InUse,
    load_in_use,
    of_workspace,
    read_measures,
    version_embedder,
)
from agent.settings import Settings, house_names
from agent.versions import Version, in_use
from agent.weights import AIM, shipped_folder
from finetune import generating, reranking
from finetune.both import Both
from finetune.compare import Comparison, choose_ranks, json_ready
from finetune.deciders import DecidersRecipe
from finetune.deciders_stage import learn_deciders
from finetune.embedder import EmbedderRecipe
from finetune.finding import WAYS, learn_embedder
from finetune.gate import Facts, Verdict, judge
from finetune.material import Material, gather, load_material, save_material
from finetune.measures import strangers
from finetune.measuring import learn_measures
from finetune.replay import Player
from finetune.sets import keep_sets, sets_of
from finetune.versions import broken_parts, make_version, next_name
from index.build import drop_embedder, load_shelf
from index.embed import Embedder, find_model, load_embedder
from index.errors import UserError
from index.store import Store, now

STAGES = ("material", "embedder", "reranker", "deciders", "generator", "preferences", "measures", "compare", "gate")
STATE, PROGRESS = "run.json", "progress.jsonl"
TRAINED = ("learned", "reranker", "generator", "preferences")  # where the state tells how a training went
PICTURES = ("differences.svg", "risk.svg", "loss.svg", "intents.svg", "confusion.svg")
Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class LearnRecipe:
    """Every choice of a run. `held_out`: the last share of the conversations, asked and never learned; `ways` of
    learning the embedder; `generator`, `preferences`: minutes for the model that reads and writes (0 leaves it), with
    the rates of the file `generator_recipe`; `most_wrong`: the share of wrong answers that sets the caution (None
    leaves it); `strangers`: how many questions of other businesses are asked; `deciders`: whether
    heads for intents and the like are learned."""

    held_out: float = 0.2
    ways: tuple[str, ...] = WAYS
    epochs: int = 4
    rate: float = 5e-5
    batch: int = 24
    most_wrong: float | None = None
    strangers: int = 80
    reranker: bool = True
    deciders: bool = True
    generator: float = 0.0
    preferences: float = 0.0
    generator_recipe: str = ""
    seed: int = 0


@dataclass
class Outcome:
    """What a run brought: the version it made ("" for none), the gate's verdict, the main figures, its folder."""

    folder: Path
    name: str = ""
    accepted: bool = False
    promoted: bool = False
    refusals: list[str] = field(default_factory=list)
    better: list[str] = field(default_factory=list)
    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    finished: bool = True
    seconds: float = 0.0


class Stopped(Exception):
    """The person asked to stop; what is done is kept."""


def read_state(folder: Path) -> dict[str, Any]:
    """What is remembered of a run; {} where there is none."""
    try:
        state: dict[str, Any] = json.loads((folder / STATE).read_text("utf-8"))
        return state
    except (OSError, ValueError):
        return {}


class Run:
    """One run: what is done, and what the stages share. Each stage reads what the one before left on disk."""

    def __init__(self, store: Store, settings: Settings, recipe: LearnRecipe, folder: Path, tell: Tell) -> None:
        self.store, self.settings, self.recipe, self.folder = store, of_workspace(store, settings), recipe, folder
        self.workspace = settings.workspace
        self._tell = tell
        self._pace: tuple[str, float, float] = ("", 0.0, 0.0)  # stage, when and where it was first told at work
        self.state: dict[str, Any] = {}

    @classmethod
    def fresh(cls, store: Store, settings: Settings, recipe: LearnRecipe, folder: Path, tell: Tell) -> Run:
        """A new run; what an earlier one left is taken away."""
        run = cls(store, settings, recipe, folder, tell)
        gathered = read_state(folder).get("gathered_at", "")
        shutil.rmtree(folder, ignore_errors=True)
        run.parts.mkdir(parents=True, exist_ok=True)
        run.state = {
            "recipe": json.loads(json.dumps(asdict(recipe))), "name": next_name(store, run.workspace),
            "base": in_use(store, run.workspace)[1], "embedder": run.settings.embedder,
            "gathered_at": gathered, "done": [],
        }  # fmt: skip
        run.keep()
        return run

    @classmethod
    def resumed(cls, store: Store, settings: Settings, recipe: LearnRecipe, folder: Path, tell: Tell) -> Run:
        """The run that was stopped or killed. Raises UserError CONFIG where there is none, MISMATCH where another
        version came into use since."""
        run = cls(store, settings, recipe, folder, tell)
        run.state = read_state(folder)
        if not run.state:
            raise UserError("There is no run to go on with.\nStart one: deskside learn", "CONFIG")
        run.recipe = LearnRecipe(**{**run.state["recipe"], "ways": tuple(run.state["recipe"]["ways"])})
        if run.state["base"] != in_use(store, run.workspace)[1] or run.state["embedder"] != run.settings.embedder:
            raise UserError(
                "Another version, or another embedder, is in use since the run began.\nStart anew: deskside learn",
                "MISMATCH",
            )
        return run

    @property
    def done(self) -> list[str]:
        """The stages that are finished."""
        return list(self.state["done"])

    @property
    def parts(self) -> Path:
        """Where the parts of the coming version lie, laid out as the desk opens them."""
        return self.folder / "parts"

    def say(self, stage: str, text: str = "", **more: Any) -> None:
        """One line of progress (docs/LEARNING.md), to the file and to the caller; where it tells how far the stage is,
        also the seconds left."""
        if "eta" not in more and "of" in more:
            more["eta"] = self._eta(stage, more["step"] / max(1, more["of"]))
        told = {"at": now(), "stage": stage, "text": text, **more}
        with (self.folder / PROGRESS).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(told, ensure_ascii=False) + "\n")
        self._tell(told)

    def _eta(self, stage: str, share: float) -> int | None:
        """Seconds left of a stage, by its pace since it was first told at work; None at first."""
        if self._pace[0] != stage or share <= self._pace[2]:
            self._pace = (stage, time.monotonic(), share)
            return None
        _, began, first = self._pace
        return round((time.monotonic() - began) / (share - first) * (1 - share))

    def keep(self, stage: str = "") -> None:
        """Remember a finished stage, in one step."""
        if stage:
            self.state["done"].append(stage)
        fresh = self.folder / f".{STATE}"
        fresh.write_text(json.dumps(self.state, ensure_ascii=False, indent=1) + "\n", "utf-8")
        with fresh.open("rb") as stream:
            os.fsync(stream.fileno())
        fresh.replace(self.folder / STATE)

    # -- the stages

    def do_material(self, stopping: Callable[[], bool]) -> None:
        """Pairs, once each, earlier and later apart."""
        at = now()
        recipe, house, folder = self.recipe, house_names(self.settings), self.folder / "material"
        material = gather(self.store, self.workspace, share=recipe.held_out, house=house)
        folder.mkdir(parents=True, exist_ok=True)
        sets = sets_of(material, self.store, self.workspace, house, recipe.strangers, recipe.seed)
        material.card["sets"] = {**keep_sets(sets, folder), "preferences": len(material.preferences)}
        save_material(material, folder)
        self.state["gathered_at"] = at
        card = material.card
        self.say("material", f"{card['kept']} of {card['read']} conversations", **{"parts": card["parts"]})

    def do_embedder(self, stopping: Callable[[], bool]) -> None:
        """The better of two ways, or none."""
        recipe = self.recipe
        learned = learn_embedder(
            self.store, self.workspace, self.material(), self.embedder_before(), find_model(self.settings.embedder)[0],
            self.folder / "embedder", ways=recipe.ways,
            recipe=EmbedderRecipe(recipe.epochs, recipe.batch, recipe.rate, seed=recipe.seed),
            tell=lambda told: self.say("embedder", "", **told), stopping=stopping,
        )  # fmt: skip
        if stopping():
            raise Stopped
        if learned.folder is not None:
            shutil.rmtree(self.parts / EMBEDDER, ignore_errors=True)
            shutil.copytree(learned.folder, self.parts / EMBEDDER)
            self._refit_aim()
        else:
            generating.carry(self, EMBEDDER)
        self.state["learned"] = json_ready(
            {"way": learned.way, "scores": learned.scores, "losses": list(learned.losses)}
        )  # fmt: skip
        self.say("embedder", f"best on the kept pairs: {learned.way or 'as before'}", scores=learned.scores)

    def _refit_aim(self) -> None:
        """What tells questions about a picture goes by the embedder too."""
        shipped = shipped_folder()
        if shipped is not None and (shipped / AIM).is_file():
            from finetune.aim import fit_aim

            fit_aim(self.candidate().embedder, self.parts / AIM)

    def do_reranker(self, stopping: Callable[[], bool]) -> None:
        """The weights of the second look, over what the coming embedder finds."""
        reranking.learn_weights(self, stopping)

    def do_deciders(self, stopping: Callable[[], bool]) -> None:
        """Heads over the coming embedder; the share of wrong calls allowed is the one named for the answers."""
        if not self.recipe.deciders:
            return
        material, most = self.material(), self.recipe.most_wrong
        learned = learn_deciders(
            self.store, self.workspace, material, self.candidate().embedder,
            strangers(material.known, self.recipe.strangers, seed=self.recipe.seed), self.parts / DECIDERS,
            DecidersRecipe(seed=self.recipe.seed) if most is None else DecidersRecipe(most, seed=self.recipe.seed),
            stopping=stopping,
        )  # fmt: skip
        self.state["deciders"] = json_ready(vars(learned))
        told = f"{learned.scores['intents']} intents" if learned.written else "none"
        self.say("deciders", "; ".join([told, *learned.notes]), scores=learned.scores)

    def do_generator(self, stopping: Callable[[], bool]) -> None:
        """The model that reads and writes, on the shop's own conversations."""
        generating.learn_generator(self, stopping)

    def do_preferences(self, stopping: Callable[[], bool]) -> None:
        """The same, on what people preferred; where neither brought anything, what is in use goes along."""
        generating.learn_preferences(self, stopping)
        generating.carry(self, GENERATOR)

    def do_measures(self, stopping: Callable[[], bool]) -> None:
        """What a cosine is worth now; the caution, where a share of wrong answers was named."""
        learn_measures(self)

    def do_compare(self, stopping: Callable[[], bool]) -> None:
        """Both versions on the same later questions, in turns. What is broken is not asked at all."""
        if broken := broken_parts(self.parts):
            self.state["verdict"] = Verdict(False, [f"not whole: {each}" for each in broken]).as_json()
            self.state["figures"] = {}
            return
        material = self.material()
        sides = {"before": load_in_use(self.store, self.settings), "after": self.candidate()}
        hidden = {each.id for each in material.asked}
        players = {name: Player(self.store, self.settings, used, hidden) for name, used in sides.items()}
        others = strangers(material.known, self.recipe.strangers, "test", self.recipe.seed)
        played: dict[str, list[Any]] = {name: [] for name in players}
        strange: dict[str, list[Any]] = {name: [] for name in players}
        for player in players.values():
            player.play(material.known[-1])  # warm
        for at, pair in enumerate(material.asked):
            if stopping():
                raise Stopped
            for name, player in players.items():
                played[name].append(player.play(pair))
            if at % 20 == 0:
                self.say("compare", "", step=at, of=len(material.asked))
        for at, text in enumerate(others):
            for name, player in players.items():
                strange[name].append(player.ask(f"stranger {at}", text))
        chosen = {name: choose_ranks(each.embedder, material.asked, self.recipe.seed) for name, each in sides.items()}
        both = Both(material, sides, played, strange, chosen, self.recipe.seed)
        earlier = {name: [player.play(pair) for pair in material.replay] for name, player in players.items()}
        comparison = both.compared(earlier)
        generating.compare_replies(self, comparison, sides["before"], sides["after"], (), stopping)
        self._write_comparison(comparison, generating.writes_anew(sides["before"], sides["after"]))

    def _write_comparison(self, comparison: Comparison, writes: bool = False) -> None:
        """The verdict with all it rests on, and the page for a person."""
        from finetune.pages import page, pictures

        verdict = self._verdict(comparison, writes)
        trained = {name: dict(self.state.get(name, {})) for name in TRAINED}
        losses = {name: each.pop("losses", []) for name, each in trained.items()}
        losses = {"embedder" if name == "learned" else name: each for name, each in losses.items() if each}
        learned = {**trained.pop("learned"), **trained, "recipe": self.state["recipe"]}
        told = {"verdict": verdict.as_json(), **comparison.as_json(), "learned": learned}
        text = page(self.state["name"], self.state["base"], comparison, verdict, self.material().card, learned)
        files = {"report.json": json.dumps(told, ensure_ascii=False, indent=1) + "\n", "report.md": text}
        for name, content in {**files, **pictures(comparison, losses)}.items():
            (self.folder / name).write_text(content, "utf-8")
        figures = {
            row.name: {"before": row.before, "after": row.after, "low": row.difference.low, "high": row.difference.high}
            for row in comparison.rows
        }
        self.state["verdict"], self.state["figures"] = verdict.as_json(), json_ready(figures)

    def _verdict(self, comparison: Comparison, writes: bool) -> Verdict:
        material = self.material()
        facts = Facts(
            self.state["base"], in_use(self.store, self.workspace)[1], comparison.asked_hash,
            str(material.card["asked_hash"]), broken_parts(self.parts), self._learned(), writes,
        )  # fmt: skip
        return judge(comparison, facts)

    def do_gate(self, stopping: Callable[[], bool]) -> None:
        """The version, with its papers. What brought nothing makes none; what was refused leaves no index behind."""
        verdict = self.state["verdict"]
        if not self._learned() or not self.state["figures"]:
            return
        version = self._made()
        self.state["made"] = version.name
        identity = version.parts.get(EMBEDDER, {}).get("identity", "")
        if (
            not verdict["accepted"]
            and identity
            and identity not in (self.embedder_before().identity, self._used_identity())
        ):
            drop_embedder(self.store, self.workspace, identity)

    def _learned(self) -> bool:
        """Whether anything was learned: what was only taken along from the version in use makes no new one."""
        heads = self.state.get("deciders", {}).get("written", False)
        trained = any(self.state.get(stage, {}).get("learned") for stage in TRAINED[1:])
        return bool(self.state["learned"]["way"]) or trained or heads or self.recipe.most_wrong is not None

    def _made(self) -> Version:
        candidate = self.candidate()
        parts: dict[str, Any] = {"measures": {"caution": candidate.caution}}
        parts |= generating.papers_of(self.parts, self.state)
        if (self.parts / EMBEDDER).is_dir():
            parts[EMBEDDER] = {
                "way": self.state["learned"]["way"], "setting": self.settings.embedder,
                "identity": candidate.embedder.identity, "base": self.embedder_before().identity,
            }  # fmt: skip
        if (self.parts / RERANKER).is_file():
            parts["reranker"] = {"mrr": self.state.get("reranker", {}).get("scores", {})}
        if (heads := self.state.get("deciders", {})).get("written"):
            parts[DECIDERS] = heads["scores"]
        card = self.material().card
        papers = {
            "base": {"version": self.state["base"], "embedder": self._used_identity()},
            "data": {"hash": card["hash"], "asked_hash": card["asked_hash"], "kept": card["kept"], "card": "card.json"},
            "recipe": self.state["recipe"],
            "scores": self.state["figures"],
            "verdict": self.state["verdict"],
            "parts": parts,
            "index": {"embedder": candidate.embedder.identity, "mark": self.store.mark(self.workspace)},
        }
        told = ("report.md", "report.json", *PICTURES)
        beside = {name: self.folder / name for name in told if (self.folder / name).is_file()}
        beside["card.json"] = self.folder / "material" / "card.json"
        sources = {each.name: each for each in sorted(self.parts.iterdir())}
        return make_version(self.store, self.workspace, sources, papers, beside)

    # -- what the stages share

    def material(self) -> Material:
        """As the first stage left it."""
        return load_material(self.folder / "material")

    def candidate(self) -> InUse:
        """The coming version, opened as the desk would; its index is made here, apart from every other."""
        measures, caution = read_measures(self.parts / MEASURES)
        embedder = version_embedder(self.parts / EMBEDDER, self.state["name"], self.settings)
        load_shelf(self.store, self.workspace, embedder)
        deciders = load_deciders(self.parts / DECIDERS, embedder)
        return InUse(0, self.state["name"], embedder, self.parts, measures, caution, deciders=deciders)

    def embedder_before(self) -> Embedder:
        """The one that is set, as nothing was learned."""
        return load_embedder(self.settings.embedder, threads=self.settings.threads or None)

    def _used_identity(self) -> str:
        return load_in_use(self.store, self.settings).embedder.identity

    def outcome(self) -> Outcome:
        """What the run says of itself."""
        verdict = self.state.get("verdict", {})
        return Outcome(
            self.folder, self.state.get("made", ""), bool(verdict.get("accepted")), False,
            list(verdict.get("refusals", [])), list(verdict.get("better", [])), self.state.get("figures", {}),
            set(STAGES) <= set(self.done),
        )  # fmt: skip
