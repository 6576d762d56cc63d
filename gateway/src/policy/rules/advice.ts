/** What loads but is probably not meant. Never an error: who is in a group changes, and an open rule may be intended. */
import {
  type AskedRequirement,
  type BreakGlass,
  type Effect,
  everySeat,
  isOfTeams,
  stagesOf,
} from '@countersign/core';
import type { PolicyProblem } from '../problems/problem.ts';
import { type Cursor, complain, type Fields } from '../yaml/cursor.ts';
import type { KnownNames } from './options.ts';

/** The same place, telling into a list of its own. */
export const advised = (at: Cursor, advice: PolicyProblem[]): Cursor => ({
  ...at,
  source: { ...at.source, problems: advice },
});

const NOBODY: { readonly [K in keyof BreakGlass]: string } = {
  by: 'nobody could break it',
  notify: 'nobody there is told',
  review: 'nobody could review it afterwards, so nobody may break it',
};

export type Advised = {
  readonly then: Effect;
  readonly fields: Fields;
  readonly requirement: AskedRequirement | undefined;
  readonly known: KnownNames;
};

export function advise(at: Cursor, { then, fields, requirement, known }: Advised): void {
  if (then === 'allow' && fields['where'] === undefined && fields['when'] === undefined) {
    complain(at, {
      message: 'this allows every action that is understood exactly',
      fix: 'add where or when',
    });
  }
  if (requirement === undefined) return;
  const approve = fields['approve'] === undefined ? at : { ...at, ...fields['approve'], source: at.source };
  const nobodys = (known.teams ?? []).find((team) => known.groups?.includes(team) === false);
  if (nobodys !== undefined && isOfTeams(requirement)) {
    complain(approve, {
      message: `there are agents of team "${nobodys}" and no group of that name: nobody can be told to be in it, so their requests are refused at once`,
      fix: `add the group ${nobodys}, with the people of that team`,
    });
  }
  const members = known.members ?? {};
  for (const [key, list] of Object.entries(requirement.break_glass ?? {})) {
    const empty = list.find((by) => by.startsWith('group:') && members[by.slice('group:'.length)] === 0);
    if (empty !== undefined && fields['break_glass'] !== undefined)
      complain(
        { ...at, ...fields['break_glass'], source: at.source },
        {
          message: `break_glass, ${key}: ${NOBODY[key as keyof BreakGlass]}: nobody is in ${empty}`,
          fix: 'add people to it',
        },
      );
  }
  for (const { by, count } of everySeat(stagesOf({ ...requirement, choices: [] }))) {
    const there = by.startsWith('group:') ? members[by.slice('group:'.length)] : undefined;
    if (there === undefined || there >= count) continue;
    complain(approve, {
      message: `${by} has ${there} ${there === 1 ? 'reviewer' : 'reviewers'}, and ${count} must approve: such requests are refused at once`,
      fix: 'ask fewer, ask another group, or add people to it',
    });
  }
}
