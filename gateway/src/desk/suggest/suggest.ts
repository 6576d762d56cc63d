/**
 * Narrower rules for what is always approved: people who say yes each time stop looking, and a rule that says exactly
 * what they say yes to leaves them the rest. Each is written into a draft, checked, and tried on what is on record; one
 * that would change anything else is not proposed. Nothing is applied by it.
 */
import type { JsonObject } from '@countersign/core';
import type { PolicySuggestion, PolicySuggestions } from '@countersign/sdk';
import { buildTested } from '../../policy/check.ts';
import type { LoadedPolicy } from '../../policy/load.ts';
import type { LoadOptions } from '../../policy/rules/options.ts';
import { diffFiles, patchOf } from '../../policy/source/patch.ts';
import type { Suggest } from '../apart/messages.ts';
import { checkDraft } from '../check.ts';
import { type AskedBefore, PAGE_ROWS, type StoredBody } from '../replay/questions.ts';
import { type Ask, replay } from '../replay/replay.ts';
import { type Narrowed, narrow } from './narrow.ts';
import { type Arguments, argumentsOf, isUnusual, type Unusual, type Usual, usualOf } from './usual.ts';
import { withException } from './written.ts';

/** Of what one look may find, and take to find (I15). */
const REQUESTS_MAX = 5_000;
const SUGGESTIONS_MAX = 10;
const EVALUATIONS_MAX = 20_000;

type Looking = {
  readonly options: LoadOptions;
  readonly ask: Ask;
  /** Milliseconds of a clock nobody sets. */
  readonly ticks: () => number;
};
type Desk = Looking & {
  readonly job: Suggest;
  readonly inForce: LoadedPolicy;
  readonly isLate: () => boolean;
};

export async function suggest(job: Suggest, looking: Looking): Promise<PolicySuggestions> {
  const { options, ask, ticks } = looking;
  const late = ticks() + job.time_ms_max;
  const isLate = (): boolean => ticks() > late;
  const inForce = buildTested(job.inForce, { ...options, version: job.version });
  const desk: Desk = { ...looking, job, inForce, isLate };
  const { since, until } = job;
  const { asked, all } = await readAsked(ask, since, until);
  const asking = inForce.rules.filter((rule) => rule.then === 'require' && !rule.dry_run);
  const suggestions: PolicySuggestion[] = [];
  const not_suggested: Unusual[] = [];
  let stopped: PolicySuggestions['stopped'] = all ? undefined : 'requests';
  for (const usual of asking.flatMap((rule) => usualOf(rule, asked)).toSorted(byRequests)) {
    if (isUnusual(usual)) not_suggested.push(usual);
    else if (isLate() || suggestions.length >= SUGGESTIONS_MAX) stopped = 'time';
    else {
      const found = await suggestionFor(desk, usual);
      if (isUnusual(found)) not_suggested.push(found);
      else suggestions.push(found);
    }
  }
  const head = { since, until, requests: asked.length, ...(stopped === undefined ? {} : { stopped }) };
  return { ...head, suggestions, not_suggested };
}

const countOf = (one: Usual | Unusual): number => (isUnusual(one) ? one.requests : one.requests.length);
const byRequests = (a: Usual | Unusual, b: Usual | Unusual): number => countOf(b) - countOf(a);

async function readAsked(
  ask: Ask,
  since: number,
  until: number,
): Promise<{ readonly asked: readonly AskedBefore[]; readonly all: boolean }> {
  const asked: AskedBefore[] = [];
  let before = { opened_at: until, id: '\uffff' };
  for (;;) {
    const { requests } = await ask({ kind: 'asked', since, before });
    asked.push(...requests);
    const last = requests.at(-1);
    if (last === undefined || requests.length < PAGE_ROWS) return { asked, all: true };
    if (asked.length >= REQUESTS_MAX) return { asked, all: false };
    before = { opened_at: last.opened_at, id: last.id };
  }
}

