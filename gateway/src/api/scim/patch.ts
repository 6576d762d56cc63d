/**
 * PATCH (RFC 7644 §3.5.2), with the dialects of the providers there are: operations in any case, `"False"` for false,
 * paths as keys of a value without path, `remove` of `members` with the members to remove as its value. An operation that
 * cannot be carried out refuses the whole request: nothing is half done. Pure.
 */
import type { Json } from '@countersign/core';
import { refused } from '../../identity/scim/failure.ts';
import { matchesItem, type Path, parsePath, type Term } from './filter.ts';
import {
  type Attribute,
  attributeOf,
  checkRequired,
  type Item,
  isObject,
  type Kept,
  merged,
  partOf,
  readItems,
  readParts,
  readSimple,
  readValue,
  type Shape,
} from './shape.ts';

export type Operation = {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string | undefined;
  readonly value: Json | undefined;
};

export const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const OPERATIONS_MAX = 1_000;

/** @throws ScimFailure */
export function readPatch(body: Json): readonly Operation[] {
  if (!isObject(body)) throw refused('invalidSyntax', 'body: must be an object');
  const member = (name: string): Json | undefined =>
    Object.entries(body).find(([key]) => key.toLowerCase() === name)?.[1];
  const schemas = member('schemas');
  if (!Array.isArray(schemas) || !schemas.includes(PATCH_SCHEMA))
    throw refused('invalidSyntax', `schemas: must be ["${PATCH_SCHEMA}"]`);
  const operations = member('operations');
  if (!Array.isArray(operations) || operations.length === 0)
    throw refused('invalidSyntax', 'Operations: must be a list of at least one operation');
  if (operations.length > OPERATIONS_MAX)
    throw refused('tooMany', `Operations: at most ${OPERATIONS_MAX} in one request`);
  return operations.map(readOperation);
}

function readOperation(given: Json, at: number): Operation {
  if (!isObject(given)) throw refused('invalidSyntax', `Operations.${at}: must be an object`);
  const op = String(given['op']).toLowerCase();
  if (op !== 'add' && op !== 'replace' && op !== 'remove')
    throw refused('invalidSyntax', `Operations.${at}.op: must be add, replace or remove`);
  const path = given['path'];
  if (path !== undefined && path !== null && typeof path !== 'string')
    throw refused('invalidPath', `Operations.${at}.path: must be a text`);
  const value = given['value'];
  if (op !== 'remove' && value === undefined)
    throw refused('invalidValue', `Operations.${at}.value: is required to ${op}`);
  return { op, path: path === null || path === '' ? undefined : path, value };
}

/** Whether it can only give: nothing somebody has is taken by it. */
export const onlyAdds = (operations: readonly Operation[]): boolean =>
  operations.every(({ op, path }) => op === 'add' && path !== undefined && !/^\s*active\s*$/i.test(path));

export function patched(shape: Shape, kept: Kept, operations: readonly Operation[]): Kept {
  let now: Kept = kept;
  for (const operation of operations) now = applied(shape, now, operation);
  checkRequired(shape, now);
  return now;
}

function applied(shape: Shape, kept: Kept, { op, path, value }: Operation): Kept {
  if (path !== undefined) {
    const parsed = parsePath(path);
    return parsed === undefined ? kept : at(shape, kept, { op, path: parsed, value, named: true });
  }
  if (op === 'remove') throw refused('noTarget', 'path: is required to remove');
  if (!isObject(value)) throw refused('invalidValue', 'value: without a path it must be an object');
  let now = kept;
  for (const [key, each] of Object.entries(value)) {
    const parsed = parsePath(key);
    if (parsed !== undefined) now = at(shape, now, { op, path: parsed, value: each, named: false });
  }
  return now;
}

type Step = {
  readonly op: Operation['op'];
  readonly path: Path;
  readonly value: Json | undefined;
  /** By `path`, and not as one of many in a value: then it must be something that can be changed. */
  readonly named: boolean;
};

function at(shape: Shape, kept: Kept, step: Step): Kept {
  const attr = attributeOf(shape, step.path.attribute);
  if (attr.kind === 'unknown') throw refused('invalidPath', 'path: there is no such attribute; see /Schemas');
  if (attr.kind === 'read_only' && step.named)
    throw refused('mutability', 'path: this attribute is set by the gateway');
  if (attr.kind !== 'kept') return kept;
  const { name, attribute } = attr;
  const held = kept[name];
  if (attribute.kind === 'list')
    return put(kept, name, listAfter(attribute, (held as Item[]) ?? [], { ...step, name }));
  if (step.path.terms !== undefined) throw refused('invalidPath', `${name}: is not a list`);
  if (attribute.kind === 'complex')
    return put(kept, name, complexAfter(attribute, (held as Item) ?? {}, { ...step, name }));
  if (step.path.part !== undefined) throw refused('invalidPath', `${name}: has no parts`);
  if (attribute.kind === 'boolean' && (step.op === 'remove' || step.value === null))
    throw refused('invalidValue', `${name}: cannot be removed; replace it with true or false`);
  return put(kept, name, step.op === 'remove' ? undefined : readValue(attribute, step.value ?? null, name));
}

function put(kept: Kept, name: string, value: Kept[string] | undefined): Kept {
  const { [name]: _, ...others } = kept;
  return value === undefined ? others : { ...others, [name]: value };
}

