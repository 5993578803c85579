"""The growth batch: the one partition that everything left of the release shares."""

import dagster as dg

growth_batches = dg.DynamicPartitionsDefinition(name="growth_batch")
