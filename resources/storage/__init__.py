"""Files where users keep them: folders, archives and buckets, read in place.

Belongs here: names that may be followed, and opening a file of a source by its stored URI. Does not belong
here: which files a source's images are (wethink_assets/sources/), or what is in them.
"""
