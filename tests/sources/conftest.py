"""Sources on disk as the tests of this room read them: drawn by hand, of real samples, in every layout."""

from __future__ import annotations

import json
import shutil
import zipfile

import pytest

from resources.storage.places import Places
from tests.sources.layouts import LAYOUTS, NOISE
from wethink_assets.sources.annotate import read_source
from wethink_assets.sources.catalog import source
from wethink_assets.sources.listing import list_images


@pytest.fixture
def root(tmp_path):
    """Six files of COCO, named as its own are."""
    folder = tmp_path / "coco/train2017"
    folder.mkdir(parents=True)
    for number in range(6):
        (folder / f"{number:012d}.jpg").write_bytes(b"image %d" % number)
    return tmp_path


@pytest.fixture
def place(tmp_path, realdata):
    """`place(key, {target: sample file or bytes})` builds a sources root from real samples."""

    def build(key, files):
        for target, content in files.items():
            path = tmp_path / key / target
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                shutil.copyfile(realdata / content, path)
        return tmp_path

    return build


@pytest.fixture
def read(tmp_path):
    """`read(key, {path: bytes, text or JSON})` builds the source and reads it: contexts by path, problems."""

    def build(key, files):
        for name, content in files.items():
            path = tmp_path / key / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not isinstance(content, bytes):
                content = (content if isinstance(content, str) else json.dumps(content)).encode()
            path.write_bytes(content)
        places = Places.at(tmp_path)
        uris = list(list_images(source(key), places))
        records, problems = read_source(source(key), places, uris)
        return {r.image_uri.partition("/")[2]: r for r in records}, problems

    return build


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    """The same images as folders and as one archive."""
    folder = tmp_path_factory.mktemp("layouts")
    with zipfile.ZipFile(folder / "image.zip", "w") as archive:
        for key, names in LAYOUTS.items():
            for name in [*names, *NOISE]:
                content = f"{key}/{name}".encode()
                archive.writestr(f"{key}/{name}", content)
                path = folder / key / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    return folder, folder / "image.zip"
