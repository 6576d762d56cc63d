/** What an agent may do, for people to read: one line a tool. It says what the gateway said, and guesses nothing. */
import { visible } from '@countersign/core';
import type { AgentPolicy, BearingRule, May, UpstreamPowers } from '@countersign/sdk';
import { contained, type Look, prose } from '../output.ts';
import { type Column, table } from '../table.ts';

const ANSWERS = { allow: 'allowed', require: 'asks people', deny: 'refused' } as const;

/** `allowed`, `asks people`, `refused`; or each there could be, mildest first. */
export function answerOf({ effects }: May): string {
  const words = effects.toReversed().map((effect) => ANSWERS[effect]);
  return words.length === 1 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Whom it asks, and what it depends on; why nothing lets it. */
export function whyOf(may: May): string {
  const { effects, rules, reviewers, depends_on } = may;
  const asks = effects.includes('require') ? whomOf(may) : [];
  const nothing = effects[0] === 'deny' && !rules.some(({ then }) => then === 'deny');
  return [
    ...asks,
    ...(depends_on.length === 0 ? [] : [`depends on ${depends_on.join(', ')}`]),
    ...(nothing ? [effects.length === 1 ? 'no rule lets it' : 'refused where no rule matches'] : []),
    ...(reviewers?.enough === false ? ['those are not enough: refused at once'] : []),
  ].join('; ');
}

function whomOf({ rules, reviewers }: May): readonly string[] {
  if (reviewers !== undefined) {
    const { people, left_out } = reviewers;
    return [
      people.length === 0
        ? 'nobody could answer'
        : `${people.join(', ')}${left_out === 0 ? '' : ` and ${left_out} more`}`,
    ];
  }
  const asked = [...new Set(rules.flatMap(({ asks = [] }) => asks))];
  return asked.length === 0 ? [] : [asked.join(', ')];
}

const depends = ({ effects }: May): boolean => effects.length > 1;

type Line = { readonly what: string; readonly class: string; readonly may: May; readonly changed?: true };

const COLUMNS: readonly Column<Line>[] = [
  { title: 'what', cell: ({ what }) => what, style: () => 'accent', yields: 'last' },
  { title: 'accepted as', cell: ({ class: as }) => as },
  {
    title: 'may',
    cell: ({ may, changed }) => (changed ? 'refused: it changed' : depends(may) ? 'depends' : answerOf(may)),
    style: ({ may, changed }) => (changed || may.effects.join() === 'deny' ? 'alarm' : 'plain'),
  },
  { title: 'whom, and by what', cell: (line) => (depends(line.may) ? '' : whole(line)), yields: true },
  {
    title: 'rules',
    cell: ({ may: { rules } }) => rules.map(({ rule }) => rule).join(', ') || '–',
    yields: true,
  },
];

/** Where there is more than one answer, all of them, and what decides. */
function whole({ may, changed }: Line): string {
  if (changed) return `once accepted: ${answerOf(may)}`;
  return [...(depends(may) ? [answerOf(may)] : []), ...[whyOf(may)].filter((why) => why !== '')].join(': ');
}

/** On a terminal that stands in a row of its own: a cell would be cut before the end. */
const below = (line: Line): string | undefined => (depends(line.may) ? visible(whole(line)).text : undefined);
const ONE_ROW = COLUMNS.map((column) =>
  column.title === 'whom, and by what' ? { ...column, cell: whole } : column,
);

const STOPPED = {
  paused: 'It is paused: all of it is refused until somebody resumes it.',
  no_credential: 'It has no live key, and no token makes its name: it cannot come in.',
} as const;

export function agentPowers(powers: AgentPolicy, look: Look): string {
  const { policy, stopped, unknown, upstreams, access, rules, left_out } = powers;
  const said = [
    `\nWhat it may do now, by policy ${contained(policy.version)}. Told for calls whose arguments fit the tool; a call itself may be answered more strictly, never less.`,
    ...(stopped === undefined ? [] : [STOPPED[stopped]]),
    ...(unknown.length === 0 ? [] : [`Its token says its ${unknown.join(', ')}: not known here.`]),
  ];
  const parts = upstreams.map((upstream) => ofUpstream(upstream, look));
  const own =
    access === undefined
      ? []
      : [`\nOn its own (AuthZEN): ${answerOf(access)}. ${contained(whyOf(access))}\n`];
  const bearing = `\nRules that bear on it:\n${table(rules, { columns: RULES, none: 'None: all of it is refused.' }, look)}`;
  const more = left_out === 0 ? '' : `\n${left_out} more tools and rules are not listed.\n`;
  return `${said.map((each) => prose(each, look)).join('\n')}\n${[...parts, ...own].join('')}${bearing}${more}`;
}

function ofUpstream(
  { upstream, env, scopes, open, tools, not_accepted, others }: UpstreamPowers,
  look: Look,
): string {
  const lines: readonly Line[] = [
    { what: 'connect', class: '–', may: open },
    ...tools.map(({ tool, ...rest }) => ({ what: tool, ...rest })),
    ...others.map(({ method, may }) => ({ what: method, class: '–', may })),
  ];
  const scoped =
    scopes === undefined ? '' : `Its token must have been granted: ${contained(scopes.join(' '))}\n`;
  const waiting =
    not_accepted.length === 0
      ? ''
      : `Refused, as nobody accepted them: ${contained(not_accepted.join(', '))}\n`;
  return `\n${contained(`${upstream} (${env})`)}\n${table(lines, look.cut === false ? { columns: ONE_ROW, none: '' } : { columns: COLUMNS, none: '', below }, look)}${scoped}${waiting}`;
}

const RULES: readonly Column<BearingRule>[] = [
  { title: 'rule', cell: ({ rule }) => rule, style: () => 'accent' },
  { title: 'says', cell: ({ then, dry_run }) => (dry_run ? `${then}, only on record` : then) },
  { title: 'where', cell: ({ file, line }) => `${file}:${line}` },
  { title: 'about', cell: ({ about }) => about, yields: true },
];
