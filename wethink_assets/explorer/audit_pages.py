"""Audit mode (annotation view): rows of a release judged one by one, and what that says of the whole release.

Belongs here: which row is shown to whom, and writing what they say of it. Does not belong here: the sample, the queue,
the estimate and the lake's rows (auditing/), whose a token is (auditors.py), HTML (templates/).
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import duckdb
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from resources.lake.store import LakeError, LakeStore, LakeWriteError
from wethink_assets.auditing.queue import Place, Queue
from wethink_assets.auditing.recorded import NotInReleaseError
from wethink_assets.auditing.sample import Stratum, draw
from wethink_assets.auditing.undoing import Undoing
from wethink_assets.auditing.verdicts import NOTE_CHARS, VERDICTS, Judged
from wethink_assets.dataset.catalogue import LATEST, UnknownReleaseError, release_named, releases
from wethink_assets.dataset.record import with_options
from wethink_assets.explorer.audit_report import report_of
from wethink_assets.explorer.auditors import Auditors
from wethink_assets.explorer.pictures import Pictures
from wethink_assets.explorer.responses import message_of, page_of

PAGE, JUDGE, UNDO = "/audit", "/audit/verdict", "/audit/undo"
WRITES = frozenset({JUDGE, UNDO})
MOST_BYTES = 12 * NOTE_CHARS + 4_096  # of a posted verdict: JSON may escape each character of a note as two of \uXXXX
MOST_ROWS = 20_000  # as `wethink audit draw`
AHEAD = 32  # rows that are read at once
PICTURES = 3  # that are made before they are asked for

Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """An address of the page. `release`: its name, empty for the latest; `again` in percent; `at`: the number to go on
    from; `row`: one row, judged or not.
    """

    release: str = ""
    rows: int = 200
    seed: int = 0
    again: int = 30
    at: int = 0
    row: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        """What is no number, or out of bounds, is the default or the nearest bound."""
        return cls(
            release=given.get("release", "")[:80],
            rows=_number(given.get("rows"), 200, 1, MOST_ROWS),
            seed=_number(given.get("seed"), 0, 0, 10**9),
            again=_number(given.get("again"), 30, 0, 100),
            at=_number(given.get("at"), 0, 0, MOST_ROWS),
            row=given.get("row", "")[:80],
        )

    def address(self, **more: str | int) -> str:
        choice = {"release": self.release, "rows": self.rows, "seed": self.seed, "again": self.again}
        return f"{PAGE}?{urlencode({**choice, **more})}"


class AuditPages:
    """The page, and the two ways to write: a verdict, and taking one back."""

    def __init__(self, lake: LakeStore, pictures: Pictures, auditors: Auditors) -> None:
        self._lake, self._pictures, self._auditors = lake, pictures, auditors
        self._verdicts = Undoing(lake)
        self._strata_of = lru_cache(2)(self._read_strata)  # of a release, whose rows never change
        self._sample = lru_cache(16)(self._draw)
        self._row = lru_cache(64)(self._read_rows)

    def page(self, request: Request) -> Response:
        given = request.headers.get("authorization")
        person = self._auditors.person(given)
        asked = Asked.of(request.query_params)
        known = releases(self._lake)[::-1]
        try:
            release = _release(self._lake, known, asked.release)
        except UnknownReleaseError as error:
            return message_of(404, "Nothing to audit", str(error)[:500])
        release_id = release["release_id"]
        asked = replace(asked, release=release_id)  # its links stay with this one when another becomes the latest
        stratum_of = self._strata_of(release_id)
        if asked.row and asked.row not in stratum_of:
            return message_of(404, "No such row", f"Release {release_id} holds no row {asked.row[:64]!r}.")
        sample, strata = self._sample(release_id, asked.rows, asked.seed), Counter(stratum_of.values())
        verdicts = [
            row | dict(zip(("source", "category"), stratum_of[row["sample_id"]], strict=True))
            for row in self._lake.rows("auditing/select_all_verdicts")
            if row["sample_id"] in stratum_of
        ]
        again = asked.again / 100 if person else 0.0
        queue = Queue(sample, verdicts, person or "", again=again, seed=asked.seed)
        place = queue.named(asked.row) if asked.row else queue.following(asked.at)
        if asked.row and place is None:
            place = _beside(asked.row, verdicts)
        rows = self._shown(release_id, place, queue)
        row = rows.get(place.sample_id) if place else None
        return page_of(
            "audit.html",
            here=PAGE,
            asked=asked,
            known=known,
            release=release,
            person=person,
            stale=bool(given) and person is None,
            writable=bool(self._auditors),
            queue=queue,
            place=place,
            row=row,
            verdicts=list(VERDICTS.items()),
            mine=_mine(verdicts, person, place),
            others=[v for v in verdicts if place and v["sample_id"] == place.sample_id and v["person"] != person],
            **report_of(verdicts, strata),
            **_ways(asked, queue, place),
        )

    async def judge(self, request: Request) -> Response:
        return await self._written(request, self._judge)

    async def undo(self, request: Request) -> Response:
        return await self._written(request, self._undo)

    async def _written(self, request: Request, write: Any) -> Response:
        person = self._auditors.person(request.headers.get("authorization"))
        if person is None:
            return _told(401, "open the link that `wethink explore` printed: this one is of nobody who may judge here")
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                return _told(413, f"a verdict has at most {MOST_BYTES:,} bytes")
        try:
            given = json.loads(body)
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            return _told(400, "a verdict is an object of texts")
        if odd := [name for name in ("release", "sample", "note") if not _plain(given.get(name, ""))]:
            return _told(400, f"{odd[0]} holds a character that no text holds (NUL, or half of a surrogate pair)")
        try:
            return await run_in_threadpool(write, person, given)
        except LakeError as error:
            return _told(503, str(error))
        except (LakeWriteError, duckdb.Error):  # its text tells of statements and rows, not of a cure
            logging.getLogger(__name__).exception("a verdict could not be written")
            return _told(500, "the lake did not take this: nothing was recorded. The explorer's terminal says why")

    def _judge(self, person: str, given: Mapping[str, str]) -> Response:
        verdict, release_id, sample_id = (given.get(name, "") for name in ("verdict", "release", "sample"))
        if verdict not in VERDICTS:
            return _told(400, f"a verdict is one of {', '.join(VERDICTS)}")
        # Only names that the lake has itself given go into a statement.
        if release_id not in {row["release_id"] for row in releases(self._lake)}:
            return _told(404, f"there is no release {release_id[:64]!r}")
        if sample_id not in self._strata_of(release_id):
            return _told(404, f"release {release_id} holds no row {sample_id[:64]!r}")
        try:
            note = given.get("note", "").strip()[:NOTE_CHARS]
            self._verdicts.record(release_id, person, Judged(sample_id, verdict, note))
        except NotInReleaseError as error:
            return _told(404, str(error))
        return Response(status_code=204)

    def _undo(self, person: str, given: Mapping[str, str]) -> Response:
        sample_id = given.get("sample", "")
        said = ((row["person"], row["sample_id"]) for row in self._lake.rows("auditing/select_all_verdicts"))
        if (person, sample_id) not in said or not self._verdicts.take_back(person, sample_id):
            return _told(404, "there is no verdict of yours on this row")
        return Response(status_code=204)

    def _read_strata(self, release_id: str) -> dict[str, Stratum]:
        """The stratum of every row of a release: 25 MB of 120,000."""
        known: dict[Stratum, Stratum] = {}
        rows = self._lake.read("auditing/select_drawn_rows", release_id=release_id).iter_rows()
        return {name: known.setdefault((source, category), (source, category)) for name, source, category in rows}

    def _draw(self, release_id: str, rows: int, seed: int) -> Sequence[Mapping[str, Any]]:
        """The sample that `wethink audit draw` draws of a release of which nothing was judged yet."""
        of = self._strata_of(release_id)
        known = [{"sample_id": name, "source": source, "category": category} for name, (source, category) in of.items()]
        return draw([known], Counter(of.values()), rows, seed=seed)

    def _shown(self, release_id: str, place: Place | None, queue: Queue) -> dict[str, Row]:
        """The row at this place; it and those that follow are read together, and their pictures begun."""
        if place is None:
            return {}
        first = place.number - place.number % AHEAD if place.number >= 0 else 0
        block = tuple(p.sample_id for p in queue.places[first : first + AHEAD]) if place.number >= 0 else ()
        rows = self._row(release_id, block or (place.sample_id,))
        following = [p.sample_id for p in queue.places if p.open and p.number > place.number][:PICTURES]
        self._pictures.expect(rows[name]["image_id"] for name in (place.sample_id, *following) if name in rows)
        return rows

    def _read_rows(self, release_id: str, ids: tuple[str, ...]) -> dict[str, Row]:
        """Rows of a release by id, each with its question apart from its options."""
        rows = self._lake.rows("auditing/select_shown_rows", release_id=release_id, ids=list(ids))
        for row in rows:
            row["question"], row["options"] = parted(row["problem"] or "", row["answer_typed"])
        return {row["sample_id"]: row for row in rows}


def _release(lake: LakeStore, known: Sequence[Row], name: str) -> Row:
    """The release of this name; without one the latest, or where none is, as in a lake of imported ones, the newest."""
    if (name or not known) and name not in {row["release_id"] for row in known}:
        return release_named(lake, name or LATEST)
    if name:
        return next(row for row in known if row["release_id"] == name)
    return next((row for row in known if LATEST in row["tags"]), known[0])


def parted(problem: str, answer_typed: str | None) -> tuple[str, list[str]]:
    """A problem's question and its options, where it ends with those of its typed answer; else all of it, and none."""
    try:
        options = [str(option) for option in json.loads(answer_typed or "{}").get("options") or []]
    except (ValueError, RecursionError, AttributeError, TypeError):
        options = []
    ending = with_options("", options)
    return (problem.removesuffix(ending), options) if options and problem.endswith(ending) else (problem, [])


