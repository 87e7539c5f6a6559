"""Other ways in which a derivation can be read, each written as a derivation of its own, to be judged like the first.

Imports: derivations, grammar, language, matrices.
"""
