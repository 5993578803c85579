"""Image sources: the catalog of published data sets, their native formats, and the ingest of a growth batch."""
