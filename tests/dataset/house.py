"""A house for releases: a lake with accepted samples of drawn images, and what it takes to materialise the release."""

from __future__ import annotations

import hashlib
import io
import shutil
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from PIL import Image

from resources.lake.resource import Commit, Lake, Write
from resources.settings import SettingsResource
from tests.benchmark_sets.known_rows import known
from tests.fresh_lakes import copied_lake
from wethink_assets.dataset.assets import release_asset
from wethink_assets.dataset.record import package
from wethink_assets.picture_files import PictureFiles
from wethink_assets.settings import ReleaseSettings, Settings

SOURCES = ("coco", "chartqa", "ai2d")


class House:
    """A lake with accepted samples of drawn images, and what it takes to materialise the release."""

    def __init__(self, lake, root):
        self.lake, self.root = lake, root
        self.settings = Settings(home=root / "home", sources_root=root / "sources", release=ReleaseSettings(target=40))

    def add(self, batch: str, images_per_source: int = 4) -> None:
        now = datetime.now(UTC)
        number = int(batch[-1])
        images, source_images, samples = [], [], []
        for source in SOURCES:
            for i in range(images_per_source):
                uri = f"{source}/pictures/{batch}-{i}.png"
                path = self.root / "sources" / uri
                path.parent.mkdir(parents=True, exist_ok=True)
                buffer = io.BytesIO()
                Image.new("RGB", (8, 8), (i * 9, number * 40, SOURCES.index(source) * 50)).save(buffer, "PNG")
                path.write_bytes(buffer.getvalue())
                image_id = hashlib.sha256(buffer.getvalue()).hexdigest()
                common = {
                    "image_id": image_id,
                    "batch": batch,
                    "source": source,
                    "image_uri": uri,
                    "licence": f"licence of {source}",
                    "run_id": "r",
                }
                source_images.append(
                    {**common, "file_bytes": len(buffer.getvalue()), "position": i, "split": None, "context": {}}
                )
                images.append(
                    {
                        **common,
                        "origins": [uri],
                        "format": "PNG",
                        "width": 8,
                        "height": 8,
                        "phash": image_id[:16],
                        "phash256": image_id,
                    }
                )
                for category, options, answer in (
                    ("MC", ["red", "blue"], "B"),
                    ("FIB", [], f"{i}"),
                    ("DES", [], "A small picture."),
                ):
                    record = package(
                        question=f"What is it, {category}?",
                        options=options,
                        category=category,
                        abilities=["reasoning", "math"],
                        answer=answer,
                        refined_cot="Look at it.",
                        image_path=uri,
                    )
                    sample_id = hashlib.sha256(f"{uri} {category}".encode()).hexdigest()
                    samples.append(
                        {
                            "sample_id": sample_id,
                            "batch": batch,
                            "image_id": image_id,
                            "question_id": sample_id,
                            "answer_id": "a",
                            "path_id": "p",
                            "source": source,
                            "licence": f"licence of {source}",
                            **record.columns(),
                            "run_id": "r",
                        }
                    )
        if not self.versions():
            self.know(
                {"benchmark": "OCRBench", "item": "1", "question": "What does the sign beside the old bridge say?"}
            )
        held = {
            "asset": "image_pool",
            "batch": batch,
            "run_id": "r",
            "rows_in": len(images),
            "continued": len(images),
            "dropped": 0,
            "failed": 0,
            "rows_written": len(images),
            "seconds": 0.0,
            "committed_at": now,
            "details": {"held_against": self.versions()},
        }
        growth = [{"batch": batch, "position": number, "created_at": now, "reason": "manual"}]
        self.lake.write(
            Commit("test"),
            [
                Write("images", images),
                Write("source_images", source_images),
                Write("samples", samples),
                Write("growth_batches", growth),
                Write("materializations", [held, {**held, "asset": "samples", "details": {}}]),
            ],
        )

    def know(self, *items, images=()) -> None:
        """These items are all that is known of evaluation sets."""
        self.lake.write(Commit("benchmark_items"), known(items, images))

    def versions(self) -> dict[str, str]:
        return {r["benchmark"]: r["version"] for r in self.lake.rows("benchmark_sets/select_known_sets")}

    def materialise(self, expect_success: bool = True, **changes):
        settings = self.settings.model_copy(update=changes)
        resource = SettingsResource.of(settings)
        result = dg.materialize(
            [release_asset()],
            resources={
                "lake": self.lake,
                "settings": resource,
                "images": PictureFiles(lake=self.lake, settings=resource),
            },
            raise_on_error=expect_success,
        )
        assert result.success is expect_success
        return result

    def releases(self) -> list[dict]:
        return self.lake.store.sql("SELECT * FROM releases ORDER BY rows").to_dicts()

    def folder(self):
        row = self.releases()[-1]
        return self.settings.home / row["path"]


def copy_of(house: House, root: Path) -> House:
    """The same house elsewhere: a copy costs a tenth of writing its rows, and a hundredth of its release."""
    catalog = house.root / "lake" / "catalog.sqlite"
    shutil.copytree(house.root, root, ignore=lambda folder, _: {"lake"} if Path(folder) == house.root else set())
    return House(lake_at(*copied_lake(catalog, root / "lake")), root)


def lake_at(catalog: str, data_path: str) -> Lake:
    return Lake.at(catalog, data_path)
