"""What pixels add inside the language model: every fusion over the same screens, with and without marks and pixels."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from agent.prompts import NOT_SHOWN
from bench.model_asks import Ground, Judged, Question, Replied, System, add_asks, judge
from bench.model_screens import drawn_grounds
from bench.model_seen import Looks
from bench.model_systems import Systems, Voice
from bench.report import Report, Writer, skipped

TITLE = "Fusion: words, marks and pixels"
REFUSED = "refused"  # the kind of the second answer that every question is tried with
TOGETHER = 4  # grounds in one row


def run(systems: Systems, looks: Looks, count: int, seed: int) -> Report:
    """Each trained dialogue model over the first screens of the test split, all in one table."""
    voices = [each for each in systems.trained if each.language is not None]
    if not any(sees(each) for each in voices):
        return skipped(TITLE, "no trained weights with a fusion: give --weights")
    writer = Writer(TITLE)
    grounds = list(drawn_grounds(looks, count, seed))
    listed = listed_systems(voices, systems.tower is not None)
    rows = []
    for done, system in enumerate(listed, start=1):
        rows.append(judged_by(system, grounds, looks))
        print(f"systems asked: {done} of {len(listed)}", file=sys.stderr, flush=True)
    asked = sum(len(ground.questions) for ground in grounds)
    writer.say(
        f"{len(grounds)} screens, {asked} questions. Right: greedy decoding would write exactly the answer, told by "
        "one forward over it (finetune.packed.exact_asks)."
    )
    add_asks(writer, listed, rows, seed)
    return writer.done()


def sees(voice: Voice) -> bool:
    """Whether pixels reach the voice's language model."""
    return voice.dialogue is not None and voice.dialogue.config.fusion != "none"


def listed_systems(voices: Sequence[Voice], marks: bool) -> list[System]:
    """Each voice over words, words and marks, and both again with pixels where it has any."""
    listed = []
    for voice in voices:
        for seen in (False, True)[: 1 + sees(voice)]:
            for reads in ("words", "marks")[: 1 + marks]:
                told = " + ".join(["words", *(["marks"] if reads == "marks" else []), *(["pixels"] if seen else [])])
                listed.append(System(f"{voice.name}, {told}", voice, reads, pixels=seen))
    return listed


def judged_by(system: System, grounds: Sequence[Ground], looks: Looks) -> Judged:
    """One system's scores. A question it would refuse counts as a refusal, any other miss as an empty reply."""
    replies: list[Replied] = []
    usual = system.voice.language.config._attn_implementation
    ask = _asking(system, grounds, looks)
    for start in range(0, len(grounds), TOGETHER):
        part = grounds[start : start + TOGETHER]
        for ground, told in zip(part, ask(part), strict=True):
            for question, (right, refused) in zip(ground.questions, told, strict=True):
                said = question.answers[0] if right else NOT_SHOWN if refused else ""
                replies.append(Replied(question, said, ground.texts[system.reads]))
    system.voice.language.set_attn_implementation(usual)
    return judge(system.name, replies)


def _asking(system: System, grounds: Sequence[Ground], looks: Looks) -> Any:
    """A function from grounds to (right, refused) of each question."""
    from finetune.batches import Encoder, pack
    from finetune.packed import exact_asks, supervised_logits, use_packed_attention

    voice = system.voice
    use_packed_attention(voice.language)
    if not system.pixels:
        encoder = Encoder(voice.tokenizer, 4096)

        def exact(trees: Sequence[Any]) -> list[bool]:
            row = pack(trees)
            return exact_asks(supervised_logits(voice.language, row), row)

        return lambda part: list(_told(part, system, encoder, exact))
    import numpy
    import torch

    from finetune.multimodal import DialogueTask
    from finetune.recipe import Recipe
    from finetune.seen import Captions, look_at

    small, whole = _processors(voice)
    blank = numpy.zeros((8, 8, 3), numpy.uint8)
    encoder = Encoder(small, 4096, show=lambda path: blank)
    paths = [str(ground.picture) for ground in grounds]
    seen = look_at(paths, voice.dialogue, whole, _folder(looks, voice))
    recipe = Recipe(strategy="connector", fusion=voice.dialogue.config.fusion)
    task = DialogueTask(voice.dialogue, recipe, [], seen, Captions([], torch.zeros(0, 1)))
    return lambda part: list(_told(part, system, encoder, lambda trees: [right for _, right in task.exact(trees)]))


def _told(part: Sequence[Ground], system: System, encoder: Any, exact: Any) -> Iterator[list[tuple[bool, bool]]]:
    """(right, refused) of each question of each ground. Every question stands in its row twice: with the answer, and
    with the words for "not shown"."""
    import torch

    trees = [encoder.encode(_example(ground, system)) for ground in part]
    with torch.inference_mode():
        told = iter(exact([tree for tree in trees if tree is not None]))
    for ground, tree in zip(part, trees, strict=True):
        yield [(tree is not None and next(told), tree is not None and next(told)) for _ in ground.questions]


def _example(ground: Ground, system: System) -> Any:
    from finetune.examples import Ask, Example

    def asks(question: Question) -> tuple[Any, Any]:
        asked = ground.asked(question, system.reads)
        return Ask(asked, question.answers[0], question.kind), Ask(asked, NOT_SHOWN, REFUSED)

    pictures = (str(ground.picture),) if system.pixels else ()
    every = tuple(ask for question in ground.questions for ask in asks(question))
    return Example("bench", "bench", every, screens=(ground.texts[system.reads],), pictures=pictures)


def _processors(voice: Voice) -> tuple[Any, Any]:
    """The voice's processor for encoding, which makes the same tokens of any picture, and for looking."""
    from agent.vlm.reading import TEMPLATE, DialogueProcessor, ScreenPixels

    config = voice.dialogue.config
    small, whole = (
        DialogueProcessor(ScreenPixels(side), voice.tokenizer, chat_template=TEMPLATE, placeholders=config.placeholders)
        for side in (8, config.picture_side)
    )
    return small, whole


def _folder(looks: Looks, voice: Voice) -> Any:
    """Where what the voice's tower sees is kept; towers with other weights never share it."""
    from bench.model_systems import fingerprint

    folder = looks.folder / f"tokens-{fingerprint(voice.dialogue.tower)}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
