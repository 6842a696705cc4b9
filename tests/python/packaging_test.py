"""What is in the wheel: types that hold, libraries of its own, and plugins of other wheels."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

import ironlaw

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(ironlaw.__file__).parent


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


class Wheel(unittest.TestCase):
    def test_it_carries_host_plugins_zoo_and_program(self):
        for name in ("bin/ironlaw", "lib/ironlaw/plugins/roofline.so", "share/ironlaw/zoo/hardware/cloud.json", "solvers.pyi", "py.typed"):
            self.assertTrue((PACKAGE / name).is_file(), name)
        for record in ironlaw.default_session().plugins():
            self.assertEqual(record["status"], "ok", record)

    def test_plugins_find_the_host_under_its_own_name(self):
        needed = run("readelf", "-d", str(PACKAGE / "lib" / "ironlaw" / "plugins" / "roofline.so")).stdout
        self.assertIn("[libironlaw.so.0.1]", needed)
        self.assertTrue((PACKAGE / "lib" / "libironlaw.so.0.1").is_file())

    def test_types_hold(self):
        checked = run(sys.executable, "-m", "mypy", "--strict", "--allow-any-generics", "--ignore-missing-imports", "-p", "ironlaw", cwd=tempfile.gettempdir())
        self.assertEqual(checked.returncode, 0, checked.stdout)

    def test_stubs_know_the_solvers(self):
        with tempfile.TemporaryDirectory() as folder:
            right = Path(folder) / "right.py"
            right.write_text('import ironlaw\nironlaw.solvers.single_node(workload="ResNet50", hardware=["A100"], batch_size=range(4))\n')
            wrong = Path(folder) / "wrong.py"
            wrong.write_text('import ironlaw\nironlaw.solvers.single_node(workload="ResNet50", hardware="A100", batch=4)\n')
            self.assertEqual(run(sys.executable, "-m", "mypy", str(right), cwd=folder).returncode, 0)
            said = run(sys.executable, "-m", "mypy", str(wrong), cwd=folder).stdout
            self.assertIn('Unexpected keyword argument "batch"', said)


class OtherWheels(unittest.TestCase):
    """examples/power_efficiency, built against an installation, as a wheel with an entry point."""

    def test_a_plugin_of_another_wheel_is_found(self):
        plugin = os.environ.get("IRONLAW_TEST_PLUGIN", "")
        if not plugin:
            self.skipTest("no plugin was built: IRONLAW_TEST_PLUGIN names one")
        with tempfile.TemporaryDirectory() as folder:
            wheel = Path(folder) / "ironlaw_power-1.0-py3-none-any.whl"
            with zipfile.ZipFile(wheel, "w") as content:
                content.write(plugin, "ironlaw_power/power_efficiency.so")
                content.writestr("ironlaw_power/__init__.py", "raise RuntimeError('is not imported')")
                content.writestr("ironlaw_power-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: ironlaw-power\nVersion: 1.0\n")
                content.writestr("ironlaw_power-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
                content.writestr("ironlaw_power-1.0.dist-info/entry_points.txt", "[ironlaw.plugins]\npower = ironlaw_power\n")
                content.writestr("ironlaw_power-1.0.dist-info/RECORD", "")
            target = Path(folder) / "site"
            installed = run(sys.executable, "-m", "pip", "install", "--no-deps", "--target", str(target), str(wheel))
            self.assertEqual(installed.returncode, 0, installed.stderr)
            asked = ('import ironlaw; r = ironlaw.solve("power_efficiency", hardware="H100"); '
                     'print(r["efficiency"], r.provenance["plugins"][0]["name"])')
            said = run(sys.executable, "-c", asked, env={**os.environ, "PYTHONPATH": str(target)})
            self.assertEqual(said.returncode, 0, said.stderr)
            efficiency, name = said.stdout.split()
            fields = ironlaw.zoo["H100"]["fields"]
            self.assertEqual(float(efficiency), fields["peak_rate.fp16"]["value"] / fields["tdp"]["value"])
            self.assertEqual(name, "power_efficiency")
            shutil.rmtree(target)


if __name__ == "__main__":
    unittest.main()
