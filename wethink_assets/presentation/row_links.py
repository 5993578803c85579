"""Links to single rows (deep links): the explorer's addresses, on asset pages and on its own.

Belongs here: how an address of a row, or of a choice of rows, is written. Pure. Does not belong here: what is shown
there (explorer/).
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from wethink_assets.presentation.markdown import cell


class Address(str):
    """An address that the UI shows as a link."""

    __slots__ = ()


def row_path(row_id: str) -> str:
    """The path of a row's page: ids of items hold colons, those of files slashes and anything else."""
    return f"/row/{quote(row_id, safe='')}"


def row_link(explorer: str, row_id: str, name: str = "") -> str:
    """Markdown link to a row's page below the explorer's address, by a name or the id's beginning.

    Without such an address the name alone.
    """
    shown = cell(name or row_id[:12])
    return f"[{shown}]({explorer}{row_path(row_id)})" if explorer else shown


def explorer_page(explorer: str, path: str = "/rows", **choice: str) -> dict[str, Address]:
    """Metadata with the address of a page, such as that of a batch's rows; empty where there is no explorer."""
    return {"explorer": Address(f"{explorer}{path}?{urlencode(choice)}")} if explorer else {}


def audit_page(explorer: str, release: str) -> dict[str, Address]:
    """Metadata with the address where a release's rows are judged; empty where there is no explorer."""
    return {"audit": Address(f"{explorer}/audit?{urlencode({'release': release})}")} if explorer else {}
