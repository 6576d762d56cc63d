/**
 * Filters (RFC 7644 §3.4.2.2), of which this gateway understands `eq`, joined by `and`: `userName eq "x"`,
 * `emails[type eq "work"].value eq "x"`, `members[value eq "id"]`. Whatever else a filter says is refused and never passed
 * over: a filter half understood finds the wrong people.
 */
import { refused } from '../../identity/scim/failure.ts';

/** `path` with its parts in lower case: `emails.value`. */
export type Term = { readonly path: string; readonly value: string | boolean };
/** Terms about one item of a list, which must hold of the same item. */
export type Within = { readonly list: string; readonly terms: readonly Term[] };
export type Filter = readonly (Term | Within)[];

export const FILTER_CHARACTERS_MAX = 2_048;
const TERMS_MAX = 10;

type Token = { readonly kind: 'word' | 'value' | '[' | ']' | '].'; readonly text: string };

const TOKEN = /\s*(?:(\]\.)|([[\]])|("(?:[^"\\]|\\.)*")|([A-Za-z][A-Za-z0-9_:.$-]*))/y;
const URN = /^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/i;

const wrong = (why: string) =>
  refused(
    'invalidFilter',
    `filter: ${why}; understood is ATTRIBUTE eq "VALUE", such filters joined by "and", and LIST[ATTRIBUTE eq "VALUE"]`,
  );

function tokensOf(text: string): Token[] {
  if (text.length > FILTER_CHARACTERS_MAX) throw wrong(`at most ${FILTER_CHARACTERS_MAX} characters`);
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw wrong('it cannot be read');
    const [all, close, bracket, quoted, word] = match;
    if (close !== undefined) tokens.push({ kind: '].', text: close });
    else if (bracket === '[' || bracket === ']') tokens.push({ kind: bracket, text: bracket });
    else if (quoted !== undefined) tokens.push({ kind: 'value', text: unquoted(quoted) });
    else tokens.push({ kind: 'word', text: word ?? '' });
    at += all.length;
  }
  return tokens;
}

function unquoted(quoted: string): string {
  try {
    return String(JSON.parse(quoted)).toWellFormed();
  } catch {
    throw wrong('a value is not a JSON text'); // The parser's own words would repeat it (I7).
  }
}

/** @throws ScimFailure `invalidFilter` */
export function parseFilter(text: string): Filter {
  const reader = readerOf(tokensOf(text));
  const filter = [reader.condition()];
  while (reader.and()) {
    filter.push(reader.condition());
    if (filter.length > TERMS_MAX) throw wrong(`at most ${TERMS_MAX} conditions`);
  }
  reader.end();
  return filter;
}

function readerOf(tokens: readonly Token[]) {
  let at = 0;
  const next = (): Token | undefined => tokens[at++];
  const isNext = (kind: Token['kind']): boolean => tokens[at]?.kind === kind;
  const and = (): boolean => {
    const token = tokens[at];
    if (token?.kind !== 'word' || token.text.toLowerCase() !== 'and') return false;
    at += 1;
    return true;
  };
  const value = (): string | boolean => {
    const token = next();
    if (token?.kind === 'value') return token.text;
    const said = token?.kind === 'word' ? token.text.toLowerCase() : '';
    if (said === 'true' || said === 'false') return said === 'true';
    throw wrong('a value must be a quoted text, true or false');
  };
  const name = (): string => {
    const token = next();
    if (token?.kind !== 'word') throw wrong('an attribute is missing');
    return token.text.replace(URN, '').toLowerCase();
  };
  const equals = (path: string): Term => {
    const operator = next();
    if (operator?.kind !== 'word' || operator.text.toLowerCase() !== 'eq')
      throw wrong('the only operator is "eq"');
    return { path, value: value() };
  };
  const within = (list: string): Within => {
    next();
    const terms = [equals(name())];
    while (and()) terms.push(equals(name()));
    const close = next();
    if (close?.kind === ']') return { list, terms };
    if (close?.kind !== '].') throw wrong('a "[" is not closed');
    return { list, terms: [...terms, equals(name())] };
  };
  const condition = (): Term | Within => {
    const path = name();
    return isNext('[') ? within(path) : equals(path);
  };
  const end = (): void => {
    if (at < tokens.length) throw wrong('it says more than is understood');
  };
  return { condition, and, end };
}