async function suggestionFor(desk: Desk, usual: Usual): Promise<PolicySuggestion | Unusual> {
  const { agent, upstream, resource, rule, requests } = usual;
  const not = (why: Unusual['why'], detail?: string): Unusual => ({
    rule: rule.id,
    why,
    requests: requests.length,
    agent,
    upstream,
    resource,
    ...(detail === undefined ? {} : { detail }),
  });
  const args = argumentsOf(usual, await bodiesOf(desk.ask, requests));
  if (typeof args === 'string') return not(args);
  const tool = await toolOf(desk.ask, usual, args);
  if (tool === undefined) return not('other_tool');
  if (tool.class !== 'read' && tool.class !== 'write') return not('risky');
  const narrowed = narrow(args.each, tool.schema);
  if (narrowed === undefined) return not('varied');
  const made = draftOf(desk, usual, { narrowed, class: tool.class });
  if (made === undefined) return not('not_written');
  const check = checkDraft(made.draft, desk.options);
  const [problem] = check.problems;
  if (problem !== undefined) return not('not_loaded', `${problem.file}:${problem.line}: ${problem.message}`);
  const simulated = await tried(desk, usual, made.draft);
  if (simulated === undefined) return not('changes_more');
  const patches = diffFiles(desk.job.inForce, made.draft);
  return {
    ...headOf(usual, tool.class),
    arguments: narrowed.arguments,
    open: narrowed.open,
    explains: explained(usual, narrowed),
    proposed: { id: made.id, text: made.rule_text },
    asks_when: made.asks_when,
    files: made.draft.filter(({ path }) => patches.some((patch) => patch.path === path)),
    patch: patchOf(patches, desk.job.folder),
    simulated,
  };
}

function headOf({ rule, agent, upstream, resource, env, requests }: Usual, as: string) {
  const times = requests.map(({ opened_at }) => opened_at);
  return {
    rule: rule.id,
    file: rule.file,
    line: rule.line,
    agent,
    upstream,
    resource,
    env,
    class: as,
    requests: requests.length,
    reviewers: new Set(requests.flatMap(({ reviewers }) => reviewers)).size,
    first_at: Math.min(...times),
    last_at: Math.max(...times),
  };
}

async function bodiesOf(
  ask: Ask,
  requests: readonly AskedBefore[],
): Promise<ReadonlyMap<string, StoredBody>> {
  const found = new Map<string, StoredBody>();
  for (let at = 0; at < requests.length; at += PAGE_ROWS) {
    const ids = requests.slice(at, at + PAGE_ROWS).map(({ evaluation_id }) => evaluation_id);
    for (const [id, body] of (await ask({ kind: 'actions', ids })).bodies) found.set(id, body);
  }
  return found;
}

/** As it is accepted now: a rule is for what comes. */
async function toolOf(ask: Ask, { upstream, resource, requests }: Usual, { pin }: Arguments) {
  const { accepted } = await ask({ kind: 'tool', upstream, tool: resource });
  const [newest] = accepted;
  if (newest?.pin !== pin || requests.some(({ opened_at }) => opened_at < newest.accepted_at))
    return undefined;
  const definition = JSON.parse(newest.definition) as JsonObject;
  return { class: newest.class, schema: definition['inputSchema'] };
}

type Made = {
  readonly draft: Suggest['inForce'];
  readonly id: string;
  readonly rule_text: string;
  readonly asks_when: string;
};

const text = (value: string): string => JSON.stringify(value);

