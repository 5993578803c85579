"""Asset jobs: one per part of the graph and one for everything.

Belongs here: which assets a job selects, and how its steps are executed. Does not belong here: when a job runs
(schedules.py, sensors.py), what an asset does.

The first three parts are partitioned by growth batch; the rest always look at the whole lake. Cheap
steps run in the run's own process: a process per step would cost seconds of start-up each time.
The GPU steps start their own worker processes and share the pool `gpu`.
"""

from __future__ import annotations

import dagster as dg

from jobs.executor import one_process_executor

DATA = dg.AssetSelection.groups("sources", "images", "rewards", "synthesis")
DATA_SET = dg.AssetSelection.groups("dataset")
TRAINING = dg.AssetSelection.groups("training")
FINE_TUNING = dg.AssetSelection.groups("fine_tuning") | dg.AssetSelection.assets("sft_policy")
EVALUATION = dg.AssetSelection.groups("evaluation")

everything = dg.define_asset_job(
    "everything",
    selection=DATA | DATA_SET | TRAINING | EVALUATION,
    description="18 sources to 14 scores for one growth batch.",
    executor_def=one_process_executor,
    tags={"wethink/part": "everything"},
)
grow_data = dg.define_asset_job(
    "grow_data",
    selection=DATA,
    description="One growth batch: sources, image pool and synthesis, up to its samples.",
    executor_def=one_process_executor,
)
release_data_set = dg.define_asset_job(
    "release_data_set",
    selection=DATA_SET,
    description="Select the samples of all batches into a versioned release and export it.",
    executor_def=one_process_executor,
)
train = dg.define_asset_job(
    "train",
    selection=TRAINING,
    description="Base policy and GRPO on the latest release.",
    executor_def=one_process_executor,
)
fine_tune = dg.define_asset_job(
    "fine_tune",
    selection=FINE_TUNING,
    description="Optional: supervised fine-tuning on the release's paths, asked and scored as the other policies are.",
    executor_def=one_process_executor,
)
evaluate = dg.define_asset_job(
    "evaluate",
    selection=EVALUATION,
    description="Serve both policies, answer and score 14 benchmark sets, fill the scoreboard.",
    executor_def=one_process_executor,
)

JOBS = [everything, grow_data, release_data_set, train, fine_tune, evaluate]
