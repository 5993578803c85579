"""The gate on gates: none below the floors of [gates] where a truth is known.

Belongs here: reading the measured shares back and holding them against the floors. Pure.
Does not belong here: measuring (counting.py).
"""

from __future__ import annotations

from typing import Any

from wethink_assets.gates import Gate, Outcome, Scope

UNKNOWN = (
    "no truth known: nothing says how many of the dropped rows were bad, or how many bad ones stayed. "
    "`wethink audit` estimates what is left"
)


def _above_floor(scope: Scope) -> Outcome:
    floors = scope.settings.gates
    rows = scope.lake.rows("gate_quality/select_quality")
    if not any(row["bad_rows"] is not None for row in rows):
        return Outcome(False, UNKNOWN, {"gates": len(rows)}, warn=True)
    below: list[str] = []
    values: dict[str, Any] = {"gates": len(rows)}
    for row in rows:
        for name, at, least in (
            ("precision", "precision", floors.least_precision),
            ("aimed_recall", "aimed", floors.least_recall),
        ):
            if row[name] is None:
                continue
            values[f"{row['gate']}_{name}"] = round(row[name], 4)
            if row[f"{at}_high"] < least:
                in_words = "of what it drops is bad" if at == "precision" else "of its defect is found"
                below.append(f"{row['gate']}: {row[name]:.0%} {in_words}, at most {row[f'{at}_high']:.0%} is likely")
    measured = len({name.removesuffix("_precision").removesuffix("_aimed_recall") for name in values} - {"gates"})
    told = "; ".join(below) or f"{measured} of {len(rows)} gates measured against planted truth, none below its floor"
    return Outcome(not below, told, values, warn=not floors.blocking)


QUALITY_GATES = (
    Gate(
        "gate_quality_floor",
        "Gates that drop good rows or miss the defect they are made for, where a truth is known. Where none is, it "
        "says so and does not pass. An error with [gates] blocking, else a warning.",
        _above_floor,
        blocking=True,
    ),
)
