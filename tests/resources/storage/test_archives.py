"""Archives: hostile, broken, changed, and read at random without reading them through."""

from __future__ import annotations

import io
import sqlite3
import stat
import tarfile
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.storage import index as index_module
from resources.storage.archives import BadArchiveError, members, open_member
from resources.storage.folder import LocalFolder
from resources.storage.names import RefusedFileError
from resources.storage.places import Places
from tests.resources.storage.conftest import coco, tarred, zipped
from wethink_assets.sources.catalog import source
from wethink_assets.sources.ingest import take
from wethink_assets.sources.listing import list_images

COCO = source("coco")


def taken(root, indexes=None):
    result, problems = take(COCO, Places(str(root), {}, indexes), "b1", [], None)
    result.check()
    good = [row["image_uri"].removeprefix("coco/train2017/") for row in result.rows["source_images"]]
    return good, {s.subject_id: s for s in result.failed}, problems


def test_members_that_lead_out_are_refused_with_a_reason(tmp_path):
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    link = zipfile.ZipInfo("train2017/link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("train2017/1.jpg", b"good")
        archive.writestr("../../secret.jpg", b"slip")
        archive.writestr("/etc/passwd.jpg", b"absolute")
        archive.writestr("..\\windows.jpg", b"slip")
        archive.writestr(link, "../../secret.jpg")
    (tmp_path / "coco").mkdir()
    (tmp_path / "coco/train2017.zip").write_bytes(out.getvalue())
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for name, kind, target in (
            ("train2017/sym.jpg", tarfile.SYMTYPE, "../../secret.jpg"),
            ("train2017/hard.jpg", tarfile.LNKTYPE, "/etc/passwd"),
            ("train2017/null.jpg", tarfile.CHRTYPE, ""),
            ("train2017/pipe.jpg", tarfile.FIFOTYPE, ""),
            ("train2017/2.jpg", tarfile.REGTYPE, ""),
            ("../slip.jpg", tarfile.REGTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
    (tmp_path / "coco/more.tar").write_bytes(tar.getvalue())
    before = sorted(p.name for p in tmp_path.rglob("*"))
    good, failed, problems = taken(tmp_path)
    assert good == ["1.jpg", "2.jpg"]
    assert {uri.rsplit("/", 1)[-1]: s.reason for uri, s in failed.items()} == {
        "link.jpg": "archive_link",
        "sym.jpg": "archive_link",
        "hard.jpg": "archive_link",
        "null.jpg": "archive_device",
        "pipe.jpg": "archive_device",
    }
    assert all("coco" not in s.detail or "member" in s.detail for s in failed.values())
    noted = {p.file: p for p in problems}
    assert noted["coco/train2017.zip"].reason == "members_refused" and noted["coco/train2017.zip"].count == 4
    assert noted["coco/more.tar"].count == 5
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_an_encrypted_member_is_refused_and_the_others_are_taken(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("train2017/1.jpg", b"good")
        archive.writestr("train2017/2.jpg", b"secret")
    data = bytearray(out.getvalue())
    for signature, flags in (
        (b"PK\x03\x04", 6),
        (b"PK\x01\x02", 8),
    ):  # the second local and central header (APPNOTE 4.3.7, 4.3.12)
        place = data.index(signature, data.index(signature) + 1)
        data[place + flags] |= 1
    (tmp_path / "coco").mkdir()
    (tmp_path / "coco/train2017.zip").write_bytes(data)
    good, failed, problems = taken(tmp_path)
    assert good == ["1.jpg"] and [(p.reason, p.count) for p in problems] == [("members_refused", 1)]
    assert {uri: stop.reason for uri, stop in failed.items()} == {"coco/train2017/2.jpg": "encrypted"}


def test_a_whole_archive_lists_what_climbs_out_as_failed(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../x.jpg", b"slip")
        archive.writestr("1.jpg", b"good")
    (tmp_path / "coco.zip").write_bytes(out.getvalue())
    good, failed, _ = taken(tmp_path)
    assert good == ["coco/1.jpg"]
    assert {uri: s.reason for uri, s in failed.items()} == {"coco/coco.zip!../x.jpg": "outside_root"}


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.99])
def test_broken_archives_are_named_and_cost_only_themselves(tmp_path, cut):
    files = {f"train2017/{n}.jpg": bytes([n]) * 3_000 for n in range(1, 7)}
    (tmp_path / "coco").mkdir()
    whole_tar, whole_zip = tarred(files), zipped({"train2017/z.jpg": b"z" * 5_000})
    (tmp_path / "coco/a.tar").write_bytes(whole_tar[: int(len(whole_tar) * cut)])
    (tmp_path / "coco/b.zip").write_bytes(whole_zip[: int(len(whole_zip) * cut)])
    (tmp_path / "coco/c.zip").write_bytes(zipped({"train2017/c.jpg": b"c"}))
    (tmp_path / "coco/d.tar.gz").write_bytes(b"\x1f\x8b")
    good, failed, problems = taken(tmp_path)
    assert "c.jpg" in good and all("breaks off" in s.detail for s in failed.values())
    reasons = {p.file: p for p in problems}
    assert reasons["coco/b.zip"].reason == "broken" and "Fetch the file again" in reasons["coco/b.zip"].detail
    assert reasons["coco/d.tar.gz"].reason == "packed_archive" and "unpack it" in reasons["coco/d.tar.gz"].detail
    if cut < 0.9:
        assert reasons["coco/a.tar"].reason == "broken"
        assert good[:1] == ["1.jpg"]  # what stands before the break


def test_damage_inside_a_member_is_that_files_alone(tmp_path):
    files = {f"train2017/{n}.jpg": bytes(range(256)) * 40 for n in range(3)}
    data = bytearray(zipped(files))
    at = data.index(b"train2017/1.jpg") + len("train2017/1.jpg") + 5
    data[at : at + 20] = b"\xff" * 20
    (tmp_path / "coco.zip").write_bytes(bytes(data))
    good, failed, _ = taken(tmp_path)
    assert good == ["0.jpg", "2.jpg"]
    assert [(s.subject_id, s.reason) for s in failed.values()] == [("coco/train2017/1.jpg", "unreadable_file")]
    assert "damaged in its archive" in failed["coco/train2017/1.jpg"].detail


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2_000), st.sampled_from(["a.zip", "a.tar"]), st.booleans(), st.integers(0, 4_000))
def test_random_bytes_are_no_archive_or_a_bad_one(noise, name, real, place):
    content = noise
    if real:  # a good archive with noise written into it
        whole = zipped(coco()) if name.endswith("zip") else tarred(coco())
        content = whole[: place % len(whole)] + noise + whole[place % len(whole) + len(noise) :]
    message = "as good as before"
    try:
        for member in members(io.BytesIO(content), name):
            if not member.refused:
                with suppress(OSError), open_member(io.BytesIO(content), member, name[-3:]) as handle:
                    handle.read(10_000)
    except BadArchiveError as error:
        message = str(error)
    assert message


def test_a_header_that_claims_gigabytes_is_not_believed():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("x" * 300))
    data = bytearray(out.getvalue())
    data[124:136] = b"%011o\0" % (1 << 30)
    data[148:156] = b"        "
    data[148:156] = b"%06o\0 " % sum(data[:512])
    with pytest.raises(BadArchiveError, match="claims 1073741824 bytes"):
        list(members(io.BytesIO(bytes(data)), "a.tar"))


