"""Reading hostile annotation files: streaming JSON, files of single images, and values that may be of any type.

Belongs here: what several readers share. Does not belong here: any one format.
"""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, cast

import ijson

from resources.storage.tree import File, Tree
from wethink_assets.sources.annotation_join import AnnotationCollector, ForeignFileError
from wethink_assets.sources.annotations import Box, clean

SMALL = 64 * 1024 * 1024  # bytes of a per-image annotation file; larger ones are no such file
LINE = 16 * 1024 * 1024  # bytes of one line of a JSONL file
HEAD = 1024 * 1024  # bytes in which a file shows its shape
AT_ONCE = 32  # requests to a bucket


def entries(file: File, where: str = "", *, gap: int = 0, some: bool = False) -> Iterator[Any]:
    """Elements of the list at `where` ('' is the top), one at a time.

    `gap`: where no element is that large, the bytes without any after which the list is taken to be over, so that
    the rest of the file is not read. `some`: a file of this format has the list.

    Raises:
        ForeignFileError: the JSON is of another shape: there is no such list.
        ValueError: the JSON is broken.
    """
    found = False
    with file.open() as handle:
        if _start(handle) != (b"{" if where else b"["):
            raise _other_shape(file, f"no {'object that holds ' + where if where else 'list'} at the top")
        for element in stream(handle, f"{where}.item" if where else "item", gap=gap):
            found = True
            yield element
    if some and not found and f'"{where}"'.encode() not in _head(file, HEAD):
        raise ForeignFileError(f"no {where} at the top")


def stream(handle: BinaryIO, prefix: str, *, gap: int = 0) -> Iterator[Any]:
    """As `entries`, from an open file and by ijson's prefix."""
    paced = _Paced(handle, gap)
    try:
        for element in ijson.items(paced, prefix, use_float=True):
            paced.quiet = 0
            yield element
    except _EndOfListError:
        return
    except ijson.JSONError as error:
        raise _broken(error) from None


class _EndOfListError(Exception):
    """The list that was looked for has ended."""


class _Paced:
    """A stream that ends once `gap` bytes brought no element; until the first one it never does."""

    def __init__(self, handle: BinaryIO, gap: int) -> None:
        self._handle, self._gap = handle, gap
        self.quiet: int | None = None

    def read(self, size: int) -> bytes:
        if self.quiet is not None and self._gap:
            if self.quiet > self._gap:
                raise _EndOfListError
            self.quiet += size
        return self._handle.read(size)


def pairs(file: File) -> Iterator[tuple[str, Any]]:
    """Keys and values of the object at the top, one at a time.

    Raises:
        ForeignFileError: the JSON is no object.
        ValueError: the JSON is broken.
    """
    with file.open() as handle:
        if _start(handle) != b"{":
            raise _other_shape(file, "no object at the top")
        try:
            yield from ijson.kvitems(handle, "", use_float=True)
        except ijson.JSONError as error:
            raise _broken(error) from None


