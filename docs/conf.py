"""Sphinx's settings; `scripts/make_site.py` lays the sources out and builds them (`make docs`)."""

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
