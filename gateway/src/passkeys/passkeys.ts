/**
 * Reviewers' own keys: who may sign reviews with what. A key counts once a second person confirmed it and signed entries
 * of the log say so; the pinned keys are part of the authority's snapshot. Nothing here decides who may review, and no
 * private key is ever seen.
 */
import type { KeyObject } from 'node:crypto';

/** COSE algorithm identifiers taken (RFC 9053): what every browser and authenticator can do, and nothing weaker. */
export const ALGORITHMS = { ES256: -7, EdDSA: -8, RS256: -257 } as const;
export type AlgorithmName = keyof typeof ALGORITHMS;

export const algorithmName = (id: number): AlgorithmName | undefined =>
  (Object.keys(ALGORITHMS) as AlgorithmName[]).find((name) => ALGORITHMS[name] === id);

/** A confirmed key of a person. */
export type PinnedKey = {
  readonly id: string;
  /** base64url. */
  readonly credential_id: string;
  readonly person: string;
  readonly algorithm: AlgorithmName;
  readonly public_key: KeyObject;
  /** `sha256:` and hex over its SubjectPublicKeyInfo. */
  readonly key_digest: string;
};

/** By credential id. */
export type PinnedKeys = ReadonlyMap<string, PinnedKey>;
export const NO_KEYS: PinnedKeys = new Map();

/** Live keys, pending ones among them, one person may have (I15). */
export const KEYS_PER_PERSON_MAX = 10;
export const KEY_NAME_CHARACTERS_MAX = 60;
