/**
 * The canonical action: the RFC 8785 bytes of exactly what would run. They are stored verbatim, digested, shown and
 * executed from; nothing else is (I3, I6). The digest is salted, because a bare hash of a small action can be guessed;
 * the matching key is keyed, never shown, and finds the open request or approval an identical retry belongs to.
 */

import { hmacSha256, sha256 } from '#sha256';
import { encodeHex } from './encoding/hex.ts';
import { encodeUtf8 } from './encoding/utf8.ts';
import type { Act, Evaluation, Resource, Subject } from './evaluation.ts';
import { canonicalBytes, canonicalize } from './json/canonical.ts';
import { JSON_DEPTH_CEILING, parseJson } from './json/parse.ts';
import type { JsonObject } from './json/value.ts';

export const ACTION_TYPE = 'urn:countersign:action:v1';

export type CanonicalAction = {
  readonly typ: typeof ACTION_TYPE;
  readonly tenant: string;
  readonly subject: Subject;
  readonly act?: Act;
  readonly action: { readonly name: string };
  readonly resource: Resource;
  readonly context: JsonObject;
};

export const CLASS_TYPE = 'urn:countersign:class:v1';

/**
 * What a grant covers: the same requester, through the same upstream as configured, with the same accepted tool, whatever
 * the arguments (I3). Bytes to be keyed like an action's. Undefined: of what has no accepted definition, nobody can say
 * what its class would be.
 */
export function classBytes({
  tenant,
  subject,
  act,
  action,
  resource,
  context,
}: Pick<CanonicalAction, 'tenant' | 'subject' | 'act' | 'action' | 'resource' | 'context'>):
  | Uint8Array
  | undefined {
  const { upstream, tool_pin } = context;
  if (typeof tool_pin !== 'string' || upstream === undefined) return undefined;
  const head = {
    typ: CLASS_TYPE,
    tenant,
    subject,
    action: { name: action.name },
    resource,
    upstream,
    tool_pin,
  };
  return canonicalBytes(act === undefined ? head : { ...head, act });
}

export const SALT_BYTES = 16;

/** RFC 8785 text of the action an evaluation asks about. @throws CanonicalError for a value that has no canonical form */
export function actionText(evaluation: Evaluation): string {
  const { tenant, subject, act, action, resource, context } = evaluation;
  // In canonical order, as its parts are made: what is in order already is written without a copy of it in order.
  const rest = { action: { name: action.name }, context, resource, subject, tenant, typ: ACTION_TYPE };
  return canonicalize(act === undefined ? rest : { act, ...rest });
}

/** Its bytes: what is digested, stored and run from. */
export const actionBytes = (evaluation: Evaluation): Uint8Array => encodeUtf8(actionText(evaluation));

/** `sha256:` + hex(SHA-256(salt ‖ bytes)). */
export function actionDigest(bytes: Uint8Array, salt: Uint8Array): string {
  if (salt.length !== SALT_BYTES)
    throw new RangeError(`salt must be ${SALT_BYTES} bytes, got ${salt.length}`);
  // Joined, so that it is one piece: `JSON.stringify` is slow with whatever has a string of two in it.
  return ['sha256:', encodeHex(sha256(salt, bytes))].join('');
}

/** hex(HMAC-SHA-256(installation key, bytes)): equal for equal actions of equal requesters, meaningless to anyone else. */
export function matchingKey(bytes: Uint8Array, installationKey: Uint8Array): string {
  return encodeHex(hmacSha256(installationKey, bytes));
}

/** Reads stored bytes back, and refuses bytes that are not the canonical form of an action. */
export function readAction(bytes: Uint8Array): CanonicalAction {
  // What was accepted once, under the limits of its day, must always be readable.
  const value = parseJson(bytes, { depth_max: JSON_DEPTH_CEILING, bytes_max: bytes.length }) as JsonObject;
  if (value['typ'] !== ACTION_TYPE) throw new TypeError(`typ: expected ${ACTION_TYPE}`);
  return value as unknown as CanonicalAction;
}
