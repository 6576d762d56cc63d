// `npm run servers`: each real server, once by itself and once through the gateway: the same tools, the same answer.
//   --json   one JSON document on stdout
// Exits 1 on any difference.
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type Gateway, startGateway } from '../mcp/gateway/gateway.ts';
import { AGENTS } from '../mcp/gateway/settings.ts';
import { type RealServer, realServers } from './real.ts';

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

type Seen = { tools: { name: string }[]; content: unknown };
type Row = { server: string; ok: boolean; tools: number; note: string };

async function look(transport: Transport, { call }: RealServer): Promise<Seen> {
  const client = new Client({ name: 'compare', version: '1.0.0' });
  await client.connect(transport);
  try {
    const { tools } = await client.listTools();
    const { content } = await client.callTool(call);
    return { tools: tools.toSorted((a, b) => a.name.localeCompare(b.name)), content };
  } finally {
    await client.close();
  }
}

function directly({ command: [program = '', ...args] }: RealServer): Transport {
  return new StdioClientTransport({ command: program, args, stderr: 'ignore', env: {} });
}

function through(gateway: Gateway, { name }: RealServer): Transport {
  const requestInit = { headers: { authorization: `Bearer ${gateway.token(AGENTS[0])}` } };
  return new StreamableHTTPClientTransport(new URL(gateway.url(name)), { requestInit });
}

/** Tools the gateway adds of its own accord are its business; those of the server must be there, unchanged. */
function difference(server: RealServer, direct: Seen, seen: Seen): string {
  if (!JSON.stringify(direct.content).includes(server.contains))
    return `the server answered ${JSON.stringify(direct.content)}`;
  for (const tool of direct.tools) {
    const same = seen.tools.find(({ name }) => name === tool.name);
    if (!same) return `tool ${tool.name} is missing`;
    if (!isDeepStrictEqual(same, tool)) return `tool ${tool.name} differs: ${JSON.stringify(same)}`;
  }
  if (!isDeepStrictEqual(seen.content, direct.content)) return `answered ${JSON.stringify(seen.content)}`;
  return '';
}

async function compare(gateway: Gateway, server: RealServer): Promise<Row> {
  try {
    const direct = await look(directly(server), server);
    const note = difference(server, direct, await look(through(gateway, server), server));
    return { server: server.name, ok: note === '', tools: direct.tools.length, note };
  } catch (error) {
    return {
      server: server.name,
      ok: false,
      tools: 0,
      note: error instanceof Error ? error.message : String(error),
    };
  }
}

async function compareAll(): Promise<Row[]> {
  await using open = new AsyncDisposableStack();
  const { servers, remove } = realServers();
  open.defer(remove);
  const upstreams = Object.fromEntries(servers.map(({ name, command }) => [name, { command }]));
  const gateway = open.adopt(await startGateway({ upstreams }), (it) => it.close());
  const rows: Row[] = [];
  for (const server of servers) rows.push(await compare(gateway, server));
  return rows;
}

const rows = await compareAll();
if (options.json) console.log(JSON.stringify({ ok: rows.every(({ ok }) => ok), rows }, null, 2));
else
  for (const { server, ok, tools, note } of rows)
    console.log(
      `  ${ok ? 'ok    ' : 'FAILED'}  ${server.padEnd(12)} ${String(tools).padStart(3)} tools  ${note}`,
    );
if (!rows.every(({ ok }) => ok)) process.exitCode = 1;
