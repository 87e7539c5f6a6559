"""The truth measured from the forward alone, and a backward judged by it.

Imports: model.
"""
