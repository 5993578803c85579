"""Pages as HTTP responses.

Belongs here: what every page shares. Does not belong here: templates and escaping (render.py), routes (app.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import HTMLResponse, Response

from wethink_assets.explorer.render import render


def page_of(template: str, status: int = 200, **values: Any) -> Response:
    """The page of a template; `here` is the view of the navigation that it belongs to."""
    return HTMLResponse(render(template, **{"here": "", "words": "", **values}), status)


def message_of(status: int, head: str, told: str, choices: Sequence[tuple[str, str]] = ()) -> Response:
    """A page that says one thing; `choices` are the kinds and ids of rows to go on with."""
    return page_of("message.html", status, head=head, told=told, choices=choices)
