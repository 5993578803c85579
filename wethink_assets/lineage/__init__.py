"""Lineage (provenance) of rows: from any row up to its image and source, and down to releases, rollouts and scores.

Belongs here: look-ups over the parents' ids that every table holds, and the index of ids that makes them quick. Does
not belong here: a second copy of lineage; there is none.
"""
