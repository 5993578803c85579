"""What the demo needs and real data does not: drawn sources and benchmark sets, a server that plays the models, audits against planted truth.

Does not belong here: anything that real data needs.
"""
