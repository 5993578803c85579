"""`wethink endpoints check`: the table.

Belongs here: which endpoints are asked, and shaping what was found. Does not belong here: the asking (resources/calls/check.py).
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
    chosen = [(role, choice) for role in roles or known for choice in settings.endpoints_of(role)]
    embedded = any(choice.base_url == EMBEDDED_TEACHER for _, choice in chosen)
    teacher = ""
    try:
        if embedded:
            teacher = sample_teacher.acquire(settings.truth_dir, settings.logs_dir)
    except CallsError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
    try:
        found = asyncio.run(_all(chosen, teacher))
    finally:
        if teacher and settings.truth_dir is not None:
            sample_teacher.release(settings.truth_dir)
    console.print(_table(found))
    for checked in found:
        for line in checked.advice:
            console.print(f"{checked.role}: {checked.url}: {line}", markup=False, highlight=False, soft_wrap=True)
    broken = [role for role in dict.fromkeys(c.role for c in found) if not any(c.ok for c in found if c.role == role)]
    bad = [c for c in found if not c.ok]
    console.print(
        f"{len(found) - len(bad)} of {len(found)} endpoints work"
        + (f"; roles without one: {', '.join(broken)}" if broken else ""),
        markup=False,
        highlight=False,
    )
    return 1 if broken else 0


async def _all(chosen: Sequence[tuple[str, EndpointSettings]], teacher: str) -> list[Checked]:
    async def one(role: str, choice: EndpointSettings) -> Checked:
        if choice.base_url != EMBEDDED_TEACHER:
            return await check(role, choice, choice.base_url)
        if teacher:
            return await check(role, choice, teacher)
        return Checked(role, choice, choice.base_url, advice=["the sample teacher could not be started"])

    return list(await asyncio.gather(*(one(role, choice) for role, choice in chosen)))


def _table(found: Sequence[Checked]) -> Table:
    table = Table(title="Model endpoints: one image request to each", title_justify="left")
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
        "batch",
        "ms",
        "cost",
    ):
        table.add_column(name, justify="right" if name in ("ms", "cost") else "left", overflow="fold")
    for c in found:
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
            c.batch,
            f"{c.latency_ms:.0f}" if c.answers else "",
            f"{c.cost:.6f}" if c.answers else "",
        )
    return table
