"""What a person claims on the left side, and the way people write, brought to plain rows.

Imports: errors, expressions, printer, programs.
"""
