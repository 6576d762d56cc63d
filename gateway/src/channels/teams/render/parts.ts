/** The parts of a card, each pure: what is ours in text blocks, what is anybody else’s in runs. */
import type { JsonObject } from '@countersign/core';
import type { Card } from '../../channel.ts';
import { lasting, paragraph, runs, when, words } from './text.ts';

const CLAIM_CHARACTERS_MAX = 1_000;
const CLAIM_LINES_MAX = 12;
const LIST_MAX = 12;

const WAITS = {
  asked: 'Waits for review',
  reminded: 'Still waits for review',
  escalated: 'Passed on: waits for review',
};
type Status = Card['status'];
/** A25: that people agreed is not that it ran. */
const TITLES: Readonly<Record<Exclude<Status, 'pending'>, string>> = {
  approved: 'Approved by people',
  denied: 'Denied',
  expired: 'Expired: nobody agreed in time',
  cancelled: 'Cancelled',
  failed: 'Failed',
};
const STYLES: Readonly<Record<Status, string>> = {
  pending: 'emphasis',
  approved: 'good',
  denied: 'attention',
  expired: 'default',
  cancelled: 'default',
  failed: 'attention',
};
const RISKS = {
  low: { says: 'Low risk', color: 'Default' },
  medium: { says: 'Medium risk', color: 'Default' },
  high: { says: 'High risk', color: 'Attention' },
  critical: { says: 'Critical risk', color: 'Attention' },
} as const;

export function banner({ status, because, risk }: Card): JsonObject {
  const title = status === 'pending' ? WAITS[because] : TITLES[status];
  const { says, color } = RISKS[risk];
  return {
    type: 'Container',
    style: STYLES[status],
    bleed: true,
    items: [
      columns(
        [words(title, { weight: 'Bolder', size: 'Medium' })],
        [words(says, { weight: 'Bolder', color, horizontalAlignment: 'Right' })],
      ),
    ],
  };
}

const columns = (left: readonly JsonObject[], right: readonly JsonObject[]): JsonObject => ({
  type: 'ColumnSet',
  columns: [
    { type: 'Column', width: 'stretch', items: left },
    { type: 'Column', width: 'auto', items: right },
  ],
});

/** What only who pressed is told: above everything, in a frame nothing else on a card has. */
export const note = (says: string): JsonObject => ({
  type: 'Container',
  style: 'accent',
  bleed: true,
  items: [paragraph(runs(says, { weight: 'Bolder' }))],
});

export const sentence = (card: Card): JsonObject =>
  paragraph(runs(card.sentence, { weight: 'Bolder', size: 'Medium' }), { spacing: 'Medium' });

export function facts(card: Card): readonly JsonObject[] {
  const { agent, subject, owner, upstream, env, action, resource, why } = card;
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['Agent', [agent]],
    ...(subject === undefined ? [] : [['Acts for', [subject]] as const]),
    ...(owner === undefined ? [] : [['Owner', [owner]] as const]),
    ['Where', [`${upstream} (${env})`]],
    ['Action', [action]],
    ['On', [resource]],
    [
      'Asked by',
      why.slice(0, LIST_MAX).map(({ rule, about }) => (about === '' ? rule : `${rule}: ${about}`)),
    ],
  ];
  return rows
    .filter(([, values]) => values.length > 0)
    .map(([label, values], at) => ({
      type: 'ColumnSet',
      spacing: at === 0 ? 'Medium' : 'Small',
      columns: [
        { type: 'Column', width: '72px', items: [words(label, { isSubtle: true })] },
        {
          type: 'Column',
          width: 'stretch',
          items: values.map((value) => paragraph(runs(value), { spacing: 'None' })),
        },
      ],
    }));
}

