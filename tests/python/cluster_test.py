"""Runs over real clusters, started on this machine: the table is that of one run here."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import ironlaw

CLUSTER = Path(__file__).resolve().parents[2] / "examples" / "cluster"
SWEEP = {
    "version": 1,
    "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"}},
    "axes": [{"node.hardware": ["A100", "H100"]}, {"node.batch_size": {"from": 1, "to": 3000, "steps": 3000}}],
    "report": {"columns": ["node.hardware", "node.batch_size", "node.latency"]},
}


@dataclass
class Inputs:
    number: int = 1


@dataclass
class Outputs:
    double: float


class Clusters(unittest.TestCase):
    def check(self, on, shards=None):
        here = ironlaw.run(SWEEP)
        there = ironlaw.run(SWEEP, on=on, shards=shards)
        self.assertEqual(there.text("csv"), here.text("csv"))
        self.assertEqual(there.summary["ok"], 6000)
        best = {**SWEEP, "report": {**SWEEP["report"], "best": {"by": "min node.latency", "keep": 5}}}
        self.assertEqual(ironlaw.run(best, on=on, shards=3).text("csv"), ironlaw.run(best).text("csv"))

    def test_dask(self):
        from dask.distributed import Client, LocalCluster

        with LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None) as cluster, Client(cluster) as client:
            self.check(client)

            @ironlaw.solver
            def doubled(x: Inputs) -> Outputs:
                return Outputs(2.0 * x.number)

            config = {"version": 1, "stages": {"d": {"solver": "doubled"}}, "axes": [{"d.number": {"from": 1, "to": 5000, "steps": 5000}}]}
            self.assertEqual(ironlaw.run(config, on=client).text("csv"), ironlaw.run(config).text("csv"))

    def test_ray(self):
        import ray

        ray.init(num_cpus=2, include_dashboard=False, configure_logging=False, log_to_driver=False)
        try:
            self.check(ray, shards=4)
        finally:
            ray.shutdown()

    def test_executors(self):
        with ThreadPoolExecutor(2) as executor:
            self.check(executor)
        with ProcessPoolExecutor(2) as executor:
            self.check(executor)

    def test_a_config_that_names_others_travels_with_them(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "inner.json").write_text(json.dumps({
                "version": 1, "inputs": {"device": "H100"},
                "stages": {"n": {"solver": "single_node", "workload": "ResNet50", "hardware": "$device"}}}))
            outer = Path(folder, "outer.json")
            outer.write_text(json.dumps({"version": 1, "stages": {"all": {"config": "inner.json"}},
                                         "axes": [{"all.device": ["A100", "H100"]}]}))
            with ThreadPoolExecutor(2) as executor:
                self.assertEqual(ironlaw.run(outer, on=executor).text("csv"), ironlaw.run(outer).text("csv"))

    def test_what_is_no_table_or_no_cluster_is_refused(self):
        answer = {"version": 1, "stages": {"n": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"}}}
        with ThreadPoolExecutor(1) as executor, self.assertRaises(ironlaw.InputError) as raised:
            ironlaw.run(answer, on=executor)
        self.assertIn("this is one answer", str(raised.exception))
        with self.assertRaises(ironlaw.InputError):
            ironlaw.run(SWEEP, on="a cluster")


class Launchers(unittest.TestCase):
    """What is in examples/cluster, with the program of the package on the PATH."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "sweep.json").write_text(json.dumps(SWEEP))
        self.environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self.whole = self.folder / "whole.csv"
        self.run_here("ironlaw", "run", "sweep.json", "-o", str(self.whole))

    def run_here(self, *command, **environment):
        done = subprocess.run(command, cwd=self.folder, env={**self.environment, **environment}, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)

    def test_the_snakefile(self):
        shutil.copy(CLUSTER / "Snakefile", self.folder)
        self.run_here("snakemake", "--cores", "2", "--config", "sweep=sweep.json", "result=result.csv", "shards=3")
        self.assertEqual((self.folder / "result.csv").read_bytes(), self.whole.read_bytes())

    def test_the_kubernetes_job(self):
        import kubernetes_validate
        import yaml

        documents = list(yaml.safe_load_all((CLUSTER / "kubernetes_job.yaml").read_text()))
        job = next(d for d in documents if d["kind"] == "Job")
        for document in documents:
            kubernetes_validate.validate(document, "1.29", strict=True)
        spec = job["spec"]
        self.assertEqual(spec["completionMode"], "Indexed")
        container = spec["template"]["spec"]["containers"][0]
        given = {e["name"]: e["value"] for e in container["env"]}
        self.assertEqual(int(given["SHARDS"]), spec["completions"])
        # The command of each index, with the volume where this test has it; in any order, and one of them twice.
        command = [re.sub("/work", str(self.folder), word) for word in [*container["command"], *container["args"]]]
        for index in (2, 0, 1, 1):
            self.run_here(*command, JOB_COMPLETION_INDEX=str(index), **{**given, "SHARDS": "3"})
        self.assertEqual((self.folder / "result.csv").read_bytes(), self.whole.read_bytes())


if __name__ == "__main__":
    unittest.main()
