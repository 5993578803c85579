"""Catalog of the 18 image sources, one typed row per source, and of those that an extension registers.

Belongs here: which sources there are. Does not belong here: how a source's files are read (readers/).

Keys are the folder names of the image archive that the WeThink authors point to [A]. Shares are our decision [D]:
nothing is published. Licences are what the publishers state; where they state none, that is said. Adding a source: a
row here, and where its annotation format is new, a module of readers/.
"""

from __future__ import annotations

from collections.abc import Iterable

from wethink_assets.settings import SourceSettings
from wethink_assets.sources.readers import registry as readers
from wethink_assets.sources.source import Source

SOURCES: tuple[Source, ...] = (
    Source(
        "coco",
        "MS-COCO 2017 train",
        group="general",
        share=24_000,
        licence="CC BY 4.0 (annotations); images under their Flickr licences",
        home="cocodataset.org",
        folders=("train2017", "val2017", "images"),
        reader="coco",
        annotations="annotations/instances_train2017.json and captions_train2017.json",
    ),
    Source(
        "sam",
        "SA-1B",
        group="general",
        share=17_000,
        licence="SA-1B Dataset Research License",
        home="segment-anything.com",
        folders=("images",),
        reader="sam",
        annotations="one sa_<id>.json beside each sa_<id>.jpg",
    ),
    Source(
        "vg",
        "Visual Genome",
        group="general",
        share=4_300,
        licence="CC BY 4.0",
        home="homes.cs.washington.edu/~ranjay/visualgenome",
        folders=("VG_100K", "VG_100K_2"),
        reader="vg",
        annotations="objects.json, attributes.json, relationships.json, region_descriptions.json, "
        "question_answers.json",
        document=r"(?:^|/)(?P<visual_genome>\d+)\.jpg$",
    ),
    Source(
        "gqa",
        "GQA",
        group="general",
        share=3_200,
        licence="CC BY 4.0",
        home="cs.stanford.edu/people/dorarad/gqa",
        folders=("images",),
        reader="gqa",
        annotations="train_sceneGraphs.json and train_balanced_questions.json",
        document=r"(?:^|/)(?P<visual_genome>\d+)\.jpg$",
    ),
    Source(
        "llava",
        "LLaVA-Pretrain 558K",
        group="general",
        share=600,
        licence="as the LAION, CC and SBU images it links; captions CC BY-NC 4.0",
        home="llava-vl.github.io",
        folders=("llava_pretrain/images", "images"),
        reader="conversations",
        annotations="blip_laion_cc_sbu_558k.json",
    ),
    Source(
        "pisc",
        "People in Social Context",
        group="general",
        share=900,
        licence="research use; images under their Flickr licences",
        home="zenodo.org/record/1059155",
        folders=("image", "images"),
        reader="pisc",
        annotations="relationship.json, image_info.json, relationship_split/",
    ),
    Source(
        "web-celebrity",
        "ShareGPT4V web images: people",
        group="general",
        share=600,
        licence="no licence stated for the images; captions CC BY-NC 4.0",
        home="sharegpt4v.github.io",
        folders=("images",),
        reader="conversations",
        annotations="a ShareGPT4V caption file (*.json)",
    ),
    Source(
        "web-landmark",
        "ShareGPT4V web images: landmarks",
        group="general",
        share=1_300,
        licence="no licence stated for the images; captions CC BY-NC 4.0",
        home="sharegpt4v.github.io",
        folders=("images",),
        reader="conversations",
        annotations="a ShareGPT4V caption file (*.json)",
    ),
    Source(
        "wikiart",
        "WikiArt",
        group="general",
        share=1_400,
        licence="non-commercial research (WikiArt terms); captions CC BY-NC 4.0",
        home="sharegpt4v.github.io",
        folders=("images",),
        reader="wikiart",
        annotations="a ShareGPT4V caption file (*.json); Style/ and Genre/ label lists",
    ),
    Source(
        "CLEVR_v1.0",
        "CLEVR with CLEVR-Math questions",
        group="scientific",
        share=800,
        licence="CC BY 4.0",
        home="cs.stanford.edu/people/jcjohns/clevr",
        folders=("images/train", "images/val", "images/test", "images"),
        reader="clevr",
        annotations="scenes/CLEVR_train_scenes.json and questions/CLEVR_train_questions.json",
    ),
    Source(
        "textvqa",
        "TextVQA",
        group="text",
        share=24_000,
        licence="CC BY 4.0; images (Open Images) CC BY 2.0",
        home="textvqa.org",
        folders=("train_images", "train_val_images", "images"),
        reader="textvqa",
        annotations="TextVQA_0.5.1_train.json",
        document=r"(?:^|/)(?P<open_images>[0-9a-f]{16})\.jpg$",
    ),
    Source(
        "share_textvqa",
        "ShareGPT4V TextVQA subset",
        group="text",
        share=600,
        licence="CC BY 4.0; images (Open Images) CC BY 2.0; captions CC BY-NC 4.0",
        home="sharegpt4v.github.io",
        folders=("images",),
        reader="conversations",
        annotations="a ShareGPT4V caption file (*.json)",
        document=r"(?:^|/)(?P<open_images>[0-9a-f]{16})\.jpg$",
    ),
    Source(
        "docvqa",
        "DocVQA",
        group="text",
        share=4_500,
        licence="research use (DocVQA terms, UCSF Industry Documents Library)",
        home="docvqa.org",
        folders=("train", "val", "documents", "test"),
        reader="docvqa",
        annotations="train_v1.0_withQT.json and val_v1.0_withQT.json",
        document=r"(?:^|/)(?P<ucsf>[a-z]{4}\d{4})_\d+\.\w+$",  # its id at UCSF, and the page
    ),
    Source(
        "ocr_vqa",
        "OCR-VQA",
        group="text",
        share=5_000,
        licence="academic use; book covers belong to their publishers",
        home="ocr-vqa.github.io",
        folders=("images",),
        reader="ocr_vqa",
        annotations="dataset.json",
    ),
    Source(
        "chartqa",
        "ChartQA",
        group="text",
        share=20_500,
        licence="GPL-3.0",
        home="github.com/vis-nlp/ChartQA",
        folders=(
            "train/png",
            "val/png",
            "test/png",
            "ChartQA Dataset/train/png",
            "ChartQA Dataset/val/png",
            "ChartQA Dataset/test/png",
        ),
        reader="chartqa",
        annotations="{train,val,test}/*_human.json, *_augmented.json, tables/*.csv",
    ),
    Source(
        "ai2d",
        "AI2D",
        group="scientific",
        share=1_900,
        licence="CC BY-SA 4.0",
        home="prior.allenai.org/projects/diagram-understanding",
        folders=("images", "abc_images"),
        reader="ai2d",
        annotations="annotations/, questions/, categories.json",
        document=r"(?:^|/)(?P<ai2d>\d+)\.png$",  # one diagram, with words or with letters
    ),
    Source(
        "sqa",
        "ScienceQA",
        group="scientific",
        share=4_800,
        licence="CC BY-NC-SA 4.0",
        home="scienceqa.github.io",
        folders=("train", "val", "test", "images/train", "images/val", "images/test"),
        reader="sqa",
        annotations="problems.json and pid_splits.json",
        only="image.png",
    ),
    Source(
        "geoqa+",
        "GeoQA+",
        group="scientific",
        share=4_600,
        licence="no licence stated; research use",
        home="github.com/SCNU203/GeoQA-Plus",
        folders=("images",),
        reader="geoqa",
        annotations="geoqa+.jsonl (the JSON form; pickles are refused)",
        asset="geoqa_plus",
    ),
)

