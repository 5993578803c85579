"""The sets' TSVs read where they lie: folder, links, archives, a bucket of a local S3 server; equal items from each."""

from __future__ import annotations

import hashlib
import os
import zipfile

import dagster as dg
import pytest
from pydantic import ValidationError
from s3fs.core import S3File, S3FileSystem

from resources.storage import bucket as bucket_module
from tests.benchmark_sets.tsv_files import b64, png, row, write
from tests.resources.storage.conftest import tarred, zipped
from tests.resources.storage.s3 import CREDENTIALS
from wethink_assets.benchmark_sets.files import SetFiles
from wethink_assets.benchmark_sets.image_store import ImageStore
from wethink_assets.benchmark_sets.items import fingerprint, read_benchmarks
from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.benchmark_sets.tsv import read_set
from wethink_assets.settings import Settings, load_settings

SETS = (BY_NAME["MMStar"], BY_NAME["OCRBench"])


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


KINDS = ("folder", "links", "zip", "wrapped_zip", "tar", "archive_inside", "s3", "s3_zip", "s3_tar")


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("sets")
    write(
        folder / "MMStar.tsv",
        [row(1, A="x", answer="A"), row(2, image="1"), row(3, image=b64(png("blue")), question='Où?\n"là"')],
    )
    write(folder / "OCRBench.tsv", [row(1, answer="['a']")])
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def known(files, tmp_path_factory):
    """Rows of the images, which are decoded once for all tests."""
    folder = tmp_path_factory.mktemp("known")
    for name, content in files.items():
        (folder / name).write_bytes(content)
    result = read_benchmarks(folder, ImageStore(folder / "images"), sets=SETS)
    return {r["image_id"]: r for r in result.rows["benchmark_images"]}


def shelve(kind: str, files: dict[str, bytes], tmp_path, request) -> str:
    """Puts the files into a place of that kind; returns the place."""
    top = tmp_path / "shelf"
    top.mkdir(exist_ok=True)
    if kind.startswith("s3"):
        bucket = request.getfixturevalue("bucket")
        packed = {"s3_zip": {"sets.zip": zipped(files)}, "s3_tar": {"sets.tar": tarred(files)}}
        for name, content in packed.get(kind, files).items():
            bucket.put(f"lmu/{name}", content)
        return f"{bucket.url}/lmu" + {"s3": "", "s3_zip": "/sets.zip", "s3_tar": "/sets.tar"}[kind]
    if kind == "tar":
        (top / "sets.tar").write_bytes(tarred(files))
        return str(top / "sets.tar")
    if kind.endswith("zip"):
        (top / "sets.zip").write_bytes(zipped(files, "LMUData/" if kind == "wrapped_zip" else ""))
        return str(top / "sets.zip")
    if kind == "archive_inside":
        (top / "part.zip").write_bytes(zipped({"OCRBench.tsv": files["OCRBench.tsv"]}))
        files = {"MMStar.tsv": files["MMStar.tsv"]}
    for name, content in files.items():
        target = tmp_path / f"elsewhere-{name}" if kind == "links" else top / name
        target.write_bytes(content)
        if kind == "links":
            (top / name).symlink_to(target)
    return str(top)


@pytest.mark.parametrize("kind", KINDS)
def test_items_are_the_same_from_every_place(kind, files, known, tmp_path, request):
    files_there = SetFiles(shelve(kind, files, tmp_path, request), tmp_path / "indexes")
    result = read_benchmarks(files_there, ImageStore(tmp_path / "images"), known=known, sets=SETS)
    result.check()
    assert not result.failed and not result.dropped
    assert [(i["benchmark"], i["item"], i["question"]) for i in result.rows["benchmark_items"]] == [
        ("MMStar", "1", "What?"),
        ("MMStar", "2", "What?"),
        ("MMStar", "3", 'Où?\n"là"'),
        ("OCRBench", "1", "What?"),
    ]
    assert result.details["md5"] == {name[:-4]: _md5(content) for name, content in files.items()}
    assert (
        result.details["fingerprint"]
        == fingerprint(files_there, SETS)
        == fingerprint(SetFiles(files_there.root, tmp_path / "indexes"), SETS)
    )
    assert not any(secret in files_there.name for secret in CREDENTIALS.values())


def test_a_changed_object_is_seen_without_reading_it(files, tmp_path, request, bucket):
    place = shelve("s3", files, tmp_path, request)
    before = fingerprint(place, SETS)
    bucket.put("lmu/OCRBench.tsv", files["OCRBench.tsv"].replace(b"What?", b"Whom?"))  # as long as before
    after = fingerprint(place, SETS)
    bucket.delete("lmu/OCRBench.tsv")
    assert len({before, after, fingerprint(place, SETS)}) == 3


def test_a_bucket_is_read_in_pieces_and_never_held(tmp_path, bucket, monkeypatch):
    """A file of many blocks: no request asks for more than two, and images leave memory as they are kept."""
    monkeypatch.setattr(bucket_module, "BLOCK", 64 * 1024)
    write(tmp_path / "MMStar.tsv", [row(i, image=b64(os.urandom(40_000))) for i in range(20)])
    bucket.put("lmu/MMStar.tsv", (tmp_path / "MMStar.tsv").read_bytes())
    files, sizes, asked = SetFiles(f"{bucket.url}/lmu"), [], []
    real = S3File._fetch_range
    monkeypatch.setattr(
        S3File, "_fetch_range", lambda self, start, end: asked.append(end - start) or real(self, start, end)
    )
    parsed = read_set(
        lambda: files.open("MMStar.tsv"), "MMStar", lambda data: sizes.append(len(data)) or f"{len(sizes):064d}"
    )
    assert len(parsed.items) == 20 and sizes == [40_000] * 20 and not parsed.failed
    assert len(asked) > 8 and max(asked) <= 2 * bucket_module.BLOCK
    assert parsed.md5 == _md5((tmp_path / "MMStar.tsv").read_bytes())


