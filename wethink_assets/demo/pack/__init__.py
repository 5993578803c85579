"""The seeded sample pack: drawn images, native annotations, benchmark files and the truth about them.

Nothing here reads the lake or Dagster: the rest of the project meets the pack only as files on disk, as it would meet
the published data sets.
"""
