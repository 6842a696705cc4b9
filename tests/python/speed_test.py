"""How long things take beside the program and beside compiled solvers, in one run."""

import subprocess
import sys
import tempfile
import time
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy

import ironlaw

MILLION = {
    "version": 1,
    "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"}},
    "axes": [{"node.efficiency": {"from": 0.1, "to": 0.9, "steps": 1000}}, {"node.batch_size": {"from": 1, "to": 1000, "steps": 1000}}],
    "report": {"columns": ["node.efficiency", "node.batch_size", "node.latency", "node.bottleneck", "node.feasible"]},
}


def seconds(work, clock=time.perf_counter):
    """The least of a few times; by the processor's clock others on the machine do not count."""
    taken = []
    for _ in range(3):
        begin = clock()
        work()
        taken.append(clock() - begin)
    return min(taken)


@dataclass
class Inputs:
    memory_time: Annotated[float, "s"]
    compute_time: Annotated[float, "s"]
    memory_speedup: float = 1.0
    compute_speedup: float = 1.0
    overhead_time: Annotated[float, "s"] = 0.0


@dataclass
class Outputs:
    sequential: Annotated[float, "s"]
    overlapped: Annotated[float, "s"]
    upgraded_sequential: Annotated[float, "s"]
    upgraded_overlapped: Annotated[float, "s"]
    naive: Annotated[float, "s"]


def iron_law_in_numpy(x: Inputs) -> Outputs:
    """The equations of iron_law"""
    m, c, o = x.memory_time, x.compute_time, x.overhead_time
    upgraded_m, upgraded_c = m / x.memory_speedup, c / x.compute_speedup
    return Outputs(
        m + c + o,
        numpy.maximum(m, c) + o,
        upgraded_m + upgraded_c + o,
        numpy.maximum(upgraded_m, upgraded_c) + o,
        (m + c + o) / (x.memory_speedup * x.compute_speedup),
    )


class Speed(unittest.TestCase):
    def test_a_million_rows_into_pandas(self):
        import json

        import pandas  # not measured: imported once
        import pyarrow  # the same

        self.assertTrue(pandas and pyarrow)
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "million.json"
            config.write_text(json.dumps(MILLION))
            program = [sys.executable, "-m", "ironlaw", "run", str(config), "-o", str(Path(folder) / "rows.arrow")]
            to_file = seconds(lambda: subprocess.run(program, check=True))
            to_frame = seconds(lambda: ironlaw.run(config).to_pandas())
            self.assertEqual(len(ironlaw.run(config).to_pandas()), 1_000_000)
        print(f"10^6 rows: {to_file:.2f} s into rows.arrow by the program, {to_frame:.2f} s into a frame of pandas")
        self.assertLess(to_frame, to_file + 1)

    def test_a_solver_in_numpy_beside_a_compiled_one(self):
        ironlaw.solver(iron_law_in_numpy)
        asked = {
            "memory_time": {"from": "1 ms", "to": "9 ms", "steps": 1000},
            "compute_time": {"from": "1 ms", "to": "5 ms", "steps": 1000},
            "memory_speedup": 2,
            "compute_speedup": 3,
            "overhead_time": "1 ms",
        }
        compiled = ironlaw.solve("iron_law", **asked)
        ours = ironlaw.solve("iron_law_in_numpy", **asked)
        self.assertEqual(ours.summary["ok"], 1_000_000)
        for column in compiled.columns:
            self.assertTrue(numpy.allclose(ours[column], compiled[column], rtol=1e-15, atol=0), column)
        of_compiled = seconds(lambda: ironlaw.solve("iron_law", threads=1, **asked), time.process_time)
        of_ours = seconds(lambda: ironlaw.solve("iron_law_in_numpy", **asked), time.process_time)
        print(f"10^6 rows on one thread: {of_compiled:.3f} s compiled, {of_ours:.3f} s in NumPy: {of_ours / of_compiled:.1f} times")
        self.assertLess(of_ours, 3 * of_compiled)


if __name__ == "__main__":
    unittest.main()
