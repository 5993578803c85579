"""Growth policy (adaptive data acquisition): how many images of each source the next batch asks for, with reasons.

Belongs here: turning evidence into quotas, within the limits of a batch. Pure, and without chance but for `random`,
whose draw is decided by the batch's name. Does not belong here: reading evidence (assets.py), taking files (sources/).

The rule [D]: a source is asked for the images that its lacking rows need, by the samples that an image of it has given.
What a batch may take in all is spread in proportion to those needs, times a factor where the trained policy is weaker
on the source's held-out questions than on the mean source; nobody gets more than is needed or there.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wethink_assets.dataset.selection import quotas

PRIOR_IMAGES = 20  # images that a source's yield is shrunk towards the mean with [D]
PRIOR_ANSWERS = 20  # held-out answers, likewise for accuracy [D]
FIRST_YIELD = 1.5  # samples an image, before anything was made [D]
MOST_WEAK, LEAST_WEAK = 2.0, 0.5  # limits of the factor of weakness, at a boost of 1 [D]


@dataclass(frozen=True)
class Evidence:
    """What is known of a source before a batch: what other batches took and made, what is left, how well it is learnt.

    `quota` is what the settings say (None: all), `share` its weight in the release's mix. `untaken` is None where the
    files were not counted in time; `accuracy` (0–1) over `answers` held-out questions is None before a policy was
    scored.
    """

    source: str
    quota: int | None
    share: float
    images: int = 0
    samples: int = 0
    untaken: int | None = None
    accuracy: float | None = None
    answers: int = 0


@dataclass(frozen=True)
class Planned:
    """The plan of one source: its quota (None: all), and what led to it."""

    evidence: Evidence
    quota: int | None
    wanted: int
    gives: float
    weight: float
    reason: str


def plan(
    sources: Sequence[Evidence],
    *,
    policy: str,
    target: int,
    batch: str,
    limit: int | None = None,
    cost: float | None = None,
    cost_per_image: float | None = None,
    weak_boost: float = 1.0,
) -> list[Planned]:
    """The quota of every source for a batch, in the order given.

    `target` is the size of a release; `limit` images in all, None for what the sources' own quotas add up to; `cost`
    what the batch may cost at `cost_per_image` (None where nothing is known: then it does not limit).
    """
    mean_yield = _mean_yield(sources)
    gives = {s.source: (s.samples + PRIOR_IMAGES * mean_yield) / (s.images + PRIOR_IMAGES) for s in sources}
    wanted = _wanted(sources, target)
    most = _most(sources, limit, cost, cost_per_image)
    weakness = _weakness(sources, weak_boost)
    if policy == "fixed":
        return _fixed(sources, wanted, gives, most)
    open_ = [s for s in sources if s.quota != 0]
    if most is None:
        raise ValueError("a source's quota is all it has: give [growth] images, so that a batch has an end")
    if policy == "random":
        drawn = _drawn(open_, most, batch)
        return [
            Planned(s, drawn.get(s.source, 0), wanted[s.source], gives[s.source], 1.0, _why_random(s, drawn))
            for s in sources
        ]
    needs = {s.source: math.ceil(max(0, wanted[s.source] - s.samples) / gives[s.source]) for s in open_}
    available = {s.source: min(needs[s.source], _left(s)) for s in open_}
    weights = {s.source: needs[s.source] * weakness[s.source] for s in open_}
    amounts = quotas(available, weights, most)
    total = sum(weights.values()) or 1.0
    return [
        Planned(
            s,
            amounts.get(s.source, 0),
            wanted[s.source],
            gives[s.source],
            weights.get(s.source, 0.0) / total,
            _why(s, wanted[s.source], gives[s.source], weakness[s.source], needs.get(s.source, 0)),
        )
        for s in sources
    ]


def _mean_yield(sources: Sequence[Evidence]) -> float:
    images = sum(s.images for s in sources)
    return sum(s.samples for s in sources) / images if images else FIRST_YIELD


def _wanted(sources: Sequence[Evidence], target: int) -> dict[str, int]:
    """Rows of each source in a release of the target size, by the shares of the mix."""
    total = sum(s.share for s in sources)
    return {s.source: round(target * s.share / total) if total else 0 for s in sources}


def _most(
    sources: Sequence[Evidence], limit: int | None, cost: float | None, cost_per_image: float | None
) -> int | None:
    """Images that the batch may take in all; None where nothing limits it."""
    own = [s.quota for s in sources if s.quota != 0]
    limits = [limit] if limit is not None else [] if None in own else [sum(q for q in own if q is not None)]
    if cost is not None and cost_per_image:
        limits.append(int(cost / cost_per_image))
    return min(limits, default=None)


def _weakness(sources: Sequence[Evidence], boost: float) -> dict[str, float]:
    """Factor by source: above 1 where the policy is weaker than on the mean source, shrunk where few were asked."""
    known = [s for s in sources if s.accuracy is not None and s.answers]
    if not known or not boost:
        return dict.fromkeys((s.source for s in sources), 1.0)
    answers = sum(s.answers for s in known)
    mean = sum((s.accuracy or 0) * s.answers for s in known) / answers
    factors = {}
    for s in sources:
        own = s.accuracy if s.accuracy is not None else mean
        shrunk = (own * s.answers + mean * PRIOR_ANSWERS) / (s.answers + PRIOR_ANSWERS)
        behind = (mean - shrunk) / max(mean, 0.05)
        factors[s.source] = min(max(1 + boost * behind, LEAST_WEAK), 1 + boost * (MOST_WEAK - 1))
    return factors


def _fixed(
    sources: Sequence[Evidence], wanted: Mapping[str, int], gives: Mapping[str, float], most: int | None
) -> list[Planned]:
    """The quotas of the settings; where a limit is below their sum, cut in proportion."""
    own = {s.source: s.quota for s in sources}
    bounded = {name: quota for name, quota in own.items() if quota is not None}
    cut = most is not None and (len(bounded) < len(own) or sum(bounded.values()) > most)
    if cut and most is not None:
        largest = max([most, *bounded.values()])
        left = {s.source: s.quota if s.quota is not None else largest for s in sources}
        own = {s: left[s] if left[s] == 0 else n for s, n in quotas(left, left, most).items()}
    return [
        Planned(
            s,
            own[s.source],
            wanted[s.source],
            gives[s.source],
            1.0 if s.quota != 0 else 0.0,
            "paused" if s.quota == 0 else "as the settings say" + (", cut to the batch's limit" if cut else ""),
        )
        for s in sources
    ]


def _drawn(sources: Sequence[Evidence], most: int, batch: str) -> dict[str, int]:
    """`most` images, each of a source drawn at random among those that have one left."""
    chance = random.Random(int.from_bytes(hashlib.sha256(f"growth {batch}".encode()).digest()[:8]))
    left = {s.source: _left(s) for s in sources}
    drawn = dict.fromkeys(left, 0)
    open_ = [name for name, n in left.items() if n]
    for _ in range(most):
        if not open_:
            break
        place = chance.randrange(len(open_))
        name = open_[place]
        drawn[name] += 1
        if drawn[name] >= left[name]:
            open_.pop(place)
    return drawn


def _left(source: Evidence) -> int:
    """Images that may still be taken; a large number where that is not known."""
    return 2**31 if source.untaken is None else source.untaken


def _why_random(source: Evidence, drawn: Mapping[str, int]) -> str:
    return "paused" if source.quota == 0 else f"{drawn.get(source.source, 0)} drawn at random"


def _why(source: Evidence, wanted: int, gives: float, weakness: float, needed: int) -> str:
    """The reason of a quota by targets, in words."""
    if source.quota == 0:
        return "paused"
    if not source.share:
        return "has no share of the release"
    if source.untaken == 0:
        return "no image is left that no batch has taken"
    if not needed:
        return f"has its {wanted:,} rows: {source.samples:,} samples"
    told = f"{source.samples:,} of {wanted:,} rows; an image gives {gives:.2f}, so {needed:,} images are lacking"
    if source.accuracy is not None and abs(weakness - 1) >= 0.005:
        told += f"; held-out accuracy {source.accuracy:.0%} of {source.answers}: x{weakness:.2f}"
    if source.untaken is not None and source.untaken < needed:
        told += f"; {source.untaken:,} are left"
    return told