def _beside(sample_id: str, verdicts: Sequence[Row]) -> Place:
    """A row that the sample does not hold, to be judged all the same."""
    said = {row["person"]: row["verdict"] for row in verdicts if row["sample_id"] == sample_id}
    return Place(-1, sample_id, said, True)


def _mine(verdicts: Sequence[Row], person: str | None, place: Place | None) -> Row:
    """This person's verdict on the row that is shown."""
    if not person or place is None:
        return {}
    found = (v for v in verdicts if v["sample_id"] == place.sample_id and v["person"] == person)
    return next(found, {})


def _ways(asked: Asked, queue: Queue, place: Place | None) -> dict[str, str]:
    """Addresses: of this row, after it is judged or skipped, of the row before it, of the one judged last."""
    if place is None:
        return {"here_now": asked.address(), "after": "", "before": "", "last": _of(asked, queue.last)}
    at = place.number + 1 if place.number >= 0 else asked.at
    earlier = queue.places[place.number - 1].sample_id if place.number > 0 else ""
    return {
        "here_now": _of(asked, place.sample_id),
        "after": asked.address(at=at),
        "before": _of(asked, earlier),
        "last": _of(asked, queue.last),
    }


def _of(asked: Asked, sample_id: str) -> str:
    return asked.address(row=sample_id) if sample_id else ""


def _number(text: str | None, default: int, least: int, most: int) -> int:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 12:
        return default
    return min(max(int(text), least), most)


def _plain(text: str) -> bool:
    """Whether a text can be kept: JSON may hold what UTF-8 cannot, and NUL, at which databases end a text."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _told(status: int, why: str) -> Response:
    return JSONResponse({"told": why}, status)
