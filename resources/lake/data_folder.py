"""The folder of a lake's data files, on this machine or in a bucket, to copy files in and out and to mark whose it is.

Belongs here: whole files by name, the marker. Does not belong here: reading rows (DuckDB does), which files are copied
(backup.py, move.py).

A data file has a name of its own and never changes, so one that is there with its size is that file. A bucket shows
a file when it is whole; in a folder it has another name until then.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from resources.lake.copied_files import PART, copy, digest_of
from resources.lake.database import LakeError
from resources.lake.ownership import MARKER, Marker, has_lake_files
from resources.private import private_folder


class DataFolder:
    """`path`: a folder, or `s3://bucket/prefix`, whose credentials are in the environment."""

    def __init__(self, path: str) -> None:
        self.path = path.rstrip("/")
        self.remote = "://" in path
        self._opened: tuple[Any, str] | None = None

    def size(self, name: str) -> int | None:
        """Bytes of a file; None where it is not there."""
        try:
            if not self.remote:
                return (Path(self.path) / name).stat().st_size
            system, root = self._bucket
            return int(system.info(f"{root}/{name}")["size"])
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._told(name, error) from error

    def get(self, name: str, target: Path) -> str:
        """Copy a file out; the SHA-256 of what was read."""
        if not self.remote:
            return copy(Path(self.path) / name, target)
        system, root = self._bucket
        private_folder(target.parent)
        fetched = target.with_name(f"{target.name}{PART}")
        try:
            system.get_file(f"{root}/{name}", str(fetched))
        except OSError as error:
            fetched.unlink(missing_ok=True)
            raise self._told(name, error) from error
        if fetched.stat().st_size != self.size(name):
            fetched.unlink()
            raise LakeError(f"{self.path}/{name} did not come whole: run it again")
        digest = str(digest_of(fetched))
        fetched.replace(target)
        return digest

    def put(self, name: str, source: Path) -> None:
        """Copy a file in, whole or not at all."""
        if not self.remote:
            copy(source, Path(self.path) / name)
            return
        system, root = self._bucket
        try:
            system.put_file(str(source), f"{root}/{name}")
        except OSError as error:
            raise self._told(name, error) from error
        if self.size(name) != source.stat().st_size:
            raise LakeError(f"{self.path}/{name} is not there as it was written: run it again")

    def marker(self) -> Marker | None:
        """Whose files these are; None where nothing says so."""
        if self.size(MARKER) is None:
            return None
        if not self.remote:
            return Marker.parse((Path(self.path) / MARKER).read_text("utf-8"), f"{self.path}/{MARKER}")
        system, root = self._bucket
        return Marker.parse(system.cat_file(f"{root}/{MARKER}").decode("utf-8", "replace"), f"{self.path}/{MARKER}")

    def mark(self, marker: Marker) -> None:
        """Say whose files these are."""
        if self.remote:
            system, root = self._bucket
            try:
                system.pipe_file(f"{root}/{MARKER}", marker.text.encode())
            except OSError as error:
                raise self._told(MARKER, error) from error
            return
        private_folder(Path(self.path))
        part = Path(self.path) / f"{MARKER}.part"
        part.write_text(marker.text, "utf-8")
        part.replace(Path(self.path) / MARKER)

    def holds_a_lake(self) -> bool:
        """Whether there are files of a lake, marked or not."""
        if not self.remote:
            return has_lake_files(self.path)
        system, root = self._bucket
        try:
            return any(name.endswith(".parquet") for name in system.find(f"{root}/main"))
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._told("", error) from error

    @property
    def _bucket(self) -> tuple[Any, str]:
        """The fsspec file system and the folder's path in it."""
        if self._opened is None:
            import fsspec

            try:
                system, root = fsspec.core.url_to_fs(self.path, use_listings_cache=False, skip_instance_cache=True)
            except (ImportError, OSError, ValueError) as error:
                raise self._told("", error) from error
            self._opened = system, root.rstrip("/")
        return self._opened

    def _told(self, name: str, error: Exception) -> LakeError:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return LakeError(f"{self.path}/{name} cannot be used: {said}. Look at the bucket and its credentials")
