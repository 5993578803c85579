"""Screenshot of the asset graph in Dagster's UI: `python docs/make_screenshot.py`, or `make screenshot`.

Belongs here: starting the webserver on the configured home, the picture by headless Chromium, ending both.
Does not belong here: filling the home (`make demo`). A home without runs shows the same graph, not yet materialised.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from resources.workers.processes import end_process_group, start_process
from wethink_assets.cli.installation import dagster_home
from wethink_assets.settings import PROJECT_ROOT, load_settings

IMAGES = PROJECT_ROOT / "docs" / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
READY_S, PICTURE_S = 120.0, 120.0
# Which page becomes which picture: path in the UI, width and height of the window.
PAGES = {
    "graph": ("/asset-groups", 1700, 620),
    "synthesis": ("/locations/wethink/asset-groups/synthesis/lineage", 1700, 700),
}


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def browser() -> str:
    """Path of a Chromium; ends the program where there is none."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    sys.exit(f"none of {', '.join(BROWSERS)} is installed: install the package chromium")


def wait_until_ready(url: str, limit_s: float) -> None:
    """Returns once the webserver answers; ends the program where it does not within `limit_s` seconds."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{url}/server_info", timeout=5):  # noqa: S310 - our own loopback server
                return
        except OSError:
            time.sleep(1)
    sys.exit(f"dagster-webserver did not answer at {url} within {limit_s:.0f} s")


def take(url: str, path: Path, width: int, height: int, wait_s: float) -> None:
    """One page as PNG in 256 colours; `wait_s` is the time that the page gets to load and lay out its graph."""
    with tempfile.TemporaryDirectory() as scratch:
        raw = Path(scratch) / "page.png"
        command = [
            browser(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={scratch}/profile",
            f"--window-size={width},{height}",
            f"--virtual-time-budget={int(wait_s * 1000)}",
            f"--screenshot={raw}",
            url,
        ]
        subprocess.run(command, check=True, timeout=PICTURE_S + wait_s, capture_output=True)
        with Image.open(raw) as picture:
            picture.convert("RGB").quantize(256).save(path, optimize=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Start the webserver, take every picture of `PAGES`, end the webserver."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wait", type=float, default=30.0, help="seconds that a page gets to load")
    parser.add_argument("--out", type=Path, default=IMAGES)
    given = parser.parse_args(arguments)
    home = dagster_home(load_settings())
    url = f"http://127.0.0.1:{(port := free_port())}"
    server = start_process(
        [sys.executable, "-m", "dagster_webserver", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)],
        log_path=home / "screenshot.log",
        env={**os.environ, "DAGSTER_HOME": str(home)},
        cwd=PROJECT_ROOT,
    )
    try:
        wait_until_ready(url, READY_S)
        given.out.mkdir(parents=True, exist_ok=True)
        for name, (page, width, height) in PAGES.items():
            take(url + page, given.out / f"{name}.png", width, height, given.wait)
            sys.stdout.write(f"{given.out / name}.png\n")
    finally:
        end_process_group(server, grace_s=10)


if __name__ == "__main__":
    main()
