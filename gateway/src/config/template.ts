/**
 * Names made of claims: fixed text with `{claim}` in it, as `github:{repository}`. Two different sets of claims never
 * make one name: a value may not contain the text that ends it, and one that is no plain text is refused, not mended.
 */
import type { Json } from '@countersign/core';
import { isJsonObject } from '@countersign/core';

export type Template = {
  readonly text: string;
  /** Text before, between and after: one more than there are claims. */
  readonly fixed: readonly string[];
  readonly claims: readonly string[];
};

const VALUE = /^[A-Za-z0-9_.:@/#|+~-]{1,256}$/;

/** The template, or what is wrong with it. */
export function readTemplate(text: string): Template | string {
  const parts = text.split(/\{([^{}]*)\}/);
  const fixed = parts.filter((_, at) => at % 2 === 0);
  const claims = parts.filter((_, at) => at % 2 === 1);
  if (fixed.some((part) => /[{}]/.test(part)))
    return 'has a brace that belongs to no pair; write claims as {claim}';
  if (claims.some((claim) => claim === '' || claim.length > 256))
    return 'has an empty {}; name the claim, as in {repository}';
  if (fixed.slice(1, -1).some((part) => part === ''))
    return 'has two claims side by side; put a text between them that neither contains, such as ":"';
  return { text, fixed, claims };
}

/** @throws TypeError for a text the configuration would not have let through */
export function template(text: string): Template {
  const read = readTemplate(text);
  if (typeof read === 'string') throw new TypeError(`${text}: ${read}`);
  return read;
}

/**
 * A claim by name, or by JSON Pointer (RFC 6901) for one inside another: `/kubernetes.io/namespace`.
 * Own members only: a claim called `constructor` is there or it is not.
 */
export function claimAt(claims: Json, name: string): Json | undefined {
  const path = name.startsWith('/')
    ? name
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [name];
  let value: Json | undefined = claims;
  for (const step of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}

/** The name these claims make; undefined when one is missing, is no plain text, or would blur where it ends. */
export function fill({ fixed, claims }: Template, of: Json): string | undefined {
  let name = fixed[0] ?? '';
  for (const [at, claim] of claims.entries()) {
    const value = claimAt(of, claim);
    const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
    const end = fixed[at + 1] ?? '';
    if (typeof text !== 'string' || !VALUE.test(text) || (end !== '' && text.includes(end))) return undefined;
    name += text + end;
  }
  return name;
}

/** Could these claims of somebody make this name? */
export function couldMake({ fixed, claims }: Template, name: string): boolean {
  const [head = ''] = fixed;
  if (claims.length === 0) return name === head;
  const tail = fixed.at(-1) ?? '';
  return name.length > head.length + tail.length && name.startsWith(head) && name.endsWith(tail);
}

/** Could the two ever make the same name? Told from their beginnings; in doubt, yes. */
export function couldMeet(one: Template, other: Template): boolean {
  if (one.claims.length === 0) return couldMake(other, one.text);
  if (other.claims.length === 0) return couldMake(one, other.text);
  const [a = '', b = ''] = [one.fixed[0], other.fixed[0]];
  return a.startsWith(b) || b.startsWith(a);
}
