"""Abilities of a batch's questions (adaptive data acquisition): which ones the next batch asks for, with reasons.

Belongs here: turning evidence into abilities to ask for. Pure and without chance. Does not belong here: reading
evidence (evidence.py), how models are asked for them (synthesis/questions.py).

The rule [D]: every ability has an aim, its share of all tags of samples (a sample has a tag for each of its abilities):
its weight in the target mix, times a factor where the trained policy is weaker on held-out questions with it than on
the mean ability, and one below 1 where fewer rows with it teach something (factors.py). An ability weighs as much as
its share is behind its aim, shrunk while there are few samples. The heaviest are asked for, a few at most, if they
are behind by a tenth of their aim. One of whose questions the gates let hardly any pass weighs nothing: asking for more
of them would be paid for and dropped. Before anything was made nothing is behind, and questions are asked as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wethink_assets.growth.factors import teaching, told, weakness

PRIOR_TAGS = 50  # tags of samples that a share is shrunk towards its aim with [D]
PRIOR_QUESTIONS = 20  # questions that an ability's yield is shrunk towards the mean with [D]
FIRST_YIELD = 0.5  # samples a question, before anything was made [D]
HARDLY = 0.1  # of the mean yield: what passes the gates hardly [D]
LEAST_BEHIND = 0.1  # of its aim that an ability is behind at least to be asked for [D]


@dataclass(frozen=True)
class AbilityEvidence:
    """What is known of an ability before a batch: its weight in the target mix, accepted samples and questions with it
    of whole batches, and how well it is learnt, as of a source (plan.py).
    """

    ability: str
    mix: float
    samples: int = 0
    proposed: int = 0
    accuracy: float | None = None
    answers: int = 0
    rated: int = 0
    learnable: int = 0


@dataclass(frozen=True)
class AbilityPlanned:
    """The plan of one ability: whether questions ask for it, and what led to it.

    `aim` and `share` are of all tags, `gives` samples a question, `weight` how far the share is behind.
    """

    evidence: AbilityEvidence
    asked: bool
    aim: float
    share: float
    gives: float
    weight: float
    reason: str


def ask_for(
    abilities: Sequence[AbilityEvidence], *, policy: str, most: int, weak_boost: float = 1.0
) -> list[AbilityPlanned]:
    """The plan of every ability, in the order given; only `targets` asks for any, and for `most` at most."""
    weak = weakness({a.ability: a for a in abilities}, weak_boost)
    taught = teaching({a.ability: a for a in abilities})
    wanted = {a.ability: a.mix * weak[a.ability] * taught[a.ability] for a in abilities}
    tags, whole = sum(a.samples for a in abilities), sum(wanted.values()) or 1.0
    mean = _mean_yield(abilities)
    planned = []
    for a in abilities:
        aim = wanted[a.ability] / whole
        share = a.samples / tags if tags else 0.0
        gives = (a.samples + PRIOR_QUESTIONS * mean) / (a.proposed + PRIOR_QUESTIONS)
        behind = max(0.0, aim * tags - a.samples) / (tags + PRIOR_TAGS)
        weight = behind if gives >= HARDLY * mean else 0.0
        planned.append(AbilityPlanned(a, False, aim, share, gives, weight, ""))
    heaviest = sorted((p for p in planned if _lacks(p)), key=lambda p: (-p.weight, p.evidence.ability))
    chosen = {p.evidence.ability for p in heaviest[: most if policy == "targets" else 0]}
    result = []
    for p in planned:
        name = p.evidence.ability
        reason = f"{_share(p, tags)}{told(p.evidence, weak[name], taught[name])}"
        reason += f"; {_decision(p, name in chosen, behind=p in heaviest, policy=policy, most=most, mean=mean)}"
        result.append(
            AbilityPlanned(p.evidence, name in chosen, p.aim, p.share, p.gives, p.weight, reason),
        )
    return result


def _mean_yield(abilities: Sequence[AbilityEvidence]) -> float:
    """Samples a question over all abilities, shrunk towards what is assumed before anything was made; never 0."""
    samples, proposed = sum(a.samples for a in abilities), sum(a.proposed for a in abilities)
    return (samples + PRIOR_QUESTIONS * FIRST_YIELD) / (proposed + PRIOR_QUESTIONS)


def _lacks(planned: AbilityPlanned) -> bool:
    return planned.weight > 0 and planned.weight >= LEAST_BEHIND * planned.aim


def _share(planned: AbilityPlanned, tags: int) -> str:
    if not planned.evidence.mix:
        return "has no weight in [growth] abilities"
    if not tags:
        return f"no sample was made yet, {planned.aim:.0%} of their tags are wanted"
    return (
        f"{planned.evidence.samples:,} of {tags:,} tags of samples ({planned.share:.0%}), {planned.aim:.0%} are wanted"
    )


def _decision(planned: AbilityPlanned, asked: bool, *, behind: bool, policy: str, most: int, mean: float) -> str:
    """What was decided, in words."""
    known = planned.evidence
    if asked:
        return "asked for"
    if policy != "targets":
        return f"[growth] policy {policy} asks for none"
    if known.mix and planned.gives < HARDLY * mean:
        return f"not asked for: {known.samples:,} of {known.proposed:,} questions with it passed the gates"
    if not behind:
        return "not behind"
    return f"not asked for: {most} are at most, and others are further behind"
