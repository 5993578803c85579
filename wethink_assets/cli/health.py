"""Health of an installation (diagnosis): machine, configuration, home, disks, lake, sources, sets, endpoints.

Belongs here: looks that change nothing, each finding with its cure. Does not belong here: runs (health_of_runs.py),
printing (doctor.py).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from resources.lake.database import LakeError
from resources.private import told_if_open
from wethink_assets.benchmark_sets.files import SetFiles
from wethink_assets.benchmark_sets.registry import BENCHMARKS
from wethink_assets.settings import EMBEDDED_TEACHER, PROJECT_ROOT, ROLES, EndpointSettings, Settings

LITTLE, ENOUGH = 2e9, 20e9  # bytes of free disk: less is a fault, less a note [D]
MEMORY = 4e9  # bytes that a run of the data half needs beside the system [D]
WAIT_S = 5.0
SAMPLED = 4  # images of a source that are opened


@dataclass(frozen=True)
class Finding:
    """Something that is wrong (`fault`) or worth knowing (`note`): what, where, how it shows, and its cure."""

    level: Literal["fault", "note"]
    what: str
    where: str
    detail: str
    cure: str
    fixed: bool = False


def fault(what: str, where: object, detail: str, cure: str, *, fixed: bool = False) -> Finding:
    return Finding("fault", what, str(where), detail, cure, fixed)


def note(what: str, where: object, detail: str, cure: str) -> Finding:
    return Finding("note", what, str(where), detail, cure)


def machine() -> Iterator[Finding]:
    """Python, memory, GPU."""
    if sys.version_info[:2] != (3, 11):
        version = ".".join(map(str, sys.version_info[:3]))
        yield fault("machine", sys.executable, f"Python {version}, but 3.11 is needed", "make setup PYTHON=…")
    memory = _memory()
    if memory and memory < MEMORY:
        yield note("machine", "memory", f"{memory / 1e9:.1f} GB are free for this process", "set [lake] memory lower")
    shut = [sys.executable, "-c", "from resources.workers.no_network import shut; print(shut())"]
    if why := subprocess.run(shut, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False).stdout.strip():
        yield note("machine", "decoder", f"foreign files are opened with the network in reach: {why}",
                   "a kernel with seccomp, or a host without a way out")  # fmt: skip
    if shutil.which("nvidia-smi") is None:
        yield note(
            "machine", "GPU", "nvidia-smi is not there, so no CUDA GPU", "train and serve elsewhere, or tiny models"
        )


def _memory() -> float:
    """Free bytes, of the machine or of what its cgroup leaves; 0 where neither says so."""
    free: list[float] = []
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free += [int(line.split()[1]) * 1024.0 for line in lines if line.startswith("MemAvailable:")]
        limit, used = (Path(f"/sys/fs/cgroup/memory.{n}").read_text().strip() for n in ("max", "current"))
        free += [float(limit) - float(used)] if limit != "max" else []
    except (OSError, ValueError):
        pass
    return min(free, default=0.0)


def extensions(settings: Settings) -> Iterator[Finding]:
    from wethink_assets.extensions import ExtensionError, load_extensions

    try:
        load_extensions(settings.extensions)
    except ExtensionError as error:
        yield fault("configuration", "extensions", str(error), "install the package, or take it out of the setting")


def configuration(settings: Settings, fix: bool) -> Iterator[Finding]:
    """Where it is read, roles without an endpoint, keys that are not set. Never a value."""
    config = os.environ.get("WETHINK_CONFIG")
    if not config:
        yield note("configuration", "WETHINK_CONFIG", "not set: these are the demo's settings", "wethink init FOLDER")
    where = config or "settings"
    without = [role for role in ROLES if settings.endpoint(role).base_url == EMBEDDED_TEACHER]
    if without and settings.sources_root:
        yield fault(
            "endpoints",
            where,
            f"no endpoint for {', '.join(without)}, and the sample teacher knows the sample pack only",
            f"fill in [endpoints.{without[0]}]{' and the others' * (len(without) > 1)}",
        )
    for role in ROLES:
        for endpoint in settings.endpoints_of(role):
            if endpoint.api_key_env and not os.environ.get(endpoint.api_key_env):
                yield fault(
                    "endpoints",
                    where,
                    f"role {role}: the environment variable {endpoint.api_key_env} is not set",
                    f"export {endpoint.api_key_env}=…",
                )


def home(settings: Settings, fix: bool) -> Iterator[Finding]:
    """Whether the data folder can be written, locked, and is closed to others."""
    there = _existing(settings.home)
    if there != settings.home:
        yield note("home", settings.home, "not there yet", "the first run makes it")
    if not there.is_dir():
        yield fault("home", there, "is no folder", "point home (WETHINK_HOME) at another place")
        return
    if not os.access(there, os.W_OK | os.X_OK):
        yield fault(
            "home", there, "cannot be written by this user", f"chown it, or set WETHINK_HOME; it is {_owner(there)}"
        )
    try:
        handle = os.open(there, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        finally:
            os.close(handle)
    except BlockingIOError:
        pass
    except OSError as error:
        yield fault(
            "home", there, f"its file system has no locks ({error.strerror})", "set WETHINK_HOME to a local disk"
        )
    if there == settings.home and told_if_open(settings.home):
        mended = False
        if fix:
            settings.home.chmod(0o700)
            mended = not told_if_open(settings.home)
        yield fault("home", settings.home, "open to all users here, and holds data and replies",
                    f"chmod 700 {settings.home}", fixed=mended)  # fmt: skip


def disks(settings: Settings, fix: bool) -> Iterator[Finding]:
    """Space where data, what is spilled, and temporary files go; each disk once."""
    places = [settings.home, settings.spill_dir, Path(tempfile.gettempdir())]
    if "://" not in settings.lake_data_path:
        places.append(Path(settings.lake_data_path))
    seen: set[int] = set()
    for place in places:
        there = _existing(place)
        disk = there.stat().st_dev
        if disk in seen:
            continue
        seen.add(disk)
        free = shutil.disk_usage(there).free
        if free < LITTLE:
            yield fault(
                "disk", place, f"{free / 1e9:.1f} GB are free", "free space, or move it: WETHINK_HOME, [lake] spill"
            )
        elif free < ENOUGH:
            yield note(
                "disk", place, f"{free / 1e9:.1f} GB are free", "enough for a batch; a release of 120,000 needs more"
            )


def lake(settings: Settings, fix: bool) -> Iterator[Finding]:
    """Whether catalog and data belong together and can be read."""
    from resources.lake.connection import LakeConnection

    kind, _, target = settings.lake_catalog.partition(":")
    if kind == "sqlite" and not Path(target).exists():
        if Path(settings.lake_data_path).is_dir() and any(Path(settings.lake_data_path).iterdir()):
            yield fault("lake", settings.lake_data_path, f"holds files, but its catalog {target} is not there",
                        "restore the catalog from a backup, or point [lake] at the right one")  # fmt: skip
        elif settings.home.is_dir():
            yield note("lake", target, "not there yet", "the first run makes it")
        return
    if kind == "sqlite" and (problem := sqlite_problem(Path(target))):
        yield fault("lake", target, problem, "restore the catalog from a backup; the data files are as they were")
        return
    if not settings.home.is_dir():
        return
    try:
        connection = LakeConnection.of(settings, quick=True, create=False)
        connection.in_snapshot(lambda snapshot: snapshot.rows("growth/select_batches"))
        connection.close()
    except LakeError as error:
        yield fault("lake", settings.lake_catalog, str(error), "see the page on the lake: docs/lake.md")


def sqlite_problem(path: Path) -> str:
    """What is wrong with a SQLite file, read only; empty where nothing is."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=WAIT_S)) as connection:
            first = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        return f"cannot be read as a database: {error}"
    return "" if first == "ok" else f"is damaged: {first}"


