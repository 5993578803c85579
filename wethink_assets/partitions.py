"""The growth batch: the one partition that everything left of the release shares."""

import dagster as dg

GROWTH_BATCH = "growth_batch"
growth_batches = dg.DynamicPartitionsDefinition(name=GROWTH_BATCH)
