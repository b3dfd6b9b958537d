"""Both versions after they were asked: played questions, heads and earlier intents gathered into one comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.in_use import InUse
from finetune.compare import Comparison, Row, Side, compare, hits_of, intent_scores
from finetune.deciders_compare import Told, ask_earlier, compare_deciders
from finetune.deciders_stage import names_of, wanted_intents
from finetune.material import Material, Pair
from finetune.replay import Played

SIDES = ("before", "after")


@dataclass(frozen=True)
class Both:
    """What each side, "before" and "after", did about the questions asked and about strangers'."""

    material: Material
    used: Mapping[str, InUse]
    played: Mapping[str, Sequence[Played]]
    strangers: Mapping[str, Sequence[Played]]
    chosen: Mapping[str, Sequence[int]]
    seed: int = 0

    def compared(self, earlier: Mapping[str, Sequence[Played]]) -> Comparison:
        """Every figure; `earlier` is what each did about the questions kept to be asked again."""
        asked = self.material.asked
        told = {name: self._told(name, asked, self.played[name]) for name in SIDES}
        wanted = wanted_intents(asked, self._labels("after") or self._labels("before"))
        sides = [Side(self.played[name], self.strangers[name], self.chosen[name], told[name].intents) for name in SIDES]
        found = compare(self.material, *sides, seed=self.seed, intents=wanted)
        if any(wanted):
            found.deciders = compare_deciders(
                wanted, told["before"], told["after"], before_is=self._before_is(),
                heads_before=bool(self._labels("before")), seed=self.seed,
            )  # fmt: skip
        if found.deciders is not None:
            macro = found.deciders.gains["intent macro F1"]
            found.rows.append(Row("intent macro F1", *found.deciders.figures["intent macro F1"], macro))
        found.earlier = self._earlier(earlier)
        return found

    def _labels(self, name: str) -> Sequence[str]:
        deciders = self.used[name].deciders
        return deciders.config.labels if deciders else ()

    def _before_is(self) -> str:
        if self._labels("before"):
            return f"the heads of {self.used['before'].name}; foreign questions by these"
        return "the intent whose name lies nearest, for no heads are in use; foreign questions by the confidence"

    def _told(self, name: str, pairs: Sequence[Pair], played: Sequence[Played]) -> Told:
        """By the heads of a version; without, by names and confidence, so that there is something to beat."""
        heads = [each.judged for each in played if each.judged is not None]
        strange = [each.judged for each in self.strangers[name] if each.judged is not None]
        if heads and len(heads) == len(played):
            deciders = self.used[name].deciders
            return Told.by_heads(heads, strange, deciders is not None and deciders.config.outside is not None)
        foreign, strange_ones = ([-each.confidence for each in them] for them in (played, self.strangers[name]))
        labels = list(self._labels("after") or self._labels("before"))
        if not labels:
            return Told([], [], foreign, strange_ones)
        return Told(names_of(labels, self.used[name].embedder)(pairs), [], foreign, strange_ones)

    def _earlier(self, played: Mapping[str, Sequence[Played]]) -> list:
        """The intents of the version in use, where it has any, else the candidate's."""
        pairs = self.material.replay
        labels = self._labels("before") or self._labels("after")
        intents = wanted_intents(pairs, labels) if labels else ["/".join(pair.label[:2]) for pair in pairs]
        figures = {"hit@5": tuple(hits_of(pairs, self.material, played[name]) for name in SIDES)}
        if labels and pairs and all(self._labels(name) for name in SIDES):
            said = {name: self._told(name, pairs, played[name]).intents for name in SIDES}
            figures["intent"] = tuple(intent_scores(intents, said[name], len(pairs)) for name in SIDES)
        return ask_earlier(intents, figures, self.seed)  # type: ignore[arg-type]
