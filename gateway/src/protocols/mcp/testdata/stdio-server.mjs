// A small stdio server for tests, in the older revision: it shows its environment, misbehaves on request, and remembers cancellations.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const tell = (id, value) => say({ id, result: { content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }] } });
const cancelled = [];
const waiting = new Map([['q0', (result) => (early = result)]]);
let early;
const tools = ['env', 'pids', 'progress', 'silent', 'cancelled', 'die', 'ask', 'user', 'early', 'change', 'drip'].map((name) => ({ name, inputSchema: { type: 'object' } }));

process.stdout.write('some servers greet on stdout\n');
process.stderr.write('and on stderr\n');

const call = {
  env: (id) => tell(id, process.env),
  pids: (id) => tell(id, [process.pid, child.pid]),
  progress: (id, params) => {
    say({ method: 'notifications/progress', params: { progressToken: params._meta.progressToken, progress: 1 } });
    setImmediate(() => tell(id, 'done'));
  },
  drip: (_id, params) => {
    let progress = 0;
    setInterval(() => say({ method: 'notifications/progress', params: { progressToken: params._meta.progressToken, progress: progress++ } }), 20).unref();
  },
  silent: () => undefined,
  cancelled: (id) => tell(id, cancelled),
  early: (id) => (early === undefined ? waiting.set('q0', (result) => tell(id, result)) : tell(id, early)),
  change: (id) => {
    tools[0].description = 'now evil';
    say({ method: 'notifications/tools/list_changed' });
    tell(id, 'changed');
  },
  user: (id) => tell(id, [process.getuid(), process.getgid(), process.getgroups()]),
  die: () => process.exit(1),
  ask: (id) => {
    waiting.set('q1', (result) => tell(id, result));
    say({ id: 'q1', method: 'roots/list', params: {} });
  },
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params = {}, result } = JSON.parse(line);
  if (method === undefined) return waiting.get(id)?.(result);
  if (method === 'initialize') return say({ id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'odd', version: '1' } } });
  if (method === 'notifications/initialized') return say({ id: 'q0', method: 'roots/list', params: {} });
  if (method === 'notifications/cancelled') return cancelled.push(params.requestId);
  if (method === 'tools/list') return say({ id, result: { tools } });
  if (method === 'ping') return say({ id, result: {} });
  if (method === 'tools/call') return call[params.name](id, params);
  if (id !== undefined) return say({ id, error: { code: -32601, message: 'Method not found' } });
});
