"""For Sphinx: a page for each entry of the zoo. They are made without docutils, which would take minutes over so many tables."""

import json
import re
from pathlib import Path

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from markdown_it import MarkdownIt


def entries(app):
    for entry in json.loads((Path(app.srcdir) / "zoo.json").read_text()):
        yield f"zoo/{entry['kind']}/{entry['key']}", entry["label"] or entry["key"], entry["page"]


def pages(app):
    markdown = MarkdownIt("commonmark").enable("table")
    for name, title, page in entries(app):
        body = markdown.render(re.sub(r"https?://[^\s|]+", r"<\g<0>>", page))
        body = body.replace("<table>", '<table class="docutils">').replace("h3>", "h1>").replace("h4>", "h2>")
        yield name, {"title": title, "body": f'<p><a href="../index.html">Zoo</a></p>\n{body}', "sidebars": ["about.html", "searchbox.html"]}, "page.html"


def searched(app):
    """The search knows the entries too. They are no documents, so they are fed to it, and kept where it prunes."""
    prepare = app.builder.prepare_writing

    def prepared(documents):
        prepare(documents)
        indexer, settings, names = app.builder.indexer, get_default_settings(), []
        for name, title, page in entries(app):
            words = new_document(name, settings)
            words += nodes.paragraph(text=re.sub(r"[|\-#]+", " ", page))
            indexer.feed(name, name + ".html", title, words)
            names.append(name)
        prune = indexer.prune
        indexer.prune = lambda kept: prune([*kept, *names])

    app.builder.prepare_writing = prepared


def setup(app):
    app.connect("html-collect-pages", pages)
    app.connect("builder-inited", searched)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