BY_KEY = {source.key: source for source in SOURCES}
ORDER = {source.key: rank for rank, source in enumerate(SOURCES)}

_registered: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a source for every installation of this process: it gets an asset and flows where the built-in ones do.

    Raises:
        ValueError: another source has this key or asset name, or no reader has the name it gives.
    """
    if _registered.get(source.key) == source:
        return
    _refuse_taken(source, (*SOURCES, *_registered.values()), f"source {source.key!r} ({source.title})")
    _refuse_unknown_reader(source.reader, f"source {source.key!r}")
    _registered[source.key] = source


def unregister(key: str) -> None:
    """Forget a registered source; built-in ones stay.

    Raises:
        KeyError: no source of this key was registered.
    """
    del _registered[key]


def sources_of(settings: SourceSettings) -> tuple[Source, ...]:
    """The built-in sources, then the registered ones, then those of `[[sources.extra]]`.

    Raises:
        ValueError: an added source repeats a key, or names no reader.
    """
    sources = [*SOURCES, *_registered.values()]
    for extra in settings.extra:
        name = f"[[sources.extra]] {extra.key!r}"
        _refuse_unknown_reader(extra.reader, name)
        added = Source(
            extra.key,
            extra.title,
            group="added",
            share=extra.share,
            licence=extra.licence,
            home=extra.home or "added by configuration",
            folders=extra.folders,
            reader=extra.reader,
            annotations=extra.annotations or f"as the reader {extra.reader} finds them",
            document=extra.document,
        )
        _refuse_taken(added, sources, name)
        sources.append(added)
    return tuple(sources)


def source(key: str) -> Source:
    """The row of a built-in or registered source.

    Raises:
        KeyError: there is no such source; the message lists all keys.
    """
    known = BY_KEY | _registered
    try:
        return known[key]
    except KeyError:
        raise KeyError(f"no source {key!r}; the sources are {', '.join(known)}") from None


def _refuse_taken(source: Source, known: Iterable[Source], name: str) -> None:
    for other in known:
        if source.key == other.key or source.asset == other.asset:
            raise ValueError(f"{name}: a source of that name is there already: {other.key!r} ({other.title})")


def _refuse_unknown_reader(reader: str, name: str) -> None:
    if reader not in readers.names():
        raise ValueError(f"{name}: no reader {reader!r}; there are {', '.join(sorted(readers.names()))}")
