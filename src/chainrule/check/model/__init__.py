"""What is checked, what is found, and what people call things; plain data.

Imports: display, errors.
"""
