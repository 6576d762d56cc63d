/**
 * A whole gateway with a real MCP server behind it, an agent in front and three people, for tests that speak to it only
 * through the command line. It must never reach past the verbs: what they cannot do, these tests cannot do.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client as AgentClient } from '@modelcontextprotocol/client';
import { dispatch } from '../../gateway/src/cli/dispatch/dispatch.ts';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { openHouse, quietLog } from '../../gateway/src/cli/setup/house.ts';
import { acceptTools, connectAgent, listTools } from '../../gateway/src/cli/setup/tools.ts';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';
import type { Gateway } from '../../gateway/src/main.ts';
import { createTerminal, type Terminal } from '../../gateway/testing/terminal.ts';

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

export type CliHouse = {
  readonly gateway: Gateway;
  readonly url: string;
  readonly agent: AgentClient;
  /** What the gateway keeps: store, log and keys. */
  readonly data: string;
  /** A path below the shared folder, as the agent names it. */
  shared(name: string): string;
  /** Runs one command line as this person, without a terminal. */
  run(person: string, ...words: string[]): Promise<Ran>;
  /** The same with --json; what it answered, and that it went well. */
  json<T>(person: string, ...words: string[]): Promise<T>;
  /** Starts one at a terminal. */
  start(person: string, ...words: string[]): { readonly terminal: Terminal; readonly code: Promise<number> };
  env(person: string): NodeJS.ProcessEnv;
  /** A fresh one-time link, in a file. */
  link(person: string): Promise<string>;
  /** The agent asks to write a file; answers the request's id. */
  ask(name: string, content: string): Promise<string>;
  close(): Promise<void>;
};

/** With these people signed in. */
export async function openCliHouse(...signed_in: readonly string[]): Promise<CliHouse> {
  const dir = await realpath(await mkdtemp(path.join(tmpdir(), 'countersign-cli-')));
  const key = makeCredential('agent');
  const port = await freePort();
  const config_file = await writeHouse(dir, port, key);
  const house = await openHouse(
    config_file,
    quietLog((line) => process.stderr.write(`${line}\n`)),
    process.env,
  );
  const { gateway } = house;
  const url = `http://localhost:${port}`;
  const operator = await house.signIn('alice');
  await acceptTools(operator, await listTools(operator, { url, upstream: 'files', key }), READS);
  const agent = await connectAgent(url, 'files', key);
  const env = (person: string): NodeJS.ProcessEnv => ({
    XDG_CONFIG_HOME: path.join(dir, 'home', person),
    COUNTERSIGN_URL: url,
  });
  const shared = (name: string): string => path.join(dir, 'shared', name);
  const cli: CliHouse = {
    gateway,
    url,
    agent,
    env,
    data: path.join(dir, 'data'),
    shared,
    run: (person, ...words) => runWith({ tty: false, env: env(person), cwd: dir }, words),
    async json<T>(person: string, ...words: string[]) {
      const { code, out, err } = await cli.run(person, ...words, '--json');
      assert.equal(code, EXIT.ok, err);
      return JSON.parse(out) as T;
    },
    start(person, ...words) {
      const terminal = createTerminal({ env: env(person), cwd: dir });
      return { terminal, code: dispatch(words, terminal.io) };
    },
    async link(person) {
      const written = await gateway.links.write(person, 'test');
      if (written === undefined) throw new TypeError(`no link for ${person}`);
      return written.path;
    },
    async ask(name, content) {
      const answer = await agent.callTool({ name: 'write_file', arguments: { path: shared(name), content } });
      const held = answer._meta?.['countersign/request'] as { readonly id: string } | undefined;
      if (held === undefined) throw new TypeError(`not held: ${JSON.stringify(answer)}`);
      return held.id;
    },
    async close() {
      await agent.close();
      await gateway.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  for (const person of signed_in) {
    const { code, err } = await cli.run(person, 'login', '--link-file', await cli.link(person));
    assert.equal(code, EXIT.ok, err);
  }
  return cli;
}

export async function runWith(
  options: Parameters<typeof createTerminal>[0],
  words: readonly string[],
): Promise<Ran> {
  const terminal = createTerminal(options);
  const code = await dispatch(words, terminal.io);
  return { code, out: terminal.text, err: terminal.errors };
}

const READS = new Set(['read_text_file', 'list_directory']);

async function writeHouse(dir: string, port: number, key: string): Promise<string> {
  await mkdir(path.join(dir, 'shared'));
  await mkdir(path.join(dir, 'policy'));
  await writeFile(path.join(dir, 'policy', 'policy.yaml'), POLICY);
  const server = fileURLToPath(new URL('../../node_modules/.bin/mcp-server-filesystem', import.meta.url));
  const file = path.join(dir, 'countersign.yaml');
  const template = await readFile(new URL('testdata/countersign.yaml', import.meta.url), 'utf8');
  const text = template
    .replaceAll('PORT', String(port))
    .replace('KEY_HASH', hashCredential(key))
    .replace('SERVER', JSON.stringify(server));
  await writeFile(file, text);
  return file;
}

const POLICY = `version: 1
rules:
  - { id: sessions, about: connecting is free, on: mcp, where: { class: session }, then: allow }
  - { id: reads, about: reading is free, on: mcp, where: { class: read }, then: allow }
  - id: writes-ask
    about: Every write asks one reviewer
    on: mcp
    where: { class: [write, destructive] }
    then: require
    risk: medium
    approve: [{ by: anyone }]
`;
