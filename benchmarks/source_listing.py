"""Listing a source, and reading members of a tar at random, at one and at ten times the files.

    python -m benchmarks.source_listing [--files 20000]

The peers do the same with the standard library: a sorted `os.walk`, and `tarfile`, which must read all headers of the
archive in every new process. Each line is a process of its own; ratios are to the peer at the same number of files.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

READS = 1_000


def generate(root: Path, files: int) -> None:
    for shard in range(files // 10_000 or 1):
        folder = root / f"folder/coco/train2017/{shard:04d}"
        folder.mkdir(parents=True)
        for number in range(min(files, 10_000)):
            (folder / f"{number:012d}.jpg").touch()
    (root / "tar").mkdir()
    with tarfile.open(root / "tar/coco.tar", "w") as archive:
        for number in range(files):
            info = tarfile.TarInfo(f"./train2017/{number:012d}.jpg")
            info.size = 2_000
            archive.addfile(info, io.BytesIO(b"x" * info.size))


def list_folder(root: Path) -> int:
    from resources.storage.places import Places
    from wethink_assets.sources.catalog import source
    from wethink_assets.sources.listing import list_images

    return sum(1 for _ in list_images(source("coco"), Places.at(root / "folder")))


def walk_folder(root: Path) -> int:
    return len(sorted(f"{top}/{name}" for top, _, names in os.walk(root / "folder") for name in names))


def _tree(root: Path):
    from resources.storage.places import Places

    return Places(str(root / "tar"), {}, root / "indexes").tree("coco")


def index_tar(root: Path) -> int:
    return sum(1 for _ in _tree(root).files())


def read_tar(root: Path) -> int:
    tree, names = _tree(root), _names(root)
    return sum(len(tree.read(f"train2017/{name}", 1 << 20)) for name in names)


def tarfile_index(root: Path) -> int:
    with tarfile.open(root / "tar/coco.tar") as archive:
        return len(archive.getnames())


def tarfile_read(root: Path) -> int:
    with tarfile.open(root / "tar/coco.tar") as archive:
        files = [archive.extractfile(f"./train2017/{name}") for name in _names(root)]
        return sum(len(file.read()) for file in files if file is not None)


def _names(root: Path) -> list[str]:
    files = int((root / "files").read_text())
    return [f"{random.Random(n).randrange(files):012d}.jpg" for n in range(READS)]


PAIRS = (
    ("list a folder", list_folder, walk_folder),
    ("index a tar, once", index_tar, tarfile_index),
    (f"{READS} reads of it in a new process", read_tar, tarfile_read),
)


def measured(name: str, root: Path) -> dict:
    out = subprocess.run([sys.executable, __file__, "--run", name, str(root)], capture_output=True, text=True)
    if out.returncode:
        raise SystemExit(out.stderr[-2_000:])
    return json.loads(out.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        name, root = options.run
        import resources.storage.places  # noqa: F401  imports are not what is measured
        import wethink_assets.sources.listing  # noqa: F401

        before, cpu = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        count = globals()[name](Path(root))
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"found": count, "cpu": time.process_time() - cpu, "mb": (after - before) / 1024}))
        return
    for files in (options.files, 10 * options.files):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            generate(root, files)
            (root / "files").write_text(str(files))
            print(f"{files:,} files")
            for what, own, peer in PAIRS:
                ours, theirs = measured(own.__name__, root), measured(peer.__name__, root)
                assert ours["found"] == theirs["found"], (what, ours["found"], theirs["found"])
                print(
                    f"  {what:34} {ours['cpu']:6.2f} CPU-s, {ours['mb']:5.0f} MB   peer {theirs['cpu']:6.2f} CPU-s, "
                    f"{theirs['mb']:5.0f} MB   ratio {ours['cpu'] / max(theirs['cpu'], 1e-6):.2f}"
                )


if __name__ == "__main__":
    main()
