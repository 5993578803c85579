"""`wethink calls export` and `import`: recorded model calls as a file, in one line at the terminal.

Belongs here: the wording. Does not belong here: the file (resources/calls/bundle.py).
"""

from __future__ import annotations

from pathlib import Path

from resources.calls.bundle import export_calls, import_calls
from resources.lake.store import LakeStore


def export_line(lake: LakeStore, path: Path, batch: str) -> str:
    count = export_calls(lake, path, batch=batch)
    return f"{count:,} calls in {path} ({path.stat().st_size:,} bytes)"


def import_line(lake: LakeStore, path: Path) -> str:
    imported = import_calls(lake, path)
    line = f"{imported.calls:,} calls in {path}: {imported.new:,} new, {imported.calls - imported.new:,} known"
    if imported.different:
        line += f", {imported.different:,} of them with another reply here, which stays"
    return line
