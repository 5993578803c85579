"""Crash matrix: kill -9 at random moments of a small whole run, in each of its processes in turn; what is left of it?

Run `python -m benchmarks.crashes [--kills 50] [--keep FOLDER]`. One home is left alone; others are killed up to six
times each and then come to their end, and releases, samples, policies with their weights, rollouts, predictions and
scores are compared, and so is what was paid. The victims: the run itself, a training rank, the engine, the teacher, a
decoder, the database. Where another process than the run dies, the run may mend it or fail in one line; where it goes
on for ten seconds, another victim may follow in the same run. Every second home has its lake on a PostgreSQL, which is
the database. What was found is kept below FOLDER, and the same command goes on from there, the home that it was at set
aside.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.parts.small_run import Places, SmallRun, draw_pack
from benchmarks.parts.still_held import held_advisory_locks, held_locks, ports_of, still_listening
from tests.resources.lake.postgres import Postgres, postgres_bin

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
MENDED_S = 10.0  # between two kills of one run
OF_A_HOME = 6  # kills; then it comes to its end, so that some homes can be compared
LIMIT_S = 1_800.0
LOOK_S = 0.2
LATEST = 0.6  # of what a victim lived undisturbed: the latest moment at which it is killed


@dataclass
class Kill:
    """One kill: whom and when, how long something of the run was left, how a run ended that was not killed itself.

    `ended`: the run's exit status, 0 also where it went on until the next kill; None where it was killed. `left`: what
    still lived `CLEAN_S` after the run's end; `held`: ports on which something listened then, and locks.
    """

    victim: str
    catalog: str
    after_s: float
    ended: int | None = None
    clean_s: float = 0.0
    left: list[str] = field(default_factory=list)
    lost: int = 0
    held: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        how = {None: "killed", 0: "went on"}.get(self.ended, f"ended with status {self.ended}")
        bad = f"; LEFT: {', '.join(self.left)}" if self.left else ""
        bad += f"; HELD: {', '.join(self.held)}" if self.held else ""
        bad += f"; LOST: {self.lost} replies" if self.lost else ""
        return f"{self.victim:<14} {self.after_s:5.0f} s  run {how}, clean after {self.clean_s:.1f} s{bad}"


class Matrix:
    """All that was found, kept in a folder, and the server that every second home uses."""

    def __init__(self, folder: Path, size: dict[str, int], postgres: Postgres | None) -> None:
        self._folder, self._size, self._postgres = folder, size, postgres
        self._file = folder / "found.jsonl"
        self.found = [json.loads(line) for line in self._file.open(encoding="utf-8")] if self._file.exists() else []
        self._pack = draw_pack(folder, size["images"])

    def note(self, kind: str, **what: Any) -> None:
        self.found.append({"kind": kind, **what})
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(self.found[-1], default=str) + "\n")

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.found if one["kind"] == kind]

    def undisturbed(self) -> dict[str, Any]:
        """How long a run takes, how long each victim lives, and what it makes."""
        if not self.of("undisturbed"):
            place = self._home("undisturbed")
            lived = dict.fromkeys(VICTIMS, 0.0)

            def look(pid: int, seconds: float) -> None:
                there = _victims_of(pid)
                for victim, mark in VICTIMS.items():
                    lived[victim] += seconds * (victim in there or not mark)

            took = place.to_its_end(LIMIT_S, look)
            self.note("undisturbed", size=self._size, took=took, lived=lived, state=place.state())
            shutil.rmtree(place.folder)
        alone = self.of("undisturbed")[0]
        if alone.get("size") != self._size:
            raise SystemExit(f"{self._file} is of runs of another size: give another folder")
        return alone

    def round(self, kills: int, wanted: dict[str, Any]) -> None:
        """One home, killed until a run of it comes to its end; then what it holds is compared."""
        on_postgres = self._postgres is not None and len(self.of("round")) % 2 == 1
        name = f"killed-{len(self.of('round')):02}-{os.getpid()}"
        catalog = ""
        if on_postgres:
            database = name.replace("-", "_")
            self._postgres.create(database)
            catalog = self._postgres.catalog(database)
        place = self._home(name, catalog)
        before = len(self.of("kill"))
        enough = min(kills, before + OF_A_HOME)
        status: int | None = None
        while status != 0 and len(self.of("kill")) < enough:
            status = self._run(place, enough, wanted["lived"])
        if status != 0:
            place.to_its_end(LIMIT_S)
        got = place.state()
        paid, alone = got.pop("calls")[0], wanted["state"]["calls"][0]
        different = [name for name, value in got.items() if value != wanted["state"][name]]
        killed = len(self.of("kill")) - before
        self.note("round", name=name, kills=killed, different=different, paid=paid, lost=place.lost())
        print(f"    {name}: {killed} kills, {'same results' if not different else f'DIFFERENT: {different}'}, "
              f"calls {paid['calls']} ({alone['calls']} alone), requests {paid['requests']} ({alone['requests']})",
              flush=True)  # fmt: skip
        if not different:
            shutil.rmtree(place.folder)

    def _home(self, name: str, catalog: str = "") -> SmallRun:
        shutil.rmtree(self._folder / name, ignore_errors=True)
        length = {"warm_start": self._size["warm_start"], "steps": self._size["steps"]}
        return SmallRun(self._folder / name, self._pack, Places(catalog), **length)

    def _run(self, place: SmallRun, enough: int, lives: dict[str, float]) -> int | None:
        """Start a run and kill one victim after another until it ends; its status, None where it was killed itself.

        A victim is killed once it has lived so long as chance will have it, unless others were killed less often.
        """
        process, began = place.start(), time.monotonic()
        lived, last = dict.fromkeys(VICTIMS, 0.0), began
        spared = set() if place.catalog.startswith("postgres") else {"database"}
        moments = {victim: life * random.uniform(0, LATEST) for victim, life in lives.items()}
        kill: Kill | None = None
        seen: set[psutil.Process] = set()
        ports: set[int] = set()
        while process.poll() is None:
            time.sleep(LOOK_S)
            now = time.monotonic()
            ports |= ports_of(seen)
            found = _victims_of(process.pid, seen) | {"run": [process.pid], "database": [process.pid]}
            for name in found:
                lived[name] += now - last
            last = now
            if now - began > LIMIT_S:
                os.killpg(process.pid, signal.SIGKILL)
                raise SystemExit(f"the run hangs: see {place.log}")
            if kill is not None and now - began < kill.after_s + MENDED_S:
                continue
            if len(self.of("kill")) + (kill is not None) >= enough:
                continue
            counts = {v: sum(k["victim"] == v for k in self.of("kill")) for v in VICTIMS if v not in spared}
            ripe = [
                v for v in counts if v in found and lived[v] >= moments[v] and counts[v] <= min(counts.values()) + 1
            ]
            if not ripe:
                continue
            if kill is not None:
                self._note(place, kill, ended=0)
            victim = min(ripe, key=lambda v: counts[v])
            kill = Kill(victim, place.catalog.partition(":")[0], now - began)
            self._kill(victim, found[victim])
            spared.add(victim)
        status = process.wait()
        ended = time.monotonic()
        while (left := _left(place, seen)) and time.monotonic() - ended < CLEAN_S:
            psutil.wait_procs(left, timeout=0.2)
        while (held := _held(place, ports)) and time.monotonic() - ended < CLEAN_S:
            time.sleep(0.2)
        clean_s = time.monotonic() - ended
        if kill is None and (status or left or held):
            raise SystemExit(f"a run that nobody disturbed ended with {status} and left {left} {held}: see {place.log}")
        if kill is not None:
            own = kill.victim == "run"
            self._note(
                place, kill, ended=None if own else status, clean_s=clean_s, left=[_named(p) for p in left], held=held
            )
        return None if kill is not None and kill.victim == "run" else status

    def _kill(self, victim: str, found: list[int]) -> None:
        if victim == "database":
            assert self._postgres is not None
            self._postgres.kill()
            time.sleep(2)
            self._postgres.start()
        else:
            with suppress(ProcessLookupError):
                os.kill(random.choice(found), signal.SIGKILL)

    def _note(self, place: SmallRun, kill: Kill, **what: Any) -> None:
        for name, value in what.items():
            setattr(kill, name, value)
        kill.lost = place.lost()
        self.note("kill", **asdict(kill))
        print(f"{len(self.of('kill')):3} {place.folder.name}  {kill.line}", flush=True)

    def table(self) -> str:
        """What was found, as Markdown."""
        lines = [
            "| victim | kills | run went on | failed in one line | longest till clean | processes | ports, locks |",
            "|---|---:|---:|---:|---:|---:|---:|",
        ]
        for victim in VICTIMS:
            kills = [k for k in self.of("kill") if k["victim"] == victim]
            if kills:
                mended, failed = sum(k["ended"] == 0 for k in kills), sum(bool(k["ended"]) for k in kills)
                clean = max(k["clean_s"] for k in kills)
                left = sum(bool(k["left"]) for k in kills)
                held = sum(bool(k["held"]) for k in kills) if all("held" in k for k in kills) else "not looked at"
                told = ("-", "-") if victim == "run" else (mended, failed)
                lines.append(f"| {victim} | {len(kills)} | {told[0]} | {told[1]} | {clean:.1f} s | {left} | {held} |")
        rounds = self.of("round")
        alike = sum(not r["different"] for r in rounds)
        lost = sum(one["lost"] for one in self.of("kill") + rounds)
        told = f"{len(self.of('kill'))} kills; {len(rounds)} homes came to their end, {alike} of them with the results "
        return "\n".join((*lines, "", f"{told}of the undisturbed one; {lost} durable replies lost."))


def _left(place: SmallRun, seen: set[psutil.Process]) -> list[psutil.Process]:
    """What a run started and still lives: whatever was among its children, and what names its folder."""
    alive = {process for process in seen if process.is_running() and _status(process) != psutil.STATUS_ZOMBIE}
    return [*alive, *(process for process in place.processes() if process not in alive)]


def _held(place: SmallRun, ports: set[int]) -> list[str]:
    """Ports of a run on which something listens, and locks of its home and its database that somebody holds."""
    listening = [f"port {port}" for port in still_listening(ports)]
    return [*listening, *held_locks(place.home), *held_advisory_locks(place.catalog)]


def _status(process: psutil.Process) -> str:
    try:
        return process.status()
    except psutil.Error:
        return psutil.STATUS_ZOMBIE


def _victims_of(root: int, seen: set[psutil.Process] | None = None) -> dict[str, list[int]]:
    """Processes that a run started, by the kind of victim; all of them are noted in `seen`."""
    try:
        children = psutil.Process(root).children(recursive=True)
    except psutil.Error:
        return {}
    found: dict[str, list[int]] = {}
    for process in children:
        if seen is not None:
            seen.add(process)
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
    parser.add_argument("--images", type=int, default=4, help="per source in the sample pack")
    parser.add_argument("--warm-start", type=int, default=60, help="steps of the base policy")
    parser.add_argument("--steps", type=int, default=4, help="steps of GRPO")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for what was found; the same command goes on from there")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wethink-crashes-")))
        folder.mkdir(parents=True, exist_ok=True)
        size = {"images": given.images, "warm_start": given.warm_start, "steps": given.steps}
        matrix = Matrix(folder.resolve(), size, stack.enter_context(_server()))
        random.seed(f"{given.seed} {len(matrix.found)}")
        wanted = matrix.undisturbed()
        print(f"undisturbed: {wanted['took']:.0f} s", flush=True)
        while len(matrix.of("kill")) < given.kills:
            matrix.round(given.kills, wanted)
        print(matrix.table())
        bad = [r for r in matrix.of("round") if r["different"] or r["lost"]]
        bad += [k for k in matrix.of("kill") if k["left"] or k["lost"] or k.get("held")]
        return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
