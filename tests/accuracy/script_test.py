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


def a_stream(**changes):
    row = {"id": "s", "category": "inference", "source": "a bench of llama.cpp", "verified": "read",
           "hardware": {"gpu": "4090 24GB", "count": 1, "precision": "Q4_K_M"}, "model": {"name": "Llama-3-8B"},
           "parallelism": {"split": "none"}, "batch": {"isl": 1024, "osl": 1024, "concurrency": 1, "software": "llama.cpp early 2024"},
           "measured": [{"metric": "decode_tokens_per_s (1024 generated, batch 1)", "value": 127.7, "unit": "token/s"}]}
    row.update(changes)
    return row


def a_load(metrics, **changes):
    row = {"id": "l", "category": "inference", "source": "a leaderboard", "verified": "read",
           "hardware": {"gpu": "H100", "count": 4, "precision": "bfloat16"}, "model": {"name": "Qwen/Qwen3-32B"},
           "parallelism": {"tp": 4}, "batch": {"isl": 500, "osl": 500, "concurrency": 32, "load": "closed loop", "software": "vLLM 0.8"},
           "measured": [{"metric": m, "value": v, "unit": u} for m, v, u in metrics]}
    row.update(changes)
    return row


def rows_of(rows, *words):
    run = asked(rows, "--json", "--rows", *words)
    return [json.loads(line) for line in run.stdout.splitlines()]


