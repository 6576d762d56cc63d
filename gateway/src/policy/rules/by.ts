/** Who a rule means: a group, a person, anyone, or the agent's own team and those outside it. A name nobody has is a load error. */
import type { AskedBy, By } from '@countersign/core';
import { likelySpelling } from '../../config/spelling.ts';
import { type Cursor, complain } from '../yaml/cursor.ts';
import type { KnownNames } from './options.ts';

/** In a rule: `group:NAME`, `person:NAME`, `anyone`, or the agent's team, whichever agent asks. */
export function readAskedBy(text: string, at: Cursor, known: KnownNames): AskedBy | undefined {
  return text === 'own_team' || text === 'other_team' ? text : readBy(text, at, known);
}

/** In the answer a test wants: of one agent, whose team is known. */
export function readDecidedBy(text: string, at: Cursor): By | undefined {
  if (/^outside:.+$/.test(text)) return text as By;
  if (text !== 'own_team' && text !== 'other_team') return readBy(text, at, {});
  return complain(at, {
    message: `${text} is what a rule says; the answer names the team`,
    fix: text === 'own_team' ? 'write group:TEAM' : 'write outside:TEAM',
  });
}

function readBy(text: string, at: Cursor, known: KnownNames): By | undefined {
  if (text === 'anyone') return text;
  const [, kind, name] = /^(group|person):(.+)$/.exec(text) ?? [];
  if (name === undefined) {
    const group = known.groups?.includes(text) === true ? `group:${text}` : undefined;
    const person = known.people?.includes(text) === true ? `person:${text}` : undefined;
    const likely =
      group ??
      person ??
      likelySpelling(text, [
        'anyone',
        'own_team',
        'other_team',
        ...(known.groups ?? []).map((each) => `group:${each}`),
      ]);
    return complain(at, {
      message: `"${text}" names nobody`,
      likely,
      fix: 'write group:NAME, person:NAME, anyone, own_team or other_team',
    });
  }
  const names = kind === 'group' ? known.groups : known.people;
  if (names !== undefined && !names.includes(name)) {
    const near = likelySpelling(name, names);
    const list = `known: ${names.slice(0, 20).join(', ') || 'none'}`;
    const likely = near === undefined ? undefined : `${kind}:${near}`;
    return complain(at, {
      message: `there is no ${kind} "${name}"`,
      likely,
      fix: likely === undefined ? list : `write ${likely}`,
    });
  }
  return text as By;
}
