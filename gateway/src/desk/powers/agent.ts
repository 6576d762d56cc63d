/** What one agent may do now: of every upstream, opening it, each accepted tool, and what is no tool. */
import { type Evaluation, type Principal, SCOPE_KEYS, type ScopeKey } from '@countersign/core';
import type { AgentPolicy, May, ToolPowers, UpstreamPowers } from '@countersign/sdk';
import { ACCESS_BINDING, factsOf } from '../../api/access/binding.ts';
import { type AcceptedPin, pinKey, type Snapshot } from '../../authority/authority.ts';
import type { Config } from '../../config/config.ts';
import { bearingOf, type PartlyKnown } from '../../policy/partly-known.ts';
import type { Rule } from '../../policy/rules/rule.ts';
import { mcpBinding, namingMember, SESSION_OPEN, toEvaluation } from '../../protocols/mcp/binding.ts';
import type { Store } from '../../store/store.ts';
import { type KnownAgent, knownOf } from './known.ts';
import { type Asker, createMay } from './may.ts';
import { inTurns } from './turns.ts';

/** One answer has so many, whatever is configured (I15). */
const TOOLS_MAX = 1_000;
const RULES_MAX = 500;
/** Of rules times tools. */
const LOOKS_MAX = 200_000;
/** What is no tool, and may be asked all the same. */
const OTHERS = ['resources/read', 'resources/subscribe', 'prompts/get', 'completion/complete'] as const;

/** What was in force together, at one moment. */
export type Moment = {
  readonly policy: { readonly ref: AgentPolicy['policy']; readonly rules: readonly Rule[] };
  readonly snapshot: Snapshot;
  readonly config: Config;
  readonly now: number;
};

/** Undefined: there is no such agent. */
export async function agentPolicy(
  store: Pick<Store, 'read'>,
  moment: Moment,
  id: string,
): Promise<AgentPolicy | undefined> {
  const { policy, snapshot, config, now } = moment;
  const known = knownOf(snapshot, id, now);
  if (known === undefined) return undefined;
  const seen = await newestTools(store);
  const groups = new Set(Object.keys(config.groups));
  const asker: Asker = { rules: policy.rules, snapshot, known, groups, now };
  const may = createMay(asker);
  const upstreams: UpstreamPowers[] = [];
  let left = Math.min(TOOLS_MAX, Math.floor(LOOKS_MAX / Math.max(1, policy.rules.length)));
  let left_out = 0;
  for (const [upstream, { env, mcp }] of Object.entries(config.upstreams)) {
    const offered = seen.get(upstream) ?? new Map<string, string>();
    const at = { known, upstream: { id: upstream, env, digest: '' } };
    const accepted = acceptedOf(snapshot, upstream);
    const scopes = 'scopes' in mcp ? mcp.scopes : undefined;
    upstreams.push({
      upstream,
      env,
      ...(scopes === undefined || scopes.length === 0 ? {} : { scopes }),
      open: may(asked(at, SESSION_OPEN)),
      tools: await inTurns(accepted.slice(0, left), ([tool, pin]) =>
        toolPowers(may, at, { tool, pin, offered }),
      ),
      not_accepted: [...offered.keys()]
        .filter((tool) => !snapshot.pins.has(pinKey(upstream, tool)))
        .slice(0, left),
      others: OTHERS.map((method) => ({ method, may: may(asked(at, method)) })),
    });
    left_out += Math.max(0, accepted.length - left);
    left = Math.max(0, left - accepted.length);
  }
  const bearing = policy.rules.filter((rule) => mayBear(rule, known));
  const { digest, version } = policy.ref;
  return {
    agent: id,
    policy: { digest, version },
    at: now,
    ...(known.stopped === undefined ? {} : { stopped: known.stopped }),
    unknown: known.unknown,
    upstreams,
    ...(bearing.some(({ on }) => on === ACCESS_BINDING) ? { access: may(askedAccess(known)) } : {}),
    rules: bearing.slice(0, RULES_MAX).map(({ id: rule, about, file, line, on, then, dry_run }) => ({
      rule,
      about,
      file,
      line,
      on,
      then,
      dry_run,
    })),
    left_out: left_out + Math.max(0, bearing.length - RULES_MAX),
  };
}

type At = {
  readonly known: KnownAgent;
  readonly upstream: { readonly id: string; readonly env: string; readonly digest: string };
};