class Load(unittest.TestCase):
    def test_streams_of_devices_engines_and_formats_that_no_row_has(self):
        for gpu in ("3080 Ti 12GB", "RTX 5090 32GB", "Tesla T4", "V100", "M3 Ultra 80-Core GPU", "Radeon RX 7900 XTX", "MI210",
                    "Jetson AGX Orin 64GB", "Strix Halo"):
            for precision in ("Q4_K_M", "Q6_K", "F16", "gptq 4-bit"):
                for software in ("llama.cpp early 2024", "an engine of tomorrow 1.0"):
                    row = a_stream(hardware={"gpu": gpu, "count": 1, "precision": precision},
                                   batch={"isl": 128, "osl": 128, "concurrency": 1, "software": software})
                    (r,) = rows_of([row])
                    self.assertIn("predicted", r, (gpu, precision, software, r.get("reason")))
                    self.assertTrue(1 < r["predicted"] < 1000, (gpu, precision, software, r["predicted"]))

    def test_a_rate_is_compared_as_a_rate(self):
        (r,) = rows_of([a_stream()])
        self.assertEqual(r["metric"], "decode_tokens_per_s")
        self.assertAlmostEqual(r["error"], r["predicted"] / 127.7 - 1, 12)
        self.assertLess(r["low"], r["predicted"])
        self.assertGreater(r["high"], r["predicted"])

    def test_cards_that_sum_in_16_bits_run_prompts_twice_as_fast(self):
        prompt = [{"metric": "prompt_tokens_per_s (1024-token prompt)", "value": 6898.7, "unit": "token/s"}]
        (r,) = rows_of([a_stream(measured=prompt)])
        self.assertLess(abs(r["error"]), 0.25)

    def test_half_of_a_package_of_two_dies(self):
        whole, half = (rows_of([a_stream(hardware={"gpu": gpu, "count": 1, "precision": "F16"})])[0]["predicted"]
                       for gpu in ("MI250X", "MI250X (one of two dies)"))
        self.assertTrue(1.3 < whole / half < 2, (whole, half))

    def test_a_model_that_is_only_named_and_an_engine_under_load(self):
        rows = rows_of([a_load([("ITL_median", 16, "ms"), ("output_tokens_per_s", 1800, "token/s"), ("TTFT", 200, "ms")])])
        self.assertEqual([r["metric"] for r in rows], ["ITL_median", "output_tokens_per_s", "TTFT"])
        gap, rate, _ = rows
        self.assertTrue(5 < gap["predicted"] < 50, gap)
        self.assertAlmostEqual(gap["predicted"] * rate["predicted"] / 1000, 32, delta=8)

    def test_offline_throughput_needs_no_users(self):
        offline = {"isl": 1000, "osl": 1000, "load": "offline, infinite rate", "software": "TensorRT-LLM, PyTorch backend"}
        (loaded,) = rows_of([a_load([("output_tokens_per_s", 1800, "token/s")])])
        metrics = [("total_output_throughput", 9000, "token/s"), ("output_tokens_per_s_per_gpu", 2250, "token/s")]
        all_at_once, each = rows_of([a_load(metrics, batch=offline)])
        self.assertGreater(all_at_once["predicted"], loaded["predicted"])
        self.assertAlmostEqual(all_at_once["predicted"] / each["predicted"], 4, 6)

    def test_a_server_keeps_its_limits_and_carries_less_than_the_same_offline(self):
        def submission(scenario):
            return a_load([("tokens_per_s", 1e4, "token/s"), ("TPOT_mean", 0.1, "s")], source="MLPerf Inference v5.1 closed",
                          hardware={"gpu": "NVIDIA H200-SXM-141GB", "count": 8, "precision": "per submission"},
                          model={"name": "llama2-70b-99"}, batch={"scenario": scenario, "software": "TensorRT 10.13"})
        offline = rows_of([submission("Offline")])[0]["predicted"]
        rate, token = (r["predicted"] for r in rows_of([submission("Server")]))
        self.assertLessEqual(rate, offline * 1.001)
        self.assertLessEqual(token, 0.75 * 0.2)

    def test_formats_by_any_of_their_names(self):
        def rate(precision):
            return rows_of([a_load([("output_tokens_per_s", 1800, "token/s")], hardware={"gpu": "H100 80GB", "count": 1, "precision": precision})])[
                0]["predicted"]
        four, eight = rate("int4"), rate("w8a16")
        for name in ("gptq 4-bit", "w4a16", "nf4", "Q4_K_M", "awq int4"):
            self.assertEqual(rate(name), four, name)
        for name in ("int8 weights", "Q8_0", "8-bit"):
            self.assertEqual(rate(name), eight, name)
        self.assertGreater(four, rate("bf16"))
        self.assertGreater(four, eight)

    def test_a_chip_whose_generation_nobody_measured_is_asked_with_the_records_of_all(self):
        (stream,) = rows_of([a_stream(hardware={"gpu": "Qualcomm Cloud AI 100 Ultra", "count": 1, "precision": "Q4_K_M"})])
        (load,) = rows_of([a_load([("output_tokens_per_s", 1800, "token/s")], hardware={"gpu": "Cloud AI 100 Ultra", "count": 4})])
        # 5 GB of weights pass its 548 GB/s at most 120 times a second.
        self.assertTrue(30 < stream["predicted"] < 120, stream)
        self.assertIn("predicted", load, load.get("reason"))

    def test_a_kernel_that_the_device_has_no_record_of_is_left_open(self):
        said = {"isl": 64, "osl": 64, "concurrency": 1, "software": "an engine of tomorrow"}
        row = a_stream(batch=said, notes="GEMV kernels", hardware={"gpu": "H100 80GB", "count": 1, "precision": "w4a16"})
        self.assertEqual(rows_of([row])[0]["predicted"], rows_of([dict(row, notes="")])[0]["predicted"])

    def test_cards_that_meet_over_pcie_pipeline_where_that_is_faster(self):
        metrics = [("tokens_per_s", 3000, "token/s")]
        (row,) = rows_of([a_load(metrics, source="MLPerf Inference v5.1 closed", hardware={"gpu": "Arc Pro B60", "count": 8, "precision": "per submission"},
                                 model={"name": "llama2-70b-99"}, batch={"scenario": "Offline", "software": "vLLM 0.9.0"})])
        # Eight cards of 197 TOPS multiply 138 GFLOP a token, prompts as many again, at most 11,400 times a second, half of them answers.
        self.assertTrue(1500 < row["predicted"] < 5700, row)

    def test_a_server_keeps_the_limits_of_its_scenario(self):
        def rate(scenario):
            (row,) = rows_of([a_load([("tokens_per_s", 30000, "token/s")], source="MLPerf Inference v5.1 closed", model={"name": "llama2-70b-99"},
                                     hardware={"gpu": "H200-SXM-141GB", "count": 8, "precision": "per submission"},
                                     batch={"scenario": scenario, "software": "TensorRT 10.11"})])
            return row["predicted"]

        self.assertLess(rate("Interactive"), 0.95 * rate("Server"))
        self.assertLess(rate("Server"), 1.01 * rate("Offline"))

    def test_an_answer_is_as_long_as_tokens_over_samples(self):
        def samples(tokens):
            rows = rows_of([a_load([("tokens_per_s", tokens, "token/s"), ("samples_per_s", 100, "sample/s")], model={"name": "llama2-70b-99"},
                                   source="MLPerf Inference v5.1 closed", hardware={"gpu": "H200-SXM-141GB", "count": 8},
                                   batch={"scenario": "Offline", "software": "TensorRT 10.11"})])
            return next(row["predicted"] for row in rows if row["metric"] == "samples_per_s")

        self.assertGreater(samples(15000), 1.3 * samples(30000))

    def test_loops_with_less_than_the_columns_of_ours(self):
        columns = ["model", "device", "engine", "mode", "prompt_tokens", "output_tokens", "concurrency", "ttft_ms", "tpot_ms"]

        def of(**changes):
            row = dict(zip(columns, ("DeepSeek-V3", "H200", "sglang", "agg", 1024, 1024, 8, 300, 11)), **changes)
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "loops.csv")
                with open(path, "w") as file:
                    file.write(",".join(columns) + "\n" + ",".join(str(row[c]) for c in columns) + "\n")
                run = subprocess.run([sys.executable, SCRIPT, path, "--json", "--rows", "--ironlaw", PROGRAM], capture_output=True, text=True)
            return {line["metric"]: line for line in map(json.loads, run.stdout.splitlines())}

        placed = of()  # 671 GB in 8 bits, or twice that: on no single device, whose first token would come after minutes
        self.assertTrue(0.005 < placed["tpot"]["predicted"] < 0.05 and placed["ttft"]["predicted"] < 3, placed)
        self.assertGreater(of(engine="an engine of tomorrow")["ttft"]["predicted"], 2 * placed["tpot"]["predicted"])
        self.assertEqual({line["reason"] for line in of(concurrency="").values()}, {"no users, or no lengths"})
        self.assertEqual(set(of(concurrency="")), {"tpot", "ttft"})
        self.assertEqual(of(mode="disagg")["tpot"]["reason"], "no layout of the engines for prompts")

    def test_what_nobody_knows_is_said(self):
        reasons = [rows_of([row])[0]["reason"] for row in (
            a_stream(hardware={"gpu": "a card of tomorrow", "count": 1}), a_stream(model={"name": "a model of tomorrow"}),
            a_load([("ITL_median", 16, "ms")], batch={"concurrency": 3, "software": "vLLM"}))]
        self.assertEqual(reasons, ["no device a card of tomorrow", "no shapes of a model of tomorrow", "no lengths"])


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
                  for mb in (1, 2)]  # four would not fit
        self.assertAlmostEqual(least, min(stated), 9)

    def test_of_what_a_row_leaves_open_only_what_fits_counts(self):
        # Llama 405B on 256 GB200 holds one sequence a microbatch (174 of 186 GB); two would be faster and need 250 GB.
        model = {"name": "Llama-3.1-405B", "hidden": 16384, "layers": 126, "heads": 128, "kv_heads": 8, "ffn": 53248, "vocab": 128256,
                 "gated_mlp": True, "seq_len": 8192}
        row = a_row(source="MLPerf Training", hardware={"gpu": "GB200", "count": 256, "precision": "fp8"}, model=model,
                    parallelism={"tp": 4, "pp": 8, "cp": 2}, batch={"global": 448})
        chosen = json.loads(asked([row], "--json", "--rows").stdout)["predicted"]
        one = json.loads(asked([dict(row, batch={"global": 448, "micro": 1})], "--json", "--rows").stdout)["predicted"]
        two = json.loads(asked([dict(row, batch={"global": 448, "micro": 2})], "--json", "--rows").stdout)["predicted"]
        self.assertEqual(chosen, one)
        self.assertLess(two, one)

    def test_a_run_on_tpus_without_a_layout_takes_the_fastest_split(self):
        model = {"name": "GPT-3-175B", "hidden": 12288, "layers": 96, "heads": 96, "kv_heads": 96, "ffn": 49152, "vocab": 51200, "gated_mlp": False,
                 "seq_len": 2048}
        row = a_row(source="MLPerf Training", hardware={"gpu": "TPU-v5p", "count": 4096}, model=model, parallelism={},
                    batch={"global": 4096, "software": "maxtext"})
        def stated(ranks):
            return dict(row, batch={"per_device": 1, "software": "maxtext"},
                        parallelism={"recipe": {"ici_tensor_parallelism": str(ranks), "remat_policy": "minimal", "base_emb_dim": ""}})
        chosen = json.loads(asked([row], "--json", "--rows").stdout)["predicted"]
        splits = [json.loads(asked([stated(n)], "--json", "--rows").stdout)["predicted"] for n in (1, 2, 4, 8)]
        self.assertAlmostEqual(chosen, min(splits), 9)
        self.assertLess(min(splits), splits[0])
        self.assertLess(min(splits), splits[-1])

    def test_models_whose_layers_recur_are_known_by_name(self):
        speed = [{"metric": "tokens_per_s_per_gpu", "value": 5000, "unit": "token/s"}]
        for name in ("Falcon-H1-34B", "Qwen3-Next-80B-A3B", "Jamba-1.5-Large"):
            row = a_row(model={"name": name, "seq_len": 4096}, hardware={"gpu": "H100", "count": 256, "precision": "bf16"}, measured=speed)
            line = json.loads(asked([row], "--json", "--rows").stdout)
            self.assertIn("predicted", line, (name, line.get("reason")))

    def test_a_model_that_only_a_configuration_of_its_maker_tells(self):
        config = {"hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "vocab_size": 32000, "intermediate_size": 11008}
        stated = a_row()["model"]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "models.json")
            with open(path, "w") as file:
                json.dump({"Tomorrow-7B": config}, file)
            row = a_row(model={"name": "Tomorrow-7B", "seq_len": 4096})
            (line,) = rows_of([row], "--models", path)
            self.assertEqual(rows_of([row])[0]["reason"], "no shapes of Tomorrow-7B: give --models")
        self.assertAlmostEqual(line["predicted"] / rows_of([a_row(model=dict(stated, name="x"))])[0]["predicted"], 1, 6)

    def test_rows_of_another_sort_than_the_schema_are_counted_with_a_reason(self):
        odd = [a_row(measured=None), a_row(source=None, id=None), a_row(model="Llama-2-7B"), a_row(hardware="H100"), a_row(batch={"global": "many"})]
        lines = rows_of(odd)
        self.assertEqual(len(lines), len(odd))
        self.assertTrue(all(line.get("reason") or "predicted" in line for line in lines), lines)
        self.assertIn("another sort", lines[3]["reason"])

    def test_kernels_whose_columns_lack_what_they_can_do_without(self):
        def asked_of(text):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "kernels.csv")
                with open(path, "w") as file:
                    file.write(text)
                run = subprocess.run([sys.executable, SCRIPT, path, "--ironlaw", PROGRAM, "--json", "--rows"], capture_output=True, text=True)
            return [json.loads(line) for line in run.stdout.splitlines()]
        head = "device,engine,op,dtype,tokens,hidden,inter,topk,experts,latency_ms\n"
        eight, named = asked_of(head + "h100_sxm,vllm,moe,E4M3,64,4096,1536,8,128,0.1\nh100_sxm,vllm,moe,fp8,64,4096,1536,8,128,0.1\n")
        self.assertEqual(eight["predicted"], named["predicted"])
        (without,) = asked_of("device,op,message_elements,gpus,latency_ms\nh100_sxm,nccl:all_reduce,,8,0.1\n")
        self.assertEqual(without["reason"], "no message_bytes")

    def test_devices_that_no_measured_step_has(self):
        for gpu in ("MI355X", "H20", "A800", "GH200", "RTX 4090", "L40S"):
            row = a_row(hardware={"gpu": gpu, "count": 8, "precision": "bf16"}, batch={"micro": 1, "global": 16})
            line = json.loads(asked([row], "--json", "--rows").stdout)
            self.assertIn("predicted", line, (gpu, line.get("reason")))


if __name__ == "__main__":
    unittest.main()
