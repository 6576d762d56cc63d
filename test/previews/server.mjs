// A server for tests of previews, over stdio: what it answers stands in files, and every call it gets goes into a
// journal. Shares no code with the gateway.
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

const dir = process.argv[2];
const file = (name) => path.join(dir, name);
const note = (line) => appendFileSync(file('journal'), `${JSON.stringify(line)}\n`);
const setting = () => JSON.parse(readFileSync(file('setting.json'), 'utf8'));

const text = { type: 'string' };
const input = (properties, required) => ({ type: 'object', properties, required });
const tools = () => [
  {
    name: 'read_page',
    description: 'Reads a page',
    inputSchema: input({ page: text, head: { type: 'number' } }, ['page']),
  },
  {
    name: 'write_page',
    description: 'Writes a page',
    inputSchema: input({ page: text, content: text }, ['page', 'content']),
  },
  {
    name: 'edit_page',
    description: setting().drifted ? 'Edits a page, differently' : 'Edits a page',
    inputSchema: input({ page: text, find: text, put: text, dryRun: { type: 'boolean' } }, [
      'page',
      'find',
      'put',
    ]),
  },
  { name: 'count_rows', description: 'Counts', inputSchema: input({ table: text }, ['table']) },
  { name: 'delete_rows', description: 'Deletes', inputSchema: input({ table: text }, ['table']) },
];

const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const answer = (id, text, isError = false) =>
  say({ id, result: { content: [{ type: 'text', text }], ...(isError ? { isError } : {}) } });

let waiting = () => undefined;

function call(id, { name, arguments: args }) {
  note({ call: name, args });
  const { fail, fails_with, ask, image } = setting();
  if (fail === name)
    return answer(id, fails_with ?? 'no such page; token ghp_0123456789abcdefghijABCDEFGHIJ012345', true);
  if (image === name)
    return say({ id, result: { content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }] } });
  if (ask) waiting = () => done();
  if (ask)
    say({ id: 'q1', method: 'elicitation/create', params: { message: 'Approve?', requestedSchema: {} } });
  const reads = name.startsWith('read') || name.startsWith('count');
  const done = () => {
    const { answers = {}, waits } = setting();
    if (waits && reads) setTimeout(done, 20);
    else answer(id, answers[name] ?? `${name} done`);
  };
  // Asked something, it goes on once it has been answered.
  if (!ask) done();
}

note({ started: process.pid, env: Object.keys(process.env) });
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, error } = JSON.parse(line);
  if (method === 'initialize')
    say({
      id,
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'pages', version: '1' },
      },
    });
  else if (method === 'tools/list') say({ id, result: { tools: tools() } });
  else if (method === 'tools/call') call(id, params);
  else if (method === undefined) {
    note({ answered: id, error: error?.code ?? null });
    waiting();
  } else if (id !== undefined) say({ id, error: { code: -32601, message: 'Method not found' } });
});
process.stdin.on('end', () => process.exit(0));
