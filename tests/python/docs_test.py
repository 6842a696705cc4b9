"""Every block of docs/python.md runs, in their order; what a console block shows is what is printed."""

import doctest
import os
import re
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Page(unittest.TestCase):
    def test_it_runs(self):
        page = (ROOT / "docs" / "python.md").read_text()
        blocks = re.findall(r"^```(python|pycon|json)(?: (\S+))?\n(.*?)^```$", page, re.M | re.S)
        self.assertGreater(sum(language == "pycon" for language, _, _ in blocks), 2)
        known = {"__name__": "__main__"}
        os.environ["COLUMNS"] = "100"
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.enterContext(tempfile.TemporaryDirectory()))
        for number, (language, name, text) in enumerate(blocks, 1):
            with self.subTest(block=number):
                if language == "json":
                    Path(name).write_text(text)
                elif language == "python":
                    exec(compile(text, f"python.md, block {number}", "exec", dont_inherit=True), known)
                else:
                    test = doctest.DocTestParser().get_doctest(text, known, f"block {number}", "python.md", 0)
                    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
                    wrong = []
                    runner.run(test, out=wrong.append, clear_globs=False)
                    known.update(test.globs)
                    self.assertEqual("".join(wrong), "")


if __name__ == "__main__":
    unittest.main()