function draftOf(
  { job, inForce }: Desk,
  { rule, agent, upstream, resource, env }: Usual,
  { narrowed, class: as }: { readonly narrowed: Narrowed; readonly class: string },
): Made | undefined {
  const file = job.inForce.find(({ path }) => path === rule.file);
  if (file === undefined || [agent, upstream, resource, env].some((name) => name.includes('*')))
    return undefined;
  const scope = { agent, upstream, resource, env, class: as };
  const held = Object.entries(scope).map(([key, value]) => `${key} == ${text(value)}`);
  const conditions = ['mcp.method == "tools/call"', ...narrowed.conditions];
  const id = newId(rule.id, inForce);
  const where = Object.entries(scope)
    .map(([key, value]) => `${key}: ${text(value)}`)
    .join(', ');
  const { with: obligations, risk } = rule.written;
  const written = withException(file.text, {
    rule: rule.id,
    exception: [...held, ...conditions].join(' && '),
    added: [
      ['id', text(id)],
      [
        'about',
        text(
          `What ${agent} always did with ${resource}, approved each time: no longer asked about by ${rule.id}`.slice(
            0,
            300,
          ),
        ),
      ],
      ['on', 'mcp'],
      ['where', `{ ${where} }`],
      ['when', text(conditions.join(' && '))],
      ['then', 'allow'],
      ...(risk === undefined ? [] : ([['risk', JSON.stringify(risk)]] as const)),
      // What asked also masked: so does what no longer asks.
      ...(obligations === undefined ? [] : ([['with', JSON.stringify(obligations)]] as const)),
    ],
  });
  if (written === undefined) return undefined;
  const draft = job.inForce.map((each) => (each === file ? { path: each.path, text: written.text } : each));
  return { draft, id, rule_text: written.rule_text, asks_when: written.asks_when };
}

function newId(rule: string, { rules }: LoadedPolicy): string {
  const taken = new Set(rules.map(({ id }) => id));
  for (let number = 1; ; number += 1) {
    const id = `${rule.slice(0, 60)}-usual-${number}`;
    if (!taken.has(id)) return id;
  }
}

/** Undefined when anything but these calls would be decided otherwise, or none of them. */
async function tried(
  { job, inForce, options, ask, isLate }: Desk,
  { agent, upstream, resource }: Usual,
  files: Suggest['inForce'],
): Promise<PolicySuggestion['simulated'] | undefined> {
  const { operators, since, until } = job;
  const draft = buildTested(files, options);
  const found = await replay({
    inForce,
    draft,
    operators,
    since,
    until,
    evaluations_max: EVALUATIONS_MAX,
    ask,
    isLate,
  });
  const meant = found.changes.every(
    (change) =>
      change.agent === agent &&
      change.upstream === upstream &&
      change.resource === resource &&
      change.from.effect === 'require' &&
      change.to.effect === 'allow',
  );
  if (!meant || found.changed === 0 || found.changes_left_out > 0) return undefined;
  return {
    replayed: found.replayed,
    changed: found.changed,
    not_replayed: found.not_replayed.reduce((sum, { count }) => sum + count, 0),
    ...(found.stopped === undefined ? {} : { stopped: found.stopped }),
  };
}

const DAY_MS = 86_400_000;

function explained(
  { agent, resource, upstream, env, requests, rule }: Usual,
  { arguments: args, open }: Narrowed,
): readonly string[] {
  const reviewers = new Set(requests.flatMap((each) => each.reviewers)).size;
  const days = new Set(requests.map(({ opened_at }) => Math.floor(opened_at / DAY_MS))).size;
  const people = `${reviewers} ${reviewers === 1 ? 'person' : 'people'}`;
  return [
    `${requests.length} requests on ${days} days, each approved, by ${people}; none was denied, withdrawn or left to expire.`,
    `${agent} would call ${resource} on ${upstream} (${env}) without being asked about${args.length === 0 ? ' when it has no arguments' : `, as long as ${args.map(inWords).join(' and ')}`}. Anything else ${rule.id} goes on asking about.`,
    ...(open.length === 0 ? [] : [`Let through whatever they are: ${open.join(', ')}. Read this twice.`]),
    ...(reviewers === 1 ? ['Only one person has ever answered: ask another before you take this.'] : []),
    'That it was always approved says what people did, not that they looked. It is never applied by itself.',
  ];
}

function inWords({ path, how, values }: PolicySuggestion['arguments'][number]): string {
  const said = values.map((value) => JSON.stringify(value)).join(', ');
  return how === 'inside'
    ? `${path} is inside ${said}`
    : how === 'is'
      ? `${path} is ${said}`
      : `${path} is one of ${said}`;
}
