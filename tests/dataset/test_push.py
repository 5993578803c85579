"""A release's export in a bucket: whole, read back, gone on with after a kill, never over another one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from resources.storage.bucket import BucketFolder
from tests.conftest import PROJECT_ROOT
from wethink_assets.dataset import manifest, push

IMAGES = 40
# Stops for good once some objects are there, as if the machine were slow just then.
_HALF = """
import sys, threading
from pathlib import Path
from resources.storage.bucket import BucketFolder
from wethink_assets.dataset import push
sent, lock = [], threading.Lock()
class Slow(BucketFolder):
    def put(self, path, local):
        with lock:
            if len(sent) == 20:
                print("half", flush=True)
                sys.stdin.read()
            super().put(path, local)
            sent.append(path)
push.push(Path(sys.argv[1]), Slow(sys.argv[2]), say=print)
"""


@pytest.fixture
def export(tmp_path):
    """The folder of a small export, with a manifest of its files."""
    folder = tmp_path / "export"
    files = {"wethink.jsonl": b"{}\n", "README.md": b"# card\n", "empty.tsv": b""}
    images = {f"coco/é {n}..jpg": bytes([n]) * (n + 1) for n in range(IMAGES)}
    for name, content in {**files, **{f"images/{path}": content for path, content in images.items()}}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    told = ({name: manifest.entry_of(content) for name, content in part.items()} for part in (files, images))
    (folder / manifest.NAME).write_bytes(manifest.text_of({"release_id": "r"}, *told))
    return folder


def objects(bucket):
    return {
        entry["Key"].removeprefix("r1/"): bucket.client.get_object(Bucket=bucket.name, Key=entry["Key"])["Body"].read()
        for entry in bucket.client.list_objects_v2(Bucket=bucket.name).get("Contents", ())
    }


def pushed(folder, bucket, **more):
    said: list[str] = []
    return push.push(folder, BucketFolder(f"{bucket.url}/r1"), say=said.append, **more), said


@pytest.mark.long
def test_a_push_that_was_killed_is_gone_on_with(export, bucket):
    process = subprocess.Popen(
        [sys.executable, "-c", _HALF, str(export), f"{bucket.url}/r1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
    )
    assert process.stdout.readline() == "half\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()
    half = objects(bucket)
    assert len(half) == 20 and manifest.NAME not in half, "the manifest comes last"
    done, said = pushed(export, bucket)
    assert (done.there, done.sent, done.objects) == (20, IMAGES + 3 - 20, IMAGES + 4) and not done.mended
    assert said[0] == f"20 of {IMAGES + 3} objects are there already"
    local = {str(p.relative_to(export)): p.read_bytes() for p in export.rglob("*") if p.is_file()}
    assert objects(bucket) == local
    again, _ = pushed(export, bucket)
    assert again.sent == 0


def test_what_differs_there_is_sent_again_and_nothing_is_public(export, bucket):
    pushed(export, bucket)
    bucket.put("r1/images/coco/é 7..jpg", b"x" * 8)
    done, said = pushed(export, bucket)
    assert done.mended == ["images/coco/é 7..jpg"] and done.sent == 1 and "1 differ" in said[1]
    assert objects(bucket)["images/coco/é 7..jpg"] == bytes([7]) * 8
    grants = bucket.client.get_object_acl(Bucket=bucket.name, Key="r1/README.md")["Grants"]
    assert all("URI" not in grant["Grantee"] for grant in grants)


def test_a_bucket_that_loses_bytes_is_told(export, bucket, monkeypatch):
    real = BucketFolder.put

    def lossy(self, path, local):
        real(self, path, export / "README.md" if path.endswith("jsonl") else local)

    monkeypatch.setattr(BucketFolder, "put", lossy)
    with pytest.raises(push.PushError, match="is not what was sent"):
        pushed(export, bucket)
    assert manifest.NAME not in objects(bucket)


def test_another_release_and_a_spoilt_export_are_refused(export, bucket):
    pushed(export, bucket)
    with pytest.raises(push.PushError, match="not the manifest that the lake knows"):
        pushed(export, bucket, sha256="0" * 64)
    bucket.put(f"r1/{manifest.NAME}", b"{}")
    with pytest.raises(push.PushError, match="another manifest"):
        pushed(export, bucket)
    bucket.delete(f"r1/{manifest.NAME}")
    bucket.delete("r1/README.md")
    (export / "README.md").write_bytes(b"# CARD\n")
    with pytest.raises(push.PushError, match="not what the manifest says"):
        pushed(export, bucket)
    (export / manifest.NAME).unlink()
    with pytest.raises(push.PushError, match="wethink release checkout"):
        pushed(export, bucket)
