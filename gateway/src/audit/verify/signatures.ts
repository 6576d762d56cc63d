import {
  canonicalize,
  isJsonObject,
  isSealed,
  type Json,
  type JsonObject,
  SIGNED_DECISIONS,
  type SignedDecision,
  sealedDigest,
} from '@countersign/core';
import { ALGORITHMS, type AlgorithmName, type PinnedKey } from '../../passkeys/passkeys.ts';
import { keyDigest, readPublicKey } from '../../passkeys/public-key.ts';
import { checkSignedReview, type SignedReview } from '../../passkeys/signed-review.ts';
import { passkeySite, relatedSite } from '../../passkeys/site.ts';
import { type Findings, REVIEWER_KEYS_MAX, type ReviewerKey } from './report.ts';

/** Keys remembered: far more than people have. */
const KEYS_MAX = 100_000;

type Enrolled = { readonly key: PinnedKey; confirmed_by: string | undefined };

/** Digests of the keys somebody knows to be a person's, from elsewhere than the log. */
export type ReviewerPins = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * What reviewers signed, against the keys the log says are theirs: enrolled by their owner, confirmed by somebody else,
 * not revoked by then. Needs nothing but the entries.
 */
export class ReviewSignatures {
  readonly #findings: Findings;
  readonly #pins: ReviewerPins;
  /** By the key's id. */
  readonly #keys = new Map<string, Enrolled>();
  #verified = 0;
  /** Keys that signed something, and who says they are whose. */
  readonly #used = new Map<string, ReviewerKey>();

  constructor(findings: Findings, pins: ReviewerPins = new Map()) {
    this.#findings = findings;
    this.#pins = pins;
  }

  get verified(): number {
    return this.#verified;
  }

  get keys(): readonly ReviewerKey[] {
    return [...this.#used.values()];
  }

  /** A `reviewer-key` entry. */
  changed(predicate: JsonObject, index: number): void {
    const [change, id] = [textOf(predicate['change']), textOf(predicate['key'])];
    const known = this.#keys.get(id);
    if (change === 'passkey enrolled') {
      const key = keyOf(predicate);
      if (key !== undefined && known === undefined && this.#keys.size < KEYS_MAX)
        this.#keys.set(id, { key, confirmed_by: undefined });
      else this.#findings.add('bad-reviewer-key', `entry ${index}: ${id} is no new key`, index);
    } else if (change === 'passkey confirmed') this.#confirmed(predicate, { known, index });
    else if (change === 'passkey revoked') this.#keys.delete(id);
  }

  #confirmed(predicate: JsonObject, { known, index }: { known: Enrolled | undefined; index: number }): void {
    const by = textOf(predicate['by']);
    const wrong =
      known === undefined
        ? 'a key nobody enrolled was confirmed'
        : by === known.key.person
          ? `${by} confirmed their own key`
          : predicate['key_digest'] !== known.key.key_digest
            ? 'another key was confirmed than enrolled'
            : undefined;
    if (wrong !== undefined || known === undefined)
      this.#findings.add('bad-reviewer-key', `entry ${index}: ${wrong}`, index);
    else known.confirmed_by = by;
  }

  /** A review that counted, or a broken glass. True when it is signed, and the signature holds. */
  reviewed(predicate: JsonObject, { index, policy_digest }: Reviewed): boolean {
    const signed = predicate['signed'];
    if (signed === undefined && predicate['proof'] !== 'passkey') return false;
    const why = isJsonObject(signed)
      ? this.#fault(predicate, signed, policy_digest)
      : 'it carries no signature';
    if (why !== undefined) this.#findings.add('bad-review-signature', `entry ${index}: ${why}`, index);
    else this.#verified += 1;
    return why === undefined;
  }

  #fault(predicate: JsonObject, signed: JsonObject, policy_digest: string | undefined): string | undefined {
    const enrolled = this.#keys.get(textOf(signed['key']));
    if (enrolled?.confirmed_by === undefined)
      return 'its passkey was not one that counted then: never confirmed, or revoked';
    const pinned = this.#pins.get(enrolled.key.person);
    if (pinned !== undefined && !pinned.has(enrolled.key.key_digest))
      return `its passkey is none of those you know as ${enrolled.key.person}’s`;
    const document = isJsonObject(signed['document']) ? signed['document'] : {};
    const origin = textOf(document['origin']);
    if (!URL.canParse(origin)) return 'what was signed names no gateway';
    const check = checkSignedReview(storedForm(signed, document, enrolled.key), {
      site:
        relayedFrom(predicate) === undefined
          ? passkeySite(origin)
          : relatedSite(origin, [relayedFrom(predicate) ?? '']),
      keys: new Map([[enrolled.key.credential_id, enrolled.key]]),
      request_id: textOf(predicate['task_id']),
      reviewer: textOf(predicate['reviewer']),
      decision: decisionOf(predicate),
      action_digest: textOf(predicate['action_digest']),
      policy_digest: policy_digest ?? textOf(document['policy_digest']),
    });
    if (!check.ok) return check.why;
    const { rendered_digest, reason_digest, exp } = check.document;
    if (rendered_digest !== committed(predicate['shown']))
      return 'another view was signed than the entry names';
    if (reason_digest !== (committed(predicate['reason']) ?? null))
      return 'another reason was signed than the entry names';
    if (Date.parse(textOf(predicate['occurred_at'])) > exp * 1000) return 'it was handed in too late';
    this.#use(enrolled);
    return undefined;
  }

  #use({ key, confirmed_by = '' }: Enrolled): void {
    if (this.#used.size >= REVIEWER_KEYS_MAX) return;
    this.#used.set(key.id, { person: key.person, key_digest: key.key_digest, confirmed_by });
  }
}

/** Handed over by a ticket system, it was signed on that system's page: the entry names which, and the signature must too. */
function relayedFrom({ relayed }: JsonObject): string | undefined {
  return isJsonObject(relayed) && relayed['proof'] === 'passkey' ? textOf(relayed['origin']) : undefined;
}

/** Any other word names no document, and so no signature over one holds. */
const decisionOf = ({ decision }: JsonObject): SignedDecision =>
  SIGNED_DECISIONS.find((each) => each === decision) ?? 'denied';

type Reviewed = { readonly index: number; readonly policy_digest: string | undefined };

/** The document's one text is its canonical form. */
const storedForm = (signed: JsonObject, document: JsonObject, key: PinnedKey): SignedReview => ({
  credential_id: key.credential_id,
  document: canonicalize(document),
  client_data: textOf(signed['client_data']),
  authenticator_data: textOf(signed['authenticator_data']),
  signature: textOf(signed['signature']),
});

function keyOf(predicate: JsonObject): PinnedKey | undefined {
  const text = (name: string): string => textOf(predicate[name]);
  const algorithm = Object.hasOwn(ALGORITHMS, text('algorithm'))
    ? (text('algorithm') as AlgorithmName)
    : undefined;
  const public_key = algorithm === undefined ? undefined : readPublicKey(text('public_key'), algorithm);
  if (algorithm === undefined || public_key === undefined) return undefined;
  return {
    id: text('key'),
    credential_id: text('credential_id'),
    person: text('person'),
    algorithm,
    public_key,
    key_digest: keyDigest(text('public_key')),
  };
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const committed = (value: Json | undefined): string | undefined =>
  isSealed(value) ? sealedDigest(value) : undefined;
