"""Fixtures that every room shares: a fresh lake, a small sample pack, settings that point at both."""

from __future__ import annotations

import functools
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT_ROOT = Path(__file__).resolve().parent.parent
if str(PROJECT_ROOT) not in sys.path:
    sys.path.insert(0, str(PROJECT_ROOT))

# The suite starts many real processes, each of which would else compile all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")
# No test may look into the home of whoever runs it; `make test` hands on the variables of `make demo`.
for name in [n for n in os.environ if n.startswith("WETHINK_") or n == "DAGSTER_HOME"]:
    if name != "WETHINK_TEST_TEAM":  # the one that a person sets for the suite: tests/test_team_graph.py
        del os.environ[name]

# Files that take longest begin first, so that no process works on one of them alone at the end.
LONGEST = (
    "training/test_policies.py",
    "test_graph.py",
    "synthesis/test_assets.py",
    "evaluation/test_assets.py",
    "cli/test_evaluate.py",
    "resources/lake/test_concurrency.py",
    "images/test_pool.py",
    "demo/pack/test_pack.py",
    "dataset/test_release.py",
    "resources/calls/test_ledger.py",
    "resources/calls/test_crashes.py",
    "resources/calls/test_terminated.py",
    "cli/test_run.py",
    "rewards/test_cases.py",
    "rewards/test_math_pool.py",
    "resources/storage/test_buckets.py",
    "jobs/test_sensors.py",
    "lineage/test_lineage.py",
    "resources/calls/test_id_index.py",
    "imports/test_import.py",
    "test_code_versions.py",
    "test_runs_at_once.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {str(PROJECT_ROOT / "tests" / name): place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(str(item.path), len(LONGEST)))


def pytest_configure(config: pytest.Config) -> None:
    from tests import cpu_seconds

    config.pluginmanager.register(cpu_seconds)
    _read_migrations_once()


def _read_migrations_once() -> None:
    """Read Dagster's migrations once per process: each new instance, of which the suite makes hundreds, executes all
    178 files of them to learn the name of the last.
    """
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    read = ScriptDirectory.from_config

    @functools.cache
    def of_folder(folder: str) -> ScriptDirectory:
        config = Config()
        config.set_main_option("script_location", folder)
        return read(config)

    ScriptDirectory.from_config = lambda config: of_folder(config.get_main_option("script_location"))


REALDATA = PROJECT_ROOT.parent / "shared" / "realdata"


@pytest.fixture
def lake(tmp_path):
    """A fresh embedded lake."""
    lake = _fresh_lake(tmp_path / "lake")
    yield lake
    lake.store.close()


@pytest.fixture(scope="module")
def _module_lake(tmp_path_factory):
    lake = _fresh_lake(tmp_path_factory.mktemp("lake"))
    yield lake
    lake.store.close()


def _fresh_lake(folder: Path):
    from resources.lake.resource import Lake
    from tests.fresh_lakes import fresh_lake

    catalog, data_path = fresh_lake(folder)
    return Lake.at(catalog, data_path)


@pytest.fixture
def ledger_lake(_module_lake):
    """A lake whose tables of model calls are empty: one per test module, to open it once."""
    tables = ("calls", "forgotten_calls", "call_reuse", "call_batches", "refused_calls")
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)  # one statement costs half of four
    with _module_lake.store.connection() as connection:
        for table, rows in zip(tables, connection.execute(f"SELECT {counts}").fetchone(), strict=True):
            if rows:
                connection.execute(f"DELETE FROM {table}")
    return _module_lake


@pytest.fixture(scope="session")
def tiny_pack(tmp_path_factory) -> Iterator[Path]:
    """A sample pack of 4 images per source, seed 11: `sources/`, `benchmarks/`, `truth/`; to be read, or copied.

    All tests share it. One that wrote into it would decide, by the order of files, what the others see.
    """
    from tests.shared_folders import shared_folder
    from wethink_assets.demo.pack.generate import generate

    root = shared_folder(tmp_path_factory, "pack", lambda to: generate(to, images_per_source=4, seed=11, workers=2))
    drawn = _files_of(root)
    yield root
    assert _files_of(root) == drawn, "a test wrote into the pack that all tests read"


def _files_of(root: Path) -> dict[str, tuple[int, int]]:
    return {str(p.relative_to(root)): (p.stat().st_size, p.stat().st_mtime_ns) for p in root.rglob("*") if p.is_file()}


@pytest.fixture
def tiny_settings(tiny_pack, tmp_path):
    """Settings of an installation in `tmp_path`, with a fresh lake, that reads the tiny pack; its teacher writes into
    its own `truth/`.
    """
    from tests.fresh_lakes import fresh_lake_of
    from wethink_assets.settings import Settings

    shutil.copytree(tiny_pack / "truth", tmp_path / "home" / "truth")
    settings = Settings(
        home=tmp_path / "home",
        sources_root=tiny_pack / "sources",
        benchmarks_root=tiny_pack / "benchmarks",
        truth_root=tmp_path / "home" / "truth",
    )
    fresh_lake_of(settings)
    return settings


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Real samples of sources and benchmarks, where the machine has them."""
    if not REALDATA.is_dir():
        pytest.skip("no folder shared/realdata beside the project: real samples are not on this machine")
    return REALDATA


@pytest.fixture(scope="session")
def s3():
    """The URL of one S3 server for all tests of a worker: clients keep connections, so there may not be two."""
    from tests.resources.storage.s3 import s3_server

    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3):
    """A fresh bucket of it."""
    from tests.resources.storage.s3 import Bucket

    return Bucket(s3, f"b-{uuid.uuid4().hex[:12]}")
