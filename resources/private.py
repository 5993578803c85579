"""Private folders (file modes): what holds data, replies and logs is closed to other users of the machine.

Belongs here: making such folders, and telling of one that is open. Does not belong here: folders for a moment
(scratch.py). A folder that is there stays as its owner left it: a team may share it on purpose.
"""

from __future__ import annotations

import stat
from pathlib import Path

MODE = 0o700


def private_folder(path: Path) -> None:
    """Make a folder and all that are missing above it, each for its owner alone.

    Raises:
        OSError: it cannot be made.
    """
    for folder in reversed((path, *path.parents)):
        if not folder.is_dir():
            folder.mkdir(MODE, exist_ok=True)


def told_if_open(path: Path) -> str:
    """A line with the cure where others of the machine may look into a folder; empty where it is closed or missing."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return ""
    if not mode & 0o007:
        return ""
    return f"{path} is open to all users here (mode {mode:04o}), and holds data and replies: chmod 700 {path}"
