"""Every example of docs/api.md is run as a reader would run it, and gives what stands below it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from chat_server import ROOT, free_port

pytest.importorskip("gradio", reason="gradio is not installed")

DOCS = ROOT / "docs" / "api.md"
ADDRESS = "http://127.0.0.1:7860"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """A fenced block, and the output that stands in the block below it."""

    language: str
    code: str
    output: str | None
    line: int


def examples(text: str) -> list[Example]:
    blocks = list(_BLOCK.finditer(text))
    found = []
    for block, below in zip(blocks, [*blocks[1:], None], strict=True):
        if block[1] == "text":
            continue
        output = below[2] if below is not None and below[1] == "text" else None
        found.append(Example(block[1], block[2], output, text.count("\n", 0, block.start()) + 1))
    return found


def fits(shown: str, given: str) -> bool:
    """Whether the output is as shown, where "…" stands for anything."""
    pattern = ".*".join(re.escape(part) for part in shown.strip().split("…"))
    return re.fullmatch(pattern, given.strip(), re.DOTALL) is not None


EXAMPLES = examples(DOCS.read_text(encoding="utf-8"))
RUN = [example for example in EXAMPLES if example.language in ("python", "bash")]


@dataclass(frozen=True, slots=True)
class Server:
    """A server as `qa serve --mcp` starts it, and its index."""

    address: str
    index: Path

    def run(self, example: Example) -> str:
        """What the example prints."""
        code = example.code.replace(ADDRESS, self.address)
        command = [sys.executable, "-"] if example.language == "python" else ["bash", "-euo", "pipefail"]
        done = subprocess.run(
            command,
            input=code,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PYTHONPATH": str(ROOT), "VERBATIM_INDEX": str(self.index), "PYTHONIOENCODING": "utf-8"},
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Over the documents of the project, by the default model."""
    folder = tmp_path_factory.mktemp("api") / "index"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "qa.cli", "serve", "--index", str(folder), "--port", str(free_port()), "--mcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            yield Server(process.stdout.readline().split()[-1], folder)
        finally:
            process.terminate()


def test_examples_are_found() -> None:
    assert len(RUN) >= 9 and all(example.output for example in RUN)
    assert {example.language for example in EXAMPLES} == {"python", "bash", "json"}
    assert all(ADDRESS in example.code for example in EXAMPLES if "from qa import" not in example.code)


def test_output_must_fit() -> None:
    assert fits("a…c", "a\nbbb c") and fits("a [1]\n", "a [1]")
    assert not fits("a…c", "a b") and not fits("4 mg", "4 mg per day")


@pytest.mark.model
@pytest.mark.parametrize("example", RUN, ids=lambda example: f"line-{example.line}")
def test_example_gives_what_is_shown(server: Server, example: Example) -> None:
    if "curl" in example.code and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    # Whoever reads has an index; the first question to the server waits until this one is built.
    if "from qa import" in example.code:
        server.run(next(other for other in RUN if "gradio_client" in other.code))
    output = server.run(example)
    assert example.output is not None
    assert fits(example.output, output), output[:3000]


@pytest.mark.model
def test_configuration_leads_to_the_tools(server: Server) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    (example,) = (example for example in EXAMPLES if example.language == "json")
    address = json.loads(example.code)["mcpServers"]["verbatim"]["url"].replace(ADDRESS, server.address)

    async def names() -> list[str]:
        async with (
            streamable_http_client(address) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return [tool.name for tool in (await session.list_tools()).tools]

    assert asyncio.run(names()) == ["ask", "retrieve", "documents"]
