"""Derivations as LaTeX, Markdown and self-contained HTML with MathML."""
