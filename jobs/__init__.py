"""Jobs, schedules and sensors over the asset graph: what runs when, and what opens the next growth batch.

Belongs here: jobs, schedules, sensors, batch numbering. Does not belong here: what an asset does.
"""
