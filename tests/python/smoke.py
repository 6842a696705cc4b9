"""The package as it is installed, with NumPy alone: a minute at most."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import ironlaw

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


class Questions(unittest.TestCase):
    def test_an_answer_is_the_programs(self):
        said = subprocess.run([sys.executable, "-m", "ironlaw", "solve", "single_node", "--workload", "ResNet50", "--hardware", "A100",
                               "--batch-size", "32", "--output", "json"], capture_output=True, text=True, check=True)
        answer = ironlaw.solve("single_node", workload="ResNet50", hardware="A100", batch_size=32)
        printed = json.loads(said.stdout)["outputs"]
        self.assertEqual(answer["latency"], printed["latency"]["value"])
        self.assertEqual(answer.units["latency"], printed["latency"]["unit"])
        self.assertEqual(answer["bottleneck"], "Compute")
        self.assertIs(answer["feasible"], True)
        self.assertEqual((len(answer), answer.summary["rows"], answer.summary["ok"]), (1, 1, 1))

    def test_lists_and_ranges_are_axes_in_their_order(self):
        table = ironlaw.solve("single_node", workload="ResNet50", hardware=["A100", "H100"], batch_size=range(1, 4))
        self.assertEqual(list(table["hardware"]), ["A100"] * 3 + ["H100"] * 3)
        self.assertEqual(list(table["batch_size"]), [1, 2, 3] * 2)
        one = ironlaw.solve("single_node", workload="ResNet50", hardware="H100", batch_size=2)
        self.assertEqual(table["latency"][4], one["latency"])
        self.assertEqual(len(ironlaw.solve("single_node", workload="ResNet50", hardware="A100",
                                           batch_size={"from": 1, "to": 64, "steps": 64})), 64)

    def test_fields_of_objects_vary(self):
        table = ironlaw.solve("single_node", workload="Llama3_8B", hardware="H100",
                              set={"hardware.memory_bandwidth": ["2 TB/s", "8 TB/s"]})
        self.assertGreater(table["latency"][0], 3 * table["latency"][1])

    def test_errors_are_exceptions_with_the_hosts_line(self):
        for inputs, what in [({"workload": "ResNet5"}, "did you mean 'ResNet50'?"),
                             ({"workload": "ResNet50", "hardware": "A100", "batch_size": 0}, "at least 1"),
                             ({"workload": "ResNet50", "hardware": "A100", "batch_size": object()}, "an object is no value"),
                             ({"workload": "ResNet50", "hardware": "A100", "batch_size": float("nan")}, "nan is no value"),
                             ({"workload": "ResNet50", "hardware": "A100", "set": {"hardware.tdp": 3}}, "needs a unit")]:
            with self.subTest(inputs=inputs), self.assertRaises(ironlaw.InputError) as raised:
                ironlaw.solve("single_node", **inputs)
            self.assertIn(what, str(raised.exception))
            self.assertNotIn("\n", str(raised.exception))
        for ask, what in [(lambda: ironlaw.run("there_is_no_such_file.json"), "there_is_no_such_file.json"),
                          (lambda: ironlaw.run(7), "takes a path or a dict, not an int"),
                          (lambda: ironlaw.solve(7), "takes a name, not an int"),
                          (lambda: ironlaw.study("sensitivity", None), "takes a path or a dict, not a NoneType"),
                          (lambda: ironlaw.solve("single_node", workload="ResNet50", hardware="A100", threads=-1), "from 0, not -1")]:
            with self.assertRaises(ironlaw.InputError) as raised:
                ask()
            self.assertIn(what, str(raised.exception))
        with self.assertRaises(AttributeError) as raised:
            ironlaw.solvers.single_nod
        self.assertIn("did you mean 'single_node'?", str(raised.exception))

    def test_infeasible_is_a_result(self):
        answer = ironlaw.solve("single_node", workload="Llama3_70B", hardware="T4", batch_size=4096, sequence_length=8192, training=True)
        self.assertEqual(answer.status, "infeasible")
        self.assertEqual(answer.exit_status, 2)

    def test_a_config_is_a_file_or_a_dict(self):
        file = EXAMPLES / "configs" / "where_to_run.json"
        from_file = ironlaw.run(file)
        from_dict = ironlaw.run(json.loads(file.read_text()))
        self.assertEqual(from_file.columns, from_dict.columns)
        self.assertEqual(str(from_file), str(from_dict))
        self.assertIn("keeps the best", ironlaw.explain(file))
        self.assertTrue(ironlaw.report(file).startswith("# "))
        self.assertEqual(ironlaw.report(file, set={"place.utilization": 0.5}).count("0.5") > 0, True)

    def test_a_study_takes_options_and_inputs(self):
        table = ironlaw.study("sensitivity", "single_node", workload="Llama3_8B", hardware="H100", outputs="latency")
        self.assertEqual(table["input"][0], "memory_efficiency")
        self.assertTrue(any(note.startswith("binds: ") for note in table.notes), table.notes)
        held = ironlaw.study("compare", "single_node", workload="Llama3_8B", hardware="A100", with_={"hardware": "H100"})
        self.assertGreater(len(held), 0)
        with self.assertRaises(ironlaw.InputError):
            ironlaw.study("sensitivity", EXAMPLES / "configs" / "where_to_run.json", output="place.cost")

    def test_what_there_is(self):
        self.assertIn("H100", ironlaw.zoo.hardware)
        self.assertTrue(all(e["year"] >= 2024 for e in ironlaw.zoo("hardware", where="year >= 2024")))
        self.assertEqual(ironlaw.zoo["H100"]["fields"]["tdp"]["value"], 700)
        self.assertIn("single_node", dir(ironlaw.solvers))
        self.assertIn("batch_size", ironlaw.solvers.single_node.__doc__)
        self.assertIn("batch_size=1", str(ironlaw.solvers.single_node.__signature__))
        self.assertEqual(ironlaw.solvers.single_node(workload="ResNet50", hardware="A100").columns[0], "latency")
        names = {p["name"] for p in ironlaw.default_session().plugins()}
        self.assertLessEqual({"roofline", "serving", "estimates", "studies"}, names)

    def test_import_is_quick(self):
        timed = "import time; t = time.process_time(); import ironlaw; print(time.process_time() - t)"  # other tests run beside this one
        seconds = min(float(subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True).stdout) for _ in range(3))
        print(f"import: {seconds * 1e3:.0f} ms of processor time")
        self.assertLess(seconds, 0.15)


@dataclass
class Inputs:
    hardware: ironlaw.Hardware
    precision: ironlaw.Precision = "fp16"


@dataclass
class Outputs:
    peak_rate: Annotated[float, "FLOP/s"]
    tdp: Annotated[float, "W"]
    efficiency: Annotated[float, "FLOP/J"]


def power_efficiency(x: Inputs) -> Outputs:
    """Peak arithmetic of a device for each watt of its thermal design power"""
    peak = x.hardware.peak_rate(x.precision)
    return Outputs(peak, x.hardware.tdp, peak / x.hardware.tdp)


@dataclass
class Number:
    number: int = 1
    time: Annotated[float, "ms", "a time"] = 2.0


@dataclass
class Answer:
    product: Annotated[float, "ms"]
    feasible: bool


class SolversInPython(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        ironlaw.solver(power_efficiency, source="Horowitz 2014")

    def test_it_is_in_chains_beside_compiled_ones(self):
        table = ironlaw.run(EXAMPLES / "power_efficiency" / "chain.json")
        self.assertEqual(list(table["device"]), ["H100", "A100", "T4", "JetsonOrinNX"])
        self.assertEqual(table["power.efficiency"][0], table["power.peak_rate"][0] / 700)
        self.assertEqual(table.summary["ok"], 4)
        bill = ironlaw.run(EXAMPLES / "power_efficiency" / "bill.json")
        self.assertEqual(bill.summary["ok"], len(bill))
        self.assertIn("power", ironlaw.report(EXAMPLES / "power_efficiency" / "chain.json"))
        moved = ironlaw.study("sensitivity", "power_efficiency", hardware="H100", outputs="efficiency", inputs=["hardware.tdp"])
        self.assertAlmostEqual(moved["elasticity"][0], -1, places=6)

    def test_a_fact_that_is_lacking_refuses_the_row(self):
        with self.assertRaises(ironlaw.Refusal) as raised:
            ironlaw.run(EXAMPLES / "power_efficiency" / "no_tdp.json")
        self.assertIn("TPUv4", str(raised.exception))
        self.assertIn("thermal design power", str(raised.exception))
        table = ironlaw.solve("power_efficiency", hardware=["H100", "TPUv4"])
        self.assertEqual(table.status, ["ok", "refused"])

    def test_provenance_says_that_it_has_no_manifest(self):
        plugins = ironlaw.run(EXAMPLES / "power_efficiency" / "chain.json").provenance["plugins"]
        own = [p for p in plugins if p["name"] == "program"]
        self.assertEqual(own, [{"name": "program", "manifest": None, "solvers": ["power_efficiency"]}])

    def test_isolation_is_refused_with_the_reason(self):
        with self.assertRaises(ironlaw.InputError) as raised:
            ironlaw.run(EXAMPLES / "power_efficiency" / "chain.json", isolate=True)
        self.assertIn("power_efficiency", str(raised.exception))
        self.assertIn("of this program", str(raised.exception))

    def test_rows_in_processes_of_their_own_are_the_same(self):
        asked = {"workload": "ResNet50", "hardware": ["A100", "H100"], "batch_size": range(1, 2000)}
        isolated = ironlaw.solve("single_node", isolate=True, **asked)
        self.assertEqual(isolated.text("csv"), ironlaw.solve("single_node", **asked).text("csv"))

    def test_units_choices_and_what_it_raises(self):
        @ironlaw.solver
        def product(x: Number) -> Answer:
            """A product"""
            if (x.number == 5).any():
                raise ValueError("five")
            if (x.number == 6).any():
                raise ironlaw.Refusal("six is none")
            return Answer(x.number * x.time / (x.number - 1), x.number < 8)

        table = ironlaw.solve("product", number=range(0, 10), time="3 ms")
        self.assertEqual(table.status, ["ok", "failed", "ok", "ok", "ok", "failed", "refused", "ok", "infeasible", "infeasible"])
        self.assertAlmostEqual(table["product"][2], 6e-3)
        self.assertEqual(table.units, {"product": "s"})
        said = table.to_arrow() if "pyarrow" in sys.modules else table.text("csv")
        self.assertIn("ValueError: five", str(said))
        self.assertIn("is not finite", str(said))

    def test_what_cannot_be_a_solver(self):
        def without_annotation(x):
            return x

        def of_text(x: Outputs) -> Inputs:
            return x

        for function in (without_annotation, of_text):
            with self.subTest(function=function.__name__), self.assertRaises(ironlaw.InputError):
                ironlaw.solver(function)


class ManyAtOnce(unittest.TestCase):
    def test_ctrl_c_ends_a_run(self):
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        begin = time.monotonic()
        with self.assertRaises(KeyboardInterrupt):
            ironlaw.solve("single_node", workload="ResNet50", hardware="H100", batch_size={"from": 1, "to": 10000},
                          set={"efficiency": {"from": 0.1, "to": 1, "steps": 10000}})
        self.assertLess(time.monotonic() - begin, 5)

    def test_the_lock_of_the_interpreter_is_let_go(self):
        counted = []
        stop = threading.Event()

        def count():
            while not stop.is_set():
                counted.append(time.monotonic())
                time.sleep(0.001)

        thread = threading.Thread(target=count)
        thread.start()
        begin = time.monotonic()
        ironlaw.solve("single_node", workload="ResNet50", hardware="H100", batch_size={"from": 1, "to": 1000}, threads=1,
                      set={"efficiency": {"from": 0.1, "to": 1, "steps": 1000}})
        end = time.monotonic()
        stop.set()
        thread.join()
        self.assertGreater(sum(begin < t < end for t in counted), 20)

    def test_a_session_answers_many_threads(self):
        session = ironlaw.Session()
        expected = ironlaw.solve("single_node", workload="ResNet50", hardware="H100", batch_size=range(1, 100))["latency"]
        wrong = []

        def ask(k):
            devices = ["H100", {"based_on": "H100", "tdp": f"{500 + k} W"}]
            for i in range(20):
                table = session.solve("single_node", workload="ResNet50", hardware=devices[i % 2], batch_size=range(1, 100))
                session.zoo("hardware")
                if list(table["latency"]) != list(expected):
                    wrong.append((k, i))

        threads = [threading.Thread(target=ask, args=(k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