/** The whole action, one line of it a paragraph: a line of the agent’s cannot look like the end of the frame it is in. */
export const shown = ({ shown: lines, status }: Card): readonly JsonObject[] => [
  // A25: of what is over, it may be that nothing ran.
  words(status === 'pending' ? 'What will run' : 'What was asked', { isSubtle: true, spacing: 'Medium' }),
  {
    type: 'Container',
    style: 'emphasis',
    spacing: 'Small',
    items: lines.map((line) =>
      paragraph(runs(line, { fontType: 'Monospace', size: 'Small' }), { spacing: 'None' }),
    ),
  },
];

export const tooLong = (): readonly JsonObject[] => [
  words(
    'What would run is too long to show here. Open it to see all of it: it cannot be approved from here.',
    {
      spacing: 'Medium',
      weight: 'Bolder',
    },
  ),
];

/** What begins something stands off from what is before it. */
const spaceAt = (at: number): string => (at === 0 ? 'Medium' : 'Small');

export const impact = ({ impact: all }: Card): readonly JsonObject[] =>
  all.slice(0, LIST_MAX).map((each, at) => paragraph(runs(each), { spacing: spaceAt(at) }));

/** A1: apart, in a frame of its own, every line marked, and said to be what it is before and after. */
export function claim({ claim: text }: Card): readonly JsonObject[] {
  if (text === undefined || text === '') return [];
  const lines = text.slice(0, CLAIM_CHARACTERS_MAX).split(/\r\n|[\n\r\u2028\u2029]/);
  const cut = text.length > CLAIM_CHARACTERS_MAX || lines.length > CLAIM_LINES_MAX;
  return [
    {
      type: 'Container',
      style: 'warning',
      spacing: 'Medium',
      items: [
        words('The agent says this, and nobody has checked it:', { weight: 'Bolder', size: 'Small' }),
        ...lines.slice(0, CLAIM_LINES_MAX).map((line) =>
          paragraph(
            [{ type: 'TextRun', text: '│ ', isSubtle: true }, ...runs(line, { italic: true, size: 'Small' })],
            {
              spacing: 'None',
            },
          ),
        ),
        ...(cut ? [words('Cut here; its page has all of it.', { isSubtle: true, size: 'Small' })] : []),
      ],
    },
  ];
}

export function answers({ quorum, answers: all, status }: Card): readonly JsonObject[] {
  const { filled, needed, stage, stages } = quorum;
  const step =
    stage === undefined || stages === undefined || stages < 2 ? '' : ` Step ${stage} of ${stages}.`;
  const count =
    status === 'pending'
      ? [words(`${filled} of ${needed} agreed so far.${step}`, { spacing: 'Medium', isSubtle: true })]
      : [];
  return [
    ...count,
    ...all
      .slice(-LIST_MAX)
      .map(({ name, decision, at, reason }, place) =>
        paragraph(
          [
            ...runs(name, { weight: 'Bolder' }),
            { type: 'TextRun', text: ` ${decision === 'approved' ? 'approved' : 'denied'}, ${when(at)}` },
            ...(reason === undefined || reason === ''
              ? []
              : [{ type: 'TextRun', text: ': ' }, ...runs(short(reason))]),
          ],
          { spacing: spaceAt(count.length + place) },
        ),
      ),
  ];
}

const REASON_MAX = 300;
const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > REASON_MAX ? `${line.slice(0, REASON_MAX)}…` : line;
};

export const progress = ({ progress: all }: Card): readonly JsonObject[] =>
  all
    .slice(-LIST_MAX)
    .map((each, at) => paragraph(runs(each, { weight: 'Bolder' }), { spacing: spaceAt(at) }));

export const times = ({ status, opened_at, expires_at }: Card): JsonObject =>
  words(
    status === 'pending'
      ? `Asked ${when(opened_at)}. Unanswered by ${when(expires_at)} (${lasting(expires_at - opened_at)} in all), it will not run.`
      : `Asked ${when(opened_at)}.`,
    { isSubtle: true, size: 'Small', spacing: 'Medium' },
  );
