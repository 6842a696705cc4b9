"""Sphinx: pages of Markdown, C++ by Breathe, Python by its own docstrings. Nothing is loaded from elsewhere."""

import os
import re
import sys
from pathlib import Path

from pygments.lexers import JsonLexer, TextLexer

root = Path(os.environ["IRONLAW_SOURCE"])
sys.path[:0] = [str(root / "framework" / "python"), str(Path(__file__).parent)]

project = "Ironlaw"
version = release = os.environ["IRONLAW_VERSION"]
author = copyright = "The Ironlaw authors"
extensions = ["myst_parser", "breathe", "sphinx.ext.autodoc", "zoo_pages"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
myst_heading_anchors = 3
myst_enable_extensions = ["tasklist"]
breathe_projects = {"ironlaw": os.environ["IRONLAW_DOXYGEN"]}
breathe_default_project = "ironlaw"
breathe_default_members = ("members",)
autodoc_mock_imports = ["ironlaw._core", "numpy"]
autodoc_member_order = "bysource"
nitpicky = False
html_theme = "alabaster"
html_title = f"Ironlaw {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "description": "Speed, cost, carbon and reliability of machine-learning systems, from closed-form equations",
    "fixed_sidebar": True, "page_width": "1180px", "sidebar_width": "250px", "show_powered_by": False,
    "font_family": "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif", "head_font_family": "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}


def listed(app, what, name, obj, options, lines):
    """Docstrings give arguments as aligned columns, which are a list here, and code indented."""
    made, listing = [], False
    for line in lines:
        if column := re.match(r"([\w, ]*\w) {2,}(\S.*)", line):
            made += ([] if listing else [""]) + [f"* ``{column[1]}``: {column[2]}"]
        elif listing and line.startswith("   "):
            made.append("  " + line.strip())
            continue
        else:
            code = line.startswith("    ") and made and not made[-1]
            made += (["::", ""] if code else [""] if listing else []) + [line]
        listing = column is not None
    lines[:] = made


def setup(app):
    app.connect("autodoc-process-docstring", listed)
    for name, lexer in (("csv", TextLexer), ("log", TextLexer), ("jsonl", JsonLexer)):
        app.add_lexer(name, lexer)
