"""Every source's annotations parse with plain JSON and keep the quirks of the published files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from PIL import Image

from wethink_assets.demo.pack.native.general import compressed, runs
from wethink_assets.demo.pack.plan import SOURCES
from wethink_assets.sources.catalog import BY_KEY


def load(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_source_of_the_catalog_has_a_folder_with_24_images(sources):
    assert {p.name for p in sources.iterdir()} == set(SOURCES) == set(BY_KEY)
    for source in SOURCES:
        images = [p for p in (sources / source).rglob("*") if p.suffix in (".jpg", ".png")]
        assert len(images) == 24, source


def test_every_json_file_parses(sources):
    parsed = [load(p) for p in sources.rglob("*.json")]
    assert len(parsed) > 100


def test_coco(sources):
    instances = load(sources / "coco/annotations/instances_train2017.json")
    ids = [i["id"] for i in instances["images"]]
    assert ids == sorted(ids) and ids[-1] - ids[0] > len(ids)
    assert all((sources / "coco/train2017" / i["file_name"]).is_file() for i in instances["images"])
    assert all(i["file_name"] == f"{i['id']:012d}.jpg" for i in instances["images"])
    categories = {c["id"] for c in instances["categories"]}
    numbers = [a["id"] for a in instances["annotations"]]
    assert len(numbers) == len(set(numbers))
    crowds = [a for a in instances["annotations"] if a["iscrowd"]]
    assert crowds and all(a["category_id"] in categories and a["image_id"] in ids for a in instances["annotations"])
    for a in crowds:
        height, width = a["segmentation"]["size"]
        assert sum(a["segmentation"]["counts"]) == height * width
        assert sum(a["segmentation"]["counts"][1::2]) == a["area"]
    captions = load(sources / "coco/annotations/captions_train2017.json")
    assert {c["image_id"] for c in captions["annotations"]} == set(ids)


def decompress(text: str) -> list[int]:
    """COCO's published decoder of compressed run lengths."""
    counts, at = [], 0
    while at < len(text):
        value, k, more = 0, 0, True
        while more:
            c = ord(text[at]) - 48
            value |= (c & 0x1F) << 5 * k
            more = bool(c & 0x20)
            at, k = at + 1, k + 1
            if not more and c & 0x10:
                value |= -1 << 5 * k
        counts.append(value + counts[-2] if len(counts) > 2 else value)
    return counts


def test_sam_has_a_json_beside_each_image_with_decodable_masks(sources):
    for image in (sources / "sam/images").glob("*.jpg"):
        record = load(image.with_suffix(".json"))
        assert image.name == record["image"]["file_name"] == f"sa_{record['image']['image_id']}.jpg"
        for mask in record["annotations"]:
            counts = decompress(mask["segmentation"]["counts"])
            height, width = mask["segmentation"]["size"]
            assert sum(counts) == height * width and sum(counts[1::2]) == mask["area"]
            assert {"predicted_iou", "stability_score", "crop_box", "point_coords"} <= set(mask)
    assert decompress(compressed(runs(40, 30, 3, 4, 20, 30))) == runs(40, 30, 3, 4, 20, 30)


def test_visual_genome_has_both_folders_and_both_forms_of_names(sources):
    known = {i["image_id"]: i for i in load(sources / "vg/image_data.json")}
    for number in known:
        assert sum((sources / f"vg/{f}/{number}.jpg").is_file() for f in ("VG_100K", "VG_100K_2")) == 1
    ends = [
        r[side]
        for e in load(sources / "vg/relationships.json")
        for r in e["relationships"]
        for side in ("subject", "object")
    ]
    assert any("name" in e for e in ends) and any("names" in e for e in ends)
    assert len(load(sources / "vg/objects.json")) == len(known)
    assert all(len(e["qas"]) >= 4 for e in load(sources / "vg/question_answers.json"))
    for name in ("attributes.json", "region_descriptions.json"):
        assert len(load(sources / "vg" / name)) == len(known)


def test_gqa_question_ids_have_leading_zeros(sources):
    for split in ("train", "val"):
        asked = load(sources / f"gqa/{split}_balanced_questions.json")
        graphs = load(sources / f"gqa/{split}_sceneGraphs.json")
        assert asked and all(key.startswith("0") and len(key) == 8 for key in asked)
        assert {q["imageId"] for q in asked.values()} == set(graphs)
        assert all((sources / f"gqa/images/{i}.jpg").is_file() for i in graphs)


@pytest.mark.parametrize("source", ["web-celebrity", "web-landmark", "wikiart", "share_textvqa"])
def test_captions_of_sharegpt4v_name_images_from_the_root(sources, source):
    records = load(sources / source / f"sharegpt4v_{source}.json")
    assert len(records) == 24
    for record in records:
        assert (sources / record["image"]).is_file()
        assert [turn["from"] for turn in record["conversations"]] == ["human", "gpt"]
        assert "<image>" in record["conversations"][0]["value"]


def test_llava_images_are_relative_to_the_image_folder(sources):
    records = load(sources / "llava/blip_laion_cc_sbu_558k.json")
    assert all((sources / "llava/llava_pretrain/images" / r["image"]).is_file() for r in records)
    assert {r["conversations"][0]["value"].startswith("<image>") for r in records} == {True, False}


