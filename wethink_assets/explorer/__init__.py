"""Explorer: a local web application over the lake (data browser), in which every row has a page of its own.

Belongs here: pages, their filters and pictures, and the server. Does not belong here: any change of the lake, any rule
on rows, links between rows (lineage/).
"""
