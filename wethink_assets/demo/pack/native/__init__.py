"""Annotation writers: each source's annotations in its native format (COCO JSON, scene graphs, VQA files).

Belongs here: one writer per source. Does not belong here: reading the formats (wethink_assets/sources/readers/).

A writer gets the source's folder and its pictures, which can be iterated again and again, and writes every annotation
file there. Nothing here decides what a picture shows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wethink_assets.demo.pack.native import captions, general, graphs, reading, science, social
from wethink_assets.demo.pack.plan import Pictures

WRITERS: dict[str, Callable[[Path, Pictures], None]] = {
    "coco": general.write_coco,
    "sam": general.write_sam,
    "vg": graphs.write_vg,
    "gqa": graphs.write_gqa,
    "llava": captions.write_llava,
    "pisc": social.write_pisc,
    "web-celebrity": captions.write_captions,
    "web-landmark": captions.write_captions,
    "wikiart": captions.write_wikiart,
    "CLEVR_v1.0": science.write_clevr,
    "textvqa": reading.write_textvqa,
    "share_textvqa": captions.write_captions,
    "docvqa": reading.write_docvqa,
    "ocr_vqa": reading.write_ocr_vqa,
    "chartqa": reading.write_chartqa,
    "ai2d": science.write_ai2d,
    "sqa": science.write_sqa,
    "geoqa+": science.write_geoqa,
}
