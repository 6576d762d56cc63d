/** The configuration's issuers and rules, made ready: part of the authority's snapshot, so that a change of them takes effect at once (I8). */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import type { AgentLimits, IssuerConfig, RuleConfig } from '../../config/agents.ts';
import type { Config } from '../../config/config.ts';
import { parseDuration } from '../../config/duration.ts';
import { claimAt, couldMake, fill, type Template, template } from '../../config/template.ts';
import { linear } from '../../limits/linear.ts';

export type Rule = {
  readonly config: RuleConfig;
  readonly agent: Template;
  readonly owner: Template | undefined;
  readonly team: Template | undefined;
  readonly person: Template | undefined;
  readonly fits: (claims: JsonObject) => boolean;
};

export type Issuer = {
  readonly config: IssuerConfig;
  /** Equal while its keys come from one place. */
  readonly keys_from: string;
  /** Equal while a token of it is good for the same: all of the entry but what claims mean. */
  readonly trust: string;
  readonly audiences: ReadonlySet<string>;
  readonly algorithms: ReadonlySet<string>;
  readonly lifetime_max_ms: number;
  readonly skew_ms: number;
  readonly rules: readonly Rule[];
};

export type Workloads = {
  readonly issuers: readonly Issuer[];
  readonly act_depth_max: number;
  /** Whose token this says it is. Nothing is believed yet. */
  issuerOf(claims: JsonObject): Issuer | undefined;
  /** What an agent that tokens make may use; the strictest, if several rules could make its name. */
  limitsOf(agent: string): AgentLimits | undefined;
  /** What every name begins with that the rules could make which could make this one; undefined: none is made of claims. */
  madeLike(agent: string): string | undefined;
  /** Agents of the rules that whoever acts under this name at this issuer may be. Only its name is known, so in doubt it is one. */
  namesOf(iss: string, sub: string): readonly string[];
};

export function createWorkloads(config: Config): Workloads {
  const issuers = config.workload_identity.map((entry) => compile(entry, config.public_url));
  const byName = new Map(issuers.map((issuer) => [issuer.config.issuer, issuer]));
  const rules = issuers.flatMap((issuer) => issuer.rules);
  return {
    issuers,
    act_depth_max: config.limits.delegation_depth_max,
    issuerOf: ({ iss, sub }) =>
      (typeof iss === 'string' ? byName.get(iss) : undefined) ??
      (iss === undefined || typeof iss === 'string' ? domainOf(byName, sub) : undefined),
    limitsOf: (agent) =>
      rules
        .filter((rule) => couldMake(rule.agent, agent))
        .map(({ config: each }) => each)
        .reduce<AgentLimits | undefined>(strictest, undefined),
    madeLike: (agent) =>
      rules
        .filter((rule) => rule.agent.claims.length > 0 && couldMake(rule.agent, agent))
        .map((rule) => rule.agent.fixed[0] ?? '')
        .sort((a, b) => a.length - b.length)[0],
    namesOf: (iss, sub) => byName.get(iss)?.rules.flatMap((rule) => nameBy(rule, { iss, sub })) ?? [],
  };
}

/** A name made of what is known needs no more: it is another's only if their `sub` is the same. */
function nameBy({ agent, fits }: Rule, known: JsonObject): readonly string[] {
  if (agent.claims.length === 0) return fits(known) ? [agent.text] : [];
  const name = fill(agent, known);
  return name === undefined ? [] : [name];
}

/** A JWT-SVID need not say `iss`: its trust domain is in `sub`, which is then all that says whose keys to try. */
function domainOf(issuers: ReadonlyMap<string, Issuer>, sub: Json | undefined): Issuer | undefined {
  const domain = typeof sub === 'string' ? /^(spiffe:\/\/[^/]+)\//.exec(sub)?.[1] : undefined;
  return domain === undefined ? undefined : issuers.get(domain);
}

function compile(config: IssuerConfig, public_url: string): Issuer {
  const { agents: _rules, ...trust } = config;
  const { issuer, jwks_uri, jwks_file, jwks, ca_file } = config;
  const { audience = public_url.replace(/\/+$/, '') } = config;
  return {
    config,
    keys_from: JSON.stringify([issuer, jwks_uri, jwks_file, jwks, ca_file]),
    trust: JSON.stringify(trust),
    audiences: new Set(typeof audience === 'string' ? [audience] : audience),
    algorithms: new Set<string>(config.algorithms),
    lifetime_max_ms: parseDuration(config.lifetime_max) ?? 0,
    skew_ms: parseDuration(config.skew) ?? 0,
    rules: config.agents.map((rule) => ({
      config: rule,
      agent: template(rule.agent),
      owner: made(rule.owner),
      team: made(rule.team),
      person: made(rule.person),
      fits: matcher(rule.match),
    })),
  };
}

const made = (text: string | undefined): Template | undefined =>
  text === undefined ? undefined : template(text);

function strictest(held: AgentLimits | undefined, one: AgentLimits): AgentLimits {
  if (held === undefined) return one;
  const waits = (limits: AgentLimits): number => parseDuration(limits.hold_wait) ?? 0;
  return {
    hold_wait: waits(held) <= waits(one) ? held.hold_wait : one.hold_wait,
    pending_max: Math.min(held.pending_max, one.pending_max),
    requests_per_hour: Math.min(held.requests_per_hour, one.requests_per_hour),
    calls_per_minute: Math.min(held.calls_per_minute, one.calls_per_minute),
  };
}

type Wanted = string | boolean | number;

function matcher(match: RuleConfig['match']): (claims: JsonObject) => boolean {
  const all = Object.entries(match).map(([claim, wanted]) => {
    const tests = (Array.isArray(wanted) ? wanted : [wanted]).map(test);
    return (claims: JsonObject): boolean => {
      const value = claimAt(claims, claim);
      const values = Array.isArray(value) ? (value as readonly Json[]) : [value];
      return values.some(
        (each) => each !== undefined && !isJsonObject(each) && tests.some((fits) => fits(each)),
      );
    };
  });
  return (claims) => all.every((fits) => fits(claims));
}

/** Types count: a claim `"true"` is not `true`. `*` stays within one part of a path or name, `**` does not. */
function test(wanted: Wanted): (value: Json) => boolean {
  if (typeof wanted !== 'string' || !wanted.includes('*')) return (value) => value === wanted;
  const text = wanted
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/:]*' : linear().quote(part)))
    .join('');
  const pattern = linear().compile(text, linear().DOTALL);
  return (value) => typeof value === 'string' && pattern.matches(value);
}
