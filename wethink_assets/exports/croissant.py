"""Croissant metadata (MLCommons, version 1.1) of a data set folder with Parquet files.

Belongs here: the JSON-LD. Does not belong here: writing the files that it describes.

Source: "Croissant Format Specification" 1.1, docs.mlcommons.org/croissant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from wethink_assets.dataset.manifest import sha256_of
from wethink_assets.exports.about import About
from wethink_assets.exports.parquet_formats import HUB
from wethink_assets.exports.parquet_shards import PICTURE

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(
    folder: Path, about: About, files: Mapping[str, Sequence[Path]], licences: Sequence[str]
) -> dict[str, Any]:
    """The description of a folder of Parquet files by split. Each file is named with its SHA-256."""
    distribution = [_file(folder, path) for paths in files.values() for path in paths]
    records = [
        {
            "@type": "cr:RecordSet",
            "@id": path.stem,
            "description": f"Rows of the split {split}, file {number} of {len(paths)}.",
            "field": [_field(path.stem, name, kind, path) for name, kind in HUB.items()],
        }
        for split, paths in files.items()
        for number, path in enumerate(paths, 1)
    ]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": f"wethink-{about.release_id}",
        "description": (
            "Questions about images that need reasoning, each with a reasoning path, an answer and the way its reward "
            "is computed. Made by re-creating the pipeline of WeThink (arXiv 2506.07905)."
        ),
        "citeAs": "https://arxiv.org/abs/2506.07905",
        "license": list(licences),
        "url": "https://arxiv.org/abs/2506.07905",
        "version": "1.0.0",
        **({"datePublished": about.released_on.isoformat()} if about.released_on else {}),
        "distribution": distribution,
        "recordSet": records,
    }


def _file(folder: Path, path: Path) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": path.name,
        "name": path.name,
        "contentUrl": path.relative_to(folder).as_posix(),
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": sha256_of(path),
    }


def _field(record_set: str, name: str, kind: pa.DataType, path: Path) -> dict[str, Any]:
    source: dict[str, Any] = {"fileObject": {"@id": path.name}, "extract": {"column": name}}
    field: dict[str, Any] = {"@type": "cr:Field", "@id": f"{record_set}/{name}", "dataType": "sc:Text"}
    if kind == PICTURE:
        source["transform"] = {"jsonPath": "bytes"}
        field["dataType"] = "sc:ImageObject"
    elif pa.types.is_list(kind):
        field |= {"isArray": True, "arrayShape": "-1"}
    return field | {"source": source}
