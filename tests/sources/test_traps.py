"""What is really in the distributed files: each known trap, in the least file that has it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import unicodedata

import polars as pl
import pytest
from PIL import Image

from resources.storage.places import Places
from wethink_assets.decoding.inspect import Request, inspect_files
from wethink_assets.images.pool import build_pool
from wethink_assets.sources.annotate import read_source
from wethink_assets.sources.annotations import QA, ObjectAnnotation, Relation
from wethink_assets.sources.catalog import SOURCES, source
from wethink_assets.sources.ingest import take
from wethink_assets.sources.listing import list_images

KINDS = {
    "coco": "boxes captions masks objects",
    "sam": "masks",
    "vg": "boxes captions objects qa relations",
    "gqa": "boxes objects qa relations",
    "llava": "captions",
    "pisc": "boxes objects relations",
    "web-celebrity": "captions",
    "web-landmark": "captions",
    "wikiart": "captions facts",
    "CLEVR_v1.0": "objects qa relations",
    "textvqa": "objects qa text_tokens",
    "share_textvqa": "captions",
    "docvqa": "qa",
    "ocr_vqa": "facts qa text_tokens",
    "chartqa": "facts qa table",
    "ai2d": "qa text_tokens",
    "sqa": "facts qa",
    "geoqa+": "qa",
}


def test_every_native_kind_of_annotation_is_normalised(tiny_pack):
    """Every source's format as the sample pack writes them; between them, every kind that a context has."""
    assert KINDS.keys() == {s.key for s in SOURCES}
    places = Places.at(tiny_pack / "sources")
    for entry in SOURCES:
        records, problems = read_source(entry, places, list(list_images(entry, places)))
        kinds = set()
        for context in (record.context for record in records):
            kinds |= {
                kind
                for kind in ("captions objects relations text_tokens table qa masks facts".split())
                if getattr(context, kind)
            }
            kinds |= {"boxes"} if any(o.box for o in context.objects) else set()
        assert kinds >= set(KINDS[entry.key].split()), entry.key
        assert not problems, entry.key


INSTANCES = {
    "images": [{"id": 7, "file_name": "000000000007.jpg"}, {"id": 900_000, "file_name": "000000900000.jpg"}],
    "annotations": [
        {"image_id": 7, "category_id": 90, "bbox": [1, 2, 3, 4], "iscrowd": 0, "segmentation": [[1, 2, 3, 4, 5, 6]]},
        {
            "image_id": 900_000,
            "category_id": 1,
            "bbox": [0, 0, 9, 9],
            "iscrowd": 1,
            "segmentation": {"size": [9, 9], "counts": [0, 81]},
        },
        {"image_id": 8, "category_id": 1, "bbox": [0, 0, 1, 1]},
    ],
    "categories": [{"id": 1, "name": "person"}, {"id": 90, "name": "toothbrush"}],
}


@pytest.mark.parametrize(
    "order", ["images annotations categories", "categories images annotations", "annotations categories images"]
)
def test_coco_without_info_and_licences_with_gaps_and_crowds(read, order):
    records, problems = read(
        "coco",
        {
            "train2017/000000000007.jpg": b"1",
            "train2017/000000900000.jpg": b"2",
            "annotations/instances_train2017.json": {name: INSTANCES[name] for name in order.split()},
        },
    )
    assert not problems
    brush, crowd = (records[f"train2017/{n:012d}.jpg"] for n in (7, 900_000))
    assert brush.context.objects == (ObjectAnnotation("toothbrush", (1.0, 2.0, 3.0, 4.0)),) and brush.context.masks == 1
    assert (
        crowd.context.objects == (ObjectAnnotation("person", (0.0, 0.0, 9.0, 9.0), ("crowd",)),)
        and crowd.context.masks == 1
    )
    assert brush.licence == source("coco").licence


def test_coco_licences_that_follow_the_images(read):
    records, _ = read(
        "coco",
        {
            "train2017/000000000007.jpg": b"1",
            "annotations/instances_train2017.json": {
                "images": [{"id": 7, "file_name": "000000000007.jpg", "license": 3}],
                "annotations": [],
                "licenses": [{"id": 3, "name": "By", "url": "u"}, {"id": 4, "name": "No"}],
            },
        },
    )
    assert records["train2017/000000000007.jpg"].licence == "By (u)"


def test_a_coco_file_that_breaks_off_names_what_it_can(read):
    whole = json.dumps(
        {"categories": INSTANCES["categories"], "images": INSTANCES["images"], "annotations": INSTANCES["annotations"]}
    )
    records, problems = read(
        "coco",
        {
            "train2017/000000000007.jpg": b"1",
            "annotations/instances_train2017.json": whole[: whole.index('{"image_id": 8') + 9],
        },
    )
    assert records["train2017/000000000007.jpg"].context.objects[0].name == "toothbrush"
    assert [(p.file, p.reason) for p in problems] == [("coco/annotations/instances_train2017.json", "broken")]


