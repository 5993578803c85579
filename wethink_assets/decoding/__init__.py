"""Decoding: opening image files that may be hostile, safely and in bounded memory, and hashing what is in them.

Knows no source and no pool, so that all rooms may use it. Does not belong here: which files are opened, what becomes of
an image.
"""
