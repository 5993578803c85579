"""Which files a batch takes: next ones only, the same ones again, and every file accounted for."""

from __future__ import annotations

import hashlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from resources.lake.resource import Commit, Write
from resources.storage.places import Places
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.settings import Settings, SourceSettings
from wethink_assets.sources import ingest
from wethink_assets.sources.catalog import source
from wethink_assets.sources.ingest import at_once, choose, left_for_later, quota_of, take
from wethink_assets.sources.new_files import count_new_files, new_files
from wethink_assets.stage_writes import stage_writes

COCO = source("coco")


def taken(result):
    return [row["image_uri"].rsplit("/")[-1][-6:-4] for row in result.rows["source_images"]]


def test_batches_take_the_next_and_reruns_the_same(root):
    first, _ = take(COCO, Places.at(root), "b1", [], 2)
    assert taken(first) == ["00", "01"]
    row = first.rows["source_images"][0]
    assert row["image_id"] == hashlib.sha256(b"image 0").hexdigest() and row["file_bytes"] == 7
    assert row["licence"] == COCO.licence and row["context"] == "{}" and row["split"] == "train"
    earlier = first.rows["source_images"]
    second, _ = take(COCO, Places.at(root), "b2", earlier, 3)
    assert taken(second) == ["02", "03", "04"]
    earlier = earlier + second.rows["source_images"]
    (root / "coco/train2017/00000000000A.jpg").write_bytes(b"new")  # sorts after all
    (root / "coco/train2017/-first.jpg").write_bytes(b"newer")  # sorts before all
    again, _ = take(COCO, Places.at(root), "b1", earlier, 9)
    assert again.rows == first.rows and again.rows_in == 2
    third, _ = take(COCO, Places.at(root), "b3", earlier, None)
    assert [r["image_uri"] for r in third.rows["source_images"]] == [
        "coco/train2017/-first.jpg",
        "coco/train2017/000000000005.jpg",
        "coco/train2017/00000000000A.jpg",
    ]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("abcdefgh"), unique=True), st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_no_file_is_ever_taken_twice(names, quotas):
    listing = sorted(names)
    earlier = []
    for number, quota in enumerate(quotas):
        batch = choose(listing, earlier, f"b{number}", quota)
        assert len(batch) <= quota
        earlier += [{"image_uri": t.image_uri, "batch": f"b{number}", "position": t.position} for t in batch]
    uris = [row["image_uri"] for row in earlier]
    assert len(uris) == len(set(uris)) and uris == listing[: len(uris)]


def test_files_that_cannot_be_read_fail_alone_and_are_tried_again(root):
    target = root / "elsewhere.jpg"
    target.write_bytes(b"secret")
    (root / "coco/train2017/000000000001.jpg").unlink()
    (root / "coco/train2017/000000000001.jpg").symlink_to(target)
    (root / "coco/train2017/000000000002.jpg").unlink()
    (root / "coco/train2017/000000000002.jpg").symlink_to(root / "nowhere.jpg")
    result, _ = take(COCO, Places.at(root), "b1", [], 3)
    result.check()
    assert taken(result) == ["00"]
    assert {s.subject_id[-6:-4]: s.reason for s in result.failed} == {"01": "outside_root", "02": "outside_root"}
    (root / "coco/train2017/000000000002.jpg").unlink()
    (root / "coco/train2017/000000000002.jpg").write_bytes(b"mended")
    earlier = result.rows["source_images"] + [
        {"image_uri": s.subject_id, "batch": "b1", "position": None} for s in result.failed
    ]
    again, _ = take(COCO, Places.at(root), "b1", earlier, 3)
    assert taken(again) == ["00", "02"] and again.rows["source_images"][1]["position"] == 2
    assert taken(take(COCO, Places.at(root), "b2", earlier, 1)[0]) == ["03"]


def test_a_file_that_is_gone_fails_alone(root):
    earlier = take(COCO, Places.at(root), "b1", [], 2)[0].rows["source_images"]
    (root / "coco/train2017/000000000000.jpg").unlink()
    result, _ = take(COCO, Places.at(root), "b1", earlier, 2)
    assert [(s.reason, result.rows_in, result.continued) for s in result.failed] == [("missing_file", 2, 1)]


def test_source_folder_may_be_a_link(root, tmp_path_factory):
    other = tmp_path_factory.mktemp("moved")
    (root / "coco").rename(other / "data")
    (root / "coco").symlink_to(other / "data")
    assert taken(take(COCO, Places.at(root), "b1", [], 2)[0]) == ["00", "01"]


