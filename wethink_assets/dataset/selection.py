"""Stratified selection and train/held-out split: which samples a release takes, towards the target mix.

Belongs here: quotas and order. Pure: equal candidates give equal selections on every machine.
Does not belong here: how many rows of which kind a source gives (mix_selection.py), which side an image takes
(sides.py), reading samples, writing releases.

Growth is stable by construction: within a source, rows that a release held come first, in the order of their first
release; then rows of an earlier batch; then the order of a seeded hash. So a released row leaves only where its
source's quota shrinks, also when an earlier batch is filled later, or where released rows are let go.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from wethink_assets.dataset.mix import Mix
from wethink_assets.dataset.mix_outcome import Outcome, fullest, of_sources, outcomes
from wethink_assets.dataset.mix_selection import Cells, fill
from wethink_assets.dataset.sides import BRIDGE, HELDOUT, TRAIN, Sides, split_of

OVER_TARGET, OVER_MIX, NOT_IN_MIX = "over_target", "over_mix", "not_in_mix"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sample that may be selected; `batch_order` is the position of its growth batch, from 1.

    `first_released` orders samples by the first release that held them; None where none did. `marks` say what is known
    to be wrong with one that may be taken; `traits` are its values that a mix asks for.
    """

    sample_id: str
    image_id: str
    source: str
    batch_order: int = 1
    first_released: int | None = None
    marks: tuple[str, ...] = ()
    traits: int = 0

    @property
    def seniority(self) -> tuple[bool, int, int]:
        """Its claim to a place, the smallest first."""
        return self.first_released is None, self.first_released or 0, self.batch_order


@dataclass(frozen=True, slots=True)
class Selected:
    """A selected sample; `position` counts from 0 within its split, as in the exported file."""

    sample_id: str
    image_id: str
    source: str
    split: str
    position: int
    cluster_id: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selection:
    """The rows taken, in the order of the export, and the reasons of those left out by their ids.

    `outcomes` say what was wanted and taken of each source and value of the mix; `full`, by traits, which value there
    are enough of without the rows left out as `over_mix`.
    """

    rows: list[Selected]
    left_out: dict[str, str] = field(default_factory=dict)
    quotas: dict[str, int] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    full: dict[int, Outcome] = field(default_factory=dict)

    @property
    def release_id(self) -> str:
        """First 16 hex digits of the SHA-256 over sorted sample ids and splits: the same rows are the same release."""
        lines = sorted(f"{row.sample_id} {row.split}\n" for row in self.rows)
        return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def select(
    candidates: Iterable[Candidate],
    *,
    target: int,
    shares: Mapping[str, float],
    heldout_share: float,
    seed: int = 0,
    sides: Sides | None = None,
    mix: Mix | None = None,
    keep_released: bool = True,
) -> Selection:
    """Stratified selection of up to `target` rows by source, each with its split.

    `shares` are relative weights; a source without one, or with 0, is not in the mix. What a source cannot fill
    of its share goes to those that have more, in proportion to their shares. Within these quotas rows are taken towards
    `mix`, whose bits the candidates' traits are; what a release held comes first, unless not `keep_released`. An image
    that `sides` does not know is a cluster of its own.
    """
    sides, mix = sides or Sides(), mix or Mix()
    by_source: dict[str, list[Candidate]] = defaultdict(list)
    left_out: dict[str, str] = {}
    for candidate in candidates:
        if candidate.image_id in sides.bridges:
            left_out[candidate.sample_id] = BRIDGE
        elif shares.get(candidate.source, 0) > 0:
            by_source[candidate.source].append(candidate)
        else:
            left_out[candidate.sample_id] = NOT_IN_MIX
    available = {s: len(rows) for s, rows in by_source.items()}
    amounts = quotas(available, shares, target)
    for rows in by_source.values():
        rows.sort(key=lambda c: (c.seniority[0 if keep_released else 2 :], _rank(seed, c.sample_id)))
    counts, told = _counts(by_source, amounts, mix, keep_released)
    full = _full(told, {traits for _, traits in counts}, mix)
    taken: list[Candidate] = []
    for source, rows in sorted(by_source.items()):
        for candidate in rows:
            if counts[source, candidate.traits]:
                counts[source, candidate.traits] -= 1
                taken.append(candidate)
            else:
                left_out[candidate.sample_id] = OVER_MIX if candidate.traits in full else OVER_TARGET
    taken.sort(key=lambda c: _rank(seed, c.sample_id))
    places = {TRAIN: 0, HELDOUT: 0}
    selected = []
    for candidate in taken:
        image_id = candidate.image_id
        split = sides.split.get(image_id) or split_of(image_id, heldout_share, seed)
        cluster_id = sides.cluster.get(image_id, image_id)
        selected.append(
            Selected(candidate.sample_id, image_id, candidate.source, split, places[split], cluster_id, candidate.marks)
        )
        places[split] += 1
    return Selection(
        selected, left_out, amounts, [*of_sources(available, amounts, wanted(shares, target)), *told], full
    )