def rows(
    file: File, collector: AnnotationCollector, *where: str, having: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """Objects of a JSONL file, of a list, or of the list at `where` in an object, whichever the file is.

    `having`: a file of this format has an object with one of these keys. A broken line of a JSONL file is noted and
    left out. Raises as `entries` does.
    """
    read = found = noted = False
    for row in _rows(file, collector, where):
        if row is _NOTED:
            noted = True
            continue
        read = True
        if isinstance(row, dict):
            found = found or any(key in row for key in having)
            yield row
    if having and read and not found and not noted:
        raise ForeignFileError(f"no entry has {' or '.join(having)}")


_NOTED = object()


def _rows(file: File, collector: AnnotationCollector, where: Sequence[str]) -> Iterator[Any]:
    """The elements, and _NOTED for what is noted as broken."""
    if file.suffix == ".jsonl":
        yield from _lines(file, collector)
        return
    with file.open() as handle:
        first = _start(handle)
    if first == b"[":
        yield from entries(file)
    elif not where:
        raise _other_shape(file, "no list at the top")
    else:
        for place in where:
            yield from entries(file, place, some=len(where) == 1)


def _lines(file: File, collector: AnnotationCollector) -> Iterator[Any]:
    with file.open() as handle:
        while line := handle.readline(LINE):
            if line.strip(b"\xef\xbb\xbf \t\r\n"):
                try:
                    value = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
                except (ValueError, RecursionError) as error:
                    collector.problem(file, "broken_line", f"{str(error)[:120]}; the line is left out")
                    value = _NOTED
                yield value


def _start(handle: BinaryIO) -> bytes:
    """The first byte that means something; the handle is then before it, past a byte order mark.

    Raises:
        ValueError: the file is empty, or begins as no JSON does.
    """
    skipped = 3 if handle.read(3) == b"\xef\xbb\xbf" else 0
    handle.seek(skipped)
    while piece := handle.read(4096):
        if rest := piece.lstrip():
            handle.seek(skipped)
            if rest[0] not in b'{["-0123456789tfn':
                raise ValueError(f"no JSON: it begins with {rest[:12]!r}")
            return rest[:1]
    raise ValueError("the file is empty")


def _other_shape(file: File, what: str) -> ValueError:
    """A sound file of another shape is foreign; one that breaks off is broken. A large one is not read for that."""
    if len(head := _head(file, HEAD + 1)) <= HEAD:
        try:
            json.loads(head.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            return _broken(error)
    return ForeignFileError(what)


def _head(file: File, size: int) -> bytes:
    with file.open() as handle:
        return handle.read(size)


def _broken(error: Exception) -> ValueError:
    """JSON errors of ijson are no ValueErrors, and run over several lines."""
    return ValueError(" ".join(str(error).split("\n", 1)[0].split()))


@dataclass(frozen=True)
class Content:
    """The bytes of a small file, or what came of reading it."""

    outcome: builtins.bytes | Exception

    def bytes(self) -> builtins.bytes:
        """Raises what reading the file raised, or ValueError where it is implausibly large."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        if len(self.outcome) > SMALL:
            raise ValueError(f"more than {SMALL} bytes are too many for the annotations of one image")
        return self.outcome

    def json(self) -> Any:
        return json.loads(self.bytes().decode("utf-8-sig"))


def of_each(
    tree: Tree, collector: AnnotationCollector, candidates: Callable[[str], Sequence[str]]
) -> Iterator[tuple[str, File, Content]]:
    """Each requested image's own annotation file: the first candidate that is there; images without are left out.

    `candidates` gives paths in the tree for an image's path in it. Of a bucket, many are asked for at a time.
    """

    def fetch(uri: str) -> tuple[str, File, Content] | None:
        for path in candidates(uri.partition("/")[2]):
            file = tree.file(path)
            try:
                return uri, file, Content(tree.read(path, SMALL + 1))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, ValueError) as error:
                return uri, file, Content(error)
        return None

    if not tree.remote:
        yield from filter(None, map(fetch, collector.uris))
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        uris = iter(collector.uris)
        while some := list(islice(uris, 4 * AT_ONCE)):
            yield from filter(None, pool.map(fetch, some))


def text(value: Any) -> str:
    """Clean text of a text or a number; '' of anything else."""
    return clean(value)


def texts(value: Any) -> tuple[str, ...]:
    """Clean texts of a list; of one text, itself."""
    if isinstance(value, (str, int, float)):
        value = [value]
    return tuple(filter(None, map(clean, value))) if isinstance(value, list) else ()


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; [] of anything else."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def index(value: Any) -> int | None:
    """A place in a list: a whole number from 0, also where it is written as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def numbers(*values: Any) -> tuple[float, ...] | None:
    """All values as finite floats; None where one is not."""
    finite = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= 1e9:  # NaN fails too
            return None
        finite.append(float(value))
    return tuple(finite)


def xywh(x: Any, y: Any, w: Any, h: Any) -> Box | None:
    box = numbers(x, y, w, h)
    return cast(Box, box) if box and box[2] >= 0 and box[3] >= 0 else None


def corners(x1: Any, y1: Any, x2: Any, y2: Any) -> Box | None:
    """A box from two opposite corners."""
    edges = numbers(x1, y1, x2, y2)
    if edges is None:
        return None
    left, top = min(edges[0], edges[2]), min(edges[1], edges[3])
    return (left, top, abs(edges[2] - edges[0]), abs(edges[3] - edges[1]))


def split_of_name(file: File) -> str | None:
    """The split in an annotation file's name, such as `TextVQA_0.5.1_train.json`."""
    name = file.name.lower()
    return next((split for split in ("train", "val", "test") if split in name), None)
