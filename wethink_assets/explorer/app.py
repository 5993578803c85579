"""The explorer's pages as a web application (Starlette, ASGI): addresses, and what each of them shows.

Belongs here: routes, the choice of what a page is given, errors as pages. Does not belong here: reading rows (items.py,
row.py), counting (facets.py), HTML (templates/), what protects it (guard.py), the server (serve.py).

Pages are made in threads of the server: what is slow about them is the lake.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from resources.lake.store import LakeError
from wethink_assets.explorer import audit_pages, map_pages
from wethink_assets.explorer.audit_pages import AuditPages
from wethink_assets.explorer.compare_pages import ComparePages
from wethink_assets.explorer.current import Current, State
from wethink_assets.explorer.facets import Facet, narrow
from wethink_assets.explorer.guard import Guard
from wethink_assets.explorer.items import OPEN, Items
from wethink_assets.explorer.lineage_picture import picture_of
from wethink_assets.explorer.map_pages import MapPages
from wethink_assets.explorer.pictures import NoPictureError, PictureError, Pictures
from wethink_assets.explorer.query import Query
from wethink_assets.explorer.render import render
from wethink_assets.explorer.responses import message_of, page_of
from wethink_assets.explorer.row import View, call_view, image_view, item_view, question_view
from wethink_assets.explorer.subjects import OF_ITEM, OF_QUESTION, Subject, subjects
from wethink_assets.lineage import family
from wethink_assets.lineage.lineage import Lineage
from wethink_assets.lineage.rows import ScannedRows
from wethink_assets.presentation.row_links import row_path

PAGE = 60  # rows
SHOWN_VALUES = 8  # of a facet, before it is opened
_STATIC = {
    "explorer.css": "text/css",
    "explorer.js": "text/javascript",
    "audit.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_KEPT = "private, max-age=31536000, immutable"  # of pictures, whose address is the hash of their image


class Explorer:
    """The pages over one lake."""

    def __init__(
        self,
        current: Current,
        lineage: Lineage,
        small: Pictures,
        large: Pictures,
        compare: ComparePages,
        audit: AuditPages,
        pictures: MapPages,
    ) -> None:
        self._current, self._lineage, self._small, self._large = current, lineage, small, large
        self._compare, self._audit, self._map = compare, audit, pictures
        self._walking = threading.Lock()  # a session of walks is for one thread at a time
        folder = Path(__file__).parent / "static"
        self._static = {name: (folder / name).read_bytes() for name in _STATIC}

    def get_ready(self) -> None:
        """Start workers, and make the indexes that walks need: half a minute on a lake of millions of calls, once."""
        self._small.get_ready()
        with self._walking:
            self._lineage.refresh()

    def application(self) -> Guard:
        """What an ASGI server runs."""
        routes = [
            Route("/", self.overview),
            Route("/rows", self.rows),
            Route("/row/{name:path}", self.row),
            Route("/compare/releases", self._compare.releases),
            Route("/compare/policies", self._compare.policies),
            Route(map_pages.PAGE, self._map.page),
            Route(audit_pages.PAGE, self._audit.page),
            Route(audit_pages.JUDGE, self._audit.judge, methods=["POST"]),
            Route(audit_pages.UNDO, self._audit.undo, methods=["POST"]),
            Route("/picture/{image_id}", self.picture),
            Route("/picture/{image_id}/large", self.large_picture),
            Route("/static/{name}", self.static),
        ]
        handlers: dict[Any, Callable[..., Response]] = {
            404: lambda _, __: message_of(404, "Nothing here", "There is no such page."),
            LakeError: lambda _, error: message_of(503, "The lake cannot be read", str(error)),
        }
        return Guard(Starlette(routes=routes, exception_handlers=handlers), writes=audit_pages.WRITES)

    def overview(self, request: Request) -> Response:
        state = self._current.state()
        own = state.overview
        return page_of(
            "overview.html",
            here="/",
            snapshot=state.items.snapshot,
            most=max((stage["rows_in"] for stage in own.stages), default=0),
            **vars(own),
        )

    def rows(self, request: Request) -> Response:
        state = self._current.state()
        query = query_of(request, state)
        found = self._found(state, query)
        pages = max(1, -(-len(found.rows) // PAGE))
        query = replace(query, page=min(query.page, pages), at=None)
        first = (query.page - 1) * PAGE
        rows = state.items.rows(found.rows[first : first + PAGE])
        self._small.expect(row["image_id"] for row in rows if row["image_id"])
        for place, row in enumerate(rows, first):
            row["address"] = replace(query, page=1, at=place).text()
        return page_of(
            "rows.html",
            here="/rows",
            snapshot=state.items.snapshot,
            words=query.words,
            on_map=replace(query, page=1).address(map_pages.PAGE),
            no_words=replace(query, words="", page=1).address(),
            chosen=any(query.chosen.values()) or bool(query.words),
            total=len(found.rows),
            all=len(state.items),
            rows=rows,
            facets=[_facet(one, query, found.counts[one.name]) for one in state.items.facets],
            page=query.page,
            pages=pages,
            before=replace(query, page=query.page - 1).address() if query.page > 1 else "",
            after=replace(query, page=query.page + 1).address() if query.page < pages else "",
        )

    def row(self, request: Request) -> Response:
        name = request.path_params["name"]
        with self._walking:
            made = self._lineage.rows(lambda rows: _read(rows, name))
        if isinstance(made, list):
            told = "Several rows go by this name." if made else "No image, question, sample, call or item goes by it."
            return message_of(
                300 if made else 404,
                f"{len(made)} rows" if made else "No such row",
                f"{name[:200]}: {told}",
                [(one.kind, one.id) for one in made],
            )
        subject, page, view = made
        if page == "elsewhere":
            return RedirectResponse(_elsewhere(subject), 303)
        state = self._current.state()
        outcome, others = _of_picture(state.items, subject, view)
        return page_of(
            "row.html",
            snapshot=state.items.snapshot,
            subject=subject,
            page=page,
            v=view,
            outcome=outcome,
            others=others[:PAGE],
            picture=picture_of(view, subject.id, others) if page in ("question", "image") else None,
            **self._beside(state, query_of(request, state)),
        )

    def _beside(self, state: State, query: Query) -> dict[str, Any]:
        """The rows before and after this one in the choice that led to it."""
        blank = {"up": "", "before": "", "after": "", "place": 0, "of": 0}
        if query.at is None:
            return blank
        found = self._found(state, query).rows
        if query.at >= len(found):
            return blank
        around = {}
        for name, at in (("before", query.at - 1), ("after", query.at + 1)):
            if 0 <= at < len(found):
                row_id = state.items.rows(found[at : at + 1])[0]["id"]
                around[name] = f"{row_path(row_id)}?{replace(query, page=1, at=at).text()}"
        up = replace(query, at=None, page=query.at // PAGE + 1).address()
        return {**blank, **around, "up": up, "place": query.at + 1, "of": len(found)}

    def picture(self, request: Request) -> Response:
        return _picture(self._small, request)

    def large_picture(self, request: Request) -> Response:
        return _picture(self._large, request)

    def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._static:
            return Response(status_code=404)
        data = self._static[name]
        tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        headers = {"etag": tag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(data, media_type=_STATIC[name], headers=headers)

    def _found(self, state: State, query: Query) -> Any:
        also = self._current.having(state.items, query.words) if query.words else None
        return narrow(state.items.facets, query.chosen, len(state.items), also)


def query_of(request: Request, state: State) -> Query:
    return Query.of(request.query_params.multi_items(), (one.name for one in state.items.facets))


def _facet(facet: Facet, query: Query, counts: dict[str, int]) -> dict[str, Any]:
    chosen = query.chosen.get(facet.name, ())
    values = [
        {"name": v, "rows": counts[v], "chosen": v in chosen, "address": query.toggled(facet.name, v).address()}
        for v in facet.values
    ]
    return {
        "name": facet.name,
        "title": facet.title,
        "values": values,
        "chosen": bool(chosen),
        "without": query.without(facet.name).address(),
        "first": SHOWN_VALUES if len(values) > SHOWN_VALUES + 2 else len(values),
        "open": any(v["chosen"] for v in values[SHOWN_VALUES:]),
    }


def _read(rows: ScannedRows, name: str) -> tuple[Subject, str, View] | list[Subject]:
    """The one row of this name, the kind of its page and what is on it; or all rows that it may name, or none."""
    found = subjects(rows, name)
    if len(found) != 1:
        return found
    subject = found[0]
    if subject.kind in ("release", "policy"):
        return subject, "elsewhere", {}
    if subject.kind == "call":
        return subject, "call", call_view(rows, subject.id)
    if subject.kind == OF_ITEM:
        return subject, "item", item_view(rows, subject.id)
    if subject.kind in OF_QUESTION and subject.image_id:
        sample = subject.id if subject.kind == "released row" else None
        return subject, "question", question_view(rows, subject.image_id, subject.question_id, sample)
    if subject.image_id:
        return subject, "image", image_view(rows, subject.image_id)
    return subject, "stopped", {"stops": family.verdicts(rows, [subject.id])}


def _elsewhere(subject: Subject) -> str:
    """The page of a release: its rows; of a policy: its answers beside another's."""
    if subject.kind == "release":
        return f"/rows?release={quote(subject.id)}"
    return f"/compare/policies?new={quote(subject.id)}"


def _of_picture(items: Items, subject: Subject, view: View) -> tuple[str, list[dict[str, Any]]]:
    """What became of the row, and of the other questions about its picture."""
    image_id = view.get("image_id")
    own = {subject.id, view.get("question", {}).get("question_id"), view.get("sample", {}).get("sample_id")}
    rows = items.rows(np.flatnonzero((items.frame["image_id"] == image_id).fill_null(False))) if image_id else []
    mine = [row for row in rows if {row["id"], row["question_id"]} & own]
    others = [row for row in rows if row not in mine and row["kind"] in ("sample", "question")]
    return mine[0]["outcome"] if mine else OPEN, others


def _picture(pictures: Pictures, request: Request) -> Response:
    try:
        data = pictures.jpeg(request.path_params["image_id"])
    except NoPictureError as error:
        return Response(str(error), 404, media_type="text/plain")
    except PictureError as error:  # for a page there is a picture all the same, which says why
        return Response(render("no_picture.svg", why=str(error)), media_type="image/svg+xml")
    return Response(data, media_type="image/jpeg", headers={"cache-control": _KEPT})
