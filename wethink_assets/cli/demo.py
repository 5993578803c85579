"""`wethink demo`: draws the sample pack, then runs the whole graph as `wethink run` does.

Belongs here: the sample pack, and which batch the demo means. Does not belong here: the run (run.py).
"""

from __future__ import annotations

import time

from rich.console import Console

from jobs.growth import batch_name
from resources.lake.store import LakeError
from wethink_assets.cli.installation import make_lake
from wethink_assets.cli.run import UNUSABLE, run_part
from wethink_assets.cli.summary import wide_console
from wethink_assets.demo.pack.generate import add_images, generate
from wethink_assets.settings import Settings


def run_demo(settings: Settings, *, grow: bool, images: int, seed: int) -> int:
    """Run it; returns the exit code of `wethink run`."""
    console = wide_console()
    if settings.sources_root is None:
        _draw_pack(console, settings, grow=grow, images=images, seed=seed)
    try:
        first = not make_lake(settings).rows("growth/select_batches")
    except LakeError as error:
        console.print(str(error), style="bold red", markup=False)
        return UNUSABLE
    return run_part(settings, "all", "new" if grow or first else batch_name(1), by="wethink demo")


def _draw_pack(console: Console, settings: Settings, *, grow: bool, images: int, seed: int) -> None:
    console.print("[bold]Drawing the sample pack[/bold]: 18 sources in their native formats, 14 benchmark sets")
    started = time.monotonic()
    root = settings.sample_pack_dir
    generate(root, images_per_source=images, seed=seed)
    if grow:
        add_images(root, images_per_source=images)
    console.print(f"  {root} in {time.monotonic() - started:.1f} s")
