"""A small installation with its own lake and the real sample teacher, for tests that run synthesis assets."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import dagster as dg

from resources.calls.resource import ModelCalls
from resources.lake.resource import Commit, Lake, Write
from resources.settings import SettingsResource
from tests.demo.teacher.mini_pack import write_truth
from tests.demo.teacher.recording import RecordingTeacher
from tests.fresh_lakes import copied_lake, fresh_lake_of
from wethink_assets.picture_files import PictureFiles
from wethink_assets.settings import Settings
from wethink_assets.synthesis.assets import synthesis_assets

ASSETS = synthesis_assets()


def resources_of(settings: Settings, lake: Lake) -> dict:
    """What synthesis assets and the release need."""
    own = SettingsResource.of(settings)
    files = PictureFiles(lake=lake, settings=own)
    return {
        "lake": lake,
        "settings": own,
        "images": files,
        "calls": ModelCalls(lake=lake, settings=own, images=files),
    }


class House:
    """A pool of drawn images in a lake of its own, and runs over it; or (`copy_of`) a copy of another's."""

    def __init__(self, root: Path, seeds: int = 2, recorded: bool = False, copy_of: Path | None = None) -> None:
        self.root = root
        self.settings = Settings(home=root / "home", sources_root=root / "sources", truth_root=root / "truth")
        self.teacher = None
        if copy_of is None:
            self.files = write_truth(root / "truth", seeds=range(seeds))
            fresh_lake_of(self.settings)
        else:
            for folder in ("truth", "sources"):
                shutil.copytree(copy_of / folder, root / folder)
            copied_lake(copy_of / "home" / "lake" / "catalog.sqlite", root / "home" / "lake")
        if recorded:
            self.teacher = RecordingTeacher(root / "truth")
            self.settings = self.settings.model_copy(update={"endpoints": self.teacher.endpoints()})
        self.lake = Lake.at(self.settings.lake_catalog, self.settings.lake_data_path)
        self.instance = dg.DagsterInstance.ephemeral()
        if copy_of is None:
            self._move_in(root)

    def _move_in(self, root: Path) -> None:
        images, sources = [], []
        for position, line in enumerate((root / "truth" / "scenes.jsonl").read_text("utf-8").splitlines()):
            row = json.loads(line)
            uri, batch = row["image_uri"], "g1" if position % 4 else "g2"
            path = root / "sources" / uri
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.files[row["image_id"]])
            shared = {
                "batch": batch,
                "source": "coco",
                "image_uri": uri,
                "image_id": row["image_id"],
                "licence": "CC-BY",
            }
            size = {"width": 1, "height": 1, "phash": "0" * 16, "phash256": "0" * 64, "format": "PNG"}
            images.append({**shared, **size, "origins": [uri], "run_id": "t"})
            sources.append(
                {**shared, "file_bytes": 1, "position": position, "context": {"captions": ["A hint."]}, "run_id": "t"}
            )
        self.lake.write(
            Commit("test"), [Write("images", images, replace={}), Write("source_images", sources, replace={})]
        )
        self.images = len([i for i in images if i["batch"] == "g1"])

    def resources(self, settings=None):
        return resources_of(settings or self.settings, self.lake)

    def run(self, batch="g1", settings=None, selection=ASSETS, must_succeed=True):
        resources = self.resources(settings)
        if batch and not self.instance.has_dynamic_partition("growth_batch", batch):
            self.instance.add_dynamic_partitions("growth_batch", [batch])
        return dg.materialize(
            selection, resources=resources, partition_key=batch, instance=self.instance, raise_on_error=must_succeed
        )

    def sql(self, text, **parameters):
        return self.lake.store.sql(text, **parameters).to_dicts()

    def rows(self, table, batch="g1"):
        columns = ", ".join(c for c in self.columns(table) if c != "run_id")
        return self.sql(f"SELECT {columns} FROM {table} WHERE batch = $batch ORDER BY ALL", batch=batch)

    def columns(self, table):
        from resources.lake.sql_files import tables

        return tables()[table].column_names
