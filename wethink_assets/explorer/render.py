"""Pages from templates (Jinja2), in which every value is escaped: rows are hostile.

Belongs here: the environment, and how numbers, texts and addresses are written. Does not belong here: what is on a page
(templates/), the reading of rows.

Every value of an expression is escaped, and control characters and those that turn text around are shown as signs. No
template takes a value for HTML.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from wethink_assets.evaluation.report.html import text
from wethink_assets.presentation.row_links import row_path

HERE = Path(__file__).parent
MOST_CHARS = 20_000  # of one text on a page


def escaped(value: Any) -> Markup:
    """A value as HTML text, safe between tags and within quoted attributes."""
    return value if isinstance(value, Markup) else Markup(text(value))  # noqa: S704  text() escapes


def number(value: float | None) -> str:
    """A count with thin groups, or a measurement with three digits."""
    if value is None:
        return "–"
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def words(value: str) -> str:
    """A code or name of a column as words."""
    return value.replace("_", " ")


def cut(value: Any, most: int = MOST_CHARS) -> str:
    """A text of at most so many characters, which says how many more there are."""
    given = "" if value is None else str(value)
    return given if len(given) <= most else f"{given[:most]}… {len(given) - most:,} characters more"


def short(value: Any, most: int) -> str:
    """The beginning of a name or id."""
    given = str(value)
    return given if len(given) <= most else f"{given[: most - 1]}…"


def money(value: float) -> str:
    """A cost with two digits, or as many as a small one needs; never as a power of ten."""
    return f"{value:,.2f}" if value >= 0.1 or value <= 0 else f"{value:.6f}".rstrip("0").rstrip(".")


def pretty(value: Any) -> str:
    """JSON, as text or as an object, over several lines; a text that is none, or is too deep, stays as it is."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
        return json.dumps(found, indent=2, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return str(value)


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        finalize=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"number": number, "money": money, "words": words, "row": row_path}
    made.filters |= {"splitlines": str.splitlines, "cut": cut, "short": short, "pretty": pretty}
    return made


def render(template: str, **values: Any) -> str:
    """The page of a template."""
    return _environment().get_template(template).render(**values)