/** What a filter may ask of a resource: its values by lower-case path, and whether case matters. */
export type Searchable = {
  readonly values: { readonly [path: string]: readonly (string | boolean)[] };
  readonly lists: { readonly [list: string]: readonly { readonly [part: string]: string | boolean }[] };
};

/** Paths whose values differ by case (RFC 7643 `caseExact`). */
const CASE_EXACT: ReadonlySet<string> = new Set(['id', 'externalid', 'members', 'members.value']);

export type Known = {
  readonly paths: readonly string[];
  readonly lists: { readonly [list: string]: readonly string[] };
};

/** Refuses what a resource does not have: finding nobody would say that nobody is there. */
export function checkFilter(filter: Filter, { paths, lists }: Known): Filter {
  for (const each of filter) {
    if ('list' in each) {
      const parts = Object.hasOwn(lists, each.list) ? lists[each.list] : undefined;
      if (parts === undefined || each.terms.some(({ path }) => !parts.includes(path)))
        throw wrong('it asks for an attribute that cannot be searched');
    } else if (!paths.includes(each.path))
      throw wrong(`it asks for an attribute that cannot be searched (${paths.join(', ')} can)`);
  }
  return filter;
}

export function matches(filter: Filter, resource: Searchable): boolean {
  return filter.every((each) =>
    'list' in each
      ? (resource.lists[each.list] ?? []).some((item) => matchesItem(each.terms, item, each.list))
      : (resource.values[each.path] ?? []).some((value) => same(value, each.value, each.path)),
  );
}

export function matchesItem(
  terms: readonly Term[],
  item: { readonly [part: string]: string | boolean },
  list: string,
): boolean {
  return terms.every(({ path, value }) => {
    const held = item[path];
    // An item that does not say it is primary is not.
    return same(held ?? (typeof value === 'boolean' ? false : ''), value, `${list}.${path}`);
  });
}

function same(held: string | boolean, wanted: string | boolean, path: string): boolean {
  if (typeof held === 'boolean' || typeof wanted === 'boolean')
    return String(held) === String(wanted).toLowerCase();
  return CASE_EXACT.has(path) ? held === wanted : held.toLowerCase() === wanted.toLowerCase();
}

/** A path of PATCH (RFC 7644 §3.5.2): `active`, `name.givenName`, `emails[type eq "work"].value`, `members[value eq "x"]`. */
export type Path = { readonly attribute: string; readonly terms?: readonly Term[]; readonly part?: string };

const EXTENSION = /^urn:(?!ietf:params:scim:schemas:core:2\.0:(?:user|group):)/i;

/** Undefined for an extension's: nothing of it is kept. @throws ScimFailure `invalidPath` */
export function parsePath(text: string): Path | undefined {
  if (text.length > FILTER_CHARACTERS_MAX) throw badPath();
  if (EXTENSION.test(text)) return undefined;
  const bare = text.trim().replace(URN, '');
  const [, plain, part] = /^([A-Za-z][A-Za-z0-9_-]*)(?:\.([A-Za-z$][A-Za-z0-9_-]*))?$/.exec(bare) ?? [];
  if (plain !== undefined) return { attribute: plain, ...(part === undefined ? {} : { part }) };
  const [, list, inside, of] =
    /^([A-Za-z][A-Za-z0-9_-]*)\[((?:[^"\]]|"(?:[^"\\]|\\.)*")*)\](?:\.([A-Za-z$][A-Za-z0-9_-]*))?$/.exec(
      bare,
    ) ?? [];
  if (list === undefined || inside === undefined) throw badPath();
  const filter = parseFilter(inside);
  const terms = filter.flatMap((each) => ('list' in each ? [] : [each]));
  if (terms.length !== filter.length) throw badPath();
  return { attribute: list, terms, ...(of === undefined ? {} : { part: of }) };
}

const badPath = () =>
  refused(
    'invalidPath',
    'path: must be ATTRIBUTE, ATTRIBUTE.PART or LIST[ATTRIBUTE eq "VALUE"], or that and .PART',
  );
