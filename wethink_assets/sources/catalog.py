"""The 18 image sources: one typed row each.

Belongs here: what a source is called, where its images lie, who published it under which terms, and how
much of a 120,000-row data set it is meant to give. Does not belong here: how its files are read (readers/).

Keys are the folder names of the image archive that the WeThink authors point to [A]. Shares are our
decision [D]: nothing is published. Licences are what the publishers state; where they state none, that is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from wethink_assets.settings import SourceSettings

Group = Literal["general", "text", "scientific", "added"]


@dataclass(frozen=True)
class Source:
    """`folders`: where images lie below the source's folder, training split first; those that exist are read,
    the whole folder where none does.

    `share`: rows of 120,000 [D]. `only`: the one file name that counts as an image, where a folder
    holds others too. `reader`: the module of readers/ that knows the native annotations.
    """

    key: str
    asset: str
    title: str
    group: Group
    licence: str
    home: str
    share: int
    folders: tuple[str, ...]
    reader: str
    annotations: str
    only: str | None = None


SOURCES: tuple[Source, ...] = (
    Source(
        "coco",
        "coco",
        "MS-COCO 2017 train",
        "general",
        "CC BY 4.0 (annotations); images under their Flickr licences",
        "cocodataset.org",
        24_000,
        ("train2017", "val2017", "images"),
        "coco",
        "annotations/instances_train2017.json and captions_train2017.json",
    ),
    Source(
        "sam",
        "sam",
        "SA-1B",
        "general",
        "SA-1B Dataset Research License",
        "segment-anything.com",
        17_000,
        ("images",),
        "sam",
        "one sa_<id>.json beside each sa_<id>.jpg",
    ),
    Source(
        "vg",
        "vg",
        "Visual Genome",
        "general",
        "CC BY 4.0",
        "homes.cs.washington.edu/~ranjay/visualgenome",
        4_300,
        ("VG_100K", "VG_100K_2"),
        "vg",
        "objects.json, attributes.json, relationships.json, region_descriptions.json, question_answers.json",
    ),
    Source(
        "gqa",
        "gqa",
        "GQA",
        "general",
        "CC BY 4.0",
        "cs.stanford.edu/people/dorarad/gqa",
        3_200,
        ("images",),
        "gqa",
        "train_sceneGraphs.json and train_balanced_questions.json",
    ),
    Source(
        "llava",
        "llava",
        "LLaVA-Pretrain 558K",
        "general",
        "as the LAION, CC and SBU images it links; captions CC BY-NC 4.0",
        "llava-vl.github.io",
        600,
        ("llava_pretrain/images", "images"),
        "conversations",
        "blip_laion_cc_sbu_558k.json",
    ),
    Source(
        "pisc",
        "pisc",
        "People in Social Context",
        "general",
        "research use; images under their Flickr licences",
        "zenodo.org/record/1059155",
        900,
        ("image", "images"),
        "pisc",
        "relationship.json, image_info.json, relationship_split/",
    ),
    Source(
        "web-celebrity",
        "web_celebrity",
        "ShareGPT4V web images: people",
        "general",
        "no licence stated for the images; captions CC BY-NC 4.0",
        "sharegpt4v.github.io",
        600,
        ("images",),
        "conversations",
        "a ShareGPT4V caption file (*.json)",
    ),
    Source(
        "web-landmark",
        "web_landmark",
        "ShareGPT4V web images: landmarks",
        "general",
        "no licence stated for the images; captions CC BY-NC 4.0",
        "sharegpt4v.github.io",
        1_300,
        ("images",),
        "conversations",
        "a ShareGPT4V caption file (*.json)",
    ),
    Source(
        "wikiart",
        "wikiart",
        "WikiArt",
        "general",
        "non-commercial research (WikiArt terms); captions CC BY-NC 4.0",
        "sharegpt4v.github.io",
        1_400,
        ("images",),
        "wikiart",
        "a ShareGPT4V caption file (*.json); Style/ and Genre/ label lists",
    ),
    Source(
        "CLEVR_v1.0",
        "clevr_v1_0",
        "CLEVR with CLEVR-Math questions",
        "scientific",
        "CC BY 4.0",
        "cs.stanford.edu/people/jcjohns/clevr",
        800,
        ("images/train", "images/val", "images/test", "images"),
        "clevr",
        "scenes/CLEVR_train_scenes.json and questions/CLEVR_train_questions.json",
    ),
    Source(
        "textvqa",
        "textvqa",
        "TextVQA",
        "text",
        "CC BY 4.0; images (Open Images) CC BY 2.0",
        "textvqa.org",
        24_000,
        ("train_images", "train_val_images", "images"),
        "textvqa",
        "TextVQA_0.5.1_train.json",
    ),
    Source(
        "share_textvqa",
        "share_textvqa",
        "ShareGPT4V TextVQA subset",
        "text",
        "CC BY 4.0; images (Open Images) CC BY 2.0; captions CC BY-NC 4.0",
        "sharegpt4v.github.io",
        600,
        ("images",),
        "conversations",
        "a ShareGPT4V caption file (*.json)",
    ),
    Source(
        "docvqa",
        "docvqa",
        "DocVQA",
        "text",
        "research use (DocVQA terms, UCSF Industry Documents Library)",
        "docvqa.org",
        4_500,
        ("train", "val", "documents", "test"),
        "docvqa",
        "train_v1.0_withQT.json and val_v1.0_withQT.json",
    ),
    Source(
        "ocr_vqa",
        "ocr_vqa",
        "OCR-VQA",
        "text",
        "academic use; book covers belong to their publishers",
        "ocr-vqa.github.io",
        5_000,
        ("images",),
        "ocr_vqa",
        "dataset.json",
    ),
    Source(
        "chartqa",
        "chartqa",
        "ChartQA",
        "text",
        "GPL-3.0",
        "github.com/vis-nlp/ChartQA",
        20_500,
        (
            "train/png",
            "val/png",
            "test/png",
            "ChartQA Dataset/train/png",
            "ChartQA Dataset/val/png",
            "ChartQA Dataset/test/png",
        ),
        "chartqa",
        "{train,val,test}/*_human.json, *_augmented.json, tables/*.csv",
    ),
    Source(
        "ai2d",
        "ai2d",
        "AI2D",
        "scientific",
        "CC BY-SA 4.0",
        "prior.allenai.org/projects/diagram-understanding",
        1_900,
        ("images", "abc_images"),
        "ai2d",
        "annotations/, questions/, categories.json",
    ),
    Source(
        "sqa",
        "sqa",
        "ScienceQA",
        "scientific",
        "CC BY-NC-SA 4.0",
        "scienceqa.github.io",
        4_800,
        ("train", "val", "test", "images/train", "images/val", "images/test"),
        "sqa",
        "problems.json and pid_splits.json",
        only="image.png",
    ),
    Source(
        "geoqa+",
        "geoqa_plus",
        "GeoQA+",
        "scientific",
        "no licence stated; research use",
        "github.com/SCNU203/GeoQA-Plus",
        4_600,
        ("images",),
        "geoqa",
        "geoqa+.jsonl (the JSON form; pickles are refused)",
    ),
)

READERS = frozenset({source.reader for source in SOURCES} | {"images"})
BY_KEY = {source.key: source for source in SOURCES}
ORDER = {source.key: rank for rank, source in enumerate(SOURCES)}


def sources_of(settings: SourceSettings) -> tuple[Source, ...]:
    """The 18, then those that the settings add.

    Raises:
        ValueError: an added source repeats a key, or names no reader.
    """
    added = []
    for extra in settings.extra:
        asset = re.sub(r"\W", "_", extra.key).lower()
        known = [*SOURCES, *added]
        if any(extra.key == s.key or asset == s.asset for s in known):
            raise ValueError(f"[[sources.extra]] {extra.key!r}: a source of that name is there already")
        if extra.reader not in READERS:
            raise ValueError(
                f"[[sources.extra]] {extra.key!r}: no reader {extra.reader!r}; there are {', '.join(sorted(READERS))}"
            )
        added.append(
            Source(
                extra.key,
                asset,
                extra.title,
                "added",
                extra.licence,
                extra.home or "added by configuration",
                extra.share,
                extra.folders,
                extra.reader,
                extra.annotations or f"as the reader {extra.reader} finds them",
            )
        )
    return (*SOURCES, *added)


def source(key: str) -> Source:
    """The row of a source.

    Raises:
        KeyError: there is no such source; the message lists all keys.
    """
    try:
        return BY_KEY[key]
    except KeyError:
        raise KeyError(f"no source {key!r}; the sources are {', '.join(BY_KEY)}") from None
