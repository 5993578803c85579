"""Object storage: a folder in a bucket (s3://, gs://, hf:// or any other that fsspec knows).

Belongs here: paged listing, ranged reads, whole writes, and errors in words. Does not belong here: credentials, which
the client libraries take from the environment alone.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit, urlunsplit

from resources.storage.folder import Level, Stamp
from resources.storage.names import OutsideRootError, is_hidden, is_text, join, unsafe

BLOCK = 8 * 1024 * 1024  # bytes read ahead of a stream
SMALLEST = 64 * 1024
ONE_REQUEST = 32 * 1024 * 1024  # bytes of an object that is written in one request, and held in memory for it
_KEYS = {
    "s3": "AWS_ACCESS_KEY_ID",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "gcs": "GOOGLE_APPLICATION_CREDENTIALS",
    "hf": "HF_TOKEN",
}  # where a client library finds the key of a scheme
_SILENT = "Bad Request"  # all that S3 says of an expired token where an answer has no body
PAGE = 1000  # names of one listing request, the most that S3 gives


def plain_url(url: str) -> str:
    """The URL without user, password and query, which could hold a key."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class BucketFolder:
    """A folder in a bucket. S3 and Google are listed page by page, other clients give one folder's names at a time."""

    remote = True
    too_long: Collection[str] = ()  # a bucket opens what it lists

    def __init__(self, url: str) -> None:
        self.name = plain_url(url).rstrip("/")
        self._url = self.name
        self._opened: tuple[Any, str] | None = None

    @property
    def _at(self) -> tuple[Any, str]:
        """The fsspec file system and the folder's path in it. Opened late: it may import much and ask a server."""
        if self._opened is None:
            import fsspec

            options = {"use_listings_cache": False, "skip_instance_cache": False}
            with _told(self.name):
                system, path = fsspec.core.url_to_fs(self._url, **(options if self._s3 else {}))
            self._opened = system, path.rstrip("/")
        return self._opened

    @property
    def _s3(self) -> bool:
        return self._url.startswith(("s3://", "s3a://"))

    @property
    def _paged(self) -> bool:
        return self._s3 or self._url.startswith(("gs://", "gcs://"))

    def _path(self, path: str) -> str:
        if problem := unsafe(path):
            raise OutsideRootError(f"{path!r} {problem}")
        return f"{self._at[1]}/{path}"

    def exists(self) -> bool:
        level = self.level("", limit=1)
        return bool(level.files or level.folders)

    def files(self, below: str = "") -> Iterator[str]:
        if self._paged:
            for page in self._pages(below, delimiter=""):
                yield from (join(below, name) for name in page.files)
            return
        level = self.level(below)
        for name in sorted([*level.files, *(f"{folder}/" for folder in level.folders)]):
            if name.endswith("/"):
                yield from self.files(join(below, name[:-1]))
            else:
                yield join(below, name)

    def level(self, folder: str, limit: int | None = None) -> Level:
        files: list[str] = []
        folders: list[str] = []
        for page in self._pages(folder, delimiter="/") if self._paged else [self._names(folder)]:
            files += page.files
            folders += page.folders
            if limit is not None and len(files) + len(folders) >= limit and not page.whole:
                return Level(sorted(files), sorted(folders), whole=False)
        return Level(sorted(files), sorted(folders))

    def _pages(self, folder: str, delimiter: str) -> Iterator[Level]:
        """One listing request at a time. Both services sort keys by their UTF-8 bytes."""
        bucket, _, prefix = self._at[1].partition("/")
        prefix = "".join(f"{part}/" for part in (prefix, folder) if part)
        token = ""
        while True:
            with _told(join(self.name, folder)):
                keys, folders, token = (self._s3_page if self._s3 else self._google_page)(
                    bucket, prefix, delimiter, token
                )
            below = (key[len(prefix) :] for key in keys)
            tops = (key[len(prefix) : -1] for key in folders)
            yield Level(
                [key for key in below if key and not key.endswith("/") and is_text(key) and not is_hidden(key)],
                [name for name in tops if name and not name.startswith(".")],
                whole=not token,
            )
            if not token:
                return

    def _s3_page(self, bucket: str, prefix: str, delimiter: str, token: str) -> tuple[list[str], list[str], str]:
        more = {"ContinuationToken": token} if token else {}
        page = self._at[0].call_s3(
            "list_objects_v2", Bucket=bucket, Prefix=prefix, Delimiter=delimiter, MaxKeys=PAGE, **more
        )
        keys, folders = page.get("Contents", ()), page.get("CommonPrefixes", ())
        return [e["Key"] for e in keys], [e["Prefix"] for e in folders], page.get("NextContinuationToken", "")

    def _google_page(self, bucket: str, prefix: str, delimiter: str, token: str) -> tuple[list[str], list[str], str]:
        page = self._at[0].call(
            "GET",
            "b/{}/o",
            bucket,
            prefix=prefix,
            delimiter=delimiter or None,
            pageToken=token or None,
            maxResults=PAGE,
            fields="items/name,prefixes,nextPageToken",
            json_out=True,
        )
        return [e["name"] for e in page.get("items", ())], page.get("prefixes", []), page.get("nextPageToken", "")

    def _names(self, folder: str) -> Level:
        system, base = self._at
        top = join(base, folder)
        with _told(join(self.name, folder)):
            try:
                entries = system.ls(top, detail=True, refresh=True)
            except FileNotFoundError:
                entries = []
        files, folders = [], []
        for entry in entries:
            name = str(entry["name"]).rstrip("/").rsplit("/", 1)[-1]
            if name and not name.startswith(".") and is_text(name):
                (folders if entry["type"] == "directory" else files).append(name)
        return Level(sorted(files), sorted(folders))

    def is_folder(self, path: str) -> bool:
        if unsafe(path):
            return False
        level = self.level(path, limit=1)
        return bool(level.files or level.folders)

    def stamp(self, path: str) -> Stamp:
        where = self._path(path)
        with _told(join(self.name, path)):
            info = self._at[0].info(where)
            if info.get("type") == "directory":
                raise FileNotFoundError(errno.ENOENT, "a folder, not a file", path)
        version = next(
            (
                info[k]
                for k in ("ETag", "etag", "blob_id", "generation", "LastModified", "mtime", "created")
                if info.get(k)
            ),
            "",
        )
        return Stamp(int(info["size"] or 0), str(version))

    def open(self, path: str, expect: int | None = None) -> BinaryIO:
        """`expect` is how many bytes will be read, if known: no more are asked for at a time."""
        where = self._path(path)
        block = BLOCK if expect is None else min(BLOCK, max(SMALLEST, expect))
        with _told(join(self.name, path)):
            remote = self._at[0].open(where, "rb", block_size=block, cache_type="readahead")
            return cast(BinaryIO, _Told(remote, join(self.name, path)))

    def read(self, path: str, limit: int) -> bytes:
        """The file's first bytes, `limit` at most, in one request."""
        where = self._path(path)
        with _told(join(self.name, path)):
            try:
                return self._at[0].cat_file(where, start=0, end=limit)
            except FileNotFoundError:
                raise
            except Exception:
                if self._at[0].info(where)["size"] == 0:  # no range of an empty file can be given
                    return b""
                raise

    def sizes(self) -> dict[str, int]:
        """Bytes of every object below the folder, by path; hidden ones too. In one listing."""
        system, top = self._at
        with _told(self.name):
            found = system.find(top, detail=True)
        return {name[len(top) :].strip("/"): int(info["size"] or 0) for name, info in found.items()}

    def put(self, path: str, local: Path) -> None:
        """Write a file as an object, in place of one that is there: readers see the old one or the whole new one.

        It is as private as the bucket makes it: no access list is sent.
        """
        where = self._path(path)
        with _told(join(self.name, path)):
            if local.stat().st_size <= ONE_REQUEST:
                self._at[0].pipe_file(where, local.read_bytes())
            else:
                self._at[0].put_file(str(local), where)

    def local(self, path: str) -> None:
        return None


