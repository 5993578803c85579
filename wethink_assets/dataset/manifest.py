"""The manifest of an export (checksums and provenance): every file's size and SHA-256, and how the release was made.

Belongs here: its form, and holding a folder against it. Pure. Does not belong here: writing an export (export.py), what
is said of a release's making (provenance.py).

    release   the record of provenance.py
    files     {name: bytes, sha256} of texts, Parquet, card and what lies beside it
    images    {path below images/: bytes, sha256}, with copy_of where the picture is not the image's own file
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAME = "manifest.json"


def text_of(record: Mapping[str, Any], files: Mapping[str, Any], images: Mapping[str, Any]) -> bytes:
    """The manifest's bytes: equal contents give equal ones."""
    whole = {"release": record, "files": files, "images": images}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")


def read(folder: Path) -> dict[str, Any]:
    """The manifest of an export.

    Raises:
        OSError: there is none.
        ValueError: it is none.
    """
    found = json.loads((folder / NAME).read_text("utf-8"))
    if not isinstance(found, dict) or not all(isinstance(found.get(part), dict) for part in ("files", "images")):
        raise ValueError(f"{folder / NAME} is no manifest")
    return found


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def entry(path: Path) -> dict[str, Any]:
    """What the manifest says of a file."""
    return {"bytes": path.stat().st_size, "sha256": sha256_of(path)}


def entry_of(content: bytes) -> dict[str, Any]:
    """What the manifest says of a file with this content."""
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def changed(folder: Path, listed: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The listed files of a folder that are `file_missing` or `file_changed`, by name."""
    found = {}
    for name, told in listed.items():
        path = folder / name
        if not path.is_file():
            found[name] = "file_missing"
        elif path.stat().st_size != told["bytes"] or sha256_of(path) != told["sha256"]:
            found[name] = "file_changed"
    return found


def unlisted(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Files of a folder that its manifest does not know, without those whose names begin with a dot."""
    known = {NAME, *manifest["files"], *(f"images/{path}" for path in manifest["images"])}
    there = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(
        path.as_posix()
        for path in there
        if path.as_posix() not in known and not any(part.startswith(".") for part in path.parts)
    )
