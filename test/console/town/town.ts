/**
 * A small company with a gateway: people, agents, policy and upstreams as they would be, and a past made by acting, not
 * by writing rows. For the console's tests and pictures, and to look at while working on it (`npm run town`).
 */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, createClient } from '@countersign/sdk';
import type { Client as AgentClient, CallToolResult } from '@modelcontextprotocol/client';
import { freePort } from '../../../gateway/src/cli/setup/free-port.ts';
import { type House, openHouse } from '../../../gateway/src/cli/setup/house.ts';
import { acceptTools, connectAgent, listTools } from '../../../gateway/src/cli/setup/tools.ts';
import { hashCredential, makeCredential } from '../../../gateway/src/identity/credential.ts';
import { configText, POLICY, TESTS } from './files.ts';
import { SERVERS, startUpstream, type Upstream } from './upstreams.ts';

export const AGENTS = ['release-bot', 'support-bot', 'data-bot'] as const;
export type AgentName = (typeof AGENTS)[number];

export type Call = {
  readonly agent: AgentName;
  readonly upstream: string;
  readonly tool: string;
  readonly args?: Record<string, unknown>;
};

export type Town = {
  readonly dir: string;
  readonly url: string;
  readonly house: House;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly log: readonly string[];
  /** A client of this person's own, past the limit of attempts to sign in. */
  person(id: string): Promise<Client>;
  /** A one-time link that signs a browser in. */
  link(person: string): Promise<string>;
  call(call: Call): Promise<CallToolResult>;
  /** Calls, and answers the id of the request it is held in. @throws when it was not held */
  hold(call: Call): Promise<string>;
  close(): Promise<void>;
};

export type TownPlan = {
  /** Instead of the town's own. */
  readonly policy?: string;
};

export async function openTown({ policy = POLICY }: TownPlan = {}): Promise<Town> {
  const dir = await mkdtemp(path.join(tmpdir(), 'countersign-town-'));
  const upstreams = new Map<string, Upstream>();
  for (const [name, tools] of Object.entries(SERVERS)) upstreams.set(name, await startUpstream(name, tools));
  const keys = new Map(AGENTS.map((agent) => [agent, makeCredential('agent')]));
  const port = await freePort();
  const config_file = path.join(dir, 'countersign.yaml');
  await mkdir(path.join(dir, 'policy'));
  await writeFile(path.join(dir, 'policy', 'policy.yaml'), policy);
  await writeFile(path.join(dir, 'policy', 'policy.test.yaml'), TESTS);
  await writeFile(config_file, configText({ port, keys, upstreams, hash: hashCredential }));
  const log: string[] = [];
  const say = (level: string) => (fields: object, message: string) =>
    void log.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const house = await openHouse(
    config_file,
    { info: say('info'), warn: say('warn'), error: say('error') },
    {},
  );
  const url = `http://localhost:${port}`;
  const clients = new Map<string, Promise<AgentClient>>();
  const clientOf = (agent: AgentName, upstream: string): Promise<AgentClient> => {
    const id = `${agent} ${upstream}`;
    const found = clients.get(id) ?? connectAgent(url, upstream, keys.get(agent) ?? '');
    clients.set(id, found);
    return found;
  };
  await acceptAll(await house.signIn('olivia'), await house.signIn('omar'), {
    url,
    key: keys.get('release-bot') ?? '',
  });
  const call = async ({ agent, upstream, tool, args = {} }: Call): Promise<CallToolResult> =>
    (await (await clientOf(agent, upstream)).callTool({ name: tool, arguments: args })) as CallToolResult;
  return {
    dir,
    url,
    house,
    upstreams,
    log,
    async person(id) {
      const { sessions } = house.gateway;
      const signedIn = await sessions.signIn(await sessions.issueCode(id), 'cli');
      assert.ok(signedIn, `${id} could not sign in`);
      return createClient({ url, token: signedIn.token });
    },
    link: async (person) => `${url}/sign-in#${await house.gateway.sessions.issueCode(person)}`,
    call,
    async hold(given) {
      const { _meta, content } = await call(given);
      const request = _meta?.['countersign/request'] as { readonly id: string } | undefined;
      if (request === undefined) throw new Error(`${given.tool} was not held: ${JSON.stringify(content)}`);
      return request.id;
    },
    async close() {
      for (const client of clients.values()) await (await client).close();
      await house.gateway.close();
      for (const upstream of upstreams.values()) await upstream.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** One operator asks, another agrees: there are two, so it takes two. */
async function acceptAll(
  asks: Client,
  agrees: Client,
  at: { readonly url: string; readonly key: string },
): Promise<void> {
  for (const [upstream, tools] of Object.entries(SERVERS)) {
    const reads = Object.keys(tools).filter((tool) => tools[tool]?.kind === 'read');
    const listed = await listTools(asks, { ...at, upstream });
    await acceptTools(asks, listed, new Set(reads));
  }
  const { items } = await agrees.requests.list({ status: 'pending', limit: 100 });
  for (const { id } of items) {
    const { action_digest, rendered_digest } = await agrees.requests.show(id);
    await agrees.requests.review(id, { decision: 'approved', action_digest, rendered_digest });
  }
}
