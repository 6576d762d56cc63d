/** What loads but is probably not meant. Never an error: who is in a group changes, and an open rule may be intended. */
import type { Effect, Requirement } from '@countersign/core';
import type { PolicyProblem } from '../problems/problem.ts';
import { type Cursor, complain, type Fields } from '../yaml/cursor.ts';

/** The same place, telling into a list of its own. */
export const advised = (at: Cursor, advice: PolicyProblem[]): Cursor => ({
  ...at,
  source: { ...at.source, problems: advice },
});

export type Advised = {
  readonly then: Effect;
  readonly fields: Fields;
  readonly requirement: Requirement | undefined;
  readonly members: { readonly [group: string]: number };
};

export function advise(at: Cursor, { then, fields, requirement, members }: Advised): void {
  if (then === 'allow' && fields['where'] === undefined && fields['when'] === undefined) {
    complain(at, {
      message: 'this allows every action that is understood exactly',
      fix: 'add where or when',
    });
  }
  for (const { by, count } of requirement?.seats ?? []) {
    const there = by.startsWith('group:') ? members[by.slice('group:'.length)] : undefined;
    if (there === undefined || there >= count) continue;
    complain(fields['approve'] === undefined ? at : { ...at, ...fields['approve'], source: at.source }, {
      message: `${by} has ${there} ${there === 1 ? 'reviewer' : 'reviewers'}, and ${count} must approve: such requests are refused at once`,
      fix: 'ask fewer, ask another group, or add people to it',
    });
  }
}
