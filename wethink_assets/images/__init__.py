"""What is in the files: decoding, hashing, near-duplicates, contamination, and the image pool.

`decode`, `decoding`, `hashing` and `contact_sheet` know no other room and may be used by all of them.
"""
