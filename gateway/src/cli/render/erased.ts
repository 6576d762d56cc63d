/** In place of an action whose text was taken away: by whom, when and why. Pure. */
import type { Erased } from '@countersign/sdk';
import { CLAIM_GUTTER, type Drawing, fieldRows, inline, quotedRows } from './frame.ts';
import { ago } from './time.ts';

type Told = { readonly drawing: Drawing; readonly now: number | undefined };

export function erasedRows({ by, at, reason }: Erased, { drawing, now }: Told): string[] {
  return [
    ...fieldRows(drawing, 'Erased', `by ${inline(by)} ${ago(at, now)}`),
    ...(reason === undefined ? [] : quotedRows(drawing, reason, `${' '.repeat(6)}${CLAIM_GUTTER}`)),
    ...fieldRows(drawing, '', 'What it said is gone for good. Names, times, digests and who decided stay.'),
  ];
}
