/** What a rule or a policy says, as a word and a shape: the same in every list of them. */
import type { MarkProps } from '../../kit/mark.tsx';

type Effect = Pick<MarkProps, 'tone' | 'shape' | 'children'>;

export const EFFECTS: { readonly [then: string]: Effect } = {
  allow: { tone: 'soft', shape: 'tick', children: 'allow' },
  require: { tone: 'amber', shape: 'half', children: 'ask' },
  deny: { tone: 'red', shape: 'cross', children: 'deny' },
};
export const UNKNOWN: Effect = { tone: 'violet', shape: 'diamond', children: 'unknown' };
