"""Groups without variance in TRL's own trainer under DeepSpeed, on ranks that are forked: what each rank did.

Belongs here: running it, for tests/training/library_facts.py. Does not belong here: what is expected.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from wethink_assets.settings import TrainingSettings

STEP = {"prompts_per_step": 3, "group_size": 2, "max_completion_length": 4, "steps": 3, "threads": 1}
FLAT = {"r4", "r0", "r5"}  # rows whose completions all earn the same


def write_rows(folder: Path, number: int) -> tuple[Path, list[str]]:
    """A file of so many rows with their pictures, and the texts that a tokenizer has to know."""
    from wethink_assets.rewards.gold_types import type_answer
    from wethink_assets.training import warm_start
    from wethink_assets.training.row_file import RowFile, TrainingRow

    folder.mkdir(exist_ok=True)
    taught = warm_start.lessons(0, number)[:number]
    with RowFile(folder / "rows.arrow") as file:
        for n, lesson in enumerate(taught):
            picture = folder / f"{n}.png"
            lesson.image.save(picture)
            gold = type_answer("red", category="FIB", question=lesson.problem).to_json()
            file.append([TrainingRow(f"r{n}", lesson.problem, "red", gold, "FIB", "rule", f"i{n}", str(picture))])
    return file.path, [text for lesson in taught for text in (lesson.problem, lesson.reply)]


def trainer(folder: Path, **settings: Any) -> tuple[Any, list[Any]]:
    """A trainer over eight rows, and a list of what it is asked: how many completions it samples, and which it scores.

    Of a row that is flat all completions earn 1, of another one the first of a group 1 and the second 0.
    """
    from wethink_assets.rewards.format import SYSTEM_PROMPT
    from wethink_assets.training import tiny_policy
    from wethink_assets.training.group_trainer import GroupTrainer
    from wethink_assets.training.trainer_config import grpo_config, visual_tokens
    from wethink_assets.training.training_set import spare_rows, training_set

    training = TrainingSettings.model_validate(STEP | settings)
    rank, ranks = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    file, texts = write_rows(folder / str(rank), 8)
    model, processor = tiny_policy.build(texts, SYSTEM_PROMPT, 0)
    rows = training_set(file, processor, training.prompts_per_step, training.steps, training.seed)
    did: list[Any] = []

    def reward(completions: list[Any], sample_id: list[str], place: list[int | None] | None = None, **_: Any) -> Any:
        first = rank * len(completions)
        places = place or list(range(first, first + len(completions)))
        did.append(["scored", [[s, p] for s, p in zip(sample_id, places, strict=True) if p is not None]])
        return [
            float(s in FLAT or p is None or p % training.group_size == 0)
            for s, p in zip(sample_id, places, strict=True)
        ]

    barred = visual_tokens(processor.tokenizer)
    args = grpo_config(training, folder, cuda=False, processes=ranks, suppressed=barred, reward_weights=[1])
    args.max_steps = 1
    made = GroupTrainer(
        training=training,
        spare=spare_rows(rows, training),
        model=model,
        reward_funcs=[reward],
        args=args,
        train_dataset=rows,
        processing_class=processor,
    )
    sampled = made._generate_single_turn

    def counted(prompt_ids: Any, *more: Any, **named: Any) -> Any:
        did.append(["sampled", len(prompt_ids)])
        return sampled(prompt_ids, *more, **named)

    made._generate_single_turn = counted
    return made, did


def forked(work: Callable[[Path], Any], ranks: int) -> list[Any]:
    """What `work` gives in each of so many ranks of a group, which have a folder in common."""
    import torch

    def take_part(rank: int, folder: str) -> None:
        meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}  # DeepSpeed wants to see an address
        os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(ranks), **meeting}
        torch.set_num_threads(1)
        torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/ranks", rank=rank, world_size=ranks)
        Path(folder, f"did.{rank}").write_text(json.dumps(work(Path(folder))))

    import_module("wethink_assets.training.group_trainer")  # once, for all that are forked
    with tempfile.TemporaryDirectory() as folder:
        forks = multiprocessing.get_context("fork")
        processes = [forks.Process(target=take_part, args=(rank, folder)) for rank in range(ranks)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        return [json.loads(Path(folder, f"did.{rank}").read_text()) for rank in range(ranks)]


def on_ranks() -> list[dict[str, Any]]:
    """What each of two ranks did and logged in a step with parameters in shards."""

    def work(folder: Path) -> dict[str, Any]:
        made, did = trainer(folder, flat_groups="resample", resample_limit=2, zero_stage=3)
        made.train()
        (logged,) = [entry for entry in made.state.log_history if "loss" in entry]
        told = {name: value for name, value in logged.items() if name.startswith("groups/") or name == "grad_norm"}
        return {"did": did, "logged": told}

    return forked(work, 2)


def losses(kinds: Sequence[str]) -> dict[str, list[float]]:
    """For each loss: of a step whose flat groups are dropped, of one that never had them, of one that keeps them."""
    import torch

    def work(folder: Path) -> dict[str, list[float]]:
        made, _ = trainer(folder, flat_groups="drop", zero_stage=0)
        made.model.train()
        made.current_gradient_accumulation_steps = 1
        batch = [made.train_dataset[place] for place in (0, 0, 1, 1, 2, 2)]
        dropped = made._generate_and_score_completions(batch)
        # As of an earlier policy, so that ratios differ, are clipped, and the losses of a group are not 0 together.
        dropped["old_per_token_logps"] = torch.randn(dropped["completion_mask"].shape) - 6
        kept = {name: value for name, value in dropped.items() if name not in ("kept", "tool_mask")}
        kept["num_items_in_batch"] = kept["completion_mask"].sum()
        left = [i for i, row in enumerate(batch) if row["sample_id"] not in FLAT]
        lengths = dropped["image_grid_thw"].prod(-1).tolist()
        never = {
            name: value[left] if isinstance(value, torch.Tensor) and value.ndim else value
            for name, value in kept.items()
            if name != "pixel_values"
        }
        never["pixel_values"] = torch.cat([dropped["pixel_values"].split(lengths)[i] for i in left])
        never["num_images"] = [dropped["num_images"][i] for i in left]
        never["num_items_in_batch"] = never["completion_mask"].sum()
        found = {}
        for made.loss_type in kinds:
            with torch.no_grad():
                found[made.loss_type] = [
                    made._compute_loss(made.model, inputs).item() for inputs in (dropped, never, kept)
                ]
        return found

    return forked(work, 1)[0]
