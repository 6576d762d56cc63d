/**
 * The life of a passkey: enrolled by its owner, pending until a second person confirms it, named, revoked. Each step is
 * an entry in the log and raises the epoch; a confirmation and a revocation change the authority's snapshot in the same
 * commit, so that nothing decided before them outlives them (I8, I13). Nobody confirms their own key, no role excepted.
 */
import { createHash } from 'node:crypto';
import { type Directory, encodeBase64Url, type JsonObject, type Person } from '@countersign/core';
import type { EnrolOptions, Passkey } from '@countersign/sdk';
import type { Authority } from '../authority/authority.ts';
import type { Applied, Changes, Pending } from '../authority/changes.ts';
import type { Clock } from '../clock.ts';
import { passkeyId, randomOctets } from '../ids.ts';
import type { Step, Store } from '../store/store.ts';
import { CHALLENGE_TTL_MS, findChallenge, keepChallenge, takeChallenge } from './challenges.ts';
import { ALGORITHMS, KEYS_PER_PERSON_MAX, type PinnedKeys } from './passkeys.ts';
import { challengeNamed, type NewKey, type Registration, readRegistration } from './registration.ts';
import type { PasskeySite } from './site.ts';
import { findKey, listKeys, pinnedKey, type StoredKey } from './stored.ts';

export type Who = { readonly person: Person /** The session's id. */; readonly session: string };

export type KeyRefusal = {
  readonly kind: 'refused';
  readonly why: 'unknown' | 'wrong_state' | 'not_allowed' | 'invalid';
  readonly message: string;
};
export type KeyOutcome = { readonly kind: 'done'; readonly key: Passkey } | KeyRefusal;

export type Passkeys = {
  /** Everyone's for operators and auditors; otherwise one's own. Oldest first. */
  list(viewer: Person): Promise<readonly Passkey[]>;
  askEnrol(who: Who): Promise<{ readonly kind: 'asked'; readonly options: EnrolOptions } | KeyRefusal>;
  enrol(who: Who, name: string, registration: Registration): Promise<KeyOutcome>;
  /** `key_digest` is what the second person compared with the owner: another is refused. */
  confirm(id: string, by: Person, key_digest: string): Promise<KeyOutcome>;
  rename(id: string, by: Person, name: string): Promise<KeyOutcome>;
  /** One's own at once; another's by an operator. */
  revoke(id: string, by: Person): Promise<KeyOutcome>;
};

export type KeysDeps = {
  readonly store: Store;
  readonly authority: Authority;
  readonly changes: Pick<Changes, 'applyBeside'>;
  readonly site: PasskeySite;
  readonly now: Clock;
};

const refused = (why: KeyRefusal['why'], message: string): KeyRefusal => ({ kind: 'refused', why, message });
const UNKNOWN = refused('unknown', 'There is no such passkey.');

export function createPasskeys(deps: KeysDeps): Passkeys {
  return {
    list: (viewer) => list(deps, viewer),
    askEnrol: (who) => askEnrol(deps, who),
    enrol: (who, name, registration) => enrol(deps, { who, name, registration }),
    confirm: (id, by, key_digest) => confirm(deps, id, { by, key_digest }),
    rename: (id, by, name) => rename(deps, id, { by, name }),
    revoke: (id, by) => revoke(deps, id, by),
  };
}

async function list({ store, authority }: KeysDeps, viewer: Person): Promise<readonly Passkey[]> {
  const seesAll = viewer.roles.includes('operator') || viewer.roles.includes('auditor');
  const { directory } = authority.current();
  const keys = await listKeys(store, seesAll ? undefined : viewer.id);
  return keys.map((key) => shownKey(key, directory));
}

function shownKey(key: StoredKey, directory: Directory): Passkey {
  const { public_key: _, transports: __, sign_count: ___, ...shown } = key;
  return {
    ...shown,
    person_name: directory.person(key.person)?.name ?? key.person,
    confirmable_by: key.status === 'pending' ? confirmers(directory, key.person) : [],
  };
}

/** Operators other than the owner. */
const confirmers = (directory: Directory, owner: string): readonly string[] =>
  [...directory.people()]
    .filter(({ id, active, roles }) => active && roles.includes('operator') && id !== owner)
    .map(({ id }) => id);

