"""A person's file as it stands: what of its text is run, whatever is missing around it.

Imports: apart, errors, model.
"""
