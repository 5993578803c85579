"""Path traversal checks: a path of a data set never leads out of the place that it belongs to.

Belongs here: rules on names. Does not belong here: opening anything.
"""

from __future__ import annotations

ARCHIVES = (".tar", ".zip")  # read in place
PACKED = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".7z", ".rar")  # no random access
LONGEST_NAME = 255  # bytes of a file's or folder's name on Linux
LONGEST_PATH = 3_000  # bytes; of the 4,095 that Linux opens, so that a release can lay the file below another folder


class RefusedFileError(ValueError):
    """A file that must not or cannot be opened. `reason` is a short code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class OutsideRootError(RefusedFileError):
    """A path leads out of the place it must stay in."""

    def __init__(self, detail: str) -> None:
        super().__init__("outside_root", detail)


def unsafe(path: str) -> str | None:
    """Why a path from an annotation file, an archive or a table must not be followed; None where it may."""
    if not path or "\0" in path:
        return "is empty or holds a NUL"
    if path.startswith(("/", "\\")) or path[1:3] in (":\\", ":/"):
        return "is absolute"
    if ".." in path.replace("\\", "/").split("/"):
        return "climbs out with '..'"
    return None


def too_long(path: str) -> str | None:
    """Why a file of this path could not be laid on a disk, as a release does; None where it could."""
    if (size := len(path.encode())) > LONGEST_PATH:
        return f"has a path of {size:,} bytes; at most {LONGEST_PATH:,} are taken"
    if (size := max(len(name.encode()) for name in path.split("/"))) > LONGEST_NAME:
        return f"has a name of {size:,} bytes, which no disk holds; at most {LONGEST_NAME} are taken"
    return None


def is_text(name: str) -> bool:
    """Names that are not UTF-8 cannot be stored as text, so such files cannot be referred to."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_hidden(path: str) -> bool:
    return any(part.startswith(".") and part not in (".", "..") for part in path.split("/"))


def is_archive(path: str) -> bool:
    return path.lower().endswith(ARCHIVES)


def is_packed(path: str) -> bool:
    """Whether it is an archive that can only be read from its beginning."""
    return path.lower().endswith(PACKED)


def is_url(place: str) -> bool:
    return "://" in place


def join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path
