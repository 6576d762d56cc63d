/**
 * Decisions a second of the policy engine, at 100 and 1,000 rules, against a naive engine in the same run: the same
 * rules and the same CEL library, every rule's scope compared and condition evaluated in turn, one `evaluate` each.
 * Run: npm run bench policy
 */
import { readFileSync } from 'node:fs';
import type { Evaluation } from '@countersign/core';
import { runningEnvironment } from '../gateway/src/policy/cel/environment.ts';
import { type LoadedPolicy, loadPolicy } from '../gateway/src/policy/load.ts';
import type { BindingSchema } from '../gateway/src/policy/policy.ts';
import { patternFits, type Rule } from '../gateway/src/policy/rules/rule.ts';
import { type Bench, type GoalId, type Measured, runAlone, shown } from './goals.ts';

const mcp = JSON.parse(
  readFileSync(new URL('../conformance/vectors/policy/bindings/mcp.json', import.meta.url), 'utf8'),
) as BindingSchema;

const UPSTREAMS = 10;
const TOOLS = 20;
const CONDITIONS = [
  'mcp.args.amount > 1000',
  'mcp.args.path.startsWith("/srv/") && mcp.args.force == false',
  'mcp.tool in ["tool-1", "tool-2", "tool-3"] && mcp.arg_bytes < 10000',
  'mcp.args.ids.exists(id, id == "x")',
];

/** Of twenty rules fourteen pin a tool, five a class and environment, and one is asked about every call. */
function ruleText(at: number, shape: Shape): string {
  const kind = shape === 'unscoped' ? 19 : at % 20;
  const tool = `{ upstream: up-${at % UPSTREAMS}, resource: [tool-${at % TOOLS}, "list_${at}_*"] }`;
  const where =
    kind < 14 ? `where: ${tool}, ` : kind < 19 ? `where: { class: write, env: env-${at % 5} }, ` : '';
  const then = at % 3 === 0 ? 'require, approve: [{ by: anyone }]' : at % 3 === 1 ? 'allow' : 'deny';
  return `  - { id: rule-${at}, on: mcp, ${where}when: '${CONDITIONS[at % CONDITIONS.length]}', then: ${then} }\n`;
}

type Shape = 'mixed' | 'unscoped';

function makePolicy(rules: number, shape: Shape): LoadedPolicy {
  const text = `version: 1\nrules:\n${Array.from({ length: rules }, (_, at) => ruleText(at, shape)).join('')}`;
  const loaded = loadPolicy([{ path: 'bench.yaml', text }], { bindings: [mcp] });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems[0]));
  return loaded.policy;
}

function makeEvaluation(at: number): Evaluation {
  const [upstream, tool] = [`up-${at % UPSTREAMS}`, `tool-${(at * 7) % TOOLS}`];
  return {
    tenant: 'bench',
    subject: { type: 'agent', id: `agent-${at % 50}` },
    action: { name: 'tools/call' },
    resource: { type: 'tool', id: tool, properties: {} },
    context: {},
    facts: {
      binding: 'mcp',
      confidence: 'exact',
      scope: {
        env: `env-${at % 5}`,
        class: at % 2 === 0 ? 'write' : 'read',
        agent: `agent-${at % 50}`,
        team: 'core',
        resource: tool,
        upstream,
      },
      values: {
        method: 'tools/call',
        tool,
        arg_bytes: 350,
        args: { amount: at * 10, path: `/srv/data/${at}`, force: false, ids: ['a', 'b', `c${at}`] },
      },
    },
  };
}

/** What one writes first: no index, no compiled conditions kept apart, every rule in turn. */
function naiveEngine(policy: LoadedPolicy): (evaluation: Evaluation) => number {
  const environment = runningEnvironment('mcp');
  const holds = (rule: Rule, { facts }: Evaluation): boolean => {
    for (const [key, patterns] of Object.entries(rule.where)) {
      const value = facts.scope[key as keyof typeof facts.scope];
      if (!patterns.some((pattern) => patternFits(pattern, value))) return false;
    }
    try {
      return (
        rule.condition === undefined ||
        environment.evaluate(rule.condition.text, { ...facts.scope, mcp: facts.values }) === true
      );
    } catch {
      return rule.then !== 'allow';
    }
  };
  return (evaluation) => policy.rules.filter((rule) => holds(rule, evaluation)).length;
}

const evaluations = Array.from({ length: 256 }, (_, at) => makeEvaluation(at));

function perSecond(run: (evaluation: Evaluation) => unknown, for_ms: number): number {
  for (const each of evaluations) run(each);
  let count = 0;
  const start = performance.now();
  while (performance.now() - start < for_ms) {
    for (const each of evaluations) run(each);
    count += evaluations.length;
  }
  return Math.round((count * 1000) / (performance.now() - start));
}

const TARGETS: readonly { readonly rules: number; readonly shape: Shape; readonly goal?: GoalId }[] = [
  { rules: 100, shape: 'mixed', goal: 'policy_100' },
  { rules: 1_000, shape: 'mixed', goal: 'policy_1000' },
  // No scope to index by: every condition runs. Reported, not promised.
  { rules: 100, shape: 'unscoped' },
  { rules: 1_000, shape: 'unscoped' },
];

export const bench: Bench = async ({ quick }) => {
  const [ours_ms, naive_ms] = quick ? [20, 20] : [1_500, 700];
  const measured: Measured[] = [];
  const also: [string, string][] = [];
  for (const { rules, shape, goal } of TARGETS) {
    const started = performance.now();
    const policy = makePolicy(rules, shape);
    const load_ms = performance.now() - started;
    const per_s = perSecond((evaluation) => policy.decide(evaluation), ours_ms);
    const naive_per_s = perSecond(naiveEngine(policy), naive_ms);
    const baseline = { name: 'naive engine', value: naive_per_s, unit: '/s' };
    const ratio = per_s / naive_per_s;
    if (goal !== undefined) measured.push({ goal, got: per_s, baseline, ratio });
    else
      also.push([
        `${rules} rules without any scope`,
        `${shown(per_s, '/s')}, naive ${shown(naive_per_s, '/s')}, ratio ${shown(ratio, '')}`,
      ]);
    also.push([`loading ${rules} ${shape} rules`, shown(load_ms, ' ms')]);
  }
  return { measured, also };
};

await runAlone(import.meta.url, bench);
