/** The files `init` writes: a configuration a person can read, and the starter policy with its tests. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type SafeTool, starterPolicy } from '../../policy/starter/starter.ts';
import { type AgentKey, keyLine } from '../setup/agent-key.ts';
import type { Answers, Person, Upstream } from './answers.ts';

export const CONFIG_FILE = 'countersign.yaml';

const quote = (text: string): string => JSON.stringify(text);

export function configText(
  { owner, reviewers, agent, upstreams, env }: Answers,
  key: AgentKey,
  /** By upstream, as {@link previewsText} writes them. */
  previews: ReadonlyMap<string, string> = new Map(),
): string {
  return `# Countersign. Every key is described in docs/configuration.md; secrets stand here as references only.
listen: { http: 127.0.0.1:7070 }
public_url: http://localhost:7070        # how people and agents reach the gateway
store: { sqlite: ./data }                # database, signing keys (0600) and the log
policy: ./policy

people:                                  # everyone who may sign in
${[personLine(owner, ['operator', 'reviewer']), ...reviewers.map((each) => personLine(each, ['reviewer']))].join('\n')}

groups:
  reviewers: [${[owner, ...reviewers].map(({ id }) => id).join(', ')}]

agents:
  ${agent}:
    owner: ${owner.id}                       # nobody reviews an action of an agent they own
    keys:
      - ${keyLine(key)}

${upstreams.length === 0 ? upstreamHint : `upstreams:\n${upstreams.map((each) => upstreamText(each, env, previews.get(each.id) ?? '')).join('\n')}`}
`;
}

const personLine = ({ id, name }: Person, roles: readonly string[]): string =>
  `  ${id}: { name: ${quote(name)}, roles: [${roles.join(', ')}] }`;

const upstreamHint = `# upstreams:
#   files: { mcp: { command: [node_modules/.bin/mcp-server-filesystem, ./shared], env: { PATH: env:PATH } }, env: dev }
#   github: { mcp: { url: https://mcp.example.com/mcp, bearer: env:GITHUB_MCP_TOKEN }, env: prod }`;

function upstreamText(upstream: Upstream, env: string, previews: string): string {
  const mcp =
    'url' in upstream
      ? `      url: ${quote(upstream.url)}\n      # bearer: env:${upstream.id.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_TOKEN`
      : `      command: ${JSON.stringify(upstream.command)}\n      env: { PATH: env:PATH }            # the whole environment of the process`;
  return `  ${upstream.id}:\n    env: ${env}\n    mcp:\n${mcp}${previews}`;
}

export async function writeConfig(dir: string, text: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  const file = path.join(dir, CONFIG_FILE);
  await writeFile(file, text, { flag: 'wx' });
  return file;
}

/** Writes or rewrites the starter policy; tests beside it. */
export async function writePolicy(dir: string, safeTools: readonly SafeTool[]): Promise<void> {
  const folder = path.join(dir, 'policy');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(starterPolicy({ safeTools, reviewers: 'group:reviewers' }))) {
    await writeFile(path.join(folder, name), text);
  }
}

/** Data must not be committed by accident, nor read by others. */
export async function guardData(dir: string): Promise<void> {
  const data = path.join(dir, 'data');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await chmod(data, 0o700);
  await writeFile(path.join(data, '.gitignore'), '*\n');
}