class _Told:
    """A remote file whose errors say where it lies."""

    def __init__(self, handle: Any, name: str) -> None:
        self._handle, self._name = handle, name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handle, name)

    def read(self, size: int = -1) -> bytes:
        with _told(self._name):
            return self._handle.read(size)

    def __enter__(self) -> _Told:
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.close()


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Whatever a client library raises becomes an OSError that names the place."""
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "No such file", name) from None
    except PermissionError as error:
        raise PermissionError(errno.EACCES, f"access refused ({_line(error)}); {_key_of(name)}", name) from None
    except (OSError, ImportError, RuntimeError, ValueError) as error:
        if _SILENT in str(error) and name.startswith("s3"):
            raise PermissionError(errno.EACCES, f"access refused ({_line(error)}); {_key_of(name)}", name) from None
        raise OSError(errno.EIO, _line(error), name) from None
    except Exception as error:  # noqa: BLE001 - botocore, aiohttp and google-auth have trees of their own
        raise OSError(errno.EIO, f"{type(error).__name__}: {_line(error)}", name) from None


def _key_of(name: str) -> str:
    """Which key a place is opened with, and what to do where it is refused."""
    variable = next((key for scheme, key in _KEYS.items() if name.startswith(scheme)), "")
    given = f"the key in {variable}" if os.environ.get(variable) else "its key"
    where = f", as {variable}" if variable and given == "its key" else ""
    return (
        f"{given} is missing, has expired or may not read it: give the bucket's credentials in the environment{where}"
    )


def _line(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:200]
