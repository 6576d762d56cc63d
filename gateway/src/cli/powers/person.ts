/** What a person may review, for people to read: one line a rule that asks for them. */
import type { PersonPolicy, PersonRule, PersonSeat } from '@countersign/sdk';
import { contained, type Look, prose } from '../output.ts';
import { type Column, table } from '../table.ts';

export function seatOf({ by, count, proof, stage, stages, instead_of, lacks_passkey }: PersonSeat): string {
  return [
    count === 1 ? by : `${count} of ${by}`,
    ...(stages === 1 ? [] : [`stage ${stage} of ${stages}`]),
    ...(proof === 'session' ? [] : [proof === 'passkey' ? 'with a passkey' : 'signed in just now']),
    ...(lacks_passkey === true ? ['which they lack'] : []),
    ...(instead_of === undefined ? [] : [`instead of ${instead_of.join(', ')}`]),
  ].join(', ');
}

const COLUMNS: readonly Column<PersonRule>[] = [
  {
    title: 'rule',
    cell: ({ rule, dry_run }) => (dry_run ? `${rule} (only on record)` : rule),
    style: () => 'accent',
  },
  { title: 'asks them as', cell: asksAs, yields: true },
  {
    title: 'for agents',
    cell: ({ agents, on }) => agents.may.join(', ') || (on === 'countersign' ? '–' : 'none'),
    yields: true,
  },
  {
    title: 'not for',
    cell: ({ agents: { not, left_out } }) =>
      [
        ...not.map(({ agent, why }) => `${agent}: ${why}`),
        ...(left_out === 0 ? [] : [`${left_out} not looked at`]),
      ].join('; ') || '–',
    yields: true,
  },
];

function asksAs({ seats, break_glass }: PersonRule): string {
  return [
    ...seats.map(seatOf),
    ...(break_glass?.may_break === true ? ['may break its glass'] : []),
    ...(break_glass?.may_judge === true ? ['may judge it afterwards'] : []),
  ].join('; ');
}

const STANDING = {
  reviewer: undefined,
  not_a_reviewer: 'They are no reviewer: they answer nothing that agents ask.',
  inactive: 'They are inactive: they cannot sign in, and nothing they answered counts.',
} as const;

export function personPowers(powers: PersonPolicy, look: Look): string {
  const { policy, standing, operator, away, sits_in_for, rules, rules_left_out } = powers;
  const why = STANDING[standing];
  const said = [
    `\nWhat they may review now, by policy ${contained(policy.version)}. Of each rule by itself, and of agents of the configuration; of one request, that request says.`,
    ...(why === undefined ? [] : [why]),
    ...(operator ? ['They answer changes of what decides, as an operator.'] : []),
    ...(away
      ? ['Their seat is with somebody else for now: they answer nothing until they take it back.']
      : []),
    ...(sits_in_for.length === 0 ? [] : [`They sit in for ${contained(sits_in_for.join(', '))}.`]),
  ];
  const more = rules_left_out === 0 ? '' : `${rules_left_out} more rules are not listed.\n`;
  return `${said.map((each) => prose(each, look)).join('\n')}\n\n${table(rules, { columns: COLUMNS, none: 'No rule in force asks for them.' }, look)}${more}`;
}