def test_an_archive_is_read_once_and_again_only_when_it_changed(tmp_path, monkeypatch):
    read = []
    real = index_module.members
    monkeypatch.setattr(index_module, "members", lambda handle, name: read.append(name) or real(handle, name))
    (tmp_path / "coco").mkdir()
    for name in ("a.tar", "b.tar"):
        (tmp_path / "coco" / name).write_bytes(tarred({f"train2017/{name}.jpg": b"1"}))

    def uris():
        return [uri.rsplit("/", 1)[-1] for uri in list_images(COCO, Places(str(tmp_path), {}, tmp_path / "indexes"))]

    assert uris() == uris() == ["a.tar.jpg", "b.tar.jpg"]
    assert read == ["a.tar", "b.tar"]
    (tmp_path / "coco/b.tar").write_bytes(tarred({"train2017/c.jpg": b"12"}))
    (tmp_path / "coco/a.tar").unlink()
    assert uris() == ["c.jpg"] and read == ["a.tar", "b.tar", "b.tar"]
    (index,) = (tmp_path / "indexes").glob("*.sqlite")
    index.write_bytes(b"not a database" * 100)
    assert uris() == ["c.jpg"] and len(read) == 4
    assert sqlite3.connect(index).execute("SELECT count(*) FROM members").fetchone() == (1,)


