"""Tar and zip archives (random access): what is in one, and reading one member where it lies.

Belongs here: the two formats, and refusing members that are no plain file inside the archive. Does not belong
here: remembering members (index.py). Archives are hostile: only headers are read here, nothing is extracted.
"""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple, cast

from resources.storage.names import is_hidden, is_text, unsafe

HEADER = 16 * 1024 * 1024  # bytes of one tar header, which a hostile file can claim without limit
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}


class BadArchiveError(ValueError):
    """The archive is broken; members read before the break are good."""


class Member(NamedTuple):
    """A member of an archive, and where its bytes lie.

    `path` is relative to the folder that holds the archive. `start` is where its data (zip: its header) begins,
    `packed` its size there. `refused` is a reason and a detail where it must not be opened.
    """

    path: str
    start: int
    size: int
    packed: int
    method: int = 0
    crc: int = 0
    refused: tuple[str, str] | None = None


def members(handle: BinaryIO, name: str) -> Iterator[Member]:
    """All members but folders and hidden files, in the archive's order. `name` tells the format.

    Raises:
        BadArchiveError: the file is no such archive, or breaks off.
    """
    try:
        yield from _zip_members(handle, name) if name.lower().endswith(".zip") else _tar_members(handle, name)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, struct.error, ValueError, NotImplementedError) as error:
        raise BadArchiveError(" ".join(str(error).split())[:200] or type(error).__name__) from None


def open_member(handle: BinaryIO, member: Member, kind: str) -> BinaryIO:
    """The member's bytes as a file; closing it closes `handle`.

    Raises:
        OSError: the archive is not what it was when it was indexed.
    """
    if kind == "tar":
        return io.BufferedReader(Window(handle, member.start, member.size))
    handle.seek(member.start)
    header = handle.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        handle.close()
        raise OSError(f"{member.path}: no member begins here; the archive changed while it was read")
    name, extra = struct.unpack("<HH", header[26:30])
    info = zipfile.ZipInfo(member.path)
    info.compress_type, info.compress_size, info.file_size = member.method, member.packed, member.size
    info.CRC = member.crc
    window = Window(handle, member.start + 30 + name + extra, member.packed)
    return _Unpacked(zipfile.ZipExtFile(window, "r", info, None, True), member.path)  # type: ignore[return-value]


class Window(io.RawIOBase):
    """A stretch of a file as a file of its own; seekable."""

    def __init__(self, handle: BinaryIO, start: int, size: int) -> None:
        self._handle, self._start, self._size, self._at = handle, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        length = min(len(buffer), self._size - self._at)
        if length <= 0:
            return 0
        self._handle.seek(self._start + self._at)
        data = self._handle.read(length)
        if not data:
            raise OSError("the archive breaks off inside this member")
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._handle.close()
        super().close()


class _Unpacked(io.BufferedReader):
    """A zip member whose damage is an OSError, as that of any other file."""

    def __init__(self, member: zipfile.ZipExtFile, path: str) -> None:
        super().__init__(_Damage(member, path))  # type: ignore[arg-type]


class _Damage(io.RawIOBase):
    def __init__(self, member: zipfile.ZipExtFile, path: str) -> None:
        self._member, self._path = member, path

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._member.seek(offset, whence)

    def tell(self) -> int:
        return self._member.tell()

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._member.read(len(buffer))
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - zlib, lzma and zipfile each raise their own
            raise OSError(f"{self._path} is damaged in its archive: {' '.join(str(error).split())[:120]}") from None
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._member.close()
        super().close()


def _zip_members(handle: BinaryIO, name: str) -> Iterator[Member]:
    with zipfile.ZipFile(handle) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            mode = info.external_attr >> 16
            why = None
            if stat.S_ISLNK(mode):
                why = ("archive_link", "is a link")
            elif info.flag_bits & 0x1:
                why = ("encrypted", "is encrypted")
            elif info.compress_type not in _METHODS:
                why = ("unsupported_archive", f"is packed by method {info.compress_type}, which is not supported")
            member = _member(
                name,
                info.filename,
                info.header_offset,
                info.file_size,
                info.compress_size,
                info.compress_type,
                info.CRC,
                why,
            )
            if member:
                yield member


def _tar_members(handle: BinaryIO, name: str) -> Iterator[Member]:
    with tarfile.open(fileobj=cast(BinaryIO, _Headers(handle)), mode="r:") as archive:
        while (info := archive.next()) is not None:
            archive.members.clear()  # ty: ignore[missing-attribute] - tarfile would keep them all
            if info.isdir():
                continue
            why = None
            if info.issym() or info.islnk():
                why = ("archive_link", f"is a link to {info.linkname[:120]!r}")
            elif not info.isreg():
                why = ("archive_device", "is a device or pipe")
            elif info.issparse():
                why = ("unsupported_archive", "is a sparse file, which is not supported")
            if member := _member(name, info.name, info.offset_data, info.size, info.size, 0, 0, why):
                yield member


def _member(
    archive: str, path: str, start: int, size: int, packed: int, method: int, crc: int, why: tuple[str, str] | None
) -> Member | None:
    """None where it is hidden or its name is no text.

    A member that climbs out is named under the archive's own name.
    """
    if not is_text(path):
        return None
    if problem := unsafe(path):
        shown = f"{archive.rsplit('/', 1)[-1]}!{path.replace(chr(0), '')}"
        return Member(
            shown, start, size, packed, method, crc, ("outside_root", f"member {path[:200]!r} of {archive} {problem}")
        )
    path = "/".join(part for part in path.split("/") if part not in ("", "."))
    if not path or is_hidden(path):
        return None
    refused = (why[0], f"member {path!r} of {archive} {why[1]}: put the file itself there") if why else None
    return Member(path, start, size, packed, method, crc, refused)


class _Headers:
    """What tarfile may read: headers, none larger than plausible."""

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self.seek, self.tell = handle.seek, handle.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= HEADER:
            raise BadArchiveError(f"a header claims {size} bytes")
        return self._handle.read(size)
