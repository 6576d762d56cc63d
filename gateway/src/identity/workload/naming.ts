/** From claims to a caller, by the configuration's rules. Pure. The first rule that matches decides; what it cannot make whole is refused. */
import {
  type Act,
  type Directory,
  isJsonObject,
  type Json,
  type JsonObject,
  type Person,
  type Principal,
} from '@countersign/core';
import type { AgentLimits } from '../../config/agents.ts';
import type { AgentConfig } from '../../config/config.ts';
import { claimAt, fill, type Template, template } from '../../config/template.ts';
import { OWN_NAMES } from '../../config/workload.ts';
import { refusal } from './refusal.ts';
import type { Issuer, Rule } from './rules.ts';

export type Named = { readonly principal: Principal; readonly limits: AgentLimits };

export type Around = {
  readonly tenant: string;
  readonly directory: Directory;
  /** An agent of the configuration, by id. */
  readonly configured: (id: string) => AgentConfig | undefined;
  readonly act_depth_max: number;
};

const AGENT = /^[A-Za-z0-9][A-Za-z0-9_.:@/#|+~-]{0,199}$/;
const TEAM = /^[a-z0-9][a-z0-9_.-]{0,63}$/;
const FROM_SUBJECT = template('oidc:{iss}#{sub}');

/** @throws WorkloadRefusal */
export function nameOf(claims: JsonObject, issuer: Issuer, around: Around): Named {
  const no = (code: Parameters<typeof refusal>[0]) => refusal(code, issuer.config.issuer);
  const rule = issuer.rules.find(({ fits }) => fits(claims));
  if (rule === undefined) throw no('no_rule');
  const agent = fill(rule.agent, claims);
  if (agent === undefined || !AGENT.test(agent)) throw no('bad_name');
  if (agent.startsWith(OWN_NAMES) || somebody(around.directory, agent) !== undefined) throw no('name_taken');
  const configured = around.configured(agent);
  if (configured !== undefined && rule.agent.claims.length > 0) throw no('name_taken');
  const { owner, team } = configured ?? ruled(rule, claims, { issuer, around });
  const by = { agent, owner: owner ?? null, team: team ?? null, tenant: around.tenant };
  const limits = configured ?? rule.config;
  const chain = chainOf(claims, issuer, around.act_depth_max);
  const person = rule.person ?? (chain === undefined ? undefined : FROM_SUBJECT);
  if (person === undefined) return { principal: { ...by, subject: { type: 'agent', id: agent } }, limits };
  const forWhom = known(person, claims, around.directory);
  if (forWhom === undefined || !forWhom.active) throw no('unknown_person');
  // Under the name it has here; what the issuer calls it stays too, should that be a person's name one day (I4).
  const iss = issuer.config.issuer;
  const within = chain?.sub === agent && chain.iss === iss ? chain.act : chain;
  const act: Act = {
    iss,
    sub: agent,
    sub_profile: 'ai_agent',
    ...(within === undefined ? {} : { act: within }),
  };
  return { principal: { ...by, subject: { type: 'identity', id: forWhom.id }, act }, limits };
}

type Ruling = { readonly issuer: Issuer; readonly around: Around };

function ruled(
  rule: Rule,
  claims: JsonObject,
  { issuer, around }: Ruling,
): { readonly owner?: string | undefined; readonly team?: string | undefined } {
  const owner = rule.owner === undefined ? undefined : known(rule.owner, claims, around.directory);
  if (rule.owner !== undefined && owner === undefined) throw refusal('unknown_owner', issuer.config.issuer);
  const team = rule.team === undefined ? undefined : fill(rule.team, claims);
  if (rule.team !== undefined && !(team !== undefined && TEAM.test(team)))
    throw refusal('bad_name', issuer.config.issuer);
  return { owner: owner?.id, team };
}

const somebody = (directory: Directory, name: string): Person | undefined =>
  directory.person(name) ?? directory.personOfAccount(name);

function known(name: Template, claims: JsonObject, directory: Directory): Person | undefined {
  const text = fill(name, claims);
  return text === undefined ? undefined : somebody(directory, text);
}

/**
 * RFC 8693 §4.1: the outermost actor is who calls now, those within it passed the work on. They are kept and shown, and
 * people among them are responsible (I4); only the depth is judged here.
 */
function chainOf(claims: JsonObject, issuer: Issuer, depth_max: number): Act | undefined {
  const read = (value: Json | undefined, depth: number): Act | undefined => {
    if (value === undefined) return undefined;
    if (depth > depth_max) throw refusal('act_too_deep', issuer.config.issuer);
    const sub = isJsonObject(value) ? claimAt(value, 'sub') : undefined;
    const iss = isJsonObject(value) ? claimAt(value, 'iss') : undefined;
    const plain = (text: Json | undefined): text is string =>
      typeof text === 'string' && text !== '' && text.length <= 512;
    if (!isJsonObject(value) || !plain(sub) || !(iss === undefined || plain(iss)))
      throw refusal('bad_act', issuer.config.issuer);
    const act = read(claimAt(value, 'act'), depth + 1);
    return {
      iss: iss ?? issuer.config.issuer,
      sub,
      sub_profile: 'ai_agent',
      ...(act === undefined ? {} : { act }),
    };
  };
  return read(claimAt(claims, 'act'), 1);
}
