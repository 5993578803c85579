"""Buckets: paged listing, images by id through the cache, copies, and no credential anywhere."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg
import fsspec
import pytest
from pydantic import ValidationError

from resources.image_files import ImageFiles, ImageMissingError
from resources.settings import SettingsResource
from resources.storage import bucket as bucket_module
from resources.storage.bucket import BucketFolder
from resources.storage.copies import Cache, Copies, OtherBytesError
from resources.storage.places import Places, locate
from tests.conftest import PROJECT_ROOT
from tests.resources.storage.conftest import coco, picture, tarred
from tests.resources.storage.google_server import google_server
from tests.resources.storage.s3 import CREDENTIALS
from tests.sources.running import materialize
from wethink_assets.images.assets import pool_asset
from wethink_assets.settings import Settings, SourceSettings
from wethink_assets.sources.assets import source_assets
from wethink_assets.sources.catalog import source
from wethink_assets.sources.ingest import take
from wethink_assets.sources.listing import list_images
from wethink_assets.sources.new_files import new_files

COCO = source("coco")


def test_listing_is_paged_and_stops_when_enough_is_known(bucket, monkeypatch):
    for number in range(9):
        bucket.put(f"coco/train2017/{number}.jpg", b"x")
    bucket.put("coco/train2017/.hidden/1.jpg", b"x")
    bucket.put("coco/train2017/", b"")
    monkeypatch.setattr(bucket_module, "PAGE", 2)
    folder = BucketFolder(f"{bucket.url}/coco")
    asked = []
    system = folder._at[0]
    real = system.call_s3
    monkeypatch.setattr(system, "call_s3", lambda *a, **k: asked.append(k.get("ContinuationToken")) or real(*a, **k))
    files = folder.files("train2017")
    assert [next(files) for _ in range(3)] == ["train2017/0.jpg", "train2017/1.jpg", "train2017/2.jpg"]
    assert len(asked) <= 3
    assert len(list(files)) == 6
    asked.clear()
    level = folder.level("train2017", limit=3)
    assert not level.whole and len(asked) <= 3 < len(level.files) + 1


def test_keys_that_climb_out_are_failed_rows(bucket):
    bucket.put("coco/train2017/1.jpg", b"x")
    bucket.put("coco/train2017/../../../etc/x.jpg", b"x")
    result, _ = take(COCO, Places(bucket.url), "b1", [], None)
    assert [r["image_uri"] for r in result.rows["source_images"]] == ["coco/train2017/1.jpg"]
    assert [s.reason for s in result.failed] == ["outside_root"]


def test_empty_and_missing_objects(bucket):
    bucket.put("coco/train2017/0.jpg", b"")
    bucket.put("coco/train2017/1.jpg", b"x")
    first, _ = take(COCO, Places(bucket.url), "b1", [], None)
    assert [r["file_bytes"] for r in first.rows["source_images"]] == [0, 1]
    bucket.delete("coco/train2017/1.jpg")
    again, _ = take(COCO, Places(bucket.url), "b1", first.rows["source_images"], None)
    assert [(s.subject_id, s.reason) for s in again.failed] == [("coco/train2017/1.jpg", "missing_file")]


@pytest.fixture
def house(bucket, tmp_path, lake):
    """COCO in a bucket: three images loose, the others in a tar beside them."""
    files = coco()
    for name in list(files)[:3]:
        bucket.put(f"coco/{name}", files.pop(name))
    bucket.put("coco/annotations/captions_train2017.json", files.pop("annotations/captions_train2017.json"))
    bucket.put("coco/rest.tar", tarred(files))
    return Settings(home=tmp_path / "home", sources_root=bucket.url, sources=SourceSettings(quota=None))


def images_of(house, lake):
    return ImageFiles(lake=lake, settings=SettingsResource.of(house))


@pytest.mark.long
def test_images_of_a_bucket_go_through_the_graph(house, lake, bucket, caplog):
    own = house.model_copy(
        update={"sources": house.sources.model_copy(update={"places": {"sam": f"{bucket.url}/sam"}})}
    )
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("growth_batch", ["b1"])
        result = dg.materialize(
            [source_assets()[0], pool_asset()],
            partition_key="b1",
            instance=instance,
            resources={"lake": lake, "settings": SettingsResource.of(own)},
        )
    assert result.success
    rows = lake.store.sql("SELECT * FROM source_images ORDER BY position").to_dicts()
    assert len(rows) == 8 and all(r["image_uri"].startswith("coco/train2017/") for r in rows)
    assert rows[0]["context"] == '{"captions":["picture 1"]}'
    held = lake.store.sql("SELECT image_id, width FROM images").to_dicts()
    assert {r["width"] for r in held} <= set(range(41, 47)) | {138, 139} and held
    sheet = result.asset_materializations_for_node("sources__coco")[0].metadata["contact_sheet"].value
    assert sheet.startswith("![MS-COCO")
    images = images_of(own, lake)
    for row in rows:
        assert hashlib.sha256(images.bytes(row["image_id"])).hexdigest() == row["image_id"]
    images.prefetch([row["image_id"] for row in rows], files=True)
    paths = {images.path(row["image_id"]) for row in rows}
    assert len(paths) == 8 and all(p.is_file() and p.is_relative_to(own.home) for p in paths)
    assert not any(new_files(lake, own).untaken.values())
    bucket.put("coco/train2017/new.jpg", picture(50))
    assert new_files(lake, own).untaken["coco"] == 1
    everything = "\n".join(
        str(lake.store.sql(f"FROM {t}").to_dicts()) for t in ("source_images", "images", "verdicts", "materializations")
    )
    everything += caplog.text + str(result.asset_materializations_for_node("sources__coco"))
    for secret in (CREDENTIALS["AWS_SECRET_ACCESS_KEY"], CREDENTIALS["AWS_ACCESS_KEY_ID"]):
        assert secret not in everything


def test_the_cache_may_vanish_and_the_bucket_may_change(house, lake, bucket):
    assert materialize(source_assets()[:1], "b1", lake, house).success
    rows = lake.store.sql("SELECT * FROM source_images ORDER BY position").to_dicts()
    images = images_of(house, lake)
    image_id = rows[0]["image_id"]
    path = images.path(image_id)
    for copy in (house.image_cache_dir / image_id[:2]).iterdir():
        copy.unlink()
    assert path.is_file() and images.path(image_id).is_file()  # held, and fetched again where it is not
    images.teardown_after_execution(None)
    assert not path.exists()
    bucket.put(rows[0]["image_uri"], b"other")
    for copy in (house.image_cache_dir / image_id[:2]).iterdir():
        copy.unlink()
    with pytest.raises(ImageMissingError, match=f"{bucket.url}/{rows[0]['image_uri']} is gone or holds other bytes"):
        images.path(image_id)
    with pytest.raises(ImageMissingError):
        images.bytes(image_id)


def test_images_can_be_copied_when_they_are_taken(house, lake, bucket, tmp_path):
    own = house.model_copy(update={"sources": house.sources.model_copy(update={"copy_images": True})})
    assert materialize(source_assets()[:1], "b1", lake, own).success
    rows = lake.store.sql("SELECT * FROM source_images").to_dicts()
    assert all((own.image_store_dir / r["image_id"][:2] / r["image_id"]).is_file() for r in rows)
    away = own.model_copy(update={"sources_root": tmp_path / "nowhere"})
    images = images_of(away, lake)
    for row in rows:
        assert hashlib.sha256(images.bytes(row["image_id"])).hexdigest() == row["image_id"]
        assert images.path(row["image_id"]).is_relative_to(own.image_store_dir)


def test_what_is_located_can_be_read_in_another_process(house, bucket):
    list(list_images(COCO, Places.of(house)))
    for name, number in (("train2017/000000000001.jpg", 1), ("train2017/000000000006.jpg", 6)):
        located = locate(house, f"coco/{name}")
        assert located.path is None and located.remote
        assert pickle.loads(pickle.dumps(located.read))() == picture(number)
    with pytest.raises(OSError, match="No such file"):
        locate(house, "coco/train2017/none.jpg").read()


def test_credentials_have_no_place_in_settings(tmp_path):
    for values in (
        {"sources_root": "s3://key:secret@bucket/x"},
        {"sources": {"places": {"coco": "s3://bucket/x?token=secret"}}},
    ):
        with pytest.raises(ValidationError, match="belong in the environment"):
            Settings.model_validate({"home": tmp_path, **values})
    settings = Settings(home=tmp_path, sources_root="s3://bucket/root/")
    assert settings.sources_dir == "s3://bucket/root"
    assert Settings.model_validate(settings.model_dump(mode="json")).sources_dir == "s3://bucket/root"


def test_a_google_bucket(monkeypatch):
    """gcsfs against a local server: paged, in order, as from any other place."""
    monkeypatch.setenv("FSSPEC_GS_TOKEN", "anon")
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # else it asks what kind of bucket it is, by gRPC
    objects = {f"coco/{name}": content for name, content in coco().items()}
    objects |= {"coco/rest.tar": tarred({"train2017/t.jpg": b"t"}), "coco/train2017/": b"", "coco/train2017/z.jpg": b""}
    with google_server(objects, page=3) as (url, asked):
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", url)
        monkeypatch.setattr(
            fsspec.config, "conf", {**fsspec.config.conf, "gs": {"token": "anon", "skip_instance_cache": True}}
        )
        result, problems = take(COCO, Places("gs://data"), "b1", [], None)
        rows = result.rows["source_images"]
        assert not problems and not result.failed and len(rows) == 10
        assert [r["image_uri"] for r in rows] == sorted(r["image_uri"] for r in rows)
        assert rows[0]["context"] == '{"captions":["picture 1"]}' and rows[-1]["file_bytes"] == 0
        assert sum("pageToken" in path for path in asked) >= 3
        with pytest.raises(FileNotFoundError):
            Places("gs://data").tree("coco").read("train2017/none.jpg", 9)


def test_a_repository_of_the_hub():
    command = [sys.executable, "-m", "tests.resources.storage.hub_reader"]
    out = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120)
    assert out.returncode == 0, out.stderr[-2_000:]
    taken = json.loads(out.stdout)
    uris = [row["image_uri"] for row in taken["rows"]]
    assert len(uris) == 10 and uris == sorted(uris) and not taken["stopped"]
    assert taken["rows"][0]["image_id"] == sha(picture(1)) and taken["rows"][-1]["file_bytes"] == 0
    assert taken["rows"][0]["context"] == '{"captions":["picture 1"]}'


def test_other_file_systems_list_folder_by_folder():
    """Whatever else fsspec knows; the memory file system stands for them."""
    system = fsspec.filesystem("memory")
    for name in ("b/1.jpg", "a-b/1.jpg", "a/1.jpg", "top.json", ".hidden", "empty.jpg"):
        system.pipe_file(f"/stand-in/{name}", b"" if name == "empty.jpg" else name.encode())
    folder = BucketFolder("memory://stand-in")
    assert list(folder.files()) == ["a-b/1.jpg", "a/1.jpg", "b/1.jpg", "empty.jpg", "top.json"]
    assert folder.is_folder("a") and not folder.is_folder("c") and not folder.is_folder("../a")
    assert folder.read("a/1.jpg", 3) == b"a/1" and folder.read("empty.jpg", 3) == b""
    with folder.open("a/1.jpg", 7) as handle:
        assert handle.read() == b"a/1.jpg"
    with pytest.raises(FileNotFoundError):
        folder.stamp("a/2.jpg")


def test_an_unknown_scheme_is_one_line():
    with pytest.raises(OSError, match="nonsense"):
        BucketFolder("nonsense://bucket/x").exists()


# -- copies ----------------------------------------------------------------------------------------


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keep(cache: Copies, content: bytes) -> str:
    return cache.keep(io.BytesIO(content))[0]


def test_the_cache_is_bounded_and_the_least_recently_used_go(tmp_path):
    cache = Cache(tmp_path, limit=10_000)
    ids = [keep(cache, bytes([n]) * 1_000) for n in range(9)]
    for number, image_id in enumerate(ids):
        os.utime(cache.find(image_id), (number, number))
    cache.find(ids[0])  # used just now
    held = cache.hold(ids[1])
    more = [keep(cache, bytes([n]) * 1_000) for n in range(9, 13)]
    size = sum(p.stat().st_size for p in tmp_path.glob("??/*"))
    assert size <= 10_000 and cache.find(ids[0]) and all(map(cache.find, more))
    assert not cache.find(ids[2]) and held.read_bytes() == bytes([1]) * 1_000
    cache.release()
    assert not held.exists()


def test_other_bytes_are_not_kept_and_parts_do_not_stay(tmp_path):
    cache = Cache(tmp_path, limit=10_000)
    with pytest.raises(OtherBytesError, match="other bytes"):
        cache.keep(io.BytesIO(b"two"), sha(b"one"))
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_threads_share_a_cache(tmp_path):
    cache = Cache(tmp_path, limit=20_000)
    errors = []

    def work(seed: int) -> None:
        try:
            for n in range(40):
                content = bytes([(seed * 7 + n) % 50]) * 1_000
                cache.keep(io.BytesIO(content), sha(content))
                held = cache.hold(sha(content))
                assert held is None or held.read_bytes() == content
        except BaseException as error:  # noqa: BLE001 - told by the test, not lost with its thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=[n]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_what_a_killed_process_held_is_given_back(tmp_path):
    script = (
        "import io, os, sys\nfrom pathlib import Path\nfrom resources.storage.copies import Cache\n"
        "c = Cache(Path(sys.argv[1]), 10_000)\ni = c.keep(io.BytesIO(b'x'))[0]\n"
        "print(c.hold(i), flush=True)\nsys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    held = Path(process.stdout.readline().strip())
    cache = Cache(tmp_path, 10_000)
    mine = cache.hold(sha(b"x"))
    assert held.is_file() and mine.is_file()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdin.close(), process.stdout.close()
    other = Cache(tmp_path, 10_000)
    assert other.hold(sha(b"x")).is_file() and mine.is_file() and not held.exists()
    cache.release(), other.release()


EXPIRED = b'<?xml version="1.0"?><Error><Code>%s</Code><Message>The provided token has expired.</Message></Error>'


class _Refusing(BaseHTTPRequestHandler):
    """Hands requests on to the S3 server, but for objects whose key has expired."""

    target = ""
    code, status = b"ExpiredToken", 400
    refused: tuple[str, ...] = ()

    def do_GET(self) -> None:
        key = urlsplit(self.path).path
        if any(one in key for one in self.refused):
            status, body, kind = self.status, EXPIRED % self.code, "application/xml"
        else:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            where = f"{self.target}{self.path}"
            request = urllib.request.Request(where, headers=headers, method=self.command)  # noqa: S310 - our own server
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                status, body, kind = answer.status, answer.read(), answer.headers["Content-Type"]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", kind)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.mark.long
@pytest.mark.parametrize(
    ("status", "code"), [(403, b"InvalidAccessKeyId"), (403, b"AccessDenied"), (400, b"ExpiredToken")]
)
def test_files_behind_an_expired_key_are_the_places_fault_and_the_next_batch_takes_them(
    bucket, tmp_path, lake, monkeypatch, status, code
):
    for name, data in coco().items():
        bucket.put(f"coco/{name}", data)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Refusing", (_Refusing,), {"target": bucket.endpoint}))
    handler = server.RequestHandlerClass
    handler.status, handler.code = status, code
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    settings = {"quota": None, "max_failed_share": 0.5}
    own = Settings(home=tmp_path / "home", sources_root=bucket.url, sources=SourceSettings(**settings))
    try:
        handler.refused = ("train2017/",)
        whole = materialize(source_assets()[:1], "b1", lake, own, raise_on_error=False)
        (failed,) = [event for event in whole.all_events if event.is_step_failure]
        told = str(failed.step_failure_data)
        assert not whole.success and "8 of 8 files could not be read" in told and "AWS_ACCESS_KEY_ID" in told, told
        assert not lake.store.sql("FROM source_images").height and CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in told
        handler.refused = ("00000001.jpg", "00000002.jpg")
        assert materialize(source_assets()[:1], "b1", lake, own).success
        stopped = lake.store.sql("SELECT subject_id, reason, detail FROM verdicts ORDER BY subject_id").to_dicts()
        assert [row["reason"] for row in stopped] == ["unreachable_place"] * 2
        assert all("AWS_ACCESS_KEY_ID" in row["detail"] for row in stopped)
        handler.refused = ()
        assert materialize(source_assets()[:1], "b2", lake, own).success
        taken = lake.store.sql("SELECT batch, image_uri FROM source_images").rows()
        assert len(taken) == 8 and {uri for batch, uri in taken if batch == "b2"} == {r["subject_id"] for r in stopped}
    finally:
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        server.shutdown()
        server.server_close()
