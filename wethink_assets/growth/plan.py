"""Growth policy (adaptive data acquisition): how many images of each source the next batch asks for, with reasons.

Belongs here: turning evidence into quotas, within the limits of a batch. Pure, and without chance but for `random`,
whose draw is decided by the batch's name. Does not belong here: evidence (evidence.py), taking files (sources/).

The rule [D]: a source is asked for the images that its lacking rows need, by the samples that an image of it has given.
What a batch may take in all is spread in proportion to those needs, times a factor where the trained policy is weaker
on the source's held-out questions than on the mean source, and one below 1 where fewer of its rows teach something
(factors.py); no source gets more than is needed or there. Rows that an exhausted source cannot give are wanted of the
others, as the release does. A source whose images give hardly anything counts as if they gave a quarter of the mean,
and less the less they give, so that it does not eat every batch.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wethink_assets.dataset.selection import quotas
from wethink_assets.growth.factors import teaching, told, weakness

ENDLESS = 2**31  # images of a source whose files were not counted
LEAST_YIELD, HARDLY = 0.25, 0.1  # of the mean yield: what needs are reckoned with at least; below which they fade [D]
PRIOR_IMAGES = 20  # images that a source's yield is shrunk towards the mean with [D]
FIRST_YIELD = 1.5  # samples an image, before anything was made [D]


@dataclass(frozen=True)
class Evidence:
    """What is known of a source before a batch: what other batches took and made, what is left, how well it is learnt.

    `quota` is what the settings say (None: all), `share` its weight in the release's mix. `images` and `samples` are of
    whole batches, `coming` images of batches that are under way, `taken` what this batch has taken without a plan.
    `untaken` is None where the files were not counted in time; `accuracy` (0–1) over `answers` held-out questions is
    None before a policy was scored. `rated` training rows have a pass rate of the base policy, and it answers
    `learnable` of these neither always nor never.
    """

    source: str
    quota: int | None
    share: float
    images: int = 0
    samples: int = 0
    coming: int = 0
    taken: int = 0
    untaken: int | None = None
    accuracy: float | None = None
    answers: int = 0
    rated: int = 0
    learnable: int = 0


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
    mean = _mean_yield(sources)
    gives = {s.source: (s.samples + PRIOR_IMAGES * mean) / (s.images + PRIOR_IMAGES) for s in sources}
    wanted = _wanted(sources, gives, target)
    most = _most(sources, limit, cost, cost_per_image)
    open_ = [s for s in sources if s.quota != 0 and not s.taken]
    if most is not None:
        most = max(0, most - sum(s.taken for s in sources))
    if policy == "fixed":
        amounts, weights, reasons = _fixed(open_, most)
    elif most is None:
        raise ValueError("a source's quota is all it has: give [growth] images, so that a batch has an end")
    elif policy == "random":
        amounts = dict(_drawn(open_, most, batch))
        weights = dict.fromkeys(amounts, 1.0)
        reasons = {source: f"{amount or 0} drawn at random" for source, amount in amounts.items()}
    else:
        weak = weakness({s.source: s for s in sources}, weak_boost)
        taught = teaching({s.source: s for s in sources})
        amounts, weights, reasons = _targets(open_, wanted, gives, mean, most, weak, taught)
    total = sum(weights.values()) or 1.0
    return [
        Planned(
            s,
            s.taken or amounts.get(s.source, 0),
            wanted[s.source],
            gives[s.source],
            weights.get(s.source, 0.0) / total,
            f"has taken {s.taken:,} before there was a plan" if s.taken else reasons.get(s.source, "paused"),
        )
        for s in sources
    ]


Choice = tuple[dict[str, int | None], dict[str, float], dict[str, str]]  # quotas, weights, reasons by source


def _targets(
    sources: Sequence[Evidence],
    wanted: Mapping[str, int],
    gives: Mapping[str, float],
    mean: float,
    most: int,
    weak: Mapping[str, float],
    taught: Mapping[str, float],
) -> Choice:
    lacking = {s.source: max(0.0, wanted[s.source] - s.samples - s.coming * gives[s.source]) for s in sources}
    needs = {s.source: math.ceil(lacking[s.source] / max(gives[s.source], LEAST_YIELD * mean)) for s in sources}
    fades = {s.source: min(1.0, gives[s.source] / (HARDLY * mean)) for s in sources}
    weights = {name: need * fades[name] * weak[name] * taught[name] for name, need in needs.items()}
    amounts = quotas({s.source: min(needs[s.source], _left(s)) for s in sources}, weights, most)
    reasons = {}
    for s in sources:
        words = _why(s, wanted[s.source], gives[s.source], needs[s.source], weak[s.source], taught[s.source])
        if (amount := amounts.get(s.source, 0)) < min(needs[s.source], _left(s)):
            words += f"; the batch has room for {amount:,}"
        reasons[s.source] = words + (
            "; its images give hardly anything" if needs[s.source] and fades[s.source] < 1 else ""
        )
    return dict(amounts), weights, reasons


def _mean_yield(sources: Sequence[Evidence]) -> float:
    """Samples an image over all sources, shrunk towards what is assumed before anything was made; never 0."""
    images, samples = sum(s.images for s in sources), sum(s.samples for s in sources)
    return (samples + PRIOR_IMAGES * FIRST_YIELD) / (images + PRIOR_IMAGES)


def _wanted(sources: Sequence[Evidence], gives: Mapping[str, float], target: int) -> dict[str, int]:
    """Rows of each source in a release of the target size, as far as the source can give them at all."""
    reach = {s.source: s.samples + int((s.coming + s.taken + _left(s)) * gives[s.source]) for s in sources}
    for s in sources:
        if s.quota == 0:
            reach[s.source] = s.samples
    return {s.source: 0 for s in sources} | quotas(reach, {s.source: s.share for s in sources}, target)


def _most(
    sources: Sequence[Evidence], limit: int | None, cost: float | None, cost_per_image: float | None
) -> int | None:
    """Images that the batch may take in all; None where nothing limits it."""
    own = [s.quota for s in sources if s.quota != 0]
    limits = [limit] if limit is not None else [] if None in own else [sum(q for q in own if q is not None)]
    if cost is not None and cost_per_image:
        limits.append(int(cost / cost_per_image))
    return min(limits, default=None)


def _fixed(sources: Sequence[Evidence], most: int | None) -> Choice:
    """The quotas of the settings; where a limit is below their sum, cut in proportion."""
    own = {s.source: s.quota for s in sources}
    bounded = {name: quota for name, quota in own.items() if quota is not None}
    weights = dict.fromkeys(own, 1.0)
    if most is None or (len(bounded) == len(own) and sum(bounded.values()) <= most):
        return own, weights, dict.fromkeys(own, "as the settings say")
    largest = max([most, *bounded.values()])
    asked = {name: largest if quota is None else quota for name, quota in own.items()}
    reason = f"as the settings say, cut to the batch's limit of {most:,} images"
    return dict(quotas(asked, asked, most)), weights, dict.fromkeys(own, reason)


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
    return ENDLESS if source.untaken is None else source.untaken


def _why(source: Evidence, wanted: int, gives: float, needed: int, weak: float, taught: float) -> str:
    """The reason of a quota by targets, in words."""
    if not source.share:
        return "has no share of the release"
    if source.untaken == 0:
        return "no image is left that no batch has taken"
    if not needed:
        coming = f" and {source.coming:,} images under way" if source.coming else ""
        return f"has its {wanted:,} rows: {source.samples:,} samples{coming}"
    coming = f", {source.coming:,} images under way" if source.coming else ""
    words = (
        f"{source.samples:,} of {wanted:,} rows{coming}; an image gives {gives:.2f}, so {needed:,} images are lacking"
    )
    words += told(source, weak, taught)
    if source.untaken is not None and source.untaken < needed:
        words += f"; {source.untaken:,} are left"
    return words
