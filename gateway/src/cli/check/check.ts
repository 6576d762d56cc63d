/** `countersign check`: everything wrong with the configuration and the policy, before a gateway runs on it. Changes nothing. */
import path from 'node:path';
import type { Directory } from '@countersign/core';
import { activeOperators } from '../../authority/operators.ts';
import { previewProblems } from '../../composition/previews.ts';
import { addressWarnings } from '../../config/address.ts';
import { keyAdvice } from '../../config/agents.ts';
import { type Config, loadConfig, policyPlace } from '../../config/config.ts';
import { scimAdvice } from '../../config/scim.ts';
import { ConfigError, formatProblem } from '../../config/source.ts';
import { ticketingAdvice } from '../../config/ticketing/ticketing.ts';
import { directoryFor } from '../../in-force/config.ts';
import { loadOptionsOf } from '../../in-force/policy.ts';
import { checkPolicy, type PolicyReport } from '../../policy/check.ts';
import { formatPolicyReport } from '../../policy/problems/report.ts';
import type { LoadOptions } from '../../policy/rules/options.ts';
import { readArguments } from '../dispatch/arguments.ts';
import { folded, hasColor, writeJson } from '../output.ts';
import { CONFIG_FILE } from '../serve.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';
import { hostProblems } from './host.ts';
import { type KeptHere, keptIn } from './kept.ts';

export const verb: Verb = {
  about: 'Check the configuration, the policy and its tests',
  usage: `countersign check [--config FILE] [--json]

Rules are checked against the tools accepted and the people provisioned in the store the configuration names, where there is one.
With policy.source: store, the policy it keeps is the one that is checked, once a gateway has started on it.
Exit code 1 when a gateway would refuse to start, or a test of the policy fails.
Advice, such as on plain HTTP beyond this machine, does not change it.
Whether secrets are set, only a gateway knows (serve says so).`,
  run: check,
};

type Report = {
  readonly config: readonly string[];
  /** Works, and is probably not meant. */
  readonly advice: readonly string[];
  /** How many people a change of these files takes, as far as they say. */
  readonly operators?: string;
  /** What of the tools' arguments rules were checked against. */
  readonly tools?: string;
  readonly policy?: PolicyReport;
};

async function check(args: readonly string[], io: Io): Promise<number> {
  const { values } = readArguments(args, {
    options: { config: { type: 'string' }, json: { type: 'boolean' } },
  });
  const file = path.resolve(io.cwd, values.config ?? CONFIG_FILE);
  const report = await reportOf(file);
  const bad = report.config.length > 0 || report.policy === undefined || report.policy.problems.length > 0;
  if (values.json === true) writeJson(io, { ok: !bad, ...report });
  else print(report, file, io);
  return bad ? EXIT.no : EXIT.ok;
}

async function reportOf(file: string): Promise<Report> {
  try {
    return await reportOn(loadConfig(file), file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: error.problems.map(formatProblem), advice: [] };
  }
}

async function reportOn(config: Config, file: string): Promise<Report> {
  const { source, folder: named } = policyPlace(config);
  const folder = path.resolve(path.dirname(file), named);
  const kept = await keptIn(config, file);
  const { pins, roster, tools, problem } = kept;
  const previews = previewProblems(config, file, pins);
  return {
    config: [
      ...hostProblems(config, file),
      ...(problem === undefined ? [] : [problem]),
      ...previews.always.map(formatProblem),
    ],
    advice: [
      ...addressWarnings(config),
      ...keyAdvice(config.agents, Date.now()),
      ...scimAdvice(config.scim, Date.now()),
      ...ticketingAdvice(config.ticketing, Date.now()),
      ...previews.now.map((problem) => `no preview will be made: ${formatProblem(problem)}`),
      ...(source === 'store' ? [keptText(kept)] : []),
    ],
    operators: operatorsText(directoryFor(config, roster, file)),
    tools,
    policy: checkPolicy(kept.policy ?? folder, optionsOf(config, kept)),
  };
}

/** Who a store that was not seen knows, nobody can say: then no name is a wrong one. */
function optionsOf(config: Config, { pins, roster, seen }: KeptHere): LoadOptions {
  const options = loadOptionsOf({ config, pins, roster });
  const { people, ...known } = options.known ?? {};
  return seen ? options : { ...options, known };
}

const keptText = ({ policy, seen }: KeptHere): string =>
  policy === undefined
    ? `policy: kept in the store, which ${seen ? 'does not have it yet' : 'was not seen'}; this folder is what the first start begins with, and counts for nothing after it`
    : 'policy: what the store keeps is what was checked; the folder counts for nothing any more';

/** A running gateway knows who else has ever been an operator; the files know who is one now. */
function operatorsText(directory: Directory): string {
  const count = activeOperators(directory).length;
  return count < 2
    ? `operators: ${count === 0 ? 'none here' : 'one'}; unless a second was ever active, no second person sees what is changed here`
    : `operators: ${count}; once a gateway has run with two, a change here is taken up only when two agree (countersign operators show)`;
}

function print({ config, advice, operators, tools, policy }: Report, file: string, io: Io): void {
  for (const problem of config) io.stdout.write(`${problem}\n`);
  const name = path.relative(io.cwd, file);
  for (const each of advice) io.stdout.write(`${folded(`advice: ${name}: ${each}`, io).join('\n')}\n`);
  if (config.length === 0) io.stdout.write(`${name}: no problem found\n`);
  for (const said of [operators, tools])
    if (said !== undefined) io.stdout.write(`${folded(`${name}: ${said}`, io).join('\n')}\n`);
  if (policy !== undefined) io.stdout.write(formatPolicyReport(policy, { color: hasColor(io) }));
}
