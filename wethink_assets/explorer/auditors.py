"""Who may write verdicts (bearer tokens): one secret for each person, made when the explorer starts.

Belongs here: making tokens, and whose a request's is. Does not belong here: what is written (audit_pages.py).

A token travels in the fragment of a link, which no browser sends, then in a header that the page's own script sets. A
cookie would go to every server on this machine, whatever its port, and with requests that other pages send.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

SCHEME = "Bearer "


class Auditors:
    """The people who judge rows in this explorer, and the links that make a browser theirs."""

    def __init__(self, persons: Iterable[str] = ()) -> None:
        self._tokens = {person: secrets.token_urlsafe(24) for person in dict.fromkeys(persons)}

    def __bool__(self) -> bool:
        return bool(self._tokens)

    def links(self, address: str) -> list[tuple[str, str]]:
        """Person and link, below an address such as `http://127.0.0.1:3200`."""
        return [(person, f"{address}/audit#token={token}") for person, token in self._tokens.items()]

    def person(self, authorization: str | None) -> str | None:
        """Whose token a header holds; None where it is nobody's."""
        if not authorization or not authorization.startswith(SCHEME):
            return None
        given = authorization.removeprefix(SCHEME).strip().encode()
        found = None
        for person, token in self._tokens.items():  # all of them, so that time tells nothing
            if secrets.compare_digest(given, token.encode()):
                found = person
        return found