type Offered = {
  readonly tool: string;
  readonly pin: AcceptedPin;
  /** The newest definition the upstream listed, by tool. */
  readonly offered: ReadonlyMap<string, string>;
};

function toolPowers(may: (partly: PartlyKnown) => May, at: At, { tool, pin, offered }: Offered): ToolPowers {
  const newest = offered.get(tool);
  return {
    tool,
    class: pin.class,
    ...(newest === undefined || newest === pin.pin ? {} : { changed: true as const }),
    may: may(asked(at, 'tools/call', { name: tool, accepted: pin })),
  };
}

type Tool = { readonly name: string; readonly accepted: AcceptedPin };

/** What a call says is not known; that its arguments fit the accepted definition is taken as given: others are answered no milder. */
function asked({ known, upstream }: At, method: string, tool?: Tool): PartlyKnown {
  const evaluation = toEvaluation({
    principal: known.principal,
    upstream,
    method,
    params: tool === undefined ? {} : { name: tool.name },
    ...(tool === undefined ? {} : { tool: { accepted: tool.accepted, fits: true } }),
  });
  const names = tool === undefined && namingMember(method) !== undefined;
  const said = ['args', 'arg_bytes', 'answers', ...(names ? ['uri', 'prompt'] : [])];
  return partlyOf(known, evaluation, {
    scope: names ? ['resource'] : [],
    facts: method === SESSION_OPEN ? [] : said.map((fact) => [mcpBinding.name, fact]),
  });
}

function askedAccess(known: KnownAgent): PartlyKnown {
  const { principal } = known;
  const resource = { type: '', id: '', properties: {} };
  const evaluation: Evaluation = {
    ...headOf(principal),
    action: { name: '' },
    resource,
    context: {},
    facts: factsOf({ action: '', action_properties: {}, resource, context: {} }, principal),
  };
  return partlyOf(known, evaluation, { scope: ['resource'], facts: [[ACCESS_BINDING]] });
}

const headOf = ({ tenant, subject }: Principal) => ({ tenant, subject });

type Unknown = {
  readonly scope: readonly ScopeKey[];
  readonly facts: readonly (readonly string[])[];
};

const partlyOf = (
  { unknown }: KnownAgent,
  evaluation: Evaluation,
  { scope, facts }: Unknown,
): PartlyKnown => ({
  evaluation,
  unknown: {
    scope: unknown.includes('team') ? [...scope, 'team'] : scope,
    facts: unknown.includes('subject') ? [...facts, ['subject']] : facts,
    confidence: false,
  },
});

/** Nothing but who asks is known. */
function mayBear(rule: Rule, known: KnownAgent): boolean {
  const [mcp, access] = [mcpBinding.name, ACCESS_BINDING];
  if (rule.on !== mcp && rule.on !== access) return false;
  const { agent, team } = known.principal;
  const scope = { env: '', class: '', resource: '', upstream: '', agent, team: team ?? '' };
  const evaluation: Evaluation = {
    ...headOf(known.principal),
    action: { name: '' },
    resource: { type: '', id: '', properties: {} },
    context: {},
    facts: { binding: rule.on, confidence: 'exact', scope, values: {} },
  };
  const unknown = {
    scope: SCOPE_KEYS.filter((key) => key !== 'agent' && key !== 'team'),
    facts: [[rule.on]],
  };
  return bearingOf(rule, partlyOf(known, evaluation, unknown)) !== 'no';
}

function acceptedOf({ pins }: Snapshot, upstream: string): readonly (readonly [string, AcceptedPin])[] {
  const head = pinKey(upstream, '');
  return [...pins]
    .filter(([key]) => key.startsWith(head))
    .map(([key, pin]) => [key.slice(head.length), pin] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** By upstream and tool, the pin of what it listed last. */
async function newestTools(
  store: Pick<Store, 'read'>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const rows = await store.read({
    sql: `SELECT upstream, tool, pin FROM tool_pins WHERE status <> 'superseded' ORDER BY upstream, tool, seen_at, pin`,
    params: [],
    rows_max: 100_000,
  });
  const found = new Map<string, Map<string, string>>();
  for (const row of rows) {
    const upstream = String(row['upstream']);
    const tools = found.get(upstream) ?? new Map<string, string>();
    tools.set(String(row['tool']), String(row['pin']));
    found.set(upstream, tools);
  }
  return found;
}
