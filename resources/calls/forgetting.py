"""Forgetting calls (cache invalidation): finished calls leave the ledger, so that the next run asks them again.

Belongs here: which calls, what asking them again may cost, and the change of the ledger. Does not belong here: the
wording (wethink_assets/cli/calls.py), look-ups (ledger.py).

A forgotten call goes to a table of its own in the same transaction: samples, predictions and releases name calls, and
what was paid stays counted. Asked again, it has the id that it had. Refusals that may pass (refusals.py) are counts
alone: they go, and with them what was set aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from resources.calls.budget import ASSUMED_IMAGE_TOKENS, ASSUMED_MAX_TOKENS, at_worst
from resources.calls.messages import CallsError
from resources.lake.store import Commit, LakeStore
from wethink_assets.settings import EndpointSettings, Settings


@dataclass(frozen=True)
class Which:
    """Which calls: failed ones, and with `replies_too` those that were answered well; no value of a field means any.

    Times are those at which a reply was complete: from `since` until before `until`.
    """

    errors: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    replies_too: bool = False

    def check(self) -> None:
        """Replies are what was paid for: they go only by a choice.

        Raises:
            CallsError: there is none, or it is of failed calls.
        """
        if not self.replies_too:
            return
        if self.errors:
            raise CallsError("--error names failed calls, and --replies-too those that were answered: give one of them")
        if not (self.endpoints or self.models or self.roles or self.since or self.until):
            raise CallsError(
                "--replies-too would forget every reply that was paid: say which, by --endpoint, --model, --role, "
                "--since or --until"
            )

    def parameters(self) -> dict[str, Any]:
        return {
            "errors": list(self.errors),
            "endpoints": list(self.endpoints),
            "models": list(self.models),
            "roles": list(self.roles),
            "since": self.since,
            "until": self.until,
            "replies_too": self.replies_too,
        }


@dataclass(frozen=True)
class Group:
    """Calls of one role, model and endpoint that ended alike. `kind`: their error, or "ok".

    `again`: what asking them again costs at most, at the dearest of the role's endpoints; None for served policies,
    which have no price.
    """

    role: str
    model: str
    endpoint: str
    kind: str
    calls: int
    paid: float
    first: datetime
    last: datetime
    again: float | None


def forgettable(lake: LakeStore, which: Which, settings: Settings) -> list[Group]:
    """What would be forgotten, the most first.

    Raises:
        CallsError: replies are to go, and nothing says which.
    """
    which.check()
    rows = lake.rows("calls/count_forgettable", assumed=ASSUMED_MAX_TOKENS, **which.parameters())
    shown = ("role", "model", "kind", "calls", "paid", "first", "last")
    return [
        Group(**{name: row[name] for name in shown}, endpoint=row["endpoint"] or "-", again=_again(row, settings))
        for row in rows
    ]


@dataclass(frozen=True)
class Refused:
    """Calls of one role, model and endpoint that were refused alike in `runs` runs, and never answered since.

    `aside`: that is as often as their role's endpoints allow, so that they are asked no more. `at_most`: what they may
    cost once they are answered. `detail`: what the last refusal said.
    """

    role: str
    model: str
    endpoint: str
    error: str
    runs: int
    calls: int
    at_most: float
    detail: str | None
    first: datetime
    last: datetime
    aside: bool


def refused_calls(lake: LakeStore, settings: Settings, which: Which | None = None) -> list[Refused]:
    """What was refused in a way that may pass, the most often refused first."""
    chosen = (which or Which()).parameters()
    del chosen["replies_too"]
    rows = lake.rows("calls/count_refused", **chosen)
    return [Refused(**row, aside=row["runs"] >= _allowed(row["role"], settings)) for row in rows]


def _allowed(role: str, settings: Settings) -> int:
    try:
        return max(choice.refused_runs for choice in settings.endpoints_of(role))
    except KeyError:  # served policies
        return EndpointSettings.model_fields["refused_runs"].default


def forget(lake: LakeStore, which: Which) -> int:
    """Forget them, and how often calls were refused, in one commit; how many finished ones there were.

    Raises:
        CallsError: replies are to go, and nothing says which.
        LakeError: the lake cannot be written; nothing was forgotten.
    """
    which.check()
    return lake.change(
        Commit("calls forget"),
        "calls/insert_forgotten",
        "calls/delete_forgotten",
        "calls/delete_refused",
        at=datetime.now(UTC),
        **which.parameters(),
    )


def _again(row: dict[str, Any], settings: Settings) -> float | None:
    """Every call at its worst: a byte of text is a token, and a repair follows (the ledger does not say where not)."""
    try:
        choices = settings.endpoints_of(row["role"])
    except KeyError:
        return None
    prompt = row["text_bytes"] + row["images"] * max(ASSUMED_IMAGE_TOKENS, row["image_tokens"] or 0)
    rooms = [row["calls"] * choice.thinking_tokens if choice.thinking else None for choice in choices]
    return max(
        at_worst(prompt, row["longest"], choice, room=room, repaired=True, calls=row["calls"]).cost
        for choice, room in zip(choices, rooms, strict=True)
    )
