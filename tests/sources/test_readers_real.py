"""Readers on real samples: real values, from files as they are distributed or real rows in the native container."""

from __future__ import annotations

import json

from resources.storage.places import Places
from wethink_assets.sources.annotate import read_source
from wethink_assets.sources.annotations import QA, ObjectAnnotation, Relation
from wethink_assets.sources.catalog import source
from wethink_assets.sources.listing import list_images


def read(key, root):
    entry = source(key)
    places = Places.at(root)
    uris = list(list_images(entry, places))
    records, problems = read_source(entry, places, uris)
    assert [r.image_uri for r in records] == uris
    return {r.image_uri: r for r in records}, problems


def test_coco(realdata):
    records, problems = read("coco", realdata)
    assert not problems and len(records) == 30
    cake = records["coco/train2017/000000000790.jpg"]
    assert cake.split == "train" and cake.licence.startswith("Attribution License (http://creativecommons.org")
    assert cake.context.captions[0] == "a family is sitting down at a table to have cake"
    assert cake.context.objects[0] == ObjectAnnotation("dog", (509.63, 345.38, 102.1, 72.32))
    assert cake.context.masks == 33
    crowds = [r for r in records.values() if any("crowd" in o.attributes for o in r.context.objects)]
    assert len(crowds) == 2  # run-length masks


def test_sam(place, realdata):
    folder = place("sam", {"sa_3032002.jpg": "sam/sa_561.jpg", "sa_3032002.json": "sam/sa_3032002.one_mask.json"})
    records, problems = read("sam", folder)
    assert not problems and records["sam/sa_3032002.jpg"].context.masks == 1
    assert all(r.context.empty for r in read("sam", realdata)[0].values())  # images alone are fine


def test_visual_genome(place):
    files = {f"VG_100K/{n}.jpg": "vg/demo_images_ids_unknown/vg2.jpg" for n in (1, 2)}
    files |= {f"{name}.json": f"vg/{name}.json" for name in ("objects", "relationships", "region_graphs", "image_data")}
    records, problems = read("vg", place("vg", files))
    assert not problems
    first = records["vg/VG_100K/1.jpg"].context
    assert first.objects[0] == ObjectAnnotation("trees", (0.0, 0.0, 799.0, 557.0))
    assert first.relations[:2] == (Relation("shade", "on", "sidewalk"), Relation("man", "wears", "shoes"))
    assert first.captions[0] == "the clock is green in colour"
    assert not records["vg/VG_100K/2.jpg"].context.empty


def test_gqa(realdata):
    records, problems = read("gqa", realdata)
    assert not problems
    pond = records["gqa/images/1159529.jpg"]
    assert pond.split == "val" and QA("Are there carts near the pond?", ("yes",)) in pond.context.qa


def test_llava(place, realdata):
    folder = place(
        "llava",
        {
            "llava_pretrain/images/00453/004539375.jpg": "sam/sa_561.jpg",
            "blip_laion_cc_sbu_558k.json": "llava/blip_laion_cc_sbu_558k.json",
        },
    )
    records, problems = read("llava", folder)
    annotations = records["llava/llava_pretrain/images/00453/004539375.jpg"].context
    assert not problems
    assert (
        annotations.captions == ("select luxury furniture 3 - inch gel memory foam mattress topper",)
        and not annotations.qa
    )


def test_wikiart(place):
    name = "asgrimur-jonsson_thj-rs-river-mt-hekla-in-the-evening-sun-1918.jpg"
    folder = place(
        "wikiart",
        {
            f"images/Impressionism/{name}": "sam/sa_561.jpg",
            "images/Été à Oslo.jpg": "sam/sa_8776.jpg",
            "Style/style_val.csv": "wikiart/Style/style_val.csv",
            "Style/style_class.txt": "wikiart/Style/style_class.txt",
        },
    )
    records, problems = read("wikiart", folder)
    painting = records[f"wikiart/images/Impressionism/{name}"]
    assert not problems and painting.split == "val"
    assert painting.context.facts == (("style", "Impressionism"),)
    assert "wikiart/images/Été à Oslo.jpg" in records


def test_clevr(place):
    folder = place(
        "CLEVR_v1.0",
        {
            "images/val/CLEVR_val_000000.png": "CLEVR_v1.0/images/val/CLEVR_val_000043.png",
            "images/train/CLEVR_trainA_000000.png": "CLEVR_v1.0/images/train/CLEVR_train_000000.png",
            "scenes/CLEVR_val_scenes.json": "CLEVR_v1.0/scenes/CLEVR_val_scenes.one_record.json",
            "questions/CLEVR_trainA_questions.json": (
                "CLEVR_v1.0/questions/CLEVR_CoGenT_trainA_questions.one_record.json"
            ),
        },
    )
    records, problems = read("CLEVR_v1.0", folder)
    assert not problems
    scene = records["CLEVR_v1.0/images/val/CLEVR_val_000000.png"].context
    assert scene.objects[0] == ObjectAnnotation("cylinder 1", None, ("large", "brown", "rubber"))
    asked = records["CLEVR_v1.0/images/train/CLEVR_trainA_000000.png"]
    question = "Are there any gray things made of the same material as the big cyan cylinder?"
    assert asked.context.qa == (QA(question, ("no",)),) and asked.split == "trainA"


