"""Demo: synthetic sources and benchmark sets, a mock model server, and audits against planted truth.

Real data needs none of it.

Does not belong here: anything that real data needs.
"""
