"""`ironlaw mcp` as the published client library meets it."""

import asyncio
import os
import subprocess
import sys
import unittest

try:
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client
except ImportError:
    print("skipped: the package mcp is not installed; scripts/wheel --tests installs it")
    sys.exit(77)

PROGRAM = os.environ["IRONLAW_PROGRAM"]
NODE = {"solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100", "batch_size": 8}}


async def conversation(act):
    server = StdioServerParameters(command=PROGRAM, args=["mcp"], env=dict(os.environ))
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        greeting = await session.initialize()
        return greeting, await act(session)


def structured(result):
    return getattr(result, "structured_content", None) or getattr(result, "structuredContent", None)


def failed(result):
    return getattr(result, "is_error", None) if hasattr(result, "is_error") else result.isError


class Mcp(unittest.TestCase):
    def test_lists_its_tools(self):
        greeting, listed = asyncio.run(conversation(lambda session: session.list_tools()))
        info = getattr(greeting, "server_info", None) or greeting.serverInfo
        self.assertEqual(info.name, "ironlaw")
        self.assertEqual({tool.name for tool in listed.tools}, {"ask", "solvers", "solve", "run", "zoo", "explain"})

    def test_calls_them(self):
        async def act(session):
            return [await session.call_tool("solve", NODE), await session.call_tool("solvers", {"name": "single_node"}),
                    await session.call_tool("zoo", {"kind": "hardware", "where": "vendor == 'NVIDIA'"}),
                    await session.call_tool("explain", NODE),
                    await session.call_tool("ask", {"question": "fit", "inputs": {"model": "Llama3_8B", "device": "H100"}}),
                    await session.call_tool("run", {"config": {"version": 1, "stages": {"node": {"solver": "single_node", **NODE["inputs"]}}},
                                                    "set": {"node.batch_size": [1, 2, 4]}}),
                    await session.call_tool("solve", {"solver": "single_nod", "inputs": {}})]

        _, (solved, described, zoo, explained, told, swept, wrong) = asyncio.run(conversation(act))
        for result in (solved, described, zoo, explained, told, swept):
            self.assertFalse(failed(result), result)
        self.assertGreater(structured(solved)["outputs"]["latency"]["value"], 0)
        self.assertIn("batch_size", structured(described)["inputs"]["properties"])
        self.assertIn("H100", structured(zoo)["entries"])
        self.assertIn("compute_time =", explained.content[0].text)
        self.assertTrue(structured(told)["answer"])
        self.assertEqual(len(structured(swept)["rows"]), 3)
        self.assertTrue(failed(wrong))
        self.assertIn("did you mean", wrong.content[0].text)

    def test_isolation_is_refused_with_the_reason(self):
        for command in ("mcp", "web"):
            said = subprocess.run([PROGRAM, command, "--isolate"], input="", capture_output=True, text=True, timeout=60)
            self.assertEqual(said.returncode, 1)
            self.assertIn("ironlaw batch --isolate does", said.stderr)


if __name__ == "__main__":
    unittest.main()
