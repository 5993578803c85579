"""`python -m wethink_assets.demo.pack`: makes a sample pack, or adds images to one with --grow.

Belongs here: arguments and what is printed. Does not belong here: making or growing a pack (generate.py).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from wethink_assets.demo.pack.drawing import Progress
from wethink_assets.demo.pack.generate import PackError, add_images, generate
from wethink_assets.demo.pack.plan import SOURCES


def main() -> int:
    parser = argparse.ArgumentParser(prog="sample_pack", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--images-per-source", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--grow", type=int, metavar="N", help="add N images to every source of the pack instead")
    args = parser.parse_args()

    def show(p: Progress) -> None:
        end = "\n" if p.done == p.total else ""
        line = f"\r{p.done}/{p.total} images, {p.rate:.0f}/s, {p.eta_s:.0f} s left "
        print(line, end=end, file=sys.stderr, flush=True)  # noqa: T201 - a program

    try:
        if args.grow is not None:
            summary = add_images(args.root, args.grow, workers=args.workers, progress=show)
        else:
            summary = generate(
                args.root, images_per_source=args.images_per_source, seed=args.seed, workers=args.workers, progress=show
            )
    except (PackError, OSError) as error:  # a full disk names itself and its file
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - a program
        return 2
    planted = ", ".join(f"{n} {kind}" for kind, n in summary.planted.items())
    print(  # noqa: T201 - a program
        f"{'made' if summary.is_new else 'kept'} {summary.root}: {summary.images} images in {len(SOURCES)} sources, "
        f"{summary.benchmark_items} benchmark items; planted {planted}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
