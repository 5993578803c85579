"""Readers on broken, hostile and random annotation files: reasons, never exceptions, and images still go."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resources.storage.places import Places
from wethink_assets.sources.annotate import read_source
from wethink_assets.sources.annotation_join import AnnotationCollector
from wethink_assets.sources.catalog import SOURCES, source
from wethink_assets.sources.listing import SourceMissingError, list_images
from wethink_assets.sources.readers import registry as readers

# Where each reader looks, and where the image that the file may speak of lies.
FILES: dict[str, tuple[str, list[str]]] = {
    "coco": (
        "train2017/000000000009.jpg",
        ["annotations/instances_train2017.json", "annotations/captions_train2017.json"],
    ),
    "sam": ("images/sa_9.jpg", ["images/sa_9.json"]),
    "vg": (
        "VG_100K/9.jpg",
        ["objects.json", "attributes.json", "relationships.json", "region_descriptions.json", "question_answers.json"],
    ),
    "gqa": ("images/9.jpg", ["train_sceneGraphs.json", "train_balanced_questions.json"]),
    "llava": ("images/9.jpg", ["blip_laion_cc_sbu_558k.json"]),
    "pisc": ("image/00009.jpg", ["relationship.json", "image_info.json", "relationship_split/relation_trainidx.json"]),
    "web-celebrity": ("images/9.jpg", ["sharegpt4v.json"]),
    "web-landmark": ("images/9.jpg", ["sharegpt4v.json"]),
    "wikiart": ("images/9.jpg", ["sharegpt4v.json"]),
    "CLEVR_v1.0": (
        "images/train/CLEVR_train_000009.png",
        ["scenes/CLEVR_train_scenes.json", "questions/CLEVR_train_questions.json", "questions/clevr-math.json"],
    ),
    "textvqa": ("train_images/9.jpg", ["TextVQA_0.5.1_train.json"]),
    "share_textvqa": ("images/9.jpg", ["sharegpt4v.json"]),
    "docvqa": ("train/9.png", ["train_v1.0_withQT.json", "ocr_results/9.json"]),
    "ocr_vqa": ("images/9.jpg", ["dataset.json"]),
    "chartqa": ("train/png/9.png", ["train/train_human.json", "train/annotations/9.json"]),
    "ai2d": ("images/9.png", ["questions/9.png.json", "annotations/9.png.json", "categories.json"]),
    "sqa": ("train/9/image.png", ["problems.json", "pid_splits.json"]),
    "geoqa+": ("images/9.png", ["geoqa+.jsonl", "geoqa+.json"]),
}
KEYS = (
    "images annotations categories licenses info id image_id file_name bbox category_id segmentation iscrowd caption "
    "name objects names attributes object_id relationships subject object predicate regions phrase qas question answer "
    "imageId relations image conversations from value scenes questions image_filename left front data answers "
    "image_classes ocr_info ocr_tokens word bounding_box title authorName genre split label query imgname text "
    "rectangle blobs answerTexts correctAnswer choices train val shape color 9 00009 9.png recognitionResults lines "
    "boundingBox"
).split()
TELLING = st.sampled_from(
    "9 9.jpg images/9.jpg 000000000009.jpg CLEVR_train_000009.png 9.png human gpt ../9.jpg /etc/passwd".split()
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.sampled_from(KEYS) | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=9) | TELLING,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)


def build(root: Path, key: str, content: bytes) -> str:
    image, files = FILES[key]
    for name in [image, *files]:
        path = root / key / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"image" if name == image else content)
    return f"{key}/{image}"


def check(root: Path, key: str) -> list:
    entry = source(key)
    uris = list(list_images(entry, Places.at(root)))
    records, problems = read_source(entry, Places.at(root), uris)
    assert [r.image_uri for r in records] == [f"{key}/{FILES[key][0]}"]
    assert records[0].licence
    json.loads(records[0].context.to_json())
    assert all(p.file and p.reason and p.detail for p in problems)
    return problems


@pytest.mark.parametrize("key", FILES)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=VALUES)
def test_random_json(tmp_path_factory, key, value):
    root = tmp_path_factory.getbasetemp() / "random"
    build(root, key, json.dumps(value).encode())
    check(root, key)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"data": [{"image": "9.jpg", "question": ',
        b"\x80\x04\x95pickle",
        b"[" * 5_000,
        b'{"images": [1, 2',
        b"null",
        b'\xef\xbb\xbf[{"image": "9.jpg"}]',
        b"[NaN]",
        b'{"annotations": [' + b"1" * 400 + b"]}",
        b'"\\ud800"',
    ],
)
def test_broken_files_cost_annotations_but_no_image(tmp_path, content):
    for key in FILES:
        build(tmp_path, key, content)
        problems = check(tmp_path, key)
        if content == b"{" and key != "sqa":
            assert problems and all("Fetch the file again" in p.detail or "left out" in p.detail for p in problems), key


def test_what_stands_before_the_break_is_used(tmp_path):
    turns = [{"from": "human", "value": "Say"}, {"from": "gpt", "value": "a cat"}]
    whole = [{"image": "images/9.jpg", "conversations": turns}]
    uri = build(tmp_path, "llava", json.dumps(whole).encode()[:-1] + b', {"image": "x')
    records, problems = read_source(source("llava"), Places.at(tmp_path), [uri])
    assert records[0].context.captions == ("a cat",)
    assert [(p.file, p.reason) for p in problems] == [("llava/blip_laion_cc_sbu_558k.json", "broken")]


def test_paths_that_climb_out_are_named_and_left_out(tmp_path):
    rows = [{"image": path, "conversations": []} for path in ("../coco/9.jpg", "/etc/passwd", "C:\\x.jpg", "a\0.jpg")]
    uri = build(tmp_path, "llava", json.dumps(rows).encode())
    records, problems = read_source(source("llava"), Places.at(tmp_path), [uri])
    assert records[0].context.empty
    assert [(p.reason, p.count) for p in problems] == [("unsafe_path", 4)]
    assert "'../coco/9.jpg' climbs out with '..'" in problems[0].detail


def test_annotation_files_that_are_links_out_are_not_read(tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps([{"image": "9.jpg", "conversations": [{"from": "gpt", "value": "secret"}]}]))
    build(tmp_path / "root", "llava", b"[]")
    (tmp_path / "root/llava/more.json").symlink_to(secret)
    records, _ = read_source(source("llava"), Places.at(tmp_path / "root"), ["llava/images/9.jpg"])
    assert records[0].context.empty


def test_missing_folder_is_one_line_with_the_cure(tmp_path):
    with pytest.raises(SourceMissingError) as caught:
        list(list_images(source("vg"), Places.at(tmp_path)))
    line = str(caught.value)
    assert "\n" not in line and str(tmp_path / "vg") in line and 'paused = ["vg"]' in line


def test_every_built_in_reader_is_one_and_every_source_has_one():
    assert all(callable(readers.reader(name)) for name in readers.BUILT_IN)
    assert {entry.reader for entry in SOURCES} | {"images"} == readers.BUILT_IN


def test_longest_equal_path_end_decides():
    uris = ["llava/images/a/1.jpg", "llava/images/b/1.jpg"]
    collector = AnnotationCollector(source("llava"), uris)
    assert collector.named("x/b/1.jpg") == [uris[1]]
    assert collector.named("1.jpg") == uris
    assert collector.numbered("0001") == uris and collector.numbered(True) == []


def test_names_that_are_no_text_are_left_out(tmp_path):
    build(tmp_path, "llava", b"[]")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path / "llava/images") + b"/\xff.jpg")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    assert list(list_images(source("llava"), Places.at(tmp_path))) == ["llava/images/9.jpg"]
