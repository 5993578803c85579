"""The kinds of sample scenes by name. A kind is a plan (what is true) and a paint (what is seen).

Belongs here: the table of kinds. Does not belong here: the plan or paint of any kind (the modules beside this one),
choosing one by seed (render.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from wethink_assets.demo.pack.kinds import art, charts, diagrams, outdoor, persons, science, solids, writing
from wethink_assets.demo.pack.palette import Canvas
from wethink_assets.demo.pack.scene import Scene


@dataclass(frozen=True)
class Family:
    plan: Callable[[Random], dict[str, Any]]
    paint: Callable[[Scene, Canvas], None]


FAMILIES: dict[str, Family] = {
    "photo": Family(outdoor.plan_photo, outdoor.paint_photo),
    "people": Family(persons.plan_people, persons.paint_people),
    "portrait": Family(persons.plan_portrait, persons.paint_portrait),
    "landmark": Family(outdoor.plan_landmark, outdoor.paint_landmark),
    "painting": Family(art.plan_painting, art.paint_painting),
    "book_cover": Family(art.plan_book, art.paint_book),
    "solids": Family(solids.plan_solids, solids.paint_solids),
    "sign": Family(writing.plan_sign, writing.paint_sign),
    "document": Family(writing.plan_document, writing.paint_document),
    "bar_chart": Family(charts.plan_bars, charts.paint_bars),
    "line_chart": Family(charts.plan_line, charts.paint_line),
    "pie_chart": Family(charts.plan_pie, charts.paint_pie),
    "food_web": Family(diagrams.plan_web, diagrams.paint_web),
    "parts": Family(diagrams.plan_parts, diagrams.paint_parts),
    "map": Family(science.plan_map, science.paint_map),
    "experiment": Family(science.plan_experiment, science.paint_experiment),
    "geometry": Family(science.plan_geometry, science.paint_geometry),
}
