"""Crash matrix: kill -9 at random moments of a small whole run, in each of its processes in turn; what is left of it?

Run `python -m benchmarks.crashes [--kills 50] [--keep FOLDER]`. One installation is left alone; others are killed again
and again until a run comes to its end, and then releases, samples, policies with their weights, predictions and scores
are compared, and so is what was paid. The victims: the run itself, a training rank, the engine, the teacher, a decoder,
the database. Where another process than the run dies, the run may mend it or fail in one line; either is let go on to
its end. Every second installation has its lake on a PostgreSQL, which is the database. What was found is kept below
FOLDER, and the same command goes on from there, the installation that it was at set aside.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from resources.lake.database import LakeError
from resources.lake.store import LakeStore
from tests.resources.lake.postgres import Postgres, postgres_bin
from wethink_assets.settings import PROJECT_ROOT

# A victim by a mark in its command line, that of no other; the run itself is the process that was started.
VICTIMS = {
    "run": "",
    "training rank": "wethink_assets.training.",
    "engine": "vllm_cpu/serve.py",
    "teacher": "demo.teacher",
    "decoder": "wethink_assets.decoding.worker",
    "database": "",
}
CLEAN_S = 10.0  # by then nothing of a killed run may be left
FINAL_S = 3_600.0
SETTINGS = 'home = "{home}"\n[lake]\n{lake}[training]\nsteps = {steps}\nwarm_start_steps = 20\ncheckpoint_every = 4\n'
STATE = {
    "releases": "SELECT release_id, rows FROM releases ORDER BY ALL",
    "samples": "SELECT count(*) AS rows, count(DISTINCT sample_id) AS ids FROM samples",
    "policies": "SELECT policy_id, weights_sha256 FROM policies ORDER BY ALL",
    "predictions": "SELECT count(*) AS rows, count(DISTINCT (policy_id, benchmark, item)) AS ids FROM predictions",
    "scores": "SELECT policy_id, benchmark, metric, value FROM scores ORDER BY ALL",
}
PAID = "SELECT count(*) AS calls, sum(attempts)::INT AS requests FROM calls"
DURABLE = "SELECT call_id, md5(coalesce(reply, '')) AS reply FROM calls"


@dataclass
class Kill:
    """One kill: whom and when, how long something of the run was left, how a run ended that was not killed itself."""

    victim: str
    catalog: str
    after_s: float
    clean_s: float
    left: list[str]
    ended: int | None
    lost: int

    @property
    def line(self) -> str:
        how = "killed" if self.ended is None else f"ended with status {self.ended}"
        bad = f"; LEFT: {', '.join(self.left)}" if self.left else ""
        bad += f"; LOST: {self.lost} replies" if self.lost else ""
        return f"{self.victim:<14} {self.after_s:5.0f} s  run {how}, clean after {self.clean_s:.1f} s{bad}"


class Installation:
    """A home of its own with short training, and runs of the whole graph in it."""

    def __init__(self, folder: Path, images: int, steps: int, catalog: str = "") -> None:
        self.home, self._images = folder / "home", images
        folder.mkdir(parents=True)
        self._config = folder / "settings.toml"
        lake = f'catalog = "{catalog}"\n' if catalog else ""
        self._config.write_text(SETTINGS.format(home=self.home, steps=steps, lake=lake), "utf-8")
        self._catalog = catalog or f"sqlite:{self.home}/lake/catalog.sqlite"
        self.log = folder / "log"
        self._durable: dict[str, str] = {}

    def start(self) -> subprocess.Popen[bytes]:
        kept = {k: v for k, v in os.environ.items() if k not in ("DAGSTER_HOME", "WETHINK_HOME")}
        argv = [sys.executable, "-m", "wethink_assets.cli.main", "demo", "--images", str(self._images)]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                argv,
                cwd=PROJECT_ROOT,
                env=kept | {"WETHINK_CONFIG": str(self._config)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def whole(self) -> tuple[float, dict[str, float]]:
        """Seconds of a run to its end, and for how many of them each kind of victim lived."""
        began, process = time.monotonic(), self.start()
        lived = dict.fromkeys(VICTIMS, 0.0)
        last = began
        while process.poll() is None:
            time.sleep(0.5)
            now = time.monotonic()
            there = _victims_of(process.pid)
            for victim in lived:
                lived[victim] += (now - last) * (victim in there or not VICTIMS[victim])
            last = now
            if now - began > FINAL_S:
                process.kill()
                raise SystemExit(f"the run did not end within {FINAL_S:g} s: see {self.log}")
        if process.returncode:
            raise SystemExit(f"the run failed: see {self.log}")
        return time.monotonic() - began, lived

    def state(self) -> dict[str, Any]:
        """What must not depend on kills, and the calls that were paid."""
        lake = self._lake()
        found = {name: lake.sql(text).to_dicts() for name, text in STATE.items()}
        found["calls"] = lake.sql(PAID).to_dicts()
        lake.close()
        return found

    def lost(self) -> int:
        """How many replies that were durable when this was asked before are no more what they were."""
        lake = self._lake()
        try:
            now = dict(lake.sql(DURABLE).rows())
        except LakeError:  # killed before it had made a lake
            now = {}
        finally:
            lake.close()
        before, self._durable = self._durable, now
        return sum(now.get(call) != reply for call, reply in before.items())

    def _lake(self) -> LakeStore:
        return LakeStore(self._catalog, f"{self.home}/lake/data", create=False)

    def processes(self) -> list[psutil.Process]:
        """Living processes that name this home in their command line or environment."""
        found = []
        for process in psutil.process_iter():
            try:
                names = " ".join(process.cmdline()), process.environ().get("WETHINK_CONFIG", "")
                dead = process.status() == psutil.STATUS_ZOMBIE
            except psutil.Error:
                continue
            if (
                not dead
                and process.pid != os.getpid()
                and (str(self.home) in names[0] or names[1] == str(self._config))
            ):
                found.append(process)
        return found


class Matrix:
    """All that was found, kept in a folder, and the server that every second installation uses."""

    def __init__(self, folder: Path, images: int, steps: int, postgres: Postgres | None) -> None:
        self._folder, self._images, self._steps, self._postgres = folder, images, steps, postgres
        self._file = folder / "found.jsonl"
        self.found = [json.loads(line) for line in self._file.open(encoding="utf-8")] if self._file.exists() else []

    def note(self, kind: str, **what: Any) -> None:
        self.found.append({"kind": kind, **what})
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(self.found[-1], default=str) + "\n")

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.found if one["kind"] == kind]

    def undisturbed(self) -> dict[str, Any]:
        """How long a run takes, how long each victim lives, and what it makes."""
        if not self.of("undisturbed"):
            folder = self._folder / "undisturbed"
            shutil.rmtree(folder, ignore_errors=True)
            place = Installation(folder, self._images, self._steps)
            took, lived = place.whole()
            self.note("undisturbed", took=took, lived=lived, state=json.loads(json.dumps(place.state(), default=str)))
            shutil.rmtree(folder)
        return self.of("undisturbed")[0]

    def round(self, kills: int, wanted: dict[str, Any]) -> None:
        """One installation, killed until a run of it comes to its end; then what it holds is compared."""
        number = len(self.of("round")) + len(self.of("given up"))
        on_postgres = self._postgres is not None and number % 2 == 1
        name = f"killed-{number:02}-{os.getpid()}"
        catalog = ""
        if on_postgres:
            database = name.replace("-", "_")
            self._postgres.create(database)
            catalog = self._postgres.catalog(database)
        place = Installation(self._folder / name, self._images, self._steps, catalog)
        victims = [victim for victim in VICTIMS if on_postgres or victim != "database"]
        before = len(self.of("kill"))
        while len(self.of("kill")) < kills:
            counts = {victim: sum(k["victim"] == victim for k in self.of("kill")) for victim in victims}
            victim = min(victims, key=lambda v: counts[v])
            kill, status = self._kill_once(place, victim, wanted["lived"][victim] * random.uniform(0, 0.6))
            if kill is not None:
                self.note("kill", **asdict(kill))
                print(f"{len(self.of('kill')):3} {place.home.parent.name}  {kill.line}", flush=True)
            if status == 0:
                break
            if kill is None and status is not None:
                raise SystemExit(f"a run that nobody disturbed failed: see {place.log}")
        else:
            place.whole()
        got = json.loads(json.dumps(place.state(), default=str))
        paid, alone = got.pop("calls")[0], wanted["state"]["calls"][0]
        different = [name for name, value in got.items() if value != wanted["state"][name]]
        killed = len(self.of("kill")) - before
        self.note("round", name=name, kills=killed, different=different, paid=paid, lost=place.lost())
        print(f"    {name}: {killed} kills, {'same results' if not different else f'DIFFERENT: {different}'}, "
              f"calls {paid['calls']} ({alone['calls']} alone), requests {paid['requests']} ({alone['requests']})",
              flush=True)  # fmt: skip
        if not different:
            shutil.rmtree(place.home.parent)

    def _kill_once(self, place: Installation, victim: str, after_s: float) -> tuple[Kill | None, int | None]:
        """Start a run, kill the victim once it has lived so long; the kill, None where it was never so old.

        With the status of the run, None where it was killed.
        """
        process, began, lived = place.start(), time.monotonic(), 0.0
        last = began
        at = 0.0
        while process.poll() is None:
            time.sleep(0.1)
            now = time.monotonic()
            found = [process.pid] if not VICTIMS[victim] else _victims_of(process.pid).get(victim, [])
            lived += (now - last) * bool(found)
            last = now
            if found and lived >= after_s:
                at = now - began
                if victim == "database" and self._postgres is not None:
                    self._postgres.kill()
                    time.sleep(2)
                    self._postgres.start()
                else:
                    with suppress(ProcessLookupError):
                        os.kill(random.choice(found), signal.SIGKILL)
                break
            if now - began > FINAL_S:
                raise SystemExit(f"the run hangs: see {place.log}")
        status: int | None = process.wait(FINAL_S)
        if not at:
            return None, status
        if victim == "run":
            status = None
        began = time.monotonic()
        while (left := place.processes()) and time.monotonic() - began < CLEAN_S:
            psutil.wait_procs(left, timeout=0.2)
        clean = time.monotonic() - began
        names = [_named(p) for p in place.processes()]
        catalog = "sqlite" if place._catalog.startswith("sqlite") else "postgres"
        return Kill(victim, catalog, at, clean, names, status, place.lost()), status

    def table(self) -> str:
        """What was found, as Markdown."""
        lines = [
            "| victim | kills | run mended it | run failed in one line | longest until nothing was left | left over |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for victim in VICTIMS:
            kills = [k for k in self.of("kill") if k["victim"] == victim]
            if kills:
                mended, failed = sum(k["ended"] == 0 for k in kills), sum(bool(k["ended"]) for k in kills)
                clean = max(k["clean_s"] for k in kills)
                left = sum(bool(k["left"]) for k in kills)
                told = ("-", "-") if victim == "run" else (mended, failed)
                lines.append(f"| {victim} | {len(kills)} | {told[0]} | {told[1]} | {clean:.1f} s | {left} |")
        rounds = self.of("round")
        alike = sum(not r["different"] for r in rounds)
        lost = sum(one["lost"] for one in self.of("kill") + rounds)
        lines += [
            "",
            f"{len(self.of('kill'))} kills; {len(rounds)} installations came to their end, {alike} of them with ",
        ]
        lines[-1] += f"the results of the undisturbed one; {lost} durable replies lost."
        return "\n".join(lines)


def _victims_of(root: int) -> dict[str, list[int]]:
    """Processes that a run started, by the kind of victim."""
    try:
        children = psutil.Process(root).children(recursive=True)
    except psutil.Error:
        return {}
    found: dict[str, list[int]] = {}
    for process in children:
        name = _named(process)
        for victim, mark in VICTIMS.items():
            if mark and mark in name and "supervise.py" not in name:
                found.setdefault(victim, []).append(process.pid)
    return found


def _named(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())[:200]
    except psutil.Error:
        return ""


@contextmanager
def _server() -> Iterator[Postgres | None]:
    """PostgreSQL, where it is installed."""
    binaries = postgres_bin()
    if binaries is None:
        print("PostgreSQL is not installed: no database is killed")
        yield None
        return
    server = Postgres(binaries)
    try:
        yield server
    finally:
        server.remove()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for what was found; the same command goes on from there")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wethink-crashes-")))
        folder.mkdir(parents=True, exist_ok=True)
        matrix = Matrix(folder.resolve(), given.images, given.steps, stack.enter_context(_server()))
        random.seed(f"{given.seed} {len(matrix.found)}")
        wanted = matrix.undisturbed()
        print(f"undisturbed: {wanted['took']:.0f} s", flush=True)
        while len(matrix.of("kill")) < given.kills:
            matrix.round(given.kills, wanted)
        print(matrix.table())
        bad = [r for r in matrix.of("round") if r["different"] or r["lost"]]
        bad += [k for k in matrix.of("kill") if k["left"] or k["lost"]]
        return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
