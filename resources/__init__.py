"""What a run needs from outside: the lake, image files, model endpoints, servers, launchers.

Resources know nothing of the domain: they never import a room of `wethink_assets`
except `settings`, which is configuration and imports nothing itself.
"""
