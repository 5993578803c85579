"""A small installation with a release to learn from: scenes drawn, rows written, no model asked."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from resources.lake.resource import Lake
from resources.lake.store import Commit, LakeStore, Write
from resources.settings import SettingsResource
from resources.workers.launcher import GpuLauncher
from tests.fresh_lakes import fresh_lake_of
from wethink_assets.accounting import content_id
from wethink_assets.dataset.record import with_options
from wethink_assets.demo.pack.render import draw, make_scene
from wethink_assets.demo.pack.scene import KINDS
from wethink_assets.picture_files import PictureFiles
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.settings import LakeSettings, Settings, TrainingSettings

# Mechanics only: far too small to learn anything.
MECHANICS = TrainingSettings(
    warm_start_steps=2,
    steps=4,
    prompts_per_step=3,
    group_size=2,
    max_completion_length=6,
    checkpoint_every=2,
    processes=1,
)
RELEASE = "0123456789abcdef"


def settings(home: Path, training: TrainingSettings = MECHANICS) -> Settings:
    return Settings(
        home=home,
        sources_root=home / "sources",
        training=training,
        lake=LakeSettings(catalog=f"sqlite:{home}/lake/catalog.sqlite", data_path=f"{home}/lake/data"),
    )


def resources(config: Settings) -> dict[str, Any]:
    lake = Lake.at(config.lake_catalog, config.lake_data_path)
    own = SettingsResource.of(config)
    return {
        "lake": lake,
        "settings": own,
        "images": PictureFiles(lake=lake, settings=own),
        "launcher": GpuLauncher(settings=own),
    }


def write_release(
    config: Settings, scenes: int, *, first_seed: int = 5_000, heldout: int = 0, items: int = 2, judged: bool = False
) -> list[dict[str, Any]]:
    """Draw scenes and write the rows that the data rooms would; returns the samples.

    The last `heldout` scenes are held out. `judged`: rows are descriptions, which a judge scores, and else those that
    rules score.
    """
    folder = config.sources_dir / "coco"
    folder.mkdir(parents=True, exist_ok=True)
    images, samples, members = [], [], []
    for number in range(scenes):
        scene = make_scene(KINDS[number % len(KINDS)], first_seed + number)
        path = folder / f"{number:05d}.png"
        draw(scene).save(path)
        image_id = hashlib.sha256(path.read_bytes()).hexdigest()
        images.append(
            {
                "source": "coco",
                "batch": "b1",
                "image_uri": f"coco/{path.name}",
                "image_id": image_id,
                "file_bytes": path.stat().st_size,
                "position": number,
                "licence": "CC0-1.0",
                "split": None,
                "context": {},
                "run_id": "r",
            }
        )
        rule = [i for i in scene.items if i.category != "DES"]
        free = [i for i in scene.items if i.category == "DES"]
        for item in free[:items] if judged else [rule[0], *rule[1 + number % (len(rule) - 1) :]][:items]:
            sample_id = content_id(image_id, item.key)
            typed = type_answer(item.answer, category=item.category, options=item.options, question=item.question)
            samples.append(
                {
                    "sample_id": sample_id,
                    "batch": "b1",
                    "image_id": image_id,
                    "question_id": sample_id,
                    "answer_id": sample_id,
                    "path_id": sample_id,
                    "source": "coco",
                    "licence": "CC0-1.0",
                    "problem": with_options(item.question, item.options),
                    "answer": item.answer,
                    "answer_typed": typed.to_json(),
                    "answer_type": str(typed.type),
                    "category": item.category,
                    "abilities": list(item.abilities),
                    "refined_cot": item.short_chain,
                    "image_path": f"coco/{path.name}",
                    "reward": "model" if judged else "rule",
                    "run_id": "r",
                }
            )
            split = "heldout" if number >= scenes - heldout else "train"
            members.append(
                {
                    "release_id": RELEASE,
                    "sample_id": sample_id,
                    "image_id": image_id,
                    "split": split,
                    "position": len(members),
                    "run_id": "r",
                }
            )
    train = sum(m["split"] == "train" for m in members)
    release = {
        "release_id": RELEASE,
        "batches": ["b1"],
        "target": 100,
        "rows": len(members),
        "train_rows": train,
        "heldout_rows": len(members) - train,
        "config": {},
        "snapshot_id": 1,
        "path": f"releases/{RELEASE}",
        "run_id": "r",
    }
    account = {
        "asset": "release",
        "batch": "",
        "run_id": "r",
        "rows_in": len(members),
        "continued": len(members),
        "dropped": 0,
        "failed": 0,
        "rows_written": len(members),
        "seconds": 0.1,
        "committed_at": datetime.now(UTC),
        "details": {"release_id": RELEASE},
    }
    fresh_lake_of(config)
    store = LakeStore(config.lake_catalog, config.lake_data_path)
    store.write(
        Commit("test"),
        [
            Write("source_images", images),
            Write("samples", samples),
            Write("release_rows", members),
            Write("releases", [release]),
            Write("materializations", [account]),
        ],
    )
    store.close()
    return samples


def materialize(
    config: Settings, assets: list[Any], instance: dg.DagsterInstance | None = None
) -> dg.ExecuteInProcessResult:
    return dg.materialize(assets, resources=resources(config), instance=instance, raise_on_error=False)
