"""Layouts in which images are distributed: per source the paths of some of its images, and files that are none.

The paths are those that a record's `image_path` names.
"""

from __future__ import annotations

# Some sources have several layouts.
LAYOUTS = {
    "coco": ["train2017/000000000009.jpg"],
    "sam": ["images/sa_1.jpg"],
    "vg": ["VG_100K/1.jpg", "VG_100K_2/2.jpg"],
    "gqa": ["images/1.jpg"],
    "ocr_vqa": ["images/0001.jpg", "images/0002.gif"],
    "textvqa": ["train_images/1.jpg"],
    "share_textvqa": ["images/1.jpg"],
    "web-celebrity": ["images/1.jpg"],
    "web-landmark": ["images/1.webp"],
    "wikiart": ["images/Été à Oslo.jpg"],
    "llava": ["llava_pretrain/images/00453/004539375.jpg"],
    "chartqa": ["train/png/1.png", "val/png/2.png"],
    "sqa": ["train/7/image.png", "test/9/image.png"],
    "geoqa+": ["images/0.png"],
    "ai2d": ["images/1.png", "abc_images/1.png"],
    "docvqa": ["train/documents/a_1.png", "val/b_2.png", "test/c_3.png"],
    "pisc": ["image/00001.jpg"],
    "CLEVR_v1.0": [
        "images/train/CLEVR_train_000000.png",
        "images/val/CLEVR_val_000000.png",
        "images/test/CLEVR_test_000000.png",
    ],
}
NOISE = ["readme.txt", "._1.jpg", ".cache/1.jpg", "Thumbs.db", "notes/1.jpg.part"]
