"""TRL's GRPO trainer whose groups without variance are sampled anew (dynamic sampling) or dropped from the loss.

Belongs here: that extension of TRL, and what it logs of a step. Does not belong here: which groups these are
(flat_groups.py). Never imported by assets: it imports TRL.

Sampling anew happens before TRL's own step: completions and rewards are settled first, TRL is then handed them where
it would sample and score. Dropping uses TRL's own mask of tokens that are not learned from (`tool_mask`). All ranks
decide by the gathered rewards, and sample, score and gather equally often.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from trl import GRPOTrainer
from trl.data_utils import prepare_multimodal_messages

from wethink_assets.settings import TrainingSettings
from wethink_assets.training.flat_groups import SpareRows, asked_again, flat_groups

COMPLETION_IDS, COMPLETIONS = 1, 3  # places in what TRL's _generate gives
PLACE = "place"  # of a completion in its step, over all ranks; None: it counts for nothing


class GroupTrainer(GRPOTrainer):
    """`flat_groups` of the settings, done. `spare` gives rows to ask instead of others, `meter` what the judge cost."""

    def __init__(
        self,
        *args: Any,
        training: TrainingSettings,
        spare: SpareRows,
        meter: Callable[[], dict[str, float]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._training, self._spare, self._meter = training, spare, meter
        self._rows, self._size = kwargs["train_dataset"], training.group_size
        self._settled: tuple[Any, Any] | None = None  # what TRL is handed: completions, and rewards of all ranks
        self._flat: list[int] = []

    def _generate(self, prompts: list[Any]) -> Any:
        return self._settled[0] if self._settled else super()._generate(prompts)

    def _calculate_rewards(self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any) -> Any:
        if self._settled:
            rewards = self._settled[1]
        else:
            rewards = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        if self._learns:
            self._flat = self._flat_of(rewards)
            if not self._settled:
                self._logged("groups/flat", len(self._flat) / self._groups(rewards))
            for name, value in (self._meter() if self._meter else {}).items():
                self._log_metric(name, value * self.accelerator.num_processes)  # TRL takes the mean: this is the sum
        return rewards

    def _generate_and_score_completions(self, inputs: list[Any]) -> Any:
        if not self._learns or self._training.flat_groups == "keep":
            return super()._generate_and_score_completions(inputs)
        if self._training.flat_groups == "resample":
            inputs = self._varied(inputs)
        try:
            output = super()._generate_and_score_completions(inputs)
        finally:
            self._settled = None
        self._drop(output)
        return output

    def _varied(self, inputs: list[Any]) -> list[Any]:
        """Rows whose groups vary as far as the limit allows; their completions and rewards are settled."""
        inputs, prompts = list(inputs), _worded(inputs)
        made = [list(part) if isinstance(part, list) else part for part in super()._generate(prompts)]
        rewards = super()._calculate_rewards(inputs, prompts, made[COMPLETIONS], made[COMPLETION_IDS])
        flat = self._flat_of(rewards)
        self._logged("groups/flat", len(flat) / self._groups(rewards))
        lengths = {name: list(told) for name, told in self._metrics["train"].items() if name.startswith("completions/")}
        process, processes, share = self.accelerator.process_index, self.accelerator.num_processes, len(inputs)
        step, size, again = self.state.global_step, self._size, 0
        for attempt in range(1, self._training.resample_limit + 1):
            if not flat:
                break
            again += len(flat)
            others = {
                group: self._rows[place] if self._holds(group, share) else None
                for group, place in self._spare.take(step, attempt, flat).items()
            }
            asked = asked_again(flat, size, share, processes)
            rows = []
            for place in asked[process]:
                if place is None:
                    rows.append({**inputs[0], PLACE: None})
                    continue
                row = others.get(place // size) or inputs[place % share]
                rows.append({**row, PLACE: attempt * share * processes + place})
                inputs[place % share] = row
            new_prompts = _worded(rows)
            new = super()._generate(new_prompts)
            scored = super()._calculate_rewards(rows, new_prompts, new[COMPLETIONS], new[COMPLETION_IDS])
            for number, place in enumerate(asked[process]):
                if place is not None:
                    for part, its in zip(made, new, strict=True):
                        if isinstance(part, list) and part:
                            part[place % share] = its[number]
            for number, place in enumerate(place for theirs in asked for place in theirs):
                if place is not None:
                    rewards[place] = scored[number]
            flat = self._flat_of(rewards)
        self._metrics["train"].update(lengths)  # of the first sampling alone: calls of other sizes have no mean
        self._logged("groups/resampled", again)
        self._settled = (tuple(made), rewards)
        return inputs

    def _drop(self, output: dict[str, Any]) -> None:
        """Take the tokens of flat groups out of the loss, and out of what it is divided by."""
        share, device = len(output["advantages"]), output["completion_mask"].device
        kept = torch.ones(share * self.accelerator.num_processes // self._size, device=device)
        kept[self._flat] = 0
        first = self.accelerator.process_index * share
        mine = kept.repeat_interleave(self._size)[first : first + share]
        mask = output["completion_mask"]
        output["tool_mask"] = mine.to(mask.dtype).unsqueeze(1).expand_as(mask).contiguous()
        learned = (mask * output["tool_mask"]).sum()
        output["num_items_in_batch"] = self.accelerator.gather(learned).sum()
        output["kept"] = kept.mean()
        self._logged("groups/dropped", len(self._flat))

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        loss = super()._compute_loss(model, inputs)
        if "kept" in inputs and self.loss_type in ("grpo", "dr_grpo"):  # means over completions, dropped ones too
            loss = loss / inputs["kept"].clamp(min=torch.finfo(torch.float32).tiny)
        return loss

    @property
    def _learns(self) -> bool:
        """Whether this is a step, and not a look at held-out rows."""
        return self.model is not None and bool(self.model.training)

    def _holds(self, group: int, share: int) -> bool:
        """Whether a completion of the group lies on this rank."""
        first, size = self.accelerator.process_index * share, self._size
        return group * size < first + share and (group + 1) * size > first

    def _flat_of(self, rewards: Any) -> list[int]:
        apart = self.multi_objective_aggregation == "normalize_then_sum"
        return flat_groups(rewards.tolist(), self.reward_weights.tolist(), self._size, apart=apart)

    def _groups(self, rewards: Any) -> int:
        return len(rewards) // self._size

    def _logged(self, name: str, value: float) -> None:
        self._metrics["train"][name].append(float(value))


def _worded(inputs: list[Any]) -> list[Any]:
    """Prompts with their images in them, as TRL makes them."""
    return [prepare_multimodal_messages(row["prompt"], images=[row["image"]]) for row in inputs]
