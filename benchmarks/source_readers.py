"""Reading COCO's instances file: peak memory and seconds of the reader, beside a whole `json.load`.

    python -m benchmarks.source_readers [--images 118000] [--annotations 860000] [--batch 2000]

Writes a file of the real one's size and shape (instances_train2017.json: 118,287 images, 860,001 annotations, about
450 MB) into a temporary folder, and removes it. Both sides find the boxes and names of the same batch of images, each
in a process of its own, and must agree; a further line reads the same file out of a deflated zip.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

NAMES = {n: f"thing {n}" for n in range(1, 91) if n % 9}  # ids with gaps, as in COCO


def generate(root: Path, images: int, annotations: int, batch: int) -> None:
    dice = random.Random(1)
    outlines = [
        [[round(dice.uniform(0, 640), 2) for _ in range(dice.choice((20, 30, 40, 60, 80)))]] for _ in range(500)
    ]
    crowd = {"size": [480, 640], "counts": [dice.randrange(900) for _ in range(300)]}
    (root / "coco/annotations").mkdir(parents=True)
    (root / "coco/train2017").mkdir()
    for number in range(batch):
        (root / f"coco/train2017/{number * (images // batch):012d}.jpg").write_bytes(b"x")
    with (root / "coco/annotations/instances_train2017.json").open("w") as out:
        out.write(
            '{"info": {"year": 2017}, "licenses": [{"id": 1, "name": "Attribution License", "url": "u"}], "images": ['
        )
        for number in range(images):
            out.write(
                (", " if number else "")
                + json.dumps(
                    {
                        "license": 1,
                        "file_name": f"{number:012d}.jpg",
                        "coco_url": f"http://images.example.org/train2017/{number:012d}.jpg",
                        "height": 480,
                        "width": 640,
                        "date_captured": "2013-11-14 11:18:45",
                        "flickr_url": "http://farm9.example.org/8186/8119368305_4e622c8349_z.jpg",
                        "id": number,
                    }
                )
            )
        out.write('], "annotations": [')
        ids = list(NAMES)
        for number in range(annotations):
            rle = number % 86 == 0  # about 10,000 crowds of 860,000
            out.write(
                (", " if number else "")
                + json.dumps(
                    {
                        "segmentation": crowd if rle else dice.choice(outlines),
                        "area": 702.1,
                        "iscrowd": int(rle),
                        "image_id": dice.randrange(images),
                        "bbox": [473.07, 395.93, 38.65, 28.67],
                        "category_id": dice.choice(ids),
                        "id": number,
                    }
                )
            )
        out.write(
            '], "categories": '
            + json.dumps([{"id": i, "name": name, "supercategory": "x"} for i, name in NAMES.items()])
            + "}"
        )


def ours(root: Path) -> dict[str, int]:
    from resources.storage.places import Places
    from wethink_assets.sources.annotate import read_source
    from wethink_assets.sources.catalog import source
    from wethink_assets.sources.listing import list_images

    places = Places.at(root)
    uris = list(list_images(source("coco"), places))
    records, problems = read_source(source("coco"), places, uris)
    assert not problems, problems
    return {r.image_uri.rsplit("/", 1)[-1]: r.context.masks for r in records}


def peer(root: Path) -> dict[str, int]:
    whole = json.loads((root / "coco/annotations/instances_train2017.json").read_bytes())
    batch = {path.name for path in (root / "coco/train2017").iterdir()}
    ids = {image["id"]: image["file_name"] for image in whole["images"] if image["file_name"] in batch}
    names = {category["id"]: category["name"] for category in whole["categories"]}
    boxes = dict.fromkeys(sorted(batch), 0)
    for annotation in whole["annotations"]:
        if annotation["image_id"] in ids and names[annotation["category_id"]]:
            boxes[ids[annotation["image_id"]]] += 1
    return boxes


def measured(side: str, root: Path) -> dict:
    out = subprocess.run([sys.executable, __file__, "--side", side, str(root)], capture_output=True, text=True)
    if out.returncode:
        raise SystemExit(out.stderr[-2_000:])
    return json.loads(out.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=118_000)
    parser.add_argument("--annotations", type=int, default=860_000)
    parser.add_argument("--batch", type=int, default=2_000)
    parser.add_argument("--side", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        side, root = options.side
        wall, cpu = time.perf_counter(), time.process_time()
        boxes = (peer if side == "peer" else ours)(Path(root))
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(
            json.dumps(
                {
                    "seconds": time.perf_counter() - wall,
                    "cpu": time.process_time() - cpu,
                    "rss": used.ru_maxrss / 1024,
                    "found": boxes,
                }
            )
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "plain"
        root.mkdir()
        generate(root, options.images, options.annotations, options.batch)
        file = root / "coco/annotations/instances_train2017.json"
        print(
            f"{file.stat().st_size / 1e6:.0f} MB, {options.images} images, {options.annotations} annotations, "
            f"a batch of {options.batch}"
        )
        results = {"json.load": measured("peer", root), "reader": measured("ours", root)}
        packed = Path(folder) / "packed"
        (packed / "coco").mkdir(parents=True)
        with zipfile.ZipFile(packed / "coco/annotations_trainval2017.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(file, "annotations/instances_train2017.json")
        (root / "coco/train2017").rename(packed / "coco/train2017")
        results["reader, in a zip"] = measured("ours", packed)
        whole = results["json.load"]
        for name, result in results.items():
            assert result["found"] == whole["found"], f"{name} found other boxes than json.load"
            print(
                f"{name:17} {result['rss']:7.0f} MB peak ({result['rss'] / whole['rss']:.2f})  "
                f"{result['cpu']:6.1f} CPU-s ({result['cpu'] / whole['cpu']:.2f})  {result['seconds']:6.1f} s"
            )


if __name__ == "__main__":
    main()
