"""The site as scripts/site makes it: whole, without a warning, and nothing in it from elsewhere."""

import html
import html.parser
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import unittest
import urllib.parse
from pathlib import Path

missing = [name for name in ("sphinx", "breathe", "myst_parser") if importlib.util.find_spec(name) is None]
missing += [name for name in ("doxygen", "dot") if shutil.which(name) is None]
if missing:
    print("skipped: not installed:", *missing, "(scripts/site installs them)")
    sys.exit(77)

ROOT = Path(os.environ["IRONLAW_SOURCE"])
HTML = ROOT / "build" / "site" / "html"


class Page(html.parser.HTMLParser):
    """What a page links to, loads, and can be linked to at."""

    LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "object": "data", "embed": "src"}

    def __init__(self, file):
        super().__init__()
        self.links, self.loads, self.names = [], [], set()
        self.feed(file.read_text())

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.names.update(given[key] for key in ("id", "name") if given.get(key))
        if tag in self.LOADS and given.get(self.LOADS[tag]):
            self.loads.append(given[self.LOADS[tag]])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([ROOT / "scripts" / "site"], check=True, stdout=subprocess.DEVNULL)
        cls.pages = {file: Page(file) for file in HTML.rglob("*.html")}

    def text(self, name):
        return html.unescape(re.sub(r"<[^>]+>", "", (HTML / name).read_text()))

    def said(self, *words):
        command = [os.environ["IRONLAW_PROGRAM"], *words, "--output", "json"]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    def test_every_solver_has_its_ports_and_an_answer(self):
        solvers = self.said("solvers")["solvers"]
        worked = []
        for solver in solvers:
            page = self.text(f"solvers/{solver['name']}.html")
            self.assertIn(re.split("['\"]", solver["doc"])[0], page)
            if "An answer, worked out" in page:
                worked.append(solver["name"])
        self.assertGreater(len(worked), 0.9 * len(solvers), set(s["name"] for s in solvers) - set(worked))
        ports = self.text("solvers/single_node.html")
        for port in self.said("solvers", "single_node")["inputs"]:
            self.assertIn(port, ports)

    def test_every_study_and_question_has_a_page(self):
        for study in self.said("studies")["studies"]:
            if study["plugin"]:
                self.assertTrue((HTML / "studies" / f"{study['name']}.html").exists(), study)
        for question in (ROOT / "framework" / "questions" / "shipped").glob("*.json"):
            self.assertTrue((HTML / "questions" / f"{question.stem}.html").exists(), question)

    def test_every_entry_of_the_zoo_has_its_sources_and_is_found(self):
        entries = self.said("zoo", "list")["entries"]
        searched = (HTML / "zoo/index.html").read_text()
        for entry in entries:
            page = HTML / "zoo" / entry["kind"] / f"{entry['key']}.html"
            self.assertTrue(page.exists(), page)
            self.assertIn(f'href="{entry["kind"]}/{entry["key"]}.html"', searched)
        self.assertIn("NVIDIA H100 Tensor Core GPU data sheet", self.text("zoo/accelerator/H100.html"))
        self.assertIn("zoo/accelerator/H100", (HTML / "searchindex.js").read_text())

    def test_every_page_of_the_tree_is_there(self):
        for pattern in ("docs/*.md", "docs/tutorials/*.md", "docs/decisions/*.md", "docs/extending/*.md", "plugins/**/README.md"):
            files = list(ROOT.glob(pattern))
            self.assertTrue(files, pattern)
            for file in files:
                self.assertTrue((HTML / file.relative_to(ROOT)).with_suffix(".html").exists(), file)
        for figure in (ROOT / "docs/tutorials/figures").glob("*.svg"):
            self.assertTrue((HTML / "_images" / figure.name).exists(), figure)

    def test_equations_glossary_and_references(self):
        equations = self.text("equations.html")
        for part in ("latency  = max(t_c, t_m)", "Rajbhandari 2020", "Pollaczek 1930"):
            self.assertIn(part, equations)
        self.assertIn("ttft", self.pages[HTML / "glossary.html"].names)
        self.assertIn("Holds off what other threads compile", self.text("cpp/framework_host_ironlaw_host_session.html"))
        python = self.text("python.html")
        for part in ("solve(", "to_polars(", "Session(", "What the host refuses is an exception"):
            self.assertIn(part, python)

    def test_links_within_lead_somewhere(self):
        broken = []
        for file, page in self.pages.items():
            for link in page.links + page.loads:
                parts = urllib.parse.urlsplit(link)
                if parts.scheme or parts.netloc:
                    continue
                goal = (file.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else file
                named = urllib.parse.unquote(parts.fragment)
                if not goal.exists() or (named and goal in self.pages and named not in self.pages[goal].names):
                    broken.append(f"{file.relative_to(HTML)}: {link}")
        self.assertEqual(broken, [])

    def test_nothing_is_loaded_from_elsewhere(self):
        elsewhere = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)
        for file, page in self.pages.items():
            self.assertEqual([load for load in page.loads if elsewhere.match(load)], [], file)
        for sheet in HTML.rglob("*.css"):
            self.assertNotRegex(sheet.read_text(), r"(?:url\(['\"]?|@import ['\"])(?:https?:)?//")


if __name__ == "__main__":
    unittest.main()