def test_visual_genome_name_or_names(read):
    records, problems = read(
        "vg",
        {
            "VG_100K/1.jpg": b"1",
            "VG_100K_2/2.jpg": b"2",
            "objects.json": [
                {
                    "image_id": 1,
                    "objects": [{"object_id": 5, "names": ["tree", "oak"], "x": 1, "y": 2, "w": 3, "h": 4}],
                },
                {"image_id": 2, "objects": [{"object_id": 6, "name": "car", "x": 0, "y": 0, "w": 1, "h": 1}]},
            ],
            "attributes.json": [
                {"image_id": 1, "attributes": [{"object_id": 5, "names": ["tree"], "attributes": ["green"]}]}
            ],
            "relationships.json": [
                {
                    "image_id": 1,
                    "relationships": [{"predicate": "ON", "subject": {"name": "bird"}, "object": {"names": ["tree"]}}],
                },
                {"relationships": []},
            ],
        },
    )
    assert not problems
    assert records["VG_100K/1.jpg"].context.objects == (ObjectAnnotation("tree", (1.0, 2.0, 3.0, 4.0), ("green",)),)
    assert records["VG_100K/1.jpg"].context.relations == (Relation("bird", "on", "tree"),)
    assert records["VG_100K_2/2.jpg"].context.objects[0].name == "car"


def test_gqa_ids_with_leading_zeros(read):
    records, _ = read(
        "gqa",
        {
            "images/0001592.jpg": b"1",
            "images/n161313.jpg": b"2",
            "questions/train_balanced_questions.json": {
                "00106": {"imageId": "0001592", "question": "A?", "answer": "yes"},
                "00107": {"imageId": "1592", "question": "B?", "answer": "no"},
                "000108": {"imageId": "n161313", "question": "C?", "answer": "red"},
            },
            "train_sceneGraphs.json": {
                "0001592": {
                    "objects": {
                        "01": {
                            "name": "cat",
                            "x": 1,
                            "y": 1,
                            "w": 2,
                            "h": 2,
                            "attributes": ["black"],
                            "relations": [{"object": "02", "name": "on"}],
                        },
                        "02": {"name": "mat", "x": 0, "y": 0, "w": 9, "h": 9},
                    }
                }
            },
        },
    )
    cat = records["images/0001592.jpg"].context
    assert cat.qa == (QA("A?", ("yes",)), QA("B?", ("no",))) and cat.relations == (Relation("cat", "on", "mat"),)
    assert records["images/n161313.jpg"].context.qa == (QA("C?", ("red",)),)


def test_chartqa_tables_and_labels(read):
    records, problems = read(
        "chartqa",
        {
            "train/png/1.png": b"1",
            "train/tables/1.csv": (
                b'\xef\xbb\xbfEntity,"Right, d ecision",x\r\nDemocrat,19.0,nan\r\n"Re publican", NaN ,\xff\r\n'
            ),
            "train/train_human.json": [
                {"imgname": "1.png", "query": "How many?", "label": 14},
                {"imgname": "1.png", "query": "Which?", "label": "[Cape Verde, United Kingdom]"},
                {"imgname": "1.png", "query": "Share?", "label": 0.57},
            ],
        },
    )
    context = records["train/png/1.png"].context
    assert not problems
    assert context.table.header == ("Entity", "Right, d ecision", "x")
    assert context.table.rows == (("Democrat", "19.0", ""), ("Re publican", "", "\ufffd"))
    assert [qa.answers for qa in context.qa] == [("14",), ("[Cape Verde, United Kingdom]",), ("0.57",)]


def test_real_chartqa_labels_are_text(realdata):
    places = Places.at(realdata)
    records, _ = read_source(source("chartqa"), places, list(list_images(source("chartqa"), places)))
    answers = [a for r in records for qa in r.context.qa for a in qa.answers]
    assert len(answers) > 40 and all(isinstance(a, str) and a for a in answers)
    noisy = next(r for r in records if r.image_uri.endswith("/10227.png")).context.table
    assert (
        noisy.header[1] == "Wrong d ecision"
        and noisy.rows[4] == ("Black", "", "76.0")
        and noisy.rows[2][0] == "Re publican"
    )


