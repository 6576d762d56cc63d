// Secrets the gateway itself holds: credentials it injects, keys it signs with. They are found by value, in every
// encoding they may travel in (I7, A23, A27); no pattern has to guess. The values leave this object for the masking thread
// only.
import type { Detector, Hit } from '../detector.ts';
import { Scanner } from '../scan.ts';
import { type Form, formsOf } from './forms.ts';

export const KNOWN_SECRETS_MAX = 10_000;
/** Shorter values occur by accident; masking them would shred every answer. */
export const KNOWN_CHARS_MIN = 4;
export const KNOWN_CHARS_MAX = 65_536;

export type KnownSecretProblem = 'too_short' | 'too_long' | 'too_many' | 'bad_label';

/** A secret that cannot be guarded. Says which one by label, never by value. */
export class KnownSecretError extends Error {
  override readonly name = 'KnownSecretError';
  readonly code: KnownSecretProblem;
  constructor(code: KnownSecretProblem, message: string) {
    super(message);
    this.code = code;
  }
}

export type KnownSecret = {
  readonly value: string;
  /** What the mark says instead, e.g. the credential's name: lower case letters, digits, dashes. */
  readonly label: string;
};

export interface KnownSecrets extends Detector {
  /** Guards one more value from now on. Adding a value twice is fine. */
  add(secret: KnownSecret): void;
  /** Raised by each change, so that who has a copy knows when it is old. */
  readonly version: number;
  /** All of them: for the masking thread, and nobody else (I7). */
  list(): readonly KnownSecret[];
  /** Stops guarding a value: only for one that is no longer valid anywhere. */
  remove(value: string): void;
}

type Target = { readonly form: Form; readonly label: string };

export function createKnownSecrets(initial: Iterable<KnownSecret> = []): KnownSecrets {
  const secrets = new Map<string, KnownSecret>();
  let compiled: Compiled | undefined;
  let version = 0;
  const changed = (): void => {
    compiled = undefined;
    version += 1;
  };
  const known: KnownSecrets = {
    name: 'known-secrets',
    kinds: ['secret'],
    get hit_chars_max() {
      compiled ??= compile(secrets.values());
      return compiled.chars_max;
    },
    find(text) {
      compiled ??= compile(secrets.values());
      return compiled.find(text);
    },
    add(secret) {
      assertGuardable(secret, secrets);
      secrets.set(secret.value, secret);
      changed();
    },
    remove(value) {
      if (secrets.delete(value)) changed();
    },
    get version() {
      return version;
    },
    list: () => [...secrets.values()],
  };
  for (const secret of initial) known.add(secret);
  return known;
}

function assertGuardable({ value, label }: KnownSecret, secrets: ReadonlyMap<string, KnownSecret>): void {
  if (!/^[a-z0-9][a-z0-9-]{0,59}$/.test(label)) {
    throw new KnownSecretError(
      'bad_label',
      'a label has 1 to 60 lower-case letters, digits and dashes; rename it',
    );
  }
  if (value.length < KNOWN_CHARS_MIN) {
    throw new KnownSecretError(
      'too_short',
      `${label}: a secret needs at least ${KNOWN_CHARS_MIN} characters; use a longer one`,
    );
  }
  if (value.length > KNOWN_CHARS_MAX) {
    throw new KnownSecretError(
      'too_long',
      `${label}: a secret has at most ${KNOWN_CHARS_MAX} characters; use a shorter one`,
    );
  }
  if (secrets.size >= KNOWN_SECRETS_MAX && !secrets.has(value)) {
    throw new KnownSecretError(
      'too_many',
      `${label}: at most ${KNOWN_SECRETS_MAX} secrets can be guarded; remove unused ones`,
    );
  }
}

type Compiled = { readonly chars_max: number; find(text: string): readonly Hit[] };

function compile(secrets: Iterable<KnownSecret>): Compiled {
  const scanner = new Scanner('exact');
  const targets: Target[] = [];
  let chars_max = 0;
  for (const { value, label } of secrets) {
    for (const form of formsOf(value)) {
      scanner.add(form.text, targets.length);
      targets.push({ form, label });
      chars_max = Math.max(chars_max, form.text.length + 4);
    }
  }
  return { chars_max, find: (text) => (targets.length === 0 ? [] : findIn(text, scanner, targets)) };
}

function findIn(text: string, scanner: Scanner, targets: readonly Target[]): readonly Hit[] {
  const hits: Hit[] = [];
  scanner.scan(text, (id, start, end) => {
    const target = targets[id];
    if (target === undefined) return;
    const { alphabet } = target.form;
    const range = alphabet === undefined ? { start, end } : widen(text, { start, end, alphabet });
    hits.push({ ...range, kind: 'secret', label: target.label });
  });
  return hits;
}

/** One character before and after may hold bits of the secret; padding follows at most twice. */
function widen(
  text: string,
  { start, end, alphabet }: { start: number; end: number; alphabet: RegExp },
): { start: number; end: number } {
  const from = start > 0 && alphabet.test(text.charAt(start - 1)) ? start - 1 : start;
  let to = end < text.length && alphabet.test(text.charAt(end)) ? end + 1 : end;
  while (to < text.length && to < end + 3 && text.charAt(to) === '=') to += 1;
  return { start: from, end: to };
}
