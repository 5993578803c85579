"""Gate quality (precision and recall of data filters): what each gate of a row drops, and how much of it was bad.

Belongs here: the order of the gates, counting them against planted truth and by source, what they cost and save, the
asset that shows it. Does not belong here: any gate (row_filters/, synthesis/, dataset/), the truth itself (demo/).
"""
