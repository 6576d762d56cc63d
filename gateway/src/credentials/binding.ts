/**
 * What a denial or an approval was about, as a hash: ARAP's `binding_hash`. The profile leaves the delegation chain out
 * of it, so two agents of one person look alike here; the action digest, which includes `act`, does not (WIRE §1).
 */
import { canonicalBytes, encodeBase64Url, type JsonObject, sha256 } from '@countersign/core';

export type Bound = {
  readonly subject: JsonObject;
  readonly action: JsonObject;
  readonly resource: JsonObject;
  readonly context: JsonObject;
};

/** `base64url(SHA-256(JCS({subject without properties.act, resource, action, context limited to members})))`. */
export function bindingHash(
  { subject, action, resource, context }: Bound,
  members: readonly string[],
): string {
  const limited = Object.fromEntries(
    members.flatMap((name) => (Object.hasOwn(context, name) ? [[name, context[name] ?? null]] : [])),
  );
  return encodeBase64Url(
    sha256(canonicalBytes({ subject: withoutAct(subject), resource, action, context: limited })),
  );
}

function withoutAct(subject: JsonObject): JsonObject {
  const properties = subject['properties'];
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return subject;
  const { act: _, ...others } = properties as JsonObject;
  return { ...subject, properties: others };
}