def test_a_member_is_read_where_it_lies(tmp_path, monkeypatch):
    files = {f"train2017/{n:03d}.jpg": bytes([n]) * 20_000 for n in range(100)}
    (tmp_path / "coco.tar").write_bytes(tarred(files))
    (tmp_path / "coco.zip").write_bytes(zipped(files))
    for kind in ("tar", "zip"):
        places = Places(str(tmp_path), {"coco": str(tmp_path / f"coco.{kind}")}, tmp_path / "indexes")
        list(places.tree("coco").files())
        again = Places(str(tmp_path), {"coco": str(tmp_path / f"coco.{kind}")}, tmp_path / "indexes")
        bytes_read = 0
        real = LocalFolder.open

        def counted(self, path, expect=None, real=real):
            handle = real(self, path, expect)

            class Counted(io.RawIOBase):
                seek, tell = handle.seek, handle.tell

                def read(self, size=-1):
                    nonlocal bytes_read
                    data = handle.read(size)
                    bytes_read += len(data)
                    return data

            return Counted()

        monkeypatch.setattr(LocalFolder, "open", counted)
        assert again.tree("coco").read("train2017/077.jpg", 10**6) == files["train2017/077.jpg"]
        assert bytes_read < 30_000
        monkeypatch.undo()


def test_streams_of_members_can_be_sought(tmp_path):
    text = bytes(range(256)) * 500
    (tmp_path / "coco.zip").write_bytes(zipped({"annotations/a.json": text}))
    (tmp_path / "coco.tar").write_bytes(tarred({"annotations/a.json": text}))
    for kind in ("zip", "tar"):
        tree = Places(str(tmp_path), {"coco": str(tmp_path / f"coco.{kind}")}).tree("coco")
        with tree.open("annotations/a.json") as handle:
            assert handle.read(10) == text[:10]
            handle.seek(3)
            assert handle.read(1000) == text[3:1003]
            handle.seek(-5, io.SEEK_END)
            assert handle.read() == text[-5:]


def test_pipes_and_links_of_a_folder(tmp_path):
    """A pipe would be waited for without end."""
    import os

    (tmp_path / "coco/train2017").mkdir(parents=True)
    os.mkfifo(tmp_path / "coco/train2017/pipe.jpg")
    (tmp_path / "secret.jpg").write_bytes(b"x")
    (tmp_path / "coco/train2017/out.jpg").symlink_to(tmp_path / "secret.jpg")
    (tmp_path / "coco/train2017/in.jpg").write_bytes(b"x")
    (tmp_path / "coco/train2017/same.jpg").symlink_to(tmp_path / "coco/train2017/in.jpg")
    good, failed, _ = taken(tmp_path)
    assert good == ["in.jpg", "same.jpg"]
    assert {uri.rsplit("/", 1)[-1]: s.reason for uri, s in failed.items()} == {
        "pipe.jpg": "not_a_file",
        "out.jpg": "outside_root",
    }
    with pytest.raises(RefusedFileError):
        LocalFolder(tmp_path / "coco").open("../secret.jpg")