def sources(settings: Settings, fix: bool) -> Iterator[Finding]:
    """Each source that is not paused: there, and some picture readable."""
    from wethink_assets.sources.catalog import sources_of
    from wethink_assets.sources.check import check_source

    if not (settings.sources_root or settings.sources.places or settings.sample_pack_dir.is_dir()):
        yield note(
            "sources", "sources_root", "not set, and no sample pack is there", "wethink init FOLDER, or make demo"
        )
        return
    known = {source.key for source in sources_of(settings.sources)}
    named = {*settings.sources.paused, *settings.sources.quotas, *settings.sources.places}
    for key in sorted(named - known):
        yield fault(
            "sources", key, "no source has this key, though [sources] names it", f"one of {', '.join(sorted(known))}"
        )
    with tempfile.TemporaryDirectory() as scratch:  # the index of archives is not kept
        places = settings.sources_root or settings.sample_pack_dir / "sources"
        aside = settings.model_copy(update={"home": Path(scratch), "sources_root": places})
        for source in sources_of(settings.sources):
            if source.key in settings.sources.paused:
                continue
            checked = check_source(source, aside, sample=SAMPLED)
            if not checked.ok:
                why = checked.missing or next(iter([*checked.problems, *checked.advice()]), "no picture can be read")
                yield fault("sources", checked.place, f"{source.key}: {why}", f"wethink sources check {source.key}")


def sets(settings: Settings, fix: bool) -> Iterator[Finding]:
    """Evaluation sets whose file is not there: nothing is held back from them."""
    files = SetFiles(settings.benchmarks_dir)
    try:
        missing = [b.name for b in BENCHMARKS if files.stamp(b.file_name) is None]
    except OSError as error:
        yield fault(
            "evaluation sets", files.name, f"cannot be reached: {error.strerror or error}", "set benchmarks_root"
        )
        return
    if missing:
        yield note(
            "evaluation sets",
            files.name,
            f"{len(missing)} of {len(BENCHMARKS)} are not there: {', '.join(missing)}",
            "copy VLMEvalKit's TSVs there: the pool is compared with them, and policies are asked them",
        )


def reachable(settings: Settings) -> Iterator[Finding]:
    """Whether a server answers at each endpoint's URL, with whatever status; no model is asked."""
    asked: dict[str, str] = {}
    for role in ROLES:
        for endpoint in settings.endpoints_of(role):
            if endpoint.base_url != EMBEDDED_TEACHER:
                problem = asked.setdefault(endpoint.base_url, _unreachable(endpoint))
                if problem:
                    yield fault("endpoints", endpoint.base_url, f"role {role}: {problem}",
                                "start the server, or correct base_url; then: wethink endpoints check")  # fmt: skip


def _unreachable(endpoint: EndpointSettings) -> str:
    try:
        url = f"{endpoint.base_url.rstrip('/')}/models"  # http or https, as the settings have made sure
        with urllib.request.urlopen(url, timeout=WAIT_S):  # noqa: S310
            return ""
    except urllib.error.HTTPError:
        return ""  # a server that refuses is there
    except (OSError, ValueError) as error:
        return f"cannot be reached: {getattr(error, 'reason', None) or error}"


def _existing(path: Path) -> Path:
    """The path, or the nearest above it that is there."""
    return next(place for place in (path, *path.parents) if place.exists())


def _owner(path: Path) -> str:
    try:
        return f"{path.owner()}'s"
    except (KeyError, OSError):
        return f"user {path.stat().st_uid}'s"
