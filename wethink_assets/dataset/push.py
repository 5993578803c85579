"""Pushing a release's export to a bucket (publishing to object storage), resumably, and reading it back.

Belongs here: what is uploaded in which order, and when it is whole. Pure but for the two folders. Does not belong here:
the bucket itself (resources/storage/bucket.py), writing an export (export.py).

The export lands in `<url>/<release id>/`, its manifest last: where the manifest lies, the rest lay before it. A push
that was killed is gone on with by pushing again: what is there with its size is not sent again. Then every object is
read back and held against the manifest, and what differs is sent once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from wethink_assets.dataset import manifest

AT_ONCE = 16  # objects on their way
EVERY = 1_000  # objects between two words
PART = 8 * 1024 * 1024  # bytes read back at a time


class PushError(RuntimeError):
    """A push cannot be done; the message is one line that names the thing and the cure."""


class Target(Protocol):
    """The part of a bucket's folder that a push needs."""

    name: str

    def sizes(self) -> dict[str, int]: ...

    def put(self, path: str, local: Path) -> None: ...

    def open(self, path: str, expect: int | None = None) -> Any: ...


@dataclass
class Pushed:
    """What a push did: objects and bytes sent, objects that lay there, and those that were sent again since they
    differed."""

    objects: int = 0
    sent: int = 0
    sent_bytes: int = 0
    there: int = 0
    mended: list[str] = field(default_factory=list)


def push(folder: Path, target: Target, *, say: Callable[[str], None], sha256: str | None = None) -> Pushed:
    """Upload the export in `folder` to `target`, whole and read back.

    `sha256` is what the lake says of the export's manifest.

    Raises:
        PushError: the export is not whole, the target holds another release, or what was sent cannot be read back.
        OSError: the bucket refused, or was not reached; push again.
    """
    known = _listed(folder, sha256)
    there = target.sizes()
    if manifest.NAME in there and _differs(target, manifest.NAME, manifest.entry(folder / manifest.NAME)):
        raise PushError(f"{target.name} holds another manifest: push to another place, or remove what lies there")
    done = Pushed(len(known) + 1)
    missing = [name for name, told in known.items() if there.get(name) != told["bytes"]]
    done.there = len(known) - len(missing)
    if done.there:
        say(f"{done.there:,} of {len(known):,} objects are there already")
    with ThreadPoolExecutor(AT_ONCE) as pool:

        def send(names: Iterable[str], verb: str) -> None:
            for count, size in enumerate(pool.map(lambda name: _send(folder, target, name, known[name]), names), 1):
                done.sent, done.sent_bytes = done.sent + 1, done.sent_bytes + size
                if count % EVERY == 0:
                    say(f"{verb} {count:,} objects")

        send(missing, "sent")
        differing = [
            name
            for name, differs in zip(
                known, pool.map(lambda name: _differs(target, name, known[name]), known), strict=True
            )
            if differs
        ]
        say(f"read {len(known):,} objects back, {len(differing):,} differ")
        send(differing, "sent again")
        if still := [name for name in differing if _differs(target, name, known[name])]:
            raise PushError(f"{target.name}: {still[0]} is not what was sent, nor are {len(still) - 1} others")
        done.mended = differing
    target.put(manifest.NAME, folder / manifest.NAME)
    if _differs(target, manifest.NAME, manifest.entry(folder / manifest.NAME)):
        raise PushError(f"{target.name}: {manifest.NAME} is not what was sent")
    return done


def _listed(folder: Path, sha256: str | None) -> dict[str, Mapping[str, Any]]:
    """What the manifest names, by path below the folder."""
    cure = "`wethink release checkout` writes it again"
    try:
        told = manifest.read(folder)
    except (OSError, ValueError) as error:
        raise PushError(f"{folder} holds no whole export ({error}): {cure}") from None
    if sha256 is not None and manifest.sha256_of(folder / manifest.NAME) != sha256:
        raise PushError(f"{folder / manifest.NAME} is not the manifest that the lake knows: {cure}")
    return {**told["files"], **{f"images/{path}": entry for path, entry in told["images"].items()}}


def _send(folder: Path, target: Target, name: str, told: Mapping[str, Any]) -> int:
    """Send one file, if it is what the manifest says. Returns its bytes."""
    if manifest.changed(folder, {name: told}):
        raise PushError(f"{folder / name} is not what the manifest says: `wethink release verify` tells what else")
    target.put(name, folder / name)
    return int(told["bytes"])


def _differs(target: Target, name: str, told: Mapping[str, Any]) -> bool:
    """Whether an object is missing, or has other bytes than the manifest says."""
    digest, size = hashlib.sha256(), 0
    try:
        with target.open(name, told["bytes"]) as remote:
            while part := remote.read(PART):
                digest.update(part)
                size += len(part)
    except FileNotFoundError:
        return True
    return size != told["bytes"] or digest.hexdigest() != told["sha256"]
