/**
 * What was always approved, by rule, agent and tool; and of each rule that asks, why nothing narrower can be said. Pure.
 * It errs towards asking: one denial, one expiry, one unusual run, and the rule stays as it is.
 */
import {
  encodeUtf8,
  everySeat,
  isJsonObject,
  type JsonObject,
  RISKS,
  readAction,
  stagesOf,
} from '@countersign/core';
import type { NotSuggestedWhy } from '@countersign/sdk';
import type { Rule } from '../../policy/rules/rule.ts';
import type { AskedBefore, StoredBody } from '../replay/questions.ts';

export const REQUESTS_MIN = 10;
const DAYS_MIN = 3;
const DAY_MS = 86_400_000;

/** Requests of one rule, agent, upstream, tool and environment. */
export type Usual = {
  readonly rule: Rule;
  readonly agent: string;
  readonly upstream: string;
  readonly resource: string;
  readonly env: string;
  readonly requests: readonly AskedBefore[];
};

export type Unusual = {
  readonly rule: string;
  readonly why: NotSuggestedWhy;
  readonly requests: number;
  readonly agent?: string;
  readonly upstream?: string;
  readonly resource?: string;
  readonly detail?: string;
};

export const isUnusual = <T extends object>(found: T | Unusual): found is Unusual => 'why' in found;

/** Of a rule: every group of its requests, or why the rule as a whole is left alone. */
export function usualOf(rule: Rule, asked: readonly AskedBefore[]): readonly (Usual | Unusual)[] {
  const mine = asked.filter(({ rules, status }) => rules.includes(rule.id) && status !== 'pending');
  if (mine.length === 0) return [];
  const why = ofRule(rule, mine);
  if (why !== undefined) return [{ rule: rule.id, why, requests: mine.length }];
  const groups = Map.groupBy(mine, ({ agent, upstream, resource, env }) =>
    JSON.stringify([agent, upstream, resource, env]),
  );
  return [...groups.values()].map((requests) => {
    const [{ agent, upstream, resource, env } = NOBODYS] = requests;
    const reason = ofGroup(requests);
    return reason === undefined
      ? { rule, agent, upstream, resource, env, requests }
      : { rule: rule.id, why: reason, requests: requests.length, agent, upstream, resource };
  });
}

const NOBODYS = { agent: '', upstream: '', resource: '', env: '' };

function ofRule(rule: Rule, asked: readonly AskedBefore[]): NotSuggestedWhy | undefined {
  if (asked.some(({ status }) => status !== 'approved')) return 'not_always';
  if (rule.on !== 'mcp') return 'not_a_tool';
  const { requirement } = rule;
  const seats = requirement === undefined ? [] : everySeat(stagesOf(requirement));
  const people = seats.reduce((sum, { count }) => sum + count, 0);
  if (people !== 1 || seats.some(({ proof }) => proof === 'passkey')) return 'strong';
  if (RISKS.indexOf(rule.risk ?? 'low') >= RISKS.indexOf('high')) return 'risky';
  return undefined;
}

function ofGroup(requests: readonly AskedBefore[]): NotSuggestedWhy | undefined {
  if (requests.some(({ action }) => action !== 'tools/call')) return 'not_a_tool';
  if (requests.some(({ rules }) => rules.length !== 1)) return 'other_rules';
  if (requests.some(({ reviewers }) => reviewers.length === 0)) return 'emergency';
  if (requests.some(({ risk }) => risk === 'high' || risk === 'critical')) return 'risky';
  const days = new Set(requests.map(({ opened_at }) => Math.floor(opened_at / DAY_MS)));
  return requests.length < REQUESTS_MIN || days.size < DAYS_MIN ? 'few' : undefined;
}

/** The arguments of each request, all of one accepted definition of the tool. */
export type Arguments = { readonly pin: string; readonly each: readonly JsonObject[] };

export function argumentsOf(
  { requests }: Usual,
  bodies: ReadonlyMap<string, StoredBody>,
): Arguments | NotSuggestedWhy {
  const each: JsonObject[] = [];
  const pins = new Set<unknown>();
  for (const { evaluation_id } of requests) {
    const body = bodies.get(evaluation_id);
    if (body?.kind !== 'kept') return 'not_kept';
    const { context } = readAction(encodeUtf8(body.body));
    const { arguments: args = {}, params, meta, tool_pin } = context;
    // More than arguments: no rule sees all of it.
    if (!isJsonObject(args) || params !== undefined || meta !== undefined) return 'varied';
    pins.add(tool_pin);
    each.push(args);
  }
  const [pin] = pins;
  return pins.size === 1 && typeof pin === 'string' ? { pin, each } : 'other_tool';
}
