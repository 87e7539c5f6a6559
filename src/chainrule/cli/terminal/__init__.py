"""What all commands share: files and folders that they are given, what they print, and what `--version` says.

Imports: errors.
"""
