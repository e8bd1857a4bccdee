// Opens an MCP session at the URL given and prints the server's name.
const body = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'smoke', version: '1' } },
};
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const response = await fetch(process.argv[2], { method: 'POST', headers, body: JSON.stringify(body) });
const text = await response.text();
const message = JSON.parse(text.slice(text.indexOf('{')));
console.log(`${response.status} ${message.result.serverInfo.name}`);
