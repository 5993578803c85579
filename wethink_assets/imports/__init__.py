"""Import of published data sets: a foreign WeThink JSONL and its images as a release of its own.

Belongs here: reading and mending foreign rows, their account, and the release made of them. Does not belong here: what
a record must be (dataset/record.py), what contamination is (images/), the form of an export (dataset/export_files.py).
"""
