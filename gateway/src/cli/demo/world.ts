/** The demo's world: a temporary folder with sample files, people, an agent and a policy. Everything in it is real. */
import { access, mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hashCredential, makeCredential } from '../../identity/credential.ts';
import type { DemoProvider } from './provider.ts';
import { REVIEWERS_GROUP, STAFF_GROUP } from './provider-page.ts';

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
/** Has a passkey from the first day, or nothing that wants one could be asked for: it would be refused at once. */
export const KEYHOLDER = 'sam';
export const AGENT = 'release-bot';
export const UPSTREAM = 'files';
/** As the gateway knows the provider. */
export const PROVIDER = 'demo';
export const NOTE = 'notes/release.md';
export const TRASHED = 'trash/release.md';

export const BEFORE = '{ "replicas": 3, "log_level": "info" }\n';
export const AFTER = '{ "replicas": 30, "log_level": "debug" }\n';

export const urlAt = (port: number): string => `http://localhost:${port}`;
export const callbackAt = (public_url: string): string => `${public_url}/sign-in/${PROVIDER}/callback`;

export const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

export type Founding = {
  readonly port: number;
  readonly public_url: string;
  readonly provider: DemoProvider;
  /** The part of the configuration that says where requests are shown, when it is somebody's own. */
  readonly channels?: unknown;
};

export async function makeWorld(founding: Founding): Promise<World> {
  const { public_url, provider } = founding;
  // The server compares real paths; on some systems the temporary folder is a link.
  const dir = await realpath(await mkdtemp(path.join(tmpdir(), 'countersign-demo-')));
  const files = path.join(dir, 'files');
  for (const folder of ['notes', 'config', 'secrets', 'trash'])
    await mkdir(path.join(files, folder), { recursive: true });
  await writeFile(path.join(files, NOTE), '# Release 42\n\nReady. Scale up before the launch.\n');
  await writeFile(path.join(files, 'config/app.json'), BEFORE);
  await writeFile(
    path.join(files, 'secrets/prod.env'),
    `PAYMENTS_KEY=${['demo', 'not', 'a', 'key'].join('-')}\n`,
  );
  const key = makeCredential('agent');
  const config_file = path.join(dir, 'countersign.yaml');
  await writeFile(path.join(dir, 'provider-secret'), provider.client_secret, { mode: 0o600 });
  await writeFile(config_file, configText({ ...founding, files, key_hash: hashCredential(key) }));
  await mkdir(path.join(dir, 'policy'));
  await writeFile(path.join(dir, 'policy/policy.yaml'), policyText(files));
  return { dir, files, config_file, key, public_url };
}

type ConfigParts = Founding & { readonly files: string; readonly key_hash: string };

function configText({ port, public_url, files, key_hash, provider, channels }: ConfigParts): string {
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
  ${KEYHOLDER}: { name: Sam (away), roles: [reviewer] }
groups:
  ${REVIEWERS_GROUP}: [${REVIEWER}, ${KEYHOLDER}]
sign_in:
  oidc:
    ${PROVIDER}:
      name: the demo’s provider
      issuer: ${provider.issuer}
      client_id: ${provider.client_id}
      client_secret: file:./provider-secret
      scopes: [openid, profile]
      create: true
      groups: { ${REVIEWERS_GROUP}: ${REVIEWERS_GROUP} }
      roles: { reviewer: [${STAFF_GROUP}] }
agents:
  ${AGENT}: { owner: ${OWNER}, team: platform, keys: ["${key_hash}"] }
upstreams:
  ${UPSTREAM}:
    env: dev
    mcp:
      command: ${JSON.stringify([process.execPath, server, files])}
      previews:                           # what reviewers see a held call would change
        write_file: { call: read_text_file, with: { path: args.path }, show: diff, against: args.content, missing: ENOENT }
        edit_file: { call: edit_file, with: { path: args.path, edits: args.edits, dryRun: true }, dry_run: dryRun, show: patch }
${channels === undefined ? '' : `channels: ${JSON.stringify(channels)}\n`}`;
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
    where: { upstream: ${UPSTREAM}, resource: [write_file, edit_file, create_directory] }
    then: require
    approve: [{ by: anyone }]
    within: 60m
    valid: 10m
    risk: high
    ask_reason: true

  - id: removals-are-signed
    about: Taking a file away is signed by a reviewer, with a passkey
    on: mcp
    where: { upstream: ${UPSTREAM}, resource: [move_file] }
    then: require
    approve: [{ by: "group:${REVIEWERS_GROUP}", proof: passkey }]
    within: 60m
    valid: 10m
    risk: high
    ask_reason: true
`;
