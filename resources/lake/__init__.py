"""The lake: every row and all lineage in one DuckLake, as a Dagster resource over a plain store.

Belongs here: attaching, transactions, catalogs, typed rows, SQL files.
Does not belong here: what a row means (the domain's rooms).
"""
