/** `countersign check`: everything wrong with the configuration and the policy, before a gateway runs on it. Changes nothing. */
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { activeOperators } from '../authority/operators.ts';
import { previewProblems } from '../composition/previews.ts';
import { addressWarnings } from '../config/address.ts';
import { keyAdvice } from '../config/agents.ts';
import { type Config, loadConfig, policyPlace } from '../config/config.ts';
import { scimAdvice } from '../config/scim.ts';
import { ConfigError, formatProblem } from '../config/source.ts';
import { ticketingAdvice } from '../config/ticketing/ticketing.ts';
import { createDirectory } from '../identity/directory.ts';
import { EMPTY_ROSTER } from '../identity/roster/roster.ts';
import { loadOptionsOf } from '../in-force/policy.ts';
import { checkPolicy, type PolicyReport } from '../policy/check.ts';
import { formatPolicyReport } from '../policy/problems/report.ts';
import { isStdio } from '../protocols/mcp/config.ts';
import { resolveUser, UnknownUser } from '../protocols/mcp/upstream/user.ts';
import { readArguments } from './dispatch/arguments.ts';
import { folded, hasColor, writeJson } from './output.ts';
import { CONFIG_FILE } from './serve.ts';
import { EXIT, type Io, type Verb } from './verb.ts';

export const verb: Verb = {
  about: 'Check the configuration, the policy and its tests',
  usage: `countersign check [--config FILE] [--json]

Exit code 1 when a gateway would refuse to start, or a test of the policy fails.
Advice, such as on plain HTTP beyond this machine, does not change it.
Two things only a gateway knows: whether secrets are set (serve says so), and the arguments of its tools, which rules
may misspell (countersign policy simulate --draft FOLDER says so).`,
  run: check,
};

type Report = {
  readonly config: readonly string[];
  /** Works, and is probably not meant. */
  readonly advice: readonly string[];
  /** How many people a change of these files takes, as far as they say. */
  readonly operators?: string;
  readonly policy?: PolicyReport;
};

async function check(args: readonly string[], io: Io): Promise<number> {
  const { values } = readArguments(args, {
    options: { config: { type: 'string' }, json: { type: 'boolean' } },
  });
  const file = path.resolve(io.cwd, values.config ?? CONFIG_FILE);
  const report = reportOf(file);
  const bad = report.config.length > 0 || report.policy === undefined || report.policy.problems.length > 0;
  if (values.json === true) writeJson(io, { ok: !bad, ...report });
  else print(report, file, io);
  return bad ? EXIT.no : EXIT.ok;
}

function reportOf(file: string): Report {
  let config: Config;
  try {
    config = loadConfig(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: error.problems.map(formatProblem), advice: [] };
  }
  const { source, folder: named } = policyPlace(config);
  const folder = path.resolve(path.dirname(file), named);
  // Tools' schemas are known to a running gateway only: here their arguments are of any type.
  return {
    config: [
      ...hostProblems(config, file),
      ...previewProblems(config, file, new Map()).always.map(formatProblem),
    ],
    advice: [
      ...addressWarnings(config),
      ...keyAdvice(config.agents, Date.now()),
      ...scimAdvice(config.scim, Date.now()),
      ...ticketingAdvice(config.ticketing, Date.now()),
      ...(source === 'store' ? [KEPT] : []),
    ],
    operators: operatorsText(config),
    policy: checkPolicy(folder, loadOptionsOf({ config, pins: new Map(), roster: EMPTY_ROSTER })),
  };
}

const KEPT =
  'policy: kept in the store; this folder is what the first start begins with, and counts for nothing after it';

/** A running gateway knows who else has ever been an operator; the files know who is one now. */
function operatorsText(config: Config): string {
  const count = activeOperators(createDirectory(config, EMPTY_ROSTER)).length;
  return count < 2
    ? `operators: ${count === 0 ? 'none here' : 'one'}; unless a second was ever active, no second person sees what is changed here`
    : `operators: ${count}; once a gateway has run with two, a change here is taken up only when two agree (countersign operators show)`;
}

function print({ config, advice, operators, policy }: Report, file: string, io: Io): void {
  for (const problem of config) io.stdout.write(`${problem}\n`);
  const name = path.relative(io.cwd, file);
  for (const each of advice) io.stdout.write(`${folded(`advice: ${name}: ${each}`, io).join('\n')}\n`);
  if (config.length === 0) io.stdout.write(`${name}: no problem found\n`);
  if (operators !== undefined) io.stdout.write(`${folded(`${name}: ${operators}`, io).join('\n')}\n`);
  if (policy !== undefined) io.stdout.write(formatPolicyReport(policy, { color: hasColor(io) }));
}

/** What would let an upstream's process undo the gateway: a user that can write what the gateway trusts (DESIGN §8). */
function hostProblems(config: Config, file: string): readonly string[] {
  const base = path.dirname(file);
  const trusted = [
    file,
    path.resolve(base, policyPlace(config).folder),
    path.resolve(base, config.store.sqlite),
  ];
  return Object.entries(config.upstreams).flatMap(([id, { mcp }]) => {
    if (!isStdio(mcp)) return [];
    const { run_as } = mcp;
    if (run_as === undefined) return [];
    const key = `upstreams.${id}.mcp.run_as`;
    try {
      const user = resolveUser(run_as);
      return trusted
        .filter((each) => mayWrite(each, user))
        .map((each) => `${key}: ${run_as} can write ${each}; change its owner or mode`);
    } catch (error) {
      if (!(error instanceof UnknownUser)) throw error;
      return [`upstreams.${id}.mcp.${error.message}`];
    }
  });
}

function mayWrite(place: string, { uid, gid }: { readonly uid: number; readonly gid: number }): boolean {
  try {
    accessSync(place, constants.F_OK);
  } catch {
    // Not there yet: whoever may write the folder may make it.
    return place !== path.dirname(place) && mayWrite(path.dirname(place), { uid, gid });
  }
  const { uid: owner, gid: group, mode } = statSync(place);
  if (uid === 0) return true;
  if (uid === owner) return (mode & 0o200) !== 0;
  return gid === group ? (mode & 0o020) !== 0 : (mode & 0o002) !== 0;
}
