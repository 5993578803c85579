"""Near-duplicate questions (exact Jaccard similarity): rows that ask the same of the same in other words.

Belongs here: which row repeats which. Pure. Does not belong here: which images belong together (sides.py), the same
question about the same image (release.py), questions of evaluation sets (images/contamination.py).

Two rows are near-duplicates when all of this holds:
- their images are of one cluster, look-alikes or pages of one document; "What colour is the car?" of two pictures that
  have nothing to do with one another are two questions;
- at least `LEAST` of the runs of `WORDS` words in either question stand in both, without its options and without what
  only asks to look and to answer ("In the picture: …", "… Look closely."), which is much of a short question;
- they name the same numbers, and have the same answer; the answer of a choice is its option's text. Two charts of one
  template have other values, and "Is the left one larger?" and "Is the right one larger?" other answers. Descriptive
  answers are never the same by their text: such questions repeat one another where they are about the same image.

The first row in the order given stays. Texts of rows that share cluster, numbers and answer with no other are not kept.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wethink_assets.dataset.contamination import question_of
from wethink_assets.images.contamination import Gram, words
from wethink_assets.rewards.normalise import fold

REASON = "near_duplicate_question"
WORDS = 3  # of a shingle [D]
COLUMNS = ("sample_id", "image_id", "category", "problem", "answer")
LEAST = 0.7  # Jaccard similarity from which on two questions are one

# Words of a beginning or end that only asks to look at the picture, or to answer; those that join them; and those of
# these that an end leaves behind ("… in the" picture) [D].
_LOOKING = frozenset(
    "according answer answering based carefully chart closely consider depicted diagram displayed drawing examine "
    "figure given graph image look looking observe photo photograph picture please respond say scene screenshot see "
    "seen shown step tell think view visible".split()
)
_PLACING = frozenset("a as at by from in of on the this to with".split())
_JOINING = _PLACING | frozenset("and before first is me only then what whole you your".split())

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

Row = Mapping[str, Any]
Windows = Iterable[Sequence[Row]]


@dataclass(frozen=True)
class Repeats:
    """The row that a row repeats, and how similar both questions are."""

    other: str
    similarity: float

    def __str__(self) -> str:
        return f"its question is that of {self.other[:16]} with the same answer ({self.similarity:.2f} of their words)"


def repeated(
    read: Callable[[], Windows], cluster_of: Callable[[str], str], usable: Mapping[str, Any]
) -> dict[str, Repeats]:
    """The `usable` samples that repeat another one, which comes before them, by sample id.

    `read` gives rows with `COLUMNS`, in windows, and is called twice. `cluster_of` gives an image's cluster.
    """
    sizes = Counter(key for _, key in _keyed(read(), cluster_of, usable))
    groups: dict[bytes, _Group] = {}
    found: dict[str, Repeats] = {}
    for row, key in _keyed(read(), cluster_of, usable):
        if sizes[key] > 1 and (repeats := groups.setdefault(key, _Group()).add(row["sample_id"], shingles(row))):
            found[row["sample_id"]] = repeats
    return found


def shingles(row: Row) -> frozenset[Gram]:
    """The runs of words of a row's question; the whole question where it is shorter."""
    asked = bare(words(question_of(row)))
    return frozenset(asked[i : i + WORDS] for i in range(max(1, len(asked) - WORDS + 1)))


def bare(asked: Gram) -> Gram:
    """The words of a question without a beginning and an end that only ask to look at the picture, or to answer.

    A question that would keep less than two words stays as it is.
    """
    first = 0
    for place, word in enumerate(asked):
        if word in _LOOKING:
            first = place + 1
        elif word not in _JOINING:
            break
    last = len(asked)
    for place in range(len(asked) - 1, first - 1, -1):
        if asked[place] in _LOOKING:
            last = place
        elif asked[place] not in _JOINING:
            break
    while first < last < len(asked) and asked[last - 1] in _PLACING:
        last -= 1
    return asked[first:last] if last - first > 1 else asked


def answer_of(row: Row) -> str:
    """What two rows have in common that have the same answer: of a choice, the text of the right option."""
    if row["category"] == "MC":
        option = re.search(rf"^{re.escape(row['answer'])}\. (.*)$", row["problem"], re.MULTILINE)
        return fold(option[1] if option else row["answer"])
    return fold(row["answer"])


def _keyed(
    samples: Windows, cluster_of: Callable[[str], str], usable: Mapping[str, Any]
) -> Iterator[tuple[Row, bytes]]:
    for window in samples:
        for row in window:
            if row["sample_id"] in usable:
                yield row, _key(row, cluster_of(row["image_id"]))


def _key(row: Row, cluster: str) -> bytes:
    """What near-duplicates have in common, as 16 bytes."""
    about = ("image", row["image_id"]) if row["category"] == "DES" else (cluster, answer_of(row))
    text = "\0".join((*about, *sorted(_NUMBER.findall(question_of(row)))))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class _Group:
    """Rows that stay, of those with one key, by their shingles."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, int]] = []  # sample and number of its shingles
        self._holders: dict[Gram, list[int]] = {}

    def add(self, sample_id: str, own: frozenset[Gram]) -> Repeats | None:
        """What the row repeats most; where nothing, it stays."""
        shared = Counter(place for shingle in own for place in self._holders.get(shingle, ()))
        best, similarity = None, 0.0
        for place, common in sorted(shared.items()):
            value = common / (len(own) + self._kept[place][1] - common)
            if value > similarity:
                best, similarity = place, value
        if best is not None and similarity >= LEAST:
            return Repeats(self._kept[best][0], similarity)
        for shingle in own:
            self._holders.setdefault(shingle, []).append(len(self._kept))
        self._kept.append((sample_id, len(own)))
        return None
