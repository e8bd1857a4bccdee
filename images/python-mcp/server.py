"""An MCP server for tests, on the unmodified Python SDK: streamable HTTP on HOST and PORT, at /mcp."""

import asyncio
import os

from mcp.server import MCPServer
from mcp.server.mcpserver import Context

server = MCPServer("python-fixture", instructions="A fixture with a few tools, a resource and a prompt.")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers; its result is structured."""
    return a + b


@server.tool()
def echo(text: str) -> str:
    """Returns the text as it came."""
    return text


@server.tool()
def fail(message: str) -> str:
    """Raises, so that the result is an error."""
    raise ValueError(message)


@server.tool()
async def count(to: int, context: Context, interval_ms: int = 100) -> str:
    """Reports progress at each step, so that the answer is a stream."""
    for step in range(1, to + 1):
        await context.report_progress(step, to)
        await asyncio.sleep(interval_ms / 1000)
    return f"counted to {to}"


@server.resource("fixture://greeting/{name}")
def greeting(name: str) -> str:
    """A greeting by name."""
    return f"hello {name}"


@server.prompt()
def review(code: str) -> str:
    """Asks for a review of some code."""
    return f"Review this code:\n{code}"


if __name__ == "__main__":
    server.run(
        "streamable-http",
        # All IPv4 addresses unless told otherwise: asyncio makes an IPv6 wildcard socket IPv6-only.
        host=os.environ.get("HOST", "0.0.0.0"),
        port=int(os.environ.get("PORT", "8080")),
    )
