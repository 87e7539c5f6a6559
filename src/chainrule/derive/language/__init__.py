"""What a text says: tokens, expressions, programs and claims, and back to text.

Imports: errors.
"""
