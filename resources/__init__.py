"""Dagster resources: what a run needs from outside (the lake, image files, model endpoints, servers, launchers).

Belongs here: access to stores, endpoints and processes. Does not belong here: anything of the domain. Resources never
import a room of `wethink_assets` except `settings`, which is configuration and imports nothing itself.
"""
