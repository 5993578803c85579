"""Plans of every statement on a lake with the statistics of a release: no products, no join on the batch alone.

The lake is a twentieth of a release of 120,000. DuckLake's estimates are shares of the rows that a table has, so that
all but a few plans are those of the whole release (`benchmarks/statements.py` names the few).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

from resources.lake.sql_files import SQL_DIR, statement, tables
from resources.lake.store import LakeStore, Write
from resources.lake.writes import apply_write
from tests.conftest import PROJECT_ROOT
from tests.contracts import sql_readers
from tests.contracts.query_plans import FEW_VALUES, Operator, plan_of, problems
from tests.contracts.statement_parameters import VALUES, given
from tests.fresh_lakes import fresh_lake
from tests.lake_at_size import BATCHES, IMAGES_OF_A_RELEASE, fill, parameters

SELECTS = [n for n in sql_readers.statements() if re.match(r"(--.*\n)*(SELECT|WITH)\b", statement(n))]
SELECTS = [n for n in SELECTS if not n.startswith("archives/")]  # SQLite's

# Joins that the rules refuse and that give no more rows than they are given, with the reason.
ALLOWED = {
    "dataset/select_images_to_split": "growth_batches has one row a batch, releases one a release_id",
    "dataset/select_release_candidates": "growth_batches has one row a batch",
    "dataset/select_releases": "tags and policies are grouped to one row a release_id",
    "evaluation/find_policies": "policies has one row a policy_id",
    "explorer/select_memberships": "releases has one row a release_id",
    "explorer/select_policies": "steps and headline numbers are grouped, or one row, a policy_id",
    "growth/select_trained_policies": "releases has one row a release_id",
    "evaluation/select_policies": "policies and promotions have one row a policy_id, a set one headline number of it",
    "images/find_repeated_questions": "boilerplate is a few n-grams, and runs are what is left of all questions",
    "quality/count_recorded_stops": "both sides have one row an asset of the batch",
    "summary/select_scoreboard": "a set has one headline number of a policy",
    "summary/select_stages": "both sides have one row an asset and batch",
    "synthesis/select_descriptions_to_question": "the abilities of a batch are one row, an aggregate without groups",
    "synthesis/select_calls_over_batches": "both sides have one row a batch",
    "training/select_current_policy": "one row of materializations, and policies has one row a policy_id",
    "dataset/select_latest_release": "one row of materializations, and releases has one row a release_id",
}

BEFORE = """
SELECT q.question_id, q.image_id, q.question, q.category, q.options, r.text
FROM valid_questions v
JOIN questions q ON q.question_id = v.question_id AND q.batch = v.batch
JOIN refined_descriptions r ON r.refined_id = q.refined_id AND r.batch = q.batch
WHERE v.batch = $batch
ORDER BY q.image_id, q.position
"""


class Plans:
    """A filled lake, in one read transaction."""

    def __init__(self, con: duckdb.DuckDBPyConnection, sizes: dict[str, int]) -> None:
        self.con, self.sizes, self.values = con, sizes, VALUES | parameters(con)

    def of(self, name: str, text: str | None = None, **values: object) -> Operator:
        with given(self.con, name):
            return plan_of(self.con, text or statement(name), self.values | values)

    def wrong(self, name: str, text: str | None = None, **values: object) -> list[str]:
        return [f"sql/{name}.sql: {problem}" for problem in problems(self.of(name, text, **values), self.sizes)]


@pytest.fixture(scope="module")
def plans(tmp_path_factory) -> Iterator[Plans]:
    root = tmp_path_factory.mktemp("lake")
    store = LakeStore(*fresh_lake(root))
    sizes = fill(store, IMAGES_OF_A_RELEASE // 20)
    with store.connection() as con:
        con.begin()
        yield Plans(con, sizes)
        con.rollback()
    store.close()


def test_the_lake_has_rows_of_every_table(plans):
    assert plans.sizes.keys() == tables().keys() and all(plans.sizes.values())
    assert {c.name for t in tables().values() for c in t.columns} >= FEW_VALUES


def test_no_statement_joins_on_few_values_or_makes_more_rows_than_it_reads(plans):
    wrong = {name: plans.wrong(name) for name in SELECTS}
    assert len(SELECTS) > 90
    lines = [line for name, lines in wrong.items() for line in lines if name not in ALLOWED or " rows" in line]
    assert not lines, "\n".join(lines)
    stale = [name for name in ALLOWED if not wrong[name]]
    assert not stale, f"nothing is wrong with {stale}: take them from ALLOWED"


def test_the_batch_as_an_edge_between_tables_is_refused(plans):
    wrong = plans.wrong("synthesis/select_questions_to_answer", BEFORE, batch=BATCHES[-1])
    assert [line for line in wrong if "HASH_JOIN INNER on batch = batch: columns of few values alone" in line]
    assert [line for line in wrong if re.search(r"on batch = batch: [\d,]+ rows, and at most", line)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SELECT count(*) FROM (FROM images LIMIT 300) i, benchmark_images b", "CROSS_PRODUCT"),
        (
            "SELECT i.phash FROM (FROM images LIMIT 300) i JOIN images j ON i.phash > j.phash AND i.width <> j.width",
            "no key between",
        ),
        (
            "SELECT a.item FROM (FROM predictions LIMIT 9) a JOIN predictions b USING (policy_id, benchmark)",
            "few values alone",
        ),
        ("SELECT a.item FROM predictions a JOIN predictions b ON b.item = a.item", "rows, and at most"),
    ],
)
def test_other_products_are_refused(plans, text, problem):
    assert [line for line in plans.wrong("made/up", text) if problem in line]


class _Planned:
    """In the place of a connection: plans of what would be executed."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con, self.plans = con, {}
        self.register, self.unregister = con.register, con.unregister

    def execute(self, text: str, values: dict[str, object] | None = None) -> _Planned:
        self.plans[text] = plan_of(self._con, text, values or {}, run=False)
        return self

    def fetchone(self) -> None:
        return None


