"""The map of pictures (embedding view): those of a choice of rows, look-alikes near one another, to be zoomed into.

Belongs here: which pictures are on it, and its addresses. Does not belong here: where a picture stands
(picture_map.py), HTML (templates/).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl
from starlette.requests import Request
from starlette.responses import Response

from resources.lake.store import LakeStore
from wethink_assets.explorer.current import Current, State
from wethink_assets.explorer.facets import narrow
from wethink_assets.explorer.picture_map import ACROSS, DEEPEST, DOWN, cells, path_of, places, text_of
from wethink_assets.explorer.pictures import Pictures
from wethink_assets.explorer.query import Query
from wethink_assets.explorer.responses import page_of
from wethink_assets.presentation.row_links import row_path

PAGE = "/map"
SIDE, GAP = 100, 6  # of a cell, in units of the picture


class MapPages:
    """The page over one lake."""

    def __init__(self, lake: LakeStore, current: Current, pictures: Pictures) -> None:
        self._lake, self._current, self._pictures = lake, current, pictures
        self._plane = lru_cache(1)(self._placed)

    def page(self, request: Request) -> Response:
        state = self._current.state()
        query = Query.of(request.query_params.multi_items(), (one.name for one in state.items.facets))
        way = path_of(request.query_params.get("zoom", ""))
        plane, frame = self._chosen(state, query)
        found = cells(plane, way)
        ids, sources = frame["image_id"].to_list(), frame["source"].to_list()
        self._pictures.expect(ids[cell.shown] for cell in found)
        shown = [
            {
                "x": cell.column * SIDE + GAP / 2,
                "y": cell.row * SIDE + GAP / 2,
                "pictures": cell.pictures,
                "image_id": ids[cell.shown],
                "source": sources[cell.shown] or "a set",
                "address": _address(query, [*way, (cell.column, cell.row)])
                if cell.pictures > 1 and len(way) < DEEPEST
                else row_path(ids[cell.shown]),
            }
            for cell in found
        ]
        return page_of(
            "map.html",
            here=PAGE,
            snapshot=state.items.snapshot,
            words=query.words,
            cells=shown,
            wide=ACROSS * SIDE,
            high=DOWN * SIDE,
            side=SIDE - GAP,
            pictures=sum(cell.pictures for cell in found),
            all=frame.height,
            up=_address(query, way[:-1]) if way else "",
            depth=len(way),
            rows=query.address(),
            chosen=[value for values in query.chosen.values() for value in values],
        )

    def _chosen(self, state: State, query: Query) -> tuple[np.ndarray, pl.DataFrame]:
        """Places and rows of the pictures that a choice leaves."""
        frame, plane = self._plane(state.items.snapshot)
        if any(query.chosen.values()) or query.words:
            also = self._current.having(state.items, query.words) if query.words else None
            rows = narrow(state.items.facets, query.chosen, len(state.items), also).rows
            kept = frame["image_id"].is_in(state.items.frame["image_id"][rows].drop_nulls().implode())
            marks = kept.to_numpy()
            return plane[marks], frame.filter(kept)
        return plane, frame

    def _placed(self, snapshot: int) -> tuple[pl.DataFrame, np.ndarray]:
        """Every picture of the pool with its place; made anew when the table of rows is."""
        frame = self._lake.read("explorer/select_picture_hashes")
        return frame, places(frame["phash256"].to_list())


def _address(query: Query, way: list[tuple[int, int]]) -> str:
    text = query.text()
    zoom = f"zoom={text_of(way)}" if way else ""
    return f"{PAGE}?{'&'.join(filter(None, (text, zoom)))}" if text or zoom else PAGE
