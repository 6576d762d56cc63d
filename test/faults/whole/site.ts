/** A gateway that can be killed at any moment and started again on the same folder, its people, its agent, its upstream. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@countersign/sdk';
import { freePort } from '../../../gateway/src/cli/setup/free-port.ts';
import { acceptTools, connectAgent, listTools } from '../../../gateway/src/cli/setup/tools.ts';
import { hashCredential, makeCredential } from '../../../gateway/src/identity/credential.ts';
import { CHILD_FLAGS } from '../trial.ts';
import { startUpstream, type Upstream } from './upstream.ts';

type Told = { url: string; vkey: string; data_dir: string; codes: { alice: string; bob: string } };

export type Site = {
  readonly upstream: Upstream;
  gateway: Told;
  people: { readonly alice: Client; readonly bob: Client };
  /** One `write` call of the agent, on a connection of its own; what it was told. */
  call(args: { readonly [name: string]: string }): Promise<Answer>;
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};
export type Answer = {
  readonly isError: boolean;
  readonly text: string;
  readonly request: { readonly id: string; readonly status: string } | undefined;
};

const POLICY = `version: 1
rules:
  - { id: open, about: connecting is free, on: mcp, where: { class: session }, then: allow }
  - { id: ask, about: writing asks, on: mcp, where: { class: write }, then: require, approve: [{ by: anyone }] }
`;

export async function openSite(): Promise<Site> {
  const dir = await mkdtemp(path.join(tmpdir(), 'countersign-site-'));
  const upstream = await startUpstream();
  const key = makeCredential('agent');
  const config_file = path.join(dir, 'countersign.yaml');
  await mkdir(path.join(dir, 'policy'));
  await writeFile(path.join(dir, 'policy', 'policy.yaml'), POLICY);
  await writeFile(config_file, configOf(await freePort(), hashCredential(key), upstream.url));
  const state: { child?: ChildProcess } = {};
  const begin = async () => {
    const { child, told } = await startChild(config_file);
    state.child = child;
    return { gateway: told, people: { alice: await signIn(told, 'alice'), bob: await signIn(told, 'bob') } };
  };
  const kill = async (): Promise<void> => {
    const { child } = state;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const site: Site = {
    upstream,
    ...(await begin()),
    call: (args) => call(site.gateway.url, key, args),
    kill,
    start: async () => void Object.assign(site, await begin()),
    async close() {
      await kill();
      await upstream.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  const listed = await listTools(site.people.alice, { url: site.gateway.url, upstream: 'up', key });
  await acceptTools(
    site.people.alice,
    listed.map((tool) => ({ ...tool, says_destructive: false })),
    new Set(),
  );
  return site;
}

async function startChild(config_file: string): Promise<{ child: ChildProcess; told: Told }> {
  const script = fileURLToPath(new URL('child.ts', import.meta.url));
  const child = spawn(process.execPath, [...CHILD_FLAGS, script, config_file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout)) return { child, told: JSON.parse(line) as Told };
  throw new Error('the gateway ended before it listened');
}

async function signIn({ url, codes }: Told, person: 'alice' | 'bob'): Promise<Client> {
  const { token } = await createClient({ url }).signIn({ code: codes[person], kind: 'cli' });
  return createClient({ url, token: token ?? '' });
}

async function call(url: string, key: string, args: { readonly [name: string]: string }): Promise<Answer> {
  const agent = await connectAgent(url, 'up', key);
  try {
    const { isError, content, _meta } = await agent.callTool({ name: 'write', arguments: args });
    const request = _meta?.['countersign/request'] as Answer['request'];
    return { isError: isError === true, text: JSON.stringify(content), request };
  } finally {
    await agent.close().catch(() => undefined); // a killed gateway cannot be said goodbye to
  }
}

const configOf = (port: number, hash: string, url: string): string => `listen: { http: 127.0.0.1:${port} }
public_url: http://localhost:${port}
people:
  alice: { name: Alice, roles: [operator] }
  bob: { name: Bob, roles: [reviewer] }
agents:
  coder: { owner: alice, keys: ["${hash}"], hold_wait: 200ms }
upstreams:
  up: { env: dev, mcp: { url: "${url}", call_timeout_ms: 1000 } }
`;
