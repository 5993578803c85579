"""`wethink endpoints check`: the health check of model endpoints, as a table.

Belongs here: which endpoints are asked, and shaping the outcome for a terminal.
Does not belong here: the check itself (resources/calls/check.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from resources.calls.check import SEEING, Checked, check
from resources.calls.messages import CallsError
from resources.workers import sample_teacher
from wethink_assets.settings import EMBEDDED_TEACHER, ROLES, EndpointSettings, Settings


class UnknownRoleError(ValueError):
    """No role has this name; the message lists all."""


def check_endpoints(console: Console, settings: Settings, roles: Sequence[str] = ()) -> int:
    """Ask every endpoint of the roles, all at once; the exit code: 0 where each role has one that works, else 1.

    Raises:
        UnknownRoleError: a role is none of ours.
    """
    known = [*ROLES, *(r for r in settings.endpoints if r not in ROLES)]
    if unknown := [r for r in roles if r not in known]:
        raise UnknownRoleError(f"no role {unknown[0]!r}; the roles are {', '.join(known)}")
    endpoints = [(role, endpoint) for role in roles or known for endpoint in settings.endpoints_of(role)]
    embedded = any(endpoint.base_url == EMBEDDED_TEACHER for _, endpoint in endpoints)
    teacher = ""
    try:
        if embedded:
            teacher = sample_teacher.acquire(settings.truth_dir, settings.logs_dir, settings.sample_teacher)
    except CallsError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
    try:
        outcomes = asyncio.run(_all(endpoints, teacher))
    finally:
        if teacher and settings.truth_dir is not None:
            sample_teacher.release(settings.truth_dir)
    console.print(_table(outcomes))
    for checked in outcomes:
        for line in checked.advice:
            console.print(f"{checked.role}: {checked.url}: {line}", markup=False, highlight=False, soft_wrap=True)
    working = {c.role for c in outcomes if c.ok}
    broken = [role for role in dict.fromkeys(c.role for c in outcomes) if role not in working]
    bad = [c for c in outcomes if not c.ok]
    console.print(
        f"{len(outcomes) - len(bad)} of {len(outcomes)} endpoints work"
        + (f"; roles without one: {', '.join(broken)}" if broken else ""),
        markup=False,
        highlight=False,
    )
    return 1 if broken else 0


async def _all(endpoints: Sequence[tuple[str, EndpointSettings]], teacher: str) -> list[Checked]:
    async def one(role: str, endpoint: EndpointSettings) -> Checked:
        if endpoint.base_url != EMBEDDED_TEACHER:
            return await check(role, endpoint, endpoint.base_url)
        if teacher:
            return await check(role, endpoint, teacher)
        return Checked(role, endpoint, endpoint.base_url, advice=["the sample teacher could not be started"])

    return list(await asyncio.gather(*(one(role, endpoint) for role, endpoint in endpoints)))


def _table(outcomes: Sequence[Checked]) -> Table:
    table = Table(
        title="Model endpoints: one image request to each, a hard question to those that think", title_justify="left"
    )
    for name in (
        "role",
        "state",
        "endpoint",
        "model",
        "served as",
        "sees images",
        "schema",
        "usage",
        "reasoning",
        "thought of the allowance",
        "batch",
        "ms",
        "cost",
    ):
        table.add_column(name, justify="right" if name in ("ms", "cost") else "left", overflow="fold")
    for c in outcomes:
        image = c.image if c.role in SEEING or c.image == "yes" else f"{c.image} (not needed)"
        table.add_row(
            c.role,
            "works" if c.ok else "fails",
            c.url,
            c.settings.model,
            c.served_model,
            image if c.answers else "",
            c.schema if c.answers else "",
            c.usage if c.answers else "",
            "yes" if c.reasoning else "",
            c.thinking,
            c.batch,
            f"{c.latency_ms:.0f}" if c.answers else "",
            f"{c.cost:.6f}" if c.answers else "",
        )
    return table
