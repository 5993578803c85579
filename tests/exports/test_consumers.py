"""Every export format, read back by the tool that it is for: each row once, texts and pictures as they were."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from wethink_assets.exports.about import About
from wethink_assets.exports.formats import FORMATS
from wethink_assets.exports.job import export
from wethink_assets.exports.parquet_shards import GROUP_ROWS
from wethink_assets.presentation.json_lines import storable
from wethink_assets.rewards.extraction import extract
from wethink_assets.rewards.format import format_reward

ABOUT = About("0123456789abcdef", "# A card\n", date(2026, 11, 30))
HOOKS = Path("resources/workers/hooks").resolve()
# A consumer in a process of its own: absl, which mlcroissant imports, would close the stream that standard error was
# when it came.
_CROISSANT = """
import json, sys
import mlcroissant
described = mlcroissant.Dataset(jsonld=sys.argv[1])
issues = described.metadata.ctx.issues
read = {"issues": sorted(map(str, issues.errors | issues.warnings))}
for record_set in described.metadata.record_sets:
    records = list(described.records(record_set.id))
    read[record_set.id.split("-")[0]] = {
        "ids": [record[f"{record_set.id}/sample_id"].decode() for record in records],
        "size": records[0][f"{record_set.id}/image"].size,
    }
print(json.dumps(read))
"""


def in_a_process(script: str, path: Path) -> str:
    """The last line that a script prints about an export."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HOOKS), str(Path.cwd())])}
    arguments = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()[-1]


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    """Data sets are read from their files, not from what an earlier test of the same name left."""
    with pytest.MonkeyPatch.context() as patch:
        cache = tmp_path_factory.mktemp("cache")
        patch.setattr("datasets.config.HF_DATASETS_CACHE", str(cache))
        patch.setenv("HF_DATASETS_CACHE", str(cache))
        yield


@pytest.fixture(scope="module")
def written(nasty, tmp_path_factory):
    """The folder of each format, written when it is asked for."""
    rows, pictures = nasty
    root = tmp_path_factory.mktemp("exports")

    def of(name: str):
        folder = root / name
        if not folder.exists():
            windows = [rows[:100], rows[100:]]
            export(FORMATS[name], windows, folder, pictures.__getitem__, about=ABOUT)
        return folder

    return of


def expected(nasty, split):
    return [row for row in nasty[0] if row["split"] == split]


def load_dataset(*arguments, **options):
    """As `datasets` does, whose import takes five CPU seconds: of the process that runs these tests, not of all."""
    import datasets

    return datasets.load_dataset(*arguments, **options)


def parquet(folder, split):
    return load_dataset("parquet", data_files={split: str(folder / f"{split}-*.parquet")}, split=split)


@pytest.mark.parametrize("split", ["train", "heldout"])
def test_the_hub_folder_is_a_data_set_with_pictures(nasty, written, split):
    data = load_dataset(str(written("hub")), split=split)
    assert type(data.features["image"]).__name__ == "Image"
    told = expected(nasty, split)
    assert data["sample_id"] == [row["sample_id"] for row in told]
    for got, row in zip(data, told, strict=True):
        assert got["problem"] == storable(row["problem"]) and got["refined_cot"] == storable(row["refined_cot"])
        assert got["abilities"] == row["abilities"] and got["licence"] == row["licence"]
        with Image.open(nasty[1][row["image_id"]]) as picture:
            assert got["image"].size == picture.size


def test_the_hub_folder_has_a_card_with_its_head_and_small_row_groups(written):
    folder = written("hub")
    head, card = folder.joinpath("README.md").read_text("utf-8").removeprefix("---\n").split("---\n", 1)
    assert 'pretty_name: "WeThink re-created, release 0123456789abcdef"' in head and card.strip() == "# A card"
    (path,) = folder.glob("data/train-*.parquet")
    groups = pq.ParquetFile(path).metadata
    assert all(groups.row_group(n).num_rows <= GROUP_ROWS for n in range(groups.num_row_groups))


