/**
 * A whole gateway on a folder that outlives it, with a real MCP server on loopback behind it whose journal says what
 * reached it: for tests that restart the gateway, change its files, and look at what the upstream saw.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client as AgentClient } from '@modelcontextprotocol/client';
import { type Fixture, startFixture } from '../../conformance/mcp/fixture/fixture.ts';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { type House, openHouse } from '../../gateway/src/cli/setup/house.ts';
import { acceptTools, connectAgent, listTools } from '../../gateway/src/cli/setup/tools.ts';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';

export const UPSTREAM_SECRET = ['upstream', 'bearer', 'for', 'tests', 'only'].join('-');

export type Yard = {
  readonly dir: string;
  readonly fixture: Fixture;
  readonly key: string;
  readonly log: string[];
  house: House;
  connect(): Promise<AgentClient>;
  /** Stops the gateway and starts it again on the same folder, which may change in between. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  writePolicy(text: string): Promise<void>;
  editConfig(edit: (text: string) => string): Promise<void>;
  close(): Promise<void>;
};

export const OPEN = `  - { id: sessions, about: connecting is free, on: mcp, where: { class: session }, then: allow }`;
export const ASKS = `version: 1
rules:
${OPEN}
  - { id: reads, about: reading is free, on: mcp, where: { class: read }, then: allow }
  - { id: writes-ask, about: writing asks, on: mcp, where: { class: [write, destructive] }, then: require, approve: [{ by: anyone }] }
`;

export async function openYard(): Promise<Yard> {
  const dir = await mkdtemp(path.join(tmpdir(), 'countersign-yard-'));
  const fixture = await startFixture({ bearer: UPSTREAM_SECRET });
  const key = makeCredential('agent');
  const port = await freePort();
  const config_file = path.join(dir, 'countersign.yaml');
  await mkdir(path.join(dir, 'policy'));
  await writeFile(path.join(dir, 'policy', 'policy.yaml'), ASKS);
  await writeFile(config_file, configText(port, hashCredential(key), fixture.url));
  const log: string[] = [];
  const say = (level: string) => (fields: object, message: string) =>
    void log.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const open = (): Promise<House> =>
    openHouse(
      config_file,
      { info: say('info'), warn: say('warn'), error: say('error') },
      { UPSTREAM_TOKEN: UPSTREAM_SECRET },
    );
  const yard: Yard = {
    dir,
    fixture,
    key,
    log,
    house: await open(),
    connect: () => connectAgent(yard.house.gateway.url, 'tools', key),
    async restart(meanwhile) {
      await yard.house.gateway.close();
      await meanwhile?.();
      yard.house = await open();
    },
    writePolicy: (text) => writeFile(path.join(dir, 'policy', 'policy.yaml'), text),
    editConfig: async (edit) => writeFile(config_file, edit(await readFile(config_file, 'utf8'))),
    async close() {
      await yard.house.gateway.close();
      await fixture.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  const operator = await yard.house.signIn('alice');
  const tools = await listTools(operator, { url: yard.house.gateway.url, upstream: 'tools', key });
  await acceptTools(operator, tools, new Set(['test_image_content']));
  return yard;
}

const configText = (port: number, hash: string, url: string): string => `listen: { http: 127.0.0.1:${port} }
public_url: http://localhost:${port}
people:
  alice: { name: Alice, roles: [operator, reviewer] }
  bob: { name: Bob, roles: [reviewer] }
agents:
  coder: { owner: alice, keys: ["${hash}"], hold_wait: 300ms }
upstreams:
  tools: { env: prod, mcp: { url: "${url}", bearer: env:UPSTREAM_TOKEN } }
`;

/** A tool of the fixture that asks people, as these tests accept and govern it. */
export const HELD = 'test_simple_text';

/** The agent calls it; answers the request it is held on, or undefined when the call ran or was refused. */
export async function callHeld(yard: Yard): Promise<string | undefined> {
  const agent = await yard.connect();
  try {
    const { _meta } = await agent.callTool({ name: HELD, arguments: {} });
    const request = _meta?.['countersign/request'] as
      | { readonly id: string; readonly status: string }
      | undefined;
    return request?.status === 'pending' ? request.id : undefined;
  } finally {
    await agent.close();
  }
}

/** How often a tool reached the upstream. */
export const ranOf = ({ fixture }: Yard, name: string = HELD): number =>
  fixture.journal.count({ method: 'tools/call', name });
