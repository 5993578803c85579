"""Screenshots of Dagster's UI and of the explorer: `python docs/make_screenshot.py`, or `make screenshot`.

Belongs here: starting both servers on the configured home, the pictures by headless Chromium, ending all of it.
Does not belong here: filling the home (`make demo`). A home without runs shows the same graph, not yet materialised,
and has no rows for the explorer.
"""

from __future__ import annotations

import argparse
import html
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from resources.workers.processes import end_process_group, start_process
from wethink_assets.cli.installation import dagster_home
from wethink_assets.settings import PROJECT_ROOT, load_settings

IMAGES = PROJECT_ROOT / "docs" / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
READY_S, PICTURE_S = 120.0, 120.0
# Which page becomes which picture: path in Dagster's UI, width and height of the window.
PAGES = {
    "graph": ("/asset-groups", 1700, 620),
    "synthesis": ("/locations/wethink/asset-groups/synthesis/lineage", 1700, 700),
}
# The same of the explorer. A path of "" is the page of the first released row.
EXPLORER = {
    "explorer-rows": ("/rows", 1280, 800),
    "explorer-row": ("", 1280, 1000),
    "explorer-audit": ("/audit", 1280, 800),
    "explorer-map": ("/map", 1280, 900),
}
COLOURS = 64


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


def answer(url: str, limit_s: float) -> str:
    """What a server says, once it is ready; ends the program where it is not within `limit_s` seconds."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=60) as said:  # noqa: S310 - our own loopback server
                return said.read().decode()
        except OSError:
            time.sleep(1)
    sys.exit(f"nothing answered at {url} within {limit_s:.0f} s")


@contextmanager
def serving(command: Sequence[str], log: Path) -> Iterator[None]:
    """A server of the configured home, for the length of a block."""
    env = {**os.environ, "DAGSTER_HOME": str(log.parent)}
    server = start_process(command, log_path=log, env=env, cwd=PROJECT_ROOT)
    try:
        yield
    finally:
        end_process_group(server, grace_s=10)


def take(url: str, path: Path, width: int, height: int, wait_s: float) -> None:
    """One page as PNG in few colours; `wait_s` is the time that the page gets to load and lay out its graph."""
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
            picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Start both servers, take every picture, end them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wait", type=float, default=30.0, help="seconds that a page gets to load")
    parser.add_argument("--out", type=Path, default=IMAGES)
    parser.add_argument("--only", choices=("dagster", "explorer"), help="one of the two")
    given = parser.parse_args(arguments)
    home = dagster_home(load_settings())
    given.out.mkdir(parents=True, exist_ok=True)
    if given.only != "explorer":
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "dagster_webserver",
            "-w",
            "workspace.yaml",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
        ]
        with serving(command, home / "screenshot.log"):
            answer(f"http://127.0.0.1:{port}/server_info", READY_S)
            _take_all(f"http://127.0.0.1:{port}", PAGES, given.out, given.wait)
    if given.only != "dagster":
        port = free_port()
        command = [sys.executable, "-m", "wethink_assets.cli.main", "explore", "--read-only", "--port", str(port)]
        with serving(command, home / "screenshot.log"):
            url = f"http://127.0.0.1:{port}"
            rows = re.findall(r'href="([^"]+)" data-row', answer(f"{url}/rows?outcome=released", READY_S))
            if not rows:
                sys.exit("the lake of this home holds no released row: `make demo` fills it")
            pages = {name: (path or html.unescape(rows[0]), *size) for name, (path, *size) in EXPLORER.items()}
            _take_all(url, pages, given.out, given.wait)


def _take_all(url: str, pages: Mapping[str, tuple[str, int, int]], folder: Path, wait_s: float) -> None:
    for name, (page, width, height) in pages.items():
        take(url + page, folder / f"{name}.png", width, height, wait_s)
        sys.stdout.write(f"{folder / name}.png\n")


if __name__ == "__main__":
    main()
