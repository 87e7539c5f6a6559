"""How formulas are spelled before they are read: macros are expanded, and what would be misread gets names of its own.

Imports: errors, grammar, tokens.
"""
