/**
 * `countersign init`: a configuration, a starter policy, the upstreams' tools pinned as they are now, an agent's key
 * and sign-in links. It runs the gateway itself for a moment, so what it pins and records is what will be enforced.
 */
import { access, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { escapeTerminal } from '@countersign/core';
import { likelySpelling } from '../../config/spelling.ts';
import { KEY_DAYS, makeAgentKey } from '../setup/agent-key.ts';
import { claudeCommand, clientJson } from '../setup/clients.ts';
import { type House, openHouseAnywhere, quietLog } from '../setup/house.ts';
import { acceptTools, type ListedTool, listTools } from '../setup/tools.ts';
import { COMMAND, EXIT, type Io, UsageError, type Verb } from '../verb.ts';
import { type Answers, readAnswers } from './answers.ts';
import { CONFIG_FILE, configText, guardData, writeConfig, writePolicy } from './files.ts';
import { previewsText, suggestPreviews } from './previews.ts';

export const verb: Verb = {
  about: 'Set up a gateway in this folder',
  usage: `countersign init [DIR] [--owner ID[=NAME]] [--reviewer ID[=NAME]]... [--agent ID]
                 [--upstream NAME=URL | NAME='COMMAND ARGS']... [--env ENV]
                 [--safe UPSTREAM:TOOL]... [--safe-by-hints]

  --owner          owns the agent and operates the gateway
  --reviewer       reviews what the agent asks for; must be somebody else
  --upstream       an MCP server, by URL or as a command the gateway starts
  --safe           a tool that may run without a review
  --safe-by-hints  take the servers' own word for which tools only read

Asks for what is not given when run at a terminal.`,
  run: init,
};

async function init(args: readonly string[], io: Io): Promise<number> {
  const answers = await readAnswers(args, io);
  const dir = path.resolve(io.cwd, answers.dir);
  // A policy somebody wrote, or a log with keys, is worth more than a quick start.
  const [taken] = (await setUpFiles(dir)).filter(({ there }) => there);
  if (taken !== undefined) {
    io.stderr.write(
      `${taken.file} is already there; init changes nothing. Edit it, then run: ${COMMAND} check\n`,
    );
    return EXIT.no;
  }
  try {
    await setUp(answers, dir, io);
  } catch (error) {
    // Half a set-up is in the way of the next try, and the key in it was never shown.
    for (const { file } of await setUpFiles(dir)) await rm(file, { recursive: true, force: true });
    throw error;
  }
  return EXIT.ok;
}

/** What `init` makes, and which of it is there already. */
function setUpFiles(dir: string): Promise<readonly { readonly file: string; readonly there: boolean }[]> {
  const files = [CONFIG_FILE, 'policy', 'data'].map((name) => path.join(dir, name));
  return Promise.all(files.map(async (file) => ({ file, there: await exists(file) })));
}

async function setUp(answers: Answers, dir: string, io: Io): Promise<void> {
  const made = makeAgentKey(Date.now(), KEY_DAYS);
  const { key } = made;
  const config_file = await writeConfig(dir, configText(answers, made));
  const previews = new Map<string, string>();
  await writePolicy(dir, []);
  await guardData(dir);
  const said: string[] = [];
  const log = quietLog((line) => io.stderr.write(`${line}\n`));
  const house = await openHouseAnywhere(
    config_file,
    { ...log, info: (fields) => said.push(...lineOf(fields)) },
    io.env,
  );
  try {
    await pinTools({ house, answers, key, dir, said, previews }, io);
    const links = await signInLinks(house, answers);
    io.stdout.write(summary({ answers, dir, key, links, cwd: io.cwd }));
  } finally {
    await house.gateway.close();
  }
  // Once nothing runs on the file any more: this is what the first real start begins with.
  if (previews.size > 0) await writeFile(config_file, configText(answers, made, previews));
}

/** What a server started by the gateway wrote to stderr: it usually says why it did not start. */
const lineOf = (fields: object): readonly string[] =>
  'line' in fields && typeof fields.line === 'string' ? [fields.line] : [];

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

type Setting = {
  readonly house: House;
  readonly answers: Answers;
  readonly key: string;
  readonly dir: string;
  readonly said: readonly string[];
  /** What the tools make possible, by upstream; filled here. */
  readonly previews: Map<string, string>;
};

async function pinTools({ house, answers, key, dir, said, previews }: Setting, io: Io): Promise<void> {
  if (answers.upstreams.length === 0) return;
  const operator = await house.signIn(answers.owner.id);
  const safeTools: { upstream: string; tool: string }[] = [];
  for (const { id } of answers.upstreams) {
    io.stdout.write(`Asking ${id} for its tools…\n`);
    const at = { url: house.gateway.url, upstream: id, key };
    const tools = await listTools(operator, at).catch((error: unknown) => {
      throw new UpstreamUnusable(id, error, said);
    });
    const safe = await chooseSafe(tools, answers, io);
    await acceptTools(operator, tools, safe);
    const suggested = suggestPreviews(tools, safe);
    if (suggested.length > 0) previews.set(id, previewsText(suggested));
    safeTools.push(...[...safe].map((tool) => ({ upstream: id, tool })));
    io.stdout.write(
      `  ${tools.length} tools pinned; ${safe.size} may run freely, the rest ask a reviewer.\n`,
    );
    for (const { tool, trusted } of suggested)
      if (trusted)
        io.stdout.write(`  Reviewers will see what ${tool} would change: previews in ${CONFIG_FILE}.\n`);
  }
  await operator.signOut();
  await writePolicy(dir, safeTools);
}

/** A plain `Error` for the exit code: the upstream is at fault, not this program. */
class UpstreamUnusable extends Error {
  constructor(id: string, cause: unknown, said: readonly string[]) {
    const text = cause instanceof Error ? cause.message : String(cause);
    // The client wraps the gateway's sentence in the JSON it came in.
    const why = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text;
    const trouble =
      said.length === 0
        ? why
        : `its server did not start as it should. It printed: ${said.slice(-3).join(' | ')}.`;
    super(`upstream ${id}: ${trouble} Nothing was set up; mend it and run init again.`);
  }
}

async function chooseSafe(
  tools: readonly ListedTool[],
  answers: Answers,
  io: Io,
): Promise<ReadonlySet<string>> {
  const hinted = tools.filter((tool) => tool.says_read_only).map((tool) => tool.tool);
  if (answers.safe !== undefined) {
    refuseUnknown(answers.safe, tools);
    return new Set(
      tools
        .filter((tool) => answers.safe?.includes(`${tool.upstream}:${tool.tool}`))
        .map((tool) => tool.tool),
    );
  }
  if (answers.safe_by_hints) return new Set(hinted);
  for (const tool of tools) {
    const says = tool.says_read_only
      ? 'says it only reads'
      : tool.says_destructive
        ? 'may destroy'
        : 'writes';
    io.stdout.write(`  ${escapeTerminal(tool.tool).padEnd(28)} ${says}\n`);
  }
  const lines = createInterface({ input: io.stdin, output: io.stdout });
  const answer = (
    await lines.question(
      'Which may run without a review? [enter: those that say they only read; none; or names]: ',
    )
  ).trim();
  lines.close();
  if (answer === '') return new Set(hinted);
  const named = new Set(answer.split(/[\s,]+/));
  return new Set(tools.map((tool) => tool.tool).filter((tool) => named.has(tool)));
}

/** A name misspelt would quietly leave its tool asking; only what this upstream should have is judged here. */
function refuseUnknown(safe: readonly string[], tools: readonly ListedTool[]): void {
  const known = tools.map(({ upstream, tool }) => `${upstream}:${tool}`);
  const missing = safe.find(
    (each) => !known.includes(each) && tools.some(({ upstream }) => each.startsWith(`${upstream}:`)),
  );
  if (missing === undefined) return;
  const near = likelySpelling(missing, known);
  const mend = near === undefined ? `it has: ${known.join(', ')}` : `did you mean ${near}?`;
  throw new UsageError(`--safe ${missing}: the upstream has no such tool; ${mend} Nothing was set up.`);
}

async function signInLinks({ gateway }: House, { owner, reviewers }: Answers): Promise<readonly string[]> {
  const links: string[] = [];
  for (const { id } of [owner, ...reviewers]) {
    const link = await gateway.links.write(id, owner.id);
    if (link !== undefined) links.push(`  ${id}: ${link.path}`);
  }
  return links;
}

type Summary = {
  readonly answers: Answers;
  readonly dir: string;
  readonly key: string;
  readonly links: readonly string[];
  readonly cwd: string;
};

function summary({ answers, dir, key, links, cwd }: Summary): string {
  const inside = path.relative(cwd, dir) || '.';
  const [first] = answers.upstreams;
  const setup = first === undefined ? undefined : { url: 'http://localhost:7070', upstream: first.id, key };
  return [
    '',
    `Written to ${inside}: ${CONFIG_FILE}, policy/, data/`,
    '',
    `The key of agent “${answers.agent}”, shown this once; it expires in ${KEY_DAYS} days:`,
    `  ${key}`,
    ...(setup === undefined
      ? []
      : [
          '',
          'Point Claude Code at it:',
          `  ${claudeCommand(setup)}`,
          'Or any other MCP client:',
          indent(clientJson(setup)),
        ]),
    '',
    'Sign-in links, one use, ten minutes (each file is readable by this user only):',
    ...links,
    '',
    ...(answers.reviewers.length > 0
      ? []
      : [
          `There is no reviewer but ${answers.owner.id}, and nobody reviews their own agent: every action that needs a review`,
          'will be refused at once. Add another person under people to let privileged actions run.',
          '',
        ]),
    `Next: ${inside === '.' ? '' : `cd ${inside} && `}${COMMAND} serve`,
    '',
  ].join('\n');
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
