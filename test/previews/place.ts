/** A whole gateway with a server that keeps a journal, and previews configured: for tests of what is read, when, and who sees it. */
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, Preview, RequestDetail } from '@countersign/sdk';
import { Client as McpClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { type House, openHouse } from '../../gateway/src/cli/setup/house.ts';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';
import { eventually } from '../../gateway/testing/until.ts';

const SERVER = fileURLToPath(new URL('./server.mjs', import.meta.url));

export const PREVIEWS = `
        write_page: { call: read_page, with: { page: args.page }, show: diff, against: args.content, missing: there is nothing here }
        edit_page: { call: edit_page, with: { page: args.page, find: args.find, put: args.put, dryRun: true }, dry_run: dryRun }
        delete_rows: { call: count_rows, with: { table: '"rows of " + args.table' } }`;

const POLICY = `version: 1
rules:
  - { id: sessions, about: connecting is free, on: mcp, where: { class: session }, then: allow }
  - { id: reads, about: reading is free, on: mcp, where: { class: read }, when: mcp.args.page != "secret", then: allow }
  - { id: no-secret, about: no agent reads it, on: mcp, where: { resource: [read_page] }, when: mcp.args.page == "secret", then: deny }
  - { id: asks, about: changing asks, on: mcp, where: { class: [write, destructive] }, then: require, approve: [{ by: anyone, count: 2 }] }
`;

export type Setting = {
  readonly answers?: { readonly [tool: string]: string };
  /** Reads are not answered while it stands. */
  readonly waits?: boolean;
  readonly fail?: string;
  readonly fails_with?: string;
  readonly image?: string;
  readonly ask?: boolean;
  readonly drifted?: boolean;
};

type Line = {
  readonly call?: string;
  readonly args?: unknown;
  readonly started?: number;
  readonly answered?: string;
};

export type Place = Awaited<ReturnType<typeof openPlace>>;

export async function openPlace({
  previews = PREVIEWS,
  timeout_ms = 10_000,
  reads = ['read_page', 'count_rows'],
  server,
  limits = '',
  env = {},
  more = '',
}: {
  readonly previews?: string;
  readonly timeout_ms?: number;
  readonly reads?: readonly string[];
  /** Another one, as the configuration names it. */
  readonly server?: string;
  /** Of the upstream. */
  readonly limits?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Of the configuration. */
  readonly more?: string;
} = {}) {
  const dir = await mkdtemp(path.join(tmpdir(), 'countersign-previews-'));
  const key = makeCredential('agent');
  const port = await freePort();
  const config_file = path.join(dir, 'countersign.yaml');
  const set = async (setting: Setting): Promise<void> => {
    // Whole at once: the server reads it while it waits.
    await writeFile(path.join(dir, 'setting.new'), JSON.stringify(setting));
    await rename(path.join(dir, 'setting.new'), path.join(dir, 'setting.json'));
  };
  await set({});
  await writeFile(path.join(dir, 'journal'), '');
  await mkdir(path.join(dir, 'policy'));
  await writeFile(path.join(dir, 'policy', 'policy.yaml'), POLICY);
  const text = (previewed: string): string => `listen: { http: 127.0.0.1:${port} }
public_url: http://localhost:${port}
people:
  alice: { name: Alice, roles: [operator, reviewer] }
  bob: { name: Bob, roles: [reviewer] }
  carol: { name: Carol, roles: [reviewer] }
  eve: { name: Eve, roles: [auditor] }
agents:
  coder: { owner: alice, keys: ["${hashCredential(key)}"], hold_wait: 100ms }
upstreams:
  pages:
    env: dev
    mcp:
      ${server ?? `command: ${JSON.stringify([process.execPath, SERVER, dir])}`}
      ${limits === '' ? '' : `${limits}\n      `}preview_timeout_ms: ${timeout_ms}
      previews:${previewed === '' ? ' {}' : previewed}
${more}`;
  await writeFile(config_file, text(previews));
  const log: string[] = [];
  const say = (level: string) => (fields: object, message: string) =>
    void log.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const open = (): Promise<House> =>
    openHouse(config_file, { info: say('info'), warn: say('warn'), error: say('error') }, env);
  let house = await open();
  const operator = await house.signIn('alice');
  await acceptAll(operator, await connectAny(house.gateway.url, key), new Set(reads));
  const journal = async (): Promise<readonly Line[]> =>
    (await readFile(path.join(dir, 'journal'), 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  return {
    dir,
    key,
    log,
    set,
    journal,
    config_file,
    operator,
    house: () => house,
    signIn: (person: string): Promise<Client> => house.signIn(person),
    calls: async (): Promise<readonly Line[]> => (await journal()).filter(({ call }) => call !== undefined),
    /** The agent calls; answers the request it is held on. */
    async hold(name: string, args: { readonly [name: string]: unknown }): Promise<string> {
      const agent = await connectAny(house.gateway.url, key);
      try {
        const { _meta } = await agent.callTool({ name, arguments: args });
        const request = _meta?.['countersign/request'] as { readonly id: string } | undefined;
        if (request === undefined) throw new Error('it was not held');
        return request.id;
      } finally {
        await agent.close();
      }
    },
    async restart(meanwhile?: (write: (previews: string) => Promise<void>) => Promise<void>): Promise<void> {
      await house.gateway.close();
      await meanwhile?.((more) => writeFile(config_file, text(more)));
      house = await open();
    },
    async close(): Promise<void> {
      await house.gateway.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** An agent in whichever revision the upstream speaks. */
async function connectAny(url: string, key: string): Promise<McpClient> {
  const agent = new McpClient({ name: 'agent', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await agent.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp/pages`), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    }),
  );
  return agent;
}

async function acceptAll(operator: Client, agent: McpClient, reads: ReadonlySet<string>): Promise<void> {
  await agent.listTools();
  await agent.close();
  const { items } = await operator.tools.list();
  for (const { upstream, tool, pin } of items)
    await operator.tools.accept(upstream, tool, { pin, class: reads.has(tool) ? 'read' : 'destructive' });
}

/** Looks until there is a preview, or none for a reason. */
export async function previewed(client: Client, id: string, ready = isReady): Promise<RequestDetail> {
  let seen: Preview | undefined;
  return eventually(
    () => `a preview of ${id}; seen: ${JSON.stringify(seen)}`,
    async () => {
      const detail = await client.requests.show(id);
      seen = detail.preview;
      return ready(seen) ? detail : undefined;
    },
  );
}

const isReady = (preview: Preview | undefined): boolean =>
  preview !== undefined &&
  preview.state !== 'making' &&
  !(preview.state === 'none' && preview.why === 'nobody has looked yet');
