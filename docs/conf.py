"""Sphinx's settings; `scripts/make_site.py` lays the sources out and builds them (`make docs`)."""

from pathlib import Path

import chainrule

project = "chainrule"
author = "the chainrule authors"
copyright = "the chainrule authors, MIT licence"
release = version = chainrule.__version__

extensions = ["myst_nb"]
nb_execution_mode = "off"  # the tests execute the notebooks; their outputs stand in them
nb_merge_streams = True
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type"]

html_theme = "furo"
html_title = "chainrule"
html_static_path = ["_static"]
html_css_files = ["chainrule.css"]
html_copy_source = html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}

REACHABLE = {  # what scrolls is reached by the keyboard, and a heading says its level
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
    'class="caption" role="heading">': 'class="caption" role="heading" aria-level="2">',
}


def make_reachable(app, error):
    """Complete the theme's pages for those who use a keyboard or a screen reader."""
    for page in Path(app.outdir).rglob("*.html") if error is None else ():
        text = page.read_text(encoding="utf-8")
        for found, better in REACHABLE.items():
            text = text.replace(found, better)
        page.write_text(text, encoding="utf-8")


def setup(app):
    """Called by Sphinx."""
    app.connect("build-finished", make_reachable)
