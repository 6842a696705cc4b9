"""The first notebook runs, and says what the tutorials say."""

import json
import unittest
from pathlib import Path

import nbclient
import nbformat

import ironlaw

ROOT = Path(__file__).resolve().parents[2]

ASK = """
import json
print("ANSWERS " + json.dumps({
    "bottleneck": list(batches["bottleneck"]), "latency": list(batches["latency"]), "one": one["latency"],
    "speedup": speedup.loc["H200"].tolist(), "first_lever": levers["input"][0], "elasticity": levers["elasticity"][0],
    "bandwidth": wanted["required_bandwidth"], "efficiency": list(efficiency["efficiency"])}))
"""


class Notebook(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        notebook = nbformat.read(ROOT / "examples" / "notebook" / "first.ipynb", as_version=4)
        nbformat.validate(notebook)
        notebook.cells.append(nbformat.v4.new_code_cell(ASK))
        nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
        cls.cells = notebook.cells
        said = next(o.text for o in notebook.cells[-1].outputs if o.output_type == "stream")
        cls.answers = json.loads(said.removeprefix("ANSWERS "))

    def test_its_numbers_are_those_of_the_tutorials(self):
        page = (ROOT / "docs" / "tutorials" / "01-hello-roofline.md").read_text()
        self.assertIn("latency [ms]                    0.5676   0.9355    3.879    13.97", page)
        self.assertEqual(f"{self.answers['one'] * 1e3:.4g}", "3.879")
        self.assertEqual([f"{v * 1e3:.4g}" for v in self.answers["latency"]], ["0.5676", "0.9355", "3.879", "13.97"])
        self.assertEqual(self.answers["bottleneck"][-1], "Compute")
        page = (ROOT / "docs" / "tutorials" / "02-the-memory-wall.md").read_text()
        self.assertIn("latency [ms]                      8.216    24.97    5.127    8.101     3.678    8.101", page)
        self.assertAlmostEqual(self.answers["speedup"][0], 8.216 / 3.678, places=2)
        page = (ROOT / "docs" / "tutorials" / "10-where-to-invest.md").read_text()
        self.assertIn("required_bandwidth    2870 GB/s", page)
        self.assertEqual(f"{self.answers['bandwidth'] / 1e9:.4g}", "2870")
        self.assertEqual(self.answers["first_lever"], "hardware.memory_bandwidth")
        self.assertLess(self.answers["elasticity"], -0.9)

    def test_a_solver_of_ones_own_gives_what_the_facts_give(self):
        fields = ironlaw.zoo["H100"]["fields"]
        self.assertEqual(self.answers["efficiency"][-1], fields["peak_rate.fp16"]["value"] / fields["tdp"]["value"])

    def test_tables_and_pictures_are_shown(self):
        kinds = [set(o.data) for c in self.cells if c.cell_type == "code" for o in c.outputs if o.output_type == "execute_result"]
        self.assertGreaterEqual(sum("text/html" in k for k in kinds), 4)
        self.assertEqual(sum("image/svg+xml" in k for k in kinds), 3)


class Kernel(unittest.TestCase):
    def test_names_complete_and_help_shows_ports(self):
        from IPython.core.completer import provisionalcompleter
        from IPython.core.interactiveshell import InteractiveShell
        from IPython.core.oinspect import Inspector

        shell = InteractiveShell.instance()
        shell.user_ns["ironlaw"] = ironlaw

        def completed(text):
            with provisionalcompleter():
                return [c.text for c in shell.Completer.completions(text, len(text))]

        self.assertIn("single_node", completed("ironlaw.solvers.sin"))
        self.assertIn("batch_size=", completed("ironlaw.solvers.single_node(ba"))
        self.assertIn("H100", completed("ironlaw.zoo['H1"))
        self.assertIn("hardware", completed("ironlaw.zoo.hard"))
        shown = Inspector(theme_name="nocolor").info(ironlaw.solvers.serving, oname="serving")
        self.assertIn("workload", shown["definition"])
        self.assertIn("First token, next tokens", shown["docstring"])


if __name__ == "__main__":
    unittest.main()