PROBLEMS = {
    "1": {"question": "Which?", "choices": ["a", "b"], "answer": 1, "hint": "", "image": "image.png", "split": "train"},
    "2": {"question": "Text only?", "choices": ["a", "b"], "answer": 0, "hint": "", "image": None, "split": "train"},
    "3": {"question": "Again?", "choices": ["a", "b"], "answer": 0, "hint": "h", "image": "image.png", "split": "val"},
    "4": {"question": "Past the end?", "choices": ["a", "b"], "answer": 7, "image": "image.png", "split": "train"},
}


def test_scienceqa_text_only_choice_images_and_repeats(read, tmp_path):
    records, problems = read(
        "sqa",
        {
            "train/1/image.png": b"same",
            "train/1/choice_0.png": b"c",
            "val/3/image.png": b"same",
            "train/4/image.png": b"other",
            "problems.json": PROBLEMS,
            "pid_splits.json": {"train": ["1", "2", "4"], "val": ["3"], "test": []},
        },
    )
    assert not problems and list(records) == ["train/1/image.png", "train/4/image.png", "val/3/image.png"]
    assert records["train/1/image.png"].context.qa == (QA("Which?", ("b",), ("a", "b")),)
    assert (
        records["val/3/image.png"].context.qa == (QA("Again?", ("a",), ("a", "b"), "h"),)
        and records["val/3/image.png"].split == "val"
    )
    assert records["train/4/image.png"].context.qa == (QA("Past the end?", (), ("a", "b")),)
    rows = take(source("sqa"), Places.at(tmp_path), "b", [], None)[0].rows["source_images"]
    assert len(rows) == 3 and len({r["image_id"] for r in rows}) == 2  # repeated images are the pool's concern


def test_real_scienceqa_has_repeated_images(realdata):
    rows = take(source("sqa"), Places.at(realdata), "b", [], None)[0].rows["source_images"]
    assert len(rows) == 43 and len({r["image_id"] for r in rows}) < 43


def test_ai2d_answers_count_from_zero_and_letters_replace_labels(read):
    question = {"questions": {"Which?": {"answerTexts": ["a", "b", "c", "d"], "correctAnswer": 0, "abcLabel": False}}}
    marks = {
        "text": {"T0": {"value": "stem", "replacementText": "A", "rectangle": [[1, 2], [4, 6]]}},
        "blobs": {"B0": {}, "B1": {}},
    }
    records, problems = read(
        "ai2d",
        {
            "images/12.png": b"1",
            "abc_images/12.png": b"2",
            "questions/12.png.json": question,
            "annotations/12.png.json": marks,
        },
    )
    assert not problems
    assert all(
        records[f"{f}/12.png"].context.qa == (QA("Which?", ("a",), ("a", "b", "c", "d")),)
        for f in ("images", "abc_images")
    )
    tokens = {f: records[f"{f}/12.png"].context.text_tokens[0] for f in ("images", "abc_images")}
    assert (tokens["images"].text, tokens["abc_images"].text) == ("stem", "A") and tokens["images"].box == (
        1.0,
        2.0,
        3.0,
        4.0,
    )
    assert records["images/12.png"].context.masks == 2


def test_textvqa_keeps_ten_answers(read):
    answers = ["nous les gosses"] * 7 + ["dakota", "", "nous"]
    row = {
        "image_id": "0054c91397f2fe05",
        "question": "Name?",
        "answers": answers,
        "ocr_tokens": ["A", "B"],
        "set_name": "train",
    }
    records, _ = read(
        "textvqa", {"train_images/0054c91397f2fe05.jpg": b"1", "TextVQA_0.5.1_train.json": {"data": [row]}}
    )
    assert records["train_images/0054c91397f2fe05.jpg"].context.qa[0].answers == tuple(a for a in answers if a)