def test_pisc_relations_splits_and_boxes(sources):
    related = load(sources / "pisc/relationship.json")
    assert {label for pairs in related.values() for label in pairs.values()} <= set(range(1, 7))
    folder = sources / "pisc/relationship_split"
    split = [i for s in ("train", "val", "test") for i in load(folder / f"relation_{s}idx.json")]
    assert sorted(split) == sorted(related)
    people = {i["id"]: i["bbox"] for i in load(sources / "pisc/image_info.json")}
    assert all((sources / f"pisc/image/{number:05d}.jpg").is_file() for number in people)
    for number, pairs in related.items():
        seen = {int(p) for pair in pairs for p in pair.split()}
        assert not seen or max(seen) == len(people[int(number)])


def test_clevr_is_rgba_with_scenes_questions_and_math(sources):
    root = sources / "CLEVR_v1.0"
    scenes = load(root / "scenes/CLEVR_train_scenes.json")["scenes"]
    questions = load(root / "questions/CLEVR_train_questions.json")["questions"]
    assert scenes and {q["image_index"] for q in questions} == {s["image_index"] for s in scenes}
    for scene in scenes:
        assert (root / "images/train" / scene["image_filename"]).is_file()
        left = scene["relationships"]["left"]
        assert len(left) == len(scene["objects"])
        assert all(i not in others for i, others in enumerate(left))
    modes = {Image.open(p).mode for p in (root / "images/train").glob("*.png") if p.stat().st_size > 1000}
    assert "RGBA" in modes
    math = load(root / "questions/clevr-math-train.json")
    assert all(isinstance(m["label"], int) and m["template"] == "subtraction" for m in math)


def test_textvqa_has_ten_answers(sources):
    data = load(sources / "textvqa/TextVQA_0.5.1_train.json")["data"]
    assert data and all(len(r["answers"]) == 10 for r in data)
    assert all((sources / f"textvqa/train_images/{r['image_id']}.jpg").is_file() for r in data)
    read = load(sources / "textvqa/TextVQA_Rosetta_OCR_v0.2_train.json")["data"]
    assert {r["image_id"] for r in read} == {r["image_id"] for r in data}
    assert all(0 <= t["bounding_box"]["top_left_x"] <= 1 for r in read for t in r["ocr_info"])


def test_docvqa(sources):
    for split in ("train", "val"):
        data = load(sources / f"docvqa/{split}_v1.0_withQT.json")["data"]
        assert data and all(r["answers"] and isinstance(r["ucsf_document_page_no"], str) for r in data)
        for r in data:
            assert r["image"] == f"documents/{r['ucsf_document_id']}_{r['ucsf_document_page_no']}.png"
            assert (sources / "docvqa" / split / r["image"].split("/")[1]).is_file()


def test_ocr_vqa(sources):
    books = load(sources / "ocr_vqa/dataset.json")
    for asin, book in books.items():
        assert len(asin) == 10 and (sources / f"ocr_vqa/images/{asin}.jpg").is_file()
        assert len(book["questions"]) == len(book["answers"]) >= 4 and book["split"] in (1, 2, 3)
        assert book["authorName"] is not None and book["title"]


def test_chartqa_labels_are_text_and_tables_end_lines_with_crlf(sources):
    root = sources / "chartqa/train"
    asked = load(root / "train_human.json") + load(root / "train_augmented.json")
    assert all(isinstance(r["label"], str) and (root / "png" / r["imgname"]).is_file() for r in asked)
    assert any(r["label"].startswith("[") for r in asked)
    tables = list((root / "tables").glob("*.csv"))
    assert len(tables) == 24
    for table in tables:
        data = table.read_bytes()
        assert data.count(b"\r\n") == data.count(b"\n") and b"\r\n" in data
        assert len({len(row) for row in csv.reader(data.decode().splitlines())}) == 1


def test_ai2d_answers_count_from_zero(sources):
    categories = load(sources / "ai2d/categories.json")
    zero = 0
    for name in categories:
        for question in load(sources / f"ai2d/questions/{name}.json")["questions"].values():
            assert 0 <= question["correctAnswer"] < len(question["answerTexts"])
            zero += question["correctAnswer"] == 0
        assert load(sources / f"ai2d/annotations/{name}.json")["text"] is not None
    assert zero


def test_scienceqa_has_text_only_problems_and_hints(sources):
    problems = load(sources / "sqa/problems.json")
    splits = load(sources / "sqa/pid_splits.json")
    assert set(splits["train"]) == set(problems)
    assert any(p["image"] is None for p in problems.values())
    assert {bool(p["hint"]) for p in problems.values()} == {True, False}
    for pid, problem in problems.items():
        assert 0 <= problem["answer"] < len(problem["choices"]) >= 2
        assert (problem["image"] is None) != (sources / f"sqa/train/{pid}/image.png").is_file()


def test_geoqa_is_lines_of_conversations(sources):
    rows = [json.loads(line) for line in (sources / "geoqa+/geoqa+.jsonl").read_text().splitlines()]
    assert all((sources / r["image"]).is_file() and r["conversations"][1]["value"] for r in rows)
    assert not list((sources / "geoqa+").glob("*.pk*"))
