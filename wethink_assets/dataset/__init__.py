"""The data set: WeThink's record, selection towards a mix, versioned releases, exports and their card.

Belongs here: what becomes of accepted samples of all batches. Does not belong here: how samples are made
(synthesis), or which answer is right (rewards). `record`, `selection`, `release`, `export` and `card` are pure.
"""
