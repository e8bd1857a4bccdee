"""A client on the unmodified Python SDK: URL MESSAGE HOME BROWSER. Logs in when it must, calls echo, prints the answer."""

import asyncio
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import httpx2
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

url, message, home, browser = sys.argv[1:5]


class Files:
    """Keeps what the SDK wants kept."""

    def __init__(self, directory: Path):
        self.directory = directory

    def _read(self, name, model):
        file = self.directory / name
        return model.model_validate_json(file.read_text()) if file.exists() else None

    async def get_tokens(self):
        return self._read("tokens.json", OAuthToken)

    async def set_tokens(self, tokens):
        (self.directory / "tokens.json").write_text(tokens.model_dump_json())

    async def get_client_info(self):
        return self._read("client.json", OAuthClientInformationFull)

    async def set_client_info(self, client_info):
        (self.directory / "client.json").write_text(client_info.model_dump_json())


class Callback:
    """The client's end of the login: one GET with the code."""

    def __init__(self):
        self.arrived = asyncio.get_running_loop().create_future()

    async def start(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.redirect = f"http://localhost:{server.sockets[0].getsockname()[1]}/callback"

    async def _serve(self, reader, writer):
        line = (await reader.readline()).decode()
        while (await reader.readline()).strip():
            pass
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<p>Done")
        await writer.drain()
        writer.close()
        query = {name: values[0] for name, values in parse_qs(urlparse(line.split(" ")[1]).query).items()}
        if "code" in query and not self.arrived.done():
            self.arrived.set_result(query)

    async def code(self):
        query = await self.arrived
        return AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))


async def open_browser(address: str):
    subprocess.run([browser, address], check=True)


async def main():
    callback = Callback()
    await callback.start()
    provider = OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(client_name="python-app", redirect_uris=[callback.redirect]),
        storage=Files(Path(home)),
        redirect_handler=open_browser,
        callback_handler=callback.code,
    )
    async with httpx2.AsyncClient(auth=provider, follow_redirects=True, timeout=150) as http:
        async with streamable_http_client(url, http_client=http) as (read, write, *_):
            async with ClientSession(read, write) as session:
                await session.initialize()
                result = await session.call_tool("echo", {"message": message})
                print("\n".join(block.text for block in result.content))


asyncio.run(main())
