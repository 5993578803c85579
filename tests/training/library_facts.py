"""What transformers and TRL make of shapes and settings, as JSON: `python -m tests.training.library_facts`.

Belongs here: asking them, in a process that is started as workers are. Does not belong here: what is expected.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
import typing
from datetime import date
from pathlib import Path
from typing import Any

from tests.training.flat_ranks import losses as flat_losses
from tests.training.flat_ranks import on_ranks
from wethink_assets.settings import TrainingSettings
from wethink_assets.training.model_shape import PUBLISHED, ModelShape, shape_of
from wethink_assets.training.worker import without_compiling, without_vllm


class Tokenizer:
    """As much of one as the tiny model's configuration asks."""

    def __len__(self) -> int:
        from wethink_assets.training.tiny_policy import VOCABULARY

        return VOCABULARY

    def convert_tokens_to_ids(self, token: str) -> int:
        return 1


def config(shape: ModelShape) -> Any:
    """The library's configuration of a shape."""
    from transformers import Qwen2_5_VLConfig

    from wethink_assets.training.tiny_policy import model_config

    if shape.name == "tiny":
        return model_config(Tokenizer())
    tower = shape.vision
    return Qwen2_5_VLConfig(
        text_config={
            "vocab_size": shape.vocabulary,
            "hidden_size": shape.width,
            "intermediate_size": shape.ffn,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "num_key_value_heads": shape.kv_heads,
        },
        vision_config={
            "depth": tower.layers,
            "hidden_size": tower.width,
            "intermediate_size": tower.ffn,
            "out_hidden_size": tower.out,
            "num_heads": 16,
        },
        tie_word_embeddings=shape.tied,
    )


def parameters(shape: ModelShape) -> dict[str, int]:
    """How many the library builds, without memory for them, how many we read in the files that it writes, and how many
    of adapters of rank 4 it learns."""
    import torch
    from peft import get_peft_model
    from transformers import Qwen2_5_VLForConditionalGeneration

    from wethink_assets.training.trainer_config import lora_config

    described = config(shape)
    with torch.device("meta"):
        model = Qwen2_5_VLForConditionalGeneration(described)
    with tempfile.TemporaryDirectory() as folder:
        described.save_pretrained(folder)
        read = shape_of(folder).parameters
    built = sum(p.numel() for p in model.parameters())
    adapted = get_peft_model(model, lora_config(TrainingSettings(lora_rank=4)))
    learned = sum(p.numel() for p in adapted.parameters() if p.requires_grad)
    return {"built": built, "read": read, "adapters": learned}


def arguments(**settings: Any) -> dict[str, Any]:
    """TRL's arguments for these settings."""
    from wethink_assets.training.trainer_config import grpo_config

    training = TrainingSettings.model_validate(settings)
    args = grpo_config(training, Path("unused"), cuda=False, processes=1, suppressed=[1], reward_weights=[0.7, 0.3])
    names = ("loss_type", "epsilon", "epsilon_high", "importance_sampling_level", "multi_objective_aggregation")
    return {name: getattr(args, name) for name in names} | {
        "micro": [args.per_device_train_batch_size, args.gradient_accumulation_steps]
    }


def pixels(**settings: Any) -> list[list[int]]:
    """The grid of a picture of 400 x 300 by an image processor of this range, and by its own again."""
    from PIL import Image
    from transformers import Qwen2VLImageProcessor

    from wethink_assets.training.saving import limit_pixels
    from wethink_assets.training.worker import fit

    class Processor:
        image_processor = Qwen2VLImageProcessor(min_pixels=3_136, max_pixels=12_845_056)

    picture, seen = Image.new("RGB", (400, 300)), []
    own = limit_pixels(Processor, TrainingSettings.model_validate(settings))
    for _ in range(2):
        fitted = fit(picture, Processor)
        grid = Processor.image_processor(images=[fitted], return_tensors="np")["image_grid_thw"][0].tolist()
        seen.append([*fitted.size, *grid])
        Processor.image_processor.size = own
    return seen


def warm_starts() -> list[list[float]]:
    """The losses of two steps of the warm start: of one process, and of two ranks that share each batch."""
    from dataclasses import replace

    import torch

    from wethink_assets.rewards.format import SYSTEM_PROMPT
    from wethink_assets.training import tiny_policy, warm_start
    from wethink_assets.training.worker import fit

    torch.set_num_threads(1)
    taught = warm_start.lessons(0, 17)
    texts = [text for lesson in taught for text in (lesson.problem, lesson.reply)]

    def losses(rank: int, ranks: int) -> list[float]:
        model, processor = tiny_policy.build(texts, SYSTEM_PROMPT, 0)
        fitted = [replace(lesson, image=fit(lesson.image, processor)) for lesson in taught]
        return warm_start.learn(model, processor, fitted, steps=2, seed=0, rank=rank, ranks=ranks)

    def take_part(rank: int, folder: str) -> None:
        torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/ranks", rank=rank, world_size=2)
        Path(folder, f"losses.{rank}").write_text(json.dumps(losses(rank, 2)))

    with tempfile.TemporaryDirectory() as folder:
        # Forked: torch and transformers are loaded once. Before anything is learned here, which starts threads.
        forks = multiprocessing.get_context("fork")
        ranks = [forks.Process(target=take_part, args=(rank, folder)) for rank in range(2)]
        for one in ranks:
            one.start()
        for one in ranks:
            one.join()
        seen = [json.loads(Path(folder, f"losses.{rank}").read_text()) for rank in range(2)]
    return [losses(0, 1), *seen]


def conversations() -> list[list[str]]:
    """The parts of every question of an export for TRL, once TRL has put the pictures where it wants them."""
    from datasets import load_dataset
    from trl.data_utils import is_conversational, prepare_multimodal_messages

    from tests.exports.rows import draw, rows
    from wethink_assets.exports.about import About
    from wethink_assets.exports.formats import FORMATS
    from wethink_assets.exports.job import export

    kinds, about = [], About("0123456789abcdef", "# A card\n", date(2026, 11, 30))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = draw(folder)
        told = [row for row in rows(pictures, folder, 60) if row["split"] == "train"]
        export(FORMATS["trl"], [told], folder / "trl", pictures.__getitem__, about=about)
        files = str(folder / "trl" / "train-*.parquet")
        for row in load_dataset("parquet", data_files=files, split="train", cache_dir=str(folder / "cache")):
            assert is_conversational(row)
            _, user = prepare_multimodal_messages(row["prompt"], images=row["images"])
            kinds.append([part["type"] for part in user["content"]])
        assert len(kinds) == len(told)
    return kinds


def main() -> None:
    without_vllm()
    without_compiling()
    losses = typing.get_args(TrainingSettings.model_fields["loss"].annotation)
    facts = {
        "warm starts": warm_starts(),
        "flat on ranks": on_ranks(),
        "losses without flat groups": flat_losses(losses),
        "parameters": {name: parameters(shape) for name, shape in PUBLISHED.items()},
        "losses": [arguments(loss=loss)["loss_type"] for loss in losses],
        "plain": arguments(),
        "gspo": arguments(loss="grpo", importance_sampling_level="sequence", epsilon=3e-4, epsilon_high=4e-4),
        "apart": arguments(reward_aggregation="normalize_then_sum", micro_batch=16),
        "pixels": pixels(max_pixels=28 * 28 * 40),
        "own pixels": pixels(),
        "conversations": conversations(),
    }
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
