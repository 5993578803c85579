"""Audit by people (human evaluation of the data set): a stratified sample, their verdicts, the estimated error.

Belongs here: drawing rows, the page to judge them on, reading verdicts, statistics. Does not belong here: filters and
their measurement against planted truth (row_filters/, demo/audit/).
"""
