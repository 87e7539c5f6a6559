"""What all pages share, whoever writes them: one style sheet and one frame.

A page is one file, which asks for nothing. Its content-security-policy allows the style sheets and the scripts that it
was written with, by their hashes, and nothing else: what comes from a record or a person's file is never markup.

Imports: nothing else of chainrule.
"""
