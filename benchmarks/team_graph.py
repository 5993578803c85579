"""Team's installation: does the whole graph on PostgreSQL and S3, two runs at once, give what an embedded one gives?

Run `python -m benchmarks.team_graph [--keep FOLDER]`. Both homes make a small whole run (sources to scores), then the
data half of a second batch, then a release of both batches; they read one pack. The embedded one does it one after the
other, on SQLite and a folder. The team's has its lake on a real PostgreSQL and in a bucket of a local S3 server, and
Dagster's storage on that PostgreSQL; its second batch runs beside the training of the first. Compared are releases,
samples, weights of both policies, rollouts, predictions with their replies, scores and what was paid. What is there
twice, what did not add up and what lies on this machine though it should not is a fault.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks.parts.small_run import Places, SmallRun, draw_pack
from tests.resources.lake.postgres import Postgres, postgres_bin
from tests.resources.storage.s3 import Bucket, s3_server
from wethink_assets.cli.installation import DAGSTER_YAML

LIMIT_S = 1_800.0
TRAINING = "wethink_assets.training.grpo_worker"  # in the command line of its ranks
SECOND = ("run", "--part", "data", "--batch", "new")
RELEASE = ("run", "--part", "release")
STORAGE = "storage:\n  postgres:\n    postgres_url: {url}\n"
# Beside what a small run compares, which counts predictions: a weak policy's scores are alike whatever it says.
REPLIES = {
    "replies": "SELECT md5(string_agg(concat_ws(' ', policy_id, benchmark, item, reply), '|' "
    "ORDER BY policy_id, benchmark, item)) AS hash FROM predictions",
    "verdicts of items": "SELECT md5(string_agg(concat_ws(' ', policy_id, benchmark, item, extracted, verdict, score, "
    "method), '|' ORDER BY policy_id, benchmark, item)) AS hash FROM item_scores",
}
# What is to be none, whatever else ran at the same time.
TWICE = {
    "files taken twice": "SELECT count(*) - count(DISTINCT image_uri) AS n FROM source_images",
    "calls kept twice": "SELECT count(*) - count(DISTINCT call_id) AS n FROM calls",
    "samples there twice": "SELECT count(*) - count(DISTINCT sample_id) AS n FROM samples",
    "release rows there twice": "SELECT count(*) - count(DISTINCT (release_id, sample_id)) AS n FROM release_rows",
    "rollouts there twice": "SELECT count(*) - count(DISTINCT (policy_id, step, sample_id, member)) AS n FROM rollouts",
    "predictions there twice": "SELECT count(*) - count(DISTINCT (policy_id, benchmark, item)) AS n FROM predictions",
    "assets whose rows do not add up": "SELECT count(*) AS n FROM materializations "
    "WHERE rows_in <> continued + dropped + failed",
}


class Second:
    """The data half of a second batch, which starts once the first run trains: its own data are in a release then."""

    def __init__(self, place: SmallRun) -> None:
        self._place = place
        self._process: subprocess.Popen[bytes] | None = None
        self.beside_s = 0.0  # how long both ran

    def look(self, pid: int, seconds: float) -> None:
        if self._process is not None:
            self.beside_s += seconds * (self._process.poll() is None)
        elif any(TRAINING in command for command in _commands(pid)):
            self._process = self._place.start(*SECOND)

    def wait(self) -> None:
        if self._process is None:
            raise SystemExit(f"the run never trained: see {self._place.log}")
        if self._process.wait(LIMIT_S):
            raise SystemExit(f"the second run failed: see {self._place.log}")


def embedded(folder: Path, pack: Path, size: dict[str, int]) -> dict[str, Any]:
    """A home of its own, one run after the other."""
    place = SmallRun(folder / "embedded", pack, Places(), **size)
    with measured() as took:
        place.to_its_end(LIMIT_S)
        place.to_its_end(LIMIT_S, _pass, *SECOND)
        place.to_its_end(LIMIT_S, _pass, *RELEASE)
    return {"took": took, "state": _state(place), "faults": _twice(place)}


def of_a_team(folder: Path, pack: Path, size: dict[str, int], server: Postgres) -> dict[str, Any]:
    """The same on PostgreSQL and S3, with two runs at once."""
    bucket = Bucket(os.environ["AWS_ENDPOINT_URL"], "team")
    for name in ("lake", "dagster"):
        server.create(name)
    storage = DAGSTER_YAML + STORAGE.format(url=server.url("dagster"))
    places = Places(server.catalog("lake"), f"{bucket.url}/wethink/data", storage)
    place = SmallRun(folder / "team", pack, places, **size)
    second = Second(place)
    with measured() as took:
        place.to_its_end(LIMIT_S, second.look)
        second.wait()
        place.to_its_end(LIMIT_S, _pass, *RELEASE)
    faults = _twice(place)
    place.to_its_end(LIMIT_S, _pass, "maintain")  # small rows lie in the catalog until then
    stored = bucket.client.list_objects_v2(Bucket=bucket.name, Prefix="wethink/data/").get("Contents", [])
    faults |= {
        "lake files that are not in the bucket": int(not any(one["Key"].endswith(".parquet") for one in stored)),
        "lake files on this machine": int((place.home / "lake").exists()),
        "databases of Dagster on this machine": len(list((place.home / "dagster").rglob("*.db"))),
    }
    return {"took": took, "beside_s": second.beside_s, "state": _state(place), "faults": faults}


def compared(alone: dict[str, Any], team: dict[str, Any]) -> list[str]:
    """What is wrong, a line each."""
    wrong = [
        f"{name} differ: {value} embedded, {team['state'][name]} of the team"[:2_000]
        for name, value in alone["state"].items()
        if value != team["state"][name]
    ]
    for who, found in (("embedded", alone), ("team", team)):
        wrong += [f"{who}: {count} {what}" for what, count in found["faults"].items() if count]
    if team["beside_s"] <= 0:
        wrong.append("the two runs were never at work at once")
    return wrong


def told(alone: dict[str, Any], team: dict[str, Any]) -> Iterator[str]:
    for who, found in (("embedded", alone), ("team", team)):
        took, state = found["took"], found["state"]
        yield f"{who}: {took['wall_s']:.0f} s, {took['cpu_s']:.0f} CPU-s of the runs"
        yield f"    releases {[(r['release_id'], r['rows']) for r in state['releases']]}"
        yield f"    policies {[(p['policy_id'], p['weights_sha256'][:12]) for p in state['policies']]}"
        counts = {name: state[name][0]["rows"] for name in ("samples", "rollouts", "predictions")}
        yield f"    {counts}, {len(state['scores'])} scores, {state['calls'][0]}"
    yield f"two runs at once for {team['beside_s']:.0f} s"


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Wall and CPU seconds of the block, the CPU of children that have ended: those of the servers are not in it."""
    took: dict[str, float] = {}
    began, before = time.monotonic(), _cpu()
    yield took
    took |= {"wall_s": time.monotonic() - began, "cpu_s": _cpu() - before}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _state(place: SmallRun) -> dict[str, Any]:
    return place.state() | place.read(REPLIES)


