"""The registry of synthesis stages in the order of the pipeline, with those that extensions add.

Belongs here: which stages there are, and what follows from their order: which feeds which. Pure.
Does not belong here: any stage.
"""

from __future__ import annotations

from wethink_assets.synthesis import adjudicate, answer, describe, package, questions, refine, refine_path, route
from wethink_assets.synthesis import filter as question_filter
from wethink_assets.synthesis.stage import StageSpec

STAGES: tuple[StageSpec, ...] = (
    describe.STAGE,
    refine.STAGE,
    questions.STAGE,
    question_filter.STAGE,
    answer.STAGE,
    adjudicate.STAGE,
    refine_path.STAGE,
    route.STAGE,
    package.STAGE,
)
_registered: list[StageSpec] = []


def register(stage: StageSpec) -> None:
    """Add a stage to the graph.

    Raises:
        ValueError: another stage has its name or table, or it is to stand before a stage that is not there.
    """
    if stage in _registered:
        return
    for other in stages():
        if other.name == stage.name or other.table == stage.table:
            raise ValueError(
                f"stage {stage.name!r} (table {stage.table}): there is a stage {other.name!r} (table {other.table})"
            )
    if unknown := set(stage.before) - {other.name for other in stages()}:
        raise ValueError(f"stage {stage.name!r} is to stand before {', '.join(sorted(unknown))}, which is no stage")
    _registered.append(stage)


def unregister(name: str) -> None:
    """Take an added stage away again."""
    _registered[:] = [stage for stage in _registered if stage.name != name]


def stages() -> tuple[StageSpec, ...]:
    """All stages, each added one right before the first stage that it stands in the way of, else at the end."""
    ordered = list(STAGES)
    for stage in _registered:
        places = [position for position, other in enumerate(ordered) if other.name in stage.before]
        ordered.insert(min(places, default=len(ordered)), stage)
    return tuple(ordered)


def in_the_way_of(stage: StageSpec) -> tuple[StageSpec, ...]:
    """Stages that only let pass to `stage` what they wrote."""
    return tuple(other for other in stages() if stage.name in other.before)


def parents_of(stage: StageSpec) -> tuple[str, ...]:
    """The assets that a stage reads, those in its way included."""
    return tuple(dict.fromkeys((*stage.parents, *(other.name for other in in_the_way_of(stage)))))


def tables_written() -> tuple[str, ...]:
    """The tables of all stages, in their order."""
    return tuple(table for stage in stages() for table in (stage.table, *stage.further_tables))


def prompt_feeds() -> dict[str, tuple[str, ...]]:
    """The prompt dependency graph: prompts whose requests hold the replies to a prompt, in the order of the stages.

    A step's replies go into the requests of the next step and of later stages.
    """
    ordered = stages()
    feeds: dict[str, dict[str, None]] = {}
    for stage in ordered:
        steps = stage.steps()
        later = [name for other in ordered if stage.name in parents_of(other) for name in _first_prompts(other)]
        for position, step in enumerate(steps):
            following = steps[position + 1] if position + 1 < len(steps) else ()
            for name in step:
                feeds.setdefault(name, {}).update(dict.fromkeys((*following, *later)))
    return {name: tuple(after) for name, after in feeds.items()}


def _first_prompts(stage: StageSpec) -> tuple[str, ...]:
    """The prompts that a stage's input reaches first; of a stage that asks no model, those of the stages behind it."""
    if stage.asks:
        return stage.steps()[0]
    return tuple(name for other in stages() if stage.name in parents_of(other) for name in _first_prompts(other))
