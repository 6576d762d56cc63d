/** Broken glass on a terminal. Pure. Words of others stand behind a gutter or made visible (A1, A2). */
import type { BrokenGlass } from '@countersign/sdk';
import { painter } from '../output.ts';
import {
  CLAIM_GUTTER,
  type Drawing,
  fieldRows,
  hairline,
  heading,
  inline,
  quotedRows,
} from '../render/frame.ts';
import type { RenderOptions } from '../render/request.ts';
import { ago, left } from '../render/time.ts';
import type { Column } from '../table.ts';

/** The verdict, in words. */
const VERDICTS = { justified: 'justified', not_justified: 'not justified' } as const;

const stateOf = ({ closed }: BrokenGlass): string =>
  closed === undefined ? 'open' : VERDICTS[closed.verdict];

const known = ({ told, told_total }: BrokenGlass): string =>
  `${told.filter(({ acknowledged_at }) => acknowledged_at !== undefined).length} of ${told_total}`;

const ranText = ({ executions, approval }: BrokenGlass): string =>
  executions.length === 0
    ? approval.status === 'active'
      ? 'may run'
      : 'never ran'
    : executions.map(({ status }) => status).join(', ');

export const columnsAt = (now: number): readonly Column<BrokenGlass>[] => [
  { title: 'glass', cell: ({ id }) => id, style: () => 'accent' },
  { title: 'broken by', cell: ({ broken_by, broken_at }) => `${broken_by} ${ago(broken_at, now)}` },
  { title: 'for', cell: ({ resource, upstream }) => `${resource} on ${upstream}`, yields: true },
  { title: 'run', cell: ranText },
  { title: 'known', cell: known },
  {
    title: 'review',
    cell: stateOf,
    style: ({ closed }) => (closed?.verdict === 'justified' ? 'plain' : 'alarm'),
  },
];

export function renderGlass(glass: BrokenGlass, { width, color, now }: RenderOptions): string {
  const drawing: Drawing = { width, paint: painter(color) };
  const { paint } = drawing;
  const rows = [
    hairline(drawing),
    `${paint('alarm', 'GLASS BROKEN')} ${paint('dim', `· review: ${stateOf(glass)}`)}`,
    '',
    ...fieldRows(drawing, 'By', `${inline(glass.broken_by_name)} ${ago(glass.broken_at, now)}`),
    ...fieldRows(
      drawing,
      'Let',
      `${inline(glass.agent)} run ${inline(glass.resource)} on ${inline(glass.upstream)}`,
    ),
    ...fieldRows(drawing, 'Risk', glass.risk),
    ...fieldRows(drawing, 'Request', inline(glass.request_id)),
    ...heading(drawing, 'Why, in their words'),
    ...(glass.reason === undefined
      ? ['Erased with the request.']
      : quotedRows(drawing, glass.reason, CLAIM_GUTTER)),
    ...heading(drawing, 'What came of it'),
    ...runRows(glass, { drawing, now }),
    ...heading(drawing, 'Who knows'),
    ...toldRows(glass, { drawing, now }),
    ...heading(drawing, 'The review afterwards'),
    ...reviewRows(glass, { drawing, now }),
    hairline(drawing),
  ];
  return `${rows.join('\n')}\n`;
}

type Told = { readonly drawing: Drawing; readonly now: number | undefined };

function runRows({ executions, approval }: BrokenGlass, { drawing, now }: Told): string[] {
  if (executions.length === 0)
    return fieldRows(
      drawing,
      'Run',
      approval.status === 'active' ? `not yet · ${left(approval.approved_until, now)}` : 'it never ran',
    );
  return executions.flatMap(({ id, status, started_at }) =>
    fieldRows(drawing, 'Run', `${inline(id)} · ${inline(status)} · started ${ago(started_at, now)}`),
  );
}

function toldRows({ told, told_total }: BrokenGlass, { drawing, now }: Told): string[] {
  const rows = told.flatMap(({ name, acknowledged_at }) =>
    fieldRows(
      drawing,
      'Told',
      `${inline(name)} · ${acknowledged_at === undefined ? 'not acknowledged' : `knows, said so ${ago(acknowledged_at, now)}`}`,
    ),
  );
  const more = told_total - told.length;
  return [
    ...(rows.length === 0 ? ['Nobody else was there to be told.'] : rows),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

function reviewRows({ closed, review, you }: BrokenGlass, { drawing, now }: Told): string[] {
  if (closed === undefined) {
    const who = review.filter((by) => by !== 'anyone');
    const by = who.length === 0 ? 'any other reviewer' : `somebody in ${who.map(inline).join(' and ')}`;
    const yours = you.may_close.eligible ? ' You may.' : '';
    return fieldRows(drawing, 'Open', `until ${by} closes it.${yours}`);
  }
  const { by_name, at, verdict, note } = closed;
  return [
    ...fieldRows(drawing, 'Verdict', `${VERDICTS[verdict]}, by ${inline(by_name)} ${ago(at, now)}`),
    ...(note === undefined ? [] : quotedRows(drawing, note, CLAIM_GUTTER)),
  ];
}
