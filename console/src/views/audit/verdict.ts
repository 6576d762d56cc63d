/** What this browser makes of the log as a whole: whether to be alarmed, and what to do then. Pure. */
import type { LogState } from '../../data/log/state.ts';

export type Verdict =
  | { readonly kind: 'holds' }
  | { readonly kind: 'alarm'; readonly title: string; readonly what: string; readonly then: string };

const KEEP =
  'Do not rely on this log until somebody can explain it. Save the checkpoint this browser kept: it is evidence.';

export function verdictOf({ trust, head, past }: LogState): Verdict {
  if (trust.served_other !== undefined)
    return {
      kind: 'alarm',
      title: 'The gateway now names another key for its log',
      what:
        trust.from === 'pinned'
          ? 'A log never changes its key. This is another log than the one whose key is pinned here, or somebody replaced it.'
          : 'A log never changes its key. This is another log than the one this browser saw before, or somebody replaced it.',
      then: KEEP,
    };
  if (!head.ok)
    return {
      kind: 'alarm',
      title: 'The newest checkpoint does not hold',
      what: `${capital(head.why)}.`,
      then: KEEP,
    };
  switch (past.kind) {
    case 'cut':
      return {
        kind: 'alarm',
        title: 'The log is shorter than it was',
        what: `This browser saw ${past.from} entries; now there are ${head.head.checkpoint.size}. A log only ever grows.`,
        then: KEEP,
      };
    case 'forked':
      return {
        kind: 'alarm',
        title: 'The past of this log was rewritten',
        what: `The first ${past.from} entries are not the ones this browser saw: ${past.why}.`,
        then: KEEP,
      };
    case 'untold':
      return {
        kind: 'alarm',
        title: 'It cannot be told whether this log continues what was here before',
        what: `${capital(past.why)}.`,
        then: KEEP,
      };
    case 'first-visit':
    case 'continues':
      return { kind: 'holds' };
  }
}
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
