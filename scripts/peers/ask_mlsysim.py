"""mlsysim: Llama-3 8B on an H100, batches of a sweep. Prints a line of JSON a question."""

from timing import cpu_each, say

from mlsysim import Engine, Hardware, Models

model = Models.Language.Llama3_8B
device = Hardware.Cloud.H100
latency = Engine.solve(model, device, batch_size=8).latency.to("s").magnitude
say("node", cpu_each(lambda i: Engine.solve(model, device, batch_size=1 + i % 64), 300), latency)
