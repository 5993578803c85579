"""`wethink doctor`: what is wrong with an installation, as lines or JSON.

Belongs here: the order of the looks, printing, the exit code. Does not belong here: the looks (health.py,
health_of_runs.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict

import click
from rich.console import Console

from wethink_assets.cli import health, health_of_runs
from wethink_assets.cli.errors import user_message
from wethink_assets.cli.health import Finding, fault
from wethink_assets.settings import Settings, load_settings

LOOKS: dict[str, Callable[[Settings, bool], Iterable[Finding]]] = {
    "configuration": health.configuration,
    "home": health.home,
    "disk": health.disks,
    "lake": health.lake,
    "sources": health.sources,
    "evaluation sets": health.sets,
    "Dagster": health_of_runs.dagster_storage,
    "runs": health_of_runs.runs,
    "leftovers": health_of_runs.leftovers,
}
COLOURS = {"fault": "red", "note": "yellow"}


def run_doctor(console: Console, *, fix: bool, endpoints: bool, as_json: bool) -> int:
    """Look at everything and say it; the exit code: 1 where a fault is left, else 0."""
    findings = list(health.machine())
    try:
        settings = load_settings()
    except (FileNotFoundError, ValueError) as error:
        findings.append(
            fault("configuration", "WETHINK_CONFIG and the environment", user_message(error), "correct what it names")
        )
    else:
        if settings.extensions:
            findings += health.extensions(settings)
        for name, look in LOOKS.items():
            try:
                findings += look(settings, fix)
            except Exception as error:  # noqa: BLE001 - one look that fails must not hide the others
                what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
                findings.append(fault(name, str(settings.home), f"the look itself failed: {what}", "report it"))
        if endpoints:
            findings += health.reachable(settings)
    left = [finding for finding in findings if finding.level == "fault" and not finding.fixed]
    if as_json:
        told = {"ok": not left, "findings": [asdict(f) for f in findings]}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return 1 if left else 0
    for finding in findings:
        mark = "mended" if finding.fixed else finding.level
        console.print(f"[{'green' if finding.fixed else COLOURS[finding.level]}]{mark:6}[/]", end=" ")
        told = f"{finding.what}: {finding.where}: {finding.detail}"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
        if not finding.fixed:
            console.print(f"       {finding.cure}", markup=False, highlight=False, soft_wrap=True)
    notes = sum(finding.level == "note" for finding in findings)
    mended = sum(finding.fixed for finding in findings)
    said = f"{len(left)} fault{'' if len(left) == 1 else 's'}, {notes} note{'' if notes == 1 else 's'}"
    console.print(f"{said}, {mended} mended" if fix else said, highlight=False)
    return 1 if left else 0
