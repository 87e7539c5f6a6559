"""The command line: one file per command, which parses, calls one function, and prints.

Imports: all.
"""

from chainrule.cli.app import main

__all__ = ["main"]