def wanted(shares: Mapping[str, float], target: int) -> dict[str, int]:
    """The rows that the sources in the mix should give of `target`, whatever they have."""
    return quotas({source: target for source, share in shares.items() if share > 0}, shares, target)


def _counts(
    by_source: Mapping[str, Sequence[Candidate]], amounts: Mapping[str, int], mix: Mix, keep_released: bool
) -> tuple[dict[tuple[str, int], int], list[Outcome]]:
    """How many rows are taken of each source and traits, of which `by_source` holds the candidates in their order."""
    sources = sorted(by_source)
    rows = []
    for place, source in enumerate(sources):
        first = by_source[source][: amounts[source]]
        available = Counter(c.traits for c in by_source[source])
        plain = Counter(c.traits for c in first)
        held = Counter(c.traits for c in first if keep_released and c.first_released is not None)
        rows += [(place, traits, n, held[traits], plain[traits]) for traits, n in available.items()]
    cells = Cells.of(rows, [amounts[source] for source in sources])
    taken = fill(cells, mix)
    keys = zip(cells.source.tolist(), cells.traits.tolist(), strict=True)
    counts = {(sources[s], traits): n for (s, traits), n in zip(keys, taken.tolist(), strict=True)}
    return counts, outcomes(cells, mix, taken)


def _full(told: Sequence[Outcome], traits: Iterable[int], mix: Mix) -> dict[int, Outcome]:
    """Of these traits those with a value that there are enough of, with the value."""
    of_value = dict(zip(mix.values, told, strict=True))
    found = {own: fullest(of_value, mix.named(own)) for own in traits}
    return {own: outcome for own, outcome in found.items() if outcome is not None}


def quotas(available: Mapping[str, int], shares: Mapping[str, float], target: int) -> dict[str, int]:
    """Quotas per source: water-filling of `target` in proportion to the shares, within what is available."""
    open_sources = sorted(s for s, n in available.items() if n > 0 and shares.get(s, 0) > 0)
    amounts = dict.fromkeys(sorted(available), 0)
    left = min(max(target, 0), sum(available[s] for s in open_sources))
    while open_sources and left > 0:
        weight = sum(Fraction(shares[s]) for s in open_sources)
        full = [s for s in open_sources if left * Fraction(shares[s]) / weight >= available[s]]
        if not full:
            amounts |= _largest_remainders({s: left * Fraction(shares[s]) / weight for s in open_sources}, left)
            break
        for source in full:
            amounts[source] = available[source]
        left -= sum(available[s] for s in full)
        open_sources = [s for s in open_sources if s not in full]
    return amounts


def _largest_remainders(exact: Mapping[str, Fraction], total: int) -> dict[str, int]:
    """Rounding by largest remainders: whole numbers near the exact ones that sum to `total`."""
    amounts = {s: int(value) for s, value in exact.items()}
    order: Sequence[str] = sorted(exact, key=lambda s: (amounts[s] - exact[s], s))
    for source in order[: total - sum(amounts.values())]:
        amounts[source] += 1
    return amounts


def _rank(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed} {text}".encode()).hexdigest()
