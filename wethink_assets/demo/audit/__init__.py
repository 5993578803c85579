"""Audits: what gates and filters are worth, measured against what the sample pack and the sample teacher planted.

Belongs here: reading the record of planted defects, and counting. Pure. Does not belong here: any gate or filter.
"""
