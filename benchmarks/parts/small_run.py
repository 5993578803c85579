"""A small whole run in a process of its own: sources to scores, with a real engine and real ranks, in two CPU minutes.

Belongs here: the run's size, its home, and what of it must not depend on how it came about. Does not belong here: what
happens to it on its way (crashes.py).

Drawing the pack and reading every set would be most of its time: the pack is drawn once for all homes, and a few
sources and sets of it are read. The policy is warm-started until some of what it samples earns a reward, since without
any GRPO learns nothing and all weights are alike.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from resources.lake.database import LakeError
from resources.lake.store import LakeStore
from tests.benchmark_sets.packed_sets import copy_sets
from wethink_assets.demo.pack.generate import generate
from wethink_assets.settings import PROJECT_ROOT
from wethink_assets.sources.catalog import SOURCES

READ = ("chartqa", "coco", "docvqa", "geoqa_plus", "sam", "wikiart")
SETS = ("AI2D_TEST", "MathVista_MINI", "MMVet")  # options; extraction by a model; grades of a judge
SETTINGS = """
home = "{home}"
sources_root = "{pack}/sources"
benchmarks_root = "{pack}/few_sets"
truth_root = "{home}/truth"
[lake]
{lake}
[sources]
quota = {quota}
paused = {paused}
[training]
warm_start_steps = {warm_start}
steps = {steps}
prompts_per_step = 4
group_size = 4
checkpoint_every = 1
[evaluation]
resamples = 200
"""
STATE = {
    "releases": "SELECT release_id, rows FROM releases ORDER BY ALL",
    "samples": "SELECT count(*) AS rows, count(DISTINCT sample_id) AS ids FROM samples",
    "policies": "SELECT policy_id, weights_sha256 FROM policies ORDER BY ALL",
    "rollouts": "SELECT count(*) AS rows, md5(string_agg(concat_ws(' ', step, sample_id, member, reward, completion), "
    "'|' ORDER BY policy_id, step, sample_id, member)) AS hash FROM rollouts",
    "predictions": "SELECT count(*) AS rows, count(DISTINCT (policy_id, benchmark, item)) AS ids FROM predictions",
    "scores": "SELECT policy_id, benchmark, metric, value FROM scores ORDER BY ALL",
}
PAID = "SELECT count(*) AS calls, sum(attempts)::INT AS requests FROM calls"
DURABLE = "SELECT call_id, md5(coalesce(reply, '')) AS reply FROM calls"


def draw_pack(folder: Path, images: int) -> Path:
    """The pack that all homes read, drawn once, with a few rows of a few sets beside the whole ones."""
    pack = folder / "pack"
    if generate(pack, images_per_source=images).is_new or not (pack / "few_sets").is_dir():
        copy_sets(pack, pack / "few_sets", SETS)
    return pack


@dataclass(frozen=True)
class Places:
    """Where a run keeps its lake, and what Dagster is told of its storage; empty: in the run's home."""

    catalog: str = ""
    data_path: str = ""
    dagster_yaml: str = ""


AT_HOME = Places()


class SmallRun:
    """A home of its own, and runs of the whole graph in it."""

    def __init__(
        self,
        folder: Path,
        pack: Path,
        places: Places = AT_HOME,
        *,
        warm_start: int,
        steps: int,
        quota: int = 24,
    ) -> None:
        self.folder, self.home = folder, folder / "home"
        folder.mkdir(parents=True)
        self.home.mkdir(mode=0o700)
        shutil.copytree(pack / "truth", self.home / "truth")  # in which the teacher that plays the models writes
        self._config = folder / "settings.toml"
        paused = json.dumps([source.key for source in SOURCES if source.key not in READ])
        named = {"catalog": places.catalog, "data_path": places.data_path}
        lake = "\n".join(f'{name} = "{place}"' for name, place in named.items() if place)
        length = {"steps": steps, "warm_start": warm_start, "quota": quota}
        self._config.write_text(SETTINGS.format(home=self.home, pack=pack, lake=lake, paused=paused, **length), "utf-8")
        if places.dagster_yaml:
            (self.home / "dagster").mkdir()
            (self.home / "dagster/dagster.yaml").write_text(places.dagster_yaml, "utf-8")
        self.catalog = places.catalog or f"sqlite:{self.home}/lake/catalog.sqlite"
        self.data_path = places.data_path or f"{self.home}/lake/data"
        self.log = folder / "log"
        self._durable: dict[str, str] = {}

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A command of `wethink`: by default the one that makes everything, and goes on where one was killed."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DAGSTER_HOME", "WETHINK_"))}
        argv = [sys.executable, "-m", "wethink_assets.cli.main", *(command or ("demo",))]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                argv,
                cwd=PROJECT_ROOT,
                env=kept | {"WETHINK_CONFIG": str(self._config)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def to_its_end(
        self, limit_s: float, look: Callable[[int, float], None] = lambda pid, seconds: None, *command: str
    ) -> float:
        """Let a run come to its end; the seconds it took. `look` is called with its pid and the seconds since before.

        Raises:
            SystemExit: it failed, or did not end within the limit.
        """
        process = self.start(*command)
        began = last = time.monotonic()
        while process.poll() is None:
            time.sleep(0.5)
            now = time.monotonic()
            look(process.pid, now - last)
            last = now
            if now - began > limit_s:
                process.kill()
                raise SystemExit(f"the run did not end within {limit_s:g} s: see {self.log}")
        if process.returncode:
            raise SystemExit(f"the run failed: see {self.log}")
        return time.monotonic() - began

    def state(self) -> dict[str, Any]:
        """What must not depend on kills, and the calls that were paid; plain JSON."""
        return self.read({**STATE, "calls": PAID})

    def read(self, questions: Mapping[str, str]) -> dict[str, Any]:
        """What the lake says to some statements, each by its name; plain JSON."""
        lake = self.lake()
        try:
            found = {name: lake.sql(text).to_dicts() for name, text in questions.items()}
        finally:
            lake.close()
        return json.loads(json.dumps(found, default=str))

    def lost(self) -> int:
        """How many replies that were durable when this was asked before are no more what they were."""
        lake = self.lake()
        try:
            now = dict(lake.sql(DURABLE).rows())
        except LakeError:  # killed before it had made a lake
            now = {}
        finally:
            lake.close()
        before, self._durable = self._durable, now
        return sum(now.get(call) != reply for call, reply in before.items())

    def processes(self) -> list[psutil.Process]:
        """Living processes that name this folder in their command line or environment."""
        found = []
        for process in psutil.process_iter():
            try:
                names = (*process.cmdline(), process.environ().get("WETHINK_CONFIG", ""))
                if process.status() != psutil.STATUS_ZOMBIE and any(f"{self.folder}/" in name for name in names):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def lake(self) -> LakeStore:
        return LakeStore(self.catalog, self.data_path, create=False)
