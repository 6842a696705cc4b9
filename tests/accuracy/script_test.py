"""What scripts/accuracy promises to programs that read it: keys, counts, reasons, one object a line.   script_test.py IRONLAW"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(os.path.dirname(os.path.dirname(HERE)), "scripts", "accuracy")
PROGRAM = sys.argv.pop(1)


def asked(rows, *words):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rows.json")
        with open(path, "w") as file:
            json.dump({"rows": rows}, file)
        run = subprocess.run([sys.executable, SCRIPT, path, "--ironlaw", PROGRAM, *words], capture_output=True, text=True)
    return run


def a_row(**changes):
    row = {"id": "a", "category": "training", "source": "a laboratory", "verified": "read",
           "hardware": {"gpu": "H100-SXM5-80GB", "count": 64, "precision": "bf16"},
           "model": {"name": "Llama-2-7B", "params_b": 6.74, "hidden": 4096, "layers": 32, "heads": 32, "kv_heads": 32, "ffn": 11008,
                     "gated_mlp": True, "seq_len": 4096, "vocab": 32000},
           "parallelism": {"tp": 1, "pp": 1}, "batch": {"micro": 2, "global": 512},
           "measured": [{"metric": "iteration_time", "value": 4.0, "unit": "s"}]}
    row.update(changes)
    return row


class Accuracy(unittest.TestCase):
    def test_one_object_a_line_with_its_keys(self):
        run = asked([a_row(), a_row(id="b")], "--json")
        self.assertEqual(run.returncode, 0, run.stderr)
        lines = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual(len(lines), 1)
        self.assertEqual(set(lines[0]), {"metric", "source", "model", "device", "rows", "expressed", "mean", "median", "p90", "bias",
                                         "covered"})
        self.assertEqual((lines[0]["rows"], lines[0]["expressed"], lines[0]["model"]), (2, 2, "Llama-2-7B"))
        self.assertAlmostEqual(abs(lines[0]["bias"]), lines[0]["mean"], 12)

    def test_errors_are_fractions_of_what_was_measured(self):
        one = json.loads(asked([a_row()], "--json", "--rows").stdout)
        other = json.loads(asked([a_row(measured=[{"metric": "iteration_time", "value": 8000, "unit": "ms"}])], "--json",
                                 "--rows").stdout)
        self.assertAlmostEqual((one["error"] + 1) / (other["error"] + 1), 2, 9)
        self.assertLess(one["low"], one["predicted"])
        self.assertGreater(one["high"], one["predicted"])

    def test_what_is_not_expressed_is_counted_with_its_reason(self):
        unknown = a_row(id="c", hardware={"gpu": "a device of tomorrow", "count": 8})
        run = asked([a_row(), unknown], "--json")
        lines = {line["device"]: line for line in map(json.loads, run.stdout.splitlines())}
        self.assertEqual(lines["a device of tomorrow"]["expressed"], 0)
        self.assertIsNone(lines["a device of tomorrow"]["mean"])
        self.assertIn("not expressed: 1: device a device of tomorrow", asked([a_row(), unknown]).stdout)

    def test_the_bound_is_another_question(self):
        estimate = json.loads(asked([a_row()], "--json").stdout)
        bound = json.loads(asked([a_row()], "--json", "--bound").stdout)
        self.assertNotEqual(estimate["mean"], bound["mean"])

    def test_the_least_of_what_a_row_leaves_open_counts(self):
        open_row = a_row(batch={"micro": "not stated", "global": 512})
        least = json.loads(asked([open_row], "--json", "--rows").stdout)["predicted"]
        stated = [json.loads(asked([a_row(batch={"micro": mb, "global": 512})], "--json", "--rows").stdout)["predicted"]
                  for mb in (1, 2, 4)]
        self.assertAlmostEqual(least, min(stated), 9)


if __name__ == "__main__":
    unittest.main()
