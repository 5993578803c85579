"""Forms of a structured reply that one model at one server takes (JSON schema, JSON mode, text), as it turns out.

Belongs here: what was refused, or answered with nothing, and which form is tried next. Pure.
Does not belong here: how a form stands in a request (wire.py), asking again (dispatcher.py).

`structured_outputs` says with which form an endpoint begins. A form counts as refused only once the same request
succeeded without it: an error may have been about anything. The key of a call has no part in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from resources.calls.messages import CallFailedError, ModelRequest
from wethink_assets.settings import EndpointSettings

Form = Literal["json_schema", "json_object", "text"]
ORDER: tuple[Form, ...] = ("json_schema", "json_object", "text")
# Once is an accident that DeepSeek documents; a model that is always empty with a form costs one call more each time.
EMPTY_REPLIES = 3
_NAMED = re.compile(r"response.?format|json|schema|structured|guided|grammar", re.IGNORECASE)


class Forms:
    """The forms of one model at one server, shared by all roles that ask it. Belongs to one event loop."""

    def __init__(self) -> None:
        self._least = 0
        self._of_schema: dict[bytes, int] = {}
        self._taken: set[Form] = set()
        self._empty: dict[Form, int] = {}
        self.one_turn = False  # whether it refuses earlier turns of an assistant

    def first(self, request: ModelRequest, settings: EndpointSettings) -> Form:
        """The form with which to ask."""
        if request.schema is None or settings.structured_outputs is False:
            return "text"
        least = int(settings.structured_outputs == "json_object")
        return ORDER[max(least, self._least, self._of_schema.get(_key(request.schema), 0))]

    def may_be_refused(self, form: Form, failure: CallFailedError) -> bool:
        """Whether a failed request is worth asking again without its form."""
        if form == "text" or not failure.error.startswith("http_"):
            return False
        if _NAMED.search(failure.detail):
            return True
        return failure.error in ("http_400", "http_422") and form not in self._taken

    def refused(self, form: Form, request: ModelRequest) -> None:
        """The request succeeded without `form`: one schema may be at fault where others were taken."""
        level = ORDER.index(form) + 1
        if form == "json_schema" and form in self._taken and request.schema is not None:
            key = _key(request.schema)
            self._of_schema[key] = max(level, self._of_schema.get(key, 0))
        else:
            self._least = max(level, self._least)

    def answered(self, form: Form) -> None:
        self._taken.add(form)
        self._empty.pop(form, None)

    def empty(self, form: Form) -> None:
        """A reply was empty with `form`, and was not without it; `EMPTY_REPLIES` in a row are no accident."""
        self._empty[form] = self._empty.get(form, 0) + 1
        if self._empty[form] >= EMPTY_REPLIES:
            self._least = max(ORDER.index(form) + 1, self._least)


def next_form(form: Form) -> Form:
    return ORDER[min(ORDER.index(form) + 1, len(ORDER) - 1)]


def _key(schema: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(schema, order="sorted")
