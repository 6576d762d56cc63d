/** Two gateways in processes of their own on one store, Slack's counterpart beside them: to be killed, and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@countersign/sdk';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { acceptTools, connectAgent, listTools } from '../../gateway/src/cli/setup/tools.ts';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';
import { CHILD_FLAGS } from '../faults/trial.ts';
import { startUpstream, type Upstream } from '../faults/whole/upstream.ts';
import { type Slack, startSlack } from '../slack/counterpart/counterpart.ts';
import { PEOPLE, peopled, ROOM } from '../slack/stage.ts';

type Told = {
  readonly url: string;
  readonly vkey: string;
  readonly codes: { readonly alice: string; readonly bob: string };
};

export type Answer = {
  readonly isError: boolean;
  readonly text: string;
  readonly request: string | undefined;
};

export type Node = {
  told: Told;
  people: { readonly alice: Client; readonly bob: Client };
  /** The agent calls `write`, on a connection of its own. */
  call(args: { readonly [name: string]: string }): Promise<Answer>;
  writePolicy(text: string): Promise<void>;
  /** As `kill -9` does. */
  kill(): Promise<void>;
  start(): Promise<void>;
};

export type Nodes = {
  readonly a: Node;
  readonly b: Node;
  readonly upstream: Upstream;
  readonly slack: Slack;
  readonly data_dir: string;
  close(): Promise<void>;
};

export const POLICY = `version: 1
rules:
  - { id: open, about: connecting is free, on: mcp, where: { class: session }, then: allow }
  - { id: ask, about: writing asks, on: mcp, where: { class: write }, then: require, approve: [{ by: anyone }] }
`;

const script = (name: string): string => fileURLToPath(new URL(`${name}/child.ts`, import.meta.url));

/** Resolves with the first line it says. */
async function begin(name: string, words: readonly string[]): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, [...CHILD_FLAGS, script(name), ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout)) return { child, line };
  throw new Error(`${name} ended before it said anything`);
}

export async function openNodes(): Promise<Nodes> {
  const dir = await mkdtemp(path.join(tmpdir(), 'countersign-processes-'));
  const upstream = await startUpstream();
  const slack = await startSlack({ transport: 'url' });
  peopled(slack);
  const key = makeCredential('agent');
  const data_dir = path.join(dir, 'data');
  await mkdir(data_dir, { mode: 0o700 });
  const socket_path = path.join(dir, 'keeper');
  const { child: keeper } = await begin('keeper', [path.join(data_dir, 'store.db'), socket_path]);
  const template = path.join(dir, 'template');
  await mkdir(path.join(template, 'policy'), { recursive: true });
  await writeFile(path.join(template, 'policy', 'policy.yaml'), POLICY);
  await writeFile(path.join(template, 'countersign.yaml'), configText(hashCredential(key), upstream, slack));
  const { bot_token, signing_secret } = slack;
  for (const [name, value] of Object.entries({ bot_token, signing_secret }))
    await writeFile(path.join(template, name), value, { mode: 0o600 });
  const open = async (name: string): Promise<Node> => {
    const own = path.join(dir, name);
    await cp(template, own, { recursive: true });
    const file = path.join(own, 'countersign.yaml');
    const hosts = `listen: { http: 127.0.0.1:${await freePort()} }\npublic_url: http://localhost:7070\nstore: { sqlite: ../data }\n`;
    await writeFile(file, hosts + (await readFile(file, 'utf8')));
    return startNode({ own, words: [file, socket_path], key });
  };
  const a = await open('a');
  const listed = await listTools(a.people.alice, { url: a.told.url, upstream: 'up', key });
  await acceptTools(
    a.people.alice,
    listed.map((tool) => ({ ...tool, says_destructive: false })),
    new Set(),
  );
  const b = await open('b');
  slack.reachedAt(`${b.told.url}/channels/slack`);
  return {
    a,
    b,
    upstream,
    slack,
    data_dir,
    async close() {
      await Promise.all([a.kill(), b.kill()]);
      const ended = once(keeper, 'exit');
      keeper.stdin?.end();
      await ended;
      await upstream.close();
      await slack.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

type Starting = { readonly own: string; readonly words: readonly string[]; readonly key: string };

async function startNode({ own, words, key }: Starting): Promise<Node> {
  const state: { child?: ChildProcess } = {};
  const started = async () => {
    const { child, line } = await begin('gateway', words);
    state.child = child;
    const told = JSON.parse(line) as Told;
    return { told, people: { alice: await signIn(told, 'alice'), bob: await signIn(told, 'bob') } };
  };
  const node: Node = {
    ...(await started()),
    async call(args) {
      const agent = await connectAgent(node.told.url, 'up', key);
      try {
        const { isError, content, _meta } = await agent.callTool({ name: 'write', arguments: args });
        const request = _meta?.['countersign/request'] as
          | { readonly id: string; readonly status: string }
          | undefined;
        return {
          isError: isError === true,
          text: JSON.stringify(content),
          request: request?.status === 'pending' ? request.id : undefined,
        };
      } finally {
        await agent.close().catch(() => undefined); // a killed gateway cannot be said goodbye to
      }
    },
    writePolicy: (text) => writeFile(path.join(own, 'policy', 'policy.yaml'), text),
    async kill() {
      const { child } = state;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    start: async () => void Object.assign(node, await started()),
  };
  return node;
}

async function signIn({ url, codes }: Told, person: 'alice' | 'bob'): Promise<Client> {
  const { token } = await createClient({ url }).signIn({ code: codes[person], kind: 'cli' });
  return createClient({ url, token: token ?? '' });
}

const configText = (hash: string, { url }: Upstream, { app_id, api }: Slack): string => `people:
  alice: { name: Alice, roles: [operator] }
  bob: { name: Bob, roles: [reviewer], accounts: ["slack:T0EXAMPLE/${PEOPLE.bob.id}"] }
agents:
  coder: { owner: alice, keys: ["${hash}"], hold_wait: 200ms }
upstreams:
  up: { env: dev, mcp: { url: "${url}", call_timeout_ms: 3000 } }
channels:
  slack:
    app_id: ${app_id}
    bot_token: file:bot_token
    signing_secret: file:signing_secret
    workspaces: [T0EXAMPLE]
    to: [${ROOM}]
    api: ${api}
`;