def test_sa_1b_shards_as_tar(tmp_path, realdata):
    """Images and their JSON side by side in shards, as distributed; here of real images and one real mask."""
    mask = (realdata / "sam/sa_3032002.one_mask.json").read_bytes()
    for place, name in (("sam", "sa_561.jpg"), ("sam/images", "sa_8776.jpg")):
        (tmp_path / place).mkdir(exist_ok=True)
        with tarfile.open(tmp_path / place / f"shard_{name[:-4]}.tar", "w") as shard:
            for member, content in (
                (f"./{name}", (realdata / "sam" / name).read_bytes()),
                (f"./{name[:-4]}.json", mask),
            ):
                info = tarfile.TarInfo(member)
                info.size = len(content)
                shard.addfile(info, io.BytesIO(content))
    places = Places.at(tmp_path)
    rows = take(source("sam"), places, "b", [], None)[0].rows["source_images"]
    assert [(r["image_uri"], r["context"]) for r in rows] == [("sam/images/sa_8776.jpg", '{"masks":1}')]
    (tmp_path / "sam/images/shard_sa_8776.tar").rename(tmp_path / "sam/shard_2.tar")
    (tmp_path / "sam/images").rmdir()
    result, problems = take(source("sam"), Places.at(tmp_path), "b", [], None)
    rows = result.rows["source_images"]
    assert [(r["image_uri"], r["context"]) for r in rows] == [
        ("sam/sa_561.jpg", '{"masks":1}'),
        ("sam/sa_8776.jpg", '{"masks":1}'),
    ]
    assert (
        rows[0]["image_id"] == hashlib.sha256((realdata / "sam/sa_561.jpg").read_bytes()).hexdigest() and not problems
    )


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_wikiart_names_beyond_ascii(read, form):
    """A disk may compose accents otherwise than the annotation file."""
    name = "édouard-manet_été-à-l’estaque.jpg"
    records, problems = read(
        "wikiart",
        {
            unicodedata.normalize(form, f"images/{name}"): b"1",
            "sharegpt4v_art.json": [
                {
                    "id": "1",
                    "image": f"wikiart/images/{name}",
                    "conversations": [
                        {"from": "human", "value": "<image>\nDescribe."},
                        {"from": "gpt", "value": "Le rivage."},
                    ],
                }
            ],
        },
    )
    (only,) = records.values()
    assert not problems and only.context.captions == ("Le rivage.",)


def test_geoqa_pickles_are_refused_and_not_opened(read, tmp_path):
    bomb = b"cos\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."
    records, problems = read(
        "geoqa+",
        {
            "images/0.png": b"1",
            "train.pk": bomb,
            "sub/dev.pickle": bomb,
            "geoqa+.jsonl": json.dumps({"image": "./images/0.png", "question": "x? Choices:\nA:1\nB:2", "answer": "B"}),
        },
    )
    assert not (tmp_path / "ran").exists()
    assert [(p.file, p.reason) for p in problems] == [
        ("geoqa+/train.pk", "pickle_refused"),
        ("geoqa+/sub/dev.pickle", "pickle_refused"),
    ]
    assert records["images/0.png"].context.qa == (QA("x?", ("B",), ("1", "2")),)


def test_annotation_files_that_are_links_out_have_a_reason(read, tmp_path):
    (tmp_path / "secret.json").write_text("[]")
    (tmp_path / "llava/images").mkdir(parents=True)
    (tmp_path / "llava/more.json").symlink_to(tmp_path / "secret.json")
    (tmp_path / "sam/images").mkdir(parents=True)
    (tmp_path / "sam/images/sa_1.json").symlink_to(tmp_path / "secret.json")
    _, problems = read("llava", {"images/1.jpg": b"1"})
    assert [(p.file, p.reason) for p in problems] == [("llava/more.json", "outside_root")]
    _, problems = read("sam", {"images/sa_1.jpg": b"1"})
    assert [(p.file, p.reason) for p in problems] == [("sam/images/sa_1.json", "outside_root")]


def test_one_shared_caption_file_speaks_of_several_sources(read, tmp_path):
    """ShareGPT4V's file lies beside the folders of the image archive."""
    captions = [
        {"image": f"{key}/images/1.jpg", "conversations": [{"from": "gpt", "value": key}]}
        for key in ("web-landmark", "web-celebrity")
    ]
    (tmp_path / "sharegpt4v_instruct.json").write_text(json.dumps(captions))
    for key in ("web-landmark", "web-celebrity"):
        records, problems = read(key, {"images/1.jpg": b"1"})
        assert not problems and key in records["images/1.jpg"].context.captions


def test_a_strip_of_eight_to_one_that_is_a_jpeg_named_png_reaches_the_pool(tmp_path):
    """ScienceQA has both: long strips, and names that say another format than the bytes."""
    path = tmp_path / "sqa/train/12/image.png"
    path.parent.mkdir(parents=True)
    Image.effect_noise((800, 100), 90).convert("RGB").save(path, "JPEG")
    rows = take(source("sqa"), Places.at(tmp_path), "b", [], None)[0].rows["source_images"]
    seen = {i.key: i for i in inspect_files([Request(rows[0]["image_id"], path)], workers=1)}
    inspected = seen[rows[0]["image_id"]]
    assert (inspected.format, inspected.width, inspected.height, inspected.reason) == ("JPEG", 800, 100, "")
    nothing = pl.DataFrame(schema={"image_id": pl.String, "phash": pl.String, "phash256": pl.String})
    pool = build_pool(rows, seen, nothing, [], [])
    assert [row["image_id"] for row in pool.rows["images"]] == [rows[0]["image_id"]] and not pool.dropped + pool.failed