def test_textvqa(place, realdata):
    rows = [json.loads(line) for line in (realdata / "textvqa/derived_val_rows.jsonl").read_text().splitlines()]
    folder = place(
        "textvqa",
        {
            "train_images/003a8ae2ef43b901.jpg": "sam/sa_561.jpg",
            "TextVQA_0.5.1_val.json": json.dumps({"dataset_type": "val", "data": rows}).encode(),
        },
    )
    camera = read("textvqa", folder)[0]["textvqa/train_images/003a8ae2ef43b901.jpg"]
    assert camera.split == "val"
    assert camera.context.qa[0].question == "what is the brand of this camera?"
    assert len(camera.context.qa[0].answers) == 10 and camera.context.qa[0].answers.count("dakota") == 5
    assert camera.context.text_tokens[0].text == "DAKOTA"


def test_docvqa(place):
    folder = place(
        "docvqa",
        {
            "val/documents/pybv0228_81.png": "docvqa/llmdoc_images/document_0.png",
            "val_v1.0_withQT.json": "docvqa/val_v1.0_withQT.one_record.json",
        },
    )
    page = read("docvqa", folder)[0]["docvqa/val/documents/pybv0228_81.png"]
    assert page.split == "val"
    assert page.context.qa == (QA("What is the ‘actual’ value per 1000, during the year 1975?", ("0.28",)),)


def test_ocr_vqa_book_listing(place):
    folder = place(
        "ocr_vqa",
        {
            "images/0060750715.jpg": "sam/sa_561.jpg",
            "book30-listing-test.csv": "ocr_vqa/book30-listing-test.csv",
        },
    )
    cover = read("ocr_vqa", folder)[0]["ocr_vqa/images/0060750715.jpg"].context
    assert dict(cover.facts)["author"] == "Robert Gottlieb"
    assert cover.text_tokens[0].text == "George Balanchine: The Ballet Maker (Eminent Lives)"


def test_chartqa(realdata):
    records, problems = read("chartqa", realdata)
    assert not problems and len(records) == 32
    boys = records["chartqa/ChartQA Dataset/test/png/multi_col_100037.png"]
    assert boys.split == "test"
    assert QA("How many boys participated in high school sports in 2018/19?", ("20616",)) in boys.context.qa
    assert boys.context.table.header == ("Characteristic", "Boys", "Girls")
    assert boys.context.table.rows[0] == ("2018/19", "20616", "15686")
    noisy = records["chartqa/ChartQA Dataset/test/png/11128.png"].context.table
    assert noisy.rows[0] == ("UK", "")  # nan


def test_ai2d(place, realdata):
    folder = place(
        "ai2d",
        {
            "images/0.png": "ai2d/llava_style_images/ai2d_00000053.png",
            "questions/0.png.json": "ai2d/questions/0.png.json",
            "categories.json": "ai2d/categories.json",
        },
    )
    parts = read("ai2d", folder)[0]["ai2d/images/0.png"].context
    assert parts.qa[0] == QA("What is A in the diagram?", ("face",), ("ears", "nose", "mouth", "face"))
    assert parts.facts == (("category", "partsOfA"),)
    assert len(read("ai2d", realdata)[0]) == 5  # other names, no annotations


def test_scienceqa(realdata):
    records, problems = read("sqa", realdata)
    assert not problems and len(records) == 43  # no choice images, no problems without image
    colorado = records["sqa/test/121/image.png"]
    assert colorado.split == "test" and dict(colorado.context.facts)["topic"] == "geography"
    options = ("Boulder", "Phoenix", "Colorado Springs", "Denver")
    assert colorado.context.qa == (QA("What is the capital of Colorado?", ("Denver",), options),)


def test_geoqa_reads_json_and_refuses_pickles(place):
    folder = place(
        "geoqa+",
        {
            "images/test/0.png": "ai2d/llava_style_images/ai2d_00000053.png",
            "geoqa+.jsonl": "geoqa+/derived_gllava_test_questions.jsonl",
            "r1v.jsonl": "geoqa+/derived_r1v_geoqa_test_prompts.jsonl",
            "sub_dataset_dict.pk": "geoqa+/sub_dataset_dict.pk",
        },
    )
    records, problems = read("geoqa+", folder)
    asked = (
        "As shown in the figure, in triangle ABC, it is known that angle A = 80.0, angle B = 60.0, "
        "DE parallel  BC, then the size of angle CED is ()"
    )
    assert records["geoqa+/images/test/0.png"].context.qa == (
        QA(asked, (), ("40°", "60°", "120°", "140°")),
        QA(asked, ("140°",)),
    )
    assert [(p.file, p.reason) for p in problems] == [("geoqa+/sub_dataset_dict.pk", "pickle_refused")]
    assert "geoqa+.jsonl" in problems[0].detail
