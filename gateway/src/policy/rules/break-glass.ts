/**
 * Reads `break_glass`: who may let an action run without the others in an emergency, who is told besides operators and the
 * agent's owner, who reviews it afterwards. Who may is named: by group, by name, or as the agent's own team.
 */
import type { AskedBy, BreakGlass } from '@countersign/core';
import { LIMITS } from '../limits.ts';
import { type Cursor, complain, readMap, readTexts } from '../yaml/cursor.ts';
import { readAskedBy } from './by.ts';
import type { LoadOptions } from './options.ts';

const KEYS = ['by', 'notify', 'review'] as const;
type Key = (typeof KEYS)[number];

export function readBreakGlass(at: Cursor, options: LoadOptions): BreakGlass<AskedBy> | undefined {
  const terms = readGlassTerms(at, (text, place, key) => readNamed(text, place, { key, options }));
  if (terms === undefined || options.proofs?.includes('passkey') === true) return terms;
  return complain(at, {
    message: 'breaking the glass takes a passkey, and none can be used in this installation',
    fix: 'set public_url to an https name (or http://localhost): browsers make passkeys for names, never for addresses',
  });
}

export type GlassReader<B extends AskedBy> = (text: string, at: Cursor, key: Key) => B | undefined;

/** `{ by, notify, review }`, each one or several. Whoever is a reviewer may review it, unless it says otherwise. */
export function readGlassTerms<B extends AskedBy>(
  at: Cursor,
  read: GlassReader<B | 'anyone'>,
): BreakGlass<B | 'anyone'> | undefined {
  const fields = readMap(at, 'break_glass', KEYS);
  if (fields === undefined) return undefined;
  if (fields['by'] === undefined)
    return complain(at, {
      message: 'break_glass does not say who may',
      fix: 'name them: break_glass: { by: "group:NAME" }',
    });
  const [by, notify, review] = KEYS.map((key) => readList(fields[key], key, read));
  if (by === undefined || notify === undefined || review === undefined) return undefined;
  return { by, notify, review: review.length === 0 ? ['anyone'] : review };
}

function readList<B extends AskedBy>(
  at: Cursor | undefined,
  key: Key,
  read: GlassReader<B>,
): readonly B[] | undefined {
  if (at === undefined) return [];
  const limits = { entries_max: LIMITS.approve_entries_max, chars_max: LIMITS.where_value_chars_max };
  const list = readTexts(at, key, limits)?.map(([text, place]) => read(text, place, key));
  return list?.every((by) => by !== undefined) === true ? [...new Set(list)].sort() : undefined;
}

type Naming = { readonly key: Key; readonly options: LoadOptions };

/** Anyone may review afterwards; who breaks it, and who is told, has a name. */
function readNamed(text: string, at: Cursor, { key, options }: Naming): AskedBy | undefined {
  const isName = text !== 'anyone' && text !== 'other_team';
  if (isName || (key === 'review' && text === 'anyone')) return readAskedBy(text, at, options.known ?? {});
  return complain(at, {
    message: `${key}: ${text} names nobody`,
    fix: 'write group:NAME, person:NAME or own_team',
  });
}
