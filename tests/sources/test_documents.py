"""Which files are of one document: by the names that real archives use, and by a pattern of one's own."""

from __future__ import annotations

import polars as pl
import pytest

from wethink_assets.settings import Settings
from wethink_assets.settings.data import ExtraSource, SourceSettings
from wethink_assets.sources.documents import with_documents
from wethink_assets.sources.source import Source

NAMES = {
    "docvqa/documents/ffbf0023_4.png": "ucsf:ffbf0023",
    "docvqa/documents/ffbf0023_12.png": "ucsf:ffbf0023",
    "docvqa/documents/page_4.png": None,
    "ai2d/images/3071.png": "ai2d:3071",
    "ai2d/abc_images/3071.png": "ai2d:3071",
    "vg/VG_100K_2/2370799.jpg": "visual_genome:2370799",
    "gqa/images/2370799.jpg": "visual_genome:2370799",
    "gqa/images/n161313.jpg": None,
    "textvqa/train_images/0054c91397f2fe05.jpg": "open_images:0054c91397f2fe05",
    "share_textvqa/images/0054c91397f2fe05.jpg": "open_images:0054c91397f2fe05",
    "chartqa/train/png/two_col_1234.png": None,
    "mine/q3_p12.png": "report:q3",
    "elsewhere/q3_p12.png": None,
}


def test_documents_are_named_as_their_sources_name_them():
    own = ExtraSource(key="mine", title="Mine", licence="CC0", document=r"(?P<report>\w+)_p\d+\.png")
    settings = Settings(sources=SourceSettings(extra=(own,)))
    files = [[name] for name in NAMES] + [["coco/a.jpg", "ai2d/images/2.png", "ai2d/images/1.png"], [], None]
    found = with_documents(pl.DataFrame({"files": files}), settings)
    assert found.columns == ["document"]
    assert found["document"].to_list() == [*NAMES.values(), "ai2d:1", None, None]


@pytest.mark.parametrize("pattern", [r"(\w+)_\d", r"(?P<report>\w+", "page"])
def test_a_pattern_without_a_named_group_is_refused(pattern):
    with pytest.raises(ValueError, match="named group"):
        Source("mine", "Mine", licence="CC0", document=pattern)
