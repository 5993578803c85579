"""Presentation: foreign text and pictures as people see them in Dagster's UI, in cards and on pages.

Belongs here: Markdown, thumbnails, contact sheets, charts, within the size that the UI bears. Does not belong here:
which rows are shown.
"""
