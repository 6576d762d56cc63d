// The gateway for benches, whole, in a process of its own: policy, durable store, signed log. It answers what it used.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { everyItem } from '@countersign/sdk';
import { acceptTools, signIn } from '../../conformance/mcp/gateway/people.ts';
import { loadConfig } from '../../gateway/src/config/config.ts';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';
import { startGateway } from '../../gateway/src/main.ts';

const AGENTS = ['one', 'two'];
const [upstream_url = '', port = '0'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const keys = AGENTS.map(() => makeCredential('agent'));
const agent = (at: number) => ({
  owner: 'olaf',
  hold_wait: '1h',
  pending_max: 1000,
  keys: [hashCredential(keys[at] ?? '')],
});
const config = {
  listen: { http: `127.0.0.1:${port}` },
  public_url: `http://localhost:${port}`,
  people: {
    olaf: { name: 'Olaf', roles: ['operator'] },
    rita: { name: 'Rita', roles: ['reviewer', 'operator'] },
  },
  agents: Object.fromEntries(AGENTS.map((name, at) => [name, agent(at)])),
  upstreams: { up: { env: 'dev', mcp: { url: upstream_url } } },
};
const held = {
  id: 'held',
  on: 'mcp',
  where: { resource: ['echo'] },
  when: 'mcp.args.text.startsWith("hold")',
  then: 'require',
  approve: [{ by: 'anyone', count: 1 }],
  within: '1h',
};
const rest = { id: 'rest', on: 'mcp', then: 'allow' };
const config_file = join(folder, 'countersign.yaml');
writeFileSync(config_file, JSON.stringify(config));
mkdirSync(join(folder, 'policy'));
writeFileSync(join(folder, 'policy', 'policy.yaml'), JSON.stringify({ version: 1, rules: [held, rest] }));

const quiet = () => undefined;
const log = {
  info: quiet,
  warn: quiet,
  error: (fields: object, message: string) => console.error(message, fields),
};
const gateway = await startGateway({ config: loadConfig(config_file), config_file, log });
const people = await signIn(gateway.url, await gateway.sessions.issueCode('rita'));
await acceptTools(people, 'up', { url: `${gateway.url}/mcp/up`, token: keys[0] ?? '' });
const { requests } = people;

const answer: { readonly [ask: string]: () => Promise<unknown> } = {
  used: async () => process.threadCpuUsage(),
  /** Resident, once what opening them left behind is collected. */
  memory: async () => {
    for (let at = 0; at < 4; at += 1) {
      globalThis.gc?.();
      await pause(250);
    }
    return process.memoryUsage().rss;
  },
  pending: async () => {
    let count = 0;
    for await (const _each of everyItem((paging) =>
      requests.list({ status: 'pending', limit: 200, ...paging }),
    ))
      count += 1;
    return count;
  },
  /** When the reviewer's answer was sent, by the clock all processes share. */
  approve: async () => {
    const [first] = (await requests.list({ status: 'pending' })).items;
    if (first === undefined) throw new Error('nothing to approve');
    const { action_digest, rendered_digest } = await requests.show(first.id);
    const sent = performance.timeOrigin + performance.now();
    await requests.review(first.id, {
      decision: 'approved',
      reason: 'bench',
      action_digest,
      rendered_digest,
    });
    return sent;
  },
  close: async () => {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  },
};
process.on(
  'message',
  (ask: string) => void answer[ask]?.().then((value) => process.send?.({ answer: value ?? null })),
);
process.send?.({ ready: { url: `${gateway.url}/mcp/up`, keys } });
