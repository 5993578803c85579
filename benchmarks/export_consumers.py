"""Read exports back by LLaMA-Factory's and verl's own loaders, which want other versions of torch than ours.

    uv pip install --target FOLDER --no-deps llamafactory verl tensordict pyvers omegaconf hydra-core codetiming peft \
        antlr4-python3-runtime==4.9.3 av fire modelscope termcolor sse-starlette einops tyro docstring-parser \
        typeguard shtab                    # and an empty package torchaudio: imported, not used for pictures
    PYTHONPATH=.:resources/workers/hooks:FOLDER DISABLE_VERSION_CHECK=1 python -m benchmarks.export_consumers

Writes 230 rows with hostile texts and names (tests/exports/rows.py) in both formats; each loader must give every row of
each split once, one placeholder for one picture.
"""

from __future__ import annotations

import argparse
import importlib
import tempfile
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.exports.rows import draw, rows
from wethink_assets.exports.about import About
from wethink_assets.exports.formats import FORMATS
from wethink_assets.exports.job import export


def llama_factory(folder: Path, split: str) -> list[tuple[int, int]]:
    """Placeholders and pictures of each row as LLaMA-Factory's converter aligns them."""
    from datasets import load_dataset

    data: Any = importlib.import_module("llamafactory.data.parser")
    converter: Any = importlib.import_module("llamafactory.data.converter")
    hparams: Any = importlib.import_module("llamafactory.hparams")
    name = f"wethink_{split}"
    (entry,) = data.get_dataset_list([name], str(folder))
    arguments = hparams.DataArguments(dataset=name, dataset_dir=str(folder), media_dir=str(folder))
    loaded = load_dataset("json", data_files=str(folder / entry.dataset_name), split="train")
    aligned = converter.align_dataset(loaded, entry, arguments, SimpleNamespace(should_log=True, local_process_index=0))
    found = []
    for row in aligned:
        assert all(Path(path).is_file() for path in row["_images"])
        text = "".join(message["content"] for message in row["_prompt"] + row["_response"])
        found.append((text.count("<image>"), len(row["_images"])))
    return found


def verl(folder: Path, split: str) -> list[tuple[int, int]]:
    """Placeholders and pictures of each row as verl's RLHFDataset makes them."""
    dataset: Any = importlib.import_module("verl.utils.dataset.rl_dataset")
    omegaconf: Any = importlib.import_module("omegaconf")
    config = {"prompt_key": "prompt", "image_key": "images", "filter_overlong_prompts": False, "return_raw_chat": True}
    files = sorted(map(str, folder.glob(f"{split}-*.parquet")))
    settings = omegaconf.OmegaConf.create(config | {"cache_dir": str(folder.parent / "cache")})
    rows = dataset.RLHFDataset(
        data_files=files, tokenizer=None, config=settings, processor=SimpleNamespace(image_processor=None)
    )
    found = []
    for number in range(len(rows)):
        parts = [part for message in rows[number]["raw_prompt"] for part in message["content"]]
        assert all(part.get("image") is not None for part in parts if part["type"] == "image")
        found.append((sum(part["type"] == "image" for part in parts), 1))
    return found


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as root:
        pictures = draw(Path(root) / "pictures")
        release = rows(pictures, Path(root) / "pictures", 230)
        for name, package, read in (("llama-factory", "llamafactory", llama_factory), ("verl", "verl", verl)):
            folder = Path(root) / name
            export(FORMATS[name], [release], folder, pictures.__getitem__, about=About("r"))
            for split in ("train", "heldout"):
                told = sum(row["split"] == split for row in release)
                found = read(folder, split)
                assert found == [(1, 1)] * told, f"{name}, {split}: {len(found)} of {told}"
                print(f"{package} {version(package)}: {told} {split} rows, one picture each")


if __name__ == "__main__":
    main()
