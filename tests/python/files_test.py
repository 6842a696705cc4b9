"""Results in other libraries, and files that these read back."""

import tempfile
import unittest
from pathlib import Path

import astropy.units
import duckdb
import pandas
import pint
import polars
import pyarrow
import pyarrow.feather
import pyarrow.parquet

import ironlaw

QUESTION = {"workload": "ResNet50", "hardware": ["A100", "H100"], "batch_size": [1, 8, 64]}


def table():
    return ironlaw.solve("single_node", **QUESTION)


class InMemory(unittest.TestCase):
    def test_arrow_takes_the_numbers_where_they_are(self):
        result = table()
        for _ in range(2):
            arrow = pyarrow.table(result)
            address = arrow.column("latency").chunk(0).buffers()[1].address
            self.assertEqual(address, result["latency"].__array_interface__["data"][0])
        self.assertEqual(pyarrow.record_batch(result).schema, arrow.schema)
        self.assertEqual(pyarrow.schema(result), arrow.schema)
        self.assertEqual(arrow.schema.field("latency").metadata[b"unit"], b"s")
        self.assertEqual(arrow.column("hardware").to_pylist(), ["A100"] * 3 + ["H100"] * 3)

    def test_numbers_outlive_the_result(self):
        latency = pyarrow.table(table()).column("latency")
        self.assertEqual(latency.to_pylist(), list(table()["latency"]))

    def test_frames(self):
        result = table()
        frame = result.to_pandas()
        self.assertEqual(frame.attrs["units"]["latency"], "s")
        self.assertEqual(frame["latency"].tolist(), list(result["latency"]))
        self.assertIn("latency [s]", result.to_pandas(units=True).columns)
        self.assertEqual(polars.DataFrame(result)["latency"].to_list(), list(result["latency"]))
        self.assertIn("latency [s]", result.to_polars(units=True).columns)
        self.assertEqual(duckdb.sql("select count(*) from result where feasible").fetchall(), [(6,)])

    def test_what_is_absent_is_null(self):
        result = ironlaw.solve("single_node", workload="ResNet50", hardware="A100", batch_size=[1, 2])
        self.assertEqual(pyarrow.table(result).column("spill").null_count + pyarrow.table(result).column("reason").null_count, 4)

    def test_an_answer_and_a_study_are_tables_too(self):
        answer = ironlaw.solve("single_node", workload="ResNet50", hardware="A100")
        self.assertEqual(pyarrow.table(answer).num_rows, 1)
        study = ironlaw.study("sensitivity", "single_node", workload="Llama3_8B", hardware="H100", outputs="latency")
        frame = study.to_pandas()
        del study
        self.assertEqual(frame["input"][0], "memory_efficiency")

    def test_quantities_of_other_libraries(self):
        registry = pint.UnitRegistry()
        slow = ironlaw.solve("single_node", workload="Llama3_8B", hardware="H100",
                             set={"hardware.memory_bandwidth": 2 * registry.terabyte / registry.second})
        said = ironlaw.solve("single_node", workload="Llama3_8B", hardware="H100", set={"hardware.memory_bandwidth": "2 TB/s"})
        self.assertEqual(slow["latency"], said["latency"])
        watts = ironlaw.solve("single_node", workload="Llama3_8B", hardware="H100",
                              set={"hardware.tdp": [300, 700] * astropy.units.W})
        self.assertLess(watts["energy"][0], watts["energy"][1])
        self.assertEqual(said.pint("latency").to("ms").magnitude, said["latency"] * 1e3)
        self.assertEqual(said.pint("achieved_peak_rate").units, said.pint("achieved_peak_rate")._REGISTRY("FLOP/s").units)
        self.assertAlmostEqual(said.astropy("energy").to("mJ").value, said["energy"] * 1e3)
        batches = pandas.Series([1, 2, 4])
        self.assertEqual(len(ironlaw.solve("single_node", workload="ResNet50", hardware="A100", batch_size=batches)), 3)


