"""The training set (map-style data set, memory-mapped): an image is opened when a step asks for it.

Belongs here: rows as TRL wants them, and the images of the rows that are being looked at. Does not belong here: the
file of rows (row_file.py), learning. Never imported by assets.

Start-up costs the same for any number of rows but for their order. A step reads the rows of its prompts; a group of
completions shares one opened image, and so do the micro-batches of a step, for each of which TRL asks for all its rows
again.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from pathlib import Path
from typing import Any

from wethink_assets.decoding.decode import decode
from wethink_assets.settings import TrainingSettings
from wethink_assets.training.conversation import conversation
from wethink_assets.training.flat_groups import SpareRows
from wethink_assets.training.worker import WorkerError, fit

COLUMNS = ("sample_id", "problem", "answer_typed", "category")
TRAIN, HELDOUT = "train", "heldout"


class OpenImages:
    """Images of the rows last asked for, at the size that the model sees; at most `keep` of them in memory."""

    def __init__(self, processor: Any, keep: int, split: str = TRAIN, home: Path = Path()) -> None:
        self._processor = processor
        self._home = home
        self._keep = keep
        self._split = split
        self._open: OrderedDict[str, Any] = OrderedDict()

    def of(self, path: str, sample_id: str) -> Any:
        """The image of a row.

        Raises:
            WorkerError: it cannot be read; the message names file and row.
        """
        if path not in self._open:
            try:
                self._open[path] = fit(decode((self._home / path).read_bytes()).image, self._processor)
            except (OSError, ValueError) as error:
                raise WorkerError(f"training image {path} of sample {sample_id} cannot be read: {error}") from None
            if len(self._open) > self._keep:
                self._open.popitem(last=False)
        self._open.move_to_end(path)
        return self._open[path]

    def __call__(self, rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """The transform of the data set: columns of some rows to those that TRL takes."""
        images = [self.of(path, sample) for path, sample in zip(rows["image"], rows["sample_id"], strict=True)]
        prompts = [conversation(problem) for problem in rows["problem"]]
        more = {"method": rows["reward"], "split": [self._split] * len(prompts)}
        return {"prompt": prompts, "image": images, **{column: rows[column] for column in COLUMNS}, **more}


def order(rows: int, prompts_per_step: int, steps: int, seed: int, rates: Any = None) -> Any:
    """The rows of all steps: pass after pass over them, each in an order of its own, without an incomplete last step.

    Fewer rows than prompts a step are repeated until they fill one: the numbers count from 0 again. With `rates` (pass
    rates, NaN where there is none) the rows of each pass are drawn as without, and then stand from easy to hard.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    repeated, needed = rows * math.ceil(prompts_per_step / rows), steps * prompts_per_step
    whole = repeated // prompts_per_step * prompts_per_step
    passes = [torch.randperm(repeated, generator=generator)[:whole] % rows for _ in range(math.ceil(needed / whole))]
    passes[-1] = passes[-1][: needed - whole * (len(passes) - 1)]
    if rates is not None:
        known = torch.tensor(rates, dtype=torch.float64)
        known = _spread(known, generator)
        passes = [part[torch.argsort(known[part], descending=True, stable=True)] for part in passes]
    return torch.cat(passes).numpy()


def _spread(rates: Any, generator: Any) -> Any:
    """The rates, and for rows that have none that of another row, drawn: they lie among the others everywhere."""
    import torch

    unknown = rates.isnan()
    known = rates[~unknown]
    drawn = torch.randint(max(1, len(known)), (int(unknown.sum()),), generator=generator)
    return rates.masked_scatter(unknown, known[drawn] if len(known) else torch.zeros(len(drawn), dtype=rates.dtype))


def training_set(
    path: Path, processor: Any, prompts_per_step: int, steps: int, seed: int, by_rate: bool = False
) -> Any:
    """The rows of a file as TRL wants them, in the order of the steps; `by_rate`: each pass from easy to hard.

    The order lies in the data set and not in the trainer's sampler, which begins it anew whenever it is started: a run
    that is resumed in a later pass over the rows would be given those of the first.

    Raises:
        WorkerError: there are none.
    """
    from datasets import Dataset

    rows = Dataset.from_file(str(path))
    if not len(rows):
        raise WorkerError("there are no training rows")
    rates = [math.nan if rate is None else rate for rate in rows["pass_rate"]] if by_rate else None
    ordered = rows.select(order(len(rows), prompts_per_step, steps, seed, rates))
    return ordered.with_transform(OpenImages(processor, prompts_per_step + 1, home=home_of(path)))


def home_of(path: Path) -> Path:
    """What the places in a file of a work folder are relative to, where they are no absolute ones."""
    return path.absolute().parents[2]


def spare_rows(rows: Any, training: TrainingSettings) -> SpareRows:
    """Rows of a training set that can take the place of others of a step."""
    texts = rows.with_format(None)
    return SpareRows(lambda at: texts[at]["sample_id"], len(rows), training.prompts_per_step, training.seed)


def heldout_set(path: Path, processor: Any, even: int) -> Any:
    """The held-out rows of a file, as many as make whole batches of `even`; None where there is no such file."""
    from datasets import Dataset

    if not path.is_file():
        return None
    rows = Dataset.from_file(str(path))
    whole = len(rows) // even * even
    return (
        rows.select(range(whole)).with_transform(OpenImages(processor, even, HELDOUT, home_of(path))) if whole else None
    )
