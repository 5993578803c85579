"""The command line interface `wethink`.

Belongs here: arguments, exit codes, tables for a terminal. Does not belong here: any rule of the domain; commands are
thin over the rooms.
"""