@pytest.mark.long
def test_croissant_describes_files_and_reads_every_row(nasty, written):
    read = json.loads(in_a_process(_CROISSANT, written("hub") / "croissant.json"))
    assert read.pop("issues") == []
    for split, rows in read.items():
        told = expected(nasty, split)
        assert rows["ids"] == [row["sample_id"] for row in told]
        with Image.open(nasty[1][told[0]["image_id"]]) as picture:
            assert tuple(rows["size"]) == picture.size


@pytest.mark.parametrize("split", ["train", "heldout"])
def test_easyr1_finds_one_picture_for_one_placeholder(nasty, written, split):
    data = parquet(written("easyr1"), split)
    for got, row in zip(data, expected(nasty, split), strict=True):
        assert got["problem"].count("<image>") == len(got["images"]) == 1
        assert got["problem"] == "<image>" + storable(row["problem"]) and got["answer"] == row["answer"]


@pytest.mark.parametrize("split", ["train", "heldout"])
def test_verl_finds_prompt_pictures_and_truth(nasty, written, split):
    data = parquet(written("verl"), split)
    for got, row in zip(data, expected(nasty, split), strict=True):
        system, user = got["prompt"]
        assert (system["role"], user["role"]) == ("system", "user")
        assert user["content"].count("<image>") == len(got["images"]) == 1
        assert got["reward_model"] == {"style": "rule", "ground_truth": row["answer"]}
        assert got["extra_info"]["index"] == row["position"] and got["extra_info"]["split"] == split


def test_trl_rows_end_as_their_rewards_want_it(nasty, written):
    """That TRL takes them as conversations with pictures is asked in tests/training/test_library_facts.py."""
    told = expected(nasty, "train")
    for got, row in zip(parquet(written("trl"), "train"), told, strict=True):
        reply = got["completion"][0]["content"]
        assert format_reward(reply) == 1.0 and extract(reply).final == row["answer"]


@pytest.mark.parametrize("split", ["train", "heldout"])
def test_llama_factory_reads_a_row_a_line_whoever_splits_lines(nasty, written, split):
    folder = written("llama-factory")
    entry = json.loads((folder / "dataset_info.json").read_text())[f"wethink_{split}"]
    path = folder / entry["file_name"]
    data = load_dataset("json", data_files=str(path), split="train")
    told = expected(nasty, split)
    assert len(path.read_text("utf-8").splitlines()) == len(told) == len(data)
    for got, row in zip(data, told, strict=True):
        messages, (image,) = got[entry["columns"]["messages"]], got[entry["columns"]["images"]]
        assert sum(message["value"].count("<image>") for message in messages) == 1
        assert messages[0]["value"] == "<image>" + storable(row["problem"])
        assert (folder / image).read_bytes() == nasty[1][row["image_id"]].read_bytes()


@pytest.mark.long
def test_webdataset_reads_picture_and_record_of_every_row(nasty, written):
    import webdataset

    shards = sorted(map(str, written("webdataset").glob("train-*.tar")))
    told = expected(nasty, "train")
    read = list(webdataset.WebDataset(shards, shardshuffle=False))
    assert [json.loads(item["json"])["sample_id"] for item in read] == [row["sample_id"] for row in told]
    for item, row in zip(read, told, strict=True):
        (ending,) = set(item) - {"json"} - {name for name in item if name.startswith("__")}
        assert item[ending] == nasty[1][row["image_id"]].read_bytes()
        with Image.open(io.BytesIO(item[ending])) as picture:
            assert picture.format.lower().replace("jpeg", "jpg") == ending
        assert json.loads(item["json"])["refined_cot"] == storable(row["refined_cot"])
    decoded = list(webdataset.WebDataset(shards, shardshuffle=False).select(lambda item: "jpg" in item).decode("pil"))
    assert decoded and all(item["jpg"].mode == "RGB" for item in decoded)
