"""The growth batch: the one partition that everything left of the release shares.

Belongs here: the partitions definition and its name. Does not belong here: numbers and tags of batches
(jobs/growth.py).
"""

import dagster as dg

GROWTH_BATCH = "growth_batch"
growth_batches = dg.DynamicPartitionsDefinition(name=GROWTH_BATCH)
