"""The chain of gates that a row passes, from its question to a release, with the model calls between them.

Belongs here: names, order, the reasons by which verdicts are ascribed to a gate, the defects that each is made for.
Pure. Does not belong here: counting (counting.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from wethink_assets.dataset.similar_questions import REASON as SIMILAR
from wethink_assets.demo.audit.filters import BAD_PATH, BLIND, REPEATED
from wethink_assets.row_filters.registry import FILTERS
from wethink_assets.settings import SynthesisSettings
from wethink_assets.synthesis.adjudicate import NEITHER, STILL_NEITHER
from wethink_assets.synthesis.blind_check import PROMPT as BLIND_PROMPT
from wethink_assets.synthesis.blind_check import REASON as SOLVABLE_BLIND
from wethink_assets.synthesis.second_look import PROMPT as SECOND_PROMPT
from wethink_assets.synthesis.second_look import REASON as NOT_CONFIRMED
from wethink_assets.synthesis.stage import StageSpec

FIRST_STAGE = "valid_questions"  # the first that takes single questions
RELEASE = "release"
WRONG = "wrong_answer"  # one that somebody gave
KEPT_WRONG = "kept_wrong_answer"  # one that goes on
BLIND_CHECK, SECOND_LOOK = "blind_check", "second_look"
# What by setting is only marked, by the column of gate_quality/select_outcomes that says so.
MARKED = {BLIND_CHECK: SOLVABLE_BLIND, SECOND_LOOK: NOT_CONFIRMED}
_PATH_KINDS = {
    "path_names_description": ("description",),
    "path_gives_answer_first": ("leak",),
    "path_changes_language": ("language",),
    "path_loops": ("loop",),
    "path_contradicts_itself": ("contradiction",),
    "path_wrong_step": ("wrong_step",),
    "path_ends_elsewhere": ("elsewhere",),
}
_PATH_GUARDS = (
    "markers_in_path",
    "path_too_long",
    "empty_path",
    "no_consistent_path",
    "path_contradicts_answer",
)


@dataclass(frozen=True)
class Step:
    """A step of the chain: model calls by prompt, and where it has `reasons` or stops rows at all, a gate.

    `reasons`: reasons of the asset's verdicts that are this gate's; empty for all that no other gate of the asset has.
    `aims`: kinds of planted defects that it is made for. `judged_by`: what of a row it can know: `question`, `answers`
    or `path`. `is_filter`: a row filter, whose counts come from table row_filter_counts.
    """

    name: str
    asset: str
    reasons: tuple[str, ...] = ()
    aims: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    judged_by: str = "path"
    is_gate: bool = True
    is_filter: bool = False


_WITHIN: dict[str, tuple[Step, ...]] = {
    "valid_questions": (
        Step("well_posed", "valid_questions", ("ill_posed",), ("ill_posed",), ("check_well_posed",), "question"),
        Step(
            "answerable", "valid_questions", ("not_answerable",), ("unanswerable",), ("check_answerable",), "question"
        ),
    ),
    "chosen_answers": (
        Step("agreement", "chosen_answers", (NEITHER, STILL_NEITHER), (WRONG,), ("adjudicate",), "answers"),
        Step(BLIND_CHECK, "chosen_answers", (SOLVABLE_BLIND,), (BLIND,), (BLIND_PROMPT,), "answers"),
        Step(SECOND_LOOK, "chosen_answers", (NOT_CONFIRMED,), (KEPT_WRONG,), (SECOND_PROMPT,), "answers"),
    ),
    "reasoning_paths": (
        *(
            Step(f.name, "reasoning_paths", (f.name,), (f.name,), judged_by="answers", is_filter=True)
            for f in FILTERS
            if not f.of_path
        ),
        Step("rewriting", "reasoning_paths", prompts=("refine_path",), is_gate=False),
        Step(
            "path_guards",
            "reasoning_paths",
            _PATH_GUARDS,
            tuple(BAD_PATH + how for how in ("tags", "empty", "contradiction")),
        ),
        *(
            Step(
                f.name,
                "reasoning_paths",
                (f.name,),
                tuple(BAD_PATH + how for how in _PATH_KINDS.get(f.name, ())),
                is_filter=True,
            )
            for f in FILTERS
            if f.of_path
        ),
    ),
    "routed_answers": (Step("rule_and_judge", "routed_answers", prompts=("judge",)),),
    "samples": (
        Step("gold_verifies", "samples", ("unverifiable_answer", "answer_not_an_option")),
        Step("record_guards", "samples"),
    ),
}
_AT_RELEASE = (
    Step("same_question", RELEASE, ("repeated_question",)),
    Step(SIMILAR, RELEASE, (SIMILAR,), (REPEATED,)),
)


def switched_off(own: SynthesisSettings) -> frozenset[str]:
    """Gates that ask nothing by setting, so that nothing can be expected of them."""
    asks = {BLIND_CHECK: own.blind_check.answers, SECOND_LOOK: own.second_look.answers}
    return frozenset(name for name, answers in asks.items() if not answers)


def chain(stages: Sequence[StageSpec], off: Collection[str] = ()) -> tuple[Step, ...]:
    """All steps in the order in which a row meets them; a stage that is not known here is one gate of its name.

    `stages` are those of synthesis in their order, extensions' included. Gates that are `off` aim at nothing.
    """
    names = [stage.name for stage in stages]
    steps: list[Step] = []
    for stage in stages[names.index(FIRST_STAGE) :]:
        if stage.name in _WITHIN:
            steps += _WITHIN[stage.name]
        elif stage.name == "dual_answers":
            steps.append(Step("answering", stage.name, prompts=stage.prompt_names(), is_gate=False))
        else:
            steps.append(Step(stage.name, stage.name, prompts=stage.prompt_names()))
    return tuple(replace(step, aims=()) if step.name in off else step for step in (*steps, *_AT_RELEASE))


def gate_of(steps: tuple[Step, ...], asset: str, reason: str) -> int | None:
    """The place of the gate that a verdict belongs to; None where none of the chain is known by it."""
    general = None
    for place, step in enumerate(steps):
        if step.asset != asset or not step.is_gate:
            continue
        if reason in step.reasons:
            return place
        if not step.reasons and general is None:
            general = place
    return general
