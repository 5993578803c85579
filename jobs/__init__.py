"""What runs when: jobs over the asset graph, and what opens the next growth batch.

Belongs here: jobs, schedules, sensors, batch numbering. Does not belong here: what an asset does.
"""
