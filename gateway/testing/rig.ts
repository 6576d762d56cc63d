/**
 * A gateway's inside for tests: the real enforcement, requests and embedded store on a folder of its own; only time,
 * policy and the upstream are the test's. Nothing here is shipped.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  combine,
  type Decision,
  type Evaluation,
  type JsonObject,
  type Principal,
  type Requirement,
  type RuleHit,
} from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import type { Sealer } from '../src/audit/audit.ts';
import { type Authority, createAuthority } from '../src/authority/authority.ts';
import { loadDuties } from '../src/authority/duties.ts';
import { loadOperatorsRule } from '../src/authority/operators.ts';
import { loadPaused } from '../src/authority/paused.ts';
import { type Config, configSchema } from '../src/config/config.ts';
import { askingMax, type Deps, type Masking } from '../src/deps.ts';
import type { Caller } from '../src/enforce/decide.ts';
import { createEnforce } from '../src/enforce/enforce.ts';
import { createErase } from '../src/erasure/erasure.ts';
import { createEvents } from '../src/events.ts';
import { createAgents, createDirectory, principalOf } from '../src/identity/directory.ts';
import { EMPTY_ROSTER } from '../src/identity/roster/roster.ts';
import { sessionLimits } from '../src/identity/session.ts';
import { keyStanding } from '../src/identity/standing.ts';
import { createTicketSystems } from '../src/identity/ticketing.ts';
import { NO_KEYS } from '../src/passkeys/passkeys.ts';
import type { Policy } from '../src/policy/policy.ts';
import type { Permit, RequestView, Verdict } from '../src/protocols/protocol.ts';
import { createRequestBus } from '../src/requests/bus.ts';
import { createRequests } from '../src/requests/create.ts';
import type { Answer, Requests, ReviewOutcome } from '../src/requests/requests.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite.ts';
import type { Store } from '../src/store/store.ts';
import { createTestSealer } from './sealer.ts';

export const KEY_HASH = (digit: string): string => `sha256:${digit.repeat(64)}`;

/** Alice owns the agent; Bob, Carol and Dan may review; Eve may not; Mallory is inactive. */
export const CONFIG: Config = configSchema.parse({
  people: {
    alice: { name: 'Alice', roles: ['operator', 'reviewer'], accounts: ['alice@example.com'] },
    bob: { name: 'Bob', roles: ['reviewer'] },
    carol: { name: 'Carol', roles: ['reviewer'] },
    dan: { name: 'Dan', roles: ['reviewer', 'operator'] },
    eve: { name: 'Eve', roles: ['auditor'] },
    mallory: { name: 'Mallory', roles: ['reviewer'], active: false },
  },
  groups: { dba: ['bob', 'carol'], security: ['carol', 'dan'] },
  agents: {
    coder: { owner: 'alice', team: 'platform', keys: [KEY_HASH('a')], pending_max: 3 },
    other: { owner: 'dan', keys: [KEY_HASH('b')] },
  },
  upstreams: {},
});

export const SESSION_LIMITS = sessionLimits(CONFIG.sign_in.sessions);

export const SEAT: Requirement = {
  seats: [{ by: 'anyone', count: 1, proof: 'session' }],
  choices: [],
  exclude: [],
  within_ms: 60_000,
  valid_ms: 600_000,
  uses: 1,
};

export type Rule = Partial<RuleHit> & Pick<RuleHit, 'then'>;

/** A policy of one rule per tool name; tools not named are denied. */
export function policyOf(rules: { readonly [tool: string]: Rule | undefined }, version = '1'): Policy {
  const ref = { id: 'test', version, digest: `sha256:${version}` };
  const decide = ({ resource, facts }: Evaluation): Decision => {
    const rule = rules[resource.id];
    const hit: RuleHit = {
      rule: `rule-${resource.id}`,
      about: 'a test rule',
      file: 'test.yaml',
      line: 1,
      opaque: false,
      dry_run: false,
      values: {},
      obligations: [],
      then: 'deny',
      ...(rule?.then === 'require' ? { requirement: SEAT } : {}),
      ...rule,
    };
    return combine(rule === undefined ? [] : [hit], facts.confidence, ref);
  };
  return { ref, decide, asksReason: () => false };
}

/** Who may do what, by one configuration. */
const peopleOf = (config: Config) => ({
  directory: createDirectory(config, EMPTY_ROSTER),
  agents: createAgents(config),
  ticketing: createTicketSystems(config),
});

