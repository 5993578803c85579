"""Do ten batches whose sources the growth policy chooses fill a release better than the same images taken at random?

Run `python -m benchmarks.growth_curve FOLDER [--batches 10] [--images 36] [--target 720] [--plot FILE.png]`. It draws
one sample pack in FOLDER and grows it twice, once by `targets` and once by `random`, each in a home of its own: every
batch is `wethink run --part data`, then a release. Prints a line for each batch: images taken so far, samples, calls'
cost, rows of the release, the share of the target's rows that the release has from the source that should give them,
and how far its mix of sources is from the target mix (total variation distance, 0 to 1). A second call with the same
FOLDER goes on where the first was ended. Five batches of both took 20 minutes beside other work.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

POLICIES = ("targets", "random")
POINTS = "points.jsonl"


@dataclass(frozen=True)
class Point:
    """A home after a batch; `filled` and `distance` as the module says."""

    batch: int
    images: int
    samples: int
    cost: float
    rows: int
    filled: float
    distance: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--batches", type=int, default=10)
    parser.add_argument("--images", type=int, default=36, help="of a batch")
    parser.add_argument("--target", type=int, default=720, help="rows of a release")
    parser.add_argument("--per-source", type=int, default=80, help="images of a source in the pack")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--only", choices=POLICIES, help="grow this home alone")
    chosen = parser.parse_args()
    folder = chosen.folder.resolve()
    if chosen.only:
        _grow(folder / chosen.only, chosen.batches)
        return
    _prepare(folder, chosen.per_source, chosen.images, chosen.target)
    for batch in range(1, chosen.batches + 1):  # in step, so that what was ended early compares as well
        for policy in POLICIES:
            if len(points(folder / policy)) < batch:
                _child(folder / policy, policy, batch, folder)
    found = {policy: points(folder / policy)[: chosen.batches] for policy in POLICIES}
    print(table(found))
    if chosen.plot:
        _plot(found, chosen.target, chosen.plot)


def _prepare(folder: Path, per_source: int, images: int, target: int) -> None:
    """The pack and the settings of both homes; what is there stays."""
    from wethink_assets.demo.pack.generate import generate

    generate(folder / "pack", images_per_source=per_source)
    for policy in POLICIES:
        home = folder / policy
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        of_pack = {f"{name}_root": folder / "pack" / name for name in ("sources", "benchmarks", "truth")}
        paths = {"home": home, **of_pack}
        lines = [f"{name} = {json.dumps(str(path))}" for name, path in paths.items()]
        lines += ["[growth]", f'policy = "{policy}"', f"images = {images}", "most_abilities = 0"]  # sources alone
        lines += ["[release]", f"target = {target}"]
        (home / "wethink.toml").write_text("\n".join(lines) + "\n")


def _child(home: Path, policy: str, batches: int, folder: Path) -> None:
    """A process for each home: settings and Dagster's instance are a process's own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("WETHINK_", "DAGSTER_"))}
    env |= {"WETHINK_CONFIG": str(home / "wethink.toml"), "DAGSTER_HOME": str(home / "dagster")}
    (home / "dagster").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.growth_curve", str(folder), "--only", policy]
    with (home / "log.txt").open("a") as log:
        done = subprocess.run([*command, "--batches", str(batches)], env=env, stdout=log, stderr=log, check=False)
    if done.returncode:
        sys.exit(f"{policy} ended with {done.returncode}: see {home / 'log.txt'}; the same command goes on")


def _grow(home: Path, batches: int) -> None:
    """Go on until this home has so many batches, each released; a batch that was ended half-way is finished first."""
    from wethink_assets.cli.run import run_part
    from wethink_assets.settings import load_settings

    settings = load_settings()
    while len(known := points(home)) < batches:
        for part in ("data", "release"):
            if code := run_part(settings, part, None, by="benchmarks.growth_curve"):
                sys.exit(code)
        point = _measured(settings, len(known) + 1)
        with (home / POINTS).open("a") as file:
            file.write(json.dumps(asdict(point)) + "\n")


def _measured(settings, batch: int) -> Point:
    from resources.lake.store import LakeStore
    from wethink_assets.dataset.assets import target_shares

    store = LakeStore.of(settings, create=True)
    try:
        accounts = [row for row in store.rows("growth/select_batch_accounts") if row["batch"]]
        cost = store.sql("SELECT coalesce(sum(cost), 0) AS cost FROM calls")["cost"][0]
        (latest,) = store.rows("dataset/select_latest_release")
        text = "SELECT source, count(*) AS rows FROM release_rows WHERE release_id = $release_id GROUP BY source"
        of = dict(store.sql(text, release_id=latest["release_id"]).iter_rows())
    finally:
        store.close()
    shares = target_shares(settings)
    filled, distance = against(of, shares, settings.release.target)
    images, samples = (sum(row[name] for row in accounts) for name in ("images", "samples"))
    return Point(batch, images, samples, float(cost), sum(of.values()), filled, distance)


def against(rows: dict[str, int], shares: dict[str, float], target: int) -> tuple[float, float]:
    """Rows by source against the mix: the share of the target that is there, and the distance of the mixes."""
    total, weight = sum(rows.values()), sum(shares.values())
    wanted = {source: share / weight for source, share in shares.items()}
    filled = sum(min(rows.get(source, 0), share * target) for source, share in wanted.items()) / target
    sources = wanted.keys() | rows.keys()
    apart = sum(abs(rows.get(s, 0) / max(1, total) - wanted.get(s, 0.0)) for s in sources) / 2
    return filled, apart


def points(home: Path) -> list[Point]:
    """What was measured in a home so far, the first batch first."""
    file = home / POINTS
    lines = file.read_text().splitlines() if file.is_file() else []
    return [Point(**json.loads(line)) for line in lines]


def table(found: dict[str, list[Point]]) -> str:
    """Both homes side by side, a line for each batch."""
    head = "| batch | policy | images | samples | cost | release | of its target, % | mix apart, % |"
    lines = [head, "|--:|---|--:|--:|--:|--:|--:|--:|"]
    for both in zip(*found.values(), strict=False):
        for policy, one in zip(found, both, strict=True):
            measured = f"{one.cost:.2f} | {one.rows:,} | {100 * one.filled:.1f} | {100 * one.distance:.1f} |"
            lines.append(f"| {one.batch} | {policy} | {one.images:,} | {one.samples:,} | {measured}")
    return "\n".join(lines)


def _plot(found: dict[str, list[Point]], target: int, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.0), layout="constrained")
    for policy, style in zip(found, ("o-", "s--"), strict=True):
        images = [one.images for one in found[policy]]
        left.plot(images, [100 * one.filled for one in found[policy]], style, label=policy, markersize=4)
        right.plot(images, [100 * one.distance for one in found[policy]], style, label=policy, markersize=4)
    left.set(xlabel="images taken", ylabel=f"% of the {target} rows wanted", ylim=(0, 100))
    right.set(xlabel="images taken", ylabel="distance of the mixes, %", ylim=(0, None))
    left.legend()
    for axis in (left, right):
        axis.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
