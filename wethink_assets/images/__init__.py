"""The image pool: which files become images of the pool, with near-duplicates and contamination found and dropped.

Belongs here: the pool's rules, searches and checks. Does not belong here: opening files (decoding/), where they lie
(resources/storage/).
"""
