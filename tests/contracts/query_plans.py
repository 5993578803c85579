"""What a query plan must not hold: products of tables, joins on next to nothing, more rows than went in.

Belongs here: reading DuckDB's profiled plans, and the rules for them. Does not belong here: the lake that they are made
on (tests/lake_at_size.py), parameters (statement_parameters.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

# Columns with few values: thousands of rows share one, so that a join on nothing else multiplies rows.
FEW_VALUES = frozenset(
    "batch asset run_id release_id policy_id policy_kind benchmark source category answer_type answerer split role "
    "model served_model endpoint prompt prompt_version status reward verdict reason licence format step".split()
)
# No operator makes, or is expected to make, more rows than this times those of the largest table that is read.
MOST = 8
SMALL = 1_000  # rows that no table is too small for

_PRODUCTS = {"CROSS_PRODUCT", "NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN", "PIECEWISE_MERGE_JOIN", "IE_JOIN"}
_MULTIPLYING = {"INNER", "LEFT", "RIGHT", "OUTER", "FULL"}  # the other kinds give each row once at most
_EQUALITY = re.compile(r"(.+?) (?:=|IS NOT DISTINCT FROM) (.+)")


@dataclass(frozen=True)
class Operator:
    """One operator of a plan; `rows` are those that it gave, 0 where it was not run."""

    name: str
    rows: int
    expected: int
    kind: str = ""
    conditions: tuple[str, ...] = ()
    table: str = ""
    children: tuple[Operator, ...] = field(default=())

    def all(self) -> Iterator[Operator]:
        yield self
        for child in self.children:
            yield from child.all()


def plan_of(con: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, Any], *, run: bool = True) -> Operator:
    """The plan of a statement, with the rows that each operator expects and, where it is to `run`, those it gave."""
    (parsed,) = duckdb.extract_statements(f"EXPLAIN ({'ANALYZE, ' if run else ''}FORMAT json) {text}")
    given = {p: values[p] for p in parsed.named_parameters}
    plan = json.loads(con.execute(parsed, given or None).fetchall()[0][1])
    return _operator(plan["children"][0] if run else plan[0])


def _operator(node: Mapping[str, Any]) -> Operator:
    info = node["extra_info"]
    conditions = info.get("Conditions", info.get("Condition", []))
    return Operator(
        name=(node.get("operator_name") or node["name"]).strip(),
        rows=node.get("operator_cardinality", 0),
        expected=int(info.get("Estimated Cardinality", 0)),
        kind=info.get("Join Type", ""),
        conditions=tuple([conditions] if isinstance(conditions, str) else conditions),
        table=info.get("Table", "").rpartition(".")[2],
        children=tuple(map(_operator, node["children"])),
    )


def problems(plan: Operator, sizes: Mapping[str, int]) -> list[str]:
    """What is wrong with a plan, one line each. `sizes`: rows of each table."""
    found = []
    leaves = [o for o in plan.all() if not o.children]
    most = MOST * max([SMALL, *(sizes.get(o.table, o.rows) for o in leaves)])
    for operator in plan.all():
        told = f"{operator.name} {operator.kind} on {' and '.join(operator.conditions) or 'nothing'}".replace("  ", " ")
        if operator.name in _PRODUCTS and not any(map(_is_one_row, operator.children)):
            found.append(f"{told}: no key between its two sides")
        elif operator.name.endswith("JOIN") and operator.kind in _MULTIPLYING and not _has_key(operator.conditions):
            found.append(f"{told}: columns of few values alone")
        if operator.rows > most:
            found.append(f"{told}: {operator.rows:,} rows, and at most {most:,} are allowed for what it reads")
        if operator.expected > most:
            found.append(f"{told}: {operator.expected:,} rows expected, and at most {most:,} are allowed")
    return found


def _has_key(conditions: tuple[str, ...]) -> bool:
    equal = [match for text in conditions if (match := _EQUALITY.fullmatch(text))]
    return any(not FEW_VALUES & {match[1], match[2]} for match in equal)


def _is_one_row(operator: Operator) -> bool:
    """An aggregate without groups, or what is computed from one."""
    if operator.name == "PROJECTION":
        return all(map(_is_one_row, operator.children))
    if operator.name == "CROSS_PRODUCT":
        return all(map(_is_one_row, operator.children))
    return operator.name == "UNGROUPED_AGGREGATE"