def test_quota():
    settings = SourceSettings(quota=5, quotas={"coco": 2}, paused=("sam",))
    assert [quota_of(source(k), settings) for k in ("coco", "sam", "vg")] == [2, 0, 5]
    assert quota_of(COCO, SourceSettings(quota=None)) is None


def test_without_a_quota_a_batch_takes_a_large_source_in_parts(monkeypatch):
    monkeypatch.setattr(ingest, "WHOLE", 2)
    first = choose(["a", "b", "c"], [], "b1", at_once(None))
    earlier = [{"image_uri": t.image_uri, "batch": "b1", "position": t.position} for t in first]
    second = choose(["a", "b", "c"], earlier, "b2", at_once(None))
    assert [[t.image_uri for t in batch] for batch in (first, second)] == [["a", "b"], ["c"]]
    assert "next batch" in left_for_later(COCO, None, len(first)) and not left_for_later(COCO, None, len(second))
    assert (at_once(0), at_once(9)) == (0, 9) and not left_for_later(COCO, 9, 9)


def test_new_files_are_counted(root, lake):
    counts = count_new_files(Places.at(root), lambda _: ())
    assert counts.untaken == {"coco": 6} and "vg" in counts.missing and not counts.unlisted
    assert count_new_files(Places.at(root), lambda key: {f"{key}/train2017/000000000000.jpg"}).untaken == {"coco": 5}
    settings = Settings(home=root, sources_root=root)
    assert new_files(lake, settings).untaken == {"coco": 6}
    paused = settings.model_copy(update={"sources": SourceSettings(paused=("coco",))})
    assert new_files(lake, paused).untaken == {}


def test_a_look_reads_what_was_taken_of_one_source_at_a_time(root, lake):
    for uri in ("gqa/images/1.jpg", "gqa/images/2.jpg"):
        (root / uri).parent.mkdir(parents=True, exist_ok=True)
        (root / uri).write_bytes(uri.encode())
    first, _ = take(COCO, Places.at(root), "b1", [], 2)
    lost = Stopped("gqa/images/1.jpg", "missing_file")
    writes = stage_writes(StageResult(1, 0, {}, failed=[lost]), "sources/gqa", batch="b1", run_id="r", seconds=0)[0]
    rows = [row | {"run_id": "r"} for row in first.rows["source_images"]]
    lake.write(Commit("test"), [Write("source_images", rows), *writes])
    read: list[str] = []

    class Recorded:
        def read(self, name, **parameters):
            read.append(parameters["source"])
            return lake.read(name, **parameters)

    look = new_files(Recorded(), Settings(home=root, sources_root=root))
    assert look.untaken == {"coco": 4, "gqa": 1} and sorted(read) == ["coco", "gqa"]


def test_a_look_ends_in_time_and_the_next_begins_where_it_ended(root, lake):
    (root / "gqa/images").mkdir(parents=True)
    (root / "gqa/images/1.jpg").write_bytes(b"x")
    asked = iter([False, True])
    look = new_files(lake, Settings(home=root, sources_root=root), "coco", lambda: next(asked))
    assert look.untaken == {"coco": 6} and look.unlisted[0] == "gqa"
    rest = new_files(lake, Settings(home=root, sources_root=root), look.unlisted[0])
    assert rest.untaken == {"gqa": 1, "coco": 6} and list(rest.untaken) == ["gqa", "coco"]


def test_annotations_come_along(root):
    annotations = root / "coco/annotations"
    annotations.mkdir()
    (annotations / "captions_train2017.json").write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "000000000001.jpg"}],
                "annotations": [{"image_id": 1, "caption": "a cat"}, {"image_id": 99, "caption": "gap"}],
            }
        )
    )
    (annotations / "instances_train2017.json").write_text('{"images": [{"id": 1, "file_na')
    result, problems = take(COCO, Places.at(root), "b1", [], 2)
    assert [row["context"] for row in result.rows["source_images"]] == ["{}", '{"captions":["a cat"]}']
    assert result.details["annotated_share"] == 0.5
    assert [(p.file, p.reason) for p in problems] == [("coco/annotations/instances_train2017.json", "broken")]


def test_pictures_of_other_suffixes_are_taken_and_get_a_row_too(root):
    """An icon is decoded, a drawing is set aside at the pool with a reason; neither is passed over in silence."""
    for name in ("icon.ICO", "drawing.svg", "phone.heic", "notes.txt", "labels.json"):
        (root / "coco/train2017" / name).write_bytes(name.encode())
    result, _ = take(COCO, Places.at(root), "b1", [], None)
    names = {row["image_uri"].rsplit("/")[-1] for row in result.rows["source_images"]}
    assert {"icon.ICO", "drawing.svg", "phone.heic"} <= names and not names & {"notes.txt", "labels.json"}
