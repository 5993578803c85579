"""Confirmation of candidates (near-duplicate verification): which of the images with close hashes is the same picture.

Belongs here: looking at candidates in the order of their hashes, cheapest look first, and remembering what was seen.
Does not belong here: the search (near_duplicates.py), the measure (same_picture.py), what a verdict leads to (pool.py,
contamination.py, gates.py).

Pictures are read for candidates only. What is kept of each is a signature of 5 KB, which tells most strangers of one
template apart; so memory stays bounded, and a crowd of look-alikes costs one reading of each and few full looks.
Ids are hashes of bytes: what was seen of them is true for a later look too.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

from wethink_assets.images.pictures import Pictures, Rows, Unseen
from wethink_assets.images.same_picture import PIXELS, Difference, difference
from wethink_assets.images.signatures import Signature, Surroundings, are_strangers, signature
from wethink_assets.settings import Settings

MOST_LOOKS = 40  # full comparisons for one image [D]; its closest candidates come first
REMEMBERED = 100_000  # pairs of a process, so that a check costs no second look [D]: about 30 MB
SIGNATURES = 15_000  # pictures of a process [D]: about 80 MB

How = Literal["copy", "looks_like", "unreadable", "unconfirmed"]


@dataclass(frozen=True)
class Seen:
    """`copy`: of `other_id`. `looks_like`: no candidate is a copy; `other_id` is the closest one.

    `unreadable`: the image itself has no picture any more; `unconfirmed`: `other_id` has none, and no other one is a
    copy. `reason` and `detail` then say why.
    """

    how: How
    other_id: str
    detail: str = ""
    reason: str = ""


_remembered: OrderedDict[tuple[str, str], Difference] = OrderedDict()
_signatures: OrderedDict[str, Signature] = OrderedDict()


class Confirmation:
    """Looks at pictures of a lake. A context, since a decoder process serves it."""

    def __init__(self, lake: Rows, settings: Settings) -> None:
        self._pictures = Pictures(lake, settings, PIXELS)
        self.compared = 0

    def __enter__(self) -> Confirmation:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pictures.__exit__(kind, error, at)

    @property
    def decoder_pid(self) -> int | None:
        """Of the process that opens the files, once it was started."""
        return self._pictures.decoder_pid

    def expect(self, image_ids: Iterable[str]) -> None:
        """These will be asked for."""
        self._pictures.expect(image_ids)

    def judge(self, image_id: str, others: Sequence[str]) -> Seen:
        """The first of `others`, which come closest first, of which the image is a copy."""
        looks, unseen, around = 0, None, None
        for other in others:
            pair = (min(image_id, other), max(image_id, other))
            left = _remembered.get(pair)
            if left is None:
                mine = self._signature(image_id)
                if isinstance(mine, Unseen):
                    return Seen("unreadable", others[0], mine.detail, mine.reason)
                theirs = self._signature(other)
                if isinstance(theirs, Unseen):
                    unseen = unseen or (other, theirs)
                    continue
                around = around or Surroundings(mine)
                if are_strangers(around, theirs):
                    continue
                looks += 1
                left = self._compared(*pair)
                if isinstance(left, Unseen):  # lost since its signature was made
                    unseen = unseen or (other, left)
                    continue
            if left.is_copy:
                return Seen("copy", other, str(left))
            if looks == MOST_LOOKS:
                break
        if unseen is not None:
            other, why = unseen
            return Seen("unconfirmed", other, f"its picture cannot be read again: {why.detail}", why.reason)
        return Seen("looks_like", others[0])

    def _signature(self, image_id: str) -> Signature | Unseen:
        known = _signatures.get(image_id)
        if known is None:
            picture = self._pictures.get(image_id)
            if isinstance(picture, Unseen):
                return picture
            known = _signatures[image_id] = signature(picture)
            if len(_signatures) > SIGNATURES:
                _signatures.popitem(last=False)
        return known

    def _compared(self, first: str, second: str) -> Difference | Unseen:
        """In the order of their ids, whichever was asked for, so that the verdict is the same in every batch."""
        pictures = []
        for image_id in (first, second):
            picture = self._pictures.get(image_id)
            if isinstance(picture, Unseen):
                return picture
            pictures.append(picture)
        self.compared += 1
        left = _remembered[first, second] = difference(*pictures)
        if len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
        return left
