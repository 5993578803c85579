"""Contamination check (test-set leakage): finds benchmark questions in rows that were written and read back.

Belongs here: the rule of contamination.py once more, as set operations in SQL, for the blocking checks of the pool and
of written questions. Pure. Does not belong here: dropping anything (contamination.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import polars as pl

from resources.lake.database import Memory, database
from resources.lake.sql_files import statement
from wethink_assets.images.contamination import BOILERPLATE, LONG, MIN_WORDS, PART, SHARE, N, core, words

AT_ONCE = 16_384  # questions; the items are cut into n-grams anew for each such part [D]


@dataclass(frozen=True)
class Leak:
    """A row that repeats an item, as SET:item, and is there all the same."""

    subject: str
    item: str
    how: str


def leaked_questions(
    asked: Iterable[tuple[str, str]], items: Iterable[Mapping[str, Any]], memory: Memory | None = None
) -> list[Leak]:
    """Of `asked` (subject, question) those that repeat an item (benchmark, item, question), one leak per subject.

    Questions are compared `AT_ONCE` at a time, however many there are.
    """
    known = [(f"{i['benchmark']}:{i['item']}", i["question"]) for i in items]
    schema = {"item": pl.String, "words": pl.String}
    tables = {
        "items": pl.DataFrame([(n, " ".join(words(q))) for n, q in known], schema=schema, orient="row"),
        "cores": pl.DataFrame(
            [(n, " ".join(words(c))) for n, q in known if (c := core(q))], schema=schema, orient="row"
        ),
    }
    hits: dict[str, tuple[str, str]] = {}
    texts = ((subject, terms) for subject, question in asked if len(terms := words(question)) >= MIN_WORDS)
    with database(memory) as con:
        for name, table in tables.items():
            con.register(name, table.to_arrow())
        while some := list(islice(texts, AT_ONCE)):
            # A subject may ask several questions; each is compared for itself.
            numbered = [(str(n), " ".join(terms)) for n, (_, terms) in enumerate(some)]
            table = pl.DataFrame(numbered, schema={"subject": pl.String, "words": pl.String}, orient="row")
            con.register("asked", table.to_arrow())
            repeats = con.execute(
                statement("images/find_repeated_questions"),
                {
                    "n": N,
                    "long": LONG,
                    "part": PART,
                    "share": SHARE,
                    "min_words": MIN_WORDS,
                    "boilerplate": BOILERPLATE,
                },
            ).fetchall()
            hits |= {some[int(number)][0]: (item, how) for number, item, how in repeats}
    return [Leak(subject, item, how) for subject, (item, how) in sorted(hits.items())]
