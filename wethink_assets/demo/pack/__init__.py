"""Sample pack, a seeded synthetic data set: drawn images, native annotations, benchmark files and their ground truth.

Belongs here: what is drawn, planted and written. Does not belong here: measuring against it (demo/audit/).

Nothing here reads the lake or Dagster: the rest of the project meets the pack only as files on disk, as it would meet
the published data sets.
"""