export type Rig = Awaited<ReturnType<typeof createRig>>;

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export async function createRig(
  policy: Policy,
  {
    dir,
    config = CONFIG,
    wrap = (store: Store) => store,
    sealer,
    masking,
    time = { now: 1_800_000_000_000 },
  }: RigOptions = {},
) {
  const folder = dir ?? (await mkdtemp(path.join(tmpdir(), 'countersign-rig-')));
  const store = wrap(await openSqliteStore({ path: path.join(folder, 'store.db') }));
  const operators = await loadOperatorsRule(store);
  const authority: Authority = await createAuthority(store, {
    ...(operators === undefined ? {} : { operators }),
    policy,
    ...peopleOf(config),
    pins: new Map(),
    passkeys: NO_KEYS,
    duties: await loadDuties(store, time.now),
    paused: await loadPaused(store),
  });
  const deps: Deps = {
    store,
    events: createEvents({
      sealer: sealer === undefined ? createTestSealer() : await sealer(store),
      meter: { count: () => undefined, observe: () => undefined },
      log: silent,
    }),
    authority,
    bus: createRequestBus(),
    masking: masking ?? {
      mask: (value) => ({ value, changed: false }),
      maskApart: (value) => ({ value, changed: false }),
      redactionsApart: async () => new Map(),
      text: (text) => text,
      redactions: () => new Map(),
      identity: () => 'nothing',
      carries: new Set(['mask']),
    },
    now: () => time.now,
    log: silent,
    installation_key: new Uint8Array(32).fill(7),
    credentialsOf: () => ({ headers: {}, env: {} }),
    public_url: 'http://localhost:7070',
    askingMax: (agent) => askingMax(authority.current().agents, agent),
  };
  const requests = createRequests(deps, createErase(deps));
  const enforce = createEnforce(deps);
  return {
    dir: folder,
    store,
    time,
    deps,
    authority,
    requests,
    principal: agentPrincipal(authority, 'coder'),
    principalOf: (agent: string) => agentPrincipal(authority, agent),
    call: (tool: string, args: JsonObject = {}, agent = 'coder') => {
      const principal = agentPrincipal(authority, agent);
      return enforce(callerOf(authority, principal), evaluationOf(principal, tool, args));
    },
    enforce: (principal: Principal, evaluation: Evaluation) =>
      enforce(callerOf(authority, principal), evaluation),
    answer: (request_id: string, reviewer: string, over: Partial<Answer> = {}) =>
      answer(requests, { request_id, reviewer, ...over }),
    /** Replaces the policy or the people, as a reload does. */
    change: (next: { readonly policy?: Policy; readonly config?: Config }) =>
      authority.change('test-change', (current) => ({
        next: {
          ...current,
          policy: next.policy ?? current.policy,
          ...(next.config === undefined ? {} : peopleOf(next.config)),
        },
        steps: [],
        entries: () => [],
      })),
    async entries(): Promise<readonly JsonObject[]> {
      const rows = await store.read({
        sql: 'SELECT kind, envelope FROM entries ORDER BY leaf_index',
        params: [],
      });
      return rows.map((row) => JSON.parse(String(row['envelope'])) as JsonObject);
    },
    async close() {
      await store.close();
      if (dir === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

export type RigOptions = {
  readonly dir?: string;
  readonly config?: Config;
  readonly wrap?: (store: Store) => Store;
  /** A real one, where the log itself is looked at. */
  readonly sealer?: (store: Store) => Promise<Sealer>;
  readonly time?: { now: number };
  /** The real one, where secrets matter. By default nothing is masked. */
  readonly masking?: Masking;
};

function agentPrincipal(authority: Authority, agent: string): Principal {
  const found = authority.current().agents.get(agent);
  if (found === undefined) throw new TypeError(`no agent ${agent}`);
  return principalOf(found, 'default');
}

/** Calls with its agent's first key. */
export function callerOf(authority: Authority, principal: Principal): Caller {
  const agent = authority.current().agents.get(principal.agent);
  const [key] = agent?.keys.keys() ?? [];
  if (agent === undefined || key === undefined) throw new TypeError(`${principal.agent} has no key`);
  return { principal, standing: keyStanding(agent, key, principal) };
}

export function evaluationOf(principal: Principal, tool: string, args: JsonObject): Evaluation {
  return {
    tenant: principal.tenant,
    subject: principal.subject,
    action: { name: 'tools/call' },
    resource: { type: 'tool', id: tool, properties: {} },
    context: { upstream: 'files', arguments: args },
    facts: {
      binding: 'mcp',
      confidence: 'exact',
      scope: {
        env: 'dev',
        class: 'write',
        agent: principal.agent,
        team: principal.team ?? '',
        resource: tool,
        upstream: 'files',
      },
      values: { tool, args },
    },
  };
}

/** Answers as a person would: looks at the request first, and names what it showed. */
async function answer(
  requests: Requests,
  given: Partial<Answer> & Pick<Answer, 'request_id' | 'reviewer'>,
): Promise<ReviewOutcome> {
  const shown: RequestDetail | undefined = await requests.show(given.request_id, given.reviewer);
  return requests.review({
    decision: 'approved',
    proof: 'session',
    channel: 'test',
    ...(shown === undefined
      ? {}
      : { action_digest: shown.action_digest, rendered_digest: shown.rendered_digest }),
    ...given,
  });
}

export function held(verdict: Verdict): RequestView {
  if (verdict.kind !== 'held') throw new TypeError(`expected held, got ${JSON.stringify(verdict)}`);
  return verdict.held.request;
}

export function permitted(verdict: Verdict): Permit {
  if (verdict.kind !== 'permitted') throw new TypeError(`expected permitted, got ${JSON.stringify(verdict)}`);
  return verdict.permit;
}
