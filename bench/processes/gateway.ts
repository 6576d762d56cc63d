/** The gateway, whole: policy, SQLite with its fsyncs, signing, the log and the API, in a folder of its own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../gateway/src/config/config.ts';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';
import { type Gateway, startGateway } from '../../gateway/src/main.ts';
import { answer } from './processes.ts';

const UPSTREAM = 'bench';
const REVIEWER = 'rita';
const OWNER = 'olaf';
const PENDING_MAX = 1000;

/** As an operator would write it: what is listed as reading runs, what is listed as writing asks one person. */
const POLICY = `version: 1
rules:
  - { id: open, about: opening the upstream, on: mcp, where: { class: session }, then: allow }
  - { id: read, about: reading runs freely, on: mcp, where: { class: read, resource: [echo] }, when: 'mcp.arg_bytes < 100000', then: allow }
  - id: write
    about: writing asks a person
    on: mcp
    where: { class: [write, destructive] }
    then: require
    approve: [{ by: "group:reviewers", count: 1 }]
    within: 30m
    valid: 5m
`;

const complain = (fields: object, message: string): void => console.error(message, fields);
const log = { info: () => undefined, warn: complain, error: complain };

type Open = { readonly gateway: Gateway; readonly folder: string };
let open: Open | undefined;

const handlers = {
  /** Starts it before `upstream` with that many agents; answers where it is and everybody's keys. */
  async start({ upstream, agents }: { readonly upstream: string; readonly agents: number }) {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
    const keys = Array.from({ length: agents }, () => makeCredential('agent'));
    const config_file = join(folder, 'countersign.yaml');
    await mkdir(join(folder, 'policy'));
    await writeFile(join(folder, 'policy', 'main.yaml'), POLICY);
    await writeFile(config_file, JSON.stringify(configOf(upstream, keys))); // JSON is YAML
    const gateway = await startGateway({ config: loadConfig(config_file), config_file, log });
    open = { gateway, folder };
    const { url, sessions } = gateway;
    const codes = { owner: await sessions.issueCode(OWNER), reviewer: await sessions.issueCode(REVIEWER) };
    return { url, upstream: UPSTREAM, keys, codes };
  },
  /** CPU so far of the main thread alone and of all threads, in microseconds; memory of the process, in bytes. */
  usage() {
    const { user, system } = process.threadCpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const all = process.cpuUsage();
    return { cpu_us: user + system, all_us: all.user + all.system, rss, heap: heapUsed };
  },
};
export type GatewayAnswers = typeof handlers;

function configOf(upstream: string, keys: readonly string[]): object {
  const agent = (key: string) => ({
    owner: OWNER,
    keys: [hashCredential(key)],
    hold_wait: '20m',
    pending_max: PENDING_MAX,
  });
  return {
    listen: { http: '127.0.0.1:0' },
    people: {
      [OWNER]: { name: 'Olaf Owner', roles: ['operator'] },
      [REVIEWER]: { name: 'Rita Reviewer', roles: ['reviewer'] },
    },
    groups: { reviewers: [REVIEWER] },
    agents: Object.fromEntries(keys.map((key, at) => [`agent-${at}`, agent(key)])),
    upstreams: { [UPSTREAM]: { env: 'dev', mcp: { url: upstream } } },
  };
}

answer(handlers, async () => {
  await open?.gateway.close();
  if (open !== undefined) await rm(open.folder, { recursive: true, force: true });
});
