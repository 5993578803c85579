"""Dagster's own pages in a real browser: `wethink ui`, and the plan of a growth batch by mouse."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from resources.lake.store import LakeStore
from resources.workers.processes import end_process_group, start_process
from tests.browsers import browser, watched_page
from tests.fresh_lakes import fresh_lake_of
from wethink_assets.demo.pack.generate import generate
from wethink_assets.settings import PROJECT_ROOT, Settings
from wethink_assets.sources.catalog import SOURCES

pytestmark = pytest.mark.long

PATIENCE_S = 180.0  # with a server or a run, on a machine that does other work
PLAN, CHECK = "growth_plan", "rows_conserved"
T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """A UI that runs, and the lake behind it."""

    url: str
    lake: LakeStore

    def asked(self, query: str, **variables: Any) -> Any:
        """What the pages' own API answers."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/graphql", body, headers)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=60) as said:  # noqa: S310 - loopback
            return json.load(said)["data"]

    def ended(self, batch: str) -> str:
        """How the only run of a batch ended."""

        def status() -> str | None:
            query = "query ($f: RunsFilter!) { runsOrError(filter: $f) { ... on Runs { results { status } } } }"
            tags = {"tags": [{"key": "dagster/partition", "value": batch}]}
            runs = self.asked(query, f=tags)["runsOrError"]["results"]
            return next((run["status"] for run in runs if run["status"] in ("SUCCESS", "FAILURE", "CANCELED")), None)

        return until(status, f"the run of batch {batch} did not end")

    def executions(self, check: str) -> list[str]:
        """How the check of the plan ended each time, latest first."""
        query = """query ($key: AssetKeyInput!, $check: String!) {
            assetCheckExecutions(assetKey: $key, checkName: $check, limit: 10) { status }
        }"""
        found = self.asked(query, key={"path": [PLAN]}, check=check)["assetCheckExecutions"]
        return [one["status"] for one in found]

    def rows(self, table: str, batch: str) -> int:
        return self.lake.sql(f"SELECT count(*) AS n FROM {table} WHERE batch = $batch", batch=batch)["n"][0]


def until(look: Callable[[], T | None], otherwise: str) -> T:
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.5)
    pytest.fail(f"{otherwise} within {PATIENCE_S:.0f} s")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("ui") / "home"
    home.mkdir(mode=0o700)
    settings = Settings(home=home)
    generate(settings.sample_pack_dir, images_per_source=2, seed=5, workers=1)
    fresh_lake_of(settings)
    config = home / "wethink.toml"
    config.write_text("[sources]\nquota = 1\n", "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "WETHINK_HOME": str(home), "WETHINK_CONFIG": str(config)}
    env |= {"DAGSTER_HOME": str(home / "dagster"), "PYTHONPATH": str(PROJECT_ROOT)}
    command = (str(Path(sys.executable).parent / "wethink"), "ui", "--port", str(port))
    log = home / "ui.log"
    server = start_process(command, log_path=log, env=env, cwd=PROJECT_ROOT)
    lake = LakeStore.of(settings)
    place = Site(f"http://127.0.0.1:{port}", lake)

    def answers() -> bool:
        assert server.poll() is None, log.read_text("utf-8")
        try:
            return bool(place.asked("{ version }"))
        except OSError:
            return False

    try:
        until(answers, "the UI was not ready")
        yield place
    finally:
        lake.close()
        end_process_group(server)


@pytest.fixture(scope="module")
def chromium(site):
    with browser() as running:
        yield running


@pytest.fixture
def page(chromium):
    """A page that asked no other host. Dagster's own client warns of its cache, so warnings do not count."""
    with watched_page(chromium, warnings=False) as opened:
        opened.set_default_timeout(1_000 * PATIENCE_S)
        yield opened


def _launch(page, batch: str) -> None:
    """Through the dialog that "Materialize" opened: a new batch, and its run."""
    page.get_by_text("Add a partition").click()
    page.get_by_placeholder("name", exact=True).fill(batch)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Launch 1 run").click()
    page.get_by_text("Launched run").first.wait_for()
    page.goto("about:blank")  # a page that waits draws its animations


def test_a_batch_is_added_by_the_dialog_and_planned_and_its_check_executed_again(site, page):
    page.goto(f"{site.url}/assets/{PLAN}")
    page.get_by_role("button", name="Materialize…").click()
    _launch(page, "by-mouse")
    assert site.ended("by-mouse") == "SUCCESS"
    assert site.rows("growth_plans", "by-mouse") == len(SOURCES)
    page.goto(f"{site.url}/assets/{PLAN}?view=checks")
    page.get_by_text(CHECK).first.click()
    assert site.executions(CHECK) == ["SUCCEEDED"]
    page.get_by_role("button").filter(has_text=re.compile("^Execute$")).click()
    until(lambda: site.executions(CHECK) == ["SUCCEEDED", "SUCCEEDED"], "the check was not executed again")


def test_a_preview_of_the_sensors_tick_says_what_it_found(site, page):
    page.goto(f"{site.url}/locations/wethink/sensors/new_source_files")
    page.get_by_role("button", name="Preview tick result").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_text(f"first look: {2 * len(SOURCES)} files in {len(SOURCES)} sources are in no batch").wait_for()