def _twice(place: SmallRun) -> dict[str, int]:
    return {what: rows[0]["n"] for what, rows in place.read(TWICE).items()}


def _pass(pid: int, seconds: float) -> None:
    pass


def _commands(root: int) -> list[str]:
    found = []
    with suppress(psutil.Error):
        for process in psutil.Process(root).children(recursive=True):
            found += [" ".join(process.cmdline())]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--images", type=int, default=4, help="per source and batch")
    parser.add_argument("--warm-start", type=int, default=60, help="steps of the base policy")
    parser.add_argument("--steps", type=int, default=4, help="steps of GRPO")
    parser.add_argument("--keep", type=Path, help="folder for both homes and what was found; the embedded run is kept")
    given = parser.parse_args()
    binaries = postgres_bin()
    if binaries is None:
        raise SystemExit("PostgreSQL is not installed: Debian's package `postgresql` brings it")
    size = {"quota": given.images, "warm_start": given.warm_start, "steps": given.steps}
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wethink-team-")))
        folder.mkdir(parents=True, exist_ok=True)
        pack = draw_pack(folder.resolve(), 2 * given.images)
        kept = folder / "embedded.json"
        if not kept.exists():
            kept.write_text(json.dumps(embedded(folder.resolve(), pack, size)), "utf-8")
        alone = json.loads(kept.read_text("utf-8"))
        stack.enter_context(s3_server())
        server = Postgres(binaries)
        stack.callback(server.remove)
        team = of_a_team(folder.resolve(), pack, size, server)
        (folder / "team.json").write_text(json.dumps(team), "utf-8")
        print("\n".join(told(alone, team)))
        wrong = compared(alone, team)
        print("\n".join(wrong) or "the same in both")
        return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