def test_what_is_missing_or_broken_is_named_and_the_rest_is_read(files, known, tmp_path, request, bucket):
    bucket.put("lmu/MMStar.tsv", files["MMStar.tsv"])
    one = read_benchmarks(f"{bucket.url}/lmu", ImageStore(tmp_path / "i"), known=known, sets=SETS)
    assert [(s.subject_id, s.reason) for s in one.failed] == [("OCRBench.tsv", "missing_file")] and one.continued == 3
    assert f"{bucket.url}/lmu" in one.failed[0].detail
    none = read_benchmarks(f"{bucket.url}/no", ImageStore(tmp_path / "i"), known=known, sets=SETS)
    assert [s.reason for s in none.failed] == ["missing_file"] * 2
    (tmp_path / "sets.tar.gz").write_bytes(b"\x1f\x8b")
    packed = read_benchmarks(tmp_path / "sets.tar.gz", ImageStore(tmp_path / "i"), known=known, sets=SETS)
    assert all("unpack it" in s.detail for s in packed.failed)
    broken = zipped(files)[:-40]
    (tmp_path / "sets.zip").write_bytes(broken)
    assert all(
        s.reason == "unreadable_file" and "sets.zip" in s.detail
        for s in read_benchmarks(tmp_path / "sets.zip", ImageStore(tmp_path / "i"), known=known, sets=SETS).failed
    )
    damaged = bytearray(zipped(files))
    at = bytes(damaged).index(b"MMStar.tsv") + 60
    damaged[at : at + 8] = b"\0" * 8
    (tmp_path / "bad.zip").write_bytes(bytes(damaged))
    result = read_benchmarks(tmp_path / "bad.zip", ImageStore(tmp_path / "i"), known=known, sets=SETS)
    result.check()
    assert {s.subject_id for s in result.failed} == {"MMStar.tsv"} and any(
        i["benchmark"] == "OCRBench" for i in result.rows["benchmark_items"]
    )


def test_a_hostile_archive_gives_nothing_that_lies_outside(files, known, tmp_path):
    (tmp_path / "secret.tsv").write_bytes(files["OCRBench.tsv"])
    link = zipfile.ZipInfo("OCRBench.tsv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "sets.zip", "w") as archive:
        archive.writestr("MMStar.tsv", files["MMStar.tsv"])
        archive.writestr(link, str(tmp_path / "secret.tsv"))
    result = read_benchmarks(tmp_path / "sets.zip", ImageStore(tmp_path / "i"), known=known, sets=SETS)
    assert [s.subject_id for s in result.failed] == ["OCRBench.tsv"] and result.continued == 3


def test_a_place_that_cannot_be_reached_says_so_and_takes_nothing_away(monkeypatch, known, tmp_path):
    S3FileSystem.clear_instance_cache()  # it holds clients of the server that the other tests use
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # no second try
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(OSError, match="s3://nowhere/lmu"):
        read_benchmarks("s3://nowhere/lmu", ImageStore(tmp_path / "i"), known=known, sets=SETS)
    S3FileSystem.clear_instance_cache()


def test_the_asset_reads_a_bucket_and_keeps_its_items_when_the_bucket_is_gone(
    lake, files, bucket, tmp_path, monkeypatch
):
    from resources.settings import SettingsResource
    from wethink_assets.benchmark_sets.assets import benchmark_set_assets

    bucket.put("lmu/MMStar.tsv", files["MMStar.tsv"])
    settings = Settings(home=tmp_path / "home", benchmarks_root=f"{bucket.url}/lmu")

    def run():
        resources = {"lake": lake, "settings": SettingsResource.of(settings)}
        return dg.materialize(benchmark_set_assets(), resources=resources, raise_on_error=False)

    assert run().success
    rows = lake.rows("evaluation/select_items")
    assert [r["item"] for r in rows] == ["1", "2", "3"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    S3FileSystem.clear_instance_cache()
    lost = run()
    S3FileSystem.clear_instance_cache()
    failure = lost.get_step_failure_events()[0].step_failure_data.user_failure_data.description
    assert (
        not lost.success
        and f"{bucket.url}/lmu cannot be reached" in failure
        and CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in failure
    )
    assert lake.rows("evaluation/select_items") == rows


def test_the_setting_is_a_folder_an_archive_or_a_url():
    assert load_settings({"WETHINK_BENCHMARKS_ROOT": "s3://bucket/LMUData/"}).benchmarks_dir == "s3://bucket/LMUData"
    assert Settings(benchmarks_root="/data/LMUData").benchmarks_dir.name == "LMUData"
    with pytest.raises(ValidationError, match="credentials belong in the environment") as failed:
        Settings(benchmarks_root="s3://key:secret@bucket/x")
    assert "secret@" not in str(failed.value.errors(include_input=False))
