"""A small source that can be put into any kind of place."""

from __future__ import annotations

import io
import json
import tarfile
import uuid
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from resources.storage.places import Places
from tests.resources.storage.s3 import Bucket

KINDS = (
    "folder",
    "archives_inside",
    "zip",
    "tar",
    "root_zip",
    "s3",
    "s3_archives_inside",
    "s3_zip",
    "s3_tar",
    "memory",
)


def picture(number: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40 + number, 30), (number * 20 % 256, 90, 30)).save(out, "PNG")
    return out.getvalue()


def coco(numbers=range(1, 7)) -> dict[str, bytes]:
    """Images and captions of a small COCO, by path below its folder. Names sort otherwise by parts than by bytes."""
    names = {n: f"train2017/{n:012d}.jpg" for n in numbers} | {98: "train2017/a-b/x.jpg", 99: "train2017/a/x.jpg"}
    captions = {
        "images": [{"id": n, "file_name": name.rsplit("/", 1)[-1]} for n, name in names.items() if n < 90],
        "annotations": [{"image_id": n, "caption": f"picture {n}"} for n in names if n < 90],
    }
    files = {name: picture(n) for n, name in names.items()}
    return files | {"annotations/captions_train2017.json": json.dumps(captions).encode()}


def zipped(files: dict[str, bytes], top: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(top + name, content)
    return out.getvalue()


def tarred(files: dict[str, bytes], top: str = "./") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(top + name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


class Shelf:
    """Puts the files of source `coco` into a place of one kind, and again when they change."""

    def __init__(self, kind: str, tmp_path: Path, bucket: Bucket | None) -> None:
        self.kind, self.folder, self.bucket = kind, tmp_path / "shelf", bucket
        self.memory = f"memory://{uuid.uuid4().hex}"

    @property
    def root(self) -> str:
        if self.kind == "root_zip":
            return str(self.folder / "image.zip")
        if self.kind == "memory":
            return self.memory
        return self.bucket.url if self.kind.startswith("s3") else str(self.folder)

    def places(self, indexes: Path | None = None) -> Places:
        return Places(self.root, {}, indexes)

    def put(self, files: dict[str, bytes]) -> None:
        kind = self.kind.removeprefix("s3_")
        if kind in ("folder", "s3", "memory"):
            contents = {f"coco/{name}": content for name, content in files.items()}
        elif kind == "archives_inside":
            parts = {
                part: {n: c for n, c in files.items() if n.startswith(part)} for part in ("train2017", "annotations")
            }
            contents = {
                "coco/train2017.zip": zipped(parts["train2017"]),
                "coco/annotations.tar": tarred(parts["annotations"]),
            }
        elif kind == "root_zip":
            contents = {"image.zip": zipped(files, "coco/")}
        else:
            contents = {f"coco.{kind}": zipped(files, "coco/") if kind == "zip" else tarred(files)}
        for name, content in contents.items():
            if self.kind.startswith("s3"):
                self.bucket.put(name, content)
            elif self.kind == "memory":
                import fsspec

                fsspec.filesystem("memory").pipe_file(f"{self.memory.removeprefix('memory:/')}/{name}", content)
            else:
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


@pytest.fixture(params=KINDS)
def shelf(request, tmp_path):
    needs = request.param.startswith("s3")
    return Shelf(request.param, tmp_path, request.getfixturevalue("bucket") if needs else None)
