/** The demo's world: a temporary folder with sample files, people, an agent and a policy. Everything in it is real. */
import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hashCredential, makeCredential } from '../../identity/credential.ts';

export type World = {
  readonly dir: string;
  /** What the MCP server may touch. */
  readonly files: string;
  readonly config_file: string;
  readonly key: string;
  readonly public_url: string;
};

export const OWNER = 'olivia';
export const REVIEWER = 'robin';
export const AGENT = 'release-bot';
export const UPSTREAM = 'files';

export const BEFORE = '{ "replicas": 3, "log_level": "info" }\n';
export const AFTER = '{ "replicas": 30, "log_level": "debug" }\n';

export async function makeWorld(port: number): Promise<World> {
  // The server compares real paths; on some systems the temporary folder is a link.
  const dir = await realpath(await mkdtemp(path.join(tmpdir(), 'countersign-demo-')));
  const files = path.join(dir, 'files');
  for (const folder of ['notes', 'config', 'secrets'])
    await mkdir(path.join(files, folder), { recursive: true });
  await writeFile(
    path.join(files, 'notes/release.md'),
    '# Release 42\n\nReady. Scale up before the launch.\n',
  );
  await writeFile(path.join(files, 'config/app.json'), BEFORE);
  await writeFile(
    path.join(files, 'secrets/prod.env'),
    `PAYMENTS_KEY=${['demo', 'not', 'a', 'key'].join('-')}\n`,
  );
  const key = makeCredential('agent');
  const public_url = `http://localhost:${port}`;
  const config_file = path.join(dir, 'countersign.yaml');
  await writeFile(config_file, configText({ port, public_url, files, key_hash: hashCredential(key) }));
  await mkdir(path.join(dir, 'policy'));
  await writeFile(path.join(dir, 'policy/policy.yaml'), policyText(files));
  return { dir, files, config_file, key, public_url };
}

type ConfigParts = {
  readonly port: number;
  readonly public_url: string;
  readonly files: string;
  readonly key_hash: string;
};

function configText({ port, public_url, files, key_hash }: ConfigParts): string {
  const server = createRequire(import.meta.url).resolve(
    '@modelcontextprotocol/server-filesystem/dist/index.js',
  );
  return `listen: { http: 127.0.0.1:${port} }
public_url: ${public_url}
store: { sqlite: ./data }
policy: ./policy
people:
  ${OWNER}: { name: Olivia (owns the agent), roles: [operator, reviewer] }
  ${REVIEWER}: { name: Robin (you), roles: [reviewer] }
agents:
  ${AGENT}: { owner: ${OWNER}, team: platform, keys: ["${key_hash}"] }
upstreams:
  ${UPSTREAM}:
    env: dev
    mcp: { command: ${JSON.stringify([process.execPath, server, files])} }
`;
}

const policyText = (
  files: string,
): string => `# The strictest rule that matches wins: deny, then require, then allow.
version: 1
rules:
  - id: open-sessions
    about: Agents may connect
    on: mcp
    where: { class: session }
    then: allow

  - id: read-notes
    about: Reading notes and configuration runs freely
    on: mcp
    where: { upstream: ${UPSTREAM}, class: read, resource: [read_text_file] }
    when: path_inside(mcp.args.path, "${files}/notes") || path_inside(mcp.args.path, "${files}/config")
    then: allow

  - id: no-secrets
    about: Nothing under secrets/ is read by an agent
    on: mcp
    where: { upstream: ${UPSTREAM}, resource: [read_text_file] }
    when: path_inside(mcp.args.path, "${files}/secrets")
    then: deny
    risk: critical

  - id: writes-ask
    about: Changing a file takes a person
    on: mcp
    where: { upstream: ${UPSTREAM}, class: [write, destructive] }
    then: require
    approve: [{ by: anyone }]
    within: 60m
    valid: 10m
    risk: high
    ask_reason: true
`;
