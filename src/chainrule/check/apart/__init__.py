"""Processes for somebody else's program: how they are kept from harm, and how they are spoken to without trust.

Imports: model, shipped.
"""
