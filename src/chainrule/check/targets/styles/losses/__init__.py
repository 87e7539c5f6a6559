"""Losses that come with their gradient: from one function, from a table, from globals, from two methods of a class.

Imports: cached_functions, closures, errors, function_pairs, kinds, model, networks, pair, places, remade.
"""