async function askEnrol(deps: KeysDeps, { person, session }: Who): ReturnType<Passkeys['askEnrol']> {
  const { site, store, now } = deps;
  if (!site.ok) return refused('wrong_state', `Passkeys cannot be used here: ${site.why}.`);
  const keys = await listKeys(store, person.id);
  const full = tooMany(keys);
  if (full !== undefined) return full;
  const challenge = encodeBase64Url(randomOctets(32));
  const at = now();
  await keepChallenge(
    store,
    { challenge, purpose: 'enrol', person: person.id, session, expires_at: at + CHALLENGE_TTL_MS },
    at,
  );
  return {
    kind: 'asked',
    options: {
      challenge,
      rp: { id: site.rp_id, name: 'Countersign' },
      user: { id: userHandle(site.rp_id, person.id), name: person.id, displayName: person.name },
      pubKeyCredParams: Object.values(ALGORITHMS).map((alg) => ({ type: 'public-key', alg })),
      timeout: CHALLENGE_TTL_MS,
      excludeCredentials: keys
        .filter(({ status }) => status !== 'revoked')
        .map(({ credential_id }) => ({ type: 'public-key', id: credential_id })),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      attestation: 'none',
    },
  };
}

const tooMany = (keys: readonly StoredKey[]): KeyRefusal | undefined =>
  keys.filter(({ status }) => status !== 'revoked').length < KEYS_PER_PERSON_MAX
    ? undefined
    : refused('wrong_state', `You have ${KEYS_PER_PERSON_MAX} passkeys; revoke one you no longer use first.`);

/** The same for one person at one gateway, and nothing anyone can read a name from (WebAuthn Level 3 §14.6.1). */
const userHandle = (rp_id: string, person: string): string =>
  createHash('sha256').update(`countersign user handle\n${rp_id}\n${person}`).digest('base64url');

type Enrolling = { readonly who: Who; readonly name: string; readonly registration: Registration };

async function enrol(deps: KeysDeps, { who, name, registration }: Enrolling): Promise<KeyOutcome> {
  const { site, store, now } = deps;
  const { person, session } = who;
  if (!site.ok) return refused('wrong_state', `Passkeys cannot be used here: ${site.why}.`);
  const named = challengeNamed(registration.client_data) ?? '';
  const asked = { challenge: named, purpose: 'enrol', person: person.id, session } as const;
  const challenge = await findChallenge(store, asked, now());
  if (challenge === undefined)
    return refused(
      'invalid',
      'This answers no open question of this session: it was used, or took over five minutes. Begin again.',
    );
  const made = await readRegistration(registration, { ...site, challenge: challenge.challenge });
  if (typeof made === 'string') return refused('invalid', `The passkey was not taken: ${made}.`);
  const full = tooMany(await listKeys(store, person.id));
  if (full !== undefined) return full;
  const id = passkeyId(now());
  const applied = await deps.changes.applyBeside(() => ({
    world: {},
    next: {},
    steps: [
      takeChallenge(challenge),
      insertKey(id, { person: person.id, name, made, transports: registration.transports, at: now() }),
    ],
    record: recordOf(
      { change: 'passkey enrolled', key: id, person: person.id, by: person.id },
      enrolledPredicate(made),
    ),
  }));
  return settled(deps, id, applied);
}

const enrolledPredicate = ({ credential_id, algorithm, public_key }: NewKey): JsonObject => ({
  credential_id,
  algorithm,
  public_key,
});

type Recorded = {
  readonly change: string;
  readonly key: string;
  readonly person: string;
  readonly by: string;
};

/** Its public key stands in the log, so that what it signs can be verified from there alone. Its name does not (I7). */
const recordOf = ({ change, key, person, by }: Recorded, more: JsonObject = {}): Pending['record'] => ({
  kind: 'reviewer-key',
  task_id: `passkey:${key}`,
  resource: key,
  by,
  predicate: { change, key, person, ...more },
});

type Inserted = {
  readonly person: string;
  readonly name: string;
  readonly made: NewKey;
  readonly transports: readonly string[];
  readonly at: number;
};

const insertKey = (id: string, { person, name, made, transports, at }: Inserted): Step => ({
  name: 'enrol',
  sql: `INSERT INTO passkeys (id, credential_id, person, name, algorithm, public_key, transports, backed_up, status, sign_count, enrolled_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $10) ON CONFLICT DO NOTHING`,
  params: [
    id,
    made.credential_id,
    person,
    name,
    ALGORITHMS[made.algorithm],
    made.public_key,
    JSON.stringify(transports),
    made.backed_up ? 1 : 0,
    made.sign_count,
    at,
  ],
  rows: 1,
});

type Confirming = { readonly by: Person; readonly key_digest: string };

