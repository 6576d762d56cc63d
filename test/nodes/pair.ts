/**
 * Two whole gateways over one store, each with files of its own on a disk of its own and one upstream behind both: what a
 * shared database will bring, on the embedded store and in one process. Nothing but the store, the keys and the log's
 * files is common to them.
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, createClient } from '@countersign/sdk';
import { type Fixture, startFixture } from '../../conformance/mcp/fixture/fixture.ts';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { acceptTools, connectAgent, listTools } from '../../gateway/src/cli/setup/tools.ts';
import { loadConfig } from '../../gateway/src/config/config.ts';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';
import { type Gateway, startGateway } from '../../gateway/src/main.ts';
import { openSqliteStore } from '../../gateway/src/store/sqlite/sqlite.ts';
import type { Store } from '../../gateway/src/store/store.ts';
import { ASKS, UPSTREAM_SECRET } from '../gateway/yard.ts';

export type Node = {
  readonly dir: string;
  readonly url: string;
  readonly gateway: Gateway;
  readonly log: string[];
  as(person: string): Promise<Client>;
  /** Calls a tool; answers the request it is held on, or what it was told. */
  call(tool: string): Promise<{ readonly request: string | undefined; readonly text: string }>;
  writePolicy(text: string): Promise<void>;
  editConfig(edit: (text: string) => string): Promise<void>;
  ready(): Promise<string>;
  metric(name: string): Promise<string | undefined>;
};

export type Pair = {
  readonly a: Node;
  readonly b: Node;
  readonly store: Store;
  readonly fixture: Fixture;
  readonly data_dir: string;
  close(): Promise<void>;
};

export async function openPair(edit: (config: string) => string = (config) => config): Promise<Pair> {
  const dir = await mkdtemp(path.join(tmpdir(), 'countersign-nodes-'));
  const fixture = await startFixture({ bearer: UPSTREAM_SECRET });
  const key = makeCredential('agent');
  const held: { store?: Store } = {};
  const open_store: typeof openSqliteStore = async (options) => {
    held.store ??= await openSqliteStore(options);
    // It outlives either of them.
    return { ...held.store, shared: true, close: async () => undefined };
  };
  const template = path.join(dir, 'template');
  await mkdir(path.join(template, 'policy'), { recursive: true });
  await writeFile(path.join(template, 'policy', 'policy.yaml'), ASKS);
  await writeFile(
    path.join(template, 'countersign.yaml'),
    edit(configText(hashCredential(key), fixture.url)),
  );
  const start = async (name: string): Promise<Node> => {
    const own = path.join(dir, name);
    await cp(template, own, { recursive: true });
    const file = path.join(own, 'countersign.yaml');
    const port = await freePort();
    const hosts = `listen: { http: 127.0.0.1:${port} }\npublic_url: http://localhost:7070\nstore: { sqlite: ../data }\n`;
    await writeFile(file, hosts + (await readFile(file, 'utf8')));
    return startNode({ own, file, key, open_store });
  };
  const a = await start('a');
  const operator = await a.as('alice');
  const tools = await listTools(operator, { url: a.url, upstream: 'tools', key });
  await acceptTools(operator, tools, new Set(['test_image_content']));
  const b = await start('b');
  if (held.store === undefined) throw new TypeError('no store was opened');
  const { store } = held;
  return {
    a,
    b,
    store,
    fixture,
    data_dir: path.join(dir, 'data'),
    async close() {
      await Promise.all([a.gateway.close(), b.gateway.close()]);
      await store.close();
      await fixture.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

type Starting = {
  readonly own: string;
  readonly file: string;
  readonly key: string;
  readonly open_store: typeof openSqliteStore;
};

async function startNode({ own, file, key, open_store }: Starting): Promise<Node> {
  const log: string[] = [];
  const say = (level: string) => (fields: object, message: string) =>
    void log.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const gateway = await startGateway({
    config: loadConfig(file),
    config_file: file,
    log: { info: say('info'), warn: say('warn'), error: say('error') },
    env: { UPSTREAM_TOKEN: UPSTREAM_SECRET },
    open_store,
  });
  const { url } = gateway;
  const get = async (what: string): Promise<string> => (await fetch(url + what)).text();
  return {
    dir: own,
    url,
    gateway,
    log,
    async as(person) {
      const code = await gateway.sessions.issueCode(person);
      const { token } = await createClient({ url }).signIn({ code, kind: 'cli' });
      return createClient({ url, token: token ?? '' });
    },
    async call(tool) {
      const agent = await connectAgent(url, 'tools', key);
      try {
        const { _meta, content } = await agent.callTool({ name: tool, arguments: {} });
        const request = _meta?.['countersign/request'] as
          | { readonly id: string; readonly status: string }
          | undefined;
        return {
          request: request?.status === 'pending' ? request.id : undefined,
          text: JSON.stringify(content),
        };
      } finally {
        await agent.close();
      }
    },
    writePolicy: (text) => writeFile(path.join(own, 'policy', 'policy.yaml'), text),
    editConfig: async (edit) => writeFile(file, edit(await readFile(file, 'utf8'))),
    ready: () => get('/health/ready'),
    metric: async (name) => (await get('/metrics')).split('\n').find((line) => line.startsWith(`${name} `)),
  };
}

const configText = (hash: string, url: string): string => `people:
  alice: { name: Alice, roles: [operator, reviewer] }
  bob: { name: Bob, roles: [reviewer] }
agents:
  coder: { owner: alice, keys: ["${hash}"], hold_wait: 300ms }
upstreams:
  tools: { env: prod, mcp: { url: "${url}", bearer: env:UPSTREAM_TOKEN } }
`;