type Named = Step & { readonly name: string };
type Complex = Extract<Attribute, { readonly kind: 'complex' }>;
type List = Extract<Attribute, { readonly kind: 'list' }>;

const orNothing = (item: Item): Item | undefined => (Object.keys(item).length === 0 ? undefined : item);

function complexAfter({ parts }: Complex, held: Item, { op, path, value, name }: Named): Item | undefined {
  if (path.part !== undefined) {
    const next = withPart(
      held,
      { parts, part: path.part, at: name },
      op === 'remove' ? null : (value ?? null),
    );
    return orNothing(next);
  }
  if (op === 'remove' || value === null) return undefined;
  if (!isObject(value)) throw refused('invalidValue', `${name}: must be an object`);
  // Parts that are not written stay (RFC 7644 §3.5.2.3); one written as null goes.
  return orNothing(
    Object.entries(value).reduce<Item>(
      (item, [part, each]) =>
        partOf(parts, part) === undefined ? item : withPart(item, { parts, part, at: name }, each),
      held,
    ),
  );
}

type Part = { readonly parts: Complex['parts']; readonly part: string; readonly at: string };

function withPart(item: Item, { parts, part, at: name }: Part, value: Json): Item {
  const known = partOf(parts, part);
  const simple = known === undefined ? undefined : parts[known];
  // Standard parts that are not kept, such as `name.middleName`, are passed over.
  if (known === undefined || simple === undefined) return item;
  const { [known]: _, ...others } = item;
  const read = value === null ? undefined : readSimple(simple, value, `${name}.${known}`);
  return read === undefined ? others : { ...others, [known]: read };
}

function listAfter(list: List, held: readonly Item[], step: Named): readonly Item[] | undefined {
  const { op, path, value, name } = step;
  if (path.terms !== undefined) return selectedAfter(list, held, { ...step, terms: path.terms });
  if (path.part !== undefined) {
    if (held.length === 0) throw refused('noTarget', `${name}: is empty; add to ${name} itself`);
    return partAfter(list, held, step);
  }
  if (op === 'remove') {
    if (value === undefined || value === null) return undefined;
    // Entra ID removes members by naming them in the value; to take that for “all” would empty the group.
    const gone = new Set((readItems(list, value, name) ?? []).map(({ value: one }) => one));
    return bounded(
      list,
      held.filter(({ value: one }) => !gone.has(one ?? '')),
      name,
    );
  }
  const given = value === null || value === undefined ? [] : (readItems(list, value, name) ?? []);
  return bounded(list, op === 'add' ? merged(list, held, given) : given, name);
}

/** `emails.value`: of every item there is. */
function partAfter(
  list: List,
  held: readonly Item[],
  { op, path, value, name }: Named,
): readonly Item[] | undefined {
  const part = { parts: list.parts, part: path.part ?? '', at: name };
  return whole(
    list,
    held.map((item) => withPart(item, part, op === 'remove' ? null : (value ?? null))),
    name,
  );
}

type Selected = Named & { readonly terms: readonly Term[] };

function selectedAfter(list: List, held: readonly Item[], step: Selected): readonly Item[] | undefined {
  const { op, path, value, name, terms } = step;
  const known = terms.map((term) => ({ ...term, path: partOf(list.parts, term.path) ?? '' }));
  // `$ref`, `display` and the like are not kept, so nothing can be chosen by them.
  if (known.some((term) => term.path === ''))
    throw refused('invalidFilter', `${name}: cannot be chosen by this`);
  const isMeant = (item: Item): boolean => matchesItem(known, item, name);
  if (!held.some(isMeant)) {
    if (op === 'remove') return held.length === 0 ? undefined : held;
    if (op === 'replace') throw refused('noTarget', `${name}: none is as chosen; add it`);
    const made = Object.fromEntries(known.map((term) => [term.path, term.value]));
    const start = readParts(list.parts, made, name);
    return bounded(list, merged(list, held, said([changed(list, start, step)])), name);
  }
  if (op === 'remove' && path.part === undefined)
    return bounded(
      list,
      held.filter((item) => !isMeant(item)),
      name,
    );
  const next = held.map((item) =>
    isMeant(item) ? changed(list, item, { ...step, value: op === 'remove' ? null : (value ?? null) }) : item,
  );
  return whole(list, next, name);
}

function changed(list: List, item: Item, { path, value, name }: Named): Item {
  if (path.part !== undefined)
    return withPart(item, { parts: list.parts, part: path.part, at: name }, value ?? null);
  if (!isObject(value)) throw refused('invalidValue', `${name}: must be an object`);
  return { ...item, ...readParts(list.parts, value, name) };
}

/** An item without its value says nothing, and is not there any more. */
const said = (items: readonly Item[]): readonly Item[] =>
  items.filter((item) => typeof item['value'] === 'string');
const whole = (list: List, items: readonly Item[], name: string): readonly Item[] | undefined =>
  bounded(list, merged(list, [], said(items)), name);

function bounded(list: List, items: readonly Item[] | undefined, name: string): readonly Item[] | undefined {
  if (items === undefined || items.length === 0) return undefined;
  if (items.length > list.items_max) throw refused('tooMany', `${name}: at most ${list.items_max}`);
  return items;
}