async function confirm(deps: KeysDeps, id: string, { by, key_digest }: Confirming): Promise<KeyOutcome> {
  const key = await findKey(deps.store, id);
  if (key === undefined) return UNKNOWN;
  const { directory } = deps.authority.current();
  const refusal = confirmRefusal(key, { by, key_digest }, directory);
  if (refusal !== undefined) return refusal;
  const pinned = pinnedKey(key);
  if (pinned === undefined)
    return refused('wrong_state', 'The stored key is not readable; its owner must enrol again.');
  const at = deps.now();
  // Who may confirm is asked again when its turn comes: an operator who lost the role meanwhile does not.
  let late: KeyRefusal | undefined;
  const applied = await deps.changes.applyBeside(() => {
    late = confirmRefusal(key, { by, key_digest }, deps.authority.current().directory);
    if (late !== undefined) return undefined;
    return {
      world: {},
      next: { passkeys: new Map(deps.authority.current().passkeys).set(key.credential_id, pinned) },
      steps: [
        {
          name: 'confirm',
          // Exactly the key that was compared: not what its row may have become since.
          sql: "UPDATE passkeys SET status = 'active', confirmed_by = $2, confirmed_at = $3 WHERE id = $1 AND status = 'pending' AND public_key = $4 AND credential_id = $5 AND person = $6",
          params: [id, by.id, at, key.public_key, key.credential_id, key.person],
          rows: 1,
        },
      ],
      record: recordOf(
        { change: 'passkey confirmed', key: id, person: key.person, by: by.id },
        { key_digest },
      ),
    };
  });
  return late ?? settled(deps, id, applied);
}

function confirmRefusal(
  key: StoredKey,
  { by, key_digest }: Confirming,
  directory: Directory,
): KeyRefusal | undefined {
  if (by.id === key.person) {
    const others = confirmers(directory, key.person).length > 0;
    return refused(
      'not_allowed',
      others
        ? 'Nobody confirms their own passkey; another operator must.'
        : 'Nobody confirms their own passkey, and there is no other operator. Give a second person the role operator first.',
    );
  }
  const known = directory.person(by.id);
  if (known?.active !== true || !known.roles.includes('operator'))
    return refused('not_allowed', 'Confirming a passkey takes the role operator.');
  if (key.status !== 'pending') return refused('wrong_state', `This passkey is already ${key.status}.`);
  if (directory.person(key.person)?.active !== true)
    return refused('wrong_state', 'Its owner is not active.');
  if (key_digest !== key.key_digest)
    return refused(
      'invalid',
      'The fingerprint is not this key’s. Do not confirm it; look again with its owner.',
    );
  return undefined;
}

type Renaming = { readonly by: Person; readonly name: string };

async function rename(deps: KeysDeps, id: string, { by, name }: Renaming): Promise<KeyOutcome> {
  const key = await findKey(deps.store, id);
  if (key === undefined) return UNKNOWN;
  if (key.person !== by.id) return refused('not_allowed', 'Only its owner names a passkey.');
  // Not found by its key: what a start reads of a key is its life, which no number of names may push out of sight.
  const { resource: _, ...record } = recordOf({
    change: 'passkey renamed',
    key: id,
    person: key.person,
    by: by.id,
  });
  const applied = await deps.changes.applyBeside(() => ({
    world: {},
    next: {},
    steps: [
      { name: 'rename', sql: 'UPDATE passkeys SET name = $2 WHERE id = $1', params: [id, name], rows: 1 },
    ],
    record,
  }));
  return settled(deps, id, applied);
}

async function revoke(deps: KeysDeps, id: string, by: Person): Promise<KeyOutcome> {
  const key = await findKey(deps.store, id);
  if (key === undefined) return UNKNOWN;
  if (key.person !== by.id && !by.roles.includes('operator'))
    return refused('not_allowed', 'Revoking another person’s passkey takes the role operator.');
  if (key.status === 'revoked') return refused('wrong_state', 'This passkey is already revoked.');
  const at = deps.now();
  const applied = await deps.changes.applyBeside(() => ({
    world: {},
    next: { passkeys: without(deps.authority.current().passkeys, key.credential_id) },
    steps: [
      {
        name: 'revoke',
        sql: "UPDATE passkeys SET status = 'revoked', revoked_by = $2, revoked_at = $3 WHERE id = $1 AND status <> 'revoked'",
        params: [id, by.id, at],
        rows: 1,
      },
    ],
    record: recordOf(
      { change: 'passkey revoked', key: id, person: key.person, by: by.id },
      { key_digest: key.key_digest },
    ),
  }));
  return settled(deps, id, applied);
}

function without(keys: PinnedKeys, credential_id: string): PinnedKeys {
  const left = new Map(keys);
  left.delete(credential_id);
  return left;
}

async function settled(deps: KeysDeps, id: string, applied: Applied): Promise<KeyOutcome> {
  if (!applied.ok) return refused('wrong_state', `Nothing was changed: ${applied.why}.`);
  const key = await findKey(deps.store, id);
  return key === undefined
    ? UNKNOWN
    : { kind: 'done', key: shownKey(key, deps.authority.current().directory) };
}