def read_back(file):
    """Columns hardware, latency and status by each library that knows the format."""
    name = str(file)
    if name.endswith(".parquet"):
        return [pandas.read_parquet(name), polars.read_parquet(name).to_pandas(), duckdb.sql(f"from '{name}'").df()]
    if name.endswith(".csv"):
        return [pandas.read_csv(name), polars.read_csv(name).to_pandas(), duckdb.sql(f"from '{name}'").df()]
    if name.endswith(".jsonl"):
        return [pandas.read_json(name, lines=True, precise_float=True), polars.read_ndjson(name).to_pandas(),
                duckdb.sql(f"from read_json('{name}')").df()]
    if name.endswith(".arrow"):
        arrow = pyarrow.feather.read_table(name)
        return [pandas.read_feather(name), polars.read_ipc(name).to_pandas(), duckdb.sql("from arrow").df()]
    with pyarrow.ipc.open_stream(name) as stream:
        arrow = stream.read_all()
    return [arrow.to_pandas(), polars.read_ipc_stream(name).to_pandas(), duckdb.sql("from arrow").df()]


class Files(unittest.TestCase):
    def test_each_format_is_read_back(self):
        result = table()
        with tempfile.TemporaryDirectory() as folder:
            for ending in (".parquet", ".arrow", ".arrows", ".csv", ".jsonl"):
                file = Path(folder) / f"rows{ending}"
                result.write(file)
                for reader, frame in zip(("pandas", "polars", "duckdb"), read_back(file)):
                    with self.subTest(ending=ending, reader=reader):
                        self.assertEqual(frame["hardware"].tolist(), ["A100"] * 3 + ["H100"] * 3)
                        latency = "latency [s]" if ending == ".csv" else "latency"
                        self.assertEqual(frame[latency].tolist(), list(result["latency"]))
                        self.assertEqual(frame["status"].tolist(), ["ok"] * 6)

    def test_units_survive_in_parquet(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows.parquet"
            table().write(file)
            schema = pyarrow.parquet.read_schema(file)
            self.assertEqual(schema.field("latency").metadata[b"unit"], b"s")
            self.assertTrue(pyarrow.types.is_dictionary(schema.field("bottleneck").type))
            self.assertTrue(pyarrow.types.is_boolean(schema.field("feasible").type))
            self.assertEqual([p.name for p in Path(folder).iterdir()], ["rows.parquet"])

    def test_lists_survive(self):
        load = [6, 8, 9.5] * pint.UnitRegistry().megawatt  # one value of a series, where of a number it would be an axis
        result = ironlaw.solve("tariff", load=load, price=["0.06 USD/kWh", "0.05 USD/kWh", "0.12 USD/kWh"], limit="9 MW",
                               battery=["1 MWh", "2 MWh"])
        drawn = [list(row) for row in result["drawn"]]
        self.assertEqual([len(row) for row in drawn], [3, 3])
        self.assertEqual(pyarrow.table(result).column("drawn").to_pylist(), drawn)
        self.assertEqual([list(row) for row in result.to_pandas()["drawn"]], drawn)
        self.assertEqual(polars.DataFrame(result)["drawn"].to_list(), drawn)
        with tempfile.TemporaryDirectory() as folder:
            file = str(Path(folder) / "rows.parquet")
            result.write(file)
            self.assertEqual(pyarrow.parquet.read_table(file).column("drawn").to_pylist(), drawn)
            self.assertEqual([list(row) for row in pandas.read_parquet(file)["drawn"]], drawn)
            self.assertEqual(polars.read_parquet(file)["drawn"].to_list(), drawn)
            self.assertEqual([list(row) for row, in duckdb.sql(f"select drawn from '{file}'").fetchall()], drawn)
            self.assertEqual(pyarrow.parquet.read_schema(file).field("drawn").metadata[b"unit"], b"W")

    def test_an_ending_that_says_nothing_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(ironlaw.InputError) as raised:
                table().write(Path(folder) / "rows.xlsx")
            self.assertIn(".parquet", str(raised.exception))
            self.assertEqual(list(Path(folder).iterdir()), [])
            with self.assertRaises(ironlaw.InputError):
                table().write(Path(folder) / "no_such_folder" / "rows.parquet")


if __name__ == "__main__":
    unittest.main()