@pytest.mark.parametrize("name", ["calls", "verdicts", "item_scores", "images"])
def test_writes_look_for_their_rows_by_key(plans, name):
    table, planned = tables()[name], _Planned(plans.con)
    frame = plans.con.execute(f"SELECT * FROM {name} LIMIT 50").pl()
    batch = table.key[0]
    slices = [{batch: value, "run_id": "r"} for value in ("x", "y")]
    for write in (
        Write(name, frame, mode="add_missing"),
        Write(name, frame, mode="upsert"),
        Write(name, frame, replace=slices[0]),
        Write(name, frame, replace=slices),
    ):
        apply_write(planned, table, frame, write)
    wrong = [f"{text}: {line}" for text, plan in planned.plans.items() for line in problems(plan, plans.sizes)]
    assert len(planned.plans) == 5 and not wrong, "\n".join(wrong)


def test_no_statement_joins_two_tables_by_their_batches():
    """What a plan of one lake may not show: with other statistics the optimiser may take that edge alone."""
    folders = [SQL_DIR, *PROJECT_ROOT.glob("tests/extending/*/sql")]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.sql"))]
    edges = {
        path.relative_to(path.parents[1]).with_suffix("").as_posix(): match[0]
        for path in paths
        if (
            match := re.search(
                r"\b(\w+)\.batch (?:=|IS NOT DISTINCT FROM) (?!\1\b)\w+\.batch\b", path.read_text("utf-8")
            )
        )
    }
    assert len(folders) > 1 and edges.keys() == {
        "dataset/select_images_to_split",  # growth_batches has one row a batch
        "dataset/select_release_candidates",  # growth_batches has one row a batch
        "dataset/select_image_fates",  # by image or question, too: a verdict is on its own batch's row
        "dataset/select_question_fates",
        "growth/select_batches",  # EXISTS: one row at most
        "summary/select_stages",  # both sides have one row an asset and batch
    }
